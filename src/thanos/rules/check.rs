//! What is wrong in a rule file (thanos-io/thanos, pkg/rules/manager.go; prometheus, model/rulefmt).
//!
//! Three programs read rule files and differ: `thanos tools rules-check`, the ruler, and the ruler again, which writes
//! what it has read as YAML for the Prometheus inside of it. What one of them refuses, drops or crashes on is an error.

use std::collections::{HashMap, HashSet};

use super::super::strict::{Codes, Fields, Strict};
use crate::findings::codes;
use crate::findings::finding::Finding;
use crate::languages::yaml::scalar::Resolved;
use crate::languages::yaml::{Id, Kind};
use crate::languages::{go_template, promql};
use crate::place::{Place, Position};
use crate::text::without_credentials;

const GROUP_KEYS: [&str; 7] =
    ["name", "interval", "query_offset", "limit", "labels", "partial_response_strategy", "rules"];
const RULE_KEYS: [&str; 7] = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

const CODES: Codes = Codes {
    unreadable: codes::UNREADABLE_RULES,
    unknown: codes::UNKNOWN_RULE_KEY,
    duplicate: codes::DUPLICATE_RULE_KEY,
    value: codes::WRONG_RULE_VALUE,
    ignored: codes::IGNORED_DOCUMENT,
};

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
    match Strict::read(file, text, CODES) {
        Ok(strict) => {
            let mut checker = Checker { strict, groups: Vec::new(), known: HashMap::new() };
            checker.whole();
            Checked { findings: checker.strict.finish(), groups: checker.groups }
        }
        Err(findings) => Checked { findings, groups: Vec::new() },
    }
}

struct Checker<'a> {
    strict: Strict<'a>,
    groups: Vec<Group>,
    /// The number of each group by what no other may have too.
    known: HashMap<(String, bool), usize>,
}

