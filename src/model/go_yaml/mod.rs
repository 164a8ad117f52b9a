//! A YAML document as Thanos reads it: YAML 1.1 by the rules of Go's yaml.v2, strictly, with the place of every node.
//!
//! Only what a check asks for: keys that are unknown or stand twice are told by whoever knows the keys.

mod scalar;
pub(super) mod strict;

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};

pub use scalar::Scalar;

/// The number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(usize);

/// A line and a column in characters, both from 1.
pub type Spot = (u64, u64);

/// Why a text is no document that Thanos reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Where.
    pub spot: Spot,
    /// What is wrong, in words.
    pub message: String,
}

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
    spots: Vec<Spot>,
    /// What is not followed here, in words.
    unjudged: Vec<(Spot, String)>,
    /// Scalars that a tag makes a text.
    texts: Vec<Id>,
    root: Option<Id>,
    more: Option<Spot>,
}

/// How many nodes may be reached through aliases before it is refused, as Go refuses it.
const MOST_VISITS: usize = 100_000;
/// How deep collections may nest.
const DEEPEST: usize = 200;

impl Document {
    /// Reads the first document of `text`.
    ///
    /// # Errors
    /// When Thanos could not read it.
    pub fn read(text: &str) -> Result<Self, Broken> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        unlike_go(text)?;
        let mut builder = Builder { document: Self::empty(text), anchors: BTreeMap::new(), depth: 0 };
        let options = granit_parser::options! { emit_anchor_events: true };
        let mut events = Parser::new_from_str_with_options(text, options);
        builder.document.root = builder.document_of(&mut events)?;
        builder.document.more = match builder.document.root {
            Some(_) => builder.document.behind(&mut events)?,
            None => None,
        };
        builder.document.check_aliases()?;
        Ok(builder.document)
    }

    fn empty(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            nodes: Vec::new(),
            spots: Vec::new(),
            unjudged: unlike_read(text),
            texts: Vec::new(),
            root: None,
            more: None,
        }
    }

    /// The document's node; `None` when it is empty.
    pub fn root(&self) -> Option<Id> {
        self.root
    }

    /// Where a second document starts, which Thanos does not read; `None` when there is none.
    pub fn more(&self) -> Option<Spot> {
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
    pub fn spot(&self, id: Id) -> Spot {
        self.spots[id.0]
    }

    /// What Thanos may read otherwise than it is read here, and where.
    pub fn unjudged(&self) -> &[(Spot, String)] {
        &self.unjudged
    }

    /// What YAML 1.1 takes a scalar for; `None` when the node is none.
    pub fn scalar(&self, id: Id) -> Option<Scalar> {
        match self.node(id) {
            Node::Scalar(text, Style::Plain) if !self.texts.contains(&self.target(id)) => Some(Scalar::of(text)),
            Node::Scalar(text, _) => Some(Scalar::Text(text.clone())),
            _ => None,
        }
    }

    /// Whether nothing stands there: `null`, `~`, or nothing at all.
    pub fn is_null(&self, id: Id) -> bool {
        self.scalar(id) == Some(Scalar::Null)
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
    pub fn entries(&self, id: Id) -> Option<Result<Vec<Entry>, Broken>> {
        let Node::Map(pairs) = self.node(id) else { return None };
        Some(self.flat(pairs))
    }

    fn flat(&self, pairs: &[(Id, Id)]) -> Result<Vec<Entry>, Broken> {
        let mut entries = Vec::new();
        for (at, value) in pairs {
            let Some(key) = self.text(*at) else {
                return Err(Broken { spot: self.spot(*at), message: "a key is a list or a mapping".to_owned() });
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
                    return Err(Broken { spot: self.spot(source), message });
                };
                entries.extend(self.flat(pairs)?);
            }
        }
        Ok(entries)
    }

    /// Where in the text stands what is `offset` bytes from the start of a scalar's value: inside a block its inner
    /// line. The scalar's own start when that cannot be told.
    pub fn spot_within(&self, id: Id, offset: usize) -> Spot {
        let id = self.target(id);
        let Node::Scalar(value, style) = &self.nodes[id.0] else { return self.spot(id) };
        self.within(self.spot(id), value, *style, offset).unwrap_or(self.spot(id))
    }

    /// Folding and indentation change white space alone, so the letters of the value are counted off in the source.
    fn within(&self, start: Spot, value: &str, style: Style, offset: usize) -> Option<Spot> {
        let before = value.get(..offset)?;
        let mut left = before.chars().filter(|c| !c.is_whitespace()).count();
        let is_blank = value[offset..].chars().next().is_none_or(char::is_whitespace);
        let mut cursor = Cursor::at(&self.text, start)?;
        match style {
            // A block starts where its first line that is not blank does.
            Style::Plain | Style::Block => {}
            Style::Single | Style::Double => drop(cursor.next()?),
        }
        loop {
            let (spot, before) = (cursor.spot, cursor.rest);
            if left == 0 && is_blank {
                return Some(spot);
            }
            let is_letter = match (style, cursor.next()?) {
                (Style::Single, '\'') if cursor.rest.starts_with('\'') => cursor.next().is_some(),
                (Style::Double, '\\') => cursor.escape(),
                (_, c) => !c.is_whitespace(),
            };
            if is_letter && left == 0 {
                return Some(spot);
            }
            left -= usize::from(is_letter);
            debug_assert!(cursor.rest.len() < before.len());
        }
    }

    /// Where a second document begins; what stands there without one is lost in silence.
    fn behind(&self, events: &mut Events) -> Result<Option<Spot>, Broken> {
        let spot = loop {
            match next(events) {
                Ok(Some((Event::Comment(..) | Event::DocumentEnd, _))) => {}
                Ok(Some((Event::StreamEnd, _)) | None) => return Ok(None),
                Ok(Some((_, span))) => break (span.start.line() as u64, span.start.col() as u64 + 1),
                Err(broken) => break broken.spot,
            }
        };
        let is_marked = |line: &str| line.starts_with("---") || line.starts_with("...");
        let before = usize::try_from(spot.0).unwrap_or(usize::MAX);
        let root = self.root.map_or(0, |root| usize::try_from(self.spot(root).0).unwrap_or_default());
        if self.text.split('\n').take(before).skip(root).any(is_marked) {
            return Ok(Some(spot));
        }
        Err(Broken { spot, message: "something stands behind the document".to_owned() })
    }

    /// Aliases that lead into themselves, or that make a small text large.
    fn check_aliases(&self) -> Result<(), Broken> {
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
            let broken = |message: &str| Broken { spot: self.spot(id), message: message.to_owned() };
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

/// A place in a text that goes forward, and knows its line and column.
struct Cursor<'a> {
    rest: &'a str,
    spot: Spot,
}

impl<'a> Cursor<'a> {
    fn at(text: &'a str, spot: Spot) -> Option<Self> {
        let mut cursor = Self { rest: text, spot: (1, 1) };
        while cursor.spot < spot {
            if cursor.spot.0 < spot.0 {
                let line = cursor.rest.find('\n')? + 1;
                cursor.rest = &cursor.rest[line..];
                cursor.spot = (cursor.spot.0 + 1, 1);
            } else {
                cursor.next()?;
            }
        }
        Some(cursor)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        self.spot = if c == '\n' { (self.spot.0 + 1, 1) } else { (self.spot.0, self.spot.1 + 1) };
        Some(c)
    }

    /// Reads an escape of double quotes, behind its backslash: whether it stands for a letter.
    fn escape(&mut self) -> bool {
        let digits = match self.next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some('n' | 't' | 'r' | 'v' | 'f' | ' ' | '\t' | '\n' | '\r' | 'N' | '_' | 'L' | 'P') => return false,
            _ => return true,
        };
        let mut number = 0;
        for _ in 0..digits {
            number = number * 16 + self.next().and_then(|c| c.to_digit(16)).unwrap_or_default();
        }
        !char::from_u32(number).is_some_and(char::is_whitespace)
    }
}

