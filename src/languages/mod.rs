//! Languages that other programs read, as they read them.

pub mod duration;
pub mod go_number;
pub mod go_template;
pub mod promql;
pub mod yaml;
