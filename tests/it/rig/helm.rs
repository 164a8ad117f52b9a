//! Helm reads the generated values as they are meant, and Thanos takes what comes out.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;

use serde_json::{Value, json};

use super::expect::yaml;
use super::tool;
use crate::program::{Room, fixture};

/// What Helm made of a values file.
struct Echo {
    /// The values as Helm understood them.
    values: Value,
    /// By key, what `tpl` made of the values that bitnami/thanos passes through it.
    rendered: Value,
}

impl Echo {
    #[track_caller]
    fn text(&self, key: &str) -> &str {
        self.rendered[key].as_str().unwrap_or_else(|| panic!("no {key} in {:#}", self.values))
    }
}

/// Gives `values` to the real Helm, for the release `obs` in the namespace `monitoring`.
#[track_caller]
fn helm(room: &Room, values: &str) -> Echo {
    room.file("values.yaml", values);
    let output = Command::new(tool("helm"))
        .args(["template", "obs", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rig/chart")])
        .args(["--namespace", "monitoring", "--values"])
        .arg(room.path("values.yaml"))
        .env_clear()
        .env("HOME", room.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{values}", String::from_utf8_lossy(&output.stderr));
    let echoed = yaml(std::str::from_utf8(&output.stdout).unwrap());
    let read = |key: &str| serde_json::from_str(echoed["data"][key].as_str().unwrap()).unwrap();
    Echo { values: read("values.json"), rendered: read("rendered.json") }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn helm_reads_the_full_how_to_as_it_is_meant() {
    let room = Room::new();
    let settings = fixture("how-to/full/thanosctl.yaml");
    let inventory = fixture("how-to/full/inventory.yaml");
    let run = room.run(&["gen-values", "--config", &settings, "--inventory", &inventory, "--show-secrets"]).exits(0);
    let echo = helm(&room, &run.stdout);

    // Helm and our own reader see the same document, so nothing in it depends on whose YAML it is.
    assert_eq!(echo.values, run.yaml());

    let stores = echo.values["query"]["stores"].as_array().unwrap();
    assert_eq!(stores.len(), 2, "{stores:?}");
    assert!(stores.iter().all(|store| store.as_str().is_some_and(|store| store.ends_with(":10901"))), "{stores:?}");
    // The ruler is a producer too, and its replicas differ by a label of their own.
    assert_eq!(echo.values["query"]["replicaLabel"], json!(["prometheus_replica", "replica"]));
    for component in ["bucketweb", "compactor", "storegateway", "ruler", "minio"] {
        assert_eq!(echo.values[component]["enabled"], true, "{component}");
    }

    let objstore = yaml(echo.text("objstoreConfig"));
    assert_eq!(objstore["config"]["bucket"], "thanos");
    assert_eq!(objstore["config"]["insecure"], true);
    assert_eq!(objstore["config"]["access_key"], echo.text("minio.auth.rootUser"));
    assert_eq!(objstore["config"]["secret_key"], echo.text("minio.auth.rootPassword"));

    let rules = yaml(echo.text("ruler.config"));
    assert_eq!(rules["groups"][0]["rules"][0]["expr"], r#"absent(up{prometheus="monitoring/prometheus-operator"})"#);
    assert_eq!(
        echo.values["ruler"]["alertmanagers"],
        json!(["http://prometheus-operator-alertmanager.monitoring.svc.cluster.local:9093"])
    );
}

const RULES: &str = r#"# who watches the watchers
groups:
  - name: producers
    rules:
      - alert: PrometheusGone
        expr: absent(up{prometheus="monitoring/prometheus-operator"})
        for: 10m
        labels: {severity: critical}
        annotations:
          summary: "{{ $labels.prometheus }} is gone ({{ $value }}), see {{`{{`}} the runbook"
"#;

/// Everything that YAML, Helm or a shell could trip over.
const NASTY: &str = r#"{{ .Values }}"'#: `$x`{{`}}\ %é"#;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn rules_and_object_store_come_out_of_tpl_as_they_went_in_and_thanos_takes_them() {
    let (endpoint, requests) = s3();
    let room = Room::new();
    room.file("rules/producers.yaml", RULES).file("s3.key", &format!("{NASTY}\n"));
    let settings = format!(
        r#"
clusters:
  - {{name: eu, endpoints: ["10.2.0.14:31420"]}}
  - {{name: us, endpoints: ["10.2.0.248:32527"]}}
replicaLabels: [prometheus_replica, replica]
secrets: inline
thanos:
  release: obs
  namespace: monitoring
  objstore:
    type: S3
    config:
      bucket: thanos
      endpoint: "{endpoint}"
      insecure: true
      access_key: {{env: S3_KEY}}
      secret_key: {{file: s3.key}}
  ruler: {{alertmanagers: ["http://alertmanager:9093"], rules: ["rules/*.yaml"]}}
  storegateway: {{}}
"#
    );
    room.file("thanosctl.yaml", &settings);
    let run = room.run_with(&["gen-values", "--show-secrets"], &[("S3_KEY", "key-of-the-rig")]).exits(0);
    let echo = helm(&room, &run.stdout);

    assert_eq!(echo.values["query"]["stores"], json!(["10.2.0.14:31420", "10.2.0.248:32527"]));
    assert_eq!(echo.values["query"]["replicaLabel"], json!(["prometheus_replica", "replica"]));

    assert_eq!(echo.text("ruler.config"), RULES);
    room.file("rules.yaml", echo.text("ruler.config"));
    thanos(&room, &["tools", "rules-check", "--rules", "rules.yaml"]);

    let objstore = yaml(echo.text("objstoreConfig"));
    assert_eq!(objstore["config"]["secret_key"], NASTY);
    room.file("objstore.yml", echo.text("objstoreConfig"));
    thanos(&room, &["tools", "bucket", "ls", "--objstore.config-file", "objstore.yml"]);
    let authorization: Vec<String> = requests.try_iter().collect();
    assert!(authorization.iter().any(|header| header.contains("Credential=key-of-the-rig/")), "{authorization:?}");
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn the_object_store_finds_the_bundled_minio_with_its_credentials() {
    let room = Room::new();
    let settings = "
clusters:
  - {name: eu, endpoints: ['10.2.0.14:31420']}
secrets: inline
thanos:
  release: obs
  namespace: monitoring
  storegateway: {}
  minio: {buckets: [thanos], credentials: {rootUser: {env: MINIO_USER}, rootPassword: {env: MINIO_PASSWORD}}}
";
    room.file("thanosctl.yaml", settings);
    let run =
        room.run_with(&["gen-values", "--show-secrets"], &[("MINIO_USER", "root"), ("MINIO_PASSWORD", NASTY)]).exits(0);
    let echo = helm(&room, &run.stdout);

    let objstore = yaml(echo.text("objstoreConfig"));
    assert_eq!(objstore["type"], "S3");
    // The Service that the MinIO sub-chart makes is named by the release alone, whatever the chart's own helper says.
    assert_eq!(objstore["config"]["endpoint"], "obs-minio.monitoring.svc.cluster.local:9000");
    assert_eq!(objstore["config"]["bucket"], "thanos");
    assert_eq!(objstore["config"]["insecure"], true);
    for (theirs, ours) in [("minio.auth.rootUser", "access_key"), ("minio.auth.rootPassword", "secret_key")] {
        assert_eq!(echo.text(theirs), objstore["config"][ours], "{ours}");
    }
    assert_eq!(echo.text("minio.auth.rootPassword"), NASTY);
}

/// Runs the real thanos to its end, and panics unless it is content.
#[track_caller]
fn thanos(room: &Room, arguments: &[&str]) {
    let output = Command::new(tool("thanos")).args(arguments).env_clear().current_dir(room.path("")).output().unwrap();
    assert!(output.status.success(), "thanos {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An object store with one empty bucket; and the `Authorization` headers that it is sent.
fn s3() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while stream.read_line(&mut head).unwrap() > 2 {}
            for line in head.lines().filter(|line| line.to_ascii_lowercase().starts_with("authorization:")) {
                let _ = sender.send(line.to_owned());
            }
            let body = if head.lines().next().is_some_and(|request| request.contains("location")) {
                r#"<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>"#
            } else {
                r#"<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>thanos</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"#
            };
            let length = body.len();
            let _ = write!(
                stream.get_mut(),
                "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    (address, receiver)
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn no_name_in_a_file_becomes_an_option_of_helm() {
    let room = Room::new();
    room.file("evil.sh", "#!/bin/sh\ntouch PWNED\ncat\n")
        .file("values.yaml", "query:\n  stores: ['192.0.2.1:10901']\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(room.path("evil.sh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let chart = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rig/chart");
    let path = tool("helm").parent().unwrap().display().to_string();
    let validate = |arguments: &[&str]| {
        room.run_with(&[&["validate", "--helm-chart", chart], arguments].concat(), &[("PATH", path.as_str())])
    };
    // The real Helm takes the options that it is given, and would take these.
    assert!(validate(&["values.yaml"]).code < 2);
    for name in ["--post-renderer=./evil.sh", "-h", "--debug", "a b", "../x"] {
        for key in ["release", "namespace"] {
            room.file("thanosctl.yaml", &format!("thanos: {{{key}: '{name}'}}\n"));
            validate(&["values.yaml"]).exits(2).tells(&["cannot be the name of a"]);
            std::fs::remove_file(room.path("thanosctl.yaml")).unwrap();
        }
        let release = format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: a, namespace: b}}\nspec:\n  releaseName: '{name}'\n  chart: {{spec: {{chart: thanos, version: 17.3.1, sourceRef: {{kind: HelmRepository, name: bitnami}}}}}}\n  values: {{query: {{stores: []}}}}\n"
        );
        room.file("release.yaml", &release);
        validate(&["release.yaml"]).exits(2).tells(&["cannot be the name of a"]);
    }
    assert!(!room.path("PWNED").exists());
}
