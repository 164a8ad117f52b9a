//! Numbers in a template (Go, text/template/parse: lex.go, node.go).

use crate::languages::go_number::{based, underscores_fit};

/// The length of the number that `text` starts with, and whether it is a complex one.
pub(super) fn scan(text: &str) -> Option<(usize, bool)> {
    let length = real(text)?;
    if !text[length..].starts_with(['+', '-']) {
        return Some((length, false));
    }
    let all = length + real(&text[length..])?;
    text[..all].ends_with('i').then_some((all, true))
}

fn real(text: &str) -> Option<usize> {
    let mut at = 0;
    let accept = |at: &mut usize, valid: &str| {
        let found = text[*at..].starts_with(|c| valid.contains(c));
        *at += usize::from(found);
        found
    };
    let run = |at: &mut usize, valid: &str| while accept(at, valid) {};
    accept(&mut at, "+-");
    let mut digits = "0123456789_";
    if accept(&mut at, "0") {
        if accept(&mut at, "xX") {
            digits = "0123456789abcdefABCDEF_";
        } else if accept(&mut at, "oO") {
            digits = "01234567_";
        } else if accept(&mut at, "bB") {
            digits = "01_";
        }
    }
    run(&mut at, digits);
    if accept(&mut at, ".") {
        run(&mut at, digits);
    }
    if (digits.len() == 11 && accept(&mut at, "eE")) || (digits.len() == 23 && accept(&mut at, "pP")) {
        accept(&mut at, "+-");
        run(&mut at, "0123456789_");
    }
    accept(&mut at, "i");
    let next = text[at..].chars().next();
    (!next.is_some_and(|c| c == '_' || c.is_alphanumeric())).then_some(at)
}

/// Whether Go can make a number of it.
pub(super) fn fits(text: &str) -> bool {
    let (text, is_imaginary) = match text.strip_suffix('i') {
        Some(real) => (real, true),
        None => (text, false),
    };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let small = unsigned.to_ascii_lowercase();
    if unsigned.contains('_') && !underscores_fit(&small) {
        return false;
    }
    let plain = small.replace('_', "");
    if is_imaginary {
        // Read as a float, which knows no base but the hexadecimal one.
        let hexadecimal = plain.strip_prefix("0x").is_some_and(hexadecimal_float);
        return hexadecimal || (!plain.contains("in") && plain.parse::<f64>().is_ok_and(f64::is_finite));
    }
    let (digits, base) = based(&plain);
    if digits.starts_with(['+', '-']) {
        return false;
    }
    if base == 16 && plain.contains(['p', '.']) {
        return hexadecimal_float(digits);
    }
    let whole = u64::from_str_radix(digits, base);
    match whole {
        // A negative number has one bit less.
        Ok(value) => !text.starts_with('-') || value <= 1 << 63,
        Err(_) if base == 16 || base == 2 => false,
        // A number with a dot or an exponent; a whole one is too large.
        Err(_) => plain.contains(['.', 'e']) && plain.parse::<f64>().is_ok_and(f64::is_finite),
    }
}

/// `1.8p3`: digits, perhaps a dot, and an exponent, which must be there.
fn hexadecimal_float(digits: &str) -> bool {
    let Some((mantissa, exponent)) = digits.split_once('p') else { return false };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let hex = mantissa.replacen('.', "", 1);
    let fits = |text: &str, valid: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(valid);
    fits(&hex, u8::is_ascii_hexdigit)
        && fits(exponent, u8::is_ascii_digit)
        && exponent.parse::<u32>().is_ok_and(|e| e < 900)
}
