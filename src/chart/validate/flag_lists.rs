//! Flags of Thanos in `extraFlags` and `extraArgs`: whether the release that runs takes them.

use serde_json::Value;

use super::Checker;
use super::documents::thanos_version;
use super::flags::ALIAS;
use super::tree::{Kind, Node};
use crate::chart::part::{Component, Part};
use crate::chart::thanos_flags::{FLAGS, Fault, Known, Spelling, faults, program};
use crate::findings::codes;
use crate::findings::finding::{Code, MOST};
use crate::place::Place;
use crate::thanos::thanos_version::ThanosVersion;

/// Keys with flags for receivers, which no setting asks for.
const RECEIVERS: [&str; 7] = [
    "receive.extraFlags",
    "receiveDistributor.extraFlags",
    "receive.distributor.extraFlags",
    "receive.extraArgs",
    "receive.ingestor.extraArgs",
    "receive.ingester.extraArgs",
    "receive.router.extraArgs",
];

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let release = thanos_version(checker);
    for component in Component::ASKED {
        let Some(program) = program(component) else { continue };
        if let Some(path) = chart.path(Part::Flags(component)) {
            list(checker, &path, component, program, release);
        } else if let Some(path) = chart.path(Part::FlagMap(component)) {
            map(checker, &path, component, program, release);
        }
    }
    if ALIAS.holds(chart.version) && chart.dialect.refuses_at_install.is_some() {
        list(checker, "querier.extraFlags", Component::Query, "query", release);
    }
    for path in RECEIVERS {
        if chart.catalog.knows(chart.version, path) {
            list(checker, path, Component::Receive, "receive", release);
        }
    }
}

/// Flags as a list: one argument an item.
fn list(
    checker: &mut Checker<'_, '_>,
    path: &str,
    component: Component,
    program: &'static str,
    release: Option<ThanosVersion>,
) {
    let tree = checker.tree;
    let Some(Kind::List(items)) = checker.node(path).map(|node| &node.kind) else { return };
    let nodes: Vec<&Node> = items.iter().map(|item| tree.node(*item)).collect();
    let arguments: Vec<Option<String>> = nodes.iter().map(|node| argument(node)).collect();
    let places: Vec<Place> = nodes.iter().map(|node| tree.place(node.spot)).collect();
    judge(checker, &arguments, &places, component, program, release);
}

/// Flags as a mapping: what stands behind a name is its value, unless it is empty or false.
fn map(
    checker: &mut Checker<'_, '_>,
    path: &str,
    component: Component,
    program: &'static str,
    release: Option<ThanosVersion>,
) {
    let tree = checker.tree;
    let Some(Kind::Mapping { entries, .. }) = checker.node(path).map(|node| &node.kind) else { return };
    let argument = |name: &str, node: &Node| match &node.kind {
        Kind::Scalar(scalar) => Some(match &scalar.value {
            Value::Null | Value::Bool(false) => format!("--{name}"),
            Value::String(text) if text.is_empty() => format!("--{name}"),
            _ => format!("--{name}={}", scalar.text),
        }),
        Kind::List(_) | Kind::Mapping { .. } => None,
    };
    let arguments: Vec<_> = entries.iter().map(|entry| argument(&entry.key, tree.node(entry.node))).collect();
    let places: Vec<Place> = entries.iter().map(|entry| tree.place(entry.spot)).collect();
    judge(checker, &arguments, &places, component, program, release);
}

/// The argument at a node; `None` when nobody can know it here.
fn argument(node: &Node) -> Option<String> {
    let Kind::Scalar(scalar) = &node.kind else { return None };
    // Behind the name of a flag anything may stand.
    let head = scalar.text.split('=').next().unwrap_or_default();
    (scalar.value.is_string() && !["{{", "${", "$("].iter().any(|mark| head.contains(mark)))
        .then(|| scalar.text.clone())
}

fn judge(
    checker: &mut Checker<'_, '_>,
    arguments: &[Option<String>],
    places: &[Place],
    component: Component,
    program: &'static str,
    release: Option<ThanosVersion>,
) {
    let found = release.map_or_else(Vec::new, |release| faults(program, release, arguments));
    for (argument, place) in arguments.iter().zip(places) {
        let name = argument.as_deref().and_then(|text| text.strip_prefix("--")?.split(['=', ' ']).next());
        let Some(name) = name else { continue };
        // A flag that Thanos does not have is not given by the chart either.
        let is_known = release.is_none_or(|release| {
            !matches!(FLAGS.find(program, release, name), Some(Known::Never | Known::Gone(_) | Known::NotYet(_)))
        });
        if is_known && checker.subject.chart.gives(component, name) {
            let message = format!("the chart gives the flag --{name} by itself, and Thanos takes it once");
            checker.add(codes::FLAG_TWICE, place.clone(), message).hint =
                Some("leave it out, and set the chart's key for it".to_owned());
        }
    }
    for (count, (at, fault)) in found.into_iter().enumerate() {
        let Some(release) = release else { return };
        let spelling = if count < MOST { Spelling::Guessed } else { Spelling::Left };
        let (message, hint) = fault.told(program, release, spelling);
        checker.add(code(&fault), places[at].clone(), message).hint = Some(hint);
    }
}

fn code(fault: &Fault) -> Code {
    match fault {
        Fault::Unknown(_, Known::Gone(_) | Known::NotYet(_)) => codes::REMOVED_FLAG,
        Fault::Unknown(_, Known::Yes(_) | Known::Never) | Fault::OneDash(_) => codes::UNKNOWN_FLAG,
        Fault::NoValue(_) | Fault::NeedlessValue(_) | Fault::Blank(_) | Fault::Stray => codes::FLAG_VALUE,
        Fault::Twice(_) => codes::FLAG_TWICE,
    }
}
