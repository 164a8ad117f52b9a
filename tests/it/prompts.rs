//! What somebody at a terminal is asked, and what becomes of each answer.

use std::cell::Cell;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use serde_json::json;

use crate::fake_api::{FakeApi, Reply};
use crate::fake_services::{Cluster, headless, plain};
use crate::live;
use crate::program::{Room, follow, on_a_screen, say, shown};

const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";

/// What stands behind a list of Services.
const LIST: &str = "esc: stop):";

/// The last lines that a screen of 80 columns shows in the end; on it the cursor is visible.
fn last(screen: &str, lines: usize) -> String {
    let shown = shown(screen, 80);
    let all: Vec<&str> = shown.trim_end().lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

fn three() -> Cluster {
    Cluster::start(["a", "b", "c"].map(|name| plain(name, "ClusterIP")).to_vec())
}

const CHANGE: [&str; 4] = ["patch-nodeport", "default/a", "default/b", "default/c"];

fn types(cluster: &Cluster) -> String {
    let types = ["a", "b", "c"].map(|name| cluster.service(name)["spec"]["type"].as_str().unwrap().to_owned());
    types.join(" ")
}

#[test]
fn one_key_answers_a_question_and_all_but_a_yes_changes_nothing() {
    let question = "change this Service of cluster eu?";
    for (keys, code, answered) in [
        ("y", 0, "yes"),
        ("Y", 0, "yes"),
        ("n", 130, "no"),
        ("\r", 130, "no"),
        ("xn", 130, "no"),
        (ESCAPE, 130, ""),
        ("q", 130, ""),
    ] {
        let cluster = Cluster::start(vec![plain("a", "ClusterIP")]);
        let (ended, screen) = cluster.room().on_a_screen(&CHANGE[..2], Some(80), say(keys));
        assert_eq!((ended, cluster.writes().is_empty()), (code, code != 0), "{keys:?}: {screen}");
        let line = format!("{question} {answered}");
        let all = shown(&screen, 80);
        assert!(all.lines().any(|shown| shown == line.trim_end()), "{keys:?}: {all}");
        assert!(!all.contains("[y/N]"), "{keys:?}: {all}");
        if code == 130 {
            assert_eq!(last(&screen, 2), format!("{}\nnothing was changed", line.trim_end()), "{keys:?}");
        }
    }
}

#[test]
fn ctrl_c_at_a_question_changes_nothing_and_gives_the_cursor_back() {
    let undo = ["patch-nodeport", "--undo"];
    let cluster = Cluster::start(vec![plain("a", "ClusterIP")]);
    let room = cluster.room();
    for arguments in [&CHANGE[..2], &undo] {
        if arguments == undo {
            assert_eq!(room.run(&[&CHANGE[..2], &["--yes"]].concat()).code, 0);
        }
        let before = cluster.writes().len();
        let (code, screen) = room.on_a_screen(arguments, Some(80), say(CTRL_C));
        assert_eq!((code, cluster.writes().len()), (130, before), "{screen}");
        let end = last(&screen, 2);
        assert!(end.contains("? [y/N] \nnothing was changed") && screen.contains("\u{1b}[?25l"), "{end}");
    }
    let (code, screen) = room.on_a_screen(&undo, Some(80), say("y"));
    assert_eq!((code, cluster.service("a")["spec"]["type"].as_str()), (0, Some("ClusterIP")), "{screen}");
}

#[test]
fn services_are_taken_out_of_a_plan_before_it_is_carried_out() {
    for (keys, answer, code, expected) in [
        ("\r", "y", 0, "NodePort NodePort NodePort"),
        (" \r", "y", 0, "ClusterIP NodePort NodePort"),
        ("j jj \r", "y", 0, "ClusterIP ClusterIP NodePort"),
        ("ajj \r", "y", 0, "ClusterIP ClusterIP NodePort"),
        ("aa\r", "y", 0, "NodePort NodePort NodePort"),
        (" \r", "n", 130, "ClusterIP ClusterIP ClusterIP"),
    ] {
        let cluster = three();
        let steps = [(LIST, keys), ("[y/N] ", answer)];
        let (ended, screen) = cluster.room().on_a_screen(&CHANGE, Some(80), follow(steps));
        let all = shown(&screen, 80);
        assert_eq!((ended, types(&cluster).as_str()), (code, expected), "{keys:?}: {all}");
        assert!(!all.contains("[x]") && !all.contains(LIST), "the list is gone: {all}");
    }
    let cluster = three();
    let (_, screen) = cluster.room().on_a_screen(&CHANGE, Some(80), follow([(LIST, " jj \r"), ("[y/N] ", ESCAPE)]));
    insta::assert_snapshot!(shown(&screen, 80));
}

#[test]
fn a_list_from_which_nothing_is_chosen_changes_nothing() {
    for keys in ["a\r", "   \r", ESCAPE, "q", CTRL_C, "j\u{3}"] {
        // Three blanks take the first one out; the others go by hand.
        let keys = if keys == "   \r" { " j j \r" } else { keys };
        let cluster = three();
        let (code, screen) = cluster.room().on_a_screen(&CHANGE, Some(80), follow([(LIST, keys)]));
        assert_eq!((code, cluster.writes().len()), (130, 0), "{keys:?}: {screen}");
        assert_eq!(last(&screen, 1), "nothing was changed", "{keys:?}");
        assert!(screen.contains("\u{1b}[?25l") && !screen.contains("[y/N]"), "{keys:?}: {screen}");
    }
}

#[test]
fn new_services_are_chosen_one_by_one_too() {
    let expose = ["expose", "default/kps"];
    for (keys, code, made) in [
        (&[(LIST, "\r"), ("[y/N] ", "y")][..], 0, [true, true]),
        (&[(LIST, " \r"), ("[y/N] ", "y")], 0, [false, true]),
        (&[(LIST, "a\r")], 130, [false, false]),
        (&[(LIST, ESCAPE)], 130, [false, false]),
        (&[(LIST, CTRL_C)], 130, [false, false]),
        (&[(LIST, "\r"), ("[y/N] ", CTRL_C)], 130, [false, false]),
    ] {
        let cluster = Cluster::start(vec![headless()]);
        let (ended, screen) = cluster.room().on_a_screen(&expose, Some(80), follow(keys.iter().copied()));
        let all = shown(&screen, 80);
        let exists = ["kps-ext-0", "kps-ext-1"].map(|name| !cluster.service(name).is_null());
        assert_eq!((ended, exists), (code, made), "{keys:?}: {all}");
        assert_eq!(all.trim_end().ends_with("nothing was changed"), code == 130, "{keys:?}: {all}");
    }
    let cluster = Cluster::start(vec![headless()]);
    let room = cluster.room();
    assert_eq!(room.run(&[&expose[..], &["--yes"]].concat()).code, 0);
    for (keys, code, left) in [("n", 130, 2), (ESCAPE, 130, 2), (CTRL_C, 130, 2), ("y", 0, 0)] {
        let (ended, screen) = room.on_a_screen(&["expose", "--undo"], Some(80), say(keys));
        let there =
            ["kps-ext-0", "kps-ext-1"].map(|name| cluster.service(name)).iter().filter(|it| !it.is_null()).count();
        assert_eq!((ended, there), (code, left), "{keys:?}: {screen}");
        shown(&screen, 80);
    }
}

#[test]
fn a_list_fits_the_screen_whatever_its_services_are_called() {
    let names: Vec<String> = (0..40).map(|n| format!("{}-{n:02}", "kube-prometheus-stack-".repeat(2))).collect();
    let cluster = Cluster::start(names.iter().map(|name| plain(name, "ClusterIP")).collect());
    let named: Vec<String> = names.iter().map(|name| format!("default/{name}")).collect();
    let arguments: Vec<&str> = ["patch-nodeport"].into_iter().chain(named.iter().map(String::as_str)).collect();
    for (columns, page) in [(80, "[Page 2/2]"), (60, "[Page 2/2]")] {
        // What is on the screen when the second page is: Ctrl-C leaves it there.
        let list = if columns == 80 { LIST } else { "which Services?:" };
        let (code, screen) =
            cluster.room().on_a_screen(&arguments, Some(columns), follow([(list, "k "), ("> [ ]", CTRL_C)]));
        assert_eq!((code, cluster.writes().len()), (130, 0));
        let all = shown(&screen, columns);
        let items: Vec<&str> = all.lines().filter(|line| line.contains("[x]") || line.contains("[ ]")).collect();
        assert_eq!(items.len(), 18, "{all}");
        assert!(items.iter().all(|item| item.contains("ClusterIP → NodePort") && item.contains("eu def")), "{all}");
        assert!(items[17].starts_with("> [ ]") && all.contains(page), "{all}");
    }
}

#[test]
fn without_a_screen_that_draws_there_is_a_line_to_type() {
    let cluster = three();
    let room = cluster.room();
    let dumb = |keys| {
        let mut command = room.command(&CHANGE);
        command.env("TERM", "dumb");
        on_a_screen(command, Some(80), say(keys))
    };
    for keys in ["n\n", "\n", "yesterday\n", "\u{4}", CTRL_C] {
        let (code, screen) = dumb(keys);
        assert_eq!((code, cluster.writes().len()), (130, 0), "{keys:?}: {screen}");
        assert!(screen.ends_with("\r\nnothing was changed\r\n"), "{keys:?}: {screen:?}");
        assert!(!screen.contains(ESCAPE), "{keys:?}: {screen:?}");
    }
    let (code, screen) = dumb("yes\n");
    assert_eq!((code, types(&cluster).as_str()), (0, "NodePort NodePort NodePort"), "{screen}");
    assert!(screen.contains("change these 3 Services of cluster eu? [y/N] yes\r\n") && !screen.contains(ESCAPE));
}

#[test]
fn colour_is_left_out_where_it_is_not_wanted() {
    let cluster = three();
    let mut command = cluster.room().command(&CHANGE);
    command.env("NO_COLOR", "1");
    let room = cluster.room();
    command.current_dir(room.path("")).env("HOME", room.path(""));
    let (code, screen) = on_a_screen(command, Some(80), follow([(LIST, "j \r"), ("[y/N] ", "n")]));
    assert_eq!(code, 130, "{screen}");
    let styled = screen
        .split(ESCAPE)
        .skip(1)
        .filter(|rest| rest.find(char::is_alphabetic).is_some_and(|at| rest[at..].starts_with('m')));
    assert_eq!(styled.count(), 0, "{screen:?}");
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let (go_on, waits) = channel();
    let waits = Mutex::new(waits);
    let service = plain("a", "ClusterIP");
    let api = FakeApi::start(move |seen| match (seen.method.as_str(), seen.path()) {
        ("GET", path) if path.ends_with("/services/a") => {
            let _ = waits.lock().unwrap().recv();
            Reply::Json(200, service.clone())
        }
        ("GET", "/api/v1/nodes") => Reply::page(seen, "NodeList", &[crate::fake_api::node("node-1")]),
        ("GET", _) => Reply::page(seen, "EndpointSliceList", &[]),
        _ => Reply::status(404, "NotFound", "x"),
    });
    let room = live::room(&[("eu", &api.url())]);
    // The shell types first, so that there is something to see before the program is asked anything.
    let mut command = Command::new("/bin/sh");
    let program = room.command(&CHANGE[..2]);
    command.args(["-c", "echo ready; exec \"$0\" \"$@\""]).arg(program.get_program()).args(program.get_args());
    command.current_dir(room.path("")).env_clear().env("HOME", room.path(""));
    let step = Cell::new(0);
    let (code, screen) = on_a_screen(command, Some(80), |screen| {
        let (text, keys) =
            [("ready", Some("kubectl apply\ny\ny")), ("y\r\ny", None), ("[y/N] ", Some("n"))][step.get().min(2)];
        screen.contains(text).then(|| step.set(step.get() + 1))?;
        if step.get() == 2 {
            go_on.send(()).unwrap();
        }
        keys.filter(|_| step.get() < 4)
    });
    assert_eq!(code, 130, "{screen}");
    assert!(shown(&screen, 80).contains("? no\nnothing was changed"), "{screen}");
    assert!(api.requests().iter().all(|seen| seen.method == "GET"));
}

/// The same command, behind which a shell prints how the terminal is set.
fn then_settings(room: &Room, arguments: &[&str], before: &str) -> Command {
    let program = room.command(arguments);
    let mut command = Command::new("/bin/sh");
    let script =
        format!("trap : INT; {before}sh -c '{before}exec \"$0\" \"$@\"' \"$0\" \"$@\"; code=$?; stty -a; exit $code");
    command.args(["-c", &script]).arg(program.get_program()).args(program.get_args());
    command.current_dir(room.path("")).env_clear().env("HOME", room.path(""));
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command
}

#[test]
fn the_terminal_is_set_as_before_however_the_asking_ends() {
    let cluster = three();
    for keys in ["\r", ESCAPE, CTRL_C] {
        let room = cluster.room();
        let (code, screen) =
            on_a_screen(then_settings(&room, &CHANGE, ""), Some(80), follow([(LIST, keys), ("[y/N] ", CTRL_C)]));
        assert_eq!(code, 130, "{screen}");
        let words: Vec<&str> = screen.split_whitespace().collect();
        for flag in ["icanon", "echo", "isig", "icrnl", "opost"] {
            assert!(words.contains(&flag), "{keys:?}, {flag}: {screen}");
        }
        // `stty` shows which key interrupts.
        let before = screen.split("speed ").next().unwrap();
        assert!(!before.contains("^C"), "no key is shown: {screen}");
    }
}

#[test]
fn a_program_that_is_killed_while_it_asks_gives_the_terminal_back() {
    let cluster = three();
    let room = cluster.room();
    let program = room.command(&CHANGE);
    let kill = "(while [ ! -e go ]; do sleep 0.05; done; kill -TERM $$) &";
    let script = format!("sh -c '{kill} exec \"$0\" \"$@\"' \"$0\" \"$@\"; code=$?; stty -a; exit $code");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).arg(program.get_program()).args(program.get_args());
    command.current_dir(room.path("")).env_clear().env("HOME", room.path(""));
    command.env("PATH", std::env::var_os("PATH").unwrap());
    let (code, screen) = on_a_screen(command, Some(80), |screen| {
        if screen.contains(LIST) && screen.contains("default/c: ") {
            std::fs::write(room.path("go"), "").unwrap();
        }
        None
    });
    assert_eq!(code, 143, "{screen}");
    let words: Vec<&str> = screen.split_whitespace().collect();
    assert!(words.contains(&"icanon") && words.contains(&"echo") && !words.contains(&"-echo"), "{screen}");
    assert!(shown(&screen, 80).contains("nothing was changed\n"), "{screen}");
}

