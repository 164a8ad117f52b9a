//! Numbers and durations: where one ends (promql/parser, lex.go), and what it is worth (Go, strconv).

use super::lexer::Kind;
use crate::languages::duration::Duration;
use crate::languages::go_number::{based, underscores_fit};

/// A place in a text that goes forward.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().filter(|c| valid.contains(*c));
        self.at += found.map_or(0, char::len_utf8);
        found.is_some()
    }

    fn run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    fn before_word(&self) -> bool {
        self.peek().is_some_and(|c| c == '_' || c.is_ascii_alphanumeric())
    }
}

const DIGITS: &str = "0123456789";

/// The number or duration that `text` starts with, and its length.
///
/// # Errors
/// When it is neither: the length of what was tried.
pub(super) fn scan(text: &str) -> Result<(Kind, usize), usize> {
    let mut cursor = Cursor { text, at: 0 };
    if number(&mut cursor) {
        return Ok((Kind::Number, cursor.at));
    }
    if duration(&mut cursor) { Ok((Kind::Duration, cursor.at)) } else { Err(cursor.at) }
}

fn number(cursor: &mut Cursor) -> bool {
    let mut digits = DIGITS;
    if cursor.accept("0") && cursor.accept("xX") {
        cursor.accept("_");
        digits = "0123456789abcdefABCDEF";
    }
    let is_hex = digits.len() > DIGITS.len();
    cursor.accept(".");
    cursor.accept(digits);
    let (mut dot, mut exponent) = (false, false);
    while cursor.peek().is_some_and(|c| digits.contains(c) || "._eE".contains(c)) {
        let next = cursor.peek().unwrap_or_default();
        if (next == '.' && dot) || ("eE".contains(next) && exponent) {
            cursor.at += 1;
            return false;
        }
        if cursor.accept(".") {
            dot = true;
            if cursor.accept("_.") || is_hex {
                return false;
            }
        } else if cursor.accept("eE") {
            // In hexadecimal too, where it is a digit: a quirk of Prometheus that is kept.
            exponent = true;
            cursor.accept("+-");
            if cursor.accept("._eE") || cursor.peek().is_none() {
                return false;
            }
        } else if cursor.accept("_") {
            if cursor.accept("._eE") || cursor.peek().is_none() {
                return false;
            }
        } else {
            cursor.run(digits);
        }
    }
    cursor.at > 0 && !cursor.before_word()
}

fn duration(cursor: &mut Cursor) -> bool {
    if !cursor.accept("smhdwy") {
        return false;
    }
    cursor.accept("s");
    while cursor.accept(DIGITS) {
        cursor.run(DIGITS);
        if !cursor.accept("smhdw") {
            return false;
        }
        cursor.accept("s");
    }
    !cursor.before_word()
}

/// What a number is worth.
///
/// # Errors
/// When Go cannot read it, or it is too large.
pub(super) fn value(text: &str) -> Result<f64, String> {
    let wrong = || format!("`{text}` is no number");
    match text.to_ascii_lowercase().as_str() {
        "inf" => return Ok(f64::INFINITY),
        "nan" => return Ok(f64::NAN),
        _ => {}
    }
    if text.contains('_') && !underscores_fit(&text.to_ascii_lowercase()) {
        return Err(wrong());
    }
    let plain = text.replace('_', "").to_ascii_lowercase();
    if let Some(whole) = integer(&plain) {
        #[expect(clippy::cast_precision_loss, reason = "as Prometheus does")]
        return Ok(whole as f64);
    }
    if plain.starts_with("0x") {
        return Err(wrong());
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("`{text}` is too large for a number")),
        Err(_) => Err(wrong()),
    }
}

/// A whole number as Go reads it when it may tell the base from its start.
fn integer(text: &str) -> Option<i64> {
    let (digits, base) = based(text);
    digits.bytes().all(|digit| digit.is_ascii_alphanumeric()).then(|| i64::from_str_radix(digits, base).ok())?
}

/// What a duration is worth, in seconds.
///
/// # Errors
/// When Prometheus would not take it.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    Duration::try_from(text.to_owned())?;
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        let factor = match &rest[digits..unit] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "w" => 7.0 * 86_400.0,
            _ => 365.0 * 86_400.0,
        };
        total += rest[..digits].parse::<f64>().unwrap_or_default() * factor;
        rest = &rest[unit..];
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_go() {
        for (text, expected) in [
            ("0", 0.0),
            ("010", 8.0),
            ("08", 8.0),
            ("0x1F", 31.0),
            ("0b11", 3.0),
            ("1_000", 1000.0),
            ("0x_1", 1.0),
            (".5", 0.5),
            ("1e3", 1000.0),
            ("1_0.5", 10.5),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
        for text in ["1e400", "1__0", "_1", "0xffffffffffffffffff", "1_.5"] {
            assert!(value(text).is_err(), "{text}");
        }
        assert_eq!(seconds("1h30m"), Ok(5400.0));
        assert_eq!(seconds("1d1ms"), Ok(86_400.001));
    }
}
