//! The grammar of templates (Go, text/template/parse/parse.go). No tree is made.

use std::collections::HashMap;

use super::lexer::{Keyword, Kind, Token, tokens};
use super::{FUNCTIONS, VARIABLES, Wrong, number};
use crate::languages::promql::quoted;
use crate::text::{nearest, without_credentials};

/// How deep actions and parentheses may nest: far beyond what people write, far below what a stack holds.
const DEEPEST: usize = 200;

type Parsed<T> = Result<T, Wrong>;

/// Checks a template that Go would give this name.
pub(super) fn check(text: &str, name: &str) -> Parsed<()> {
    let mut parser = Parser {
        text,
        tokens: tokens(text),
        next: 0,
        depth: 0,
        ranges: 0,
        variables: VARIABLES.map(str::to_owned).to_vec(),
        templates: HashMap::new(),
        doubt: None,
    };
    parser.whole()?;
    if parser.templates.get(name) == Some(&Content::Some) {
        // The template itself is never empty: its variables are declared in it.
        return Err(wrong(0, format!("the template `{}` is defined twice", without_credentials(name))));
    }
    parser.doubt.map_or(Ok(()), Err)
}

/// Whether a template does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Blank,
    Some,
}

/// What an operand is, as far as what stands behind it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// A text, a number, `true`, `nil`, `.`: nothing that can be called.
    Literal,
    Other,
}

/// How a list of nodes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    End,
    /// `{{ else }}`, or `{{ else if` and `{{ else with`, whose word is still to be read.
    Else,
}

/// What an action is.
enum Action {
    /// One that stands for itself.
    Some,
    Stop(Stop),
}

struct Parser<'a> {
    text: &'a str,
    /// Not empty; the last is an end.
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    /// How many `range` are open.
    ranges: usize,
    variables: Vec<String>,
    /// The templates that are defined here.
    templates: HashMap<String, Content>,
    /// What Go may refuse.
    doubt: Option<Wrong>,
}

fn wrong(at: usize, message: impl Into<String>) -> Wrong {
    Wrong { at, message: message.into(), hint: None, is_certain: true }
}

