//! What is wrong in a rule file (thanos-io/thanos, pkg/rules/manager.go; prometheus, model/rulefmt).
//!
//! Three programs read rule files and differ: `thanos tools rules-check`, the ruler, and the ruler again, which writes
//! what it has read as YAML for the Prometheus inside of it. What one of them refuses, drops or crashes on is an error.

use std::collections::HashSet;

use super::super::codes;
use super::super::finding::{Code, Finding};
use super::super::go_yaml::{Broken, Document, Entry, Id, Node, Scalar, Spot};
use super::super::release::Duration;
use super::super::{go_template, promql};
use crate::document::Place;
use crate::text::nearest;

const GROUP_KEYS: [&str; 7] =
    ["name", "interval", "query_offset", "limit", "labels", "partial_response_strategy", "rules"];
const RULE_KEYS: [&str; 7] = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

/// What was found in a file.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    pub(super) groups: Vec<Group>,
}

/// A group, as far as others may not be like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Its name, as the ruler reads it in the end.
    pub(super) name: String,
    /// Groups of one name may stand beside each other when they differ in this.
    pub(super) warns: bool,
    pub(super) place: Place,
}

/// Checks the rule file `text`, which was read from `file`.
pub(super) fn check(file: &str, text: &str) -> Checked {
    let document = match Document::read(text) {
        Ok(document) => document,
        Err(Broken { spot, message }) => {
            let mut finding = Finding::new(codes::UNREADABLE_RULES, message);
            finding.place = Some(place(file, spot));
            return Checked { findings: vec![finding], groups: Vec::new() };
        }
    };
    let mut checker = Checker { file, document: &document, checked: Checked::default() };
    checker.whole();
    let mut checked = checker.checked;
    checked.findings.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    checked
}

fn place(file: &str, (line, column): Spot) -> Place {
    Place { file: file.to_owned(), line, column }
}

struct Checker<'a> {
    file: &'a str,
    document: &'a Document,
    checked: Checked,
}

/// The entries of a mapping by their keys; of a key that stands twice the last, as the ruler takes it.
struct Fields(Vec<Entry>);

impl Fields {
    fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().rev().find(|entry| entry.key == key)
    }
}

