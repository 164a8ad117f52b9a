//! thanosctl against the real thing: API servers, Helm, `thanos query`.
//!
//! Ignored until asked for, since they need the binaries that `tests/rig/build` makes:
//!
//! ```console
//! $ tests/rig/build && cargo test --test it -- --include-ignored
//! ```
//!
//! Tests share one pair of clusters, `eu` and `us`, and keep apart by namespace.

mod access;
mod clusters;
mod discover;
mod drift;
mod expect;
mod expose;
mod forged;
mod helm;
mod killer;
mod large;
mod objects;
mod objstore;
mod patch;
mod process;
mod rules;
mod same;
mod thanos;
mod yaml;

use std::path::PathBuf;

/// The binary `name` of the rig.
pub(crate) fn tool(name: &str) -> PathBuf {
    let folder = std::env::var_os("RIG_BIN")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rig/bin")), PathBuf::from);
    let path = folder.join(name);
    assert!(path.is_file(), "the rig has no `{name}` at {}: run tests/rig/build first (it needs Go)", path.display());
    path
}
