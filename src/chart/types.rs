//! The types of a chart's keys, finer than its defaults tell them: by the schema that a version ships
//! (values.schema.json, which Helm checks before it renders), else by how its templates use a key.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::catalog::Kind;
use super::version::{Span, Version};

/// The types of a chart's keys, version by version.
#[derive(Debug, Default)]
pub(super) struct Types(Node);

#[derive(Debug, Default)]
struct Node {
    rows: Vec<Row>,
    /// The keys below it; `[]` is every item of a list, `*` every key that has no row of its own.
    below: BTreeMap<&'static str, Node>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    accepts: Accepts,
    /// Whether the key has to be there: null takes it away.
    is_required: bool,
    span: Span,
}

/// What a key accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepts {
    Any,
    Numeric,
    Scalar,
    ListOrText,
    Schema(JsonTypes),
    Words(&'static str),
}

/// Types of JSON, joined by `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonTypes(&'static str);

/// What is wanted where something else stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// What the chart has there by itself.
    Kind(Kind),
    /// A number, or a text that is one: the template writes it without quotes.
    Numeric,
    /// A single value: the template prints it.
    Scalar,
    /// A list, or one text: the template asks which it is.
    ListOrText,
    /// Something: without it the templates fail.
    Present,
    /// One of the types that the chart's schema names.
    Schema(JsonTypes),
    /// One of the words that the chart's schema names, joined by `|`.
    Words(&'static str),
    /// Something: the chart's schema requires it.
    Required,
}

impl Wanted {
    /// What a kind of the catalogue wants.
    pub(super) fn of_kind(kind: Kind) -> Self {
        Self::Kind(kind)
    }

    /// Whether the chart's schema wants it, and not its templates.
    pub fn is_by_schema(self) -> bool {
        match self {
            Self::Schema(_) | Self::Words(_) | Self::Required => true,
            Self::Kind(_) | Self::Numeric | Self::Scalar | Self::ListOrText | Self::Present => false,
        }
    }

    /// How to write it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Kind(Kind::Bool) => "Helm takes every other text for true",
            Self::Kind(Kind::List) | Self::ListOrText => "write - and a blank before each item",
            Self::Kind(Kind::Map | Kind::Free) => "write key: value, each on a line of its own below it",
            Self::Kind(Kind::Text | Kind::Any | Kind::Dead(_)) | Self::Scalar => {
                "write one value, without brackets and braces"
            }
            Self::Numeric => "write digits alone, without a unit",
            Self::Present | Self::Required => "delete the key to keep the chart's own value, or write an empty one",
            Self::Words(_) => "write one of these words",
            Self::Schema(types) => match types.names().next() {
                Some("string") => "put the value in quotes; a longer text stands below `|`",
                Some("integer" | "number") => "write the digits without quotes",
                Some("boolean") => "write true or false, without quotes",
                Some("array") => "write - and a blank before each item",
                Some("object") => "write key: value, each on a line of its own below it",
                _ => "write a value of that type",
            },
        }
    }
}

impl fmt::Display for Wanted {
    /// In words that follow the key.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(Kind::Any) => out.write_str("takes anything"),
            Self::Kind(Kind::Bool) => out.write_str("wants true or false, without quotes"),
            Self::Kind(Kind::Text) => out.write_str("wants a text or a number"),
            Self::Scalar => out.write_str("wants a single value, no list and no mapping"),
            Self::Kind(Kind::List) => out.write_str("wants a list"),
            Self::ListOrText => out.write_str("wants a list or one text"),
            Self::Kind(Kind::Map) => out.write_str("wants keys below it"),
            Self::Kind(Kind::Free) => out.write_str("wants a mapping"),
            Self::Kind(Kind::Dead(_)) => out.write_str("has no effect"),
            Self::Numeric => out.write_str("wants a number"),
            Self::Present => out.write_str("is null, and the chart's templates fail without a value there"),
            Self::Words(words) => write!(out, "is none of {}", words.replace('|', ", ")),
            Self::Required => out.write_str("is missing or null, and the chart's schema requires it"),
            Self::Schema(types) => {
                let names: Vec<&str> = types.names().map(in_words).collect();
                write!(out, "wants {}: the chart's schema refuses other types", names.join(" or "))
            }
        }
    }
}

fn in_words(json: &str) -> &str {
    match json {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a mapping",
        other => other,
    }
}

impl JsonTypes {
    fn names(self) -> impl Iterator<Item = &'static str> {
        self.0.split('|')
    }

    fn hold(self, value: &Value) -> bool {
        let is_whole = |value: &Value| value.as_f64().is_some_and(|number| number.fract() == 0.0);
        self.names().any(|name| match name {
            "string" => value.is_string(),
            "integer" => is_whole(value),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            _ => true,
        })
    }
}

