//! What a document is made of.

use std::ops::Range;

use crate::place::Position;

/// A place in the text: the byte, and the line and column from 0, the column in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub at: usize,
    pub line: u32,
    pub column: u32,
}

impl Mark {
    pub(super) fn position(self) -> Position {
        Position { line: u64::from(self.line) + 1, column: u64::from(self.column) + 1 }
    }
}

/// The number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub(super) usize);

impl Id {
    /// The number itself: less than [`Document::count`].
    pub fn number(self) -> usize {
        self.0
    }
}

/// A part of a document.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    pub(super) start: Mark,
    pub(super) end: Mark,
    /// Of a block, where its text begins.
    pub(super) body: Option<Mark>,
    /// What stands before it: of an item its dash, of a value the byte behind the colon; `None` without these.
    pub lead: Option<usize>,
    /// Whether an anchor names it.
    pub is_anchored: bool,
    /// What a tag says of it.
    pub tag: Tag,
}

/// What a node is.
#[derive(Debug)]
pub enum Kind {
    /// A single value.
    Scalar(Text, Style),
    /// A list.
    List {
        /// Its items.
        items: Vec<Id>,
        /// Whether it stands in brackets.
        is_flow: bool,
    },
    /// A mapping: its keys and values in the order of the text.
    Mapping {
        /// The keys and values.
        pairs: Vec<(Id, Id)>,
        /// Whether it stands in braces.
        is_flow: bool,
    },
    /// What stands for another node.
    Alias(Id),
}

/// The text of a single value.
#[derive(Debug)]
pub enum Text {
    /// As these bytes of the document.
    Verbatim(Range<usize>),
    /// With its escapes and line breaks undone.
    Changed(Box<str>),
}

/// How a single value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// As a block that keeps its lines (`|`).
    Literal,
    /// As a block that folds them (`>`).
    Folded,
}

/// What a tag says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// There is none.
    None,
    /// `!`
    Unspecific,
    /// `!!null`
    Null,
    /// `!!bool`
    Bool,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!str`
    Str,
    /// `!!timestamp`
    Timestamp,
    /// `!!binary`
    Binary,
    /// `!!merge`
    Merge,
    /// One that Go has no meaning for: it makes a text of a single value.
    Other,
}

impl Tag {
    pub(super) fn named(name: Option<&str>) -> Self {
        match name {
            Some("null") => Self::Null,
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("str") => Self::Str,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ => Self::Other,
        }
    }
}

/// Why a text is no YAML for Go; quotes no more than names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub position: Position,
    /// The byte.
    pub at: usize,
    /// What is the matter, in words.
    pub message: String,
    /// What to do, where that is more than to look at the place.
    pub hint: Option<&'static str>,
}
