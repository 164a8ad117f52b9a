//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::terminal::Color;

/// Finds the Thanos sidecars of many Kubernetes clusters and writes the Helm values of the central Thanos that
/// queries them.
///
/// Exit codes: 0 done, 2 could not work, 3 done for some clusters only, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "thanosctl", version, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to speak.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows which Services expose a StoreAPI, at which outside address, and why
    Discover(DiscoverArgs),
    /// Writes the Helm values of the central Thanos
    GenValues(GenValuesArgs),
}

/// How every command speaks.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// When to colour messages
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Messages")]
    pub color: Color,
    /// Say nothing but errors
    #[arg(short, long, global = true, help_heading = "Messages")]
    pub quiet: bool,
}

/// Where clusters come from; with none of them, the clusters of thanosctl.yaml, else the current context.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clusters")]
pub struct ClusterArgs {
    /// Ask this context; repeatable, `*` stands for any characters, a leading `!` leaves contexts out
    #[arg(long, value_name = "NAME", conflicts_with = "inventory")]
    pub context: Vec<String>,
    /// Ask every context of the kubeconfig, but for those that `--context '!NAME'` leaves out
    #[arg(long, conflicts_with = "inventory")]
    pub all_contexts: bool,
    /// Read this kubeconfig instead of $KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE", conflicts_with = "inventory")]
    pub kubeconfig: Option<PathBuf>,
    /// Ask no cluster: read what `discover -o yaml` or `kubectl get svc,endpointslices,nodes -A -o json` wrote;
    /// a folder holds one file a cluster, `-` is standard input
    #[arg(long, value_name = "FILE|DIR|-")]
    pub inventory: Vec<PathBuf>,
    /// Look at one namespace only
    #[arg(short, long, value_name = "NAME", conflicts_with = "inventory")]
    pub namespace: Option<String>,
    /// Look at all namespaces; this is the default
    #[arg(short = 'A', long, conflicts_with_all = ["namespace", "inventory"])]
    pub all_namespaces: bool,
    /// Look only at Services with these labels, such as `release=prometheus`
    #[arg(short = 'l', long, value_name = "LABELS", conflicts_with = "inventory")]
    pub selector: Option<String>,
    /// How long one cluster may take in all, such as 10s, 1500ms or 2m
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    pub timeout: Duration,
    /// How many clusters are asked at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub concurrency: u16,
    /// The settings; without it ./thanosctl.yaml, if there is one
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
}

/// What `discover` takes.
#[derive(Debug, Args)]
pub struct DiscoverArgs {
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// How to print: `yaml` and `json` are inventories, which `--inventory` takes back
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub output: DiscoverFormat,
}

/// How `discover` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DiscoverFormat {
    /// One line a Service
    #[default]
    Table,
    /// The table with the alternate addresses
    Wide,
    /// The inventory as JSON
    Json,
    /// The inventory as YAML
    Yaml,
    /// CLUSTER/NAMESPACE/NAME of each Service that feeds the querier
    Name,
}

/// What `gen-values` takes.
#[derive(Debug, Args)]
pub struct GenValuesArgs {
    /// Whose values
    #[arg(value_enum, default_value_t, value_name = "RELEASE")]
    pub target: ValuesTarget,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// The chart of the central Thanos
    #[arg(long, value_name = "REPOSITORY/NAME", help_heading = "Settings")]
    pub chart: Option<String>,
    /// The version of the chart
    #[arg(long, value_name = "VERSION", help_heading = "Settings")]
    pub chart_version: Option<String>,
    /// The name of the Helm release
    #[arg(long, value_name = "NAME", help_heading = "Settings")]
    pub release: Option<String>,
    /// The namespace of the Helm release
    #[arg(long, value_name = "NAME", help_heading = "Settings")]
    pub release_namespace: Option<String>,
    /// Write the values to this file, in one step, instead of to stdout
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub write: Option<PathBuf>,
    /// Replace files even if thanosctl did not write them
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// Write the Secrets that the values name to this file, readable by its owner alone; `-` is stdout, with --write
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub secret_manifest: Option<PathBuf>,
    /// Go on without clusters and Services that have no address now, say which, and exit with 3; with --write, what
    /// the file knew of them is kept and marked
    #[arg(long, help_heading = "Output")]
    pub allow_partial: bool,
}

/// Whose values `gen-values` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ValuesTarget {
    /// The central Thanos
    #[default]
    Thanos,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time; write it as 10s, 1500ms or 2m");
    let unit = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    match milliseconds {
        // A day is longer than anybody waits, and keeps sums of times within their range.
        Some(milliseconds) if (1..=86_400_000).contains(&milliseconds) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_time_has_a_unit_and_is_not_nothing() {
        assert_eq!(parse_duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse_duration("1500ms"), Ok(Duration::from_millis(1500)));
        for text in ["10", "", "s", "-1s", "0s", "1.5s", "99999999999999999999s", "25h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
