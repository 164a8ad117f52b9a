//! What YAML 1.1 takes a plain scalar for (Go, yaml.v2: resolve.go), and how Go writes it again.

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// Nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A whole number, in any base.
    Int(i128),
    /// A number with a dot or an exponent.
    Float(f64),
    /// Everything else.
    Text(String),
}

impl Scalar {
    /// What a plain scalar is.
    pub(super) fn of(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Self::Null,
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                return Self::Bool(true);
            }
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
                return Self::Bool(false);
            }
            ".nan" | ".NaN" | ".NAN" => return Self::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Self::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => return Self::Float(f64::NEG_INFINITY),
            _ => {}
        }
        let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
        let plain = text.replace('_', "");
        if !number || text == "." {
            return Self::Text(text.to_owned());
        }
        let whole = (!text.starts_with('.')).then(|| integer(&plain)).flatten();
        let float = || {
            let digits = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
            let fits = digits.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'e' | b'E' | b'+' | b'-'));
            plain.parse::<f64>().ok().filter(|value| fits && value.is_finite())
        };
        match whole {
            Some(whole) => Self::Int(whole),
            None => float().map_or_else(|| Self::Text(text.to_owned()), Self::Float),
        }
    }

    /// How Go writes it as YAML, which is what the ruler reads in the end; `None` for what stays as it is.
    pub fn rewritten(&self) -> Option<String> {
        match self {
            Self::Null | Self::Text(_) => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Float(value) if value.is_nan() => Some(".nan".to_owned()),
            Self::Float(value) if value.is_infinite() => Some(if *value > 0.0 { ".inf" } else { "-.inf" }.to_owned()),
            Self::Float(value) => Some(shortest(*value)),
        }
    }
}

/// A whole number whose base stands at its start, of at most 64 bits.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) if text.starts_with('-') => (-1, rest),
        Some(rest) => (1, rest),
        None => (1, text),
    };
    let small = digits.to_ascii_lowercase();
    let (digits, base) = match small.as_bytes() {
        [b'0', b'x', ..] => (&small[2..], 16),
        [b'0', b'o', ..] => (&small[2..], 8),
        [b'0', b'b', ..] => (&small[2..], 2),
        [b'0', _, ..] => (&small[1..], 8),
        _ => (&small[..], 10),
    };
    if !digits.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let value = sign * i128::from(u64::from_str_radix(digits, base).ok()?);
    // Go's unsigned numbers take no sign.
    let largest = if text.starts_with('+') { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=largest).contains(&value).then_some(value)
}

/// The shortest text that is read as the same number, in the form of Go's `%g`.
fn shortest(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let power: i32 = exponent.parse().unwrap_or_default();
    if (-4..21).contains(&power) {
        return format!("{value}");
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_scalar_is_what_go_takes_it_for() {
        for (text, expected) in [
            ("yes", Scalar::Bool(true)),
            ("OFF", Scalar::Bool(false)),
            ("oN", Scalar::Text("oN".into())),
            ("0755", Scalar::Int(493)),
            ("0o10", Scalar::Int(8)),
            ("1_000", Scalar::Int(1000)),
            ("-0x10", Scalar::Int(-16)),
            ("18446744073709551615", Scalar::Int(18_446_744_073_709_551_615)),
            ("1e3", Scalar::Float(1000.0)),
            ("08", Scalar::Float(8.0)),
            (".5", Scalar::Float(0.5)),
            ("1.5.2", Scalar::Text("1.5.2".into())),
            ("2024-01-01", Scalar::Text("2024-01-01".into())),
            ("1e400", Scalar::Text("1e400".into())),
            ("-", Scalar::Text("-".into())),
            ("Null", Scalar::Null),
        ] {
            assert_eq!(Scalar::of(text), expected, "{text}");
        }
        for (text, written) in [("1e3", "1000"), ("1.50", "1.5"), ("1e21", "1e+21"), ("0755", "493"), ("on", "true")] {
            assert_eq!(Scalar::of(text).rewritten().as_deref(), Some(written), "{text}");
        }
    }
}
