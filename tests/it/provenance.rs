//! Comments of people beside stores: they are no reason to delete anything, and they stay as they are.

use proptest::prelude::*;
use serde_json::json;

use crate::diff::{fleet, room};
use crate::program::{Room, Run};

/// What people write, some of it in the form that thanosctl writes.
const THEIRS: [&str; 12] = [
    "owned by team-a/observability",
    "see runbook docs/thanos",
    "on call 24/7",
    "JIRA OPS/123",
    "ask Kim: eu monitoring/thanos",
    "eu monitoring/thanos, ask Kim",
    "eu monitoring/thanos (do not touch)",
    "eu monitoring/thanos, kept: Kim said so",
    "eu  monitoring/thanos/x",
    "EU monitoring/thanos",
    "see settings",
    "https://wiki.example.net/thanos",
];

fn update(room: &Room, arguments: &[&str]) -> Run {
    room.run(&[&["gen-values", "--inventory", "fleet.json", "--update", "values.yaml"], arguments].concat())
}

fn diff(room: &Room) -> Run {
    room.run(&["diff", "values.yaml", "--inventory", "fleet.json"])
}

fn with(stores: &str) -> Room {
    let room = room();
    room.file("values.yaml", &format!("query:\n  stores:\n{stores}"));
    room
}

const RIGHT: &str = "    - 203.0.113.7:10901 # eu monitoring/thanos\n    - 10.2.0.1:31000 # us monitoring/thanos\n";

#[test]
fn a_store_with_a_comment_of_people_is_foreign_kept_and_told() {
    for comment in THEIRS {
        let room = with(&format!("{RIGHT}    - 192.0.2.1:10901 # {comment}\n"));
        let before = room.text("values.yaml");
        let run = diff(&room);
        assert_eq!(run.code, 0, "{comment}: {}", run.stdout);
        assert!(run.stdout.contains("warning[THC106]: `192.0.2.1:10901` belongs to no Service"), "{}", run.stdout);
        let run = update(&room, &[]);
        assert_eq!((run.code, room.text("values.yaml")), (0, before), "{comment}: {}", run.stderr);
        assert!(run.stderr.contains("values.yaml:5:7: `192.0.2.1:10901` belongs to no Service"), "{}", run.stderr);
        assert_eq!(update(&room, &["--check"]).code, 0);
    }
}

#[test]
fn the_comment_stays_when_the_address_beside_it_is_replaced() {
    for comment in THEIRS {
        let room = with(&format!("    - '10.2.0.1:30000'   # {comment}\n    - 203.0.113.7:10901\n"));
        let run = update(&room, &[]);
        assert_eq!(run.code, 0, "{comment}: {}", run.stderr);
        let expected = format!("query:\n  stores:\n    - '10.2.0.1:31000'   # {comment}\n    - 203.0.113.7:10901\n");
        assert_eq!(room.text("values.yaml"), expected);
        assert_eq!((diff(&room).code, update(&room, &["--check"]).code), (0, 0));
    }
}

#[test]
fn a_changed_store_is_changed_in_its_line() {
    let room = with("    # first the old world\n    - \"10.2.0.1:31420\"   # Frankfurt\n    - '203.0.113.7:10901'\n");
    let run = diff(&room);
    assert!(run.code == 1 && run.stdout.contains("10.2.0.1:31420 -> 10.2.0.1:31000"), "{}", run.stdout);
    assert_eq!(update(&room, &[]).code, 0);
    assert_eq!(
        room.text("values.yaml"),
        "query:\n  stores:\n    # first the old world\n    - \"10.2.0.1:31000\"   # Frankfurt\n    - '203.0.113.7:10901'\n"
    );
}

