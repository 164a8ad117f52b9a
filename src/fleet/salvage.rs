//! What can be read of a Kubernetes object that holds something unexpected.
//!
//! A newer API server, an aggregated one or a fake may write a value that no version had when this was written. One such
//! object must not make a cluster unreadable: what is odd is cut out and named, and the rest is read.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::text::clean;

/// The fields that were cut out, by their paths, with what stood there: `spec.type` and `Fancy`.
pub type Odd = BTreeMap<String, String>;

/// An object of a list, which is read even if it is odd.
pub trait Item: DeserializeOwned + Send + 'static {
    /// Reads an object of a list in which some are odd. `Ok(None)` when it is odd and cannot matter.
    ///
    /// # Errors
    /// When it may matter and cannot be read, in words.
    fn read(object: Value) -> Result<Option<Self>, String> {
        serde_json::from_value(object.clone()).map_or_else(|_| Self::salvage(object), |item| Ok(Some(item)))
    }

    /// What can be read of an object that cannot be read as it is. `Ok(None)` when it cannot matter.
    ///
    /// # Errors
    /// When it may matter and cannot be read, in words.
    fn salvage(object: Value) -> Result<Option<Self>, String>;
}

/// Any JSON is read as it is.
impl Item for Value {
    fn salvage(object: Value) -> Result<Option<Self>, String> {
        Ok(Some(object))
    }
}

/// `object` without what keeps it from being a `T`, and what was cut out. `None` when nothing is left.
pub fn salvage<T: DeserializeOwned>(object: Value) -> Option<(T, Odd)> {
    let mut odd = Odd::new();
    let rest = pruned::<T>(object, &|value| value, "", &mut odd)?;
    Some((serde_json::from_value(rest).ok()?, odd))
}

/// `value`, which stands at `path` in what `within` puts around it, without what cannot be read.
fn pruned<T: DeserializeOwned>(
    value: Value,
    within: &dyn Fn(Value) -> Value,
    path: &str,
    odd: &mut Odd,
) -> Option<Value> {
    let reads = |value: &Value| serde_json::from_value::<T>(within(value.clone())).is_ok();
    if reads(&value) {
        return Some(value);
    }
    let mut found = Odd::new();
    let rest = match &value {
        Value::Object(entries) => Value::Object(pruned_entries::<T>(entries, within, path, &mut found)),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .enumerate()
                .filter_map(|(at, item)| {
                    let alone = |item| within(Value::Array(vec![item]));
                    pruned::<T>(item.clone(), &alone, &format!("{path}[{at}]"), &mut found)
                })
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Value::Null,
    };
    if (rest.is_object() || rest.is_array()) && reads(&rest) {
        odd.append(&mut found);
        return Some(rest);
    }
    odd.insert(path.to_owned(), shown(&value));
    None
}

fn pruned_entries<T: DeserializeOwned>(
    entries: &Map<String, Value>,
    within: &dyn Fn(Value) -> Value,
    path: &str,
    odd: &mut Odd,
) -> Map<String, Value> {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let without = |key: &str| {
        let mut rest = entries.clone();
        rest.shift_remove(key);
        rest
    };
    // One odd entry among others that it may need beside it, such as a port with an odd `targetPort`. Maps of any size,
    // such as labels, have entries that need none: to try each of them without the others would take forever.
    let alone = entries
        .keys()
        .filter(|_| entries.len() <= FIELDS)
        .find(|key| serde_json::from_value::<T>(within(Value::Object(without(key)))).is_ok());
    if let Some(key) = alone {
        let others = without(key);
        let mut rest = others.clone();
        // What it stands beside is copied for each try; what it is itself may be large and is not.
        let beside = |value| {
            let mut entries = others.clone();
            entries.insert(key.clone(), value);
            within(Value::Object(entries))
        };
        rest.extend(pruned::<T>(entries[key].clone(), &beside, &below(key), odd).map(|value| (key.clone(), value)));
        return rest;
    }
    let kept = entries.iter().filter_map(|(key, value)| {
        let alone = |value| within(Value::Object([(key.clone(), value)].into_iter().collect()));
        Some((key.clone(), pruned::<T>(value.clone(), &alone, &below(key), odd)?))
    });
    kept.collect()
}

/// No struct of Kubernetes that is read here has more fields.
const FIELDS: usize = 64;

/// So much of an odd value is shown.
const SHOWN: usize = 60;

fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut shown: String = clean(&text).chars().take(SHOWN).collect();
    if shown.len() < text.len() && text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Thing {
        kind: Kind,
        names: Vec<String>,
        ports: Vec<Port>,
        labels: BTreeMap<String, String>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    enum Kind {
        #[default]
        Plain,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Port {
        number: u16,
        target: Option<u16>,
        name: Option<String>,
    }

    fn read(object: Value) -> (Thing, Vec<(String, String)>) {
        let (thing, odd) = salvage(object).unwrap();
        (thing, odd.into_iter().collect())
    }

    #[test]
    fn what_is_odd_is_cut_out_and_named_and_the_rest_is_read() {
        let (thing, odd) =
            read(json!({"kind": "Fancy", "names": ["a", 7, "b"], "labels": {"x": {}, "y": "z"}, "more": 1,
            "ports": [{"number": 1, "target": 70000}, {"number": "2"}, {"number": 3, "target": "x", "name": 4}]}));
        assert_eq!(thing.names, ["a", "b"]);
        assert_eq!(thing.ports.iter().map(|port| port.number).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(thing.labels.len(), 1);
        let odd: Vec<(&str, &str)> = odd.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        let expected = [
            ("kind", "Fancy"),
            ("labels.x", "{}"),
            ("names[1]", "7"),
            ("ports[0].target", "70000"),
            ("ports[1]", "{\"number\":\"2\"}"),
            ("ports[2].name", "4"),
            ("ports[2].target", "x"),
        ];
        assert_eq!(odd, expected);
    }

    #[test]
    fn what_is_as_it_should_be_stays_as_it_is() {
        assert_eq!(read(json!({"names": ["a"]})), (Thing { names: vec!["a".into()], ..Thing::default() }, vec![]));
        assert!(salvage::<Thing>(json!("text")).is_none());
        let (_, odd) = read(json!({"kind": "x".repeat(100)}));
        assert_eq!(odd[0].1, "x".repeat(60) + "…");
    }
}
