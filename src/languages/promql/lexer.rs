//! An expression as tokens (promql/parser, lex.go).
//!
//! What a character means depends on where it stands: inside braces every word is a name, inside brackets words are
//! durations, until the first number there, from which on the rules of the outside hold again, but for words.

use super::number;

/// A token and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// No token: why. Nothing comes behind it.
    Wrong(String),
    /// A name without a colon.
    Name,
    /// A name with a colon, which only metrics have.
    MetricName,
    Number,
    Duration,
    /// A text in quotes.
    Text,
    /// A word that means something, in small letters.
    Keyword(&'static str),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Words that mean something outside braces, however they are written.
const KEYWORDS: [&str; 33] = [
    "and",
    "or",
    "unless",
    "atan2",
    "sum",
    "avg",
    "count",
    "min",
    "max",
    "group",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "count_values",
    "quantile",
    "limitk",
    "limit_ratio",
    "offset",
    "smoothed",
    "anchored",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "bool",
    "start",
    "end",
    "step",
    "inf",
    "nan",
];

/// All tokens of `text`, comments left out. The last one is [`Kind::End`] or [`Kind::Wrong`].
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer =
        Lexer { text, at: 0, tokens: Vec::new(), depth: 0, place: Place::Outside, colon: false, duration: false };
    loop {
        let start = lexer.at;
        match lexer.next() {
            Ok(true) => {}
            Ok(false) => break,
            Err((at, message)) => {
                lexer.tokens.push(Token { kind: Kind::Wrong(message), start: at.unwrap_or(start), end: text.len() });
                break;
            }
        }
    }
    lexer.tokens
}

/// Where the lexer is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Braces,
    /// In brackets, before the first number.
    Duration,
    /// In brackets, behind a number.
    Brackets,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    /// How many parentheses are open.
    depth: usize,
    place: Place,
    /// Whether a colon stood in these brackets.
    colon: bool,
    /// Whether a number stood in any brackets so far, which is what allows a colon.
    duration: bool,
}

/// Where, if not at the token's start, and why.
type Error = (Option<usize>, String);

