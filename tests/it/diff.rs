//! `diff`: one change of the fleet at a time, against a file that was right before.

use serde_json::{Value, json};

use crate::fake_api::{FakeApi, node, service, slice};
use crate::program::{Room, Run, fixture, fixture_text};

const FORMATS: [&str; 5] = ["human", "json", "github", "junit", "sarif"];

/// Two clusters: `eu` with a load balancer, `us` with a node port on two nodes.
pub(crate) fn fleet() -> Value {
    let sidecar = |fields: Value| {
        let mut service = json!({
            "namespace": "monitoring", "name": "thanos", "labels": {"app.kubernetes.io/component": "thanos-sidecar"},
            "selector": {"app": "prometheus"}, "ports": [{"name": "grpc", "port": 10901}],
        });
        fields.as_object().unwrap().iter().for_each(|(key, value)| service[key] = value.clone());
        service
    };
    let slices = json!([{"namespace": "monitoring", "name": "thanos-x", "service": "thanos",
        "ports": [{"name": "grpc", "port": 10901}], "endpoints": [{"address": "10.0.0.1", "pod": "p0"}]}]);
    let node = |name: &str, ip: &str| json!({"name": name, "ready": true, "addresses": [{"type": "InternalIP", "address": ip}]});
    json!({"kind": "Inventory", "version": 1, "clusters": [
        {"name": "eu", "context": "eu", "error": null, "nodes": [], "endpointSlices": slices,
            "services": [sidecar(json!({"type": "LoadBalancer", "loadBalancerIngress": [{"ip": "203.0.113.7"}]}))]},
        {"name": "us", "context": "us", "error": null, "endpointSlices": slices,
            "nodes": [node("a", "10.2.0.1"), node("b", "10.2.0.2")],
            "services": [sidecar(json!({"type": "NodePort", "ports": [{"name": "grpc", "port": 10901, "nodePort": 31000}]}))]},
    ]})
}

/// A room whose `values.yaml` says what [`fleet`] says.
pub(crate) fn room() -> Room {
    let room = Room::new();
    room.file("fleet.json", &fleet().to_string());
    let run = room.run(&["gen-values", "--inventory", "fleet.json", "--write", "values.yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    room
}

fn diff(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["diff", "values.yaml", "--inventory", "fleet.json"], arguments].concat())
}

/// The findings as `CODE LINE MESSAGE`.
fn findings(run: &Run) -> Vec<String> {
    let document: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}\n{}", run.stdout, run.stderr));
    let told = |finding: &Value| {
        let line = finding["line"].as_u64().map_or_else(|| "-".to_owned(), |line| line.to_string());
        let change = &finding["change"];
        let change = change["new"].as_str().map(|new| format!(" -> {new}")).unwrap_or_default();
        format!("{} {line} {}{change}", finding["code"].as_str().unwrap(), finding["message"].as_str().unwrap())
    };
    document["findings"].as_array().unwrap().iter().map(told).collect()
}

/// What `diff` finds after `change`, with its exit code, which is the same in every format.
fn after(change: impl Fn(&mut Value)) -> (i32, Vec<String>) {
    let room = room();
    let mut fleet = fleet();
    change(&mut fleet);
    room.file("fleet.json", &fleet.to_string());
    let run = diff(&room, &["--format", "json"]);
    for format in FORMATS {
        let other = diff(&room, &["--format", format]);
        assert_eq!(other.code, run.code, "{format}: {}", other.stderr);
        assert_eq!(other, diff(&room, &["--format", format]), "two runs give the same bytes");
        for finding in findings(&run) {
            let code = finding.split(' ').next().unwrap();
            assert!(other.stdout.contains(code), "{format} tells {finding}:\n{}", other.stdout);
        }
    }
    let told = findings(&run);
    (run.code, told)
}

