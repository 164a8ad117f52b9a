//! Keys that the catalogue calls dead: whatever they are set to, Helm renders the same.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};
use thanosctl::chart::chart_version::Chart as Known;

use crate::asked::{Asked, NAMESPACE, VALUES};
use crate::chart::Chart;
use crate::rendered::tool;

/// What Helm renders otherwise when every dead key of the chart is set to something else, in one line; nothing when the
/// chart is right.
pub(crate) fn check(chart: &Chart, asked: &Asked, room: &Path) -> Vec<String> {
    let Ok(known) = Known::find_known(chart.owner.chart(), Some(&chart.version)) else { return Vec::new() };
    let dead = known.catalog.dead(known.version);
    if dead.is_empty() {
        return Vec::new();
    }
    let mut more = Map::new();
    if known.catalog.knows(known.version, "receive.enabled") {
        set(&mut more, "receive.enabled", json!(true));
    }
    let before = render(chart, asked, room, &more);
    dead.iter().for_each(|(path, own)| set(&mut more, path, other(own)));
    let after = render(chart, asked, room, &more);
    match (before, after) {
        (Ok(before), Ok(after)) => {
            let changed = before.lines().zip(after.lines()).find(|(before, after)| before != after);
            let told = |(before, after): (&str, &str)| format!("a dead key is read: `{before}` became `{after}`");
            changed.map(told).into_iter().collect()
        }
        (Ok(_), Err(why)) => vec![format!("a dead key is read: {why}")],
        // What is on besides does not fit these settings.
        (Err(_), _) => Vec::new(),
    }
}

/// Another value of the same kind.
fn other(own: &Value) -> Value {
    match own {
        Value::Bool(own) => json!(!own),
        Value::Number(_) => json!(77),
        Value::Null | Value::String(_) => json!("dead-or-alive"),
        Value::Array(_) => json!(["dead-or-alive"]),
        Value::Object(_) => json!({"dead-or-alive": "x"}),
    }
}

fn set(values: &mut Map<String, Value>, path: &str, value: Value) {
    let (mut at, names) = (values, path.split('.').collect::<Vec<_>>());
    let Some((last, above)) = names.split_last() else { return };
    for name in above {
        let below = at.entry((*name).to_owned()).or_insert_with(|| json!({}));
        let Value::Object(below) = below else { return };
        at = below;
    }
    at.insert((*last).to_owned(), value);
}

fn render(chart: &Chart, asked: &Asked, room: &Path, more: &Map<String, Value>) -> Result<String, String> {
    let file = room.join("more.yaml");
    std::fs::write(&file, Value::Object(more.clone()).to_string()).expect("the room is writable");
    let output = Command::new(tool("helm"))
        .args(["template", &asked.release])
        .arg(&chart.folder)
        .args(["--namespace", NAMESPACE, "--kube-version", chart.owner.kubernetes(), "--values"])
        .arg(room.join(VALUES))
        .arg("--values")
        .arg(&file)
        .env_clear()
        .env("HOME", room)
        .output()
        .map_err(|error| format!("helm does not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or_default().to_owned())
    }
}
