//! Which clusters a command asks, and for what.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::anyhow;
use clap::Args;

use crate::names::NamespaceName;

/// Where clusters come from; with none of them, the clusters of thanosctl.yaml, else the current context.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clusters")]
pub struct ClusterArgs {
    /// Use this cluster; repeatable, `*` matches, a leading `!` excludes
    ///
    /// A context of the kubeconfig, or the name of a cluster in the settings. `*` matches any characters. Without
    /// `--context`, `--all-contexts` and `--inventory`: the clusters of the settings, else the current context.
    #[arg(long, value_name = "NAME")]
    pub context: Vec<String>,
    /// The context that was chosen when somebody was asked, as good as one that was typed
    #[arg(skip)]
    pub picked_context: OnceLock<String>,
    /// Use every context of the kubeconfig
    ///
    /// Exclude some of them with `--context '!NAME'`.
    #[arg(long)]
    pub all_contexts: bool,
    /// Read this kubeconfig instead of $KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE", conflicts_with = "inventory")]
    pub kubeconfig: Option<PathBuf>,
    /// Read clusters from files instead of connecting; repeatable
    ///
    /// The output of `thanosctl discover -o yaml`, or of `kubectl get svc,endpointslices,nodes -A -o json`. A folder has
    /// one file for each cluster; `-` is standard input.
    #[arg(long, value_name = "FILE|DIR|-")]
    pub inventory: Vec<PathBuf>,
    /// Use only Services of this namespace
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<NamespaceName>,
    /// Use Services of all namespaces (the default)
    #[arg(short = 'A', long, conflicts_with = "namespace", hide_short_help = true)]
    pub all_namespaces: bool,
    /// Use only Services with these labels, such as `release=prometheus`
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub selector: Option<String>,
    /// Time limit for each cluster, such as 1500ms or 2m
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    pub timeout: Duration,
    /// Number of clusters that are asked at the same time
    #[arg(
        long,
        value_name = "N",
        default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(1..=1024),
        hide_short_help = true
    )]
    pub concurrency: u16,
    /// Read this settings file instead of ./thanosctl.yaml
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
}

impl ClusterArgs {
    /// The time limit for each cluster where nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}

fn parse_duration(text: &str) -> anyhow::Result<Duration> {
    let wrong = || anyhow!("`{text}` is no time; write it as 10s, 1500ms or 2m");
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
    fn a_time_has_a_unit_and_is_not_nothing() {
        assert_eq!(parse_duration("10s").unwrap(), Duration::from_secs(10));
        assert_eq!(parse_duration("1500ms").unwrap(), Duration::from_millis(1500));
        for text in ["10", "", "s", "-1s", "0s", "1.5s", "99999999999999999999s", "25h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
