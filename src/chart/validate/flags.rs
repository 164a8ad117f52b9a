//! Keys whose form changed while their name stayed, and what becomes of flags and ports.

use serde_json::Value;

use super::Checker;
use super::tree::Kind;
use crate::chart::part::{Component, ImagePart, Part};
use crate::chart::refused::is_given;
use crate::chart::version::{Span, Version};
use crate::findings::codes;
use crate::thanos::thanos_version::ThanosVersion;

/// In these versions the template of bitnami/thanos takes the node port of HTTP for gRPC as well.
const SHARED_PORT: Span = Span::between(Version(7, 0, 0), Version(8, 1, 0));

/// In these versions what stands below `querier` wins over what stands below `query`.
pub(super) const ALIAS: Span = Span::between(Version(3, 1, 0), Version(12, 23, 2));

/// In these versions old names of ports are known to the templates, and never win.
const IGNORED_PORTS: Span = Span::between(Version(7, 0, 0), Version(12, 23, 2));
const TWO_SERVICES: Span = Span::from(Version(11, 0, 0));
const WITH_PORTS: [&str; 7] = ["query", "queryFrontend", "bucketweb", "compactor", "storegateway", "ruler", "receive"];

/// The first version of Thanos without `--store`.
const STORE_GONE: ThanosVersion = ThanosVersion::new(0, 38, 0);

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    for component in Component::ASKED {
        if let Some(path) = chart.path(Part::Flags(component)) {
            list_of_flags(checker, &path);
        } else if let Some(path) = chart.path(Part::FlagMap(component)) {
            map_of_flags(checker, &path);
        }
    }
    replica_label(checker);
    store_flag(checker);
    if chart.dialect.refuses_at_install.is_some() {
        shared_port(checker);
        ignored_ports(checker);
        alias(checker);
    }
}

fn list_of_flags(checker: &mut Checker<'_, '_>, path: &str) {
    let (tree, chart) = (checker.tree, checker.subject.chart);
    let Some(node) = checker.node(path) else { return };
    match &node.kind {
        Kind::Mapping { entries, .. } if !entries.is_empty() => {
            let place = checker.key(path);
            checker.explained.insert(path.to_owned());
            checker
                .add(codes::WRONG_TYPE, place, format!("`{path}` is a mapping, and this version wants a list of flags"))
                .hint = Some(format!("write {}: [\"--flag=value\"]", last(path)));
        }
        Kind::List(items) => {
            for item in items {
                let node = tree.node(*item);
                let (what, hint) = match &node.kind {
                    Kind::Scalar(scalar) if scalar.value.is_string() => continue,
                    Kind::Scalar(_) => ("none", "write - --flag=value, in quotes if need be"),
                    Kind::List(_) | Kind::Mapping { .. } => {
                        ("a mapping", "write - --flag=value, without a blank behind a colon")
                    }
                };
                // Where the chart has a schema, that says so.
                let item = [path.split('.').map(str::to_owned).collect(), vec!["0".to_owned()]].concat();
                if chart.catalog.is_text(chart.version, &item).is_none() {
                    let place = tree.place(node.spot);
                    checker
                        .add(codes::WRONG_TYPE, place, format!("a flag in `{path}` is a text, and this is {what}"))
                        .hint = Some(hint.to_owned());
                }
            }
        }
        Kind::Mapping { .. } | Kind::Scalar(_) => {}
    }
}

fn map_of_flags(checker: &mut Checker<'_, '_>, path: &str) {
    let Some(node) = checker.node(path) else { return };
    if matches!(&node.kind, Kind::List(items) if !items.is_empty()) {
        let place = checker.key(path);
        checker.explained.insert(path.to_owned());
        checker
            .add(codes::WRONG_TYPE, place, format!("`{path}` is a list, and this version wants a mapping of flags"))
            .hint = Some(format!("write {}: {{flag: value}}; lists came with 2.0.0", last(path)));
    }
}

