//! Where Go's parser and ours differ.

use super::{Broken, Spot};

/// What our parser takes and Go's does not: directives, tabs where a line begins, characters that are none.
pub(super) fn refused(text: &str) -> Result<(), Broken> {
    for (number, line) in text.split('\n').enumerate() {
        let broken = |column: usize, message: &str| {
            Err(Broken { spot: (number as u64 + 1, column as u64), message: message.to_owned() })
        };
        if number > 0 && (line.starts_with("---") || line.starts_with("...")) {
            return Ok(());
        }
        if line.starts_with("...") {
            return broken(1, "the end of a document before its start");
        }
        if line.starts_with('%') && number == 0 {
            return broken(1, "a YAML directive, which Thanos does not read");
        }
        if line.starts_with('\t') || (line.contains('\t') && line.trim().is_empty()) {
            return broken(1, "a tab, where Thanos wants blanks");
        }
        if let Some((column, _)) = line.chars().enumerate().find(|(_, c)| is_control(*c)) {
            return broken(column + 1, "a control character, which YAML does not allow");
        }
    }
    Ok(())
}

fn is_control(c: char) -> bool {
    !matches!(c, '\t' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Characters that Go's parser reads otherwise than ours: line breaks that YAML 1.2 gave up, marks that are invisible,
/// tabs between dashes.
pub(super) fn doubtful(text: &str) -> Vec<(Spot, String)> {
    let mut found = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let odd = |c: char| matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        if let Some((column, c)) = line.chars().enumerate().find(|(_, c)| odd(*c)) {
            let message = format!("the invisible character U+{:04X}, which Thanos may read as a line break", c as u32);
            found.push(((number as u64 + 1, column as u64 + 1), message));
        }
        let indicators = line.find(|c| !matches!(c, ' ' | '-' | '?')).unwrap_or(line.len());
        if indicators > 0 && line[indicators..].starts_with('\t') {
            let message = "a tab behind a dash, which Thanos takes in texts alone".to_owned();
            found.push(((number as u64 + 1, indicators as u64 + 1), message));
        }
    }
    found
}
