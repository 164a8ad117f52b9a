//! What it costs to check, to compare and to mend a large values file, beside what people use for such files today.
//!
//! ```console
//! $ cargo bench --bench values
//! ```
//!
//! A file of 5,000 lines with 300 stores, of which one has moved; the fleet is an inventory, so no network is in it. CPU
//! time of whole processes, start to end, as the kernel counts it for children.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const STORES: usize = 300;
const LINES: usize = 5000;
const RUNS: usize = 50;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("fleet.json"), fleet().to_string()).expect("a temporary file");
    fs::write(path("values.yaml"), values()).expect("a temporary file");
    let thanosctl = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thanosctl"));
        command.args(arguments).args(["--inventory", "fleet.json"]);
        command
    };
    println!(
        "a values file of {LINES} lines with {STORES} stores, one of which has moved; CPU time of one of {RUNS} runs"
    );
    println!();
    println!("| what | CPU |");
    println!("| --- | ---: |");
    let row = |what: &str, command: &dyn Fn() -> Command| match cpu(folder.path(), command) {
        Some(milliseconds) => println!("| {what} | {milliseconds:.1} ms |"),
        None => println!("| {what} | not on this machine |"),
    };
    row("thanosctl --version: the start alone", &|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thanosctl"));
        command.arg("--version");
        command
    });
    row("thanosctl diff", &|| thanosctl(&["diff", "values.yaml"]));
    row("thanosctl gen-values --update --check", &|| thanosctl(&["gen-values", "--update", "values.yaml", "--check"]));
    row("thanosctl validate", &|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thanosctl"));
        command.args(["validate", "values.yaml", "--chart-version", "17.3.1"]);
        command
    });
    row("yq . (reads and prints, and knows nothing)", &|| {
        let mut command = Command::new("yq");
        command.args([".", "values.yaml"]);
        command
    });
}

/// The CPU time of one run, in milliseconds; `None` when the program is not there.
fn cpu(folder: &Path, command: &dyn Fn() -> Command) -> Option<f64> {
    let before = children()?;
    for _ in 0..RUNS {
        let mut command = command();
        command.current_dir(folder).env("HOME", folder).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().ok()?;
    }
    #[expect(clippy::cast_precision_loss, reason = "so many ticks there are not")]
    // The kernel tells in hundredths of a second (USER_HZ).
    Some((children()? - before) as f64 * 10.0 / RUNS as f64)
}

/// The CPU time of all children so far, in ticks.
fn children() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?)
}

fn fleet() -> Value {
    let services: Vec<Value> = (0..STORES)
        .map(|at| {
            let moved = if at == STORES / 2 { 1 } else { 0 };
            json!({"namespace": "monitoring", "name": format!("thanos-{at:03}"), "type": "LoadBalancer",
                "labels": {"app.kubernetes.io/component": "thanos-sidecar"}, "selector": {"prometheus": format!("p{at}")},
                "ports": [{"name": "grpc", "port": 10901}], "loadBalancerIngress": [{"ip": ip(at + moved * 1000)}]})
        })
        .collect();
    let cluster =
        json!({"name": "eu", "context": "eu", "error": null, "services": services, "nodes": [], "endpointSlices": []});
    json!({"kind": "Inventory", "version": 1, "clusters": [cluster]})
}

fn ip(at: usize) -> String {
    format!("203.{}.{}.7", at / 250, at % 250)
}

fn values() -> String {
    let mut text = "query:\n  stores:\n".to_owned();
    for at in 0..STORES {
        let _ = writeln!(text, "    - \"{}:10901\" # eu monitoring/thanos-{at:03}", ip(at));
    }
    text.push_str("storegateway:\n  extraFlags:\n");
    for at in text.lines().count()..LINES {
        let _ = writeln!(text, "    - --flag-{at}=\"a value\" # why");
    }
    text
}
