//! A text into tokens.
//!
//! What begins a key is known only when its colon is found, so a token waits in the queue as long as it may turn out to be
//! one: behind it on the same line, at most [`LONGEST_KEY`] characters away.

mod scalars;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use super::node::{Mark, Problem, Style, Tag};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'t> {
    StreamEnd,
    /// A line that begins with `%`; whether a document may begin with it.
    Directive(bool),
    DocumentStart,
    DocumentEnd,
    ListStart,
    MappingStart,
    BlockEnd,
    FlowListStart,
    FlowListEnd,
    FlowMappingStart,
    FlowMappingEnd,
    Dash,
    Comma,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    /// `None` of one whose handle nobody declared.
    Tag(Option<Tag>),
    /// A single value; of a block, where its text begins.
    Scalar(Cow<'t, str>, Style, Option<Mark>),
}

#[derive(Debug)]
pub(super) struct Token<'t> {
    pub kind: Kind<'t>,
    pub start: Mark,
    pub end: Mark,
    /// At which depth of brackets it may be a key.
    level: usize,
}

/// What may turn out to be a key.
#[derive(Debug, Clone, Copy, Default)]
struct Candidate {
    is_possible: bool,
    /// Whether nothing else can stand there.
    is_required: bool,
    /// Whether its first token waits for it.
    is_awaited: bool,
    /// The number of its first token.
    token: usize,
    mark: Mark,
}

/// A key ends on its line, so many characters behind its beginning at most.
const LONGEST_KEY: u32 = 1024;

pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    /// What is to be taken from `at` for the column: where the line begins, and the bytes that begin no character.
    base: usize,
    /// How many brackets are open.
    flow: usize,
    /// The column of the innermost collection in block style; -1 outside of all.
    indent: i64,
    indents: Vec<i64>,
    is_key_allowed: bool,
    /// One for each open bracket, and one for what is outside of all.
    candidates: Vec<Candidate>,
    queue: VecDeque<Token<'t>>,
    /// How many tokens were taken out of the queue.
    taken: usize,
    /// The comments so far, without their `#`.
    pub comments: Vec<Range<usize>>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 0,
            base: 0,
            flow: 0,
            indent: -1,
            indents: Vec::new(),
            is_key_allowed: true,
            candidates: vec![Candidate::default()],
            queue: VecDeque::new(),
            taken: 0,
            comments: Vec::new(),
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Result<&Token<'t>, Problem> {
        while self.is_undecided()? {
            self.fetch()?;
        }
        Ok(&self.queue[0])
    }

    /// The next token.
    pub(super) fn take(&mut self) -> Result<Token<'t>, Problem> {
        self.peek()?;
        self.taken += 1;
        Ok(self.queue.pop_front().expect("one was looked at"))
    }

    /// Whether more has to be read before the next token is known.
    fn is_undecided(&mut self) -> Result<bool, Problem> {
        let Some(token) = self.queue.front() else { return Ok(true) };
        let level = token.level;
        match self.candidates.get(level) {
            Some(candidate) if candidate.is_possible && candidate.is_awaited && candidate.token == self.taken => {
                self.is_key(level)
            }
            _ => Ok(false),
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn here(&self) -> u8 {
        self.byte(self.at)
    }

    fn column(&self) -> u32 {
        u32::try_from(self.at - self.base).unwrap_or(u32::MAX)
    }

    fn mark(&self) -> Mark {
        Mark { at: self.at, line: self.line, column: self.column() }
    }

    fn problem(&self, mark: Mark, message: &str) -> Problem {
        Problem { position: mark.position(), at: mark.at, message: message.to_owned(), hint: None }
    }

    fn fail<T>(&self, mark: Mark, message: &str) -> Result<T, Problem> {
        Err(self.problem(mark, message))
    }

    /// How many bytes the line break at `at` takes; 0 when there is none.
    fn line_break(&self, at: usize) -> usize {
        match self.byte(at) {
            b'\n' => 1,
            b'\r' if self.byte(at + 1) == b'\n' => 2,
            b'\r' => 1,
            0xC2 if self.byte(at + 1) == 0x85 => 2,
            0xE2 if self.byte(at + 1) == 0x80 && matches!(self.byte(at + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t')
    }

    /// Whether a word ends at `at`: by a blank, a line break or the end of the text.
    fn is_gap(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r' | 0) || self.line_break(at) > 0
    }

    /// Goes over one character that is no line break.
    fn skip(&mut self) {
        self.at += 1;
        while self.here() & 0xC0 == 0x80 {
            self.at += 1;
            self.base += 1;
        }
    }

    /// Goes over a line break, which it returns as it counts in a text.
    fn skip_line(&mut self) -> &'t str {
        let length = self.line_break(self.at);
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        self.line += 1;
        self.base = self.at;
        if length == 3 { text } else { "\n" }
    }

    fn skip_blanks(&mut self) {
        while self.is_blank(self.at) {
            self.at += 1;
        }
    }

    fn skip_comment(&mut self) {
        if self.here() == b'#' {
            let begin = self.at + 1;
            while self.at < self.text.len() && self.line_break(self.at) == 0 {
                self.at += 1;
            }
            self.comments.push(begin..self.at);
        }
    }

    /// Goes over what may stand behind a header in its line, and the line's end.
    fn end_line(&mut self, start: Mark, message: &str) -> Result<(), Problem> {
        self.skip_blanks();
        self.skip_comment();
        if self.at < self.text.len() {
            if self.line_break(self.at) == 0 {
                return self.fail(start, message);
            }
            self.skip_line();
        }
        Ok(())
    }

    fn push(&mut self, kind: Kind<'t>, start: Mark) {
        let (end, level) = (self.mark(), self.candidates.len() - 1);
        self.queue.push_back(Token { kind, start, end, level });
    }

    /// Adds a token of `length` characters that begins here.
    fn sign(&mut self, kind: Kind<'t>, length: usize) {
        let start = self.mark();
        self.at += length;
        self.push(kind, start);
    }

    /// Reads one token into the queue, and those that become certain by it.
    fn fetch(&mut self) -> Result<(), Problem> {
        self.skip_to_token();
        self.close_above(i64::from(self.column()));
        let is_first = self.column() == 0;
        let gap_next = || self.is_gap(self.at + 1);
        let in_flow = self.flow > 0;
        match self.here() {
            _ if self.at == self.text.len() => self.end_stream()?,
            b'%' if is_first => {
                self.end_all()?;
                self.directive()?;
            }
            b'-' if is_first && self.is_marker("---") => {
                self.end_all()?;
                self.sign(Kind::DocumentStart, 3);
            }
            b'.' if is_first && self.is_marker("...") => {
                self.end_all()?;
                self.sign(Kind::DocumentEnd, 3);
            }
            b'[' => self.open(Kind::FlowListStart)?,
            b'{' => self.open(Kind::FlowMappingStart)?,
            b']' => self.close(Kind::FlowListEnd)?,
            b'}' => self.close(Kind::FlowMappingEnd)?,
            b',' => {
                self.forget_candidate()?;
                self.is_key_allowed = true;
                self.sign(Kind::Comma, 1);
            }
            b'-' if gap_next() => {
                self.begin_entry(Kind::ListStart, "a list cannot begin here")?;
                self.forget_candidate()?;
                self.is_key_allowed = true;
                self.sign(Kind::Dash, 1);
            }
            b'?' if in_flow || gap_next() => {
                self.begin_entry(Kind::MappingStart, "a key cannot stand here")?;
                self.forget_candidate()?;
                self.is_key_allowed = !in_flow;
                self.sign(Kind::Key, 1);
            }
            b':' if in_flow || gap_next() => self.value()?,
            byte @ (b'*' | b'&') => {
                self.save_candidate()?;
                self.is_key_allowed = false;
                self.anchor(byte)?;
            }
            b'!' => {
                self.save_candidate()?;
                self.is_key_allowed = false;
                self.tag()?;
            }
            byte @ (b'|' | b'>') if !in_flow => {
                self.forget_candidate()?;
                self.is_key_allowed = true;
                self.block(byte == b'|')?;
            }
            byte @ (b'\'' | b'"') => {
                self.save_candidate()?;
                self.is_key_allowed = false;
                self.quoted(byte)?;
            }
            b'-' if !self.is_blank(self.at + 1) => self.plain()?,
            b'?' | b':' if !in_flow && !gap_next() => self.plain()?,
            byte @ (b'\t' | b'-' | b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`') => {
                let message = match byte {
                    b'\t' => "a tab indents this line".to_owned(),
                    byte => format!("a text that begins with `{}` wants quotes", char::from(byte)),
                };
                return self.fail(self.mark(), &message);
            }
            _ => self.plain()?,
        }
        Ok(())
    }

    fn end_stream(&mut self) -> Result<(), Problem> {
        if self.column() > 0 {
            // What is open on the last line is no key any more.
            (self.line, self.base) = (self.line + 1, self.at);
        }
        self.end_all()?;
        self.sign(Kind::StreamEnd, 0);
        Ok(())
    }

    /// Goes over blanks, comments and line breaks. A tab may not stand where a key may begin.
    fn skip_to_token(&mut self) {
        loop {
            let takes_tabs = self.flow > 0 || !self.is_key_allowed;
            while self.here() == b' ' || (takes_tabs && self.here() == b'\t') {
                self.at += 1;
            }
            self.skip_comment();
            if self.line_break(self.at) == 0 {
                return;
            }
            self.skip_line();
            self.is_key_allowed |= self.flow == 0;
        }
    }

    fn is_marker(&self, marker: &str) -> bool {
        self.text[self.at..].starts_with(marker) && self.is_gap(self.at + 3)
    }

    /// Ends the collections in block style that are indented by more than `column`.
    fn close_above(&mut self, column: i64) {
        while self.flow == 0 && self.indent > column {
            self.sign(Kind::BlockEnd, 0);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn end_all(&mut self) -> Result<(), Problem> {
        self.close_above(-1);
        self.forget_candidate()?;
        self.is_key_allowed = false;
        Ok(())
    }

    /// Begins a collection in block style at `mark`, when that is further to the right than the one around it; its token
    /// goes before the one with the number `before`.
    fn begin(&mut self, mark: Mark, before: Option<usize>, kind: Kind<'t>) {
        let column = i64::from(mark.column);
        if self.flow == 0 && self.indent < column {
            self.indents.push(self.indent);
            self.indent = column;
            let token = Token { kind, start: mark, end: mark, level: usize::MAX };
            self.insert(token, before);
        }
    }

    /// Puts a token before the one with the number `before`; behind all when that is taken already.
    fn insert(&mut self, token: Token<'t>, before: Option<usize>) {
        let at = before.and_then(|before| before.checked_sub(self.taken)).unwrap_or(self.queue.len());
        self.queue.insert(at, token);
    }

    /// Begins a collection with the entry that stands here.
    fn begin_entry(&mut self, kind: Kind<'t>, message: &str) -> Result<(), Problem> {
        if self.flow == 0 {
            if !self.is_key_allowed {
                return self.fail(self.mark(), message);
            }
            self.begin(self.mark(), None, kind);
        }
        Ok(())
    }

    /// Whether the candidate of a level may still become a key.
    fn is_key(&mut self, level: usize) -> Result<bool, Problem> {
        let (line, column) = (self.line, self.column());
        let candidate = &mut self.candidates[level];
        if candidate.is_possible
            && (candidate.mark.line < line || candidate.mark.column.saturating_add(LONGEST_KEY) < column)
        {
            if candidate.is_required {
                let mark = candidate.mark;
                return self.fail(mark, "a key has no colon (`:`) on its line");
            }
            candidate.is_possible = false;
        }
        Ok(self.candidates[level].is_possible)
    }

    /// The next token may be a key.
    fn save_candidate(&mut self) -> Result<(), Problem> {
        if self.is_key_allowed {
            self.forget_candidate()?;
            let is_required = self.flow == 0 && self.indent == i64::from(self.column());
            let token = self.taken + self.queue.len();
            let candidate = Candidate { is_possible: true, is_required, is_awaited: true, token, mark: self.mark() };
            *self.candidates.last_mut().expect("the outermost stays") = candidate;
        }
        Ok(())
    }

    fn forget_candidate(&mut self) -> Result<(), Problem> {
        let candidate = self.candidates.last_mut().expect("the outermost stays");
        if candidate.is_possible && candidate.is_required {
            let mark = candidate.mark;
            return self.fail(mark, "a key has no colon (`:`) on its line");
        }
        candidate.is_possible = false;
        Ok(())
    }

    fn open(&mut self, kind: Kind<'t>) -> Result<(), Problem> {
        self.save_candidate()?;
        self.is_key_allowed = true;
        let token = self.taken + self.queue.len();
        self.sign(kind, 1);
        self.flow += 1;
        self.candidates.push(Candidate { token, ..Candidate::default() });
        Ok(())
    }

    fn close(&mut self, kind: Kind<'t>) -> Result<(), Problem> {
        self.forget_candidate()?;
        if self.flow > 0 {
            self.flow -= 1;
            let inner = self.candidates.pop();
            // Go looks for a colon behind brackets with something in them alone.
            let outer = self.candidates.last_mut().expect("the outermost stays");
            outer.is_awaited &= inner.is_none_or(|inner| inner.token != outer.token);
        }
        self.is_key_allowed = false;
        self.sign(kind, 1);
        Ok(())
    }

    fn value(&mut self) -> Result<(), Problem> {
        let level = self.candidates.len() - 1;
        if self.is_key(level)? {
            let Candidate { token, mark, .. } = self.candidates[level];
            self.candidates[level].is_possible = false;
            let key = Token { kind: Kind::Key, start: mark, end: mark, level: usize::MAX };
            self.insert(key, Some(token));
            self.begin(mark, Some(token), Kind::MappingStart);
            self.is_key_allowed = false;
        } else {
            self.begin_entry(Kind::MappingStart, "a value (`: `) cannot stand here")?;
            self.is_key_allowed = self.flow == 0;
        }
        self.sign(Kind::Value, 1);
        Ok(())
    }

    /// `%YAML 1.1` may begin a document; another version may stand behind one.
    fn directive(&mut self) -> Result<(), Problem> {
        let start = self.mark();
        let line = &self.text[self.at..];
        let length = line.find(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).unwrap_or(line.len());
        let mut words = line[..length].split([' ', '\t']).filter(|word| !word.is_empty());
        let is_number = |text: &str| matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_begun = match (words.next(), words.next()) {
            (Some("%YAML"), Some(version)) => {
                let version = version.split('#').next().unwrap_or_default();
                let (major, minor) = version.split_once('.').filter(|(a, b)| is_number(a) && is_number(b)).unzip();
                major.zip(minor).map(|(major, minor)| major.ends_with('1') && minor.ends_with('1'))
            }
            _ => None,
        };
        let Some(is_begun) = is_begun.filter(|_| words.next().is_none_or(|word| word.starts_with('#'))) else {
            return self.fail(start, "what begins with `%` is no directive that Go reads");
        };
        self.at += length;
        self.push(Kind::Directive(is_begun), start);
        Ok(())
    }

    /// The letters and digits from here on.
    fn word(&mut self) -> &'t str {
        let begin = self.at;
        while self.here().is_ascii_alphanumeric() || matches!(self.here(), b'_' | b'-') {
            self.at += 1;
        }
        &self.text[begin..self.at]
    }

    fn anchor(&mut self, sign: u8) -> Result<(), Problem> {
        let start = self.mark();
        self.at += 1;
        let name = self.word();
        let is_ended =
            self.is_gap(self.at) || matches!(self.here(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !is_ended {
            let what = if sign == b'&' { "an anchor" } else { "an alias" };
            return self.fail(
                start,
                &format!("the name of {what} (`{}`) holds more than letters and digits", char::from(sign)),
            );
        }
        self.push(if sign == b'&' { Kind::Anchor(name) } else { Kind::Alias(name) }, start);
        Ok(())
    }

    fn tag(&mut self) -> Result<(), Problem> {
        let start = self.mark();
        let unknown = "a tag (`!`) that Go does not read";
        self.at += 1;
        let tag = if self.here() == b'<' {
            self.at += 1;
            let name = self.address();
            if name.is_empty() || self.here() != b'>' {
                return self.fail(start, unknown);
            }
            self.at += 1;
            Some(if name == "!" { Tag::Unspecific } else { Tag::named(name.strip_prefix("tag:yaml.org,2002:")) })
        } else {
            let is_core = self.word().is_empty();
            if self.here() == b'!' {
                self.at += 1;
                let name = self.address();
                if name.is_empty() {
                    return self.fail(start, unknown);
                }
                is_core.then(|| Tag::named(Some(name)))
            } else {
                self.address();
                Some(if self.at == start.at + 1 { Tag::Unspecific } else { Tag::Other })
            }
        };
        if !self.is_gap(self.at) || self.text[start.at..self.at].contains('%') {
            return self.fail(start, "behind a tag (`!`) stands no blank");
        }
        self.push(Kind::Tag(tag), start);
        Ok(())
    }

    /// The characters from here on that a tag can hold.
    fn address(&mut self) -> &'t str {
        let begin = self.at;
        while self.here().is_ascii_alphanumeric()
            || (self.here() > 0 && b"_-;/?:@&=+$,.!~*'()[]%".contains(&self.here()))
        {
            self.at += 1;
        }
        &self.text[begin..self.at]
    }
}
