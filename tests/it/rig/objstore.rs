//! What `fixtures/objstore` says of Thanos is what the real Thanos says.

use std::path::Path;
use std::process::{Command, Output};

use super::process::{each, run_folder};
use super::tool;
use crate::objstore::cases;

/// How many programs run at once; most of the time they wait for their next try.
const WORKERS: usize = 16;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn thanos_takes_and_refuses_the_documents_as_the_fixture_says() {
    let folder = run_folder();
    let local: Vec<_> = cases().into_iter().filter(|case| case.local).collect();
    assert!(local.len() > 600, "{}", local.len());
    let wrong = each(WORKERS, &local, |index, case| {
        let file = format!("{index}.yml");
        std::fs::write(folder.join(&file), &case.yaml).unwrap();
        let run = match case.document.as_str() {
            "objstore" => thanos(&folder, &["tools", "bucket", "ls", &format!("--objstore.config-file={file}")]),
            cache => store(&folder, cache, index),
        };
        let said = String::from_utf8_lossy(&run.stderr);
        // What is not refused comes as far as the network, which is closed, or misses a variable of the environment, or
        // gets to the certificate that is not there.
        let signs = ["dial tcp", "connection refused", "unset environment variable", "server credentials"];
        // Go refuses such a port when it would dial it, without a packet.
        let is_dialled = !said.contains(": invalid port");
        let is_taken = run.status.success() || (is_dialled && signs.iter().any(|sign| said.contains(sign)));
        (is_taken != case.accepted).then(|| format!("{}: {said}", case.id))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A store gateway that would run if it had its certificate, which it looks for after its caches.
fn store(folder: &Path, cache: &str, index: usize) -> Output {
    let cache = match cache {
        "index-cache" => format!("--index-cache.config-file={index}.yml"),
        "caching-bucket" => format!("--store.caching-bucket.config-file={index}.yml"),
        other => panic!("there is no document `{other}`"),
    };
    thanos(
        folder,
        &[
            "store",
            &format!("--data-dir=data-{index}"),
            "--http-address=127.0.0.1:0",
            "--grpc-address=127.0.0.1:0",
            "--objstore.config={type: FILESYSTEM, config: {directory: blocks}}",
            "--grpc-server-tls-cert=none",
            "--grpc-server-tls-key=none",
            &cache,
        ],
    )
}

fn thanos(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(tool("thanos")).args(arguments).env_clear().current_dir(folder).output().unwrap()
}