impl Checker<'_> {
    fn whole(&mut self) {
        let root = self.strict.document.root().filter(|root| !self.strict.document.is_null(*root));
        let groups = root.and_then(|root| self.top(root));
        let Some(groups) = groups else {
            if !self.strict.has_errors() {
                let spot = root.map_or(Position::START, |root| self.strict.document.position(root));
                self.strict.say(codes::NO_RULES, spot, "the file holds no group of rules", None);
            }
            return;
        };
        for group in groups {
            self.group(group);
        }
    }

    /// The groups of the document; `None` when there is none.
    fn top(&mut self, root: Id) -> Option<Vec<Id>> {
        let Some(entries) = self.strict.entries(root) else {
            let hint = "a rule file starts with `groups:`, and its groups stand below as a list";
            let message = "a rule file is a mapping with the key `groups`";
            self.strict.say(codes::UNREADABLE_RULES, self.strict.document.position(root), message, Some(hint));
            return None;
        };
        let spec = entries.iter().find(|entry| entry.key == "spec").map(|entry| entry.at);
        let fields = self.strict.known(entries, &["groups"], "a rule file");
        if let Some(spec) = spec {
            let place = self.strict.place(self.strict.document.position(spec));
            let found = self.strict.findings.iter_mut().filter(|finding| finding.place.as_ref() == Some(&place));
            found.for_each(|finding| finding.hint = Some(SPEC.to_owned()));
        }
        let entry = fields.get("groups")?;
        if self.strict.document.is_null(entry.value) {
            return None;
        }
        let Kind::List { items: groups, .. } = self.strict.document.kind(entry.value) else {
            self.strict.say(
                codes::UNREADABLE_RULES,
                self.strict.document.position(entry.value),
                "`groups` is a list of groups",
                None,
            );
            return None;
        };
        Some(groups.clone()).filter(|groups| !groups.is_empty())
    }

    fn group(&mut self, id: Id) {
        let spot = self.strict.document.position(id);
        if self.strict.document.is_null(id) {
            let hint = "take the item out of the list: the ruler crashes on it";
            return self.strict.say(codes::WRONG_RULE_GROUP, spot, "a group is empty", Some(hint));
        }
        let Some(fields) = self.strict.fields(id, &GROUP_KEYS, "a group") else { return };
        self.strict.duration(&fields, "interval");
        self.strict.duration(&fields, "query_offset");
        self.strict.number(&fields, "limit");
        let warns = self.strategy(&fields);
        self.texts(&fields, "labels", Naming::GroupLabel);
        let name = self.name(&fields, spot);
        if let Some(name) = name {
            let group = Group { name, warns, place: self.strict.place(spot) };
            let known = self.known.entry((group.name.clone(), group.warns)).or_insert(self.groups.len());
            if let Some(Group { place: first, .. }) = self.groups.get(*known) {
                let message = format!("group `{}` stands twice, first at {first}", without_credentials(&group.name));
                let hint = "the ruler refuses two groups of one name in its file";
                self.strict.say(codes::WRONG_RULE_GROUP, spot, message, Some(hint));
            } else {
                self.groups.push(group);
            }
        }
        let Some(entry) = fields.get("rules").filter(|entry| !self.strict.document.is_null(entry.value)) else {
            return;
        };
        match self.strict.document.kind(entry.value) {
            Kind::List { items: rules, .. } => rules.clone().into_iter().for_each(|rule| self.rule(rule)),
            _ => self.strict.say(
                codes::WRONG_RULE_VALUE,
                self.strict.document.position(entry.value),
                "`rules` is a list of rules",
                None,
            ),
        }
    }

    /// A group's name; `None` when it has none, which is told.
    fn name(&mut self, fields: &Fields, spot: Position) -> Option<String> {
        let entry = fields.get("name");
        let name = entry.and_then(|entry| self.strict.text(entry)).filter(|name| !name.is_empty());
        let Some((entry, name)) = entry.zip(name) else {
            if entry.is_none_or(|entry| self.strict.plain(entry.value).is_some()) {
                self.strict.say(codes::WRONG_RULE_GROUP, spot, "a group has no name", None);
            }
            return None;
        };
        self.rewritten(entry.value, &name, "the name of a group");
        Some(self.final_text(entry.value, &name))
    }

    /// Whether a group's strategy is `warn`.
    fn strategy(&mut self, fields: &Fields) -> bool {
        let Some(entry) = fields.get("partial_response_strategy") else { return false };
        let Some(word) = self.strict.text(entry) else { return false };
        if !word.is_empty() && !word.eq_ignore_ascii_case("warn") && !word.eq_ignore_ascii_case("abort") {
            let message =
                format!("the partial_response_strategy is `{}`, and not warn or abort", without_credentials(&word));
            self.strict.say(codes::WRONG_RULE_VALUE, self.strict.document.position(entry.value), message, None);
        }
        word.eq_ignore_ascii_case("warn")
    }

    /// What the ruler reads in the end where `text` stands.
    fn final_text(&self, id: Id, text: &str) -> String {
        self.strict.document.scalar(id).map_or_else(|| text.to_owned(), |scalar| scalar.rewritten())
    }

    fn rewritten(&mut self, id: Id, text: &str, what: &str) {
        let read = self.final_text(id, text);
        if read != text {
            let message = format!("{what} is `{text}`, which the ruler reads as `{read}`");
            let hint = format!("put it in quotes: \"{text}\"");
            self.strict.say(codes::REWRITTEN_VALUE, self.strict.document.position(id), message, Some(&hint));
        }
    }

    /// Labels or annotations: names and values, those that are no texts left out.
    fn texts(&mut self, fields: &Fields, key: &str, naming: Naming) -> Vec<(Id, String)> {
        let Some(entry) = fields.get(key).filter(|entry| !self.strict.document.is_null(entry.value)) else {
            return Vec::new();
        };
        let Some(entries) = self.strict.entries(entry.value) else {
            let message = format!("`{key}` is a mapping of names and texts");
            self.strict.say(codes::WRONG_RULE_VALUE, self.strict.document.position(entry.value), message, None);
            return Vec::new();
        };
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for entry in entries {
            let spot = self.strict.document.position(entry.at);
            let name = self.final_text(entry.at, &entry.key);
            if !seen.insert(name.clone()) | (name != entry.key && !seen.insert(entry.key.clone())) {
                self.strict.say(
                    codes::DUPLICATE_RULE_KEY,
                    spot,
                    format!("`{}` stands twice in {key}", without_credentials(&entry.key)),
                    None,
                );
            }
            self.rewritten(entry.at, &entry.key, &format!("a name in {key}"));
            let is_lost = naming == Naming::GroupLabel && self.strict.document.is_null(entry.at);
            if is_lost {
                let message = "a label of a group without a name, which nobody reads";
                self.strict.say(codes::LABEL_WITHOUT_VALUE, spot, message, None);
            } else if entry.key.is_empty() || (naming != Naming::Annotation && name == "__name__") {
                let message = format!("nothing in {key} can be named `{}`", without_credentials(&entry.key));
                self.strict.say(codes::WRONG_RULE_LABEL, spot, message, None);
            }
            if self.strict.document.is_null(entry.value) {
                let message = format!("`{}` in {key} has no value, and vanishes", without_credentials(&entry.key));
                self.strict.say(codes::LABEL_WITHOUT_VALUE, spot, message, None);
            }
            if let Some(text) = self.strict.text(&entry) {
                self.rewritten(entry.value, &text, &format!("`{}` in {key}", without_credentials(&entry.key)));
                found.push((entry.value, text));
            }
        }
        found
    }

    fn rule(&mut self, id: Id) {
        let spot = self.strict.document.position(id);
        if self.strict.document.is_null(id) {
            return self.strict.say(codes::WRONG_RULE, spot, "a rule is empty", Some("take the item out of the list"));
        }
        let Some(fields) = self.strict.fields(id, &RULE_KEYS, "a rule") else { return };
        let mut named = |key: &str| {
            let entry = fields.get(key)?;
            let text = self.strict.text(entry).filter(|text| !text.is_empty())?;
            self.rewritten(entry.value, &text, &format!("`{key}`"));
            Some((entry.value, text))
        };
        let (record, alert) = (named("record"), named("alert"));
        match (&record, &alert) {
            (Some(_), Some(_)) => self.strict.say(codes::WRONG_RULE, spot, "a rule has both record and alert", None),
            (None, None) => self.strict.say(codes::WRONG_RULE, spot, "a rule has neither record nor alert", None),
            _ => {}
        }
        self.expression(&fields, spot);
        let waits = self.strict.duration(&fields, "for");
        let keeps = self.strict.duration(&fields, "keep_firing_for");
        let labels = self.texts(&fields, "labels", Naming::Label);
        let annotations = self.texts(&fields, "annotations", Naming::Annotation);
        if let Some((id, name)) = &record {
            for (key, found) in [("for", waits), ("keep_firing_for", keeps), ("annotations", !annotations.is_empty())] {
                if let Some(entry) = fields.get(key).filter(|_| found) {
                    let message = format!("a recording rule has `{key}`, which only alerts have");
                    self.strict.say(codes::WRONG_RULE, self.strict.document.position(entry.at), message, None);
                }
            }
            if name.contains(['{', '}']) {
                let message = "the name of a recording rule has braces; they belong into expr";
                self.strict.say(codes::WRONG_RULE, self.strict.document.position(*id), message, None);
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
                    self.strict.say(codes::UNEXPANDED_TEMPLATE, self.strict.document.position(*id), message, None);
                }
            }
        }
    }

    fn expression(&mut self, fields: &Fields, rule: Position) {
        let entry = fields.get("expr");
        let text = entry.and_then(|entry| self.strict.text(entry)).filter(|text| !text.is_empty());
        let Some((entry, text)) = entry.zip(text) else {
            if entry.is_none_or(|entry| self.strict.plain(entry.value).is_some()) {
                self.strict.say(codes::WRONG_RULE, rule, "a rule has no expr", None);
            }
            return;
        };
        // A number is the same number however it is written; what reads as true or false is a metric.
        if matches!(self.strict.resolved(entry.value), Some(Resolved::Bool(_))) {
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
            let spot = self.strict.document.spot_within(entry.value, wrong.at);
            self.strict.say(code, spot, format!("`expr`: {}", wrong.message), hint);
        }
    }

    fn template(&mut self, id: Id, text: &str, alert: &str) {
        if let Err(wrong) = go_template::check(text, alert) {
            let code = if wrong.is_certain { codes::WRONG_TEMPLATE } else { codes::UNJUDGED_RULE };
            let spot = self.strict.document.spot_within(id, wrong.at);
            self.strict.say(code, spot, format!("template: {}", wrong.message), wrong.hint);
        }
    }
}

/// What may not be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// `__name__` is the metric's own.
    Label,
    /// The same, and `rules-check` looks at none of them.
    GroupLabel,
    Annotation,
}

const SPEC: &str = "this looks like a PrometheusRule object: a ruler reads what stands below its `spec`";
