//! Ctrl-C, while somebody keeps us waiting.

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

/// Runs the program, presses Ctrl-C when it waits, and gives how it ended.
fn interrupted(mut command: Command, waits: Sender<Event>, events: &Receiver<Event>) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    std::thread::spawn(move || waits.send(Event::Ended(child.wait_with_output().unwrap())));
    let mut pressed = false;
    loop {
        match events.recv_timeout(HANG) {
            Ok(Event::Waits) if pressed => {}
            Ok(Event::Waits) => {
                signal("-INT", id);
                pressed = true;
            }
            Ok(Event::Ended(output)) if pressed => return output,
            Ok(Event::Ended(output)) => {
                panic!("it ended before it waited: {}", String::from_utf8_lossy(&output.stderr))
            }
            Err(_) => {
                signal("-KILL", id);
                panic!("it hangs; Ctrl-C was pressed: {pressed}");
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
    let output = interrupted(command, waits, &events);
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
}
