//! YAML as Go reads it.

mod scalar;

pub use self::scalar::{Resolved, Scalar};
