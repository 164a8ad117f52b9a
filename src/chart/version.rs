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