/// What our parser takes and Go's does not: directives, tabs where a line begins, characters that are none.
fn unlike_go(text: &str) -> Result<(), Broken> {
    for (number, line) in text.split('\n').enumerate() {
        let broken = |column: usize, message: &str| {
            Err(Broken { spot: (number as u64 + 1, column as u64), message: message.to_owned() })
        };
        if number > 0 && (line.starts_with("---") || line.starts_with("...")) {
            return Ok(());
        }
        if line.starts_with("...") {
            return broken(1, "the end of a document before its start");
        }
        if line.starts_with('%') && number == 0 {
            return broken(1, "a YAML directive, which Thanos does not read");
        }
        if line.starts_with('\t') || (line.contains('\t') && line.trim().is_empty()) {
            return broken(1, "a tab, where Thanos wants blanks");
        }
        if let Some((column, _)) = line.chars().enumerate().find(|(_, c)| is_refused(*c)) {
            return broken(column + 1, "a control character, which YAML does not allow");
        }
    }
    Ok(())
}

fn is_refused(c: char) -> bool {
    !matches!(c, '\t' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Characters that Go's parser reads otherwise than ours: line breaks that YAML 1.2 gave up, marks that are invisible,
/// tabs between dashes.
fn unlike_read(text: &str) -> Vec<(Spot, String)> {
    let mut found = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let odd = |c: char| matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        if let Some((column, c)) = line.chars().enumerate().find(|(_, c)| odd(*c)) {
            let message = format!("the invisible character U+{:04X}, which Thanos may read as a line break", c as u32);
            found.push(((number as u64 + 1, column as u64 + 1), message));
        }
        let indicators = line.find(|c| !matches!(c, ' ' | '-' | '?')).unwrap_or(line.len());
        if indicators > 0 && line[indicators..].starts_with('\t') {
            let message = "a tab behind a dash, which Thanos takes in texts alone".to_owned();
            found.push(((number as u64 + 1, indicators as u64 + 1), message));
        }
    }
    found
}

/// Reads events into nodes.
struct Builder {
    document: Document,
    anchors: BTreeMap<usize, Id>,
    depth: usize,
}

type Events<'a> = Parser<'a, granit_parser::StrInput<'a>>;

impl Builder {
    fn document_of(&mut self, events: &mut Events) -> Result<Option<Id>, Broken> {
        loop {
            match next(events)? {
                Some((Event::StreamStart | Event::DocumentStart(..) | Event::Comment(..), _)) => {}
                Some((Event::StreamEnd | Event::DocumentEnd, _)) | None => return Ok(None),
                Some((event, span)) => return self.node(events, event, span),
            }
        }
    }

    /// The node that an event starts; `None` when it ends the collection around it.
    fn node(&mut self, events: &mut Events, event: Event, span: Span) -> Result<Option<Id>, Broken> {
        let spot = (span.start.line() as u64, span.start.col() as u64 + 1);
        let (node, anchor, tag) = match event {
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let message = "an alias refers to what it stands in".to_owned();
                return Ok(Some(self.push(Node::Alias(target.ok_or(Broken { spot, message })?), spot)));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                if style == Style::Double && self.has_slash_escape(&span) {
                    return Err(Broken { spot, message: "the escape `\\/`, which Go does not know".to_owned() });
                }
                (Node::Scalar(text.into_owned(), style), anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (Node::List(Vec::new()), anchor, tag),
            Event::MappingStart(_, anchor, tag) => (Node::Map(Vec::new()), anchor, tag),
            _ => return Ok(None),
        };
        let id = self.push(node, spot);
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        if let Some(tag) = tag {
            self.tag(id, &tag)?;
        }
        if !matches!(self.document.nodes[id.0], Node::Scalar(..)) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(Broken { spot, message: "the document is nested too deeply".to_owned() });
            }
            self.below(events, id)?;
            self.depth -= 1;
        }
        Ok(Some(id))
    }

    /// Whether a text in double quotes holds the one escape that JSON and YAML 1.2 have and Go has not.
    fn has_slash_escape(&self, span: &Span) -> bool {
        let (Some(start), Some(end)) = (span.start.byte_offset(), span.end.byte_offset()) else { return false };
        let source = self.document.text.get(start..end).unwrap_or_default();
        let mut escaped = false;
        for c in source.chars() {
            if escaped && c == '/' {
                return true;
            }
            escaped = c == '\\' && !escaped;
        }
        false
    }

    /// What a tag makes of a node.
    fn tag(&mut self, id: Id, tag: &Tag) -> Result<(), Broken> {
        let spot = self.document.spots[id.0];
        let Node::Scalar(text, style) = &mut self.document.nodes[id.0] else { return Ok(()) };
        let found = Scalar::of(text);
        let fits = match tag.to_string().strip_prefix("tag:yaml.org,2002:") {
            // A tag that nobody knows makes a text of what it stands before.
            None | Some("str") => {
                self.document.texts.push(id);
                return Ok(());
            }
            Some("bool") => matches!(found, Scalar::Bool(_)),
            Some("int") => matches!(found, Scalar::Int(_)),
            Some("float") => matches!(found, Scalar::Int(_) | Scalar::Float(_)),
            Some("null") => found == Scalar::Null,
            Some(_) => {
                self.document.unjudged.push((spot, format!("thanosctl does not follow the YAML tag `{tag}`")));
                return Ok(());
            }
        };
        if !fits {
            return Err(Broken { spot, message: format!("`{text}` is not what its tag says") });
        }
        *style = Style::Plain;
        Ok(())
    }

    fn push(&mut self, node: Node, spot: Spot) -> Id {
        self.document.nodes.push(node);
        self.document.spots.push(spot);
        Id(self.document.nodes.len() - 1)
    }

    /// Reads what stands below a collection.
    fn below(&mut self, events: &mut Events, parent: Id) -> Result<(), Broken> {
        let mut children = Vec::new();
        while let Some((event, span)) = next(events)? {
            if matches!(event, Event::Comment(..)) {
                continue;
            }
            match self.node(events, event, span)? {
                Some(child) => children.push(child),
                None => break,
            }
        }
        match &mut self.document.nodes[parent.0] {
            Node::Map(pairs) => *pairs = children.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(),
            Node::List(items) => *items = children,
            Node::Scalar(..) | Node::Alias(_) => {}
        }
        Ok(())
    }
}

