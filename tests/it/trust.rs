//! Whom the program trusts: kubeconfigs that somebody named, plugins that somebody allows, servers that prove who they are.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::json;

use crate::program::{Room, Run};

/// A kubeconfig with one context whose user runs `command`.
fn kubeconfig(command: &str, cluster: serde_json::Value) -> String {
    json!({
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": command, "interactiveMode": "Never",
        }}}],
    })
    .to_string()
}

fn server() -> serde_json::Value {
    json!({"server": "https://127.0.0.1:1"})
}

/// A program that says that it ran.
fn program(room: &Room, name: &str) {
    room.file(name, &format!("#!/bin/sh\necho ran > '{}'\nexit 1\n", room.path("ran").display()));
    std::fs::set_permissions(room.path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn ran(room: &Room) -> bool {
    std::fs::remove_file(room.path("ran")).is_ok()
}

fn git(room: &Room, arguments: &[&str]) {
    let status = Command::new("git").args(arguments).current_dir(room.path(".")).status().unwrap();
    assert!(status.success(), "{arguments:?}");
}

fn discover(room: &Room, more: &[&str], environment: &[(&str, &str)]) -> Run {
    room.run_with(&[&["discover"], more].concat(), environment)
}

#[test]
fn a_kubeconfig_that_the_repository_brings_is_used_only_when_it_is_named() {
    // The home of CI jobs is the repository at times.
    let room = Room::new();
    program(&room, "bin/own-login");
    let login = room.path("bin/own-login").display().to_string();
    room.file(".kube/config", &kubeconfig(&login, server()));
    discover(&room, &[], &[]);
    assert!(ran(&room), "without a repository it is the user's own");
    git(&room, &["init", "-q"]);
    discover(&room, &[], &[]);
    assert!(ran(&room), "nobody added it to the repository");
    git(&room, &["add", "-f", ".kube/config"]);
    let refused = discover(&room, &[], &[]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("belongs to the repository here"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--kubeconfig"), "{}", refused.stderr);
    assert!(!ran(&room));
    discover(&room, &["--kubeconfig", ".kube/config"], &[]);
    assert!(ran(&room), "the command line names it");
    discover(&room, &[], &[("KUBECONFIG", ".kube/config")]);
    assert!(ran(&room), "the environment names it");
}

#[test]
fn a_plugin_that_path_finds_in_a_relative_folder_is_not_run() {
    let room = Room::new();
    program(&room, "bin/own-login");
    program(&room, "own-login");
    room.file("kubeconfig", &kubeconfig("own-login", server()));
    for path in ["bin", "./bin:/usr/bin", ":/usr/bin", "/usr/bin:."] {
        let run = discover(&room, &["--kubeconfig", "kubeconfig"], &[("PATH", path)]);
        assert!(!ran(&room), "{path}");
        assert!(run.stderr.contains("relative to the working directory"), "{path}: {}", run.stderr);
    }
    let absolute = room.path("bin").display().to_string();
    discover(&room, &["--kubeconfig", "kubeconfig"], &[("PATH", &absolute)]);
    assert!(ran(&room));
    // A path is one below the folder of the kubeconfig.
    room.file("etc/kubeconfig", &kubeconfig("./own-login", server()));
    program(&room, "etc/own-login");
    discover(&room, &["--kubeconfig", "etc/kubeconfig"], &[]);
    assert!(ran(&room));
}

#[test]
fn the_policy_of_kubectl_for_plugins_is_kept() {
    let room = Room::new();
    program(&room, "bin/own-login");
    let (bin, login) = (room.path("bin").display().to_string(), room.path("bin/own-login").display().to_string());
    room.file("kubeconfig", &kubeconfig("own-login", server()));
    let head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";
    let policy = |policy: &str| format!("{head}credentialPluginPolicy: {policy}\n");
    let allow = |entry: &str| format!("{}credentialPluginAllowlist: [{entry}]\n", policy("Allowlist"));
    for (text, runs, words) in [
        (policy("AllowAll"), true, ""),
        (policy("DenyAll"), false, "allows no credential plugin"),
        (allow("{name: own-login}"), true, ""),
        (allow("{command: own-login}"), true, ""),
        (allow(&format!("{{command: '{login}'}}")), true, ""),
        (allow("{name: aws}"), false, "not in the credentialPluginAllowlist"),
        (allow("{name: /usr/bin/login}"), false, "not in the credentialPluginAllowlist"),
        ("kind: Nothing\n".to_owned(), false, "no Preference of kubectl"),
    ] {
        for (file, variable) in [(".kube/kuberc", None), ("elsewhere", Some("elsewhere"))] {
            room.file(file, &text);
            let mut environment = vec![("PATH", bin.as_str())];
            environment.extend(variable.map(|file| ("KUBERC", file)));
            let run = discover(&room, &["--kubeconfig", "kubeconfig"], &environment);
            assert_eq!(ran(&room), runs, "{text}: {}", run.stderr);
            assert!(run.stderr.contains(words), "{text}: {}", run.stderr);
            std::fs::remove_file(room.path(file)).unwrap();
        }
    }
    room.file(".kube/kuberc", &policy("DenyAll"));
    discover(&room, &["--kubeconfig", "kubeconfig"], &[("PATH", &bin), ("KUBERC", "off")]);
    assert!(ran(&room), "KUBERC=off");
    let run = discover(&room, &["--kubeconfig", "kubeconfig"], &[("PATH", &bin), ("KUBERC", "missing")]);
    assert!(!ran(&room) && run.stderr.contains("cannot be read"), "{}", run.stderr);
}

#[test]
fn a_server_whose_certificate_nobody_checks_is_warned_of_once() {
    let room = Room::new();
    let cluster = json!({"server": "https://127.0.0.1:1", "insecure-skip-tls-verify": true});
    room.file("kubeconfig", &kubeconfig("true", cluster));
    for verb in [&["discover"][..], &["gen-values"], &["patch-nodeport", "--dry-run", "client"]] {
        let run = room.run(&[verb, &["--kubeconfig", "kubeconfig"]].concat());
        assert_eq!(run.stderr.matches("insecure-skip-tls-verify").count(), 1, "{verb:?}: {}", run.stderr);
    }
    room.file("kubeconfig", &kubeconfig("true", server()));
    assert!(!room.run(&["discover", "--kubeconfig", "kubeconfig"]).stderr.contains("insecure"));
}
