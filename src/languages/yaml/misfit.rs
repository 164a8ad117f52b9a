//! Why a document has not the shape that is asked for.

use std::fmt;

use serde::de;

use crate::place::Position;
use crate::text::{nearest, without_credentials};

/// Why a document has not the shape that is asked for; quotes no more than names.
#[derive(Debug)]
pub struct Misfit {
    /// Where; `None` until somebody knows.
    pub position: Option<Position>,
    /// What is the matter, in words.
    pub message: String,
    /// What to do, where that is known.
    pub hint: Option<String>,
}

impl Misfit {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self { position: None, message: message.to_string(), hint: None }
    }

    fn unknown(message: String, word: &str, known: &[&str], what: &str) -> Self {
        let hint = match nearest(word, known.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("the {what} known here are {}", known.join(", ")),
        };
        Self { hint: Some(hint), ..Self::new(message) }
    }

    pub(super) fn at(self, position: Position) -> Self {
        Self { position: self.position.or(Some(position)), ..self }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown(format!("unknown key `{field}`"), field, expected, "keys")
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown value `{}`", without_credentials(variant));
        Self::unknown(message, variant, expected, "values")
    }
}
