//! What the README promises is run.

use std::path::{Path, PathBuf};
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

/// The Markdown files of the project, as paths from its root: those at the root, of docs/ and of the rig.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = Vec::new();
    for folder in ["", "docs", "tests/rig"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = Path::new(folder).join(entry.unwrap().file_name());
            if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(path);
            }
        }
    }
    documents.sort();
    documents
}

/// The anchors of a Markdown text as GitHub makes them: of each heading, a repeated one with its number.
fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    let mut code = false;
    for line in text.lines() {
        code ^= line.starts_with("```");
        let heading = line.trim_start_matches('#').strip_prefix(' ');
        let Some(heading) = heading.filter(|_| line.starts_with('#') && !code) else { continue };
        let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
        let anchor = heading.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-");
        let repeated = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(repeated).find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in documents() {
        let text = std::fs::read_to_string(root.join(&document)).unwrap();
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
            let path = match file {
                "" => root.join(&document),
                file => root.join(&document).parent().unwrap().join(file),
            };
            assert!(path.exists(), "{}: {target}", document.display());
            if let Some(anchor) = anchor {
                let there = anchors(&std::fs::read_to_string(path).unwrap()).iter().any(|known| known == anchor);
                assert!(there, "{}: {target}: no such heading", document.display());
            }
        }
    }
}
