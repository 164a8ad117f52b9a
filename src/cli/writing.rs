//! How commands change clusters.

use std::path::PathBuf;

use anyhow::ensure;
use clap::{Args, ValueEnum};

use crate::text::is_unsafe;

/// How every command changes clusters.
#[derive(Debug, Args)]
#[command(next_help_heading = "Change")]
pub struct WritingArgs {
    /// Change nothing; show the plan, or let the API server check it
    #[arg(long, value_enum, value_name = "WHERE")]
    pub dry_run: Option<DryRun>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
    /// Override a safety refusal
    ///
    /// Replace a load balancer, change what a controller will change back, undo what somebody else changed since.
    #[arg(long)]
    pub force: bool,
    /// Continue without clusters that cannot be read; exit code 3
    #[arg(long)]
    pub allow_partial: bool,
    /// Field manager of the change, as the API server records it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "thanosctl",
        value_parser = parse_field_manager,
        hide_short_help = true
    )]
    pub field_manager: String,
    /// Folder of the journal that --undo reads
    ///
    /// The journal records how Services were before and which ones were created. Default: $XDG_STATE_HOME/thanosctl, or
    /// ~/.local/state/thanosctl.
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub journal: Option<PathBuf>,
    /// With --undo: trust annotations that the journal does not know
    ///
    /// Whoever may annotate a Service can write them. Without this flag each such Service is asked for, also with --yes.
    #[arg(long, hide_short_help = true)]
    pub trust_annotations: bool,
}

/// Who checks a change that is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// Nothing is sent
    Client,
    /// The API server checks the change, and stores nothing
    Server,
}

/// How manifests are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ManifestFormat {
    /// As YAML
    Yaml,
    /// As JSON
    Json,
}

/// At most 128 printable characters, as the API server wants it (apimachinery, `ValidateFieldManager`).
fn parse_field_manager(text: &str) -> anyhow::Result<String> {
    let is_one = !text.is_empty() && text.len() <= 128 && !text.chars().any(is_unsafe);
    ensure!(is_one, "a field manager has 1 to 128 printable characters");
    Ok(text.to_owned())
}
