//! Where in the text a part of a value stands.

use super::node::{Id, Style};
use super::tree::Document;
use crate::place::Position;

impl Document {
    /// Where in the text stands what is `offset` bytes from the start of a scalar's value: inside a block its inner
    /// line. The scalar's own start when that cannot be told.
    pub fn spot_within(&self, id: Id, offset: usize) -> Position {
        let id = self.target(id);
        let spot = self.position(id);
        let Some((value, style)) = self.written(id) else { return spot };
        let node = &self.nodes[id.number()];
        let cursor = Cursor { rest: &self.text[node.body.unwrap_or(node.start).at..], spot };
        within(cursor, value, style, offset).unwrap_or(spot)
    }
}

/// Folding and indentation change white space alone, so the letters of the value are counted off in the source, from where
/// it starts.
fn within(mut cursor: Cursor<'_>, value: &str, style: Style, offset: usize) -> Option<Position> {
    let before = value.get(..offset)?;
    let mut left = before.chars().filter(|c| !c.is_whitespace()).count();
    let is_blank = value[offset..].chars().next().is_none_or(char::is_whitespace);
    match style {
        // A block starts where its first line that is not blank does.
        Style::Plain | Style::Literal | Style::Folded => {}
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

/// A place in a text that goes forward, and knows its line and column.
struct Cursor<'a> {
    rest: &'a str,
    spot: Position,
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        let Position { line, column } = self.spot;
        self.spot =
            if c == '\n' { Position { line: line + 1, column: 1 } } else { Position { line, column: column + 1 } };
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
