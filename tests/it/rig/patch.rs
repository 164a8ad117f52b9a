//! `patch-nodeport` on real API servers: what it changes, what it leaves, what stops it, and the way back.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::clusters::{Cluster, shared};
use super::discover::{endpoint, service};
use super::killer::Killer;
use super::objects::{balanced, headless_sidecar, sidecar, slice};
use crate::fake_api::{FakeApi, Reply};
use crate::program::{Room, Run};

const JOURNAL: &str = ".local/state/thanosctl";

/// A room that asks `eu` as its administrator.
fn eu() -> (Room, &'static Cluster) {
    let room = Room::new();
    shared().kubeconfig(&room, &["eu"]);
    (room, shared().cluster("eu"))
}

fn patch(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["patch-nodeport", "--kubeconfig", "kubeconfig"], arguments].concat())
}

/// Whether the journal holds nothing.
fn forgot_all(room: &Room) -> bool {
    std::fs::read_dir(room.path(JOURNAL)).is_ok_and(|mut entries| entries.next().is_none())
}

/// The object without what every write changes.
fn whole(mut object: Value) -> Value {
    object["metadata"]["resourceVersion"] = Value::Null;
    object
}

/// Services of every shape that can become NodePort.
fn shapes() -> Vec<(&'static str, Value)> {
    let with = |spec: Value| {
        let mut whole = json!({
            "selector": {"app.kubernetes.io/name": "prometheus"},
            "ports": [{"name": "grpc", "port": 10901, "targetPort": "grpc"}, {"name": "http", "port": 10902, "targetPort": "http"}],
        });
        for (key, value) in spec.as_object().unwrap() {
            whole[key] = value.clone();
        }
        whole
    };
    vec![
        ("plain", with(json!({}))),
        ("external-ips", with(json!({"externalIPs": ["192.0.2.1"], "externalTrafficPolicy": "Local"}))),
        (
            "affinity",
            with(
                json!({"sessionAffinity": "ClientIP", "internalTrafficPolicy": "Local", "trafficDistribution": "PreferClose"}),
            ),
        ),
        ("node-port", with(json!({"type": "NodePort", "externalTrafficPolicy": "Local"}))),
        ("balanced", with(json!({"type": "LoadBalancer"}))),
        (
            "balanced-local",
            with(
                json!({"type": "LoadBalancer", "loadBalancerClass": "example.com/lb", "externalTrafficPolicy": "Local",
                "loadBalancerSourceRanges": ["10.0.0.0/8"], "loadBalancerIP": "192.0.2.9"}),
            ),
        ),
        ("balanced-no-ports", with(json!({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": false}))),
        (
            "one-number",
            with(
                json!({"ports": [{"name": "udp", "port": 53, "protocol": "UDP"}, {"name": "tcp", "port": 53, "protocol": "TCP"}]}),
            ),
        ),
    ]
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn services_of_every_shape_become_node_port_and_come_back_byte_for_byte() {
    let (room, eu) = eu();
    shared().namespace("shapes");
    // 30000 to 30085 are not given out by chance, so no other test has them.
    let mut ports = 30_010..30_086;
    for (name, spec) in shapes() {
        for manager in ["helm", "apply"] {
            let name = format!("{name}-{manager}");
            let mut object = json!({"apiVersion": "v1", "kind": "Service",
                "metadata": {"namespace": "shapes", "name": name, "annotations": {"a": "b"}}, "spec": spec});
            if name.starts_with("balanced-local") {
                object["metadata"]["annotations"]["service.beta.kubernetes.io/load-balancer-source-ranges"] =
                    json!("10.0.0.0/8");
            }
            if manager == "apply" {
                eu.apply(&object, "helm").unwrap();
            } else {
                eu.create(object);
            }
            // Where only the nodes with a pod answer, there has to be one.
            let number = ports.next().unwrap();
            eu.create(slice("shapes", &name, "eu-b", &format!("10.244.9.{}", number - 30_009)));
            let before = eu.service("shapes", &name);
            let reference = format!("shapes/{name}");
            let first = if spec["ports"][0]["name"] == "udp" { "53" } else { "grpc" };
            let fixed = format!("{first}={number}");
            for wish in [&[][..], &["--node-port", &fixed]] {
                if wish.is_empty() && name.starts_with("node-port") {
                    continue;
                }
                let common = [reference.as_str(), "--yes", "--replace-loadbalancer"];
                let run = patch(&room, &[&common[..], wish].concat()).exits(0);
                let after = eu.service("shapes", &name);
                assert_eq!(after["spec"]["type"], "NodePort", "{name}");
                let numbers: Vec<&Value> =
                    after["spec"]["ports"].as_array().unwrap().iter().map(|port| &port["nodePort"]).collect();
                assert!(numbers.iter().all(|number| number.is_u64()), "{name}: {numbers:?}");
                if !wish.is_empty() {
                    assert_eq!(fixed, format!("{first}={}", numbers[0]));
                }
                // A port named http is told as a URL, others as they are dialled; UDP is not.
                assert!(run.stdout.lines().all(|line| line.contains("198.51.100.")), "{name}: {}", run.stdout);
                // Nothing else has changed.
                for key in [
                    "clusterIP",
                    "clusterIPs",
                    "ipFamilies",
                    "selector",
                    "sessionAffinity",
                    "sessionAffinityConfig",
                    "internalTrafficPolicy",
                    "trafficDistribution",
                    "externalIPs",
                ] {
                    assert_eq!(after["spec"][key], before["spec"][key], "{name}: {key}");
                }
                patch(&room, &["--undo", &reference, "--yes"]).exits(0).prints_nothing();
                assert_eq!(whole(eu.service("shapes", &name)), whole(before.clone()), "{name} {wish:?}");
                assert!(forgot_all(&room), "{name}");
            }
        }
    }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn all_sidecars_without_an_address_get_one_that_discover_and_gen_values_tell_too() {
    let clusters = shared();
    clusters.namespace("bare");
    for (name, pod) in [("eu", "10.244.7.1"), ("us", "10.244.8.1")] {
        let cluster = clusters.cluster(name);
        cluster.create(sidecar("bare", "prometheus-thanos", "ClusterIP", 10901));
        cluster.create(slice("bare", "prometheus-thanos", &format!("{name}-a"), pod));
    }
    let reached = clusters.cluster("us");
    reached.create(sidecar("bare", "reached", "LoadBalancer", 10901));
    reached.service_status("bare", "reached", &balanced("203.0.113.9"));
    let room = Room::new();
    clusters.kubeconfig(&room, &["eu", "us"]);
    let fleet = ["-n", "bare", "--all-contexts"];
    let run = patch(&room, &[&fleet[..], &["--yes"]].concat()).exits(0);
    let addresses: Vec<&str> = run.stdout.lines().collect();
    assert!(
        matches!(addresses[..], [eu, us] if eu.starts_with("198.51.100.11:3") && us.starts_with("10.0.2.21:3")),
        "{addresses:?}"
    );
    assert_eq!(reached.service("bare", "reached")["spec"]["type"], "LoadBalancer");

    let found =
        room.run(&[&["discover", "-o", "json", "--kubeconfig", "kubeconfig"], &fleet[..]].concat()).exits(0).json();
    for (cluster, address) in ["eu", "us"].into_iter().zip(&addresses) {
        assert_eq!(endpoint(service(&found, cluster, "prometheus-thanos")), (*address, "NodePort"));
    }
    let values = room.run(&[&["gen-values", "--kubeconfig", "kubeconfig"], &fleet[..]].concat()).exits(0).yaml();
    assert_eq!(values["query"]["stores"], json!([addresses[0], addresses[1], "203.0.113.9:10901"]));

    // Again: there is nothing to do, and nothing is asked.
    patch(&room, &fleet).exits(0).tells(&["nothing to do"]).prints_nothing();
    patch(&room, &["bare/prometheus-thanos", "--all-contexts"]).exits(0).tells(&["is NodePort already"]);
    patch(&room, &[&fleet[..], &["--undo", "--yes"]].concat()).exits(0);
    for name in ["eu", "us"] {
        assert_eq!(clusters.cluster(name).service("bare", "prometheus-thanos")["spec"]["type"], "ClusterIP");
    }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_dry_run_changes_nothing_and_tells_what_the_server_would_say() {
    let (room, eu) = eu();
    shared().namespace("dry");
    let before = eu.create(sidecar("dry", "prometheus-thanos", "ClusterIP", 10901));
    for dry_run in ["client", "server"] {
        let run = patch(&room, &["dry/prometheus-thanos", "--show-patch", "--dry-run", dry_run]).exits(0);
        assert!(
            run.stdout.contains("ClusterIP → NodePort") && run.stdout.contains(r#""path":"/spec/type""#),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("3276"), "a dry run's node ports mean nothing: {}", run.stdout);
        assert_eq!(eu.service("dry", "prometheus-thanos"), before);
    }
    eu.create(sidecar("dry", "other", "NodePort", 10901));
    let taken = eu.service("dry", "other")["spec"]["ports"][0]["nodePort"].to_string();
    patch(&room, &["dry/prometheus-thanos", "--dry-run", "server", "--node-port", &taken]).exits(2).tells(&[
        "would be refused",
        "provided port is already allocated",
        "take another number",
    ]);
    assert!(!room.path(JOURNAL).exists(), "nothing was changed, so nothing is remembered");
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn what_cannot_be_changed_is_refused_with_the_servers_words_and_nothing_is_half_done() {
    let (room, eu) = eu();
    shared().namespace("refused");
    let plain = eu.create(sidecar("refused", "plain", "ClusterIP", 10901));
    eu.create(headless_sidecar("refused", "headless"));
    eu.create(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "refused", "name": "alias"},
        "spec": {"type": "ExternalName", "externalName": "db.example"}}));
    eu.create(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "refused", "name": "by-hand"},
        "spec": {"ports": [{"port": 80}]}}));
    eu.create(sidecar("refused", "balanced", "LoadBalancer", 10901));
    let mut bare = sidecar("refused", "bare", "LoadBalancer", 10901);
    bare["spec"]["allocateLoadBalancerNodePorts"] = json!(false);
    eu.create(bare);
    for (name, words) in [
        ("headless", &["headless", "thanosctl expose refused/headless"][..]),
        ("alias", &["an alias for `db.example`"]),
        ("by-hand", &["no selector", "--force"]),
        ("bare", &["a LoadBalancer without node ports", "--replace-loadbalancer"]),
        ("gone", &["cluster `eu` has no Service `refused/gone`"]),
    ] {
        // One of two: nothing is done to the other either.
        patch(&room, &[&format!("refused/{name}"), "refused/plain", "--yes"]).exits(2).tells(words).prints_nothing();
        assert_eq!(eu.service("refused", "plain"), plain, "{name}");
    }
    let run = patch(&room, &["refused/balanced"])
        .exits(0)
        .tells(&["its node ports are open already", "--replace-loadbalancer"]);
    assert!(run.stdout.starts_with("198.51.100.1"), "{}", run.stdout);
    assert_eq!(eu.service("refused", "balanced")["spec"]["type"], "LoadBalancer");

    let taken = eu.service("refused", "balanced")["spec"]["ports"][0]["nodePort"].to_string();
    for (number, words) in [
        (taken.as_str(), &["spec.ports[0].nodePort", "provided port is already allocated", "take another number"][..]),
        ("29999", &["The range of valid ports is 30000-32767", "take a number of that range"]),
    ] {
        patch(&room, &["refused/plain", "--yes", "--node-port", number]).exits(2).tells(words).prints_nothing();
        assert_eq!(eu.service("refused", "plain"), plain, "{number}");
        assert!(forgot_all(&room), "{number}");
    }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_quota_and_a_policy_are_told_with_what_to_do() {
    let (room, eu) = eu();
    shared().namespace("quota");
    let before = eu.create(sidecar("quota", "prometheus-thanos", "ClusterIP", 10901));
    eu.create(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"namespace": "quota", "name": "q"},
        "spec": {"hard": {"services.nodeports": "0"}}}));
    // Its status is a controller's work.
    eu.merge(
        "/api/v1/namespaces/quota/resourcequotas/q/status",
        &json!({"status": {"hard": {"services.nodeports": "0"}, "used": {"services.nodeports": "0"}}}),
    );
    patch(&room, &["quota/prometheus-thanos", "--yes"])
        .exits(2)
        .tells(&["exceeded quota: q", "kubectl describe resourcequota -n quota"]);
    assert_eq!(eu.service("quota", "prometheus-thanos"), before);

    shared().namespace("policy");
    let before = eu.create(sidecar("policy", "prometheus-thanos", "ClusterIP", 10901));
    eu.create(json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "no-node-ports"},
        "spec": {"failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["services"]}]},
            "validations": [{"expression": "object.metadata.namespace != 'policy' || object.spec.type != 'NodePort'", "message": "no node ports here"}]}}));
    eu.create(json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "no-node-ports"},
        "spec": {"policyName": "no-node-ports", "validationActions": ["Deny"]}}));
    // The API server takes a moment to take notice of it.
    let denied = super::process::wait_for("the policy is in force", std::time::Duration::from_secs(30), || {
        let run = patch(&room, &["policy/prometheus-thanos", "--yes"]);
        if run.code == 2 {
            return Ok(run);
        }
        patch(&room, &["--undo", "policy/prometheus-thanos", "--yes"]);
        Err(run.stderr)
    });
    denied.tells(&["no node ports here", "ask who runs that policy"]);
    assert_eq!(whole(eu.service("policy", "prometheus-thanos")), whole(before));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn who_may_read_and_not_patch_is_told_which_right_is_missing() {
    let clusters = shared();
    clusters.namespace("rights");
    let eu = clusters.cluster("eu");
    let before = eu.create(sidecar("rights", "prometheus-thanos", "ClusterIP", 10901));
    let room = Room::new();
    clusters.kubeconfig(&room, &["eu-nobody"]);
    patch(&room, &["rights/prometheus-thanos", "--yes"]).exits(2).tells(&[
        "cannot get resource \"services\"",
        "kubectl auth can-i get services/prometheus-thanos -n rights --context eu-nobody",
    ]);
    eu.create(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"namespace": "rights", "name": "read"},
        "rules": [{"apiGroups": [""], "resources": ["services"], "verbs": ["get"]}]}));
    eu.create(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"namespace": "rights", "name": "read"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "read"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "nobody"}]}));
    let refused = super::process::wait_for("nobody may read", std::time::Duration::from_secs(20), || {
        let run = patch(&room, &["rights/prometheus-thanos", "--yes"]);
        if run.stderr.contains("cannot patch") { Ok(run) } else { Err(run.stderr) }
    });
    refused.exits(2).tells(&["kubectl auth can-i patch services/prometheus-thanos -n rights --context eu-nobody"]);
    assert_eq!(eu.service("rights", "prometheus-thanos"), before);
}

