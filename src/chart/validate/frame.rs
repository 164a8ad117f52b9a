//! Where a text stands that is a part of a file: a configuration in a block scalar has lines of its own, and what is
//! found in it is told by the lines of the file.

use std::rc::Rc;

use crate::document::Place;

/// A spot in a text: line and column count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl Spot {
    /// The first character.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// Where a text stands in a file.
#[derive(Debug, Clone)]
pub struct Frame {
    file: Rc<str>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// So many lines are above it, and so many blanks before each of its lines.
    Shifted { above: u64, indent: u64 },
    /// It does not stand in lines of its own: all of it is where its key is.
    Fixed(Spot),
}

impl Frame {
    /// A whole file.
    pub fn file(name: &str) -> Self {
        Self { file: name.into(), kind: Kind::Shifted { above: 0, indent: 0 } }
    }

    /// Of a text within this one whose first line is `first`, each line behind `indent` blanks.
    #[must_use]
    pub fn shifted(&self, first: u64, indent: u64) -> Self {
        let kind = match self.kind {
            Kind::Shifted { above, indent: outer } => {
                Kind::Shifted { above: above + first.saturating_sub(1), indent: outer + indent }
            }
            Kind::Fixed(spot) => Kind::Fixed(spot),
        };
        Self { file: Rc::clone(&self.file), kind }
    }

    /// Of a text within this one that has no lines of its own.
    #[must_use]
    pub fn fixed(&self, spot: Spot) -> Self {
        let Place { line, column, .. } = self.place(spot);
        Self { file: Rc::clone(&self.file), kind: Kind::Fixed(Spot { line, column }) }
    }

    /// Where a spot of the text is in the file.
    pub fn place(&self, spot: Spot) -> Place {
        let Spot { line, column } = match self.kind {
            Kind::Shifted { above, indent } => Spot { line: spot.line + above, column: spot.column + indent },
            Kind::Fixed(spot) => spot,
        };
        Place { file: self.file.to_string(), line, column }
    }
}
