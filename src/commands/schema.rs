//! `schema`: the JSON Schema of `thanosctl.yaml`.

use super::{CommandResult, Outcome};
use crate::settings;
use crate::terminal::Terminal;

/// Prints the schema.
///
/// # Errors
/// When stdout takes no more.
pub fn run(terminal: &Terminal) -> CommandResult {
    terminal.data(&format!("{:#}\n", settings::schema()))?;
    Ok(Outcome::Done)
}
