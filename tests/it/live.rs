//! The program against API servers that the test scripts: what it asks, what it makes of the answers, what stops it.

use std::fs::File;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::fake_api::{FakeApi, Reply, node};
use crate::program::{Room, Run};

/// A cluster with one sidecar behind a load balancer at `ip`.
pub(crate) fn cluster(ip: &str) -> FakeApi {
    let service = json!({
        "metadata": {"namespace": "monitoring", "name": "thanos", "labels": {"app.kubernetes.io/component": "thanos-sidecar"}},
        "spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.9", "ports": [{"name": "grpc", "port": 10901}]},
        "status": {"loadBalancer": {"ingress": [{"ip": ip}]}},
    });
    let slice = json!({
        "metadata": {"namespace": "monitoring", "name": "thanos-x", "labels": {"kubernetes.io/service-name": "thanos"}},
        "ports": [{"name": "grpc", "port": 10901}],
        "endpoints": [{"addresses": ["10.42.0.7"], "targetRef": {"uid": "u-7"}}],
    });
    FakeApi::with(vec![service], vec![slice], vec![])
}

/// A room whose kubeconfig has these contexts; the first is the current one.
pub(crate) fn room(servers: &[(&str, &str)]) -> Room {
    let contexts: Vec<Value> =
        servers.iter().map(|(name, _)| json!({"name": name, "context": {"cluster": name}})).collect();
    let clusters: Vec<Value> =
        servers.iter().map(|(name, url)| json!({"name": name, "cluster": {"server": url}})).collect();
    let config = json!({"kind": "Config", "current-context": servers[0].0, "contexts": contexts, "clusters": clusters});
    let room = Room::new();
    room.file(".kube/config", &config.to_string());
    room
}

#[track_caller]
fn succeeds(run: &Run) -> &str {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    &run.stdout
}

#[test]
fn the_current_context_is_asked_and_no_other() {
    let (eu, us) = (cluster("203.0.113.7"), cluster("203.0.113.8"));
    let room = room(&[("eu", &eu.url()), ("us", &us.url())]);
    assert!(succeeds(&room.run(&["gen-values"])).contains("\"203.0.113.7:10901\" # eu monitoring/thanos"));
    assert!(us.requests().is_empty());
    assert!(succeeds(&room.run(&["gen-values", "--context", "u*"])).contains("\"203.0.113.8:10901\""));
}

#[test]
fn nothing_but_lists_is_asked_for_once_each() {
    let eu = cluster("203.0.113.7");
    let room = room(&[("eu", &eu.url())]);
    succeeds(&room.run(&["discover", "--quiet"]));
    let requests = eu.requests();
    let asked: Vec<String> = requests.iter().map(|seen| format!("{} {}", seen.method, seen.path())).collect();
    assert_eq!(asked, ["GET /api/v1/services", "GET /apis/discovery.k8s.io/v1/endpointslices"]);
    assert!(requests.iter().all(|seen| seen.query("limit").as_deref() == Some("500")));
    assert!(requests.iter().all(|seen| seen.header("user-agent").is_some_and(|agent| agent.starts_with("thanosctl/"))));
}

#[test]
fn live_clusters_and_their_inventory_give_the_same_bytes() {
    let (eu, us) = (cluster("203.0.113.7"), cluster("203.0.113.8"));
    let room = room(&[("us", &us.url()), ("eu", &eu.url())]);
    let inventory = room.run(&["discover", "--all-contexts", "-o", "yaml"]);
    room.file("fleet.yaml", succeeds(&inventory));
    for command in [&["discover", "-o", "yaml"][..], &["discover", "--quiet", "-o", "wide"], &["gen-values"]] {
        let live = room.run(&[command, &["--all-contexts"]].concat());
        let offline = room.run(&[command, &["--inventory", "fleet.yaml"]].concat());
        assert_eq!(succeeds(&live), succeeds(&offline), "{command:?}");
    }
    assert_eq!(eu.requests().len(), 4 * 2);
}

