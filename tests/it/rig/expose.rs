//! `expose` on real API servers: Services of our own beside headless ones, kept in step with the replicas.

use serde_json::{Value, json};

use super::clusters::{Cluster, shared};
use super::discover::{endpoint, service};
use super::killer::Killer;
use super::objects::{balanced, headless_sidecar, sidecar, slice};
use super::patch::through;
use crate::program::{Room, Run};

fn eu() -> (Room, &'static Cluster) {
    let room = Room::new();
    shared().kubeconfig(&room, &["eu"]);
    (room, shared().cluster("eu"))
}

fn expose(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["expose", "--kubeconfig", "kubeconfig"], arguments].concat())
}

/// One ready endpoint for each pod of the StatefulSet `prometheus-kps`.
fn endpoints(replicas: &[u8]) -> Value {
    let endpoint = |ordinal: &u8| {
        json!({"addresses": [format!("10.244.3.{ordinal}")], "conditions": {"ready": true}, "nodeName": "eu-a",
            "targetRef": {"kind": "Pod", "namespace": "x", "name": format!("prometheus-kps-{ordinal}"), "uid": format!("uid-{ordinal}")}})
    };
    replicas.iter().map(endpoint).collect()
}

/// A slice of `of` with these replicas.
fn replicas(namespace: &str, of: &str, ordinals: &[u8]) -> Value {
    let mut slice = slice(namespace, of, "eu-a", "10.244.3.1");
    slice["endpoints"] = endpoints(ordinals);
    slice
}

/// Changes the replicas behind a Service.
fn scale(eu: &Cluster, namespace: &str, of: &str, ordinals: &[u8]) {
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{of}-slice");
    eu.merge(&path, &json!({"endpoints": endpoints(ordinals)}));
}

