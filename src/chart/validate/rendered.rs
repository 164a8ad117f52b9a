//! What Helm rendered from the values, against what they mean: stores, labels, the object store, rules, Services.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::documents::{Document, places};
use super::text::Inner;
use super::tree::Kind;
use super::{Checker, Place};
use crate::chart::at;
use crate::chart::part::{Component, Part, Port};
use crate::document;
use crate::findings::codes;
use crate::secret::STARS;

pub(super) fn check(checker: &mut Checker<'_, '_>, manifest: &str) {
    let objects: Vec<Value> = documents(manifest).collect();
    let flags = flags(&objects);
    stores(checker, &flags);
    replica_labels(checker, &flags);
    texts(checker, &objects);
    services(checker, &objects);
}

/// The objects in a stream of documents.
fn documents(manifest: &str) -> impl Iterator<Item = Value> {
    let mut texts = vec![String::new()];
    for line in manifest.lines() {
        if line == "---" || line.starts_with("--- ") {
            texts.push(String::new());
        } else {
            let text = texts.last_mut().expect("there is always one");
            text.push_str(line);
            text.push('\n');
        }
    }
    texts
        .into_iter()
        .filter_map(|text| document::read::<Value>("", &text).ok())
        .filter(|object| object.get("kind").is_some())
}

/// What an object says it is a part of.
fn component(object: &Value) -> &str {
    object.pointer("/metadata/labels/app.kubernetes.io~1component").and_then(Value::as_str).unwrap_or_default()
}

fn is_of_the_querier(object: &Value) -> bool {
    matches!(component(object), "query" | "querier" | "query-layer")
}

/// The arguments of the querier; `None` when it was not rendered.
fn flags(objects: &[Value]) -> Option<Vec<String>> {
    let is_workload = |object: &&Value| matches!(object["kind"].as_str(), Some("Deployment" | "StatefulSet"));
    let querier = objects.iter().filter(is_workload).find(|object| is_of_the_querier(object))?;
    let containers = querier.pointer("/spec/template/spec/containers").and_then(Value::as_array)?;
    let of = |container: &Value| {
        let list = |key: &str| container.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        list("command").into_iter().chain(list("args")).collect::<Vec<_>>()
    };
    let all = containers.iter().flat_map(of).filter_map(|flag| flag.as_str().map(str::to_owned));
    Some(all.collect())
}

/// The items of a list of texts, each with its place; an item is what stands there when it is one text.
fn items(checker: &Checker<'_, '_>, path: &str) -> Vec<(String, Place)> {
    let tree = checker.tree;
    let Some(node) = checker.node(path) else { return Vec::new() };
    let items = match &node.kind {
        Kind::List(items) => items.iter().map(|item| tree.node(*item)).collect(),
        Kind::Scalar(_) | Kind::Mapping { .. } => vec![node],
    };
    let text = |node: &super::Node| match &node.kind {
        Kind::Scalar(scalar) if scalar.value.is_string() && !scalar.text.is_empty() && !scalar.text.contains("{{") => {
            Some((scalar.text.clone(), tree.place(node.spot)))
        }
        Kind::Scalar(_) | Kind::List(_) | Kind::Mapping { .. } => None,
    };
    items.into_iter().filter_map(text).collect()
}

fn stores(checker: &mut Checker<'_, '_>, flags: &Option<Vec<String>>) {
    let Some(path) = checker.subject.chart.path(Part::Stores) else { return };
    for (store, place) in items(checker, &path) {
        let ends = format!("={store}");
        let is_store =
            |flag: &String| (flag.starts_with("--store") || flag.starts_with("--endpoint")) && flag.ends_with(&ends);
        if !flags.iter().flatten().any(is_store) {
            checker.add(codes::STORE_NOT_RENDERED, place, "the rendered querier has no flag for this store").hint =
                Some(if flags.is_some() {
                    "`args` and `command` of the querier replace all flags of the chart".to_owned()
                } else {
                    "no querier was rendered: is it off?".to_owned()
                });
        }
    }
}

fn replica_labels(checker: &mut Checker<'_, '_>, flags: &Option<Vec<String>>) {
    let Some(flags) = flags else { return };
    let chart = checker.subject.chart;
    let Some(path) = chart.path(Part::ReplicaLabels).or_else(|| chart.path(Part::OneReplicaLabel)) else { return };
    for (label, place) in items(checker, &path) {
        let wanted = format!("--query.replica-label={label}");
        if !flags.contains(&wanted) {
            checker
                .add(codes::REPLICA_LABEL_NOT_RENDERED, place, format!("the rendered querier has no `{wanted}`"))
                .hint = Some("up to 2.4.0 the chart takes one label, as a text".to_owned());
        }
    }
}

