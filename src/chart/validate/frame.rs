//! Where a text stands that is a part of a file: a configuration in a block scalar has lines of its own, and what is
//! found in it is told by the lines of the file.

use std::rc::Rc;

use crate::place::{Place, Position};

/// Where a text stands in a file.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    file: Rc<str>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// So many lines are above it, and so many blanks before each of its lines.
    Shifted { above: u64, indent: u64 },
    /// It does not stand in lines of its own: all of it is where its key is.
    Fixed(Position),
    /// Several texts, one behind the other: the line in which each begins.
    Stacked(Rc<[(u64, Frame)]>),
    /// It was written anew from values that stand anywhere: of each line, where its key and its value do.
    Written(Rc<[Written]>),
}

/// A line that was written anew.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// Where its key stands, or the item.
    pub key: Place,
    /// The column in which its value begins, and where that stands; the key's own for a line with a key alone.
    pub value: (u64, Place),
}

impl Frame {
    /// A whole file.
    pub(super) fn file(name: &str) -> Self {
        Self { file: name.into(), kind: Kind::Shifted { above: 0, indent: 0 } }
    }

    /// Of texts that stand one behind the other: the first line of each, and its frame.
    pub(super) fn stacked(frames: Vec<(u64, Self)>) -> Self {
        let file = frames.first().map_or_else(|| "".into(), |(_, frame)| Rc::clone(&frame.file));
        Self { file, kind: Kind::Stacked(frames.into()) }
    }

    /// Of a text that was written anew, by its lines.
    pub(super) fn written(lines: Vec<Written>) -> Self {
        Self { file: "".into(), kind: Kind::Written(lines.into()) }
    }

    /// The frame of the stack that a line is in, and how many lines are before it.
    fn layer(frames: &[(u64, Self)], line: u64) -> Option<(&Self, u64)> {
        let (first, frame) = frames.get(frames.partition_point(|(first, _)| *first <= line).max(1) - 1)?;
        Some((frame, first.saturating_sub(1)))
    }

    /// Of a text within this one whose first line is `first`, each line behind `indent` blanks.
    #[must_use]
    pub(super) fn shifted(&self, first: u64, indent: u64) -> Self {
        let kind = match &self.kind {
            Kind::Shifted { above, indent: outer } => {
                Kind::Shifted { above: above + first.saturating_sub(1), indent: outer + indent }
            }
            Kind::Fixed(spot) => Kind::Fixed(*spot),
            Kind::Stacked(frames) => match Self::layer(frames, first) {
                Some((frame, before)) => return frame.shifted(first - before, indent),
                None => Kind::Shifted { above: 0, indent },
            },
            Kind::Written(_) => return self.fixed(Position { line: first, column: indent + 1 }),
        };
        Self { file: Rc::clone(&self.file), kind }
    }

    /// Of a text within this one that has no lines of its own.
    #[must_use]
    pub(super) fn fixed(&self, spot: Position) -> Self {
        let Place { file, line, column } = self.place(spot);
        Self { file: file.into(), kind: Kind::Fixed(Position { line, column }) }
    }

    /// Where a spot of the text is in the file.
    pub(super) fn place(&self, spot: Position) -> Place {
        match &self.kind {
            Kind::Shifted { above, indent } => {
                Position { line: spot.line + above, column: spot.column + indent }.of(&self.file)
            }
            Kind::Fixed(spot) => spot.of(&self.file),
            Kind::Stacked(frames) => match Self::layer(frames, spot.line) {
                Some((frame, before)) => frame.place(Position { line: spot.line - before, ..spot }),
                None => spot.of(&self.file),
            },
            Kind::Written(lines) => {
                let at = usize::try_from(spot.line).unwrap_or(1).saturating_sub(1);
                match lines.get(at).or(lines.last()) {
                    Some(line) if spot.column >= line.value.0 => line.value.1.clone(),
                    Some(line) => line.key.clone(),
                    None => spot.of(&self.file),
                }
            }
        }
    }
}
