//! The keys of a values file that say what the settings say: compared one by one with a file that people edit too.

use serde_json::{Map, Value};

use super::dialect::{Component, Part};
use super::{Release, Values, at};
use crate::document;
use crate::model::codes;
use crate::model::finding::Code;

/// A key that is written from the settings, and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its path, joined by dots.
    pub path: String,
    /// Its value; a list is one, a mapping is not.
    pub value: Value,
    /// Whether its value is, or may hold, a secret.
    pub is_secret: bool,
    /// The finding that another value is.
    pub code: Code,
}

impl Release<'_> {
    /// The keys of `values` that come from the settings: all but the stores, and but what only says which images can be
    /// pulled, which others may know better.
    pub fn keys(&self, values: &Values) -> Vec<Key> {
        let mut keys = Vec::new();
        leaves("", values.tree(), &mut keys);
        let part = |path: &str| {
            let carried = |(key, _): &&(String, Part)| below(path, key);
            values.parts.iter().find(carried).map(|(_, part)| *part)
        };
        let is_given = |path: &str| at(&self.thanos.values, path).is_some();
        keys.retain(|(path, _)| match part(path) {
            Some(Part::Stores) => false,
            Some(Part::MovedImages | Part::Image(_) | Part::InsecureImages) => is_given(path),
            _ => true,
        });
        let key = |(path, value): (String, Value)| {
            let part = part(&path);
            let is_secret =
                part.is_some_and(is_secret) || self.chart.dialect.secrets.iter().any(|key| below(&path, key));
            Key { path, value, is_secret, code: part.map_or(codes::VALUE_DIFFERS, code) }
        };
        keys.into_iter().map(key).collect()
    }
}

fn below(path: &str, key: &str) -> bool {
    path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn leaves(lead: &str, tree: &Map<String, Value>, found: &mut Vec<(String, Value)>) {
    for (name, value) in tree {
        // A name with a dot cannot be told from a path.
        if name.contains('.') {
            continue;
        }
        let path = if lead.is_empty() { name.clone() } else { format!("{lead}.{name}") };
        match value {
            Value::Object(entries) => leaves(&path, entries, found),
            value => found.push((path, value.clone())),
        }
    }
}

/// Whether a secret stands, or may stand, behind the key of a part.
fn is_secret(part: Part) -> bool {
    matches!(part, Part::ObjstoreText | Part::RootUser | Part::RootPassword | Part::TlsText(_))
}

fn code(part: Part) -> Code {
    match part {
        Part::ObjstoreText
        | Part::ObjstoreCreated
        | Part::ObjstoreSecret
        | Part::ObjstoreSecretKey
        | Part::ObjstoreSecretItems => codes::OBJSTORE_DIFFERS,
        Part::ReplicaLabels | Part::OneReplicaLabel => codes::REPLICA_LABELS_DIFFER,
        Part::ServiceType(_) | Part::NodePort(_) => codes::SERVICE_DIFFERS,
        part if part.component() == Some(Component::Ruler) => codes::RULER_DIFFERS,
        part if part.component() == Some(Component::Minio) => codes::MINIO_DIFFERS,
        _ => codes::VALUE_DIFFERS,
    }
}

/// Whether two values mean the same to the chart: a number may be quoted, and a configuration that is a text may be
/// written in another way.
pub fn is_same(a: &Value, b: &Value) -> bool {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let configuration = |text: &str| document::read::<Map<String, Value>>("", text).ok();
    match (a, b) {
        _ if a == b => true,
        (Value::String(a), Value::String(b)) if a.contains(':') && b.contains(':') => {
            a.trim_end() == b.trim_end() || configuration(a).is_some_and(|a| configuration(b).as_ref() == Some(&a))
        }
        _ => scalar(a).is_some_and(|a| scalar(b) == Some(a)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_chart_reads_alike_is_the_same() {
        for (a, b, same) in [
            (json!("30902"), json!(30902), true),
            (json!(true), json!("true"), true),
            (json!("type: S3\nconfig: {bucket: a}\n"), json!("config:\n  bucket: a\ntype: \"S3\""), true),
            (json!("type: S3\n"), json!("type: GCS\n"), false),
            (json!(["a"]), json!(["a", "b"]), false),
            (json!(null), json!(""), false),
        ] {
            assert_eq!(is_same(&a, &b), same, "{a} {b}");
        }
    }
}
