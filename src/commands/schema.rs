//! `schema`: the JSON Schema of `thanosctl.yaml`.

use super::{CommandResult, Outcome};
use crate::settings_file;
use crate::terminal::Terminal;

/// Prints the schema.
///
/// # Errors
/// When stdout takes no more.
pub fn run(terminal: &Terminal) -> CommandResult {
    terminal.data(&format!("{:#}\n", settings_file::schema()))?;
    Ok(Outcome::Done)
}
