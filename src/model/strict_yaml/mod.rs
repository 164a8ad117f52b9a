//! A YAML document as Thanos reads it: YAML 1.1 by the rules of Go's yaml.v2, strictly, with the place of every node.
//!
//! What a scalar means is [`go_yaml`](crate::go_yaml)'s to say. That reads documents which Thanos decodes twice, with every
//! alias and merge in its place; here each node keeps how it is written, so that a place within a value can be told, and
//! keys that are unknown or stand twice are told by whoever knows the keys.

mod build;
mod place;
mod strict;
mod unlike;

use std::collections::HashSet;

pub(super) use self::strict::{Codes, Fields, Strict};
use crate::document::Position;
use crate::go_yaml::{Problem, Resolved, Scalar};

/// The number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(usize);

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A single value: its text, and whether it stands plain, so that YAML may take it for something else.
    Scalar(String, Style),
    /// A list.
    List(Vec<Id>),
    /// Keys and values, in the order in which they stand.
    Map(Vec<(Id, Id)>),
    /// What an anchor named.
    Alias(Id),
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// As a block, `|` or `>`.
    Block,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key as a text.
    pub key: String,
    /// The key's node.
    pub at: Id,
    /// The value's node.
    pub value: Id,
}

/// The first document of a text. What comes behind it nobody reads.
#[derive(Debug)]
pub struct Document {
    text: String,
    nodes: Vec<Node>,
    spots: Vec<Position>,
    /// Where each node starts, in bytes.
    starts: Vec<usize>,
    /// What is not followed here, in words.
    unjudged: Vec<(Position, String)>,
    /// Scalars that a tag makes a text.
    texts: HashSet<Id>,
    root: Option<Id>,
    more: Option<Position>,
}

/// How many nodes may be reached through aliases before it is refused, as Go refuses it.
const MOST_VISITS: usize = 100_000;
/// How deep collections may nest.
const DEEPEST: usize = 200;

