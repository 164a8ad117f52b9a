//! The version of Thanos that runs, as the tag of its image tells it.
//!
//! What Thanos reads depends on it: older ones refuse a field that newer ones know. The version of the *chart* is another
//! thing.

use std::fmt;
use std::str::FromStr;

/// A version of Thanos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThanosVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

/// Why a tag tells no version: it is a name such as `latest`, a digest or a build of a branch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tag tells no version of Thanos")]
pub struct ThanosVersionError;

impl ThanosVersion {
    /// The version of these numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// The version that an image's tag tells, such as `v0.39.2` or `0.39.2-debian-12-r2`; `None` when it tells none, which
    /// is best taken for the newest.
    pub fn of_tag(tag: &str) -> Option<Self> {
        tag.parse().ok()
    }
}

impl FromStr for ThanosVersion {
    type Err = ThanosVersionError;

    /// Reads two or three numbers; what builders of images append (`-debian-12-r2`, `-rc.0`, `@sha256:…`) is no part of
    /// them. A missing last number, as in the moving tag `0.39`, is 0: no field came or went between patches.
    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        let numbers = tag.split(['-', '+', '@']).next().unwrap_or_default();
        let mut parts = numbers.split('.').map(number);
        let mut next = || parts.next();
        let version = match (next(), next(), next(), next()) {
            (Some(Some(major)), Some(Some(minor)), None, None) => Self::new(major, minor, 0),
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => Self::new(major, minor, patch),
            _ => return Err(ThanosVersionError),
        };
        Ok(version)
    }
}

/// A number of a version: digits alone, and no sign, which `parse` would take.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for ThanosVersion {
    /// As Thanos itself says it: `0.39.2`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_of_images_tell_their_version() {
        for tag in ["v0.39.2", "0.39.2", "0.39.2-debian-12-r2", "0.39.2-rc.0", "v0.39.2@sha256:0a", "0.39.2-scratch-r7"]
        {
            assert_eq!(ThanosVersion::of_tag(tag), Some(ThanosVersion::new(0, 39, 2)), "{tag}");
        }
        assert_eq!(ThanosVersion::of_tag("0.39"), Some(ThanosVersion::new(0, 39, 0)));
    }

    #[test]
    fn other_tags_tell_none() {
        for tag in
            ["", "v", "latest", "main-2025-06-01-0a1b2c3", "master", "0", "v0.+9.2", "0..2", "0.39.2.1", "0.39.x"]
        {
            assert_eq!(tag.parse::<ThanosVersion>(), Err(ThanosVersionError), "{tag}");
        }
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert!(ThanosVersion::new(0, 9, 9) < ThanosVersion::new(0, 10, 0));
        assert_eq!(ThanosVersion::new(0, 42, 4).to_string(), "0.42.4");
    }
}
