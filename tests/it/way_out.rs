//! The ways out that errors name: they leave out what is meant, and name the cause that counts.

use serde_json::{Value, json};

use crate::program::{Room, Run};

/// A sidecar's Service with `fields` over the usual.
fn service(name: &str, fields: &Value) -> Value {
    let mut service = json!({
        "namespace": "monitoring", "name": name, "labels": {"app.kubernetes.io/component": "thanos-sidecar"},
        "ports": [{"name": "grpc", "port": 10901, "targetPort": "grpc"}], "selector": {"app.kubernetes.io/name": "prometheus"},
    });
    for (key, value) in fields.as_object().into_iter().flatten() {
        service[key] = value.clone();
    }
    service
}

fn cluster(name: &str, services: &[Value]) -> Value {
    json!({"name": name, "context": format!("prod-{name}"), "error": null, "services": services, "nodes": [], "endpointSlices": []})
}

fn inventory(clusters: &[Value]) -> String {
    json!({"kind": "Inventory", "version": 1, "clusters": clusters}).to_string()
}

/// Two clusters with a Service of one name: it is behind a load balancer in `a`, and headless in `b`.
fn twins() -> String {
    let balanced = service("sidecar", &json!({"type": "LoadBalancer", "loadBalancerIngress": [{"ip": "203.0.113.7"}]}));
    inventory(&[cluster("a", &[balanced]), cluster("b", &[service("sidecar", &json!({"clusterIP": "None"}))])])
}

fn gen_values(room: &Room) -> Run {
    room.run(&["gen-values", "--inventory", "fleet.json"])
}

#[test]
fn the_way_out_for_a_service_of_one_cluster_leaves_the_other_clusters_alone() {
    let room = Room::new();
    let run = gen_values(room.file("fleet.json", &twins()));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    let entry = run.stderr.lines().map(str::trim).find(|line| line.starts_with("{context: ")).unwrap();
    room.file("thanosctl.yaml", &format!("clusters:\n  - {{context: prod-a, name: a}}\n  - {entry}\n"));
    let run = gen_values(&room);
    assert_eq!(run.code, 0, "{entry}: {}", run.stderr);
    assert!(run.stdout.contains("203.0.113.7:10901"), "{}", run.stdout);
}

#[test]
fn where_the_settings_have_an_entry_for_the_cluster_the_way_out_goes_there() {
    let room = Room::new();
    room.file("fleet.json", &twins());
    let settings =
        |more: &str| format!("clusters:\n  - {{context: prod-a, name: a}}\n  - {{context: prod-b, name: b{more}}}\n");
    let run = gen_values(room.file("thanosctl.yaml", &settings("")));
    assert_eq!(run.code, 2);
    let (_, rest) = run.stderr.split_once("add `").unwrap_or_else(|| panic!("{}", run.stderr));
    let (exclude, rest) = rest.split_once('`').unwrap();
    assert!(rest.starts_with(" to the entry of cluster `b`"), "{rest}");
    let run = gen_values(room.file("thanosctl.yaml", &settings(&format!(", {exclude}"))));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("203.0.113.7:10901"), "{}", run.stdout);
}

