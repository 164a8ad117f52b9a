//! Keys that the chart does not read, and values of another type than it reads: what the catalogue of its versions knows.

use super::flags::ALIAS;
use super::tree::{Kind, Node};
use super::{Checker, Wanted};
use crate::chart::catalog::{KeyProblem, KeyProblemKind, Kind as Known};
use crate::chart::refused::is_given;
use crate::chart::version::Span;
use crate::model::codes;
use crate::model::finding::{Code, Severity};

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    for problem in chart.catalog.problems(chart.version, &checker.values) {
        if !is_meant(checker, &problem) {
            told(checker, &problem);
        }
    }
    let root = checker.root;
    empty_sections(checker, root, &mut Vec::new());
}

/// Whether somebody may well mean what the chart does not read.
fn is_meant(checker: &Checker<'_, '_>, problem: &KeyProblem) -> bool {
    let [top, below @ ..] = problem.path.as_slice() else { return false };
    let is_unknown = matches!(problem.kind, KeyProblemKind::Unknown(_) | KeyProblemKind::Misplaced(_));
    // What aliases refer to has to stand somewhere.
    let is_anchor = below.is_empty()
        && checker.tree.entry(checker.root, top).is_some_and(|entry| {
            let node = checker.tree.node(entry.node);
            top.starts_with("x-") || top.starts_with(['.', '_']) || node.is_anchored || holds_anchors(checker, node)
        });
    // An umbrella chart hands `global` to all of its charts.
    let is_shared = top == "global" && !below.is_empty();
    let is_alias = top == "querier" && ALIAS.holds(checker.subject.chart.version);
    // SOPS keeps there what it decrypts the file with, and takes it out.
    let is_sops = top == "sops" && checker.value("sops.mac").is_some();
    is_unknown && (is_anchor || is_shared || is_condition(checker, top) || is_sops) || is_alias
}

/// Whether the chart above this one reads a key at the top of the values, as the condition of a dependency.
fn is_condition(checker: &Checker<'_, '_>, top: &str) -> bool {
    checker.above.conditions.iter().any(|condition| condition == top)
}

/// Whether all that stands below a node has anchors.
fn holds_anchors(checker: &Checker<'_, '_>, node: &Node) -> bool {
    match &node.kind {
        Kind::Mapping { entries, .. } => {
            !entries.is_empty() && entries.iter().all(|entry| checker.tree.node(entry.node).is_anchored)
        }
        Kind::List(items) => !items.is_empty() && items.iter().all(|item| checker.tree.node(*item).is_anchored),
        Kind::Scalar(_) => false,
    }
}

fn told(checker: &mut Checker<'_, '_>, problem: &KeyProblem) {
    let chart = checker.subject.chart;
    let names = problem.path.iter().map(String::as_str);
    let Some((spot, _)) = checker.tree.find(checker.root, names) else { return };
    let path = problem.path.join(".");
    let what = format!("{} {}", chart.dialect.chart, chart.version);
    let unknown = || format!("`{path}` is no key of {what}");
    let elsewhere = |key: &str| {
        let hint = format!("put it below `{}`: has the block another indentation than it should?", above(key));
        (codes::MISPLACED_KEY, format!("`{path}` is no key of {what}, and `{key}` is one"), hint)
    };
    let mut severity = None;
    let (code, message, hint): (Code, String, String) = match &problem.kind {
        KeyProblemKind::Unknown(Some(known)) => (codes::UNKNOWN_KEY, unknown(), format!("did you mean `{known}`?")),
        KeyProblemKind::Unknown(None) => match below_another(checker, &problem.path) {
            Some(key) => elsewhere(&key),
            None => {
                let hint = "delete it; if another version of the chart reads it, name that: --chart-version VERSION";
                (codes::UNKNOWN_KEY, unknown(), hint.to_owned())
            }
        },
        KeyProblemKind::Misplaced(key) => match under_the_empty_one(checker, &problem.path) {
            Some(own) => elsewhere(&own),
            None => elsewhere(key),
        },
        KeyProblemKind::OtherVersions(spans) => {
            let spans: Vec<String> = spans.iter().map(Span::to_string).collect();
            let hint = format!("the chart knows it in {}: leave it out, or take one of these", spans.join(", "));
            (codes::KEY_OF_ANOTHER_VERSION, unknown(), hint)
        }
        // An old name that is read as well.
        KeyProblemKind::RenamedTo(new, since) if chart.catalog.kind(chart.version, &path).is_some() => {
            if !is_given(&checker.values, &path) {
                return;
            }
            severity = Some(Severity::Warning);
            let message = format!("`{path}` is the old name of `{new}`, since {since}");
            (codes::RENAMED_KEY, message, format!("rename it to `{new}`"))
        }
        KeyProblemKind::RenamedTo(new, since) => {
            let message = format!("`{path}` is called `{new}` since {since}, and what stands here is ignored");
            (codes::RENAMED_KEY, message, format!("rename it to `{new}`"))
        }
        KeyProblemKind::RenamedFrom(old, since) => {
            let message = format!("`{path}` came with {since}; {} ignores it", chart.version);
            (codes::RENAMED_KEY, message, format!("in this version of the chart it is `{old}`"))
        }
        KeyProblemKind::Dead(instead) => {
            let message = format!("`{path}` stands in the values.yaml of {what}, but no template reads it");
            let hint = match instead {
                Some(other) => format!("set `{other}`, which is read"),
                None => "delete it: it has no effect".to_owned(),
            };
            (codes::DEAD_KEY, message, hint)
        }
        KeyProblemKind::WrongType(kind) => {
            let hint = match kind {
                Known::Bool => "Helm takes every other text for true",
                Known::List => "write - and a blank before each item",
                Known::Map | Known::Free => "write key: value, each on a line of its own below it",
                Known::Text | Known::Any | Known::Dead(_) => "write it on one line",
            };
            (codes::WRONG_TYPE, format!("`{path}` {}", kind.wanted()), hint.to_owned())
        }
    };
    let place = checker.tree.place(spot);
    let finding = checker.add(code, place, message);
    finding.hint = Some(hint);
    finding.severity = severity.unwrap_or(finding.severity);
}

