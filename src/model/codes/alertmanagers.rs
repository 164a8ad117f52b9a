//! What is wrong in an Alertmanager configuration: THC280 to THC289.

use super::Explanation;

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[];
