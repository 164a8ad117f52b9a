//! Events into nodes, with what yaml.v2 refuses on the way: duplicate keys, wrong merges, aliases that grow a document.

use std::collections::HashMap;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, Tag};

use super::dialect::Extent;
use super::{Entry, Node, Resolved, Scalar, Value, dialect, scalar};
use crate::document::{Budget, Position};

/// The first document of a text.
#[derive(Debug)]
pub struct Document {
    /// Its root; `None` for a text of blanks and comments.
    pub root: Option<Rc<Node>>,
    /// Keys that stand twice in a mapping, in the order of the text.
    pub duplicates: Vec<Duplicate>,
    /// Where the part begins that Go never reads: a second document, or what can be no YAML after the first.
    pub unread: Option<Position>,
}

/// A key that is there already.
#[derive(Debug)]
pub struct Duplicate {
    /// Where it stands again.
    pub position: Position,
    /// The key.
    pub key: String,
    /// How many mappings and lists it lies in: 0 for the entries of the root.
    pub depth: usize,
    /// Whether a merge brought one of the two.
    pub is_merged: bool,
}

/// Why a text is no YAML for Go; quotes no more than names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub position: Position,
    /// What is the matter, in words.
    pub message: String,
}

/// Reads the first document of `text`.
///
/// # Errors
/// When Go could not read it as YAML.
pub fn read(text: &str) -> Result<Document, Problem> {
    let text = dialect::lines(text.strip_prefix('\u{feff}').unwrap_or(text));
    match first(&text) {
        Err(Failed { directive: Some(at), .. }) if at > 0 => {
            // A directive ends the document before it, whatever stood open there.
            let position = Position::within(&text, at);
            if !dialect::is_directive(text[at..].lines().next().unwrap_or_default()) {
                return Err(Problem { position, message: "what begins with `%` is no directive".to_owned() });
            }
            let document = first(&text[..at]).map_err(|failed| failed.problem)?;
            Ok(Document { unread: Some(document.unread.unwrap_or(position)), ..document })
        }
        Err(failed) => Err(failed.problem),
        Ok(document) => Ok(document),
    }
}

/// Why the parser gave up.
struct Failed {
    problem: Problem,
    /// Where a directive stands that ends the document for Go; `None` when it is something else.
    directive: Option<usize>,
}

fn first(text: &str) -> Result<Document, Failed> {
    let mut reader = Reader {
        text,
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        open: Vec::new(),
        duplicates: Vec::new(),
        depth: 0,
        work: Work::default(),
        tokens: Vec::new(),
        last: 0,
        is_key: false,
        budget: Budget::of(text),
    };
    let document = reader.document();
    document.map_err(|problem| {
        let line = text.split_inclusive('\n').take(usize::try_from(problem.position.line).unwrap_or(1) - 1);
        let at = line.map(str::len).sum();
        let directive = (text[at..].starts_with('%') && problem.message.contains("directive")).then_some(at);
        Failed { problem, directive }
    })
}

/// How much Go has to decode, and how much of that only since aliases repeat it.
#[derive(Debug, Clone, Copy, Default)]
struct Work {
    all: u64,
    aliased: u64,
}

impl Work {
    fn add(&mut self, other: Self) {
        self.all = self.all.saturating_add(other.all);
        self.aliased = self.aliased.saturating_add(other.aliased);
    }

    /// yaml.v2, decode.go: `allowedAliasRatio`.
    fn is_excessive(self) -> bool {
        const FEW: f64 = 400_000.0;
        const MANY: f64 = 4_000_000.0;
        #[allow(clippy::cast_precision_loss)]
        let (all, aliased) = (self.all as f64, self.aliased as f64);
        let allowed = 0.99 - 0.89 * ((all - FEW) / (MANY - FEW)).clamp(0.0, 1.0);
        self.aliased > 100 && self.all > 1000 && aliased / all > allowed
    }
}

