//! What the API server refuses of what the chart hands on: numbers where texts belong, node ports.

use serde_json::Value;

use super::tree::{Kind, Node};
use super::{Checker, Place};
use crate::chart::part::Part;
use crate::findings::codes;
use crate::findings::finding::Severity;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let mut ports = Vec::new();
    walk(checker, checker.root, &mut Vec::new(), &mut ports);
}

/// What each fixed node port was given to first.
type Ports = Vec<(u64, String, Place)>;

fn walk(checker: &mut Checker<'_, '_>, node: &Node, path: &mut Vec<String>, ports: &mut Ports) {
    let tree = checker.tree;
    // Documents of Thanos have labels and annotations of their own.
    let parts = [Part::Rules, Part::AlertmanagersConfig, Part::ObjstoreText];
    if parts.iter().any(|part| checker.subject.chart.path(*part).is_some_and(|own| own == path.join("."))) {
        return;
    }
    match &node.kind {
        Kind::Scalar(_) => {
            if is_node_port(path) {
                node_port(checker, node, path, ports);
            }
        }
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                walk(checker, tree.node(*item), path, ports);
                path.pop();
            }
        }
        Kind::Mapping { entries, .. } => {
            let holds_texts = path.last().is_some_and(|name| is_text_map(name));
            let is_variable = path.iter().rev().nth(1).is_some_and(|name| is_environment(name));
            for entry in entries {
                let value = tree.node(entry.node);
                if holds_texts || (is_variable && entry.key == "value") {
                    a_text(checker, value, if holds_texts { &entry.key } else { "value" });
                }
                path.push(entry.key.clone());
                walk(checker, value, path, ports);
                path.pop();
            }
        }
    }
}

/// Whether a mapping of this name holds texts in Kubernetes.
fn is_text_map(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["annotations", "labels", "nodeselector", "matchlabels"].iter().any(|known| name.ends_with(known))
}

/// Whether a list of this name holds environment variables.
fn is_environment(name: &str) -> bool {
    matches!(name, "extraEnv" | "extraEnvVars" | "env" | "additionalEnv")
}

fn a_text(checker: &mut Checker<'_, '_>, node: &Node, key: &str) {
    let Kind::Scalar(scalar) = &node.kind else { return };
    let what = match scalar.value {
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        _ => return,
    };
    let place = checker.tree.place(node.spot);
    checker.add(codes::NOT_A_TEXT, place, format!("`{key}` is {what}, and Kubernetes takes a text alone")).hint =
        Some("put the value in quotes".to_owned());
}

/// Whether a value at this path is a node port: `nodePort`, `nodePorts.http`, `grpcNodePort`.
fn is_node_port(path: &[String]) -> bool {
    let last = path.last().map(String::as_str).unwrap_or_default();
    let above = path.iter().rev().nth(1).map(String::as_str).unwrap_or_default();
    last == "nodePort" || last.ends_with("NodePort") || above == "nodePorts"
}

/// Whether a Service with this port is made: its component is not off, and its type has node ports.
fn is_used(checker: &Checker<'_, '_>, path: &[String]) -> bool {
    is_component_on(checker, path) && !is_internal(checker, path)
}

/// Whether the component at the top of a path is not off.
fn is_component_on(checker: &Checker<'_, '_>, path: &[String]) -> bool {
    path.first().is_none_or(|top| checker.value(&format!("{top}.enabled")) != Some(&Value::Bool(false)))
}

/// Whether the Service that a path belongs to is said to have no node ports.
fn is_internal(checker: &Checker<'_, '_>, path: &[String]) -> bool {
    (1..path.len()).any(|depth| {
        let kind = format!("{}.type", path[..depth].join("."));
        checker.value(&kind).and_then(Value::as_str) == Some("ClusterIP")
    })
}

fn node_port(checker: &mut Checker<'_, '_>, node: &Node, path: &[String], ports: &mut Ports) {
    let Kind::Scalar(scalar) = &node.kind else { return };
    let place = checker.tree.place(node.spot);
    let key = path.join(".");
    let number = match &scalar.value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) if text.is_empty() || text.contains("{{") => return,
        Value::String(text) => text.parse().ok(),
        Value::Null => return,
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let hint = "choose a port from 30000 to 32767";
    match number {
        // So old charts write that there is none.
        Some(0) => {}
        Some(30000..=32767) if !is_used(checker, path) => {
            if is_internal(checker, path) && is_component_on(checker, path) {
                let message = format!("`{key}` is ignored: a Service of type ClusterIP has no node port");
                checker.add(codes::WITHOUT_EFFECT, place, message).hint =
                    Some("set `type: NodePort` beside it, or delete it".to_owned());
            }
        }
        Some(number @ 30000..=32767) => match ports.iter().find(|(known, ..)| *known == number) {
            Some((_, other, first)) => {
                let message = format!("node port {number} is that of `{other}` already, in line {}", first.line);
                checker.add(codes::NODE_PORT_TWICE, place, message).hint =
                    Some("choose another port for one of them, or leave it out".to_owned());
            }
            None => ports.push((number, key, place)),
        },
        Some(number @ 1..=65535) => {
            let finding = checker.add(codes::BAD_NODE_PORT, place, format!("node port {number} is out of range"));
            finding.severity = Severity::Warning;
            finding.hint = Some(format!("{hint}, unless the API servers have another --service-node-port-range"));
        }
        _ => {
            checker.add(codes::BAD_NODE_PORT, place, format!("`{key}` is no port")).hint = Some(hint.to_owned());
        }
    }
}
