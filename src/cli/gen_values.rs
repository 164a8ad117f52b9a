//! What `gen-values` takes.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::{ClusterArgs, ReleaseArgs};
use crate::names::ClusterName;
use crate::settings::thanos::SecretsMode;

const EXAMPLES: &str = "\
Examples:
  thanosctl gen-values --all-contexts --write values.yaml
  thanosctl gen-values --all-contexts --update values.yaml
  thanosctl gen-values --inventory inventory.yaml --update values.yaml --check";

/// What `gen-values` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct GenValuesArgs {
    /// Release whose values are written
    #[arg(value_enum, default_value_t, value_name = "RELEASE")]
    pub target: ValuesTarget,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// What the release is.
    #[command(flatten)]
    pub chosen: ReleaseArgs,
    /// Write the values to this file instead of stdout
    ///
    /// The file is replaced in one step, and is never half written. Before a file that thanosctl wrote is replaced, its
    /// changes are shown; what this run has no reason to remove is not removed.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub write: Option<PathBuf>,
    /// Override a safety refusal of --write
    ///
    /// Replace a file that thanosctl did not write, and remove what this run has no reason to remove.
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// Write also through symbolic links that lead out of the repository
    #[arg(long, help_heading = "Output", hide_short_help = true)]
    pub follow_links: bool,
    /// Show what would change in the files; write nothing
    #[arg(long, help_heading = "Output", conflicts_with = "update")]
    pub dry_run: bool,
    /// Write the Secrets that the values name to this file
    ///
    /// Only its owner can read the file. `-` is stdout, together with --write.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub secret_manifest: Option<PathBuf>,
    /// Write the ConfigMap with the stores to this file
    ///
    /// Where `thanos.query.fileSD` of the settings puts the stores into a ConfigMap. Not for stdout.
    #[arg(long, value_name = "FILE", help_heading = "Output", hide_short_help = true)]
    pub sd_config_map: Option<PathBuf>,
    /// Continue without what has no address now; exit code 3
    ///
    /// Continue without clusters that cannot be read and Services that have no address now, and name them. With --write
    /// and --update, what the file knew of them is kept and marked.
    #[arg(long, help_heading = "Output")]
    pub allow_partial: bool,
    /// Change only the values that thanosctl manages in this file
    ///
    /// People may edit the file too: every other byte stays as it is.
    #[arg(long, value_name = "FILE", num_args = 0..=1, help_heading = "Output", conflicts_with_all = ["write", "secret_manifest", "sd_config_map", "force"])]
    pub update: Option<Option<PathBuf>>,
    /// With --update: change these layers of one release
    ///
    /// The files are merged as `helm -f` merges them, later files win. Each value is changed in the file whose value
    /// counts. --update has no file of its own then.
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Output", requires = "update")]
    pub values: Vec<PathBuf>,
    /// Path to the values in the file, such as `thanos` in an umbrella chart
    ///
    /// Not needed for a HelmRelease, an Application and a ConfigMap.
    #[arg(long, value_name = "PATH", help_heading = "Output", requires = "update")]
    pub path: Option<String>,
    /// Remove the stores of a cluster that left the fleet; repeatable
    ///
    /// By the name of the cluster in the comments beside its stores.
    #[arg(long, value_name = "CLUSTER", help_heading = "Output", requires = "update", value_parser = parse_cluster_name)]
    pub remove_cluster: Vec<ClusterName>,
    /// With --update: write nothing, print the patch; exit code 1 for changes
    #[arg(long, help_heading = "Output", requires = "update")]
    pub check: bool,
    /// What may be done with secrets.
    #[command(flatten)]
    pub secrets: SecretArgs,
}

impl GenValuesArgs {
    /// The file that will hold the stores; `None` when they go to stdout.
    pub fn stores_file(&self) -> Option<&Path> {
        self.sd_config_map.as_deref().or(self.write.as_deref())
    }
}

/// Whose values `gen-values` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ValuesTarget {
    /// The central Thanos
    #[default]
    Thanos,
}

/// What may be done with secrets. Settings, which a stranger may propose, cannot allow it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Secrets")]
pub struct SecretArgs {
    /// Where secrets are written
    ///
    /// Secrets are only written into values if the command line and the settings both say `inline`.
    #[arg(long = "secrets", value_enum, value_name = "MODE")]
    pub mode: Option<SecretsMode>,
    /// Print secrets on stdout and in patches instead of ***
    #[arg(long)]
    pub show_secrets: bool,
    /// Allow only environment variables with this prefix; repeatable
    #[arg(long, value_name = "PREFIX", hide_short_help = true)]
    pub allow_env: Vec<String>,
    /// Allow secrets from files below this folder; repeatable
    ///
    /// Files below the folder of the settings are allowed always.
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub allow_files_from: Vec<PathBuf>,
}

impl ValueEnum for SecretsMode {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Manifest, Self::Inline]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Manifest => PossibleValue::new("manifest").help("Into Secrets, which --secret-manifest writes"),
            Self::Inline => PossibleValue::new("inline").help("Into the values"),
        })
    }
}

fn parse_cluster_name(text: &str) -> Result<ClusterName, String> {
    ClusterName::try_from(text.to_owned()).map_err(|error| error.to_string())
}
