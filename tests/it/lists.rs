//! Which key of a file is the list of stores: the one that the chart reads in its version, and no other.

use crate::diff::room;
use crate::program::{Room, Run};

const MISSING: [&str; 2] = ["`203.0.113.7:10901` of eu", "`10.2.0.1:31000` of us"];
const LIST: [&str; 2] = ["\"203.0.113.7:10901\" # eu monitoring/thanos", "\"10.2.0.1:31000\" # us monitoring/thanos"];

fn with(text: &str) -> Room {
    let room = room();
    room.file("values.yaml", text);
    room
}

fn diff(room: &Room, chart: &[&str]) -> Run {
    room.run(&[&["diff", "values.yaml", "--inventory", "fleet.json"], chart].concat())
}

fn update(room: &Room, chart: &[&str]) -> Run {
    room.run(&[&["gen-values", "--update", "values.yaml", "--inventory", "fleet.json"], chart].concat())
}

const BITNAMI: [&str; 4] = ["--chart", "bitnami/thanos", "--chart-version", "17.3.1"];
const OLD: [&str; 4] = ["--chart", "bitnami/thanos", "--chart-version", "3.0.1"];
const COMMUNITY: [&str; 4] = ["--chart", "thanos-community/thanos", "--chart-version", "0.38.0"];
const STEVE: [&str; 4] = ["--chart", "stevehipwell/thanos", "--chart-version", "1.24.1"];

#[test]
fn a_list_that_the_version_does_not_read_is_told_and_left_as_it_is() {
    let list = |indent: &str| LIST.map(|store| format!("{indent}- {store}\n")).concat();
    for (chart, text, key, read, after) in [
        (
            BITNAMI,
            "additionalEndpoints:\n  - dnssrv+_grpc._tcp.sidecars.monitoring.svc.cluster.local\nquery:\n  replicaLabel: [a]\n",
            "additionalEndpoints",
            "query.stores",
            format!("  stores:\n{}", list("    ")),
        ),
        (
            BITNAMI,
            "query:\n  endpoints:\n    static: [\"203.0.113.7:10901\"]\n",
            "query.endpoints.static",
            "query.stores",
            format!("  stores:\n{}", list("    ")),
        ),
        (
            BITNAMI,
            "querier:\n  stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n",
            "querier.stores",
            "query.stores",
            format!("query:\n  stores:\n{}", list("    ")),
        ),
        (
            OLD,
            "query:\n  stores: [\"203.0.113.7:10901\"]\n",
            "query.stores",
            "querier.stores",
            format!("querier:\n  stores:\n{}", list("    ")),
        ),
        (
            COMMUNITY,
            "additionalEndpoints: [a:1]\n",
            "additionalEndpoints",
            "query.endpoints.static",
            format!("query:\n  endpoints:\n    static:\n{}", list("      ")),
        ),
        (
            STEVE,
            "query:\n  stores: [a:1]\n",
            "query.stores",
            "additionalEndpoints",
            format!("additionalEndpoints:\n{}", list("  ")),
        ),
        (BITNAMI, "stores: [a:1]\nquery: {}\n", "stores", "query.stores", String::new()),
    ] {
        let room = with(text);
        let run = diff(&room, &chart);
        assert_eq!(run.code, 1, "{text}: {}{}", run.stdout, run.stderr);
        assert!(MISSING.iter().all(|told| run.stdout.contains(told)), "{text}: {}", run.stdout);
        assert!(run.stdout.contains("THC121"), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("`{key}` has ")), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("its stores are in `{read}`")), "{}", run.stdout);
        let run = update(&room, &chart);
        assert_eq!(run.code, 0, "{text}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("`{key}` has ")), "{}", run.stderr);
        let new = room.text("values.yaml");
        if !after.is_empty() {
            assert_eq!(new, format!("{text}{after}"));
        }
        let run = diff(&room, &chart);
        assert!(run.code == 0 && run.stdout.contains("THC121"), "{}", run.stdout);
        assert_eq!(update(&room, &[&chart[..], &["--check"]].concat()).code, 0);
    }
}

