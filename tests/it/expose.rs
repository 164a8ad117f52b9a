//! `expose` from outside: plans on inventories, and what is refused before anybody is asked. What real API servers make
//! of it is tested on the rig.

use serde_json::{Value, json};

use crate::program::{Room, Run};

/// An inventory of one cluster with a headless sidecar over these pods.
fn inventory(pods: &[&str]) -> String {
    let endpoint = |pod: &&str| json!({"address": "10.244.0.5", "pod": format!("uid-of-{pod}"), "podName": pod});
    let endpoints: Vec<Value> = pods.iter().map(endpoint).collect();
    json!({"kind": "Inventory", "version": 1, "clusters": [{
        "name": "eu", "context": "prod-eu", "error": null, "nodes": [],
        "services": [{
            "namespace": "monitoring", "name": "kps-thanos-discovery", "type": "ClusterIP", "clusterIP": "None",
            "labels": {"app": "kube-prometheus-stack-thanos-discovery", "chart": "kube-prometheus-stack-58.0.0", "release": "kps"},
            "ports": [{"name": "grpc", "port": 10901, "targetPort": "grpc"}, {"name": "http", "port": 10902}],
            "selector": {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": "kps"},
        }],
        "endpointSlices": [{
            "namespace": "monitoring", "name": "kps-x", "service": "kps-thanos-discovery",
            "ports": [{"name": "grpc", "port": 10901}], "endpoints": endpoints,
        }],
    }]})
    .to_string()
}

fn room(pods: &[&str]) -> Room {
    let room = Room::new();
    room.file("fleet.json", &inventory(pods));
    room
}

fn expose(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["expose", "--inventory", "fleet.json"], arguments].concat())
}

#[test]
fn an_inventory_is_planned_on_with_a_service_for_each_replica() {
    let run = expose(&room(&["prometheus-kps-0", "prometheus-kps-1"]), &[]);
    insta::assert_snapshot!(format!("exit {}\n{}--- stderr\n{}", run.code, run.stdout, run.stderr));
}

#[test]
fn a_single_replica_gets_one_service_and_the_values_that_make_it_needless() {
    let run = expose(&room(&["prometheus-kps-0"]), &["--dry-run", "client", "-o", "yaml", "--node-port", "30901"]);
    insta::assert_snapshot!(format!("exit {}\n{}--- stderr\n{}", run.code, run.stdout, run.stderr));
}

#[test]
fn pods_that_no_label_tells_apart_share_one_service_or_are_refused() {
    let room = room(&["prometheus-server-7d9f-abcde", "prometheus-server-7d9f-fghij"]);
    let run = expose(&room, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("its 2 pods share one address") && run.stdout.contains("is not a StatefulSet's"),
        "{}",
        run.stdout
    );
    let run = expose(&room, &["--per-replica"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("--one-for-all"), "{}", run.stderr);
}

#[test]
fn manifests_are_printed_instead_of_being_sent_and_an_inventory_takes_no_changes() {
    let room = room(&["prometheus-kps-0"]);
    for (arguments, told) in [
        (&["expose", "-o", "yaml"][..], "add --dry-run client"),
        (&["expose", "--inventory", "fleet.json", "--yes"], "nothing can be changed through it"),
        (&["expose", "--per-replica", "--one-for-all"], "cannot be used with"),
        (&["expose", "--inventory", "fleet.json", "monitoring/other"], "has no Service `monitoring/other`"),
        (&["expose", "--undo", "--inventory", "fleet.json"], "cannot be used with"),
    ] {
        let run = room.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
}
