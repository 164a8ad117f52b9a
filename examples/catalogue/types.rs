//! The types of the keys of all versions: by the schema that a version ships, else by how its templates use a key whose
//! default tells too little.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use thanosctl::chart::version::Version;

use super::history::{Chart, Subcharts};
use super::keys::{free as free_names, tree};

/// What each key of a version accepts, as a word of the file.
type Rows = BTreeMap<Vec<String>, String>;

/// Keys with a number by default that take a share (`50%`) or a name as well.
const NOT_ONLY_NUMBERS: [&str; 6] =
    ["minAvailable", "maxUnavailable", "maxSurge", "targetPort", "containerPort", "partition"];

/// Keys that are printed by a library that many charts share, where no template of the chart's own names them.
const PRINTED_BY_LIBRARIES: [&str; 9] = [
    "digest",
    "fullnameOverride",
    "kubeVersion",
    "nameOverride",
    "namespaceOverride",
    "registry",
    "repository",
    "storageClass",
    "tag",
];

/// The types of `chart`, as a file.
///
/// # Errors
/// When git fails, or a version's files are not what they should be.
pub(crate) fn file(chart: &str, source: &Chart<'_>, subcharts: &Subcharts<'_>, free: &str) -> Result<String, String> {
    let free = free_names(free);
    let versions = source.versions()?;
    let mut known: BTreeMap<(String, String), Rows> = BTreeMap::new();
    let mut history: BTreeMap<Vec<String>, Vec<(usize, String)>> = BTreeMap::new();
    for (at, version) in versions.iter().enumerate() {
        let number = version.to_string();
        let mut rows = of_version(source, &number, &free)?;
        for (name, locked) in source.locked(&number) {
            let Some((_, subchart)) = subcharts.iter().find(|(known, _)| *known == name) else { continue };
            let id = (name.clone(), locked.clone());
            if !known.contains_key(&id) {
                known.insert(id.clone(), of_version(subchart, &subchart.nearest(&locked)?, &free)?);
            }
            for (path, word) in known[&id].iter().filter(|(path, _)| path[0] != "global") {
                // What the chart sets of its sub-chart is said better there.
                rows.entry([vec![name.clone()], path.clone()].concat()).or_insert_with(|| word.clone());
            }
        }
        for (path, word) in rows {
            history.entry(path).or_default().push((at, word));
        }
    }
    Ok(written(chart, &history, &versions))
}

fn of_version(chart: &Chart<'_>, number: &str, free: &BTreeSet<&str>) -> Result<Rows, String> {
    let mut rows = Rows::new();
    if let Some(schema) = chart.file(number, "values.schema.json") {
        let schema: Value = serde_json::from_str(&schema).map_err(|error| format!("{number}: {error}"))?;
        by_schema(&schema, false, &mut Vec::new(), &mut rows);
        return Ok(rows);
    }
    let values =
        tree(&chart.file(number, "values.yaml").unwrap_or_default()).map_err(|error| format!("{number}: {error}"))?;
    let uses = Uses::of(&chart.template_lines(number)?);
    by_use(&values, &uses, free, &mut Vec::new(), &mut rows);
    Ok(rows)
}

/// What a schema says of a key and of what stands below it.
fn by_schema(schema: &Value, is_required: bool, path: &mut Vec<String>, rows: &mut Rows) {
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|key| schema[*key].as_array());
    if let (Some(alternatives), true) = (alternatives, schema["type"].is_null()) {
        match alternatives.as_slice() {
            [only] => return by_schema(only, is_required, path, rows),
            several => {
                let mut types: Vec<String> = several.iter().flat_map(types).collect();
                types.dedup();
                // Of one that is not told by its type, anything may be meant.
                if several.iter().all(|schema| !types_of(schema).is_empty()) {
                    row(path, &types.join("|"), is_required, rows);
                }
                return;
            }
        }
    }
    let words = schema["enum"].as_array().map(|words| words.iter().filter_map(Value::as_str).collect::<Vec<_>>());
    match words {
        Some(words) => row(path, &format!("={}", words.join("|")), is_required, rows),
        None => row(path, &types(schema).join("|"), is_required, rows),
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        path.push(name.clone());
        by_schema(below, required.contains(&name.as_str()), path, rows);
        path.pop();
    }
    for (name, key) in [("*", "additionalProperties"), ("[]", "items")] {
        if schema[key].is_object() {
            path.push(name.to_owned());
            by_schema(&schema[key], false, path, rows);
            path.pop();
        }
    }
}

