//! What is wrong in a values file: how Helm reads it, and what the chart makes of it: THC200 to THC249 and THC290 to THC299.

use super::Explanation;

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[];
