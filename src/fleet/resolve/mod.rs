//! At which outside address a Service's gRPC port can be dialled, and why there; or why nowhere.
//!
//! The order of sources, unless the settings prefer another: what somebody wrote down, the load balancer, external
//! IPs, a node's address with the node port, a name that external-dns was asked to publish. A load balancer that is
//! pending ends the search: the address that replaces it today is wrong tomorrow.

mod answer;
mod backends;
mod by_load_balancer;
mod by_node_port;
mod host;
mod node_pool;
mod policy;
mod privacy;
mod surroundings;

use std::collections::BTreeSet;

pub use answer::{PartKind, Problem, Remark, Resolved};
pub use backends::{Backend, Backends, Slices};
pub use node_pool::without_node_ports;
pub use policy::{AddressPolicy, NodeAddressKind, PreferredSource};
pub use privacy::{Privacy, privacy};
pub use surroundings::Surroundings;

use super::address::{Address, Host, Lookup};
use super::inventory::{Service, ServicePort, ServiceType, TargetPort};
use super::plan::Source;

/// Where the querier stands, as seen from the Service's cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewpoint<'a> {
    /// Somewhere else: it needs an address that works from outside.
    Outside,
    /// In the same cluster, whose DNS domain this is.
    Inside {
        /// Such as `cluster.local`.
        cluster_domain: &'a str,
    },
}

/// Whether what a Service's own annotations say of its address counts. Whoever may annotate a Service chooses what the
/// querier dials where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Annotated {
    /// The settings allow it for this Service.
    Allowed,
    /// They do not: the address is what it would be without the annotation.
    Ignored,
}

/// The annotation by which a Service says its own address.
const ADDRESS_ANNOTATION: &str = "thanosctl.io/address";

/// At most this many alternates are told: any node answers for a node port.
const NODES_TOLD: usize = 3;

/// The addresses of one Service's gRPC port.
pub fn resolve(
    service: &Service,
    port: &ServicePort,
    surroundings: &Surroundings<'_>,
    viewpoint: Viewpoint<'_>,
    annotated: Annotated,
) -> Resolved {
    let backends = Backends::of(service, port, &surroundings.slices);
    let outside = Outside { service, port, surroundings, backends: &backends, annotated };
    let mut resolved = match (written_down(service, annotated), viewpoint) {
        _ if service.deleting => problem(Problem::Deleting),
        (Some(written), _) => written,
        (None, _) if !service.unknown.is_empty() => problem(unknown(service)),
        (None, Viewpoint::Inside { cluster_domain }) => by_cluster_dns(service, port, &backends, cluster_domain),
        (None, Viewpoint::Outside) => outside.resolve(),
    };
    if let Some((address, _)) = resolved.endpoints.first()
        && !is_looked_up(address)
    {
        resolved.remarks.extend(backends.remarks(service));
    }
    resolved.remarks.extend(outside.of_annotations(&resolved));
    resolved
}

/// The addresses of a node port, whatever other addresses the Service has.
pub fn resolve_node_port(service: &Service, port: &ServicePort, surroundings: &Surroundings<'_>) -> Resolved {
    let backends = Backends::of(service, port, &surroundings.slices);
    match (Outside { service, port, surroundings, backends: &backends, annotated: Annotated::Ignored }).by_node_port() {
        Answer::Found(mut resolved) => {
            resolved.remarks.extend(backends.remarks(service));
            resolved
        }
        Answer::Stop(reason) => problem(reason),
        Answer::Nothing => problem(Problem::NoNode { wanted: "no node port is allocated for it".into() }),
    }
}

/// All addresses that lead to a Service's gRPC port, also those that [`resolve`] would not choose today: each entry of a
/// load balancer, each address of each node that answers. Empty when nothing does, or when it cannot be told.
pub fn reach(
    service: &Service,
    port: &ServicePort,
    surroundings: &Surroundings<'_>,
    viewpoint: Viewpoint<'_>,
    annotated: Annotated,
) -> Vec<Address> {
    if service.deleting {
        return Vec::new();
    }
    let backends = Backends::of(service, port, &surroundings.slices);
    let outside = Outside { service, port, surroundings, backends: &backends, annotated };
    let mut found: Vec<Address> = Vec::new();
    let mut add = |resolved: Resolved| found.extend(resolved.endpoints.into_iter().map(|(address, _)| address));
    written_down(service, annotated).into_iter().for_each(&mut add);
    if let Viewpoint::Inside { cluster_domain } = viewpoint {
        add(by_cluster_dns(service, port, &backends, cluster_domain));
    }
    for answer in [outside.by_load_balancer(), outside.by_external_ip(), outside.by_external_dns()] {
        if let Answer::Found(resolved) = answer {
            add(resolved);
        }
    }
    found.extend(outside.all_of_node_port());
    found
}

fn is_looked_up(address: &Address) -> bool {
    address.to_string().contains('+')
}

