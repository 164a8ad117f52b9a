//! The keys of a values file that say what the settings say: compared one by one with a file that people edit too.

use serde_json::{Map, Value};

use super::edit::View;
use super::part::{Component, Part};
use super::release::is_named;
use super::{Release, Values, at};
use crate::document;
use crate::findings::codes;
use crate::findings::finding::Code;
use crate::secret::{is_held_by, is_unread};

/// A key that is written from the settings, and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its path, joined by dots; a dot behind a `\\` belongs to a name.
    pub path: String,
    /// Its value; a list is one, a mapping is not.
    pub value: Value,
    /// Whether its value is, or may hold, a secret.
    pub is_secret: bool,
    /// Whether the settings ask for it, so that a file that lacks it is not as they have it.
    pub is_asked: bool,
    /// The finding that another value is.
    pub code: Code,
}

/// A key in which a file is not as the settings have it.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'k> {
    /// The key.
    pub key: &'k Key,
    /// Whether the file lacks it, and does not only say something else.
    pub is_absent: bool,
}

/// The keys in which `view` is not as the settings have it. One that the file lacks is one of them if the settings ask for
/// it: which values a chart has by itself is not known, so none is taken for the same.
pub fn differences<'k>(keys: &'k [Key], view: &View<'_>) -> Vec<Difference<'k>> {
    let difference = |key: &'k Key| match view.value(&key.path) {
        Some(value) => (!is_same(value, &key.value)).then_some(Difference { key, is_absent: false }),
        None => key.is_asked.then_some(Difference { key, is_absent: true }),
    };
    keys.iter().filter_map(difference).collect()
}

/// What of the defaults the settings say themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaLabels {
    /// They name the labels.
    Said,
    /// They leave them to the default.
    Default,
}

impl Release<'_> {
    /// The keys of `values` that come from the settings: all but the stores, and but what only says where the chart's own
    /// images can be pulled, which others may know better.
    pub fn keys(&self, values: &Values, labels: ReplicaLabels) -> Vec<Key> {
        let mut keys = Vec::new();
        leaves("", values.tree(), &mut keys);
        let part = |path: &str| {
            let carried = |(key, _): &&(String, Part)| below(path, key);
            values.parts.iter().find(carried).map(|(_, part)| *part)
        };
        let is_given = |path: &str| at(&self.thanos.values, path).is_some();
        keys.retain(|(path, _)| match part(path) {
            Some(Part::Stores) => false,
            Some(part @ (Part::MovedImages | Part::Image(_) | Part::InsecureImages)) => {
                is_given(path) || self.says_image(part, path)
            }
            _ => true,
        });
        let key = |(path, value): (String, Value)| {
            let part = part(&path);
            let is_secret = part.is_some_and(is_secret)
                || self.chart.dialect.secrets.iter().any(|key| below(&path, key))
                || path.split('.').any(is_held_by);
            let is_asked = is_given(&path) || part.is_none_or(|part| self.asks(part, labels));
            Key { path, value, is_secret, is_asked, code: part.map_or(codes::VALUE_DIFFERS, code) }
        };
        keys.into_iter().map(key).collect()
    }

    /// Whether the settings name this part of the image.
    fn says_image(&self, part: Part, path: &str) -> bool {
        let Some(image) = &self.thanos.image else { return false };
        match (part, path) {
            (Part::MovedImages, "image.registry") => image.registry.is_some(),
            (Part::MovedImages, "image.repository") => image.repository.is_some(),
            (Part::MovedImages, "image.tag") => image.tag.is_some(),
            (Part::MovedImages, _) => false,
            // They are written for it alone, or would refuse it.
            _ => true,
        }
    }

    /// Whether the settings ask for a part that is written, and it is not what thanosctl would write for everybody.
    fn asks(&self, part: Part, labels: ReplicaLabels) -> bool {
        match part {
            Part::ReplicaLabels | Part::OneReplicaLabel => labels == ReplicaLabels::Said,
            Part::Enabled(component) => is_named(self.thanos, component),
            _ => true,
        }
    }
}

/// Whether `path` is `key` or stands below it.
fn below(path: &str, key: &str) -> bool {
    path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn leaves(lead: &str, tree: &Map<String, Value>, found: &mut Vec<(String, Value)>) {
    for (name, value) in tree {
        let name = name.replace('\\', "\\\\").replace('.', "\\.");
        let path = if lead.is_empty() { name } else { format!("{lead}.{name}") };
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

/// Whether `a` is `b`, where a secret in `b` that nobody has read may be any text: what is not known is not judged.
fn fits(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(_) | Value::Number(_), Value::String(b)) if is_unread(b) => true,
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| fits(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| fits(a, b)),
        _ => a == b,
    }
}

/// Whether two values mean the same to the chart, the second as the settings have it: a number may be quoted, and a
/// configuration that is a text may be written in another way.
pub fn is_same(a: &Value, b: &Value) -> bool {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let configuration = |text: &str| document::read::<Map<String, Value>>("", text).ok();
    match (a, b) {
        _ if fits(a, b) => true,
        (Value::String(a), Value::String(b)) if a.contains(':') && b.contains(':') => {
            let trees = || Some((Value::Object(configuration(a)?), Value::Object(configuration(b)?)));
            a.trim_end() == b.trim_end() || trees().is_some_and(|(a, b)| fits(&a, &b))
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
            (json!("hunter2"), json!("$(SECRET)"), true),
            (json!("a: {k: hunter2, b: 1}"), json!("a: {b: 1, k: $(SECRET)}"), true),
            (json!("a: {k: hunter2, b: 2}"), json!("a: {b: 1, k: $(SECRET)}"), false),
            (json!("a: {k: {x: y}, b: 1}"), json!("a: {b: 1, k: $(SECRET)}"), false),
        ] {
            assert_eq!(is_same(&a, &b), same, "{a} {b}");
        }
    }
}