fn replica_label(checker: &mut Checker<'_, '_>) {
    let Some(path) = checker.subject.chart.path(Part::OneReplicaLabel) else { return };
    if checker.value(&path).is_some_and(Value::is_array) {
        let place = checker.key(&path);
        checker.explained.insert(path.clone());
        checker
            .add(codes::WRONG_TYPE, place, format!("`{path}` is a list, and this version wants one label, as a text"))
            .hint = Some("write the first here, and the others as --query.replica-label in `extraFlags`".to_owned());
    }
}

fn store_flag(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let Some(path) = chart.path(Part::Image(ImagePart::Tag)) else { return };
    if !chart.dialect.store_flag.is_some_and(|span| span.holds(chart.version)) {
        return;
    }
    let tag = checker.value(&path).and_then(Value::as_str).filter(|tag| !tag.is_empty());
    let (version, path) = match (tag, chart.path(Part::Stores)) {
        (Some(tag), _) => (ThanosVersion::of_tag(tag), path),
        // The chart's own Thanos is as new.
        (None, Some(stores)) if is_given(&checker.values, &stores) => (chart.thanos_version(), stores),
        (None, _) => return,
    };
    if let Some(version) = version.filter(|version| *version >= STORE_GONE) {
        let place = checker.key(&path);
        let message =
            format!("this version of the chart passes stores as `--store`, which Thanos {version} no longer has");
        let later = chart.after(chart.dialect.store_flag).map(|later| format!("take chart {later} or later, or "));
        checker.add(codes::REMOVED_FLAG, place, message).hint =
            Some(format!("{}an image before 0.38", later.unwrap_or_default()));
    }
}

/// Both ports of the querier's Service get the node port of HTTP.
fn shared_port(checker: &mut Checker<'_, '_>) {
    if !SHARED_PORT.holds(checker.subject.chart.version) {
        return;
    }
    for (path, message) in [
        ("query.service.nodePorts.http", "this version of the chart gives this node port to the gRPC port as well"),
        (
            "query.service.nodePorts.grpc",
            "this version of the chart takes the node port of HTTP for gRPC, and not this one",
        ),
    ] {
        if is_given(&checker.values, path) {
            let place = checker.key(path);
            checker.add(codes::SHARED_NODE_PORT, place, message).hint = Some(
                "take 8.1.1 or later, or leave both node ports out: they are then chosen by the cluster".to_owned(),
            );
        }
    }
}

/// Ports under their old names: the templates ask for them, and take the new ones, which the chart has always set.
fn ignored_ports(checker: &mut Checker<'_, '_>) {
    let version = checker.subject.chart.version;
    if !IGNORED_PORTS.holds(version) {
        return;
    }
    for component in WITH_PORTS {
        for (port, name) in [("http", "port"), ("http", "nodePort"), ("grpc", "port"), ("grpc", "nodePort")] {
            let old = format!("{component}.service.{port}.{name}");
            if !is_given(&checker.values, &old) {
                continue;
            }
            let service = if component == "query" && port == "grpc" && TWO_SERVICES.holds(version) {
                "serviceGrpc"
            } else {
                "service"
            };
            let new = format!("{component}.{service}.{name}s.{port}");
            let place = checker.key(&old);
            checker.explained.insert(old.clone());
            let message = format!("`{old}` is called `{new}` since 7.0.0, and what stands here is ignored");
            checker.add(codes::RENAMED_KEY, place, message).hint = Some(format!("rename it to `{new}`"));
        }
    }
}

/// Keys of `querier` where the chart is at `query` already.
fn alias(checker: &mut Checker<'_, '_>) {
    if !ALIAS.holds(checker.subject.chart.version) {
        return;
    }
    let Some(Value::Object(entries)) = checker.value("querier") else { return };
    if entries.is_empty() {
        return;
    }
    let place = checker.key("querier");
    checker.add(codes::SHADOWING_KEY, place, "`querier` is the old name of `query`, and wins over it").hint =
        Some("move what stands below it to `query`".to_owned());
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
