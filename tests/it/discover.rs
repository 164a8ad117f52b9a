//! `discover`, offline: what it prints, and what it makes of inventories that are not what they should be.

use crate::program::{Room, fixture};

#[test]
fn the_table_names_cluster_service_endpoint_and_how_it_was_found() {
    let run = Room::new().run(&["discover", "--inventory", &fixture("how-to/short/inventory.yaml")]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "2 stores in 2 clusters\n"));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn every_kind_of_service_has_an_address_or_the_reason_why_not() {
    let run = Room::new().run(&["discover", "-o", "wide", "--inventory", &fixture("services/kinds.json")]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "9 stores in 1 cluster, 6 without an address, 1 other Service\n"));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn an_inventory_read_back_gives_the_same_bytes_in_both_formats() {
    let room = Room::new();
    for source in ["how-to/short/inventory.yaml", "how-to/full/inventory.yaml", "services/kinds.json"] {
        let yaml = room.run(&["discover", "-o", "yaml", "--inventory", &fixture(source)]).stdout;
        assert!(yaml.starts_with("kind: Inventory\nversion: 1\n"), "{source}");
        let json = room.run_with_input(&["discover", "-o", "json", "--inventory", "-"], &yaml).stdout;
        let again = room.run_with_input(&["discover", "-o", "yaml", "--inventory", "-"], &json).stdout;
        assert_eq!(again, yaml, "{source}");
    }
}

#[test]
fn conclusions_in_an_inventory_are_never_trusted() {
    let room = Room::new();
    let yaml = room.run(&["discover", "-o", "yaml", "--inventory", &fixture("how-to/short/inventory.yaml")]).stdout;
    let forged = yaml
        .replace("address: \"10.2.0.14:31420\"", "address: \"192.0.2.66:1\"")
        .replace("role: sidecar", "role: query");
    assert_ne!(forged, yaml);
    let run = room.run_with_input(&["discover", "-o", "yaml", "--inventory", "-"], &forged);
    assert_eq!(run.stdout, yaml);
}

