//! What `explain` takes.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  thanosctl explain THC103
  thanosctl explain moved-store";

/// What `explain` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExplainArgs {
    /// Code or name of a finding, such as THC103; without it, list all
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}
