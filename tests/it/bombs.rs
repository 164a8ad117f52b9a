//! Files that somebody made to do harm: they are refused with words, or read within bounds. How long they take is measured by
//! `cargo bench --bench hostile`.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use crate::program::{Room, Run};

const CHART: [&str; 4] = ["--chart", "bitnami/thanos", "--chart-version", "17.3.1"];

fn validate(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["validate"], arguments, &CHART].concat())
}

/// Runs the program through a shell, with `$T` for it: limits, pipes and devices are the shell's to give.
#[cfg(unix)]
fn shell(room: &Room, script: &str) -> Run {
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(room.path(""))
        .env_clear()
        .env("HOME", room.path(""))
        .env("PATH", "/usr/bin:/bin")
        .env("T", env!("CARGO_BIN_EXE_thanosctl"))
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Mappings that merge nine of the one before, in few bytes.
fn merges(levels: usize) -> String {
    let mut text = "a0: &a0 {k0: 1, k1: 1, k2: 1, k3: 1, k4: 1, k5: 1, k6: 1, k7: 1, k8: 1}\n".to_owned();
    for level in 1..levels {
        let before = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} {{<<: [{before}]}}");
    }
    text
}

#[test]
#[cfg(unix)]
fn merges_and_aliases_that_grow_a_file_are_refused_within_little_memory() {
    let room = Room::new();
    let lists = |levels: usize| {
        (1..levels).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
            format!("{text}a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "))
        })
    };
    let inner = |text: &str| text.replace('\n', "\n    ");
    room.file("merges.yaml", &merges(9))
        .file("lists.yaml", &lists(9))
        .file("long.yaml", &format!("a: &a {}\nb:\n{}", "x".repeat(100_000), "- *a\n".repeat(10_000)))
        .file("inner.yaml", &format!("objstoreConfig: |\n    {}\n", inner(&merges(9))))
        .file("rules.yaml", &format!("ruler:\n  enabled: true\n  config: |\n    {}\n", inner(&merges(9))))
        .file(
            "fleet.json",
            r#"{"kind":"Inventory","version":1,"clusters":[{"name":"eu","context":"eu","services":[],"nodes":[],"endpointSlices":[]}]}"#,
        );
    for file in ["merges.yaml", "lists.yaml", "long.yaml", "inner.yaml", "rules.yaml"] {
        let run = shell(
            &room,
            &format!("ulimit -v 1500000; $T validate {file} --chart bitnami/thanos --chart-version 17.3.1"),
        );
        assert_eq!(run.code, 1, "{file}: {run:?}");
        assert!(run.stdout.contains(&format!("{file}:")), "{file}: {run:?}");
        assert!(
            run.stdout.contains("beyond all measure") || run.stdout.contains("too many aliases"),
            "{file}: {run:?}"
        );
    }
    for file in ["merges.yaml", "lists.yaml", "long.yaml"] {
        let run =
            shell(&room, &format!("ulimit -v 1500000; $T diff {file} --inventory fleet.json --chart bitnami/thanos"));
        assert_eq!(run.code, 2, "{file}: {run:?}");
        assert!(run.stderr.contains(&format!("{file}:")), "{file}: {run:?}");
        assert!(run.stderr.contains("beyond all measure"), "{file}: {run:?}");
    }
}

#[test]
fn merges_as_people_use_them_are_read_by_every_command() {
    let room = Room::new();
    let merged: String = (0..300).map(|at| format!("x-{at}: {{<<: *base, name: n{at}}}\n")).collect();
    room.file("values.yaml", &format!("x-base: &base {{a: 1, b: 2}}\nquery: {{enabled: true, stores: []}}\n{merged}")).file(
        "fleet.json",
        r#"{"kind":"Inventory","version":1,"clusters":[{"name":"eu","context":"eu","services":[],"nodes":[],"endpointSlices":[]}]}"#,
    );
    assert_eq!(validate(&room, &["values.yaml"]).code, 0);
    let run = room.run(&["diff", "values.yaml", "--inventory", "fleet.json", "--chart", "bitnami/thanos"]);
    assert!(!run.stderr.contains("measure"), "{run:?}");
}

