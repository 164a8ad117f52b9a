//! Which stores of a list stay, which have moved, which come and which go.
//!
//! Whatever people wrote stays with its address: a comment is ours, and may be changed by us, only when it says where
//! an address came from in our own form, and names a cluster or a Service that the new stores name too. A comment line
//! above an address is people's, unless it is such a one.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

use serde_json::Value;

use super::document::{Document, Kind, Node};
use super::list::{Plan, Slot, comment_behind};
use super::plan::check;
use super::splice::{line_end, line_end_before, line_start};
use crate::chart::stores::{origin, provenance};
use crate::document::DocumentError;
use crate::model::address::Address;
use crate::model::names::ClusterName;
use crate::model::plan::{Endpoint, Origin};
use crate::text::clean;
use crate::yaml;

/// A store that a values file should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// What is dialled; for a store that only stays it is as the file has it.
    pub address: String,
    /// What should stand beside it: where it came from, and why it was kept. `None` for whatever stands there.
    pub comment: Option<String>,
}

impl From<&Endpoint> for Store {
    fn from(endpoint: &Endpoint) -> Self {
        Self { address: endpoint.address.to_string(), comment: Some(provenance(endpoint)) }
    }
}

/// The line of a store in a list that begins with it.
pub(super) fn store_line(store: &Store, column: usize) -> String {
    let item = format!("{:column$}- {}", "", yaml::quoted(&store.address));
    match &store.comment {
        Some(comment) => format!("{item} # {}", clean(comment)),
        None => item,
    }
}

/// A store that the file has.
struct Old<'a> {
    text: &'a str,
    comment: Option<&'a str>,
    origin: Option<Origin>,
}

/// Plans the list `node`, whose items are those of `tree`.
pub(super) fn plan(
    document: &Document,
    node: &Node,
    tree: &Value,
    wanted: &[Store],
    path: &str,
) -> Result<Plan, DocumentError> {
    let (Kind::List { is_flow, items }, Value::Array(values)) = (&node.kind, tree) else { return Ok(Plan::default()) };
    let text = document.text.as_str();
    let mut old = Vec::with_capacity(items.len());
    for (item, value) in items.iter().zip(values) {
        check(document, &item.node, path)?;
        let Some(address) = value.as_str() else {
            let hint = "the address of a store is a text such as \"10.2.0.14:31420\": mend it, or take it out";
            return Err(document.error(item.node.range.start, format!("an item of `{path}` is no text"), hint));
        };
        let comment = comment_behind(text, item.node.range.end).map(|range| &text[range]);
        old.push(Old { text: address, comment, origin: comment.and_then(origin) });
    }
    let mut has_tail = false;
    if let (true, Some(last), Some(item)) = (*is_flow, old.last_mut(), items.last())
        && !text[item.node.range.end..node.range.end].contains('\n')
    {
        // What stands behind the bracket is about the list, unless it says where an address came from.
        has_tail = last.origin.is_some();
        last.comment = last.comment.filter(|_| has_tail);
    }
    let origins: Vec<Option<Origin>> = wanted.iter().map(|store| store.comment.as_deref().and_then(origin)).collect();
    let pairs = pairs(&old, wanted, &origins);
    let mut known: HashSet<&ClusterName> = origins.iter().flatten().map(|origin| &origin.cluster).collect();
    let mut slots = slots(&old, wanted, &origins, &pairs, &known);
    if has_tail && let Some(at) = slots.iter().position(|slot| slot.index() == Some(items.len() - 1)) {
        // What stands behind the bracket is about the item that is last, so that one stays last.
        slots[at..].rotate_left(1);
    }
    known.extend(old.iter().filter_map(|old| Some(&old.origin.as_ref()?.cluster)));
    let removed = items.iter().zip(&pairs).filter(|(_, pair)| pair.is_none() && !is_flow);
    let gone = removed.flat_map(|(item, _)| ours_above(text, item.dash, &known)).collect();
    Ok(Plan { slots, gone, has_tail })
}

