//! `diff` and `gen-values --update` of a release whose values are layers (`helm -f base.yaml -f prod.yaml`).

use crate::diff::fleet;
use crate::program::{Room, Run};

const HEAD: &str = "# for bitnami/thanos\n";

fn room(base: &str, prod: &str) -> Room {
    let room = Room::new();
    room.file("fleet.json", &fleet().to_string()).file("base.yaml", base).file("prod.yaml", prod);
    room
}

fn diff(room: &Room) -> Run {
    let layers = ["-f", "base.yaml", "-f", "prod.yaml"];
    room.run(
        &[&["diff", "--inventory", "fleet.json", "--chart-version", "17.3.1", "--format", "github"], &layers[..]]
            .concat(),
    )
}

fn update(room: &Room, more: &[&str]) -> Run {
    let layers = ["-f", "base.yaml", "-f", "prod.yaml"];
    let command = ["gen-values", "--inventory", "fleet.json", "--chart-version", "17.3.1", "--update"];
    room.run(&[&command[..], &layers, more].concat())
}

#[test]
fn the_stores_of_the_last_layer_that_has_them_are_compared_and_changed_there() {
    let base = format!("{HEAD}query:\n  replicaCount: 2\n");
    let prod =
        "query:\n  # by region\n  stores:\n    - 203.0.113.7:10901\n    - 10.2.0.9:31000 # us monitoring/thanos\n";
    let room = room(&base, prod);
    let run = diff(&room);
    assert!(run.code == 1 && run.stdout.contains("file=prod.yaml,line=5"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("file=base.yaml"), "{}", run.stdout);
    assert!(run.stdout.contains("--update -f base.yaml -f prod.yaml"), "{}", run.stdout);
    let patch = update(&room, &["--check"]);
    assert!(
        patch.code == 1 && patch.stdout.contains("b/prod.yaml") && !patch.stdout.contains("base.yaml"),
        "{}",
        patch.stdout
    );
    let run = update(&room, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(room.text("base.yaml"), base);
    assert!(room.text("prod.yaml").contains("10.2.0.1:31000"), "{}", room.text("prod.yaml"));
    assert!(room.text("prod.yaml").contains("# by region\n"), "{}", room.text("prod.yaml"));
    assert_eq!(diff(&room).code, 0, "{}", diff(&room).stdout);
}

#[test]
fn stores_that_stand_in_an_earlier_layer_stay_there() {
    let room = room("query:\n  stores:\n    - 203.0.113.7:10901\n", "query:\n  replicaCount: 3\n");
    let run = update(&room, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(room.text("base.yaml").contains("10.2.0.1:31000"), "{}", room.text("base.yaml"));
    assert_eq!(room.text("prod.yaml"), "query:\n  replicaCount: 3\n");
}

#[test]
fn a_list_that_replaces_another_is_a_finding() {
    let room = room(
        "query:\n  stores: ['192.0.2.9:10901', '203.0.113.7:10901']\n",
        "query:\n  stores: ['203.0.113.7:10901', '10.2.0.1:31000']\n",
    );
    let run = diff(&room);
    assert!(run.code == 1 && run.stdout.contains("THC300") && run.stdout.contains("192.0.2.9:10901"), "{}", run.stdout);
}

#[test]
fn what_the_settings_say_is_compared_with_the_value_that_counts_and_changed_where_it_stands() {
    let stores = "query:\n  stores: ['203.0.113.7:10901', '10.2.0.1:31000']\n";
    let room = room(
        "compactor:\n  enabled: true\n  retentionResolutionRaw: 10d\nexistingObjstoreSecret: blocks\n",
        &format!("{stores}compactor:\n  retentionResolutionRaw: 20d\n"),
    );
    room.file(
        "thanosctl.yaml",
        "clusters: [{context: eu}, {context: us}]\nthanos:\n  chartVersion: 17.3.1\n  objstore: {existingSecret: thanos}\n  compactor: {retention: {raw: 20d}}\n",
    );
    let run = diff(&room);
    // The retention of the last layer is right; the Secret stands in the first one.
    assert!(run.stdout.contains("file=base.yaml,line=4"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("retentionResolutionRaw"), "{}", run.stdout);
    let run = update(&room, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(room.text("base.yaml").contains("existingObjstoreSecret: thanos"), "{}", room.text("base.yaml"));
    assert!(room.text("base.yaml").contains("retentionResolutionRaw: 10d"), "{}", room.text("base.yaml"));
    assert!(room.text("prod.yaml").contains("retentionResolutionRaw: 20d"), "{}", room.text("prod.yaml"));
}

#[test]
fn one_file_and_layers_are_not_mixed() {
    let room = room("query: {}\n", "query: {}\n");
    for arguments in [
        &["gen-values", "--inventory", "fleet.json", "--update", "base.yaml", "-f", "prod.yaml"][..],
        &["gen-values", "--inventory", "fleet.json", "--update"],
        &["diff", "--inventory", "fleet.json", "base.yaml", "-f", "prod.yaml"],
    ] {
        let run = room.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?} {}{}", run.stdout, run.stderr);
        assert_eq!(room.text("base.yaml"), "query: {}\n");
    }
}
