//! `gen-values --write` over files that thanosctl wrote: what changes is shown, and nothing goes without a reason.

use crate::program::{Room, Run, fixture_text};

const SERVICE: &str = "monitoring/kube-prometheus-prometheus-thanos";

/// eu-1 and us-1, each with one Service.
fn whole() -> String {
    fixture_text("how-to/short/inventory.yaml")
}

/// Only eu-1.
fn eu() -> String {
    let whole = whole();
    whole[..whole.find("  - name: us-1\n").expect("the second cluster")].to_owned()
}

fn write(room: &Room, inventory: &str, more: &[&str]) -> Run {
    room.file("inventory.yaml", inventory);
    room.run(&[&["gen-values", "--inventory", "inventory.yaml", "--write", "values.yaml"], more].concat())
}

/// A room whose values.yaml has both clusters.
fn room() -> Room {
    let room = Room::new();
    let run = write(&room, &whole(), &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "wrote 2 stores to values.yaml\n"));
    room
}

/// The run is refused for this reason, the file stays, and `--force` writes it.
#[track_caller]
fn refused(room: &Room, inventory: &str, more: &[&str], reason: &str) -> String {
    let before = room.text("values.yaml");
    let dry = write(room, inventory, &[more, &["--dry-run"]].concat());
    let run = write(room, inventory, more);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(reason), "{}", run.stderr);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(room.text("values.yaml"), before);
    assert_eq!(dry, run, "a dry run says the same");
    let forced = Room::new();
    for name in ["values.yaml", "thanosctl.yaml"] {
        if room.path(name).exists() {
            forced.file(name, &room.text(name));
        }
    }
    let run = write(&forced, inventory, &[more, &["--force"]].concat());
    assert!(run.code == 0 || run.code == 3, "{}", run.stderr);
    assert_ne!(forced.text("values.yaml"), before);
    run.stderr
}

#[test]
fn a_store_of_a_cluster_that_was_not_asked_stays() {
    let reason = "error: `values.yaml` is not replaced: it would lose 1 store of cluster `us-1`, and this run did not ask that cluster";
    let told = refused(&room(), &eu(), &[], reason);
    assert_eq!(
        told,
        "changes in values.yaml:\n  stores of cluster us-1: 1 removed (10.2.0.248:32527)\nwrote 1 store to values.yaml\n"
    );
}