/// The key above the last name of a path; the path itself when there is none.
fn above(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(above, _)| above)
}

/// The key that is meant where a block stands too deep: what is left of its path without the names above it.
fn below_another(checker: &Checker<'_, '_>, path: &[String]) -> Option<String> {
    let chart = checker.subject.chart;
    (1..path.len()).map(|from| path[from..].join(".")).find(|tail| chart.catalog.knows(chart.version, tail))
}

/// The key that is meant where a block has lost its indentation: the key of the top before it has nothing below it.
fn under_the_empty_one(checker: &Checker<'_, '_>, path: &[String]) -> Option<String> {
    let ([name], Kind::Mapping { entries, .. }) = (path, &checker.root.kind) else { return None };
    let at = entries.iter().position(|entry| entry.key == *name)?;
    let before = entries[..at].iter().rev();
    let is_empty = |node: &Node| matches!(&node.kind, Kind::Scalar(scalar) if scalar.value.is_null());
    let empty = before.clone().find(|entry| is_empty(checker.tree.node(entry.node)))?;
    let chart = checker.subject.chart;
    let key = format!("{}.{name}", empty.key);
    chart.catalog.knows(chart.version, &key).then_some(key)
}

/// Sections that are null: Helm takes the chart's own away, and its templates ask for what should be below.
fn empty_sections(checker: &mut Checker<'_, '_>, node: &Node, path: &mut Vec<String>) {
    let Kind::Mapping { entries, .. } = &node.kind else { return };
    let (tree, chart) = (checker.tree, checker.subject.chart);
    for entry in entries.iter().filter(|entry| !entry.is_merged && !entry.key.contains('.')) {
        path.push(entry.key.clone());
        let key = path.join(".");
        if chart.catalog.kind(chart.version, &key) == Some(Known::Map) {
            let below = tree.node(entry.node);
            if matches!(&below.kind, Kind::Scalar(scalar) if scalar.value.is_null()) {
                let message =
                    format!("nothing stands below `{key}`, and by that Helm takes the chart's own values away");
                checker.add(codes::EMPTY_SECTION, tree.place(entry.spot), message).hint =
                    Some("delete the key, or write {} behind it".to_owned());
            }
            empty_sections(checker, below, path);
        }
        path.pop();
    }
}

/// What the chart wants at `path`.
pub(super) fn wanted(checker: &Checker<'_, '_>, path: &[String]) -> Wanted {
    let chart = checker.subject.chart;
    if path.iter().any(|name| name.contains('.')) {
        return Wanted::Other;
    }
    match chart.catalog.kind(chart.version, &path.join(".")) {
        Some(Known::Bool) => Wanted::Bool,
        Some(Known::Text) => Wanted::Text,
        Some(Known::Any | Known::List | Known::Map | Known::Free | Known::Dead(_)) | None => Wanted::Other,
    }
}
