//! What `gen-values --allow-partial` keeps from the file that it replaces, of clusters and Services that have no address
//! now.

use std::path::Path;

use super::shortfall_failure;
use crate::chart::{self, Stores};
use crate::cli::GenValuesArgs;
use crate::failure::Failure;
use crate::files;
use crate::model::discovery::Shortfall;
use crate::model::plan::Endpoint;
use crate::terminal::Terminal;

/// The stores of the file that is to be replaced, from which those are kept that cannot be found now; `None` when there
/// is nothing to keep from.
///
/// # Errors
/// When the file cannot be read, which is no empty list: only `--force` goes on without it.
pub(super) fn read_stores(args: &GenValuesArgs, terminal: &Terminal) -> Result<Option<Stores>, Failure> {
    let Some(path) = args.stores_file().filter(|_| args.allow_partial) else { return Ok(None) };
    let file = path.display().to_string();
    let stores = files::read_existing(path).and_then(|text| match text.filter(|text| !text.is_empty()) {
        None => Ok(Stores::default()),
        Some(text) if chart::wrote_values(&text) => Stores::read(&file, &text),
        Some(text) if chart::wrote_stores(&text) => Stores::read_config_map(&file, &text),
        Some(_) => Err(Failure::new(format!("`{file}` was not written by thanosctl"))),
    });
    match stores {
        Err(failure) if args.force => {
            terminal.warning(&format!("no store is kept of what `{file}` has: {}", failure.summary()));
            Ok(None)
        }
        stores => stores.map(Some),
    }
}

/// Says of everything that is missing what was kept of it, or that nothing was.
pub(super) fn warn_of_shortfalls(
    shortfalls: &[Shortfall],
    endpoints: &[Endpoint],
    stores: Option<&Stores>,
    args: &GenValuesArgs,
    terminal: &Terminal,
) {
    if shortfalls.is_empty() {
        return;
    }
    let file = args.stores_file().unwrap_or(Path::new("-")).display();
    for shortfall in shortfalls {
        let kept: Vec<String> = shortfall.kept(endpoints).iter().map(|endpoint| endpoint.address.to_string()).collect();
        let what = match stores {
            Some(_) if kept.is_empty() => format!("left out, since `{file}` has nothing to keep of it"),
            Some(_) => format!("kept {} from `{file}`", kept.join(", ")),
            None => "left out".to_owned(),
        };
        terminal.warning(&format!("{what}: {}", shortfall_failure(shortfall).summary()));
    }
    let is_lost = |text: &&String| !endpoints.iter().any(|endpoint| endpoint.address.to_string() == **text);
    let lost: Vec<&str> =
        stores.iter().flat_map(|stores| &stores.unknown).filter(is_lost).map(String::as_str).collect();
    if !lost.is_empty() {
        terminal.warning(&format!(
            "not kept, since `{file}` does not say from which Service they came: {}",
            lost.join(", ")
        ));
    }
    if args.stores_file().is_none() {
        terminal.warning("on stdout nothing can be kept: `--write FILE` keeps what FILE knows of what is left out");
    }
}
