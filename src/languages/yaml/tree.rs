//! The nodes of a document as Go takes them: aliases followed, merges done, keys that stand twice.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::ops::Range;

use super::node::{Id, Kind, Mark, Node, Problem, Style, Tag, Text};
use super::scalar::{self, Resolved, Scalar, tagged};
use crate::place::Position;

/// The first document of a text.
#[derive(Debug)]
pub struct Document {
    pub(super) text: Box<str>,
    pub(super) nodes: Vec<Node>,
    pub(super) root: Option<Id>,
    pub(super) rest: Option<Rest>,
    pub(super) comments: Vec<Range<usize>>,
}

/// What stands behind the first document, where Go never looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Where it begins.
    pub position: Position,
    /// Where something begins that is more than a marker; `None` when nothing does.
    pub content: Option<Position>,
}

/// An entry of a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Id,
    /// The value.
    pub value: Id,
    /// The key `<<` that brought it; `None` of the mapping's own.
    pub merge: Option<Id>,
}

/// A key that a mapping has already.
#[derive(Debug, Clone, Copy)]
pub struct Duplicate {
    /// The entry with the key.
    pub entry: Entry,
    /// The one that came first.
    pub first: Entry,
    /// How many mappings and lists it lies in: 0 for the entries of the root.
    pub depth: usize,
}

/// A node and its document; never an alias.
#[derive(Debug, Clone, Copy)]
pub struct Part<'d> {
    document: &'d Document,
    id: Id,
}

impl Part<'_> {
    /// Where it begins.
    pub fn position(self) -> Position {
        self.document.position(self.id)
    }

    /// The single value; `None` of a list and a mapping.
    pub fn scalar(self) -> Option<Scalar> {
        self.document.scalar(self.id)
    }

    /// Whether it is nothing, `null` or `~`.
    pub fn is_null(self) -> bool {
        self.document.is_null(self.id)
    }

    /// The items of a list; `None` of all else.
    pub fn items(self) -> Option<Vec<Self>> {
        match self.document.kind(self.id) {
            Kind::List { items, .. } => Some(items.iter().map(|item| self.document.part(*item)).collect()),
            Kind::Scalar(..) | Kind::Mapping { .. } | Kind::Alias(_) => None,
        }
    }

    /// The keys and values of a mapping, those that it got by `<<` too; `None` of all else.
    pub fn entries(self) -> Option<Vec<(Self, Self)>> {
        let part = |id| self.document.part(id);
        Some(self.document.entries(self.id)?.iter().map(|entry| (part(entry.key), part(entry.value))).collect())
    }
}

impl Document {
    /// The text, without its byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document's node; `None` when nothing but blanks and comments is there.
    pub fn root(&self) -> Option<Id> {
        self.root
    }

    /// What stands behind the document; `None` when nothing does.
    pub fn rest(&self) -> Option<Rest> {
        self.rest
    }

    /// Its comments, without their `#`.
    pub fn comments(&self) -> impl Iterator<Item = &str> {
        self.comments.iter().map(|range| &self.text[range.clone()])
    }

