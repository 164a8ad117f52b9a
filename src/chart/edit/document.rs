//! A values file with the place of everything in it.

use std::ops::Range;

use serde_json::{Map, Value};

use super::splice::{line_end, line_start, skip_blanks};
use crate::document::{self, DocumentError};
use crate::languages::yaml::{self, Id, Style, Tag};
use crate::place::{Place, Position};

/// A values file, read so that it can be edited: what Helm reads from it, and where each part of it stands.
#[derive(Debug)]
pub struct Document {
    pub(super) file: String,
    /// Without the byte order mark.
    pub(super) text: String,
    has_mark: bool,
    pub(super) root: Node,
    tree: Value,
    /// Without their `#`.
    pub(super) comments: Vec<String>,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// A part of a document and the bytes that it takes. Those of a collection in block style begin with its first key or
/// dash and end with the last thing in it.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub range: Range<usize>,
    pub property: Option<Property>,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A scalar on the lines of its key or dash; nothing at all is one as well, and null.
    Scalar {
        text: String,
        style: Style,
    },
    /// A block scalar (`|`, `>`): its range begins with its header. `body_end` is behind its blank lines.
    Block {
        body_end: usize,
    },
    /// What stands for another part.
    Alias,
    List {
        is_flow: bool,
        items: Vec<Item>,
    },
    Mapping {
        is_flow: bool,
        entries: Vec<Entry>,
    },
}

#[derive(Debug)]
pub(super) struct Item {
    /// Where its dash is, in block style.
    pub dash: usize,
    pub node: Node,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// `None` when the key is no text.
    pub key: Option<String>,
    pub key_range: Range<usize>,
    /// Behind its colon; `None` where a mapping in flow style has only the key.
    pub colon: Option<usize>,
    pub node: Node,
}

/// What ties a node to other places, or makes it something else than it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Anchor,
    Alias,
    Tag,
}

impl Node {
    /// What stands where nothing is written.
    pub(super) fn nothing(at: usize) -> Self {
        let kind = Kind::Scalar { text: String::new(), style: Style::Plain };
        Self { kind, range: at..at, property: None }
    }

    /// Whether it is nothing, null, or an empty collection.
    pub(super) fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Scalar { text, style } => {
                *style == Style::Plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            Kind::List { items, .. } => items.is_empty(),
            Kind::Mapping { entries, .. } => entries.is_empty(),
            Kind::Block { .. } | Kind::Alias => false,
        }
    }

    /// The last thing in it that is no collection in block style.
    pub(super) fn last(&self) -> &Self {
        let last = match &self.kind {
            Kind::List { is_flow: false, items } => items.last().map(|item| &item.node),
            Kind::Mapping { is_flow: false, entries } => entries.last().map(|entry| &entry.node),
            Kind::List { .. } | Kind::Mapping { .. } | Kind::Scalar { .. } | Kind::Block { .. } | Kind::Alias => None,
        };
        last.map_or(self, Self::last)
    }

    /// The entry of a mapping; `None` when it has none of that name.
    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Mapping { entries, .. } => entries.iter().find(|entry| entry.key.as_deref() == Some(name)),
            Kind::Scalar { .. } | Kind::Block { .. } | Kind::Alias | Kind::List { .. } => None,
        }
    }

    /// The first node, of this one and all below, that has a property.
    pub(super) fn tied(&self) -> Option<(&Self, Property)> {
        if let Some(property) = self.property {
            return Some((self, property));
        }
        match &self.kind {
            Kind::List { items, .. } => items.iter().find_map(|item| item.node.tied()),
            Kind::Mapping { entries, .. } => entries.iter().find_map(|entry| entry.node.tied()),
            Kind::Scalar { .. } | Kind::Block { .. } | Kind::Alias => None,
        }
    }
}

