//! How the keys of two values differ. Only paths are told: values may be secrets.

use serde_json::{Map, Value};

/// Where two values differ, each place by its path: the topmost key that only one of them has, or the value that is
/// another.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KeyChanges {
    /// Keys that only the new values have.
    pub added: Vec<String>,
    /// Keys that only the old values have.
    pub removed: Vec<String>,
    /// Keys whose value is another.
    pub changed: Vec<String>,
}

impl KeyChanges {
    /// What `new` changes in `old`.
    pub fn between(old: &Map<String, Value>, new: &Map<String, Value>) -> Self {
        let mut changes = Self::default();
        changes.compare("", old, new);
        changes
    }

    fn compare(&mut self, lead: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let path = |name: &str| if lead.is_empty() { name.to_owned() } else { format!("{lead}.{name}") };
        for (name, value) in old {
            match (value, new.get(name)) {
                (_, None) => self.removed.push(path(name)),
                (Value::Object(old), Some(Value::Object(new))) => self.compare(&path(name), old, new),
                (old, Some(new)) if old == new => {}
                (_, Some(_)) => self.changed.push(path(name)),
            }
        }
        self.added.extend(new.keys().filter(|name| !old.contains_key(*name)).map(|name| path(name)));
    }
}

/// What `values` have besides `known`: keys that it lacks, and those to which it gives another value.
pub(super) fn besides(values: &Map<String, Value>, known: &Map<String, Value>) -> Map<String, Value> {
    let own = |(name, value): (&String, &Value)| match (value, known.get(name)) {
        (Value::Object(values), Some(Value::Object(known))) => {
            let own = besides(values, known);
            (!own.is_empty()).then(|| (name.clone(), Value::Object(own)))
        }
        (value, Some(known)) if value == known => None,
        (value, _) => Some((name.clone(), value.clone())),
    };
    values.iter().filter_map(own).collect()
}

/// Takes the value at `path` out of `values`, and the mappings that are empty without it.
pub(super) fn without(values: &mut Map<String, Value>, path: &str) {
    match path.split_once('.') {
        None => drop(values.shift_remove(path)),
        Some((name, rest)) => {
            if let Some(Value::Object(below)) = values.get_mut(name) {
                without(below, rest);
                if below.is_empty() {
                    values.shift_remove(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_difference_is_told_where_it_begins() {
        let old = map(json!({"a": {"b": 1, "c": {"d": 1}}, "gone": {"x": {"y": 1}}, "same": [1]}));
        let new = map(json!({"a": {"b": 2, "c": {"e": 1}}, "new": {"x": 1}, "same": [1]}));
        let changes = KeyChanges::between(&old, &new);
        assert_eq!(changes.removed, ["a.c.d", "gone"]);
        assert_eq!(changes.added, ["a.c.e", "new"]);
        assert_eq!(changes.changed, ["a.b"]);
        assert_eq!(KeyChanges::between(&old, &old), KeyChanges::default());
    }

    #[test]
    fn what_is_not_known_is_what_stands_there_besides() {
        let values = map(json!({"query": {"a": 1, "b": 2, "list": [1]}, "ruler": {"on": true}, "same": {"x": 1}}));
        let known = map(json!({"query": {"a": 1, "b": 3, "list": [1]}, "same": {"x": 1, "y": 2}}));
        assert_eq!(besides(&values, &known), map(json!({"query": {"b": 2}, "ruler": {"on": true}})));
    }

    #[test]
    fn a_path_is_taken_out_with_what_is_empty_then() {
        let mut values = map(json!({"query": {"stores": [1]}, "other": {"a": 1, "b": 2}}));
        without(&mut values, "query.stores");
        without(&mut values, "other.a");
        without(&mut values, "no.such.path");
        assert_eq!(values, map(json!({"other": {"b": 2}})));
    }
}
