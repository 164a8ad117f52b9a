//! `thanos.query.fileSD`: the stores in a ConfigMap of our own.

use crate::program::{Room, Run, fixture_text};

const WRITE: [&str; 7] =
    ["gen-values", "--inventory", "inventory.yaml", "--write", "values.yaml", "--sd-config-map", "stores.yaml"];
const SETTINGS: &str = "thanos: {query: {fileSD: {configMap: thanos-stores}}}\n";

fn room(settings: &str) -> Room {
    let room = Room::new();
    room.file("thanosctl.yaml", settings).file("inventory.yaml", &fixture_text("how-to/short/inventory.yaml"));
    room
}

#[track_caller]
fn refused(run: &Run, said: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn the_stores_are_in_the_config_map_and_not_in_the_values() {
    let room = room(SETTINGS);
    let run = room.run(&WRITE).exits(0);
    let written = "wrote 2 stores to stores.yaml\nwrote values.yaml; its stores are in the ConfigMap `thanos-stores`\n";
    assert_eq!(run.stderr, written);
    insta::assert_snapshot!(format!("{}--- stores.yaml\n{}", room.text("values.yaml"), room.text("stores.yaml")));
    // A second run takes its own files for its own, and writes the same bytes.
    let before = (room.text("values.yaml"), room.text("stores.yaml"));
    room.run(&WRITE).exits(0);
    assert_eq!((room.text("values.yaml"), room.text("stores.yaml")), before);
    let run = room.run(&WRITE[..5]).exits(0);
    assert!(
        run.stderr.contains("name the ConfigMap `thanos-stores`; write it with --sd-config-map FILE"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_cannot_be_found_now_is_kept_from_the_config_map() {
    let room = room(SETTINGS);
    room.run(&WRITE).exits(0);
    let inventory = fixture_text("how-to/short/inventory.yaml");
    let start = inventory.find("  - name: eu-1\n").unwrap();
    let end = inventory.find("  - name: us-1\n").unwrap();
    let dead = "  - {name: eu-1, context: prod-eu-1, error: no TCP connection within 5s}\n";
    room.file("inventory.yaml", &format!("{}{dead}{}", &inventory[..start], &inventory[end..]));
    let run = room.run(&[&WRITE[..], &["--allow-partial"]].concat()).exits(3);
    assert!(run.stderr.contains("kept 10.2.0.14:31420 from `stores.yaml`"), "{}", run.stderr);
    let kept = "    - address: \"10.2.0.14:31420\" # eu-1 monitoring/kube-prometheus-prometheus-thanos, kept: the cluster could not be read\n";
    assert!(room.text("stores.yaml").contains(kept), "{}", room.text("stores.yaml"));
}

#[test]
fn what_would_lose_or_mix_something_is_refused() {
    let gen_values = |settings: &str, more: &[&str]| {
        let room = room(settings);
        room.file("foreign.yaml", "kind: ConfigMap\n").file("old.yaml", "query: {stores: []}\n");
        room.run(&[&["gen-values", "--inventory", "inventory.yaml"], more].concat())
    };
    refused(&gen_values(SETTINGS, &["--sd-config-map", "-"]), "`--sd-config-map -` names no file");
    refused(
        &gen_values(SETTINGS, &["--write", "v.yaml", "--sd-config-map", "v.yaml"]),
        "cannot hold the stores and something else",
    );
    refused(&gen_values(SETTINGS, &["--sd-config-map", "foreign.yaml"]), "foreign.yaml");
    refused(
        &gen_values("thanos: {}\n", &["--sd-config-map", "s.yaml"]),
        "set `thanos.query.fileSD: {configMap: NAME}`",
    );
    refused(&gen_values(SETTINGS, &["--update", "old.yaml"]), "has them elsewhere");
    let room = room(SETTINGS);
    room.file("old.yaml", "query: {stores: []}\n");
    refused(&room.run(&["diff", "old.yaml", "--inventory", "inventory.yaml"]), "has them elsewhere");
}
