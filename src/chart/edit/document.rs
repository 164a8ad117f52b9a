//! A values file with the place of everything in it.

use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StructureStyle};
use serde_json::{Map, Value};

use super::splice::{line_end, line_start, skip_blanks};
use crate::document::{self, DocumentError, Place, Position};

/// A values file, read so that it can be edited: what Helm reads from it, and where each part of it stands.
#[derive(Debug)]
pub struct Document {
    pub(super) file: String,
    /// Without the byte order mark.
    pub(super) text: String,
    has_mark: bool,
    pub(super) root: Node,
    tree: Value,
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
        style: ScalarStyle,
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
    pub fn nothing(at: usize) -> Self {
        let kind = Kind::Scalar { text: String::new(), style: ScalarStyle::Plain };
        Self { kind, range: at..at, property: None }
    }

    /// Whether it is nothing, null, or an empty collection.
    pub fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Scalar { text, style } => {
                *style == ScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            Kind::List { items, .. } => items.is_empty(),
            Kind::Mapping { entries, .. } => entries.is_empty(),
            Kind::Block { .. } | Kind::Alias => false,
        }
    }

    /// The last thing in it that is no collection in block style.
    pub fn last(&self) -> &Self {
        let last = match &self.kind {
            Kind::List { is_flow: false, items } => items.last().map(|item| &item.node),
            Kind::Mapping { is_flow: false, entries } => entries.last().map(|entry| &entry.node),
            Kind::List { .. } | Kind::Mapping { .. } | Kind::Scalar { .. } | Kind::Block { .. } | Kind::Alias => None,
        };
        last.map_or(self, Self::last)
    }

    /// The entry of a mapping; `None` when it has none of that name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Mapping { entries, .. } => entries.iter().find(|entry| entry.key.as_deref() == Some(name)),
            Kind::Scalar { .. } | Kind::Block { .. } | Kind::Alias | Kind::List { .. } => None,
        }
    }

    /// The first node, of this one and all below, that has a property.
    pub fn tied(&self) -> Option<(&Self, Property)> {
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
        let events = events(file, text)?;
        let mut starts = events.iter().filter(|(event, _)| matches!(event, Event::DocumentStart(..)));
        let begin = starts.next().and_then(|(_, span)| span.byte_range()).map_or(0, |range| range.end);
        if let Some((_, span)) = starts.next() {
            let at = start(span);
            return Err(error(at, "a second document begins here", "one file holds one document: split it at `---`"));
        }
        for pair in events.windows(2) {
            let [(Event::MappingStart(..), outer), (Event::MappingStart(..), inner)] = pair else { continue };
            if text[start(outer)..].starts_with("{{") && start(inner) == start(outer) + 1 {
                return Err(templated(file, text, start(outer)));
            }
        }
        // It bounds how deep a document is, so it comes before what goes down into it.
        let tree: Value = document::read(file, text)?;
        let root = Builder { text, events: events.into_iter() }.root(begin);
        let root = root.ok_or_else(|| error(0, "a document that cannot be followed", "write it more plainly"))?;
        let tree = match (&root.kind, tree) {
            (Kind::Mapping { .. }, tree @ Value::Object(_)) => tree,
            _ if root.is_empty() => Value::Object(Map::new()),
            _ => {
                let hint = "values are a mapping: `query:`, and what belongs to it below";
                return Err(error(root.range.start, "no mapping, so these are no values", hint));
            }
        };
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Ok(Self { file: file.to_owned(), text: text.to_owned(), has_mark, root, tree, lines })
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

fn start(span: &Span) -> usize {
    span.byte_range().map_or(0, |range| range.start)
}

fn events<'a>(file: &str, text: &'a str) -> Result<Vec<(Event<'a>, Span)>, DocumentError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let events = Parser::new_from_str_with_options(text, options).collect::<Result<Vec<_>, _>>();
    events.map_err(|broken| {
        let at = broken.marker().byte_offset().unwrap_or(0).min(text.len());
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let line = line_start(text, at);
        if let Some(template) = template(text, at) {
            return templated(file, text, template);
        }
        if text[line..skip_blanks(text, line)].contains('\t') {
            return error(file, text, line, "a tab indents this line", Some("YAML indents by blanks: write those"));
        }
        // The reader of documents says what is wrong in the words of who writes YAML.
        document::read::<Value>(file, text).err().unwrap_or_else(|| error(file, text, at, "broken YAML", None))
    })
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

/// Makes nodes of events.
struct Builder<'a> {
    text: &'a str,
    events: std::vec::IntoIter<(Event<'a>, Span)>,
}

impl<'a> Builder<'a> {
    /// `None` when the events make no tree whose places are where they should be.
    fn root(mut self, begin: usize) -> Option<Node> {
        let no_node = |event: &Event<'_>| matches!(event, Event::StreamStart | Event::DocumentStart(..));
        while self.events.as_slice().first().is_some_and(|(event, _)| no_node(event)) {
            self.events.next();
        }
        match self.events.as_slice().first() {
            // A file of comments alone.
            None | Some((Event::StreamEnd, _)) => Some(Node::nothing(self.text.len())),
            Some(_) => self.node(begin),
        }
    }

    /// The next node, which stands behind `from`: the colon or the dash before it.
    fn node(&mut self, from: usize) -> Option<Node> {
        let (event, span) = self.events.next()?;
        let range = span.byte_range()?;
        let property = match &event {
            Event::Alias(_) => Some(Property::Alias),
            event if event.tag().is_some() => Some(Property::Tag),
            event if event.anchor_id().is_some() => Some(Property::Anchor),
            _ => None,
        };
        let (kind, range) = match event {
            Event::Alias(_) => (Kind::Alias, range),
            Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => self.block(range, from)?,
            Event::Scalar(text, style, ..) => {
                // What is not there is put behind its colon, not where the parser noticed.
                let range = if range.is_empty() { from..from } else { range };
                let text = if range.is_empty() { String::new() } else { text.into_owned() };
                (Kind::Scalar { text, style }, range)
            }
            Event::SequenceStart(StructureStyle::Flow, ..) => {
                let mut items = Vec::new();
                while !matches!(self.events.as_slice().first()?.0, Event::SequenceEnd) {
                    let node = self.node(self.next_start()?)?;
                    items.push(Item { dash: node.range.start, node });
                }
                (Kind::List { is_flow: true, items }, range.start..self.events.next()?.1.byte_range()?.end)
            }
            Event::SequenceStart(..) => {
                let (mut items, mut end): (Vec<Item>, _) = (Vec::new(), from);
                while !matches!(self.events.as_slice().first()?.0, Event::SequenceEnd) {
                    let dash = self.token(end, b'-')?;
                    let node = self.node(dash + 1)?;
                    end = node.range.end;
                    items.push(Item { dash, node });
                }
                self.events.next();
                let range = items.first()?.dash..end;
                (Kind::List { is_flow: false, items }, range)
            }
            Event::MappingStart(style, ..) => {
                let is_flow = style == StructureStyle::Flow;
                let mut entries = Vec::new();
                while !matches!(self.events.as_slice().first()?.0, Event::MappingEnd) {
                    entries.push(self.entry()?);
                }
                let end = self.events.next()?.1.byte_range()?.end;
                let range = match (is_flow, entries.first(), entries.last()) {
                    (false, Some(first), Some(last)) => first.key_range.start..last.end(),
                    _ => range.start..end,
                };
                (Kind::Mapping { is_flow, entries }, range)
            }
            _ => return None,
        };
        self.text.get(range.clone())?;
        Some(Node { kind, range, property })
    }

    fn entry(&mut self) -> Option<Entry> {
        let key = self.node(self.next_start()?)?;
        let colon = self.token(key.range.end, b':').map(|colon| colon + 1);
        let mut node = self.node(colon.unwrap_or(key.range.end))?;
        // Who has the key by an anchor depends on it as on the value.
        node.property = node.property.or(key.property);
        let name = match key.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::Block { .. } | Kind::Alias | Kind::List { .. } | Kind::Mapping { .. } => None,
        };
        Some(Entry { key: name, key_range: key.range, colon, node })
    }

    /// A block scalar: the parser tells where its text is, and the header stands before it.
    fn block(&self, body: Range<usize>, from: usize) -> Option<(Kind, Range<usize>)> {
        let header = self.token(from, b'|').or_else(|| self.token(from, b'>'))?;
        let header_end = line_end(self.text, header);
        let body_end = body.end.max(header_end);
        let is_kept = self.text[header..header_end].split([' ', '\t']).next()?.contains('+');
        let written = self.text.get(header_end..body_end)?;
        let written = if is_kept {
            let line = written.strip_suffix('\n').unwrap_or(written);
            line.strip_suffix('\r').unwrap_or(line)
        } else {
            written.trim_end_matches([' ', '\t', '\r', '\n'])
        };
        Some((Kind::Block { body_end }, header..header_end + written.len()))
    }

    fn next_start(&self) -> Option<usize> {
        Some(self.events.as_slice().first()?.1.byte_range()?.start)
    }

    /// Where `token` stands behind `from`, when nothing but blanks, comments, an anchor and a tag is between.
    fn token(&self, mut from: usize, token: u8) -> Option<usize> {
        loop {
            from = self.text.len() - self.text.get(from..)?.trim_start().len();
            match *self.text.as_bytes().get(from)? {
                byte if byte == token => return Some(from),
                b'#' => from = line_end(self.text, from),
                b'&' | b'!' => from += self.text[from..].find(char::is_whitespace)?,
                _ => return None,
            }
        }
    }
}

impl Entry {
    /// Where the last thing of it ends.
    pub fn end(&self) -> usize {
        self.node.range.end.max(self.key_range.end).max(self.colon.unwrap_or(0))
    }
}
