//! What there is to tell besides what became of single stores: clusters and Services that no store speaks of, entries of
//! `ignore` that do nothing, remarks.

use std::collections::{BTreeSet, HashSet};

use super::{Fate, Truth};
use crate::findings::codes;
use crate::findings::finding::{Finding, Severity};
use crate::fleet::committed::Committed;
use crate::fleet::discovery::{DiscoveredCluster, DiscoveredService};
use crate::fleet::plan::Origin;
use crate::fleet::resolve::{Problem, Remark};
use crate::names::{ClusterName, ServiceRef};
use crate::place::Place;
use crate::text::glob;

impl Truth<'_> {
    /// The entry of `ignore` that has this address.
    pub(super) fn ignored(&self, text: &str) -> Option<usize> {
        self.drift.ignore.iter().position(|ignore| glob(&ignore.address, text.trim()))
    }

    pub(super) fn unused(&self, stores: &[Committed], fates: &[Fate], list: &Place) -> Vec<Finding> {
        let used: BTreeSet<usize> = stores
            .iter()
            .zip(fates)
            .filter(|(_, fate)| **fate == Fate::Foreign)
            .filter_map(|(store, _)| self.ignored(&store.text))
            .collect();
        let unused = self.drift.ignore.iter().enumerate().filter(|(at, _)| !used.contains(at));
        let told = unused.map(|(_, ignore)| {
            let message =
                format!("`drift.ignore` of the settings has `{}`, and nothing is silenced by it", ignore.address);
            let mut finding = Finding::new(codes::UNUSED_IGNORE, message);
            finding.place = Some(Place { file: list.file.clone(), line: 0, column: 0 });
            finding
        });
        told.collect()
    }

    pub(super) fn unreadable(&self) -> impl Iterator<Item = &ClusterName> {
        let unreadable = self.discovery.clusters.iter().filter(|found| found.services.is_err());
        unreadable.map(|found| &found.cluster.name)
    }

    /// Clusters that could not be read, and Services that the querier should be given and cannot, as far as no store
    /// told of them.
    pub(super) fn gaps(
        &self,
        fates: &[Fate],
        stores: &[Committed],
        list: &Place,
        findings: &mut Vec<Finding>,
        incomplete: &mut bool,
    ) {
        let file = Place { file: list.file.clone(), line: 0, column: 0 };
        let wrong = stores.iter().zip(fates).filter(|(_, fate)| !matches!(fate, Fate::Right(_)));
        let told: HashSet<Origin> =
            wrong.filter_map(|(store, _)| self.provenance(store)).map(|own| own.origin).collect();
        for DiscoveredCluster { cluster, services, .. } in &self.discovery.clusters {
            let about = |service: Option<ServiceRef>| Origin { cluster: cluster.name.clone(), service };
            let services = match services {
                Ok(services) => services,
                Err(reason) => {
                    *incomplete = true;
                    let message = format!("cluster `{}` could not be read: {}", cluster.name, reason.cause);
                    let mut finding = self.about(codes::UNREADABLE_CLUSTER, &about(None), &message);
                    finding.hint.clone_from(&reason.hint);
                    finding.place = Some(file.clone());
                    findings.push(finding);
                    continue;
                }
            };
            let short = |found: &&DiscoveredService<'_>| {
                found.feeds && found.resolved.problem.as_ref().is_some_and(|problem| !problem.is_settled())
            };
            for found in services.iter().filter(short) {
                let origin = about(Some(found.service.reference()));
                if told.contains(&origin) {
                    continue;
                }
                let problem = found.resolved.problem.as_ref().map(ToString::to_string).unwrap_or_default();
                let unknown = matches!(found.resolved.problem, Some(Problem::Unreadable { .. }));
                *incomplete |= unknown;
                let message = format!("no store leads to `{}`: {problem}", found.service.reference());
                let code = if unknown { codes::DOUBTFUL_STORE } else { codes::UNREACHABLE_STORE };
                let mut finding = self.about(code, &origin, &message);
                // Nothing in the file is wrong, and nothing in it could be mended.
                finding.severity = Severity::Warning;
                finding.place = Some(list.clone());
                findings.push(finding);
            }
        }
    }

    /// What is worth to know of a store that is right.
    pub(super) fn remark(
        &self,
        store: &Committed,
        origin: &Origin,
        found: Option<&&DiscoveredService<'_>>,
    ) -> Option<Finding> {
        let shared = found?.resolved.remarks.iter().find(|remark| remark.hides_pods())?;
        let message = match shared {
            Remark::Replicas(number) => {
                format!("{number} replicas share `{}`: a querier sees one of them at a time", store.text)
            }
            other => format!("`{}`: {other}", store.text),
        };
        Some(self.at(store, codes::SHARED_ADDRESS, origin, &message))
    }
}