impl Document {
    /// Reads a values file.
    ///
    /// # Errors
    /// Where it is no YAML (a template, a tab that indents), holds several documents, a key twice or a control
    /// character, or is no mapping: with the line and what to do.
    pub fn parse(file: &str, text: &str) -> Result<Self, DocumentError> {
        let has_mark = text.starts_with('\u{feff}');
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let error = |at: usize, message: &str, hint: &str| error(file, text, at, message, Some(hint));
        if let Some((at, character)) = unreadable(text) {
            let message = format!("the character U+{:04X}, which YAML does not take here", character as u32);
            return Err(error(at, &message, "delete it, or write it as an escape in double quotes"));
        }
        let read = document::open(file, text).map_err(|told| explained(file, text, told))?;
        if let Some(rest) = read.rest() {
            let at = at(text, rest.position);
            return Err(error(at, "a second document begins here", "one file holds one document: split it at `---`"));
        }
        let root = read.root().map_or_else(|| Node::nothing(text.len()), |root| node(&read, root));
        let value = read.root().map_or(Ok(Value::Null), |root| read.value(root));
        let tree = value.map_err(|problem| self::error(file, text, problem.at, &problem.message, problem.hint))?;
        let comments = read.comments().map(str::to_owned).collect();
        let tree = match (&root.kind, tree) {
            (Kind::Mapping { .. }, tree @ Value::Object(_)) => tree,
            _ if root.is_empty() => Value::Object(Map::new()),
            _ => {
                let hint = "values are a mapping: `query:`, and what belongs to it below";
                return Err(error(root.range.start, "no mapping, so these are no values", hint));
            }
        };
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Ok(Self { file: file.to_owned(), text: text.to_owned(), has_mark, root, tree, comments, lines })
    }

    /// The file as it is.
    pub fn text(&self) -> String {
        self.marked(&self.text)
    }

    /// What Helm reads from it.
    pub fn tree(&self) -> &Value {
        &self.tree
    }

    /// `text` with the byte order mark, when the file has one.
    pub(super) fn marked(&self, text: &str) -> String {
        format!("{}{text}", if self.has_mark { "\u{feff}" } else { "" })
    }

    /// Where a byte stands for people.
    pub(super) fn place(&self, at: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= at);
        let column = self.text[self.lines[line - 1]..at].chars().count();
        Place { file: self.file.clone(), line: line as u64, column: column as u64 + 1 }
    }

    /// Whether it ends within a block scalar: a line break behind it would become a part of that text.
    pub(super) fn ends_in_text(&self) -> bool {
        let last = self.root.last();
        let header = || self.text[last.range.start..].split(['\n', ' ', '\t']).next().unwrap_or_default();
        matches!(last.kind, Kind::Block { .. }) && !self.text.ends_with('\n') && !header().contains('-')
    }

    pub(super) fn error(&self, at: usize, message: impl Into<String>, hint: &str) -> DocumentError {
        error(&self.file, &self.text, at, &message.into(), Some(hint))
    }
}

fn error(file: &str, text: &str, at: usize, message: &str, hint: Option<&str>) -> DocumentError {
    DocumentError {
        place: Position::within(text, at).of(file),
        message: message.to_owned(),
        hint: hint.map(str::to_owned),
    }
}

fn templated(file: &str, text: &str, at: usize) -> DocumentError {
    let hint = "render the template first, or keep the stores in a values file of their own";
    error(file, text, at, "a template (`{{`), not YAML", Some(hint))
}

