//! Servers that never outlive the tests.

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A server that runs until this is dropped, or until the tests are gone in whatever way.
pub(super) struct Server {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `program`; what it prints goes to `NAME.log` in `folder`.
    pub(super) fn start<I: AsRef<std::ffi::OsStr>>(
        name: &str,
        folder: &Path,
        program: &Path,
        arguments: impl IntoIterator<Item = I>,
    ) -> Self {
        // Drop runs neither for a static nor when the tests are killed, so a watcher beside the server holds the
        // reading end of a pipe from us: when it ends without a line, we are gone, and so the server must go. `exec`
        // makes the server the child itself, so that its early death is seen at once.
        const WATCHED: &str =
            r#"exec 3<&0; (read -r bye <&3 || kill -9 $$) > /dev/null 2>&1 & exec "$@" 3<&- < /dev/null"#;
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).expect("the log can be created");
        let child = Command::new("sh")
            .args(["-c", WATCHED, "sh"])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("a file handle can be cloned"))
            .stderr(output)
            .spawn()
            .expect("sh starts");
        Self { name: name.to_owned(), child, log }
    }

    /// Panics, with the end of its log, when the server has ended by itself.
    pub(super) fn assert_alive(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child can be asked for its status") {
            panic!("{} ended with {status} (signal {:?}):\n{}", self.name, status.signal(), self.last_words());
        }
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked for its status").is_some()
    }

    /// The last lines of its log.
    pub(super) fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!("{}\n({})", lines[lines.len().saturating_sub(15)..].join("\n"), self.log.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The line tells the watcher that all is well and nothing is left to kill.
        if let Some(mut watcher) = self.child.stdin.take() {
            let _ = writeln!(watcher, "bye");
        }
    }
}

/// A port that nobody listens on, and that is handed out once.
///
/// Below the ports that Linux gives to outgoing connections (32768 and up): one of those might take it before the
/// server does, which can only be told a number.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    const PORTS: std::ops::Range<u32> = 12_000..32_000;
    loop {
        // Runs side by side start at different places.
        let step = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id().wrapping_mul(97));
        let port = u16::try_from(PORTS.start + step % (PORTS.end - PORTS.start)).expect("the range holds ports");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Asks `probe` again and again until it has an answer; panics with `what` and the last reason after `deadline`.
pub(super) fn wait_for<T>(what: &str, deadline: Duration, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match probe() {
            Ok(answer) => return answer,
            Err(reason) if start.elapsed() > deadline => panic!("{what}: not within {deadline:?}: {reason}"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// A folder for one run of the tests under `target/tmp`. It stays until the next run, so that logs can be read; those
/// of runs that are over are removed here.
pub(super) fn run_folder() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix("rig-"));
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let folder = root.join(format!("rig-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("target/tmp can be written");
    folder
}

/// What `work` makes of each item, so many `workers` at once, in their order.
pub(super) fn each<T: Sync, R: Send>(workers: usize, items: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some((index, item)) = queue.lock().unwrap().next() else { break };
                    let result = work(index, item);
                    done.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
