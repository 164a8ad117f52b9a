//! Inventories that lost their end: no cut passes for a smaller fleet.

use proptest::prelude::*;
use serde_json::json;
use thanosctl::fleet::inventory::Inventory;
use thanosctl::fleet::inventory_file::parse;

use crate::program::{Room, fixture, fixture_text};

/// The clusters that could be read.
fn readable(inventory: &Inventory) -> usize {
    inventory.clusters.iter().filter(|cluster| cluster.observed.is_ok()).count()
}

/// A cut file is refused, or its clusters cannot be read, or it is as good as the whole.
fn assert_no_cut_passes(whole: &str, cuts: impl Iterator<Item = usize>) {
    let expected = parse("fleet", "fleet", whole).unwrap();
    assert_eq!(readable(&expected), expected.clusters.len());
    for cut in cuts.filter(|cut| whole.is_char_boundary(*cut)) {
        if let Ok(inventory) = parse("fleet", "fleet", &whole[..cut]) {
            let is_whole = inventory == expected;
            let is_lost = readable(&inventory) == 0 && !inventory.clusters.is_empty();
            assert!(is_whole || is_lost, "cut at {cut}: …{}", &whole[cut.saturating_sub(200)..cut]);
        }
    }
}

fn discovered(source: &str, format: &str) -> String {
    let run = Room::new().run(&["discover", "-o", format, "--inventory", &fixture(source)]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

/// A List as kubectl writes it in YAML: its keys in the order of the alphabet.
fn kubectl_yaml() -> String {
    let list: serde_json::Value = serde_json::from_str(&fixture_text("services/kubectl-list.json")).unwrap();
    let sorted =
        json!({"apiVersion": "v1", "items": list["items"], "kind": "List", "metadata": {"resourceVersion": ""}});
    thanosctl::yaml::document(&sorted)
}

/// All places near the ends of a text, and in between the ends and the middles of its lines.
fn places(text: &str) -> impl Iterator<Item = usize> {
    let ends = text.match_indices('\n').flat_map(|(at, _)| [at.saturating_sub(3), at, at + 1]);
    (0..text.len().min(120)).chain(ends).chain(text.len().saturating_sub(60)..text.len())
}

#[test]
fn no_cut_of_an_inventory_passes_for_a_smaller_fleet() {
    for source in ["how-to/short/inventory.yaml", "how-to/full/inventory.yaml"] {
        for format in ["yaml", "json"] {
            let whole = discovered(source, format);
            assert_no_cut_passes(&whole, places(&whole));
        }
    }
}

#[test]
fn no_cut_of_a_list_of_kubectl_passes_for_a_smaller_cluster() {
    let yaml = kubectl_yaml();
    assert_no_cut_passes(&yaml, places(&yaml));
    let json = fixture_text("services/kubectl-list.json");
    assert_no_cut_passes(json.trim_end(), places(json.trim_end()));
}

proptest! {
    #[test]
    fn no_cut_of_any_fleet_passes(names in prop::collection::vec("[a-z]{1,8}(: [a-z]{1,3})?", 1..6), at in 0.0..1.0) {
        let mut names = names;
        names.sort();
        names.dedup();
        let clusters: Vec<_> = names.iter().map(|name| {
            json!({"name": name, "services": [{"namespace": name, "name": name, "ports": [{"name": "grpc", "port": 10901}]}],
                "nodes": [], "endpointSlices": []})
        }).collect();
        let document = json!({"kind": "Inventory", "version": 1, "contents": names, "clusters": clusters, "end": true});
        let whole = thanosctl::yaml::document(&document);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let cut = (whole.len() as f64 * at) as usize;
        assert_no_cut_passes(&whole, cut..cut + 1);
    }
}

#[test]
fn a_file_that_is_empty_or_cut_is_the_cluster_that_its_name_stands_for() {
    let room = Room::new();
    let list = fixture_text("services/kubectl-list.json");
    let cut = kubectl_yaml();
    let cut = &cut[..cut.find("kind: List").unwrap()];
    for (text, cause) in
        [("", "it is empty"), (cut, "it was cut off"), ("kind: Inventory\n", "it was cut off"), ("{", "cut off")]
    {
        room.file("fleet/eu.json", &list).file("fleet/us.yaml", text);
        let run = room.run(&["discover", "--inventory", "fleet"]);
        assert_eq!(run.code, 3, "{text}: {}", run.stderr);
        assert!(run.stderr.contains("error: cannot read cluster `us`\n  caused by: fleet/us.yaml:"), "{}", run.stderr);
        assert!(run.stderr.contains(cause), "{}", run.stderr);
        let values = ["gen-values", "--inventory", "fleet", "--allow-partial"];
        let run = room.run(&values[..3]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        let run = room.run(&values);
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(
            run.stdout.contains("203.0.113.7:10901") && run.stderr.contains("cannot read cluster `us`"),
            "{}",
            run.stderr
        );
        let run = room.run(&["discover", "--inventory", "fleet/us.yaml"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    }
}

#[test]
fn a_cut_inventory_names_the_clusters_that_it_should_hold() {
    let room = Room::new();
    let whole = discovered("how-to/short/inventory.yaml", "yaml");
    let cut = &whole[..whole.find("us-1\n    context").unwrap()];
    let run = room.file("fleet.yaml", cut).run(&["discover", "--inventory", "fleet.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("error: cannot read 2 clusters: `eu-1`, `us-1`\n"), "{}", run.stderr);
}

#[test]
fn a_cluster_of_the_settings_whose_file_cannot_be_read_is_one_that_cannot_be_read() {
    let settings = "clusters: [{context: prod-eu, name: eu}, {context: prod-us, name: us}]\n";
    let list = fixture_text("services/kubectl-list.json");
    // Named as the cluster, as its context, and as neither.
    for name in ["us", "prod-us", "fleet"] {
        let room = Room::new();
        let file = format!("all/{name}.yaml");
        room.file("thanosctl.yaml", settings).file("all/eu.json", &list).file(&file, "");
        let run = room.run(&["gen-values", "--inventory", "all"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        let expected =
            format!("error: cannot read cluster `us` (context `prod-us`)\n  caused by: {file}: it is empty\n");
        assert!(run.stderr.contains(&expected), "{}", run.stderr);
        assert!(run.stderr.contains("thanosctl discover -o yaml --context prod-us"), "{}", run.stderr);
        let run = room.run(&["gen-values", "--inventory", "all", "--allow-partial"]);
        assert_eq!(run.code, 3, "{}", run.stderr);
    }
}

#[test]
fn an_absent_list_is_no_empty_list() {
    let whole = fixture_text("how-to/short/inventory.yaml");
    for key in ["services", "nodes", "endpointSlices"] {
        let text = whole.replacen(&format!("    {key}:"), "    other:", 1);
        assert_ne!(text, whole);
        let run = Room::new().file("fleet.yaml", &text).run(&["discover", "--inventory", "fleet.yaml"]);
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(run.stderr.contains(&format!("fleet.yaml has no `{key}` for this cluster")), "{}", run.stderr);
    }
}

#[test]
fn a_page_of_a_longer_list_is_no_cluster() {
    let mut list: serde_json::Value = serde_json::from_str(&fixture_text("services/kubectl-list.json")).unwrap();
    list["metadata"] = json!({"resourceVersion": "7", "continue": "", "remainingItemCount": 0});
    let run = Room::new().file("eu.json", &list.to_string()).run(&["discover", "--inventory", "eu.json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    list["metadata"]["continue"] = json!("eyJ2IjoibWV0YS5rOHMuaW8vdjEi");
    for text in [list.to_string(), thanosctl::yaml::document(&list)] {
        let run = Room::new().file("eu.json", &text).run(&["gen-values", "--inventory", "eu.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        let cause =
            "cannot read cluster `eu`\n  caused by: eu.json is one page of a longer list: it has `metadata.continue`";
        assert!(run.stderr.contains(cause), "{}", run.stderr);
    }
}

#[test]
fn a_file_in_the_form_of_another_program_says_which() {
    let utf16: Vec<u8> = "\u{feff}kind: Inventory".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, form) in [
        (&[0x1f, 0x8b, 8, 0, 0xff][..], "it is compressed with gzip"),
        (&[0x28, 0xb5, 0x2f, 0xfd, 4], "it is compressed with zstd"),
        (&utf16, "it is not UTF-8 but UTF-16"),
        (b"kind: \xff", "byte 6 is not UTF-8"),
    ] {
        let room = Room::new();
        std::fs::write(room.path("eu.json"), bytes).unwrap();
        let run = room.run(&["discover", "--inventory", "eu.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(
            run.stderr.starts_with(&format!("error: cannot read `eu.json`\n  caused by: {form}\n")),
            "{}",
            run.stderr
        );
    }
}