struct Reader<'a> {
    text: &'a str,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, (Rc<Node>, Work)>,
    /// The collections that are not read to their end yet.
    open: Vec<Open>,
    duplicates: Vec<Duplicate>,
    depth: usize,
    work: Work,
    /// What may reach over several lines.
    tokens: Vec<Extent>,
    /// Where the last event ends.
    last: usize,
    /// Whether the next node is the key of a mapping.
    is_key: bool,
    /// What merges may still copy.
    budget: Budget,
}

/// A collection that is not read to its end yet.
struct Open {
    /// The number of its anchor; 0 when it has none.
    anchor: usize,
    /// How far what stands in it has to be indented, as Go counts it.
    indent: u64,
    is_flow: bool,
}

/// Deeper nesting than this is no configuration, and would need a deeper stack.
const DEEPEST: usize = 100;

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Document, Problem> {
        let is_begun = loop {
            match self.next()?.0 {
                Event::DocumentStart(..) => break true,
                Event::StreamEnd => break false,
                _ => {}
            }
        };
        let root = if is_begun { self.node()? } else { None };
        while !matches!(self.next()?.0, Event::DocumentEnd | Event::StreamEnd) {}
        let unread = root.as_ref().and_then(|_| self.unread());
        if let Some(problem) = dialect::problem(self.text, &self.tokens, unread) {
            return Err(problem);
        }
        if let Some(root) = &root
            && self.work.is_excessive()
        {
            return Err(Problem { position: root.position, message: Budget::EXCEEDED.to_owned() });
        }
        Ok(Document { root, duplicates: std::mem::take(&mut self.duplicates), unread })
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Problem> {
        loop {
            return match self.parser.next() {
                Some(Ok((Event::Comment(..), _))) => continue,
                Some(Ok((event, span))) => {
                    self.last = span.end.byte_offset().unwrap_or_default();
                    Ok((event, span))
                }
                Some(Err(error)) => {
                    let position = error.marker().into();
                    Err(Problem { position, message: error.info().lines().next().unwrap_or_default().to_owned() })
                }
                None => Ok((Event::StreamEnd, Span::default())),
            };
        }
    }

    /// Where another document begins, or something that is no YAML.
    fn unread(&mut self) -> Option<Position> {
        loop {
            match self.next() {
                Ok((Event::DocumentStart(..), span)) => return Some((&span.start).into()),
                Ok((Event::StreamEnd, _)) => return None,
                Ok(_) => {}
                Err(problem) => return Some(problem.position),
            }
        }
    }

    /// The next node; `None` at the end of a collection.
    fn node(&mut self) -> Result<Option<Rc<Node>>, Problem> {
        let (event, span) = self.next()?;
        let position = Position::from(&span.start);
        let begin = span.start.byte_offset().unwrap_or_default();
        self.work.add(Work { all: 1, aliased: 0 });
        let before = self.work;
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.tokens.push(Extent {
                    begin,
                    end: self.last,
                    least: (style == ScalarStyle::Plain).then_some(self.open.last().map_or(0, |open| open.indent)),
                });
                self.tag(tag.as_deref(), begin, position)?;
                let is_bare = style == ScalarStyle::Plain && self.open.last().is_some_and(|open| open.is_flow);
                let text = match is_bare {
                    true => dialect::in_brackets(&text, self.is_key)
                        .map_err(|message| Problem { position, message: message.to_owned() })?,
                    false => &text,
                };
                (anchor, Value::Scalar(single(text, style, tag.as_deref(), position)?))
            }
            Event::Alias(anchor) => {
                let (node, work) = match self.anchors.get(&anchor) {
                    Some(found) => found.clone(),
                    None if self.open.iter().any(|open| open.anchor == anchor) => {
                        let message = "an alias names what it stands in".to_owned();
                        return Err(Problem { position, message });
                    }
                    None => return Err(Problem { position, message: "an alias names nothing".to_owned() }),
                };
                self.work.add(Work { all: work.all, aliased: work.all });
                return Ok(Some(node));
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.tag(tag.as_deref(), begin, position)?;
                self.enter(anchor, style, position)?;
                let mut items = Vec::new();
                while let Some(item) = self.node()? {
                    items.push(item);
                }
                self.leave(style, begin);
                (anchor, Value::List(items))
            }
            Event::MappingStart(style, anchor, tag) => {
                self.tag(tag.as_deref(), begin, position)?;
                self.enter(anchor, style, position)?;
                let value = Value::Mapping(self.mapping(style)?);
                self.leave(style, begin);
                (anchor, value)
            }
            _ => return Ok(None),
        };
        let node = Rc::new(Node { position, value });
        if anchor > 0 {
            let all = self.work.all.saturating_sub(before.all).saturating_add(1);
            let aliased = self.work.aliased.saturating_sub(before.aliased);
            self.anchors.insert(anchor, (Rc::clone(&node), Work { all, aliased }));
        }
        Ok(Some(node))
    }

    fn enter(&mut self, anchor: usize, style: StructureStyle, position: Position) -> Result<(), Problem> {
        self.is_key = false;
        let around = self.open.last().map_or(0, |open| open.indent);
        let indent = if style == StructureStyle::Flow { around } else { position.column };
        self.open.push(Open { anchor, indent, is_flow: style == StructureStyle::Flow });
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Problem { position, message: "it is nested too deeply".to_owned() });
        }
        Ok(())
    }

    fn leave(&mut self, style: StructureStyle, begin: usize) {
        self.depth -= 1;
        self.open.pop();
        if style == StructureStyle::Flow {
            self.tokens.push(Extent { begin, end: self.last, least: None });
        }
    }

    /// Go wants a blank behind a tag, also where a bracket closes.
    fn tag(&self, tag: Option<&Tag>, begin: usize, position: Position) -> Result<(), Problem> {
        let Some(tag) = tag else { return Ok(()) };
        let is_glued = self.text.get(..begin).is_some_and(|before| before.ends_with(tag.original().as_str()));
        let is_followed = self.text.get(begin..).is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
        if is_glued && is_followed {
            return Err(Problem { position, message: "behind a tag stands no blank".to_owned() });
        }
        Ok(())
    }

    /// The next node, as a key.
    fn key(&mut self) -> Result<Option<Rc<Node>>, Problem> {
        self.is_key = true;
        let key = self.node();
        self.is_key = false;
        key
    }

    fn mapping(&mut self, style: StructureStyle) -> Result<Vec<Entry>, Problem> {
        let mut entries = Entries::default();
        while let Some(key) = self.key()? {
            let token = self.tokens.last().copied().filter(|_| key.scalar().is_some());
            if token.is_some_and(|token| dialect::is_broken_key(self.text, token)) {
                return Err(Problem { position: key.position, message: "a key reaches over several lines".to_owned() });
            }
            if token.is_some_and(|token| dialect::is_missing_key(self.text, token)) {
                return Err(Problem { position: key.position, message: "before a colon stands no key".to_owned() });
            }
            let key = match (token, key.scalar()) {
                (Some(token), Some(scalar))
                    if style == StructureStyle::Flow && dialect::is_colon_kept(self.text, token) =>
                {
                    let value = Value::Scalar(Scalar::quoted(&format!("{}:", scalar.text)));
                    Rc::new(Node { position: key.position, value })
                }
                _ => key,
            };
            let Some(value) = self.node()? else { break };
            if key.scalar().is_some_and(|scalar| scalar.resolved == Resolved::Merge) {
                for merged in self.merged(&value)? {
                    self.push(&mut entries, Entry { is_merged: true, ..merged }, key.position);
                }
            } else if key.scalar().is_none() {
                return Err(Problem { position: key.position, message: "a list or a mapping is no key".to_owned() });
            } else {
                let at = key.position;
                self.push(&mut entries, Entry { key, value, is_merged: false }, at);
            }
        }
        Ok(entries.all)
    }

    fn push(&mut self, entries: &mut Entries, entry: Entry, position: Position) {
        let meant = format!("{:?}", entry.key.scalar().map(|scalar| &scalar.resolved));
        if let Some(is_merged) = entries.is_merged.get(&meant) {
            let key = entry.key.scalar().map(Scalar::rewritten).unwrap_or_default();
            let is_merged = *is_merged || entry.is_merged;
            self.duplicates.push(Duplicate { position, key, depth: self.depth - 1, is_merged });
        } else {
            entries.is_merged.insert(meant, entry.is_merged);
        }
        entries.all.push(entry);
    }

    /// The entries that `<<` brings: of a mapping, or of a list of mappings, of which earlier ones count more.
    fn merged(&mut self, value: &Rc<Node>) -> Result<Vec<Entry>, Problem> {
        let position = value.position;
        let sources: Vec<&Rc<Node>> = match &value.value {
            Value::List(items) => items.iter().rev().collect(),
            Value::Mapping(_) | Value::Scalar(_) => vec![value],
        };
        let mut all = Vec::new();
        for source in sources {
            let Value::Mapping(entries) = &source.value else {
                return Err(Problem { position, message: "`<<` wants a mapping or a list of mappings".to_owned() });
            };
            for entry in entries {
                if !self.budget.take(0) {
                    return Err(Problem { position, message: Budget::EXCEEDED.to_owned() });
                }
                all.push(entry.clone());
            }
        }
        Ok(all)
    }
}

