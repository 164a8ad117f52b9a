//! Whoever writes a credential where none belongs finds it neither on the screen nor in a log.

use serde_json::{Value, json};
use thanosctl::yaml;

use crate::program::{Room, fixture_text};

/// The word that must never be told.
const SECRET: &str = "hunter2";

/// What a hand may put in place of anything.
fn probes() -> Vec<Value> {
    let texts =
        ["https://user:hunter2@host.example:9093/x", "user:hunter2@host.example:9093", "dns+user:hunter2@host:1"];
    let mut probes: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    probes.extend([json!([texts[0]]), json!({"key": texts[0]}), json!({"env": texts[0]}), json!({"file": texts[1]})]);
    probes
}

/// `tree` with each of its values replaced by `probe`, one at a time.
fn replaced(tree: &Value, probe: &Value) -> Vec<Value> {
    let mut all = vec![probe.clone()];
    match tree {
        Value::Object(entries) => {
            // The names of clusters and contexts are what a fleet is talked about with; they are told as they are.
            for (name, value) in entries.iter().filter(|(name, _)| *name != "context" && *name != "name") {
                for below in replaced(value, probe) {
                    let mut entries = entries.clone();
                    entries.insert(name.clone(), below);
                    all.push(Value::Object(entries));
                }
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                for below in replaced(value, probe) {
                    let mut items = items.clone();
                    items[at] = below;
                    all.push(Value::Array(items));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all
}

fn tree(text: &str) -> Value {
    thanosctl::document::read("test", text).unwrap()
}

const SETTINGS: &str = "
clusters:
  - {context: prod-eu-1, name: eu, address: {prefer: [NodePort], nodeAddresses: [InternalIP], nodeSelector: a=b, family: IPv4}}
  - {name: edge, endpoints: ['edge.example.net:10901'], services: {include: ['a/b'], exclude: ['c/d']}}
services: {include: ['a/*']}
clusterLabel: cluster
replicaLabels: [prometheus_replica]
secrets: manifest
thanos:
  chart: bitnami/thanos
  chartVersion: 17.3.1
  release: thanos
  namespace: monitoring
  clusterDomain: cluster.local
  image: {registry: quay.io, repository: thanos/thanos, tag: v1}
  query: {service: {type: NodePort, nodePort: 30901}}
  compactor: {retention: {raw: 30d}, persistence: {size: 8Gi, storageClass: fast}}
  ruler: {alertmanagers: ['http://a:9093'], rules: ['*.rules'], replicaLabel: replica}
  objstore:
    type: S3
    prefix: a
    config:
      bucket: thanos
      endpoint: s3.example
      region: eu
      insecure: true
      access_key: {env: A}
      secret_key: {env: B}
      part_size: 1
      list_objects_version: v2
      put_user_metadata: {a: b}
      http_config: {idle_conn_timeout: 90s, insecure_skip_verify: true, tls_config: {ca_file: a}}
  minio: {buckets: [thanos], credentials: {rootUser: {env: A}, rootPassword: {env: B}}}
  values: {fullnameOverride: a, query: {replicaCount: 1, pdb: {create: true}}}
";

#[test]
fn no_error_about_the_settings_tells_a_credential() {
    let room = Room::new();
    room.file("inventory.yaml", &fixture_text("how-to/short/inventory.yaml"));
    room.file("a.rules", &fixture_text("how-to/full/rules/prometheus.yaml"));
    for settings in probes().iter().flat_map(|probe| replaced(&tree(SETTINGS), probe)) {
        let settings = yaml::document(&settings);
        room.file("thanosctl.yaml", &settings);
        let run = room.run(&["gen-values", "--inventory", "inventory.yaml"]);
        assert!(!run.stderr.contains(SECRET), "{settings}{}", run.stderr);
    }
}

#[test]
fn no_error_about_a_rule_file_tells_a_credential() {
    let room = Room::new();
    let settings = "clusters: [{name: a, endpoints: ['a:1']}]\nthanos: {objstore: {existingSecret: a}, ruler: {alertmanagers: ['http://a:9093'], rules: [a.rules]}}\n";
    room.file("thanosctl.yaml", settings);
    let rules = tree(
        "groups: [{name: a, interval: 1m, limit: 1, partial_response_strategy: warn, rules: [{alert: a, expr: up, for: 1m, labels: {a: b}}]}]",
    );
    for rules in probes().iter().flat_map(|probe| replaced(&rules, probe)) {
        let rules = yaml::document(&rules);
        room.file("a.rules", &rules);
        let run = room.run(&["gen-values"]);
        assert!(!run.stderr.contains(SECRET), "{rules}{}", run.stderr);
    }
}

#[test]
fn a_secret_in_the_place_of_its_reference_is_not_told() {
    let room = Room::new();
    for secret in [
        "hunter2",
        "[hunter2]",
        "{hunter2: 1}",
        "{hunter2}",
        "{env: [hunter2]}",
        "{env: 'hunter2!'}",
        "!!binary aHVudGVyMg==",
    ] {
        for settings in [
            format!("thanos: {{minio: {{credentials: {{rootUser: {{env: A}}, rootPassword: {secret}}}}}}}\n"),
            format!(
                "thanos: {{objstore: {{type: S3, config: {{bucket: abc, endpoint: x, access_key: {{env: A}}, secret_key: {secret}}}}}}}\n"
            ),
        ] {
            room.file("thanosctl.yaml", &settings);
            let run = room.run(&["gen-values"]);
            assert_eq!(run.code, 2, "{settings}");
            assert!(!run.stderr.contains(SECRET) && run.stderr.contains("{env: NAME}"), "{settings}{}", run.stderr);
        }
    }
}

#[test]
fn no_error_about_a_flag_or_an_annotation_tells_a_credential() {
    let room = Room::new();
    let annotated = fixture_text("how-to/short/inventory.yaml").replacen(
        "        type: NodePort\n",
        "        annotations: {thanosctl.io/address: 'user:hunter2@host:1'}\n        type: NodePort\n",
        1,
    );
    assert!(annotated.contains(SECRET));
    room.file("inventory.yaml", &annotated).file("thanosctl.yaml", "overrides: {allow: ['*/*']}\n");
    let run = room.run(&["gen-values", "--inventory", "inventory.yaml"]);
    assert!(
        run.code == 2 && run.stderr.contains("holds credentials") && !run.stderr.contains(SECRET),
        "{}",
        run.stderr
    );
    for flag in ["--chart", "--chart-version", "--release", "--release-namespace"] {
        let run = room.run(&["gen-values", "--inventory", "inventory.yaml", flag, "https://user:hunter2@host/x"]);
        assert!(run.code == 2 && !run.stderr.contains(SECRET), "{flag}: {}", run.stderr);
    }
}
