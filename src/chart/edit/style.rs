//! How a file is written, so that what comes in looks like what is there.

use serde_json::Value;

use super::document::{Kind, Node};
use super::splice::column;
use crate::document;
use crate::languages::yaml::Style as Quotes;
use crate::text::is_unsafe;
use crate::yaml;

/// The widths of a file's indentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// How much deeper than its key a mapping stands.
    pub mapping: usize,
    /// How much deeper than its key a list stands: often 0.
    pub list: usize,
}

impl Style {
    /// The style of the first mapping and of the first list; two blanks where there is none.
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let (mut mapping, mut list) = (None, None);
        look(text, root, &mut mapping, &mut list);
        let mapping = mapping.unwrap_or(2);
        Self { mapping, list: list.unwrap_or(mapping) }
    }
}

fn look(text: &str, node: &Node, mapping: &mut Option<usize>, list: &mut Option<usize>) {
    if mapping.is_some() && list.is_some() {
        return;
    }
    match &node.kind {
        Kind::Mapping { is_flow: false, entries } => {
            for entry in entries {
                let key = column(text, entry.key_range.start);
                let deeper = |node: &Node| column(text, node.range.start).checked_sub(key);
                match &entry.node.kind {
                    Kind::Mapping { is_flow: false, .. } => *mapping = mapping.or_else(|| deeper(&entry.node)),
                    Kind::List { is_flow: false, .. } => *list = list.or_else(|| deeper(&entry.node)),
                    _ => {}
                }
                look(text, &entry.node, mapping, list);
            }
        }
        Kind::List { items, .. } => items.iter().for_each(|item| look(text, &item.node, mapping, list)),
        Kind::Mapping { .. } | Kind::Scalar { .. } | Kind::Block { .. } | Kind::Alias => {}
    }
}

/// How the texts beside a new one are quoted.
pub(super) fn quotes_of(node: &Node) -> Quotes {
    match &node.kind {
        Kind::Scalar { style, .. } => *style,
        Kind::Block { .. } | Kind::Alias | Kind::List { .. } | Kind::Mapping { .. } => Quotes::Double,
    }
}

/// `text` in the quotes of its neighbours, where every parser reads it so; else in double quotes.
pub(super) fn like(quotes: Quotes, text: &str) -> String {
    match quotes {
        Quotes::Plain if is_plain(text) => text.to_owned(),
        Quotes::Single if !text.chars().any(is_unsafe) => format!("'{}'", text.replace('\'', "''")),
        _ => yaml::quoted(text),
    }
}

/// Whether `text` is the same text without quotes, in block and in flow style. Digits and colons alone are a time to
/// older parsers.
fn is_plain(text: &str) -> bool {
    yaml::scalar(text) == text
        || text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !text.ends_with(':')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | ':' | '/'))
            && !text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '_'))
            && document::read::<Value>("text", text).is_ok_and(|read| read.as_str() == Some(text))
}

/// A value on one line, in the quotes of what it replaces.
pub(super) fn flow_like(old: &Node, value: &Value) -> String {
    match (&old.kind, value) {
        (Kind::Scalar { style: style @ (Quotes::Single | Quotes::Double), .. }, Value::String(text)) => {
            like(*style, text)
        }
        _ => yaml::flow(value),
    }
}
