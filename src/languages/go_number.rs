//! How Go reads the base of a whole number off its text (strconv, `ParseInt` with base 0).

/// The digits of a number in small letters, and the base that its start names.
pub fn based(small: &str) -> (&str, u32) {
    match small.as_bytes() {
        [b'0', b'x', ..] => (&small[2..], 16),
        [b'0', b'o', ..] => (&small[2..], 8),
        [b'0', b'b', ..] => (&small[2..], 2),
        [b'0', _, ..] => (&small[1..], 8),
        _ => (small, 10),
    }
}

/// Whether each underscore of a number in small letters stands between digits, or between its base and a digit.
pub fn underscores_fit(small: &str) -> bool {
    let based = ["0x", "0b", "0o"].iter().any(|prefix| small.starts_with(prefix));
    let is_hex = small.starts_with("0x");
    let mut last = if based { '0' } else { '^' };
    for c in small.chars().skip(if based { 2 } else { 0 }) {
        let digit = c.is_ascii_digit() || (is_hex && c.is_ascii_hexdigit());
        match (digit, c, last) {
            (true, ..) => last = '0',
            (false, '_', '0') => last = '_',
            (false, '_', _) | (false, _, '_') => return false,
            (false, ..) => last = '!',
        }
    }
    last != '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_number_tells_its_base() {
        for (text, expected) in [
            ("0x1f", ("1f", 16)),
            ("0o17", ("17", 8)),
            ("0b1", ("1", 2)),
            ("017", ("17", 8)),
            ("0", ("0", 10)),
            ("17", ("17", 10)),
            ("", ("", 10)),
        ] {
            assert_eq!(based(text), expected, "{text}");
        }
    }

    #[test]
    fn underscores_stand_between_digits() {
        for text in ["1_000", "0x_ff", "0_7", "1_0.5_0"] {
            assert!(underscores_fit(text), "{text}");
        }
        for text in ["_1", "1_", "1__0", "1_.5", "0x1_"] {
            assert!(!underscores_fit(text), "{text}");
        }
    }
}
