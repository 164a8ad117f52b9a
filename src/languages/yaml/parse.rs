//! Tokens into nodes.

mod flow;

use std::borrow::Cow;
use std::collections::HashMap;

use super::node::{Id, Kind, Mark, Node, Problem, Style, Tag, Text};
use super::scan::{Kind as Token, Scanner};
use super::tree::{Document, Rest};

/// Deeper nesting than this is no configuration, and would need a deeper stack.
pub(super) const DEEPEST: usize = 100;

/// Which nodes may stand somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind a dash, and as the document.
    Block,
    /// In a mapping, where a list needs no indentation.
    Entry,
    /// In brackets.
    Flow,
}

/// Reads the first document of `text`, which does not begin with a byte order mark.
pub(super) fn document(text: &str) -> Result<Document, Problem> {
    let mut parser = Parser { text, scanner: Scanner::new(text), nodes: Vec::new(), anchors: HashMap::new(), depth: 0 };
    let root = parser.document()?;
    let rest = parser.rest();
    Ok(Document { text: text.into(), nodes: parser.nodes, root, rest, comments: parser.scanner.comments })
}

struct Parser<'t> {
    text: &'t str,
    scanner: Scanner<'t>,
    nodes: Vec<Node>,
    anchors: HashMap<&'t str, Id>,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn is_next(&mut self, is_it: impl Fn(&Token<'t>) -> bool) -> Result<bool, Problem> {
        Ok(is_it(&self.scanner.peek()?.kind))
    }

    /// Takes the next token when it is this one; where it ends.
    fn take(&mut self, kind: &Token<'t>) -> Result<Option<Mark>, Problem> {
        let is_it = self.is_next(|next| next == kind)?;
        Ok(if is_it { Some(self.scanner.take()?.end) } else { None })
    }

    fn unexpected<T>(&mut self, message: &str) -> Result<T, Problem> {
        let start = self.scanner.peek()?.start;
        Err(Problem { position: start.position(), at: start.at, message: message.to_owned(), hint: None })
    }

    fn document(&mut self) -> Result<Option<Id>, Problem> {
        let mut directives = 0;
        while let Token::Directive(is_begun) = self.scanner.peek()?.kind {
            directives += 1;
            if !is_begun || directives > 1 {
                return self.unexpected("a directive (`%`) other than `%YAML 1.1`");
            }
            self.scanner.take()?;
        }
        let begin = self.take(&Token::DocumentStart)?;
        let is_over = |next: &Token<'_>| {
            matches!(next, Token::Directive(_) | Token::DocumentStart | Token::DocumentEnd | Token::StreamEnd)
        };
        let root = match begin {
            None if directives > 0 => return self.unexpected("behind a directive (`%`) stands no `---`"),
            None if self.is_next(|next| *next == Token::StreamEnd)? => return Ok(None),
            Some(mark) if self.is_next(is_over)? => self.absent(mark, None),
            _ => self.node(Place::Block, None)?,
        };
        // Go looks at what comes next, and at nothing behind it.
        self.scanner.peek()?;
        Ok(Some(root))
    }

    /// What stands behind the document.
    fn rest(&mut self) -> Option<Rest> {
        let mut marker = None;
        loop {
            let (position, is_content) = match self.scanner.take() {
                Ok(token) => match token.kind {
                    Token::StreamEnd => return marker.map(|position| Rest { position, content: None }),
                    Token::DocumentEnd => continue,
                    Token::DocumentStart | Token::Directive(_) => (token.start.position(), false),
                    _ => (token.start.position(), true),
                },
                Err(problem) => (problem.position, true),
            };
            let first = *marker.get_or_insert(position);
            if is_content {
                return Some(Rest { position: first, content: Some(position) });
            }
        }
    }

    /// A place for a node, which comes before what is in it.
    fn add(&mut self, start: Mark, lead: Option<usize>) -> Id {
        let kind = Kind::Scalar(Text::Verbatim(0..0), Style::Plain);
        self.nodes.push(Node { kind, start, end: start, body: None, lead, is_anchored: false, tag: Tag::None });
        Id(self.nodes.len() - 1)
    }

    /// A node where nothing is written.
    fn absent(&mut self, mark: Mark, lead: Option<usize>) -> Id {
        self.add(mark, lead)
    }

    fn node(&mut self, place: Place, lead: Option<usize>) -> Result<Id, Problem> {
        let start = self.scanner.peek()?.start;
        if let Token::Alias(name) = self.scanner.peek()?.kind {
            let Some(target) = self.anchors.get(name).copied() else {
                return self.unexpected("an alias names nothing: its anchor (`&name`) must stand before it");
            };
            let token = self.scanner.take()?;
            let id = self.add(start, lead);
            self.nodes[id.number()].kind = Kind::Alias(target);
            self.nodes[id.number()].end = token.end;
            return Ok(id);
        }
        let id = self.add(start, lead);
        let has_properties = self.properties(id)?;
        let token = self.scanner.peek()?;
        let begin = token.start;
        let is_block = place != Place::Flow;
        let kind = match token.kind {
            Token::Dash if place == Place::Entry => {
                self.nodes[id.number()].start = if has_properties { start } else { begin };
                self.enter(id)?;
                self.list(false)?
            }
            Token::Scalar(..) => return self.scalar(id),
            Token::FlowListStart => {
                self.enter(id)?;
                self.flow_list()?
            }
            Token::FlowMappingStart => {
                self.enter(id)?;
                self.flow_mapping()?
            }
            Token::ListStart if is_block => {
                self.enter(id)?;
                self.scanner.take()?;
                self.list(true)?
            }
            Token::MappingStart if is_block => {
                self.enter(id)?;
                self.scanner.take()?;
                self.mapping()?
            }
            _ if has_properties => {
                // Nothing is written behind an anchor or a tag.
                self.nodes[id.number()].start = self.nodes[id.number()].end;
                return Ok(id);
            }
            _ => {
                return self.unexpected("no value stands where one belongs; a text that begins like this wants quotes");
            }
        };
        self.depth -= 1;
        let (kind, end) = kind;
        let node = &mut self.nodes[id.number()];
        (node.kind, node.end) = (kind, end);
        // What begins a collection is its first key, dash or bracket.
        node.start = begin;
        Ok(id)
    }

    fn enter(&mut self, id: Id) -> Result<(), Problem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let start = self.nodes[id.number()].start;
            let message = "it is nested too deeply".to_owned();
            return Err(Problem { position: start.position(), at: start.at, message, hint: None });
        }
        Ok(())
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self, id: Id) -> Result<bool, Problem> {
        let mut found = false;
        loop {
            let node = &self.nodes[id.number()];
            match self.scanner.peek()?.kind {
                Token::Anchor(name) if !node.is_anchored => {
                    self.anchors.insert(name, id);
                    self.nodes[id.number()].is_anchored = true;
                }
                Token::Tag(tag) if node.tag == Tag::None => match tag {
                    Some(tag) => self.nodes[id.number()].tag = tag,
                    None => return self.unexpected("a tag (`!`) whose handle no directive declares"),
                },
                _ => return Ok(found),
            }
            found = true;
            self.nodes[id.number()].end = self.scanner.take()?.end;
        }
    }

    fn scalar(&mut self, id: Id) -> Result<Id, Problem> {
        let token = self.scanner.take()?;
        let Token::Scalar(text, style, body) = token.kind else { return Ok(id) };
        let text = match text {
            Cow::Owned(text) => Text::Changed(text.into()),
            Cow::Borrowed(part) => {
                let at = part.as_ptr() as usize - self.text.as_ptr() as usize;
                Text::Verbatim(at..at + part.len())
            }
        };
        let node = &mut self.nodes[id.number()];
        (node.kind, node.start, node.end, node.body) = (Kind::Scalar(text, style), token.start, token.end, body);
        Ok(id)
    }

    /// Where the last of `nodes` ends.
    fn end_of(&self, last: Option<Id>) -> Mark {
        last.map_or_else(Mark::default, |last| self.nodes[last.number()].end)
    }

    /// The items of a list in block style; one that is indented ends by itself.
    fn list(&mut self, is_indented: bool) -> Result<(Kind, Mark), Problem> {
        let mut items: Vec<Id> = Vec::new();
        loop {
            if !self.is_next(|next| *next == Token::Dash)? {
                if is_indented && self.take(&Token::BlockEnd)?.is_none() {
                    return self
                        .unexpected("no item of the list (`- `) stands where one belongs; look at the indentation");
                }
                break;
            }
            let dash = self.scanner.take()?;
            let lead = Some(dash.start.at);
            let is_absent = self.is_next(|next| match next {
                Token::Dash | Token::BlockEnd => true,
                Token::Key | Token::Value => !is_indented,
                _ => false,
            })?;
            items.push(if is_absent { self.absent(dash.end, lead) } else { self.node(Place::Block, lead)? });
        }
        let end = self.end_of(items.last().copied());
        Ok((Kind::List { items, is_flow: false }, end))
    }

    fn mapping(&mut self) -> Result<(Kind, Mark), Problem> {
        let is_absent = |next: &Token<'_>| matches!(next, Token::Key | Token::Value | Token::BlockEnd);
        let mut pairs = Vec::new();
        while let Some(sign) = self.take(&Token::Key)? {
            let key = if self.is_next(is_absent)? { self.absent(sign, None) } else { self.node(Place::Entry, None)? };
            pairs.push((key, self.value_of(key, Place::Entry, is_absent)?));
        }
        if self.take(&Token::BlockEnd)?.is_none() {
            return self.unexpected("no key (`name:`) stands where one belongs; look at the indentation");
        }
        let end = self.end_of(pairs.last().map(|(_, value)| *value));
        Ok((Kind::Mapping { pairs, is_flow: false }, end))
    }

    /// The value behind `key`, which may be without one.
    fn value_of(&mut self, key: Id, place: Place, is_absent: impl Fn(&Token<'t>) -> bool) -> Result<Id, Problem> {
        let Some(colon) = self.take(&Token::Value)? else {
            return Ok(self.absent(self.nodes[key.number()].end, None));
        };
        let lead = Some(colon.at);
        if self.is_next(is_absent)? { Ok(self.absent(colon, lead)) } else { self.node(place, lead) }
    }
}