/// The next event but for anchors, whose names Go wants to be words.
fn next<'a>(events: &mut Events<'a>) -> Result<Option<(Event<'a>, Span)>, Broken> {
    for event in events.by_ref() {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            Broken { spot: (at.line() as u64, at.col() as u64 + 1), message: error.info().to_owned() }
        })?;
        let Event::Anchor(_, name) = &event else { return Ok(Some((event, span))) };
        if !name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_')) {
            let spot = (span.start.line() as u64, span.start.col() as u64 + 1);
            return Err(Broken {
                spot,
                message: "the name of an anchor holds more than letters and digits".to_owned(),
            });
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find<'a>(document: &'a Document, key: &str) -> Id {
        let root = document.root().unwrap();
        let entries = document.entries(root).unwrap().unwrap();
        entries.iter().find(|entry| entry.key == key).unwrap().value
    }

    #[test]
    fn a_place_within_a_value_is_found_in_every_style() {
        let text = "a: sum(up\nb: 'it''s  x'\nc: |\n\n    sum(\n      up)\n\n    + 1\nd: >-\n  sum(\n  up)\ne: \"a\\n\\\n  \\u00e9 \\\"x\"\nf: one\n  two\n";
        let document = Document::read(text).unwrap();
        for (key, letter, spot) in [
            ("a", "up", (1, 8)),
            ("b", "x", (2, 12)),
            ("c", "sum", (5, 5)),
            ("c", "up", (6, 7)),
            ("c", "1", (8, 7)),
            ("d", "up", (11, 3)),
            ("e", "x", (13, 12)),
            ("f", "two", (15, 3)),
        ] {
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
