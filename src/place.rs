//! Where in texts and files something stands.

use std::cell::Cell;
use std::fmt;

/// Where in a document something stands: lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as the user named it; `-` for standard input.
    pub file: String,
    /// The line; 0 when only the file is known.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

/// Where in a text something stands: line and column count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl Position {
    /// The first character.
    pub const START: Self = Self { line: 1, column: 1 };

    /// That of the byte `at` in `text`.
    pub fn within(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
        Self { line, column }
    }

    /// The same in a file.
    pub fn of(self, file: &str) -> Place {
        Place { file: file.to_owned(), line: self.line, column: self.column }
    }
}

/// Where the lines of a text begin: finds the places of many bytes of it.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    /// Behind each line break.
    begins: Vec<usize>,
    /// The place that was found last, as the number of its byte and its column: of many places in one long line each is
    /// counted from the one before it.
    last: Cell<(usize, u64)>,
}

impl<'t> Lines<'t> {
    /// Those of `text`.
    pub fn of(text: &'t str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, begins: std::iter::once(0).chain(behind).collect(), last: Cell::new((0, 1)) }
    }

    /// As [`Position::within`].
    pub fn position(&self, at: usize) -> Position {
        let line = self.begins.partition_point(|begin| *begin <= at);
        let begin = self.begins[line - 1];
        let (from, column) =
            Some(self.last.get()).filter(|(from, _)| (begin..=at).contains(from)).unwrap_or((begin, 1));
        let column = match self.text.get(from..at) {
            Some(between) => column + between.chars().count() as u64,
            None => return Position { line: line as u64, column: self.text[begin..].chars().count() as u64 + 1 },
        };
        self.last.set((at, column));
        Position { line: line as u64, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            out.write_str(&self.file)
        } else {
            write!(out, "{}:{}:{}", self.file, self.line, self.column)
        }
    }
}
