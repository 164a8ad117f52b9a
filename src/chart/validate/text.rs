//! Texts within values that are documents of their own, and where their lines stand in the file.

use granit_parser::ScalarStyle;

use super::frame::{Frame, Spot};
use super::tree::{Kind, Node, Tree};

/// The text of a single value, and where it stands: a literal block (`|`) has lines of its own, all else is where it
/// begins.
pub(super) fn inner<'n>(tree: &Tree<'_>, node: &'n Node) -> (&'n str, Frame) {
    let Kind::Scalar(scalar) = &node.kind else { return ("", tree.frame.fixed(node.spot)) };
    let text = scalar.text.as_str();
    let frame = match scalar.style {
        ScalarStyle::Literal => {
            // The place of a block is that of its first line with something on it.
            let blank = text.bytes().take_while(|byte| *byte == b'\n').count() as u64;
            tree.frame.shifted(node.spot.line.saturating_sub(blank), node.spot.column - 1)
        }
        _ => tree.frame.fixed(Spot { ..node.spot }),
    };
    (text, frame)
}
