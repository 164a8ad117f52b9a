//! What a single value means in YAML 1.1, as Go reads it, and the text that Go writes for it.

use std::borrow::Cow;

use super::node::{Style, Tag};
use crate::languages::go_number::{based, underscores_fit};

/// A single value.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// As it stands in the file, without its quotes and escapes.
    pub text: String,
    /// What it means.
    pub resolved: Resolved,
}

/// What a single value means.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number: between the least `i64` and the greatest `u64`.
    Integer(i128),
    /// Another number.
    Float(f64),
    /// `<<`, which as a key merges another mapping into this one, and is a text elsewhere.
    Merge,
    /// A text.
    Text(String),
}

impl Scalar {
    /// What a plain value without a tag means.
    pub fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), resolved: resolve(text) }
    }

    /// A value that is a text, whatever it looks like.
    pub fn quoted(text: &str) -> Self {
        Self { text: text.to_owned(), resolved: Resolved::Text(text.to_owned()) }
    }

    /// The text that stands for it after Go has decoded and written it; empty for nothing.
    pub fn rewritten(&self) -> String {
        match &self.resolved {
            Resolved::Null => String::new(),
            Resolved::Bool(value) => value.to_string(),
            Resolved::Integer(number) => number.to_string(),
            Resolved::Float(number) => written(*number, format!("{number:e}")),
            Resolved::Merge => self.text.clone(),
            Resolved::Text(text) => text.clone(),
        }
    }

    /// What it means once Go has decoded and written it: of numbers with a fraction of zero, whole ones.
    pub fn reread(&self) -> Resolved {
        match self.resolved {
            Resolved::Float(_) => resolve(&self.rewritten()),
            ref same => same.clone(),
        }
    }
}

/// yaml.v2, decode.go: `scalar` and `resolve`.
pub(super) fn tagged(text: &str, style: Style, tag: Tag) -> Result<Scalar, &'static str> {
    const WRONG: &str = "the value is not what its tag (`!!`) says";
    let resolved = match (tag, resolve(text)) {
        (Tag::None, _) if style != Style::Plain => return Ok(Scalar::quoted(text)),
        (Tag::None, resolved) => resolved,
        (Tag::Unspecific | Tag::Merge | Tag::Str | Tag::Other, _) => return Ok(Scalar::quoted(text)),
        (Tag::Null, Resolved::Null) => Resolved::Null,
        (Tag::Bool, resolved @ Resolved::Bool(_)) => resolved,
        (Tag::Int, resolved @ Resolved::Integer(_)) => resolved,
        (Tag::Float, resolved @ Resolved::Float(_)) => resolved,
        #[expect(clippy::cast_precision_loss, reason = "as Go does")]
        (Tag::Float, Resolved::Integer(number)) if i64::try_from(number).is_ok() => Resolved::Float(number as f64),
        (Tag::Timestamp, Resolved::Text(text)) if is_date(&text) => Resolved::Text(text),
        (Tag::Binary, _) => {
            let written = text.replace(['\r', '\n'], "");
            let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, written);
            Resolved::Text(String::from_utf8_lossy(&bytes.map_err(|_| WRONG)?).into_owned())
        }
        (Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp, _) => return Err(WRONG),
    };
    Ok(Scalar { text: text.to_owned(), resolved })
}

/// Whether a plain value is nothing.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// What a plain value means.
pub(super) fn resolve(text: &str) -> Resolved {
    special(text).unwrap_or_else(|| Resolved::Text(text.to_owned()))
}

/// What a plain value means that is no text; `None` of a text, as a date is one.
///
/// yaml.v2, resolve.go: the first character tells what it can be.
pub(super) fn special(text: &str) -> Option<Resolved> {
    if is_null(text) {
        return Some(Resolved::Null);
    }
    match text.as_bytes()[0] {
        b'y' | b'Y' | b't' | b'T' | b'o' | b'O' | b'n' | b'N' | b'f' | b'F' => match text {
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                Some(Resolved::Bool(true))
            }
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
                Some(Resolved::Bool(false))
            }
            _ => None,
        },
        b'<' if text == "<<" => Some(Resolved::Merge),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Some(Resolved::Float(f64::NAN)),
            ".inf" | ".Inf" | ".INF" => Some(Resolved::Float(f64::INFINITY)),
            // Here alone Go does not take the underscores out before it reads the number.
            _ if !underscores_fit(&text.to_ascii_lowercase()) => None,
            _ => float(&text.replace('_', "")).map(Resolved::Float),
        },
        b'0'..=b'9' | b'+' | b'-' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Some(Resolved::Float(f64::INFINITY)),
            "-.inf" | "-.Inf" | "-.INF" => Some(Resolved::Float(f64::NEG_INFINITY)),
            _ if is_date(text) => None,
            _ => {
                let plain = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
                integer(&plain).map(Resolved::Integer).or_else(|| float(&plain).map(Resolved::Float))
            }
        },
        _ => None,
    }
}

