//! `gen-values --update`: what is true now, written into a file that people edit too.

use std::collections::HashMap;
use std::time::Duration;

use similar::TextDiff;

use super::values_file::ValuesFile;
use crate::chart::edit::{Absent, Change, Store, edit};
use crate::chart::mirror::{Difference, Key, differences};
use crate::chart::{origin, provenance, starred, without_gaps, write_provenance};
use crate::failure::Failure;
use crate::fleet::committed::{Committed, Holder, Keeper, Provenance};
use crate::fleet::drift::{Drift, Fate, Truth};
use crate::fleet::plan::{Gap, Origin};
use crate::names::ClusterName;
use crate::secret::{STARS, without_unread};
use crate::terminal::Terminal;
use crate::text::clean;

/// The keys that the file lacks, or that say something else than the settings.
pub(super) fn differing<'k>(file: &ValuesFile, keys: &'k [Key]) -> Result<Vec<Difference<'k>>, Failure> {
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
pub(super) fn updated(
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
    let text = edit(&file.document, &file.wrapper, &changes)?;
    if text == file.text || file.committed.keeper == Keeper::People {
        return Ok(text);
    }
    // What thanosctl said of a gap is not true any more.
    Ok(without_gaps(&text, |gap| is_filled(gap, truth)))
}

/// Whether what a gap was about (`ORIGIN: WHY`) was looked for and is missing no more.
fn is_filled(gap: &str, truth: &Truth<'_>) -> bool {
    let shortfalls: Vec<String> = truth.discovery.shortfalls().iter().map(ToString::to_string).collect();
    gap.match_indices(": ").any(|(at, behind)| {
        let (of, lead) = (&gap[..at], &gap[..at + behind.len()]);
        let found = |name: &ClusterName| {
            truth.discovery.clusters.iter().any(|found| found.cluster.name == *name && found.services.is_ok())
        };
        let was_looked_for = match origin(of) {
            Some(origin) => found(&origin.cluster) && !truth.overlooks(&origin),
            None => ClusterName::try_from(of.to_owned()).is_ok_and(|name| found(&name)),
        };
        was_looked_for && !shortfalls.iter().any(|shortfall| clean(shortfall).starts_with(lead))
    })
}

/// The stores that one of the file's lists should have. New ones come into the first.
fn stores(file: &ValuesFile, list: usize, drift: &Drift, truth: &Truth<'_>) -> Vec<Store> {
    let (mut stores, mut clusters): (Vec<Store>, HashMap<ClusterName, usize>) = (Vec::new(), HashMap::new());
    for (committed, fate) in file.committed.stores.iter().zip(&drift.fates) {
        let item = match committed.holder {
            Holder::List { list: own, item } if own == list => item,
            Holder::List { .. } | Holder::Fixed => continue,
        };
        if *fate != Fate::Stale {
            stores.push(kept(committed, item, fate, truth));
            clusters.extend(cluster(committed, fate, truth).map(|cluster| (cluster, item)));
        }
    }
    if list == 0 {
        stores.extend(drift.missing.iter().map(|endpoint| {
            // Behind the others of its cluster.
            Store::added(endpoint, clusters.get(&endpoint.origin.cluster).copied())
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

/// Why nobody knows whether a store is right; `None` when its cluster was not asked at all, or not for its Service.
fn gap(origin: &Origin, truth: &Truth<'_>) -> Option<Gap> {
    let found = truth.discovery.clusters.iter().find(|found| found.cluster.name == origin.cluster)?;
    if found.services.is_err() {
        return Some(Gap::Cluster);
    }
    (!truth.overlooks(origin)).then_some(Gap::Service)
}

/// Says what a reader has to know before a file is compared.
pub(super) fn note(file: &ValuesFile, terminal: &Terminal) {
    for note in &file.notes {
        terminal.note(&format!("note: `{}`: {note}", file.name));
    }
    if !file.elsewhere.is_empty() {
        let what = file.elsewhere.join(", ");
        terminal.note(&format!("note: `{}`: {what} is not read; what the file lacks is not compared", file.name));
    }
}

/// How a patch shows secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// As stars; then no tool can apply it where one stands.
    Starred,
    /// As they are.
    Open,
}

impl Shown {
    /// As the flag `--show-secrets` says.
    pub(super) fn by(show_secrets: bool) -> Self {
        if show_secrets { Self::Open } else { Self::Starred }
    }
}

/// How long the shortest patch is looked for: of texts that have little in common it would take the square of their
/// length. A longer one says the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// A unified diff that `git apply` takes, but for starred secrets; empty when nothing changes.
pub(super) fn unified(name: &str, old: &str, new: &str, shown: Shown) -> String {
    let show = |text: &str| match shown {
        Shown::Starred => starred(text),
        Shown::Open => without_unread(text),
    };
    let name = name.trim_start_matches("./").trim_start_matches('/');
    let (old_shown, new_shown) = (show(old), show(new));
    let lines = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
    let (old_lines, new_lines) = (lines(&old_shown), lines(&new_shown));
    // What differs is seen in the texts themselves: two secrets have the same stars.
    let (old, new) = (lines(old), lines(new));
    let diff = TextDiff::configure().timeout(PATIENCE).diff_slices(&old, &new);
    let mut out = String::new();
    for hunk in diff.unified_diff().iter_hunks() {
        if out.is_empty() {
            out = format!("--- a/{name}\n+++ b/{name}\n");
        }
        out += &format!("{}\n", hunk.header());
        for change in hunk.iter_changes() {
            let line = match (change.old_index(), change.new_index()) {
                (Some(at), None) => old_lines.get(at),
                (_, at) => at.and_then(|at| new_lines.get(at)),
            };
            let line = line.copied().unwrap_or_default();
            let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
            out += &format!("{}{line}{end}", change.tag());
        }
    }
    out
}

/// What to say of a patch in which secrets are starred; `None` where none is.
pub(super) fn note_stars(patch: &str) -> Option<&'static str> {
    patch.contains(STARS).then_some(
        "note: secrets are shown as *** and those of the settings are not read; a patch with them cannot be applied (--show-secrets)",
    )
}