#[test]
fn a_context_that_is_chosen_does_not_drop_the_other_clusters_of_the_settings() {
    let clusters = "clusters:\n  - {name: a, endpoints: ['10.0.0.1:1']}\n  - {name: b, endpoints: ['10.0.0.2:1']}\n";
    let room = Room::new();
    room.file("thanosctl.yaml", clusters);
    assert_eq!(room.run(&["gen-values", "--write", "values.yaml"]).code, 0);
    let before = room.text("values.yaml");
    let api = crate::fake_api::FakeApi::with(
        vec![crate::fake_api::service("monitoring", "x-thanos-sidecar", Some(30901))],
        vec![crate::fake_api::slice("monitoring", "x-thanos-sidecar")],
        vec![crate::fake_api::node("node-1")],
    );
    let config = serde_json::json!({"contexts": [{"name": "c", "context": {"cluster": "c"}}],
        "clusters": [{"name": "c", "cluster": {"server": api.url()}}]});
    room.file(".kube/config", &config.to_string())
        .file("thanosctl.yaml", &format!("{clusters}services: {{include: ['*/x-thanos-sidecar']}}\n"));
    let run = room.run(&["gen-values", "--context", "c", "--write", "values.yaml"]);
    assert_eq!((run.code, room.text("values.yaml")), (2, before), "{}", run.stderr);
    assert!(
        run.stderr.contains("it would lose 2 stores of clusters `a`, `b`, and this run did not ask those"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("thanosctl.yaml names them"), "{}", run.stderr);
}

#[test]
fn what_the_settings_do_not_name_any_more_may_go() {
    let room = Room::new();
    let both = "clusters: [{context: prod-eu-1, name: eu-1}, {context: prod-us-1, name: us-1}]\n";
    let full = format!("{both}thanos: {{compactor: {{}}, objstore: {{existingSecret: x}}}}\n");
    room.file("thanosctl.yaml", &full);
    assert_eq!(write(&room, &whole(), &[]).code, 0);
    room.file("thanosctl.yaml", "clusters: [{context: prod-eu-1, name: eu-1}]\nthanos: {chartVersion: 15.7.9}\n");
    let before = room.text("values.yaml");
    let dry = write(&room, &whole(), &["--dry-run"]);
    assert_eq!((dry.code, room.text("values.yaml")), (0, before), "{}", dry.stderr);
    let run = write(&room, &whole(), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(format!("{}--- without --dry-run\n{}", dry.stderr, run.stderr));
}

#[test]
fn what_the_settings_made_stays_where_they_are_not_read() {
    let room = Room::new();
    room.file("thanosctl.yaml", &fixture_text("how-to/full/thanosctl.yaml").replace("secrets: inline\n", ""))
        .file("rules/prometheus.yaml", &fixture_text("how-to/full/rules/prometheus.yaml"));
    let inventory = fixture_text("how-to/full/inventory.yaml");
    let run = write(&room, &inventory, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    std::fs::rename(room.path("thanosctl.yaml"), room.path("elsewhere.yaml")).unwrap();
    // The clusters have the names of their contexts then; the sections are lost all the same.
    let run = write(&room, &inventory, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr);
    assert_eq!(write(&room, &inventory, &["--config", "elsewhere.yaml"]).code, 0);
}

#[test]
fn a_single_setting_is_not_lost_either() {
    for (settings, lost) in [
        ("replicaLabels: [replica]\n", "`query.replicaLabel`"),
        ("thanos: {query: {service: {type: NodePort}}}\n", "`query.service`"),
        ("thanos: {image: {tag: v0.38.0}}\n", "`image.tag`"),
        ("thanos: {values: {query: {logLevel: debug}}}\n", "`query.logLevel`"),
    ] {
        let room = Room::new();
        room.file("thanosctl.yaml", settings);
        assert_eq!(write(&room, &whole(), &[]).code, 0);
        std::fs::remove_file(room.path("thanosctl.yaml")).unwrap();
        refused(&room, &whole(), &[], &format!("it would lose {lost}, and this run has read no settings"));
    }
    // What somebody wrote into the file by hand is not known to any settings.
    let room = room();
    room.file("values.yaml", &(room.text("values.yaml") + "\ncompactor: {enabled: true}\n"));
    refused(&room, &whole(), &[], "it would lose `compactor`, and this run has read no settings");
}

#[test]
fn the_settings_have_either_ending_and_never_both() {
    let room = Room::new();
    room.file("thanosctl.yml", "clusters: [{name: edge, endpoints: ['192.0.2.1:10901']}]\n");
    let run = room.run(&["gen-values"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("192.0.2.1:10901"), "{}", run.stdout);
    room.file("thanosctl.yaml", "");
    for arguments in [&["gen-values"][..], &["discover"], &["patch-nodeport", "a/b"]] {
        let run = room.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("there are both `thanosctl.yaml` and `thanosctl.yml`"), "{}", run.stderr);
    }
    assert_eq!(room.run(&["gen-values", "--config", "thanosctl.yml"]).code, 0);
    room.file("thanosctl.yml", "clusters: 7\n");
    std::fs::remove_file(room.path("thanosctl.yaml")).unwrap();
    assert!(room.run(&["gen-values"]).stderr.contains("thanosctl.yml:1:11: "));
}

#[test]
fn another_release_or_chart_is_not_taken_by_default() {
    let room = Room::new();
    let flags = ["--release", "obs", "--release-namespace", "o11y", "--chart-version", "15.0.0"];
    assert_eq!(write(&room, &whole(), &flags).code, 0);
    assert_eq!(write(&room, &whole(), &flags).stderr, "values.yaml: unchanged, 2 stores\n");
    refused(
        &room,
        &whole(),
        &flags[..4],
        "it is for bitnami/thanos 15.0.0, and neither flags nor settings name a version",
    );
    refused(
        &room,
        &whole(),
        &flags[2..],
        "it belongs to another release, obs in namespace o11y; this run is for thanos in namespace o11y",
    );
    refused(&room, &whole(), &[&flags[..2], &flags[4..]].concat(), "this run is for obs in namespace monitoring");
    // A version that somebody names is a reason.
    let run = write(&room, &whole(), &[&flags[..5], &["17.3.1"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.starts_with("changes in values.yaml:\n  chart: bitnami/thanos 15.0.0 → bitnami/thanos 17.3.1\n"),
        "{}",
        run.stderr
    );
    let of_another = [&flags[..4], &["--chart", "stevehipwell/thanos"]].concat();
    assert_eq!(write(&room, &whole(), &of_another).code, 0);
    refused(
        &room,
        &whole(),
        &flags[..4],
        "it is for stevehipwell/thanos 1.24.1, and neither flags nor settings name a chart",
    );
}

#[test]
fn stores_that_were_written_by_hand_are_not_dropped() {
    let room = room();
    let line = "    - \"10.9.0.4:1\"\n";
    let text = room.text("values.yaml").replace("  # The labels", &format!("{line}  # The labels"));
    room.file("values.yaml", &text);
    refused(&room, &whole(), &[], "it would lose 1 store without a recorded origin: `10.9.0.4:1`");
    // Once it is in the settings it is there with its origin.
    room.file("thanosctl.yaml", "clusters: [{context: prod-eu-1, name: eu-1}, {context: prod-us-1, name: us-1}, {name: hand, endpoints: ['10.9.0.4:1']}]\n");
    let run = write(&room, &whole(), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(room.text("values.yaml").contains("\"10.9.0.4:1\" # hand settings"), "{}", room.text("values.yaml"));
}

#[test]
fn a_service_that_moved_or_is_gone_from_a_cluster_that_was_read_is_shown() {
    let room = room();
    let moved = whole().replace("32527", "32528");
    let run = write(&room, &moved, &[]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (
            0,
            "changes in values.yaml:\n  stores of cluster us-1: 1 moved (10.2.0.248:32527 → 10.2.0.248:32528)\nwrote 2 stores to values.yaml\n"
        )
    );
    let gone = format!("{}  - {{name: us-1, context: prod-us-1, services: [], nodes: [], endpointSlices: []}}\n", eu());
    let run = write(&room, &gone, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("  stores of cluster us-1: 1 removed (10.2.0.248:32528)\n"), "{}", run.stderr);
    assert!(run.stderr.ends_with("wrote 1 store to values.yaml\n"), "{}", run.stderr);
    let run = write(&room, &gone, &["--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn a_cluster_that_is_renamed_while_it_is_down_keeps_its_stores() {
    let room = room();
    // Known as `us-1` until now; the settings call it `us-2`, and nobody can read it.
    room.file("thanosctl.yaml", "clusters: [{context: prod-eu-1, name: eu-1}, {context: prod-us-1, name: us-2}]\n");
    let down = format!("{}  - {{name: us-1, context: prod-us-1, error: no TCP connection within 5s}}\n", eu());
    let run = write(&room, &down, &["--allow-partial"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(
        run.stderr.contains("kept 10.2.0.248:32527 from `values.yaml`: cluster `us-1` is not in the fleet"),
        "{}",
        run.stderr
    );
    let kept = format!("- \"10.2.0.248:32527\" # us-1 {SERVICE}, kept: a cluster of another name could not be read\n");
    assert!(room.text("values.yaml").contains(&kept), "{}", room.text("values.yaml"));
    // `diff` and `--update` are in doubt as well.
    let before = room.text("values.yaml");
    let run = room.run(&["diff", "values.yaml", "--inventory", "inventory.yaml"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("it may be the former name of cluster `us-2`"), "{}", run.stdout);
    assert!(!run.stdout.contains("stale-store"), "{}", run.stdout);
    let run = room.run(&["gen-values", "--inventory", "inventory.yaml", "--allow-partial", "--update", "values.yaml"]);
    assert_eq!((run.code, room.text("values.yaml")), (3, before), "{}", run.stderr);
    // It is back: the store is the new name's.
    let run = write(&room, &whole(), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("1 reassigned (10.2.0.248:32527 to us-2 {SERVICE})")), "{}", run.stderr);
    assert!(room.text("values.yaml").contains(&format!("- \"10.2.0.248:32527\" # us-2 {SERVICE}\n")));
}

#[test]
fn stores_in_a_config_map_are_kept_alike_and_not_said_to_be_in_the_values() {
    let room = Room::new();
    room.file("thanosctl.yaml", "thanos: {query: {fileSD: {configMap: stores}}}\n");
    let both = ["--sd-config-map", "stores.yaml"];
    let run = write(&room, &whole(), &both);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "wrote 2 stores to stores.yaml\nwrote values.yaml; its stores are in the ConfigMap `stores`\n")
    );
    let run = write(&room, &whole(), &both);
    assert_eq!((run.code, run.stderr.as_str()), (0, "stores.yaml: unchanged, 2 stores\nvalues.yaml: unchanged\n"));
    let before = room.text("stores.yaml");
    let run = write(&room, &eu(), &both);
    assert_eq!((run.code, room.text("stores.yaml")), (2, before.clone()), "{}", run.stderr);
    assert!(
        run.stderr.contains("`stores.yaml` is not replaced: it would lose 1 store of cluster `us-1`"),
        "{}",
        run.stderr
    );
    let edited = before.replace("    endpoints:\n", "    endpoints:\n    - address: 10.9.0.4:1\n");
    room.file("stores.yaml", &edited);
    let run = write(&room, &whole(), &both);
    assert_eq!((run.code, room.text("stores.yaml")), (2, edited), "{}", run.stderr);
    assert!(run.stderr.contains("1 store without a recorded origin: `10.9.0.4:1`"), "{}", run.stderr);
    // Stores that move from the values into the ConfigMap are not lost.
    let run = write(&room, &whole(), &["--sd-config-map", "stores.yaml", "--force"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let plain = Room::new();
    assert_eq!(write(&plain, &whole(), &[]).code, 0);
    plain.file("thanosctl.yaml", &room.text("thanosctl.yaml"));
    let run = write(&plain, &whole(), &both);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("  stores: they are in the ConfigMap `stores` from now on\n"), "{}", run.stderr);
}

#[test]
fn a_manifest_of_secrets_keeps_what_somebody_added_and_its_release() {
    let room = Room::new();
    room.file(
        "thanosctl.yaml",
        "thanos: {minio: {credentials: {rootUser: {env: USER}, rootPassword: {env: PASSWORD}}}}\n",
    )
    .file("inventory.yaml", &whole());
    let run = |more: &[&str]| {
        let arguments =
            [&["gen-values", "--inventory", "inventory.yaml", "--secret-manifest", "s.yaml"], more].concat();
        room.run_with(&arguments, &[("USER", "thanos"), ("PASSWORD", "hunter2-hunter2")])
    };
    assert_eq!(run(&["--write", "v.yaml"]).code, 0);
    let before = room.text("s.yaml");
    let other = run(&["--write", "w.yaml", "--release", "other"]);
    assert_eq!(
        (other.code, room.path("w.yaml").exists(), room.text("s.yaml")),
        (2, false, before.clone()),
        "{}",
        other.stderr
    );
    assert!(other.stderr.contains("`s.yaml` is not replaced: it belongs to another release"), "{}", other.stderr);
    let added = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: mine}\nstringData: {a: hunter2}\n";
    room.file("s.yaml", &(before + added));
    let refused = run(&["--write", "v.yaml"]);
    assert_eq!((refused.code, room.text("s.yaml").ends_with(added)), (2, true), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("it would lose `Secret mine`, which thanosctl did not write"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("hunter2"));
    assert_eq!(run(&["--write", "v.yaml", "--force"]).code, 0);
    assert!(!room.text("s.yaml").contains("mine"));
}

#[test]
fn what_cannot_be_read_any_more_is_not_replaced() {
    for broken in ["query: {stores: [\n", "query: {stores: 1}\n", "query: 1\nquery: 2\n"] {
        let room = Room::new();
        room.file("values.yaml", &format!("# thanosctl 0.1.0: bitnami/thanos 17.3.1\n{broken}"));
        refused(&room, &whole(), &[], "cannot read the stores of `values.yaml`");
    }
}

#[test]
fn a_dry_run_needs_a_file_and_prints_no_values() {
    let room = room();
    let run = write(&room, &whole(), &["--dry-run"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", "values.yaml: unchanged\n"));
    let run = room.run(&["gen-values", "--inventory", "inventory.yaml", "--dry-run"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("--write FILE"), "{}", run.stderr);
    let run = room.run(&["gen-values", "--inventory", "inventory.yaml", "--write", "new.yaml", "--dry-run"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "dry run: new.yaml was not written\n"));
    assert!(!room.path("new.yaml").exists());
}

#[test]
fn comments_and_blank_lines_of_people_are_not_dropped() {
    let room = room();
    let old = room.text("values.yaml");
    let new = old
        .replace("query:\n", "# Ask Kim before 2027.\nquery:\n")
        .replace("  replicaLabel:", "\n  replicaLabel:")
        .replace("registry: docker.io", "registry: docker.io # the mirror is slow");
    room.file("values.yaml", &new);
    let of =
        |lines: &str| format!("error: `values.yaml` is not replaced: it would lose what people added to it: {lines}");
    let told = refused(&room, &whole(), &[], &of("comments (lines 5, 17), blank line (line 12)\n"));
    assert_eq!(
        told,
        "changes in values.yaml:\n  added by people and removed: comments (lines 5, 17), blank line (line 12)\n\
         wrote 2 stores to values.yaml\n"
    );
    // The command of the hint keeps them.
    let run = write(&room, &whole().replace("nodePort: 32527", "nodePort: 32528"), &[]);
    let hint = "hint: to keep them, change the file in its place with\n      \
                thanosctl gen-values --update values.yaml --inventory inventory.yaml\n      \
                or add --force to write it all the same\n";
    assert!(run.stderr.ends_with(hint), "{}", run.stderr);
    assert_eq!(room.run(&["gen-values", "--update", "values.yaml", "--inventory", "inventory.yaml"]).code, 0);
    assert_eq!(room.text("values.yaml"), new.replace("32527", "32528"));
    // What has a form of ours is ours only where it stands for something.
    for line in ["  # eu-1 monitoring/x\n  stores:\n", "  stores: # see docs/thanos\n"] {
        room.file("values.yaml", &old.replace("  stores:\n", line));
        refused(&room, &whole(), &[], &of("comment (line "));
    }
    room.file("values.yaml", &old.replace("# eu-1 monitoring/kube-prometheus-prometheus-thanos", "# see docs/thanos"));
    refused(
        &room,
        &whole(),
        &[],
        "it would lose the comment beside 10.2.0.14:31420, whose cluster this run did not ask\n",
    );
}

#[test]
fn comments_of_people_in_manifests_are_not_dropped() {
    let room = Room::new();
    room.file("inventory.yaml", &whole()).file("thanosctl.yaml", "thanos:\n  query: {fileSD: {configMap: stores}}\n  minio: {credentials: {rootUser: {env: A}, rootPassword: {env: B}}}\n");
    let arguments = [
        "gen-values",
        "--inventory",
        "inventory.yaml",
        "--write",
        "values.yaml",
        "--sd-config-map",
        "stores.yaml",
        "--secret-manifest",
        "secrets.yaml",
    ];
    let env = [("A", "someone"), ("B", "long enough")];
    let run = room.run_with(&arguments, &env);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(room.run_with(&arguments, &env).code, 0);
    for (file, old, new) in [
        ("stores.yaml", "endpoints:\n", "endpoints:\n      # the old ones are gone\n"),
        ("secrets.yaml", "kind: Secret\n", "kind: Secret # rotated in May\n"),
        ("values.yaml", "minio:\n", "# ours alone\nminio:\n"),
    ] {
        let whole = room.text(file);
        assert!(whole.contains(old), "{whole}");
        room.file(file, &whole.replacen(old, new, 1));
        let run = room.run_with(&arguments, &env);
        assert_eq!(run.code, 2, "{}", run.stderr);
        let reason = format!("error: `{file}` is not replaced: it would lose what people added to it: comment (line ");
        assert!(run.stderr.contains(&reason) && run.stderr.contains("hint: to keep them, move them"), "{}", run.stderr);
        room.file(file, &whole);
    }
}
