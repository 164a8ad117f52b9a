//! `diff` and `--update` on real API servers: the fleet changes, one thing at a time.

use serde_json::{Value, json};

use super::clusters::{GONE, shared};
use super::discover::fleet;
use super::objects::balanced;
use crate::program::{Room, Run};
use crate::recipes::blocks;

fn codes(run: &Run) -> Vec<String> {
    let findings = run.json()["findings"].clone();
    let code = |finding: &Value| {
        format!("{} {}", finding["code"].as_str().unwrap(), finding["cluster"].as_str().unwrap_or("-"))
    };
    findings.as_array().unwrap().iter().map(code).collect()
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn each_change_of_the_fleet_is_told_and_mended() {
    let clusters = shared();
    fleet("drift");
    let (eu, us) = (clusters.cluster("eu"), clusters.cluster("us"));
    let room = Room::new();
    clusters.kubeconfig(&room, &["eu", "us"]);
    room.file(
        "thanosctl.yaml",
        "clusters: [{context: eu}, {context: us}]\nservices: {include: ['drift/prometheus-*']}\n",
    );
    let run = |arguments: &[&str]| room.run(&[arguments, &["--kubeconfig", "kubeconfig"]].concat());
    let diff = || run(&["diff", "values.yaml", "--format", "json"]);
    let mend = || {
        let patch = run(&["gen-values", "--update", "values.yaml", "--check"]).exits(1).stdout;
        let removed = patch.lines().filter(|line| line.starts_with('-') && !line.starts_with("---"));
        assert!(removed.count() <= 1, "{patch}");
        run(&["gen-values", "--update", "values.yaml"]).exits(0);
        assert_eq!(codes(&diff().exits(0)), [""; 0]);
    };
    run(&["gen-values", "--write", "values.yaml"]).exits(0);
    // The file belongs to people from now on.
    room.file("values.yaml", &room.text("values.yaml").replace("stores:", "stores: # ask Kim"));
    assert_eq!(codes(&diff().exits(0)), [""; 0]);

    eu.service_status("drift", "prometheus-thanos", &balanced("203.0.113.77"));
    assert_eq!(codes(&diff().exits(1)), ["THC103 eu"]);
    mend();
    us.merge_service(
        "drift",
        "prometheus-thanos",
        &json!({"spec": {"ports": [{"name": "grpc", "port": 10901, "targetPort": "grpc", "nodePort": 30_044}]}}),
        "kubectl",
    );
    assert_eq!(codes(&diff().exits(1)), ["THC104 us"]);
    mend();
    eu.service_status("drift", "prometheus-thanos", &json!({"status": {"loadBalancer": {"ingress": null}}}));
    assert_eq!(codes(&diff().exits(1)), ["THC108 eu"]);
    // Nothing is mended by leaving it out.
    run(&["gen-values", "--update", "values.yaml"]).exits(2).tells(&["its load balancer is pending"]);
    eu.merge_service("drift", "prometheus-thanos", &json!({"spec": {"type": "NodePort"}}), "kubectl");
    assert_eq!(codes(&diff().exits(1)), ["THC103 eu"]);
    mend();
    us.send("DELETE", "/api/v1/namespaces/drift/services/prometheus-thanos", "application/json", &json!({})).unwrap();
    assert_eq!(codes(&diff().exits(1)), ["THC102 us"]);
    mend();
    assert!(room.text("values.yaml").contains("stores: # ask Kim"));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_dead_cluster_and_lost_rights_are_no_verdict() {
    let clusters = shared();
    fleet("verdict");
    let room = Room::new();
    clusters.kubeconfig(&room, &["eu", "us", "us-ci", GONE]);
    let run = |arguments: &[&str]| room.run(&[arguments, &["-n", "verdict", "--kubeconfig", "kubeconfig"]].concat());
    let both = ["--context", "eu", "--context", "us"];
    run(&[&["gen-values", "--write", "values.yaml"], &both[..]].concat()).exits(0);
    let diff = |more: &[&str]| run(&[&["diff", "values.yaml", "--format", "json"], more].concat());
    assert_eq!(codes(&diff(&both).exits(0)), [""; 0]);
    assert_eq!(codes(&diff(&["--context", "eu", "--context", "us", "--context", GONE]).exits(3)), ["THC120 gone"]);
    diff(&["--context", GONE]).exits(2).prints_nothing();
    // Who may list Services alone cannot tell whether an address of a node is right.
    room.file(
        "thanosctl.yaml",
        "clusters: [{context: eu}, {context: us-ci, name: us}]\nservices: {include: ['verdict/*']}\n",
    );
    assert_eq!(codes(&diff(&[]).exits(3)), ["THC105 us"]);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn the_rights_of_the_docs_are_enough() {
    let clusters = shared();
    fleet("reader");
    let role = blocks("drift.md").into_iter().find(|block| block.contains("kind: ClusterRole")).unwrap();
    let role: Value = serde_saphyr::from_str(&role).unwrap();
    for name in ["eu", "us"] {
        let cluster = clusters.cluster(name);
        cluster.create(role.clone());
        cluster.create(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "reader"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "reader"}]}));
    }
    let room = Room::new();
    clusters.kubeconfig(&room, &["eu-reader", "us-reader"]);
    let run = |arguments: &[&str]| {
        room.run(&[arguments, &["--all-contexts", "-n", "reader", "--kubeconfig", "kubeconfig"]].concat())
    };
    // The authorizer learns of a role by watching, a moment after it is stored.
    super::process::wait_for("the reader may list", std::time::Duration::from_secs(20), || {
        let run = run(&["gen-values", "--write", "values.yaml"]);
        if run.code == 0 { Ok(()) } else { Err(run.stderr) }
    });
    run(&["diff", "values.yaml"]).exits(0).tells(&["values.yaml: no drift"]);
}
