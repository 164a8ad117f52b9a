//! A template as tokens (Go, text/template/parse/lex.go).

/// A token and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    /// No token: why. Nothing comes behind it.
    Wrong(&'static str),
    /// A letter or sign that cannot stand behind what stands before it.
    BadCharacter,
    /// Text between actions.
    Text,
    /// `{{`
    Open,
    /// `}}`
    Close,
    Space,
    Declare,
    Assign,
    Pipe,
    LeftParen,
    RightParen,
    Quoted,
    RawQuoted,
    Character,
    /// A number; `true` when it is a complex one.
    Number(bool),
    Variable,
    Dot,
    Field,
    Identifier,
    Bool,
    Nil,
    Keyword(Keyword),
    /// Another sign.
    Sign,
}

/// A word that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

/// All tokens of `text`, comments left out. The last is an end or something wrong.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    if let Err((at, kind)) = lexer.run() {
        lexer.tokens.push(Token { kind, start: at, end: text.len() });
    }
    lexer.tokens
}

type Error = (usize, Kind);

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether `text` starts with the mark that trims what stands before: `- `.
fn trims_left(text: &str) -> bool {
    text.starts_with('-') && text[1..].starts_with(is_space)
}

/// The length of `}}` or ` -}}`, if `text` starts with it.
fn close(text: &str) -> Option<usize> {
    if text.starts_with(is_space) && text[1..].starts_with("-}}") {
        return Some(4);
    }
    text.starts_with("}}").then_some(2)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, start: self.at, end: self.at + length });
        self.at += length;
    }

    fn run(&mut self) -> Result<(), Error> {
        loop {
            match self.rest().find("{{") {
                Some(length) => {
                    if length > 0 {
                        self.push(Kind::Text, length);
                    }
                    self.action()?;
                }
                None => {
                    if !self.rest().is_empty() {
                        self.push(Kind::Text, self.rest().len());
                    }
                    self.push(Kind::End, 0);
                    return Ok(());
                }
            }
        }
    }

    /// From `{{` to `}}`.
    fn action(&mut self) -> Result<(), Error> {
        let start = self.at;
        let marker = if trims_left(&self.rest()[2..]) { 4 } else { 2 };
        if let Some(comment) = self.rest()[marker..].strip_prefix("/*") {
            let end = comment.find("*/").ok_or((start, Kind::Wrong("unclosed comment")))?;
            self.at = start + marker + 2 + end + 2;
            let closing = close(self.rest());
            self.at += closing.ok_or((self.at, Kind::Wrong("a comment must be all that stands in its braces")))?;
            return Ok(());
        }
        self.push(Kind::Open, 2);
        self.at = start + marker;
        let mut depth = 0_usize;
        loop {
            if let Some(length) = close(self.rest()) {
                if depth > 0 {
                    return Err((self.at, Kind::Wrong("unclosed left parenthesis")));
                }
                self.push(Kind::Close, length);
                return Ok(());
            }
            self.token(&mut depth)?;
        }
    }

    fn token(&mut self, depth: &mut usize) -> Result<(), Error> {
        let rest = self.rest();
        let wrong = |why| Err((self.at, Kind::Wrong(why)));
        let Some(c) = rest.chars().next() else { return wrong("unclosed action") };
        let second = rest.chars().nth(1);
        match c {
            c if is_space(c) => {
                let mut length = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
                // The last blank may belong to ` -}}`.
                if rest[length..].starts_with("-}}") {
                    length -= 1;
                }
                self.push(Kind::Space, length);
            }
            '=' => self.push(Kind::Assign, 1),
            ':' if second == Some('=') => self.push(Kind::Declare, 2),
            ':' => return wrong("expected :="),
            '|' => self.push(Kind::Pipe, 1),
            '"' | '\'' => {
                let length = quoted(rest, c).ok_or((self.at, Kind::Wrong("unterminated text in quotes")))?;
                self.push(if c == '"' { Kind::Quoted } else { Kind::Character }, length);
            }
            '`' => {
                let end = rest[1..].find('`').ok_or((self.at, Kind::Wrong("unterminated text in backquotes")))?;
                self.push(Kind::RawQuoted, end + 2);
            }
            '$' => self.word(1, Kind::Variable, Kind::Variable)?,
            '.' if second.is_some_and(|c| !c.is_ascii_digit()) => self.word(1, Kind::Dot, Kind::Field)?,
            // Go reads a dot at the very end as a number, and then misses the end of the action.
            '.' | '+' | '-' | '0'..='9' => {
                let (length, is_complex) =
                    super::number::scan(rest).ok_or((self.at, Kind::Wrong("this is no number")))?;
                self.push(Kind::Number(is_complex), length);
            }
            c if is_word(c) => self.identifier()?,
            '(' => {
                *depth += 1;
                self.push(Kind::LeftParen, 1);
            }
            ')' => {
                *depth = depth.checked_sub(1).ok_or((self.at, Kind::Wrong("unexpected right parenthesis")))?;
                self.push(Kind::RightParen, 1);
            }
            c if c.is_ascii_graphic() => self.push(Kind::Sign, 1),
            _ => return Err((self.at, Kind::BadCharacter)),
        }
        Ok(())
    }

    /// Whether a word may end at `at` bytes from here.
    fn ends(&self, at: usize) -> bool {
        let rest = &self.rest()[at..];
        rest.is_empty() || rest.starts_with(|c| is_space(c) || ".,|:)(".contains(c)) || rest.starts_with("}}")
    }

    /// A variable or a field: `alone` when no name stands behind its sign.
    fn word(&mut self, sign: usize, alone: Kind, named: Kind) -> Result<(), Error> {
        if self.ends(sign) {
            self.push(alone, sign);
            return Ok(());
        }
        let rest = &self.rest()[sign..];
        let length = sign + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if !self.ends(length) {
            return Err((self.at + length, Kind::BadCharacter));
        }
        self.push(named, length);
        Ok(())
    }

    fn identifier(&mut self) -> Result<(), Error> {
        let rest = self.rest();
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if !self.ends(length) {
            return Err((self.at + length, Kind::BadCharacter));
        }
        let kind = match &rest[..length] {
            "block" => Kind::Keyword(Keyword::Block),
            "break" => Kind::Keyword(Keyword::Break),
            "continue" => Kind::Keyword(Keyword::Continue),
            "define" => Kind::Keyword(Keyword::Define),
            "else" => Kind::Keyword(Keyword::Else),
            "end" => Kind::Keyword(Keyword::End),
            "if" => Kind::Keyword(Keyword::If),
            "range" => Kind::Keyword(Keyword::Range),
            "template" => Kind::Keyword(Keyword::Template),
            "with" => Kind::Keyword(Keyword::With),
            "nil" => Kind::Nil,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.push(kind, length);
        Ok(())
    }
}

/// The length of what stands in quotes, with them; none when it does not end on its line.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (offset, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(offset + 1),
            _ => {}
        }
    }
    None
}
