//! What `fixtures/objstore` says of Thanos is what the real Thanos says.

use std::path::Path;
use std::process::{Command, Output};

use super::process::run_folder;
use super::tool;
use crate::objstore::cases;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn thanos_takes_and_refuses_the_documents_as_the_fixture_says() {
    let folder = run_folder();
    let mut wrong = Vec::new();
    let local: Vec<_> = cases().into_iter().filter(|case| case.local).collect();
    assert!(local.len() > 300, "{}", local.len());
    for case in local {
        std::fs::write(folder.join("document.yml"), &case.yaml).unwrap();
        let run = match case.document.as_str() {
            "objstore" => thanos(&folder, &["tools", "bucket", "ls", "--objstore.config-file=document.yml"]),
            cache => store(&folder, cache),
        };
        let said = String::from_utf8_lossy(&run.stderr);
        // What is not refused comes as far as the network, which is closed, or misses a variable of the environment, or
        // gets to the certificate that is not there.
        let signs = ["dial tcp", "connection refused", "unset environment variable", "server credentials"];
        let is_taken = run.status.success() || signs.iter().any(|sign| said.contains(sign));
        if is_taken != case.accepted {
            wrong.push(format!("{}: {said}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A store gateway that would run if it had its certificate, which it looks for after its caches.
fn store(folder: &Path, cache: &str) -> Output {
    let cache = match cache {
        "index-cache" => "--index-cache.config-file=document.yml",
        "caching-bucket" => "--store.caching-bucket.config-file=document.yml",
        other => panic!("there is no document `{other}`"),
    };
    thanos(
        folder,
        &[
            "store",
            "--data-dir=data",
            "--http-address=127.0.0.1:0",
            "--grpc-address=127.0.0.1:0",
            "--objstore.config={type: FILESYSTEM, config: {directory: blocks}}",
            "--grpc-server-tls-cert=none",
            "--grpc-server-tls-key=none",
            cache,
        ],
    )
}

fn thanos(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(tool("thanos")).args(arguments).env_clear().current_dir(folder).output().unwrap()
}
