//! `gen-values --update`: a file that people edit too, mended in place.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::diff::{fleet, room};
use crate::program::{Room, Run};

/// A file as people keep it.
const HAND: &str = "# ours\n\
    query:\n\
    \x20 enabled: true   # on\n\
    \x20 stores:\n\
    \x20 # europe, ask Kim\n\
    \x20 - '203.0.113.7:10901'   # eu monitoring/thanos\n\
    \n\
    \x20 - 192.0.2.9:10901 # the old box\n\
    \x20 # overseas\n\
    \x20 - 10.2.0.1:31000 # us monitoring/thanos\n\
    \x20 extraFlags: [\"--log.level=debug\"] # loud\n\
    compactor: {enabled: false}\n";

fn hand() -> Room {
    let room = room();
    room.file("values.yaml", HAND);
    room
}

fn update(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["gen-values", "--inventory", "fleet.json", "--update", "values.yaml"], arguments].concat())
}

fn change(room: &Room, change: impl Fn(&mut Value)) {
    let mut fleet = fleet();
    change(&mut fleet);
    room.file("fleet.json", &fleet.to_string());
}

#[test]
fn a_file_that_is_right_is_not_touched() {
    let room = hand();
    let before = std::fs::metadata(room.path("values.yaml")).unwrap().modified().unwrap();
    let run = update(&room, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("is right already")
            && run.stderr.contains("`192.0.2.9:10901` belongs to no Service in the queried clusters"),
        "{}",
        run.stderr
    );
    assert_eq!(std::fs::metadata(room.path("values.yaml")).unwrap().modified().unwrap(), before);
    assert_eq!(room.text("values.yaml"), HAND);
}

