//! What the values in a file say, and where.

use serde_json::Value;

use super::document::{Document, Item, Kind, Node};
use super::embedded::Embedded;
use super::list::comment_of;
use super::wrapper::Wrapper;
use crate::chart::names_of;
use crate::document::DocumentError;
use crate::place::Place;

/// The values at one place of a document.
pub struct View<'d> {
    document: &'d Document,
    embedded: Option<Embedded>,
    node: &'d Node,
    tree: Value,
}

/// A store of a values file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The item as a text, parsed by nobody.
    pub text: String,
    /// What stands beside it, without the `#`; empty for nothing.
    pub comment: String,
    /// Where it stands.
    pub place: Place,
}

impl<'d> View<'d> {
    /// The values at `wrapper`.
    ///
    /// # Errors
    /// When the wrapper leads nowhere, or to a text that is no YAML.
    pub fn of(document: &'d Document, wrapper: &Wrapper) -> Result<Self, DocumentError> {
        let resolved = wrapper.resolve(document)?;
        let embedded = Embedded::open(document, &resolved)?;
        let mut tree = document.tree().clone();
        let tree = match &embedded {
            Some(embedded) => embedded.document.tree().clone(),
            None => wrapper.enter(&mut tree).map(Value::take).unwrap_or_default(),
        };
        Ok(Self { document, embedded, node: resolved.node, tree })
    }

    /// What Helm reads from them.
    pub fn tree(&self) -> &Value {
        &self.tree
    }

    /// The value at `path`, its keys joined by dots (a dot behind a `\\` belongs to a key); `None` when nothing is there.
    pub fn value(&self, path: &str) -> Option<&Value> {
        names_of(path).iter().try_fold(&self.tree, |tree, name| tree.get(name))
    }

    /// Where the key at `path` stands; `None` when it is not there.
    pub fn place(&self, path: &str) -> Option<Place> {
        let (_, key) = self.find(path)?;
        Some(self.place_of(key))
    }

    /// Where an item of the list at `path` stands; `None` when it is not there.
    pub fn place_of_item(&self, path: &str, item: usize) -> Option<Place> {
        match self.find(path).map(|(node, _)| &node.kind) {
            Some(Kind::List { items, .. }) => Some(self.place_of(items.get(item)?.node.range.start)),
            _ => None,
        }
    }

    /// Where `text` begins in the value at `path`, else where its key stands; `None` when that is not there.
    pub fn place_within(&self, path: &str, text: &str) -> Option<Place> {
        let (node, key) = self.find(path)?;
        let value = self.text().get(node.range.clone()).unwrap_or_default();
        Some(self.place_of(value.find(text).map_or(key, |at| node.range.start + at)))
    }

    /// The longest part of `path` that is there, with its place; `None` when nothing of it is.
    pub fn nearest(&self, path: &str) -> Option<(String, Place)> {
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]).collect::<Vec<_>>();
        ends.into_iter().rev().find_map(|end| Some((path[..end].to_owned(), self.place(&path[..end])?)))
    }

    /// The items of the list at `path`; none when there is no list.
    pub fn stores(&self, path: &str) -> Vec<Found> {
        let values = self.value(path).and_then(Value::as_array).into_iter().flatten().enumerate();
        // Where an alias stands for the list, or for what holds it, nothing stands beside its items.
        let found = self.find(path);
        let list = found.map(|(node, _)| node);
        let items: &[Item] = match list.map(|node| &node.kind) {
            Some(Kind::List { items, .. }) => items,
            _ => &[],
        };
        let key = found.map_or(self.node.range.start, |(_, key)| key);
        let found = values.map(|(index, value)| {
            let node = items.get(index).map(|item| &item.node);
            let comment = list.and_then(|list| comment_of(self.text(), list, index));
            Found {
                text: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                comment: comment.map_or("", |range| &self.text()[range]).to_owned(),
                place: self.place_of(node.map_or(key, |node| node.range.start)),
            }
        });
        found.collect()
    }

    /// The value at `path`, and where its key begins.
    fn find(&self, path: &str) -> Option<(&Node, usize)> {
        let root = self.embedded.as_ref().map_or(self.node, |embedded| &embedded.document.root);
        names_of(path).iter().try_fold((root, root.range.start), |(node, _), name| {
            let entry = node.entry(name)?;
            Some((&entry.node, entry.key_range.start))
        })
    }

    fn text(&self) -> &str {
        self.embedded.as_ref().map_or(&self.document.text, |embedded| &embedded.document.text)
    }

    fn place_of(&self, at: usize) -> Place {
        self.document.place(self.embedded.as_ref().map_or(at, |embedded| embedded.outer(at)))
    }
}
