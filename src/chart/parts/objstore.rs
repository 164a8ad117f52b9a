//! The object store: its configuration, or the Secret that holds it.

use serde_json::json;

use super::given::{Given, own};
use crate::chart::layout::Written;
use crate::chart::release::Release;
use crate::chart::secret_places::Store;
use crate::failure::Failures;
use crate::thanos::objstore::FILE;

pub(super) fn text(given: &Given<'_, '_>) -> Result<Option<Written>, Failures> {
    match &given.release.store {
        Store::Values(description) => Ok(Some(given.lines(&description.yaml(given.release.request.secrets)?))),
        Store::None | Store::Manifest(..) | Store::Existing(..) => Ok(None),
    }
}

pub(super) fn created(release: &Release<'_>) -> Option<Written> {
    match &release.store {
        Store::Values(_) => Some(own(true)),
        Store::Manifest(..) | Store::Existing(..) => Some(own(false)),
        Store::None => None,
    }
}

pub(super) fn secret(given: &Given<'_, '_>) -> Option<Written> {
    match &given.release.store {
        Store::Manifest(name, _) | Store::Existing(name, _) => Some(given.line(name)),
        Store::None | Store::Values(_) => None,
    }
}

pub(super) fn secret_key(given: &Given<'_, '_>) -> Option<Written> {
    other_key(given.release).map(|key| given.line(key))
}

pub(super) fn secret_items(release: &Release<'_>) -> Option<Written> {
    let key = other_key(release)?;
    Some(Written::Value(json!([{"key": key, "path": release.chart.dialect.objstore_key}])))
}

/// The key in the Secret, where it is not the chart's own.
fn other_key<'r>(release: &'r Release<'_>) -> Option<&'r str> {
    let key = match &release.store {
        Store::Manifest(..) => FILE,
        Store::Existing(_, key) => key,
        Store::None | Store::Values(_) => return None,
    };
    Some(key).filter(|key| *key != release.chart.dialect.objstore_key)
}