/// The first character that Go's parser refuses, or takes for the end of a line where others do not.
fn unreadable(text: &str) -> Option<(usize, char)> {
    let is_bad = |at: usize, character: char| match character {
        '\n' | '\t' => false,
        '\r' => !text[at..].starts_with("\r\n"),
        '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    };
    text.char_indices().find(|(at, character)| is_bad(*at, *character))
}

/// The byte at a position, at most the last.
fn at(text: &str, Position { line, column }: Position) -> usize {
    let line = usize::try_from(line).unwrap_or(1) - 1;
    let begin = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let column = usize::try_from(column).unwrap_or(1) - 1;
    text[begin..].char_indices().nth(column).map_or(text.len(), |(at, _)| begin + at)
}

/// Why a text is no YAML, in the words of who writes values.
fn explained(file: &str, text: &str, told: DocumentError) -> DocumentError {
    let at = at(text, Position { line: told.place.line, column: told.place.column });
    let line = line_start(text, at);
    if let Some(template) = template(text, at) {
        return templated(file, text, template);
    }
    if text[line..skip_blanks(text, line)].contains('\t') {
        return error(file, text, line, "a tab indents this line", Some("YAML indents by blanks: write those"));
    }
    told
}

/// Where, in a text that is broken at `broken`, a template begins: on that line, or on one of its own.
fn template(text: &str, broken: usize) -> Option<usize> {
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        let found = brace(line)
            .filter(|at| line.trim_start().starts_with("{{") || (begin + at <= broken && broken <= begin + line.len()));
        if let Some(at) = found {
            return Some(begin + at);
        }
        begin += line.len();
    }
    None
}

/// Where `{{` stands in a line, outside of quotes and comments.
fn brace(line: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') if before.is_whitespace() => return None,
            (None, '{') if line[at..].starts_with("{{") => return Some(at),
            (None, _) => {}
        }
        before = character;
    }
    None
}

/// A node of the reader with what edits ask for.
fn node(document: &yaml::Document, id: Id) -> Node {
    let read = document.node(id);
    let property = match &read.kind {
        yaml::Kind::Alias(_) => Some(Property::Alias),
        _ if read.tag != Tag::None => Some(Property::Tag),
        _ => read.is_anchored.then_some(Property::Anchor),
    };
    let range = document.range(id);
    let (kind, range) = match &read.kind {
        yaml::Kind::Alias(_) => (Kind::Alias, range),
        yaml::Kind::Scalar(_, Style::Literal | Style::Folded) => block(document.text(), range),
        yaml::Kind::Scalar(_, style) => {
            let text = document.written(id).map_or("", |(text, _)| text).to_owned();
            (Kind::Scalar { text, style: *style }, range)
        }
        yaml::Kind::List { items, is_flow } => {
            let item = |id: &Id| {
                let node = node(document, *id);
                Item { dash: document.node(*id).lead.unwrap_or(node.range.start), node }
            };
            (Kind::List { is_flow: *is_flow, items: items.iter().map(item).collect() }, range)
        }
        yaml::Kind::Mapping { pairs, is_flow } => {
            let entries = pairs.iter().map(|(key, value)| entry(document, *key, *value)).collect();
            (Kind::Mapping { is_flow: *is_flow, entries }, range)
        }
    };
    Node { kind, range, property }
}

fn entry(document: &yaml::Document, key: Id, value: Id) -> Entry {
    let colon = document.node(value).lead;
    let (key, mut node) = (node(document, key), node(document, value));
    // Who has the key by an anchor depends on it as on the value.
    node.property = node.property.or(key.property);
    let name = match key.kind {
        Kind::Scalar { text, .. } => Some(text),
        Kind::Block { .. } | Kind::Alias | Kind::List { .. } | Kind::Mapping { .. } => None,
    };
    Entry { key: name, key_range: key.range, colon, node }
}

/// A block scalar without the blank lines behind it, where these are no part of it.
fn block(text: &str, range: Range<usize>) -> (Kind, Range<usize>) {
    let header_end = line_end(text, range.start);
    let body_end = range.end.max(header_end);
    let is_kept = text[range.start..header_end].split([' ', '\t']).next().is_some_and(|header| header.contains('+'));
    let written = &text[header_end..body_end];
    let written = if is_kept {
        let line = written.strip_suffix('\n').unwrap_or(written);
        line.strip_suffix('\r').unwrap_or(line)
    } else {
        written.trim_end_matches([' ', '\t', '\r', '\n'])
    };
    (Kind::Block { body_end }, range.start..header_end + written.len())
}

impl Entry {
    /// Where the last thing of it ends.
    pub(super) fn end(&self) -> usize {
        self.node.range.end.max(self.key_range.end).max(self.colon.unwrap_or(0))
    }
}
