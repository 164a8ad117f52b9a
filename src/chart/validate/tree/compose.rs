//! Trees made of others: layers as Helm merges them, values that are set from elsewhere, values that are not known.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{Entries, Entry, Kind, Node, Scalar, Tree};
use crate::chart::placeholders::{UNKNOWN, holds_unknown, is_unknown};
use crate::chart::validate::frame::Frame;
use crate::languages::yaml::Style;
use crate::place::{Place, Position};

/// Whether a value that is put at a key counts where the key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precedence {
    /// What is there counts.
    Below,
    /// The new one does; mappings are merged.
    Above,
}

/// What a value that is not known may turn out to be. What holds for all of these is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum World {
    /// Nothing.
    Nothing,
    /// False.
    No,
    /// True.
    Yes,
    /// A number.
    Number,
    /// A text.
    Text,
}

impl World {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [Self::Nothing, Self::No, Self::Yes, Self::Number, Self::Text];

    /// Whether keys that may be set elsewhere are.
    pub(crate) fn has_rest(self) -> bool {
        match self {
            Self::Yes | Self::Text => true,
            Self::Nothing | Self::No | Self::Number => false,
        }
    }

    fn filled(self, text: &str) -> String {
        let sign = match self {
            Self::Nothing | Self::No | Self::Number => "1",
            Self::Yes | Self::Text => "x",
        };
        text.replace(UNKNOWN, sign)
    }

    fn scalar(self, text: &str) -> (String, Value) {
        if !is_unknown(text) {
            let text = self.filled(text);
            return (text.clone(), Value::String(text));
        }
        match self {
            Self::Nothing => (String::new(), Value::Null),
            Self::No => ("false".to_owned(), Value::Bool(false)),
            Self::Yes => ("true".to_owned(), Value::Bool(true)),
            Self::Number => ("1".to_owned(), Value::from(1)),
            Self::Text => (self.filled(text), Value::String(self.filled(text))),
        }
    }
}

impl Tree<'static> {
    /// One tree of several, each with the node that is its root: of two keys the later one counts, mappings are merged,
    /// all else is replaced (Helm's `mergeMaps`). With the root; `None` of no trees.
    pub(crate) fn stacked(layers: Vec<(Self, usize)>) -> Option<(Self, usize)> {
        let mut all = Self {
            text: Cow::Borrowed(""),
            frame: Frame::file(""),
            nodes: Vec::new(),
            root: None,
            remarks: Vec::new(),
            is_composed: true,
        };
        let (mut frames, mut text, mut lines, mut root) = (Vec::new(), String::new(), 0, None);
        for (tree, top) in layers {
            let first = all.nodes.len();
            frames.push((lines + 1, tree.frame));
            let last = tree.nodes.iter().map(|node| node.end.line).max().unwrap_or(1);
            all.nodes.extend(tree.nodes.into_iter().map(|node| node.moved(first, lines)));
            let count = (tree.text.lines().count() as u64).max(last);
            text.push_str(&tree.text);
            text.push_str(
                &"\n".repeat(usize::try_from(lines + count).unwrap_or_default() - text.matches('\n').count()),
            );
            lines += count;
            let top = top + first;
            root = Some(root.map_or(top, |below| all.merged_nodes(below, top)));
        }
        all.text = Cow::Owned(text);
        all.frame = Frame::stacked(frames);
        root.map(|root| (all, root))
    }
}