/// A room whose kubeconfig has these contexts, none of which is current.
fn without_current(servers: &[(&str, &str)]) -> Room {
    let room = live::room(servers);
    let text = room.text(".kube/config").replace("current-context", "preferences-of-old");
    room.file(".kube/config", &text);
    room
}

const WHICH: &str = "which context?";

#[test]
fn where_no_context_is_current_one_is_chosen() {
    let (eu, us) = (live::cluster("203.0.113.7"), live::cluster("203.0.113.8"));
    let room = without_current(&[("prod-eu", &eu.url()), ("prod-us", &us.url())]);
    for (keys, address, name) in [
        ("\r", "203.0.113.7", "prod-eu"),
        ("\u{1b}[B\r", "203.0.113.8", "prod-us"),
        ("us\r", "203.0.113.8", "prod-us"),
        ("xx\u{7f}\u{7f}pus\r", "203.0.113.8", "prod-us"),
    ] {
        let (code, screen) = room.on_a_screen(&["discover"], Some(80), follow([(WHICH, keys)]));
        let all = shown(&screen, 80);
        assert_eq!(code, 0, "{keys:?}: {all}");
        assert!(all.contains(&format!("{address}:10901")), "{keys:?}: {all}");
        assert!(
            all.starts_with(&format!("the kubeconfig has no current context; without a question: --context {name}\n")),
            "{all}"
        );
    }
}

