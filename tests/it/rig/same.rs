//! One API server under two contexts, and two under one name.

use serde_json::{Value, json};

use super::clusters::shared;
use super::discover::{endpoint, fleet, service};
use super::objects::sidecar;
use crate::program::Room;

/// The kubeconfig of the rig with these contexts, as a tree.
fn kubeconfig(room: &Room, contexts: &[&str]) -> Value {
    shared().kubeconfig(room, contexts);
    serde_json::from_str(&room.text("kubeconfig")).expect("the rig writes JSON")
}

/// A room in which `eu` and `eu-twin` are one cluster.
fn twins() -> Room {
    let room = Room::new();
    let mut config = kubeconfig(&room, &["eu", "us"]);
    let mut twin = config["contexts"][0].clone();
    twin["name"] = json!("eu-twin");
    config["contexts"].as_array_mut().expect("a list").push(twin);
    room.file("kubeconfig", &config.to_string());
    room
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn two_contexts_of_one_server_are_told_and_refused() {
    fleet("twins");
    let room = twins();
    let run = |arguments: &[&str]| room.run(&[arguments, &["-n", "twins", "--kubeconfig", "kubeconfig"]].concat());
    let found =
        run(&["discover", "--all-contexts", "-o", "json"]).exits(0).tells(&["`eu` and `eu-twin` are one cluster"]);
    let found = found.json();
    let uid = |at: usize| found["clusters"][at]["uid"].as_str().expect("the server tells who it is").to_owned();
    assert_eq!((uid(0) == uid(2), uid(0) == uid(1)), (true, false), "eu, us, eu-twin");
    assert_eq!(endpoint(service(&found, "eu-twin", "prometheus-thanos")), ("203.0.113.7:10901", "LoadBalancer"));
    room.file("values.yaml", "query: {stores: []}\n");
    for verb in [&["gen-values"][..], &["diff", "values.yaml"]] {
        run(&[verb, &["--all-contexts"]].concat())
            .exits(2)
            .tells(&["`eu` and `eu-twin` are one cluster", "--context '!eu-twin'"])
            .prints_nothing();
    }
    run(&["gen-values", "--all-contexts", "--context", "!eu-twin"]).exits(0);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_service_of_two_contexts_is_changed_and_undone_once() {
    let eu = shared().cluster("eu");
    shared().namespace("twice");
    eu.create(sidecar("twice", "prometheus-thanos", "ClusterIP", 10901));
    let room = twins();
    let patch = |arguments: &[&str]| {
        let chosen = ["--kubeconfig", "kubeconfig", "--context", "eu", "--context", "eu-twin", "--yes"];
        room.run(&[&["patch-nodeport"], arguments, &chosen].concat())
    };
    let before = eu.service("twice", "prometheus-thanos")["spec"].clone();
    for meant in [&["-n", "twice"][..], &["twice/prometheus-thanos"]] {
        let run = patch(meant).exits(0).tells(&["`eu-twin` and `eu` are one cluster; 1 Service of it is taken once"]);
        assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
        assert_eq!(eu.service("twice", "prometheus-thanos")["spec"]["type"], "NodePort");
        let run = patch(&[&["--undo"], meant].concat()).exits(0);
        assert!(!run.stderr.contains("somebody"), "{}", run.stderr);
        assert_eq!(eu.service("twice", "prometheus-thanos")["spec"], before);
    }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_cluster_that_another_file_hides_is_named() {
    fleet("hidden-file");
    let room = Room::new();
    for (file, cluster) in [("k1", "eu"), ("k2", "us")] {
        let mut config = kubeconfig(&room, &[cluster]);
        for name in ["eu", "us"] {
            let entries = config["clusters"].as_array_mut().expect("a list");
            entries.retain(|entry| entry["name"] == cluster || entry["name"] != name);
        }
        let text = config.to_string().replace(&format!("\"{cluster}\""), "\"default\"");
        room.file(file, &text);
    }
    let discover = |files: &str| {
        room.run_with(&["discover", "--all-contexts", "-n", "hidden-file", "-o", "json"], &[("KUBECONFIG", files)])
    };
    let run = discover("k1:k2").exits(0).tells(&["context `default` of `k2` is left out", "--kubeconfig k2"]);
    assert_eq!(run.json()["clusters"].as_array().map(Vec::len), Some(1));
    assert_eq!(endpoint(service(&run.json(), "default", "prometheus-thanos")).1, "LoadBalancer");
    let run = discover("k2").exits(0);
    assert_eq!(endpoint(service(&run.json(), "default", "prometheus-thanos")).1, "NodePort");
}
