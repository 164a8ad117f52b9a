//! What is known while the stores of a file are compared, each thing found without looking through all others.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::fate::host;
use super::{Truth, target};
use crate::fleet::committed::Committed;
use crate::fleet::discovery::{DiscoveredCluster, DiscoveredService};
use crate::fleet::plan::{Endpoint, Origin};

/// What is known while the stores of a file are compared.
pub(super) struct Comparison<'c> {
    /// What the querier should be given.
    pub(super) wanted: &'c [Endpoint],
    /// Of those, the ones that a store has or becomes.
    pub(super) used: BTreeSet<usize>,
    /// The stores, and for each to what it leads.
    pub(super) stores: &'c [Committed],
    pub(super) right: &'c [Option<Origin>],
    /// The Services that were found, by where they are.
    pub(super) services: HashMap<Origin, &'c DiscoveredService<'c>>,
    /// Of what is wanted, the endpoints of each origin, and how many of them are known to be used.
    of_origin: HashMap<&'c Origin, (Vec<usize>, usize)>,
    /// The same by their hosts.
    of_host: HashMap<String, Vec<usize>>,
    /// How many stores that are of nobody have a host.
    rivals: HashMap<String, usize>,
    /// Addresses that lead to StoreAPIs that the querier should not be given; made when they are first asked for.
    others: OnceCell<HashSet<String>>,
}

impl<'c> Comparison<'c> {
    /// What is known of the stores of a file and of what each leads to.
    pub(super) fn of(
        truth: &'c Truth<'c>,
        wanted: &'c [Endpoint],
        stores: &'c [Committed],
        right: &'c [Option<Origin>],
    ) -> Self {
        let mut of_origin: HashMap<&Origin, (Vec<usize>, usize)> = HashMap::new();
        let mut of_host: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, endpoint) in wanted.iter().enumerate() {
            of_origin.entry(&endpoint.origin).or_default().0.push(at);
            of_host.entry(endpoint.address.host().to_string()).or_default().push(at);
        }
        let mut rivals: HashMap<String, usize> = HashMap::new();
        for (store, _) in stores.iter().zip(right).filter(|(_, right)| right.is_none()) {
            if let Some(host) = host(&store.text).filter(|_| truth.provenance(store).is_none()) {
                *rivals.entry(host).or_default() += 1;
            }
        }
        let (services, others) = (truth.services(), OnceCell::new());
        let used = BTreeSet::new();
        let mut known = Self { wanted, used, stores, right, services, of_origin, of_host, rivals, others };
        known.used = known.served();
        known
    }

    /// The endpoints for which there is a store.
    fn served(&self) -> BTreeSet<usize> {
        let mut of_target: HashMap<(&Origin, String), usize> = HashMap::new();
        for (at, endpoint) in self.wanted.iter().enumerate() {
            of_target.entry((&endpoint.origin, endpoint.address.target())).or_insert(at);
        }
        let served = |(store, origin): (&Committed, &'c Option<Origin>)| {
            let origin = origin.as_ref()?;
            let same = target(&store.text).and_then(|target| of_target.get(&(origin, target)).copied());
            same.or_else(|| self.of_origin.get(origin)?.0.first().copied().filter(|_| origin.service.is_some()))
        };
        self.stores.iter().zip(self.right).filter_map(served).collect()
    }

    /// Whether an endpoint of this origin is wanted.
    pub(super) fn wants(&self, origin: &Origin) -> bool {
        self.of_origin.contains_key(origin)
    }

    /// The first endpoint of this origin for which there is no store.
    pub(super) fn free(&mut self, origin: &Origin) -> Option<usize> {
        let (all, first) = self.of_origin.get_mut(origin)?;
        while all.get(*first).is_some_and(|at| self.used.contains(at)) {
            *first += 1;
        }
        all.get(*first).copied()
    }

    /// The endpoints of a host for which there is no store.
    pub(super) fn free_of_host(&self, host: &str) -> impl Iterator<Item = usize> {
        self.of_host.get(host).into_iter().flatten().copied().filter(|at| !self.used.contains(at))
    }

    /// How many stores that are of nobody have this host.
    pub(super) fn rivals(&self, host: &str) -> usize {
        self.rivals.get(host).copied().unwrap_or_default()
    }

    /// Whether an address leads to a StoreAPI that the querier should not be given.
    pub(super) fn is_of_another(&self, truth: &Truth<'_>, text: &str) -> bool {
        let others = self.others.get_or_init(|| {
            let mut targets = HashSet::new();
            for DiscoveredCluster { cluster, services, .. } in &truth.discovery.clusters {
                let reach = truth.policy.reach(cluster);
                for found in services.iter().flatten().filter(|found| !found.feeds) {
                    targets.extend(reach.of(found.service).iter().map(|address| address.target()));
                }
            }
            targets
        });
        target(text).is_some_and(|target| others.contains(&target))
    }
}
