//! `validate`: what is wrong in values files that anybody may have written, and nothing that is right.

use crate::program::{Room, Run};

/// Checks `values` for a version of bitnami/thanos: the exit code, and a line for each finding with its code and place.
pub(crate) fn check(version: &str, values: &str) -> (i32, Vec<String>) {
    check_for("bitnami/thanos", version, values)
}

/// The same for any chart.
pub(crate) fn check_for(chart: &str, version: &str, values: &str) -> (i32, Vec<String>) {
    let room = Room::new();
    room.file("v.yaml", values);
    let run = room.run(&["validate", "v.yaml", "--chart", chart, "--chart-version", version, "--format", "json"]);
    (run.code, found(&run))
}

fn found(run: &Run) -> Vec<String> {
    let document: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
    let findings = document["findings"].as_array().unwrap();
    let word = |finding: &serde_json::Value, key: &str| finding[key].to_string().trim_matches('"').to_owned();
    findings
        .iter()
        .map(|finding| {
            let at = format!("{}:{}", word(finding, "line"), word(finding, "column"));
            format!("{} {} {at} {}", word(finding, "code"), word(finding, "severity"), word(finding, "message"))
        })
        .collect()
}

/// Asserts that exactly these are found in values for bitnami/thanos: the beginning of each line.
#[track_caller]
pub(crate) fn finds(version: &str, values: &str, expected: &[&str]) {
    let (code, found) = check(version, values);
    assert!(
        found.len() == expected.len()
            && found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected)),
        "{version}:\n{values}\nfound {found:#?}\nexpected {expected:#?}"
    );
    assert_eq!(code, i32::from(found.iter().any(|line| line.contains(" error "))), "{found:#?}");
}

#[test]
fn what_helm_reads_otherwise_than_it_looks_is_told_with_its_place() {
    for (values, expected) in [
        ("query:\n\tstores: []\n", "THC200 error 2:1 a tab indents this line"),
        ("query: {stores: []\n", "THC200 error 1:8 this `{` is never closed"),
        ("a: b: c\n", "THC200 error 1:5"),
        ("query:\n  stores: {{ .Values.x }}\n", "THC200 error 2:11 a template (`{{`), not YAML"),
        ("query: {}\nquery: {}\n", "THC201 error 2:1 `query` stands here again; it stood in line 1"),
        ("query: {}\n---\nruler: {}\n", "THC202 error 3:1"),
        ("- query\n", "THC203 error 1:1"),
        ("query\n", "THC203 error 1:1"),
        ("query: {enabled: yes}\n", "THC204 note 1:18 Helm reads `yes` as true"),
        ("query: {logLevel: off}\n", "THC204 error 1:19 Helm reads `off` as false and renders that"),
        ("query: {nodeSelector: {a: 0777}}\n", "THC205 warning 1:27 Helm reads `0777` as the number 511"),
        ("query: {nodeSelector: {on: \"x\"}}\n", "THC206 error 1:24 Helm reads the key `on` as `true`"),
        ("query: &q {logLevel: info}\nruler: {logLevel: warn, <<: *q}\n", "THC207 warning 2:25"),
        ("query:\n  \u{a0}logLevel: x\n", "THC209 warning 2:3"),
    ] {
        let (code, found) = check("17.3.1", values);
        assert!(found.iter().any(|line| line.starts_with(expected)), "{values}\n{expected}\n{found:#?}");
        assert_eq!(code, i32::from(found.iter().any(|line| line.contains(" error "))));
    }
}

#[test]
fn a_byte_order_mark_carriage_returns_and_merges_are_read_as_helm_reads_them() {
    let values = "\u{feff}query: &q {logLevel: info}\r\nruler: {<<: *q, enabled: false}\r\n---\r\n";
    finds("17.3.1", values, &[]);
    finds("17.3.1", "", &[]);
    finds("17.3.1", "# nothing\n", &[]);
}