impl Document {
    fn empty(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            nodes: Vec::new(),
            spots: Vec::new(),
            starts: Vec::new(),
            unjudged: unlike::doubtful(text),
            texts: HashSet::new(),
            root: None,
            more: None,
        }
    }

    /// The document's node; `None` when it is empty.
    pub fn root(&self) -> Option<Id> {
        self.root
    }

    /// Where a second document starts, which Thanos does not read; `None` when there is none.
    pub fn more(&self) -> Option<Position> {
        self.more
    }

    /// A node, aliases followed.
    pub fn node(&self, id: Id) -> &Node {
        let mut node = &self.nodes[id.0];
        while let Node::Alias(target) = node {
            node = &self.nodes[target.0];
        }
        node
    }

    fn target(&self, mut id: Id) -> Id {
        while let Node::Alias(target) = self.nodes[id.0] {
            id = target;
        }
        id
    }

    /// Where a node starts; of an alias, where the alias stands.
    pub fn spot(&self, id: Id) -> Position {
        self.spots[id.0]
    }

    /// What Thanos may read otherwise than it is read here, and where.
    pub fn unjudged(&self) -> &[(Position, String)] {
        &self.unjudged
    }

    /// What YAML 1.1 takes a scalar for; `None` when the node is none.
    pub fn scalar(&self, id: Id) -> Option<Scalar> {
        match self.node(id) {
            Node::Scalar(text, Style::Plain) if !self.texts.contains(&self.target(id)) => Some(Scalar::plain(text)),
            Node::Scalar(text, _) => Some(Scalar::quoted(text)),
            _ => None,
        }
    }

    /// What it means; `None` when the node is no scalar.
    pub fn resolved(&self, id: Id) -> Option<Resolved> {
        self.scalar(id).map(|scalar| scalar.resolved)
    }

    /// Whether nothing stands there: `null`, `~`, or nothing at all.
    pub fn is_null(&self, id: Id) -> bool {
        self.resolved(id) == Some(Resolved::Null)
    }

    /// A scalar as a field for texts takes it: as it is written, whatever it is; nothing is the empty text. `None`
    /// when it is a list or a mapping.
    pub fn text(&self, id: Id) -> Option<&str> {
        match self.node(id) {
            Node::Scalar(..) if self.is_null(id) => Some(""),
            Node::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping, those that `<<` merges into it too; `None` when the node is no mapping.
    ///
    /// # Errors
    /// When a key is no scalar, or `<<` names something else than mappings.
    pub fn entries(&self, id: Id) -> Option<Result<Vec<Entry>, Problem>> {
        let Node::Map(pairs) = self.node(id) else { return None };
        Some(self.flat(pairs))
    }

    fn flat(&self, pairs: &[(Id, Id)]) -> Result<Vec<Entry>, Problem> {
        let mut entries = Vec::new();
        for (at, value) in pairs {
            let Some(key) = self.text(*at) else {
                return Err(Problem { position: self.spot(*at), message: "a key is a list or a mapping".to_owned() });
            };
            if key != "<<" || !matches!(self.node(*at), Node::Scalar(_, Style::Plain)) {
                entries.push(Entry { key: key.to_owned(), at: *at, value: *value });
                continue;
            }
            let sources = match self.node(*value) {
                Node::List(items) if matches!(self.nodes[value.0], Node::List(_)) => items.clone(),
                _ => vec![*value],
            };
            for source in sources {
                let Node::Map(pairs) = self.node(source) else {
                    let message = "`<<` takes a mapping or a list of mappings".to_owned();
                    return Err(Problem { position: self.spot(source), message });
                };
                entries.extend(self.flat(pairs)?);
            }
        }
        Ok(entries)
    }

    /// Aliases that lead into themselves, or that make a small text large.
    fn check_aliases(&self) -> Result<(), Problem> {
        let mut visits = 0;
        // Ids below are made before those above, but for aliases: what is open tells a circle.
        let mut open = Vec::new();
        let mut stack: Vec<(Id, bool)> = self.root.map(|root| (root, false)).into_iter().collect();
        while let Some((id, is_done)) = stack.pop() {
            if is_done {
                open.pop();
                continue;
            }
            visits += 1;
            let broken = |message: &str| Problem { position: self.spot(id), message: message.to_owned() };
            if visits > MOST_VISITS + self.nodes.len() {
                return Err(broken("the document holds too many aliases"));
            }
            let target = self.target(id);
            if matches!(self.nodes[id.0], Node::Alias(_)) && open.contains(&target) {
                return Err(broken("an alias refers to what it stands in"));
            }
            let below: Vec<Id> = match &self.nodes[target.0] {
                Node::Scalar(..) | Node::Alias(_) => continue,
                Node::List(items) => items.clone(),
                Node::Map(pairs) => pairs.iter().flat_map(|(key, value)| [*key, *value]).collect(),
            };
            open.push(target);
            stack.push((id, true));
            stack.extend(below.into_iter().rev().map(|id| (id, false)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find(document: &Document, key: &str) -> Id {
        let root = document.root().unwrap();
        let entries = document.entries(root).unwrap().unwrap();
        entries.iter().find(|entry| entry.key == key).unwrap().value
    }

    #[test]
    fn a_place_within_a_value_is_found_in_every_style() {
        let text = "a: sum(up\nb: 'it''s  x'\nc: |\n\n    sum(\n      up)\n\n    + 1\nd: >-\n  sum(\n  up)\ne: \"a\\n\\\n  \\u00e9 \\\"x\"\nf: one\n  two\n";
        let document = Document::read(text).unwrap();
        for (key, letter, (line, column)) in [
            ("a", "up", (1, 8)),
            ("b", "x", (2, 12)),
            ("c", "sum", (5, 5)),
            ("c", "up", (6, 7)),
            ("c", "1", (8, 7)),
            ("d", "up", (11, 3)),
            ("e", "x", (13, 12)),
            ("f", "two", (15, 3)),
        ] {
            let spot = Position { line, column };
            let id = find(&document, key);
            let value = document.text(id).unwrap();
            assert_eq!(document.spot_within(id, value.find(letter).unwrap()), spot, "{key} {letter} {value:?}");
            assert!(document.spot_within(id, value.len()) > spot, "{key}");
        }
    }

    #[test]
    fn what_is_merged_is_among_the_entries() {
        let document = Document::read("a: &a {x: 1}\nb: {<<: [*a, {y: 2}], z: 3}\n").unwrap();
        let entries = document.entries(find(&document, "b")).unwrap().unwrap();
        assert_eq!(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["x", "y", "z"]);
    }

    #[test]
    fn what_go_cannot_read_is_refused() {
        for text in [
            "%YAML 1.2\n---\na: 1\n",
            "a:\n\t- b\n",
            "a: \u{7}\n",
            "a: \"\\/\"",
            "...\n---\na: 1",
            "a: [",
            "a: *b\n",
            "a: &a [*a]\n",
        ] {
            assert!(Document::read(text).is_err(), "{text}");
        }
        assert!(Document::read("a: 1\n---\n[[\n").is_ok());
        let laughs = (1..12).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
            format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))
        });
        assert!(Document::read(&laughs).unwrap_err().message.contains("too many aliases"));
        assert!(Document::read(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "[a-c:,\\[\\]{}&*#|>!%'\" \n\t0-9~<-]{0,40}|.{0,20}") {
            if let Ok(document) = Document::read(&text) {
                for id in (0..document.nodes.len()).map(Id) {
                    let length = document.text(id).map_or(0, str::len);
                    for offset in 0..=length {
                        document.spot_within(id, offset);
                    }
                    let _ = document.entries(id);
                }
            }
        }
    }
}
