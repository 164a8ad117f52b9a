//! What can be typed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValue, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::model::names::{ClusterName, NamespaceName, ReleaseName, ServiceRef};
use crate::model::nodeport::NodePortWish;
use crate::model::release::SecretsMode;
use crate::report::Format;
use crate::terminal::Color;
use crate::text::{is_unsafe, without_credentials};

/// Finds the Thanos sidecars of many Kubernetes clusters and writes the Helm values of the central Thanos that
/// queries them.
///
/// Exit codes: 0 done, 1 something differs, 2 could not work, 3 done for some clusters only, 130 declined or interrupted.
#[derive(Debug, Parser)]
#[command(name = "thanosctl", version, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to speak.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl Cli {
    /// Parses the arguments, the first of which is the program's own name.
    ///
    /// # Errors
    /// What clap wants printed: a mistake, the help, or the version.
    pub fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.collect();
        Self::try_parse_from(&arguments).map_err(|error| without_secrets(about_version(error, &arguments)))
    }
}

/// What is quoted of a value that cannot be meant, without the credentials that it may carry.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
        let value = without_credentials(value);
        error.insert(ContextKind::InvalidValue, ContextValue::String(value));
    }
    error
}

/// Helm's `--version` is the version of a chart. Behind a verb it must not print that of this program, which would then
/// stand in a values file.
fn about_version(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let is_version = matches!(
        error.get(ContextKind::InvalidArg), Some(ContextValue::String(found)) if found == "--version" || found == "-V"
    );
    if error.kind() != ErrorKind::UnknownArgument || !is_version {
        return error;
    }
    let command = Cli::command();
    let verb = arguments.iter().find_map(|word| command.find_subcommand(word));
    let has_chart = verb.is_some_and(|verb| verb.get_arguments().any(|flag| flag.get_long() == Some("chart-version")));
    let tip = match has_chart {
        true => {
            "set the version of the chart with '--chart-version'; print that of thanosctl with 'thanosctl --version'"
        }
        false => "print the version of thanosctl with 'thanosctl --version'",
    };
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    error
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows which Services expose a StoreAPI, at which outside address, and why
    Discover(DiscoverArgs),
    /// Writes the Helm values of the central Thanos
    GenValues(GenValuesArgs),
    /// Tells whether committed values still say what is true of the fleet; changes nothing
    Diff(DiffArgs),
    /// Tells what is wrong in values files for the chart that will read them; asks no cluster
    Validate(ValidateArgs),
    /// Makes Services NodePort: planned, confirmed, verified, undoable
    PatchNodeport(PatchNodeportArgs),
    /// Puts Services that can be reached beside headless ones, one for each replica
    Expose(ExposeArgs),
    /// Tells what a finding means and how to mend it
    Explain(ExplainArgs),
    /// Prints the JSON Schema of thanosctl.yaml, by which editors complete it
    Schema,
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
    /// Never ask; what would be asked is refused. So it is where CI is set or stdin is no terminal
    #[arg(long, global = true, help_heading = "Messages")]
    pub no_input: bool,
}