/// The object store and the rules, as they come out.
fn texts(checker: &mut Checker<'_, '_>, objects: &[Value]) {
    for (document, path, is_templated) in places(&checker.subject) {
        let (code, kind, what) = match document {
            Document::Objstore => (codes::OBJSTORE_NOT_RENDERED, "Secret", "object store"),
            Document::Rules if checker.runs(Component::Ruler) => (codes::RULES_NOT_RENDERED, "ConfigMap", "rules"),
            Document::Rules
            | Document::Alertmanagers
            | Document::IndexCache
            | Document::CachingBucket
            | Document::ResponseCache => continue,
        };
        let Some(node) = checker.node(&path) else { continue };
        let is_text = matches!(&node.kind, Kind::Scalar(scalar) if scalar.value.is_string() && !scalar.text.is_empty());
        let is_mapping = matches!(&node.kind, Kind::Mapping { entries, .. } if !entries.is_empty());
        let Some(inner) = Inner::of(checker.tree, node, is_templated).filter(|inner| inner.is_whole()) else {
            continue;
        };
        if !is_text && !is_mapping {
            continue;
        }
        // A Secret of somebody else takes its place.
        let is_replaced = document == Document::Objstore && chart_value(checker, Part::ObjstoreSecret).is_some();
        if is_replaced {
            continue;
        }
        let parsed = document::read::<Value>("", &inner.text).ok();
        let is_it = |text: &String| {
            text.trim_end() == inner.text.trim_end()
                || (parsed.is_some() && document::read::<Value>("", text).ok() == parsed)
        };
        if !held(objects, kind).iter().any(is_it) {
            let place = checker.key(&path);
            checker
                .add(code, place, format!("no {kind} that was rendered holds the {what} of `{path}` as it stands here"))
                .hint = Some("is its component on? A `{{` in it is escaped as {{ `{{` }}".to_owned());
        }
    }
}

/// The text that the values give a part.
fn chart_value(checker: &Checker<'_, '_>, part: Part) -> Option<String> {
    let path = checker.subject.chart.path(part)?;
    at(&checker.values, &path)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// All texts in objects of a kind.
fn held(objects: &[Value], kind: &str) -> Vec<String> {
    let decoded = |text: &str| STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mut held = Vec::new();
    for object in objects.iter().filter(|object| object["kind"] == kind) {
        for (key, is_encoded) in [("data", kind == "Secret"), ("stringData", false)] {
            let entries = object.get(key).and_then(Value::as_object).into_iter().flatten();
            let texts = entries.filter_map(|(_, value)| value.as_str());
            held.extend(texts.filter_map(|text| if is_encoded { decoded(text) } else { Some(text.to_owned()) }));
        }
    }
    held
}

fn services(checker: &mut Checker<'_, '_>, objects: &[Value]) {
    let chart = checker.subject.chart;
    for port in [Port::Http, Port::Grpc] {
        let name = match port {
            Port::Http => "http",
            Port::Grpc => "grpc",
        };
        let own: Vec<(&Value, &Value)> = objects
            .iter()
            .filter(|object| object["kind"] == "Service" && is_of_the_querier(object))
            .filter(|object| object.pointer("/spec/clusterIP").and_then(Value::as_str) != Some("None"))
            .filter_map(|service| {
                let ports = service.pointer("/spec/ports").and_then(Value::as_array)?;
                Some((
                    service,
                    ports.iter().find(|port| port["name"].as_str().is_some_and(|own| own.starts_with(name)))?,
                ))
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        if let (Some(path), Some(wanted)) =
            (chart.path(Part::ServiceType(port)), chart_value(checker, Part::ServiceType(port)))
            && !own.iter().any(|(service, _)| service.pointer("/spec/type").and_then(Value::as_str) == Some(&wanted))
        {
            let place = checker.key(&path);
            let message = format!("the rendered Service of the querier's {name} port is not of the type of `{path}`");
            checker.add(codes::SERVICE_NOT_RENDERED, place, message).hint =
                Some("look at the other findings".to_owned());
        }
        let Some(path) = chart.path(Part::NodePort(port)) else { continue };
        let wanted = match at(&checker.values, &path) {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        // A ClusterIP Service has none.
        let is_exposed =
            own.iter().any(|(service, _)| service.pointer("/spec/type").and_then(Value::as_str) != Some("ClusterIP"));
        if let Some(wanted) = wanted.filter(|_| is_exposed)
            && !own.iter().any(|(_, port)| port["nodePort"].as_u64() == Some(wanted))
        {
            let place = checker.key(&path);
            let message =
                format!("the rendered Service of the querier's {name} port has not the node port of `{path}`");
            checker.add(codes::SERVICE_NOT_RENDERED, place, message).hint =
                Some("look at the other findings".to_owned());
        }
    }
}

/// So much of a reason is told.
const LONGEST: usize = 1000;

/// What Helm says when it cannot render: the template, and the whole reason, with stars for `secrets`, which it may quote.
pub fn cleaned(told: &str, secrets: &[String]) -> String {
    let told = told.trim().strip_prefix("Error: ").unwrap_or(told.trim());
    let template =
        told.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '<' | '>' | ',')).find_map(|word| {
            let word = word.trim_end_matches(':');
            let is_safe = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':'));
            (word.contains("/templates/") && is_safe).then_some(word)
        });
    let reason = without_secrets(reason(told), secrets);
    let reason = without_long_texts(&reason.split_whitespace().collect::<Vec<_>>().join(" "));
    let reason = match reason.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason,
    };
    match template {
        Some(template) if !reason.contains(template) => format!("{template}: {reason}"),
        _ => reason,
    }
}

