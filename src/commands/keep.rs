//! What `gen-values --allow-partial` says of clusters and Services that have no address now, and of what is kept for them
//! from the file that it replaces.

use std::path::Path;

use super::conclusion::rerun;
use super::shortfall_failure;
use super::unreadable::merged;
use crate::chart::Stores;
use crate::cli::GenValuesArgs;
use crate::failure::Failure;
use crate::fleet::discovery::Shortfall;
use crate::fleet::plan::{Endpoint, Gap};
use crate::terminal::Terminal;

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
    let mut lost: Vec<(String, Vec<Failure>)> = Vec::new();
    for shortfall in shortfalls {
        let kept: Vec<String> = shortfall.kept(endpoints).iter().map(|endpoint| endpoint.address.to_string()).collect();
        let what = match stores {
            Some(_) if kept.is_empty() => format!("skipped: `{file}` has no earlier address for it"),
            Some(_) => format!("kept {} from `{file}`", kept.join(", ")),
            None => "left out".to_owned(),
        };
        let failure = shortfall_failure(shortfall, rerun(args));
        match lost.iter_mut().find(|(other, _)| *other == what) {
            Some((_, failures)) => failures.push(failure),
            None => lost.push((what, vec![failure])),
        }
    }
    for (what, failures) in lost {
        merged(failures).iter().for_each(|failure| terminal.warning(&format!("{what}: {}", failure.summary())));
    }
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.kept() == Some(Gap::Fleet)) {
        terminal.warning(&format!(
            "kept {} from `{file}`: cluster `{}` is not in the fleet, and may be one that could not be read",
            endpoint.address, endpoint.origin.cluster
        ));
    }
    if args.stores_file().is_none() {
        terminal.warning("on stdout nothing can be kept: `--write FILE` keeps what FILE knows of what is left out");
    }
}
