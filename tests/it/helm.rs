//! How Helm is run: nothing that a file says becomes an option of it, and nothing of this machine reaches it.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::program::{Room, Run};

const VALUES: &str = "query:\n  stores: ['192.0.2.1:10901']\n";

/// A room with a chart, and with a Helm that writes down how it was called.
fn room() -> Room {
    let room = Room::new();
    room.file("chart/Chart.yaml", "name: thanos\nversion: 17.3.1\n").file("values.yaml", VALUES);
    helm(&room, "printf '%s\\n' \"$@\" > \"$ROOM/arguments\"; env > \"$ROOM/environment\"; cat > \"$ROOM/input\"");
    room
}

fn helm(room: &Room, script: &str) {
    let path = room.path(".");
    room.file("bin/helm", &format!("#!/bin/sh\nROOM='{}'\nPATH=/usr/bin:/bin\n{script}\n", path.display()));
    std::fs::set_permissions(room.path("bin/helm"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn validate(room: &Room, arguments: &[&str]) -> Run {
    let path = format!("{}:/usr/bin:/bin", room.path("bin").display());
    let environment = [
        ("PATH", path.as_str()),
        ("HELM_PLUGINS", "/plugins"),
        ("HELM_DEBUG", "true"),
        ("KUBECONFIG", "/kubeconfig"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ];
    room.run_with(&[&["validate", "--helm-chart", "chart"], arguments].concat(), &environment)
}

#[test]
fn names_that_would_be_options_never_reach_helm() {
    let evil = "--post-renderer=./evil.sh";
    let settings = |key: &str| format!("thanos: {{chartVersion: 17.3.1, {key}: \"{evil}\"}}\n");
    let release = |lead: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: a, namespace: b}}\nspec:\n  {lead}: \"{evil}\"\n  chart: {{spec: {{chart: thanos, version: 17.3.1, sourceRef: {{kind: HelmRepository, name: bitnami}}}}}}\n  values: {{query: {{stores: []}}}}\n"
        )
    };
    let application = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  destination: {{namespace: \"{evil}\"}}\n  source: {{chart: thanos, repoURL: 'registry-1.docker.io/bitnamicharts', targetRevision: 17.3.1, helm: {{releaseName: \"{evil}\", values: 'query: {{}}'}}}}\n"
    );
    let cases: [(&str, String, &[&str]); 8] = [
        ("thanosctl.yaml", settings("release"), &["values.yaml"]),
        ("thanosctl.yaml", settings("namespace"), &["values.yaml"]),
        ("r.yaml", release("releaseName"), &["r.yaml"]),
        ("r.yaml", release("targetNamespace"), &["r.yaml"]),
        ("r.yaml", application, &["r.yaml"]),
        ("x", String::new(), &["values.yaml", "--release=--post-renderer=./evil.sh"]),
        ("x", String::new(), &["values.yaml", "--release-namespace=--post-renderer=./evil.sh"]),
        (
            "r.yaml",
            format!(
                "releases: [{{name: \"{evil}\", chart: bitnami/thanos, version: 17.3.1, values: [{{query: {{}}}}]}}]\n"
            ),
            &["r.yaml"],
        ),
    ];
    for (file, text, arguments) in cases {
        let room = room();
        room.file(file, &text).file("evil.sh", "#!/bin/sh\ntouch evil\n");
        let run = validate(&room, arguments);
        assert_eq!(run.code, 2, "{text}: {run:?}");
        assert!(run.stderr.contains("cannot be the name of a"), "{text}: {}", run.stderr);
        assert!(!run.stdout.contains("nothing found") && !run.stderr.contains("nothing found"), "{run:?}");
        assert!(!room.path("arguments").exists(), "Helm ran: {text}");
    }
}

#[test]
fn helm_has_its_options_first_and_nothing_of_this_machine() {
    let room = room();
    validate(&room, &["values.yaml", "--release", "hub", "--release-namespace", "obs"]);
    let chart = std::fs::canonicalize(room.path("chart")).unwrap().display().to_string();
    assert_eq!(
        room.text("arguments").lines().collect::<Vec<_>>(),
        ["template", "--namespace=obs", "--values=-", "--", "hub", &chart]
    );
    assert_eq!(room.text("input"), VALUES);
    let environment = room.text("environment");
    for leaked in ["hunter2", "/plugins", "HELM_DEBUG", "KUBECONFIG", &format!("HOME={}", room.path("").display())] {
        assert!(!environment.contains(leaked), "{leaked}: {environment}");
    }
    for own in ["HELM_NO_PLUGINS=1", "HELM_PLUGINS=", "HELM_CONFIG_HOME=", "HELM_CACHE_HOME=", "HELM_DATA_HOME="] {
        assert!(environment.contains(own), "{own}: {environment}");
    }
}

#[test]
fn a_helm_of_the_working_directory_is_not_run() {
    for path in ["bin:/usr/bin", "./bin", ":/usr/bin"] {
        let room = room();
        if path.starts_with(':') {
            std::fs::copy(room.path("bin/helm"), room.path("helm")).unwrap();
        }
        let run = room.run_with(&["validate", "--helm-chart", "chart", "values.yaml"], &[("PATH", path)]);
        assert!(run.code == 2 && run.stderr.contains("relative to the working directory"), "{path}: {run:?}");
        assert!(!room.path("arguments").exists(), "{path}");
    }
}

#[test]
fn a_chart_with_a_link_that_leads_out_of_it_is_refused() {
    let room = room();
    room.file("secret", "hunter2\n").file("chart/templates/a.yaml", "a: 1\n");
    std::os::unix::fs::symlink("a.yaml", room.path("chart/templates/b.yaml")).unwrap();
    assert!(validate(&room, &["values.yaml"]).code < 2, "a link within the chart is none that leads out");
    std::fs::remove_file(room.path("arguments")).unwrap();
    for target in ["../../secret", "/etc/passwd", "../.."] {
        std::os::unix::fs::symlink(target, room.path("chart/templates/link")).unwrap();
        let run = validate(&room, &["values.yaml"]);
        assert!(run.code == 2 && run.stderr.contains("leads out of the chart"), "{target}: {run:?}");
        assert!(!room.path("arguments").exists() && !format!("{run:?}").contains("hunter2"), "{target}");
        std::fs::remove_file(room.path("chart/templates/link")).unwrap();
    }
    std::fs::remove_file(room.path("chart/Chart.yaml")).unwrap();
    std::os::unix::fs::symlink("../secret", room.path("chart/Chart.yaml")).unwrap();
    let run = validate(&room, &["values.yaml"]);
    assert!(run.code == 2 && run.stderr.contains("leads out of the chart"), "{run:?}");
    assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
}

#[test]
fn a_schema_that_refers_to_what_is_outside_of_the_chart_is_not_followed() {
    let skips = |room: &Room| {
        let run = validate(room, &["values.yaml"]);
        let skips = room.text("arguments").lines().any(|word| word == "--skip-schema-validation");
        assert_eq!(run.stderr.contains("not checked by the schemas of the chart"), skips, "{}", run.stderr);
        skips
    };
    for (schema, is_skipped) in [
        (
            r##"{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/$defs/a", "$defs": {"a": true}}"##,
            false,
        ),
        (r#"{"$id": "https://example.com/a.json", "properties": {"$ref": {"type": "string"}}}"#, false),
        (r#"{"$ref": "file:///etc/passwd"}"#, true),
        (r#"{"properties": {"a": {"anyOf": [{"$ref": "../../secret"}]}}}"#, true),
        (r#"{"\u0024ref": "http://192.0.2.1/"}"#, true),
        (r#"{"$id": "file:///etc/a.json", "$dynamicRef": "passwd"}"#, true),
        (r#"{"$schema": "http://192.0.2.1/"}"#, true),
        ("{", true),
    ] {
        for file in ["chart/values.schema.json", "chart/charts/a/values.schema.json"] {
            let room = room();
            assert!(!skips(&room));
            room.file(file, schema);
            assert_eq!(skips(&room), is_skipped, "{schema}");
        }
    }
    let room = room();
    room.file("chart/charts/minio-1.0.0.tgz", "");
    assert!(skips(&room), "nobody looks into a packed chart");
}

#[cfg(target_os = "linux")]
#[test]
fn helm_has_no_more_than_its_share_of_the_memory() {
    let room = room();
    helm(&room, "until [ \"$(ulimit -d)\" != unlimited ]; do :; done; ulimit -d > \"$ROOM/memory\"");
    validate(&room, &["values.yaml"]);
    assert_eq!(room.text("memory").trim(), (1 << 20).to_string(), "KiB");
}

#[test]
fn a_helm_that_prints_without_end_is_ended() {
    let room = room();
    helm(&room, "exec yes hunter2");
    let run = validate(&room, &["values.yaml"]);
    assert!(run.code == 2 && run.stderr.contains("64 MiB") && !run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn a_path_in_a_hint_is_one_word_of_a_shell() {
    let room = room();
    helm(&room, "echo 'Error: template: thanos/templates/a.yaml:1:2: executing \"a\" at <x>: nil pointer' >&2; exit 1");
    // The keys of a file are a stranger's words, too.
    let key = "a'$(touch PWN.yaml)'.yaml";
    room.file("map", &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  \"{key}\": 'query: {{}}'\n  b.yaml: 'query: {{}}'\n"));
    for arguments in [
        &["validate", "--chart-version", "17.3.1", "-f", "map", "-f", "values.yaml"][..],
        &["gen-values", "--chart-version", "17.3.1", "--update", "map", "--inventory", "none"],
    ] {
        room.file("none", "kind: Inventory\nversion: 1\nclusters: []\n");
        let run = room.run(arguments);
        let path = run.stderr.split_once("--path ").unwrap_or_else(|| panic!("{run:?}")).1;
        Command::new("sh").args(["-c", &format!(": {}", path.trim())]).current_dir(room.path(".")).status().unwrap();
        assert!(!room.path("PWN.yaml").exists(), "{run:?}");
    }
    let name = "x;touch PWN.yaml";
    room.file(name, VALUES);
    let run = validate(&room, &[name]);
    let hint = run.stdout.lines().find(|line| line.contains("helm template")).unwrap_or_else(|| panic!("{run:?}"));
    let command = hint.trim_start_matches([' ', '=', '|']).trim_start_matches("hint: ");
    let path = format!("{}:/usr/bin:/bin", room.path("bin").display());
    helm(&room, "exit 0");
    Command::new("sh").args(["-c", command]).current_dir(room.path(".")).env("PATH", path).status().unwrap();
    assert!(!room.path("PWN.yaml").exists(), "{command}");
}
