//! A text into a document.

use super::node::Problem;
use super::tree::Document;
use super::{decode, parse};
use crate::place::Position;

impl Document {
    /// Reads the first document of `text`.
    ///
    /// # Errors
    /// When Go could not read it.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some((at, character)) = unreadable(text) {
            let message = format!("the character U+{:04X}, which YAML does not take", u32::from(character));
            let hint = Some("delete it, or write it as an escape in double quotes");
            return Err(Problem { position: Position::within(text, at), at, message, hint });
        }
        let document = parse::document(text)?;
        decode::check(&document)?;
        Ok(document)
    }
}

/// The first character that YAML does not take.
fn unreadable(text: &str) -> Option<(usize, char)> {
    // Most texts have none of these bytes: a control character, the end of ASCII, the beginnings of U+0080 and U+FFFE.
    if !text.bytes().any(|byte| (byte < b' ' && !matches!(byte, b'\n' | b'\t')) || matches!(byte, 0x7F | 0xC2 | 0xEF)) {
        return None;
    }
    let is_bad = |(at, character): &(usize, char)| match character {
        '\n' | '\t' | '\r' | '\u{85}' => false,
        '\u{feff}' => *at == 0,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    };
    text.char_indices().find(is_bad)
}
