//! The shape of a rule file (thanos-io/thanos, pkg/rules/manager.go; prometheus, model/rulefmt).

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::super::release::Duration;
use crate::document::{self, Place};
use crate::failure::{Failure, Failures};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    groups: Option<Vec<Spanned<Option<Group>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    interval: Option<Text>,
    #[serde(default)]
    query_offset: Option<Text>,
    #[serde(default)]
    limit: serde_json::Value,
    #[serde(default)]
    labels: Option<BTreeMap<String, Option<Text>>>,
    #[serde(default)]
    partial_response_strategy: Option<Text>,
    #[serde(default)]
    rules: Option<Vec<Spanned<Option<Rule>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default)]
    record: Option<Text>,
    #[serde(default)]
    alert: Option<Text>,
    #[serde(default)]
    expr: Option<Text>,
    #[serde(default, rename = "for")]
    holds: Option<Text>,
    #[serde(default)]
    keep_firing_for: Option<Text>,
    #[serde(default)]
    labels: Option<BTreeMap<String, Option<Text>>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, Option<Text>>>,
}

/// What our parser takes and the one of Thanos does not: directives, and tabs where a line begins (seen with 0.42.4).
fn unlike_go(path: &str, text: &str) -> Option<Failure> {
    let wrong_line = |(number, line): (usize, &str)| {
        let blank_with_tab = line.contains('\t') && line.trim().is_empty();
        let why = if line.starts_with('%') && number == 0 {
            "a YAML directive, which Thanos does not read"
        } else if line.starts_with('\t') || blank_with_tab {
            "a tab, where Thanos wants blanks"
        } else {
            return None;
        };
        Some(wrong(&Place { file: path.to_owned(), line: number as u64 + 1, column: 1 }, why))
    };
    text.lines().enumerate().find_map(wrong_line)
}

/// A scalar that Thanos takes as a text, whatever YAML takes it for.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Text;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The groups of all files, and what is wrong with them.
#[derive(Default)]
pub(super) struct Groups {
    seen: HashMap<String, Place>,
    failures: Vec<Failure>,
}

impl Groups {
    /// Reads one file.
    pub(super) fn add(&mut self, path: &str, text: &str) {
        if let Some(failure) = unlike_go(path, text) {
            return self.failures.push(failure);
        }
        let file: File = match document::read(path, text) {
            Ok(file) => file,
            Err(error) => return self.failures.push(error.into()),
        };
        for group in file.groups.unwrap_or_default() {
            let place = at(path, &group);
            match group.value {
                Some(group) => self.group(path, place, group),
                None => self.failures.push(wrong(&place, "a group is empty")),
            }
        }
    }

    /// # Errors
    /// What was wrong, or that there is no group.
    pub(super) fn finish(self) -> Result<(), Failures> {
        match Failures::from_vec(self.failures) {
            Some(failures) => Err(failures),
            None if self.seen.is_empty() => Err(super::no_group().into()),
            None => Ok(()),
        }
    }

    fn group(&mut self, path: &str, place: Place, group: Group) {
        for (key, duration) in [("interval", group.interval), ("query_offset", group.query_offset)] {
            self.duration(&place, key, duration);
        }
        self.labels(&place, group.labels.as_ref());
        if !group.limit.is_number() && !group.limit.is_null() {
            self.failures.push(wrong(&place, "`limit` is no number; write it without quotes"));
        }
        if group.partial_response_strategy.is_some_and(|Text(word)| {
            !word.eq_ignore_ascii_case("warn") && !word.eq_ignore_ascii_case("abort") && !word.is_empty()
        }) {
            self.failures.push(wrong(&place, "partial_response_strategy is not warn or abort"));
        }
        for rule in group.rules.unwrap_or_default() {
            let place = at(path, &rule);
            match rule.value {
                Some(rule) => self.rule(&place, rule),
                None => self.failures.push(wrong(&place, "a rule is empty")),
            }
        }
        match group.name.filter(|Text(name)| !name.is_empty()) {
            None => self.failures.push(wrong(&place, "a group has no name")),
            Some(Text(name)) => match self.seen.get(&name) {
                Some(first) => {
                    let failure = wrong(&place, &format!("group `{name}` stands twice, first at {first}"));
                    self.failures.push(failure.hint("the ruler refuses two groups of one name in its file"));
                }
                None => drop(self.seen.insert(name, place)),
            },
        }
    }

    fn rule(&mut self, place: &Place, rule: Rule) {
        let given = |text: &Option<Text>| text.as_ref().is_some_and(|Text(text)| !text.is_empty());
        match (given(&rule.record), given(&rule.alert)) {
            (true, true) => self.failures.push(wrong(place, "a rule has both record and alert")),
            (false, false) => self.failures.push(wrong(place, "a rule has neither record nor alert")),
            _ => {}
        }
        if rule.expr.is_none_or(|Text(expr)| expr.trim().is_empty()) {
            self.failures.push(wrong(place, "a rule has no expr"));
        }
        if given(&rule.record) {
            // `for: 0` is the same as none.
            let waits = |text: &Option<Text>| text.as_ref().is_some_and(|Text(text)| !text.starts_with('0'));
            for (key, found) in [
                ("for", waits(&rule.holds)),
                ("keep_firing_for", waits(&rule.keep_firing_for)),
                ("annotations", rule.annotations.as_ref().is_some_and(|map| !map.is_empty())),
            ] {
                if found {
                    self.failures.push(wrong(place, &format!("a recording rule has `{key}`, which only alerts have")));
                }
            }
        }
        if rule.record.is_some_and(|Text(name)| name.contains(['{', '}'])) {
            self.failures.push(wrong(place, "the name of a recording rule has braces; they belong into expr"));
        }
        for (key, duration) in [("for", rule.holds), ("keep_firing_for", rule.keep_firing_for)] {
            self.duration(place, key, duration);
        }
        self.labels(place, rule.labels.as_ref());
    }

    fn duration(&mut self, place: &Place, key: &str, text: Option<Text>) {
        if let Some(Err(why)) = text.map(|Text(text)| Duration::try_from(text)) {
            self.failures.push(wrong(place, &format!("`{key}`: {why}")));
        }
    }

    fn labels(&mut self, place: &Place, labels: Option<&BTreeMap<String, Option<Text>>>) {
        for name in labels.into_iter().flat_map(BTreeMap::keys).filter(|name| name.is_empty() || *name == "__name__") {
            self.failures.push(wrong(place, &format!("a label cannot be named `{name}`")));
        }
    }
}

fn at<T>(path: &str, spanned: &Spanned<T>) -> Place {
    Place { file: path.to_owned(), line: spanned.referenced.line(), column: spanned.referenced.column() }
}

fn wrong(place: &Place, what: &str) -> Failure {
    Failure::new(format!("{place}: {what}"))
}
