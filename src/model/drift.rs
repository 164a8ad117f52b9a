//! Committed stores against what is true now.
//!
//! What could not be asked is doubtful: neither drift nor no drift. An address that still leads to its Service is no
//! drift, even if another one would be chosen today.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::Address;
use super::codes;
use super::discovery::{DiscoveredCluster, DiscoveredService, Discovery, FleetPolicy};
use super::finding::{Change, Code, Finding, Severity};
use super::names::{ClusterName, ServiceRef};
use super::plan::{Endpoint, Origin};
use super::resolve::{Problem, Remark};
use crate::document::Place;
use crate::text::glob;

/// A store as a values file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// As it is written.
    pub text: String,
    /// Where it came from, if that stands beside it.
    pub origin: Option<Origin>,
    /// Where it stands.
    pub place: Place,
}

/// Whether the clusters that were asked are all that the fleet has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// They are: a store of another cluster is of none.
    Whole,
    /// Some were chosen: a store of another cluster is not looked at.
    Part,
}

/// What is expected of addresses that no cluster explains: `drift:` of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DriftPolicy {
    /// Addresses that are right although no cluster explains them.
    pub ignore: Vec<Ignore>,
}

/// An address that is right although no cluster explains it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ignore {
    /// A glob over the address as it is written; `*` stands for any characters.
    pub address: String,
    /// Why, for whoever reads it later.
    #[serde(deserialize_with = "reason")]
    #[schemars(regex(pattern = "\\S"))]
    pub reason: String,
}

fn reason<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(serde::de::Error::custom("an address is ignored for a reason: say which"));
    }
    Ok(text)
}

/// What became of a committed store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is right: it leads to this Service, or, without one, to what the settings give.
    Right(Origin),
    /// Its Service has another address now.
    Moved(Endpoint),
    /// Its Service is there and has no address now.
    Unreachable,
    /// Nobody could be asked.
    Doubtful,
    /// What it led to is gone, or is not the querier's any more.
    Stale,
    /// No cluster explains it.
    Foreign,
}

/// How a list of stores differs from what is true now.
#[derive(Debug, Clone)]
pub struct Drift {
    /// What became of each store, in their order.
    pub fates: Vec<Fate>,
    /// Endpoints for which there is no store.
    pub missing: Vec<Endpoint>,
    /// What there is to tell.
    pub findings: Vec<Finding>,
    /// Whether something could not be asked, so that this is not the whole truth.
    pub is_incomplete: bool,
}

/// What is true now.
#[derive(Clone, Copy)]
pub struct Truth<'a> {
    /// What was found.
    pub discovery: &'a Discovery<'a>,
    /// What the settings say of it.
    pub policy: &'a FleetPolicy,
    /// Whether that is all.
    pub coverage: Coverage,
    /// What is expected of the rest.
    pub drift: &'a DriftPolicy,
}

/// Whether it is this Service; compared without making a name of it, since fleets are large.
fn is_of(found: &DiscoveredService<'_>, service: Option<&ServiceRef>) -> bool {
    service.is_some_and(|service| found.service.namespace == service.namespace && found.service.name == service.name)
}

/// Since when there is a Service, which tells whether it is a new one; empty where the cluster does not say.
fn since(found: Option<&DiscoveredService<'_>>) -> String {
    let created = found.and_then(|found| found.service.created.as_ref());
    created.map(|created| format!("; its Service is there since {created}")).unwrap_or_default()
}

/// To what a store leads that the querier should be given; its own Service comes before others.
fn leads_to(store: &Committed, ways: &HashMap<String, Vec<Cow<'_, Origin>>>) -> Option<Origin> {
    let origins = ways.get(&store.text.trim().parse::<Address>().ok()?.target())?;
    let own = origins.iter().find(|origin| store.origin.as_ref() == Some(&***origin));
    own.or(origins.first()).map(|origin| origin.clone().into_owned())
}

