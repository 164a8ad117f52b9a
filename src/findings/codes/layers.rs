//! What is wrong between files that Helm merges into the values of one release: THC300 to THC309.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// A list of stores that replaces the one of an earlier file.
pub const REPLACED_STORES: Code = Code(300);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[Explanation {
    code: REPLACED_STORES,
    name: "replaced-stores",
    severity: Severity::Error,
    summary: "a list of stores that replaces the list of an earlier file",
    meaning: "Helm merges the mappings of several values files key by key, and takes a list from the last file that has it. The \
              stores of the earlier list are lost to the querier. When the last list repeats all of them, it is a warning.",
    remedy: "Keep all stores in one of the files, and leave the list out of the others.",
}];
