//! Credential plugins that ask somebody.

use serde_json::json;

use crate::program::Room;

/// A room with a kubeconfig of clusters that nobody answers for, `a` to the last; their users' plugin asks for a password, and
/// hands it over as a token.
fn room(mode: &str, contexts: &[&str]) -> Room {
    let credential =
        r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}"#;
    let script = format!("printf 'Password: ' >&2; read answer && printf '{credential}' \"$answer\"");
    let named = |key: &str, entry: &dyn Fn(&str) -> serde_json::Value| {
        contexts.iter().map(|name| json!({"name": name, key: entry(name)})).collect::<Vec<_>>()
    };
    let exec = json!({"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "args": ["-c", script],
        "interactiveMode": mode});
    let config = json!({
        "current-context": contexts[0],
        "clusters": named("cluster", &|_| json!({"server": "https://127.0.0.1:1"})),
        "contexts": named("context", &|name| json!({"cluster": name, "user": name})),
        // Each has a plugin of its own.
        "users": named("user", &|name| {
            let mut exec = exec.clone();
            exec["args"].as_array_mut().unwrap().push(name.into());
            json!({"exec": exec})
        }),
    });
    let room = Room::new();
    room.file("kubeconfig", &config.to_string());
    room
}

const ASK: [&str; 3] = ["discover", "--kubeconfig", "kubeconfig"];

/// Types the password whenever it is asked for.
fn password(screen: &str) -> Option<&'static str> {
    screen.ends_with("Password: ").then_some("hunter2\n")
}

#[test]
fn a_plugin_that_must_ask_is_given_the_terminal_one_at_a_time() {
    let room = room("Always", &["a", "b"]);
    let (code, screen) = room.on_a_terminal(&[&ASK[..], &["--all-contexts"]].concat(), password);
    assert_eq!(code, 2, "{screen}");
    assert_eq!(screen.matches("Password: ").count(), 2, "{screen}");
    for context in ["a", "b"] {
        assert!(
            screen.contains(&format!("context `{context}`: the credential plugin `/bin/sh` may ask you now")),
            "{screen}"
        );
    }
    assert!(screen.contains("cannot read 2 clusters: `a`, `b`"), "{screen}");
    assert!(screen.contains("nothing listens at `127.0.0.1:1`"), "with credentials the servers are asked: {screen}");
}

#[test]
fn a_plugin_that_may_ask_is_given_the_terminal_when_its_cluster_is_the_only_one() {
    let room = room("IfAvailable", &["a", "b"]);
    let (code, screen) = room.on_a_terminal(&ASK, password);
    assert!(code == 2 && screen.contains("Password: ") && screen.contains("nothing listens"), "{screen}");
    let (code, screen) = room.on_a_terminal(&[&ASK[..], &["--all-contexts"]].concat(), password);
    assert_eq!(code, 2, "{screen}");
    let told = "the credential plugin `/bin/sh` failed (exit status: 1): Password:; it was given no terminal to ask on";
    assert!(screen.contains("cannot read 2 clusters: `a`, `b`") && screen.contains(told), "{screen}");
}

#[test]
fn without_a_terminal_a_plugin_is_told_so_and_the_user_too() {
    let run = room("Always", &["a"]).run(&ASK);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr);
    let run = room("IfAvailable", &["a"]).run(&ASK);
    assert!(run.stderr.contains("Password:; it was given no terminal to ask on"), "{}", run.stderr);
    // What never asks needs none.
    let run = room("Never", &["a"]).run(&ASK);
    assert!(run.code == 2 && !run.stderr.contains("terminal"), "{}", run.stderr);
    let (_, screen) = room("Always", &["a"]).on_a_terminal(&[&ASK[..], &["--no-input"]].concat(), password);
    assert!(screen.contains("has to ask on a terminal"), "{screen}");
}

#[test]
fn an_oidc_entry_without_an_identity_token_is_told_with_the_way_to_one() {
    let config = json!({
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "users": [{"name": "a", "user": {"auth-provider": {"name": "oidc", "config": {
            "client-id": "x", "idp-issuer-url": "https://idp.example", "refresh-token": "hunter2"}}}}],
    });
    let room = Room::new();
    let run = room.file("kubeconfig", &config.to_string()).run(&ASK);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(!run.stderr.contains("hunter2"));
    insta::assert_snapshot!(run.stderr);
}