#[test]
fn where_no_context_is_chosen_no_cluster_is_asked() {
    let eu = live::cluster("203.0.113.7");
    let room = without_current(&[("prod-eu", &eu.url()), ("prod-us", &eu.url())]);
    for arguments in
        [&["discover"][..], &["gen-values"], &["patch-nodeport", "a/b"], &["expose"], &["expose", "--undo"]]
    {
        for keys in [ESCAPE, "e\u{3}", CTRL_C] {
            let (code, screen) = room.on_a_screen(arguments, Some(80), follow([(WHICH, keys)]));
            assert_eq!(code, 130, "{arguments:?} {keys:?}: {screen}");
            assert_eq!(
                last(&screen, 1),
                "nothing was chosen, and nothing was changed",
                "{arguments:?} {keys:?}: {screen}"
            );
        }
    }
    // Where nobody may be asked, or no list can be drawn, it is an error as ever.
    let refused = |(code, screen): (i32, String)| {
        assert_eq!(code, 2, "{screen}");
        assert!(
            screen.contains("the kubeconfig has no current context") && screen.contains("--context NAME"),
            "{screen}"
        );
        assert!(!screen.contains(WHICH), "{screen}");
    };
    for (name, value) in [("TERM", "dumb"), ("CI", "true")] {
        let mut command = room.command(&["discover"]);
        command.env(name, value);
        refused(on_a_screen(command, Some(80), |_| None));
    }
    refused(room.on_a_screen(&["discover", "--no-input"], Some(80), |_| None));
    let run = room.run(&["discover"]);
    refused((run.code, run.stderr));
    assert!(eu.requests().is_empty());
}

