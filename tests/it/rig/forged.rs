//! A tenant who may patch Services, and not delete them, and an administrator who undoes what thanosctl did.

use std::time::Duration;

use serde_json::{Value, json};

use super::clusters::{Cluster, shared};
use super::objects::sidecar;
use super::process::wait_for;
use crate::program::{Room, Run};

/// The tenant of this namespace.
const TENANT: &str = "tenant";

/// A cluster in which the tenant may read and patch the Services of `namespace`.
fn tenant_of(namespace: &'static str) -> (Room, &'static Cluster) {
    const RBAC: &str = "rbac.authorization.k8s.io";
    shared().namespace(namespace);
    let (room, eu) = (Room::new(), shared().cluster("eu"));
    shared().kubeconfig(&room, &["eu"]);
    eu.create(
        json!({"apiVersion": format!("{RBAC}/v1"), "kind": "Role", "metadata": {"namespace": namespace, "name": TENANT},
        "rules": [{"apiGroups": [""], "resources": ["services"], "verbs": ["get", "list", "patch"]}]}),
    );
    eu.create(json!({"apiVersion": format!("{RBAC}/v1"), "kind": "RoleBinding", "metadata": {"namespace": namespace, "name": TENANT},
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": TENANT},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": TENANT}]}));
    (room, eu)
}

/// What the tenant writes to a Service, as the manager that it calls itself.
fn forge(eu: &Cluster, namespace: &str, name: &str, manager: &str, patch: &Value) -> Value {
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}?fieldManager={manager}");
    wait_for("the tenant may patch", Duration::from_secs(20), || {
        eu.send_as(TENANT, "PATCH", &path, "application/merge-patch+json", patch)
    })
}

fn run(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[arguments, &["--kubeconfig", "kubeconfig", "--yes"]].concat())
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_tenant_cannot_have_a_service_deleted_that_it_may_not_delete() {
    let (room, eu) = tenant_of("forged-mark");
    let mut victim = sidecar("forged-mark", "grafana", "ClusterIP", 3000);
    victim["metadata"]["labels"] = json!({});
    eu.create(victim);
    let mark = json!({"version": 1, "service": "forged-mark/grafana", "exposes": "forged-mark/kps"}).to_string();
    for manager in ["thanosctl", "kubectl-edit"] {
        let marks = json!({"metadata": {
            "labels": {"app.kubernetes.io/managed-by": "thanosctl", "thanosctl.io/exposes": "kps"},
            "annotations": {"thanosctl.io/exposes": mark}}, "spec": {"selector": {"as": manager}}});
        let forged = forge(eu, "forged-mark", "grafana", manager, &marks);
        let path = "/api/v1/namespaces/forged-mark/services/grafana";
        let refused = eu.send_as(TENANT, "DELETE", path, "application/json", &json!({})).unwrap_err();
        assert!(refused.contains("cannot delete"), "{refused}");
        for more in [&[][..], &["--force"], &["forged-mark/kps"]] {
            let place = if more.contains(&"forged-mark/kps") { &[][..] } else { &["-n", "forged-mark"] };
            let undo = run(&room, &[&["expose", "--undo"], place, more].concat()).exits(2).prints_nothing();
            undo.tells(&["grafana"]);
            assert_eq!(eu.service("forged-mark", "grafana"), forged, "{manager} {more:?}");
        }
    }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_tenant_cannot_have_more_than_type_and_node_ports_brought_back() {
    let (room, eu) = tenant_of("forged-undo");
    eu.apply(&sidecar("forged-undo", "thanos", "NodePort", 10901), "helm").unwrap();
    let before = eu.service("forged-undo", "thanos");
    let mut spec = before["spec"].clone();
    spec["type"] = json!("ClusterIP");
    spec["selector"] = json!({"app": "mallory"});
    spec["externalIPs"] = json!(["192.0.2.66"]);
    let record = json!({"version": 1, "uid": before["metadata"]["uid"], "fieldManager": "helm", "spec": spec,
        "annotations": {"example.com/forged": "yes"}});
    let annotation = json!({"metadata": {"annotations": {"thanosctl.io/undo": record.to_string()}}});
    let undo = ["patch-nodeport", "--undo", "-n", "forged-undo"];

    let forged = forge(eu, "forged-undo", "thanos", "kubectl-edit", &annotation);
    run(&room, &[&undo[..], &["--force", "--trust-annotations"]].concat())
        .exits(2)
        .tells(&["was not written by thanosctl"]);
    assert_eq!(eu.service("forged-undo", "thanos"), forged);

    let gone = json!({"metadata": {"annotations": {"thanosctl.io/undo": null}}});
    forge(eu, "forged-undo", "thanos", "kubectl-edit", &gone);
    let forged = forge(eu, "forged-undo", "thanos", "thanosctl", &annotation);
    run(&room, &undo).exits(2).tells(&["somebody else changed it since"]);
    run(&room, &[&undo[..], &["--force"]].concat()).exits(2).tells(&["--trust-annotations"]);
    assert_eq!(eu.service("forged-undo", "thanos"), forged);

    // An administrator who says so gets the type, and nothing else.
    run(&room, &[&undo[..], &["--force", "--trust-annotations"]].concat()).exits(0);
    let after = eu.service("forged-undo", "thanos");
    assert_eq!(after["spec"]["type"], "ClusterIP");
    assert_eq!(
        (&after["spec"]["selector"], &after["spec"]["externalIPs"]),
        (&before["spec"]["selector"], &Value::Null)
    );
    assert_eq!(after["metadata"]["annotations"], Value::Null);
    let managers = |service: &Value| -> Vec<Value> {
        let entries = service["metadata"]["managedFields"].as_array().unwrap();
        entries.iter().map(|entry| entry["manager"].clone()).collect()
    };
    assert_eq!(managers(&after), managers(&before), "what Helm owns stays Helm's");
}
