//! What a check found: drift, or something wrong in a file. A result, not an error.

use super::codes;
use crate::names::{ClusterName, ServiceRef};
use crate::place::Place;

pub use super::code::{Code, CodeError, Severity};

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
    fn a_finding_is_as_bad_as_its_kind() {
        assert_eq!(Finding::new(codes::MISSING_STORE, "x").severity, Severity::Error);
        assert_eq!(Finding::new(codes::FOREIGN_ADDRESS, "x").severity, Severity::Warning);
    }
}
