//! The names of kinds of findings, and how bad a finding can be.

use std::fmt;
use std::str::FromStr;

/// The stable name of a kind of finding, such as `THC101`; `thanosctl explain` tells what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    /// `THC` and three digits.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "THC{:03}", self.0)
    }
}

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a code is THC and three digits, such as THC101")]
pub struct CodeError;

impl FromStr for Code {
    type Err = CodeError;

    /// Reads `THC101`; small letters will do, since it is typed by hand.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.to_ascii_uppercase().strip_prefix("THC").ok_or(CodeError)?.to_owned();
        if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(CodeError);
        }
        digits.parse().map(Self).map_err(|_| CodeError)
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth to know; changes no exit code.
    Note,
    /// Probably not meant; changes no exit code unless warnings are taken for errors.
    Warning,
    /// Wrong.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_printed() {
        assert_eq!("THC101".parse(), Ok(Code(101)));
        assert_eq!("thc007".parse(), Ok(Code(7)));
        for text in ["", "THC", "THC1", "THC0101", "101", "THC+01", "XTHC101", "THC10٣", "TH\u{212a}101"] {
            assert_eq!(text.parse::<Code>(), Err(CodeError), "{text}");
        }
    }
}
