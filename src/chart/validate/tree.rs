//! A text of YAML with the place of everything in it, read as Helm reads it: by the rules of Go's yaml.v2, with what it
//! passes over in silence remarked. Much that a stricter reader refuses is read here, so that the rest can be checked too.

mod compose;
mod entries;

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::frame::Frame;
use super::problem::{self, Problem};
use crate::languages::yaml::{self, Document, Id, Style, Tag};
use crate::place::{Place, Position};

pub(super) use compose::{Precedence, Unknowns, World};
pub(super) use entries::{Entries, Entry};

/// A text of YAML and what stands where in it.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    /// The text.
    pub text: Cow<'t, str>,
    /// Where the text stands.
    pub frame: Frame,
    /// The root comes first; none for a text of comments alone.
    nodes: Vec<Node>,
    root: Option<usize>,
    /// What is read otherwise than it looks, in the order of the text.
    pub remarks: Vec<Remark>,
    /// Whether it is made of several texts, or of more than its text: then no lines of the text are a part of it.
    pub is_composed: bool,
}

/// A part of the text.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it begins; of a block scalar, where the text in it begins.
    pub spot: Position,
    /// Behind its end.
    pub end: Position,
    /// What it is.
    pub kind: Kind,
    /// Whether an anchor names it.
    pub is_anchored: bool,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A single value.
    Scalar(Scalar),
    /// A list; the numbers of its nodes.
    List(Vec<usize>),
    /// A mapping.
    Mapping {
        /// Whether it stands in braces.
        is_flow: bool,
        /// Its entries in the order of the text, those that are merged into it at the place of the `<<`.
        entries: Entries,
    },
}

/// A single value.
#[derive(Debug, Clone)]
pub(super) struct Scalar {
    /// Its text, without quotes and escapes.
    pub text: String,
    /// How it is written.
    pub style: Style,
    /// What Helm makes of it.
    pub value: Value,
    /// Whether a tag says what it is.
    pub is_tagged: bool,
}

/// Something that Helm reads otherwise than it looks, or not at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// Where.
    pub spot: Position,
    /// What it is.
    pub what: Oddity,
}

/// What is odd.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// A key stands twice; where it stood first.
    Twice(String, Position),
    /// A merge replaces a key that stands before it.
    Overridden(String),
    /// A key is no text: how it is written, and what Helm makes of it.
    OddKey(String, String),
    /// Another document begins, which Helm never reads.
    SecondDocument,
}

impl<'t> Tree<'t> {
    /// Reads the first document of a text.
    ///
    /// # Errors
    /// When Helm could not read it.
    pub(super) fn read(text: Cow<'t, str>, frame: Frame) -> Result<Self, Problem> {
        let problem = |found| problem::problem(&text, found, &frame);
        let document = Document::read(&text).map_err(problem)?;
        let mut reader =
            Reader { document: &document, nodes: Vec::new(), remarks: Vec::new(), known: vec![None; document.count()] };
        let root = document.root().map(|root| reader.node(root)).transpose().map_err(problem)?;
        let Reader { nodes, mut remarks, .. } = reader;
        if let Some(spot) = document.rest().and_then(|rest| rest.content) {
            remarks.push(Remark { spot, what: Oddity::SecondDocument });
        }
        Ok(Self { text, frame, nodes, root, remarks, is_composed: false })
    }

    /// The number of the root; `None` for a text of comments alone.
    pub(super) fn root_number(&self) -> Option<usize> {
        self.root
    }

    /// The root; `None` for a text of comments alone.
    pub(super) fn root(&self) -> Option<&Node> {
        self.root.map(|root| &self.nodes[root])
    }

    /// A node by its number.
    pub(super) fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    /// Where a spot of the text is in the file.
    pub(super) fn place(&self, spot: Position) -> Place {
        self.frame.place(spot)
    }

    /// What Helm reads from a node.
    pub(super) fn value(&self, node: &Node) -> Value {
        match &node.kind {
            Kind::Scalar(scalar) => scalar.value.clone(),
            Kind::List(items) => items.iter().map(|item| self.value(self.node(*item))).collect(),
            Kind::Mapping { entries, .. } => {
                let mut map = Map::new();
                for entry in entries {
                    map.insert(entry.key.clone(), self.value(self.node(entry.node)));
                }
                Value::Object(map)
            }
        }
    }