#[test]
fn findings_beyond_a_thousand_are_counted_in_every_format() {
    let room = Room::new();
    let text: String = (0..1500).map(|at| format!("unknown{at}: x\n")).collect();
    room.file("values.yaml", &text);
    let run = |format: &str| validate(&room, &["values.yaml", "--format", format]);
    let human = run("human");
    assert_eq!(human.code, 1, "{}", human.stderr);
    assert_eq!(human.stdout.matches("error[").count(), 1000);
    assert!(human.stdout.contains("and 500 more findings in values.yaml, all of them errors\n"), "{}", human.stdout);
    assert!(human.stdout.ends_with("1500 errors in values.yaml\n"));
    let json: serde_json::Value = serde_json::from_str(&run("json").stdout).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 1000);
    assert_eq!(json["more"], serde_json::json!([{ "file": "values.yaml", "errors": 500, "warnings": 0, "notes": 0 }]));
    let github = run("github").stdout;
    assert_eq!(github.lines().count(), 1001);
    assert!(github.ends_with(
        "::error file=values.yaml,title=more findings::and 500 more findings in values.yaml, all of them errors\n"
    ));
    let junit = run("junit").stdout;
    assert_eq!(junit.matches("<testcase").count(), 1001);
    assert!(junit.contains("tests=\"1001\" failures=\"1001\""), "{}", &junit[..300]);
    let sarif: serde_json::Value = serde_json::from_str(&run("sarif").stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1000);
    let told = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(told["message"]["text"], "and 500 more findings in values.yaml, all of them errors");
}

#[test]
fn an_error_is_shown_before_a_thousand_notes() {
    let room = Room::new();
    let text: String = (0..1200).map(|at| format!("x-{at}: yes\n")).collect();
    room.file("values.yaml", &format!("{text}unknown: x\n"));
    let run = validate(&room, &["values.yaml"]);
    assert_eq!((run.code, run.stdout.matches("error[").count()), (1, 1));
    assert!(run.stdout.contains("more findings in values.yaml\n"));
}

