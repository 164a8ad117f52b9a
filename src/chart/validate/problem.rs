//! Why a text is no YAML for Helm, in the words of who writes YAML.

use granit_parser::ScanError;
use serde_json::Value;

use super::frame::Frame;
use crate::document::{self, Place, Position};

/// Why a text is no YAML for Helm; quotes no more than names.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is the matter.
    pub message: String,
    /// How to mend it.
    pub hint: &'static str,
}

/// What the parser of YAML found, in the words of who writes YAML.
pub(super) fn problem(text: &str, spot: Position, error: &ScanError, frame: &Frame) -> Problem {
    let line_of = |number: u64| text.lines().nth(usize::try_from(number).unwrap_or(1).saturating_sub(1)).unwrap_or("");
    let line = line_of(spot.line);
    let blanks = &line[..line.len() - line.trim_start().len()];
    if blanks.contains('\t') {
        let column = blanks.chars().take_while(|c| *c != '\t').count() as u64 + 1;
        let place = frame.place(Position { column, ..spot });
        return Problem {
            place,
            message: "a tab indents this line".to_owned(),
            hint: "YAML indents by blanks: write those",
        };
    }
    // The parser may notice a template on the next line only.
    for number in [spot.line, spot.line.saturating_sub(1)] {
        let line = line_of(number);
        if let Some(at) = line.find("{{").filter(|at| !line[..*at].contains(['#', '"', '\''])) {
            let place = frame.place(Position { line: number, column: line[..at].chars().count() as u64 + 1 });
            let hint =
                "put the text in quotes, if the chart runs it as a template; else render the file before it is checked";
            return Problem { place, message: "a template (`{{`), not YAML".to_owned(), hint };
        }
    }
    let told = document::read::<Value>("", text).err().filter(|told| told.place.line == spot.line);
    let message = told.map_or_else(|| error.info().lines().next().unwrap_or_default().to_owned(), |told| told.message);
    Problem { place: frame.place(spot), message, hint: "mend this line, or one just above it" }
}
