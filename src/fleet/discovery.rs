//! What an inventory means: each Service's role, its address or why it has none, and which of them feed the querier.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::Address;
use super::inventory::{Cluster, Inventory, Listing, Observed, Service, Unreadable};
use super::nodeport;
use super::ownership::{Signs, owners};
use super::plan::{Endpoint, Evidence, Gap, KnownEndpoint, Origin, Source};
use super::resolve::{
    AddressPolicy, Annotated, Backend, Backends, Problem, Remark, Resolved, Slices, Surroundings, Viewpoint, reach,
    resolve,
};
use super::sidecar::{self, Recognised, Role};
use crate::names::{ClusterName, ServiceRef};
use crate::text::{glob, without_credentials};

/// What the settings say about a fleet, as far as it changes what an inventory means.
#[derive(Debug, Clone, Default)]
pub struct FleetPolicy {
    /// What holds for single clusters; the default policy for those that are absent.
    pub clusters: BTreeMap<ClusterName, ClusterPolicy>,
    /// Which Services feed the querier, in every cluster.
    pub services: ServiceFilter,
    /// Which Services may say by an annotation where they are reached, in every cluster.
    pub overrides: Overrides,
    /// The context of the querier's own cluster, and that cluster's DNS domain.
    pub hub: Option<(String, String)>,
}

impl FleetPolicy {
    /// Whether an endpoint that was found earlier may still feed the querier. Of its Service only the name is known;
    /// it was a sidecar unless the settings name it.
    pub fn admits(&self, origin: &Origin) -> bool {
        let default = ServiceFilter::default();
        let own = self.clusters.get(&origin.cluster).map_or(&default, |cluster| &cluster.services);
        origin.service.as_ref().is_none_or(|it| wish(it, Role::Sidecar, [&self.services, own]) == Wish::Feeds)
    }
}

/// What the settings say about one cluster.
#[derive(Debug, Clone, Default)]
pub struct ClusterPolicy {
    /// How its Services are reached.
    pub address: AddressPolicy,
    /// Which of its Services feed the querier, besides what holds for all clusters.
    pub services: ServiceFilter,
    /// Which of its Services may say by an annotation where they are reached, besides what holds for all clusters.
    pub overrides: Overrides,
}

/// Which Services may say by an annotation where they are reached: `overrides:` of the settings. None by default: who may
/// annotate a Service is often not who may decide what the querier dials.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Overrides {
    /// Globs over `NAMESPACE/NAME`.
    pub allow: Vec<ServiceGlob>,
}

/// Which Services feed the querier: `services:` of the settings.
///
/// Without `include` every sidecar does. With it, exactly what it names, in whatever role. `exclude` always wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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
            _ => Err(format!(
                "`{}` names no Service; write NAMESPACE/NAME, where * stands for any characters",
                without_credentials(&text)
            )),
        }
    }
}

impl ServiceGlob {
    fn matches(&self, service: &ServiceRef) -> bool {
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
    /// Whether the settings have an entry for it.
    pub listed: bool,
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

impl DiscoveredService<'_> {
    /// Why the querier should be given it and cannot; `None` when all is well.
    fn shortfall(&self) -> Option<&Problem> {
        self.resolved.problem.as_ref().filter(|problem| self.feeds && !problem.is_settled())
    }
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
        /// Why `patch-nodeport` would refuse it; `None` when it would not.
        not_node_port: Option<nodeport::Refused>,
        /// An annotation that says where it is reached and does not count.
        ignored: Option<Remark>,
        /// Whether the settings have an entry for the cluster.
        listed: bool,
    },
}