#[test]
fn of_two_stores_of_one_host_none_is_guessed_to_be_the_one_that_changed() {
    let room = with("    - 10.2.0.1:30000 # team a\n    - 10.2.0.1:30001 # team b\n    - 203.0.113.7:10901\n");
    let before = room.text("values.yaml");
    assert_eq!(update(&room, &[]).code, 0);
    assert_eq!(room.text("values.yaml"), format!("{before}    - 10.2.0.1:31000 # us monitoring/thanos\n"));
    // An address of another StoreAPI is none that changed.
    let room = with("    - 10.2.0.1:30000\n    - 203.0.113.7:10901\n");
    let mut fleet = fleet();
    let mut other = fleet["clusters"][1]["services"][0].clone();
    other["name"] = json!("thanos-query");
    other["labels"] = json!({"app.kubernetes.io/component": "query", "app.kubernetes.io/name": "thanos"});
    other["selector"] = json!({"app": "query"});
    other["ports"][0]["nodePort"] = json!(30000);
    fleet["clusters"][1]["services"].as_array_mut().unwrap().push(other);
    room.file("fleet.json", &fleet.to_string());
    assert_eq!(update(&room, &[]).code, 0);
    assert!(room.text("values.yaml").contains("- 10.2.0.1:30000\n"), "{}", room.text("values.yaml"));
}

#[test]
fn what_stands_behind_a_list_between_brackets_is_about_the_list() {
    for tail in ["us monitoring/thanos", "eu monitoring/gone", "all of them"] {
        for list in
            ["[203.0.113.7:10901, 192.0.2.1:10901]", "[192.0.2.1:10901]", "[\n    203.0.113.7:10901,\n    192.0.2.1:1]"]
        {
            let room = room();
            room.file("values.yaml", &format!("query:\n  stores: {list} # {tail}\n"));
            assert_eq!(update(&room, &[]).code, 0);
            let text = room.text("values.yaml");
            assert!(text.contains("192.0.2.1:1") && text.ends_with(&format!("] # {tail}\n")), "{text}");
            assert!(text.contains("10.2.0.1:31000") && text.contains("203.0.113.7:10901"), "{text}");
        }
    }
}

#[test]
fn a_second_store_of_a_service_with_a_comment_of_people_is_told_and_not_deleted() {
    let twice = |comment: &str| with(&format!("{RIGHT}    - 10.2.0.2:31000{comment}\n"));
    let room = twice("");
    assert_eq!((diff(&room).code, update(&room, &[]).code), (1, 0));
    assert_eq!(room.text("values.yaml"), format!("query:\n  stores:\n{RIGHT}"));
    // The one that thanosctl wrote goes instead.
    let room = twice(" # Kim's");
    assert_eq!((diff(&room).code, update(&room, &[]).code), (1, 0));
    assert!(
        !room.text("values.yaml").contains("10.2.0.1") && room.text("values.yaml").contains("10.2.0.2:31000 # Kim's")
    );
    let room = with("    - 203.0.113.7:10901\n    - 10.2.0.1:31000 # mine\n    - 10.2.0.2:31000 # Kim's\n");
    let before = room.text("values.yaml");
    let run = diff(&room);
    assert!(run.code == 0 && run.stdout.contains("delete one of the two by hand"), "{}", run.stdout);
    assert_eq!((update(&room, &[]).code, room.text("values.yaml")), (0, before));
}

#[test]
fn stores_of_a_cluster_that_left_the_fleet_go_when_somebody_says_so() {
    // A file that thanosctl wrote.
    let room = room();
    let mut fleet = fleet();
    fleet["clusters"].as_array_mut().unwrap().pop();
    room.file("fleet.json", &fleet.to_string());
    let before = room.text("values.yaml");
    let run = diff(&room);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("`10.2.0.1:31000` is of cluster `us`, which the fleet does not have"),
        "{}",
        run.stdout
    );
    let command = "thanosctl gen-values --update values.yaml --remove-cluster us --inventory fleet.json";
    assert!(run.stdout.contains(command), "{}", run.stdout);
    let run = update(&room, &[]);
    assert_eq!((run.code, room.text("values.yaml")), (0, before.clone()), "{}", run.stderr);
    assert!(run.stderr.contains("is of cluster `us`"), "{}", run.stderr);
    for (cluster, told) in [("eu", "is in the fleet"), ("ap", "no store of `values.yaml` is of cluster `ap`")] {
        let run = update(&room, &["--remove-cluster", cluster]);
        assert!(run.code == 2 && run.stderr.contains(told), "{}", run.stderr);
    }
    assert_eq!(update(&room, &["--remove-cluster", "us"]).code, 0);
    assert_eq!(room.text("values.yaml"), before.replace("    - \"10.2.0.1:31000\" # us monitoring/thanos\n", ""));
    assert_eq!(diff(&room).code, 0);
    // A file of people: it may be a comment of theirs.
    room.file(
        "values.yaml",
        "query:\n  stores:\n    - 203.0.113.7:10901\n    - 10.2.0.1:31000 # us monitoring/thanos\n",
    );
    let run = diff(&room);
    assert!(run.code == 0 && run.stdout.contains("THC106") && run.stdout.contains(command), "{}", run.stdout);
    assert_eq!(update(&room, &["--remove-cluster", "us", "--check"]).code, 1);
}

