//! Where in a document its keys stand, beside the tree that it was read into.
//!
//! Who decides about settings knows keys and no files: a finding carries the path of the key that it is about
//! ([`Failure::at`](crate::failure::Failure::at)), and whoever read the file turns that into a [`Place`].

use std::collections::HashMap;
use std::sync::OnceLock;

use granit_parser::{Event, Parser, Span};

use crate::document::Place;
use crate::failure::Failures;

/// The places of a document's keys. Empty for a text that is no YAML, which [`read`](crate::document::read) refuses.
#[derive(Debug, Default)]
pub struct Places {
    file: String,
    /// The document's own node comes first.
    nodes: Vec<Node>,
}

/// The entries of a mapping, or of a list under their numbers; none for everything else.
#[derive(Debug, Default)]
struct Node {
    entries: Vec<Entry>,
    /// The first of each name; made when one is first looked for.
    first: OnceLock<HashMap<String, usize>>,
}

impl Node {
    fn entry(&self, key: &str) -> Option<&Entry> {
        let index = || {
            let mut index = HashMap::with_capacity(self.entries.len());
            for (at, entry) in self.entries.iter().enumerate() {
                index.entry(entry.key.clone()).or_insert(at);
            }
            index
        };
        self.first.get_or_init(index).get(key).map(|at| &self.entries[*at])
    }
}

#[derive(Debug)]
struct Entry {
    key: String,
    line: u64,
    column: u64,
    /// What stands below it, by its number.
    node: usize,
}

impl Places {
    /// The places of `text`, which was read from `file`.
    pub fn read(file: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let events: Option<Vec<_>> = Parser::new_from_str(text).collect::<Result<_, _>>().ok();
        let mut reader =
            Reader { events: events.unwrap_or_default().into_iter(), nodes: Vec::new(), anchors: HashMap::new() };
        let nodes = match reader.node() {
            Some(_) => reader.nodes,
            None => Vec::new(),
        };
        Self { file: file.to_owned(), nodes }
    }

    /// Where the last key of `path` stands; of one that is not there, the nearest key above it. `None` when the document
    /// has not even the first.
    pub fn of(&self, path: &[String]) -> Option<Place> {
        let mut found = None;
        let mut node = 0;
        for key in path {
            let Some(entry) = self.entry(node, key) else { break };
            found = Some(Place { file: self.file.clone(), line: entry.line, column: entry.column });
            node = entry.node;
        }
        found
    }

    /// Whether the document has all keys of `path`.
    pub fn has(&self, path: &[&str]) -> bool {
        let below = |node: usize, key: &&str| self.entry(node, key).map(|entry| entry.node);
        path.iter().try_fold(0, below).is_some()
    }

    /// The path of the key, or of the item of a list, that stands at a place; `None` when none does.
    pub fn at(&self, line: u64, column: u64) -> Option<Vec<String>> {
        let mut path = Vec::new();
        self.find(0, &mut path, &|entry| (entry.line, entry.column) == (line, column)).then_some(path)
    }

    /// Whether an entry below `node` is the one; its path is added to `path` then.
    fn find(&self, node: usize, path: &mut Vec<String>, is_it: &dyn Fn(&Entry) -> bool) -> bool {
        // An alias may name what it stands in.
        const DEEPEST: usize = 64;
        let entries = self.nodes.get(node).map_or(&[][..], |node| &node.entries);
        path.len() < DEEPEST
            && entries.iter().any(|entry| {
                path.push(entry.key.clone());
                let found = is_it(entry) || (entry.node > node && self.find(entry.node, path, is_it));
                if !found {
                    path.pop();
                }
                found
            })
    }

    /// `failures`, each that carries the path of a key with its place in front.
    pub fn tell(&self, failures: &Failures) -> Failures {
        failures.map(|failure| match self.of(failure.path()) {
            Some(place) => failure.placed(&place),
            None => failure,
        })
    }

    /// The entry `key` of a node: its own, else one that is merged into it (`<<`).
    fn entry(&self, node: usize, key: &str) -> Option<&Entry> {
        let node = self.nodes.get(node)?;
        let merged = || {
            node.entry("<<")?;
            node.entries.iter().filter(|entry| entry.key == "<<").find_map(|entry| self.merged(entry.node, key))
        };
        node.entry(key).or_else(merged)
    }

    /// The entry `key` of what `<<` names: a mapping, or a list of mappings.
    fn merged(&self, node: usize, key: &str) -> Option<&Entry> {
        let listed = || self.nodes.get(node)?.entries.iter().find_map(|item| self.entry(item.node, key));
        self.entry(node, key).or_else(listed)
    }
}

/// Reads events into nodes, each before what stands below it.
struct Reader<'a> {
    events: std::vec::IntoIter<(Event<'a>, Span)>,
    nodes: Vec<Node>,
    /// The nodes that have an anchor, by its number.
    anchors: HashMap<usize, usize>,
}

impl Reader<'_> {
    /// The number of the next node; `None` at the end of a collection and of the document.
    fn node(&mut self) -> Option<usize> {
        loop {
            let (event, _) = self.events.next()?;
            match event {
                Event::Scalar(_, _, anchor, _) => return Some(self.begin(anchor)),
                Event::Alias(anchor) => {
                    let named = self.anchors.get(&anchor).copied();
                    return Some(named.unwrap_or_else(|| self.begin(0)));
                }
                Event::SequenceStart(_, anchor, _) => {
                    let node = self.begin(anchor);
                    self.entries(node, false);
                    return Some(node);
                }
                Event::MappingStart(_, anchor, _) => {
                    let node = self.begin(anchor);
                    self.entries(node, true);
                    return Some(node);
                }
                Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd => return None,
                _ => {}
            }
        }
    }

    fn begin(&mut self, anchor: usize) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        if anchor > 0 {
            self.anchors.insert(anchor, node);
        }
        node
    }

    /// Reads to the end of the collection `parent`; of a mapping every second node is a key.
    fn entries(&mut self, parent: usize, is_mapping: bool) {
        for number in 0.. {
            let Some((key, line, column)) = self.events.as_slice().iter().find_map(|(event, at)| match event {
                Event::Comment(..) => None,
                Event::Scalar(text, ..) => Some((text.to_string(), at.start.line(), at.start.col())),
                _ => Some((String::new(), at.start.line(), at.start.col())),
            }) else {
                return;
            };
            let Some(first) = self.node() else { return };
            let (key, node) = if is_mapping { (key, self.node()) } else { (number.to_string(), Some(first)) };
            let Some(node) = node else { return };
            self.nodes[parent].entries.push(Entry { key, line: line as u64, column: column as u64 + 1, node });
        }
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
        Places::read("f", text).of(&path).map(|place| place.to_string())
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
            let places = Places::read("f", &text);
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
        let places = Places::read("f", TEXT);
        for (line, column, path) in
            [(2, 14, "base.a"), (2, 26, "base.q.0"), (8, 9, "thanos.values.k.0.b"), (4, 3, "thanos.values")]
        {
            assert_eq!(places.at(line, column).unwrap().join("."), path);
        }
        assert_eq!(places.at(1, 1), None);
        assert_eq!(Places::read("f", "a: &a {b: *a}").at(9, 9), None);
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