/// Where clusters come from; with none of them, the clusters of thanosctl.yaml, else the current context.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clusters")]
pub struct ClusterArgs {
    /// Use this cluster: a context, or its name in the settings; repeatable, `*` matches any characters, a leading `!`
    /// excludes
    #[arg(long, value_name = "NAME")]
    pub context: Vec<String>,
    /// Use every context of the kubeconfig except those that `--context '!NAME'` excludes
    #[arg(long)]
    pub all_contexts: bool,
    /// Read this kubeconfig instead of $KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE", conflicts_with = "inventory")]
    pub kubeconfig: Option<PathBuf>,
    /// Read clusters from what `discover -o yaml` or `kubectl get svc,endpointslices,nodes -A -o json` wrote, and connect
    /// to none; a folder holds one file a cluster, `-` is standard input
    #[arg(long, value_name = "FILE|DIR|-")]
    pub inventory: Vec<PathBuf>,
    /// Use Services of this namespace only
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<NamespaceName>,
    /// Use Services of all namespaces; this is the default
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// Use only Services with these labels, such as `release=prometheus`
    #[arg(short = 'l', long, value_name = "LABELS")]
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

impl ClusterArgs {
    /// How long one cluster may take where nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
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
    /// The table with alternate addresses and with the sign that shows each role
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
    /// What the release is.
    #[command(flatten)]
    pub chosen: ReleaseArgs,
    /// Write the values to this file, in one step, instead of to stdout
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub write: Option<PathBuf>,
    /// Replace files that thanosctl did not write, and remove what this run has no reason to remove
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// Show what would change in the files and write nothing
    #[arg(long, help_heading = "Output", conflicts_with = "update")]
    pub dry_run: bool,
    /// Write the Secrets that the values name to this file, readable by its owner alone; `-` is stdout, with --write
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub secret_manifest: Option<PathBuf>,
    /// Write the ConfigMap with the stores to this file, where `thanos.query.fileSD` wants them there; not for stdout
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub sd_config_map: Option<PathBuf>,
    /// Go on without clusters and Services that have no address now, say which, and exit with 3; with --write, what
    /// the file knew of them is kept and marked
    #[arg(long, help_heading = "Output")]
    pub allow_partial: bool,
    /// Change only what thanosctl owns in this file, which people edit too; every other byte stays
    #[arg(long, value_name = "FILE", num_args = 0..=1, help_heading = "Output", conflicts_with_all = ["write", "secret_manifest", "sd_config_map", "force"])]
    pub update: Option<Option<PathBuf>>,
    /// With --update alone: change these files, which are layers of one release as `helm -f` merges them, each where the
    /// value stands that counts
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Output", requires = "update")]
    pub values: Vec<PathBuf>,
    /// Where in the file the values are, such as `thanos` in an umbrella chart; found by itself in a HelmRelease, an
    /// Application and a ConfigMap
    #[arg(long, value_name = "PATH", help_heading = "Output", requires = "update")]
    pub path: Option<String>,
    /// Remove the stores of a cluster that left the fleet, by the name that the comments beside them have; repeatable
    #[arg(long, value_name = "CLUSTER", help_heading = "Output", requires = "update", value_parser = parse_cluster_name)]
    pub remove_cluster: Vec<ClusterName>,
    /// Write nothing: print what --update would change as a patch, and exit with 1 if there is anything
    #[arg(long, help_heading = "Output", requires = "update")]
    pub check: bool,
    /// What may be done with secrets.
    #[command(flatten)]
    pub secrets: SecretArgs,
}

/// What may be done with secrets. Settings, which a stranger may propose, cannot allow it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Secrets")]
pub struct SecretArgs {
    /// Where secrets go; before they are written into values, `inline` must be said here and in the settings
    #[arg(long = "secrets", value_enum, value_name = "MODE")]
    pub mode: Option<SecretsMode>,
    /// Print secrets on stdout and in patches, which show *** without this
    #[arg(long)]
    pub show_secrets: bool,
    /// Read only those environment variables whose names begin like this; repeatable
    #[arg(long, value_name = "PREFIX")]
    pub allow_env: Vec<String>,
    /// Read secrets from files below this folder too, and not only below that of the settings; repeatable
    #[arg(long, value_name = "DIR")]
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

impl GenValuesArgs {
    /// The file that will hold the stores; `None` when they go to stdout.
    pub fn stores_file(&self) -> Option<&Path> {
        self.sd_config_map.as_deref().or(self.write.as_deref())
    }
}

/// What the Helm release is, where it is not what the settings say.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct ReleaseArgs {
    /// The chart of the central Thanos
    #[arg(long, value_name = "REPOSITORY/NAME")]
    pub chart: Option<String>,
    /// The version of the chart
    #[arg(long, value_name = "VERSION")]
    pub chart_version: Option<String>,
    /// The name of the Helm release
    #[arg(long, value_name = "NAME")]
    pub release: Option<ReleaseName>,
    /// The namespace of the Helm release
    #[arg(long, value_name = "NAME")]
    pub release_namespace: Option<NamespaceName>,
}

/// What `diff` takes.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Compare these files one by one; one may also be a HelmRelease, an Application or a ConfigMap
    #[arg(value_name = "FILE", required_unless_present = "values")]
    pub files: Vec<PathBuf>,
    /// Compare these files as layers of one release, as `helm -f` merges them: later files win
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "files")]
    pub values: Vec<PathBuf>,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// What the release is.
    #[command(flatten)]
    pub chosen: ReleaseArgs,
    /// Where in the files the values are, such as `thanos` in an umbrella chart
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub path: Option<String>,
    /// How findings are printed.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Print instead of findings the patch that would mend the files; `git apply` takes it
    #[arg(long, value_enum, value_name = "STYLE", help_heading = "Output", conflicts_with = "format")]
    pub diff_style: Option<DiffStyle>,
    /// Show the secrets of the files in the patch, which has *** without this
    #[arg(long, help_heading = "Output", requires = "diff_style")]
    pub show_secrets: bool,
    /// Take warnings for errors
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
}

