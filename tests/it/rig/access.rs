//! What users see who may do little.

use super::clusters::shared;
use super::discover::{endpoint, fleet, service};
use crate::program::Room;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn who_may_only_list_services_sees_them_and_is_told_what_a_node_port_needs() {
    fleet("services-only");
    let room = Room::new();
    shared().kubeconfig(&room, &["eu-ci", "us-ci"]);
    let run =
        |arguments: &[&str]| room.run(&[arguments, &["-n", "services-only", "--kubeconfig", "kubeconfig"]].concat());

    // The load balancer's address stands in the Service itself; a node's does not.
    let found = run(&["discover", "--all-contexts", "-o", "json"]).exits(0).json();
    assert_eq!(endpoint(service(&found, "eu-ci", "prometheus-thanos")), ("203.0.113.7:10901", "LoadBalancer"));
    let hidden = service(&found, "us-ci", "prometheus-thanos");
    assert_eq!(hidden["endpoints"], serde_json::json!([]));
    assert!(hidden["problem"].as_str().is_some_and(|problem| problem.contains("nodes")), "{hidden:#}");

    run(&["gen-values", "--context", "eu-ci"]).exits(0);
    run(&["gen-values", "--all-contexts"])
        .exits(2)
        .tells(&["us-ci", "nodes", "kubectl auth can-i list nodes", "--context us-ci"])
        .prints_nothing();
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn who_may_do_nothing_is_told_which_right_is_missing_where() {
    let room = Room::new();
    shared().kubeconfig(&room, &["eu-nobody"]);
    for verb in ["discover", "gen-values"] {
        room.run(&[verb, "--kubeconfig", "kubeconfig"])
            .exits(2)
            .tells(&["eu-nobody", "services", "kubectl auth can-i list services"])
            .prints_nothing();
    }
}