#[test]
fn a_store_of_a_service_that_was_not_looked_for_stays() {
    let room = room();
    let mut fleet = fleet();
    let services = fleet["clusters"][0]["services"].as_array_mut().unwrap();
    services[0]["labels"]["side"] = json!("a");
    let mut other = services[0].clone();
    (other["namespace"], other["labels"]["side"], other["selector"]) =
        (json!("team"), json!("b"), json!({"app": "other"}));
    other["loadBalancerIngress"] = json!([{"ip": "203.0.113.9"}]);
    services.push(other);
    room.file("fleet.json", &fleet.to_string());
    assert_eq!(update(&room, &[]).code, 0);
    let before = room.text("values.yaml");
    assert!(before.contains("203.0.113.9:10901\" # eu team/thanos\n"), "{before}");
    for narrow in [&["-n", "monitoring"][..], &["-l", "side=a"], &["-n", "monitoring", "-l", "side=a"]] {
        let run = room.run(&[&["diff", "values.yaml", "--inventory", "fleet.json"], narrow].concat());
        assert_eq!(run.code, 3, "{narrow:?}: {}", run.stdout);
        let told = "warning[THC105]: `203.0.113.9:10901` is of eu team/thanos, which was not looked for";
        assert!(run.stdout.contains(told), "{narrow:?}: {}", run.stdout);
        assert_eq!(update(&room, &[narrow, &["--check"]].concat()).code, 0, "{narrow:?}");
        assert_eq!((update(&room, narrow).code, room.text("values.yaml")), (0, before.clone()), "{narrow:?}");
    }
    // What was looked for and is gone does go, and what the settings leave out.
    fleet["clusters"][0]["services"].as_array_mut().unwrap().remove(0);
    room.file("fleet.json", &fleet.to_string());
    assert_eq!(update(&room, &["-n", "monitoring"]).code, 0);
    let text = room.text("values.yaml");
    assert!(!text.contains("203.0.113.7") && text.contains("203.0.113.9"), "{text}");
    room.file("thanosctl.yaml", "services: {exclude: [team/thanos]}\n");
    assert_eq!(update(&room, &["-n", "monitoring"]).code, 0);
    assert!(!room.text("values.yaml").contains("203.0.113.9"));
}

#[test]
fn after_a_pure_rename_diff_and_update_agree() {
    let room = room();
    let settings = |names: [&str; 2]| {
        format!("clusters: [{{context: eu, name: {}}}, {{context: us, name: {}}}]\n", names[0], names[1])
    };
    for names in [["eu", "us"], ["frankfurt", "us"], ["us", "eu"], ["frankfurt", "ohio"]] {
        room.file("thanosctl.yaml", &settings(names));
        let before = room.text("values.yaml");
        assert_eq!((diff(&room).code, update(&room, &["--check"]).code), (0, 0), "{names:?}");
        assert_eq!((update(&room, &[]).code, room.text("values.yaml")), (0, before));
    }
    // What the context was called is still known when the Service moves, in a cluster of another name.
    room.file("thanosctl.yaml", &settings(["frankfurt", "ohio"]));
    let mut fleet = fleet();
    fleet["clusters"][0]["services"][0]["loadBalancerIngress"][0]["ip"] = json!("203.0.113.8");
    room.file("fleet.json", &fleet.to_string());
    let expected = room.text("values.yaml").replace("203.0.113.7:10901\" # eu m", "203.0.113.8:10901\" # frankfurt m");
    assert_eq!((diff(&room).code, update(&room, &[]).code), (1, 0));
    assert_eq!(room.text("values.yaml"), expected);
}