/// A whole number as Go's `ParseInt` and `ParseUint` read it with base 0.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, base) = based(&lower);
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let number = sign * i128::from_str_radix(digits, base).ok()?;
    let is_signed = text.starts_with(['-', '+']);
    let most = if is_signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=most).contains(&number).then_some(number)
}

/// A number with a fraction or an exponent, in decimal digits; `None` when it is none, or greater than Go can hold.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    if !is_number || !exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent)) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether Go takes it for a date, which it then keeps as the text that it is: `2006-1-2`, with or without a time.
pub(super) fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let day = rest.split(['T', 't', ' ']).next().unwrap_or_default();
    year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2)
}

/// As Go's `FormatFloat(number, 'g', -1, …)` writes it, by what Rust writes with an exponent.
pub(super) fn written(number: f64, scientific: String) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let (mantissa, exponent) = scientific.split_once('e').expect("Rust writes an exponent");
    let exponent: i32 = exponent.parse().expect("Rust writes a number");
    // The shortest text counts as one of six digits.
    if (-4..6).contains(&exponent) {
        // The shortest digits, without their exponent.
        let digits: f64 = scientific.parse().expect("Rust reads what it writes");
        format!("{digits}")
    } else {
        format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_value_means_what_yaml_1_1_says() {
        use Resolved::{Bool, Float, Integer, Null, Text};
        for (text, meant) in [
            ("", Null),
            ("~", Null),
            ("nUll", Text("nUll".into())),
            ("y", Bool(true)),
            ("Off", Bool(false)),
            ("tRuE", Text("tRuE".into())),
            ("0755", Integer(493)),
            ("0x1F", Integer(31)),
            ("0o17", Integer(15)),
            ("0b11", Integer(3)),
            ("-0b11", Integer(-3)),
            ("1_000", Integer(1000)),
            ("+5", Integer(5)),
            ("18446744073709551615", Integer(u64::MAX.into())),
            ("18446744073709551616", Float(18_446_744_073_709_551_616.0)),
            ("-9223372036854775809", Float(-9_223_372_036_854_775_809.0)),
            ("08", Float(8.0)),
            ("1e3", Float(1000.0)),
            (".5", Float(0.5)),
            (".5_0", Float(0.5)),
            (".5_", Text(".5_".into())),
            ("._5", Text("._5".into())),
            ("1.", Float(1.0)),
            ("1e400", Text("1e400".into())),
            ("1:30", Text("1:30".into())),
            ("64MB", Text("64MB".into())),
            ("2024-01-02", Text("2024-01-02".into())),
            ("0x", Text("0x".into())),
            ("+", Text("+".into())),
            ("--1", Text("--1".into())),
            ("1.2.3", Text("1.2.3".into())),
            ("infinity", Text("infinity".into())),
            (".infinity", Text(".infinity".into())),
        ] {
            assert_eq!(Scalar::plain(text).resolved, meant, "{text}");
        }
    }

    #[test]
    fn a_number_is_written_as_go_writes_it() {
        for (text, written) in [
            ("0755", "493"),
            ("64.5", "64.5"),
            ("6.7108864e+07", "6.7108864e+07"),
            ("1e3", "1000"),
            ("1e5", "100000"),
            ("1e6", "1e+06"),
            ("123456.0", "123456"),
            ("1234567.0", "1.234567e+06"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("08", "8"),
            (".inf", ".inf"),
            ("no", "false"),
            ("~", ""),
        ] {
            assert_eq!(Scalar::plain(text).rewritten(), written, "{text}");
        }
        assert_eq!(Scalar::plain("1e3").reread(), Resolved::Integer(1000));
    }
}