/// What the Service's annotation says, if it has one that counts.
fn written_down(service: &Service, annotated: Annotated) -> Option<Resolved> {
    if annotated == Annotated::Ignored {
        return None;
    }
    let text = service.annotations.get(ADDRESS_ANNOTATION)?;
    Some(match text.trim().parse::<Address>() {
        Ok(address) => Resolved { endpoints: vec![(address, Source::Override)], ..Resolved::default() },
        Err(error) => problem(Problem::BadAddress { reason: format!("its annotation {ADDRESS_ANNOTATION}: {error}") }),
    })
}

/// Seen from inside: a headless Service answers for each pod, any other for one at a time.
fn by_cluster_dns(service: &Service, port: &ServicePort, backends: &Backends<'_>, cluster_domain: &str) -> Resolved {
    if let Some(name) = &service.external_name
        && service.service_type == ServiceType::ExternalName
    {
        return problem(Problem::ExternalName { name: name.clone() });
    }
    let name = format!("{}.{}.svc.{cluster_domain}", service.name, service.namespace);
    let address = if is_headless(service) {
        match &port.name {
            // The SRV record of a named port brings the container's port.
            Some(port) => srv(port, &name),
            None => {
                let target = match port.target_port {
                    Some(TargetPort::Number(number)) => Some(number),
                    Some(TargetPort::Name(_)) => backends.port,
                    None => Some(port.port),
                };
                host(&name).and_then(|host| Address::looked_up(Lookup::Dns, host, target).map_err(|e| e.to_string()))
            }
        }
    } else {
        host(&name).map(|host| Address::fixed(host, port.port))
    };
    match address {
        Ok(address) => Resolved { endpoints: vec![(address, Source::ClusterDNS)], ..Resolved::default() },
        Err(reason) => problem(Problem::NoName { reason }),
    }
}

fn srv(port: &str, name: &str) -> Result<Address, String> {
    let host = host(&format!("_{port}._tcp.{name}"))?;
    Address::looked_up(Lookup::DnsSrv, host, None).map_err(|error| error.to_string())
}

fn host(name: &str) -> Result<Host, String> {
    name.parse::<Host>().map_err(|error| error.to_string())
}

/// What nobody knows may change how the Service is reached.
fn unknown(service: &Service) -> Problem {
    let (field, value) = service.unknown.first_key_value().expect("there is one");
    Problem::UnknownValue { field: field.clone(), value: value.clone() }
}

fn problem(problem: Problem) -> Resolved {
    Resolved { problem: Some(problem), ..Resolved::default() }
}

fn is_headless(service: &Service) -> bool {
    service.cluster_ip.as_deref() == Some("None")
}

/// One question: how does somebody outside reach this port?
struct Outside<'a> {
    service: &'a Service,
    port: &'a ServicePort,
    surroundings: &'a Surroundings<'a>,
    backends: &'a Backends<'a>,
    annotated: Annotated,
}

/// What one source has to say.
enum Answer {
    Found(Resolved),
    /// The search ends here, although other sources may exist.
    Stop(Problem),
    /// This source does not apply to the Service.
    Nothing,
}