#[test]
fn stores_that_thanos_cannot_dial_are_errors() {
    let values = "query:\n  stores:\n    - 10.1.1.1:30901\n    - https://x:1\n    - dns+10.0.0.1:1\n    - thanos.example\n    - 10.1.1.1:30901\n    - dnssrv+_grpc._tcp.x.y.svc\n";
    finds(
        "17.3.1",
        values,
        &[
            "THC244 error 4:7",
            "THC244 error 5:7",
            "THC244 error 6:7",
            "THC245 error 7:7 `10.1.1.1:30901` stands in line 3",
        ],
    );
}

#[test]
fn warnings_alone_are_no_error_unless_they_are_strict() {
    let room = Room::new();
    room.file("v.yaml", "query: {service: {nodePorts: {http: 9090}}}\n");
    assert_eq!(room.run(&["validate", "v.yaml", "--chart-version", "17.3.1"]).code, 0);
    let strict = room.run(&["validate", "v.yaml", "--chart-version", "17.3.1", "--strict"]);
    assert_eq!(strict.code, 1);
    assert!(strict.stdout.contains("error[THC247]"), "{}", strict.stdout);
}

#[test]
fn a_file_that_cannot_be_read_is_a_failure_and_the_others_are_checked() {
    let room = Room::new();
    room.file("bad.yaml", "query: {}\nquery: {}\n").file("good.yaml", "query: {}\n");
    let run = room.run(&["validate", "none.yaml", "bad.yaml", "--chart-version", "17.3.1"]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.contains("error[THC201]"), "{}", run.stdout);
    assert_eq!(run.stderr, "error: cannot read `none.yaml`\n  caused by: no such file or folder\n");
    let run = room.run(&["validate", "good.yaml", "--chart-version", "17.3.1"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", "nothing found in good.yaml\n"));
    let run = room.run_with_input(&["validate", "-", "--chart-version", "17.3.1"], "a: 1\na: 2\n");
    assert!(run.stdout.contains("--> -:2:1"), "{}", run.stdout);
}

#[test]
fn what_the_chart_refuses_at_install_is_told_before() {
    for (version, values, expected) in [
        ("17.3.1", "compactor: {enabled: true}\n", &["THC220 error 1:13"][..]),
        ("17.3.1", "compactor: {enabled: true}\nexistingObjstoreSecret: x\n", &[]),
        ("17.3.1", "ruler: {enabled: true, existingConfigmap: x}\nexistingObjstoreSecret: x\n", &["THC221 error 1:9"]),
        (
            "17.3.1",
            "ruler: {enabled: true, alertmanagers: ['http://a'], alertmanagersConfig: {alertmanagers: [{static_configs: [b], scheme: http}]}, existingConfigmap: c}\nexistingObjstoreSecret: x\n",
            &["THC222 error 1:53"],
        ),
        (
            "17.3.1",
            "ruler: {enabled: true, alertmanagers: ['http://a']}\nexistingObjstoreSecret: x\n",
            &["THC223 error 1:9"],
        ),
        (
            "15.8.4",
            "storegateway: {sharded: {enabled: true, hashPartitioning: {shards: 2}, timePartitioning: [{min: a}, {min: b}], service: {clusterIPs: [a, b]}}}\n",
            &[],
        ),
        (
            "15.8.5",
            "storegateway: {sharded: {enabled: true, hashPartitioning: {shards: 2}, timePartitioning: [{min: a}, {min: b}], service: {clusterIPs: [a, b]}}}\n",
            &["THC224 error 1:122"],
        ),
        ("17.3.1", "receive: {enabled: true, autoscaling: {enabled: true}}\n", &["THC225 error 1:40"]),
        ("15.7.9", "receive: {enabled: true, autoscaling: {enabled: true}}\n", &[]),
        ("17.3.1", "query: {grpc: {client: {tls: {enabled: true, ca: x}}}}\n", &["THC226 error 1:31"]),
        ("17.3.1", "query: {grpc: {client: {tls: {enabled: true, existingSecret: {name: x}}}}}\n", &[]),
    ] {
        finds(version, values, expected);
    }
}

#[test]
fn templates_that_helm_cannot_run_are_told_where_they_stand_in_the_block() {
    let values = "existingObjstoreSecret: x\nruler:\n  enabled: true\n  alertmanagers: ['http://a']\n  config: |\n    groups:\n      - name: a\n        rules:\n          - alert: A\n            expr: up == 0\n            annotations: {summary: \"{{ $labels.instance }}\"}\n";
    finds("17.3.1", values, &["THC227 error 11:37 Helm takes this for its own"]);
    let escaped = values.replace("{{ $labels.instance }}", "{{`{{ $labels.instance }}`}}");
    finds("17.3.1", &escaped, &[]);
    finds("17.3.1", "objstoreConfig: |-\n  type: S3\n  config:\n    secret_key: a{{b\n", &["THC228 error 4:18"]);
    finds("17.3.1", "objstoreConfig: {type: S3, config: {secret_key: \"a{{b\"}}\n", &["THC228 error 1:49"]);
    finds("17.3.1", "existingObjstoreSecret: '{{ .Release.Name }}-x'\n", &[]);
}

#[test]
fn what_kubernetes_takes_for_texts_alone_is_no_number_and_no_boolean() {
    for (values, expected) in [
        ("query: {nodeSelector: {disk: true}}\n", &["THC215 error 1:30 `disk` is a boolean"][..]),
        (
            "query: {podAnnotations: {prometheus.io/port: 9090}}\n",
            &["THC215 error 1:46 `prometheus.io/port` is a number"],
        ),
        ("query: {extraEnvVars: [{name: A, value: 5}]}\n", &["THC215 error 1:41 `value` is a number"]),
        ("query: {podLabels: {a: \"1\"}, extraEnvVars: [{name: A, value: \"5\"}]}\n", &[]),
    ] {
        finds("17.3.1", values, expected);
    }
}

#[test]
fn node_ports_are_in_range_and_given_once() {
    for (values, expected) in [
        ("query: {service: {nodePorts: {http: 30902}}}\n", &[][..]),
        ("query: {service: {nodePorts: {http: \"30902\"}}}\n", &[]),
        ("query: {service: {nodePorts: {http: \"\"}}}\n", &[]),
        ("query: {service: {nodePorts: {http: 9090}}}\n", &["THC247 warning 1:37 node port 9090 is out of range"]),
        ("query: {service: {nodePorts: {http: 70000}}}\n", &["THC247 error 1:37"]),
        ("query: {service: {nodePorts: {http: x}}}\n", &["THC247 error 1:37"]),
        (
            "query:\n  service: {nodePorts: {http: 30902}}\n  serviceGrpc: {nodePorts: {grpc: 30902}}\n",
            &["THC248 error 3:35 node port 30902 is that of `query.service.nodePorts.http` already, in line 2"],
        ),
    ] {
        finds("17.3.1", values, expected);
    }
}

#[test]
fn images_that_the_chart_refuses_are_told_where_it_checks_them() {
    let quay = "image: {registry: quay.io, repository: thanos/thanos, tag: v0.39.2}\n";
    let legacy = "image: {repository: bitnamilegacy/thanos}\n";
    for (version, values, expected) in [
        ("15.8.5", quay, &[][..]),
        ("15.9.0", quay, &["THC229 error 1:28"]),
        ("17.3.1", quay, &["THC229 error 1:28"]),
        ("17.3.0", legacy, &["THC229 error 1:9"]),
        ("17.3.1", legacy, &[]),
        ("17.3.1", "image: {repository: bitnami/thanos}\n", &["THC240 warning 1:9"]),
        ("17.3.1", "global: {imageRegistry: mirror.example}\n", &["THC229 error 1:10"]),
        (
            "17.3.1",
            "minio: {enabled: true, auth: {rootPassword: xxxxxxxx}, image: {tag: \"2024\"}}\n",
            &["THC240 warning 1:64"],
        ),
        ("17.3.1", "minio: {image: {tag: \"2024\"}}\n", &[]),
    ] {
        finds(version, values, expected);
        let allowed = format!(
            "{}global: {{security: {{allowInsecureImages: true}}}}\n",
            if values.starts_with("global") { "" } else { values }
        );
        let (_, found) = check(version, &allowed);
        assert!(!found.iter().any(|line| line.starts_with("THC229")), "{version} {found:#?}");
    }
}

#[test]
fn the_bundled_minio_and_the_object_store_know_each_other() {
    let values = |key: &str| {
        format!(
            "minio:\n  enabled: true\n  auth: {{rootUser: admin, rootPassword: hunter-two}}\nobjstoreConfig: |\n  type: S3\n  config:\n    bucket: thanos\n    endpoint: \"{{{{ .Release.Name }}}}-minio:9000\"\n    access_key: admin\n    secret_key: {key}\n    insecure: true\n"
        )
    };
    finds("17.3.1", &values("hunter-two"), &[]);
    finds(
        "17.3.1",
        &values("hunter-one"),
        &["THC239 error 10:17 `secret_key` is not what `minio.auth.rootPassword` gives MinIO"],
    );
    let helper = values("hunter-two").replace("{{ .Release.Name }}-minio", "{{ include 'thanos.minio.fullname' . }}");
    finds("17.3.1", &helper, &["THC238 warning 8:28"]);
    finds("17.3.1", "minio: {enabled: true}\n", &["THC237 warning 1:9"]);
    finds("17.3.1", "minio: {enabled: true, auth: {existingSecret: x}}\n", &[]);
    let room = Room::new();
    room.file("v.yaml", &values("hunter-one"));
    let run = room.run(&["validate", "v.yaml", "--chart-version", "17.3.1"]);
    assert_eq!(run.code, 1);
    assert!(!run.stdout.contains("hunter") && run.stdout.contains("secret_key: ***"), "{}", run.stdout);
}

#[test]
fn a_secret_is_never_shown_wherever_it_stands() {
    let room = Room::new();
    room.file(
        "v.yaml",
        "minio:\n  auth:\n    rootPassword: 0987654\nhttps:\n  key: yes\nquery:\n  extraEnvVars:\n    - {name: DB_PASSWORD, value: 55511}\nquery: {}\n",
    );
    for format in ["human", "json", "github", "junit", "sarif"] {
        let run = room.run(&["validate", "v.yaml", "--chart-version", "17.3.1", "--format", format]);
        assert_eq!(run.code, 1, "{format}: {}", run.stdout);
        assert!(!run.stdout.contains("987654") && !run.stdout.contains("55511"), "{format}: {}", run.stdout);
    }
}

#[test]
fn values_in_other_objects_are_found_and_told_by_the_lines_of_the_file() {
    let room = Room::new();
    room.file("umbrella.yaml", "thanos:\n  query:\n    stores: [\"x\"]\n")
        .file("release.yaml", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    query:\n      stores: [\"x\"]\n")
        .file("map.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n    # thanosctl 0.1.0: bitnami/thanos 17.3.1\n    query:\n      stores: [\"x\"]\n");
    for (file, path, at) in
        [("umbrella.yaml", Some("thanos"), "3:14"), ("release.yaml", None, "6:16"), ("map.yaml", None, "7:16")]
    {
        let mut arguments = vec!["validate", file, "--chart-version", "17.3.1", "--format", "json"];
        arguments.extend(path.iter().flat_map(|path| ["--path", path]));
        let run = room.run(&arguments);
        assert_eq!(
            found(&run),
            [format!("THC244 error {at} `x` has no port; the gRPC port of a sidecar is usually 10901")],
            "{file}"
        );
    }
    let run = room.run(&["validate", "umbrella.yaml", "--path", "tanos"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no `tanos` in `umbrella.yaml`"), "{}", run.stderr);
}

#[test]
fn what_gen_values_writes_is_clean() {
    let how_to = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/how-to");
    let mut checked = 0;
    for case in std::fs::read_dir(how_to).unwrap().map(|entry| entry.unwrap().path()) {
        let (settings, inventory) = (case.join("thanosctl.yaml"), case.join("inventory.yaml"));
        if !settings.is_file() || !inventory.is_file() {
            continue;
        }
        let (settings, inventory) = (settings.display().to_string(), inventory.display().to_string());
        for version in [
            "0.5.0", "3.0.1", "6.0.14", "9.0.13", "11.6.8", "12.13.4", "13.0.0", "15.8.5", "16.0.7", "17.3.1", "17.6.0",
        ] {
            let room = Room::new();
            let source = ["--config", &settings, "--inventory", &inventory, "--show-secrets"];
            let arguments = [&["gen-values", "--chart-version", version], &source[..]].concat();
            let values = room.run(&arguments);
            // What a version cannot express is refused.
            if values.code != 0 {
                continue;
            }
            room.file("values.yaml", &values.stdout);
            let run = room.run(&["validate", "values.yaml", "--strict"]);
            assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{settings} {version}\n{}", values.stdout);
            checked += 1;
        }
    }
    assert!(checked >= 5, "{checked}");
}

#[test]
fn files_as_people_write_them_have_exactly_the_findings_that_their_lines_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/values");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(files.len() >= 20, "{}", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let (chart, version) = text.lines().next().unwrap().strip_prefix("# for ").unwrap().split_once(' ').unwrap();
        let mut expected: Vec<String> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let codes = line.split_once("# <- ").map_or("", |(_, codes)| codes);
            expected
                .extend(codes.split(' ').filter(|code| !code.is_empty()).map(|code| format!("{code} {}", number + 1)));
        }
        let room = Room::new();
        room.file("v.yaml", &text);
        let run = room.run(&["validate", "v.yaml", "--chart", chart, "--chart-version", version, "--format", "json"]);
        if run.code == 2 {
            wrong.push(format!("{}: {}", path.display(), run.stderr));
            continue;
        }
        let told = found(&run);
        let place = |line: &String| {
            let mut words = line.split(' ');
            let (code, at) = (words.next().unwrap(), words.nth(1).unwrap());
            format!("{code} {}", at.split(':').next().unwrap())
        };
        let mut places: Vec<String> = told.iter().map(place).collect();
        places.sort();
        expected.sort();
        if places != expected {
            wrong.push(format!("{}: expected {expected:?}, found {told:#?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_one_version_with_a_schema_takes_its_types_alone() {
    let values = "objstoreConfig:\n  type: FILESYSTEM\n  config: {directory: /data}\nquery: {replicaLabel: replica}\n";
    finds("12.13.5", values, &[]);
    finds("12.13.4", values, &["THC230 error 1:1", "THC230 error 4:9"]);
}

#[test]
fn no_finding_in_a_document_is_lost_between_its_lines_and_those_of_the_file() {
    // As a block, as a mapping, in quotes.
    let block =
        "objstoreConfig: |\n\n  type: S3\n  config:\n    bucket: thanos\n    endpoint: s3.example\n    nonsense: 1\n";
    let mapping = "objstoreConfig:\n  # why\n  type: S3\n  config:\n    bucket: thanos\n    endpoint: s3.example\n    nonsense: 1\n";
    let quoted = "objstoreConfig: \"type: S3\\nconfig: {bucket: thanos, endpoint: s3.example, nonsense: 1}\"\n";
    let flow = "objstoreConfig: {type: S3, config: {bucket: thanos, endpoint: s3.example, nonsense: 1}}\n";
    for (values, at) in [(block, "7:5"), (mapping, "7:5"), (quoted, "1:17"), (flow, "1:17")] {
        finds("17.3.1", values, &[&format!("THC252 error {at}")]);
    }
    let filled = block.replace("s3.example", "{{ .Release.Name }}-minio:9000").replace("    nonsense: 1\n", "");
    finds("17.3.1", &filled, &[]);
    let rules = "existingObjstoreSecret: x\nruler:\n  enabled: true\n  alertmanagers: [\"http://a:9093\"]\n  config:\n    groups:\n      - name: a\n        rules:\n          - alert: A\n            expr: sum(\n";
    let (_, found) = check("17.3.1", rules);
    assert!(found.len() == 1 && found[0].contains(" error 10:"), "{found:#?}");
}

#[test]
fn what_an_application_installs_is_what_its_values_are_checked_for() {
    let room = Room::new();
    let file = |version: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: thanos\n    repoURL: \
             registry-1.docker.io/bitnamicharts\n    targetRevision: {version}\n    helm:\n      valuesObject: {{querier: {{stores: ['a:1']}}}}\n"
        )
    };
    room.file("old.yaml", &file("3.0.1")).file("new.yaml", &file("17.3.1"));
    let run = room.run(&["validate", "old.yaml"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", "nothing found in old.yaml\n"));
    let run = room.run(&["validate", "new.yaml"]);
    assert!(run.code == 1 && run.stdout.contains("THC211"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_node_port_that_no_service_has_is_not_given_twice() {
    let room = Room::new();
    let used = "query:\n  service: {type: NodePort, nodePorts: {http: '30901'}}\n";
    let unused = "queryFrontend:\n  service: {type: ClusterIP, nodePorts: {http: '30901'}}\nbucketweb:\n  enabled: false\n  service: {type: NodePort, nodePorts: {http: '30901'}}\n";
    room.file("unused.yaml", &format!("{used}{unused}"))
        .file("used.yaml", &format!("{used}{}", unused.replace("ClusterIP", "NodePort")));
    assert_eq!(room.run(&["validate", "unused.yaml", "--chart-version", "17.3.1"]).code, 0);
    let run = room.run(&["validate", "used.yaml", "--chart-version", "17.3.1"]);
    assert!(run.code == 1 && run.stdout.contains("THC248"), "{}", run.stdout);
}

#[test]
fn of_several_objects_the_one_that_holds_values_is_checked_in_its_own_lines() {
    let room = Room::new();
    let repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: a}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: thanos, version: 17.3.1}}\n  values:\n    qurey: {}\n";
    for (file, line) in [(format!("{repository}---\n{release}"), 10), (format!("---\n{release}---\n{repository}"), 7)] {
        room.file("flux.yaml", &file);
        let run = room.run(&["validate", "flux.yaml", "--format", "github"]);
        let expected = format!("::error file=flux.yaml,line={line},col=5,title=THC210 unknown-key::");
        assert!(
            run.code == 1 && run.stdout.starts_with(&expected) && run.stdout.lines().count() == 1,
            "{}{}",
            run.stdout,
            run.stderr
        );
    }
    room.file("two.yaml", &format!("{release}---\n{release}"));
    let run = room.run(&["validate", "two.yaml", "--format", "github"]);
    assert!(run.code == 1 && run.stdout.contains("line=6,") && run.stdout.contains("line=13,"), "{}", run.stdout);
    // Values of several documents stay what they are: Helm reads the first alone.
    room.file("values.yaml", "query: {}\n---\nquery: {}\n");
    assert!(room.run(&["validate", "values.yaml"]).stdout.contains("THC202"));
}

#[test]
fn a_known_defect_of_the_chart_names_the_version_without_it() {
    let shards = "objstoreConfig: {type: FILESYSTEM, config: {directory: /data}}\nstoregateway:\n  enabled: true\n  sharded: {enabled: true, hashPartitioning: {shards: 2}}\nindexCacheConfig: {type: IN-MEMORY}\n";
    let rules = "existingObjstoreSecret: blocks\nruler:\n  enabled: true\n  alertmanagers: [\"http://alertmanager:9093\"]\n  existingConfigmap: my-rules\n";
    for (version, values, expected, hint) in [
        ("15.10.0", rules, "THC233 error 3:3", "15.13.2"),
        ("15.13.1", rules, "THC233 error 3:3", "15.13.2"),
        ("15.5.0", shards, "THC233 error 4:13", "15.7.21"),
        ("14.0.2", shards, "THC233 error 4:13", "15.7.21, or 14.0.0"),
    ] {
        let room = Room::new();
        room.file("v.yaml", values);
        let run = room.run(&["validate", "v.yaml", "--chart-version", version, "--format", "json"]);
        let found = self::found(&run);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{version} {found:#?}");
        assert!(run.code == 1 && run.stdout.contains(&format!("take version {hint}")), "{}", run.stdout);
    }
    for (version, values) in [
        ("15.13.2", rules.to_owned()),
        ("15.9.2", rules.to_owned()),
        ("15.10.0", format!("{rules}  extraFlags: [--rule-file=/conf/rules/*.yml]\n")),
        ("15.7.21", shards.to_owned()),
        ("14.0.2", "storegateway: {enabled: false, sharded: {enabled: true}}\n".to_owned()),
    ] {
        let (_, found) = check(version, &values);
        assert!(found.iter().all(|line| !line.starts_with("THC233")), "{version} {found:#?}");
    }
}

#[test]
fn a_key_that_no_template_reads_is_an_error_that_names_the_one_that_is_read() {
    let room = Room::new();
    let claim = "storeGateway:\n  persistence:\n    enabled: true\n    existingClaim: thanos-store\n";
    for (chart, version, values, expected, hint) in [
        (
            "bitnami/thanos",
            "9.0.13",
            "query:\n  grpc:\n    client:\n      serverName: thanos.example\n",
            "THC232 error 4:7 `query.grpc.client.serverName` stands in the values.yaml of bitnami/thanos 9.0.13, but no template reads it",
            "set `query.grpc.client.servername`, which is read",
        ),
        (
            "bitnami/thanos",
            "5.0.0",
            "receive: {grpc: {gracePeriod: 5m}}\n",
            "THC232 error 1:18",
            "delete it: it has no effect",
        ),
        (
            "bitnami/thanos",
            "9.0.13",
            "query: {grpcTLS: {client: {servername: a.example}}}\n",
            "THC211 error 1:28 `query.grpcTLS.client.servername`",
            "rename it to `query.grpc.client.servername`",
        ),
        (
            "bitnami/thanos",
            "17.3.1",
            "query: {grpcTLS: {client: {servername: a.example}}}\n",
            "THC211 error 1:28 `query.grpcTLS.client.servername`",
            "rename it to `query.grpc.client.serverName`",
        ),
        ("stevehipwell/thanos", "1.21.1", claim, "THC232 error 4:5", "delete it: it has no effect"),
        ("stevehipwell/thanos", "1.22.0", claim, "THC210 error 4:5", "delete it"),
        (
            "thanos-community/thanos",
            "0.38.0",
            "query: {serviceMonitor: {tlsConfig: {insecureSkipVerify: true}}}\n",
            "THC232 error 1:26",
            "delete it: it has no effect",
        ),
    ] {
        room.file("v.yaml", values);
        let run = room.run(&["validate", "v.yaml", "--chart", chart, "--chart-version", version, "--format", "json"]);
        let found = self::found(&run);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{chart} {version} {found:#?}");
        assert!(run.code == 1 && run.stdout.contains(hint), "{}", run.stdout);
        assert!(!run.stdout.contains("the chart knows it"), "{}", run.stdout);
    }
    // What the chart's own values.yaml has there was meant by nobody.
    for (chart, version, values) in [
        ("bitnami/thanos", "5.0.0", "receive: {grpc: {gracePeriod: 2m}}\n"),
        ("bitnami/thanos", "9.0.13", "query: {grpc: {client: {serverName: \"\"}}}\n"),
        ("bitnami/thanos", "9.0.13", "query: {grpc: {client: {servername: a.example}}}\n"),
        ("stevehipwell/thanos", "1.10.0", "storeGateway: {persistence: {existingClaim: \"\"}}\n"),
    ] {
        room.file("v.yaml", values);
        let run = room.run(&["validate", "v.yaml", "--chart", chart, "--chart-version", version, "--format", "json"]);
        assert_eq!((run.code, self::found(&run)), (0, Vec::new()), "{chart} {version}");
    }
}
