//! Which versions of a chart know which keys, and what may stand behind each.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use super::key_check::{KeyProblem, KeyProblemKind};
use super::types::Types;
use super::version::{Span, Version};
use crate::document;
use crate::thanos::thanos_version::ThanosVersion;

/// The versions of a chart and the keys of each.
#[derive(Debug)]
pub struct Catalog {
    pub(super) chart: &'static str,
    versions: Vec<Version>,
    /// What runs in which versions, by the chart's `appVersion`.
    apps: Vec<(Span, &'static str)>,
    pub(super) keys: Keys,
    pub(super) types: Types,
}

/// Keys by their names.
pub(super) type Keys = BTreeMap<&'static str, Key>;

/// A key of a chart.
#[derive(Debug, Default)]
pub(super) struct Key {
    /// What it is, and in which versions; those that know its parent where the span is all versions.
    kinds: Vec<(Kind, Span)>,
    /// The keys below it.
    pub(super) keys: Keys,
}

/// What may stand behind a key.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    #[default]
    Any,
    /// True or false: Helm takes every other text for true.
    Bool,
    /// A text or a number.
    Text,
    /// A list; the text of one will do, which the chart may run through `tpl`.
    List,
    /// A mapping whose keys are known.
    Map,
    /// A mapping of whatever; the text of one will do.
    Free,
    /// Nothing that has an effect: no template reads the key. With what the chart's values.yaml has there, as JSON.
    Dead(&'static str),
}

impl Kind {
    fn of(word: &'static str) -> Option<Self> {
        if let Some(own) = word.strip_prefix("dead=") {
            return Some(Self::Dead(own));
        }
        Some(match word {
            "any" => Self::Any,
            "bool" => Self::Bool,
            "text" => Self::Text,
            "list" => Self::List,
            "map" => Self::Map,
            "free" => Self::Free,
            _ => return None,
        })
    }

    /// Whether `value` can stand there. Null can stand everywhere: it takes the chart's own value away.
    pub(super) fn takes(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _) | (_, Value::Null) => true,
            (Self::Bool, value) => value.is_boolean(),
            (Self::Text, value) => !value.is_array() && !value.is_object(),
            (Self::List, value) => value.is_array() || is_text_of(value, Value::is_array),
            (Self::Map, value) => value.is_object(),
            (Self::Free, value) => value.is_object() || is_text_of(value, Value::is_object),
            (Self::Dead(own), value) => {
                is_empty(value) || serde_json::from_str::<Value>(own).is_ok_and(|own| own == *value)
            }
        }
    }
}

/// Whether a text becomes such a value when the chart writes it into an object as it stands. An empty one sets nothing,
/// and of one that others fill in before, nobody knows.
fn is_text_of(value: &Value, wanted: fn(&Value) -> bool) -> bool {
    let Value::String(text) = value else { return false };
    let is_unknown = text.trim().is_empty() || ["{{", "${", "$("].iter().any(|mark| text.contains(mark));
    is_unknown || document::read::<Value>("", text).is_ok_and(|value| wanted(&value))
}

