//! A document read field by field, as Go reads one into a struct when it is told to be strict.
//!
//! Keys that are unknown or stand twice are found by whoever knows the keys.

use std::collections::HashSet;

use crate::findings::finding::{Code, Finding, Severity};
use crate::languages::yaml::scalar::Resolved;
use crate::languages::yaml::{Document, Id, Kind};
use crate::place::{Place, Position};
use crate::settings::thanos::Duration;
use crate::text::{nearest, without_credentials};

/// The codes of what can be wrong in any document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codes {
    pub(super) unreadable: Code,
    pub(super) unknown: Code,
    pub(super) duplicate: Code,
    pub(super) value: Code,
    pub(super) ignored: Code,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its key as a text.
    pub(super) key: String,
    /// The key's node.
    pub(super) at: Id,
    /// The value's node.
    pub(super) value: Id,
}

/// A document that is being read, and what was found in it so far.
#[derive(Debug)]
pub(super) struct Strict<'a> {
    file: &'a str,
    pub(super) document: Document,
    pub(super) findings: Vec<Finding>,
    codes: Codes,
}

/// The entries of a mapping by their keys; of a key that stands twice the last, as Go takes it.
#[derive(Debug)]
pub(super) struct Fields(Vec<Entry>);

impl Fields {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().rev().find(|entry| entry.key == key)
    }
}

impl<'a> Strict<'a> {
    /// Begins to read `text`, which was read from `file`.
    ///
    /// # Errors
    /// When Thanos could not read it: the one finding.
    pub(super) fn read(file: &'a str, text: &str, codes: Codes) -> Result<Self, Vec<Finding>> {
        match Document::read(text) {
            Ok(document) => {
                let mut this = Self { file, document, findings: Vec::new(), codes };
                if let Some(rest) = this.document.rest() {
                    let message = "a second document begins here, which Thanos does not read";
                    this.say(codes.ignored, rest.position, message, Some("put all into the first document"));
                }
                Ok(this)
            }
            Err(problem) => {
                let mut finding = Finding::new(codes.unreadable, problem.message);
                finding.place = Some(problem.position.of(file));
                Err(vec![finding])
            }
        }
    }