fn types_of(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn types(schema: &Value) -> Vec<String> {
    types_of(schema).into_iter().map(str::to_owned).collect()
}

fn row(path: &[String], types: &str, is_required: bool, rows: &mut Rows) {
    if !path.is_empty() && !types.is_empty() {
        rows.insert(path.to_vec(), format!("{types}{}", if is_required { "!" } else { "" }));
    }
}

/// How templates use the keys that they name in full.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    /// Printed as a single value.
    printed: BTreeSet<String>,
    /// Asked whether they are a text.
    texts: BTreeSet<String>,
    /// Handed on, or looped over.
    handed: BTreeSet<String>,
    /// Keys without which a template fails: it hands them to a function that takes a mapping, or asks for a key of them
    /// before it asks for anything else.
    needed: BTreeSet<String>,
}

impl Uses {
    /// The uses in lines of templates.
    pub(crate) fn of(lines: &str) -> Self {
        let mut uses = Self::default();
        for line in lines.lines() {
            let line = line.replace("$query.", ".Values.query.").replace("$.Values.", ".Values.");
            for action in line.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()) {
                uses.action(action.trim_matches('-').trim());
            }
        }
        uses
    }

    fn action(&mut self, action: &str) {
        for (at, lead) in action.match_indices(".Values.") {
            let rest = &action[at + lead.len()..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))).unwrap_or(rest.len());
            let (path, behind) = (rest[..end].trim_end_matches('.'), rest[end..].trim());
            let before = action[..at].trim_end();
            let word = before.split_whitespace().next().unwrap_or_default();
            let is_asked = ["(empty", "(not", "(eq", "(ne"].iter().any(|asks| before.ends_with(asks));
            let is_condition = is_asked || matches!(word, "if" | "else") && !before.contains("include");
            if ["kindIs \"string\"", "typeIs \"string\""].iter().any(|asks| before.ends_with(asks)) {
                self.texts.insert(path.to_owned());
            }
            if prints(before, behind) {
                self.printed.insert(path.to_owned());
            } else if !is_condition {
                self.handed.insert(path.to_owned());
            }
            if let Some((above, "enabled")) = path.rsplit_once('.').filter(|_| before == "if") {
                self.needed.insert(above.to_owned());
            }
            if before.contains("certManagerRequest")
                && (before.ends_with("\"annotations\"") || before.ends_with("Request\""))
            {
                self.needed.insert(path.to_owned());
            }
        }
    }
}

/// Functions behind a pipe that take and give a single value.
const OF_TEXTS: [&str; 12] = [
    "quote",
    "squote",
    "int",
    "int64",
    "toString",
    "lower",
    "upper",
    "trunc",
    "trimSuffix",
    "b64enc",
    "default",
    "trim",
];

/// Whether a key that stands between `before` and `behind` in an action is printed as a single value.
fn prints(before: &str, behind: &str) -> bool {
    let pipes = behind.strip_prefix('|').into_iter().flat_map(|pipes| pipes.split('|'));
    let is_plain = (behind.is_empty() || behind.starts_with('|'))
        && pipes.into_iter().all(|pipe| pipe.split_whitespace().next().is_some_and(|word| OF_TEXTS.contains(&word)));
    let is_tpl = before.ends_with("(tpl") || before == "tpl";
    let call = before.rsplit('(').next().unwrap_or_default();
    let is_formatted = call.starts_with("printf \"") && call.ends_with('"');
    is_tpl || is_formatted || is_plain && matches!(before, "" | "quote" | "int" | "print")
}

/// What templates tell of the keys whose default tells too little.
fn by_use(values: &Value, uses: &Uses, free: &BTreeSet<&str>, path: &mut Vec<String>, rows: &mut Rows) {
    for (name, value) in values.as_object().into_iter().flatten() {
        path.push(name.clone());
        let key = path.join(".");
        let is_free = free.contains(name.as_str()) || free.contains(key.as_str());
        let is_single =
            uses.printed.contains(&key) && !uses.handed.contains(&key) || PRINTED_BY_LIBRARIES.contains(&name.as_str());
        let word = match value {
            Value::Number(_) if !NOT_ONLY_NUMBERS.contains(&name.as_str()) => "numeric",
            Value::String(text) if text.is_empty() && is_single => "scalar",
            Value::Null if is_single => "scalar",
            Value::Array(_) if uses.texts.contains(&key) => "list-or-text",
            // That a mapping with keys of its own is needed, the catalogue knows.
            Value::Object(below) if uses.needed.contains(&key) && (is_free || below.is_empty()) => "any!",
            _ => "",
        };
        row(path, word.trim_end_matches('!'), word.ends_with('!'), rows);
        if !is_free {
            by_use(value, uses, free, path, rows);
        }
        path.pop();
    }
}

/// A key: what it accepts in which versions, by their numbers.
#[derive(Default)]
struct Node {
    rows: Vec<(usize, String)>,
    below: BTreeMap<String, Node>,
}

