//! Single values: plain, in quotes, and as blocks.

use std::borrow::Cow;

use super::{Kind, Scanner, Token};
use crate::languages::yaml::node::{Mark, Problem, Style};

impl Scanner<'_> {
    pub(super) fn plain(&mut self) -> Result<(), Problem> {
        self.save_candidate()?;
        self.is_key_allowed = false;
        let start = self.mark();
        let mut end = start;
        // The text, but for what is verbatim from `begin` on.
        let mut folded = String::new();
        let mut begin = self.at;
        let mut lines: Option<Fold> = None;
        loop {
            if (self.column() == 0 && (self.is_marker("---") || self.is_marker("..."))) || self.here() == b'#' {
                break;
            }
            let from = self.at;
            self.bare_word();
            if self.at > from {
                if let Some(lines) = lines.take() {
                    folded.push_str(&self.text[begin..end.at]);
                    lines.join(&mut folded);
                    begin = from;
                }
                end = self.mark();
            }
            if !self.is_blank(self.at) && self.line_break(self.at) == 0 {
                break;
            }
            loop {
                if self.is_blank(self.at) {
                    if lines.is_some() && self.here() == b'\t' && i64::from(self.column()) <= self.indent {
                        return self.fail(self.mark(), "a tab indents this line");
                    }
                    self.at += 1;
                } else if self.line_break(self.at) > 0 {
                    let line_break = self.skip_line();
                    Fold::add(&mut lines, line_break);
                } else {
                    break;
                }
            }
            if self.flow == 0 && i64::from(self.column()) <= self.indent {
                break;
            }
        }
        self.is_key_allowed |= lines.is_some();
        let text = &self.text[begin..end.at];
        let text = if folded.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(folded + text) };
        let level = self.candidates.len() - 1;
        self.queue.push_back(Token { kind: Kind::Scalar(text, Style::Plain, None), start, end, level });
        Ok(())
    }

    /// Goes over the characters that a text without quotes can hold, up to a blank.
    fn bare_word(&mut self) {
        loop {
            match self.here() {
                b' ' | b'\t' | b'\n' | b'\r' | 0 => return,
                b':' if self.is_gap(self.at + 1) => return,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if self.flow > 0 => return,
                1..0x80 => self.at += 1,
                _ if self.line_break(self.at) > 0 => return,
                _ => self.skip(),
            }
        }
    }

    pub(super) fn quoted(&mut self, quote: u8) -> Result<(), Problem> {
        let start = self.mark();
        self.at += 1;
        // The text, but for what is verbatim from `begin` on.
        let mut changed: Option<String> = None;
        let mut begin = self.at;
        let mut lines: Option<Fold> = None;
        loop {
            if self.column() == 0 && (self.is_marker("---") || self.is_marker("...")) {
                return self.fail(self.mark(), "a document ends within a text in quotes");
            }
            // What is not blank.
            let is_ended = loop {
                match self.here() {
                    0 => return self.fail(start, "a text in quotes does not end"),
                    b' ' | b'\t' | b'\n' | b'\r' => break false,
                    b'\'' if quote == b'\'' && self.byte(self.at + 1) == b'\'' => {
                        changed.get_or_insert_default().push_str(&self.text[begin..=self.at]);
                        self.at += 2;
                        begin = self.at;
                    }
                    byte if byte == quote => break true,
                    b'\\' if quote == b'"' => {
                        let text = changed.get_or_insert_default();
                        text.push_str(&self.text[begin..self.at]);
                        self.at += 1;
                        if self.line_break(self.at) > 0 {
                            self.skip_line();
                            begin = self.at;
                            lines = Some(Fold::default());
                            break false;
                        }
                        let escaped = self.escape(start)?;
                        changed.get_or_insert_default().push(escaped);
                        begin = self.at;
                    }
                    1..0x80 => self.at += 1,
                    _ if self.line_break(self.at) > 0 => break false,
                    _ => self.skip(),
                }
            };
            if is_ended {
                break;
            }
            // What is blank.
            let gap = self.at;
            loop {
                if self.is_blank(self.at) {
                    self.at += 1;
                } else if self.line_break(self.at) > 0 {
                    if lines.is_none() {
                        changed.get_or_insert_default().push_str(&self.text[begin..gap]);
                    }
                    let line_break = self.skip_line();
                    Fold::add(&mut lines, line_break);
                } else {
                    break;
                }
            }
            if let Some(lines) = lines.take() {
                lines.join(changed.get_or_insert_default());
                begin = self.at;
            }
        }
        let rest = &self.text[begin..self.at];
        let text = match changed {
            None => Cow::Borrowed(rest),
            Some(changed) => Cow::Owned(changed + rest),
        };
        self.at += 1;
        self.push(Kind::Scalar(text, if quote == b'"' { Style::Double } else { Style::Single }, None), start);
        Ok(())
    }

    /// The character that an escape stands for, behind its backslash.
    fn escape(&mut self, start: Mark) -> Result<char, Problem> {
        let (sign, mark) = (self.here(), self.mark());
        let digits = match sign {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        self.at += 1;
        let character = match sign {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b' ' | b'"' | b'\'' | b'\\' => char::from(sign),
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' | b'u' | b'U' => {
                let written = self.text.as_bytes().get(self.at..self.at + digits).unwrap_or_default();
                let is_hex = written.len() == digits && written.iter().all(u8::is_ascii_hexdigit);
                let number = std::str::from_utf8(written).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let Some(character) = number.filter(|_| is_hex).and_then(char::from_u32) else {
                    return self.fail(mark, "an escape in double quotes that stands for no character");
                };
                self.at += digits;
                character
            }
            0 => return self.fail(start, "a text in quotes does not end"),
            _ => {
                let sign = self.text[mark.at..].chars().next().unwrap_or_default();
                return self.fail(mark, &format!("the escape `\\{}`, which Go does not know", sign.escape_debug()));
            }
        };
        Ok(character)
    }

    pub(super) fn block(&mut self, is_literal: bool) -> Result<(), Problem> {
        let start = self.mark();
        self.at += 1;
        let (mut chomps, mut keeps, mut increment) = (false, false, 0);
        for _ in 0..2 {
            match self.here() {
                sign @ (b'+' | b'-') if !chomps && !keeps => (keeps, chomps) = (sign == b'+', sign == b'-'),
                digit @ b'1'..=b'9' if increment == 0 => increment = i64::from(digit - b'0'),
                _ => break,
            }
            self.at += 1;
        }
        self.end_line(start, "behind `|` or `>` stands something else than its signs")?;
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let mut breaks = String::new();
        let mut end = self.block_breaks(&mut indent, &mut breaks)?;
        let body = self.mark();
        let (mut text, mut line_break, mut was_blank) = (String::new(), "", false);
        while i64::from(self.column()) == indent && self.at < self.text.len() {
            let is_blank = self.is_blank(self.at);
            if !is_literal && !was_blank && !is_blank && line_break == "\n" {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(line_break);
            }
            text.push_str(&breaks);
            breaks.clear();
            was_blank = is_blank;
            let begin = self.at;
            while self.at < self.text.len() && self.line_break(self.at) == 0 {
                self.skip();
            }
            text.push_str(&self.text[begin..self.at]);
            line_break = if self.at < self.text.len() { self.skip_line() } else { "" };
            end = self.block_breaks(&mut indent, &mut breaks)?;
        }
        if !chomps {
            text.push_str(line_break);
        }
        if keeps {
            text.push_str(&breaks);
        }
        let style = if is_literal { Style::Literal } else { Style::Folded };
        let level = self.candidates.len() - 1;
        self.queue.push_back(Token { kind: Kind::Scalar(Cow::Owned(text), style, Some(body)), start, end, level });
        Ok(())
    }

    /// Goes over the lines of a block that are empty, and the indentation of the next one, which finds out how far the
    /// block is indented when that is not known (0). Where the last line begins.
    fn block_breaks(&mut self, indent: &mut i64, breaks: &mut String) -> Result<Mark, Problem> {
        let (mut end, mut widest) = (self.mark(), 0);
        loop {
            let is_left = |this: &Self| *indent == 0 || i64::from(this.column()) < *indent;
            while is_left(self) && self.here() == b' ' {
                self.at += 1;
            }
            widest = widest.max(i64::from(self.column()));
            if is_left(self) && self.here() == b'\t' {
                return self.fail(self.mark(), "a tab indents this line");
            }
            if self.line_break(self.at) == 0 {
                break;
            }
            breaks.push_str(self.skip_line());
            end = self.mark();
        }
        if *indent == 0 {
            *indent = widest.max(self.indent + 1).max(1);
        }
        Ok(end)
    }
}

/// Line breaks within a text that is not a block: one is a blank, of more all but the first stay.
#[derive(Debug, Default)]
struct Fold {
    first: &'static str,
    more: String,
}

impl Fold {
    fn add(lines: &mut Option<Self>, line_break: &str) {
        match lines {
            // What follows YAML 1.1 keeps these two as they are.
            None => {
                let first = match line_break {
                    "\u{2028}" => "\u{2028}",
                    "\u{2029}" => "\u{2029}",
                    _ => "\n",
                };
                *lines = Some(Self { first, more: String::new() });
            }
            Some(lines) => lines.more.push_str(line_break),
        }
    }

    fn join(self, text: &mut String) {
        if self.first == "\n" && self.more.is_empty() {
            text.push(' ');
        } else {
            text.push_str(if self.first == "\n" { "" } else { self.first });
            text.push_str(&self.more);
        }
    }
}
