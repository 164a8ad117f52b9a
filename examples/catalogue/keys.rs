//! The keys of one version, from its files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::templates::Templates;

/// What may stand behind a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Anything: the chart has nothing there by itself, or an empty text.
    Any,
    /// True or false.
    Bool,
    /// A text or a number.
    Text,
    /// A list.
    List,
    /// A mapping of keys that are known.
    Map,
    /// A mapping of whatever.
    Free,
    /// Nothing that has an effect, since no template reads the key: with the chart's own value as JSON without blanks.
    Dead(String),
}

impl Kind {
    /// The word for it in a catalogue; empty for [`Kind::Any`].
    pub(crate) fn word(&self) -> String {
        match self {
            Self::Any => String::new(),
            Self::Bool => "bool".to_owned(),
            Self::Text => "text".to_owned(),
            Self::List => "list".to_owned(),
            Self::Map => "map".to_owned(),
            Self::Free => "free".to_owned(),
            Self::Dead(own) => format!("dead={own}"),
        }
    }
}

/// The keys of a version and what may stand behind each.
pub(crate) type Keys = BTreeMap<Vec<String>, Kind>;

/// Names and paths below which anything may stand.
pub(crate) fn free(text: &str) -> BTreeSet<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The keys of a version: `values` is its values.yaml, `readme` its README.md and `reads` the keys that its templates
/// read, joined by dots.
///
/// # Errors
/// When values.yaml cannot be read.
pub(crate) fn keys(values: &str, readme: &str, reads: &[String], free: &BTreeSet<&str>) -> Result<Keys, String> {
    let tree = tree(values)?;
    let mut keys = Keys::new();
    let mut path = Vec::new();
    active(&tree, &mut path, free, &mut keys);
    let documented = documented(values, readme).into_iter().chain(reads.iter().cloned());
    for path in documented {
        add(&path, &mut keys);
    }
    Ok(keys)
}

/// Marks the keys that no template reads. Mappings are left alone, and so is what `is_elsewhere` says is read by others:
/// by sub-charts, or by Helm itself.
pub(crate) fn mark_dead(
    keys: &mut Keys,
    values: &Value,
    templates: &Templates,
    is_elsewhere: impl Fn(&[String]) -> bool,
) {
    for (path, kind) in keys.iter_mut() {
        if *kind != Kind::Map && !is_elsewhere(path) && templates.ignores(path) {
            let own = path.iter().try_fold(values, |value, name| value.get(name)).unwrap_or(&Value::Null);
            *kind = Kind::Dead(own.to_string().replace(' ', "\\u0020"));
        }
    }
}

/// A values.yaml as Helm reads it.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn tree(values: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true, duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
    };
    serde_saphyr::from_str_with_options(values, options).map_err(|error| error.to_string())
}

fn active(tree: &Value, path: &mut Vec<String>, free: &BTreeSet<&str>, keys: &mut Keys) {
    let Value::Object(entries) = tree else { return };
    for (name, value) in entries {
        path.push(name.clone());
        let is_free = free.contains(name.as_str()) || free.contains(path.join(".").as_str());
        let kind = match value {
            Value::Object(_) if is_free => Kind::Free,
            // Some charts have `{}` where they take a list.
            Value::Object(below) if below.is_empty() => Kind::Any,
            Value::Object(_) => Kind::Map,
            Value::Array(_) => Kind::List,
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Text,
            // Named by its whole path: the template takes a mapping there as well.
            Value::String(_) if path.len() > 1 && free.contains(path.join(".").as_str()) => Kind::Any,
            Value::String(text) if !text.is_empty() => Kind::Text,
            Value::String(_) | Value::Null => Kind::Any,
        };
        keys.insert(path.clone(), kind.clone());
        if kind == Kind::Map {
            active(value, path, free, keys);
        }
        path.pop();
    }
}

/// The keys that comments and tables name.
fn documented(values: &str, readme: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in values.lines() {
        let words = line.trim_start().trim_start_matches('#').trim_start();
        for mark in ["@param ", "@extra ", "@skip "] {
            found.extend(words.strip_prefix(mark).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned));
        }
    }
    for line in readme.lines().filter(|line| line.trim_start().starts_with('|')) {
        let cell = line.trim().trim_start_matches('|').split('|').next().unwrap_or_default().trim();
        found.extend(cell.strip_prefix('`').and_then(|cell| cell.split('`').next()).map(str::to_owned));
    }
    found
}

/// Adds a key that has no value of its own, with all that hold it.
fn add(path: &str, keys: &mut Keys) {
    // What stands behind a bracket or a placeholder is an item, and no key.
    let path = path.split(['[', '<', '*', '"', '{']).next().unwrap_or_default().trim_end_matches('.');
    let names: Vec<String> = path.split('.').map(str::to_owned).collect();
    let fits = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    if !names.iter().all(fits) {
        return;
    }
    for depth in 1..=names.len() {
        let here = &names[..depth];
        let is_last = depth == names.len();
        match keys.get(here) {
            // Whatever stands below a key that has no keys of its own is the chart's business.
            Some(Kind::Free | Kind::List | Kind::Bool | Kind::Text | Kind::Dead(_)) => return,
            Some(Kind::Any) if is_last => return,
            Some(Kind::Any) => {
                keys.insert(here.to_vec(), Kind::Free);
                return;
            }
            Some(Kind::Map) => {}
            None if is_last => {
                keys.insert(here.to_vec(), Kind::Any);
            }
            // Documented alone, with keys below it.
            None => {
                keys.insert(here.to_vec(), Kind::Map);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_values_comments_tables_and_templates() {
        let values = "query:\n  ## @param query.sdConfig Endpoints\n  # sdConfig:\n  enabled: true\n  stores: []\n  port: 80\n  resources: {limits: {}}\n  \
                      name: \"\"\n  nodeSelector: {}\n";
        let readme = "| Name | Description |\n|---|---|\n| `query.old` | x |\n| `query.hosts[0].name` | x |\n| `extra.a` | x |\n";
        let reads = ["query.service.type".to_owned(), "query.resources.x".into(), "query.stores.y".into()];
        let found = keys(values, readme, &reads, &free("# a\nresources\n")).unwrap();
        let words: Vec<String> = found
            .iter()
            .map(|(path, kind)| format!("{} {}", path.join("."), kind.word()).trim_end().to_owned())
            .collect();
        assert_eq!(
            words,
            [
                "extra map",
                "extra.a",
                "query map",
                "query.enabled bool",
                "query.hosts",
                "query.name",
                "query.nodeSelector",
                "query.old",
                "query.port text",
                "query.resources free",
                "query.sdConfig",
                "query.service map",
                "query.service.type",
                "query.stores list",
            ]
        );
    }
}
