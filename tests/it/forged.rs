//! Marks that somebody else wrote: what an administrator's `--undo` does not do for whoever may annotate a Service.

use serde_json::{Map, Value, json};

use crate::fake_services::{Cluster, headless, noted, plain};
use crate::program::{Room, Run, say};

/// A Service with an annotation that says how it was, with `fields` over the spec of a ClusterIP Service.
fn forged(name: &str, manager: &str, fields: &Value) -> Value {
    let mut service = plain(name, "NodePort");
    let mut spec = service["spec"].clone();
    spec["type"] = json!("ClusterIP");
    spec.as_object_mut().unwrap().remove("externalTrafficPolicy");
    spec["ports"][0].as_object_mut().unwrap().remove("nodePort");
    for (key, value) in fields.as_object().unwrap() {
        spec[key] = value.clone();
    }
    let record = json!({"version": 1, "uid": format!("u-{name}"), "fieldManager": "helm", "spec": spec,
        "annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}});
    service["metadata"]["annotations"]["thanosctl.io/undo"] = json!(record.to_string());
    service["metadata"]["managedFields"] = noted(manager);
    service
}

const UNDO: [&str; 3] = ["patch-nodeport", "--undo", "--yes"];

fn with(base: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [base, more].concat()
}

/// A run that left all as it was.
fn left_alone(run: &Run, cluster: &Cluster, told: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(cluster.writes().is_empty(), "{:?}", cluster.writes());
}

#[test]
fn an_annotation_that_thanosctl_did_not_write_brings_nothing_back() {
    let cluster = Cluster::start(vec![forged("evil", "kubectl-edit", &json!({"selector": {"app": "mallory"}}))]);
    let room = cluster.room();
    for more in [&[][..], &["--force"], &["--trust-annotations"], &["--force", "--trust-annotations"]] {
        left_alone(&room.run(&with(&UNDO, more)), &cluster, "was not written by thanosctl");
    }
}

#[test]
fn from_an_annotation_only_the_type_and_node_ports_come_back_and_yes_alone_is_not_enough() {
    let fields = json!({"selector": {"app": "mallory"}, "externalIPs": ["192.0.2.66"]});
    let cluster = Cluster::start(vec![forged("evil", "thanosctl", &fields)]);
    let room = cluster.room();
    left_alone(&room.run(&with(&UNDO, &["--force"])), &cluster, "--trust-annotations");
    let plan = room.run(&with(&UNDO[..2], &["--force", "--dry-run", "client"]));
    assert!(
        plan.code == 0 && plan.stdout.contains("NodePort → ClusterIP, from an annotation, no journal"),
        "{}",
        plan.stdout
    );

    let before = cluster.service("evil");
    let run = room.run(&with(&UNDO, &["--force", "--trust-annotations"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let after = cluster.service("evil");
    assert_eq!(after["spec"]["type"], "ClusterIP");
    assert_eq!(after["spec"]["ports"][0]["nodePort"], Value::Null);
    for key in ["selector", "externalIPs", "clusterIP"] {
        assert_eq!(after["spec"][key], before["spec"][key], "{key}");
    }
    assert_eq!(after["metadata"]["annotations"], json!({}), "nothing is put there, and the mark is gone");
    let managers: Vec<&Value> =
        after["metadata"]["managedFields"].as_array().unwrap().iter().map(|entry| &entry["manager"]).collect();
    assert_eq!(managers, ["helm"], "what others own stays theirs");
    for seen in cluster.writes() {
        assert_eq!(seen.query("fieldManager").as_deref(), Some("thanosctl"));
        let body = String::from_utf8(seen.body).unwrap();
        assert!(
            !body.contains("mallory") && !body.contains("192.0.2.66") && !body.contains("internet-facing"),
            "{body}"
        );
    }
}

#[test]
fn each_change_from_an_annotation_is_asked_for_on_a_terminal() {
    for (keys, code, kind) in [("n", 130, "NodePort"), ("y", 0, "ClusterIP")] {
        let mut honest = forged("evil", "thanosctl", &json!({}));
        let record = honest["metadata"]["annotations"]["thanosctl.io/undo"].as_str().unwrap().to_owned();
        let mut record: Map<String, Value> = serde_json::from_str(&record).unwrap();
        record.remove("annotations");
        honest["metadata"]["annotations"]["thanosctl.io/undo"] = json!(Value::Object(record).to_string());
        let cluster = Cluster::start(vec![honest]);
        let (ended, screen) = cluster.room().on_a_terminal(&UNDO, say(keys));
        assert_eq!((ended, cluster.service("evil")["spec"]["type"].as_str().unwrap()), (code, kind), "{screen}");
        assert!(screen.contains("as its annotation says, NodePort → ClusterIP? [y/N]"), "{screen}");
    }
}

#[test]
fn a_load_balancer_that_was_closed_and_types_that_are_never_changed_do_not_come_back_from_an_annotation() {
    for fields in [
        json!({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/8"]}),
        json!({"type": "LoadBalancer"}),
        json!({"type": "ExternalName", "externalName": "evil.example"}),
        json!({"type": ["NodePort"]}),
    ] {
        let cluster = Cluster::start(vec![forged("evil", "thanosctl", &fields)]);
        let run = cluster.room().run(&with(&UNDO, &["--force", "--trust-annotations"]));
        if fields["type"].is_array() {
            assert_eq!(cluster.service("evil")["spec"]["selector"], json!({"app": "evil"}));
            continue;
        }
        left_alone(&run, &cluster, "cannot be brought back");
    }
}

#[test]
fn the_journal_is_believed_before_the_annotation() {
    let cluster = Cluster::start(vec![plain("ours", "ClusterIP")]);
    let room = cluster.room();
    let before = cluster.service("ours")["spec"].clone();
    assert_eq!(room.run(&["patch-nodeport", "default/ours", "--yes"]).code, 0);
    let evil = forged("ours", "thanosctl", &json!({"selector": {"app": "mallory"}}));
    cluster.edit("ours", |service| service["metadata"]["annotations"] = evil["metadata"]["annotations"].clone());
    let run = room.run(&UNDO);
    assert_eq!((run.code, &cluster.service("ours")["spec"]), (0, &before), "{}", run.stderr);
    assert!(!run.stderr.contains("from an annotation"), "{}", run.stderr);
}

#[test]
fn a_forged_annotation_does_not_get_into_the_journal_by_the_next_change() {
    let cluster = Cluster::start(vec![forged("evil", "kubectl-edit", &json!({}))]);
    let room = cluster.room();
    let run = room.run(&["patch-nodeport", "default/evil", "--node-port", "30050", "--yes"]);
    assert!(run.code == 0 && run.stderr.contains("which the journal does not know"), "{}", run.stderr);
    assert!(!room.text(".local/state/thanosctl/default.evil.u-evil.json").contains("internet-facing"));
    let run = room.run(&UNDO);
    let after = cluster.service("evil");
    assert_eq!((run.code, &after["spec"]["type"]), (0, &json!("NodePort")), "{}", run.stderr);
    assert_eq!(after["spec"]["ports"][0]["nodePort"], 31234);
    assert!(!after["metadata"]["annotations"].to_string().contains("internet-facing"));
}

#[test]
fn an_annotation_that_cannot_be_read_concerns_its_service_alone() {
    for text in ["{", "null", "{\"version\": 99}", "[1]"] {
        let cluster = Cluster::start(vec![plain("ours", "ClusterIP"), plain("broken", "NodePort")]);
        let room = cluster.room();
        assert_eq!(room.run(&["patch-nodeport", "default/ours", "--yes"]).code, 0);
        cluster.edit("broken", |service| service["metadata"]["annotations"]["thanosctl.io/undo"] = json!(text));
        let run = room.run(&UNDO);
        assert_eq!((run.code, &cluster.service("ours")["spec"]["type"]), (3, &json!("ClusterIP")), "{}", run.stderr);
        assert!(run.stderr.contains("default/broken") && run.stderr.contains("thanosctl.io/undo-"), "{}", run.stderr);
        assert_eq!(room.run(&UNDO).code, 2, "there is nothing else any more");
    }
}

/// A Service that says that it was made for `kps`.
fn marked(name: &str, manager: &str) -> Value {
    let mut service = plain(name, "NodePort");
    service["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "thanosctl", "thanosctl.io/exposes": "kps"});
    let mark = json!({"version": 1, "service": format!("default/{name}"), "exposes": "default/kps", "uid": "u-kps"});
    service["metadata"]["annotations"]["thanosctl.io/exposes"] = json!(mark.to_string());
    service["metadata"]["managedFields"] = noted(manager);
    service
}

#[test]
fn a_mark_that_somebody_else_wrote_removes_no_service() {
    let undo = ["expose", "--undo", "--yes"];
    for (manager, more, told) in [
        ("kubectl-edit", &[][..], "was not written by thanosctl"),
        ("kubectl-edit", &["--trust-annotations"], "was not written by thanosctl"),
        ("thanosctl", &["--force"], "--trust-annotations"),
    ] {
        let cluster = Cluster::start(vec![headless(), marked("grafana", manager)]);
        let room = cluster.room();
        left_alone(&room.run(&with(&undo, more)), &cluster, told);
        left_alone(&room.run(&with(&undo, &with(more, &["default/kps"]))), &cluster, told);
    }
    let cluster = Cluster::start(vec![headless(), marked("grafana", "thanosctl")]);
    let room = cluster.room();
    let (code, screen) = room.on_a_terminal(&undo, say("n"));
    assert!(code == 130 && screen.contains("remove, from an annotation, no journal"), "{screen}");
    assert!(cluster.writes().is_empty());
    assert_eq!(room.run(&with(&undo, &["--trust-annotations"])).code, 0);
    assert_eq!(cluster.service("grafana"), Value::Null);
    let deleted: Value = serde_json::from_slice(&cluster.writes()[0].body).unwrap();
    assert_eq!(deleted["preconditions"], json!({"uid": "u-grafana", "resourceVersion": "7"}));
}

#[test]
fn a_second_run_of_expose_removes_no_service_that_only_says_that_it_is_ours() {
    for manager in ["kubectl-edit", "thanosctl"] {
        let cluster = Cluster::start(vec![headless(), marked("grafana", manager)]);
        let room = cluster.room();
        let run = room.run(&["expose", "default/kps", "--yes"]);
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert_eq!(cluster.service("grafana")["spec"]["type"], "NodePort", "{manager}");
        assert_eq!(cluster.service("kps-ext-0")["spec"]["type"], "NodePort", "{manager}: what is ours is made");
        let undo = room.run(&["expose", "--undo", "--yes"]);
        assert_eq!(undo.code, 3, "{}", undo.stderr);
        assert_eq!((cluster.service("kps-ext-0"), cluster.service("kps-ext-1")), (Value::Null, Value::Null));
        assert_eq!(cluster.service("grafana")["spec"]["type"], "NodePort", "{manager}");
    }
}

#[test]
fn what_was_made_is_in_the_journal_and_goes_without_a_question_of_its_own() {
    let cluster = Cluster::start(vec![headless()]);
    let room = cluster.room();
    assert_eq!(room.run(&["expose", "default/kps", "--yes", "--journal", "j"]).code, 0);
    assert_eq!(std::fs::read_dir(room.path("j")).unwrap().count(), 2);
    // Somebody else may write over the annotation: then it is another one, which the journal does not know.
    cluster.edit("kps-ext-1", |service| service["metadata"]["annotations"]["thanosctl.io/exposes"] = json!("{"));
    let run = room.run(&["expose", "--undo", "default/kps", "--yes", "--journal", "j"]);
    assert!(run.code == 3 && run.stderr.contains("thanosctl.io/exposes cannot be read"), "{}", run.stderr);
    assert_eq!((cluster.service("kps-ext-0"), cluster.service("kps-ext-1").is_null()), (Value::Null, false));
    assert_eq!(std::fs::read_dir(room.path("j")).unwrap().count(), 1);
}

#[cfg(unix)]
mod journal {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    const ENTRY: &str = "j/default.ours.u-ours.json";
    const UNDO: [&str; 5] = ["patch-nodeport", "--undo", "--yes", "--journal", "j"];

    /// A Service that was changed, with its entry in the journal `j`.
    fn changed() -> (Cluster, Room) {
        let cluster = Cluster::start(vec![plain("ours", "ClusterIP")]);
        let room = cluster.room();
        assert_eq!(room.run(&["patch-nodeport", "default/ours", "--yes", "--journal", "j"]).code, 0);
        (cluster, room)
    }

    fn refused(run: &Run, cluster: &Cluster, told: &[&str]) {
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        told.iter().for_each(|told| assert!(run.stderr.contains(told), "{told}: {}", run.stderr));
        assert_eq!(cluster.service("ours")["spec"]["type"], "NodePort");
    }

    fn mode(room: &Room, name: &str, mode: u32) {
        fs::set_permissions(room.path(name), Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_journal_that_others_may_have_written_is_refused() {
        let (cluster, room) = changed();
        for loose in [0o770, 0o777, 0o703] {
            mode(&room, "j", loose);
            refused(&room.run(&UNDO), &cluster, &["cannot use the journal `j`", "chmod go-w j"]);
            let run = room.run(&["patch-nodeport", "default/ours", "--node-port", "30051", "--yes", "--journal", "j"]);
            refused(&run, &cluster, &["chmod go-w j"]);
            let run = room.run(&["expose", "--undo", "--yes", "--journal", "j"]);
            refused(&run, &cluster, &["chmod go-w j"]);
        }
        mode(&room, "j", 0o755);
        for loose in [0o644, 0o660, 0o602, 0o604] {
            mode(&room, ENTRY, loose);
            refused(&room.run(&UNDO), &cluster, &[&format!("chmod go= {ENTRY}")]);
        }
        mode(&room, ENTRY, 0o600);
        let run = room.run(&UNDO);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }

    #[test]
    fn links_pipes_and_what_is_no_entry_are_refused_at_once() {
        let (cluster, room) = changed();
        let (entry, kept) = (room.path(ENTRY), room.path("kept"));
        let text = room.text(ENTRY);
        let write = |text: &str| {
            let _ = fs::remove_file(&entry);
            fs::write(&entry, text).unwrap();
            mode(&room, ENTRY, 0o600);
        };
        fs::rename(&entry, &kept).unwrap();
        symlink(&kept, &entry).unwrap();
        refused(&room.run(&UNDO), &cluster, &["symbolic link"]);
        fs::remove_file(&entry).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &entry, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        refused(&room.run(&UNDO), &cluster, &["no regular file"]);
        fs::remove_file(&entry).unwrap();
        symlink("/dev/zero", &entry).unwrap();
        refused(&room.run(&UNDO), &cluster, &["symbolic link"]);
        write(&format!("{text}{}", " ".repeat(9 << 20)));
        refused(&room.run(&UNDO), &cluster, &["larger than any entry"]);
        for (wrong, told) in [
            ("{".to_owned(), "no entry of a journal"),
            (text.replace("u-ours", "u-other"), "another Service"),
            (text.replace("\"name\": \"ours\"", "\"name\": \"other\""), "another Service"),
            (text.replace("\"eu\"", "\"us\"").replace(&cluster.api.port().to_string(), "1"), "asked by context `us`"),
        ] {
            assert_ne!(wrong, text);
            write(&wrong);
            refused(&room.run(&UNDO), &cluster, &[told]);
        }
        symlink(room.path("j"), room.path("link")).unwrap();
        let run = room.run(&["patch-nodeport", "--undo", "--yes", "--journal", "link"]);
        refused(&run, &cluster, &["symbolic link"]);
        write(&text);
        let run = room.run(&UNDO);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
}
