//! What a single large cluster costs: as many nodes as Services, each with a node port, all in one inventory.
//!
//! ```console
//! $ cargo bench --bench large
//! ```
//!
//! Twice the cluster should cost twice as much, whatever the machine. CPU time of whole processes, as the kernel counts
//! it for children; the memory is the most that they had at any time.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const SIZES: [usize; 3] = [1250, 2500, 5000];

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!("| Services and nodes | inventory | CPU | peak memory |");
    println!("| ---: | ---: | ---: | ---: |");
    for size in SIZES {
        let text = inventory(size).to_string();
        fs::write(folder.path().join("fleet.json"), &text).expect("a temporary file");
        let (milliseconds, peak) = discover(folder.path());
        println!("| {size} | {:.1} MB | {milliseconds} ms | {:.0} MB |", megabytes(text.len()), megabytes(peak));
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The CPU time of one run, in milliseconds, and the most memory that it had, in bytes; 0 where the kernel tells neither.
fn discover(folder: &Path) -> (u64, usize) {
    let before = children();
    let mut child = Command::new(env!("CARGO_BIN_EXE_thanosctl"))
        .args(["discover", "-o", "name", "--inventory", "fleet.json"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("thanosctl starts");
    let (status, mut peak) = (format!("/proc/{}/status", child.id()), 0);
    while child.try_wait().expect("a child can be asked").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(mark.unwrap_or(0) * 1024);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(child.wait().expect("it ended").success());
    // The kernel tells in hundredths of a second (USER_HZ).
    ((children() - before) * 10, peak)
}

/// The CPU time of all children so far, in ticks.
fn children() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or_default();
    ticks(13) + ticks(14)
}

fn inventory(size: usize) -> Value {
    let services: Vec<Value> = (0..size)
        .map(|at| {
            json!({"namespace": format!("tenant-{}", at % 50), "name": format!("thanos-{at:04}"), "type": "NodePort",
                "labels": {"app.kubernetes.io/component": "thanos-sidecar"}, "selector": {"prometheus": format!("p{at}")},
                "ports": [{"name": "grpc", "port": 10901, "nodePort": 30000 + at % 2700}], "ipFamilies": ["IPv4"]})
        })
        .collect();
    let slices: Vec<Value> = (0..size)
        .map(|at| {
            json!({"namespace": format!("tenant-{}", at % 50), "name": format!("thanos-{at:04}-x"),
                "service": format!("thanos-{at:04}"), "ports": [{"name": "grpc", "port": 10901}],
                "endpoints": [{"address": ip(244, at), "pod": format!("pod-{at}"), "nodeName": format!("node-{at:04}")}]})
        })
        .collect();
    let nodes: Vec<Value> = (0..size)
        .map(|at| {
            json!({"name": format!("node-{at:04}"), "ready": true, "labels": {"kubernetes.io/os": "linux"},
                "addresses": [{"type": "InternalIP", "address": ip(0, at)}]})
        })
        .collect();
    let cluster = json!({"name": "eu", "context": "eu", "error": null, "services": services, "nodes": nodes,
        "endpointSlices": slices});
    json!({"kind": "Inventory", "version": 1, "clusters": [cluster]})
}

fn ip(net: usize, at: usize) -> String {
    format!("10.{net}.{}.{}", at / 250, at % 250 + 1)
}
