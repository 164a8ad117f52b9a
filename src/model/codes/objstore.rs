//! What is wrong in an object store's configuration: THC250 to THC264.

use super::Explanation;

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[];
