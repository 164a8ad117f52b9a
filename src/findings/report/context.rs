//! What a report has to know besides the findings.

use super::source::Sources;

/// What a report has to know besides the findings.
pub struct Context<'a> {
    /// The files that were checked, as the user named them; a file without findings passed.
    pub files: &'a [String],
    /// What stands in the files, for those who read the report.
    pub sources: &'a Sources,
}
