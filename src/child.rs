//! Other programs: found where nobody can slip in one of his own, run within bounds, and ended with all that they started.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

/// The program that is meant cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// There is none of that name.
    #[error("it is not installed, or not in PATH")]
    Missing,
    /// The first one in PATH is in a folder that depends on where the program is started: whoever may write there could
    /// run anything. Go's programs refuse it too (`exec.ErrDot`).
    #[error("PATH leads to `{0}`, which is relative to the working directory")]
    Relative(String),
}

/// The program `name`: itself where it is a path, else the first of that name in the folders of `path`, the variable PATH.
///
/// # Errors
/// When there is none, or PATH finds it in a relative folder.
pub fn find(name: &str, path: Option<&OsStr>) -> Result<PathBuf, NotFound> {
    if name.contains(std::path::is_separator) {
        return Ok(PathBuf::from(name));
    }
    let found = path.into_iter().flat_map(std::env::split_paths).find_map(|folder| {
        // An empty entry is the working directory.
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        let program = folder.join(name);
        is_executable(&program).then_some(program)
    });
    match found {
        None => Err(NotFound::Missing),
        Some(program) if program.is_relative() => Err(NotFound::Relative(program.display().to_string())),
        Some(program) => Ok(program),
    }
}

fn is_executable(program: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(program) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    metadata.is_file()
}

/// How long a program may take, and how much it may print.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// All of its time; `None` where whoever waits has a deadline of his own.
    pub time: Option<Duration>,
    /// Bytes of each of its streams. What comes beyond is not read.
    pub output: u64,
    /// Bytes of memory that it may fill, where the system can limit that (Linux).
    pub memory: Option<u64>,
    /// Whether it stays in the process group of this program, as one must that is given the terminal.
    pub shares_group: bool,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// By itself; what it printed is not longer than it may be.
    Done(Output),
    /// It printed more than it may.
    Talkative,
    /// It took longer than it may.
    Late,
}

/// Runs a program that was set up with its streams, and gives it `input`. When it is late, prints too much, or nobody waits
/// for it any more, it ends with all that it started.
///
/// # Errors
/// When it cannot be started or read.
pub async fn run(mut command: tokio::process::Command, input: &[u8], bounds: Bounds) -> std::io::Result<Ended> {
    command.kill_on_drop(true);
    #[cfg(unix)]
    if !bounds.shares_group {
        command.process_group(0);
    }
    // Whoever ends it with the program listens for signals from the first time that the program waits (`lib.rs`), so
    // it waits once before there is something to end.
    tokio::task::yield_now().await;
    let mut child = command.spawn()?;
    #[cfg(target_os = "linux")]
    bounds.memory.into_iter().for_each(|most| limit_memory(&child, most));
    #[cfg(unix)]
    let mut group = if bounds.shares_group { Group(None) } else { Group::led_by(&child) };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            use tokio::io::AsyncWriteExt as _;
            // It may have ended before it has read all.
            let _ = stdin.write_all(input).await;
        }
        Ok::<_, std::io::Error>(0)
    };
    let read_out = async {
        match out {
            Some(out) => out.take(bounds.output + 1).read_to_end(&mut stdout).await,
            None => Ok(0),
        }
    };
    let read_err = async {
        match err {
            Some(err) => err.take(bounds.output + 1).read_to_end(&mut stderr).await,
            // Who sits at the terminal reads it.
            None => Ok(0),
        }
    };
    let work = async {
        // One that fills a pipe beyond its bound is cut off when the pipe is dropped here, instead of waiting for ever.
        tokio::try_join!(write, read_out, read_err)?;
        child.wait().await
    };
    let status = match bounds.time {
        None => work.await?,
        Some(time) => match tokio::time::timeout(time, work).await {
            Ok(status) => status?,
            Err(_) => return Ok(Ended::Late),
        },
    };
    #[cfg(unix)]
    group.leave();
    let is_long = |text: &Vec<u8>| text.len() as u64 > bounds.output;
    if is_long(&stdout) || is_long(&stderr) {
        return Ok(Ended::Talkative);
    }
    Ok(Ended::Done(Output { status, stdout, stderr }))
}

/// Limits the memory that a program may fill. What it only reserves, as runtimes do, is not counted.
#[cfg(target_os = "linux")]
fn limit_memory(program: &tokio::process::Child, most: u64) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let limit = Rlimit { current: Some(most), maximum: Some(most) };
    // One that ended meanwhile needs none.
    let id = program.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
    let _ = id.map(|id| prlimit(Some(id), Resource::Data, limit));
}

/// The process group of a program: killed when the program is given up, since what it started would live on.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    fn led_by(program: &tokio::process::Child) -> Self {
        Self(program.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?)))
    }

    /// To be called as soon as the program has been waited for: from then on its number may be another's. What it
    /// left behind, such as an agent that keeps its session, it left on purpose.
    fn leave(&mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // All of it may be gone by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn program(folder: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("tool"), "").unwrap();
        std::fs::set_permissions(folder.join("tool"), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_program_is_found_in_absolute_folders_alone() {
        let room = tempfile::tempdir().unwrap();
        let (first, second) = (room.path().join("first"), room.path().join("second"));
        program(&first, 0o644);
        program(&second, 0o755);
        let path = std::env::join_paths([&first, &second]).unwrap();
        assert_eq!(find("tool", Some(&path)), Ok(second.join("tool")), "what cannot be run is passed over");
        assert_eq!(find("other", Some(&path)), Err(NotFound::Missing));
        assert_eq!(find("tool", None), Err(NotFound::Missing));
        assert_eq!(find("/x/tool", None), Ok(PathBuf::from("/x/tool")));
        // The sources of this program are in the working directory of its tests.
        for relative in ["tests/rig", "./tests/rig"] {
            let found = find("build", Some(OsStr::new(relative)));
            assert!(matches!(found, Err(NotFound::Relative(_))), "{found:?}");
        }
    }
}
