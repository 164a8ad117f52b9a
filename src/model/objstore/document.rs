//! Whole documents that other people wrote (`objstore.yml`), judged as Thanos judges them when it starts and at its first
//! request: thanos-io/objstore, client/factory.go.

use super::super::codes;
use super::super::finding::{Finding, Severity};
use super::super::secret::is_expanded;
use super::super::thanos_version::ThanosVersion;
use super::providers::{Field, Kind, PROVIDERS, Provider, Unknown, field};
use super::reading::{Content, Fields, Reading, Shape};
use super::values;
use crate::go_yaml::{Node, Position, Value};
use crate::text::{nearest, without_credentials};

/// The section that holds a provider's own fields; what stands in it depends on the type.
pub(super) const CONFIG: &str = "config";

/// The fields of the root; `config` is read on its own.
const ROOT: &[Field] = &[field("type", Kind::Text), field(CONFIG, Kind::Text), field("prefix", Kind::Text).since(27)];

/// Everything that is wrong or doubtful in an object store's configuration that Thanos `thanos` reads as it stands; of
/// the newest Thanos when that is `None`. An error means that Thanos refuses it, at its start or at its first request.
/// Secrets may stand in it, and none is quoted.
pub fn check_document(file: &str, text: &str, thanos: Option<ThanosVersion>) -> Vec<Finding> {
    let mut reading = Reading::new(file, thanos);
    if let Some(root) = reading.open(text) {
        check(&mut reading, &root);
    } else if !reading.is_unreadable() {
        let at = Position { line: 1, column: 1 };
        reading.tell(codes::OBJSTORE_UNKNOWN_TYPE, at, "the document is empty; Thanos wants `type` and `config`");
    }
    reading.finish()
}

fn check(reading: &mut Reading<'_>, root: &Node) {
    let Some((provider, config)) = open_root(reading, root) else { return };
    let of = format!("type {}", provider.name);
    let config = config.unwrap_or(root);
    let shape = Shape { path: CONFIG, of: &of, fields: provider.fields, unknown: provider.unknown, is_root: false };
    let Some(fields) = reading.fields(shape, config) else { return };
    reading.rules(provider.rules, &fields, config.position);
    values::check(reading, provider, &fields);
}

/// The provider that the root names and its section `config`; what is wrong with the root is told.
fn open_root<'n>(reading: &mut Reading<'_>, root: &'n Node) -> Option<(&'static Provider, Option<&'n Node>)> {
    let shape = Shape { path: "", of: "an object store", fields: ROOT, unknown: Unknown::Refused, is_root: true };
    let fields = reading.root(shape, root, CONFIG)?;
    let names = || PROVIDERS.iter().map(|provider| provider.name);
    let all = || names().collect::<Vec<_>>().join(", ");
    let (at, written) = match fields.get("type").map(|held| (held.at, &held.content)) {
        Some((_, Content::Unknown)) => return None,
        Some((at, Content::Text(text))) => (at, text.as_str()),
        Some((at, _)) => (at, ""),
        None => (root.position, ""),
    };
    let Some(provider) = PROVIDERS.iter().find(|provider| provider.name == written.to_uppercase()) else {
        let message = match written {
            "" => "`type` is missing, or empty".to_owned(),
            _ => format!("Thanos knows no object store of type `{}`", without_credentials(written)),
        };
        let hint = match nearest(written, names()) {
            Some(name) => format!("did you mean {name}? It knows {}", all()),
            None => format!("it knows {}", all()),
        };
        reading.tell(codes::OBJSTORE_UNKNOWN_TYPE, at, message).hint = Some(hint);
        return None;
    };
    if let Some(why) = provider.span.refusal(reading.thanos) {
        reading.tell(codes::OBJSTORE_OTHER_VERSION, at, format!("the type {} {why}", provider.name));
        return None;
    }
    Some((provider, entry(root, CONFIG)))
}

/// What stands under a key of the root; the last one counts.
pub(super) fn entry<'n>(root: &'n Node, name: &str) -> Option<&'n Node> {
    let Value::Mapping(entries) = &root.value else { return None };
    let found = entries.iter().rev().find(|entry| entry.key.scalar().is_some_and(|key| key.text == name))?;
    Some(&found.value)
}

impl Reading<'_> {
    /// Decodes the root; the entry `free` may hold anything and is left out.
    pub(super) fn root(&mut self, shape: Shape<'_>, root: &Node, free: &str) -> Option<Fields> {
        if root.scalar().is_some_and(|scalar| is_expanded(&scalar.text)) {
            return None;
        }
        let Value::Mapping(entries) = &root.value else {
            if root.is_null() {
                return Some(Fields::default());
            }
            let message = "the document is no mapping; Thanos wants `type` and `config`";
            self.tell(codes::OBJSTORE_WRONG_VALUE, root.position, message);
            return None;
        };
        let is_free = |key: &Node| key.scalar().is_some_and(|key| key.text == free);
        let entries = entries.iter().filter(|entry| !is_free(&entry.key)).cloned().collect();
        self.fields(shape, &Node { position: root.position, value: Value::Mapping(entries) })
    }

    /// A finding that is worth a look and stops nobody.
    pub(super) fn warn(&mut self, code: super::super::finding::Code, at: Position, message: impl Into<String>) {
        self.tell(code, at, message).severity = Severity::Warning;
    }
}
