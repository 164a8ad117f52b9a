//! Two contexts that lead to one cluster.

use serde_json::{Value, json};

use crate::fake_api::{FakeApi, Reply, node, service, slice};
use crate::program::{Room, Run, fixture_text};

const NAME: &str = "x-thanos-sidecar";

/// An API server with one sidecar; `uid` is what it says of its namespace `kube-system`.
fn cluster(uid: Option<&'static str>) -> FakeApi {
    let mut sidecar = service("monitoring", NAME, Some(30901));
    sidecar["metadata"]["labels"] = json!({"app.kubernetes.io/component": "thanos-sidecar"});
    let slices = vec![slice("monitoring", NAME)];
    FakeApi::start(move |seen| match seen.path() {
        path if path.ends_with("/services") => Reply::page(seen, "ServiceList", std::slice::from_ref(&sidecar)),
        path if path.ends_with("/endpointslices") => Reply::page(seen, "EndpointSliceList", &slices),
        "/api/v1/nodes" => Reply::page(seen, "NodeList", &[node("node-1")]),
        "/api/v1/namespaces/kube-system" => match uid {
            Some(uid) => {
                Reply::Json(200, json!({"kind": "Namespace", "metadata": {"name": "kube-system", "uid": uid}}))
            }
            None => Reply::status(403, "Forbidden", "namespaces \"kube-system\" is forbidden"),
        },
        _ => Reply::status(404, "NotFound", "not found"),
    })
}

/// A room whose contexts lead to these servers.
fn room(contexts: &[(&str, &FakeApi)]) -> Room {
    let room = Room::new();
    let clusters: Vec<Value> =
        contexts.iter().map(|(name, api)| json!({"name": name, "cluster": {"server": api.url()}})).collect();
    let contexts: Vec<Value> =
        contexts.iter().map(|(name, _)| json!({"name": name, "context": {"cluster": name}})).collect();
    room.file(".kube/config", &json!({"contexts": contexts, "clusters": clusters}).to_string());
    room
}

fn asked_who(api: &FakeApi) -> usize {
    api.requests().iter().filter(|seen| seen.path().ends_with("/kube-system")).count()
}

#[track_caller]
fn refused(run: &Run, said: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn contexts_of_one_server_are_known_by_the_uid_of_kube_system() {
    let api = cluster(Some("c-1"));
    let room = room(&[("eu", &api), ("eu-admin", &api)]);
    let run = room.run(&["discover", "--all-contexts", "-o", "yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stderr,
        "warning: `eu` and `eu-admin` are one cluster under two names: its Services are listed twice\n"
    );
    assert_eq!((run.stdout.matches("    uid: c-1\n").count(), asked_who(&api)), (2, 2), "{}", run.stdout);
    // The inventory carries it on.
    let again = room.file("inventory.yaml", &run.stdout).run(&["discover", "--inventory", "inventory.yaml"]);
    assert!(again.stderr.contains("`eu` and `eu-admin` are one cluster"), "{}", again.stderr);
}

#[test]
fn nobody_is_asked_who_it_is_where_the_servers_differ_and_a_403_is_no_error() {
    let (one, other) = (cluster(Some("c-1")), cluster(Some("c-2")));
    let run = room(&[("eu", &one), ("us", &other)]).run(&["discover", "--all-contexts"]);
    assert_eq!(
        (run.code, run.stderr.as_str(), asked_who(&one) + asked_who(&other)),
        (0, "2 stores in 2 clusters\n", 0)
    );
    let closed = cluster(None);
    let run = room(&[("eu", &closed), ("eu-ci", &closed)]).run(&["discover", "--all-contexts"]);
    assert_eq!((run.code, run.stderr.as_str(), asked_who(&closed)), (0, "2 stores in 2 clusters\n", 2));
}

#[test]
fn an_address_that_two_contexts_claim_is_refused_with_settings_and_without() {
    let api = cluster(None);
    let room = room(&[("eu", &api), ("eu-ci", &api)]);
    room.file("values.yaml", "query:\n  stores:\n    - 10.2.0.14:30901 # eu monitoring/x-thanos-sidecar\n");
    let said =
        "`10.2.0.14:30901` is claimed by eu monitoring/x-thanos-sidecar and by eu-ci monitoring/x-thanos-sidecar";
    let refusals = |all: &[&str]| {
        for arguments in [&["diff", "values.yaml"][..], &["gen-values"], &["gen-values", "--update", "values.yaml"]] {
            refused(&room.run(&[arguments, all].concat()), said);
        }
    };
    refusals(&["--all-contexts"]);
    room.file("thanosctl.yaml", "clusters: [{context: eu}, {context: eu-ci}]\n");
    refusals(&[]);
}

/// Two inventories of one cluster, in which its Service has two addresses: as a querier outside sees it, and from within.
fn inventory(uids: [&str; 2]) -> String {
    let text = fixture_text("how-to/short/inventory.yaml").replace("prod-us-1", "hub");
    let mut uids = uids.into_iter();
    let with = |line: &str| match line.trim() {
        "name: kube-prometheus-prometheus-thanos" if line.starts_with("        ") => {
            format!("{line}\n        uid: {}\n", uids.next().expect("two Services"))
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(with).collect()
}

#[test]
fn a_service_that_two_contexts_lead_to_is_refused_also_by_two_addresses() {
    let room = Room::new();
    room.file("thanosctl.yaml", "thanos: {context: hub}\n").file("inventory.yaml", &inventory(["u-1", "u-1"]));
    room.file("values.yaml", "query: {stores: []}\n");
    let said = "error: `eu-1` (context `prod-eu-1`) and `us-1` (context `hub`) are one cluster: its stores would be there twice\n  \
                caused by: Service `monitoring/kube-prometheus-prometheus-thanos` has the same uid in both\n";
    for verb in [&["gen-values"][..], &["gen-values", "--allow-partial"], &["diff", "values.yaml"]] {
        refused(&room.run(&[verb, &["--inventory", "inventory.yaml"]].concat()), said);
    }
    room.file("inventory.yaml", &inventory(["u-1", "u-2"]));
    assert_eq!(room.run(&["gen-values", "--inventory", "inventory.yaml"]).code, 0);
}