impl Tree<'_> {
    /// The number of the node at `path` below another.
    pub(crate) fn number<'p>(&self, from: usize, path: impl IntoIterator<Item = &'p str>) -> Option<usize> {
        path.into_iter().try_fold(from, |number, name| match &self.nodes[number].kind {
            Kind::List(items) => items.get(name.parse::<usize>().ok()?).copied(),
            Kind::Mapping { .. } => Some(self.entry(&self.nodes[number], name)?.node),
            Kind::Scalar(_) => None,
        })
    }

    /// Adds a single value that stands at `spot`.
    pub(crate) fn add_scalar(&mut self, spot: Position, text: String, value: Value) -> usize {
        let scalar = Scalar { text, style: Style::Double, value, is_tagged: false };
        self.add(Node { spot, end: spot, kind: Kind::Scalar(scalar), is_anchored: false })
    }

    /// Adds a value of which nothing is known.
    pub(crate) fn add_unknown(&mut self, spot: Position) -> usize {
        let text = UNKNOWN.to_string().repeat(4);
        self.add_scalar(spot, text.clone(), Value::String(text))
    }

    /// Adds a mapping without keys.
    pub(crate) fn empty(&mut self, spot: Position) -> usize {
        let kind = Kind::Mapping { is_flow: true, entries: Entries::default() };
        self.add(Node { spot, end: spot, kind, is_anchored: false })
    }

    /// The node `root` with `value` at `path`, whose name stands at `spot`.
    pub(crate) fn put(
        &mut self,
        root: usize,
        path: &[&str],
        spot: Position,
        value: usize,
        precedence: Precedence,
    ) -> usize {
        let Some((name, rest)) = path.split_first() else {
            return match precedence {
                Precedence::Above => self.merged_nodes(root, value),
                Precedence::Below => self.merged_nodes(value, root),
            };
        };
        let (own, end, mut entries) = match &self.nodes[root].kind {
            Kind::Mapping { entries, .. } => (self.nodes[root].spot, self.nodes[root].end, entries.to_vec()),
            Kind::Scalar(scalar) if scalar.value.is_null() || precedence == Precedence::Above => {
                (spot, spot, Vec::new())
            }
            Kind::List(_) if precedence == Precedence::Above => (spot, spot, Vec::new()),
            Kind::Scalar(_) | Kind::List(_) => return root,
        };
        let at = entries.iter().rposition(|entry| entry.key == *name);
        let node = match (at, rest.is_empty()) {
            (Some(at), _) => self.put(entries[at].node, rest, spot, value, precedence),
            (None, true) => value,
            (None, false) => {
                let empty = self.empty(spot);
                self.put(empty, rest, spot, value, precedence)
            }
        };
        match at {
            Some(at) => entries[at].node = node,
            None => entries.push(Entry { key: (*name).to_owned(), spot, node, is_merged: false }),
        }
        self.is_composed = true;
        let kind = Kind::Mapping { is_flow: true, entries: entries.into() };
        self.add(Node { spot: own, end, kind, is_anchored: false })
    }

    /// Puts `value` at `path` into a mapping that was made by [`Tree::empty`], and so were all mappings in it: no other node
    /// has them, so that they are changed in place.
    pub(crate) fn insert(&mut self, root: usize, path: &[&str], spot: Position, value: usize, precedence: Precedence) {
        let Some((name, rest)) = path.split_first() else { return };
        let Kind::Mapping { entries, .. } = &self.nodes[root].kind else { return };
        let there = entries.position(name).map(|at| (at, entries[at].node));
        let is_mapping = |number: usize| matches!(self.nodes[number].kind, Kind::Mapping { .. });
        let below = match (there, rest.is_empty()) {
            (Some(_), true) if precedence == Precedence::Below => return,
            (_, true) => value,
            (Some((_, node)), false) if is_mapping(node) => return self.insert(node, rest, spot, value, precedence),
            (Some(_), false) if precedence == Precedence::Below => return,
            (_, false) => self.empty(spot),
        };
        if let Kind::Mapping { entries, .. } = &mut self.nodes[root].kind {
            let entry = Entry { key: (*name).to_owned(), spot, node: below, is_merged: false };
            match there {
                Some((at, _)) => entries.replace(at, entry),
                None => entries.push(entry),
            }
        }
        self.is_composed = true;
        self.insert(below, rest, spot, value, precedence);
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// The node that Helm makes of two, of which `over` counts.
    fn merged_nodes(&mut self, under: usize, over: usize) -> usize {
        let (Kind::Mapping { entries: below, .. }, Kind::Mapping { entries: above, .. }) =
            (&self.nodes[under].kind, &self.nodes[over].kind)
        else {
            return over;
        };
        let mut entries: Vec<Entry> = above.of_each_name().cloned().collect();
        let both: Vec<Option<usize>> =
            entries.iter().map(|entry| below.last(&entry.key).map(|under| under.node)).collect();
        let rest: Vec<Entry> = below.of_each_name().filter(|entry| above.last(&entry.key).is_none()).cloned().collect();
        let (spot, end) = (self.nodes[over].spot, self.nodes[over].end);
        for (entry, under) in entries.iter_mut().zip(both) {
            if let Some(under) = under {
                entry.node = self.merged_nodes(under, entry.node);
            }
        }
        // What begins a mapping is where it stands: that of the layer which counts.
        entries.extend(rest);
        let kind = Kind::Mapping { is_flow: true, entries: entries.into() };
        self.add(Node { spot, end, kind, is_anchored: false })
    }

    /// Whether something in it is not known.
    pub(crate) fn holds_unknown(&self) -> bool {
        self.nodes.iter().any(|node| match &node.kind {
            Kind::Scalar(scalar) => holds_unknown(&scalar.text),
            Kind::Mapping { entries, .. } => entries.iter().any(|entry| holds_unknown(&entry.key)),
            Kind::List(_) => false,
        })
    }

    /// The tree as it is where what is not known turns out to be this.
    pub(crate) fn in_world(&self, world: World) -> Tree<'static> {
        let filled = |node: &Node| {
            let mut node = node.clone();
            match &mut node.kind {
                Kind::Scalar(scalar) if holds_unknown(&scalar.text) => {
                    (scalar.text, scalar.value) = world.scalar(&scalar.text);
                }
                Kind::Mapping { entries, .. } => {
                    if entries.iter().any(|entry| holds_unknown(&entry.key)) {
                        entries.change(|entry| entry.key = world.filled(&entry.key));
                    }
                }
                Kind::Scalar(_) | Kind::List(_) => {}
            }
            node
        };
        Tree {
            text: Cow::Owned(world.filled(&self.text)),
            frame: self.frame.clone(),
            nodes: self.nodes.iter().map(filled).collect(),
            root: self.root,
            remarks: Vec::new(),
            is_composed: self.is_composed,
        }
    }

    /// What is not known: of each value where its key stands, and from where to where the value does.
    fn unknowns(&self) -> Vec<Unknown> {
        let mut found = Vec::new();
        for node in &self.nodes {
            match &node.kind {
                Kind::Mapping { entries, .. } => {
                    for entry in entries {
                        self.unknown(Some(entry.spot), entry.node, &mut found);
                    }
                }
                Kind::List(items) => items.iter().for_each(|item| self.unknown(None, *item, &mut found)),
                Kind::Scalar(_) => {}
            }
        }
        found
    }

    fn unknown(&self, key: Option<Position>, number: usize, found: &mut Vec<Unknown>) {
        let node = &self.nodes[number];
        let Kind::Scalar(scalar) = &node.kind else { return };
        if !holds_unknown(&scalar.text) {
            return;
        }
        if scalar.style == Style::Literal {
            // Its lines are known but for those that hold something unknown.
            let blank = scalar.text.bytes().take_while(|byte| *byte == b'\n').count() as u64;
            let first = node.spot.line.saturating_sub(blank);
            for (at, _) in scalar.text.split('\n').enumerate().filter(|(_, line)| holds_unknown(line)) {
                let line = Position { line: first + at as u64, column: 1 };
                let end = Position { line: line.line + 1, column: 1 };
                found.push(Unknown { key: None, start: self.place(line), end: self.place(end) });
            }
            return;
        }
        let end = node.end.max(Position { column: node.spot.column + 1, ..node.spot });
        let key = key.map(|key| self.place(key));
        found.push(Unknown { key, start: self.place(node.spot), end: self.place(end) });
    }
}

