//! A document read field by field, as Go reads one into a struct when it is told to be strict.

use std::collections::HashSet;

use super::super::finding::{Code, Finding, Severity};
use super::super::release::Duration;
use super::{Document, Entry, Id, Node};
use crate::document::{Place, Position};
use crate::go_yaml::{Problem, Resolved};
use crate::text::{nearest, without_credentials};

/// The codes of what can be wrong in any document.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Codes {
    pub(in crate::model) unreadable: Code,
    pub(in crate::model) unknown: Code,
    pub(in crate::model) duplicate: Code,
    pub(in crate::model) value: Code,
    pub(in crate::model) unjudged: Code,
    pub(in crate::model) ignored: Code,
}

/// A document that is being read, and what was found in it so far.
#[derive(Debug)]
pub(in crate::model) struct Strict<'a> {
    file: &'a str,
    pub(in crate::model) document: Document,
    pub(in crate::model) findings: Vec<Finding>,
    codes: Codes,
}

/// The entries of a mapping by their keys; of a key that stands twice the last, as Go takes it.
#[derive(Debug)]
pub(in crate::model) struct Fields(Vec<Entry>);

impl Fields {
    pub(in crate::model) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().rev().find(|entry| entry.key == key)
    }
}

impl<'a> Strict<'a> {
    /// Begins to read `text`, which was read from `file`.
    ///
    /// # Errors
    /// When Thanos could not read it: the one finding.
    pub(in crate::model) fn read(file: &'a str, text: &str, codes: Codes) -> Result<Self, Vec<Finding>> {
        let mut this = Self { file, document: Document::empty(""), findings: Vec::new(), codes };
        match Document::read(text) {
            Ok(document) => this.document = document,
            Err(broken) => {
                this.broken(broken);
                return Err(this.findings);
            }
        }
        if let Some(spot) = this.document.more() {
            let message = "a second document begins here, which Thanos does not read";
            this.say(codes.ignored, spot, message, Some("put all into the first document"));
        }
        for (spot, message) in this.document.unjudged().to_vec() {
            this.say(codes.unjudged, spot, message, None);
        }
        Ok(this)
    }

    /// Everything that was found, in the order of the lines.
    pub(in crate::model) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
        self.findings
    }

    pub(in crate::model) fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    pub(in crate::model) fn place(&self, spot: Position) -> Place {
        spot.of(self.file)
    }

    pub(in crate::model) fn say(&mut self, code: Code, spot: Position, message: impl Into<String>, hint: Option<&str>) {
        let mut finding = Finding::new(code, message);
        finding.place = Some(self.place(spot));
        finding.hint = hint.map(str::to_owned);
        self.findings.push(finding);
    }

    pub(in crate::model) fn broken(&mut self, broken: Problem) {
        self.say(self.codes.unreadable, broken.position, broken.message, None);
    }

    /// Says that a value is not what its key takes.
    pub(in crate::model) fn wrong(&mut self, id: Id, message: impl Into<String>) {
        self.say(self.codes.value, self.document.spot(id), message, None);
    }

    /// Says which keys are unknown or stand twice.
    pub(in crate::model) fn known(&mut self, entries: Vec<Entry>, known: &[&str], what: &str) -> Fields {
        let mut seen = HashSet::new();
        for entry in &entries {
            let spot = self.document.spot(entry.at);
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
    pub(in crate::model) fn fields(&mut self, id: Id, known: &[&str], what: &str) -> Option<Fields> {
        match self.document.entries(id) {
            Some(Ok(entries)) => Some(self.known(entries, known, what)),
            Some(Err(broken)) => {
                self.broken(broken);
                None
            }
            None => {
                self.wrong(id, format!("{what} is a mapping with the keys {}", known.join(", ")));
                None
            }
        }
    }

    /// The items of a list; none when it is null or no list, which is told.
    pub(in crate::model) fn items(&mut self, entry: &Entry) -> Vec<Id> {
        match self.document.node(entry.value) {
            Node::List(items) => return items.clone(),
            Node::Scalar(..) if self.document.is_null(entry.value) => {}
            _ => self.wrong(entry.value, format!("`{}` is a list", entry.key)),
        }
        Vec::new()
    }

    /// A value that is a text; `None` when it is something else, which is told.
    pub(in crate::model) fn text(&mut self, entry: &Entry) -> Option<String> {
        if let Some(text) = self.document.text(entry.value) {
            return Some(text.to_owned());
        }
        let kind = if matches!(self.document.node(entry.value), Node::List(_)) { "list" } else { "mapping" };
        let hint = (kind == "mapping" && entry.key == "expr")
            .then_some("an expression that starts with a brace stands in quotes, or below `|`");
        let message = format!("`{}` is a text, and not a {kind}", entry.key);
        self.say(self.codes.value, self.document.spot(entry.value), message, hint);
        None
    }

    /// Whether nothing stands there for what Go reads by a method of its own, which knows fewer spellings of nothing.
    pub(in crate::model) fn is_nothing(&self, id: Id) -> bool {
        self.document.is_null(id)
            && matches!(self.document.node(id), Node::Scalar(text, _) if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// Whether a duration is given that is longer than nothing.
    pub(in crate::model) fn duration(&mut self, fields: &Fields, key: &str) -> bool {
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
    pub(in crate::model) fn number(&mut self, fields: &Fields, key: &str) {
        let Some(entry) = fields.get(key) else { return };
        #[expect(clippy::cast_precision_loss, reason = "as Go compares")]
        let fits = match self.document.resolved(entry.value) {
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
    pub(in crate::model) fn boolean(&mut self, fields: &Fields, key: &str) {
        let Some(entry) = fields.get(key) else { return };
        if !matches!(self.document.resolved(entry.value), Some(Resolved::Null | Resolved::Bool(_))) {
            self.wrong(entry.value, format!("`{key}` is true or false, without quotes"));
        }
    }
}
