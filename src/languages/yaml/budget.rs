//! How much a document may hold once its aliases and merges are written out.

/// How much a document may hold once its aliases and merges are written out: a small text can grow by them beyond all
/// measure. One for every reader, so that no command reads what another refuses.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Values and keys.
    pub nodes: usize,
    /// Bytes of text in them.
    pub bytes: usize,
}

impl Budget {
    /// What is said of a document that is larger.
    pub const EXCEEDED: &'static str = "aliases and merges make it grow beyond all measure";

    /// What to do then.
    pub const HINT: &'static str = "write it out";

    /// That of a text: all that can stand in it, and so much more by aliases and merges.
    pub fn of(text: &str) -> Self {
        Self { nodes: 200_000 + text.len(), bytes: (8 << 20) + 2 * text.len() }
    }

    /// Takes a value or a key with so much text; whether there was so much left.
    pub fn take(&mut self, bytes: usize) -> bool {
        let left = self.nodes.checked_sub(1).zip(self.bytes.checked_sub(bytes));
        left.map(|(nodes, bytes)| *self = Self { nodes, bytes }).is_some()
    }
}
