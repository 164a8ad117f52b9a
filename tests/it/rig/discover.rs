//! Discovery over two real clusters: every way in which a Service can be reached, or not.

use serde_json::{Value, json};

use super::clusters::{GONE, shared};
use super::objects::{balanced, bystander, headless_sidecar, sidecar, slice, thanos};
use crate::program::Room;

/// The Service `name` of the cluster `cluster` in an inventory document.
#[track_caller]
pub(super) fn service<'a>(inventory: &'a Value, cluster: &str, name: &str) -> &'a Value {
    cluster_of(inventory, cluster)["services"]
        .as_array()
        .and_then(|services| services.iter().find(|service| service["name"] == name))
        .unwrap_or_else(|| panic!("no Service {name} of {cluster} in {inventory:#}"))
}

/// The cluster called `name` in an inventory document.
#[track_caller]
pub(super) fn cluster_of<'a>(inventory: &'a Value, name: &str) -> &'a Value {
    let clusters = inventory["clusters"].as_array().expect("an inventory has clusters");
    clusters.iter().find(|cluster| cluster["name"] == name).unwrap_or_else(|| panic!("no {name} in {inventory:#}"))
}

/// The address that a querier should dial, and how it was found.
#[track_caller]
pub(super) fn endpoint(service: &Value) -> (&str, &str) {
    let best = &service["endpoints"][0];
    let text = |key: &str| best[key].as_str().unwrap_or_else(|| panic!("no endpoint in {service:#}"));
    (text("address"), text("source"))
}

