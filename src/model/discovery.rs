//! What an inventory means: each Service's role, its address or why it has none, and which of them feed the querier.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::inventory::{Cluster, EndpointSlice, Inventory, Listing, Observed, Service, Unreadable};
use super::names::{ClusterName, ServiceRef};
use super::plan::{Endpoint, Origin, Source};
use super::resolve::{AddressPolicy, Problem, Resolved, Viewpoint, resolve};
use super::sidecar::{self, Recognised, Role};
use crate::text::glob;

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A cluster with Services over pods: `(name, type fields, pods)`.
    fn cluster(services: &[(&str, Value, &[&str])]) -> Inventory {
        let mut observed = Observed::default();
        let mut slices = Vec::new();
        for (name, fields, pods) in services {
            let mut service = json!({
                "namespace": "monitoring", "name": name,
                "labels": {"app.kubernetes.io/component": "thanos-sidecar"},
                "ports": [{"name": "grpc", "port": 10901}],
                "selector": {"service": name},
            });
            for (key, value) in fields.as_object().unwrap() {
                service[key] = value.clone();
            }
            observed.services.push(serde_json::from_value(service).unwrap());
            let endpoints: Vec<Value> = pods.iter().map(|pod| json!({"address": "10.0.0.1", "pod": pod})).collect();
            let slice = json!({
                "namespace": "monitoring", "name": format!("{name}-x"), "service": name,
                "ports": [{"name": "grpc", "port": 10901}], "endpoints": endpoints,
            });
            slices.push(serde_json::from_value(slice).unwrap());
        }
        observed.endpoint_slices = Listing::Complete(slices);
        let name = ClusterName::try_from("eu".to_owned()).unwrap();
        let context = Some("eu".to_owned());
        Inventory { clusters: vec![Cluster { name, context, fixed_endpoints: Vec::new(), observed: Ok(observed) }] }
    }

    fn at(ip: &str) -> Value {
        json!({"type": "LoadBalancer", "loadBalancerIngress": [{"ip": ip}]})
    }

    fn headless() -> Value {
        json!({"clusterIP": "None"})
    }

    /// What is dialled, and what is wrong with the rest.
    fn conclude(inventory: &Inventory, policy: &FleetPolicy) -> (Vec<String>, Vec<String>) {
        let discovery = Discovery::conclude(inventory, policy);
        let dialled = discovery.endpoints().iter().map(|endpoint| endpoint.address.to_string()).collect();
        let services = discovery.clusters[0].services.as_ref().unwrap();
        let problem = |found: &DiscoveredService<'_>| {
            found.resolved.problem.as_ref().map(|problem| format!("{}: {problem}", found.service.name))
        };
        (dialled, services.iter().filter_map(problem).collect())
    }

    #[test]
    fn several_services_over_the_same_pods_count_once_and_the_reachable_one_is_dialled() {
        let inventory = cluster(&[
            ("discovery", headless(), &["p0"]),
            ("external", at("203.0.113.7"), &["p0"]),
            ("prometheus-operated", headless(), &["p0"]),
        ]);
        let (dialled, problems) = conclude(&inventory, &FleetPolicy::default());
        assert_eq!(dialled, ["203.0.113.7:10901"]);
        assert_eq!(
            problems,
            ["discovery: same pods as monitoring/external", "prometheus-operated: same pods as monitoring/external"]
        );
    }

    #[test]
    fn one_service_a_replica_is_better_than_one_for_all_replicas() {
        let inventory = cluster(&[
            ("all", at("203.0.113.1"), &["p0", "p1"]),
            ("replica-0", at("203.0.113.2"), &["p0"]),
            ("replica-1", at("203.0.113.3"), &["p1"]),
        ]);
        let (dialled, problems) = conclude(&inventory, &FleetPolicy::default());
        assert_eq!(dialled, ["203.0.113.2:10901", "203.0.113.3:10901"]);
        assert_eq!(problems, ["all: same pods as monitoring/replica-0"]);
    }

    #[test]
    fn a_service_with_a_pod_that_no_other_leads_to_is_no_twin() {
        let inventory = cluster(&[("external", at("203.0.113.1"), &["p0"]), ("operated", headless(), &["p0", "p1"])]);
        let shortfalls = Discovery::conclude(&inventory, &FleetPolicy::default()).shortfalls();
        assert_eq!(shortfalls.len(), 1);
        assert!(shortfalls[0].to_string().starts_with("eu monitoring/operated: headless"));
    }

    #[test]
    fn equal_selectors_are_twins_even_when_slices_tell_nothing() {
        let selector = json!({"app": "prometheus"});
        let with = |mut fields: Value| {
            fields["selector"] = selector.clone();
            fields
        };
        let mut inventory = cluster(&[("a", with(at("203.0.113.1")), &[]), ("b", with(headless()), &[])]);
        inventory.clusters[0].observed.as_mut().unwrap().endpoint_slices =
            Listing::Unreadable(Unreadable { cause: "403".into(), hint: None });
        let (dialled, problems) = conclude(&inventory, &FleetPolicy::default());
        assert_eq!((dialled.len(), problems), (1, vec!["b: same pods as monitoring/a".to_owned()]));
    }

    fn policy(filter: &str) -> FleetPolicy {
        FleetPolicy { services: crate::document::read("filter", filter).unwrap(), ..FleetPolicy::default() }
    }

    #[test]
    fn an_excluded_service_is_shown_and_stops_nothing() {
        let inventory = cluster(&[("a", at("203.0.113.1"), &["p0"]), ("b", headless(), &["p1"])]);
        let policy = policy("exclude: [monitoring/b]");
        assert!(Discovery::conclude(&inventory, &policy).shortfalls().is_empty());
        assert_eq!(conclude(&inventory, &policy).1, ["b: excluded by the settings"]);
    }

    #[test]
    fn an_include_list_takes_exactly_what_it_names_in_whatever_role() {
        let query = json!({
            "type": "LoadBalancer", "loadBalancerIngress": [{"ip": "203.0.113.9"}],
            "labels": {"app.kubernetes.io/component": "query", "app.kubernetes.io/name": "thanos"},
        });
        let inventory = cluster(&[("a", at("203.0.113.1"), &["p0"]), ("thanos-query", query, &["q0"])]);
        assert_eq!(conclude(&inventory, &FleetPolicy::default()).0, ["203.0.113.1:10901"]);
        assert_eq!(conclude(&inventory, &policy("include: ['*/thanos-query']")).0, ["203.0.113.9:10901"]);
    }

    #[test]
    fn in_the_cluster_of_the_querier_services_are_dialled_by_name() {
        let inventory = cluster(&[("a", at("203.0.113.1"), &["p0"])]);
        let policy = FleetPolicy { hub: Some(("eu".into(), "cluster.local".into())), ..FleetPolicy::default() };
        assert_eq!(conclude(&inventory, &policy).0, ["a.monitoring.svc.cluster.local:10901"]);
    }
}
