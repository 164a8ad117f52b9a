//! Texts in quotes (prometheus/prometheus, util/strutil): Go's escapes, in either quote.

/// What stands in the quotes of `text`, which has both.
///
/// # Errors
/// When an escape is none.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let quote = text.chars().next().unwrap_or('"');
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if quote == '`' {
        return Ok(inner.as_bytes().to_vec());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            escape(&mut chars, quote, &mut out)?;
        } else {
            push(&mut out, c);
        }
    }
    Ok(out)
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn escape(chars: &mut std::str::Chars<'_>, quote: char, out: &mut Vec<u8>) -> Result<(), String> {
    let kind = chars.next().ok_or("an escape is not finished")?;
    let plain = match kind {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(11),
        '\\' => Some(b'\\'),
        c if c == quote => u8::try_from(c).ok(),
        _ => None,
    };
    if let Some(byte) = plain {
        out.push(byte);
        return Ok(());
    }
    let (first, count, base) = match kind {
        '0'..='7' => (Some(kind), 3, 8),
        'x' => (None, 2, 16),
        'u' => (None, 4, 16),
        'U' => (None, 8, 16),
        other => return Err(format!("unknown escape `\\{other}`; write `\\\\{other}`, or the text in backquotes")),
    };
    let mut number = 0_u32;
    for digit in 0..count {
        let c = if digit == 0 { first.or_else(|| chars.next()) } else { chars.next() };
        let digit = c.and_then(|c| c.to_digit(base)).ok_or_else(|| format!("the escape `\\{kind}` lacks digits"))?;
        number = number.checked_mul(base).and_then(|number| number.checked_add(digit)).unwrap_or(u32::MAX);
    }
    if matches!(kind, 'u' | 'U') {
        push(out, char::from_u32(number).ok_or("an escape is no Unicode character")?);
    } else {
        out.push(u8::try_from(number).map_err(|_| "an octal escape is larger than \\377")?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_go() {
        for (text, expected) in
            [(r#""a\n\"""#, "a\n\""), (r"'\''", "'"), (r#""\u00e9\x41\101""#, "éAA"), (r"`\d`", r"\d"), ("'\"'", "\"")]
        {
            assert_eq!(bytes(text).as_deref(), Ok(expected.as_bytes()), "{text}");
        }
        for text in [r#""\d""#, r#""\'""#, r#"'\"'"#, r#""\x4""#, r#""\ud800""#, r#""\400""#, r#""\U00110000""#] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
