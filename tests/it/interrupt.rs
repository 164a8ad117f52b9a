//! The program is stopped while somebody keeps it waiting: by Ctrl-C, by `kill`, by a deadline.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::fake_api::{FakeApi, Reply};
use crate::program::Room;

/// Only a hang lasts as long.
const HANG: Duration = Duration::from_secs(60);

/// What happens to the program, as somebody sees it.
enum Event {
    /// It waits for an answer.
    Waits,
    /// It ended.
    Ended(Output),
}

/// Runs the program, sends it that signal, if any, when it waits, and gives how it ended.
fn stopped_by(name: Option<&str>, mut command: Command, waits: Sender<Event>, events: &Receiver<Event>) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    std::thread::spawn(move || waits.send(Event::Ended(child.wait_with_output().unwrap())));
    let mut waited = false;
    loop {
        match events.recv_timeout(HANG) {
            Ok(Event::Waits) => {
                if let (Some(name), false) = (name, waited) {
                    signal(name, id);
                }
                waited = true;
            }
            Ok(Event::Ended(output)) if waited || name.is_none() => return output,
            Ok(Event::Ended(output)) => {
                panic!("it ended before it waited: {}", String::from_utf8_lossy(&output.stderr))
            }
            Err(_) => {
                signal("-KILL", id);
                panic!("it hangs; it waited for an answer: {waited}");
            }
        }
    }
}

/// The standard library sends no signals, and `kill` is everywhere.
fn signal(name: &str, id: u32) {
    assert!(Command::new("kill").args([name, &id.to_string()]).status().unwrap().success());
}

#[test]
fn ctrl_c_ends_a_run_that_waits_for_a_silent_api_server() {
    let (waits, events) = channel();
    let asked = waits.clone();
    let silent = FakeApi::start(move |_| {
        let _ = asked.send(Event::Waits);
        Reply::Silence
    });
    let room = Room::new();
    let text = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "silent",
        "clusters": [{"name": "silent", "cluster": {"server": silent.url()}}],
        "users": [{"name": "me", "user": {"token": "x"}}],
        "contexts": [{"name": "silent", "context": {"cluster": "silent", "user": "me"}}],
    });
    room.file("kubeconfig", &text.to_string());
    let command = room.command(&["discover", "--timeout", "1h", "--kubeconfig", "kubeconfig"]);
    let output = stopped_by(Some("-INT"), command, waits, &events);
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
}

/// Watches a new named pipe: calls `opened` when somebody has opened it for writing, and tells when nobody holds it
/// open any more.
fn follow(pipe: &Path, opened: impl FnOnce() + Send + 'static) -> Receiver<()> {
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let (pipe, (gone, is_gone)) = (pipe.to_owned(), channel());
    std::thread::spawn(move || {
        let mut held = File::open(pipe).unwrap();
        opened();
        std::io::copy(&mut held, &mut std::io::sink()).unwrap();
        gone.send(())
    });
    is_gone
}

#[test]
fn a_credential_plugin_and_all_that_it_started_end_with_the_program() {
    let signals = [("-INT", 130), ("-TERM", 143), ("-HUP", 129), ("-QUIT", 131)];
    let stopped = signals.map(|(name, code)| (Some(name), "1h", code));
    for (name, timeout, code) in stopped.into_iter().chain([(None, "2s", 2)]) {
        let (waits, events) = channel();
        let room = Room::new();
        let runs = waits.clone();
        let is_gone = follow(&room.path("held"), move || drop(runs.send(Event::Waits)));
        let text = serde_json::json!({
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {"exec": {
                "apiVersion": "client.authentication.k8s.io/v1",
                "command": "sh",
                "args": ["-c", "sleep 600 > held & wait"],
                "interactiveMode": "IfAvailable",
            }}}],
        });
        room.file("kubeconfig", &text.to_string());
        let mut command = room.command(&["discover", "--timeout", timeout, "--kubeconfig", "kubeconfig"]);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        let output = stopped_by(name, command, waits, &events);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.is_empty());
        // A deadline may be over before the plugin has come that far: then nobody else will open the pipe.
        drop(File::options().read(true).write(true).open(room.path("held")).unwrap());
        is_gone.recv_timeout(HANG).expect("what the plugin started is gone");
    }
}