fn lines(text: &[&str]) -> Vec<String> {
    text.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn nothing_has_changed() {
    assert_eq!(after(|_| {}), (0, vec![]));
}

#[test]
fn a_load_balancer_with_another_address_has_moved() {
    let found =
        after(|fleet| fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8"));
    assert_eq!(found, (1, lines(&["THC103 8 `203.0.113.7:10901` has moved -> 203.0.113.8:10901"])));
}

#[test]
fn another_node_port_has_changed() {
    let found = after(|fleet| fleet["clusters"][1]["services"][0]["ports"][0]["nodePort"] = json!(31999));
    assert_eq!(found, (1, lines(&["THC104 9 `10.2.0.1:31000` has changed -> 10.2.0.1:31999"])));
}

#[test]
fn a_service_that_is_gone_leaves_a_stale_store() {
    let found = after(|fleet| fleet["clusters"][1]["services"] = json!([]));
    assert_eq!(
        found,
        (
            1,
            lines(&[
                "THC102 9 `10.2.0.1:31000` is stale: there is no Service `monitoring/thanos` with a StoreAPI any more"
            ])
        )
    );
}

#[test]
fn a_cluster_that_left_the_fleet_leaves_a_stale_store() {
    let found = after(|fleet| drop(fleet["clusters"].as_array_mut().unwrap().pop()));
    assert_eq!(found, (1, lines(&["THC102 9 `10.2.0.1:31000` is of cluster `us`, which the fleet does not have"])));
}

#[test]
fn a_new_service_is_missing() {
    let found = after(|fleet| {
        let mut new = fleet["clusters"][0]["services"][0].clone();
        new["name"] = json!("thanos-2");
        new["selector"] = json!({"app": "other"});
        new["loadBalancerIngress"] = json!([{"ip": "203.0.113.9"}]);
        new["created"] = json!("2026-11-20T08:00:00Z");
        fleet["clusters"][0]["services"].as_array_mut().unwrap().push(new);
    });
    let told =
        "`203.0.113.9:10901` of eu monitoring/thanos-2 is missing; its Service is there since 2026-11-20T08:00:00Z";
    assert_eq!(found, (1, vec![format!("THC101 7 {told}")]));
}

#[test]
fn a_service_of_another_type_is_reached_another_way() {
    let found = after(|fleet| {
        let service = &mut fleet["clusters"][1]["services"][0];
        service["type"] = json!("LoadBalancer");
        service["ports"][0]["nodePort"] = json!(31999);
        service["loadBalancerIngress"] = json!([{"ip": "203.0.113.20"}]);
    });
    assert_eq!(found, (1, lines(&["THC103 9 `10.2.0.1:31000` has moved -> 203.0.113.20:10901"])));
}

#[test]
fn a_service_that_became_internal_is_unreachable() {
    let found = after(|fleet| {
        let service = &mut fleet["clusters"][1]["services"][0];
        service["type"] = json!("ClusterIP");
        service["ports"] = json!([{"name": "grpc", "port": 10901}]);
    });
    assert_eq!(found.0, 1);
    assert!(
        found.1[0]
            .starts_with("THC108 9 `10.2.0.1:31000` does not lead to its Service any more: cluster-internal only"),
        "{found:?}"
    );
}

#[test]
fn a_load_balancer_that_lost_its_address_is_drift() {
    let found = after(|fleet| fleet["clusters"][0]["services"][0]["loadBalancerIngress"] = json!([]));
    assert_eq!(found.0, 1);
    assert!(
        found.1[0].starts_with(
            "THC108 8 `203.0.113.7:10901` does not lead to its Service any more: its load balancer is pending"
        ),
        "{found:?}"
    );
}

#[test]
fn a_node_that_is_gone_or_not_ready_moves_the_address_and_another_choice_of_node_does_not() {
    let moved = (1, lines(&["THC103 9 `10.2.0.1:31000` has moved -> 10.2.0.2:31000"]));
    assert_eq!(after(|fleet| drop(fleet["clusters"][1]["nodes"].as_array_mut().unwrap().remove(0))), moved);
    assert_eq!(after(|fleet| fleet["clusters"][1]["nodes"][0]["ready"] = json!(false)), moved);
    // A node that would be chosen before it today.
    assert_eq!(
        after(|fleet| {
            let mut better = fleet["clusters"][1]["nodes"][0].clone();
            better["name"] = json!("0");
            better["addresses"][0]["address"] = json!("10.2.0.9");
            fleet["clusters"][1]["nodes"].as_array_mut().unwrap().push(better);
        }),
        (0, vec![])
    );
}

#[test]
fn a_cluster_that_cannot_be_asked_is_neither_drift_nor_no_drift() {
    let found =
        after(|fleet| fleet["clusters"][1] = json!({"name": "us", "context": "us", "error": "no answer within 10s"}));
    assert_eq!(
        found,
        (
            3,
            lines(&[
                "THC120 - cluster `us` could not be read: no answer within 10s",
                "THC105 9 whether `10.2.0.1:31000` is right is not known: its cluster could not be read",
            ])
        )
    );
    // Besides drift elsewhere: not all of the truth is known, and that outranks.
    let found = after(|fleet| {
        fleet["clusters"][1] = json!({"name": "us", "context": "us", "error": "no answer within 10s"});
        fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8");
    });
    assert_eq!((found.0, found.1.len()), (3, 3), "{found:?}");
}

#[test]
fn without_the_right_to_list_nodes_an_address_of_a_node_is_doubtful() {
    let found = after(|fleet| {
        fleet["clusters"][1]["nodes"] = json!([]);
        fleet["clusters"][1]["unreadable"] = json!({"nodes": {"cause": "the API server answered 403 Forbidden"}});
    });
    assert_eq!(found.0, 3);
    assert!(
        matches!(&found.1[..], [one] if one.starts_with("THC105 9 whether `10.2.0.1:31000` is right is not known")),
        "{found:?}"
    );
}

#[test]
fn a_second_replica_behind_one_address_is_a_warning() {
    let found = after(|fleet| {
        let endpoints = json!([{"address": "10.0.0.1", "pod": "p0"}, {"address": "10.0.0.2", "pod": "p1"}]);
        fleet["clusters"][0]["endpointSlices"][0]["endpoints"] = endpoints;
    });
    assert_eq!(
        found,
        (0, lines(&["THC109 8 2 replicas share `203.0.113.7:10901`: a querier sees one of them at a time"]))
    );
}

#[test]
fn no_cluster_at_all_is_no_verdict() {
    let room = room();
    let dead = |name: &str| json!({"name": name, "context": name, "error": "no answer"});
    room.file(
        "fleet.json",
        &json!({"kind": "Inventory", "version": 1, "clusters": [dead("eu"), dead("us")]}).to_string(),
    );
    let run = diff(&room, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("cannot read 2 clusters: `eu`, `us`"));
}

#[test]
fn a_file_of_people_without_provenance_is_compared_by_address() {
    let room = room();
    room.file(
        "values.yaml",
        "query:\r\n  stores: [203.0.113.7:10901, '10.2.0.2:31000', \"192.0.2.9:10901\"] # mine\r\n",
    );
    let run = diff(&room, &["--format", "json"]);
    assert_eq!(
        (run.code, findings(&run)),
        (0, lines(&["THC106 2 `192.0.2.9:10901` belongs to no Service in the queried clusters"]))
    );
    assert_eq!(diff(&room, &["--strict"]).code, 1);
    room.file(
        "thanosctl.yaml",
        "drift: {ignore: [{address: '192.0.2.*', reason: the old box}, {address: '198.51.100.*', reason: none}]}\n",
    );
    let run = diff(&room, &["--format", "json"]);
    assert_eq!(
        (run.code, findings(&run)),
        (0, lines(&["THC107 - `drift.ignore` of the settings has `198.51.100.*`, and nothing is silenced by it"]))
    );
}

#[test]
fn a_hint_carries_the_flags_of_the_run() {
    let room = room();
    room.file("fleet.yaml", "clusters: [{context: eu}, {context: us}]\n");
    room.file("the values.yaml", "thanos:\n  query:\n    stores: [\"203.0.113.7:10901\"]\n");
    let flags =
        ["--inventory", "fleet.json", "--config", "fleet.yaml", "--chart-version", "17.3.0", "--path", "thanos"];
    let run = room.run(&[&["diff", "the values.yaml"], &flags[..]].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    let hint = format!("hint: thanosctl gen-values --update 'the values.yaml' {}", flags.join(" "));
    assert!(run.stdout.contains(&hint), "{}", run.stdout);
    assert_eq!(room.run(&[&["gen-values", "--update", "the values.yaml"], &flags[..]].concat()).code, 0);
    assert_eq!(room.run(&[&["diff", "the values.yaml"], &flags[..]].concat()).code, 0);
}

#[test]
fn values_inside_other_objects_are_found_with_their_lines() {
    let room = room();
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    query:\n      stores:\n        - \"203.0.113.7:10901\"\n";
    room.file("values.yaml", release);
    assert_eq!(
        findings(&diff(&room, &["--format", "json"])),
        ["THC101 6 `10.2.0.1:31000` of us monitoring/thanos is missing"]
    );
    room.file("values.yaml", "thanos:\n  query:\n    stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n");
    assert_eq!(diff(&room, &["--path", "thanos"]).code, 0);
    let run = diff(&room, &[]);
    assert!(run.code == 2 && run.stderr.contains("--path thanos"), "{}", run.stderr);
}

#[test]
fn the_other_keys_are_compared_with_the_settings_and_no_secret_is_told() {
    let room = Room::new();
    for file in
        ["thanosctl.yaml", "inventory.yaml", "rules/prometheus.yaml", "secrets/minio-user", "secrets/minio-password"]
    {
        room.file(file, &fixture_text(&format!("how-to/full/{file}")));
    }
    let run =
        room.run(&["gen-values", "--inventory", "inventory.yaml", "--write", "values.yaml", "--secrets", "inline"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let diff = || room.run(&["diff", "values.yaml", "--inventory", "inventory.yaml", "--format", "json"]);
    assert_eq!((diff().code, findings(&diff())), (0, vec![]));
    let password = fixture_text("how-to/full/secrets/minio-password");
    let text = room
        .text("values.yaml")
        .replace(password.trim(), "hunter2hunter2")
        .replace("defaultBuckets: thanos", "defaultBuckets: other");
    room.file("values.yaml", &text);
    let run = diff();
    let told = findings(&run);
    assert_eq!(run.code, 1);
    assert!(
        told.iter().any(|finding| finding.contains("`minio.defaultBuckets` is not what the settings say -> thanos")),
        "{told:?}"
    );
    // Secrets are not read, so they are not compared.
    assert_eq!(told.len(), 1, "{told:?}");
    for format in FORMATS {
        let run = room.run(&["diff", "values.yaml", "--inventory", "inventory.yaml", "--format", format]);
        let all = run.stdout + &run.stderr;
        assert!(!all.contains("hunter2") && !all.contains(password.trim()), "{format}: {all}");
    }
}

#[test]
fn what_cannot_be_compared_is_told_by_its_name() {
    let room = room();
    room.file("broken.yaml", "query:\n  stores: [a\n")
        .file("other.yaml", "kind: Deployment\n")
        .file("list.yaml", "query: {stores: 7}\n");
    std::fs::create_dir(room.path("folder")).unwrap();
    std::fs::write(room.path("bytes.yaml"), [0xff, 0xfe]).unwrap();
    for (file, told) in [
        ("gone.yaml", "cannot read `gone.yaml`"),
        ("folder", "it is a folder"),
        ("bytes.yaml", "is not UTF-8"),
        ("broken.yaml", "broken.yaml:"),
        ("other.yaml", "`other.yaml` holds no values of a Thanos chart"),
        ("list.yaml", "`query.stores` is no list"),
    ] {
        let run = room.run(&["diff", "values.yaml", file, "--inventory", "fleet.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{file}");
        assert!(run.stderr.contains(told), "{file}: {}", run.stderr);
    }
}

#[test]
fn only_lists_are_asked_for_and_nothing_is_written() {
    let mut sidecar = service("monitoring", "thanos", Some(31000));
    sidecar["metadata"]["labels"] = json!({"app.kubernetes.io/component": "thanos-sidecar"});
    let eu = FakeApi::with(vec![sidecar], vec![slice("monitoring", "thanos")], vec![node("node-1")]);
    let room = Room::new();
    let config = json!({"kind": "Config", "current-context": "eu", "contexts": [{"name": "eu", "context": {"cluster": "eu"}}],
        "clusters": [{"name": "eu", "cluster": {"server": eu.url()}}]});
    room.file(".kube/config", &config.to_string());
    room.file("values.yaml", "query:\n  stores: [\"10.2.0.14:31999\"]\n");
    let run = room.run(&["diff", "values.yaml", "--all-contexts"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(eu.requests().iter().all(|seen| seen.method == "GET" && seen.body.is_empty()));
    assert_eq!(room.text("values.yaml"), "query:\n  stores: [\"10.2.0.14:31999\"]\n");
    // A cluster that was not chosen may explain what none explains that was.
    room.file("values.yaml", "query:\n  stores: [\"10.2.0.14:31000\", \"192.0.2.1:1\"]\n");
    let run = room.run(&["diff", "values.yaml", "--context", "eu"]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("others were not"), "{}", run.stdout);
}

#[test]
fn hostile_texts_forge_no_line_of_any_format() {
    let room = room();
    room.file(
        "values.yaml",
        "query:\n  stores:\n    - \"x\\n::error file=a::b\\e[31m]]>--></failure>\"\n    - \"203.0.113.7:10901\" # eu monitoring/thanos\n    - 10.2.0.1:31000\n",
    );
    for format in FORMATS {
        let run = diff(&room, &["--format", format]);
        assert_eq!(run.code, 0, "{format}: {}", run.stderr);
        assert!(run.stdout.contains("THC106") && !run.stdout.contains('\u{1b}'), "{format}: {}", run.stdout);
        assert!(!run.stdout.lines().any(|line| line.starts_with("::error")), "{format}: {}", run.stdout);
    }
}

#[test]
fn the_unified_diff_is_a_patch_that_git_applies() {
    let room = room();
    let mut fleet = fleet();
    fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8");
    room.file("fleet.json", &fleet.to_string());
    for text in [
        room.text("values.yaml"),
        room.text("values.yaml").replace('\n', "\r\n"),
        room.text("values.yaml").trim_end().to_owned(),
    ] {
        room.file("values.yaml", &text);
        let run = diff(&room, &["--diff-style", "unified"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        room.file("change.patch", &run.stdout);
        let Ok(applied) =
            std::process::Command::new("git").args(["apply", "change.patch"]).current_dir(room.path("")).output()
        else {
            return; // The rest of this test needs git.
        };
        assert!(applied.status.success(), "{}\n{}", String::from_utf8_lossy(&applied.stderr), run.stdout);
        assert_eq!(room.text("values.yaml"), text.replace("203.0.113.7", "203.0.113.8"));
    }
}

#[test]
fn the_values_of_the_how_to_have_no_drift() {
    for (folder, secrets) in [("how-to/short", &[][..]), ("how-to/full", &["--secrets", "inline"])] {
        let room = Room::new();
        let (settings, inventory) =
            (fixture(&format!("{folder}/thanosctl.yaml")), fixture(&format!("{folder}/inventory.yaml")));
        let source = ["--config", &settings, "--inventory", &inventory];
        assert_eq!(room.run(&[&["gen-values", "--write", "values.yaml"], &source[..], secrets].concat()).code, 0);
        let run = room.run(&[&["diff", "values.yaml"], &source[..]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        assert!(run.stderr.contains("values.yaml: no drift ("), "{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn on_a_terminal_the_summary_is_said_once() {
    let room = room();
    let arguments = ["diff", "values.yaml", "--inventory", "fleet.json"];
    let screen = |code: i32| {
        let (seen, screen) = room.on_a_screen(&arguments, Some(80), |_| None);
        assert_eq!(seen, code, "{screen}");
        screen
    };
    let right = screen(0);
    assert_eq!(right.matches("no drift (2 stores, 2 clusters compared)").count(), 1, "{right}");
    assert!(!right.contains("nothing found"), "{right}");
    room.file("values.yaml", &room.text("values.yaml").replace("203.0.113.7", "203.0.113.8"));
    let wrong = screen(1);
    assert_eq!(wrong.matches("1 error in values.yaml").count(), 1, "{wrong}");
    assert!(!wrong.contains("no drift") && wrong.matches("values.yaml").count() <= 4, "{wrong}");
}
