//! `gen-values --update`: what is true now, written into a file that people edit too.

use similar::TextDiff;

use super::values_file::ValuesFile;
use crate::chart::edit::{Absent, Change, Store, edit};
use crate::chart::mirror::{Difference, Key, differences};
use crate::chart::{provenance, write_provenance};
use crate::failure::Failure;
use crate::model::committed::{Committed, Holder, Provenance};
use crate::model::drift::{Drift, Fate, Truth};
use crate::model::names::ClusterName;
use crate::model::plan::{Gap, Origin};
use crate::terminal::Terminal;

/// The keys that the file lacks, or that say something else than the settings.
pub fn differing<'k>(file: &ValuesFile, keys: &'k [Key]) -> Result<Vec<Difference<'k>>, Failure> {
    let mut differing = differences(keys, &file.view()?);
    // What the file lacks may stand in what is not read.
    differing.retain(|difference| !difference.is_absent || file.elsewhere.is_empty());
    Ok(differing)
}

/// The text of `file` with the stores that `drift` says it should have, and with the keys as the settings have them. What
/// is foreign stays, what could not be asked stays and is marked, what is gone goes.
///
/// # Errors
/// When the file has a shape in which that cannot be said without guessing.
pub fn updated(
    file: &ValuesFile,
    drift: &Drift,
    truth: &Truth<'_>,
    differing: &[Difference<'_>],
) -> Result<String, Failure> {
    let lists: Vec<Vec<Store>> = (0..file.lists.len()).map(|list| stores(file, list, drift, truth)).collect();
    let stores = file.lists.iter().zip(&lists).map(|(path, stores)| Change::Stores { path, stores });
    let keys = differing.iter().map(|Difference { key, .. }| Change::Set {
        path: &key.path,
        value: &key.value,
        absent: Absent::Add,
    });
    let changes: Vec<Change<'_>> = stores.chain(keys).collect();
    Ok(edit(&file.document, &file.wrapper, &changes)?)
}

/// The stores that one of the file's lists should have. New ones come into the first.
fn stores(file: &ValuesFile, list: usize, drift: &Drift, truth: &Truth<'_>) -> Vec<Store> {
    let (mut stores, mut clusters): (Vec<Store>, Vec<(ClusterName, usize)>) = (Vec::new(), Vec::new());
    for (committed, fate) in file.committed.stores.iter().zip(&drift.fates) {
        let item = match committed.holder {
            Holder::List { list: own, item } if own == list => item,
            Holder::List { .. } | Holder::Flag => continue,
        };
        if *fate != Fate::Stale {
            stores.push(kept(committed, item, fate, truth));
            clusters.extend(cluster(committed, fate, truth).map(|cluster| (cluster, item)));
        }
    }
    if list == 0 {
        stores.extend(drift.missing.iter().map(|endpoint| {
            // Behind the others of its cluster.
            let neighbour = clusters.iter().rev().find(|(cluster, _)| *cluster == endpoint.origin.cluster);
            Store::added(endpoint, neighbour.map(|(_, item)| *item))
        }));
    }
    stores
}

/// A store that stays, at least in its place.
fn kept(committed: &Committed, item: usize, fate: &Fate, truth: &Truth<'_>) -> Store {
    // What stands beside it is ours to refresh only where it is known that thanosctl wrote it.
    let own = truth.provenance(committed);
    let marked =
        |gap: Option<Gap>| Some(write_provenance(&Provenance { origin: own.as_ref()?.origin.clone(), kept: gap }));
    let (address, comment) = match fate {
        Fate::Right(_) => (None, own.as_ref().filter(|own| own.kept.is_some()).and_then(|_| marked(None))),
        Fate::Moved(endpoint) => (Some(endpoint.address.to_string()), own.as_ref().map(|_| provenance(endpoint))),
        Fate::Unreachable => (None, marked(Some(Gap::Service))),
        Fate::Doubtful => {
            (None, own.as_ref().and_then(|own| gap(&own.origin, truth)).and_then(|gap| marked(Some(gap))))
        }
        Fate::Foreign | Fate::Stale => (None, None),
    };
    Store::Old { item, address, comment }
}

/// The cluster to which a store belongs, where that is known.
fn cluster(committed: &Committed, fate: &Fate, truth: &Truth<'_>) -> Option<ClusterName> {
    match fate {
        Fate::Right(origin) => Some(origin.cluster.clone()),
        Fate::Moved(endpoint) => Some(endpoint.origin.cluster.clone()),
        Fate::Unreachable | Fate::Doubtful | Fate::Foreign | Fate::Stale => {
            truth.provenance(committed).map(|own| own.origin.cluster)
        }
    }
}

/// Why nobody knows whether a store is right; `None` when its cluster was not asked at all.
fn gap(origin: &Origin, truth: &Truth<'_>) -> Option<Gap> {
    let found = truth.discovery.clusters.iter().find(|found| found.cluster.name == origin.cluster)?;
    Some(if found.services.is_err() { Gap::Cluster } else { Gap::Service })
}

/// Says what a reader has to know before a file is compared.
pub fn note(file: &ValuesFile, terminal: &Terminal) {
    for note in &file.notes {
        terminal.note(&format!("note: `{}`: {note}", file.name));
    }
    if !file.elsewhere.is_empty() {
        let what = file.elsewhere.join(", ");
        terminal.note(&format!("note: `{}`: {what} is not read; what the file lacks is not compared", file.name));
    }
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