#[test]
fn an_inventory_may_be_as_large_as_a_fleet() {
    let room = Room::new();
    let node = |at: usize| {
        format!(
            "      - {{name: node-{at}, ready: true, labels: {{a: b, c: d, e: f, g: h}}, addresses: [{{type: InternalIP, address: 10.0.0.1}}]}}\n"
        )
    };
    let nodes: String = (0..14_000).map(node).collect();
    let short = crate::program::fixture_text("how-to/short/inventory.yaml");
    let at = short.find("    nodes:\n").unwrap() + "    nodes:\n".len();
    room.file("fleet.yaml", &format!("{}{nodes}{}", &short[..at], &short[at..]));
    let run = room.run(&["discover", "-o", "yaml", "--inventory", "fleet.yaml"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(room.run_with_input(&["discover", "-o", "yaml", "--inventory", "-"], &run.stdout).stdout, run.stdout);
}

#[test]
fn names_are_printed_for_scripts() {
    let run = Room::new().run(&["discover", "-o", "name", "--inventory", &fixture("how-to/short/inventory.yaml")]);
    assert_eq!(
        run.stdout,
        "eu-1/monitoring/kube-prometheus-prometheus-thanos\nus-1/monitoring/kube-prometheus-prometheus-thanos\n"
    );
}

#[test]
fn a_folder_of_kubectl_lists_is_one_cluster_a_file() {
    let room = Room::new();
    let list = include_str!("../../fixtures/services/kubectl-list.json");
    room.file("fleet/eu.json", list)
        .file("fleet/us.json", &list.replace("203.0.113.7", "203.0.113.8"))
        .file("fleet/notes.txt", "no inventory");
    let run = room.run(&["discover", "--inventory", "fleet"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let clusters: Vec<&str> = run.stdout.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(clusters, ["eu", "us"]);
    assert!(run.stdout.contains("203.0.113.7:10901") && run.stdout.contains("203.0.113.8:10901"));
}

#[test]
fn a_list_without_nodes_says_how_to_collect_them() {
    let list = include_str!("../../fixtures/services/kubectl-list.json")
        .replace("LoadBalancer", "NodePort")
        .replace("\"targetPort\": \"grpc\"", "\"nodePort\": 31420")
        .replace("\"kind\": \"Node\"", "\"kind\": \"Pod\"");
    let run = Room::new().file("eu.json", &list).run(&["gen-values", "--inventory", "eu.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn what_is_no_inventory_is_refused_with_its_place() {
    for (text, expected) in [
        ("kind: Deployment\n", "no inventory: its kind is `Deployment`"),
        ("a: b\n", "no inventory: its kind is missing"),
        ("kind: Inventory\nversion: 2\n", "an inventory of version 2; this thanosctl reads version 1"),
        ("kind: Inventory\nversion: 1\nclusters:\n  - name: \"\"\n", "file.yaml:4:"),
        ("kind: Inventory\nversion: 1\nclusters:\n  - name: eu\n    services: 7\n", "file.yaml:5:15"),
        ("kind: Inventory\n  version: 1\n", "file.yaml:2:"),
        ("kind: Inventory\nversion: 1\nversion: 1\n", "duplicate"),
        ("{\"kind\": \"Inventory\", \"version\": 1, \"clusters\": [{\"name\": 7}]}", "file.yaml:1:"),
        ("%", "file.yaml:1:"),
    ] {
        let run = Room::new().file("file.yaml", text).run(&["discover", "--inventory", "file.yaml"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}");
        assert!(run.stderr.contains(expected), "{text}: {}", run.stderr);
    }
    let run = Room::new().run(&["discover", "--inventory", "absent.yaml"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.stderr, "error: cannot read `absent.yaml`\n  caused by: no such file or folder\n");
}

#[test]
fn two_files_that_claim_one_cluster_are_refused() {
    let inventory = "kind: Inventory\nversion: 1\nclusters: [{name: eu, context: a}]\n";
    let run = Room::new()
        .file("a.yaml", inventory)
        .file("b.yaml", &inventory.replace("context: a", "context: b"))
        .run(&["discover", "--inventory", "a.yaml", "--inventory", "b.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn an_unreadable_cluster_is_shown_told_and_exits_with_3() {
    let room = Room::new();
    let readable = crate::program::fixture_text("how-to/short/inventory.yaml");
    let with_dead =
        format!("{readable}  - name: ap-1\n    context: prod-ap-1\n    error: \"no TCP connection within 5s\"\n");
    let run = room.file("fleet.yaml", &with_dead).run(&["discover", "--inventory", "fleet.yaml"]);
    assert_eq!(run.code, 3);
    insta::assert_snapshot!(format!("{}---\n{}", run.stdout, run.stderr));
    let alone = "kind: Inventory\nversion: 1\nclusters: [{name: ap-1, error: no TCP connection}]\n";
    let run = room.file("dead.yaml", alone).run(&["discover", "--inventory", "dead.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
}

#[test]
fn text_of_a_cluster_cannot_play_with_the_terminal() {
    let hostile = crate::program::fixture_text("how-to/short/inventory.yaml").replace(
        "name: kube-prometheus-prometheus-thanos\n        type",
        "name: \"a\\e[31m\\nus-1 forged\\u202e\"\n        type",
    );
    let room = Room::new();
    for format in ["table", "wide", "name", "yaml", "json"] {
        let run = room.run_with_input(&["discover", "-o", format, "--inventory", "-"], &hostile);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let unsafe_text = |text: &str| text.chars().any(|c| c != '\n' && thanosctl::text::is_unsafe(c));
        assert!(!unsafe_text(&run.stdout) && !unsafe_text(&run.stderr), "{format}");
        assert!(!run.stdout.lines().any(|line| line.starts_with("us-1 forged")), "{format}");
    }
}

/// An inventory of one cluster with these Services (YAML, in block style).
fn inventory_of(services: &str) -> String {
    format!(
        "kind: Inventory\nversion: 1\nclusters:\n  - name: eu\n    nodes: []\n    endpointSlices: []\n    services:{services}"
    )
}

const QUERY: &str = "\n      - namespace: monitoring\n        name: thanos-query-grpc\n        labels: {app.kubernetes.io/name: thanos, app.kubernetes.io/component: query}\n        ports: [{name: grpc, port: 10901}]\n";

#[test]
fn a_fleet_without_sidecars_shows_the_other_store_apis_and_is_no_failure() {
    let run = Room::new().file("eu.yaml", &inventory_of(QUERY)).run(&["discover", "--inventory", "eu.yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(format!("{}---\n{}", run.stdout, run.stderr));
}

#[test]
fn a_cluster_without_any_store_api_is_an_empty_inventory() {
    let room = Room::new();
    room.file("eu.yaml", &inventory_of(" []\n"));
    let run = room.run(&["discover", "-o", "yaml", "--inventory", "eu.yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(format!("{}---\n{}", run.stdout, run.stderr));
    let again = room.run_with_input(&["discover", "-o", "yaml", "--inventory", "-"], &run.stdout);
    assert_eq!((again.code, again.stdout), (0, run.stdout));
    for (format, shown) in [("table", "(none)"), ("name", "")] {
        let run = room.run(&["discover", "-o", format, "--inventory", "eu.yaml"]);
        assert!(run.code == 0 && run.stdout.contains(shown), "{format}: {}", run.stderr);
    }
}

#[test]
fn a_value_that_nobody_knows_is_a_problem_of_its_service_alone() {
    let room = Room::new();
    let whole = crate::program::fixture_text("how-to/short/inventory.yaml");
    let first = whole.find("        type: NodePort\n").unwrap();
    let odd = format!("{}        type: Fancy\n{}", &whole[..first], &whole[first + "        type: NodePort\n".len()..]);
    let run = room.file("fleet.yaml", &odd).run(&["discover", "-o", "yaml", "--inventory", "fleet.yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("problem: \"its spec.type is `Fancy`, a value that this thanosctl does not know\""));
    let again = room.run_with_input(&["discover", "-o", "yaml", "--inventory", "-"], &run.stdout);
    assert_eq!(again.stdout, run.stdout);
    let run = room.run(&["gen-values", "--inventory", "fleet.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr);
    let run = room.run(&["gen-values", "--inventory", "fleet.yaml", "--allow-partial"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    for command in ["patch-nodeport", "expose"] {
        let service = "monitoring/kube-prometheus-prometheus-thanos";
        let run = room.run(&[command, service, "--inventory", "fleet.yaml", "--dry-run", "client"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command}: {}", run.stderr);
        assert!(run.stderr.contains("`Fancy`, a value that this thanosctl does not know"), "{}", run.stderr);
    }
}

#[test]
fn a_name_is_no_command_to_a_ci_system() {
    let room = Room::new();
    for name in ["::error::x", "  ::error::x", "##[error]x", "##vso[task.complete]x"] {
        let names = ["- name: eu-1\n", "\"a\\n::error::x\""];
        let hostile = crate::program::fixture_text("how-to/short/inventory.yaml")
            .replace(names[0], &format!("- name: {}\n", thanosctl::yaml::quoted(name)))
            .replacen(
                "        type: NodePort\n",
                &format!("        annotations: {{service.cilium.io/global: {}}}\n        type: NodePort\n", names[1]),
                1,
            );
        for format in ["table", "wide", "name", "yaml", "json"] {
            let run = room.run_with_input(&["discover", "-o", format, "--inventory", "-"], &hostile);
            assert_eq!(run.code, 0, "{}", run.stderr);
            for line in run.stdout.lines().chain(run.stderr.lines()) {
                let is_command = line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
                assert!(!is_command, "{format}: {line}");
            }
        }
    }
}