impl Shortfall {
    /// Those of `endpoints` that were kept because of it.
    pub fn kept<'e>(&self, endpoints: &'e [Endpoint]) -> Vec<&'e Endpoint> {
        let covers = |of: &Origin| match self {
            Self::Cluster { name, .. } => of.cluster == *name,
            Self::Service { origin, .. } => of == origin,
        };
        endpoints.iter().filter(|endpoint| endpoint.kept().is_some() && covers(&endpoint.origin)).collect()
    }
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
            listed: policy.clusters.contains_key(&cluster.name),
        });
        Self { clusters: clusters.collect() }
    }

    /// The endpoints that the querier should be given: of each Service the first one; and of what is missing those
    /// that are `known` from earlier, in its place.
    pub fn endpoints(&self, known: &[KnownEndpoint]) -> Vec<Endpoint> {
        let mut endpoints = Vec::new();
        for DiscoveredCluster { cluster, services, .. } in &self.clusters {
            let origin = |service| Origin { cluster: cluster.name.clone(), service };
            endpoints.extend(cluster.fixed_endpoints.iter().map(|address| Endpoint {
                address: address.clone(),
                evidence: Evidence::Found(Source::Override),
                origin: origin(None),
            }));
            let Ok(services) = services else {
                // Fixed endpoints are told even of a cluster that cannot be read: then these are all of them.
                let told = |of: &Origin| of.service.is_none() && !cluster.fixed_endpoints.is_empty();
                endpoints.extend(keep(known, Gap::Cluster, |of| of.cluster == cluster.name && !told(of)));
                continue;
            };
            for found in services.iter().filter(|found| found.feeds) {
                let origin = origin(Some(found.service.reference()));
                match found.resolved.endpoints.first() {
                    Some((address, source)) => endpoints.push(Endpoint {
                        address: address.clone(),
                        evidence: Evidence::Found(*source),
                        origin,
                    }),
                    None if found.shortfall().is_some() => {
                        endpoints.extend(keep(known, Gap::Service, |of| *of == origin));
                    }
                    None => {}
                }
            }
        }
        // A cluster that has another name now and cannot be read would lose its stores otherwise.
        if self.clusters.iter().any(|found| found.services.is_err()) {
            let found: BTreeSet<String> = endpoints.iter().map(|endpoint| endpoint.address.target()).collect();
            let rest = keep(known, Gap::Fleet, |of| !self.has_cluster(&of.cluster));
            endpoints.extend(rest.filter(|endpoint| !found.contains(&endpoint.address.target())));
        }
        endpoints
    }

    /// Whether the fleet has a cluster of this name, or had it under the name of its context and could read it now.
    fn has_cluster(&self, name: &ClusterName) -> bool {
        let is_it = |found: &DiscoveredCluster<'_>| {
            let was_it = found.services.is_ok() && found.cluster.context.as_deref() == Some(name.as_str());
            found.cluster.name == *name || was_it
        };
        self.clusters.iter().any(is_it)
    }

    /// What is missing from [`Discovery::endpoints`] although it should be there.
    pub fn shortfalls(&self) -> Vec<Shortfall> {
        let mut shortfalls = Vec::new();
        for DiscoveredCluster { cluster, services, listed } in &self.clusters {
            match services {
                Err(reason) => shortfalls.push(Shortfall::Cluster {
                    name: cluster.name.clone(),
                    context: cluster.context.clone(),
                    reason: (*reason).clone(),
                }),
                Ok(services) => shortfalls.extend(services.iter().filter_map(|found| {
                    Some(Shortfall::Service {
                        origin: Origin { cluster: cluster.name.clone(), service: Some(found.service.reference()) },
                        context: cluster.context.clone(),
                        problem: found.shortfall()?.clone(),
                        not_node_port: not_node_port(found.service),
                        ignored: found.resolved.remarks.iter().find(|remark| remark.is_ignored()).cloned(),
                        listed: *listed,
                    })
                })),
            }
        }
        shortfalls
    }
}

/// Why `patch-nodeport` would refuse a Service as it is.
fn not_node_port(service: &Service) -> Option<nodeport::Refused> {
    let owners = owners(&Signs::of_service(service));
    nodeport::decide(service, &owners, &nodeport::Wish::default()).err()
}

/// The known endpoints of one gap.
fn keep(known: &[KnownEndpoint], gap: Gap, is_missing: impl Fn(&Origin) -> bool) -> impl Iterator<Item = Endpoint> {
    known.iter().filter(move |known| is_missing(&known.origin)).map(move |known| Endpoint {
        address: known.address.clone(),
        evidence: Evidence::Kept(gap),
        origin: known.origin.clone(),
    })
}

impl FleetPolicy {
    /// What holds for a cluster.
    fn of(&self, cluster: &Cluster) -> &ClusterPolicy {
        static DEFAULT: LazyLock<ClusterPolicy> = LazyLock::new(ClusterPolicy::default);
        self.clusters.get(&cluster.name).unwrap_or(&DEFAULT)
    }

