//! What `fixtures/objstore` says of Thanos is what the real Thanos says.

use std::process::Command;

use super::process::run_folder;
use super::tool;
use crate::objstore::cases;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn thanos_takes_and_refuses_the_documents_as_the_fixture_says() {
    let folder = run_folder();
    let mut wrong = Vec::new();
    let local: Vec<_> = cases().into_iter().filter(|case| case.local).collect();
    assert!(local.len() > 200, "{}", local.len());
    for case in local {
        let file = folder.join("objstore.yml");
        std::fs::write(&file, &case.yaml).unwrap();
        let run = Command::new(tool("thanos"))
            .args(["tools", "bucket", "ls", "--timeout=20s"])
            .arg(format!("--objstore.config-file={}", file.display()))
            .env_clear()
            .current_dir(&folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        // What is not refused comes as far as the network, which is closed, or misses a variable of the environment.
        let is_taken = run.status.success()
            || ["dial tcp", "connection refused", "unset environment variable"].iter().any(|word| said.contains(word));
        if is_taken != case.accepted {
            wrong.push(format!("{}: {said}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
