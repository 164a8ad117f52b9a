//! What is wrong in rule files: THC265 to THC279.

use super::Explanation;

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[];