#[test]
fn what_the_file_says_of_itself_decides_where_no_flag_does() {
    let object = |chart: &str, values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart:\n    spec: {{chart: thanos, version: {chart}}}\n  values:\n{values}"
        )
    };
    let room = with(&object("3.0.1", "    querier:\n      stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n"));
    assert_eq!(diff(&room, &[]).code, 0);
    room.file(
        "values.yaml",
        &object("17.3.1", "    querier:\n      stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n"),
    );
    assert_eq!(diff(&room, &[]).code, 1);
    let old =
        "# thanosctl 0.1.0: bitnami/thanos 3.0.1\nquerier:\n  stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n";
    let room = with(old);
    assert_eq!(diff(&room, &[]).code, 0);
    assert_eq!(diff(&room, &BITNAMI).code, 1);
    room.file("thanosctl.yaml", "clusters: [{context: eu}, {context: us}]\nthanos: {chartVersion: 17.3.1}\n");
    let run = diff(&room, &[]);
    assert!(run.code == 0 && run.stderr.contains("the file counts"), "{}", run.stderr);
    // A chart that is not known is not guessed to be another.
    let room = with(&object("1.2.3", "    query:\n      stores: []\n").replace("chart: thanos", "chart: other"));
    let run = diff(&room, &[]);
    assert!(run.code == 2 && run.stderr.contains("installs the chart `other`"), "{}", run.stderr);
    assert_eq!(diff(&room, &BITNAMI).code, 1);
}

#[test]
fn the_values_of_a_dependency_are_found_by_the_chart_beside_them() {
    let room = with("thanos:\n  query:\n    stores: [\"203.0.113.7:10901\"]\n");
    let dependency = "{name: thanos, version: 17.3.1, repository: 'oci://registry-1.docker.io/bitnamicharts'}";
    room.file("Chart.yaml", &format!("apiVersion: v2\nname: all\nversion: 1.0.0\ndependencies: [{dependency}]\n"));
    assert_eq!((diff(&room, &[]).code, update(&room, &[]).code, diff(&room, &[]).code), (1, 0, 0));
    assert_eq!(
        room.text("values.yaml"),
        "thanos:\n  query:\n    stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n"
    );
}

#[test]
fn what_may_stand_in_values_that_are_not_read_is_not_told_to_be_missing() {
    let object = |values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart:\n    spec: {{chart: thanos, version: 17.3.1}}\n  \
             valuesFrom: [{{kind: Secret, name: more}}]\n  values:\n    query:\n{values}"
        )
    };
    let room = with(&object("      stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n"));
    let settings = "clusters: [{context: eu}, {context: us}]\nthanos: {values: {query: {logLevel: debug}}}\n";
    room.file("thanosctl.yaml", settings);
    let run = diff(&room, &[]);
    assert!(run.code == 0 && run.stderr.contains("is not read"), "{}{}", run.stdout, run.stderr);
    assert_eq!(update(&room, &["--check"]).code, 0);
    room.file("values.yaml", &object("      enabled: true\n"));
    let run = diff(&room, &[]);
    assert!(run.code == 2 && run.stderr.contains("has no list of stores"), "{}", run.stderr);
}

#[test]
fn where_nothing_says_which_chart_it_is_no_key_of_another_is_guessed_away() {
    for (text, key, hint) in [
        (
            "querier:\n  stores: [\"203.0.113.7:10901\"]\n",
            "querier.stores",
            "--chart bitnami/thanos --chart-version 3.0.1",
        ),
        ("querier:\n  replicaCount: 2\n", "querier", "--chart bitnami/thanos --chart-version 3.0.1"),
        ("query: {replicas: 1}\nadditionalEndpoints: []\n", "additionalEndpoints", "--chart stevehipwell/thanos"),
        ("query: {endpoints: {static: [a:1]}}\n", "query.endpoints.static", "--chart thanos-community/thanos"),
    ] {
        let room = with(text);
        for (run, command) in [
            (diff(&room, &[]), "thanosctl diff values.yaml"),
            (update(&room, &[]), "thanosctl gen-values --update values.yaml"),
        ] {
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}: {}", run.stderr);
            assert!(
                run.stderr.contains("nothing says which version of which chart `values.yaml` is for"),
                "{}",
                run.stderr
            );
            assert!(run.stderr.contains(&format!("it has `{key}`")) && run.stderr.contains(hint), "{}", run.stderr);
            assert!(run.stderr.contains(command) && run.stderr.contains("--inventory fleet.json"), "{}", run.stderr);
        }
        assert_eq!(room.text("values.yaml"), text);
    }
    // A list that is read outweighs one that is not.
    let room = with("query:\n  stores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\nadditionalEndpoints: [a:1]\n");
    assert!(diff(&room, &[]).code == 0 && diff(&room, &[]).stdout.contains("THC121"));
}

