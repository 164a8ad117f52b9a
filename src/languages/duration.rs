//! Durations as Prometheus writes them.

use serde::Deserialize;

use crate::text::without_credentials;

/// A duration as Prometheus writes it: `30d`, `1h30m`, `0d`. Kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Duration(String);

impl Duration {
    /// The duration as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Duration {
    type Error = String;

    /// Units from large to small, each at most once, and together no more than 63 bits of nanoseconds hold, about 292
    /// years (prometheus/common, model/time.go: ParseDuration).
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const MILLISECONDS: i64 = 1_000_000;
        const DAY: i64 = 24 * 60 * 60 * 1000 * MILLISECONDS;
        const UNITS: [(&str, i64); 7] = [
            ("y", 365 * DAY),
            ("w", 7 * DAY),
            ("d", DAY),
            ("h", DAY / 24),
            ("m", 60 * 1000 * MILLISECONDS),
            ("s", 1000 * MILLISECONDS),
            ("ms", MILLISECONDS),
        ];
        let wrong = || {
            let text = without_credentials(&text);
            format!("`{text}` is no duration; write it as Prometheus does, such as 30d or 1h30m")
        };
        let too_long = || format!("`{text}` is longer than Prometheus can count, which is about 292 years");
        let (mut rest, mut allowed, mut total) = (text.as_str(), &UNITS[..], 0_i64);
        if text == "0" {
            return Ok(Self(text));
        }
        if text.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0).ok_or_else(wrong)?;
            let after = &rest[digits..];
            let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let at = allowed.iter().position(|(unit, _)| *unit == &after[..end]).ok_or_else(wrong)?;
            let number: i64 = rest[..digits].parse().map_err(|_| too_long())?;
            let nanoseconds = number.checked_mul(allowed[at].1).and_then(|more| total.checked_add(more));
            total = nanoseconds.ok_or_else(too_long)?;
            allowed = &allowed[at + 1..];
            rest = &after[end..];
        }
        Ok(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_prometheus() {
        // The last two are the largest that fit (9223372036854775807 ns).
        for text in
            ["30d", "1y", "1h30m", "0d", "0", "90ms", "1w2d", "1y2w3d4h5m6s7ms", "00000000000000000000030d", "0y0d"]
                .into_iter()
                .chain(["292y", "9223372036854ms", "292y24w3d23h47m16s854ms"])
        {
            assert!(Duration::try_from(text.to_owned()).is_ok(), "{text}");
        }
        for text in ["", "30", "d", "1.5s", "30D", "1m1h", "30d ", "1d1d", "1us", "-1d", "+1d", "１d", "00", "1d0"] {
            assert!(Duration::try_from(text.to_owned()).is_err(), "{text}");
        }
        for text in [
            "293y",
            "9223372036855ms",
            "292y24w3d23h47m16s855ms",
            "292y52w",
            "9223372036854775807y",
            "9223372036854775808ms",
        ] {
            let error = Duration::try_from(text.to_owned()).unwrap_err();
            assert!(error.contains("about 292 years"), "{text}: {error}");
        }
        let digits = "9".repeat(4000);
        assert!(Duration::try_from(format!("{digits}d")).is_err());
    }
}
