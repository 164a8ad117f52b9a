//! Our reader of YAML beside what Go's three make of the same documents (`fixtures/yaml`).

use serde_json::{Map, Value, json};
use thanosctl::languages::yaml::scalar::{Resolved, Scalar};
use thanosctl::languages::yaml::{Document, Id, Kind};

/// Where our reader and Go's differ on a document; `go` is a line of `tests/rig/yaml`.
pub(crate) fn differences(text: &str, go: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let ours = Document::read(text);
    let value = |document: &Document| document.root().map_or(Ok(Value::Null), |root| document.value(root));
    let duplicates = ours.as_ref().map(|document| document.duplicates().len());
    let verdicts = [
        ("v2", ours.as_ref().map(|document| document.root().map_or(Value::Null, |root| plain(document, root))).ok()),
        ("sigs", ours.as_ref().ok().and_then(|document| value(document).ok())),
        ("strict", duplicates.is_ok_and(|count| count == 0).then_some(Value::Null)),
    ];
    for (reader, ours) in verdicts {
        let theirs = go[reader].get("error").is_none().then(|| &go[reader]["value"]);
        match (&ours, theirs) {
            (Some(_), None) => found.push(format!("{reader} alone refuses {text:?}: {}", go[reader]["error"])),
            (None, Some(_)) => found.push(format!("{reader} alone takes {text:?}")),
            (Some(ours), Some(theirs)) if reader != "strict" && !is_same(ours, theirs) => {
                found.push(format!("{reader} reads {text:?} as {theirs}, and not as {ours}"));
            }
            _ => {}
        }
    }
    found
}

/// A document as `tests/rig/yaml` writes it for yaml.v2: keys with their types.
fn plain(document: &Document, id: Id) -> Value {
    match document.kind(id) {
        Kind::List { items, .. } => items.iter().map(|item| plain(document, *item)).collect(),
        Kind::Mapping { .. } => {
            let mut map = Map::new();
            for entry in document.entries(id).unwrap() {
                let key = document.scalar(entry.key).unwrap();
                let kind = match &key.resolved {
                    Resolved::Null => "<nil>",
                    Resolved::Bool(_) => "bool",
                    Resolved::Integer(number) if i64::try_from(*number).is_err() => "uint64",
                    Resolved::Integer(_) => "int",
                    Resolved::Float(_) => "float64",
                    Resolved::Merge | Resolved::Text(_) => "string",
                };
                let text = match &key.resolved {
                    Resolved::Null => "<nil>".to_owned(),
                    Resolved::Float(number) if !number.is_finite() => infinite(*number),
                    _ => key.rewritten(),
                };
                map.insert(format!("{kind} {text}"), plain(document, entry.value));
            }
            Value::Object(map)
        }
        Kind::Scalar(..) | Kind::Alias(_) => single(&document.scalar(id).unwrap()),
    }
}

fn infinite(number: f64) -> String {
    let name = if number.is_nan() { "NaN" } else { ["-Inf", "+Inf"][usize::from(number > 0.0)] };
    name.to_owned()
}

fn single(scalar: &Scalar) -> Value {
    match &scalar.resolved {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => json!(value),
        Resolved::Integer(number) => json!(*number as f64),
        Resolved::Float(number) if !number.is_finite() => json!(infinite(*number)),
        Resolved::Float(number) => json!(number),
        Resolved::Merge => json!(scalar.text),
        Resolved::Text(text) => json!(text),
    }
}

/// Whether two values are the same, but for the last digits of a number, and bytes of `!!binary` that are no UTF-8.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= a.abs() * 1e-15
        }
        (Value::String(a), Value::String(b)) => a.replace('\u{fffd}', "") == b.replace('\u{fffd}', ""),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

#[test]
fn our_reader_takes_refuses_and_understands_what_those_of_go_do() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/yaml/documents.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let mut found = Vec::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        found.extend(differences(case["yaml"].as_str().unwrap(), &case));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
