//! What the settings ask for and a file lacks.

use serde_json::Value;

use crate::program::{Room, Run, fixture_text};

fn full() -> Room {
    let room = Room::new();
    for file in
        ["thanosctl.yaml", "inventory.yaml", "rules/prometheus.yaml", "secrets/minio-user", "secrets/minio-password"]
    {
        room.file(file, &fixture_text(&format!("how-to/full/{file}")));
    }
    let run =
        room.run(&["gen-values", "--inventory", "inventory.yaml", "--write", "values.yaml", "--secrets", "inline"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    room
}

fn diff(room: &Room) -> Run {
    room.run(&["diff", "values.yaml", "--inventory", "inventory.yaml", "--format", "json"])
}

fn update(room: &Room, arguments: &[&str]) -> Run {
    let verb = ["gen-values", "--update", "values.yaml", "--inventory", "inventory.yaml", "--secrets", "inline"];
    room.run(&[&verb[..], arguments].concat())
}

fn update_without_secrets(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["gen-values", "--update", "values.yaml", "--inventory", "inventory.yaml"], arguments].concat())
}

/// The findings as `CODE SECTION`.
fn findings(run: &Run) -> Vec<String> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    let told = |finding: &Value| {
        let section = finding["message"].as_str().unwrap().split('`').nth(1).unwrap();
        format!("{} {section}", finding["code"].as_str().unwrap())
    };
    document["findings"].as_array().unwrap().iter().map(told).collect()
}

/// The file without a section at its top.
fn without(text: &str, section: &str) -> String {
    let mut is_in = false;
    let line = |line: &&str| {
        if !line.starts_with([' ', '#']) && !line.trim().is_empty() {
            is_in = line.starts_with(&format!("{section}:"));
        }
        !is_in
    };
    text.split_inclusive('\n').filter(line).collect()
}

#[test]
fn what_the_settings_name_and_the_file_lacks_is_drift_and_is_added() {
    let room = full();
    let whole = room.text("values.yaml");
    assert_eq!((diff(&room).code, update(&room, &["--check"]).code), (0, 0));
    let stores: String = {
        let start = whole.find("  stores:").unwrap();
        let lines: Vec<&str> = whole[start..].lines().skip(1).take_while(|line| line.starts_with("    ")).collect();
        lines.join("\n")
    };
    let mine = format!("# mine\nquery: # the querier\n  stores: # all\n{stores}\n  enabled: true # on\nother: 1\n");
    room.file("values.yaml", &mine);
    let run = diff(&room);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let told = findings(&run);
    for code in ["THC110", "THC111", "THC112", "THC115"] {
        assert!(told.iter().any(|finding| finding.starts_with(code)), "{code}: {told:?}");
    }
    assert_eq!(update(&room, &["--check"]).code, 1);
    let run = update(&room, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // Every line that was there is there, in its order.
    let after = room.text("values.yaml");
    let mut rest = after.lines();
    assert!(mine.lines().all(|line| rest.any(|new| new == line)), "{after}");
    assert_eq!((diff(&room).code, update(&room, &["--check"]).code), (0, 0), "{after}");
    let valid = room.run(&["validate", "--strict", "values.yaml"]);
    assert_eq!(valid.code, 1, "only `other` is unknown: {}", valid.stdout);
    assert_eq!(valid.stdout.matches("error[").count(), 1, "{}", valid.stdout);
}

#[test]
fn each_section_that_is_missing_is_told_once_and_no_secret_is_shown() {
    for (section, code) in [
        ("minio", "THC112"),
        ("ruler", "THC111"),
        ("compactor", "THC115"),
        ("storegateway", "THC115"),
        ("bucketweb", "THC115"),
    ] {
        let room = full();
        let text = without(&room.text("values.yaml"), section);
        assert_ne!(text, room.text("values.yaml"), "{section}");
        room.file("values.yaml", &text);
        let run = diff(&room);
        assert_eq!((run.code, findings(&run)), (1, vec![format!("{code} {section}")]));
        let password = fixture_text("how-to/full/secrets/minio-password");
        assert!(!run.stdout.contains(password.trim()) && !run.stderr.contains(password.trim()));
        assert_eq!((update(&room, &[]).code, diff(&room).code), (0, 0), "{section}");
        assert!(room.text("values.yaml").contains(&format!("\n{section}:\n")));
    }
}

#[test]
fn what_the_settings_leave_to_the_default_is_not_asked_for() {
    let room = full();
    room.file("thanosctl.yaml", "clusters:\n  - {context: prod-eu-1, name: eu-1}\n");
    room.file("inventory.yaml", &fixture_text("how-to/short/inventory.yaml"));
    room.file("values.yaml", "query:\n  stores: [\"10.2.0.14:31420\"]\n");
    assert_eq!((diff(&room).code, update_without_secrets(&room, &["--check"]).code), (0, 0), "{}", diff(&room).stdout);
    for (settings, code, added) in [
        ("replicaLabels: [prometheus_replica]\n", "THC114", "  replicaLabel:"),
        ("thanos: {query: {service: {type: NodePort, nodePort: 30902}}}\n", "THC113", "    type: NodePort"),
        ("thanos: {values: {query: {logLevel: debug}}}\n", "THC115", "  logLevel: debug"),
        ("thanos: {image: {tag: v0.39.2}}\n", "THC115", "  tag: v0.39.2"),
        ("thanos: {queryFrontend: {}}\n", "THC115", "queryFrontend:"),
    ] {
        room.file("thanosctl.yaml", &format!("clusters:\n  - {{context: prod-eu-1, name: eu-1}}\n{settings}"));
        room.file("values.yaml", "query:\n  stores: [\"10.2.0.14:31420\"]\n");
        let run = diff(&room);
        let told = findings(&run);
        // What has a default of the chart alone needs nothing.
        if told.is_empty() {
            assert_eq!(settings, "thanos: {queryFrontend: {}}\n");
            continue;
        }
        assert!(run.code == 1 && told.iter().any(|finding| finding.starts_with(code)), "{settings}: {told:?}");
        assert_eq!(update_without_secrets(&room, &[]).code, 0);
        assert!(room.text("values.yaml").contains(added), "{settings}: {}", room.text("values.yaml"));
        assert_eq!((diff(&room).code, update_without_secrets(&room, &["--check"]).code), (0, 0), "{settings}");
    }
}