/// The names of the Services in a namespace.
fn names(eu: &Cluster, namespace: &str) -> Vec<String> {
    let list = eu.get(&format!("/api/v1/namespaces/{namespace}/services"));
    list["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn each_replica_of_a_headless_service_gets_an_address_that_discover_and_gen_values_tell() {
    let (room, eu) = eu();
    shared().namespace("exposed");
    let base = eu.create(headless_sidecar("exposed", "kps"));
    eu.create(replicas("exposed", "kps", &[0, 1]));
    let run = expose(&room, &["-n", "exposed", "--yes"])
        .exits(0)
        .tells(&["exposed/kps-ext-0 was made", "exposed/kps-ext-1 was made"]);
    let addresses: Vec<&str> = run.stdout.lines().collect();
    assert!(addresses.len() == 2 && addresses.iter().all(|line| line.starts_with("198.51.100.11:3")), "{addresses:?}");
    for ordinal in ["0", "1"] {
        let made = eu.service("exposed", &format!("kps-ext-{ordinal}"));
        assert_eq!(made["spec"]["selector"]["statefulset.kubernetes.io/pod-name"], format!("prometheus-kps-{ordinal}"));
        assert_eq!(made["spec"]["ports"].as_array().unwrap().len(), 1, "only the gRPC port is opened");
        assert_eq!(made["metadata"]["managedFields"][0]["manager"], "thanosctl");
        // In a cluster with controllers these come by themselves.
        eu.create(replicas("exposed", &format!("kps-ext-{ordinal}"), &[ordinal.parse().unwrap()]));
    }
    assert_eq!(eu.service("exposed", "kps"), base, "what others own is not touched");

    let fleet = ["-n", "exposed", "--kubeconfig", "kubeconfig"];
    let found = room.run(&[&["discover", "-o", "json"], &fleet[..]].concat()).exits(0).json();
    for (ordinal, address) in addresses.iter().enumerate() {
        let ours = service(&found, "eu", &format!("kps-ext-{ordinal}"));
        assert_eq!((endpoint(ours), &ours["role"]), ((*address, "NodePort"), &json!("sidecar")));
    }
    let problem = service(&found, "eu", "kps")["problem"].as_str().unwrap();
    assert_eq!(problem, "same pods as exposed/kps-ext-0 and exposed/kps-ext-1");
    let values = room.run(&[&["gen-values"], &fleet[..]].concat()).exits(0).yaml();
    assert_eq!(values["query"]["stores"], json!(addresses));

    // Again: nothing to do, nobody is asked, the same addresses.
    assert_eq!(expose(&room, &["-n", "exposed"]).exits(0).stdout, run.stdout);
    expose(&room, &["--undo", "exposed/kps", "--yes"]).exits(0).prints_nothing();
    assert_eq!(names(eu, "exposed"), ["kps"]);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_second_run_follows_the_replicas_and_says_so_first() {
    let (room, eu) = eu();
    shared().namespace("scaled");
    eu.create(headless_sidecar("scaled", "kps"));
    eu.create(replicas("scaled", "kps", &[0]));
    let run = |more: &[&str]| expose(&room, &[&["scaled/kps"], more].concat());
    // One replica needs no Service of its own.
    run(&["--yes"]).exits(0);
    assert_eq!(names(eu, "scaled"), ["kps", "kps-ext"]);
    scale(eu, "scaled", "kps", &[0, 1, 2]);
    run(&[]).exits(2).tells(&["make 3 and remove 1 Services in cluster eu?", "--yes"]).prints_nothing();
    assert_eq!(names(eu, "scaled"), ["kps", "kps-ext"]);
    run(&["--yes"]).exits(0).tells(&["kps-ext was removed"]);
    assert_eq!(names(eu, "scaled"), ["kps", "kps-ext-0", "kps-ext-1", "kps-ext-2"]);
    let first = eu.service("scaled", "kps-ext-0");

    // The last replica goes; one in the middle that is away will be back.
    scale(eu, "scaled", "kps", &[0, 1]);
    run(&["--yes"]).exits(0).tells(&["kps-ext-2 was removed"]);
    scale(eu, "scaled", "kps", &[1]);
    run(&["--yes"]).exits(0).tells(&["pod `prometheus-kps-0` is not there now"]);
    assert_eq!(names(eu, "scaled"), ["kps", "kps-ext-0", "kps-ext-1"]);
    assert_eq!(eu.service("scaled", "kps-ext-0"), first, "what is right stays untouched");

    // Another type: the node ports stay what they are.
    scale(eu, "scaled", "kps", &[0, 1]);
    run(&["--type", "LoadBalancer", "--yes"]).exits(0).tells(&["its load balancer is pending", "look again"]);
    let balanced = eu.service("scaled", "kps-ext-0");
    assert_eq!(balanced["spec"]["type"], "LoadBalancer");
    assert_eq!(balanced["spec"]["ports"], first["spec"]["ports"]);
    run(&["--type", "NodePort", "--yes"]).exits(2).tells(&["destroys its load balancer", "--force"]);
    run(&["--type", "NodePort", "--force", "--yes"]).exits(0);
    assert_eq!(eu.service("scaled", "kps-ext-0")["spec"]["ports"], first["spec"]["ports"]);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn an_undo_removes_exactly_ours() {
    let (room, eu) = eu();
    shared().namespace("ours");
    for name in ["kps", "other"] {
        let mut base = headless_sidecar("ours", name);
        base["spec"]["selector"]["operator.prometheus.io/name"] = json!(name);
        eu.create(base);
        eu.create(replicas("ours", name, &[0, 1]));
    }
    expose(&room, &["ours/kps", "ours/other", "--yes"]).exits(0);
    // Adopted by somebody, by taking our label away.
    eu.merge_service(
        "ours",
        "kps-ext-1",
        &json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": "team"}}}),
        "team",
    );
    // A copy under another name carries our marks, and is not ours.
    let mut copy = eu.service("ours", "kps-ext-0");
    copy["metadata"] = json!({"namespace": "ours", "name": "copy", "labels": copy["metadata"]["labels"], "annotations": copy["metadata"]["annotations"]});
    copy["spec"] = json!({"ports": [{"port": 10901}], "selector": {"a": "b"}});
    eu.create(copy);
    expose(&room, &["--undo", "ours/kps", "--dry-run", "server"]).exits(0);
    assert_eq!(names(eu, "ours").len(), 7);
    expose(&room, &["--undo", "ours/kps", "--yes"]).exits(0);
    assert_eq!(names(eu, "ours"), ["copy", "kps", "kps-ext-1", "other", "other-ext-0", "other-ext-1"]);
    expose(&room, &["--undo", "-n", "ours", "--yes"]).exits(0);
    assert_eq!(names(eu, "ours"), ["copy", "kps", "kps-ext-1", "other"]);
    expose(&room, &["--undo", "-n", "ours"]).exits(0).tells(&["nothing to undo"]);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn what_cannot_be_exposed_is_refused_and_nothing_is_made() {
    let (room, eu) = eu();
    shared().namespace("hidden");
    eu.create(headless_sidecar("hidden", "kps"));
    eu.create(replicas("hidden", "kps", &[0, 1]));
    eu.create(headless_sidecar("hidden", "taken"));
    eu.create(replicas("hidden", "taken", &[0, 1]));
    eu.create(sidecar("hidden", "taken-ext-1", "ClusterIP", 10901));
    eu.create(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "hidden", "name": "alias"},
        "spec": {"type": "ExternalName", "externalName": "db.example"}}));
    let before = names(eu, "hidden");
    for (arguments, told) in [
        (&["hidden/taken"][..], &["`hidden/taken-ext-1` is what ours would be called"][..]),
        (&["hidden/alias"], &["an alias for `db.example`"]),
        (&["hidden/gone"], &["has no Service `hidden/gone`"]),
        (&["hidden/kps", "--node-port", "30950"], &["leads to one Service", "--one-for-all"]),
        (&["hidden/kps", "--one-for-all", "--node-port", "29999"], &["The range of valid ports is 30000-32767"]),
    ] {
        expose(&room, &[arguments, &["hidden/kps", "--yes"]].concat()).exits(2).tells(told).prints_nothing();
        assert_eq!(names(eu, "hidden"), before, "{arguments:?}");
    }
    let run = expose(&room, &["hidden/kps", "--dry-run", "server"]).exits(0).tells(&["the API server would take it"]);
    assert!(run.stdout.contains("hidden/kps-ext-1   create"), "{}", run.stdout);
    assert_eq!(names(eu, "hidden"), before);
    shared().kubeconfig(&room, &["eu-nobody"]);
    expose(&room, &["hidden/kps", "--yes"])
        .exits(2)
        .tells(&["kubectl auth can-i get services/kps -n hidden --context eu-nobody"]);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn printed_manifests_can_be_applied_and_are_known_as_ours() {
    let (room, eu) = eu();
    shared().namespace("printed");
    eu.create(headless_sidecar("printed", "kps"));
    eu.create(replicas("printed", "kps", &[0, 1]));
    let arguments = ["printed/kps", "--dry-run", "client", "-o"];
    let list = expose(&room, &[&arguments[..], &["json"]].concat()).exits(0).json();
    assert_eq!(expose(&room, &[&arguments[..], &["yaml"]].concat()).exits(0).yaml(), list);
    for item in list["items"].as_array().unwrap() {
        eu.create(item.clone());
    }
    expose(&room, &["printed/kps"]).exits(0);
    // Whoever applied them removes them.
    let undo = expose(&room, &["--undo", "printed/kps", "--yes", "--trust-annotations"]).exits(2);
    undo.tells(&["was not written by thanosctl"]);
    assert_eq!(names(eu, "printed"), ["kps", "kps-ext-0", "kps-ext-1"]);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_kill_at_any_step_leaves_what_a_second_run_or_an_undo_finishes() {
    let (_, eu) = eu();
    shared().namespace("halfway");
    let base = eu.create(headless_sidecar("halfway", "kps"));
    eu.create(replicas("halfway", "kps", &[0, 1]));
    let killer = Killer::start();
    let room = through(killer.api());
    let expose = ["expose", "--kubeconfig", "kubeconfig", "halfway/kps", "--yes"];
    let undo = ["expose", "--kubeconfig", "kubeconfig", "--undo", "halfway/kps", "--yes"];
    let steps = [killer.run(&room, &expose, 0, false), killer.run(&room, &undo, 0, false)];
    assert!(steps[0] > 6 && steps[1] == 3, "{steps:?}");
    for at in 1..=steps[0] {
        for passed_on in [false, true] {
            killer.run(&room, &expose, at, passed_on);
            if passed_on {
                // A second run finishes what was begun.
                killer.run(&room, &expose, 0, false);
                assert_eq!(names(eu, "halfway"), ["kps", "kps-ext-0", "kps-ext-1"], "{at}");
            }
            killer.run(&room, &undo, 1 + at % steps[1], passed_on);
            killer.run(&room, &undo, 0, false);
            assert_eq!(names(eu, "halfway"), ["kps"], "{at} {passed_on}");
        }
    }
    assert_eq!(eu.service("halfway", "kps"), base);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn load_balancers_beside_a_private_one_are_kept_as_that_is() {
    let (room, eu) = eu();
    shared().namespace("private");
    let mut base = sidecar("private", "lb", "LoadBalancer", 10901);
    let internal = "service.beta.kubernetes.io/azure-load-balancer-internal";
    base["metadata"]["annotations"] = json!({internal: "true", "example.com/team": "a"});
    base["spec"]["loadBalancerClass"] = json!("example.com/internal");
    base["spec"]["loadBalancerSourceRanges"] = json!(["10.0.0.0/8"]);
    eu.create(base);
    eu.service_status("private", "lb", &balanced("10.240.0.10"));
    eu.create(replicas("private", "lb", &[0, 1]));
    let run = |more: &[&str]| expose(&room, &[&["private/lb"], more].concat());
    let ours = || ["lb-ext-0", "lb-ext-1"].map(|name| eu.service("private", name));
    run(&["--yes"]).exits(0);
    assert!(ours().iter().all(|made| made["metadata"]["annotations"][internal].is_null()), "it is a NodePort");

    // The class can be given only in the request that makes it a load balancer.
    run(&["--type", "LoadBalancer", "--yes"])
        .exits(0)
        .tells(&["its load balancer (class example.com/internal) is pending"]);
    for made in ours() {
        assert_eq!(made["spec"]["loadBalancerClass"], "example.com/internal");
        assert_eq!(made["spec"]["loadBalancerSourceRanges"], json!(["10.0.0.0/8"]));
        assert_eq!(made["metadata"]["annotations"][internal], "true");
        assert_eq!(made["metadata"]["annotations"]["example.com/team"], Value::Null);
    }
    let before = ours();
    run(&[]).exits(0);
    assert_eq!(ours(), before, "there is nothing to do, and nobody is asked");

    let open = json!({"spec": {"loadBalancerSourceRanges": ["0.0.0.0/0"]}});
    eu.merge_service("private", "lb-ext-0", &open, "kubectl-edit");
    run(&["--yes"]).exits(0).tells(&["lb-ext-0 was changed"]);
    assert_eq!(ours()[0]["spec"]["loadBalancerSourceRanges"], json!(["10.0.0.0/8"]));

    run(&["--type", "NodePort", "--force", "--yes"]).exits(0);
    let fields = |made: &Value| {
        made["spec"]["loadBalancerClass"].is_null() && made["spec"]["loadBalancerSourceRanges"].is_null()
    };
    assert!(ours().iter().all(fields));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn beside_a_private_load_balancer_that_does_not_say_why_none_is_made() {
    let (room, eu) = eu();
    shared().namespace("unsaid");
    eu.create(sidecar("unsaid", "lb", "LoadBalancer", 10901));
    eu.service_status("unsaid", "lb", &balanced("10.240.0.10"));
    eu.create(replicas("unsaid", "lb", &[0, 1]));
    let run = |more: &[&str]| expose(&room, &[&["unsaid/lb", "--type", "LoadBalancer", "--yes"], more].concat());
    run(&[]).exits(2).tells(&["its load balancer is private (10.240.0.10)", "--force"]).prints_nothing();
    assert_eq!(names(eu, "unsaid"), ["lb"]);
    run(&["--force"]).exits(0).tells(&["asks for no credentials"]);
    assert_eq!(names(eu, "unsaid"), ["lb", "lb-ext-0", "lb-ext-1"]);
}
