//! `gen-values --allow-partial --write FILE`: what cannot be found now is kept from the file.

use crate::program::{Room, Run, fixture_text};

const SERVICE: &str = "monitoring/kube-prometheus-prometheus-thanos";
const PARTIAL: [&str; 6] = ["gen-values", "--inventory", "inventory.yaml", "--allow-partial", "--write", "values.yaml"];

/// The inventory of the short how-to: eu-1 and us-1, each with one Service.
fn whole() -> String {
    fixture_text("how-to/short/inventory.yaml")
}

/// An inventory without a cluster, which could not be read.
fn without(name: &str, inventory: &str) -> String {
    let start = inventory.find(&format!("  - name: {name}\n")).expect("the cluster is there");
    let end = inventory[start + 1..].find("  - name: ").map_or(inventory.len(), |at| start + 1 + at);
    let dead = format!("  - {{name: {name}, context: prod-{name}, error: no TCP connection within 5s}}\n");
    format!("{}{dead}{}", &inventory[..start], &inventory[end..])
}

/// A room whose values.yaml knows both clusters.
fn room() -> Room {
    let room = Room::new();
    assert_eq!(partial(&room, &whole()).code, 0);
    room
}

fn partial(room: &Room, inventory: &str) -> Run {
    room.file("inventory.yaml", inventory);
    room.run(&PARTIAL)
}

fn stores(room: &Room) -> Vec<String> {
    let line = |line: &str| line.strip_prefix("    - ").map(str::to_owned);
    room.text("values.yaml").lines().filter_map(line).collect()
}

#[track_caller]
fn refused(room: &Room, inventory: &str, more: &[&str], expected: &str) {
    let before = room.path("values.yaml").exists().then(|| std::fs::read(room.path("values.yaml")).unwrap());
    room.file("inventory.yaml", inventory);
    let run = room.run(&[&PARTIAL[..], more].concat());
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("error: ") && run.stderr.contains(expected), "{}", run.stderr);
    assert_eq!(room.path("values.yaml").exists().then(|| std::fs::read(room.path("values.yaml")).unwrap()), before);
}

#[test]
fn a_cluster_that_cannot_be_read_keeps_its_stores_in_their_place_until_it_is_back() {
    let room = room();
    let before = room.text("values.yaml");
    let run = partial(&room, &without("eu-1", &whole()));
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert_eq!(
        run.stderr,
        "warning: kept 10.2.0.14:31420 from `values.yaml`: cannot read cluster `eu-1` (context `prod-eu-1`): \
         no TCP connection within 5s\nwrote 2 stores (1 of them kept) to values.yaml\n"
    );
    let kept = room.text("values.yaml");
    assert_eq!(
        kept,
        before.replace(&format!("# eu-1 {SERVICE}"), &format!("# eu-1 {SERVICE}, kept: the cluster could not be read"))
    );
    // Again and again, and whatever the cause is.
    let again = partial(&room, &without("eu-1", &whole()).replace("no TCP connection", "no TLS connection"));
    assert_eq!((again.code, room.text("values.yaml")), (3, kept));
    assert_eq!((partial(&room, &whole()).code, room.text("values.yaml")), (0, before));
}

#[test]
fn a_service_without_an_address_keeps_its_own_and_one_that_is_gone_does_not() {
    let room = Room::new();
    let inventory = fixture_text("how-to/full/inventory.yaml");
    assert_eq!(partial(&room, &inventory).code, 0);
    let before = room.text("values.yaml");
    let pending = inventory.replace("        loadBalancerIngress: [{ip: 203.0.113.7}]\n", "");
    let run = partial(&room, &pending);
    assert_eq!(run.code, 3);
    assert!(run.stderr.starts_with("warning: kept 203.0.113.7:10901 from `values.yaml`: cluster "), "{}", run.stderr);
    let line = before.lines().find(|line| line.contains("203.0.113.7")).unwrap();
    assert_eq!(room.text("values.yaml"), before.replace(line, &format!("{line}, kept: the Service had no address")));

    // Its cluster can be read and does not have it any more.
    let name = line.split("# ").nth(1).unwrap().split(' ').next().unwrap();
    let gone = without(name, &inventory)
        .replace("error: no TCP connection within 5s", "services: [], nodes: [], endpointSlices: []");
    let run = partial(&room, &gone);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!room.text("values.yaml").contains("203.0.113.7"));
}

