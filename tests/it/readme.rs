//! What the README promises is run.

use std::path::Path;
use std::process::Command;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The console blocks: commands, each with what it prints.
fn console_blocks(text: &str) -> Vec<Vec<(String, String)>> {
    let blocks = text.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let commands = |block: &str| {
        let mut commands: Vec<(String, String)> = Vec::new();
        for line in block.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command.to_owned(), String::new())),
                (None, Some((_, output))) => output.push_str(&format!("{line}\n")),
                (None, None) => panic!("a console block starts with a command, not with {line}"),
            }
        }
        commands
    };
    blocks.map(commands).collect()
}

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let blocks = console_blocks(&readme());
    let (command, shown) = &blocks[0][0];
    let arguments = command.strip_prefix("cargo run -q -- ").expect("the first command is cargo run");
    let output = Command::new(env!("CARGO_BIN_EXE_thanosctl"))
        .args(arguments.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), *shown);
}

#[test]
fn ci_runs_the_test_command_of_the_readme() {
    assert_eq!(console_blocks(&readme())[1], [("cargo test".to_owned(), String::new())]);
    let ci = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line.starts_with("step cargo test")));
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/settings.md",
        "docs/discovery.md",
        "docs/findings.md",
        "docs/validate.md",
        "docs/values.md",
    ] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
            let file = target.split('#').next().unwrap_or_default();
            let there = target.starts_with("https://") || root.join(document).parent().unwrap().join(file).exists();
            assert!(there, "{document}: {target}");
        }
    }
}