/// One sidecar in each cluster that can be reached: behind a load balancer in `eu`, on a node port in `us`. Returns
/// their addresses.
pub(super) fn fleet(namespace: &str) -> [String; 2] {
    let clusters = shared();
    clusters.namespace(namespace);
    let eu = clusters.cluster("eu");
    eu.create(sidecar(namespace, "prometheus-thanos", "LoadBalancer", 10901));
    eu.create(slice(namespace, "prometheus-thanos", "eu-a", "10.244.1.7"));
    eu.service_status(namespace, "prometheus-thanos", &balanced("203.0.113.7"));
    let us = clusters.cluster("us");
    let stored = us.create(sidecar(namespace, "prometheus-thanos", "NodePort", 10901));
    us.create(slice(namespace, "prometheus-thanos", "us-a", "10.244.2.7"));
    ["203.0.113.7:10901".into(), format!("10.0.2.21:{}", stored["spec"]["ports"][0]["nodePort"])]
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn every_kind_of_service_is_found_with_its_address_or_the_reason_why_there_is_none() {
    let clusters = shared();
    clusters.namespace("kinds");
    let eu = clusters.cluster("eu");
    eu.create(sidecar("kinds", "balanced", "LoadBalancer", 10901));
    eu.service_status("kinds", "balanced", &balanced("203.0.113.7"));
    eu.create(sidecar("kinds", "pending", "LoadBalancer", 10901));
    let anywhere = eu.create(sidecar("kinds", "anywhere", "NodePort", 10901));
    let mut local = sidecar("kinds", "local", "NodePort", 10901);
    local["spec"]["externalTrafficPolicy"] = json!("Local");
    let local = eu.create(local);
    eu.create(headless_sidecar("kinds", "kps"));
    let pods = [("balanced", "eu-a"), ("pending", "eu-a"), ("anywhere", "eu-a"), ("local", "eu-b"), ("kps", "eu-a")];
    for (index, (name, node)) in pods.into_iter().enumerate() {
        eu.create(slice("kinds", name, node, &format!("10.244.1.{}", 10 + index)));
    }
    for component in ["query", "storegateway", "ruler"] {
        eu.create(thanos("kinds", component));
    }
    eu.create(bystander("kinds", "shop"));
    let us = clusters.cluster("us");
    let inside = us.create(sidecar("kinds", "inside", "NodePort", 20901));
    us.create(slice("kinds", "inside", "us-a", "10.244.2.10"));

    let room = Room::new();
    clusters.kubeconfig(&room, &["eu", "us"]);
    let discover = |output: &[&str]| {
        let common = ["discover", "--all-contexts", "-n", "kinds", "--kubeconfig", "kubeconfig"].as_slice();
        room.run(&[common, output].concat()).exits(0)
    };
    let found = discover(&["-o", "json"]).json();
    let node_port = |stored: &Value| stored["spec"]["ports"][0]["nodePort"].to_string();

    assert_eq!(found["kind"], "Inventory");
    assert_eq!(cluster_of(&found, "eu")["context"], "eu");
    assert_eq!(cluster_of(&found, "eu")["error"], Value::Null);
    assert_eq!(endpoint(service(&found, "eu", "balanced")), ("203.0.113.7:10901", "LoadBalancer"));

    let (address, source) = endpoint(service(&found, "eu", "anywhere"));
    let (host, port) = address.rsplit_once(':').unwrap();
    assert!(["198.51.100.11", "198.51.100.12"].contains(&host), "{host} is no ready node's outside address");
    assert_eq!((port, source), (node_port(&anywhere).as_str(), "NodePort"));

    let only_there = format!("198.51.100.12:{}", node_port(&local));
    assert_eq!(endpoint(service(&found, "eu", "local")), (only_there.as_str(), "NodePort"));
    assert_eq!(service(&found, "eu", "local")["endpoints"].as_array().map(Vec::len), Some(1));

    let inside = format!("10.0.2.21:{}", node_port(&inside));
    assert_eq!(endpoint(service(&found, "us", "inside")), (inside.as_str(), "NodePort"));
    assert_eq!(service(&found, "us", "inside")["port"], 20901);

    for (name, word) in [("pending", "pending"), ("kps", "headless")] {
        let service = service(&found, "eu", name);
        assert_eq!(service["role"], "sidecar");
        assert_eq!(service["endpoints"], json!([]), "{name}");
        let problem = service["problem"].as_str().unwrap_or_else(|| panic!("{name} should have a problem"));
        assert!(problem.contains(word), "{name}: {problem}");
    }
    for (component, role) in [("query", "query"), ("storegateway", "store"), ("ruler", "ruler")] {
        assert_eq!(service(&found, "eu", &format!("thanos-{component}"))["role"], role);
    }
    assert!(!found.to_string().contains("shop"), "a Service without a StoreAPI is nobody's business: {found:#}");

    let table = discover(&[]).stdout;
    for (name, address) in [("balanced", "203.0.113.7:10901"), ("local", &only_there), ("inside", &inside)] {
        assert!(table.lines().any(|line| line.contains(name) && line.contains(address)), "{name} in\n{table}");
    }
    assert!(["pending", "headless", "thanos-query"].iter().all(|word| table.contains(word)), "{table}");
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_dead_cluster_is_told_and_the_others_are_shown_but_values_need_permission_to_be_partial() {
    let addresses = fleet("partial");
    let room = Room::new();
    shared().kubeconfig(&room, &["eu", "us", GONE]);
    let run = |arguments: &[&str]| {
        room.run(&[arguments, &["--all-contexts", "-n", "partial", "--kubeconfig", "kubeconfig"]].concat())
    };

    let found = run(&["discover", "-o", "json"]).exits(3).tells(&[GONE]).json();
    assert_eq!(endpoint(service(&found, "eu", "prometheus-thanos")).0, addresses[0]);
    assert_eq!(endpoint(service(&found, "us", "prometheus-thanos")).0, addresses[1]);
    assert!(cluster_of(&found, GONE)["error"].is_string() || cluster_of(&found, GONE)["error"].is_object());

    run(&["gen-values"]).exits(2).tells(&[GONE]).prints_nothing();

    let values = run(&["gen-values", "--allow-partial"]).exits(3).tells(&[GONE]).yaml();
    assert_eq!(values["query"]["stores"], json!(addresses));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn an_inventory_that_was_written_stands_for_the_clusters_byte_for_byte() {
    let addresses = fleet("offline");
    let room = Room::new();
    shared().kubeconfig(&room, &["eu", "us"]);
    let live = ["--all-contexts", "-n", "offline", "--kubeconfig", "kubeconfig"];
    let run = |arguments: &[&str], source: &[&str]| room.run(&[arguments, source].concat()).exits(0);

    for output in ["yaml", "json"] {
        let seen = run(&["discover", "-o", output], &live).stdout;
        let file = format!("fleet.{output}");
        room.file(&file, &seen);
        let recorded = ["--inventory", file.as_str()];
        assert_eq!(run(&["discover", "-o", output], &recorded).stdout, seen);

        let values = run(&["gen-values"], &live);
        assert_eq!(values.yaml()["query"]["stores"], json!(addresses));
        assert_eq!(run(&["gen-values"], &recorded).stdout, values.stdout);
    }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn what_controllers_write_into_a_status_is_read_as_it_is() {
    let clusters = shared();
    clusters.namespace("statuses");
    let eu = clusters.cluster("eu");
    let condition = json!({
        "type": "LoadBalancerPortsError", "status": "True", "reason": "LoadBalancerMixedProtocolNotSupported",
        "message": "not both", "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    let ingress = |entries: Value| json!({"status": {"loadBalancer": {"ingress": entries}}});
    for (name, status) in [
        ("ngrok", ingress(json!([{"hostname": "5.tcp.ngrok.io", "ports": [{"port": 24829, "protocol": "TCP"}]}]))),
        ("floating", ingress(json!([{"ip": "172.20.21.62"}, {"ip": "198.51.100.107"}]))),
        ("dual", ingress(json!([{"ip": "10.0.0.4"}, {"ip": "2001:db8::4"}]))),
        ("refused", json!({"status": {"conditions": [condition]}})),
    ] {
        eu.create(sidecar("statuses", name, "LoadBalancer", 10901));
        eu.service_status("statuses", name, &status);
        eu.create(slice("statuses", name, "eu-a", &format!("10.244.7.{}", name.len())));
    }
    let mut pending = sidecar("statuses", "pending", "LoadBalancer", 10901);
    pending["spec"]["externalIPs"] = json!(["10.0.0.9", "203.0.113.70"]);
    eu.create(pending);
    eu.create(slice("statuses", "pending", "eu-a", "10.244.7.20"));
    let mut ending = sidecar("statuses", "ending", "NodePort", 10901);
    ending["spec"]["externalTrafficPolicy"] = json!("Local");
    let ending = eu.create(ending);
    let mut only = slice("statuses", "ending", "eu-b", "10.244.7.21");
    only["endpoints"][0]["conditions"] = json!({"ready": false, "serving": true, "terminating": true});
    eu.create(only);

    let room = Room::new();
    clusters.kubeconfig(&room, &["eu"]);
    let run = room.run(&["discover", "-o", "json", "-n", "statuses", "--kubeconfig", "kubeconfig"]).exits(0);
    let found = run.json();
    let node_port = ending["spec"]["ports"][0]["nodePort"].to_string();
    for (name, address, source) in [
        ("ngrok", "5.tcp.ngrok.io:24829", "LoadBalancer"),
        ("floating", "198.51.100.107:10901", "LoadBalancer"),
        ("dual", "10.0.0.4:10901", "LoadBalancer"),
        ("pending", "203.0.113.70:10901", "ExternalIP"),
        ("ending", &format!("198.51.100.12:{node_port}"), "NodePort"),
    ] {
        assert_eq!(endpoint(service(&found, "eu", name)), (address, source), "{name}");
    }
    assert_eq!(service(&found, "eu", "ending")["remarks"], json!(["no ready pod behind it"]));
    let remarks = service(&found, "eu", "dual")["remarks"].to_string();
    assert!(remarks.contains("[2001:db8::4]:10901 is public"), "{remarks}");
    let problem = service(&found, "eu", "refused")["problem"].to_string();
    assert!(problem.contains("LoadBalancerMixedProtocolNotSupported: not both"), "{problem}");
}
