//! Where Go's parser and ours differ.

use crate::document::Position;
use crate::go_yaml::Problem;

/// What our parser takes and Go's does not: directives, tabs where a line begins, characters that are none.
pub(super) fn refused(text: &str) -> Result<(), Problem> {
    for (number, line) in text.split('\n').enumerate() {
        let broken = |column: usize, message: &str| {
            Err(Problem { position: place(number, column), message: message.to_owned() })
        };
        if number > 0 && (line.starts_with("---") || line.starts_with("...")) {
            return Ok(());
        }
        if line.starts_with("...") {
            return broken(0, "the end of a document before its start");
        }
        if line.starts_with('%') && number == 0 {
            return broken(0, "a YAML directive, which Thanos does not read");
        }
        if line.starts_with('\t') || (line.contains('\t') && line.trim().is_empty()) {
            return broken(0, "a tab, where Thanos wants blanks");
        }
        if let Some((column, _)) = line.chars().enumerate().find(|(_, c)| is_control(*c)) {
            return broken(column, "a control character, which YAML does not allow");
        }
    }
    Ok(())
}

fn place(line: usize, column: usize) -> Position {
    Position { line: line as u64 + 1, column: column as u64 + 1 }
}

fn is_control(c: char) -> bool {
    !matches!(c, '\t' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Characters that Go's parser reads otherwise than ours: line breaks that YAML 1.2 gave up, marks that are invisible,
/// tabs between dashes.
pub(super) fn doubtful(text: &str) -> Vec<(Position, String)> {
    let mut found = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let odd = |c: char| matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        if let Some((column, c)) = line.chars().enumerate().find(|(_, c)| odd(*c)) {
            let message = format!("the invisible character U+{:04X}, which Thanos may read as a line break", c as u32);
            found.push((place(number, column), message));
        }
        let indicators = line.find(|c| !matches!(c, ' ' | '-' | '?')).unwrap_or(line.len());
        if indicators > 0 && line[indicators..].starts_with('\t') {
            let message = "a tab behind a dash, which Thanos takes in texts alone".to_owned();
            found.push((place(number, indicators), message));
        }
    }
    found
}
