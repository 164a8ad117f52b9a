//! Every command that the program tells somebody to paste, in any run of any test: it is quoted for a shell, it is one that
//! the program takes, and it has the flags of the run without which it would do something else.

use std::path::Path;
use std::process::Command as Process;

use clap::Parser as _;
use thanosctl::cli::{Cli, Command};

use crate::program::Run;

/// The programs whose commands are told.
const PROGRAMS: [&str; 3] = ["thanosctl ", "kubectl ", "helm "];

/// What holds the place of something that nobody but the reader knows.
const PLACES: [(&str, &str); 9] = [
    ("NAMESPACE/NAME", "monitoring/a"),
    ("REPOSITORY/NAME", "bitnami/thanos"),
    ("HOST:PORT", "a.example:10901"),
    ("VERSION", "17.3.1"),
    ("CONTEXT", "c"),
    ("CLUSTER", "c"),
    ("FILE", "f"),
    ("PORT", "grpc"),
    ("NAME", "n"),
];

/// Looks at what a run said.
pub(crate) fn check(arguments: &[String], run: &Run) {
    // What these print are texts about commands, or none of ours.
    let verb = arguments.first().map(String::as_str).unwrap_or_default();
    if matches!(verb, "explain" | "schema" | "help" | "--version" | "-V")
        || arguments.iter().any(|word| word == "--help" || word == "-h")
    {
        return;
    }
    for command in commands(&run.stderr).into_iter().chain(commands(&run.stdout)) {
        let words =
            words(&command).unwrap_or_else(|why| panic!("{why} in a hint of {arguments:?}: {command}\n{run:?}"));
        if words[0] == "thanosctl" {
            takes(&words, arguments, &command);
        }
    }
}

/// The commands in a text: a line of their own, the end of a line behind a colon, or in backticks.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let is_command =
            |text: &str| PROGRAMS.iter().any(|program| text.starts_with(program)) && text.split(' ').count() > 1;
        let own = line.trim_start_matches([' ', '#', '|', '=', '-']);
        let behind = |mark: &str| line.rsplit_once(mark).map(|(_, rest)| rest).filter(|rest| is_command(rest));
        let is_sentence = |text: &str| text.contains(" is ") || text.contains("ctl does not") || text.contains(": ");
        if is_command(own) && !is_sentence(own) && !own.starts_with("thanosctl writes") {
            found.push(own.to_owned());
        } else if let Some(command) = behind("with: ").or_else(|| behind("meant: ")).or_else(|| behind("is: ")) {
            found.push(command.to_owned());
        }
        found.extend(line.split('`').skip(1).step_by(2).filter(|part| is_command(part)).map(str::to_owned));
    }
    found
}

/// The words that a shell makes of a command, as far as it is written without anything that a shell obeys.
fn words(command: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut is_open, mut characters) =
        (Vec::new(), String::new(), false, command.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            ' ' => {
                words.extend(is_open.then(|| std::mem::take(&mut word)));
                is_open = false;
            }
            '\'' => {
                is_open = true;
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some(other) => word.push(other),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
            }
            '\\' if characters.peek() == Some(&'\'') => word.extend(characters.next()),
            c if c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c) => {
                is_open = true;
                word.push(c);
            }
            other => return Err(format!("`{other}` stands without quotes")),
        }
    }
    words.extend(is_open.then_some(word));
    Ok(words)
}

/// Makes sure that the program takes a command, with the flags of the run.
fn takes(words: &[String], arguments: &[String], shown: &str) {
    let filled = words.iter().map(|word| {
        PLACES.iter().fold(word.clone(), |word, (place, text)| if word == *place { (*text).to_owned() } else { word })
    });
    let parsed = match Cli::try_parse_from(filled) {
        Ok(cli) => cli.command,
        Err(error) if error.kind() == clap::error::ErrorKind::DisplayVersion => return,
        Err(error) => panic!("a hint of {arguments:?} is no command: {shown}\n{error}"),
    };
    // A program that was told how to reach clusters is told again, wherever clusters are asked.
    let asks = !matches!(parsed, Command::Validate(_) | Command::Explain(_) | Command::Schema);
    for flag in ["--kubeconfig", "--config"].into_iter().filter(|_| asks) {
        let Some(at) = arguments.iter().position(|word| word == flag) else { continue };
        // Whoever writes about the program in general leaves flags out: `thanosctl discover -o yaml`.
        let is_general = !words.iter().any(|word| word == "--context")
            && words.iter().any(|word| PLACES.iter().any(|(place, _)| word == place));
        let has = words.windows(2).any(|pair| pair[0] == flag && pair[1] == arguments[at + 1]);
        assert!(has || is_general, "a hint of {arguments:?} lacks {flag}: {shown}");
    }
}

/// Runs what a `diff` advises on a copy of the folder, and makes sure that it no longer advises it then.
pub(crate) fn make_right(folder: &Path, arguments: &[String], run: &Run) {
    let asks_nobody = arguments.windows(2).any(|pair| pair[0] == "--inventory" && pair[1] != "-");
    if arguments.first().is_none_or(|verb| verb != "diff") || run.code != 1 || !asks_nobody {
        return;
    }
    let mut advised: Vec<String> = commands(&run.stdout).into_iter().chain(hints_of_json(&run.stdout)).collect();
    advised
        .retain(|command| command.starts_with("thanosctl gen-values --update") && !command.contains("--update FILE"));
    advised.sort();
    advised.dedup();
    if advised.is_empty() {
        return;
    }
    let copy = tempfile::tempdir().expect("a temporary folder can be made");
    copy_folder(folder, copy.path());
    let again = |words: &[String]| {
        let mut command = Process::new(env!("CARGO_BIN_EXE_thanosctl"));
        command.args(words).current_dir(copy.path()).env_clear().env("HOME", copy.path());
        let output = command.output().expect("the program starts");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    for command in &advised {
        let words = words(command).unwrap_or_else(|why| panic!("{why}: {command}"));
        let (code, said) = again(&words[1..]);
        assert!(matches!(code, Some(0 | 3)), "a hint of {arguments:?} fails: {command}\n{said}");
    }
    let (_, said) = again(arguments);
    let left = |command: &&String| commands(&said).iter().chain(&hints_of_json(&said)).any(|other| other == *command);
    assert!(
        !advised.iter().any(|command| left(&command)),
        "a hint of {arguments:?} does not help: {advised:?}\n{said}"
    );
}

fn hints_of_json(text: &str) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let findings = document["findings"].as_array().into_iter().flatten();
    findings.filter_map(|finding| finding["hint"].as_str()).flat_map(commands).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() {
            std::fs::create_dir(&target).expect("a folder can be made");
            copy_folder(&entry.path(), &target);
        } else if entry.path().is_file() {
            std::fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}

#[test]
fn commands_are_found_and_split_as_a_shell_does() {
    let text = "hint: look with\n      kubectl get nodes --context 'a b'\nx; put it beside: with: thanosctl expose a/b\nsee `thanosctl discover -o yaml`";
    assert_eq!(
        commands(text),
        ["kubectl get nodes --context 'a b'", "thanosctl expose a/b", "thanosctl discover -o yaml"]
    );
    assert_eq!(words(r"a 'b c' d'e'\''f'").unwrap(), ["a", "b c", "de'f"]);
    for unquoted in ["a; b", "a $B", "a 'b", "a (b)", "a > b", "a*", "a…"] {
        assert!(words(unquoted).is_err(), "{unquoted}");
    }
}
