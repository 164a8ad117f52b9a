//! Runs the real program in a clean room: an empty folder, a home of its own, and no environment but what a test
//! gives it.

use std::cell::Cell;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Only a hang lasts as long.
const HANG: Duration = Duration::from_secs(60);

/// A folder in which the program runs.
pub(crate) struct Room {
    folder: tempfile::TempDir,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the room, with the folders above it.
    pub(crate) fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
        self
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file can be read")
    }

    /// The program, ready to run here with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thanosctl"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.finish(self.command(arguments), "")
    }

    /// The same in an address space of so many KiB.
    pub(crate) fn run_within(&self, memory: u32, arguments: &[&str]) -> Run {
        let program = self.command(arguments);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("ulimit -v {memory} && exec \"$0\" \"$@\"")]).arg(program.get_program());
        command.args(program.get_args()).current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        self.finish(command, "")
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        self.finish(self.command(arguments), input)
    }

    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        self.finish(command, "")
    }

    /// Runs the program with a terminal for its three streams, the terminal that controls it. Whenever something new is
    /// on the screen, `keys` sees all of it and says what is typed then. Returns the exit code and all that reached the
    /// screen.
    pub(crate) fn on_a_terminal(
        &self,
        arguments: &[&str],
        keys: impl Fn(&str) -> Option<&'static str>,
    ) -> (i32, String) {
        self.on_a_screen(arguments, None, keys)
    }

    /// The same on a terminal that says how many columns it has.
    pub(crate) fn on_a_screen(
        &self,
        arguments: &[&str],
        columns: Option<u16>,
        keys: impl Fn(&str) -> Option<&'static str>,
    ) -> (i32, String) {
        on_a_screen(self.command(arguments), columns, keys)
    }

    fn finish(&self, mut command: Command, input: &str) -> Run {
        let arguments: Vec<String> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A program that does not read its input may be gone already.
        let _ = child.stdin.take().expect("stdin is piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        let run = Run {
            code: output.status.code().expect("the program was not killed"),
            stdout: text(output.stdout),
            stderr: text(output.stderr).replace(&self.folder.path().display().to_string(), "ROOM"),
        };
        crate::hints::check(&arguments, &run);
        crate::hints::make_right(self.folder.path(), &arguments, &run);
        run
    }
}

/// The path of a fixture.
pub(crate) fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).display().to_string()
}

/// The text of a fixture.
pub(crate) fn fixture_text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).expect("the fixture can be read")
}

/// Runs a command as [`Room::on_a_screen`] does; without a `TERM` of its own it sees an xterm.
pub(crate) fn on_a_screen(
    mut command: Command,
    columns: Option<u16>,
    keys: impl Fn(&str) -> Option<&'static str>,
) -> (i32, String) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::os::unix::process::CommandExt as _;
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    if let Some(columns) = columns {
        let size = rustix::termios::Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&master, size).unwrap();
    }
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let open = || Stdio::from(File::options().read(true).write(true).open(&name).unwrap());
    if !command.get_envs().any(|(name, _)| name == "TERM") {
        command.env("TERM", "xterm");
    }
    command.stdin(open()).stdout(open()).stderr(open());
    // Keys such as Ctrl-C reach only who is controlled by the terminal.
    // SAFETY: both are plain system calls, which may be made between fork and exec.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
            Ok(())
        });
    }
    let mut child = command.spawn().expect("the program starts");
    drop(command);
    // A question that nobody answers keeps the program: it is ended then, and what it showed is told.
    let (ended, ends) = channel();
    let id = child.id().to_string();
    std::thread::spawn(move || {
        if ends.recv_timeout(HANG) == Err(RecvTimeoutError::Timeout) {
            Command::new("kill").args(["-KILL", &id]).status().unwrap();
        }
    });
    let (mut master, mut screen, mut buffer) = (File::from(master), Vec::new(), [0; 4096]);
    // The kernel ends the reading with an error when the last holder of the other side is gone.
    while let Ok(read @ 1..) = master.read(&mut buffer) {
        screen.extend_from_slice(&buffer[..read]);
        if let Some(keys) = keys(&String::from_utf8_lossy(&screen)) {
            master.write_all(keys.as_bytes()).expect("the terminal takes keys");
        }
    }
    let (code, screen) = (child.wait().unwrap().code(), String::from_utf8(screen).unwrap());
    let _ = ended.send(());
    (code.unwrap_or_else(|| panic!("the program was killed: {screen:?}")), screen)
}

/// Types `keys` whenever a question that is answered by yes or no is on the screen, once for each.
pub(crate) fn say(keys: &'static str) -> impl Fn(&str) -> Option<&'static str> {
    let answered = Cell::new(0);
    move |screen| {
        let asked = screen.matches("[y/N] ").count();
        (asked > answered.replace(asked)).then_some(keys)
    }
}

/// Types what stands beside each text, one after the other, when the text appears behind where the one before was seen.
pub(crate) fn follow(
    steps: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> impl Fn(&str) -> Option<&'static str> {
    let steps: Vec<(&str, &'static str)> = steps.into_iter().collect();
    let (done, seen) = (Cell::new(0), Cell::new(0));
    move |screen| {
        let (text, keys) = steps.get(done.get())?;
        let at = screen.get(seen.get()..)?.find(text)?;
        seen.set(seen.get() + at + text.len());
        done.set(done.get() + 1);
        Some(keys)
    }
}

/// What a screen of 24 rows shows in the end of all that reached it. The cursor is visible then.
pub(crate) fn shown(screen: &str, columns: u16) -> String {
    let mut terminal = vt100::Parser::new(24, columns, 0);
    terminal.process(screen.as_bytes());
    assert!(!terminal.screen().hide_cursor(), "the cursor is hidden: {screen:?}");
    terminal.screen().contents()
}