/// A value of which something is not known.
#[derive(Debug)]
struct Unknown {
    /// Where its key stands; `None` of an item, and of a line within a text.
    key: Option<Place>,
    /// Where it begins.
    start: Place,
    /// Behind its end.
    end: Place,
}

/// Where values are of which something is not known.
#[derive(Debug)]
pub(crate) struct Unknowns {
    keys: HashSet<Place>,
    /// By its beginning the end of each; none lies in another.
    spans: BTreeMap<Place, Place>,
}

impl Unknowns {
    /// Those of a tree.
    pub(crate) fn of(tree: &Tree<'_>) -> Self {
        let (mut keys, mut spans) = (HashSet::new(), BTreeMap::new());
        for Unknown { key, start, end } in tree.unknowns() {
            keys.extend(key);
            let longest = spans.entry(start).or_insert_with(|| end.clone());
            *longest = end.max(longest.clone());
        }
        Self { keys, spans }
    }

    /// Whether the key of one stands at a place.
    pub(crate) fn are_named_at(&self, place: &Place) -> bool {
        self.keys.contains(place)
    }

    /// Whether a place lies in one.
    pub(crate) fn hold(&self, place: &Place) -> bool {
        let before = self.spans.range(..=place).next_back();
        before.is_some_and(|(start, end)| start.file == place.file && place < end)
    }
}

impl Node {
    /// The node as one of a larger tree: its nodes have higher numbers there, and stand in later lines.
    fn moved(mut self, first: usize, lines: u64) -> Self {
        let down = |spot: &mut Position| spot.line += lines;
        down(&mut self.spot);
        down(&mut self.end);
        match &mut self.kind {
            Kind::Scalar(_) => {}
            Kind::List(items) => items.iter_mut().for_each(|item| *item += first),
            Kind::Mapping { entries, .. } => entries.change(|entry| {
                down(&mut entry.spot);
                entry.node += first;
            }),
        }
        self
    }
}