#[test]
fn a_context_that_was_chosen_is_named_in_what_the_run_advises() {
    let empty = FakeApi::with(vec![], vec![], vec![]);
    let room = without_current(&[("a b", &empty.url()), ("c", &empty.url())]);
    let (code, screen) = room.on_a_screen(&["gen-values"], Some(80), follow([(WHICH, "\r")]));
    assert_eq!(code, 2, "{screen}");
    assert!(screen.contains("kubectl get services -A --context 'a b'"), "{screen}");
}

#[test]
fn names_of_strangers_do_nothing_to_the_screen_and_look_like_no_other() {
    let (bad, good) = (live::cluster("203.0.113.7"), live::cluster("203.0.113.8"));
    let long = "arn:aws:eks:eu-west-1:123456789012:cluster/".to_owned() + &"x".repeat(80);
    let names = ["a\u{1b}[2J\u{7}", "a\\u{1b}[2J\\u{7}", "日本\u{202e}", &long];
    let servers: Vec<(&str, String)> =
        names.iter().enumerate().map(|(at, name)| (*name, if at == 1 { good.url() } else { bad.url() })).collect();
    let servers: Vec<(&str, &str)> = servers.iter().map(|(name, url)| (*name, url.as_str())).collect();
    let room = without_current(&servers);
    let (code, screen) = room.on_a_screen(&["discover"], Some(80), follow([(WHICH, "\u{1b}[B\u{3}")]));
    assert_eq!(code, 130);
    assert!(!screen.contains("[2J\u{7}") && !screen.contains('\u{202e}'), "{screen:?}");
    insta::assert_snapshot!(shown(&screen, 80));
    let (_, screen) = room.on_a_screen(&["discover"], Some(80), follow([(WHICH, "\u{1b}[B\r")]));
    assert!(good.requests().len() > 1 && bad.requests().is_empty(), "the second is the second: {screen}");
}

#[test]
fn a_long_question_is_broken_into_lines_and_leaves_nothing_behind() {
    let name = "a-service-with-a-long-name-as-charts-give-them-to-their-services";
    let context = "arn:aws:eks:eu-west-1:123456789012:cluster/production-of-the-customers-in-europe";
    let cluster = Cluster::start(vec![plain(name, "ClusterIP")]);
    let room = Room::new();
    let config = json!({"kind": "Config", "current-context": context,
        "contexts": [{"name": context, "context": {"cluster": "eu"}}],
        "clusters": [{"name": "eu", "cluster": {"server": cluster.api.url()}}]});
    room.file(".kube/config", &config.to_string());
    let named = format!("default/{name}");
    let (code, screen) = room.on_a_screen(&["patch-nodeport", &named], Some(80), say("n"));
    assert_eq!(code, 130);
    assert!(last(&screen, 4).starts_with("change this Service of cluster\n"), "{}", shown(&screen, 80));
    insta::assert_snapshot!(last(&screen, 4));
}
