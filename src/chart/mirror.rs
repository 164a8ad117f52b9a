//! The keys of a values file that say what the settings say: compared one by one with a file that people edit too.

use serde_json::{Map, Value};

use super::stores::PATH;
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
        let dialect = self.chart.dialect;
        let is_image = |path: &str| {
            path.starts_with("global.security.")
                || dialect.moved_images.iter().any(|image| path.starts_with(&format!("{}.", image.path)))
        };
        let is_given = |path: &str| at(&self.thanos.values, path).is_some();
        keys.retain(|(path, _)| path != PATH && (!is_image(path) || is_given(path)));
        let key = |(path, value): (String, Value)| {
            let is_secret = path == "objstoreConfig" || dialect.secrets.iter().any(|secret| below(&path, secret));
            let code = code(&path);
            Key { path, value, is_secret, code }
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

fn code(path: &str) -> Code {
    let begins = |lead: &str| path.starts_with(lead);
    if path == "objstoreConfig" || begins("existingObjstoreSecret") {
        codes::OBJSTORE_DIFFERS
    } else if path == "query.replicaLabel" {
        codes::REPLICA_LABELS_DIFFER
    } else if begins("query.service") {
        codes::SERVICE_DIFFERS
    } else if begins("ruler.") {
        codes::RULER_DIFFERS
    } else if begins("minio.") {
        codes::MINIO_DIFFERS
    } else {
        codes::VALUE_DIFFERS
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
