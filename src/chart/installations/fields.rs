//! What stands in a document: texts, whether they are known, and places.

use serde_json::Value;

use super::installation::Layer;
use crate::chart::edit::Wrapper;
use crate::chart::placeholders::holds_unknown;
use crate::chart::tree::names_of;

/// The text at a path; empty when there is none.
pub(super) fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    path.iter().try_fold(value, |value, name| value.get(name)).and_then(Value::as_str).unwrap_or_default()
}

/// The text at a path when it is known; a number is one as well.
pub(super) fn known(value: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(value, |value, name| value.get(name))?;
    let text = match found {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && !holds_unknown(&text) && !text.contains("{{")).then_some(text)
}

/// What stands at a path of keys and of numbers of items.
pub fn at<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// Whether something stands at a path that cannot be known.
pub(super) fn is_unknown(value: &Value, path: &[&str]) -> bool {
    let text = text(value, path);
    !text.is_empty() && known(value, path).is_none()
}

/// A place in a document.
pub(super) fn layer(document: usize, path: &str) -> Option<Layer> {
    let path = if path.is_empty() { Wrapper::default() } else { Wrapper::parse(path).ok()? };
    Some(Layer { document, path, ..Layer::default() })
}

/// The names of a path as `--set` and Flux take it: joined by dots, `\.` is a dot in a name; `None` for one that leads into
/// a list.
pub(super) fn set_path(path: &str) -> Option<Vec<String>> {
    (!path.is_empty() && !path.contains(['[', '{', ',', '=']) && !holds_unknown(path)).then(|| names_of(path))
}

/// The path up to the list that it leads into: of that nothing is known then.
pub(super) fn up_to_list(path: &str) -> Option<Vec<String>> {
    set_path(path.split('[').next().unwrap_or_default())
}
