//! Values as a tree: what stands at a path, and what two of them come to.

use serde_json::{Map, Value};

/// The names that `path` joins by dots; a dot behind a `\\` belongs to a name.
pub(super) fn names_of(path: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![String::new()];
    let mut is_escaped = false;
    for character in path.chars() {
        match character {
            '\\' if !is_escaped => is_escaped = true,
            '.' if !is_escaped => names.push(String::new()),
            _ => {
                is_escaped = false;
                names.last_mut().expect("there is always one").push(character);
            }
        }
    }
    names
}

/// What stands at `path` (names joined by dots) in `values`; `None` when nothing does.
pub(super) fn at<'v>(values: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    if path.contains('\\') {
        let names = names_of(path);
        let (first, rest) = names.split_first()?;
        return rest.iter().try_fold(values.get(first)?, |value, name| value.get(name));
    }
    let mut names = path.split('.');
    let first = values.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

/// `base` with `over` merged in as Helm merges values: mappings key by key, all else replaced.
pub(super) fn merge(base: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (name, value) in over {
        match (base.get_mut(name), value) {
            (Some(Value::Object(base)), Value::Object(over)) => merge(base, over),
            _ => drop(base.insert(name.clone(), value.clone())),
        }
    }
}
