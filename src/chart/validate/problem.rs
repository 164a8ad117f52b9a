//! Why a text is no YAML for Helm, in the words of who writes YAML.

use super::frame::Frame;
use crate::languages::yaml;
use crate::place::{Place, Position};

/// Why a text is no YAML for Helm; quotes no more than names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where.
    pub place: Place,
    /// What is the matter.
    pub message: String,
    /// How to mend it.
    pub hint: &'static str,
}

/// What the reader of YAML found, in the words of who writes values.
pub(super) fn problem(text: &str, found: yaml::Problem, frame: &Frame) -> Problem {
    let line_of = |number: u64| text.lines().nth(usize::try_from(number).unwrap_or(1).saturating_sub(1)).unwrap_or("");
    let spot = found.position;
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
    // The reader may notice a template on the next line only.
    for number in [spot.line, spot.line.saturating_sub(1)] {
        let line = line_of(number);
        if let Some(at) = line.find("{{").filter(|at| !line[..*at].contains(['#', '"', '\''])) {
            let place = frame.place(Position { line: number, column: line[..at].chars().count() as u64 + 1 });
            let hint =
                "put the text in quotes, if the chart runs it as a template; else render the file before it is checked";
            return Problem { place, message: "a template (`{{`), not YAML".to_owned(), hint };
        }
    }
    let hint = found.hint.unwrap_or("mend this line, or one just above it");
    Problem { place: frame.place(spot), message: found.message, hint }
}
