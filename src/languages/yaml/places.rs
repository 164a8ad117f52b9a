//! Where in a document its keys stand.
//!
//! Who decides about settings knows keys and no files: a finding carries the path of the key that it is about
//! ([`Failure::at`](crate::failure::Failure::at)), and whoever read the file turns that into a [`Place`].

use std::collections::HashMap;
use std::sync::OnceLock;

use super::node::{Id, Kind};
use super::tree::Document;
use crate::failure::Failures;
use crate::place::{Place, Position};

/// The places of a document's keys; none without a document.
#[derive(Debug, Default)]
pub struct Places {
    file: String,
    document: Option<Document>,
    /// The entries that count of each mapping, by their keys; made when the first place is asked for.
    entries: OnceLock<Entries>,
}

/// Of each mapping, by its keys, the key and the value.
type Entries = HashMap<Id, HashMap<Box<str>, (Id, Id)>>;

impl Places {
    /// The places of `document`, which was read from `file`.
    pub fn of_document(file: &str, document: Document) -> Self {
        Self { file: file.to_owned(), document: Some(document), entries: OnceLock::new() }
    }

    /// Where the last key of `path` stands; of one that is not there, the nearest key above it. `None` when the document
    /// has not even the first.
    pub fn of(&self, path: &[String]) -> Option<Place> {
        let (at, _) = self.steps(path).last()?;
        Some(at.of(&self.file))
    }

    /// Where the value at `path` stands; `None` when the document has none.
    pub fn of_value(&self, path: &[&str]) -> Option<Place> {
        let (_, value) = self.steps(path).nth(path.len().checked_sub(1)?)?;
        Some(self.document.as_ref()?.position(value).of(&self.file))
    }

    /// Whether the document has all keys of `path`.
    pub fn has(&self, path: &[&str]) -> bool {
        self.steps(path).count() == path.len()
    }

    fn entries(&self, document: &Document) -> &Entries {
        let of = |id: Id| {
            let text = |key: Id| document.written(key).map_or("", |(text, _)| text).into();
            let entries = document.entries(id)?;
            Some((id, entries.iter().map(|entry| (text(entry.key), (entry.key, entry.value))).collect()))
        };
        self.entries.get_or_init(|| document.ids().filter(|id| document.target(*id) == *id).filter_map(of).collect())
    }

    /// The place of each key of `path`, or item of a list, and what it has, as far as they are there.
    fn steps<'p>(&'p self, path: &'p [impl AsRef<str>]) -> impl Iterator<Item = (Position, Id)> + 'p {
        let mut node = self.document.as_ref().and_then(Document::root);
        path.iter().map_while(move |key| {
            let (document, id, key) = (self.document.as_ref()?, node?, key.as_ref());
            let (at, value) = match document.kind(id) {
                Kind::List { items, .. } => {
                    let item = *items.get(key.parse::<usize>().ok()?)?;
                    (item, item)
                }
                Kind::Mapping { .. } => *self.entries(document).get(&document.target(id))?.get(key)?,
                Kind::Scalar(..) | Kind::Alias(_) => return None,
            };
            node = Some(value);
            Some((document.position(document.target(at)), value))
        })
    }

    /// The path of the key, or of the item of a list, that stands at a place; `None` when none does.
    pub fn at(&self, line: u64, column: u64) -> Option<Vec<String>> {
        let (document, mut path) = (self.document.as_ref()?, Vec::new());
        find(document, document.root()?, Position { line, column }, &mut path).then_some(path)
    }

    /// `failures`, each that carries the path of a key with its place in front.
    pub fn tell(&self, failures: &Failures) -> Failures {
        failures.map(|failure| match self.of(failure.path()) {
            Some(place) => failure.placed(&place),
            None => failure,
        })
    }
}

