//! Which clusters are chosen, by what was typed; what is said when there is none of that name, or many that are down.

use crate::live::{cluster, room};
use crate::program::Room;

/// A room with forty contexts that nobody answers, each with a server of its own; one of them may be at `alive`.
fn dead_fleet(alive: Option<&str>) -> Room {
    let urls: Vec<(String, String)> = (0..40)
        .map(|n| match alive {
            Some(url) if n == 7 => (format!("c{n:02}"), url.to_owned()),
            Some(_) | None => (format!("c{n:02}"), format!("http://127.0.0.1:{}", 1 + n % 2)),
        })
        .collect();
    room(&urls.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect::<Vec<_>>())
}

#[test]
fn clusters_that_are_down_for_one_reason_are_told_at_once() {
    let room = dead_fleet(None);
    room.file("values.yaml", "query:\n  stores: [\"192.0.2.1:10901\"]\n");
    for verb in [&["discover"][..], &["gen-values"], &["diff", "values.yaml"], &["patch-nodeport"], &["expose"]] {
        let run = room.run(&[verb, &["--all-contexts"]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{verb:?}");
        assert_eq!(run.stderr.matches("error:").count(), 1, "{}", run.stderr);
        assert_eq!(run.stderr.matches("connection refused").count(), 1, "{}", run.stderr);
        let begin =
            "error: cannot read 40 clusters: `c00` at `127.0.0.1:1`, `c01` at `127.0.0.1:2`, `c02` at `127.0.0.1:1`";
        assert!(run.stderr.starts_with(begin), "{}", run.stderr);
        assert!((0..40).all(|n| run.stderr.contains(&format!("`c{n:02}`"))), "{}", run.stderr);
    }
}

#[test]
fn with_allow_partial_they_are_one_warning() {
    let api = cluster("203.0.113.7");
    let room = dead_fleet(Some(&api.url()));
    let run = room.run(&["gen-values", "--all-contexts", "--allow-partial"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stdout.contains("203.0.113.7:10901"), "{}", run.stdout);
    assert!(run.stderr.contains("warning: left out: cannot read 39 clusters: `c00` at"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("connection refused").count(), 1, "{}", run.stderr);
    let shown = room.run(&["discover", "--all-contexts"]);
    assert_eq!(shown.code, 3, "{}", shown.stderr);
    assert!(shown.stderr.ends_with("1 store in 1 cluster, 39 clusters unreadable\n"), "{}", shown.stderr);
}

const EKS: &str = "arn:aws:eks:eu-west-1:123:cluster/prod";

#[test]
fn a_context_that_does_not_exist_is_told_with_those_that_are_near() {
    let many: Vec<String> = (0..12).map(|n| format!("lab-{n:02}")).collect();
    let mut servers: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "http://127.0.0.1:1")).collect();
    servers.push((EKS, "http://127.0.0.1:1"));
    let room = room(&servers);
    for (name, meant) in [("prod", EKS), ("prdo", EKS), ("lab-3", "lab-03"), ("LAB-07", "lab-07")] {
        let run = room.run(&["discover", "--context", name]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(
            run.stderr.starts_with(&format!(
                "error: no context of the kubeconfig is named `{name}`\nhint: did you mean `{meant}`?\n"
            )),
            "{}",
            run.stderr
        );
        assert!(run.stderr.ends_with("lab-08, and 3 more\n"), "{}", run.stderr);
    }
    room.file("thanosctl.yaml", &format!("clusters: [{{context: '{EKS}', name: eu-1}}, {{context: lab-01}}]\n"));
    let run = room.run(&["discover", "--context", "eu1"]);
    assert!(
        run.stderr.starts_with(
            "error: no context of the kubeconfig, and no cluster of the settings is named `eu1`\nhint: did you mean `eu-1`?\n"
        ),
        "{}",
        run.stderr
    );
    room.file("thanosctl.yaml", "clusters: [{context: gone}, {context: lab-01}, {context: lost}]\n");
    let run = room.run(&["discover"]);
    assert!(
        run.stderr.starts_with(
            "error: 2 contexts of the settings are not in the kubeconfig\n  caused by: it has no `gone`, `lost`\n"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn a_cluster_of_the_settings_is_chosen_by_its_name() {
    let (eu, us) = (cluster("203.0.113.7"), cluster("203.0.113.8"));
    let room = room(&[(EKS, &eu.url()), ("prod-us", &us.url())]);
    room.file(
        "thanosctl.yaml",
        &format!(
            "clusters:\n- {{context: '{EKS}', name: eu-1}}\n- {{context: prod-us, name: us-1}}\n- {{name: edge-7, \
             endpoints: ['edge.example:10901']}}\n"
        ),
    );
    let names = |contexts: &[&str]| {
        let flags = contexts.iter().flat_map(|context| ["--context", context]);
        let run = room.run(&["discover", "-o", "name"].into_iter().chain(flags).collect::<Vec<_>>());
        assert_eq!(run.code, 0, "{contexts:?} {}", run.stderr);
        run.stdout.replace("/monitoring/thanos", "")
    };
    assert_eq!(names(&["us-1"]), "us-1\n");
    assert_eq!(names(&["prod-us"]), "us-1\n");
    assert_eq!(names(&["*-1"]), "eu-1\nus-1\n");
    assert_eq!(names(&["*-1", "!eu-*"]), "us-1\n");
    assert_eq!(names(&["!eu-1"]), "us-1\n");
    let before = (eu.requests().len(), us.requests().len());
    let fixed = room.run(&["discover", "--context", "edge-7", "--kubeconfig", "none"]);
    assert_eq!(fixed.code, 0, "{}", fixed.stderr);
    assert!(fixed.stdout.contains("edge.example:10901"), "{}", fixed.stdout);
    assert_eq!((eu.requests().len(), us.requests().len()), before);
    let both = room.run(&["gen-values", "--context", "edge-7", "--context", "us-1"]);
    assert!(both.stdout.contains("edge.example:10901") && both.stdout.contains("203.0.113.8:10901"), "{}", both.stderr);
}

#[test]
fn what_is_read_from_an_inventory_is_narrowed_by_the_same_flags() {
    let (eu, us) = (cluster("203.0.113.7"), cluster("203.0.113.8"));
    let room = room(&[(EKS, &eu.url()), ("prod-us", &us.url())]);
    let inventory = room.run(&["discover", "--all-contexts", "-o", "yaml"]).stdout;
    room.file("fleet.yaml", &inventory);
    let names = |flags: &[&str]| {
        let run = room.run(&[&["discover", "-o", "name", "--inventory", "fleet.yaml"], flags].concat());
        (run.code, run.stdout.replace("/monitoring/thanos", ""), run.stderr)
    };
    let none = String::new;
    assert_eq!(names(&["--context", "prod-us"]), (0, "prod-us\n".to_owned(), none()));
    assert_eq!(names(&["--context", "!prod-us"]), (0, format!("{EKS}\n"), none()));
    assert_eq!(names(&["--all-contexts", "-A"]), (0, format!("{EKS}\nprod-us\n"), none()));
    assert_eq!(names(&["-n", "monitoring", "-l", "app.kubernetes.io/component=thanos-sidecar"]).0, 0);
    for narrow in [["-n", "other"], ["-l", "app=other"]] {
        assert_eq!(names(&narrow).1, "", "{narrow:?}");
    }
    let (code, _, said) = names(&["--context", "prod"]);
    assert_eq!(code, 2);
    assert_eq!(
        said,
        format!(
            "error: no cluster of the inventory is named `prod`\nhint: did you mean `{EKS}`?\n      the contexts of the \
             inventory are {EKS}, prod-us\n"
        )
    );
    assert_eq!(names(&["-l", "a b"]).0, 2);
    room.file(
        "thanosctl.yaml",
        &format!("clusters: [{{context: '{EKS}', name: eu-1}}, {{context: prod-us, name: us-1}}, {{context: new}}]\n"),
    );
    assert_eq!(names(&["--context", "us-1"]), (0, "us-1\n".to_owned(), none()));
    assert_eq!(names(&["--context", "*-1"]), (0, "eu-1\nus-1\n".to_owned(), none()));
    let (code, _, said) = names(&["--context", "new"]);
    assert!(code == 2 && said.contains("the inventory lacks cluster `new`"), "{said}");
    let values = room.run(&["gen-values", "--inventory", "fleet.yaml", "--context", "us-1"]);
    assert!(values.stdout.contains("203.0.113.8") && !values.stdout.contains("203.0.113.7"), "{}", values.stderr);
}

#[test]
fn at_eighty_columns_the_table_breaks_no_word() {
    let room = Room::new();
    let inventory = crate::program::fixture("services/kinds.json");
    let wide = room.run(&["discover", "--inventory", &inventory]);
    let (code, screen) = room.on_a_screen(&["discover", "--inventory", &inventory], Some(80), |_| None);
    assert_eq!(code, 0);
    let words = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(words(&screen), words(&(wide.stdout.clone() + &wide.stderr)));
    assert!(screen.lines().filter(|line| line.contains(' ')).all(|line| line.chars().count() <= 80), "{screen}");
    assert!(!wide.stdout.contains("REASON"), "{}", wide.stdout);
    assert!(room.run(&["discover", "-o", "wide", "--inventory", &inventory]).stdout.contains("REASON"));
}
