//! Texts whose lines have lost their indentation: the text is empty, and its lines are keys beside it.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::checker::LostText;
use super::tree::{Entry, Kind, Node, Tree};
use super::{Checker, Subject};
use crate::chart::catalog::Kind as Known;
use crate::findings::codes;
use crate::languages::yaml::Style;

/// The paths of all keys that are lines of texts.
pub(super) fn lines(lost: &[LostText]) -> HashSet<Vec<String>> {
    let paths = |lost: &LostText| {
        let above = lost.path[..lost.path.len() - 1].to_vec();
        lost.keys.iter().map(move |key| [above.as_slice(), std::slice::from_ref(key)].concat()).collect::<Vec<_>>()
    };
    lost.iter().flat_map(paths).collect()
}

/// The texts in `root` that have lost their lines.
pub(super) fn find(subject: &Subject<'_>, tree: &Tree<'_>, root: &Node) -> Vec<LostText> {
    let mut found = Vec::new();
    below(subject, tree, root, &mut Vec::new(), &mut found);
    found
}

fn below(subject: &Subject<'_>, tree: &Tree<'_>, node: &Node, path: &mut Vec<String>, found: &mut Vec<LostText>) {
    let Kind::Mapping { entries, .. } = &node.kind else { return };
    let known = |path: &[String], name: &str| {
        let path: Vec<&str> = path.iter().map(String::as_str).chain([name]).collect();
        subject.chart.catalog.kind(subject.chart.version, &path.join("."))
    };
    for (at, entry) in entries.iter().enumerate() {
        let takes_text = matches!(known(path, &entry.key), Some(Known::Any | Known::Text | Known::Free));
        if takes_text && is_emptied(tree.node(entry.node)) {
            let lines: Vec<&Entry> =
                entries[at + 1..].iter().take_while(|entry| known(path, &entry.key).is_none()).collect();
            if let Some(first) = lines.first() {
                let keys = lines.iter().map(|entry| entry.key.clone()).collect();
                let path = path.iter().cloned().chain([entry.key.clone()]).collect();
                found.push(LostText { path, keys, spot: first.spot });
            }
        }
    }
    for entry in entries.iter().filter(|entry| !entry.is_merged) {
        if known(path, &entry.key) == Some(Known::Map) {
            path.push(entry.key.clone());
            below(subject, tree, tree.node(entry.node), path, found);
            path.pop();
        }
    }
}

/// Whether a block scalar (`|`, `>`) has no line.
fn is_emptied(node: &Node) -> bool {
    match &node.kind {
        Kind::Scalar(scalar) => matches!(scalar.style, Style::Literal | Style::Folded) && scalar.text.trim().is_empty(),
        Kind::List(_) | Kind::Mapping { .. } => false,
    }
}

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let told: Vec<_> = checker
        .lost
        .iter()
        .map(|LostText { path, keys, spot }| {
            let (text, lines) = (path.join("."), keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>());
            let (have, their) = if keys.len() == 1 { ("has", "its") } else { ("have", "their") };
            let message = format!(
                "`{text}` is an empty text: {}, which {have} lost {their} indentation, belongs into it",
                lines.join(", ")
            );
            (*spot, message, format!("indent the lines below `{text}` by two blanks more than the key"))
        })
        .collect();
    for (spot, message, hint) in told {
        let place = checker.tree.place(spot);
        checker.add(codes::MISPLACED_KEY, place, message).hint = Some(hint);
    }
}

/// The values with something in each text that has lost its lines.
pub(super) fn with_lost(checker: &Checker<'_, '_>) -> Map<String, Value> {
    let mut values = checker.values.clone();
    for LostText { path, .. } in &checker.lost {
        let Some((last, above)) = path.split_last() else { continue };
        let mapping = above.iter().try_fold(&mut values, |values, name| values.get_mut(name)?.as_object_mut());
        if let Some(mapping) = mapping {
            mapping.insert(last.clone(), Value::from("its lines"));
        }
    }
    values
}
