//! What becomes of the stores of a list: which stay, which are changed in their line, which come and which go.
//!
//! Who asks for a change decides; here only what people wrote is guarded: a comment is replaced or deleted only when it
//! has the form in which thanosctl says where an address came from.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::document::{Document, Item, Kind, Node};
use super::list::{Plan, Slot, comment_of};
use super::refusal::check;
use crate::chart::provenance;
use crate::document::DocumentError;
use crate::fleet::plan::Endpoint;
use crate::text::clean;
use crate::yaml;

/// A store that a list should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// An item of the list stays, at least its place. Those that no store names go.
    Old {
        /// Which item, from 0.
        item: usize,
        /// What is dialled instead; `None` for what stands there.
        address: Option<String>,
        /// What the comment beside it becomes, if it is one of ours; `None` for what stands there.
        comment: Option<String>,
    },
    /// One that comes in.
    New {
        /// What is dialled.
        address: String,
        /// What stands beside it, where there is room for it.
        comment: Option<String>,
        /// The item that stays and behind which it stands; `None` for the end.
        behind: Option<usize>,
    },
}

impl Store {
    /// An item that stays as it is.
    pub fn unchanged(item: usize) -> Self {
        Self::Old { item, address: None, comment: None }
    }

    /// An endpoint that comes in.
    pub fn added(endpoint: &Endpoint, behind: Option<usize>) -> Self {
        Self::New { address: endpoint.address.to_string(), comment: Some(provenance::provenance(endpoint)), behind }
    }

    /// The item that stays.
    fn item(&self) -> Option<usize> {
        match self {
            Self::Old { item, .. } => Some(*item),
            Self::New { .. } => None,
        }
    }
}

/// The line of a store in a list that begins with it.
pub(super) fn store_line(store: &Store, column: usize) -> Option<String> {
    let Store::New { address, comment, .. } = store else { return None };
    let item = format!("{}- {}", yaml::blanks(column), yaml::quoted(address));
    Some(match comment {
        Some(comment) => format!("{item} # {}", clean(comment)),
        None => item,
    })
}

/// The addresses of a list that is made of these stores alone.
pub(super) fn added<'s>(stores: &'s [Store]) -> Vec<&'s str> {
    let address = |store: &'s Store| match store {
        Store::New { address, .. } => Some(address.as_str()),
        Store::Old { .. } => None,
    };
    stores.iter().filter_map(address).collect()
}

/// Plans the list `node`, whose items are those of `tree`.
pub(super) fn plan(
    document: &Document,
    node: &Node,
    tree: &Value,
    wanted: &[Store],
    path: &str,
) -> Result<Plan, DocumentError> {
    let (Kind::List { items, .. }, Value::Array(values)) = (&node.kind, tree) else { return Ok(Plan::default()) };
    let mut texts = Vec::with_capacity(items.len());
    for (item, value) in items.iter().zip(values) {
        check(document, &item.node, path)?;
        let Some(text) = value.as_str() else {
            let hint = "the address of a store is a text such as \"10.2.0.14:31420\": mend it, or take it out";
            return Err(document.error(item.node.range.start, format!("an item of `{path}` is no text"), hint));
        };
        texts.push(text);
    }
    let list = List { document, node, items, path };
    let mut stay: Vec<(usize, Slot)> = Vec::new();
    for store in wanted {
        if let Store::Old { item, address, comment } = store
            && let Some(old) = texts.get(*item)
        {
            let is_new_text = address.as_deref().is_some_and(|address| address != *old);
            let text = address.clone().unwrap_or_else(|| (*old).to_owned());
            let comment = comment.clone().filter(|new| list.ours(*item).is_some_and(|old| old != clean(new)));
            stay.push((*item, Slot::Old { index: *item, text, is_new_text, comment }));
        }
    }
    stay.sort_by_key(|(item, _)| *item);
    let staying: HashSet<usize> = stay.iter().map(|(item, _)| *item).collect();
    for item in (0..items.len()).filter(|item| !staying.contains(item)) {
        list.refuse_loss(item)?;
    }
    Ok(Plan { slots: slots(stay, wanted) })
}

/// The slots in their order: each that comes in behind the one that it belongs to.
fn slots(stay: Vec<(usize, Slot)>, wanted: &[Store]) -> Vec<Slot> {
    let staying: HashSet<usize> = wanted.iter().filter_map(Store::item).collect();
    let mut new: HashMap<Option<usize>, Vec<Slot>> = HashMap::new();
    for store in wanted {
        if let Store::New { address, comment, behind } = store {
            let slot = Slot::New { text: address.clone(), comment: comment.clone() };
            new.entry(behind.filter(|item| staying.contains(item))).or_default().push(slot);
        }
    }
    let mut slots = Vec::new();
    for (item, slot) in stay {
        slots.push(slot);
        slots.extend(new.remove(&Some(item)).into_iter().flatten());
    }
    slots.extend(new.remove(&None).into_iter().flatten());
    slots
}

/// A list whose stores are planned.
struct List<'d> {
    document: &'d Document,
    node: &'d Node,
    items: &'d [Item],
    path: &'d str,
}

impl<'d> List<'d> {
    /// The comment beside an item, if it has the form of ours.
    fn ours(&self, item: usize) -> Option<&'d str> {
        let comment = &self.document.text[comment_of(&self.document.text, self.node, item)?];
        provenance::read(comment).map(|_| comment)
    }

    /// Refuses to delete an item beside which people wrote something.
    fn refuse_loss(&self, item: usize) -> Result<(), DocumentError> {
        let comment = comment_of(&self.document.text, self.node, item).map(|range| &self.document.text[range]);
        if comment.is_some_and(|comment| !comment.is_empty() && provenance::read(comment).is_none()) {
            let message = format!("a store of `{}` is not deleted: people wrote the comment beside it", self.path);
            let hint = "delete the line by hand, or its comment";
            return Err(self.document.error(self.items[item].node.range.start, message, hint));
        }
        Ok(())
    }
}