impl Parser<'_> {
    fn token(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> Kind {
        self.token().kind
    }

    fn at(&self) -> usize {
        self.token().start
    }

    fn word(&self) -> &str {
        &self.text[self.token().start..self.token().end]
    }

    fn skip_space(&mut self) {
        while self.kind() == Kind::Space {
            self.next += 1;
        }
    }

    /// What comes next, blanks left out.
    fn kind_after_space(&mut self) -> Kind {
        self.skip_space();
        self.kind()
    }

    fn unexpected(&self, context: &str) -> Wrong {
        let at = self.at();
        match self.kind() {
            Kind::Wrong(why) => Wrong { hint: advice(self.text, at), ..wrong(at, why) },
            Kind::BadCharacter => {
                let c = self.text[at..].chars().next().unwrap_or_default();
                let hint = matches!(c, '-' | '[').then_some(INDEX);
                Wrong { hint, ..wrong(at, format!("bad character `{c}`")) }
            }
            Kind::End => wrong(at, format!("unexpected end of the text in {context}")),
            // Never quoted: it may be an address with a password.
            Kind::Quoted | Kind::RawQuoted => wrong(at, format!("unexpected text in quotes in {context}")),
            _ => wrong(at, format!("unexpected `{}` in {context}", self.word())),
        }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong {
                is_certain: false,
                ..wrong(self.at(), "the template is nested too deeply to be checked")
            });
        }
        Ok(())
    }

    fn close(&mut self, context: &str) -> Parsed<()> {
        if self.kind_after_space() != Kind::Close {
            return Err(self.unexpected(context));
        }
        self.next += 1;
        Ok(())
    }

    /// The whole text: here alone templates can be defined.
    fn whole(&mut self) -> Parsed<()> {
        while self.kind() != Kind::End {
            if self.kind() == Kind::Open {
                let open = self.next;
                self.next += 1;
                if self.kind_after_space() == Kind::Keyword(Keyword::Define) {
                    self.next += 1;
                    self.definition()?;
                    continue;
                }
                self.next = open;
            }
            let at = self.at();
            let mut content = Content::Blank;
            if let Some(stop) = self.node(&mut content)? {
                let word = if stop == Stop::End { "end" } else { "else" };
                let at = self.text[at..].find(word).map_or(at, |offset| at + offset);
                return Err(wrong(at, format!("unexpected `{word}`: nothing is open here")));
            }
        }
        Ok(())
    }

    /// `{{ define "x" }}…{{ end }}`, behind the word. The variables of the alert are not known inside.
    fn definition(&mut self) -> Parsed<()> {
        let name = self.name("define")?;
        self.close("define")?;
        let at = self.at();
        let content = self.apart("define")?;
        self.define(at, name, content)
    }

    /// Nodes up to an end, with variables of their own.
    fn apart(&mut self, context: &str) -> Parsed<Content> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let ranges = std::mem::take(&mut self.ranges);
        let at = self.at();
        let (content, stop) = self.list()?;
        if stop != Stop::End {
            return Err(wrong(at, format!("unexpected `else` in {context}")));
        }
        self.variables = variables;
        self.ranges = ranges;
        Ok(content)
    }

    fn define(&mut self, at: usize, name: String, content: Content) -> Parsed<()> {
        match self.templates.get(&name) {
            Some(Content::Some) if content == Content::Some => {
                Err(wrong(at, format!("the template `{}` is defined twice", without_credentials(&name))))
            }
            Some(Content::Some) => Ok(()),
            _ => {
                self.templates.insert(name, content);
                Ok(())
            }
        }
    }

    fn name(&mut self, context: &str) -> Parsed<String> {
        let at = self.at();
        let kind = self.kind_after_space();
        if !matches!(kind, Kind::Quoted | Kind::RawQuoted) {
            return Err(self.unexpected(context));
        }
        let name = self.unquoted(at)?;
        self.next += 1;
        Ok(name)
    }

    /// The text in quotes that comes next.
    fn unquoted(&self, at: usize) -> Parsed<String> {
        let bytes = quoted::bytes(self.word()).map_err(|why| wrong(at, why))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Nodes up to `{{ end }}` or `{{ else }}`.
    fn list(&mut self) -> Parsed<(Content, Stop)> {
        self.deeper()?;
        let mut content = Content::Blank;
        while self.kind() != Kind::End {
            if let Some(stop) = self.node(&mut content)? {
                self.depth -= 1;
                return Ok((content, stop));
            }
        }
        Err(wrong(self.at(), "unexpected end of the text: an `{{ end }}` is missing"))
    }

    fn node(&mut self, content: &mut Content) -> Parsed<Option<Stop>> {
        match self.kind() {
            Kind::Text => {
                if !self.word().trim().is_empty() {
                    *content = Content::Some;
                }
                self.next += 1;
                Ok(None)
            }
            Kind::Open => {
                self.next += 1;
                match self.action()? {
                    Action::Some => {
                        *content = Content::Some;
                        Ok(None)
                    }
                    Action::Stop(stop) => Ok(Some(stop)),
                }
            }
            _ => Err(self.unexpected("a template")),
        }
    }

    fn action(&mut self) -> Parsed<Action> {
        let kind = self.kind_after_space();
        let Kind::Keyword(keyword) = kind else {
            self.pipeline("a command", Kind::Close)?;
            return Ok(Action::Some);
        };
        let at = self.at();
        self.next += 1;
        match keyword {
            Keyword::Define => {
                return Err(wrong(at, "unexpected `define`: it cannot stand inside of something else"));
            }
            Keyword::End => {
                self.close("end")?;
                return Ok(Action::Stop(Stop::End));
            }
            Keyword::Else => {
                if !matches!(self.kind_after_space(), Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.close("else")?;
                }
                return Ok(Action::Stop(Stop::Else));
            }
            Keyword::Break | Keyword::Continue => {
                self.close("break and continue")?;
                if self.ranges == 0 {
                    return Err(wrong(at, "`break` and `continue` belong into a `range`"));
                }
            }
            Keyword::Block => {
                let name = self.name("block")?;
                self.pipeline("block", Kind::Close)?;
                let content = self.apart("block")?;
                self.define(at, name, content)?;
            }
            Keyword::Template => {
                self.name("template")?;
                if self.kind_after_space() == Kind::Close {
                    self.next += 1;
                } else {
                    self.pipeline("template", Kind::Close)?;
                }
            }
            Keyword::If | Keyword::Range | Keyword::With => self.control(keyword)?,
        }
        Ok(Action::Some)
    }

    /// `if`, `range` and `with`, behind the word.
    fn control(&mut self, keyword: Keyword) -> Parsed<()> {
        let known = self.variables.len();
        let context = match keyword {
            Keyword::Range => "range",
            Keyword::With => "with",
            _ => "if",
        };
        self.pipeline(context, Kind::Close)?;
        self.ranges += usize::from(keyword == Keyword::Range);
        let (_, stop) = self.list()?;
        self.ranges -= usize::from(keyword == Keyword::Range);
        if stop == Stop::Else {
            if keyword != Keyword::Range && self.kind() == Kind::Keyword(keyword) {
                // `{{ else if x }}` ends with the same `{{ end }}`.
                self.next += 1;
                self.deeper()?;
                self.control(keyword)?;
                self.depth -= 1;
            } else {
                let at = self.at();
                if self.list()?.1 != Stop::End {
                    return Err(wrong(at, format!("expected `end` behind the `else` of `{context}`")));
                }
            }
        }
        self.variables.truncate(known);
        Ok(())
    }

    /// Commands joined by `|`, up to a closing sign, which is read too.
    fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<()> {
        let start = self.at();
        self.declarations(context)?;
        let mut count = 0;
        loop {
            let kind = self.kind_after_space();
            if kind == end {
                if count == 0 {
                    let at = self.text[..start].rfind("{{").unwrap_or(start);
                    return Err(wrong(at, format!("missing value for {context}")));
                }
                self.next += 1;
                return Ok(());
            }
            match kind {
                Kind::Bool
                | Kind::Character
                | Kind::Number(_)
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Nil
                | Kind::Quoted
                | Kind::RawQuoted
                | Kind::Variable
                | Kind::LeftParen => {
                    let at = self.at();
                    let first = self.command()?;
                    if count > 0 && first == Operand::Literal {
                        return Err(wrong(at, "this cannot be piped into: it is no function"));
                    }
                    count += 1;
                }
                _ => return Err(self.unexpected(context)),
            }
        }
    }

    /// `$x :=`, `$x =`, and in a range `$i, $x :=`.
    fn declarations(&mut self, context: &str) -> Parsed<()> {
        for count in 1.. {
            if self.kind_after_space() != Kind::Variable {
                return Ok(());
            }
            let variable = self.next;
            let name = self.word().to_owned();
            self.next += 1;
            match self.kind_after_space() {
                Kind::Assign | Kind::Declare => {
                    self.next += 1;
                    self.variables.push(name);
                    return Ok(());
                }
                Kind::Sign if self.word() == "," => {
                    let at = self.at();
                    self.next += 1;
                    self.variables.push(name);
                    let more = matches!(self.kind_after_space(), Kind::Variable | Kind::Close | Kind::RightParen);
                    if context != "range" || count > 1 {
                        return Err(wrong(at, format!("too many declarations in {context}")));
                    }
                    if !more {
                        return Err(self.unexpected("range, which can only initialize variables"));
                    }
                }
                _ => {
                    self.next = variable;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Operands up to `|`, which is read too, or to a closing sign. What the first one is.
    fn command(&mut self) -> Parsed<Operand> {
        let mut first = None;
        loop {
            self.skip_space();
            if let Some(operand) = self.operand()? {
                first.get_or_insert(operand);
            }
            match self.kind() {
                Kind::Space => self.next += 1,
                Kind::Pipe => {
                    self.next += 1;
                    break;
                }
                Kind::Close | Kind::RightParen => break,
                _ => return Err(self.unexpected("an operand")),
            }
        }
        first.ok_or_else(|| wrong(self.at(), "an empty command"))
    }

    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let at = self.at();
        let Some(operand) = self.term()? else { return Ok(None) };
        while self.kind() == Kind::Field {
            if operand == Operand::Literal {
                return Err(wrong(self.at(), "a text, a number, `nil` and `.` have no fields like this"));
            }
            self.next += 1;
        }
        debug_assert!(self.at() >= at);
        Ok(Some(operand))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let at = self.at();
        let operand = match self.kind() {
            Kind::Identifier => {
                self.function()?;
                Operand::Other
            }
            Kind::Variable => {
                let name = self.word();
                if !self.variables.iter().any(|known| known == name) {
                    let message = format!("undefined variable `{name}`");
                    return Err(Wrong { hint: Some(KNOWN_VARIABLES), ..wrong(at, message) });
                }
                Operand::Other
            }
            Kind::Field => Operand::Other,
            Kind::Dot | Kind::Nil | Kind::Bool => Operand::Literal,
            Kind::Number(true) => {
                // What Go makes of complex numbers is not followed: no alert has one.
                let message = format!("thanosctl cannot tell whether Go takes the number `{}`", self.word());
                self.doubt.get_or_insert(Wrong { is_certain: false, ..wrong(at, message) });
                Operand::Literal
            }
            Kind::Number(false) => {
                if !number::fits(self.word()) {
                    return Err(wrong(at, format!("`{}` is no number", self.word())));
                }
                Operand::Literal
            }
            Kind::Character => {
                let bytes = quoted::bytes(self.word()).map_err(|why| wrong(at, why))?;
                let characters = String::from_utf8_lossy(&bytes).chars().count();
                if characters != 1 {
                    return Err(wrong(at, "single quotes hold one character; a text stands in double quotes"));
                }
                Operand::Literal
            }
            Kind::Quoted | Kind::RawQuoted => {
                self.unquoted(at)?;
                Operand::Literal
            }
            Kind::LeftParen => {
                self.next += 1;
                self.deeper()?;
                self.pipeline("parentheses", Kind::RightParen)?;
                self.depth -= 1;
                return Ok(Some(Operand::Other));
            }
            _ => return Ok(None),
        };
        self.next += 1;
        Ok(Some(operand))
    }

    fn function(&self) -> Parsed<()> {
        let name = self.word();
        if FUNCTIONS.contains(&name) {
            return Ok(());
        }
        let message = match nearest(name, FUNCTIONS) {
            Some(known) => format!("the function `{name}` is not defined; did you mean `{known}`?"),
            None => format!("the function `{name}` is not defined"),
        };
        let hint = match name {
            "labels" | "externalLabels" => "variables start with a dollar: $labels",
            "default" | "upper" | "lower" | "include" | "trim" | "replace" | "round" | "toYaml" | "quote" => {
                "Prometheus has functions of its own, and none of sprig or Helm"
            }
            _ => "the functions are listed on prometheus.io/docs/prometheus/latest/configuration/template_reference",
        };
        Err(Wrong { hint: Some(hint), ..wrong(self.at(), message) })
    }
}

const INDEX: &str = "a label whose name is no word is read with index: {{ index $labels \"a-b\" }}";
const KNOWN_VARIABLES: &str =
    "an alert has $labels, $value, $externalLabels and $externalURL; inside of `define` there is none of them";

/// What to do about something that the lexer could not read.
fn advice(text: &str, at: usize) -> Option<&'static str> {
    text[..at].ends_with("$labels").then_some(INDEX)
}
