//! What `diff` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ClusterArgs, FormatArgs, ReleaseArgs};

const EXAMPLES: &str = "\
Examples:
  thanosctl diff values.yaml --all-contexts
  thanosctl diff -f values.yaml -f values-prod.yaml --format github
  thanosctl diff values.yaml --diff-style unified > drift.patch";

/// What `diff` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DiffArgs {
    /// Compare each of these files: values, HelmRelease, Application or ConfigMap
    #[arg(value_name = "FILE", required_unless_present = "values")]
    pub files: Vec<PathBuf>,
    /// Compare these files as layers of one release; later files win
    ///
    /// They are merged as `helm -f` merges them.
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "files")]
    pub values: Vec<PathBuf>,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// What the release is.
    #[command(flatten)]
    pub chosen: ReleaseArgs,
    /// Path to the values in the files, such as `thanos` in an umbrella chart
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub path: Option<String>,
    /// How findings are printed.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Print a patch that fixes the files instead of findings
    ///
    /// `git apply` takes it.
    #[arg(long, value_enum, value_name = "STYLE", help_heading = "Output", conflicts_with = "format")]
    pub diff_style: Option<DiffStyle>,
    /// Print secrets in the patch instead of ***
    #[arg(long, help_heading = "Output", requires = "diff_style")]
    pub show_secrets: bool,
}

/// How `diff` prints a change of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffStyle {
    /// A unified diff
    Unified,
}