fn is_alpha(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

fn is_word(c: char) -> bool {
    is_alpha(c) || c.is_ascii_digit()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, start: self.at, end: self.at + length });
        self.at += length;
    }

    fn sign(&mut self, sign: &'static str) -> Result<bool, Error> {
        self.push(Kind::Sign(sign), sign.len());
        Ok(true)
    }

    /// Reads one token, or what lies between tokens. False at the end.
    fn next(&mut self) -> Result<bool, Error> {
        match self.place {
            Place::Braces => self.in_braces(),
            Place::Duration => self.in_duration(),
            Place::Outside | Place::Brackets => self.outside(),
        }
    }

    fn skip(&mut self) -> bool {
        let spaces = self.rest().find(|c| !is_space(c)).unwrap_or(self.rest().len());
        self.at += spaces;
        spaces > 0
    }

    fn comment(&mut self) -> bool {
        if !self.rest().starts_with('#') {
            return false;
        }
        self.at += self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        true
    }

    fn outside(&mut self) -> Result<bool, Error> {
        if self.skip() || self.comment() {
            return Ok(true);
        }
        let bracket = self.place == Place::Brackets;
        let Some(c) = self.peek() else {
            if self.depth > 0 {
                return Err((None, "unclosed left parenthesis".to_owned()));
            }
            if bracket {
                return Err((None, "unclosed left bracket".to_owned()));
            }
            self.push(Kind::End, 0);
            return Ok(false);
        };
        let second = self.rest().chars().nth(1);
        match c {
            ',' => self.sign(","),
            '*' => self.sign("*"),
            '/' => self.sign("/"),
            '%' => self.sign("%"),
            '+' => self.sign("+"),
            '-' => self.sign("-"),
            '^' => self.sign("^"),
            '@' => self.sign("@"),
            '=' if second == Some('=') => self.sign("=="),
            '=' if second == Some('~') => Err((None, "unexpected `~` after `=`; `=~` belongs into braces".to_owned())),
            '=' => self.sign("="),
            '!' if second == Some('=') => self.sign("!="),
            '!' => Err((None, "unexpected `!`".to_owned())),
            '<' if second == Some('=') => self.sign("<="),
            '<' => self.sign("<"),
            '>' if second == Some('=') => self.sign(">="),
            '>' => self.sign(">"),
            '(' => self.open(),
            ')' => self.close(),
            '{' => {
                self.place = Place::Braces;
                self.sign("{")
            }
            '[' if bracket => Err((None, "unexpected `[`".to_owned())),
            '[' => {
                self.place = Place::Duration;
                self.colon = false;
                self.sign("[")
            }
            ']' if !bracket => Err((None, "unexpected `]`".to_owned())),
            ']' => {
                self.place = Place::Outside;
                self.sign("]")
            }
            '"' | '\'' | '`' => self.quoted(c),
            ':' if bracket && self.colon => Err((None, "unexpected `:`".to_owned())),
            ':' if bracket => {
                self.colon = true;
                self.sign(":")
            }
            c if bracket && is_alpha(c) => self.duration_word(),
            c if is_alpha(c) || c == ':' => {
                let length = self.rest().find(|c| !is_word(c) && c != ':').unwrap_or(self.rest().len());
                let word = &self.rest()[..length];
                let small = word.to_ascii_lowercase();
                let kind = match KEYWORDS.iter().find(|known| **known == small) {
                    Some(&"inf" | &"nan") => Kind::Number,
                    Some(known) => Kind::Keyword(known),
                    None if word.contains(':') => Kind::MetricName,
                    None => Kind::Name,
                };
                self.push(kind, length);
                Ok(true)
            }
            c if c.is_ascii_digit() || (c == '.' && second.is_some_and(|c| c.is_ascii_digit())) => self.number(),
            c => Err((None, format!("unexpected character `{c}`"))),
        }
    }

    fn open(&mut self) -> Result<bool, Error> {
        self.depth += 1;
        self.sign("(")
    }

    fn close(&mut self) -> Result<bool, Error> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| (None, "unexpected right parenthesis".to_owned()))?;
        self.sign(")")
    }

    fn in_duration(&mut self) -> Result<bool, Error> {
        if self.skip() {
            return Ok(true);
        }
        let second = self.rest().chars().nth(1);
        match self.peek() {
            None => Err((None, "unclosed left bracket".to_owned())),
            Some(']') => {
                self.place = Place::Outside;
                self.sign("]")
            }
            Some(':') if !self.duration => Err((None, "unexpected `:` before a duration".to_owned())),
            Some(':') if self.colon => Err((None, "unexpected `:`".to_owned())),
            Some(':') => {
                self.colon = true;
                self.sign(":")
            }
            Some('(') => self.open(),
            Some(')') => self.close(),
            Some('+') => self.sign("+"),
            Some('-') => self.sign("-"),
            Some('*') => self.sign("*"),
            Some('/') => self.sign("/"),
            Some('%') => self.sign("%"),
            Some('^') => self.sign("^"),
            Some(',') => self.sign(","),
            Some(c) if c.is_ascii_digit() || (c == '.' && second.is_some_and(|c| c.is_ascii_digit())) => {
                self.duration = true;
                self.place = Place::Brackets;
                self.number()
            }
            Some(c) if is_alpha(c) => self.duration_word(),
            Some(c) => Err((None, format!("unexpected character `{c}` in a duration"))),
        }
    }

    /// The words that a duration may be computed with.
    fn duration_word(&mut self) -> Result<bool, Error> {
        let length = self.rest().find(|c| !is_alpha(c)).unwrap_or(self.rest().len());
        let word = self.rest()[..length].to_ascii_lowercase();
        match ["step", "min", "max"].into_iter().find(|known| *known == word) {
            Some(known) => {
                self.push(Kind::Keyword(known), length);
                Ok(true)
            }
            None => Err((None, format!("unexpected `{}` in a duration", &self.rest()[..length]))),
        }
    }

    fn in_braces(&mut self) -> Result<bool, Error> {
        if self.skip() || self.comment() {
            return Ok(true);
        }
        let second = self.rest().chars().nth(1);
        match self.peek() {
            None => Err((None, "unclosed left brace".to_owned())),
            Some(',') => self.sign(","),
            Some('=') if second == Some('~') => self.sign("=~"),
            Some('=') => self.sign("="),
            Some('!') if second == Some('~') => self.sign("!~"),
            Some('!') if second == Some('=') => self.sign("!="),
            Some('}') => {
                // Within brackets nothing opens a brace that the parser would go on with.
                self.place = Place::Outside;
                self.sign("}")
            }
            Some(c @ ('"' | '\'' | '`')) => self.quoted(c),
            Some(c) if is_alpha(c) => {
                let length = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
                self.push(Kind::Name, length);
                Ok(true)
            }
            Some(c) => Err((None, format!("unexpected character `{c}` inside braces"))),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<bool, Error> {
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices().skip(1) {
            match c {
                // How Go tells a broken character from a whole one.
                '\u{fffd}' if !escaped => return Err((Some(self.at + offset), "invalid UTF-8".to_owned())),
                '\n' if quote != '`' => break,
                _ if escaped => escaped = false,
                '\\' if quote != '`' => escaped = true,
                c if c == quote => {
                    let length = offset + 1;
                    let text = &self.rest()[..length];
                    super::quoted::bytes(text).map_err(|why| (None, why))?;
                    self.push(Kind::Text, length);
                    return Ok(true);
                }
                _ => {}
            }
        }
        // What is wrong with an escape is wrong before the end that is missing.
        Err((None, "unterminated text in quotes".to_owned()))
    }

    fn number(&mut self) -> Result<bool, Error> {
        match number::scan(self.rest()) {
            Ok((kind, length)) => {
                self.push(kind, length);
                Ok(true)
            }
            Err(length) => Err((None, format!("`{}` is no number and no duration", &self.rest()[..length]))),
        }
    }
}