#[test]
fn only_what_belongs_to_what_is_missing_is_kept() {
    let room = room();
    let more = "    - \"10.9.0.1:1\" # us-1 other/sidecar\n    - \"10.9.0.2:1\" # us-10 monitoring/x\n    - \"10.9.0.3:1\" # eu-1 monitoring/old\n    - \"10.9.0.4:1\" # by hand\n    - \"10.2.0.14:31420\"\n";
    let edited =
        room.text("values.yaml").replace("  # The labels", &format!("{more}  # The labels")).replace('\n', "\r\n");
    room.file("values.yaml", &edited);
    let dead = "  - {name: ap-1, error: away}\n";
    let inventory = without("us-1", &whole()) + dead;
    // Of one store nobody knows where it came from: that it goes is for somebody to say.
    refused(&room, &inventory, &[], "it would lose 1 store without a recorded origin: `10.9.0.4:1`");
    let run = room.run(&[&PARTIAL[..], &["--force"]].concat());
    assert_eq!(run.code, 3, "{}", run.stderr);
    insta::assert_snapshot!(format!("{}--- stderr\n{}", room.text("values.yaml"), run.stderr));
}

#[test]
fn what_the_settings_leave_out_is_not_kept() {
    let room = room();
    room.file("thanosctl.yaml", "clusters:\n  - context: prod-eu-1\n    name: eu-1\n  - context: prod-us-1\n    name: us-1\n    services: {exclude: ['*/kube-*']}\n");
    let run = partial(&room, &without("us-1", &whole()));
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(
        run.stderr.starts_with("warning: skipped: `values.yaml` has no earlier address for it: "),
        "{}",
        run.stderr
    );
    assert_eq!(stores(&room), [format!("\"10.2.0.14:31420\" # eu-1 {SERVICE}")]);
    assert!(room.text("values.yaml").contains("# MISSING, left out by --allow-partial: us-1: "));
}

#[test]
fn a_kept_address_that_another_cluster_has_now_is_refused() {
    let moved = without("eu-1", &whole()).replace("10.2.0.248", "10.2.0.14").replace("32527", "31420");
    let room = room();
    refused(
        &room,
        &moved,
        &[],
        &format!(
            "error: `10.2.0.14:31420` is claimed by eu-1 {SERVICE} (kept: the cluster could not be read) and by us-1 {SERVICE}\nhint: if the address has moved, take its old line out of `values.yaml`"
        ),
    );
    let cleared = room.text("values.yaml").replace(&format!("    - \"10.2.0.14:31420\" # eu-1 {SERVICE}\n"), "");
    room.file("values.yaml", &cleared);
    assert_eq!(partial(&room, &moved).code, 3);
    assert_eq!(stores(&room), [format!("\"10.2.0.14:31420\" # us-1 {SERVICE}")]);
}

#[test]
fn where_nothing_is_found_nothing_is_written() {
    let room = room();
    let dead = without("eu-1", &without("us-1", &whole()));
    refused(&room, &dead, &[], "error: no cluster could be read\n  caused by: `values.yaml` stays as it is: ");
    let gone = "kind: Inventory\nversion: 1\nclusters:\n  - {name: eu-1, services: [], nodes: [], endpointSlices: []}\n  - {name: us-1, error: away}\n";
    refused(
        &room,
        gone,
        &[],
        "error: no Thanos sidecar was found in any cluster\n  caused by: `values.yaml` stays as it is: ",
    );
    let pending = whole().replace("type: NodePort", "type: LoadBalancer");
    refused(&room, &pending, &[], "error: no Thanos sidecar has an address that a querier can dial\n  caused by: ");
}

