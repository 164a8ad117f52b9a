//! Durations and sizes as Go reads them.

/// Whether Go's `time.ParseDuration` takes it: numbers with units, in any order, no days. The range is that of 64 bits of
/// nanoseconds.
pub(super) fn is_go_duration(text: &str) -> bool {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("\u{b5}s", 1e3),
        ("\u{3bc}s", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 60e9),
        ("h", 3600e9),
    ];
    amount(text, |unit| UNITS.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale))
        .is_some_and(|nanoseconds| nanoseconds.abs() < 9_223_372_036_854_775_808.0)
}

/// The number of bytes that a size means: `250MB` and `250MiB` are the same, `kB` is none (alecthomas/units,
/// `ParseBase2Bytes`). `None` when it is no size.
pub(super) fn bytes(text: &str) -> Option<f64> {
    let scale = |suffix: &'static str| {
        move |unit: &str| {
            let prefix = if unit == "B" { "" } else { unit.strip_suffix(suffix)? };
            let power = ["", "K", "M", "G", "T", "P", "E"].iter().position(|known| *known == prefix)?;
            (unit == "B" || power > 0).then(|| 1024_f64.powi(i32::try_from(power).unwrap_or_default()))
        }
    };
    let fits = |bytes: &f64| (-9_223_372_036_854_775_808.0..=9_223_372_036_854_775_807.0).contains(bytes);
    amount(text, scale("iB")).filter(fits).or_else(|| amount(text, scale("B")).filter(fits))
}

/// The sum of numbers with units, of which `scale` tells what each is worth.
fn amount(text: &str, scale: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut total = 0.0;
    while !rest.is_empty() {
        let whole = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let fraction = match rest[whole..].strip_prefix('.') {
            Some(after) => 1 + after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len()),
            None => 0,
        };
        let digits = &rest[..whole + fraction];
        if !digits.contains(|c: char| c.is_ascii_digit()) || whole > 19 {
            return None;
        }
        rest = &rest[digits.len()..];
        let unit = &rest[..rest.find(is_number).unwrap_or(rest.len())];
        rest = &rest[unit.len()..];
        let number: f64 = digits.strip_suffix('.').unwrap_or(digits).parse().ok()?;
        total += number * scale(unit)?;
    }
    Some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for text in ["90s", "1m30s", "30s1m", "1.5h", ".5s", "1.s", "-1s", "+1ms", "0", "100ns", "5µs", "2562047h"] {
            assert!(is_go_duration(text), "{text}");
        }
        for text in ["", "-", "1d", "90", "1 s", "s", ".s", "1M", "1m 30s", "2562048h", "1min", "99999999999999999999s"]
        {
            assert!(!is_go_duration(text), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_go_reads_them() {
        for (text, size) in [
            ("0", 0.0),
            ("1B", 1.0),
            ("1KB", 1024.0),
            ("1KiB", 1024.0),
            ("250MB", 262_144_000.0),
            ("1GiB1MiB", 1_074_790_400.0),
            ("0.5KB", 512.0),
            ("-1B", -1.0),
        ] {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        for text in ["", "1", "1024", "1kB", "1KiB1MB", "1 MB", "MB", "1mb", "1iB", "1GBs", "9EiB"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
