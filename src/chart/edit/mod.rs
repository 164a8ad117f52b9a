//! Values files that people edit too: what is ours changes, every other byte stays.
//!
//! A [`Document`] knows where each part of the file stands, so a change is a few bytes at a known place and nothing is
//! printed anew. After the change the file is read again: unless it says what it said before, with exactly the wished
//! keys changed, it is not returned.

mod comments;
mod document;
mod embedded;
#[cfg(test)]
mod generated;
mod list;
mod plan;
mod refusal;
mod splice;
mod stores;
mod style;
#[cfg(test)]
mod tests;
mod view;
mod wish;
mod wrapper;

use serde_json::Value;

use super::names_of;
use crate::document::DocumentError;
use comments::keeps_comments;
use embedded::Embedded;
use plan::Planner;
use wish::Wish;

pub use document::Document;
pub use stores::Store;
pub use view::{Found, View};
pub use wish::Absent;
pub use wrapper::{Ambiguous, Wrapper};

/// One change of values. Paths are keys joined by dots; a dot behind a `\\` belongs to a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<'a> {
    /// The list at `path` has these stores and no others. Its items stay in their order.
    Stores {
        /// Such as `query.stores`.
        path: &'a str,
        /// The stores.
        stores: &'a [Store],
    },
    /// The key at `path` has this value, merged in as Helm merges values: mappings key by key, all else replaced.
    Set {
        /// Such as `query.replicaLabel`.
        path: &'a str,
        /// The value.
        value: &'a Value,
        /// What becomes of a key that is not there.
        absent: Absent,
    },
}

/// The text of `document` with the changes made in the values at `wrapper`. A change of stores loses no comment of people.
///
/// # Errors
/// When what should change belongs to other places too (anchors, aliases, merge keys), has a tag, or is of another
/// shape; when the wrapper leads nowhere; and when the changed text would not say exactly what is wished.
pub fn edit(document: &Document, wrapper: &Wrapper, changes: &[Change<'_>]) -> Result<String, DocumentError> {
    let (stores, values): (Vec<_>, Vec<_>) = changes.iter().partition(|change| matches!(change, Change::Stores { .. }));
    let text = make(document, wrapper, &stores, Comments::Stay)?;
    if values.is_empty() {
        return Ok(text);
    }
    make(&Document::parse(&document.file, &text)?, wrapper, &values, Comments::GoWithTheirValue)
}

fn make(
    document: &Document,
    wrapper: &Wrapper,
    changes: &[&Change<'_>],
    comments: Comments,
) -> Result<String, DocumentError> {
    let keys: Vec<Vec<String>> = changes.iter().map(|change| names_of(change.path())).collect();
    let mut wish = Wish::Keys(Vec::new());
    for (keys, change) in keys.iter().zip(changes) {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        match change {
            Change::Stores { stores, .. } => wish.add(&keys, Wish::Stores(stores)),
            Change::Set { value, absent, .. } => wish.add(&keys, Wish::Value(value, *absent)),
        }
    }
    grant(document, wrapper, &wish, comments)
}

/// What becomes of the comments of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comments {
    /// All of them stay.
    Stay,
    /// One in a value that is replaced may go with it.
    GoWithTheirValue,
}

impl Change<'_> {
    fn path(&self) -> &str {
        match self {
            Self::Stores { path, .. } | Self::Set { path, .. } => path,
        }
    }
}

/// `text` with `over` merged in as Helm merges values.
///
/// # Errors
/// As [`edit`], and when the text cannot be read.
pub(super) fn merge(text: &str, over: &Value) -> Result<String, DocumentError> {
    let wish = Wish::Value(over, Absent::Add);
    grant(&Document::parse("values", text)?, &Wrapper::default(), &wish, Comments::GoWithTheirValue)
}

fn grant(document: &Document, wrapper: &Wrapper, wish: &Wish<'_>, comments: Comments) -> Result<String, DocumentError> {
    let keeps = |old: &Document, new: &Document| comments == Comments::GoWithTheirValue || keeps_comments(old, new);
    wrapper.check(document)?;
    let resolved = wrapper.resolve(document)?;
    let mut planner = Planner::new(document);
    let mut tree = document.tree().clone();
    if let Some(embedded) = Embedded::open(document, &resolved)? {
        let inner = &embedded.document;
        let mut values = inner.tree().clone();
        let mut planner = Planner::new(inner);
        planner.document(&mut values, wish).map_err(|error| embedded.error(error))?;
        refuse_open_end(inner, &planner).map_err(|error| embedded.error(error))?;
        let edits = planner.edits.moved(|at| embedded.outer(at), &embedded.lead());
        let text = edits.apply(&document.text).ok_or_else(|| not_edited(document))?;
        return prove(document, text, |new| says_in_text((new, inner), &mut tree, wrapper, &values, keeps));
    }
    match resolved.slot {
        Some(slot) if resolved.node.is_empty() => {
            let tree = wrapper.enter(&mut tree).ok_or_else(|| not_edited(document))?;
            planner.value(slot, tree, wish, &wrapper.to_string())?;
        }
        None if wrapper == &Wrapper::default() => planner.document(&mut tree, wish)?,
        _ => {
            let tree = wrapper.enter(&mut tree).ok_or_else(|| not_edited(document))?;
            if !tree.is_object() {
                let hint = "values are a mapping: `query:`, and what belongs to it below";
                return Err(document.error(resolved.node.range.start, format!("`{wrapper}` is no mapping"), hint));
            }
            planner.keys(resolved.node, tree, wish, &wrapper.to_string())?;
        }
    }
    refuse_open_end(document, &planner)?;
    let text = planner.edits.apply(&document.text).ok_or_else(|| not_edited(document))?;
    prove(document, text, |new| *new.tree() == tree && keeps(document, new))
}

/// Returns the changed text when it says what is wished.
fn prove(document: &Document, text: String, says: impl FnOnce(&Document) -> bool) -> Result<String, DocumentError> {
    let new = Document::parse(&document.file, &text).map_err(|_| not_edited(document))?;
    if says(&new) { Ok(document.marked(&text)) } else { Err(not_edited(document)) }
}

/// Whether the new document is the old one, but for the text at `wrapper`, `inner`, which says `values` and ends as it did.
fn says_in_text(
    (new, inner): (&Document, &Document),
    old: &mut Value,
    wrapper: &Wrapper,
    values: &Value,
    keeps: impl Fn(&Document, &Document) -> bool,
) -> bool {
    let mut new = new.tree().clone();
    let take = |tree: &mut Value| match wrapper.enter(tree).map(Value::take) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let (Some(new_text), Some(old_text)) = (take(&mut new), take(old)) else { return false };
    let end = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let is_whole = new == *old && end(&new_text) == end(&old_text);
    let says = |read: Document| read.tree() == values && keeps(inner, &read);
    is_whole && Document::parse("values", &new_text).is_ok_and(says)
}

/// A line break behind a block scalar that ends with the file would become a part of it.
fn refuse_open_end(document: &Document, planner: &Planner<'_>) -> Result<(), DocumentError> {
    if document.ends_in_text() && planner.edits.append_to(&document.text) {
        let hint = "add a line break at the end of the file";
        return Err(document.error(document.text.len(), "a text ends here without a line break", hint));
    }
    Ok(())
}

fn not_edited(document: &Document) -> DocumentError {
    let hint = "write what should change, and what is around it, more plainly; this is a limit of thanosctl";
    let mut error = document.error(0, "not edited: the changed file would not say what it should", hint);
    error.place.line = 0;
    error
}
