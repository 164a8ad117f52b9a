//! Why there is no list.

use super::answer::{Refusal, Unusable};
use super::limits::Excess;
use super::transport::TransportFault;

/// Why a list could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListFault {
    /// No complete answer came.
    Transport(TransportFault),
    /// The answer is no success.
    Refused(Refusal),
    /// The answer claims success and is of no use.
    Unusable(Unusable),
    /// More came than is taken.
    TooMuch(Excess),
}
