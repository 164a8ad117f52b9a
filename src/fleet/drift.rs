//! Committed stores against what is true now.
//!
//! What could not be asked is doubtful: neither drift nor no drift. An address that still leads to its Service is no
//! drift, even if another one would be chosen today.

mod comparison;
mod double;
mod fate;
mod gaps;
mod policy;
mod truth;

use std::borrow::Cow;
use std::collections::HashMap;

use super::committed::{Beside, Committed, CommittedStores, Holder, Provenance};
use super::discovery::{DiscoveredCluster, DiscoveredService};
use super::inventory::Cluster;
use super::plan::{Endpoint, Origin};
use super::resolve::Problem;
use crate::findings::codes;
use crate::findings::finding::{Change, Code, Finding, Severity};
use crate::names::ClusterName;
use comparison::Comparison;
use double::Double;
use truth::target;

pub use policy::{DriftPolicy, Ignore};
pub use truth::{Coverage, Drift, Fate, Truth};

/// Since when there is a Service, which tells whether it is a new one; empty where the cluster does not say.
fn since(found: Option<&DiscoveredService<'_>>) -> String {
    let created = found.and_then(|found| found.service.created.as_ref());
    created.map(|created| format!("; its Service is there since {created}")).unwrap_or_default()
}

impl Truth<'_> {
    /// Compares the stores of a file with what is true now.
    pub fn compare(&self, file: &CommittedStores) -> Drift {
        let (stores, list) = (file.stores.as_slice(), &file.list);
        let wanted = self.discovery.endpoints(&[]);
        let ways = self.ways(&wanted);
        let right: Vec<Option<Origin>> = stores.iter().map(|store| self.leads_to(store, &ways)).collect();
        let mut known = Comparison::of(self, &wanted, stores, &right);
        let doubles = known.doubles(|store| self.is_disposable(store));
        let mut drift = Drift { fates: Vec::new(), missing: Vec::new(), findings: Vec::new(), is_incomplete: false };
        for (at, store) in stores.iter().enumerate() {
            let (fate, finding) = match right[at].clone() {
                Some(origin) => match doubles[at] {
                    Double::No => self.right(store, origin, &known.services),
                    double => self.double(store, origin, double),
                },
                None => self.fate(store, file.keeper, &mut known),
            };
            drift.is_incomplete |= fate == Fate::Doubtful;
            drift.fates.push(fate);
            drift.findings.extend(finding);
        }
        for (_, endpoint) in wanted.iter().enumerate().filter(|(at, _)| !known.used.contains(at)) {
            let mut finding = self.about(codes::MISSING_STORE, &endpoint.origin, "");
            let since = since(known.services.get(&endpoint.origin).copied());
            finding.message = format!("`{}` of {} is missing{since}", endpoint.address, endpoint.origin);
            finding.place = Some(list.clone());
            drift.findings.push(finding);
            drift.missing.push(endpoint.clone());
        }
        self.gaps(&drift.fates, stores, list, &mut drift.findings, &mut drift.is_incomplete);
        drift.findings.extend(self.unused(stores, &drift.fates, list));
        drift
    }

    /// Where the address of a store came from, by the comment beside it, in the names that the fleet has now. `None` for a
    /// comment of people, and for one that names a cluster of which nobody knows: that may be one of people as well.
    pub fn provenance(&self, store: &Committed) -> Option<Provenance> {
        let Provenance { origin, kept } = store.provenance()?;
        let cluster = self.fleet_name(&origin.cluster)?.clone();
        Some(Provenance { origin: Origin { cluster, service: origin.service.clone() }, kept: *kept })
    }

    /// Whether the Service of an origin is one that nobody looked for, though the querier might be given it.
    pub fn overlooks(&self, origin: &Origin) -> bool {
        self.policy.admits(origin) && origin.service.as_ref().is_some_and(|service| !self.sight.covers(service))
    }

    /// Whether nothing is lost with the line of a store but what thanosctl wrote.
    fn is_disposable(&self, store: &Committed) -> bool {
        let is_ours = store.beside == Beside::Nothing || self.provenance(store).is_some();
        is_ours && matches!(store.holder, Holder::List { .. })
    }

    /// The cluster that the comment beside a store names, if it has the form of ours and nobody knows that cluster.
    pub fn unknown_cluster<'s>(&self, store: &'s Committed) -> Option<&'s ClusterName> {
        let cluster = &store.provenance()?.origin.cluster;
        self.fleet_name(cluster).is_none().then_some(cluster)
    }

    /// The name that the fleet has for a cluster: its own, or that of a cluster that had the name of its context once.
    pub fn fleet_name<'n>(&'n self, name: &'n ClusterName) -> Option<&'n ClusterName> {
        let clusters = || self.discovery.clusters.iter().map(|found| found.cluster);
        if self.policy.clusters.contains_key(name) || clusters().any(|cluster| cluster.name == *name) {
            return Some(name);
        }
        let asked_by = |cluster: &&Cluster| cluster.context.as_deref() == Some(name.as_str());
        clusters().find(asked_by).map(|cluster| &cluster.name)
    }

    /// The Services that were found, by where they are.
    fn services(&self) -> HashMap<Origin, &DiscoveredService<'_>> {
        let all = self.discovery.clusters.iter().flat_map(|DiscoveredCluster { cluster, services, .. }| {
            let origin = |found: &DiscoveredService<'_>| Origin {
                cluster: cluster.name.clone(),
                service: Some(found.service.reference()),
            };
            services.iter().flatten().map(move |found| (origin(found), found))
        });
        all.collect()
    }

    /// All addresses that lead to what the querier should be given, also by way of a twin: those that would be chosen
    /// today first.
    fn ways<'w>(&self, wanted: &'w [Endpoint]) -> HashMap<String, Vec<Cow<'w, Origin>>> {
        let mut ways: HashMap<String, Vec<Cow<'w, Origin>>> = HashMap::new();
        for endpoint in wanted {
            ways.entry(endpoint.address.target()).or_default().push(Cow::Borrowed(&endpoint.origin));
        }
        for DiscoveredCluster { cluster, services, .. } in &self.discovery.clusters {
            let reach = self.policy.reach(cluster);
            for found in services.iter().flatten().filter(|found| found.feeds) {
                let service = match &found.resolved.problem {
                    // It leads to the pods of another Service, which speaks for them.
                    Some(Problem::SamePods { services }) => match services.as_slice() {
                        [one] => one.clone(),
                        _ => continue,
                    },
                    Some(_) => continue,
                    None => found.service.reference(),
                };
                let origin = Origin { cluster: cluster.name.clone(), service: Some(service) };
                for address in reach.of(found.service) {
                    ways.entry(address.target()).or_default().push(Cow::Owned(origin.clone()));
                }
            }
        }
        ways
    }

    /// To what a store leads that the querier should be given; its own Service comes before others.
    fn leads_to(&self, store: &Committed, ways: &HashMap<String, Vec<Cow<'_, Origin>>>) -> Option<Origin> {
        let origins = ways.get(&target(&store.text)?)?;
        let own = self.provenance(store).and_then(|own| origins.iter().find(|origin| own.origin == ***origin));
        own.or(origins.first()).map(|origin| origin.clone().into_owned())
    }

    /// A store that is right: what there is to know of it.
    fn right(
        &self,
        store: &Committed,
        origin: Origin,
        services: &HashMap<Origin, &DiscoveredService<'_>>,
    ) -> (Fate, Option<Finding>) {
        let finding = match self.provenance(store) {
            Some(Provenance { kept: Some(_), .. }) => {
                let message = format!("the comment beside `{}` says that it was kept, and it is right now", store.text);
                Some(self.at(store, codes::OUTDATED_COMMENT, &origin, &message))
            }
            _ => self.remark(store, &origin, services.get(&origin)),
        };
        (Fate::Right(origin), finding)
    }

    /// A store that leads to where another store leads. A Service with two stores is asked twice.
    fn double(&self, store: &Committed, origin: Origin, double: Double) -> (Fate, Option<Finding>) {
        let message = format!("`{}` leads to {origin}, as another store does", store.text);
        let mut finding = self.at(store, codes::STALE_STORE, &origin, &message);
        if double == Double::Goes {
            return (Fate::Stale, Some(finding));
        }
        // Nothing that people wrote is deleted.
        finding.severity = Severity::Warning;
        finding.hint = Some("delete one of the two by hand: neither has a comment of thanosctl alone".to_owned());
        (Fate::Right(origin), Some(finding))
    }

    fn moved(
        &self,
        store: &Committed,
        endpoint: &Endpoint,
        code: Code,
        found: Option<&DiscoveredService<'_>>,
    ) -> Finding {
        let verb = if code == codes::MOVED_STORE { "moved" } else { "changed" };
        let message = format!("`{}` has {verb}{}", store.text, since(found));
        let mut finding = self.at(store, code, &endpoint.origin, &message);
        finding.change = Some(Change { old: store.text.clone(), new: endpoint.address.to_string() });
        finding
    }

    fn about(&self, code: Code, origin: &Origin, message: &str) -> Finding {
        let mut finding = Finding::new(code, message);
        finding.cluster = Some(origin.cluster.clone());
        finding.service.clone_from(&origin.service);
        finding
    }

    /// A finding about a store.
    fn at(&self, store: &Committed, code: Code, origin: &Origin, message: &str) -> Finding {
        let mut finding = self.about(code, origin, message);
        finding.place = Some(store.place.clone());
        finding
    }
}
