//! What `discover` takes.

use clap::{Args, ValueEnum};

use super::ClusterArgs;

const EXAMPLES: &str = "\
Examples:
  thanosctl discover --all-contexts
  thanosctl discover --all-contexts -o yaml > inventory.yaml";

/// What `discover` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DiscoverArgs {
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// Print in this format; --inventory reads yaml and json
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub output: DiscoverFormat,
}

/// How `discover` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DiscoverFormat {
    /// One line for each Service
    #[default]
    Table,
    /// The table with alternative addresses and the reason for each role
    Wide,
    /// The inventory as JSON
    Json,
    /// The inventory as YAML
    Yaml,
    /// CLUSTER/NAMESPACE/NAME of each Service that the querier uses
    Name,
}
