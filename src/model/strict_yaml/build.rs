//! Reads the events of our parser into nodes.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, Tag};

use super::{DEEPEST, Document, Id, Node, Style, unlike};
use crate::document::Position;
use crate::go_yaml::{self, Problem, Resolved, Scalar};

impl Document {
    /// Reads the first document of `text`.
    ///
    /// # Errors
    /// When Thanos could not read it.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        unlike::refused(text)?;
        let mut builder = Builder { document: Self::empty(text), anchors: BTreeMap::new(), depth: 0, brackets: 0 };
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

    /// Where a second document begins; what stands there without one is lost in silence.
    fn behind(&self, events: &mut Events) -> Result<Option<Position>, Problem> {
        let spot = loop {
            match next(events) {
                Ok(Some((Event::Comment(..) | Event::DocumentEnd, _))) => {}
                Ok(Some((Event::StreamEnd, _)) | None) => return Ok(None),
                Ok(Some((_, span))) => break Position::from(&span.start),
                Err(broken) => break broken.position,
            }
        };
        let is_marked = |line: &str| line.starts_with("---") || line.starts_with("...");
        let before = usize::try_from(spot.line).unwrap_or(usize::MAX);
        let root = self.root.map_or(0, |root| usize::try_from(self.spot(root).line).unwrap_or_default());
        if self.text.split('\n').take(before).skip(root).any(is_marked) {
            return Ok(Some(spot));
        }
        Err(Problem { position: spot, message: "something stands behind the document".to_owned() })
    }
}

/// Reads events into nodes.
struct Builder {
    document: Document,
    anchors: BTreeMap<usize, Id>,
    depth: usize,
    /// How many collections in brackets are open.
    brackets: usize,
}

/// What a node is to the collection around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Value,
}

type Events<'a> = Parser<'a, granit_parser::StrInput<'a>>;

impl Builder {
    fn document_of(&mut self, events: &mut Events) -> Result<Option<Id>, Problem> {
        loop {
            match next(events)? {
                Some((Event::StreamStart | Event::DocumentStart(..) | Event::Comment(..), _)) => {}
                Some((Event::StreamEnd | Event::DocumentEnd, _)) | None => return Ok(None),
                Some((event, span)) => return self.node(events, event, span, Part::Value),
            }
        }
    }

    /// The node that an event starts; `None` when it ends the collection around it.
    fn node(&mut self, events: &mut Events, event: Event, span: Span, part: Part) -> Result<Option<Id>, Problem> {
        let spot = Position::from(&span.start);
        let is_flow = matches!(
            event,
            Event::SequenceStart(StructureStyle::Flow, ..) | Event::MappingStart(StructureStyle::Flow, ..)
        );
        let (node, anchor, tag) = match event {
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let message = "an alias refers to what it stands in".to_owned();
                return Ok(Some(self.push(Node::Alias(target.ok_or(Problem { position: spot, message })?), &span)));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                if style == Style::Double && self.has_slash_escape(&span) {
                    return Err(Problem {
                        position: spot,
                        message: "the escape `\\/`, which Go does not know".to_owned(),
                    });
                }
                let text = match style {
                    Style::Plain => self.plain(&text, &span, part)?,
                    Style::Single | Style::Double | Style::Block => text.into_owned(),
                };
                (Node::Scalar(text, style), anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (Node::List(Vec::new()), anchor, tag),
            Event::MappingStart(_, anchor, tag) => (Node::Map(Vec::new()), anchor, tag),
            _ => return Ok(None),
        };
        let id = self.push(node, &span);
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        if let Some(tag) = tag {
            self.tag(id, &tag)?;
        }
        if !matches!(self.document.nodes[id.0], Node::Scalar(..)) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(Problem { position: spot, message: "the document is nested too deeply".to_owned() });
            }
            self.brackets += usize::from(is_flow);
            self.below(events, id)?;
            self.brackets -= usize::from(is_flow);
            self.depth -= 1;
        }
        Ok(Some(id))
    }

    /// A text without quotes, as Go reads it where it stands.
    fn plain(&self, text: &str, span: &Span, part: Part) -> Result<String, Problem> {
        let broken =
            |message: &str| Err(Problem { position: Position::from(&span.start), message: message.to_owned() });
        let begin = span.start.byte_offset().unwrap_or_default();
        let is_nothing = span.end.byte_offset() == Some(begin);
        if part == Part::Key && is_nothing && go_yaml::has_no_key(&self.document.text, begin) {
            return broken("before a colon stands no key");
        }
        match self.brackets {
            0 => Ok(text.to_owned()),
            _ => go_yaml::in_brackets(text, part == Part::Key).map(str::to_owned).or_else(broken),
        }
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
    fn tag(&mut self, id: Id, tag: &Tag) -> Result<(), Problem> {
        let spot = self.document.spots[id.0];
        let Node::Scalar(text, style) = &mut self.document.nodes[id.0] else { return Ok(()) };
        let found = Scalar::plain(text).resolved;
        let fits = match tag.to_string().strip_prefix("tag:yaml.org,2002:") {
            // A tag that nobody knows makes a text of what it stands before.
            None | Some("str") => {
                self.document.texts.insert(id);
                return Ok(());
            }
            Some("bool") => matches!(found, Resolved::Bool(_)),
            Some("int") => matches!(found, Resolved::Integer(_)),
            Some("float") => matches!(found, Resolved::Integer(_) | Resolved::Float(_)),
            Some("null") => found == Resolved::Null,
            Some(_) => {
                self.document.unjudged.push((spot, format!("thanosctl does not follow the YAML tag `{tag}`")));
                return Ok(());
            }
        };
        if !fits {
            return Err(Problem { position: spot, message: "the value is not what its tag says".to_owned() });
        }
        *style = Style::Plain;
        Ok(())
    }

    fn push(&mut self, node: Node, span: &Span) -> Id {
        self.document.nodes.push(node);
        self.document.spots.push(Position::from(&span.start));
        self.document.starts.push(span.start.byte_offset().unwrap_or_default());
        Id(self.document.nodes.len() - 1)
    }

    /// Reads what stands below a collection.
    fn below(&mut self, events: &mut Events, parent: Id) -> Result<(), Problem> {
        let mut children = Vec::new();
        while let Some((event, span)) = next(events)? {
            if matches!(event, Event::Comment(..)) {
                continue;
            }
            let is_mapping = matches!(self.document.nodes[parent.0], Node::Map(_));
            let part = if is_mapping && children.len() % 2 == 0 { Part::Key } else { Part::Value };
            match self.node(events, event, span, part)? {
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
fn next<'a>(events: &mut Events<'a>) -> Result<Option<(Event<'a>, Span)>, Problem> {
    for event in events.by_ref() {
        let (event, span) =
            event.map_err(|error| Problem { position: error.marker().into(), message: error.info().to_owned() })?;
        let Event::Anchor(_, name) = &event else { return Ok(Some((event, span))) };
        if !name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_')) {
            let spot = Position::from(&span.start);
            return Err(Problem {
                position: spot,
                message: "the name of an anchor holds more than letters and digits".to_owned(),
            });
        }
    }
    Ok(None)
}
