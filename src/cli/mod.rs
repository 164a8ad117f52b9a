//! What can be typed: the verbs here, the flags of each in a file of its name, and those that several share.

mod clusters;
mod diff;
mod discover;
mod explain;
mod expose;
mod findings;
mod gen_values;
mod patch_nodeport;
mod release;
mod validate;
mod writing;

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::terminal::Color;
use crate::text::without_credentials;

pub use clusters::ClusterArgs;
pub use diff::{DiffArgs, DiffStyle};
pub use discover::{DiscoverArgs, DiscoverFormat};
pub use explain::ExplainArgs;
pub use expose::{ExposeArgs, ExposeType};
pub use findings::FormatArgs;
pub use gen_values::{GenValuesArgs, SecretArgs, ValuesTarget};
pub use patch_nodeport::PatchNodeportArgs;
pub use release::ReleaseArgs;
pub use validate::ValidateArgs;
pub use writing::{DryRun, ManifestFormat, WritingArgs};

const EXAMPLES: &str = "\
Examples:
  thanosctl discover --all-contexts
  thanosctl gen-values --all-contexts --write values.yaml
  thanosctl diff values.yaml --all-contexts

Exit codes:
  0  done, nothing differs
  1  something differs, or a finding is an error
  2  failed
  3  done for some clusters only
  130  declined or interrupted";

/// Find the Thanos sidecars of many Kubernetes clusters, and write the Helm values of the central Thanos that queries
/// them.
#[derive(Debug, Parser)]
#[command(name = "thanosctl", version, max_term_width = 110, after_help = EXAMPLES)]
pub struct Cli {
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
    /// How messages are shown.
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
    /// Find Thanos sidecars, and the addresses at which they can be reached
    ///
    /// Connects to the clusters and lists each Service that has a StoreAPI: its role, its outside address, and why it has
    /// none. Changes nothing.
    Discover(DiscoverArgs),
    /// Write the Helm values of the central Thanos
    ///
    /// The stores come from the clusters, everything else from thanosctl.yaml.
    GenValues(GenValuesArgs),
    /// Compare committed values files with the live fleet
    ///
    /// Changes nothing. Exit code 1 if something differs.
    Diff(DiffArgs),
    /// Check values files against the chart that will read them
    ///
    /// Connects to no cluster.
    Validate(ValidateArgs),
    /// Change Services to NodePort
    ///
    /// Shows a plan, asks for confirmation, and reads the result back. --undo restores the Services.
    PatchNodeport(PatchNodeportArgs),
    /// Create reachable Services next to headless ones, one for each replica
    ///
    /// Shows a plan, asks for confirmation, and reads the result back. --undo deletes the Services.
    Expose(ExposeArgs),
    /// Explain a finding, and how to fix it
    Explain(ExplainArgs),
    /// Print the JSON Schema of thanosctl.yaml, for editors
    Schema,
}

/// How every command shows messages.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Use colours in messages
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Messages")]
    pub color: Color,
    /// Print errors only
    #[arg(short, long, global = true, help_heading = "Messages")]
    pub quiet: bool,
    /// Never prompt; fail instead
    ///
    /// The default when CI is set or standard input is not a terminal.
    #[arg(long, global = true, help_heading = "Messages")]
    pub no_input: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// As many columns and lines as a terminal of a laptop shows.
    const SCREEN: (usize, usize) = (100, 55);

    #[test]
    fn the_short_help_of_each_verb_fits_a_screen_and_ends_with_examples_that_work() {
        let command = Cli::command().term_width(SCREEN.0);
        let verbs = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect::<Vec<_>>();
        for verb in verbs.iter().filter(|verb| *verb != "schema") {
            let arguments = ["thanosctl", verb, "-h"];
            let help = command.clone().try_get_matches_from(arguments).expect_err("the help").to_string();
            assert!(help.lines().count() <= SCREEN.1, "{verb}: {} lines\n{help}", help.lines().count());
            let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{verb} has no examples"));
            let examples: Vec<&str> = examples.lines().filter(|line| !line.trim().is_empty()).collect();
            assert!((2..=3).contains(&examples.len()), "{verb}: {examples:?}");
            for example in examples {
                let typed = example.split(" > ").next().unwrap_or_default().split_whitespace();
                if let Err(error) = Cli::try_parse_from(typed) {
                    panic!("{example}\n{error}");
                }
            }
        }
    }
}
