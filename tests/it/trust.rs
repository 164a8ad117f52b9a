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
    let refused = |environment: &[(&str, &str)]| {
        let run = discover(&room, &[], environment);
        assert!(run.code == 2 && !ran(&room), "{environment:?}: {run:?}");
        assert!(run.stderr.contains("belongs to the repository here"), "{environment:?}: {}", run.stderr);
        assert!(run.stderr.contains("--kubeconfig"), "{environment:?}: {}", run.stderr);
    };
    git(&room, &["init", "-q"]);
    refused(&[]);
    room.file("README", "");
    git(&room, &["add", "README"]);
    discover(&room, &[], &[]);
    assert!(ran(&room), "nobody added it to the repository");
    git(&room, &["add", "-f", ".kube/config"]);
    refused(&[]);
    refused(&[("HOME", ".")]);
    // A relative entry names what each folder has at that place.
    refused(&[("KUBECONFIG", ".kube/config")]);
    refused(&[("KUBECONFIG", "/nowhere/config:./.kube/config")]);
    git(&room, &["update-index", "--split-index"]);
    refused(&[]);
    discover(&room, &["--kubeconfig", ".kube/config"], &[]);
    assert!(ran(&room), "the command line names it");
    discover(&room, &[], &[("KUBECONFIG", &room.path(".kube/config").display().to_string())]);
    assert!(ran(&room), "the environment names it");
}

#[test]
fn a_kubeconfig_of_a_repository_in_or_around_that_of_the_working_directory_is_not_used_either() {
    for (of_kubeconfig, of_run) in [(".kube", "."), (".", "module")] {
        let room = Room::new();
        program(&room, "bin/own-login");
        room.file(".kube/config", &kubeconfig(&room.path("bin/own-login").display().to_string(), server()));
        room.file("README", "").file("module/README", "");
        for folder in [of_kubeconfig, of_run] {
            git(&room, &["-C", folder, "init", "-q"]);
            git(&room, &["-C", folder, "add", "-f", if folder == ".kube" { "config" } else { "README" }]);
        }
        if of_kubeconfig == "." {
            git(&room, &["add", "-f", ".kube/config"]);
        }
        let mut command = room.command(&["discover"]);
        let output = command.current_dir(room.path(of_run)).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("belongs to the repository here"), "{of_kubeconfig}: {stderr}");
        assert!(!ran(&room));
    }
}

#[test]
fn a_kubeconfig_to_which_a_link_of_the_repository_leads_is_not_used() {
    for (link, target) in [(".kube", "../elsewhere"), (".kube/config", "../../elsewhere/config")] {
        let room = Room::new();
        program(&room, "bin/own-login");
        room.file("elsewhere/config", &kubeconfig(&room.path("bin/own-login").display().to_string(), server()));
        room.file("home/README", "");
        std::fs::create_dir_all(room.path("home").join(link).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, room.path("home").join(link)).unwrap();
        git(&room, &["-C", "home", "init", "-q"]);
        git(&room, &["-C", "home", "add", "-f", "."]);
        let home = room.path("home");
        let output = room.command(&["discover"]).current_dir(&home).env("HOME", &home).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("belongs to the repository here"), "{link}: {stderr}");
        assert!(!ran(&room), "{link}");
    }
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
    // A kubeconfig cannot give an allowed name to another program.
    program(&room, "other/own-login");
    let other = json!([{"name": "PATH", "value": room.path("other").display().to_string()}]);
    let mut config: serde_json::Value = serde_json::from_str(&kubeconfig("own-login", server())).unwrap();
    config["users"][0]["user"]["exec"]["env"] = other;
    room.file("elsewhere", &allow("{command: own-login}")).file("with-path", &config.to_string());
    let empty = [("PATH", "/nowhere"), ("KUBERC", "elsewhere")];
    let run = discover(&room, &["--kubeconfig", "with-path"], &empty);
    assert!(!ran(&room) && run.stderr.contains("not installed, or not in PATH"), "{}", run.stderr);
    // Of a plugin beside its kubeconfig, the policy names the whole path.
    room.file("beside", &kubeconfig("./bin/own-login", server()));
    for (entry, runs) in [(login.as_str(), true), ("./bin/own-login", false), ("own-login", false)] {
        room.file("elsewhere", &allow(&format!("{{command: '{entry}'}}")));
        let run = discover(&room, &["--kubeconfig", "beside"], &empty);
        assert_eq!(ran(&room), runs, "{entry}: {}", run.stderr);
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