/// Whether what stands at `position` is below `id`; its path is added to `path` then.
fn find(document: &Document, id: Id, position: Position, path: &mut Vec<String>) -> bool {
    let mut look = |key: String, at: Id, value: Id| {
        path.push(key);
        let found = document.position(at) == position || find(document, value, position, path);
        if !found {
            path.pop();
        }
        found
    };
    // What an alias names is found where it stands.
    match &document.node(id).kind {
        Kind::List { items, .. } => items.iter().enumerate().any(|(at, item)| look(at.to_string(), *item, *item)),
        Kind::Mapping { pairs, .. } => pairs.iter().any(|(key, value)| {
            look(document.written(*key).map_or_else(String::new, |(text, _)| text.to_owned()), *key, *value)
        }),
        Kind::Scalar(..) | Kind::Alias(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn place(text: &str, path: &str) -> Option<String> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        places(text).of(&path).map(|place| place.to_string())
    }

    fn places(text: &str) -> Places {
        Document::read(text).map(|document| Places::of_document("f", document)).unwrap_or_default()
    }

    const TEXT: &str = "# head\nbase: &base {a: 1, \"q\": [x]}\nthanos:\n  values:\n    # why\n    ? k\n    : - é: 1\n        b: 2\n    <<: *base\n    c: *base\n  'x y': |\n    text: no key\n";

    #[test]
    fn a_key_is_found_where_it_stands() {
        for (path, expected) in [
            ("base", "f:2:1"),
            ("base.a", "f:2:14"),
            ("base.q", "f:2:20"),
            ("base.q.0", "f:2:26"),
            ("thanos.values", "f:4:3"),
            ("thanos.values.k", "f:6:7"),
            ("thanos.values.k.0.b", "f:8:9"),
            ("thanos.x y", "f:11:3"),
        ] {
            assert_eq!(place(TEXT, path).as_deref(), Some(expected), "{path}");
            assert_eq!(
                place(&format!("\u{feff}{}", TEXT.replace('\n', "\r\n")), path).as_deref(),
                Some(expected),
                "{path}"
            );
        }
    }

    #[test]
    fn what_an_alias_or_a_merge_brings_is_found_where_it_is_written() {
        assert_eq!(place(TEXT, "thanos.values.c.a").unwrap(), "f:2:14");
        assert_eq!(place(TEXT, "thanos.values.a").unwrap(), "f:2:14");
        assert_eq!(place("a: &a {x: 1}\nb: {<<: [{y: 2}, *a]}\n", "b.x").unwrap(), "f:1:8");
        assert_eq!(place("a: &a {x: 1}\nb: {<<: [{y: 2}, *a]}\n", "b.y").unwrap(), "f:2:11");
    }

    proptest! {
        #[test]
        fn every_key_of_a_document_is_found_in_its_own_line(
            names in prop::collection::btree_set("[a-z :#'\"é-]{1,6}", 1..5), more in "[a-z\n é]{0,9}",
        ) {
            let leaves: Vec<(String, Value)> = names.iter().map(|name| (name.clone(), json!(more))).collect();
            let inner = Value::Object(leaves.into_iter().collect());
            let tree = Value::Object(names.iter().map(|name| (name.clone(), json!([inner, inner]))).collect());
            let text = yaml::document(&tree);
            let places = places(&text);
            for outer in &names {
                for name in &names {
                    let path = [outer, "1", name].map(str::to_owned);
                    let (place, above) = (places.of(&path).unwrap(), places.of(&path[..2]).unwrap());
                    let line: String = text.lines().nth(place.line as usize - 1).unwrap().chars().skip(place.column as usize - 1).collect();
                    prop_assert!(line.starts_with(&yaml::scalar(name)), "{text}{path:?} {line}");
                    prop_assert!(above.line <= place.line && place != places.of(&path[..1]).unwrap());
                }
            }
        }
    }

    #[test]
    fn a_place_leads_back_to_its_key() {
        let places = places(TEXT);
        for (line, column, path) in
            [(2, 14, "base.a"), (2, 26, "base.q.0"), (8, 9, "thanos.values.k.0.b"), (4, 3, "thanos.values")]
        {
            assert_eq!(places.at(line, column).unwrap().join("."), path);
        }
        assert_eq!(places.at(1, 1), None);
    }

    #[test]
    fn of_what_is_not_there_the_nearest_key_above_is_found() {
        assert_eq!(place(TEXT, "thanos.values.z.y").unwrap(), "f:4:3");
        assert_eq!(place(TEXT, "thanos.x y.text").unwrap(), "f:11:3");
        for text in ["", "# nothing", "a", "[", "a: [", "other: 1"] {
            assert_eq!(place(text, "thanos.values"), None, "{text}");
        }
    }
}
