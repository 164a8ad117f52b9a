//! Which clusters of an inventory are one and the same, under several contexts.
//!
//! A cluster is known by the uid of its namespace `kube-system`, where it was read, and a Service by its own: two clusters
//! that have one Service are one.

use std::collections::HashMap;

use super::discovery::{DiscoveredCluster, DiscoveredService, Discovery};
use super::inventory::{Cluster, Inventory};
use crate::names::ServiceRef;

/// Two clusters of an inventory that are one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Same<'a> {
    /// Who comes first.
    pub first: &'a Cluster,
    /// Who is the same.
    pub second: &'a Cluster,
}

/// The clusters of `inventory` that are the same as one before them, each with the first of those.
pub fn same_clusters(inventory: &Inventory) -> Vec<Same<'_>> {
    let mut by_uid: HashMap<&str, &Cluster> = HashMap::new();
    let mut by_service: HashMap<&str, &Cluster> = HashMap::new();
    let mut found = Vec::new();
    for cluster in &inventory.clusters {
        let services = || cluster.observed.iter().flat_map(|observed| &observed.services);
        let uids = || services().filter_map(|service| service.uid.as_deref());
        let is_other = |other: &&&Cluster| matches!((&other.uid, &cluster.uid), (Some(a), Some(b)) if a != b);
        let by_own = cluster.uid.as_deref().and_then(|uid| by_uid.get(uid));
        let by_services = || uids().find_map(|uid| by_service.get(uid).filter(|other| !is_other(other)));
        if let Some(first) = by_own.or_else(by_services) {
            found.push(Same { first, second: cluster });
        }
        if let Some(uid) = cluster.uid.as_deref() {
            by_uid.entry(uid).or_insert(cluster);
        }
        for uid in uids() {
            by_service.entry(uid).or_insert(cluster);
        }
    }
    found
}

/// A Service that the querier would be given twice, since its cluster is asked by two contexts.
#[derive(Debug, Clone, PartialEq)]
pub struct Twice<'a> {
    /// Which Service.
    pub service: ServiceRef,
    /// The clusters.
    pub clusters: Same<'a>,
}

/// The Services that `discovery` would give the querier twice, the first of every two clusters.
pub fn given_twice<'a>(discovery: &Discovery<'a>) -> Vec<Twice<'a>> {
    let mut seen: HashMap<&str, &'a Cluster> = HashMap::new();
    let mut found: Vec<Twice<'a>> = Vec::new();
    for DiscoveredCluster { cluster, services, .. } in &discovery.clusters {
        let given = |found: &&DiscoveredService<'a>| found.feeds && !found.resolved.endpoints.is_empty();
        for service in services.iter().flatten().filter(given) {
            let Some(uid) = service.service.uid.as_deref() else { continue };
            let Some(first) = seen.get(uid).copied() else {
                seen.insert(uid, cluster);
                continue;
            };
            let clusters = Same { first, second: cluster };
            let is_other = matches!((&first.uid, &cluster.uid), (Some(a), Some(b)) if a != b);
            if !is_other && !found.iter().any(|twice| twice.clusters == clusters) {
                found.push(Twice { service: service.service.reference(), clusters });
            }
        }
    }
    found
}
