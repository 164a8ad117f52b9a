//! Where a key of the settings belongs that stands in a wrong place: elsewhere in the settings, or in the chart's values.

use serde_json::Value;

use super::schema;
use crate::chart::chart_version::Chart;
use crate::chart::part::Component;
use crate::document::{self, DocumentError};
use crate::languages::yaml::Places;
use crate::text::{clean, without_credentials};

/// Sections of which the chart's own `enabled` has no place in the settings: they are on when they are named.
const SECTIONS: [&str; 6] = ["queryFrontend", "bucketweb", "compactor", "storegateway", "ruler", "minio"];

/// At most so many places are named.
const NAMED: usize = 3;

/// `error` of reading the settings `text`, with what is known of the key that it is about.
pub(super) fn explained(mut error: DocumentError, text: &str, places: &Places) -> DocumentError {
    let Some(path) = places.at(error.place.line, error.place.column) else { return error };
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let document: Value = document::read("", text).unwrap_or_default();
    if let ["clusters", item] = path[..]
        && let Some(name) = item.parse::<usize>().ok().and_then(|at| document["clusters"].get(at)?.as_str())
    {
        error.message = "a cluster is a mapping, and this is a text".to_owned();
        error.hint = Some(format!("write `context: {}`", clean(&without_credentials(name))));
        return error;
    }
    if let Some(key) = path.last()
        && error.message == format!("unknown key `{key}`")
        && let Some(hint) = belongs(&path, &document, error.hint.as_deref().unwrap_or_default())
    {
        error.hint = Some(hint);
    }
    error
}

/// Where the unknown key at `path` belongs; `None` when nothing is known of it. `near` says what is known where it stands.
fn belongs(path: &[&str], document: &Value, near: &str) -> Option<String> {
    if let ["thanos", section, "enabled"] = path
        && SECTIONS.contains(section)
    {
        return Some(format!(
            "a section that is there is on: leave `enabled` out, or the whole section `{section}` to have it as the chart has it"
        ));
    }
    let written = match path {
        ["thanos", rest @ ..] => rest,
        whole => whole,
    };
    let value = || value(written, document, near);
    let section = || {
        let paths = sections(path);
        (!paths.is_empty()).then(|| format!("in the settings it belongs to {}", paths.join(" or ")))
    };
    // A whole section at the root was meant for the settings; a single key below a component for the chart.
    if path.len() == 1 { section().or_else(value) } else { value().or_else(section) }
}

/// What to do with a key of the chart's values that is written like this below `thanos`, by the chart's own names or by
/// those of the settings; `None` when the chart has none.
fn value(written: &[&str], document: &Value, near: &str) -> Option<String> {
    let text = |key: &str| document["thanos"][key].as_str();
    let name = text("chart").unwrap_or("bitnami/thanos");
    let chart = Chart::find_known(name, text("chartVersion")).or_else(|_| Chart::find_known(name, None)).ok()?;
    let own = written.join(".");
    let renamed = written.split_first().and_then(|(first, rest)| {
        let component = Component::ASKED.into_iter().find(|component| component.to_string() == *first)?;
        Some([&[chart.key(component)?], rest].concat().join("."))
    });
    let is_key = |path: &String| chart.catalog.knows(chart.version, path);
    let path = std::iter::once(own).chain(renamed).find(is_key)?;
    if !chart.writes(&path) {
        return Some(format!("it is a value of the chart: set `thanos.values.{path}`"));
    }
    Some(match chart.instead_of(&path) {
        Some(instead) => format!("thanosctl writes `{path}` of the chart itself: set {instead}"),
        None => format!("thanosctl writes `{path}` of the chart itself, from the settings: {near}"),
    })
}

/// The places of the settings that have a key of this name: those that share most with where it stands.
fn sections(path: &[&str]) -> Vec<String> {
    let mut known = Vec::new();
    let schema = schema();
    collect(&schema, &schema, &mut Vec::new(), &mut known);
    let shared = |other: &[String]| {
        let behind = path.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
        let before = path.iter().zip(other).take_while(|(one, other)| one == other).count();
        (behind, before)
    };
    let best = known.iter().map(|other| shared(other)).filter(|(behind, _)| *behind > 0).max();
    let mut found: Vec<&Vec<String>> = known.iter().filter(|other| Some(shared(other)) == best).collect();
    found.sort_by_key(|path| (path.len(), (*path).clone()));
    found.dedup();
    found.into_iter().take(NAMED).map(|path| format!("`{}`", path.join(".").replace(".[]", "[]"))).collect()
}

/// All keys below a schema, `[]` standing for the items of a list.
fn collect(root: &Value, schema: &Value, path: &mut Vec<String>, known: &mut Vec<Vec<String>>) {
    // Deeper than this are the fields of object stores, which depend on their type.
    if path.len() > 6 {
        return;
    }
    let referred = schema["$ref"].as_str().and_then(|name| root.pointer(name.trim_start_matches('#')));
    for alternative in referred.into_iter().chain(schema["anyOf"].as_array().into_iter().flatten()) {
        collect(root, alternative, path, known);
    }
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        path.push(name.clone());
        known.push(path.clone());
        collect(root, below, path, known);
        path.pop();
    }
    if schema["items"].is_object() {
        path.push("[]".to_owned());
        collect(root, &schema["items"], path, known);
        path.pop();
    }
}