fn written(chart: &str, history: &BTreeMap<Vec<String>, Vec<(usize, String)>>, versions: &[Version]) -> String {
    let mut text = format!(
        "# What the keys of chart {chart} accept, where that is more than their defaults tell. Made by `cargo run --example\n\
         # catalogue -- types`; CONTRIBUTING.md says how to make it anew. One key a line, a space deeper than the key that\n\
         # holds it (`[]`: each item of a list, `*`: each key without a line of its own):\n\
         #   NAME [TYPE[!] FIRST..LAST...]...\n\
         # TYPE: types of JSON joined by `|`, or `=` and words joined by `|`, as the schema of these versions has it; numeric (a\n\
         # number, or a text of one) and scalar (no list, no mapping), or list-or-text, as their templates use it; any. `!`: it may not be null.\n"
    );
    let mut root = Node::default();
    for (path, rows) in history {
        let node = path.iter().fold(&mut root, |node, name| node.below.entry(name.clone()).or_default());
        node.rows.clone_from(rows);
    }
    write(&root, 0, versions, &mut text);
    text
}

fn write(node: &Node, depth: usize, versions: &[Version], text: &mut String) {
    for (name, key) in &node.below {
        let _ = write!(text, "{:depth$}{name}", "");
        let mut before = None;
        for (word, (first, last)) in super::write::runs(key.rows.clone()) {
            if before.as_ref() != Some(&word) {
                let _ = write!(text, " {word}");
            }
            let end = |at: usize, edge: usize| if at == edge { String::new() } else { versions[at].to_string() };
            let _ = write!(text, " {}..{}", end(first, 0), end(last, versions.len() - 1));
            before = Some(word);
        }
        text.push('\n');
        write(key, depth + 1, versions, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_becomes_rows() {
        let schema = serde_json::json!({
            "required": ["a"],
            "properties": {
                "a": {"type": "integer"},
                "b": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
                "c": {"type": "array", "items": {"anyOf": [{"type": "object", "required": ["d"], "properties": {"d": {"type": "string"}}}]}},
                "e": {"type": "object", "additionalProperties": {"type": "string"}},
                "f": {"enum": ["x", "y"]},
                "g": {"type": ["string", "null"], "items": {}},
                "h": {"anyOf": [{"type": "string"}, {"required": ["z"]}]},
            },
        });
        let mut rows = Rows::new();
        by_schema(&schema, false, &mut Vec::new(), &mut rows);
        let rows: Vec<String> = rows.iter().map(|(path, word)| format!("{} {word}", path.join("."))).collect();
        assert_eq!(
            rows,
            [
                "a integer!",
                "b integer|string",
                "c array",
                "c.[] object",
                "c.[].d string!",
                "e object",
                "e.* string",
                "f =x|y",
                "g string|null"
            ]
        );
    }

    #[test]
    fn how_a_template_uses_a_key_tells_what_it_takes() {
        let lines = "replicas: {{ .Values.query.replicaCount }}\n\
            buckets: {{ .Values.buckets | quote }}\n\
            skip: {{ ternary \"yes\" \"no\" (empty .Values.buckets) | quote }}\n\
            {{- if .Values.query.config }}\n\
            {{- include \"tplvalue\" (dict \"value\" .Values.query.config \"context\" $) }}\n\
            name: {{ printf \"%s\" (tpl .Values.secret $) }}\n\
            {{- if $query.podSecurityContext.enabled }}\n\
            {{- if or .Values.tls (include \"certManagerRequest\" ( dict \"annotations\" .Values.annotations )) }}\n\
            class: {{ .Values.class }}\n  {{- toYaml .Values.class | nindent 2 }}\n\
            {{- if kindIs \"string\" .Values.label }}\nlabel: {{ .Values.label }}\n{{- range .Values.label }}\n";
        let values = serde_json::json!({
            "query": {"replicaCount": 1, "config": "", "podSecurityContext": {"enabled": true}, "pdb": {"minAvailable": 1}},
            "buckets": "", "secret": "", "annotations": {}, "class": "", "label": ["a"], "unused": "", "set": "x",
        });
        let mut rows = Rows::new();
        by_use(&values, &Uses::of(lines), &BTreeSet::from(["podSecurityContext"]), &mut Vec::new(), &mut rows);
        let rows: Vec<String> = rows.iter().map(|(path, word)| format!("{} {word}", path.join("."))).collect();
        assert_eq!(
            rows,
            [
                "annotations any!",
                "buckets scalar",
                "label list-or-text",
                "query.podSecurityContext any!",
                "query.replicaCount numeric",
                "secret scalar"
            ]
        );
    }
}
