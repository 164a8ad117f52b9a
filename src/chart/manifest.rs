//! Kubernetes objects that bring values with them: what they install, and which of several holds the values.

use serde_json::Value;

use super::dialect::Chart;
use crate::document;

/// The chart that a HelmRelease of Flux or an Application of Argo CD installs, and its version, where both are known;
/// `chart` where the file does not tell whose chart it is.
pub fn installed(text: &str, chart: &str) -> Option<(String, Option<String>)> {
    let tree: Value = document::read("", text).ok()?;
    let source = match tree["kind"].as_str()? {
        "HelmRelease" => &tree["spec"]["chart"]["spec"],
        "Application" => &tree["spec"]["source"],
        _ => return None,
    };
    let told = |key: &str| source[key].as_str();
    let version = told("version").or(told("targetRevision"))?;
    let repository = told("repoURL").unwrap_or_default();
    let charts = [
        ("stevehipwell", "stevehipwell/thanos"),
        ("thanos-community", "thanos-community/thanos"),
        ("bitnami", "bitnami/thanos"),
    ];
    let found = charts.iter().find(|(sign, _)| repository.contains(sign)).map_or(chart, |(_, chart)| chart);
    let is_known = told("chart") == Some("thanos") && Chart::find_known(found, Some(version)).is_ok();
    is_known.then(|| (found.to_owned(), Some(version.to_owned())))
}

/// Of several Kubernetes objects in one file, as Flux has them, the one that holds values, in its own lines: those of the
/// others are blank. And how many more hold values. A file of anything else is left as it is.
pub fn alone(text: &str) -> (String, usize) {
    const HOLDERS: [&str; 3] = ["HelmRelease", "Application", "ConfigMap"];
    let mut documents: Vec<String> = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            documents.push(String::new());
        }
        documents.last_mut().expect("there is always one").push_str(line);
    }
    let kind = |document: &String| {
        let tree: Value = document::read("", document.trim_start_matches("---")).ok()?;
        let is_empty = tree.as_object().is_some_and(serde_json::Map::is_empty);
        if is_empty { Some(String::new()) } else { tree["kind"].as_str().map(str::to_owned) }
    };
    let kinds: Option<Vec<String>> = documents.iter().map(kind).collect();
    let Some(kinds) = kinds.filter(|kinds| kinds.iter().filter(|kind| !kind.is_empty()).count() > 1) else {
        return (text.to_owned(), 0);
    };
    // A ConfigMap holds values only where nothing else does.
    let holder = HOLDERS.into_iter().find(|holder| kinds.iter().any(|kind| kind == holder));
    let Some(holder) = holder else { return (text.to_owned(), 0) };
    let first = kinds.iter().position(|kind| kind == holder).unwrap_or_default();
    let blank = |document: &String| "\n".repeat(document.matches('\n').count());
    let lines =
        documents.iter().enumerate().map(|(at, document)| if at == first { document.clone() } else { blank(document) });
    (lines.collect(), kinds.iter().filter(|kind| *kind == holder).count() - 1)
}