/// For each old store the wanted one that it is, or has become.
fn pairs(old: &[Old<'_>], wanted: &[Store], origins: &[Option<Origin>]) -> Vec<Option<usize>> {
    let mut by_target: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (index, store) in wanted.iter().enumerate() {
        by_target.entry(target(&store.address)).or_default().push_back(index);
    }
    let mut pairs: Vec<Option<usize>> =
        old.iter().map(|old| by_target.get_mut(&target(old.text))?.pop_front()).collect();
    // A Service that has another address now: in place of its old one.
    let mut moved: HashMap<&Origin, VecDeque<usize>> = HashMap::new();
    let mut rest: Vec<usize> = by_target.into_values().flatten().collect();
    rest.sort_unstable();
    for index in rest {
        if let Some(origin) = &origins[index] {
            moved.entry(origin).or_default().push_back(index);
        }
    }
    for (pair, old) in pairs.iter_mut().zip(old).filter(|(pair, _)| pair.is_none()) {
        *pair = old.origin.as_ref().and_then(|origin| moved.get_mut(origin)?.pop_front());
    }
    pairs
}

/// What two addresses share that lead to the same place.
fn target(address: &str) -> String {
    address.parse::<Address>().map_or_else(|_| address.to_owned(), |address| address.target())
}

fn slots(
    old: &[Old<'_>],
    wanted: &[Store],
    origins: &[Option<Origin>],
    pairs: &[Option<usize>],
    known: &HashSet<&ClusterName>,
) -> Vec<Slot> {
    let mut stay = Vec::new();
    // Behind which that stays the new ones of a cluster belong.
    let mut last_of: HashMap<&ClusterName, usize> = HashMap::new();
    for (index, (old, pair)) in old.iter().zip(pairs).enumerate() {
        let Some(wanted_index) = *pair else { continue };
        let (store, origin) = (&wanted[wanted_index], &origins[wanted_index]);
        if let Some(origin) = origin.as_ref().or(old.origin.as_ref()) {
            last_of.insert(&origin.cluster, stay.len());
        }
        let is_new_text = target(old.text) != target(&store.address);
        let is_ours = match (&old.origin, origin) {
            (Some(old), Some(new)) => {
                old.cluster == new.cluster
                    || old.service.is_some() && old.service == new.service
                    || known.contains(&old.cluster)
            }
            _ => false,
        };
        let comment = store.comment.clone().filter(|comment| is_ours && old.comment != Some(clean(comment).as_str()));
        let text = if is_new_text { store.address.clone() } else { old.text.to_owned() };
        stay.push(Slot::Old { index, text, is_new_text, comment });
    }
    let is_paired: HashSet<usize> = pairs.iter().flatten().copied().collect();
    let mut behind: Vec<Vec<Slot>> = stay.iter().map(|_| Vec::new()).collect();
    let mut end = Vec::new();
    for (index, store) in wanted.iter().enumerate().filter(|(index, _)| !is_paired.contains(index)) {
        let place = origins[index].as_ref().and_then(|origin| last_of.get(&origin.cluster));
        let place = place.map_or(&mut end, |at| &mut behind[*at]);
        place.push(Slot::New { text: store.address.clone(), comment: store.comment.clone() });
    }
    let stay = stay.into_iter().zip(behind).flat_map(|(slot, behind)| std::iter::once(slot).chain(behind));
    stay.chain(end).collect()
}

/// The comment lines directly above an item that say where it came from.
fn ours_above(text: &str, item: usize, known: &HashSet<&ClusterName>) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut below = item;
    while let Some(end) = line_end_before(text, below) {
        let start = line_start(text, end);
        let comment = text[start..end].trim().strip_prefix('#').map(str::trim);
        let is_ours = comment.and_then(origin).is_some_and(|origin| known.contains(&origin.cluster));
        let (true, Some(before)) = (is_ours, line_end_before(text, start)) else { break };
        lines.push(before..line_end(text, start));
        below = start;
    }
    lines
}
