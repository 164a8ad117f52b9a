//! YAML as Thanos reads its own files: by Go's yaml.v2, in strict mode, with the place of everything.
//!
//! It is not the YAML of the other files here. Scalars mean what YAML 1.1 says, only the first document counts, a key
//! that a merge (`<<`) brings again is a duplicate, and the text that a program gets may be another than what stands in
//! the file (`0755` becomes `493`), since Thanos decodes the section `config`, writes it anew and decodes that.

mod dialect;
mod reader;
mod scalar;

use std::rc::Rc;

pub(crate) use self::dialect::{has_no_key, in_brackets};
pub use self::reader::{Document, Problem, read};
pub use self::scalar::{Resolved, Scalar};
use crate::document::Position;

/// A value and where it begins; of an alias, where what it names begins.
#[derive(Debug)]
pub struct Node {
    /// Where it begins.
    pub position: Position,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Rc<Node>>),
    /// A mapping; entries that `<<` merges into it stand at its place.
    Mapping(Vec<Entry>),
}

/// An entry of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: Rc<Node>,
    /// The value.
    pub value: Rc<Node>,
    /// Whether the mapping got it by `<<`.
    pub is_merged: bool,
}

impl Node {
    /// The scalar; `None` for a list and a mapping.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::List(_) | Value::Mapping(_) => None,
        }
    }

    /// Whether it is nothing, `null` or `~`.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.resolved == Resolved::Null)
    }
}
