//! Keys that the chart does not read, and values of another type than it reads: what the catalogue of its versions knows.

use serde_json::Value;

use super::flags::ALIAS;
use super::lost_text;
use super::tree::{Kind, Node};
use super::{Checker, Wanted};
use crate::chart::catalog::{KeyProblem, KeyProblemKind, Kind as Known};
use crate::chart::part::{Component, Part};
use crate::chart::refused::is_given;
use crate::chart::renames::Replaced;
use crate::chart::types::Wanted as Type;
use crate::chart::version::{Span, Version};
use crate::findings::codes;
use crate::findings::finding::{Code, Severity};

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let lost = lost_text::lines(&checker.lost);
    for problem in chart.catalog.problems(chart.version, &checker.values) {
        let is_told = checker.explained.contains(&problem.path.join("."))
            || (1..=problem.path.len()).any(|length| lost.contains(&problem.path[..length]));
        if !is_told && !is_meant(checker, &problem) {
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
    // An umbrella chart hands `global` to all of its charts; what is nearly a key of this one is meant for it.
    let is_near = matches!(problem.kind, KeyProblemKind::Unknown(Some(_)));
    let is_shared = top == "global" && !below.is_empty() && !is_near;
    let is_alias = top == "querier" && below.is_empty() && ALIAS.holds(checker.subject.chart.version);
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
    let path = problem.path.join(".");
    let Some(told) = words(checker, problem, &path) else { return };
    // Of a key that is missing, the nearest above it.
    let names = |length: usize| problem.path[..length].iter().map(String::as_str);
    let spot = (1..=problem.path.len()).rev().find_map(|length| checker.tree.find(checker.root, names(length)));
    let Some((spot, _)) = spot else { return };
    let place = checker.tree.place(spot);
    let finding = checker.add(told.code, place, told.message);
    finding.hint = Some(told.hint);
    finding.severity = told.severity.unwrap_or(finding.severity);
}

/// A problem in words.
struct Told {
    code: Code,
    message: String,
    hint: String,
    /// How bad it is; `None` for as bad as its kind is.
    severity: Option<Severity>,
}

impl Told {
    fn new(code: Code, message: String, hint: impl Into<String>) -> Self {
        Self { code, message, hint: hint.into(), severity: None }
    }

    /// It works, in this version.
    fn works(mut self) -> Self {
        self.severity = Some(Severity::Warning);
        self
    }
}

/// What to say of a problem; `None` where nothing is lost.
fn words(checker: &Checker<'_, '_>, problem: &KeyProblem, path: &str) -> Option<Told> {
    let chart = checker.subject.chart;
    let what = format!("{} {}", chart.dialect.chart, chart.version);
    let unknown = || format!("`{path}` is no key of {what}");
    let is_read = || chart.catalog.kind(chart.version, path).is_some();
    Some(match &problem.kind {
        KeyProblemKind::Unknown(Some(known)) => {
            Told::new(codes::UNKNOWN_KEY, unknown(), format!("did you mean `{known}`?"))
        }
        KeyProblemKind::Unknown(None) => match below_another(checker, &problem.path) {
            Some(key) => misplaced(unknown(), &[key]),
            None => {
                let hint = "delete it; if another version of the chart reads it, name that: --chart-version VERSION";
                Told::new(codes::UNKNOWN_KEY, unknown(), hint)
            }
        },
        KeyProblemKind::Misplaced(keys) => match under_the_empty_one(checker, &problem.path) {
            Some(own) => misplaced(unknown(), &[own]),
            None => misplaced(unknown(), keys),
        },
        KeyProblemKind::OtherVersions(spans) => {
            let spans: Vec<String> = spans.iter().map(Span::to_string).collect();
            let hint = format!("the chart knows it in {}: leave it out, or take one of these", spans.join(", "));
            Told::new(codes::KEY_OF_ANOTHER_VERSION, unknown(), hint)
        }
        // An old name that is read as well.
        KeyProblemKind::RenamedTo(new, since) if is_read() => {
            if !is_given(&checker.values, path) {
                return None;
            }
            let message = format!("`{path}` is the old name of `{new}`, since {since}");
            Told::new(codes::RENAMED_KEY, message, format!("rename it to `{new}`")).works()
        }
        KeyProblemKind::RenamedTo(new, since) => {
            let message = format!("`{path}` is called `{new}` since {since}, and what stands here is ignored");
            Told::new(codes::RENAMED_KEY, message, format!("rename it to `{new}`"))
        }
        KeyProblemKind::RenamedFrom(old, since) => {
            let message = format!("`{path}` came with {since}; {} ignores it", chart.version);
            Told::new(codes::RENAMED_KEY, message, format!("in this version of the chart it is `{old}`"))
        }
        KeyProblemKind::Replaced(Replaced { since, gone, instead }) => {
            if !is_given(&checker.values, path) {
                return None;
            }
            if chart.version < *gone {
                let before = chart.catalog.versions().iter().rev().find(|version| **version < *gone);
                let last = before.map_or_else(|| chart.version.to_string(), Version::to_string);
                let message = format!("`{path}` works until {last}; {gone} and later ignore it");
                Told::new(codes::RENAMED_KEY, message, format!("{gone} and later want {instead}")).works()
            } else {
                let message = format!("`{path}` is not read since {gone}");
                Told::new(codes::RENAMED_KEY, message, format!("write {instead}; it is there since {since}"))
            }
        }
        KeyProblemKind::Dead(instead) => {
            let message = format!("`{path}` stands in the values.yaml of {what}, but no template reads it");
            let hint = match instead {
                Some(other) => format!("set `{other}`, which is read"),
                None => "delete it: it has no effect".to_owned(),
            };
            Told::new(codes::DEAD_KEY, message, hint)
        }
        // That a section is null is told for every version alike.
        KeyProblemKind::WrongType(Type::Required) if is_null_section(checker, path) => return None,
        KeyProblemKind::WrongType(Type::Present) => {
            Told::new(codes::EMPTY_SECTION, format!("`{path}` {}", Type::Present), Type::Present.hint())
        }
        KeyProblemKind::WrongType(wanted) => {
            let code = if wanted.is_by_schema() { codes::AGAINST_SCHEMA } else { codes::WRONG_TYPE };
            Told::new(code, format!("`{path}` {wanted}"), wanted.hint())
        }
    })
}

/// Whether a key whose own keys are known is null.
fn is_null_section(checker: &Checker<'_, '_>, path: &str) -> bool {
    let chart = checker.subject.chart;
    chart.catalog.kind(chart.version, path) == Some(Known::Map) && checker.value(path) == Some(&Value::Null)
}

/// A key that the chart knows in other places.
fn misplaced(unknown: String, keys: &[String]) -> Told {
    let quoted = |keys: &[String]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    match keys {
        [] => {
            let message = format!("{unknown}: it belongs below a component");
            Told::new(codes::MISPLACED_KEY, message, "put it below the component that it is for")
        }
        [key] => {
            let hint = format!("put it below `{}`: has the block another indentation than it should?", above(key));
            Told::new(codes::MISPLACED_KEY, format!("{unknown}, and `{key}` is one"), hint)
        }
        several => {
            let above: Vec<String> = several.iter().map(|key| above(key).to_owned()).collect();
            let message = format!("{unknown}, and {} are some", quoted(several));
            Told::new(codes::MISPLACED_KEY, message, format!("put it below one of {}", quoted(&above)))
        }
    }
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
    let at = entries.first_position(name)?;
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
    match chart.catalog.is_text(chart.version, path) {
        Some(true) => return Wanted::Text,
        Some(false) => return Wanted::Other,
        None => {}
    }
    match chart.catalog.kind(chart.version, &path.join(".")) {
        Some(Known::Bool) => Wanted::Bool,
        Some(Known::Text) => Wanted::Text,
        Some(Known::Any | Known::List | Known::Map | Known::Free | Known::Dead(_)) => Wanted::Other,
        None if is_text_in_a_list(checker, path) => Wanted::Text,
        None => Wanted::Other,
    }
}

/// Whether it is an item of a list of texts: stores, labels, flags, URLs.
fn is_text_in_a_list(checker: &Checker<'_, '_>, path: &[String]) -> bool {
    let chart = checker.subject.chart;
    let Some((_, list)) = path.split_last() else { return false };
    let list = list.join(".");
    let flags = Component::ASKED.into_iter().map(Part::Flags);
    let parts = [Part::Stores, Part::ReplicaLabels, Part::Alertmanagers].into_iter().chain(flags);
    parts.into_iter().any(|part| chart.path(part).is_some_and(|path| path == list))
}