#[test]
fn a_file_that_cannot_be_read_is_no_empty_list() {
    let partly = without("us-1", &whole());
    for (broken, expected) in [
        (
            &b"# thanosctl 0.1.0: bitnami/thanos 17.3.1\nquery: {stores: [\n"[..],
            "error: cannot read the stores of `values.yaml`\n  caused by: values.yaml:",
        ),
        (b"# thanosctl 0.1.0: bitnami/thanos 17.3.1\nquery: {stores: 1}\n", "`query.stores` is no list"),
        (
            b"# thanosctl 0.1.0: bitnami/thanos 17.3.1\nquery: {} # \xff\n",
            "error: cannot read `values.yaml`\n  caused by: byte 53 is not UTF-8",
        ),
        (b"query: {}\n", "was not written by thanosctl"),
    ] {
        let room = Room::new();
        std::fs::write(room.path("values.yaml"), broken).unwrap();
        refused(&room, &partly, &[], expected);
        // Even when nothing would be kept today: what was edited is told the day it is done.
        refused(&room, &whole(), &[], expected);
        let run = room.file("inventory.yaml", &partly).run(&[&PARTIAL[..], &["--force"]].concat());
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(run.stderr.starts_with("warning: no store is kept of what `values.yaml` has: "), "{}", run.stderr);
        assert!(run.stderr.contains("warning: left out: cannot read cluster `us-1`"), "{}", run.stderr);
        assert_eq!(stores(&room).len(), 1);
    }
    // With --force what can be read is kept all the same.
    let room = room();
    let run = room.file("inventory.yaml", &partly).run(&[&PARTIAL[..], &["--force"]].concat());
    assert_eq!((run.code, stores(&room).len()), (3, 2), "{}", run.stderr);
}

#[test]
fn on_stdout_and_into_a_new_file_nothing_can_be_kept() {
    let room = Room::new();
    let run = room.file("inventory.yaml", &without("us-1", &whole())).run(&PARTIAL[..4]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("warning: left out: cannot read cluster `us-1`"), "{}", run.stderr);
    assert!(run.stderr.contains("`--write FILE` keeps what FILE knows"), "{}", run.stderr);
    let printed = run.stdout;
    let run = room.run(&PARTIAL);
    assert_eq!((run.code, room.text("values.yaml")), (3, printed));
    assert!(
        run.stderr.starts_with("warning: skipped: `values.yaml` has no earlier address for it: "),
        "{}",
        run.stderr
    );
}

#[test]
fn without_allow_partial_nothing_is_kept_and_nothing_written() {
    let room = room();
    let before = room.text("values.yaml");
    room.file("inventory.yaml", &without("us-1", &whole()));
    let run = room.run(&["gen-values", "--inventory", "inventory.yaml", "--write", "values.yaml"]);
    assert_eq!((run.code, room.text("values.yaml")), (2, before), "{}", run.stderr);
}

#[test]
fn a_cluster_of_a_hostile_name_is_known_again() {
    let room = Room::new();
    let hostile = |text: &str| {
        text.replace("name: us-1\n", "name: \" us {{ # \\\\u{20}, kept: x/y \"\n").replace(
            "name: kube-prometheus-prometheus-thanos\n        type",
            "name: \"a\\n  evil: true\\e[31m\\u2028{{\"\n        type",
        )
    };
    assert_eq!(partial(&room, &hostile(&whole())).code, 0);
    let before = room.text("values.yaml");
    let dead = hostile(&whole());
    let (start, end) = (dead.rfind("    context: prod-us-1").unwrap(), dead.len());
    let run = partial(&room, &dead.replace(&dead[start..end], "    error: away\n"));
    assert_eq!(run.code, 3, "{}", run.stderr);
    let lines: Vec<String> = stores(&room);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].ends_with(", kept: the cluster could not be read"), "{lines:?}");
    assert_eq!(room.text("values.yaml").replace(", kept: the cluster could not be read", ""), before);
}
