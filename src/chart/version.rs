//! Versions of charts, and spans of them.

use std::fmt;
use std::str::FromStr;

/// A chart's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32, pub u32, pub u32);

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.').map(|part| part.parse().map_err(drop));
        let mut next = || parts.next().unwrap_or(Err(()));
        let version = Self(next()?, next()?, next()?);
        if parts.next().is_some() { Err(()) } else { Ok(version) }
    }
}

impl Version {
    /// The version that a person means: a whole one, whether it is known or not; or the newest of `known` that `latest`,
    /// `17`, `17.x`, `17.3` or `17.3.x` stands for. `None` when there is none.
    pub fn resolve(text: &str, known: &[Self]) -> Option<Self> {
        if text == "latest" {
            return known.iter().max().copied();
        }
        if let Ok(version) = text.parse() {
            return Some(version);
        }
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.strip_suffix(".x").unwrap_or(text);
        let numbers: Vec<u32> = text.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        let fits = |version: &&Self| match numbers.as_slice() {
            [major] => version.0 == *major,
            [major, minor] => (version.0, version.1) == (*major, *minor),
            _ => false,
        };
        known.iter().filter(fits).max().copied()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The first and the last version of something; open where it reaches as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first version.
    pub first: Option<Version>,
    /// The last version.
    pub last: Option<Version>,
}

impl Span {
    /// All versions.
    pub const ALL: Self = Self { first: None, last: None };

    /// From `first` on.
    pub const fn from(first: Version) -> Self {
        Self { first: Some(first), last: None }
    }

    /// From `first` to `last`.
    pub const fn between(first: Version, last: Version) -> Self {
        Self { first: Some(first), last: Some(last) }
    }

    /// To `last`.
    pub const fn until(last: Version) -> Self {
        Self { first: None, last: Some(last) }
    }

    /// The versions of both; `None` when there are none.
    pub fn shared(&self, other: &Self) -> Option<Self> {
        let first = self.first.max(other.first);
        let last = match (self.last, other.last) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let is_empty = first.zip(last).is_some_and(|(first, last)| first > last);
        (!is_empty).then_some(Self { first, last })
    }

    /// The same of `versions` in as few spans as can be, in order.
    pub fn joined(mut spans: Vec<Self>, versions: &[Version]) -> Vec<Self> {
        let meet = |last: Option<Version>, first: Option<Version>| match (last, first) {
            (Some(last), Some(first)) => !versions.iter().any(|version| last < *version && *version < first),
            _ => true,
        };
        spans.sort_by_key(|span| (span.first, span.last.is_none(), span.last));
        let mut joined: Vec<Self> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(before) if meet(before.last, span.first) => {
                    before.last = before.last.and_then(|last| span.last.map(|other| last.max(other)));
                }
                _ => joined.push(span),
            }
        }
        joined
    }

    /// Whether `version` lies in it.
    pub fn holds(&self, version: Version) -> bool {
        self.first.is_none_or(|first| first <= version) && self.last.is_none_or(|last| version <= last)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (None, None) => out.write_str("all versions"),
            (Some(first), None) => write!(out, "{first} and later"),
            (None, Some(last)) => write!(out, "{last} and earlier"),
            (Some(first), Some(last)) if first == last => write!(out, "{first}"),
            (Some(first), Some(last)) => write!(out, "{first} to {last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_meet_are_one() {
        let versions = [Version(1, 0, 0), Version(1, 1, 0), Version(2, 0, 0), Version(3, 0, 0)];
        let joined = |spans: &[Span]| {
            let spans = Span::joined(spans.to_vec(), &versions);
            spans.iter().map(Span::to_string).collect::<Vec<_>>().join(", ")
        };
        let (old, new) = (Span::until(versions[1]), Span::from(versions[2]));
        assert_eq!(joined(&[new, old]), "all versions");
        assert_eq!(joined(&[old, Span::from(versions[3])]), "1.1.0 and earlier, 3.0.0 and later");
        assert_eq!(joined(&[Span::between(versions[1], versions[2]), new, old]), "all versions");
        assert_eq!(joined(&[]), "");
        assert_eq!(old.shared(&new), None);
        assert_eq!(old.shared(&Span::from(versions[0])), Some(Span::between(versions[0], versions[1])));
        assert_eq!(Span::ALL.shared(&old), Some(old));
    }
}
