//! Languages that other programs read, as they read them.

pub mod yaml;
