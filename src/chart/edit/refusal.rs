//! Why a place in a document cannot be changed: what stands there belongs to other places too, or cannot be lined up.

use super::document::{Document, Entry, Node, Property};
use super::splice::line_start;
use crate::document::DocumentError;

/// Refuses a node on the way to what changes that belongs to other places too.
pub(super) fn check(document: &Document, node: &Node, path: &str) -> Result<(), DocumentError> {
    if let Some(property) = node.property {
        return Err(tied(document, node, property, path));
    }
    if let Some(merge) = node.entry("<<") {
        let hint = "write out here what it takes, without `<<`";
        return Err(document.error(merge.key_range.start, format!("{} takes keys from elsewhere", shown(path)), hint));
    }
    Ok(())
}

pub(super) fn tied(document: &Document, node: &Node, property: Property, path: &str) -> DocumentError {
    let (what, hint) = match property {
        Property::Anchor => (
            "has an anchor: whatever refers to it would change too",
            "write it out where it is used, without the anchor",
        ),
        Property::Alias => ("stands elsewhere, and an alias refers to it", "write it out here, without the alias"),
        Property::Tag => ("has a tag", "write it without the tag: Helm needs none"),
    };
    document.error(node.range.start, format!("{} {what}", shown(path)), hint)
}

fn shown(path: &str) -> String {
    if path.is_empty() { "the document".to_owned() } else { format!("`{path}`") }
}

/// Refuses an entry at which new lines cannot be lined up.
pub(super) fn check_key(document: &Document, entry: &Entry, path: &str) -> Result<(), DocumentError> {
    let text = &document.text;
    let lead = &text[line_start(text, entry.key_range.start)..entry.key_range.start];
    if lead.trim_end().ends_with('?') {
        let hint = "write it as `KEY: VALUE`, without the `?`";
        return Err(document.error(entry.key_range.start, format!("`{path}` stands behind a `?`"), hint));
    }
    if lead.contains('\t') && lead.trim().is_empty() {
        let hint = "YAML indents by blanks: write those";
        return Err(document.error(entry.key_range.start, "a tab indents this line", hint));
    }
    Ok(())
}