impl Accepts {
    fn of(word: &'static str) -> Self {
        match word {
            "any" => Self::Any,
            "numeric" => Self::Numeric,
            "scalar" => Self::Scalar,
            "list-or-text" => Self::ListOrText,
            other => other.strip_prefix('=').map_or(Self::Schema(JsonTypes(other)), Self::Words),
        }
    }

    /// What is wanted in the place of `value`, which is not null or is an item of a list; `None` when it fits.
    fn refused(self, value: &Value) -> Option<Wanted> {
        let is_unknown = value.as_str().is_some_and(|text| ["{{", "${", "$("].iter().any(|mark| text.contains(mark)));
        let is_wrong = match self {
            Self::Any => false,
            _ if is_unknown => matches!(self, Self::Schema(types) if !types.names().any(may_be_filled_in)),
            Self::Scalar => value.is_array() || value.is_object(),
            Self::ListOrText => !value.is_array() && !value.is_string(),
            Self::Numeric => match value {
                Value::Number(_) => false,
                Value::String(text) => !text.is_empty() && text.trim().parse::<f64>().is_err(),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => true,
            },
            Self::Schema(types) => !types.hold(value),
            Self::Words(words) => !value.as_str().is_some_and(|text| words.split('|').any(|word| word == text)),
        };
        is_wrong.then_some(match self {
            Self::Any | Self::Scalar => Wanted::Scalar,
            Self::Numeric => Wanted::Numeric,
            Self::ListOrText => Wanted::ListOrText,
            Self::Schema(types) => Wanted::Schema(types),
            Self::Words(words) => Wanted::Words(words),
        })
    }

    fn is_by_schema(self) -> bool {
        matches!(self, Self::Schema(_) | Self::Words(_))
    }
}

/// Whether a text that others fill in before Helm sees it may become a value of this type: single values may.
fn may_be_filled_in(json: &str) -> bool {
    !matches!(json, "array" | "object")
}

impl Types {
    /// The types in `text`: one key a line, a space deeper than the key that holds it, behind it what it accepts and in
    /// which versions.
    pub(super) fn read(text: &'static str) -> Self {
        let mut types = Self::default();
        let mut path: Vec<&'static str> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.trim_start_matches(' ');
            path.truncate(line.len() - name.len());
            let mut words = name.split(' ');
            let Some(name) = words.next() else { continue };
            path.push(name);
            let node = path.iter().fold(&mut types.0, |node, name| node.below.entry(name).or_default());
            let mut accepted = (Accepts::Any, false);
            for word in words {
                if let Some((first, last)) = word.split_once("..") {
                    let span = Span { first: first.parse().ok(), last: last.parse().ok() };
                    node.rows.push(Row { accepts: accepted.0, is_required: accepted.1, span });
                } else {
                    let (word, is_required) = word.strip_suffix('!').map_or((word, false), |word| (word, true));
                    accepted = (Accepts::of(word), is_required);
                }
            }
        }
        types
    }

    /// Whether more is known of the key at `path` than its default tells.
    pub(super) fn judges(&self, version: Version, path: &[String]) -> bool {
        let node = path.iter().try_fold(&self.0, |node, name| node.below.get(name.as_str()));
        node.and_then(|node| node.row(version)).is_some_and(|row| row.accepts != Accepts::Any)
    }

    /// Whether the key at `path` holds a single text: what else stands there becomes one.
    pub(super) fn is_text(&self, version: Version, path: &[String]) -> Option<bool> {
        let below = |node: &'static str, name: &str| if name.bytes().all(|b| b.is_ascii_digit()) { node } else { "" };
        let node = path.iter().try_fold(&self.0, |node, name| {
            node.below.get(name.as_str()).or_else(|| node.below.get(below("[]", name)))
        })?;
        match node.row(version)?.accepts {
            Accepts::Any | Accepts::ListOrText => None,
            Accepts::Scalar | Accepts::Words(_) => Some(true),
            Accepts::Numeric => Some(false),
            Accepts::Schema(types) => Some(types.names().all(|name| name == "string")),
        }
    }

    /// The values that are of another type than their keys accept, each by its path: the outermost of each.
    pub(super) fn wrong(&self, version: Version, values: &Map<String, Value>) -> Vec<(Vec<String>, Wanted)> {
        let mut walk = Walk { version, found: Vec::new() };
        walk.keys(&self.0, values, &mut Vec::new());
        walk.found
    }
}

impl Node {
    fn row(&self, version: Version) -> Option<&Row> {
        self.rows.iter().find(|row| row.span.holds(version))
    }
}

struct Walk {
    version: Version,
    found: Vec<(Vec<String>, Wanted)>,
}

