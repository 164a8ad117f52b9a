//! A text of YAML with the place of everything in it, read as Helm reads it: by the rules of Go's yaml.v2, with what it
//! passes over in silence remarked. Much that a stricter reader refuses is read here, so that the rest can be checked too.

mod compose;
mod entries;

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, StructureStyle};
use serde_json::{Map, Number, Value};

use super::frame::Frame;
use super::problem::{self, Problem};
use crate::document::{Budget, Place, Position};
use crate::go_yaml::{Resolved, Scalar as Plain};

pub use compose::{Precedence, Unknowns, World};
pub use entries::{Entries, Entry};

/// A text of YAML and what stands where in it.
#[derive(Debug)]
pub struct Tree<'t> {
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
pub struct Node {
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
pub enum Kind {
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
pub struct Scalar {
    /// Its text, without quotes and escapes.
    pub text: String,
    /// How it is written.
    pub style: ScalarStyle,
    /// What Helm makes of it.
    pub value: Value,
    /// Whether a tag says what it is.
    pub is_tagged: bool,
}

/// Something that Helm reads otherwise than it looks, or not at all.
#[derive(Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub spot: Position,
    /// What it is.
    pub what: Oddity,
}

/// What is odd.
#[derive(Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A key stands twice; where it stood first.
    Twice(String, Position),
    /// A merge replaces a key that stands before it.
    Overridden(String),
    /// A key is no text: how it is written, and what Helm makes of it.
    OddKey(String, String),
    /// Another document begins, which Helm never reads.
    SecondDocument,
}

/// Deeper nesting is no values file, and would need a deeper stack.
const DEEPEST: usize = 100;

impl<'t> Tree<'t> {
    /// Reads the first document of a text.
    ///
    /// # Errors
    /// When Helm could not read it.
    pub fn read(text: Cow<'t, str>, frame: Frame) -> Result<Self, Problem> {
        let mut tree = Self { text, frame, nodes: Vec::new(), root: None, remarks: Vec::new(), is_composed: false };
        let (mut nodes, mut remarks) = (Vec::new(), Vec::new());
        tree.root = {
            let text = tree.text.as_ref();
            let mut options = Options::default();
            options.set_emit_comments(false);
            let mut reader = Reader {
                parser: Parser::new_from_str_with_options(text, options),
                frame: &tree.frame,
                text,
                nodes: &mut nodes,
                remarks: &mut remarks,
                anchors: HashMap::new(),
                depth: 0,
                budget: Budget::of(text),
            };
            reader.document()?
        };
        tree.nodes = nodes;
        tree.remarks = remarks;
        if let Some(root) = tree.root
            && let Err(node) = tree.measure(root, &mut Budget::of(&tree.text))
        {
            return Err(tree.problem(tree.nodes[node].spot, Budget::EXCEEDED, Budget::HINT));
        }
        Ok(tree)
    }

    /// Takes all below `node` from a budget; the node for which nothing was left.
    fn measure(&self, node: usize, budget: &mut Budget) -> Result<(), usize> {
        let text = match &self.nodes[node].kind {
            Kind::Scalar(scalar) => scalar.text.len(),
            Kind::List(_) | Kind::Mapping { .. } => 0,
        };
        if !budget.take(text) {
            return Err(node);
        }
        match &self.nodes[node].kind {
            Kind::Scalar(_) => Ok(()),
            Kind::List(items) => items.iter().try_for_each(|item| self.measure(*item, budget)),
            Kind::Mapping { entries, .. } => entries.iter().try_for_each(|entry| {
                if !budget.take(entry.key.len()) {
                    return Err(node);
                }
                self.measure(entry.node, budget)
            }),
        }
    }

    fn problem(&self, spot: Position, message: &str, hint: &'static str) -> Problem {
        Problem { place: self.place(spot), message: message.to_owned(), hint }
    }

    /// The number of the root; `None` for a text of comments alone.
    pub fn root_number(&self) -> Option<usize> {
        self.root
    }

    /// The root; `None` for a text of comments alone.
    pub fn root(&self) -> Option<&Node> {
        self.root.map(|root| &self.nodes[root])
    }

    /// A node by its number.
    pub fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    /// Where a spot of the text is in the file.
    pub fn place(&self, spot: Position) -> Place {
        self.frame.place(spot)
    }

    /// What Helm reads from a node.
    pub fn value(&self, node: &Node) -> Value {
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
    pub fn entry<'n>(&self, node: &'n Node, key: &str) -> Option<&'n Entry> {
        match &node.kind {
            Kind::Mapping { entries, .. } => entries.last(key),
            Kind::Scalar(_) | Kind::List(_) => None,
        }
    }

    /// The entry or item at `path` below `node`: where its key stands, and its node.
    pub fn find<'p>(&self, node: &'_ Node, path: impl IntoIterator<Item = &'p str>) -> Option<(Position, &Node)> {
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