/// What `validate` takes.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Check these files one by one, `-` for standard input; a file may also hold HelmReleases, Applications, releases of
    /// helmfile or a ConfigMap
    #[arg(value_name = "FILE", required_unless_present = "values")]
    pub files: Vec<PathBuf>,
    /// Check these files as layers of one release, as `helm -f` merges them: later files win
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "files")]
    pub values: Vec<PathBuf>,
    /// What the release is.
    #[command(flatten)]
    pub chosen: ReleaseArgs,
    /// The settings; without it ./thanosctl.yaml, if there is one
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Where in the files the values are, such as `thanos` in an umbrella chart
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub path: Option<String>,
    /// How findings are printed.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Render this folder's chart with the values as well, by the `helm` in the PATH, and check that what was meant
    /// arrived
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub helm_chart: Option<PathBuf>,
    /// Take warnings for errors
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
}

/// How `diff` prints a change of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffStyle {
    /// A unified diff
    Unified,
}

/// Whose values `gen-values` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ValuesTarget {
    /// The central Thanos
    #[default]
    Thanos,
}

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The code or the name of a finding, such as THC103 or moved-store; without it, all are listed
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// How findings are printed, by every command that has some.
#[derive(Debug, Args)]
pub struct FormatArgs {
    /// How to print what was found
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub format: Format,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Human, Self::Json, Self::Github, Self::Junit, Self::Sarif]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Human => ("human", "For people, with the lines of the files"),
            Self::Json => ("json", "The document that docs/findings.md describes"),
            Self::Github => ("github", "Annotations of GitHub Actions"),
            Self::Junit => ("junit", "JUnit XML, as GitLab and Jenkins show it"),
            Self::Sarif => ("sarif", "SARIF 2.1.0, for code scanning"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

/// What `patch-nodeport` takes.
#[derive(Debug, Args)]
pub struct PatchNodeportArgs {
    /// Which Services, in every chosen cluster; without any, all sidecars that have no outside address
    #[arg(value_name = "NAMESPACE/NAME", conflicts_with_all = ["namespace", "selector"])]
    pub services: Vec<ServiceRef>,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// Take this node port instead of one of the cluster's choice; PORT is a port's name or number, needed where
    /// several could be meant
    #[arg(long, value_name = "[PORT=]N", help_heading = "Change")]
    pub node_port: Vec<NodePortWish>,
    /// Which port is meant and its address printed: its name or number; a StoreAPI's gRPC port by itself
    #[arg(long, value_name = "PORT", help_heading = "Change")]
    pub port: Option<String>,
    /// Change LoadBalancers too, which destroys their load balancers
    #[arg(long, help_heading = "Change")]
    pub replace_loadbalancer: bool,
    /// Show with the plan the exact patches that are sent
    #[arg(long, help_heading = "Output")]
    pub show_patch: bool,
    /// Print the plan with its patches as a document, with --dry-run client or --inventory
    #[arg(short, long, value_enum, value_name = "FORMAT", help_heading = "Output", conflicts_with_all = ["show_patch", "undo"])]
    pub output: Option<ManifestFormat>,
    /// Bring Services back to how they were before; without names, all that were changed
    #[arg(long, help_heading = "Change", conflicts_with_all = ["inventory", "node_port", "port", "replace_loadbalancer"])]
    pub undo: bool,
    /// How changes are made.
    #[command(flatten)]
    pub writing: WritingArgs,
}

/// What `expose` takes.
#[derive(Debug, Args)]
pub struct ExposeArgs {
    /// Beside which Services, in every chosen cluster; without any, all headless sidecars and all that hide replicas
    /// behind one address
    #[arg(value_name = "NAMESPACE/NAME", conflicts_with_all = ["namespace", "selector"])]
    pub services: Vec<ServiceRef>,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// The type of the Services that are made; without it those that exist stay what they are, and new ones are NodePort
    #[arg(long = "type", value_enum, ignore_case = true, value_name = "TYPE", help_heading = "Change")]
    pub service_type: Option<ExposeType>,
    /// Make one for each replica; this is the default where there are several pods of a StatefulSet
    #[arg(long, help_heading = "Change", conflicts_with = "one_for_all")]
    pub per_replica: bool,
    /// Make one for all replicas
    #[arg(long, help_heading = "Change")]
    pub one_for_all: bool,
    /// Take this node port instead of one of the cluster's choice, when one Service is made in a cluster
    #[arg(long, value_name = "[PORT=]N", help_heading = "Change")]
    pub node_port: Option<NodePortWish>,
    /// Which port is exposed: its name or number; the gRPC port by itself
    #[arg(long, value_name = "PORT", help_heading = "Change")]
    pub port: Option<String>,
    /// Remove what was made; without names, all of it in the chosen clusters
    #[arg(
        long,
        help_heading = "Change",
        conflicts_with_all = ["inventory", "service_type", "per_replica", "one_for_all", "node_port", "port", "output"]
    )]
    pub undo: bool,
    /// Print manifests for `kubectl apply` or GitOps, with --dry-run client or --inventory
    #[arg(short, long, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub output: Option<ManifestFormat>,
    /// How changes are made.
    #[command(flatten)]
    pub writing: WritingArgs,
}

