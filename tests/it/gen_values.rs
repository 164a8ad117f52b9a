//! `gen-values`, offline: the how-to from end to end, and everything that must stop it.

use crate::program::{Room, Run, fixture, fixture_text};

/// The inventory of the short how-to with something replaced.
fn short_with(from: &str, to: &str) -> String {
    let text = fixture_text("how-to/short/inventory.yaml");
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

fn gen_values(room: &Room, inventory: &str, more: &[&str]) -> Run {
    room.file("inventory.yaml", inventory);
    room.run(&[&["gen-values", "--inventory", "inventory.yaml"], more].concat())
}

#[track_caller]
fn refused(run: &Run) {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
}

#[test]
fn the_short_how_to_comes_out_whole() {
    let (config, inventory) = (fixture("how-to/short/thanosctl.yaml"), fixture("how-to/short/inventory.yaml"));
    let run = Room::new().run(&["gen-values", "--config", &config, "--inventory", &inventory]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn the_full_how_to_comes_out_whole() {
    let (config, inventory) = (fixture("how-to/full/thanosctl.yaml"), fixture("how-to/full/inventory.yaml"));
    let run = Room::new().run(&["gen-values", "--config", &config, "--inventory", &inventory, "--show-secrets"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn the_full_how_to_with_secrets_in_a_manifest_names_them_and_holds_none() {
    let room = Room::new();
    let settings = fixture_text("how-to/full/thanosctl.yaml").replace("secrets: inline\n", "");
    room.file("thanosctl.yaml", &settings)
        .file("rules/prometheus.yaml", &fixture_text("how-to/full/rules/prometheus.yaml"))
        .file("secrets/minio-user", "thanos\n")
        .file("secrets/minio-password", "hunter2-hunter2\n");
    let run = gen_values(
        &room,
        &fixture_text("how-to/full/inventory.yaml"),
        &["--secret-manifest", "s.yaml", "--write", "v.yaml"],
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    insta::assert_snapshot!(format!(
        "{}--- s.yaml\n{}--- stderr\n{}",
        room.text("v.yaml"),
        room.text("s.yaml"),
        run.stderr
    ));
    assert!(!room.text("v.yaml").contains("hunter2") && !run.stderr.contains("hunter2"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name| std::fs::metadata(room.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("s.yaml"), 0o600);
    }
    // Rendered again, nothing changes.
    let (values, secrets) = (room.text("v.yaml"), room.text("s.yaml"));
    gen_values(
        &room,
        &fixture_text("how-to/full/inventory.yaml"),
        &["--secret-manifest", "s.yaml", "--write", "v.yaml"],
    );
    assert_eq!((room.text("v.yaml"), room.text("s.yaml")), (values, secrets));
}

#[test]
fn values_that_only_name_secrets_need_none_of_them() {
    let room = Room::new();
    room.file(
        "thanosctl.yaml",
        "thanos: {minio: {credentials: {rootUser: {env: NOBODY}, rootPassword: {file: nowhere}}}}\n",
    );
    let run = gen_values(&room, &short_with("", ""), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("existingObjstoreSecret: thanos-objstore"), "{}", run.stdout);
}

#[test]
fn a_secret_that_is_not_there_is_named_and_one_that_is_there_is_never_shown() {
    let room = Room::new();
    let settings = "secrets: inline\nthanos: {minio: {credentials: {rootUser: {env: MINIO_USER}, rootPassword: {file: password}}}}\n";
    room.file("thanosctl.yaml", settings).file("inventory.yaml", &short_with("", ""));
    let arguments = ["gen-values", "--inventory", "inventory.yaml", "--secrets", "inline"];
    let run = room.run(&arguments);
    refused(&run);
    assert!(
        run.stderr.contains("environment variable MINIO_USER") && run.stderr.contains("`password`"),
        "{}",
        run.stderr
    );
    for wrong in ["hunter2$(HOME)", "hunter2\nhunter2", "h2"] {
        room.file("password", wrong);
        let run = room.run_with(&arguments, &[("MINIO_USER", "thanos")]);
        refused(&run);
        assert!(!run.stderr.contains(wrong) && !run.stderr.contains("hunter2"), "{}", run.stderr);
    }
}

#[test]
fn an_unreadable_cluster_stops_everything() {
    let room = Room::new();
    let dead = "  - name: ap-1\n    context: prod-ap-1\n    error: no TCP connection to `10.9.9.9:6443` within 5s\n    hint: is the VPN up?\n";
    let inventory = short_with("", "") + dead;
    let run = gen_values(&room, &inventory, &["--write", "values.yaml"]);
    refused(&run);
    assert!(!room.path("values.yaml").exists());
    insta::assert_snapshot!(run.stderr);

    let partial = gen_values(&room, &inventory, &["--allow-partial"]);
    assert_eq!(partial.code, 3);
    assert!(
        partial.stdout.contains("10.2.0.14:31420")
            && partial.stdout.contains("# MISSING, left out by --allow-partial: ap-1: ")
    );
    assert!(
        partial.stderr.contains("left out: cannot read cluster `ap-1` (context `prod-ap-1`)"),
        "{}",
        partial.stderr
    );
}

#[test]
fn a_pending_load_balancer_stops_everything_with_a_hint_to_paste() {
    let room = Room::new();
    let pending =
        fixture_text("how-to/full/inventory.yaml").replace("        loadBalancerIngress: [{ip: 203.0.113.7}]\n", "");
    let run = gen_values(&room, &pending, &[]);
    refused(&run);
    insta::assert_snapshot!(run.stderr);
    let partial = gen_values(&room, &pending, &["--allow-partial"]);
    assert_eq!(partial.code, 3);
    assert!(partial.stdout.contains("198.51.100.20:10901") && !partial.stdout.contains("203.0.113.7"));
}

#[test]
fn every_kind_of_service_without_an_address_is_told_with_its_own_way_out() {
    let room = Room::new();
    let run = gen_values(&room, &fixture_text("services/kinds.json"), &[]);
    refused(&run);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn two_clusters_that_claim_one_address_are_refused_even_partially() {
    let room = Room::new();
    let same = short_with("10.2.0.248", "10.2.0.14").replace("32527", "31420");
    for more in [&[][..], &["--allow-partial"]] {
        let run = gen_values(&room, &same, more);
        refused(&run);
        assert!(run.stderr.contains("`10.2.0.14:31420` is claimed by eu-1 "), "{}", run.stderr);
    }
    let run = gen_values(&room, &short_with("name: us-1\n", "name: eu-1\n"), &["--allow-partial"]);
    refused(&run);
    assert!(run.stderr.contains("two clusters claim the name `eu-1`"), "{}", run.stderr);
}

#[test]
fn nothing_found_is_no_empty_list() {
    let room = Room::new();
    room.file("values.yaml", "# thanosctl 0.1.0: bitnami/thanos 17.3.1\nold: true\n");
    for more in [&["--write", "values.yaml"][..], &["--write", "values.yaml", "--allow-partial"]] {
        refused(&gen_values(
            &room,
            "kind: Inventory\nversion: 1\nclusters: [{name: eu, services: [], nodes: [], endpointSlices: []}]\n",
            more,
        ));
        assert!(room.text("values.yaml").ends_with("old: true\n"));
    }
}

#[test]
fn a_file_of_somebody_else_is_not_replaced() {
    let room = Room::new();
    room.file("values.yaml", "query: {}\n");
    let inventory = short_with("", "");
    let run = gen_values(&room, &inventory, &["--write", "values.yaml"]);
    refused(&run);
    assert_eq!(room.text("values.yaml"), "query: {}\n");
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    let run = gen_values(&room, &inventory, &["--write", "values.yaml", "--force"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let written = room.text("values.yaml");
    assert_eq!(written, gen_values(&room, &inventory, &[]).stdout);
    // Now it is ours.
    assert_eq!(gen_values(&room, &inventory, &["--write", "values.yaml"]).code, 0);
    std::fs::create_dir(room.path("folder")).unwrap();
    refused(&gen_values(&room, &inventory, &["--write", "folder"]));
    refused(&gen_values(&room, &inventory, &["--write", "no/such/folder/values.yaml"]));
}

#[test]
fn settings_choose_clusters_names_and_addresses() {
    let room = Room::new();
    room.file(
        "thanosctl.yaml",
        "clusters:\n  - {context: prod-us-1, name: america}\n  - {name: edge-7, endpoints: ['edge-7.example.net:10901']}\nreplicaLabels: [prometheus_replica, replica]\n",
    );
    let run = gen_values(&room, &short_with("", ""), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stderr, "warning: cluster `eu-1` of the inventory is left out: the settings do not name it\n");
    let stores: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("    - ")).collect();
    assert_eq!(
        stores,
        [
            "    - \"10.2.0.248:32527\" # america monitoring/kube-prometheus-prometheus-thanos",
            "    - \"edge-7.example.net:10901\" # edge-7 settings"
        ]
    );
    room.file("thanosctl.yaml", "clusters: [{context: prod-ap-1}]\n");
    let run = gen_values(&room, &short_with("", ""), &[]);
    refused(&run);
    assert!(run.stderr.contains("the inventory lacks cluster `prod-ap-1`"), "{}", run.stderr);
}

#[test]
fn fixed_clusters_need_no_kubeconfig() {
    let room = Room::new();
    room.file("thanosctl.yaml", "clusters: [{name: edge-7, endpoints: ['edge-7.example.net:10901']}]\n");
    let run = room.run(&["gen-values"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("\"edge-7.example.net:10901\" # edge-7 settings"));
}

#[test]
fn a_mistake_in_the_settings_is_told_where_it_stands() {
    for (settings, expected) in [
        ("thanos:\n  compacter: {}\n", "thanosctl.yaml:2:3: unknown key `compacter`\nhint: did you mean `compactor`?"),
        ("thanos: {chartVersion: 0.4.3}\n", "it knows 0.5.0 to 17.6.0"),
        ("thanos: {chart: banzaicloud/thanos}\n", "does not know the chart"),
        ("thanos: {compactor: {}}\n", "thanosctl.yaml:1:10: `thanos.compactor` wants an object store"),
        (
            "thanos: {values: {query: {stores: []}}}\n",
            "thanosctl.yaml:1:27: `thanos.values` sets `query.stores`, which",
        ),
        ("thanos: {values: {query: null}}\n", "thanosctl.yaml:1:19: `thanos.values` sets `query.stores`"),
        (
            "thanos:\n  values:\n    query:\n      # why\n      replicaCuont: 2\n",
            "error: thanosctl.yaml:5:7: `thanos.values`: `query.replicaCuont` is no key of the chart in version 17.3.1\nhint: did you mean `query.replicaCount`?\n",
        ),
        ("defaults: &d {qeury: {}}\nthanos: {values: *d}\n", "thanosctl.yaml:1:1: unknown key `defaults`"),
        ("thanos:\n  values:\n    <<: &d {qeury: {}}\n", "thanosctl.yaml:3:13: `thanos.values`: `qeury` is no key"),
        (
            "thanos:\n  values: {query: {pdb: {create: 'no'}}}\n",
            "thanosctl.yaml:2:26: `thanos.values`: `query.pdb.create` wants true or false",
        ),
        ("thanos:\n  values: {ruler: 1}\n", "thanosctl.yaml:2:12: `thanos.values`: `ruler` wants keys below it"),
        ("thanos:\n  values: {minio: {enabled: true}}\n", "thanosctl.yaml:2:20: `thanos.values` sets `minio.enabled`"),
        (
            "thanos:\n  values: {ruler: {enabled: true}}\n",
            "thanosctl.yaml:2:20: `thanos.values` sets `ruler.enabled`, which wants an object store",
        ),
        ("\u{feff}thanos:\r\n  values: {a.b: 1}\r\n", "thanosctl.yaml:2:12: `thanos.values`: `a.b` is no key"),
        ("thanos: {compactor: {retention: {raw: 30}}}\n", "is no duration"),
        ("thanos: {query: {service: {type: ClusterIP, nodePort: 30902}}}\n", "a Service of type ClusterIP has none"),
        (
            "thanos: {objstore: {type: S3, config: {bucket: thanos, endpoint: 'http://x'}}}\n",
            "thanosctl.yaml:1:56: `thanos.objstore.config.endpoint` has a scheme",
        ),
        (
            "thanos:\n  minio: {buckets: [a b], credentials: {rootUser: {env: A}, rootPassword: {env: B}}}\n",
            "thanosctl.yaml:2:3: `thanos.objstore.config.bucket` is no name of a bucket",
        ),
        ("thanos: {objstore: {type: S33}}\n", "thanosctl.yaml:1:21: Thanos knows no object store of type `S33`"),
        (
            "thanos: {objstore: {prefix: a}}\n",
            "thanosctl.yaml:1:10: `thanos.objstore` has neither type nor existingSecret",
        ),
        (
            "thanos:\n  objstore:\n    type: S3\n    config:\n      bukcet: thanos\n      bucket: thanos\n      endpoint: x\n",
            "error: thanosctl.yaml:5:7: `thanos.objstore.config` has an unknown field `bukcet`\nhint: did you mean `bucket`?\n",
        ),
        (
            "thanos:\n  objstore:\n    type: S3\n    config:\n      endpoint: x\n      http_config:\n        idle_conn_timeuot: 1m\n",
            "thanosctl.yaml:7:9: `thanos.objstore.config.http_config` has an unknown field `idle_conn_timeuot`\nhint: did you mean `idle_conn_timeout`?",
        ),
        (
            "thanos:\n  objstore:\n    type: S3\n    config:\n      endpoint: x\n",
            "thanosctl.yaml:4:5: `thanos.objstore.config.bucket` is missing",
        ),
        (
            "thanos:\n  objstore:\n    type: S3\n    config: {bucket: abc, endpoint: x, insecure: 'true'}\n",
            "thanosctl.yaml:4:40: `thanos.objstore.config.insecure` wants true or false",
        ),
        (
            "thanos:\n  objstore:\n    type: S3\n    config: {bucket: abc, endpoint: x, access_key: {env: A}}\n",
            "thanosctl.yaml:4:40: `thanos.objstore.config` of type S3: `access_key` is given without `secret_key`",
        ),
        ("thanos:\n\tquery: {}\n", "thanosctl.yaml:2:"),
    ] {
        let room = Room::new();
        room.file("thanosctl.yaml", settings);
        let run = gen_values(&room, &short_with("", ""), &[]);
        refused(&run);
        assert!(run.stderr.contains(expected), "{settings}: {}", run.stderr);
    }
}

#[test]
fn all_that_is_wrong_with_the_settings_is_told_at_once_and_by_the_name_of_their_file() {
    let room = Room::new();
    room.file(
        "fleet/central.yaml",
        "thanos:\n  minio:\n    credentials: {}\n  values:\n    query:\n      stores: []\n      stroes: []\n",
    );
    let run = gen_values(&room, &short_with("", ""), &["--config", "fleet/central.yaml"]);
    refused(&run);
    let errors: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(
        errors,
        [
            "error: fleet/central.yaml:3:5: `thanos.minio.credentials` are missing",
            "error: fleet/central.yaml:7:7: `thanos.values`: `query.stroes` is no key of the chart in version 17.3.1",
            "error: fleet/central.yaml:6:7: `thanos.values` sets `query.stores`, which thanosctl writes itself",
        ]
    );
}

#[test]
fn flags_override_the_settings() {
    let room = Room::new();
    room.file("thanosctl.yaml", "thanos: {chartVersion: 17.3.1, release: thanos}\n");
    let more = ["--chart-version", "15.14.1", "--release", "obs", "--release-namespace", "observability"];
    let run = gen_values(&room, &short_with("", ""), &more);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.starts_with("# thanosctl 0.1.0: bitnami/thanos 15.14.1\n# Release obs in namespace observability.")
    );
    assert!(run.stdout.contains("allowInsecureImages: true"));
}

#[test]
fn values_pass_through_and_win() {
    let room = Room::new();
    room.file("thanosctl.yaml", "thanos:\n  values:\n    query: {replicaCount: 2, extraFlags: ['--query.timeout=2m']}\n    image: {tag: 0.39.2-debian-12-r2}\n");
    let run = gen_values(&room, &short_with("", ""), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn hostile_names_break_neither_yaml_nor_comments() {
    let hostile = short_with("name: eu-1\n", "name: \"eu {{ .Values }} # x: [\"\n").replace(
        "name: kube-prometheus-prometheus-thanos\n        type",
        "name: \"a\\n  evil: true\\e[31m\\u2028{{\"\n        type",
    );
    let run = gen_values(&Room::new(), &hostile, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let values: serde_json::Value = thanosctl::document::read("values", &run.stdout).unwrap();
    assert_eq!(values["query"]["stores"], serde_json::json!(["10.2.0.14:31420", "10.2.0.248:32527"]));
    assert!(values.get("evil").is_none() && values["query"].get("evil").is_none());
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{2028}'));
}

#[test]
fn replicas_behind_one_address_are_a_warning() {
    let endpoint = "          - {address: 10.42.0.21, nodeName: eu-1-worker, pod: monitoring/prometheus-kube-prometheus-prometheus-0}\n";
    let second = endpoint.replace("10.42.0.21", "10.42.0.22").replace("prometheus-0}", "prometheus-1}");
    let run = gen_values(&Room::new(), &short_with(endpoint, &format!("{endpoint}{second}")), &[]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn values_and_secrets_do_not_share_stdout() {
    let run = gen_values(&Room::new(), &short_with("", ""), &["--secret-manifest", "-"]);
    refused(&run);
    assert!(run.stderr.contains("cannot both go to stdout"), "{}", run.stderr);
}

const OLD: &str = "# thanosctl 0.1.0: bitnami/thanos 17.3.1\nold: true\n";
const WRITE: [&str; 6] = ["gen-values", "--inventory", "inventory.yaml", "--write", "values.yaml", "-q"];

/// A room with an inventory and an old values file of ours, and what the new file will hold.
fn room_to_write_in() -> (Room, String) {
    let room = Room::new();
    room.file("inventory.yaml", &short_with("", "")).file("values.yaml", OLD);
    let new = room.run(&["gen-values", "--inventory", "inventory.yaml"]).stdout;
    (room, new)
}

#[cfg(unix)]
#[test]
fn the_new_text_takes_the_place_of_the_old_in_one_step() {
    use std::os::unix::fs::MetadataExt as _;
    let (room, new) = room_to_write_in();
    let inode = || std::fs::metadata(room.path("values.yaml")).unwrap().ino();
    // Whoever has the old file open goes on reading the old text: it is another file now, not the same one emptied.
    let before = (inode(), std::fs::File::open(room.path("values.yaml")).unwrap());
    assert_eq!(room.run(&WRITE).code, 0);
    assert_ne!(inode(), before.0);
    assert_eq!(std::io::read_to_string(before.1).unwrap(), OLD);
    assert_eq!(room.text("values.yaml"), new);
    let names: Vec<_> = std::fs::read_dir(room.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains(".tmp")), "{names:?}");
}

/// The kernel kills a program that writes more than it may: in the middle of the write, every time.
#[cfg(unix)]
#[test]
fn a_kill_in_the_middle_of_writing_leaves_the_old_file() {
    let (room, _) = room_to_write_in();
    let command = format!("ulimit -c 0; ulimit -f 0; exec '{}' {}", env!("CARGO_BIN_EXE_thanosctl"), WRITE.join(" "));
    let status = std::process::Command::new("sh").args(["-c", &command]).current_dir(room.path("")).status().unwrap();
    assert!(!status.success());
    assert_eq!(room.text("values.yaml"), OLD);
    leaves_nothing(&room);
}

/// On Linux what is being written has no name, so that no kill leaves it behind.
fn leaves_nothing(room: &Room) {
    let names = std::fs::read_dir(room.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with(".thanosctl-")).collect();
    assert!(!cfg!(target_os = "linux") || left.is_empty(), "{left:?}");
}

/// Kills from before the program has started to after it has ended; the last run is left alone.
#[test]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_new_one() {
    let (room, new) = room_to_write_in();
    let started = std::time::Instant::now();
    room.run(&WRITE);
    let whole = started.elapsed();
    let (mut olds, mut news) = (0, 0);
    for attempt in 0..=40_u32 {
        room.file("values.yaml", OLD);
        let mut child = room.command(&WRITE).spawn().unwrap();
        let started = std::time::Instant::now();
        while started.elapsed() < whole * attempt / 30 && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        if attempt < 40 {
            let _ = child.kill();
        }
        child.wait().unwrap();
        leaves_nothing(&room);
        match room.text("values.yaml") {
            text if text == OLD => olds += 1,
            text if text == new => news += 1,
            text => panic!("after {attempt}/30 of {whole:?}: {text}"),
        }
    }
    assert!(olds > 0 && news > 0, "{olds} old, {news} new");
}

#[test]
fn what_would_be_lost_is_refused() {
    let room = Room::new();
    let settings = "thanos: {minio: {credentials: {rootUser: {env: U}, rootPassword: {env: P}}}}\n";
    room.file("thanosctl.yaml", settings).file("inventory.yaml", &short_with("", "")).file("precious.yaml", "a: 1\n");
    let run = |more: &[&str]| {
        let arguments = [&["gen-values", "--inventory", "inventory.yaml"], more].concat();
        room.run_with(&arguments, &[("U", "thanos"), ("P", "hunter2-hunter2")])
    };
    for (more, expected) in [
        (&["--write", "v.yaml", "--secret-manifest", "precious.yaml"][..], "was not written by thanosctl"),
        (&["--write", "v.yaml", "--secret-manifest", "./v.yaml"], "cannot hold both"),
        (&["--write", "no/such/v.yaml", "--secret-manifest", "s.yaml"], "cannot write `no/such/v.yaml`"),
        (&["--write", "no/such/v.yaml", "--secret-manifest", "-", "--show-secrets"], "cannot write `no/such/v.yaml`"),
        (&["--write", "-"], "names no file"),
        (&["--write", "thanosctl.yaml"], "was not written by thanosctl"),
    ] {
        let run = run(more);
        refused(&run);
        assert!(run.stderr.contains(expected), "{more:?}: {}", run.stderr);
        assert!(!room.path("v.yaml").exists() && !room.path("s.yaml").exists(), "{more:?}");
    }
    assert_eq!(room.text("precious.yaml"), "a: 1\n");
    assert_eq!(run(&["--write", "v.yaml", "--secret-manifest", "s.yaml"]).code, 0);
    // Values are no Secrets, and Secrets no values, also when an editor has been there.
    let (values, secrets) = (room.text("v.yaml"), room.text("s.yaml"));
    for dressed in [|text: &str| text.to_owned(), |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"))] {
        room.file("v.yaml", &dressed(&values)).file("s.yaml", &dressed(&secrets));
        refused(&run(&["--write", "s.yaml"]));
        refused(&run(&["--write", "w.yaml", "--secret-manifest", "v.yaml"]));
        assert_eq!((room.text("v.yaml"), room.text("s.yaml")), (dressed(&values), dressed(&secrets)));
        assert_eq!(run(&["--write", "v.yaml", "--secret-manifest", "s.yaml"]).code, 0);
        assert_eq!((room.text("v.yaml"), room.text("s.yaml")), (values.clone(), secrets.clone()));
    }
    assert_eq!(run(&["--write", "v.yaml", "--secret-manifest", "precious.yaml", "--force"]).code, 0);
    assert_eq!(run(&["--write", "s.yaml", "--force"]).code, 0);
}

#[test]
fn a_file_is_ours_by_its_first_line_and_nothing_else() {
    let room = Room::new();
    // What stands in the values says nothing: here it is a Secret.
    room.file("thanosctl.yaml", "thanos: {values: {extraDeploy: [{apiVersion: v1, kind: Secret}]}}\n");
    for _ in 0..2 {
        let run = gen_values(&room, &short_with("", ""), &["--write", "values.yaml"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    assert!(room.text("values.yaml").contains("kind: Secret"));
    for notes in [
        "# thanosctl 0.1.0: notes of mine\n",
        "# thanosctl is what we use\n",
        "\n# thanosctl 0.1.0: bitnami/thanos 17.3.1\n",
    ] {
        room.file("values.yaml", notes);
        refused(&gen_values(&room, &short_with("", ""), &["--write", "values.yaml"]));
        assert_eq!(room.text("values.yaml"), notes);
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_is_the_owners_alone_when_it_holds_secrets_and_only_then() {
    use std::os::unix::fs::PermissionsExt as _;
    let minio = "thanos: {minio: {credentials: {rootUser: {env: U}, rootPassword: {env: P}}}}\n";
    let exists = "thanos: {objstore: {existingSecret: a}, minio: {credentials: {existingSecret: b}}}\n";
    for (settings, holds) in [
        (format!("secrets: inline\n{minio}"), true),
        (minio.to_owned(), false),
        ("secrets: inline\n".to_owned(), false),
        (format!("secrets: inline\n{exists}"), false),
        ("secrets: inline\nthanos: {objstore: {type: FILESYSTEM, config: {directory: /data}}}\n".to_owned(), false),
        ("thanos: {values: {auth: {basicAuthUsers: {admin: hunter2}}}}\n".to_owned(), true),
        ("thanos: {values: {indexCacheConfig: {type: REDIS, config: {password: hunter2}}}}\n".to_owned(), true),
        ("thanos: {values: {existingHttpConfigSecret: a}}\n".to_owned(), false),
    ] {
        let room = Room::new();
        room.file("thanosctl.yaml", &settings).file("inventory.yaml", &short_with("", ""));
        let secrets = if settings.starts_with("secrets: inline") { &["--secrets", "inline"][..] } else { &[] };
        let arguments = [&WRITE[..], secrets].concat();
        let run = room.run_with(&arguments, &[("U", "thanos"), ("P", "hunter2-hunter2")]);
        assert_eq!(run.code, 0, "{settings}: {}", run.stderr);
        let is_guarded = std::fs::metadata(room.path("values.yaml")).unwrap().permissions().mode() & 0o777 == 0o600;
        let says_so = room.text("values.yaml").contains("# It holds secrets");
        assert_eq!((is_guarded, says_so), (holds, holds), "{settings}");
    }
}

#[test]
fn rule_files_are_found_beside_the_settings_and_each_once() {
    let room = Room::new();
    let rules = fixture_text("how-to/full/rules/prometheus.yaml");
    let settings = "thanos:\n  objstore: {existingSecret: a}\n  ruler: {alertmanagers: ['http://a:9093'], rules: ['r*.yaml', ./r.yaml]}\n";
    room.file("thanosctl.yaml", settings).file("r.yaml", &rules);
    let run = gen_values(&room, &short_with("", ""), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("alert: PrometheusDown"));
}

#[test]
fn the_context_decides_which_cluster_of_an_inventory_is_meant() {
    let room = Room::new();
    // Two clusters whose names are each other's contexts.
    let inventory = short_with("name: eu-1\n    context: prod-eu-1", "name: prod-us-1\n    context: prod-eu-1");
    room.file("thanosctl.yaml", "clusters: [{context: prod-us-1}, {context: prod-eu-1}]\n");
    let run = gen_values(&room, &inventory, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let stores: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("    - ")).collect();
    assert!(stores[0].contains("10.2.0.248:32527\" # prod-us-1"), "{stores:?}");
    assert!(stores[1].contains("10.2.0.14:31420\" # prod-eu-1"), "{stores:?}");
    room.file("thanosctl.yaml", "clusters: [{context: staging, name: us-1}]\n");
    refused(&gen_values(&room, &short_with("", ""), &[]));
}

#[test]
fn an_inventory_with_a_hole_is_no_cluster_without_sidecars() {
    let room = Room::new();
    let hole = short_with("    services:\n", "    servicez:\n");
    let run = gen_values(&room, &hole, &[]);
    refused(&run);
    assert!(run.stderr.contains("has no `services` for this cluster"), "{}", run.stderr);
    for text in ["kind: Inventory\nversion: 1\n", "kind: Inventory\nversion: 1\nclusterz: []\n"] {
        let run = gen_values(&room, text, &[]);
        refused(&run);
        assert!(run.stderr.contains("missing field `clusters`"), "{}", run.stderr);
    }
    let list = "{\"kind\": \"List\", \"items\": [{\"kind\": \"Node\", \"metadata\": {\"name\": \"a\"}}]}";
    let run = gen_values(&room, list, &[]);
    refused(&run);
    assert!(run.stderr.contains("holds no services"), "{}", run.stderr);
}
