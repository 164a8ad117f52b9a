//! What an inventory means: each Service's role, its address or why it has none, and which of them feed the querier.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::inventory::{Cluster, EndpointSlice, Inventory, Listing, Observed, Service, Unreadable};
use super::names::{ClusterName, ServiceRef};
use super::plan::{Endpoint, Origin, Source};
use super::resolve::{AddressPolicy, Problem, Resolved, Viewpoint, resolve};
use super::sidecar::{self, Recognised, Role};

/// What the settings say about a fleet, as far as it changes what an inventory means.
#[derive(Debug, Clone, Default)]
pub struct FleetPolicy {
    /// What holds for single clusters; the default policy for those that are absent.
    pub clusters: BTreeMap<ClusterName, ClusterPolicy>,
    /// Which Services feed the querier, in every cluster.
    pub services: ServiceFilter,
    /// The context of the querier's own cluster, and that cluster's DNS domain.
    pub hub: Option<(String, String)>,
}

/// What the settings say about one cluster.
#[derive(Debug, Clone, Default)]
pub struct ClusterPolicy {
    /// How its Services are reached.
    pub address: AddressPolicy,
    /// Which of its Services feed the querier, besides what holds for all clusters.
    pub services: ServiceFilter,
}

/// Which Services feed the querier: `services:` of the settings.
///
/// Without `include` every sidecar does. With it, exactly what it names, in whatever role. `exclude` always wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceFilter {
    /// Globs over `NAMESPACE/NAME`.
    pub include: Vec<ServiceGlob>,
    /// Globs over `NAMESPACE/NAME`.
    pub exclude: Vec<ServiceGlob>,
}

/// A glob over `NAMESPACE/NAME`; `*` stands for any characters but `/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ServiceGlob {
    namespace: String,
    name: String,
}

impl TryFrom<String> for ServiceGlob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.split_once('/') {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
                Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
            }
            _ => Err(format!("`{text}` names no Service; write NAMESPACE/NAME, where * stands for any characters")),
        }
    }
}

impl ServiceGlob {
    fn matches(&self, service: &Service) -> bool {
        glob(&self.namespace, &service.namespace) && glob(&self.name, &service.name)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What was concluded, cluster by cluster, in the inventory's order.
#[derive(Debug, Clone)]
pub struct Discovery<'a> {
    /// One entry a cluster.
    pub clusters: Vec<DiscoveredCluster<'a>>,
}

/// One cluster and what was concluded about it.
#[derive(Debug, Clone)]
pub struct DiscoveredCluster<'a> {
    /// The facts.
    pub cluster: &'a Cluster,
    /// Its Services that offer a StoreAPI, or why the cluster could not be read.
    pub services: Result<Vec<DiscoveredService<'a>>, &'a Unreadable>,
}

/// One Service that offers a StoreAPI.
#[derive(Debug, Clone)]
pub struct DiscoveredService<'a> {
    /// The facts.
    pub service: &'a Service,
    /// What it is and how one can tell.
    pub recognised: Recognised,
    /// Its gRPC port.
    pub port: u16,
    /// Its addresses, best first, or why there are none.
    pub resolved: Resolved,
    /// Whether the querier should be given it.
    pub feeds: bool,
}

/// Something that the querier should be given and cannot: a cluster or a Service without an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// The cluster could not be read.
    Cluster {
        /// Which.
        name: ClusterName,
        /// By which context it was asked.
        context: Option<String>,
        /// Why, and what to do.
        reason: Unreadable,
    },
    /// A Service has no address.
    Service {
        /// Which cluster, and which Service in it.
        origin: Origin,
        /// The cluster's context.
        context: Option<String>,
        /// Why.
        problem: Problem,
    },
}

impl fmt::Display for Shortfall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster { name, reason, .. } => write!(out, "{name}: {}", reason.cause),
            Self::Service { origin, problem, .. } => write!(out, "{origin}: {problem}"),
        }
    }
}

impl<'a> Discovery<'a> {
    /// Draws the conclusions.
    pub fn conclude(inventory: &'a Inventory, policy: &FleetPolicy) -> Self {
        let clusters = inventory.clusters.iter().map(|cluster| DiscoveredCluster {
            cluster,
            services: cluster.observed.as_ref().map(|observed| conclude_cluster(cluster, observed, policy)),
        });
        Self { clusters: clusters.collect() }
    }

    /// The endpoints that the querier should be given: of each Service the first one.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let mut endpoints = Vec::new();
        for DiscoveredCluster { cluster, services } in &self.clusters {
            let origin = |service| Origin { cluster: cluster.name.clone(), service };
            endpoints.extend(cluster.fixed_endpoints.iter().map(|address| Endpoint {
                address: address.clone(),
                source: Source::Override,
                origin: origin(None),
            }));
            for found in services.iter().flatten().filter(|found| found.feeds) {
                if let Some((address, source)) = found.resolved.endpoints.first() {
                    endpoints.push(Endpoint {
                        address: address.clone(),
                        source: *source,
                        origin: origin(Some(found.service.reference())),
                    });
                }
            }
        }
        endpoints
    }

    /// What is missing from [`Discovery::endpoints`] although it should be there.
    pub fn shortfalls(&self) -> Vec<Shortfall> {
        let mut shortfalls = Vec::new();
        for DiscoveredCluster { cluster, services } in &self.clusters {
            match services {
                Err(reason) => shortfalls.push(Shortfall::Cluster {
                    name: cluster.name.clone(),
                    context: cluster.context.clone(),
                    reason: (*reason).clone(),
                }),
                Ok(services) => shortfalls.extend(services.iter().filter(|found| found.feeds).filter_map(|found| {
                    let problem = found.resolved.problem.clone().filter(|problem| !problem.is_settled())?;
                    Some(Shortfall::Service {
                        origin: Origin { cluster: cluster.name.clone(), service: Some(found.service.reference()) },
                        context: cluster.context.clone(),
                        problem,
                    })
                })),
            }
        }
        shortfalls
    }
}

