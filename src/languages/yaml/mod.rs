//! YAML as Go reads it: by the rules of yaml.v2, which Helm (through sigs.k8s.io/yaml) and Thanos read with. One reader for
//! every document, with the place of everything in it.
//!
//! Go's readers speak YAML 1.1 and are not exact about it, so that a parser of YAML 1.2 would take what they refuse, and
//! refuse what they take. What this reader takes, they take, and the other way round, but for
//!
//! - nesting deeper than [`DEEPEST`](parse::DEEPEST) with aliases written out, and more by aliases than [`Budget`] has:
//!   refused here;
//! - control characters behind the first document, and `%TAG`, escapes (`%41`) in tags: refused here;
//! - U+FEFF, which Go may lose at the beginning of a line of a document that is longer than 500 bytes.
//!
//! yaml.v3 (promtool, and rules once Thanos has rewritten them) takes and refuses the same but for directives, and means
//! other things by words: `yes` is a text to it.

mod budget;
mod de;
mod decode;
mod misfit;
mod node;
mod parse;
mod places;
mod read;
pub mod scalar;
mod scan;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod within;

pub use budget::Budget;
pub use misfit::Misfit;
pub use node::{Id, Kind, Node, Problem, Style, Tag, Text};
pub use places::Places;
pub use tree::{Document, Duplicate, Entry, Part, Rest};