/// The reason itself, behind the templates that called each other.
fn reason(told: &str) -> &str {
    if let Some((_, rest)) = told.split_once("execution error at (") {
        return rest.split_once("): ").map_or(rest, |(_, reason)| reason).trim();
    }
    let mut reason = told.rsplit_once(">: ").map_or(told, |(_, reason)| reason);
    while let Some((_, rest)) = reason.strip_prefix("error calling ").and_then(|rest| rest.split_once(": ")) {
        reason = rest;
    }
    reason
}

/// `text` with stars for secrets, in the forms in which templates and their errors have them.
fn without_secrets(text: &str, secrets: &[String]) -> String {
    let mut forms: Vec<String> = Vec::new();
    for secret in secrets {
        let escaped = Value::from(secret.as_str()).to_string();
        forms.push(secret.clone());
        forms.push(escaped[1..escaped.len() - 1].to_owned());
        forms.push(STANDARD.encode(secret));
        forms.extend(secret.lines().map(|line| line.trim().to_owned()));
    }
    // A short one stands in many a word that has nothing to do with it.
    let is_telling = |form: &String| form.chars().count() >= 3;
    let (mut long, short): (Vec<String>, Vec<String>) =
        forms.into_iter().filter(|form| !form.is_empty()).partition(is_telling);
    long.sort_unstable_by_key(|form| std::cmp::Reverse(form.len()));
    let text = long.iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), STARS));
    let words = text.split_inclusive(|c: char| !c.is_alphanumeric());
    let word = |word: &str| {
        let own = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if short.iter().any(|form| form == own) { word.replacen(own, STARS, 1) } else { word.to_owned() }
    };
    words.map(word).collect()
}

/// `text` without what it quotes at length, such as a whole configuration.
fn without_long_texts(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, quoted)) = rest.split_once('"') {
        let mut is_escaped = false;
        let end = quoted.char_indices().find(|(_, c)| {
            let ends = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            ends
        });
        let Some((end, _)) = end else { break };
        out.push_str(before);
        let inner = &quoted[..end];
        out.push_str(&if inner.chars().count() > 60 { "\"…\"".to_owned() } else { format!("\"{inner}\"") });
        rest = &quoted[end + 1..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn what_helm_says_is_told_whole_and_without_secrets() {
        let secrets = ["hunter2".to_owned(), "p\"w\nhunter3".to_owned(), "ab".to_owned()];
        for (told, expected) in [
            (
                "Error: execution error at (thanos/templates/NOTES.txt:41:4): \nVALUES VALIDATION:\n\nthanos: objstore configuration\n    When enabling it you must provide\n    one\n",
                "thanos/templates/NOTES.txt:41:4: VALUES VALIDATION: thanos: objstore configuration When enabling it you must provide one",
            ),
            (
                "Error: template: thanos/templates/objstore-secret.yaml:14:5: executing \"x\" at <include>: error calling tpl: cannot parse template \"type: S3\\nconfig:\\n  bucket: thanos\\n  endpoint: minio:9000\\n  secret_key: hunter2{{\": template: gotpl:4: unclosed action",
                "thanos/templates/objstore-secret.yaml:14:5: cannot parse template \"…\": template: gotpl:4: unclosed action",
            ),
            (
                "Error: template: thanos/templates/a.yaml:1:2: executing \"a\" at <.Values.query.pdb.create>: nil pointer evaluating interface {}.create",
                "thanos/templates/a.yaml:1:2: nil pointer evaluating interface {}.create",
            ),
            (
                "Error: template: thanos/templates/storegateway/statefulset-sharded.yaml:54:44: executing \"x\" at <.Values.y>: can't evaluate field Values in type int",
                "thanos/templates/storegateway/statefulset-sharded.yaml:54:44: can't evaluate field Values in type int",
            ),
            (
                "Error: template: a/templates/a.yaml:1:2: executing \"a\" at <include \"b\" .>: error calling include: template: a/templates/_h.tpl:3:4: executing \"b\" at <fail \"x\">: error calling fail: no hunter2, hunter3 or ab, but abc aHVudGVyMg==",
                "a/templates/a.yaml:1:2: no ***, *** or ***, but abc ***",
            ),
            ("Error: failed: hunter2", "failed: ***"),
            (
                "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nthanos:\n- at '/query/replicaCount': got string, want integer\n",
                "values don't meet the specifications of the schema(s) in the following chart(s): thanos: - at '/query/replicaCount': got string, want integer",
            ),
            (
                "Error: execution error at (thanos/templates/s.yaml:84:15): 'query.grpc.server.tls.cert' is required when it is on",
                "thanos/templates/s.yaml:84:15: 'query.grpc.server.tls.cert' is required when it is on",
            ),
            (
                "Error: YAML parse error on thanos/templates/a.yaml: error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context",
                "YAML parse error on thanos/templates/a.yaml: error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context",
            ),
        ] {
            assert_eq!(cleaned(told, &secrets), expected);
        }
    }
}