struct Reader<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    frame: &'a Frame,
    text: &'a str,
    nodes: &'a mut Vec<Node>,
    remarks: &'a mut Vec<Remark>,
    /// By its number: what an anchor names; `None` while that is read.
    anchors: HashMap<usize, Option<usize>>,
    depth: usize,
    /// What merges may still copy.
    budget: Budget,
}

impl<'a> Reader<'a> {
    fn error(&self, spot: Position, message: &str, hint: &'static str) -> Problem {
        Problem { place: self.frame.place(spot), message: message.to_owned(), hint }
    }

    fn next(&mut self) -> Result<(Event<'a>, Position, Position, bool), Problem> {
        match self.parser.next() {
            Some(Ok((event, span))) => {
                let is_absent = span.byte_range().is_some_and(|range| range.is_empty());
                Ok((event, Position::from(&span.start), Position::from(&span.end), is_absent))
            }
            Some(Err(error)) => Err(problem::problem(self.text, error.marker().into(), &error, self.frame)),
            None => Ok((Event::StreamEnd, Position::START, Position::START, true)),
        }
    }

    fn document(&mut self) -> Result<Option<usize>, Problem> {
        loop {
            match self.next()?.0 {
                Event::DocumentStart(..) => break,
                Event::StreamEnd => return Ok(None),
                _ => {}
            }
        }
        let root = self.node()?;
        while !matches!(self.next()?.0, Event::DocumentEnd | Event::StreamEnd) {}
        // Helm reads no further; what comes may be no YAML at all.
        while let Ok((event, spot, ..)) = self.next() {
            match event {
                Event::StreamEnd => break,
                Event::Scalar(..) | Event::MappingStart(..) | Event::SequenceStart(..) if !self.is_nothing(&event) => {
                    self.remarks.push(Remark { spot, what: Oddity::SecondDocument });
                    break;
                }
                _ => {}
            }
        }
        Ok(root)
    }

    fn is_nothing(&self, event: &Event<'_>) -> bool {
        matches!(event, Event::Scalar(text, ScalarStyle::Plain, 0, None) if text == "~" || text.is_empty())
    }

