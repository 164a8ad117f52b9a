//! What `validate` takes.

use std::path::PathBuf;

use clap::Args;

use super::{FormatArgs, ReleaseArgs};

const EXAMPLES: &str = "\
Examples:
  thanosctl validate values.yaml --chart bitnami/thanos --chart-version 17.3.1
  thanosctl validate -f values.yaml -f values-prod.yaml --strict
  thanosctl validate values.yaml --format sarif > findings.sarif";

/// What `validate` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ValidateArgs {
    /// Check each of these files; `-` is standard input
    ///
    /// A file may also have HelmReleases, Applications, releases of helmfile, or a ConfigMap.
    #[arg(value_name = "FILE", required_unless_present = "values")]
    pub files: Vec<PathBuf>,
    /// Check these files as layers of one release; later files win
    ///
    /// They are merged as `helm -f` merges them.
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "files")]
    pub values: Vec<PathBuf>,
    /// What the release is.
    #[command(flatten)]
    pub chosen: ReleaseArgs,
    /// Read this settings file instead of ./thanosctl.yaml
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Path to the values in the files, such as `thanos` in an umbrella chart
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub path: Option<String>,
    /// How findings are printed.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Also render the chart in this folder with Helm, and check the result
    ///
    /// The `helm` in the PATH renders the chart with the values. What the values mean must arrive in the manifests.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub helm_chart: Option<PathBuf>,
}