    /// The entry of a mapping that counts: the last of its name.
    pub(super) fn entry<'n>(&self, node: &'n Node, key: &str) -> Option<&'n Entry> {
        match &node.kind {
            Kind::Mapping { entries, .. } => entries.last(key),
            Kind::Scalar(_) | Kind::List(_) => None,
        }
    }

    /// The entry or item at `path` below `node`: where its key stands, and its node.
    pub(super) fn find<'p>(
        &self,
        node: &'_ Node,
        path: impl IntoIterator<Item = &'p str>,
    ) -> Option<(Position, &Node)> {
        let mut found = None;
        let mut here: Option<&Node> = None;
        for name in path {
            let node = here.unwrap_or(node);
            let (spot, number) = match &node.kind {
                Kind::List(items) => {
                    let item = *items.get(name.parse::<usize>().ok()?)?;
                    (self.node(item).spot, item)
                }
                Kind::Scalar(_) | Kind::Mapping { .. } => {
                    let entry = self.entry(node, name)?;
                    (entry.spot, entry.node)
                }
            };
            here = Some(self.node(number));
            found = Some((spot, self.node(number)));
        }
        found
    }
}

struct Reader<'d> {
    document: &'d Document,
    nodes: Vec<Node>,
    remarks: Vec<Remark>,
    /// Of each node of the document its number in the tree.
    known: Vec<Option<usize>>,
}

impl Reader<'_> {
    fn node(&mut self, id: Id) -> Result<usize, yaml::Problem> {
        let document = self.document;
        let id = document.target(id);
        if let Some(known) = self.known[id.number()] {
            return Ok(known);
        }
        let kind = match document.kind(id) {
            yaml::Kind::Scalar(..) | yaml::Kind::Alias(_) => {
                let (text, style) = document.written(id).unwrap_or(("", Style::Plain));
                let is_tagged = document.node(id).tag != Tag::None;
                Kind::Scalar(Scalar { text: text.to_owned(), style, value: document.single_value(id)?, is_tagged })
            }
            yaml::Kind::List { items, .. } => {
                Kind::List(items.iter().map(|item| self.node(*item)).collect::<Result<_, _>>()?)
            }
            yaml::Kind::Mapping { pairs, is_flow } => {
                Kind::Mapping { is_flow: *is_flow, entries: self.entries(pairs)? }
            }
        };
        let (spot, end) = (document.position(id), document.end(id));
        self.nodes.push(Node { spot, end, kind, is_anchored: document.node(id).is_anchored });
        let number = self.nodes.len() - 1;
        self.known[id.number()] = Some(number);
        Ok(number)
    }

    fn entries(&mut self, pairs: &[(Id, Id)]) -> Result<Entries, yaml::Problem> {
        let mut entries: Vec<Entry> = Vec::with_capacity(pairs.len());
        let mut known: HashMap<String, usize> = HashMap::with_capacity(pairs.len());
        for (key, value) in pairs {
            let spot = self.document.position(*key);
            if self.document.is_merge(*key) {
                let node = self.node(*value)?;
                for merged in self.merged(node) {
                    if known.get(&merged.key).is_some_and(|before| !entries[*before].is_merged) {
                        self.remarks.push(Remark { spot, what: Oddity::Overridden(merged.key.clone()) });
                    }
                    known.insert(merged.key.clone(), entries.len());
                    entries.push(Entry { is_merged: true, ..merged });
                }
                continue;
            }
            let name = self.document.key(*key)?;
            if let Some((written, _)) = self.document.written(*key).filter(|(written, _)| *written != name) {
                self.remarks.push(Remark { spot, what: Oddity::OddKey(written.to_owned(), name.clone()) });
            }
            if let Some(before) = known.insert(name.clone(), entries.len()) {
                let before = &entries[before];
                if !before.is_merged {
                    self.remarks.push(Remark { spot, what: Oddity::Twice(name.clone(), before.spot) });
                }
            }
            let node = self.node(*value)?;
            entries.push(Entry { key: name, spot, node, is_merged: false });
        }
        Ok(entries.into())
    }

    /// What a `<<` merges: later ones of a list do not replace what the earlier ones brought.
    fn merged(&self, node: usize) -> Vec<Entry> {
        match &self.nodes[node].kind {
            Kind::List(items) => items.iter().rev().flat_map(|item| self.merged(*item)).collect(),
            Kind::Mapping { entries, .. } => entries.to_vec(),
            Kind::Scalar(_) => Vec::new(),
        }
    }
}