    /// Whether what a Service's annotations say of its address counts.
    fn annotated(&self, cluster: &Cluster, service: &ServiceRef) -> Annotated {
        let allows = |overrides: &Overrides| overrides.allow.iter().any(|glob| glob.matches(service));
        if allows(&self.overrides) || allows(&self.of(cluster).overrides) {
            Annotated::Allowed
        } else {
            Annotated::Ignored
        }
    }

    /// From where the querier sees a cluster.
    fn viewpoint(&self, cluster: &Cluster) -> Viewpoint<'_> {
        match &self.hub {
            Some((context, cluster_domain)) if cluster.context.as_deref() == Some(context) => {
                Viewpoint::Inside { cluster_domain }
            }
            _ => Viewpoint::Outside,
        }
    }

    /// All addresses that lead to Services of a cluster, also those that nobody would choose today; [`resolve`] has the
    /// best first.
    pub fn reach<'a>(&'a self, cluster: &'a Cluster) -> Reach<'a> {
        let surroundings = cluster.observed.as_ref().ok();
        Reach {
            policy: self,
            cluster,
            surroundings: surroundings.map(|observed| Surroundings::of(observed, &self.of(cluster).address)),
            viewpoint: self.viewpoint(cluster),
        }
    }
}

/// The ways to the Services of one cluster.
pub struct Reach<'a> {
    policy: &'a FleetPolicy,
    cluster: &'a Cluster,
    /// `None` when the cluster could not be read.
    surroundings: Option<Surroundings<'a>>,
    viewpoint: Viewpoint<'a>,
}

impl Reach<'_> {
    /// All addresses that lead to this Service.
    pub fn of(&self, service: &Service) -> Vec<Address> {
        match (&self.surroundings, sidecar::grpc_port(service)) {
            (Some(surroundings), Some(port)) => {
                let annotated = self.policy.annotated(self.cluster, &service.reference());
                reach(service, port, surroundings, self.viewpoint, annotated)
            }
            _ => Vec::new(),
        }
    }
}

fn conclude_cluster<'a>(cluster: &Cluster, observed: &'a Observed, policy: &FleetPolicy) -> Vec<DiscoveredService<'a>> {
    let (own, viewpoint) = (policy.of(cluster), policy.viewpoint(cluster));
    let surroundings = Surroundings::of(observed, &own.address);
    let mut found: Vec<DiscoveredService<'a>> = observed
        .services
        .iter()
        .filter_map(|service| {
            let recognised = sidecar::recognise(service)?;
            let port = sidecar::grpc_port(service)?;
            let wish = wish(&service.reference(), recognised.role, [&policy.services, &own.services]);
            let resolved = match wish {
                Wish::Excluded => Resolved { problem: Some(Problem::Excluded), ..Resolved::default() },
                Wish::Feeds | Wish::Shown => {
                    let annotated = policy.annotated(cluster, &service.reference());
                    resolve(service, port, &surroundings, viewpoint, annotated)
                }
            };
            Some(DiscoveredService { service, port: port.port, recognised, resolved, feeds: wish == Wish::Feeds })
        })
        .collect();
    settle_twins(&mut found, &surroundings.slices);
    if let Listing::Unreadable(reason) = &observed.endpoint_slices {
        leave_open(&mut found, reason);
    }
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Feeds,
    Shown,
    Excluded,
}

