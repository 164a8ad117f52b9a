//! Which Helm release a command is about.

use clap::Args;

use crate::names::{NamespaceName, ReleaseName};

/// What the Helm release is, where it is not what the settings say.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct ReleaseArgs {
    /// Chart of the central Thanos, such as bitnami/thanos
    #[arg(long, value_name = "REPOSITORY/NAME")]
    pub chart: Option<String>,
    /// Version of the chart, such as 17.3.1, 17 or latest
    #[arg(long, value_name = "VERSION")]
    pub chart_version: Option<String>,
    /// Name of the Helm release
    #[arg(long, value_name = "NAME")]
    pub release: Option<ReleaseName>,
    /// Namespace of the Helm release
    #[arg(long, value_name = "NAME")]
    pub release_namespace: Option<NamespaceName>,
}