fn conclude_cluster<'a>(cluster: &Cluster, observed: &'a Observed, policy: &FleetPolicy) -> Vec<DiscoveredService<'a>> {
    let default = ClusterPolicy::default();
    let own = policy.clusters.get(&cluster.name).unwrap_or(&default);
    let viewpoint = match &policy.hub {
        Some((context, cluster_domain)) if cluster.context.as_deref() == Some(context) => {
            Viewpoint::Inside { cluster_domain }
        }
        _ => Viewpoint::Outside,
    };
    let mut found: Vec<DiscoveredService<'a>> = observed
        .services
        .iter()
        .filter_map(|service| {
            let recognised = sidecar::recognise(service)?;
            let port = sidecar::grpc_port(service)?;
            let wish = wish(service, recognised.role, [&policy.services, &own.services]);
            let resolved = match wish {
                Wish::Excluded => Resolved { problem: Some(Problem::Excluded), ..Resolved::default() },
                Wish::Feeds | Wish::Shown => resolve(service, port, observed, &own.address, viewpoint),
            };
            Some(DiscoveredService { service, port: port.port, recognised, resolved, feeds: wish == Wish::Feeds })
        })
        .collect();
    settle_twins(&mut found, &observed.endpoint_slices);
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Feeds,
    Shown,
    Excluded,
}

fn wish(service: &Service, role: Role, filters: [&ServiceFilter; 2]) -> Wish {
    let any = |globs: &[ServiceGlob]| globs.iter().any(|glob| glob.matches(service));
    let included = filters.iter().any(|filter| any(&filter.include));
    let choosy = filters.iter().any(|filter| !filter.include.is_empty());
    if filters.iter().any(|filter| any(&filter.exclude)) || (choosy && !included && role == Role::Sidecar) {
        Wish::Excluded
    } else if included || (!choosy && role == Role::Sidecar) {
        Wish::Feeds
    } else {
        Wish::Shown
    }
}

/// Several Services may lead to the same pods (a chart's discovery Service, its external twin, `prometheus-operated`).
/// One of them is enough: those that can be dialled come first, then those for fewer pods (one per replica is better
/// than one for all), then those made for the purpose.
fn settle_twins(found: &mut [DiscoveredService<'_>], slices: &Listing<EndpointSlice>) {
    let pods: Vec<Pods<'_>> = found.iter().map(|found| Pods::behind(found.service, slices)).collect();
    let mut order: Vec<usize> = (0..found.len()).filter(|at| found[*at].feeds).collect();
    order.sort_by_key(|at| {
        let found = &found[*at];
        (
            found.resolved.endpoints.is_empty(),
            pods[*at].count(),
            sidecar::rank(found.service),
            found.service.reference(),
        )
    });
    let mut used: Vec<usize> = Vec::new();
    for at in order {
        match twin(&pods[at], used.iter().map(|used| &pods[*used])) {
            Some(service) => {
                found[at].resolved = Resolved {
                    problem: Some(Problem::SamePods { service: service.to_string() }),
                    ..Resolved::default()
                };
            }
            None => used.push(at),
        }
    }
}

/// Which pods a Service leads to.
struct Pods<'a> {
    service: &'a Service,
    /// Those of its slices, by uid or address; empty when slices tell nothing.
    known: BTreeSet<&'a str>,
}

impl<'a> Pods<'a> {
    fn behind(service: &'a Service, slices: &'a Listing<EndpointSlice>) -> Self {
        let slices = slices.items().unwrap_or_default();
        let own = slices.iter().filter(|slice| slice.namespace == service.namespace && slice.service == service.name);
        let pods = own.flat_map(|slice| &slice.endpoints);
        Self { service, known: pods.map(|endpoint| endpoint.pod.as_deref().unwrap_or(&endpoint.address)).collect() }
    }

    /// How many pods; a Service of which nothing is known counts as the widest.
    fn count(&self) -> usize {
        if self.known.is_empty() { usize::MAX } else { self.known.len() }
    }

    /// What Kubernetes itself would select for both, whatever slices exist.
    fn selects_as(&self, other: &Self) -> bool {
        let (own, other) = (self.service, other.service);
        !own.selector.is_empty() && own.namespace == other.namespace && own.selector == other.selector
    }
}

/// The used Service that makes this one needless: it selects the same pods, or the used ones cover all of its pods.
fn twin<'a>(pods: &Pods<'_>, used: impl Iterator<Item = &'a Pods<'a>>) -> Option<ServiceRef> {
    let mut missing = pods.known.clone();
    let mut first = None;
    for other in used {
        if pods.selects_as(other) {
            return Some(other.service.reference());
        }
        let before = missing.len();
        missing.retain(|pod| !other.known.contains(pod));
        if missing.len() < before {
            let first = first.get_or_insert_with(|| other.service.reference());
            if missing.is_empty() {
                return Some(first.clone());
            }
        }
    }
    None
}