fn wish(service: &ServiceRef, role: Role, filters: [&ServiceFilter; 2]) -> Wish {
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
/// One of them is enough. First come those that can be dialled, then those that somebody answers, those for fewer pods
/// (one per replica is better than one for all), those with the better source, those made for the purpose.
fn settle_twins(found: &mut [DiscoveredService<'_>], slices: &Slices<'_>) {
    let pods: Vec<Pods<'_>> = found.iter().map(|found| Pods::behind(found.service, slices)).collect();
    let mut order: Vec<usize> = (0..found.len()).filter(|at| found[*at].feeds).collect();
    order.sort_by_key(|at| {
        let (found, pods) = (&found[*at], &pods[*at]);
        (
            found.resolved.endpoints.is_empty(),
            // Of those that cannot be dialled, one that will be some day speaks for the others.
            found.resolved.problem.as_ref().is_some_and(Problem::is_structural),
            pods.deserted,
            pods.count(),
            found.resolved.endpoints.first().map(|(_, source)| *source),
            sidecar::rank(found.service),
            found.service.reference(),
        )
    });
    let mut used = Used::default();
    for at in order {
        let Some(twins) = twins(&pods[at], used.near(&pods[at]).into_iter()) else {
            used.add(&pods[at]);
            continue;
        };
        // A replica's own load balancer that is pending is not made up for by one that leads to any replica.
        let waits = found[at].resolved.problem.as_ref().is_some_and(|problem| !problem.is_structural());
        if !waits || twins.exact {
            let problem = Some(Problem::SamePods { services: twins.services });
            found[at].resolved = Resolved { problem, ..Resolved::default() };
        }
    }
}

/// Whether a Service that cannot be dialled is a twin of one that can is not known without slices: then that is what is
/// wrong with it, and not that it is headless.
fn leave_open(found: &mut [DiscoveredService<'_>], reason: &Unreadable) {
    let may_serve = |found: &&DiscoveredService<'_>| {
        let problem = found.resolved.problem.as_ref();
        found.feeds && problem.is_none_or(|problem| !problem.is_structural() && !problem.is_settled())
    };
    let others: Vec<&Service> = found.iter().filter(may_serve).map(|found| found.service).collect();
    for found in found.iter_mut().filter(|found| found.feeds) {
        let structural = matches!(found.resolved.problem, Some(Problem::Headless | Problem::ClusterInternal));
        if structural && others.iter().any(|other| may_share_pods(found.service, other)) {
            let problem = Problem::Unreadable { resource: "endpointslices", reason: reason.clone() };
            found.resolved = Resolved { problem: Some(problem), ..Resolved::default() };
        }
    }
}

/// Whether the selectors of two Services leave it open that they lead to the same pods.
fn may_share_pods(one: &Service, other: &Service) -> bool {
    let differs = |(key, value): (&String, &String)| other.selector.get(key).is_some_and(|theirs| theirs != value);
    one.namespace == other.namespace && !one.selector.iter().any(differs)
}

/// Which pods a Service leads to.
struct Pods<'a> {
    service: &'a Service,
    /// What tells most selectors apart without comparing them: fleets have many Services.
    selector: u64,
    /// Those that serve its gRPC port; empty when slices tell nothing.
    known: BTreeSet<Backend<'a>>,
    /// Whether it is known that none of them is ready.
    deserted: bool,
}

impl<'a> Pods<'a> {
    fn behind(service: &'a Service, slices: &Slices<'a>) -> Self {
        let backends = sidecar::grpc_port(service).map(|port| Backends::of(service, port, slices));
        let deserted = backends.as_ref().is_some_and(|backends| backends.is_deserted(service));
        let mut hasher = DefaultHasher::new();
        (&service.namespace, &service.selector).hash(&mut hasher);
        let known = backends.map(|backends| backends.distinct().clone()).unwrap_or_default();
        Self { service, selector: hasher.finish(), known, deserted }
    }

    /// How many pods; a Service of which nothing is known counts as the widest.
    fn count(&self) -> usize {
        if self.known.is_empty() { usize::MAX } else { self.known.len() }
    }

    /// Whether both lead to the same pods: by their slices, or by what Kubernetes itself selects for both.
    fn equals(&self, other: &Self) -> bool {
        let (own, others) = (self.service, other.service);
        let same_selector = self.selector == other.selector
            && !own.selector.is_empty()
            && own.namespace == others.namespace
            && own.selector == others.selector;
        same_selector || (!self.known.is_empty() && self.known == other.known)
    }
}

/// The Services that are used, found by what they may share with another: fleets have many.
#[derive(Default)]
struct Used<'p, 'a> {
    all: Vec<&'p Pods<'a>>,
    by_selector: HashMap<u64, Vec<usize>>,
    by_pod: HashMap<Backend<'a>, Vec<usize>>,
}

impl<'p, 'a> Used<'p, 'a> {
    fn add(&mut self, pods: &'p Pods<'a>) {
        let at = self.all.len();
        self.all.push(pods);
        self.by_selector.entry(pods.selector).or_default().push(at);
        pods.known.iter().for_each(|pod| self.by_pod.entry(*pod).or_default().push(at));
    }

    /// Those that may lead to some of the same pods, in the order in which they came.
    fn near(&self, pods: &Pods<'a>) -> Vec<&'p Pods<'a>> {
        let of_pods = pods.known.iter().filter_map(|pod| self.by_pod.get(pod));
        let places: BTreeSet<usize> = of_pods.chain(self.by_selector.get(&pods.selector)).flatten().copied().collect();
        // Slices name pods as whoever wrote them likes: a Service counts only among those of its own namespace.
        let is_beside = |other: &&'p Pods<'a>| other.service.namespace == pods.service.namespace;
        places.into_iter().map(|at| self.all[at]).filter(is_beside).collect()
    }
}

/// The Services that make one needless.
struct Twins {
    services: Vec<ServiceRef>,
    /// Whether it is one Service with the very same pods.
    exact: bool,
}

/// The used Services that make this one needless: one with the same pods, or several that lead to all of its pods.
fn twins<'p, 'a: 'p>(pods: &Pods<'a>, used: impl Iterator<Item = &'p Pods<'a>> + Clone) -> Option<Twins> {
    if let Some(other) = used.clone().find(|other| pods.equals(other)) {
        return Some(Twins { services: vec![other.service.reference()], exact: true });
    }
    let (mut missing, mut services) = (pods.known.clone(), Vec::new());
    for other in used {
        let before = missing.len();
        missing.retain(|pod| !other.known.contains(pod));
        if missing.len() < before {
            services.push(other.service.reference());
        }
    }
    (missing.is_empty() && !services.is_empty()).then_some(Twins { services, exact: false })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    use proptest::prelude::*;

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
        Inventory {
            clusters: vec![Cluster { name, context, uid: None, fixed_endpoints: Vec::new(), observed: Ok(observed) }],
        }
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
        let dialled = discovery.endpoints(&[]).iter().map(|endpoint| endpoint.address.to_string()).collect();
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
        assert_eq!(problems, ["all: same pods as monitoring/replica-0 and monitoring/replica-1"]);
    }

    #[test]
    fn a_service_with_a_pod_that_no_other_leads_to_is_no_twin() {
        let inventory = cluster(&[("external", at("203.0.113.1"), &["p0"]), ("operated", headless(), &["p0", "p1"])]);
        let shortfalls = Discovery::conclude(&inventory, &FleetPolicy::default()).shortfalls();
        assert_eq!(shortfalls.len(), 1);
        assert!(shortfalls[0].to_string().starts_with("eu monitoring/operated: headless"));
    }

    fn pending() -> Value {
        json!({"type": "LoadBalancer"})
    }

    #[test]
    fn a_replica_of_its_own_that_is_pending_is_not_made_up_for_by_one_address_for_all() {
        let inventory = cluster(&[
            ("all", at("203.0.113.1"), &["p0", "p1"]),
            ("replica-0", at("203.0.113.2"), &["p0"]),
            ("replica-1", pending(), &["p1"]),
        ]);
        let shortfalls = Discovery::conclude(&inventory, &FleetPolicy::default()).shortfalls();
        assert_eq!(shortfalls.len(), 1, "{shortfalls:?}");
        assert!(shortfalls[0].to_string().starts_with("eu monitoring/replica-1: its load balancer is pending"));
    }

    #[test]
    fn of_twins_that_cannot_be_dialled_the_one_that_will_be_speaks() {
        let inventory = cluster(&[("discovery", headless(), &["p0"]), ("external", pending(), &["p0"])]);
        let (_, problems) = conclude(&inventory, &FleetPolicy::default());
        assert_eq!(problems[0], "discovery: same pods as monitoring/external");
        assert!(problems[1].starts_with("external: its load balancer is pending"), "{problems:?}");
    }

    #[test]
    fn only_pods_that_serve_the_grpc_port_count() {
        let mut inventory = cluster(&[("a", at("203.0.113.1"), &["p0"]), ("operated", headless(), &["p0"])]);
        // A second Prometheus without a sidecar: its pods stand in a slice without the port.
        let plain = json!({
            "namespace": "monitoring", "name": "operated-y", "service": "operated",
            "ports": [{"name": "web", "port": 9090}], "endpoints": [{"address": "10.0.0.2", "pod": "p1"}],
        });
        let observed = inventory.clusters[0].observed.as_mut().unwrap();
        if let Listing::Complete(slices) = &mut observed.endpoint_slices {
            slices.push(serde_json::from_value(plain).unwrap());
        }
        let (dialled, problems) = conclude(&inventory, &FleetPolicy::default());
        assert_eq!((dialled.len(), problems), (1, vec!["operated: same pods as monitoring/a".to_owned()]));
    }

    #[test]
    fn of_reachable_twins_a_load_balancer_comes_before_a_node_port() {
        let node_port = json!({"type": "NodePort", "ports": [{"name": "grpc", "port": 10901, "nodePort": 31000}]});
        let mut inventory = cluster(&[("discovery", node_port, &["p0"]), ("external", at("203.0.113.1"), &["p0"])]);
        let node = json!({"name": "n", "ready": true, "addresses": [{"type": "InternalIP", "address": "10.0.0.9"}]});
        inventory.clusters[0].observed.as_mut().unwrap().nodes =
            Listing::Complete(vec![serde_json::from_value(node).unwrap()]);
        assert_eq!(conclude(&inventory, &FleetPolicy::default()).0, ["203.0.113.1:10901"]);
    }

    #[test]
    fn equal_selectors_in_two_namespaces_are_no_twins() {
        let with = |namespace: &str, mut fields: Value| {
            fields["selector"] = json!({"app": "prometheus"});
            fields["namespace"] = json!(namespace);
            fields
        };
        let inventory =
            cluster(&[("a", with("one", at("203.0.113.1")), &[]), ("b", with("two", at("203.0.113.2")), &[])]);
        assert_eq!(conclude(&inventory, &FleetPolicy::default()).0.len(), 2);
    }

    #[test]
    fn a_filter_of_one_cluster_holds_there() {
        let inventory = cluster(&[("a", at("203.0.113.1"), &["p0"]), ("b", at("203.0.113.2"), &["p1"])]);
        let own = ClusterPolicy {
            services: crate::document::read("filter", "exclude: [monitoring/a]").unwrap(),
            ..ClusterPolicy::default()
        };
        let name = inventory.clusters[0].name.clone();
        let policy = FleetPolicy { clusters: BTreeMap::from([(name, own)]), ..FleetPolicy::default() };
        assert_eq!(conclude(&inventory, &policy).0, ["203.0.113.2:10901"]);
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

    /// Each endpoint with its place, given what was known of `eu`: addresses and Services, or the settings.
    fn keep(inventory: &Inventory, known: &[(&str, Option<&str>)]) -> Vec<String> {
        let known = known.iter().map(|(address, name)| KnownEndpoint {
            address: address.parse().unwrap(),
            origin: Origin {
                cluster: ClusterName::try_from("eu".to_owned()).unwrap(),
                service: name.map(|name| ServiceRef { namespace: "monitoring".into(), name: name.into() }),
            },
        });
        let discovery = Discovery::conclude(inventory, &FleetPolicy::default());
        let endpoints = discovery.endpoints(&known.collect::<Vec<_>>());
        let kept = |endpoint: &Endpoint| if endpoint.kept().is_some() { " kept" } else { "" };
        endpoints.iter().map(|endpoint| format!("{}{}", endpoint.address, kept(endpoint))).collect()
    }

    const KNOWN: [(&str, Option<&str>); 4] = [
        ("203.0.113.8:10901", Some("b")),
        ("203.0.113.6:10901", Some("gone")),
        ("edge.example:10901", None),
        ("203.0.113.9:10901", Some("c")),
    ];

    #[test]
    fn a_service_without_an_address_keeps_the_one_that_was_known_in_its_place() {
        let inventory =
            cluster(&[("a", at("203.0.113.1"), &["p0"]), ("b", pending(), &["p1"]), ("c", at("203.0.113.3"), &["p2"])]);
        assert_eq!(keep(&inventory, &KNOWN), ["203.0.113.1:10901", "203.0.113.8:10901 kept", "203.0.113.3:10901"]);
    }

    #[test]
    fn a_cluster_that_cannot_be_read_keeps_all_but_what_its_settings_still_tell() {
        let mut inventory = cluster(&[]);
        inventory.clusters[0].observed = Err(Unreadable { cause: "away".into(), hint: None });
        let all = KNOWN.map(|(address, _)| format!("{address} kept"));
        assert_eq!(keep(&inventory, &KNOWN), all);
        inventory.clusters[0].fixed_endpoints = vec!["edge.example:10902".parse().unwrap()];
        assert_eq!(
            keep(&inventory, &KNOWN),
            ["edge.example:10902".to_owned(), all[0].clone(), all[1].clone(), all[3].clone()]
        );
    }

    #[test]
    fn what_the_settings_leave_out_is_not_admitted() {
        let origin = |name: &str| Origin {
            cluster: ClusterName::try_from("eu".to_owned()).unwrap(),
            service: Some(ServiceRef { namespace: "monitoring".into(), name: name.into() }),
        };
        let admits = |filter: &str| ["a", "b"].map(|name| policy(filter).admits(&origin(name)));
        assert_eq!(admits("{}"), [true, true]);
        assert_eq!(admits("exclude: ['*/b']"), [true, false]);
        assert_eq!(admits("include: ['*/b']"), [false, true]);
        assert!(policy("exclude: ['*/*']").admits(&Origin { service: None, ..origin("a") }));
    }

    fn policy(filter: &str) -> FleetPolicy {
        FleetPolicy { services: crate::document::read("filter", filter).unwrap(), ..FleetPolicy::default() }
    }

    #[test]
    fn hand_made_services_to_two_ports_of_one_machine_lead_to_two_servers() {
        let by_hand = |name: &str, port: u16| {
            let service = json!({"namespace": "monitoring", "name": name, "type": "LoadBalancer",
                "labels": {"app.kubernetes.io/component": "thanos-sidecar"},
                "ports": [{"name": "grpc", "port": port}], "loadBalancerIngress": [{"ip": "203.0.113.1"}]});
            let slice = json!({"namespace": "monitoring", "name": name, "service": name,
                "ports": [{"name": "grpc", "port": port}], "endpoints": [{"address": "192.0.2.7"}]});
            (serde_json::from_value(service).unwrap(), serde_json::from_value(slice).unwrap())
        };
        let conclude_with = |port: u16| {
            let (services, slices) = [by_hand("a", 10901), by_hand("b", port)].into_iter().unzip();
            let mut inventory = cluster(&[]);
            let observed = Observed { services, endpoint_slices: Listing::Complete(slices), ..Observed::default() };
            inventory.clusters[0].observed = Ok(observed);
            conclude(&inventory, &FleetPolicy::default())
        };
        assert_eq!(conclude_with(10911).0, ["203.0.113.1:10901", "203.0.113.1:10911"]);
        let (endpoints, problems) = conclude_with(10901);
        assert_eq!((endpoints.len(), problems), (1, vec!["b: same pods as monitoring/a".to_owned()]));
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

    proptest! {
        /// What is looked at among many is as good as all.
        #[test]
        fn the_services_near_are_all_that_matter(shapes in prop::collection::vec((0..4u64, prop::collection::btree_set("[a-e]", 0..4)), 1..12)) {
            let services: Vec<Service> = shapes.iter().enumerate().map(|(at, (selector, _))| {
                let selector = if *selector == 0 { json!({}) } else { json!({"of": selector.to_string()}) };
                serde_json::from_value(json!({"namespace": "m", "name": format!("s{at}"), "selector": selector})).unwrap()
            }).collect();
            let pods: Vec<Pods<'_>> = services.iter().zip(&shapes).map(|(service, (selector, known))| Pods {
                service,
                selector: *selector,
                known: known.iter().map(|pod| Backend::Pod(pod)).collect(),
                deserted: false,
            }).collect();
            let mut used = Used::default();
            for pods in &pods {
                let found = |twins: Option<Twins>| twins.map(|twins| (twins.services, twins.exact));
                let (near, all) = (used.near(pods), used.all.clone());
                prop_assert_eq!(found(twins(pods, near.into_iter())), found(twins(pods, all.into_iter())));
                used.add(pods);
            }
        }
    }
}
