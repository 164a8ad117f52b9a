//! `gen-values --update`: what is true now, written into a file that people edit too.

use similar::TextDiff;

use super::values_file::ValuesFile;
use crate::chart::edit::{Absent, Change, Store, edit};
use crate::chart::mirror::{Key, is_same};
use crate::chart::provenance;
use crate::failure::Failure;
use crate::model::discovery::Discovery;
use crate::model::drift::{Committed, Drift, Fate};
use crate::model::plan::{Endpoint, Evidence, Gap, Origin, Source};

/// The keys of the file that say something else than the settings.
pub fn differing<'k>(file: &ValuesFile, keys: &'k [Key]) -> Result<Vec<&'k Key>, Failure> {
    let view = file.view()?;
    Ok(keys.iter().filter(|key| view.value(&key.path).is_some_and(|value| !is_same(value, &key.value))).collect())
}

/// The text of `file` with the stores that `drift` says it should have, and with `keys` as the settings have them. What
/// is foreign stays, what could not be asked stays and is marked, what is gone goes.
///
/// # Errors
/// When the file has a shape in which that cannot be said without guessing.
pub fn updated(file: &ValuesFile, drift: &Drift, discovery: &Discovery<'_>, keys: &[&Key]) -> Result<String, Failure> {
    let stores = stores(file, drift, discovery);
    let mut changes = vec![Change::Stores { path: &file.stores, stores: &stores }];
    changes.extend(keys.iter().map(|key| Change::Set { path: &key.path, value: &key.value, absent: Absent::Leave }));
    Ok(edit(&file.document, &file.wrapper, &changes)?)
}

fn stores(file: &ValuesFile, drift: &Drift, discovery: &Discovery<'_>) -> Vec<Store> {
    let mut stores = Vec::new();
    for (committed, fate) in file.committed.iter().zip(&drift.fates) {
        let stays = |comment: Option<String>| Store { address: committed.text.clone(), comment };
        match fate {
            // What stands beside it is ours to refresh only where it says where the address came from.
            Fate::Right(origin) => stores.push(stays(committed.origin.as_ref().map(|_| beside(committed, origin)))),
            Fate::Moved(endpoint) => stores.push(Store::from(endpoint)),
            Fate::Unreachable => stores.push(stays(kept(committed, Gap::Service))),
            Fate::Doubtful => stores.push(stays(gap(committed, discovery).and_then(|gap| kept(committed, gap)))),
            Fate::Foreign => stores.push(stays(None)),
            Fate::Stale => {}
        }
    }
    stores.extend(drift.missing.iter().map(Store::from));
    stores
}

/// Why nobody knows whether a store is right; `None` when its cluster was not asked at all.
fn gap(committed: &Committed, discovery: &Discovery<'_>) -> Option<Gap> {
    let cluster = &committed.origin.as_ref()?.cluster;
    let found = discovery.clusters.iter().find(|found| found.cluster.name == *cluster)?;
    Some(if found.services.is_err() { Gap::Cluster } else { Gap::Service })
}

fn beside(committed: &Committed, origin: &Origin) -> String {
    note(committed, origin.clone(), Evidence::Found(Source::Override))
}

fn kept(committed: &Committed, gap: Gap) -> Option<String> {
    Some(note(committed, committed.origin.clone()?, Evidence::Kept(gap)))
}

/// What stands beside a store.
fn note(committed: &Committed, origin: Origin, evidence: Evidence) -> String {
    committed
        .text
        .trim()
        .parse()
        .map(|address| provenance(&Endpoint { address, evidence, origin: origin.clone() }))
        .unwrap_or_else(|_| origin.to_string())
}

/// A unified diff that `git apply` takes; empty when nothing changes.
pub fn unified(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let name = name.trim_start_matches("./").trim_start_matches('/');
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string();
    if text.ends_with('\n') { text } else { text + "\n" }
}
