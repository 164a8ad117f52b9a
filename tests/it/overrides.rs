//! What a Service's annotations say of its own address: nothing, unless the settings allow it.

use serde_json::{Value, json};

use crate::fake_api::{FakeApi, node, service, slice};
use crate::program::Room;

/// A sidecar of a tenant.
fn sidecar(namespace: &str, node_port: Option<u16>, annotations: &Value) -> Value {
    let mut service = service(namespace, "sidecar", node_port);
    service["metadata"]["labels"] = json!({"app.kubernetes.io/component": "thanos-sidecar"});
    service["metadata"]["annotations"] = annotations.clone();
    service
}

/// A room with the cluster `eu`, in which a tenant annotated its sidecar so.
fn room(node_port: Option<u16>, annotations: &Value) -> (Room, FakeApi) {
    let services = vec![sidecar("tenant", node_port, annotations)];
    let api = FakeApi::with(services, vec![slice("tenant", "sidecar")], vec![node("node-1")]);
    let room = Room::new();
    let config = json!({"kind": "Config", "current-context": "eu",
        "contexts": [{"name": "eu", "context": {"cluster": "eu"}}],
        "clusters": [{"name": "eu", "cluster": {"server": api.url()}}]});
    room.file(".kube/config", &config.to_string());
    (room, api)
}

/// The address and the remarks of the only Service, live and from what was written of it.
fn found(room: &Room) -> (String, String) {
    let live = room.run(&["discover", "-o", "json"]);
    assert_eq!(live.code, 0, "{}", live.stderr);
    room.file("fleet.json", &live.stdout);
    let offline = room.run(&["discover", "-o", "json", "--inventory", "fleet.json"]);
    assert_eq!((offline.code, &offline.stdout), (0, &live.stdout), "{}", offline.stderr);
    let document: Value = serde_json::from_str(&live.stdout).unwrap();
    let service = &document["clusters"][0]["services"][0];
    (service["endpoints"][0]["address"].as_str().unwrap_or("none").to_owned(), service["remarks"].to_string())
}

const EVIL: &str = "evil.example:443";

#[test]
fn an_address_in_an_annotation_is_dialled_only_where_the_settings_allow_it() {
    let (room, _api) = room(Some(31901), &json!({"thanosctl.io/address": EVIL}));
    let allow = "`overrides: {allow: [tenant/sidecar]}`";
    for settings in [
        "",
        "overrides:\n",
        "overrides: {allow: []}\n",
        "overrides: {allow: [monitoring/*, tenant/side]}\n",
        "clusters: [{context: us, overrides: {allow: ['*/*']}}, {context: eu}]\n",
    ] {
        room.file("thanosctl.yaml", settings);
        if settings.contains("context: us") {
            let inventory = room.run(&["discover", "-o", "json", "--context", "eu"]);
            assert!(!inventory.stdout.contains("\"address\": \"evil"), "{settings}{}", inventory.stdout);
            continue;
        }
        let (address, remarks) = found(&room);
        assert_eq!(address, "10.2.0.14:31901", "{settings}");
        assert!(remarks.contains("thanosctl.io/address is not used") && remarks.contains(allow), "{settings}{remarks}");
        let values = room.run(&["gen-values"]);
        assert!(values.code == 0 && !values.stdout.contains("evil"), "{settings}{}", values.stdout);
        assert!(values.stderr.contains(allow), "{settings}{}", values.stderr);
    }
    for settings in ["overrides: {allow: [ten*/sidecar]}\n", "clusters: [{context: eu, overrides: {allow: ['*/*']}}]\n"]
    {
        room.file("thanosctl.yaml", settings);
        let (address, remarks) = found(&room);
        assert_eq!(address, EVIL, "{settings}");
        assert!(remarks.contains("what its annotation thanosctl.io/address says"), "{settings}{remarks}");
        assert!(room.run(&["gen-values"]).stdout.contains(EVIL), "{settings}");
    }
}

#[test]
fn where_nothing_but_an_annotation_says_the_address_there_is_none_and_the_hint_says_how_to_allow_it() {
    for annotations in [
        json!({"thanosctl.io/address": EVIL}),
        json!({"external-dns.alpha.kubernetes.io/hostname": "evil.example"}),
        json!({"external-dns.kubernetes.io/hostname": "evil.example"}),
    ] {
        // A node port that no node serves.
        let (room, _api) = room(Some(31901), &annotations);
        room.file("thanosctl.yaml", "clusters: [{context: eu, address: {nodeSelector: edge=yes}}]\n");
        let key = annotations.as_object().unwrap().keys().next().unwrap();
        let (address, remarks) = found(&room);
        assert_eq!(address, "none", "{annotations}");
        assert!(remarks.contains(&format!("{key} is not used")), "{remarks}");
        let run = room.run(&["gen-values"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(
            run.stderr.contains(key) && run.stderr.contains("overrides: {allow: [tenant/sidecar]}"),
            "{}",
            run.stderr
        );
        room.file(
            "thanosctl.yaml",
            "clusters: [{context: eu, address: {nodeSelector: edge=yes}, overrides: {allow: [tenant/*]}}]\n",
        );
        assert!(found(&room).0.starts_with("evil.example:"), "{annotations}");
    }
}

#[test]
fn an_address_that_is_not_allowed_explains_no_store_of_a_values_file() {
    let (room, _api) = room(Some(31901), &json!({"thanosctl.io/address": EVIL}));
    room.file("values.yaml", &format!("query:\n  stores:\n    - 10.2.0.14:31901\n    - {EVIL}\n"));
    let run = room.run(&["diff", "values.yaml"]);
    let told = format!("`{EVIL}` belongs to no Service in the queried clusters");
    assert!(run.code != 0 && run.stdout.contains(&told), "{}{}", run.stdout, run.stderr);
    room.file("thanosctl.yaml", "overrides: {allow: ['*/*']}\n");
    assert!(!room.run(&["diff", "values.yaml"]).stdout.contains(&told));
}

#[test]
fn wrong_globs_are_refused_with_their_place() {
    let room = Room::new();
    for (settings, told) in [
        ("overrides: {allow: [tenant]}\n", "NAMESPACE/NAME"),
        ("overrides: {allowed: [a/b]}\n", "did you mean `allow`?"),
        ("clusters: [{context: eu, overrides: {allow: [a/b/c]}}]\n", "NAMESPACE/NAME"),
    ] {
        room.file("thanosctl.yaml", settings);
        let run = room.run(&["discover"]);
        assert!(
            run.code == 2 && run.stderr.contains("thanosctl.yaml:1") && run.stderr.contains(told),
            "{}",
            run.stderr
        );
    }
}
