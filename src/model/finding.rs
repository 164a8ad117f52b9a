//! What a check found: drift, or something wrong in a file. A result, not an error.

use std::fmt;
use std::str::FromStr;

use super::codes;
use super::names::{ClusterName, ServiceRef};
use crate::document::Place;

/// The stable name of a kind of finding, such as `THC101`; `thanosctl explain` tells what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    /// `THC` and three digits.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "THC{:03}", self.0)
    }
}

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a code is THC and three digits, such as THC101")]
pub struct CodeError;

impl FromStr for Code {
    type Err = CodeError;

    /// Reads `THC101`; small letters will do, since it is typed by hand.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.to_ascii_uppercase().strip_prefix("THC").ok_or(CodeError)?.to_owned();
        if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(CodeError);
        }
        digits.parse().map(Self).map_err(|_| CodeError)
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth to know; changes no exit code.
    Note,
    /// Probably not meant; changes no exit code unless warnings are taken for errors.
    Warning,
    /// Wrong.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// How many findings of one file are shown; of more it is only said how many they are.
pub const MOST: usize = 1000;

/// What stands in the file, and what should.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    /// What stands there now.
    pub old: String,
    /// What should stand there.
    pub new: String,
}

/// One thing that was found. Its texts may quote clusters and files: whoever shows them escapes them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What kind it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter, in words: lower case, no full stop, the object in backticks.
    pub message: String,
    /// In which cluster; `None` when it is about no cluster.
    pub cluster: Option<ClusterName>,
    /// Which Service; `None` when it is about none.
    pub service: Option<ServiceRef>,
    /// Where in a file; `None` when it stands in none.
    pub place: Option<Place>,
    /// What to do about it; commands in it can be pasted. `None` when there is nothing to advise.
    pub hint: Option<String>,
    /// What would have to change, where that is one text for another; never a secret. `None` when it is not.
    pub change: Option<Change>,
}

impl Finding {
    /// A finding of this kind, as bad as its kind is, about nothing in particular yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: codes::explanation(code).map_or(Severity::Error, |explanation| explanation.severity),
            message: message.into(),
            cluster: None,
            service: None,
            place: None,
            hint: None,
            change: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_printed() {
        assert_eq!("THC101".parse(), Ok(Code(101)));
        assert_eq!("thc007".parse(), Ok(Code(7)));
        for text in ["", "THC", "THC1", "THC0101", "101", "THC+01", "XTHC101", "THC10٣", "TH\u{212a}101"] {
            assert_eq!(text.parse::<Code>(), Err(CodeError), "{text}");
        }
    }

    #[test]
    fn a_finding_is_as_bad_as_its_kind() {
        assert_eq!(Finding::new(codes::MISSING_STORE, "x").severity, Severity::Error);
        assert_eq!(Finding::new(codes::FOREIGN_ADDRESS, "x").severity, Severity::Warning);
    }
}
