//! Ctrl-C, while a cluster keeps us waiting.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::Room;

#[test]
fn ctrl_c_ends_a_run_that_waits_for_a_silent_api_server() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", silent.local_addr().unwrap());
    let room = Room::new();
    let text = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "silent",
        "clusters": [{"name": "silent", "cluster": {"server": server}}],
        "users": [{"name": "me", "user": {"token": "x"}}],
        "contexts": [{"name": "silent", "context": {"cluster": "silent", "user": "me"}}],
    });
    room.file("kubeconfig", &text.to_string());

    let mut child = room
        .command(&["discover", "--timeout", "60s", "--kubeconfig", "kubeconfig"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its connection is the sign that it works and waits. Accepting blocks, so a program that ends early instead would
    // hang us: poll both.
    silent.set_nonblocking(true).unwrap();
    let connection = loop {
        if let Ok(connection) = silent.accept() {
            break connection;
        }
        if child.try_wait().unwrap().is_some() {
            let output = child.wait_with_output().unwrap();
            panic!("it ended before it asked: {}", String::from_utf8_lossy(&output.stderr));
        }
        std::thread::sleep(Duration::from_millis(10));
    };

    // The standard library sends no signals, and `kill` is everywhere.
    let pressed = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();

    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(pressed.elapsed() < Duration::from_secs(2), "it took {:?}", pressed.elapsed());
    assert!(output.stdout.is_empty());
    drop(connection);
}