#[test]
fn every_list_that_the_version_reads_counts() {
    let both = "query:\n  endpoints:\n    static:\n      - 203.0.113.7:10901\n  stores:\n    - 10.2.0.1:9 # us monitoring/thanos\n";
    let room = with(both);
    assert_eq!((diff(&room, &COMMUNITY).code, update(&room, &COMMUNITY).code), (1, 0));
    assert_eq!(room.text("values.yaml"), both.replace("10.2.0.1:9", "10.2.0.1:31000"));
    assert_eq!(diff(&room, &COMMUNITY).code, 0);
    let deprecated = "query:\n  additionalStores: [\"203.0.113.7:10901\", \"10.2.0.1:31000\"]\n";
    assert_eq!(diff(&with(deprecated), &STEVE).code, 0);
}

#[test]
fn stores_that_are_given_by_flags_are_stores_that_thanosctl_does_not_change() {
    let flags = |store: &str| {
        format!(
            "query:\n  stores: [\"203.0.113.7:10901\"]\n  extraFlags:\n    - --query.timeout=2m\n    - --endpoint={store}\n"
        )
    };
    assert_eq!(diff(&with(&flags("10.2.0.1:31000")), &BITNAMI).code, 0);
    let room = with(&flags("10.2.0.1:9"));
    let run = diff(&room, &BITNAMI);
    assert!(
        run.code == 1 && run.stdout.contains("values.yaml:5:7") && run.stdout.contains("by hand"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("gen-values --update"), "{}", run.stdout);
    let room = with(&flags("192.0.2.1:1"));
    assert_eq!(update(&room, &BITNAMI).code, 0);
    assert!(room.text("values.yaml").contains("--endpoint=192.0.2.1:1"), "{}", room.text("values.yaml"));
}

#[test]
fn the_stores_of_every_version_that_is_known_can_be_changed() {
    for (chart, version, text, key) in [
        ("stevehipwell/thanos", "1.23.0", "additionalEndpoints: []\nquery: {replicas: 1}\n", "additionalEndpoints"),
        ("stevehipwell/thanos", "1.10.2", "query:\n  additionalStores: []\n", "additionalStores"),
        ("thanos-community/thanos", "0.8.0", "query:\n  replicas: 1\n", "static"),
        ("bitnami/thanos", "0.5.0", "querier:\n  stores: []\n", "stores"),
    ] {
        let chart = ["--chart", chart, "--chart-version", version];
        let room = with(text);
        for settings in ["", "clusters: [{context: eu}, {context: us}]\n"] {
            room.file("values.yaml", text);
            if !settings.is_empty() {
                room.file("thanosctl.yaml", settings);
            }
            let run = diff(&room, &chart);
            assert_eq!(run.code, 1, "{version}: {}", run.stderr);
            let command = format!("gen-values --update values.yaml --inventory fleet.json {}", chart.join(" "));
            assert!(run.stdout.contains(&command), "{}", run.stdout);
            let run = update(&room, &chart);
            assert_eq!(run.code, 0, "{version}: {}", run.stderr);
            assert!(room.text("values.yaml").contains(key), "{}", room.text("values.yaml"));
            assert_eq!(diff(&room, &chart).code, 0, "{version}");
        }
    }
}

#[test]
fn what_update_would_refuse_is_not_advised() {
    let room = with("base: &b {x: 1}\nquery:\n  <<: *b\n  stores:\n    - 203.0.113.7:10901\n");
    let run = diff(&room, &BITNAMI);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("hint: change it by hand"), "{}", run.stdout);
    assert!(
        run.stdout.contains("`query` takes keys from elsewhere") && !run.stdout.contains("gen-values"),
        "{}",
        run.stdout
    );
    assert_eq!(update(&room, &BITNAMI).code, 2);
}