    /// The next node; `None` at the end of a collection.
    fn node(&mut self) -> Result<Option<usize>, Problem> {
        let (event, spot, end, is_absent) = self.next()?;
        let (anchor, kind, end) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_absent = is_absent && style == ScalarStyle::Plain;
                let text = if is_absent { String::new() } else { text.into_owned() };
                let value = self.value(&text, style, tag.as_deref(), spot)?;
                let scalar = Scalar { text, style, value, is_tagged: tag.is_some() };
                (anchor, Kind::Scalar(scalar), end)
            }
            Event::Alias(anchor) => {
                return match self.anchors.get(&anchor) {
                    Some(Some(node)) => Ok(Some(*node)),
                    Some(None) => Err(self.error(spot, "an alias names what it stands in", "write it out")),
                    None => Err(self.error(spot, "an alias names nothing", "an anchor (`&name`) must stand before it")),
                };
            }
            Event::SequenceStart(_, anchor, _) => {
                self.enter(anchor, spot)?;
                let mut items = Vec::new();
                while let Some(item) = self.node()? {
                    items.push(item);
                }
                self.depth -= 1;
                let end = items.last().map_or(end, |item| self.nodes[*item].end);
                (anchor, Kind::List(items), end)
            }
            Event::MappingStart(style, anchor, _) => {
                self.enter(anchor, spot)?;
                let entries = self.entries()?;
                self.depth -= 1;
                let end = entries.iter().next_back().map_or(end, |entry| self.nodes[entry.node].end);
                (anchor, Kind::Mapping { is_flow: style == StructureStyle::Flow, entries }, end)
            }
            _ => return Ok(None),
        };
        let number = self.nodes.len();
        self.nodes.push(Node { spot, end, kind, is_anchored: anchor > 0 });
        if anchor > 0 {
            self.anchors.insert(anchor, Some(number));
        }
        Ok(Some(number))
    }

    fn enter(&mut self, anchor: usize, spot: Position) -> Result<(), Problem> {
        self.depth += 1;
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
        if self.depth > DEEPEST {
            return Err(self.error(spot, "it is nested too deeply", "no chart reads values that deep"));
        }
        Ok(())
    }

    fn entries(&mut self) -> Result<Entries, Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        while let Some(key) = self.node()? {
            let spot = self.nodes[key].spot;
            let merges = matches!(&self.nodes[key].kind, Kind::Scalar(scalar) if is_merge(scalar));
            let name = self.key(key)?;
            let Some(node) = self.node()? else { break };
            if merges {
                for merged in self.merged(node, spot)? {
                    if known.get(&merged.key).is_some_and(|before| !entries[*before].is_merged) {
                        self.remarks.push(Remark { spot, what: Oddity::Overridden(merged.key.clone()) });
                    }
                    known.insert(merged.key.clone(), entries.len());
                    entries.push(Entry { is_merged: true, ..merged });
                }
                continue;
            }
            if let Some(before) = known.insert(name.clone(), entries.len()) {
                let before = &entries[before];
                if !before.is_merged {
                    self.remarks.push(Remark { spot, what: Oddity::Twice(name.clone(), before.spot) });
                }
            }
            entries.push(Entry { key: name, spot, node, is_merged: false });
        }
        Ok(entries.into())
    }

    /// A key as Helm reads it: it becomes a text by way of JSON.
    fn key(&mut self, key: usize) -> Result<String, Problem> {
        let Node { spot, kind: Kind::Scalar(scalar), .. } = &self.nodes[key] else {
            let hint = "a template (`{{`) is no YAML: put it in quotes; any other key is a text";
            return Err(self.error(self.nodes[key].spot, "a list or a mapping stands where a key belongs", hint));
        };
        let name = match &scalar.value {
            Value::String(text) => text.clone(),
            Value::Null => {
                return Err(self.error(*spot, "a key is missing, or null", "put the key in quotes"));
            }
            other => other.to_string(),
        };
        if name != scalar.text {
            let (spot, what) = (*spot, Oddity::OddKey(scalar.text.clone(), name.clone()));
            self.remarks.push(Remark { spot, what });
        }
        Ok(name)
    }

    /// What a `<<` merges: later ones of a list do not replace what the earlier ones brought.
    fn merged(&mut self, node: usize, spot: Position) -> Result<Vec<Entry>, Problem> {
        let sources = match &self.nodes[node].kind {
            Kind::List(items) => items.iter().rev().copied().collect(),
            Kind::Mapping { .. } | Kind::Scalar(_) => vec![node],
        };
        let mut all = Vec::new();
        for source in sources {
            let Kind::Mapping { entries, .. } = &self.nodes[source].kind else {
                let hint = "name a mapping by its anchor (`<<: *name`)";
                return Err(self.error(spot, "`<<` merges mappings alone", hint));
            };
            for entry in entries.iter() {
                if !self.budget.take(entry.key.len()) {
                    return Err(self.error(spot, Budget::EXCEEDED, Budget::HINT));
                }
                all.push(entry.clone());
            }
        }
        Ok(all)
    }

    /// What Helm makes of a single value: yaml.v2 decodes it, and all numbers become `float64` on the way through JSON.
    fn value(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&granit_parser::Tag>,
        spot: Position,
    ) -> Result<Value, Problem> {
        let core = tag.and_then(|tag| tag.core_suffix());
        if style != ScalarStyle::Plain && core.is_none() || core == Some("str") || (tag.is_some() && core.is_none()) {
            return Ok(Value::String(text.to_owned()));
        }
        let resolved = Plain::plain(text).resolved;
        let fits = match core {
            Some("int") => matches!(resolved, Resolved::Integer(_)),
            Some("float") => matches!(resolved, Resolved::Integer(_) | Resolved::Float(_)),
            Some("bool") => matches!(resolved, Resolved::Bool(_)),
            Some("null") => matches!(resolved, Resolved::Null),
            Some(_) => return Ok(Value::String(text.to_owned())),
            None => true,
        };
        if !fits {
            return Err(self.error(spot, "the tag and the value do not go together", "take the tag (`!!…`) away"));
        }
        Ok(match resolved {
            Resolved::Null => Value::Null,
            Resolved::Bool(value) => Value::Bool(value),
            Resolved::Integer(number) => match (i64::try_from(number), u64::try_from(number)) {
                (Ok(number), _) => Value::from(number),
                (_, Ok(number)) => Value::from(number),
                _ => Value::String(text.to_owned()),
            },
            Resolved::Float(number) => match Number::from_f64(number) {
                Some(number) => Value::Number(number),
                None => {
                    let hint = "put it in quotes, if it is a text";
                    return Err(self.error(spot, "this number is one that JSON, which Helm goes through, lacks", hint));
                }
            },
            Resolved::Text(text) => Value::String(text),
            Resolved::Merge => Value::String(text.to_owned()),
        })
    }
}

fn is_merge(scalar: &Scalar) -> bool {
    scalar.text == "<<" && scalar.style == ScalarStyle::Plain && !scalar.is_tagged
}