    /// Where the comments stand, without their `#`, in bytes of [`Document::text`].
    pub fn comment_ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.comments.iter().cloned()
    }

    /// All nodes, each before what is in it.
    pub fn ids(&self) -> impl Iterator<Item = Id> + use<> {
        (0..self.nodes.len()).map(Id)
    }

    /// How many nodes there are.
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// A node as it stands.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.number()]
    }

    /// What an alias stands for; all else is itself.
    pub fn target(&self, id: Id) -> Id {
        match self.nodes[id.number()].kind {
            Kind::Alias(target) => target,
            Kind::Scalar(..) | Kind::List { .. } | Kind::Mapping { .. } => id,
        }
    }

    /// What a node is, aliases followed.
    pub fn kind(&self, id: Id) -> &Kind {
        &self.nodes[self.target(id).number()].kind
    }

    /// Where a node begins: of a block its text, of a collection in block style its first key or dash.
    pub fn position(&self, id: Id) -> Position {
        let node = &self.nodes[id.number()];
        node.body.unwrap_or(node.start).position()
    }

    /// Behind the end of a node.
    pub fn end(&self, id: Id) -> Position {
        self.nodes[id.number()].end.position()
    }

    pub(super) fn problem(&self, id: Id, message: &str, hint: Option<&'static str>) -> Problem {
        let Mark { at, .. } = self.nodes[id.number()].start;
        Problem { position: self.position(id), at, message: message.to_owned(), hint }
    }

    /// The bytes of a node.
    pub fn range(&self, id: Id) -> Range<usize> {
        let node = &self.nodes[id.number()];
        node.start.at..node.end.at.max(node.start.at)
    }

    /// The text of a single value, whatever it means; `None` of a list and a mapping.
    pub fn written(&self, id: Id) -> Option<(&str, Style)> {
        match self.kind(id) {
            Kind::Scalar(Text::Verbatim(range), style) => Some((&self.text[range.clone()], *style)),
            Kind::Scalar(Text::Changed(text), style) => Some((text, *style)),
            Kind::List { .. } | Kind::Mapping { .. } | Kind::Alias(_) => None,
        }
    }

    /// What a single value means; `None` of a list and a mapping.
    pub fn scalar(&self, id: Id) -> Option<Scalar> {
        let (text, style) = self.written(id)?;
        tagged(text, style, self.nodes[self.target(id).number()].tag).ok()
    }

    /// Whether nothing stands there: `null`, `~`, or nothing at all.
    pub fn is_null(&self, id: Id) -> bool {
        match (self.written(id), self.nodes[self.target(id).number()].tag) {
            (Some((text, Style::Plain)), Tag::None) | (Some((text, _)), Tag::Null) => scalar::is_null(text),
            _ => false,
        }
    }

    /// The entry of a mapping that counts: the last of its name, as it is written. `None` of all else.
    pub fn get(&self, id: Id, key: &str) -> Option<Entry> {
        let Kind::Mapping { pairs, .. } = self.kind(id) else { return None };
        let is_it = |id: Id| self.written(id).is_some_and(|(text, _)| text == key);
        if pairs.iter().any(|(key, _)| self.is_merge(*key)) {
            return self.entries(id)?.into_iter().rev().find(|entry| is_it(entry.key));
        }
        let (key, value) = pairs.iter().rev().find(|(key, _)| is_it(*key))?;
        Some(Entry { key: *key, value: *value, merge: None })
    }

    /// What tells a key from others: whether it is a text, and which.
    fn meant(&self, key: Id) -> (bool, Cow<'_, str>) {
        match (self.written(key), self.nodes[self.target(key).number()].tag) {
            (Some((text, style)), Tag::None) if style != Style::Plain || scalar::special(text).is_none() => {
                (true, Cow::Borrowed(text))
            }
            _ => match self.scalar(key) {
                Some(Scalar { resolved: Resolved::Text(text), .. }) => (true, Cow::Owned(text)),
                other => (false, Cow::Owned(other.map(|key| key.rewritten()).unwrap_or_default())),
            },
        }
    }

    /// A node as a part that knows its document; of an alias what that stands for.
    pub fn part(&self, id: Id) -> Part<'_> {
        Part { document: self, id: self.target(id) }
    }

    /// The keys that a mapping has already, in the order of the text.
    pub fn duplicates(&self) -> Vec<Duplicate> {
        let mut found = Vec::new();
        if let Some(root) = self.root {
            self.find_duplicates(root, 0, &mut found);
        }
        found
    }

    fn find_duplicates(&self, id: Id, depth: usize, found: &mut Vec<Duplicate>) {
        match &self.nodes[id.number()].kind {
            Kind::Scalar(..) | Kind::Alias(_) => {}
            Kind::List { items, .. } => items.iter().for_each(|item| self.find_duplicates(*item, depth + 1, found)),
            Kind::Mapping { pairs, .. } => {
                let mut known: HashMap<(bool, Cow<'_, str>), Entry> = HashMap::with_capacity(pairs.len());
                for entry in self.entries(id).unwrap_or_default() {
                    let meant = self.meant(entry.key);
                    match known.entry(meant) {
                        Occupied(first) => found.push(Duplicate { entry, first: *first.get(), depth }),
                        Vacant(place) => drop(place.insert(entry)),
                    }
                    if entry.merge.is_none() {
                        self.find_duplicates(entry.value, depth + 1, found);
                    }
                }
            }
        }
    }

    /// The entries of a mapping in the order in which Go takes them, those that `<<` merges into it too: of a list of
    /// mappings the earlier ones count more, so they come later. `None` of all else.
    pub fn entries(&self, id: Id) -> Option<Vec<Entry>> {
        let Kind::Mapping { pairs, .. } = self.kind(id) else { return None };
        let mut entries = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            if !self.is_merge(*key) {
                entries.push(Entry { key: *key, value: *value, merge: None });
                continue;
            }
            let sources = match self.kind(*value) {
                Kind::List { items, .. } => items.iter().rev().copied().collect(),
                Kind::Mapping { .. } | Kind::Scalar(..) | Kind::Alias(_) => vec![*value],
            };
            let merged = sources.into_iter().filter_map(|source| self.entries(source)).flatten();
            entries.extend(merged.map(|entry| Entry { merge: Some(*key), ..entry }));
        }
        Some(entries)
    }

    /// Whether a key merges another mapping into its own.
    pub fn is_merge(&self, key: Id) -> bool {
        let node = &self.nodes[key.number()];
        match (&node.kind, node.tag) {
            (Kind::Scalar(_, Style::Plain), Tag::None) | (Kind::Scalar(..), Tag::Unspecific | Tag::Merge) => {
                self.written(key).is_some_and(|(text, _)| text == "<<")
            }
            _ => false,
        }
    }
}