#[test]
fn only_what_moved_came_or_went_is_changed() {
    for (edit, from, to) in [
        (
            (|fleet| fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8"))
                as fn(&mut Value),
            "'203.0.113.7:10901'   #",
            "'203.0.113.8:10901'   #",
        ),
        (
            |fleet| fleet["clusters"][1]["services"] = json!([]),
            "  # overseas\n  - 10.2.0.1:31000 # us monitoring/thanos\n",
            "  # overseas\n",
        ),
        (
            |fleet| {
                let mut new = fleet["clusters"][0]["services"][0].clone();
                new["name"] = json!("thanos-2");
                new["selector"] = json!({"app": "other"});
                new["loadBalancerIngress"] = json!([{"ip": "203.0.113.9"}]);
                fleet["clusters"][0]["services"].as_array_mut().unwrap().push(new);
            },
            "# eu monitoring/thanos\n",
            "# eu monitoring/thanos\n  - '203.0.113.9:10901' # eu monitoring/thanos-2\n",
        ),
    ] {
        for line_end in ["\n", "\r\n"] {
            let room = hand();
            room.file("values.yaml", &HAND.replace('\n', line_end));
            change(&room, edit);
            let check = update(&room, &["--check"]);
            assert_eq!(check.code, 1, "{}", check.stderr);
            assert_eq!(room.text("values.yaml"), HAND.replace('\n', line_end), "--check writes nothing");
            let run = update(&room, &[]);
            assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
            let expected = HAND.replace(from, to).replace('\n', line_end);
            assert_eq!(room.text("values.yaml"), expected, "{}", check.stdout);
            // And then all is well.
            assert_eq!(update(&room, &["--check"]).code, 0);
            assert_eq!(room.run(&["diff", "values.yaml", "--inventory", "fleet.json"]).code, 0);
        }
    }
}

#[test]
fn what_cannot_be_asked_stays_and_is_marked_until_it_is_back() {
    let room = hand();
    change(&room, |fleet| {
        fleet["clusters"][1] = json!({"name": "us", "context": "us", "error": "no answer within 10s"});
        fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8");
    });
    let run = update(&room, &[]);
    assert_eq!((run.code, room.text("values.yaml").as_str()), (2, HAND), "{}", run.stderr);
    let run = update(&room, &["--allow-partial"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("what the file knew stays: cannot read cluster `us`"), "{}", run.stderr);
    let marked = HAND
        .replace("203.0.113.7", "203.0.113.8")
        .replace("# us monitoring/thanos", "# us monitoring/thanos, kept: the cluster could not be read");
    assert_eq!(room.text("values.yaml"), marked);
    assert_eq!(update(&room, &["--allow-partial"]).code, 3);
    assert_eq!(room.text("values.yaml"), marked, "and again the same");
    change(&room, |_| {});
    assert_eq!(update(&room, &[]).code, 0);
    assert_eq!(room.text("values.yaml"), HAND);
}

#[test]
fn keys_follow_the_settings_and_what_they_leave_to_the_default_is_not_added() {
    let room = hand();
    room.file(
        "thanosctl.yaml",
        "clusters: [{context: eu}, {context: us}]\nreplicaLabels: [prometheus_replica, rule_replica]\n\
        thanos: {query: {service: {type: NodePort, nodePort: 30902}}}\n",
    );
    let with = HAND.replace(
        "  extraFlags",
        "  replicaLabel: [replica] # why?\n  service: {type: ClusterIP, annotations: {a: b}}\n  extraFlags",
    );
    room.file("values.yaml", &with);
    let run = update(&room, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let expected = with
        .replace("[replica] # why?", "[prometheus_replica, rule_replica] # why?")
        .replace("ClusterIP, annotations: {a: b}}", "NodePort, annotations: {a: b}, nodePorts: {http: \"30902\"}}");
    assert_eq!(room.text("values.yaml"), expected);
}

#[test]
fn files_in_which_nothing_can_be_changed_without_guessing_are_refused_with_the_line() {
    for (text, told) in [
        ("query: &q\n  stores: []\nother: *q\n", "`query` has an anchor"),
        ("query:\n  stores: []\n---\nquery: {}\n", "a second document begins here"),
        ("query:\n  stores: []\n  stores: []\n", "values.yaml:3:3: duplicate key"),
        ("query:\n  stores:\n{{- range .Values.x }}\n    - {{ . }}\n{{- end }}\n", "values.yaml:3:"),
        ("query:\n\tstores: []\n", "values.yaml:2:"),
    ] {
        let room = hand();
        room.file("values.yaml", text);
        let run = update(&room, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}: {}", run.stderr);
        assert!(run.stderr.contains(told), "{text}: {}", run.stderr);
        assert_eq!(room.text("values.yaml"), text);
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_written_through_and_modes_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = hand();
    std::fs::create_dir(room.path("real")).unwrap();
    std::fs::rename(room.path("values.yaml"), room.path("real/values.yaml")).unwrap();
    std::fs::set_permissions(room.path("real/values.yaml"), std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real/values.yaml", room.path("values.yaml")).unwrap();
    change(&room, |fleet| fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8"));
    assert_eq!(update(&room, &[]).code, 0);
    assert!(room.path("values.yaml").symlink_metadata().unwrap().is_symlink());
    assert_eq!(room.text("real/values.yaml"), HAND.replace("203.0.113.7", "203.0.113.8"));
    assert_eq!(std::fs::metadata(room.path("real/values.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_of_the_repository_that_leads_out_of_it() {
    use std::os::unix::fs::symlink;
    let outside = Room::new();
    for is_repository in [true, false] {
        let room = hand();
        if is_repository {
            room.file(".git/HEAD", "");
        }
        outside.file("hand.yaml", HAND).file("empty.yaml", "");
        symlink(outside.path("hand.yaml"), room.path("link.yaml")).unwrap();
        symlink(outside.path("empty.yaml"), room.path("empty.yaml")).unwrap();
        symlink(outside.path("."), room.path("folder")).unwrap();
        symlink("folder/hand.yaml", room.path("twice.yaml")).unwrap();
        change(&room, |fleet| {
            fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8");
        });
        let whole = room.path("folder/hand.yaml").display().to_string();
        let gen_values = |arguments: &[&str]| {
            room.run(&[&["gen-values", "--inventory", "fleet.json", "--allow-partial"], arguments].concat())
        };
        for arguments in [
            &["--update", "link.yaml"][..],
            &["--update", "folder/hand.yaml"],
            &["--update", &whole],
            &["--update", "twice.yaml"],
            &["--update", "-f", "values.yaml", "-f", "link.yaml"],
            &["--write", "empty.yaml"],
            &["--write", "empty.yaml", "--force"],
            &["--write", "folder/new.yaml"],
            &["--write", "new.yaml", "--secret-manifest", "folder/secrets.yaml"],
        ] {
            let run = gen_values(arguments);
            assert!(run.code == 2 && run.stderr.contains("leads out of the repository"), "{arguments:?}: {run:?}");
            assert!(run.stderr.contains("--follow-links"), "{arguments:?}: {run:?}");
            assert_eq!((outside.text("hand.yaml").as_str(), outside.text("empty.yaml").as_str()), (HAND, ""));
            assert!(["new.yaml", "secrets.yaml"].iter().all(|name| !outside.path(name).exists()), "{arguments:?}");
        }
        let run = gen_values(&["--update", "link.yaml", "--follow-links"]);
        assert!(run.code == 0 && outside.text("hand.yaml") != HAND, "{run:?}");
        let run = gen_values(&["--update", &outside.path("hand.yaml").display().to_string()]);
        assert_eq!(run.code, 0, "a file that is named is written: {run:?}");
    }
}

#[test]
fn what_is_no_file_to_change_is_refused() {
    let room = hand();
    for (arguments, told) in [
        (&["--update", "gone.yaml"][..], "cannot read `gone.yaml`"),
        (&["--update", "."], "it is a folder"),
        (&["--update", "-"], "names no file"),
        (&["--update", "values.yaml", "--write", "values.yaml"], "cannot be used with"),
        (&["--check"], "required"),
        (&["--path", "thanos"], "required"),
        (&["--update", "values.yaml", "--path", "thanos"], "there is no `thanos`"),
    ] {
        let run = room.run(&[&["gen-values", "--inventory", "fleet.json"], arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
    assert_eq!(room.text("values.yaml"), HAND);
}

#[test]
#[ignore = "a thousand runs take their time: run with cargo test -- --include-ignored"]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_new() {
    let room = hand();
    change(&room, |fleet| fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8"));
    let new = HAND.replace("203.0.113.7", "203.0.113.8");
    let spawn = || {
        let mut command = room.command(&["gen-values", "--inventory", "fleet.json", "--update", "values.yaml"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    // How many turns of the waiting loop a run takes; kills are spread over it.
    let mut turns = 0_u32;
    let mut child = spawn();
    while child.try_wait().unwrap().is_none() {
        turns += 1;
    }
    let mut seen = [0, 0];
    for kill in 0..1000_u32 {
        room.file("values.yaml", HAND);
        let mut child = spawn();
        for _ in 0..turns * (kill % 100) / 90 {
            if child.try_wait().unwrap().is_some() {
                break;
            }
        }
        let _ = child.kill();
        child.wait().unwrap();
        let text = room.text("values.yaml");
        assert!(text == HAND || text == new, "{text}");
        seen[usize::from(text == new)] += 1;
    }
    assert!(seen[0] > 0 && seen[1] > 0, "kills before and after the change: {seen:?}");
}

#[test]
fn what_the_querier_gets_by_service_discovery_stands_there() {
    let targets = "    - targets:\n        - \"203.0.113.7:10901\"\n        - 10.2.0.1:31000\n";
    let as_list = "    - targets:\n        - 203.0.113.7:10901\n        - 10.2.0.1:31000 # ours\n";
    let endpoints =
        r#"["--endpoint.sd-config=endpoints: [{address: '203.0.113.7:10901'}, {address: '10.2.0.1:31000'}]"]"#;
    for values in [
        format!("query:\n  sdConfig: |\n{targets}"),
        format!("query:\n  sdConfig: # mine\n{as_list}"),
        format!("query:\n  existingSDConfigmap: ''\n  sdConfig: |\n{targets}  stores: []\n"),
        format!("query:\n  extraFlags: {endpoints}\n"),
    ] {
        let room = room();
        room.file("values.yaml", &values);
        let run = room.run(&["diff", "--inventory", "fleet.json", "values.yaml"]);
        assert_eq!(run.code, 0, "{values}{}{}", run.stdout, run.stderr);
        let run = update(&room, &[]);
        assert_eq!((run.code, room.text("values.yaml")), (0, values.clone()), "{}", run.stderr);
        // One that moved is told where it stands, and is not added beside the old one.
        change(&room, |fleet| fleet["clusters"][1]["services"][0]["ports"][0]["nodePort"] = json!(31001));
        let run = room.run(&["diff", "--inventory", "fleet.json", "values.yaml"]);
        let line = values.lines().position(|line| line.contains("31000")).unwrap() + 1;
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(&format!(" --> values.yaml:{line}:")), "{}", run.stdout);
        assert!(run.stdout.contains("= hint: change it by hand"), "{}", run.stdout);
        let run = update(&room, &[]);
        assert_eq!((run.code, room.text("values.yaml")), (3, values.clone()), "{}", run.stderr);
        assert!(run.stderr.contains("31000") && !run.stderr.contains("right already"), "{}", run.stderr);
        assert_eq!(update(&room, &["--check"]).code, 1);
    }
    // A ConfigMap that exists takes the place of the text, and the chart's own templates are not filled in.
    for values in [
        format!("query:\n  existingSDConfigmap: mine\n  sdConfig: |\n{targets}"),
        "query:\n  sdConfig: '{{ .Values.mine }}'\n".to_owned(),
    ] {
        let room = room();
        room.file("values.yaml", &values);
        let run = room.run(&["diff", "--inventory", "fleet.json", "values.yaml"]);
        assert!(run.code == 1 && run.stdout.matches("is missing").count() == 2, "{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn what_was_missing_is_not_said_to_be_missing_once_it_is_there() {
    let room = Room::new();
    let mut away = fleet();
    away["clusters"][0]["services"][0]["loadBalancerIngress"] = json!([]);
    away["clusters"].as_array_mut().unwrap().push(json!({"name": "ap", "context": "ap", "error": "no route to host"}));
    room.file("fleet.json", &away.to_string());
    let write =
        |file: &str| room.run(&["gen-values", "--inventory", "fleet.json", "--write", file, "--allow-partial"]).code;
    assert_eq!(write("values.yaml"), 3);
    let missing = || room.text("values.yaml").matches("# MISSING").count();
    assert_eq!(missing(), 2, "{}", room.text("values.yaml"));
    // Nothing else changes, so the file is not touched.
    let before = room.text("values.yaml");
    assert_eq!((update(&room, &["--allow-partial"]).code, room.text("values.yaml")), (3, before));
    // The Service has its address, and the cluster is away still.
    away["clusters"][0] = fleet()["clusters"][0].clone();
    room.file("fleet.json", &away.to_string());
    assert_eq!(update(&room, &["--allow-partial"]).code, 3);
    assert_eq!(missing(), 1, "{}", room.text("values.yaml"));
    assert!(room.text("values.yaml").contains("# MISSING, left out by --allow-partial: ap: no route to host"));
    // The cluster is back.
    away["clusters"][2] = json!({"name": "ap", "context": "ap", "nodes": [], "endpointSlices": [], "services": [{
        "namespace": "monitoring", "name": "thanos", "labels": {"app.kubernetes.io/component": "thanos-sidecar"},
        "selector": {"app": "prometheus"}, "ports": [{"name": "grpc", "port": 10901}],
        "type": "LoadBalancer", "loadBalancerIngress": [{"ip": "203.0.113.9"}],
    }]});
    room.file("fleet.json", &away.to_string());
    assert_eq!(update(&room, &[]).code, 0);
    assert_eq!(missing(), 0, "{}", room.text("values.yaml"));
}
