//! What a check found: drift, or something wrong in a file. A result, not an error.

use std::fmt;

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
        out.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing that was found. Its texts may quote clusters and files: whoever shows them escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}
