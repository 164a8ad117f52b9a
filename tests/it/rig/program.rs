//! The real thanosctl, in a clean room.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it printed as data.
    pub stdout: String,
    /// What it told the user.
    pub stderr: String,
}

/// A `thanosctl` that knows nothing of the machine it runs on: no environment, no home, an empty working directory.
pub fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thanosctl"));
    command.env_clear().env("HOME", home).current_dir(home);
    command
}

/// Runs it with these arguments to its end.
pub fn thanosctl<I: AsRef<OsStr>>(home: &Path, arguments: impl IntoIterator<Item = I>) -> Run {
    Run::of(command(home).args(arguments))
}

impl Run {
    /// Runs `command` to its end.
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("thanosctl starts");
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("data is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// Panics with all that was printed unless the exit code is `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Panics unless each of `words` is among the messages.
    #[track_caller]
    pub fn tells(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "stderr does not say {word:?}:\n{}", self.stderr);
        }
        self
    }

    /// Panics unless stdout is empty.
    #[track_caller]
    pub fn prints_nothing(self) -> Self {
        assert_eq!(self.stdout, "", "stdout should be empty; stderr:\n{}", self.stderr);
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in:\n{}", self.stdout))
    }

    /// Stdout as YAML.
    #[track_caller]
    pub fn yaml(&self) -> Value {
        yaml(&self.stdout)
    }
}

/// YAML as the values that it stands for.
#[track_caller]
pub fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"))
}
