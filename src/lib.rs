//! thanosctl: from kubeconfig contexts to the Helm values of the central Thanos.
//!
//! ```text
//!  kubeconfig ─► cluster::gather ─► Inventory ─► sidecar ─► resolve ─► Plan ─► chart::render ─► Values
//!  (contexts)    services, slices,  (a file too)  Service   Endpoint            (dialect)        │
//!                nodes                   ▲                                                       ▼
//!                --inventory FILE|DIR ───┘                                                 stdout · file
//!      I/O                │                     pure                              │         I/O
//! ```
//!
//! Layers, each knowing only those below it:
//!
//! ```text
//! commands                              gather, decide, act
//! cli settings_file journal terminal    what is typed, thanosctl.yaml, how Services were, the screen
//! cluster                               Kubernetes
//! child  files                          other programs, the disk
//! chart                                 values files, of each chart in each version
//! fleet  settings  thanos               the clusters, what is asked for, what Thanos reads
//! findings                              what was found, and how it is written
//! languages  document  template  yaml   texts as other programs read them, and as we write them
//! names  secret  place  failure  text   what all of them speak of
//! ```
//!
//! From `chart` down all is pure: no clock, no disk, no network, no environment, no `async`. A test reads the sources
//! and fails when a layer reaches where it should not (`examples/house`).

#![forbid(unsafe_code)]

pub mod chart;
pub mod child;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod document;
pub mod failure;
pub mod files;
pub mod findings;
pub mod fleet;
pub mod journal;
pub mod json;
pub mod languages;
pub mod names;
pub mod place;
pub mod secret;
pub mod settings;
pub mod settings_file;
pub mod template;
pub mod terminal;
pub mod text;
pub mod thanos;
pub mod yaml;

use std::ffi::OsString;
use std::process::ExitCode;

use cli::{Cli, Command};
use commands::{CommandResult, FAILED, HUNG_UP, INTERRUPTED, Outcome, QUIT, TERMINATED};
use failure::Failure;
use terminal::Terminal;

/// Runs the program with these arguments, the first of which is its own name, and says how it ended.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::read(arguments) {
        Ok(cli) => cli,
        Err(told) => {
            // Help and version come this way too; clap knows which stream they belong to.
            let _ = told.print();
            return ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(FAILED));
        }
    };
    let terminal = Terminal::new(cli.output.color, cli.output.quiet, cli.output.no_input);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.failure(&Failure::new("cannot start").caused_by(error));
            return ExitCode::from(FAILED);
        }
    };
    let code = runtime.block_on(until_interrupted(command(&cli.command, &terminal), &terminal));
    // A name lookup that hangs in a thread of its own must not hold up the end.
    runtime.shutdown_background();
    ExitCode::from(code)
}

async fn command(command: &Command, terminal: &Terminal) -> CommandResult {
    match command {
        Command::Discover(args) => commands::discover::run(args, terminal).await,
        Command::GenValues(args) => commands::gen_values::run(args, terminal).await,
        Command::Diff(args) => commands::diff::run(args, terminal).await,
        Command::Validate(args) => commands::validate::run(args, terminal).await,
        Command::PatchNodeport(args) => commands::patch_nodeport::run(args, terminal).await,
        Command::Expose(args) => commands::expose::run(args, terminal).await,
        Command::Explain(args) => commands::explain::run(args, terminal),
        Command::Schema => commands::schema::run(terminal),
    }
}

async fn until_interrupted(work: impl Future<Output = CommandResult>, terminal: &Terminal) -> u8 {
    tokio::select! {
        // In this order: until the work waits for something, Ctrl-C ends the program by itself.
        biased;
        result = work => match result {
            Ok(outcome) => Outcome::exit_code(outcome),
            Err(failures) if failures.are_refused() => INTERRUPTED,
            Err(failures) => {
                terminal.failures(&failures);
                FAILED
            }
        },
        Ok(code) = stop() => code,
    }
}

/// Waits to be told to stop, by Ctrl-C or as `kill`, CI systems and a terminal that is closed do it, and gives the exit
/// code that says so. Ended by the system instead, credential plugins would live on.
async fn stop() -> std::io::Result<u8> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminated, mut quit) = (signal(SignalKind::terminate())?, signal(SignalKind::quit())?);
        let mut hung_up = (!ignores_hangup()).then(|| signal(SignalKind::hangup())).transpose()?;
        let hangup = async {
            match &mut hung_up {
                Some(hung_up) => hung_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map(|()| INTERRUPTED),
            _ = terminated.recv() => Ok(TERMINATED),
            _ = quit.recv() => Ok(QUIT),
            _ = hangup => Ok(HUNG_UP),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map(|()| INTERRUPTED)
}

/// Whether the program was started to outlive its terminal (`nohup`): then it is to ignore SIGHUP. Elsewhere than on Linux
/// nothing says so.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANGUP != 0)
}