#[test]
fn a_dead_cluster_stops_the_values_and_not_the_discovery() {
    let (eu, down) =
        (cluster("203.0.113.7"), FakeApi::start(|_| Reply::status(503, "ServiceUnavailable", "etcd is down")));
    let room = room(&[("eu", &eu.url()), ("down", &down.url())]);
    let run = room.run(&["gen-values", "--all-contexts", "--write", "values.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(!room.path("values.yaml").exists());
    assert!(
        run.stderr.starts_with("error: cannot read cluster `down`\n  caused by: the API server answered 503"),
        "{}",
        run.stderr
    );
    // A retry that nobody sees would be a second request.
    assert_eq!(down.requests().len(), 1);

    let run = room.run(&["discover", "--all-contexts"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("203.0.113.7:10901") && run.stdout.contains("(unreadable)"));
    let run = room.run(&["gen-values", "--all-contexts", "--allow-partial"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("203.0.113.7:10901") && run.stderr.contains("left out: cannot read cluster `down`"));
}

/// A server of one sidecar behind a Service of that type, whose nodes come and whose slices never do, or the reverse.
fn half_silent(kind: &'static str, silent: &'static str) -> FakeApi {
    let service = json!({
        "metadata": {"namespace": "monitoring", "name": "thanos", "labels": {"app.kubernetes.io/component": "thanos-sidecar"}},
        "spec": {"type": kind, "clusterIP": "10.96.0.9", "ports": [{"name": "grpc", "port": 10901, "nodePort": 30901}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}},
    });
    FakeApi::start(move |request| match request.path() {
        "/api/v1/services" => Reply::page(request, "ServiceList", std::slice::from_ref(&service)),
        path if path.ends_with(silent) => Reply::Silence,
        "/api/v1/nodes" => Reply::page(request, "NodeList", &[node("node-1")]),
        _ => Reply::page(request, "EndpointSliceList", &[]),
    })
}

#[test]
fn a_list_that_never_comes_stops_only_values_that_depend_on_it() {
    let (slices, nodes) = (half_silent("NodePort", "/endpointslices"), half_silent("NodePort", "/nodes"));
    let balanced = half_silent("LoadBalancer", "/nodes");
    let room = room(&[("slices", &slices.url()), ("nodes", &nodes.url()), ("balanced", &balanced.url())]);
    let run = room.run(&["discover", "-o", "wide", "--all-contexts", "--timeout", "2s"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "2 stores in 3 clusters, 1 without an address\n"));
    let without_ports =
        |text: &str| text.replace(&slices.port().to_string(), "PORT").replace(&nodes.port().to_string(), "PORT");
    insta::assert_snapshot!(without_ports(&run.stdout));

    let run = room.run(&["gen-values", "--context", "slices", "--context", "balanced", "--timeout", "2s"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("10.2.0.14:30901") && run.stdout.contains("203.0.113.7:10901"), "{}", run.stdout);
    let run = room.run(&["gen-values", "--context", "nodes", "--timeout", "2s"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(without_ports(&run.stderr));
}

#[test]
fn two_contexts_of_one_cluster_are_told_apart_by_their_addresses() {
    let eu = cluster("203.0.113.7");
    let room = room(&[("eu", &eu.url()), ("eu-admin", &eu.url())]);
    let run = room.run(&["gen-values", "--all-contexts"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("is claimed by eu monitoring/thanos and by eu-admin monitoring/thanos"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("--context '!NAME'"), "{}", run.stderr);
}

#[test]
fn the_clusters_of_the_settings_are_asked_by_their_contexts_and_shown_by_their_names() {
    let (eu, us) = (cluster("203.0.113.7"), cluster("203.0.113.8"));
    let room = room(&[("us", &us.url()), ("eu", &eu.url())]);
    room.file(
        "thanosctl.yaml",
        "clusters:\n  - {context: eu, name: europe}\n  - {context: us}\nthanos: {context: us}\n",
    );
    let values = room.run(&["gen-values"]);
    let stores: Vec<&str> = succeeds(&values).lines().filter(|line| line.starts_with("    - ")).collect();
    let expected = [
        "    - \"203.0.113.7:10901\" # europe monitoring/thanos",
        "    - \"thanos.monitoring.svc.cluster.local:10901\" # us monitoring/thanos",
    ];
    assert_eq!(stores, expected);
    room.file("thanosctl.yaml", "clusters: [{context: eu}, {context: uss}]\n");
    let run = room.run(&["gen-values"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("no context of the kubeconfig is named `uss`\nhint: did you mean `us`?"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_mistake_in_the_settings_costs_no_question() {
    let eu = cluster("203.0.113.7");
    let room = room(&[("eu", &eu.url())]);
    room.file("thanosctl.yaml", "thanos: {compactor: {}}\n");
    assert_eq!(room.run(&["gen-values"]).code, 2);
    assert!(eu.requests().is_empty());
}

#[test]
fn progress_is_shown_on_a_terminal_and_gone_when_done() {
    let (eu, us) = (cluster("203.0.113.7"), cluster("203.0.113.8"));
    let room = room(&[("eu", &eu.url()), ("us", &us.url())]);
    let (code, screen) = room.on_a_terminal(&["discover", "--all-contexts"], |_| None);
    assert_eq!(code, 0);
    assert!(screen.contains("eu  connecting\r\n") && screen.contains("us  connecting\r\n"), "{screen}");
    // What stands after the last time that everything below the cursor was cleared is all that is left.
    let (_, left) = screen.rsplit_once("\u{1b}[J").expect("progress is taken away");
    assert!(left.starts_with("CLUSTER ") && !left.contains("connecting"), "{left}");
    assert!(left.contains("203.0.113.7:10901") && left.contains("203.0.113.8:10901"), "{left}");

    let (_, quiet) = room.on_a_terminal(&["discover", "--all-contexts", "--quiet"], |_| None);
    assert!(quiet.starts_with("CLUSTER "), "{quiet}");
}

#[test]
fn a_reader_that_goes_away_ends_the_output_quietly() {
    let eu = cluster("203.0.113.7");
    let room = room(&[("eu", &eu.url())]);
    let mut child =
        room.command(&["discover", "-o", "name"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}

#[test]
fn a_full_disk_under_stdout_is_an_error() {
    let Ok(mut full) = File::options().write(true).open("/dev/full") else { return };
    assert!(full.write_all(b"x").is_err(), "/dev/full takes nothing");
    let eu = cluster("203.0.113.7");
    let room = room(&[("eu", &eu.url())]);
    let output = room.command(&["discover"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: cannot write to stdout"));
}
