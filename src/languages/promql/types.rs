//! The types of PromQL.

/// The type of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Scalar,
    Text,
    Vector,
    Range,
}

impl Type {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Scalar => "a number",
            Self::Text => "a text",
            Self::Vector => "an instant vector",
            Self::Range => "a range vector",
        }
    }
}
