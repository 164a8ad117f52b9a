//! `validate`: what is wrong in values files that anybody may have written, and nothing that is right.

use crate::program::{Room, Run};

/// Checks `values` for a version of bitnami/thanos: the exit code, and a line for each finding with its code and place.
fn check(version: &str, values: &str) -> (i32, Vec<String>) {
    let room = Room::new();
    room.file("v.yaml", values);
    let run = room.run(&["validate", "v.yaml", "--chart-version", version, "--format", "json"]);
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

/// Asserts that exactly these are found: the beginning of each line.
#[track_caller]
fn finds(version: &str, values: &str, expected: &[&str]) {
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
        ("query: {stores: []\n", "THC200 error 1:8 unclosed"),
        ("a: b: c\n", "THC200 error 1:5"),
        ("query:\n  stores: {{ .Values.x }}\n", "THC200 error 2:12 a list or a mapping stands where a key"),
        ("query: {}\nquery: {}\n", "THC201 error 2:1 `query` stands here again; it stood in line 1"),
        ("query: {}\n---\nruler: {}\n", "THC202 error 3:1"),
        ("- query\n", "THC203 error 1:1"),
        ("query\n", "THC203 error 1:1"),
        ("query: {enabled: yes}\n", "THC204 note 1:18 Helm reads `yes` as true"),
        ("query: {logLevel: off}\n", "THC204 warning 1:19 Helm reads `off` as false"),
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
    room.file("v.yaml", "query: {logLevel: off}\n");
    assert_eq!(room.run(&["validate", "v.yaml", "--chart-version", "17.3.1"]).code, 0);
    let strict = room.run(&["validate", "v.yaml", "--chart-version", "17.3.1", "--strict"]);
    assert_eq!(strict.code, 1);
    assert!(strict.stdout.contains("error[THC204]"), "{}", strict.stdout);
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
