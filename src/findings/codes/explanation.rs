//! What there is to know of a kind of finding.

use crate::findings::code::{Code, Severity};

/// What there is to know of one kind of finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Its code.
    pub code: Code,
    /// Its name for people: words in small letters, joined by `-`.
    pub name: &'static str,
    /// How bad it is, where nothing else is said.
    pub severity: Severity,
    /// What was found, in one line: no full stop.
    pub summary: &'static str,
    /// What it means, in sentences. Keys and commands stand in backticks.
    pub meaning: &'static str,
    /// How to mend it, in sentences.
    pub remedy: &'static str,
}
