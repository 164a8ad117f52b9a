//! What happens to the stores of a file that is replaced: which are added, removed, moved, and which of those that go
//! this run knows nothing about.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Address;
use super::discovery::{Discovery, FleetPolicy};
use super::plan::{Endpoint, KnownEndpoint, Origin};
use super::sight::Sight;
use crate::names::ClusterName;

/// How the stores of a file change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StoreChanges<'a> {
    /// Endpoints that the file did not have.
    pub added: Vec<&'a Endpoint>,
    /// Stores that it has no more.
    pub removed: Vec<&'a KnownEndpoint>,
    /// Stores of Services that have another address now.
    pub moved: Vec<(&'a KnownEndpoint, &'a Endpoint)>,
    /// Stores whose address belongs to another Service or cluster now.
    pub reassigned: Vec<(&'a KnownEndpoint, &'a Endpoint)>,
    /// Stores that it has no more and of which it does not say where they came from, as they are written.
    pub removed_unknown: Vec<&'a str>,
}

impl<'a> StoreChanges<'a> {
    /// What the endpoints `new` change in a file that has the stores `known`, and others that say no origin.
    pub fn between(known: &'a [KnownEndpoint], unknown: &'a [String], new: &'a [Endpoint]) -> Self {
        let by_target: BTreeMap<String, &Endpoint> =
            new.iter().map(|endpoint| (endpoint.address.target(), endpoint)).collect();
        let mut old: BTreeSet<String> = known.iter().map(|store| store.address.target()).collect();
        let mut changes = Self::default();
        for text in unknown {
            let target = text.trim().parse::<Address>().ok().map(|address| address.target());
            match target.filter(|target| by_target.contains_key(target)) {
                Some(target) => drop(old.insert(target)),
                None => changes.removed_unknown.push(text),
            }
        }
        let owners: BTreeSet<(String, &Origin)> =
            known.iter().map(|store| (store.address.target(), &store.origin)).collect();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for store in known {
            let target = store.address.target();
            if let Some(endpoint) = by_target.get(&target) {
                if !owners.contains(&(target, &endpoint.origin)) {
                    changes.reassigned.push((store, endpoint));
                }
                continue;
            }
            let is_moved = |endpoint: &&Endpoint| {
                let target = endpoint.address.target();
                endpoint.origin == store.origin && !old.contains(&target) && !taken.contains(&target)
            };
            match new.iter().find(is_moved).filter(|_| store.origin.service.is_some()) {
                Some(endpoint) => {
                    taken.insert(endpoint.address.target());
                    changes.moved.push((store, endpoint));
                }
                None => changes.removed.push(store),
            }
        }
        let is_new = |endpoint: &&Endpoint| {
            let target = endpoint.address.target();
            !old.contains(&target) && !taken.contains(&target)
        };
        changes.added = new.iter().filter(is_new).collect();
        changes
    }
}

/// What a run asked, as far as that decides whether a store may go.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What was found.
    pub discovery: &'a Discovery<'a>,
    /// What the settings say of it.
    pub policy: &'a FleetPolicy,
    /// Whether the clusters that were asked are those of the settings, so that a cluster that they do not name has left
    /// the fleet.
    pub follows_settings: bool,
    /// Which of their Services were looked at.
    pub sight: Sight<'a>,
}

/// Why this run has no reason to remove a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAsked {
    /// Its cluster was not asked.
    Cluster(ClusterName),
    /// Its cluster was asked for other Services only.
    Service,
}

impl Asked<'_> {
    /// Why nobody can say that a store of `origin` is gone; `None` when it is: its cluster was read and does not have it
    /// any more, or the settings do not want it.
    pub fn lacks(&self, origin: &Origin) -> Option<NotAsked> {
        if !self.policy.admits(origin) {
            return None;
        }
        if self.discovery.clusters.iter().all(|found| found.cluster.name != origin.cluster) {
            let has_left = self.follows_settings && self.sight.is_whole();
            return (!has_left).then(|| NotAsked::Cluster(origin.cluster.clone()));
        }
        let service = origin.service.as_ref()?;
        (!self.sight.covers(service)).then_some(NotAsked::Service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::plan::{Evidence, Source};
    use crate::names::ServiceRef;

    fn origin(text: &str) -> Origin {
        let (cluster, service) = text.split_once(' ').unwrap();
        let service = service.split_once('/');
        let service = service.map(|(namespace, name)| ServiceRef { namespace: namespace.into(), name: name.into() });
        Origin { cluster: ClusterName::try_from(cluster.to_owned()).unwrap(), service }
    }

    fn known(text: &str) -> KnownEndpoint {
        let (address, of) = text.split_once(' ').unwrap();
        KnownEndpoint { address: address.parse().unwrap(), origin: origin(of) }
    }

    fn changes(old: &[&str], unknown: &[&str], new: &[&str]) -> Vec<String> {
        let old: Vec<_> = old.iter().map(|text| known(text)).collect();
        let unknown: Vec<String> = unknown.iter().map(|text| (*text).to_owned()).collect();
        let found = |text: &&str| {
            let KnownEndpoint { address, origin } = known(text);
            Endpoint { address, evidence: Evidence::Found(Source::NodePort), origin }
        };
        let new: Vec<Endpoint> = new.iter().map(found).collect();
        let changes = StoreChanges::between(&old, &unknown, &new);
        let added = changes.added.iter().map(|endpoint| format!("+ {}", endpoint.address));
        let removed = changes.removed.iter().map(|store| format!("- {}", store.address));
        let moved = changes.moved.iter().map(|(old, new)| format!("{} > {}", old.address, new.address));
        let owned =
            changes.reassigned.iter().map(|(old, new)| format!("{}: {} > {}", old.address, old.origin, new.origin));
        let unknown = changes.removed_unknown.iter().map(|text| format!("? {text}"));
        added.chain(removed).chain(moved).chain(owned).chain(unknown).collect()
    }

    #[test]
    fn stores_are_added_removed_moved_and_change_hands() {
        assert_eq!(changes(&["a:1 eu x/y"], &[], &["a:1 eu x/y"]), [""; 0]);
        assert_eq!(changes(&["a:1 eu x/y"], &[], &["b:1 eu x/y"]), ["a:1 > b:1"]);
        assert_eq!(changes(&["a:1 eu x/y"], &[], &["b:1 eu x/z"]), ["+ b:1", "- a:1"]);
        assert_eq!(changes(&["a:1 eu x/y"], &[], &["a:1 us x/y"]), ["a:1: eu x/y > us x/y"]);
        // Two stores of one Service: one of them moved, the other is gone.
        assert_eq!(changes(&["a:1 eu x/y", "b:1 eu x/y"], &[], &["c:1 eu x/y"]), ["- b:1", "a:1 > c:1"]);
        // What the settings give has no Service that could move.
        assert_eq!(changes(&["a:1 eu settings"], &[], &["b:1 eu settings"]), ["+ b:1", "- a:1"]);
        assert_eq!(changes(&[], &["a:1", "b:1", "no address"], &["a:1 eu x/y"]), ["? b:1", "? no address"]);
        assert_eq!(changes(&["a:1 eu x/y", "a:1 us x/y"], &[], &["a:1 us x/y"]), [""; 0]);
    }
}