    /// Everything that was found, in the order of the lines.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
        self.findings
    }

    /// A scalar as a field for texts takes it: as it is written, whatever it is; nothing is the empty text. `None` when it
    /// is a list or a mapping.
    pub(super) fn plain(&self, id: Id) -> Option<&str> {
        if self.document.is_null(id) { Some("") } else { self.document.written(id).map(|(text, _)| text) }
    }

    /// What a scalar means; `None` when it is a list or a mapping.
    pub(super) fn resolved(&self, id: Id) -> Option<Resolved> {
        self.document.scalar(id).map(|scalar| scalar.resolved)
    }

    /// The entries of a mapping, those that `<<` merges into it too; `None` when it is none.
    pub(super) fn entries(&self, id: Id) -> Option<Vec<Entry>> {
        let entry = |key: Id, value: Id| Some(Entry { key: self.plain(key)?.to_owned(), at: key, value });
        let entries = self.document.entries(id)?;
        Some(entries.into_iter().filter_map(|found| entry(found.key, found.value)).collect())
    }

    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    pub(super) fn place(&self, spot: Position) -> Place {
        spot.of(self.file)
    }

    pub(super) fn say(&mut self, code: Code, spot: Position, message: impl Into<String>, hint: Option<&str>) {
        let mut finding = Finding::new(code, message);
        finding.place = Some(self.place(spot));
        finding.hint = hint.map(str::to_owned);
        self.findings.push(finding);
    }

    /// Says that a value is not what its key takes.
    pub(super) fn wrong(&mut self, id: Id, message: impl Into<String>) {
        self.say(self.codes.value, self.document.position(id), message, None);
    }

    /// Says which keys are unknown or stand twice.
    pub(super) fn known(&mut self, entries: Vec<Entry>, known: &[&str], what: &str) -> Fields {
        let mut seen = HashSet::new();
        for entry in &entries {
            let spot = self.document.position(entry.at);
            if !known.contains(&entry.key.as_str()) {
                let hint = match nearest(&entry.key, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys of {what} are {}", known.join(", ")),
                };
                self.say(
                    self.codes.unknown,
                    spot,
                    format!("unknown key `{}` in {what}", without_credentials(&entry.key)),
                    Some(&hint),
                );
            } else if !seen.insert(entry.key.as_str()) {
                self.say(self.codes.duplicate, spot, format!("`{}` stands twice in {what}", entry.key), None);
            }
        }
        Fields(entries)
    }

    /// The fields of a mapping that has no other keys than these; `None` when it is none, which is told.
    pub(super) fn fields(&mut self, id: Id, known: &[&str], what: &str) -> Option<Fields> {
        match self.entries(id) {
            Some(entries) => Some(self.known(entries, known, what)),
            None => {
                self.wrong(id, format!("{what} is a mapping with the keys {}", known.join(", ")));
                None
            }
        }
    }

    /// The items of a list; none when it is null or no list, which is told.
    pub(super) fn items(&mut self, entry: &Entry) -> Vec<Id> {
        match self.document.kind(entry.value) {
            Kind::List { items, .. } => return items.clone(),
            Kind::Scalar(..) if self.document.is_null(entry.value) => {}
            _ => self.wrong(entry.value, format!("`{}` is a list", entry.key)),
        }
        Vec::new()
    }

    /// A value that is a text; `None` when it is something else, which is told.
    pub(super) fn text(&mut self, entry: &Entry) -> Option<String> {
        if let Some(text) = self.plain(entry.value) {
            return Some(text.to_owned());
        }
        let kind = if matches!(self.document.kind(entry.value), Kind::List { .. }) { "list" } else { "mapping" };
        let hint = (kind == "mapping" && entry.key == "expr")
            .then_some("an expression that starts with a brace stands in quotes, or below `|`");
        let message = format!("`{}` is a text, and not a {kind}", entry.key);
        self.say(self.codes.value, self.document.position(entry.value), message, hint);
        None
    }

    /// Whether nothing stands there for what Go reads by a method of its own, which knows fewer spellings of nothing.
    pub(super) fn is_nothing(&self, id: Id) -> bool {
        self.document.is_null(id)
            && self.document.written(id).is_some_and(|(text, _)| matches!(text, "" | "~" | "null"))
    }

    /// Whether a duration is given that is longer than nothing.
    pub(super) fn duration(&mut self, fields: &Fields, key: &str) -> bool {
        let Some(entry) = fields.get(key) else { return false };
        let Some(text) = self.text(entry) else { return false };
        if self.is_nothing(entry.value) {
            return false;
        }
        match Duration::try_from(text.clone()) {
            Ok(_) => text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)),
            Err(why) => {
                self.wrong(entry.value, format!("`{key}`: {why}"));
                false
            }
        }
    }

    /// A whole number, if any is given: Go takes one with a dot too, and cuts it.
    pub(super) fn number(&mut self, fields: &Fields, key: &str) {
        let Some(entry) = fields.get(key) else { return };
        #[expect(clippy::cast_precision_loss, reason = "as Go compares")]
        let fits = match self.resolved(entry.value) {
            Some(Resolved::Null) => true,
            Some(Resolved::Integer(number)) => i64::try_from(number).is_ok(),
            Some(Resolved::Float(number)) => number <= i64::MAX as f64,
            Some(Resolved::Bool(_) | Resolved::Merge | Resolved::Text(_)) | None => false,
        };
        if !fits {
            self.wrong(entry.value, format!("`{key}` is no number; write it without quotes"));
        }
    }

    /// `true` or `false`, if any is given.
    pub(super) fn boolean(&mut self, fields: &Fields, key: &str) {
        let Some(entry) = fields.get(key) else { return };
        if !matches!(self.resolved(entry.value), Some(Resolved::Null | Resolved::Bool(_))) {
            self.wrong(entry.value, format!("`{key}` is true or false, without quotes"));
        }
    }
}
