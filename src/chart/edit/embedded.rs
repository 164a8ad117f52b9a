//! Values that stand in a file as a text of their own, in a block scalar: its header, its indentation and the lines
//! around it stay.

use super::document::{Document, Kind};
use super::splice::{column, line_end};
use super::wrapper::Resolved;
use crate::document::DocumentError;

/// The values in a block scalar, and where each line of them stands in the file.
pub(super) struct Embedded {
    pub document: Document,
    /// Of each line: where it begins in the values, and where in the file.
    lines: Vec<(usize, usize)>,
    indent: usize,
    /// How many lines of the file are before the values.
    above: u64,
}

impl Embedded {
    /// The values in the text at a place of `outer`; `None` when no text is there.
    pub(super) fn open(outer: &Document, at: &Resolved<'_>) -> Result<Option<Self>, DocumentError> {
        let node = at.node;
        let body_end = match &node.kind {
            Kind::Block { body_end, .. } => *body_end,
            Kind::Scalar { .. } if !node.is_empty() => {
                let hint = "write the values as a block: `|`, and below it one line each";
                return Err(outer.error(node.range.start, "values in one line of text are not edited", hint));
            }
            Kind::Scalar { .. } | Kind::Alias | Kind::List { .. } | Kind::Mapping { .. } => return Ok(None),
        };
        let text = outer.text.as_str();
        let refuse = |message: &str, hint: &str| Err(outer.error(node.range.start, message, hint));
        let header_end = line_end(text, node.range.start);
        let header = text[node.range.start..header_end].split([' ', '\t']).next().unwrap_or_default();
        if !header.starts_with('|') {
            return refuse("values in a folded text (`>`) are not edited", "write `|` for `>`: every line counts here");
        }
        let body_start = text[header_end..].find('\n').map_or(text.len(), |at| header_end + at + 1);
        let body = &text[body_start..body_end.max(body_start)];
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let told = header.chars().find_map(|c| c.to_digit(10)).map(|digit| digit as usize);
        let parent = at.slot.map_or(0, |slot| column(text, slot.entry.key_range.start));
        let first = body.lines().find(|line| !line.trim().is_empty());
        let Some(indent) = told.map(|digit| parent + digit).or_else(|| first.map(blanks)) else {
            return refuse("a text without values", "put `{}` into it, for values that say nothing yet");
        };
        let (mut values, mut lines, mut place) = (String::new(), Vec::new(), body_start);
        let mut filled = 0;
        for line in body.split_inclusive('\n') {
            let lead = blanks(line).min(indent);
            lines.push((values.len(), place + lead));
            values.push_str(&line[lead..]);
            place += line.len();
            if !line.trim().is_empty() {
                filled = values.len();
            }
        }
        values.truncate(filled);
        if values.is_empty() {
            return refuse("a text without values", "put `{}` into it, for values that say nothing yet");
        }
        let above = text[..body_start].matches('\n').count() as u64;
        match Document::parse(&outer.file, &values) {
            Ok(document) => Ok(Some(Self { document, lines, indent, above })),
            Err(error) => Err(moved(error, above, indent)),
        }
    }

    /// A byte of the values, in the file.
    pub(super) fn outer(&self, at: usize) -> usize {
        let line = self.lines.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        self.lines.get(line).map_or(0, |(inner, outer)| outer + (at - inner))
    }

    /// The blanks before each line of the values.
    pub(super) fn lead(&self) -> String {
        " ".repeat(self.indent)
    }

    /// An error in the values, as one in the file.
    pub(super) fn error(&self, error: DocumentError) -> DocumentError {
        moved(error, self.above, self.indent)
    }
}

fn moved(mut error: DocumentError, above: u64, indent: usize) -> DocumentError {
    if error.place.line > 0 {
        error.place.line += above;
        error.place.column += indent as u64;
    }
    error
}