/// Of which type the Services of `expose` are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExposeType {
    /// A port on every node
    #[value(name = "NodePort")]
    NodePort,
    /// A load balancer
    #[value(name = "LoadBalancer")]
    LoadBalancer,
}

/// How manifests are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ManifestFormat {
    /// As YAML
    Yaml,
    /// As JSON
    Json,
}

/// How every command changes clusters.
#[derive(Debug, Args)]
#[command(next_help_heading = "Change")]
pub struct WritingArgs {
    /// Change nothing: `client` shows what would be sent, `server` has the API server check it
    #[arg(long, value_enum, value_name = "WHERE")]
    pub dry_run: Option<DryRun>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Do what is refused for a reason that is told: replace a load balancer, change what a controller will change
    /// back, undo what somebody else changed since
    #[arg(long)]
    pub force: bool,
    /// Go on without clusters that cannot be read, say which, and exit with 3
    #[arg(long)]
    pub allow_partial: bool,
    /// As whom the API server notes the change
    #[arg(long, value_name = "NAME", default_value = "thanosctl", value_parser = parse_field_manager)]
    pub field_manager: String,
    /// Where to keep how Services were and which were made; $XDG_STATE_HOME/thanosctl or ~/.local/state/thanosctl by
    /// default
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
    /// Undo also what only an annotation says and the journal does not know; without it each such Service is asked for,
    /// also with --yes. Whoever may annotate a Service can write it
    #[arg(long)]
    pub trust_annotations: bool,
}

/// Who checks a change that is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// It is only shown
    Client,
    /// The API server checks it, and stores nothing
    Server,
}

/// At most 128 printable characters, as the API server wants it (apimachinery, `ValidateFieldManager`).
fn parse_field_manager(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.len() <= 128 && !text.chars().any(is_unsafe) {
        Ok(text.to_owned())
    } else {
        Err("a field manager has 1 to 128 printable characters".to_owned())
    }
}

fn parse_cluster_name(text: &str) -> Result<ClusterName, String> {
    ClusterName::try_from(text.to_owned()).map_err(|error| error.to_string())
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
    fn findings_are_printed_in_the_format_that_is_named() {
        #[derive(Debug, Parser)]
        struct Check {
            #[command(flatten)]
            format: FormatArgs,
        }
        let format = |arguments: &[&str]| Check::try_parse_from(arguments).map(|check| check.format.format).ok();
        assert_eq!(format(&["check"]), Some(Format::Human));
        for (name, expected) in [
            ("human", Format::Human),
            ("json", Format::Json),
            ("github", Format::Github),
            ("junit", Format::Junit),
            ("sarif", Format::Sarif),
        ] {
            assert_eq!(format(&["check", "--format", name]), Some(expected));
        }
        assert_eq!(format(&["check", "--format", "xml"]), None);
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