#[test]
#[cfg(unix)]
fn what_is_no_regular_file_is_refused_before_it_is_read() {
    let room = Room::new();
    room.file("thanosctl.yaml", "{}\n").file("folder/x", "");
    std::os::unix::fs::symlink("/dev/zero", room.path("zero.yaml")).unwrap();
    let run = shell(&room, "mkfifo pipe.yaml; exec 3<>pipe.yaml");
    assert_eq!(run.code, 0, "{run:?}");
    let _socket = std::os::unix::net::UnixListener::bind(room.path("socket.yaml")).unwrap();
    for (file, what) in [
        ("zero.yaml", "it is a device"),
        ("/dev/zero", "it is a device"),
        ("pipe.yaml", "it is a named pipe"),
        ("socket.yaml", "it is a socket"),
        ("folder", "it is a folder"),
    ] {
        for command in [
            format!("$T validate {file}"),
            format!("$T diff {file} --inventory fleet.json"),
            format!("$T discover --inventory {file}"),
            format!("$T discover --config {file}"),
            format!("$T discover --kubeconfig {file}"),
        ] {
            if file == "folder" && command.contains("--inventory folder") {
                continue;
            }
            room.file("fleet.json", r#"{"kind":"Inventory","version":1,"clusters":[]}"#);
            let run = shell(&room, &format!("ulimit -v 2000000; timeout 20 {command}"));
            assert_eq!(run.code, 2, "{command}: {run:?}");
            assert!(run.stderr.contains(what), "{command}: {run:?}");
        }
    }
}

#[test]
#[cfg(unix)]
fn what_the_shell_hands_over_is_read_within_bounds() {
    let room = Room::new();
    room.file("values.yaml", "query: {enabled: true}\n");
    let chart = "--chart bitnami/thanos --chart-version 17.3.1";
    for command in [
        format!("$T validate <(cat values.yaml) {chart}"),
        format!("cat values.yaml | $T validate /dev/stdin {chart}"),
        format!("$T validate /dev/stdin {chart} < values.yaml"),
        format!("cat values.yaml | $T validate - {chart}"),
        format!("$T validate /dev/fd/3 {chart} 3< values.yaml"),
    ] {
        let run = shell(&room, &command);
        assert_eq!(run.code, 0, "{command}: {run:?}");
    }
    for command in ["$T validate - < /dev/zero", "$T validate /dev/stdin < /dev/zero", "$T validate <(cat /dev/zero)"] {
        let run = shell(&room, &format!("ulimit -v 2000000; timeout 20 {command}"));
        assert_eq!(run.code, 2, "{command}: {run:?}");
        assert!(run.stderr.contains("it is larger than 16 MB, which is the most that is read"), "{command}: {run:?}");
    }
    let run = shell(&room, "truncate -s 20M large.yaml; $T validate large.yaml");
    assert!(run.code == 2 && run.stderr.contains("larger than 16 MB"), "{run:?}");
}

#[test]
#[cfg(unix)]
fn nothing_is_quoted_from_where_a_link_leads() {
    let (room, elsewhere) = (Room::new(), Room::new());
    elsewhere.file("values.yaml", "query:\n  repliaCount: hunter2-one\n  stores: [\"a.example:1\"]\n");
    std::os::unix::fs::symlink(elsewhere.path("values.yaml"), room.path("values.yaml")).unwrap();
    std::fs::create_dir(room.path("charts")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(""), room.path("charts/a")).unwrap();
    room.file(".git/config", "query:\n  repliaCount: hunter2-two\n");
    std::os::unix::fs::symlink(room.path(".git/config"), room.path("git.yaml")).unwrap();
    room.file(
        "fleet.json",
        r#"{"kind":"Inventory","version":1,"clusters":[{"name":"eu","context":"eu","services":[],"nodes":[],"endpointSlices":[]}]}"#,
    );
    for file in ["values.yaml", "charts/a/values.yaml", "git.yaml"] {
        let run = validate(&room, &[file]);
        assert_eq!(run.code, 1, "{file}: {run:?}");
        assert!(!run.stdout.contains("hunter2"), "{file}: {run:?}");
        assert!(run.stderr.contains(&format!("note: `{file}` is a link to another folder")), "{file}: {run:?}");
        let arguments = ["diff", file, "--inventory", "fleet.json", "--chart", "bitnami/thanos"];
        let run = room.run(&arguments);
        assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"), "{file}: {run:?}");
        let run = room.run(&[&arguments[..], &["--diff-style", "unified"]].concat());
        assert!(run.stdout.is_empty(), "{file}: {run:?}");
    }
    // A link within the repository is a file of it.
    room.file("base/values.yaml", "query:\n  repliaCount: 1\n");
    std::os::unix::fs::symlink("base/values.yaml", room.path("same.yaml")).unwrap();
    assert!(validate(&room, &["same.yaml"]).stdout.contains("repliaCount: 1\n"));
}

#[test]
#[cfg(unix)]
fn a_file_names_no_file_outside_of_its_repository() {
    let (room, elsewhere) = (Room::new(), Room::new());
    elsewhere.file("secret.yaml", "query: {repliaCount: hunter2}\n").file("rules.yaml", "hunter2: [\n");
    let outside = elsewhere.path("secret.yaml");
    std::os::unix::fs::symlink(&outside, room.path("link.yaml")).unwrap();
    room.file(
        "kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n- name: thanos\n  repo: https://charts.bitnami.com/bitnami\n  version: 17.3.1\n  releaseName: thanos\n  valuesFile: link.yaml\n",
    );
    let run = room.run(&["validate", "kustomization.yaml"]);
    assert!(!run.stdout.contains("repliaCount") && !run.stderr.contains("hunter2"), "{run:?}");
    for rules in ["link.yaml", outside.to_str().unwrap()] {
        room.file(
            "thanosctl.yaml",
            &format!(
                "clusters: [{{name: a, endpoints: [\"192.0.2.1:10901\"]}}]\nthanos:\n  objstore: {{existingSecret: a}}\n  ruler: {{rules: [\"{rules}\"], alertmanagers: [\"http://a:9093\"]}}\n"
            ),
        );
        let run = room.run(&["gen-values"]);
        assert_eq!(run.code, 2, "{rules}: {run:?}");
        assert!(run.stderr.contains("outside of the folder and of the repository"), "{rules}: {run:?}");
        assert!(!run.stderr.contains("hunter2"), "{rules}: {run:?}");
    }
}

#[test]
#[cfg(unix)]
fn force_replaces_no_device_and_no_pipe() {
    let room = Room::new();
    room.file("thanosctl.yaml", "clusters: [{name: a, endpoints: [\"192.0.2.1:10901\"]}]\n");
    assert_eq!(shell(&room, "mkfifo pipe.yaml").code, 0);
    let _socket = std::os::unix::net::UnixListener::bind(room.path("socket.yaml")).unwrap();
    for file in ["pipe.yaml", "socket.yaml", "/dev/null"] {
        let run = shell(&room, &format!("timeout 20 $T gen-values --write {file} --force"));
        assert_eq!(run.code, 2, "{file}: {run:?}");
        assert!(run.stderr.contains("no regular file"), "{file}: {run:?}");
    }
    let kinds = shell(&room, "test -p pipe.yaml && test -S socket.yaml && test -c /dev/null");
    assert_eq!(kinds.code, 0);
}