#[test]
fn a_mark_that_is_true_no_more_is_told_and_taken_away() {
    let marked = RIGHT.replace("us monitoring/thanos", "us monitoring/thanos, kept: the cluster could not be read");
    let room = with(&marked);
    let run = diff(&room);
    assert!(run.code == 1 && run.stdout.contains("THC122"), "{}", run.stdout);
    assert_eq!((update(&room, &["--check"]).code, update(&room, &[]).code, diff(&room).code), (1, 0, 0));
    assert_eq!(room.text("values.yaml"), format!("query:\n  stores:\n{RIGHT}"));
}

#[derive(Debug, Clone)]
struct Line {
    address: &'static str,
    comment: Option<String>,
    quote: &'static str,
}

/// Addresses of the fleet, of a Service that has moved, and of nobody.
const ADDRESSES: [&str; 8] = [
    "203.0.113.7:10901",
    "203.0.113.7:9",
    "10.2.0.1:31000",
    "10.2.0.2:31000",
    "10.2.0.2:7",
    "192.0.2.1:10901",
    "query.example.net:443",
    "{{ .Values.more }}:1",
];

fn line() -> impl Strategy<Value = Line> {
    let comment = prop_oneof![
        Just(None),
        prop::sample::select(&THEIRS[..]).prop_map(|comment| Some(comment.to_owned())),
        Just(Some("eu monitoring/thanos".to_owned())),
        Just(Some("us monitoring/thanos, kept: the Service had no address".to_owned())),
        Just(Some("us monitoring/gone".to_owned())),
        "[a-z:/,.]{1,6}( [a-z/,:]{1,9}){0,3}".prop_map(Some),
    ];
    (prop::sample::select(&ADDRESSES[..]), comment, prop::sample::select(&["'", "\""][..]))
        .prop_map(|(address, comment, quote)| Line { address, comment, quote })
}

proptest! {
    // Each case is some runs of the program.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_comment_of_people_and_no_foreign_store_is_ever_lost(
        lines in prop::collection::vec(line(), 0..7),
        is_block in any::<bool>(),
        above in prop::option::of(prop::sample::select(&["# eu monitoring/thanos", "# - old:1 # us x/y"][..])),
    ) {
        let item = |line: &Line| {
            let comment = line.comment.as_ref().map(|comment| format!(" # {comment}")).unwrap_or_default();
            let comma = if is_block { "" } else { "," };
            let dash = if is_block { "- " } else { "" };
            format!("    {dash}{q}{}{q}{comma}{comment}\n", line.address, q = line.quote)
        };
        let items: String = lines.iter().map(item).collect();
        let above = above.map(|above| format!("    {above}\n")).unwrap_or_default();
        let text = match (is_block, lines.is_empty()) {
            (_, true) => format!("query:\n{above}  stores: [] # none\n"),
            (true, _) => format!("query:\n  stores: # all\n{above}{items}"),
            (false, _) => format!("query:\n  stores: [ # all\n{above}{items}  ] # eu monitoring/gone\n"),
        };
        let room = with("");
        room.file("values.yaml", &text);
        let run = update(&room, &[]);
        prop_assert!(run.code == 0 || run.code == 2, "{:?}", run);
        let after = room.text("values.yaml");
        for line in &lines {
            let ours = ["eu monitoring/thanos", "us monitoring/thanos, kept: the Service had no address", "us monitoring/gone"];
            if let Some(comment) = line.comment.as_deref().filter(|comment| !ours.contains(comment)) {
                let count = |text: &str| text.matches(&format!("# {comment}\n")).count();
                prop_assert!(count(&after) >= count(&text), "{}\n--- from\n{}", after, text);
            }
            let is_foreign = line.address.starts_with(['1', 'q', '{']) && !line.address.starts_with("10.");
            if is_foreign && line.comment.as_deref().is_none_or(|comment| !ours.contains(&comment)) {
                prop_assert!(after.contains(line.address), "{}\n--- from\n{}", after, text);
            }
        }
        prop_assert!(after.contains(above.as_str()), "{}\n--- from\n{}", after, text);
        if run.code == 0 {
            // And then diff has nothing that it would advise --update for.
            prop_assert_eq!(update(&room, &["--check"]).code, 0, "{}", after);
            let run = diff(&room);
            prop_assert!(run.code == 0, "{}\n{}\n--- from\n{}", run.stdout, after, text);
        }
    }
}
