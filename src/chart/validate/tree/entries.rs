//! The entries of a mapping, which are found by their keys however many there are.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Deref;

use crate::place::Position;

/// An entry of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key, as Helm reads it.
    pub key: String,
    /// Where the key stands.
    pub spot: Position,
    /// The number of its node.
    pub node: usize,
    /// Whether a merge (`<<`) brought it.
    pub is_merged: bool,
}

/// The entries of a mapping, in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    all: Vec<Entry>,
    /// By each key the first and the last entry of that name; made when it is first asked for.
    index: OnceCell<HashMap<String, (usize, usize)>>,
}

/// So few are looked through as fast as they are found in an index.
const FEW: usize = 8;

impl Entries {
    /// The entry that counts: the last of its name.
    pub fn last(&self, key: &str) -> Option<&Entry> {
        self.position(key).map(|at| &self.all[at])
    }

    /// The position of the last entry of a name.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.positions(key).map(|(_, last)| last)
    }

    /// The position of the first entry of a name.
    pub fn first_position(&self, key: &str) -> Option<usize> {
        self.positions(key).map(|(first, _)| first)
    }

    fn positions(&self, key: &str) -> Option<(usize, usize)> {
        if self.all.len() <= FEW {
            let is_it = |entry: &Entry| entry.key == key;
            return self.all.iter().position(is_it).zip(self.all.iter().rposition(is_it));
        }
        let index = self.index.get_or_init(|| {
            let mut index: HashMap<String, (usize, usize)> = HashMap::with_capacity(self.all.len());
            for (at, entry) in self.all.iter().enumerate() {
                index.entry(entry.key.clone()).or_insert((at, at)).1 = at;
            }
            index
        });
        index.get(key).copied()
    }

    /// Those that count, each at the place of the first of its name.
    pub fn of_each_name(&self) -> impl Iterator<Item = &Entry> {
        let counts = |(at, entry): (usize, &'_ Entry)| {
            let (first, last) = self.positions(&entry.key)?;
            (first == at).then(|| &self.all[last])
        };
        self.all.iter().enumerate().filter_map(counts)
    }

    /// Adds one.
    pub fn push(&mut self, entry: Entry) {
        let at = self.all.len();
        if let Some(index) = self.index.get_mut() {
            index.entry(entry.key.clone()).or_insert((at, at)).1 = at;
        }
        self.all.push(entry);
    }

    /// Puts another one of the same name at a position.
    pub fn replace(&mut self, at: usize, entry: Entry) {
        self.all[at] = entry;
    }

    /// Changes each of them.
    pub fn change(&mut self, change: impl FnMut(&mut Entry)) {
        self.index = OnceCell::new();
        self.all.iter_mut().for_each(change);
    }
}

impl From<Vec<Entry>> for Entries {
    fn from(all: Vec<Entry>) -> Self {
        Self { all, index: OnceCell::new() }
    }
}

impl Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.all
    }
}

impl<'e> IntoIterator for &'e Entries {
    type Item = &'e Entry;
    type IntoIter = std::slice::Iter<'e, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}