impl Checker<'_> {
    fn say(&mut self, code: Code, spot: Spot, message: impl Into<String>, hint: Option<&str>) {
        let mut finding = Finding::new(code, message);
        finding.place = Some(place(self.file, spot));
        finding.hint = hint.map(str::to_owned);
        self.checked.findings.push(finding);
    }

    fn broken(&mut self, broken: Broken) {
        self.say(codes::UNREADABLE_RULES, broken.spot, broken.message, None);
    }

    fn whole(&mut self) {
        if let Some(spot) = self.document.more() {
            let message = "a second document begins here, which Thanos does not read";
            self.say(
                codes::IGNORED_DOCUMENT,
                spot,
                message,
                Some("put its groups below the `groups` of the first one"),
            );
        }
        let tagged: Vec<(Id, String)> = self.document.tagged().map(|(id, tag)| (id, tag.to_owned())).collect();
        for (id, tag) in tagged {
            let message = format!("thanosctl does not follow the YAML tag `{tag}`");
            self.say(codes::UNJUDGED_RULE, self.document.spot(id), message, None);
        }
        let root = self.document.root().filter(|root| !self.document.is_null(*root));
        let groups = root.and_then(|root| self.top(root));
        let Some(groups) = groups else {
            if self.checked.findings.iter().all(|finding| finding.code != codes::UNREADABLE_RULES) {
                let spot = root.map_or((1, 1), |root| self.document.spot(root));
                self.say(codes::NO_RULES, spot, "the file holds no group of rules", None);
            }
            return;
        };
        for group in groups {
            self.group(group);
        }
    }

    /// The groups of the document; `None` when there is none.
    fn top(&mut self, root: Id) -> Option<Vec<Id>> {
        let entries = match self.document.entries(root) {
            Some(Ok(entries)) => entries,
            Some(Err(broken)) => {
                self.broken(broken);
                return None;
            }
            None => {
                let hint = "a rule file starts with `groups:`, and its groups stand below as a list";
                let message = "a rule file is a mapping with the key `groups`";
                self.say(codes::UNREADABLE_RULES, self.document.spot(root), message, Some(hint));
                return None;
            }
        };
        let fields = self.known(entries, &["groups"], "a rule file");
        let entry = fields.get("groups")?;
        if self.document.is_null(entry.value) {
            return None;
        }
        let Node::List(groups) = self.document.node(entry.value) else {
            self.say(codes::UNREADABLE_RULES, self.document.spot(entry.value), "`groups` is a list of groups", None);
            return None;
        };
        Some(groups.clone()).filter(|groups| !groups.is_empty())
    }

    /// Says which keys are unknown or stand twice.
    fn known(&mut self, entries: Vec<Entry>, known: &[&str], what: &str) -> Fields {
        let mut seen = HashSet::new();
        for entry in &entries {
            let spot = self.document.spot(entry.at);
            if !known.contains(&entry.key.as_str()) {
                let hint = match nearest(&entry.key, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys of {what} are {}", known.join(", ")),
                };
                let hint = if entry.key == "spec" { SPEC.to_owned() } else { hint };
                self.say(codes::UNKNOWN_RULE_KEY, spot, format!("unknown key `{}` in {what}", entry.key), Some(&hint));
            } else if !seen.insert(entry.key.as_str()) {
                self.say(codes::DUPLICATE_RULE_KEY, spot, format!("`{}` stands twice in {what}", entry.key), None);
            }
        }
        Fields(entries)
    }

    /// The fields of a group or a rule; `None` when it is none.
    fn fields(&mut self, id: Id, known: &[&str], what: &str) -> Option<Fields> {
        match self.document.entries(id) {
            Some(Ok(entries)) => Some(self.known(entries, known, what)),
            Some(Err(broken)) => {
                self.broken(broken);
                None
            }
            None => {
                let message = format!("{what} is a mapping with the keys {}", known.join(", "));
                self.say(codes::WRONG_RULE_VALUE, self.document.spot(id), message, None);
                None
            }
        }
    }

    fn group(&mut self, id: Id) {
        let spot = self.document.spot(id);
        if self.document.is_null(id) {
            let hint = "take the item out of the list: the ruler crashes on it";
            return self.say(codes::WRONG_RULE_GROUP, spot, "a group is empty", Some(hint));
        }
        let Some(fields) = self.fields(id, &GROUP_KEYS, "a group") else { return };
        self.duration(&fields, "interval");
        self.duration(&fields, "query_offset");
        self.limit(&fields);
        let warns = self.strategy(&fields);
        self.texts(&fields, "labels", Naming::Label);
        let name = self.name(&fields, spot);
        if let Some(name) = name {
            let group = Group { name, warns, place: place(self.file, spot) };
            let twin = |other: &&Group| other.name == group.name && other.warns == group.warns;
            if let Some(first) = self.checked.groups.iter().find(twin) {
                let message = format!("group `{}` stands twice, first at {}", group.name, first.place);
                let hint = "the ruler refuses two groups of one name in its file";
                self.say(codes::WRONG_RULE_GROUP, spot, message, Some(hint));
            } else {
                self.checked.groups.push(group);
            }
        }
        let Some(entry) = fields.get("rules").filter(|entry| !self.document.is_null(entry.value)) else { return };
        match self.document.node(entry.value) {
            Node::List(rules) => rules.clone().into_iter().for_each(|rule| self.rule(rule)),
            _ => self.say(codes::WRONG_RULE_VALUE, self.document.spot(entry.value), "`rules` is a list of rules", None),
        }
    }

    /// A group's name; `None` when it has none, which is told.
    fn name(&mut self, fields: &Fields, spot: Spot) -> Option<String> {
        let entry = fields.get("name");
        let name = entry.and_then(|entry| self.text(entry)).filter(|name| !name.is_empty());
        let Some((entry, name)) = entry.zip(name) else {
            if entry.is_none_or(|entry| self.document.text(entry.value).is_some()) {
                self.say(codes::WRONG_RULE_GROUP, spot, "a group has no name", None);
            }
            return None;
        };
        self.rewritten(entry.value, &name, "the name of a group");
        Some(self.final_text(entry.value, &name))
    }

    /// Whether a group's strategy is `warn`.
    fn strategy(&mut self, fields: &Fields) -> bool {
        let Some(entry) = fields.get("partial_response_strategy") else { return false };
        let Some(word) = self.text(entry) else { return false };
        if !word.is_empty() && !word.eq_ignore_ascii_case("warn") && !word.eq_ignore_ascii_case("abort") {
            let message = format!("the partial_response_strategy is `{word}`, and not warn or abort");
            self.say(codes::WRONG_RULE_VALUE, self.document.spot(entry.value), message, None);
        }
        word.eq_ignore_ascii_case("warn")
    }

    fn limit(&mut self, fields: &Fields) {
        let Some(entry) = fields.get("limit") else { return };
        #[expect(clippy::cast_precision_loss, reason = "as Go compares")]
        let fits = match self.document.scalar(entry.value) {
            Some(Scalar::Null) => true,
            Some(Scalar::Int(number)) => i64::try_from(number).is_ok(),
            Some(Scalar::Float(number)) => number <= i64::MAX as f64,
            Some(Scalar::Bool(_) | Scalar::Text(_)) | None => false,
        };
        if !fits {
            let message = "`limit` is no number; write it without quotes";
            self.say(codes::WRONG_RULE_VALUE, self.document.spot(entry.value), message, None);
        }
    }

    /// Whether a duration is given that is longer than nothing.
    fn duration(&mut self, fields: &Fields, key: &str) -> bool {
        let Some(entry) = fields.get(key) else { return false };
        let Some(text) = self.text(entry) else { return false };
        // Go's parser knows these as nothing here, and not its other spellings.
        let is_nothing = matches!(self.document.node(entry.value), Node::Scalar(text, _)
            if self.document.is_null(entry.value) && matches!(text.as_str(), "" | "~" | "null"));
        if is_nothing {
            return false;
        }
        match Duration::try_from(text.clone()) {
            Ok(_) => text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)),
            Err(why) => {
                self.say(codes::WRONG_RULE_VALUE, self.document.spot(entry.value), format!("`{key}`: {why}"), None);
                false
            }
        }
    }

    /// A value that is a text; `None` when it is something else, which is told.
    fn text(&mut self, entry: &Entry) -> Option<String> {
        if let Some(text) = self.document.text(entry.value) {
            return Some(text.to_owned());
        }
        let kind = if matches!(self.document.node(entry.value), Node::List(_)) { "list" } else { "mapping" };
        let hint = (kind == "mapping" && entry.key == "expr")
            .then_some("an expression that starts with a brace stands in quotes, or below `|`");
        let message = format!("`{}` is a text, and not a {kind}", entry.key);
        self.say(codes::WRONG_RULE_VALUE, self.document.spot(entry.value), message, hint);
        None
    }

    /// What the ruler reads in the end where `text` stands.
    fn final_text(&self, id: Id, text: &str) -> String {
        self.document.scalar(id).and_then(|scalar| scalar.rewritten()).unwrap_or_else(|| text.to_owned())
    }

    fn rewritten(&mut self, id: Id, text: &str, what: &str) {
        let read = self.final_text(id, text);
        if read != text {
            let message = format!("{what} is `{text}`, which the ruler reads as `{read}`");
            let hint = format!("put it in quotes: \"{text}\"");
            self.say(codes::REWRITTEN_VALUE, self.document.spot(id), message, Some(&hint));
        }
    }

    /// Labels or annotations: names and values, those that are no texts left out.
    fn texts(&mut self, fields: &Fields, key: &str, naming: Naming) -> Vec<(Id, String)> {
        let Some(entry) = fields.get(key).filter(|entry| !self.document.is_null(entry.value)) else {
            return Vec::new();
        };
        let entries = match self.document.entries(entry.value) {
            Some(Ok(entries)) => entries,
            Some(Err(broken)) => {
                self.broken(broken);
                return Vec::new();
            }
            None => {
                let message = format!("`{key}` is a mapping of names and texts");
                self.say(codes::WRONG_RULE_VALUE, self.document.spot(entry.value), message, None);
                return Vec::new();
            }
        };
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for entry in entries {
            let spot = self.document.spot(entry.at);
            let name = self.final_text(entry.at, &entry.key);
            if !seen.insert(name.clone()) | (name != entry.key && !seen.insert(entry.key.clone())) {
                self.say(codes::DUPLICATE_RULE_KEY, spot, format!("`{}` stands twice in {key}", entry.key), None);
            }
            self.rewritten(entry.at, &entry.key, &format!("a name in {key}"));
            if entry.key.is_empty() || (naming == Naming::Label && name == "__name__") {
                let message = format!("nothing in {key} can be named `{}`", entry.key);
                self.say(codes::WRONG_RULE_LABEL, spot, message, None);
            }
            if self.document.is_null(entry.value) {
                let message = format!("`{}` in {key} has no value, and vanishes", entry.key);
                self.say(codes::LABEL_WITHOUT_VALUE, spot, message, None);
            }
            if let Some(text) = self.text(&entry) {
                self.rewritten(entry.value, &text, &format!("`{}` in {key}", entry.key));
                found.push((entry.value, text));
            }
        }
        found
    }

    fn rule(&mut self, id: Id) {
        let spot = self.document.spot(id);
        if self.document.is_null(id) {
            return self.say(codes::WRONG_RULE, spot, "a rule is empty", Some("take the item out of the list"));
        }
        let Some(fields) = self.fields(id, &RULE_KEYS, "a rule") else { return };
        let mut named = |key: &str| {
            let entry = fields.get(key)?;
            let text = self.text(entry).filter(|text| !text.is_empty())?;
            self.rewritten(entry.value, &text, &format!("`{key}`"));
            Some((entry.value, text))
        };
        let (record, alert) = (named("record"), named("alert"));
        match (&record, &alert) {
            (Some(_), Some(_)) => self.say(codes::WRONG_RULE, spot, "a rule has both record and alert", None),
            (None, None) => self.say(codes::WRONG_RULE, spot, "a rule has neither record nor alert", None),
            _ => {}
        }
        self.expression(&fields, spot);
        let waits = self.duration(&fields, "for");
        let keeps = self.duration(&fields, "keep_firing_for");
        let labels = self.texts(&fields, "labels", Naming::Label);
        let annotations = self.texts(&fields, "annotations", Naming::Annotation);
        if let Some((id, name)) = &record {
            for (key, found) in [("for", waits), ("keep_firing_for", keeps), ("annotations", !annotations.is_empty())] {
                if let Some(entry) = fields.get(key).filter(|_| found) {
                    let message = format!("a recording rule has `{key}`, which only alerts have");
                    self.say(codes::WRONG_RULE, self.document.spot(entry.at), message, None);
                }
            }
            if name.contains(['{', '}']) {
                let message = "the name of a recording rule has braces; they belong into expr";
                self.say(codes::WRONG_RULE, self.document.spot(*id), message, None);
            }
        }
        match alert {
            Some((_, alert)) => {
                for (id, text) in labels.iter().chain(&annotations) {
                    self.template(*id, text, &alert);
                }
            }
            None => {
                for (id, _) in labels.iter().filter(|(_, text)| text.contains("{{")) {
                    let message = "no template is expanded in the labels of a recording rule";
                    self.say(codes::UNEXPANDED_TEMPLATE, self.document.spot(*id), message, None);
                }
            }
        }
    }

    fn expression(&mut self, fields: &Fields, rule: Spot) {
        let entry = fields.get("expr");
        let text = entry.and_then(|entry| self.text(entry)).filter(|text| !text.is_empty());
        let Some((entry, text)) = entry.zip(text) else {
            if entry.is_none_or(|entry| self.document.text(entry.value).is_some()) {
                self.say(codes::WRONG_RULE, rule, "a rule has no expr", None);
            }
            return;
        };
        // A number is the same number however it is written; what reads as true or false is a metric.
        if matches!(self.document.scalar(entry.value), Some(Scalar::Bool(_))) {
            self.rewritten(entry.value, &text, "`expr`");
        }
        if let Err(wrong) = promql::check(&text) {
            let code = match wrong.certainty {
                promql::Certainty::Refused => codes::WRONG_EXPRESSION,
                promql::Certainty::Doubtful => codes::UNJUDGED_RULE,
            };
            let hint = if text[wrong.at..].starts_with("{{") {
                Some("an expression is no template")
            } else if text[wrong.at..].starts_with('$') {
                Some("variables of Grafana, such as $__rate_interval, are not known in a rule: write a duration")
            } else {
                None
            };
            let spot = self.document.spot_within(entry.value, wrong.at);
            self.say(code, spot, format!("`expr`: {}", wrong.message), hint);
        }
    }

    fn template(&mut self, id: Id, text: &str, alert: &str) {
        if let Err(wrong) = go_template::check(text, alert) {
            let code = if wrong.is_certain { codes::WRONG_TEMPLATE } else { codes::UNJUDGED_RULE };
            let spot = self.document.spot_within(id, wrong.at);
            self.say(code, spot, format!("template: {}", wrong.message), wrong.hint);
        }
    }
}

/// What may not be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// `__name__` is the metric's own.
    Label,
    Annotation,
}

const SPEC: &str = "this looks like a PrometheusRule object: a ruler reads what stands below its `spec`";