/// A room whose only cluster is `eu`, reached through `between`.
pub(super) fn through(between: &FakeApi) -> Room {
    let room = Room::new();
    let config = json!({"kind": "Config", "current-context": "eu",
        "contexts": [{"name": "eu", "context": {"cluster": "eu"}}],
        "clusters": [{"name": "eu", "cluster": {"server": between.url()}}]});
    room.file("kubeconfig", &config.to_string());
    room
}

/// A proxy before `eu` that, before it passes on the first patch, lets somebody else merge `change`.
fn meddling(namespace: &'static str, change: Value) -> FakeApi {
    let patches = AtomicUsize::new(0);
    FakeApi::start(move |seen| {
        let eu = shared().cluster("eu");
        if seen.method == "PATCH" && patches.fetch_add(1, Ordering::SeqCst) == 0 {
            eu.merge_service(namespace, "prometheus-thanos", &change, "somebody");
        }
        eu.forward(seen)
    })
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_change_by_somebody_else_in_between_is_noticed() {
    let eu = shared().cluster("eu");
    shared().namespace("between");
    let before = eu.create(sidecar("between", "prometheus-thanos", "ClusterIP", 10901));
    // The plan is still the same: it is made anew and sent again.
    let room = through(&meddling("between", json!({"metadata": {"labels": {"team": "a"}}})));
    patch(&room, &["between/prometheus-thanos", "--yes"])
        .exits(0)
        .tells(&["was changed meanwhile; the plan is still the same"]);
    let after = eu.service("between", "prometheus-thanos");
    assert_eq!((&after["spec"]["type"], &after["metadata"]["labels"]["team"]), (&json!("NodePort"), &json!("a")));

    // Somebody changes the Service before it is brought back: theirs is not overwritten, and a second run tells.
    let shared_room = through(&meddling("between", json!({"spec": {"sessionAffinity": "ClientIP"}})));
    std::fs::create_dir_all(shared_room.path(".local/state")).unwrap();
    std::fs::rename(room.path(JOURNAL), shared_room.path(JOURNAL)).unwrap();
    let undo = ["--undo", "between/prometheus-thanos", "--yes"];
    patch(&shared_room, &undo).exits(2).tells(&["the object has been modified", "run this again"]);
    patch(&shared_room, &undo).exits(2).tells(&[
        "somebody else changed it since",
        "spec.sessionAffinity: \"None\" → \"ClientIP\"",
        "--force",
    ]);
    patch(&shared_room, &[&undo[..], &["--force"]].concat()).exits(0).tells(&["which is lost"]);
    assert_eq!(eu.service("between", "prometheus-thanos")["spec"], before["spec"]);

    // Another plan: nothing is done.
    let room = through(&meddling("between", json!({"spec": {"type": "LoadBalancer"}})));
    patch(&room, &["between/prometheus-thanos", "--yes"])
        .exits(2)
        .tells(&["was not changed", "the plan does not fit it any more"]);
    assert_eq!(eu.service("between", "prometheus-thanos")["spec"]["type"], "LoadBalancer");
    assert!(forgot_all(&room));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_patch_whose_answer_is_lost_is_found_by_reading() {
    let eu = shared().cluster("eu");
    shared().namespace("lost");
    let before = eu.create(sidecar("lost", "prometheus-thanos", "ClusterIP", 10901));
    let losing = FakeApi::start(|seen| {
        let reply = shared().cluster("eu").forward(seen);
        if seen.method == "PATCH" { Reply::Raw(Vec::new()) } else { reply }
    });
    let room = through(&losing);
    let run = patch(&room, &["lost/prometheus-thanos", "--yes"]).exits(0);
    assert!(run.stdout.starts_with("198.51.100."), "{}", run.stdout);
    // Bringing it back loses its answers too: a second run ends it, whatever was done.
    for _ in 0..2 {
        patch(&room, &["--undo", "lost/prometheus-thanos", "--yes"]);
    }
    assert_eq!(whole(eu.service("lost", "prometheus-thanos")), whole(before));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn who_applies_server_side_can_change_the_type_after_an_undo_without_a_conflict() {
    let (room, eu) = eu();
    shared().namespace("applied");
    let mut object = sidecar("applied", "prometheus-thanos", "ClusterIP", 10901);
    eu.apply(&object, "helm").unwrap();
    let run = patch(&room, &["applied/prometheus-thanos", "--yes"]).exits(0);
    run.tells(&["the next `helm upgrade` fails with a conflict on .spec.type"]);
    object["spec"]["type"] = json!("LoadBalancer");
    let conflict = eu.apply(&object, "helm").unwrap_err();
    assert!(conflict.contains("conflict with \"thanosctl\""), "{conflict}");
    // From elsewhere: the annotation alone brings it back, if it may.
    std::fs::remove_dir_all(room.path(JOURNAL)).unwrap();
    let undo = ["--undo", "applied/prometheus-thanos", "--yes"];
    patch(&room, &undo).exits(2).tells(&["--trust-annotations"]);
    patch(&room, &[&undo[..], &["--trust-annotations"]].concat()).exits(0);
    eu.apply(&object, "helm").unwrap();
}

/// Runs the rig's Helm against `eu`.
fn helm(room: &Room, arguments: &[&str]) {
    let output = Command::new(super::tool("helm"))
        .args(arguments)
        .args(["--namespace", "helm", "--kubeconfig", "kubeconfig"])
        .current_dir(room.path(""))
        .env_clear()
        .env("HOME", room.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn what_a_helm_upgrade_turns_back_is_helms_and_only_the_marks_go() {
    let (room, eu) = eu();
    shared().namespace("helm");
    room.file("chart/Chart.yaml", "apiVersion: v2\nname: kube-prometheus\nversion: 8.4.0\n");
    room.file(
        "chart/templates/service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: prometheus-thanos\n  labels:\n    app.kubernetes.io/managed-by: Helm\n    \
         app.kubernetes.io/name: kube-prometheus\n    app.kubernetes.io/component: prometheus\n    app.kubernetes.io/subcomponent: thanos\n    \
         helm.sh/chart: kube-prometheus-8.4.0\nspec:\n  type: {{ .Values.type | default \"ClusterIP\" }}\n  selector: {prometheus: x}\n  \
         ports: [{name: grpc, port: 10901, targetPort: {{ .Values.target | default \"grpc\" }}}]\n",
    );
    helm(&room, &["install", "prometheus", "chart"]);
    let run = patch(&room, &["helm/prometheus-thanos", "--yes"]).exits(0);
    let number = run.stdout.trim_end().rsplit_once(':').unwrap().1.to_owned();
    run.tells(&[
        "Helm release helm/prometheus: the next `helm upgrade` sets the type back",
        "nodePorts:",
        &number,
        "helm upgrade prometheus oci://registry-1.docker.io/bitnamicharts/kube-prometheus --version 8.4.0 -n helm",
    ]);
    helm(&room, &["upgrade", "prometheus", "chart", "--set", "target=other"]);
    let upgraded = eu.service("helm", "prometheus-thanos");
    assert_eq!(upgraded["spec"]["type"], "ClusterIP");
    patch(&room, &["--undo", "helm/prometheus-thanos", "--yes"]).exits(0).tells(&["its owner made it ClusterIP again"]);
    let cleared = eu.service("helm", "prometheus-thanos");
    assert_eq!(cleared["spec"], upgraded["spec"]);
    assert!(!cleared.to_string().contains("thanosctl"), "{cleared:#}");

    // With the values that were printed, an upgrade keeps what the patch made.
    patch(&room, &["helm/prometheus-thanos", "--yes"]).exits(0);
    let patched = eu.service("helm", "prometheus-thanos");
    helm(&room, &["upgrade", "prometheus", "chart", "--set", "type=NodePort,target=other"]);
    assert_eq!(eu.service("helm", "prometheus-thanos")["spec"], patched["spec"]);
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_webhook_that_is_down_is_told() {
    let (room, eu) = eu();
    shared().namespace("webhook");
    let before = eu.create(sidecar("webhook", "prometheus-thanos", "ClusterIP", 10901));
    eu.create(json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "down"},
        "webhooks": [{"name": "down.example.org", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail", "timeoutSeconds": 1,
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "webhook"}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["services"]}]}]}));
    // The API server takes a moment to take notice of it.
    let failed = super::process::wait_for("the webhook is in force", std::time::Duration::from_secs(30), || {
        let run = patch(&room, &["webhook/prometheus-thanos", "--yes"]);
        if run.code == 2 {
            return Ok(run);
        }
        patch(&room, &["--undo", "webhook/prometheus-thanos", "--yes"]);
        Err(run.stderr)
    });
    failed.tells(&["failed calling webhook \"down.example.org\"", "an admission webhook is down or slow"]);
    assert_eq!(whole(eu.service("webhook", "prometheus-thanos")), whole(before));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_kill_at_any_step_leaves_what_an_undo_brings_back() {
    let eu = shared().cluster("eu");
    shared().namespace("killed");
    let before = eu.create(sidecar("killed", "prometheus-thanos", "ClusterIP", 10901));
    let killer = Killer::start();
    let room = through(killer.api());
    let command = ["patch-nodeport", "--kubeconfig", "kubeconfig"];
    let change = [&command[..], &["killed/prometheus-thanos", "--yes"]].concat();
    let back = [&command[..], &["--undo", "killed/prometheus-thanos", "--yes", "--trust-annotations"]].concat();
    let steps = [killer.run(&room, &change, 0, false), killer.run(&room, &back, 0, false)];
    assert_eq!(steps, [6, 3], "read, nodes, patch, read back, nodes, slices; read, spec, marks");
    let (mut kills, mut round) = (0, 0);
    while kills < 200 {
        // Each step of the change, then each step of the way back, before and after it reached the server; every
        // other round without the journal, as when somebody undoes it from elsewhere.
        for at in 1..=steps[0] {
            for passed_on in [false, true] {
                killer.run(&room, &change, at, passed_on);
                if round % 2 == 1 {
                    let _ = std::fs::remove_dir_all(room.path(JOURNAL));
                }
                killer.run(&room, &back, 1 + kills % steps[1], kills % 4 < 2);
                kills += 2;
                assert_eq!(killer.run(&room, &back, 0, false).min(1), 1);
                let now = eu.service("killed", "prometheus-thanos");
                assert_eq!(now["spec"], before["spec"], "{at} {passed_on}");
                assert_eq!(now["metadata"]["annotations"], Value::Null, "{at} {passed_on}");
                assert!(forgot_all(&room) || !room.path(JOURNAL).exists(), "{at} {passed_on}");
            }
        }
        round += 1;
    }
}