#[test]
fn hostile_names_in_a_way_out_stay_names() {
    let hostile = service("a\u{1b}[31m, b", &json!({"clusterIP": "None"}));
    let mut cluster = cluster("x", &[hostile]);
    cluster["context"] = json!("a: b, {c}");
    let run = gen_values(Room::new().file("fleet.json", &inventory(&[cluster])));
    assert!(run.stderr.contains(r#"{context: "a: b, {c}", name: x"#), "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
}

/// A headless Service with Services of ours beside it, one for each replica, and slices that could not be read.
fn without_slices() -> Value {
    let ours = |at: usize| {
        let pod = format!("prometheus-kps-{at}");
        let name = format!("sidecar-ext-{at}");
        let mark =
            json!({"version": 1, "service": format!("monitoring/{name}"), "exposes": "monitoring/sidecar", "pod": pod});
        service(
            &name,
            &json!({
                "type": "LoadBalancer", "loadBalancerIngress": [{"ip": format!("203.0.113.{}", 7 + at)}],
                "labels": {
                    "app.kubernetes.io/component": "thanos-sidecar", "app.kubernetes.io/managed-by": "thanosctl",
                    "thanosctl.io/exposes": "sidecar",
                },
                "annotations": {"thanosctl.io/exposes": mark.to_string()},
                "selector": {"app.kubernetes.io/name": "prometheus", "statefulset.kubernetes.io/pod-name": pod},
            }),
        )
    };
    let mut cluster = cluster("eu", &[service("sidecar", &json!({"clusterIP": "None"})), ours(0), ours(1)]);
    cluster["unreadable"] =
        json!({"endpointSlices": {"cause": "the API server answered 403 Forbidden: no", "hint": "ask for the right"}});
    cluster
}

#[test]
fn without_slices_the_cause_is_that_they_could_not_be_read() {
    let room = Room::new();
    let run = gen_values(room.file("fleet.json", &inventory(&[without_slices()])));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("403 Forbidden") && run.stderr.contains("ask for the right"), "{}", run.stderr);
    assert!(!run.stderr.contains("headless") && !run.stderr.contains("thanosctl expose"), "{}", run.stderr);
    // Nothing is made that may be there already.
    let run = room.run(&["expose", "--inventory", "fleet.json"]);
    assert!(!run.stdout.contains("create"), "{}", run.stdout);
}

#[test]
fn a_service_that_cannot_share_its_pods_with_another_is_headless_all_the_same() {
    let mut cluster = without_slices();
    cluster["services"][0]["selector"] = json!({"app.kubernetes.io/name": "another"});
    let run = gen_values(Room::new().file("fleet.json", &inventory(&[cluster])));
    assert!(run.stderr.contains("headless"), "{}", run.stderr);
}

/// A node port of a Service of one family, on a node that has addresses of both.
fn node_port(families: &[&str]) -> String {
    let service = service(
        "sidecar",
        &json!({
            "type": "NodePort", "ipFamilies": families,
            "ports": [{"name": "grpc", "port": 10901, "targetPort": "grpc", "nodePort": 30901}],
        }),
    );
    let address = |ip: &str| json!({"type": "InternalIP", "address": ip});
    let mut cluster = cluster("eu", &[service]);
    cluster["nodes"] = json!([{
        "name": "n1", "ready": true,
        "addresses": [address("203.0.113.4"), address("2001:db8::4"), address("fe80::4"), address("169.254.7.7")],
    }]);
    inventory(&[cluster])
}

#[test]
fn a_committed_address_on_which_the_node_port_does_not_listen_is_drift() {
    let room = Room::new();
    room.file("fleet.json", &node_port(&["IPv4"]));
    let right = gen_values(&room).stdout;
    assert!(right.contains("203.0.113.4:30901"), "{right}");
    for (committed, families, code) in [
        ("203.0.113.4:30901", &["IPv4"][..], 0),
        ("[2001:db8::4]:30901", &["IPv4"], 1),
        ("[2001:db8::4]:30901", &["IPv4", "IPv6"], 0),
        ("169.254.7.7:30901", &["IPv4"], 1),
        ("[fe80::4]:30901", &["IPv4", "IPv6"], 1),
    ] {
        room.file("fleet.json", &node_port(families));
        room.file("values.yaml", &right.replace("203.0.113.4:30901", committed));
        let run = room.run(&["diff", "values.yaml", "--inventory", "fleet.json"]);
        assert_eq!(run.code, code, "{committed} {families:?}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn a_cluster_with_other_store_apis_alone_is_shown() {
    let query = service(
        "thanos-query-grpc",
        &json!({"labels": {"app.kubernetes.io/name": "thanos", "app.kubernetes.io/component": "query"}}),
    );
    let room = Room::new();
    let run =
        room.file("fleet.json", &inventory(&[cluster("eu", &[query])])).run(&["discover", "--inventory", "fleet.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("monitoring/thanos-query-grpc   query"), "{}", run.stdout);
    assert!(run.stderr.contains("has no Thanos sidecar"), "{}", run.stderr);
    assert_eq!(gen_values(&room).code, 2);
}

#[test]
fn to_go_on_without_something_is_advised_where_that_works() {
    let go_on = "or go on without it (`--allow-partial`)";
    let room = Room::new();
    let run = gen_values(room.file("fleet.json", &twins()));
    assert!(run.stderr.contains(go_on), "{}", run.stderr);
    assert_eq!(room.run(&["gen-values", "--inventory", "fleet.json", "--allow-partial"]).code, 3);
    // A cluster that could not be read can be done without as well.
    let down = json!({"name": "b", "context": "prod-b", "error": "no route to host"});
    let balanced = service("sidecar", &json!({"type": "LoadBalancer", "loadBalancerIngress": [{"ip": "203.0.113.7"}]}));
    let run = gen_values(room.file("fleet.json", &inventory(&[cluster("a", &[balanced]), down.clone()])));
    assert!(run.stderr.contains("go on without it (`--allow-partial`)"), "{}", run.stderr);
    // Nothing would be left.
    let headless = service("sidecar", &json!({"clusterIP": "None"}));
    let run = gen_values(room.file("fleet.json", &inventory(&[cluster("a", &[headless]), down])));
    assert!(run.code == 2 && !run.stderr.contains("--allow-partial"), "{}", run.stderr);
    // `diff` goes on by itself, and has no such flag.
    room.file("fleet.json", &twins())
        .file("values.yaml", "query:\n  stores:\n    - \"203.0.113.7:10901\" # a monitoring/sidecar\n");
    let run = room.run(&["diff", "--inventory", "fleet.json", "values.yaml"]);
    assert!(run.stdout.contains("no store leads to `monitoring/sidecar`"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("--allow-partial"), "{}", run.stdout);
}

#[test]
fn where_only_some_services_were_looked_at_that_is_the_cause() {
    let room = Room::new();
    room.file("fleet.json", &twins());
    for (flags, told) in [(["-n", "other"], "--namespace other"), (["-l", "team=a"], "--selector team=a")] {
        for verb in ["gen-values", "discover", "patch-nodeport", "expose"] {
            let run = room.run(&[&[verb, "--inventory", "fleet.json"], &flags[..]].concat());
            let hint = format!("hint: only Services of `{told}` were looked at: leave that out to see all\n");
            assert!(run.stderr.contains(&hint), "{verb}: {}", run.stderr);
            assert!(!run.stderr.contains("is the sidecar on?"), "{verb}: {}", run.stderr);
        }
    }
}
