//! Where a text stands that is a part of a file: a configuration in a block scalar has lines of its own, and what is
//! found in it is told by the lines of the file.

use std::rc::Rc;

use crate::document::{Place, Position};

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
    Fixed(Position),
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
    pub fn fixed(&self, spot: Position) -> Self {
        let Place { line, column, .. } = self.place(spot);
        Self { file: Rc::clone(&self.file), kind: Kind::Fixed(Position { line, column }) }
    }

    /// Where a spot of the text is in the file.
    pub fn place(&self, spot: Position) -> Place {
        let position = match self.kind {
            Kind::Shifted { above, indent } => Position { line: spot.line + above, column: spot.column + indent },
            Kind::Fixed(spot) => spot,
        };
        position.of(&self.file)
    }
}