impl Outside<'_> {
    fn resolve(&self) -> Resolved {
        let mut first_obstacle = None;
        for source in self.order() {
            let answer = match source {
                PreferredSource::LoadBalancer => self.by_load_balancer(),
                PreferredSource::ExternalIP => self.by_external_ip(),
                PreferredSource::NodePort => self.by_node_port(),
                PreferredSource::ExternalDNS => self.by_external_dns(),
            };
            match answer {
                Answer::Found(resolved) => return resolved,
                // What a load balancer will say, or what nobody could read, is not replaced by a guess.
                Answer::Stop(reason) if source == PreferredSource::LoadBalancer => return self.instead(reason),
                Answer::Stop(reason @ Problem::Unreadable { .. }) => return problem(reason),
                Answer::Stop(reason) => first_obstacle = first_obstacle.or(Some(reason)),
                Answer::Nothing => {}
            }
        }
        problem(first_obstacle.unwrap_or_else(|| self.internal()))
    }

    /// What serves while a load balancer does not, and will go on when it does: external IPs, which kube-proxy serves
    /// for every type of Service.
    fn instead(&self, reason: Problem) -> Resolved {
        match self.by_external_ip() {
            Answer::Found(mut resolved) => {
                resolved.remarks.push(Remark::WithoutLoadBalancer { reason: reason.to_string() });
                resolved
            }
            Answer::Stop(_) | Answer::Nothing => problem(reason),
        }
    }

    fn order(&self) -> Vec<PreferredSource> {
        use PreferredSource::{ExternalDNS, ExternalIP, LoadBalancer, NodePort};
        let mut order = self.surroundings.policy.prefer.clone();
        for source in [LoadBalancer, ExternalIP, NodePort, ExternalDNS] {
            if !order.contains(&source) {
                order.push(source);
            }
        }
        order
    }

    fn internal(&self) -> Problem {
        match self.service.service_type {
            ServiceType::ExternalName => {
                Problem::ExternalName { name: self.service.external_name.clone().unwrap_or_default() }
            }
            _ if is_headless(self.service) => Problem::Headless,
            ServiceType::ClusterIP => Problem::ClusterInternal,
            ServiceType::NodePort | ServiceType::LoadBalancer => {
                Problem::NoNode { wanted: "no node port is allocated for its gRPC port".into() }
            }
        }
    }

    fn by_external_ip(&self) -> Answer {
        // kube-proxy passes headless Services over, and an alias has no backends.
        if self.service.service_type == ServiceType::ExternalName || is_headless(self.service) {
            return Answer::Nothing;
        }
        let ips = self.service.external_ips.iter().filter_map(|ip| ip.parse::<Host>().ok());
        let ips = ips.filter(|host| matches!(host, Host::Ip(_)));
        let mut hosts: Vec<Host> = ips.filter(|host| self.listens_on(host) && !self.is_unwanted_family(host)).collect();
        hosts.sort_by_key(|host| (!self.fits_family(host), host::scope(host)));
        let Some(best) = hosts.first() else { return Answer::Nothing };
        let mut remarks: Vec<Remark> = host::remark(best).into_iter().collect();
        if host::scope(best) != host::Scope::Anywhere
            && let Some(public) = hosts.iter().find(|host| host::is_public_ip(host))
        {
            remarks.push(Remark::PublicAlternate(Address::fixed(public.clone(), self.port.port)));
        }
        remarks.push(Remark::DeprecatedExternalIps);
        let endpoints =
            unique(hosts.into_iter().map(|host| (Address::fixed(host, self.port.port), Source::ExternalIP)));
        Answer::Found(Resolved { endpoints, problem: None, remarks })
    }

    /// Whether a name that the Service asks external-dns for may be dialled: the settings say so for all Services, or for
    /// this one.
    fn takes_names(&self) -> bool {
        self.annotated == Annotated::Allowed || self.surroundings.policy.prefer.contains(&PreferredSource::ExternalDNS)
    }

    /// What to know of the annotations by which the Service says its own address.
    fn of_annotations(&self, resolved: &Resolved) -> Option<Remark> {
        let has_address = self.service.annotations.contains_key(ADDRESS_ANNOTATION);
        let name = EXTERNAL_DNS.iter().find(|key| self.service.annotations.contains_key(**key));
        let service = || self.service.reference();
        match (self.annotated, name) {
            _ if self.service.deleting => None,
            (Annotated::Allowed, _) => has_address.then_some(Remark::Overridden { annotation: ADDRESS_ANNOTATION }),
            (Annotated::Ignored, _) if has_address => {
                Some(Remark::OverrideIgnored { annotation: ADDRESS_ANNOTATION, service: service() })
            }
            // Where there is another address, a name for external-dns is none that anybody would miss.
            (Annotated::Ignored, Some(annotation)) if resolved.problem.is_some() && !self.takes_names() => {
                Some(Remark::OverrideIgnored { annotation, service: service() })
            }
            (Annotated::Ignored, _) => None,
        }
    }

    /// A record that external-dns was asked for may not exist, so it comes last unless the settings prefer it; and whoever
    /// may annotate the Service chose the name, so it is not dialled unless the settings say so.
    fn by_external_dns(&self) -> Answer {
        if !self.takes_names() {
            return Answer::Nothing;
        }
        let port = match self.service.service_type {
            ServiceType::LoadBalancer => Some(self.port.port),
            ServiceType::NodePort => self.port.node_port,
            ServiceType::ClusterIP | ServiceType::ExternalName => None,
        };
        let Some(port) = port else { return Answer::Nothing };
        let names = EXTERNAL_DNS.iter().filter_map(|key| self.service.annotations.get(*key));
        let hosts = names.flat_map(|names| names.split(',')).filter_map(|name| name.trim().parse::<Host>().ok());
        let endpoints = unique(hosts.map(|host| (Address::fixed(host, port), Source::ExternalDNS)));
        if endpoints.is_empty() {
            return Answer::Nothing;
        }
        let remarks = vec![Remark::UncheckedName];
        Answer::Found(Resolved { endpoints, problem: None, remarks })
    }
}

/// Both prefixes: external-dns 0.22.0 changed its default.
const EXTERNAL_DNS: [&str; 2] = ["external-dns.kubernetes.io/hostname", "external-dns.alpha.kubernetes.io/hostname"];

fn unique(endpoints: impl Iterator<Item = (Address, Source)>) -> Vec<(Address, Source)> {
    let mut seen = BTreeSet::new();
    endpoints.filter(|(address, _)| seen.insert(address.clone())).collect()
}

#[cfg(test)]
mod tests;
