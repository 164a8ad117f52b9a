//! What is wrong with an expression.

/// What is wrong with an expression. The first thing alone, as Prometheus tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where: bytes from the start of the expression.
    pub at: usize,
    /// What, in words: lower case, no full stop.
    pub message: String,
    /// Whether Thanos refuses it, or thanosctl alone cannot tell.
    pub certainty: Certainty,
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Thanos refuses it.
    Refused,
    /// It goes beyond what is followed here: Thanos may well take it.
    Doubtful,
}

impl Wrong {
    pub(super) fn refused(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), certainty: Certainty::Refused }
    }

    pub(super) fn doubtful(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), certainty: Certainty::Doubtful }
    }
}
