//! Whole documents that other people wrote (`objstore.yml`), judged as Thanos judges them when it starts and at its first
//! request: thanos-io/objstore, client/factory.go.

use super::super::thanos_version::ThanosVersion;
use super::providers::{Field, Kind, PROVIDERS, Provider, Span, Unknown, field};
use super::reading::{Content, Fields, Reading, Shape};
use super::values;
use crate::findings::codes;
use crate::findings::finding::{Code, Finding, Severity};
use crate::languages::yaml::{Document, Part};
use crate::place::Position;
use crate::secret::is_expanded;
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
    if let Some(document) = reading.open_typed(text) {
        check(&mut reading, &document);
    }
    reading.finish()
}

fn check(reading: &mut Reading<'_>, document: &Document) -> Option<()> {
    let root = document.part(document.root()?);
    let shape = Shape { path: "", of: "an object store", fields: ROOT, unknown: Unknown::Refused, is_root: true };
    let top = reading.root(shape, root)?;
    let facts = |provider: &Provider| (provider.name, provider.span);
    let provider = reading.kind("object store", PROVIDERS, facts, &top, root.position())?;
    let of = format!("type {}", provider.name);
    let shape = Shape { path: CONFIG, of: &of, fields: provider.fields, unknown: provider.unknown, is_root: false };
    let (fields, config) = reading.config(shape, root)?;
    reading.rules(provider.rules, &fields, config);
    values::check(reading, provider, &fields);
    Some(())
}

/// What stands under a key of the root; the last one counts.
pub(super) fn entry<'d>(root: Part<'d>, name: &str) -> Option<Part<'d>> {
    let (_, value) =
        root.entries()?.into_iter().rev().find(|(key, _)| key.scalar().is_some_and(|key| key.text == name))?;
    Some(value)
}

impl Reading<'_> {
    /// Decodes the root but for `config`, which may hold anything there.
    pub(super) fn root(&mut self, shape: Shape<'_>, root: Part<'_>) -> Option<Fields> {
        if root.scalar().is_some_and(|scalar| is_expanded(&scalar.text)) {
            return None;
        }
        let Some(entries) = root.entries() else {
            if root.is_null() {
                return Some(Fields::default());
            }
            let message = "the document is no mapping; Thanos wants `type` and `config`";
            self.tell(codes::OBJSTORE_WRONG_VALUE, root.position(), message);
            return None;
        };
        let is_free = |key: Part<'_>| key.scalar().is_some_and(|key| key.text == CONFIG);
        let entries = entries.into_iter().filter(|(key, _)| !is_free(*key)).collect();
        let mut fields = Fields::default();
        self.take(shape, "", root.position(), entries, &mut fields);
        Some(fields)
    }

    /// Decodes the section `config`, and where it is; without one it holds nothing, and the root stands for its place.
    pub(super) fn config(&mut self, shape: Shape<'_>, root: Part<'_>) -> Option<(Fields, Position)> {
        let Some(config) = entry(root, CONFIG) else {
            let mut fields = Fields::default();
            self.take(shape, "", root.position(), Vec::new(), &mut fields);
            return Some((fields, root.position()));
        };
        Some((self.fields(shape, config)?, config.position()))
    }

    /// Which of `all` the field `type` names, in small or capital letters; what is wrong with it is told.
    pub(super) fn kind<T>(
        &mut self,
        what: &str,
        all: &'static [T],
        facts: impl Fn(&T) -> (&'static str, Span),
        top: &Fields,
        root: Position,
    ) -> Option<&'static T> {
        let (at, written) = match top.get("type").map(|held| (held.at, &held.content)) {
            Some((_, Content::Unknown)) => return None,
            Some((at, Content::Text(text))) => (at, text.as_str()),
            Some((at, _)) => (at, ""),
            None => (root, ""),
        };
        let names = || all.iter().map(|kind| facts(kind).0);
        let Some(kind) = all.iter().find(|kind| facts(kind).0 == written.to_uppercase()) else {
            let message = match written {
                "" => "`type` is missing, or empty".to_owned(),
                _ => format!("Thanos knows no {what} of type `{}`", without_credentials(written)),
            };
            let known = names().collect::<Vec<_>>().join(", ");
            let hint = match nearest(written, names()) {
                Some(name) => format!("did you mean {name}? It knows {known}"),
                None => format!("it knows {known}"),
            };
            self.tell(codes::OBJSTORE_UNKNOWN_TYPE, at, message).hint = Some(hint);
            return None;
        };
        let (name, span) = facts(kind);
        if let Some(why) = span.refusal(self.thanos) {
            self.tell(codes::OBJSTORE_OTHER_VERSION, at, format!("the type {name} {why}"));
            return None;
        }
        Some(kind)
    }

    /// The root of a document that has to have a type; that it is empty is told.
    pub(super) fn open_typed(&mut self, text: &str) -> Option<Document> {
        let document = self.open(text)?;
        if document.root().is_none() {
            let at = Position::START;
            self.tell(codes::OBJSTORE_UNKNOWN_TYPE, at, "the document is empty; Thanos wants `type` and `config`");
        }
        Some(document)
    }

    /// A finding that is worth a look and stops nobody.
    pub(super) fn warn(&mut self, code: Code, at: Position, message: impl Into<String>) {
        self.tell(code, at, message).severity = Severity::Warning;
    }
}
