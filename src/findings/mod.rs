//! What was found: kinds, each with its code and its explanation, and the formats in which findings are written. Pure.

pub mod code;
pub mod codes;
pub mod finding;
pub mod report;