/// The entries of a mapping that is being read.
#[derive(Default)]
struct Entries {
    all: Vec<Entry>,
    /// By each key whether the first of that name was merged.
    is_merged: HashMap<String, bool>,
}

/// yaml.v2, decode.go: `scalar` and `resolve`.
fn single(text: &str, style: ScalarStyle, tag: Option<&Tag>, position: Position) -> Result<Scalar, Problem> {
    let is_plain = style == ScalarStyle::Plain;
    // Without anything between a key and the next token the parser reports `~`, as YAML 1.2 has it.
    let Some(tag) = tag else {
        return Ok(if is_plain { Scalar::plain(text) } else { Scalar::quoted(text) });
    };
    let wrong = |what: &str| Problem { position, message: format!("what the tag `!!{what}` stands before is none") };
    let core = |name: &str| tag.suffix_in_namespace("tag:yaml.org,2002:").is_some_and(|suffix| suffix == name);
    let plain = Scalar::plain(text);
    let fits = match &plain.resolved {
        Resolved::Null => core("null"),
        Resolved::Bool(_) => core("bool"),
        Resolved::Integer(_) => core("int") || core("float"),
        Resolved::Float(_) => core("float"),
        Resolved::Text(_) => core("timestamp") && scalar::is_date(text),
        Resolved::Merge => core("merge"),
    };
    if fits {
        return Ok(plain);
    }
    if let Some(name) = ["null", "bool", "int", "float", "timestamp"].into_iter().find(|name| core(name)) {
        return Err(wrong(name));
    }
    if core("binary") {
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text.replace(['\r', '\n'], ""));
        let decoded = bytes.map_err(|_| wrong("binary"))?;
        let decoded = String::from_utf8_lossy(&decoded).into_owned();
        return Ok(Scalar { text: decoded.clone(), resolved: Resolved::Text(decoded) });
    }
    Ok(Scalar::quoted(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let problem = read(text).expect_err(text);
        format!("{}:{} {}", problem.position.line, problem.position.column, problem.message)
    }

    fn keys(text: &str) -> Vec<String> {
        let Value::Mapping(entries) = &read(text).unwrap().root.unwrap().value else { panic!("no mapping") };
        entries.iter().map(|entry| entry.key.scalar().unwrap().rewritten()).collect()
    }

    #[test]
    fn only_the_first_document_counts() {
        for (text, at) in [("a: 1\n---\n[[[\n", 2), ("a: 1\n...\n%YAML 1.1\n---\n", 4), ("a: 1\n%YAML 1.1\n: :\n", 2)] {
            let document = read(text).unwrap();
            assert_eq!(document.unread.map(|at| at.line), Some(at), "{text}");
        }
        for text in ["a: 1\n", "a: 1\n...\n", "", "# nothing\n"] {
            assert_eq!(read(text).unwrap().unread, None, "{text}");
        }
        assert!(read("").unwrap().root.is_none() && read("---\n").unwrap().root.unwrap().is_null());
    }

    #[test]
    fn a_key_that_stands_twice_or_is_merged_over_is_told_with_its_depth() {
        let duplicates = |text: &str| -> Vec<(u64, String, usize, bool)> {
            let told = |it: Duplicate| (it.position.line, it.key, it.depth, it.is_merged);
            read(text).unwrap().duplicates.into_iter().map(told).collect()
        };
        assert_eq!(duplicates("a: 1\na: 2\n"), [(2, "a".into(), 0, false)]);
        assert_eq!(duplicates("x:\n  <<: {a: 1}\n  a: 2\n"), [(3, "a".into(), 1, true)]);
        assert_eq!(duplicates("x: {a: 1, <<: [{a: 2}]}\n"), [(1, "a".into(), 1, true)]);
        assert_eq!(duplicates("x: {8: 1, 0x8: 2, '8': 3}\n"), [(1, "8".into(), 1, false)]);
        assert_eq!(duplicates("x: {'<<': 1, a: 2}\n"), []);
    }

    #[test]
    fn merges_and_aliases_bring_what_they_name() {
        assert_eq!(keys("<<: {a: 1}\nb: 2\n"), ["a", "b"]);
        assert_eq!(keys("<<: [{a: 1}, {b: 1}]\nc: 2\n"), ["b", "a", "c"]);
        assert_eq!(problem("<<: 1\n"), "1:5 `<<` wants a mapping or a list of mappings");
        assert_eq!(problem("a: &a [*a]\n"), "1:8 an alias names what it stands in");
    }

    #[test]
    fn what_yaml_1_2_takes_and_go_does_not_is_refused() {
        for (text, said) in [
            ("a: 1\n\t\nb: 2\n", "2:1 a line begins with a tab"),
            ("a: 1\n  \t# why\nb: 2\n", "2:3 a line begins with a tab"),
            ("a: {b\n c: 1}\n", "1:5 a key reaches over several lines"),
            ("a: {b\n : 1}\n", "1:5 a key reaches over several lines"),
            ("a: {b: !c}\n", "1:10 behind a tag stands no blank"),
            ("a: {b: c?d}\n", "1:8 within brackets a text with `?` wants quotes"),
            (": a\n", "1:1 before a colon stands no key"),
            ("a: 1\n%FOO\n", "2:1 what begins with `%` is no directive"),
            ("a: !!int x\n", "1:10 what the tag `!!int` stands before is none"),
            ("a: !!binary \"%\"\n", "1:13 what the tag `!!binary` stands before is none"),
            ("? [a]\n: b\n", "1:3 a list or a mapping is no key"),
        ] {
            assert_eq!(problem(text), said, "{text}");
        }
    }

    #[test]
    fn what_yaml_1_1_takes_is_taken() {
        assert_eq!(keys("a:\t1\nb: 2 \t# why\n"), ["a", "b"]);
        assert_eq!(keys("a: |\n  x\n  \ty\nb: {c: 1,\n\td: 2}\n"), ["a", "b"]);
        assert_eq!(keys("{a:, b: 1}"), ["a:", "b"]);
        assert_eq!(keys("a: 1\u{2028}b: 2\u{85}c: 3"), ["a", "b", "c"]);
        assert_eq!(keys("\u{feff}? a\n: 1\n"), ["a"]);
    }
}