/// Whether a value says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Catalog {
    /// The catalogue in `text`, whose first lines say how it is written.
    pub fn read(text: &'static str) -> Self {
        let mut catalog =
            Self { chart: "", versions: Vec::new(), apps: Vec::new(), keys: Keys::new(), types: Types::default() };
        let mut path: Vec<&'static str> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if path.is_empty() && catalog.read_head(line) {
                continue;
            }
            let name = line.trim_start_matches(' ');
            path.truncate(line.len() - name.len());
            let mut words = name.split(' ');
            let Some(name) = words.next() else { continue };
            let mut key = Key::default();
            let mut kind = Kind::default();
            let mut is_said = false;
            for word in words {
                if let Some((first, last)) = word.split_once("..") {
                    key.kinds.push((kind, Span { first: first.parse().ok(), last: last.parse().ok() }));
                    is_said = true;
                } else if let Some(word) = Kind::of(word) {
                    kind = word;
                    is_said = false;
                }
            }
            if !is_said {
                key.kinds.push((kind, Span::ALL));
            }
            let mut keys = &mut catalog.keys;
            for parent in &path {
                keys = &mut keys.entry(parent).or_default().keys;
            }
            keys.insert(name, key);
            path.push(name);
        }
        catalog
    }

    /// The same with the types of its keys, whose text says in its first lines how it is written.
    #[must_use]
    pub fn with_types(mut self, text: &'static str) -> Self {
        self.types = Types::read(text);
        self
    }

    /// Reads a line of the head; whether it is one.
    fn read_head(&mut self, line: &'static str) -> bool {
        let Some((word, rest)) = line.split_once(' ') else { return false };
        match word {
            "chart" => self.chart = rest,
            "versions" => self.versions.extend(rest.split(' ').filter_map(|version| version.parse::<Version>().ok())),
            "app" => {
                let (app, span) = rest.split_once(' ').unwrap_or((rest, ".."));
                let (first, last) = span.split_once("..").unwrap_or_default();
                self.apps.push((Span { first: first.parse().ok(), last: last.parse().ok() }, app));
            }
            _ => return false,
        }
        true
    }

    /// The versions, from the first to the last.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The Thanos that a version runs by itself; `None` when its chart does not say.
    pub fn app_version(&self, version: Version) -> Option<ThanosVersion> {
        let found = self.apps.iter().find(|(span, _)| span.holds(version));
        found.and_then(|(_, app)| ThanosVersion::of_tag(app))
    }

    /// Whether `version` knows the key `path`, its names joined by dots.
    pub fn knows(&self, version: Version, path: &str) -> bool {
        let mut keys = &self.keys;
        for name in path.split('.') {
            let Some(key) = keys.get(name) else { return false };
            match key.kind(version) {
                None | Some(Kind::Dead(_)) => return false,
                Some(Kind::Free) => return true,
                Some(_) => keys = &key.keys,
            }
        }
        true
    }

    /// Whether the key at `path` holds a single text, so that whatever stands there becomes one; `None` when only its
    /// default can tell.
    pub fn is_text(&self, version: Version, path: &[String]) -> Option<bool> {
        self.types.is_text(version, path)
    }

    /// The key `path`, its names joined by dots, as any version knows it.
    pub(super) fn key(&self, path: &str) -> Option<&Key> {
        let mut names = path.split('.');
        let first = self.keys.get(names.next()?)?;
        names.try_fold(first, |key, name| key.keys.get(name))
    }

    /// What may stand behind the key `path` in `version`; `None` when that does not know it, or knows only the free
    /// mapping above it.
    pub fn kind(&self, version: Version, path: &str) -> Option<Kind> {
        let mut names = path.split('.');
        let first = self.keys.get(names.next()?)?;
        let key = names.try_fold(first, |key, name| key.kind(version).and_then(|_| key.keys.get(name)))?;
        key.kind(version)
    }

    /// The keys that `version` has in its values.yaml and that no template of it reads, each with what it is there.
    pub fn dead(&self, version: Version) -> Vec<(String, Value)> {
        fn below(version: Version, lead: &str, keys: &BTreeMap<&'static str, Key>, found: &mut Vec<(String, Value)>) {
            for (name, key) in keys {
                let path = if lead.is_empty() { (*name).to_owned() } else { format!("{lead}.{name}") };
                match key.kind(version) {
                    Some(Kind::Dead(own)) => found.push((path, serde_json::from_str(own).unwrap_or_default())),
                    Some(_) => below(version, &path, &key.keys, found),
                    None => {}
                }
            }
        }
        let mut found = Vec::new();
        below(version, "", &self.keys, &mut found);
        found
    }
}

impl Catalog {
    /// Sets every key that `version` knows and `values` lack to something: so values may be of which some stand elsewhere.
    pub fn fill(&self, version: Version, values: &mut Map<String, Value>) {
        fill(&self.keys, version, values);
    }
}

fn fill(keys: &Keys, version: Version, values: &mut Map<String, Value>) {
    for (name, key) in keys {
        let Some(kind) = key.kind(version) else { continue };
        let something = match kind {
            Kind::Any | Kind::Text => Value::from("x"),
            Kind::Bool => Value::Bool(true),
            Kind::List => Value::from(vec!["x"]),
            Kind::Free => Value::Object(Map::from_iter([("x".to_owned(), Value::from("x"))])),
            Kind::Map => Value::Object(Map::new()),
            // Whatever it is, nothing depends on it.
            Kind::Dead(_) => continue,
        };
        let value = values.entry(*name).or_insert(something);
        if let (Kind::Map, Value::Object(below)) = (kind, value) {
            fill(&key.keys, version, below);
        }
    }
}

impl Key {
    /// The versions that read it.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.kinds.iter().filter(|(kind, _)| !matches!(kind, Kind::Dead(_))).map(|(_, span)| *span)
    }

    /// Whether a version reads it: knows it, and not as a dead key.
    pub(super) fn is_read(&self, version: Version) -> bool {
        self.kind(version).is_some_and(|kind| !matches!(kind, Kind::Dead(_)))
    }

    /// What it is in a version; `None` when that does not know it.
    pub(super) fn kind(&self, version: Version) -> Option<Kind> {
        self.kinds.iter().find(|(_, span)| span.holds(version)).map(|(kind, _)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::chart_version::Chart;

    #[test]
    fn keys_come_and_go_with_their_parents() {
        let chart = Chart::find("bitnami/thanos", Some("17.3.1")).unwrap();
        let knows = |version, path| chart.catalog.knows(version, path);
        assert!(knows(Version(16, 0, 7), "minio.volumePermissions.image"));
        assert!(!knows(Version(17, 0, 0), "minio.volumePermissions.image"));
        assert!(knows(Version(17, 0, 0), "minio.console.image"));
        assert!(!knows(Version(16, 0, 7), "minio.console.image"));
        assert_eq!(chart.catalog.versions().len(), 457);
        assert_eq!(chart.catalog.app_version(Version(17, 3, 1)), Some(ThanosVersion::new(0, 39, 2)));
    }
}