impl Truth<'_> {
    /// Compares the stores of one list, which stands at `list`, with what is true now.
    pub fn compare(&self, stores: &[Committed], list: &Place) -> Drift {
        let wanted = self.discovery.endpoints(&[]);
        let ways = self.ways(&wanted);
        let services = self.services();
        let places: HashMap<&Origin, usize> =
            wanted.iter().enumerate().rev().map(|(at, endpoint)| (&endpoint.origin, at)).collect();
        let mut used: BTreeSet<usize> = BTreeSet::new();
        let mut told: BTreeSet<Origin> = BTreeSet::new();
        let mut drift = Drift { fates: Vec::new(), missing: Vec::new(), findings: Vec::new(), is_incomplete: false };
        let right: Vec<Option<Origin>> = stores.iter().map(|store| leads_to(store, &ways)).collect();
        for origin in right.iter().flatten() {
            used.extend(places.get(origin).copied());
        }
        for (store, right) in stores.iter().zip(right) {
            let (fate, finding) = match right {
                // A Service with two stores is asked twice.
                Some(origin) if origin.service.is_some() && !told.insert(origin.clone()) => {
                    let message = format!("`{}` leads to {origin}, as another store does", store.text);
                    let mut finding = self.about(codes::STALE_STORE, &origin, &message);
                    finding.place = Some(store.place.clone());
                    (Fate::Stale, Some(finding))
                }
                Some(origin) => (Fate::Right(origin.clone()), self.remark(store, &origin, services.get(&origin))),
                None => self.fate(store, &wanted, &mut used),
            };
            drift.is_incomplete |= fate == Fate::Doubtful;
            drift.fates.push(fate);
            drift.findings.extend(finding);
        }
        for (_, endpoint) in wanted.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
            let mut finding = self.about(codes::MISSING_STORE, &endpoint.origin, "");
            let since = since(services.get(&endpoint.origin).copied());
            finding.message = format!("`{}` of {} is missing{since}", endpoint.address, endpoint.origin);
            finding.place = Some(list.clone());
            drift.findings.push(finding);
            drift.missing.push(endpoint.clone());
        }
        self.gaps(&drift.fates, stores, list, &mut drift.findings, &mut drift.is_incomplete);
        drift.findings.extend(self.unused(stores, &drift.fates, list));
        drift
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

    fn fate(&self, store: &Committed, wanted: &[Endpoint], used: &mut BTreeSet<usize>) -> (Fate, Option<Finding>) {
        let host = |text: &str| text.parse::<Address>().ok().map(|address| address.host().to_string());
        let Some(origin) = &store.origin else {
            let free = |(at, endpoint): &(usize, &Endpoint)| {
                !used.contains(at) && host(&store.text) == Some(endpoint.address.host().to_string())
            };
            // The same host with another port: whoever wrote it meant that Service.
            if let Some((at, endpoint)) = wanted.iter().enumerate().find(free) {
                used.insert(at);
                return (Fate::Moved(endpoint.clone()), Some(self.moved(store, endpoint, codes::CHANGED_STORE, None)));
            }
            return self.unexplained(store);
        };
        let about = |code: Code, message: String| {
            let mut finding = self.about(code, origin, &message);
            finding.place = Some(store.place.clone());
            finding
        };
        let text = &store.text;
        let Some(cluster) = self.discovery.clusters.iter().find(|found| found.cluster.name == origin.cluster) else {
            return match (self.coverage, self.unreadable().next()) {
                (Coverage::Whole, None) => {
                    let message = format!("`{text}` is of cluster `{}`, which the fleet does not have", origin.cluster);
                    (Fate::Stale, Some(about(codes::STALE_STORE, message)))
                }
                (Coverage::Whole, Some(unread)) => {
                    let message = format!(
                        "`{text}` is of cluster `{}`, which the fleet does not have; it may be the former name of cluster \
                         `{unread}`, which could not be read",
                        origin.cluster
                    );
                    (Fate::Doubtful, Some(about(codes::DOUBTFUL_STORE, message)))
                }
                (Coverage::Part, _) => {
                    let message = format!("`{text}` is of cluster `{}`, which was not asked", origin.cluster);
                    (Fate::Doubtful, Some(about(codes::DOUBTFUL_STORE, message)))
                }
            };
        };
        let services = match &cluster.services {
            Ok(services) => services,
            Err(_) => {
                let message = format!("whether `{text}` is right is not known: its cluster could not be read");
                return (Fate::Doubtful, Some(about(codes::DOUBTFUL_STORE, message)));
            }
        };
        let found = services.iter().find(|found| is_of(found, origin.service.as_ref()));
        let at = wanted.iter().position(|endpoint| endpoint.origin == *origin);
        if let Some(at) = at.filter(|at| !used.contains(at)) {
            used.insert(at);
            let same_host = host(text) == Some(wanted[at].address.host().to_string());
            let code = if same_host { codes::CHANGED_STORE } else { codes::MOVED_STORE };
            return (Fate::Moved(wanted[at].clone()), Some(self.moved(store, &wanted[at], code, found)));
        }
        let gone = |why: String| (Fate::Stale, Some(about(codes::STALE_STORE, format!("`{text}` is stale: {why}"))));
        let Some(found) = found else {
            return gone(match &origin.service {
                Some(service) => format!("there is no Service `{service}` with a StoreAPI any more"),
                None => "the settings do not give it any more".to_owned(),
            });
        };
        match &found.resolved.problem {
            _ if at.is_some() => gone(format!("another store leads to `{}` already", found.service.reference())),
            Some(problem @ Problem::Unreadable { .. }) => {
                let message = format!("whether `{text}` is right is not known: {problem}");
                (Fate::Doubtful, Some(about(codes::DOUBTFUL_STORE, message)))
            }
            Some(problem) if found.feeds && !problem.is_settled() => {
                let message = format!("`{text}` does not lead to its Service any more: {problem}");
                (Fate::Unreachable, Some(about(codes::UNREACHABLE_STORE, message)))
            }
            Some(problem) => gone(problem.to_string()),
            None => gone("its Service is not the querier's".to_owned()),
        }
    }

    /// An address that says nothing of where it came from, and that nobody knows.
    fn unexplained(&self, store: &Committed) -> (Fate, Option<Finding>) {
        let text = &store.text;
        if self.ignored(text).is_some() {
            return (Fate::Foreign, None);
        }
        let unasked: Vec<&ClusterName> = self.unreadable().collect();
        let (fate, code, message) = match unasked.as_slice() {
            [] if self.coverage == Coverage::Part => {
                let message = format!("no cluster that was asked explains `{text}`; others were not");
                (Fate::Doubtful, codes::DOUBTFUL_STORE, message)
            }
            [] => (Fate::Foreign, codes::FOREIGN_ADDRESS, format!("no cluster explains `{text}`")),
            [first, ..] => {
                let message = format!("whether `{text}` is right is not known: cluster `{first}` could not be read");
                (Fate::Doubtful, codes::DOUBTFUL_STORE, message)
            }
        };
        let mut finding = Finding::new(code, message);
        finding.place = Some(store.place.clone());
        if fate == Fate::Foreign {
            finding.hint = Some(
                "if it is right, say why in thanosctl.yaml: `drift: {ignore: [{address: …, reason: …}]}`; else take it out"
                    .to_owned(),
            );
        }
        (fate, Some(finding))
    }

    fn ignored(&self, text: &str) -> Option<usize> {
        self.drift.ignore.iter().position(|ignore| glob(&ignore.address, text.trim()))
    }

    fn unused(&self, stores: &[Committed], fates: &[Fate], list: &Place) -> Vec<Finding> {
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

    fn unreadable(&self) -> impl Iterator<Item = &ClusterName> {
        let unreadable = self.discovery.clusters.iter().filter(|found| found.services.is_err());
        unreadable.map(|found| &found.cluster.name)
    }

    /// Clusters that could not be read, and Services that the querier should be given and cannot, as far as no store
    /// told of them.
    fn gaps(
        &self,
        fates: &[Fate],
        stores: &[Committed],
        list: &Place,
        findings: &mut Vec<Finding>,
        incomplete: &mut bool,
    ) {
        let file = Place { file: list.file.clone(), line: 0, column: 0 };
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
                let is_told = |(store, fate): (&Committed, &Fate)| {
                    store.origin.as_ref() == Some(&origin) && !matches!(fate, Fate::Right(_))
                };
                if stores.iter().zip(fates).any(is_told) {
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
    fn remark(&self, store: &Committed, origin: &Origin, found: Option<&&DiscoveredService<'_>>) -> Option<Finding> {
        let shared = found?.resolved.remarks.iter().find(|remark| remark.hides_pods())?;
        let message = match shared {
            Remark::Replicas(number) => {
                format!("{number} replicas share `{}`: a querier sees one of them at a time", store.text)
            }
            other => format!("`{}`: {other}", store.text),
        };
        let mut finding = self.about(codes::SHARED_ADDRESS, origin, &message);
        finding.place = Some(store.place.clone());
        Some(finding)
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
        let mut finding = self.about(code, &endpoint.origin, &message);
        finding.place = Some(store.place.clone());
        finding.change = Some(Change { old: store.text.clone(), new: endpoint.address.to_string() });
        finding
    }

    fn about(&self, code: Code, origin: &Origin, message: &str) -> Finding {
        let mut finding = Finding::new(code, message);
        finding.cluster = Some(origin.cluster.clone());
        finding.service.clone_from(&origin.service);
        finding
    }
}