impl Walk {
    fn keys(&mut self, node: &Node, values: &Map<String, Value>, path: &mut Vec<String>) {
        for (name, value) in values {
            let Some(below) = node.below.get(name.as_str()).or_else(|| node.below.get("*")) else { continue };
            path.push(name.clone());
            match (below.row(self.version), value) {
                // Null takes the chart's own value away, and what is not there is of no type.
                (Some(row), Value::Null) if row.is_required => {
                    let wanted = if row.accepts.is_by_schema() { Wanted::Required } else { Wanted::Present };
                    self.found.push((path.clone(), wanted));
                }
                (_, Value::Null) => {}
                (row, value) => self.value(below, row.copied(), value, path),
            }
            path.pop();
        }
    }

    fn value(&mut self, node: &Node, row: Option<Row>, value: &Value, path: &mut Vec<String>) {
        if let Some(wanted) = row.and_then(|row| row.accepts.refused(value)) {
            self.found.push((path.clone(), wanted));
            return;
        }
        match value {
            Value::Object(values) => self.keys(node, values, path),
            Value::Array(items) => {
                let Some(item) = node.below.get("[]") else { return };
                for (index, value) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.item(item, value, path);
                    path.pop();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// An item of a list: the chart has no other one whose keys it would keep.
    fn item(&mut self, node: &Node, value: &Value, path: &mut Vec<String>) {
        let before = self.found.len();
        self.value(node, node.row(self.version).copied(), value, path);
        let Value::Object(values) = value else { return };
        if self.found.len() > before {
            return;
        }
        let is_missing = |(name, below): &(&&str, &Node)| {
            let is_required = below.row(self.version).is_some_and(|row| row.is_required && row.accepts.is_by_schema());
            is_required && !values.contains_key(**name)
        };
        for (name, _) in node.below.iter().filter(is_missing).collect::<Vec<_>>() {
            let path = path.iter().cloned().chain([(*name).to_owned()]).collect();
            self.found.push((path, Wanted::Required));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    const TYPES: &str = "# a comment\n\
        count numeric ..2.0.0 integer! 2.1.0..\n\
        hosts array 2.1.0..\n []\x20object 2.1.0..\n  name string! 2.1.0..\n  paths array 2.1.0..\n   [] string 2.1.0..\n\
        labels object 2.1.0..\n * string 2.1.0..\n\
        mode =one|two 2.1.0..\n\
        name scalar ..2.0.0 string|null 2.1.0..\n\
        notes any! ..2.0.0\n";

    fn wrong(version: Version, values: &str) -> String {
        let values: Map<String, Value> = document::read("test", values).unwrap();
        let found = Types::read(TYPES).wrong(version, &values);
        found.iter().map(|(path, wanted)| format!("{} {wanted}\n", path.join("."))).collect()
    }

    #[test]
    fn a_schema_is_kept_to_the_letter() {
        for (values, told) in [
            ("{count: 2, name: null, mode: two, labels: {a: b}, hosts: [{name: a, paths: [b]}]}", ""),
            ("{count: 2.0, other: [1]}", ""),
            ("{count: '2'}", "count wants a whole number: the chart's schema refuses other types\n"),
            ("{count: 2.5}", "count wants a whole number: the chart's schema refuses other types\n"),
            ("{count: null}", "count is missing or null, and the chart's schema requires it\n"),
            ("{mode: three}", "mode is none of one, two\n"),
            ("{name: 1}", "name wants a text or null: the chart's schema refuses other types\n"),
            ("{labels: {a: 1}}", "labels.a wants a text: the chart's schema refuses other types\n"),
            ("{hosts: [{paths: []}]}", "hosts.0.name is missing or null, and the chart's schema requires it\n"),
            (
                "{hosts: [{name: a, paths: [b, {}]}, x]}",
                "hosts.0.paths.1 wants a text: the chart's schema refuses other types\nhosts.1 wants a mapping: the chart's schema refuses other types\n",
            ),
            ("{count: '${COUNT}', hosts: '{{ x }}'}", "hosts wants a list: the chart's schema refuses other types\n"),
        ] {
            assert_eq!(wrong(Version(2, 1, 0), values), told, "{values}");
        }
    }

    #[test]
    fn a_template_takes_what_it_can_print() {
        for (values, told) in [
            ("{count: 2, name: 1}", ""),
            ("{count: '2', name: true}", ""),
            ("{count: two}", "count wants a number\n"),
            ("{count: true}", "count wants a number\n"),
            ("{count: '{{ x }}'}", ""),
            ("{name: [a]}", "name wants a single value, no list and no mapping\n"),
            ("{mode: [a]}", ""),
            ("{notes: null}", "notes is null, and the chart's templates fail without a value there\n"),
        ] {
            assert_eq!(wrong(Version(1, 0, 0), values), told, "{values}");
        }
    }
}
