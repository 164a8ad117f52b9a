//! At which outside address a Service's gRPC port can be dialled, and why there; or why nowhere.
//!
//! The order of sources, unless the settings prefer another: what somebody wrote down, the load balancer, external
//! IPs, a node's address with the node port, a name that external-dns was asked to publish. A load balancer that is
//! pending ends the search: the address that replaces it today is wrong tomorrow.

mod answer;
mod backends;
mod policy;

use std::collections::BTreeSet;
use std::net::IpAddr;

pub use answer::{Problem, Remark, Resolved};
pub use backends::Backends;
pub use policy::{AddressPolicy, NodeAddressKind, PreferredSource};

use super::address::{Address, Host, Lookup};
use super::inventory::{
    IpFamily, Listing, LoadBalancerIngress, Node, Observed, Service, ServicePort, ServiceType, TargetPort,
    TrafficPolicy, Unreadable,
};
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

/// The annotation by which a Service says its own address.
const ADDRESS_ANNOTATION: &str = "thanosctl.io/address";

/// At most this many alternates are told: any node answers for a node port.
const NODES_TOLD: usize = 3;

/// The addresses of one Service's gRPC port.
pub fn resolve(
    service: &Service,
    port: &ServicePort,
    observed: &Observed,
    policy: &AddressPolicy,
    viewpoint: Viewpoint<'_>,
) -> Resolved {
    let backends = Backends::of(service, port, &observed.endpoint_slices);
    let mut resolved = match (written_down(service), viewpoint) {
        _ if service.deleting => problem(Problem::Deleting),
        (Some(written), _) => written,
        (None, _) if !service.unknown.is_empty() => problem(unknown(service)),
        (None, Viewpoint::Inside { cluster_domain }) => by_cluster_dns(service, port, &backends, cluster_domain),
        (None, Viewpoint::Outside) => {
            Outside { service, port, nodes: &observed.nodes, backends: &backends, policy }.resolve()
        }
    };
    if let Some((address, _)) = resolved.endpoints.first()
        && !is_looked_up(address)
    {
        resolved.remarks.extend(backends.remark(service));
    }
    resolved
}

/// The addresses of a node port, whatever other addresses the Service has.
pub fn resolve_node_port(
    service: &Service,
    port: &ServicePort,
    observed: &Observed,
    policy: &AddressPolicy,
) -> Resolved {
    let backends = Backends::of(service, port, &observed.endpoint_slices);
    let outside = Outside { service, port, nodes: &observed.nodes, backends: &backends, policy };
    match outside.by_node_port() {
        Answer::Found(mut resolved) => {
            resolved.remarks.extend(backends.remark(service));
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
    observed: &Observed,
    policy: &AddressPolicy,
    viewpoint: Viewpoint<'_>,
) -> Vec<Address> {
    if service.deleting {
        return Vec::new();
    }
    let backends = Backends::of(service, port, &observed.endpoint_slices);
    let outside = Outside { service, port, nodes: &observed.nodes, backends: &backends, policy };
    let mut found: Vec<Address> = Vec::new();
    let mut add = |resolved: Resolved| found.extend(resolved.endpoints.into_iter().map(|(address, _)| address));
    written_down(service).into_iter().for_each(&mut add);
    if let Viewpoint::Inside { cluster_domain } = viewpoint {
        add(by_cluster_dns(service, port, &backends, cluster_domain));
    }
    for answer in [outside.by_load_balancer(), outside.by_external_ip(), outside.by_external_dns()] {
        if let Answer::Found(resolved) = answer {
            add(resolved);
        }
    }
    let has_node_ports = matches!(service.service_type, ServiceType::NodePort | ServiceType::LoadBalancer);
    if let Some(node_port) = port.node_port.filter(|_| has_node_ports) {
        let nodes = outside.eligible_nodes().unwrap_or_default();
        let addresses = nodes.iter().flat_map(|node| &node.addresses);
        let hosts = addresses.filter_map(|address| address.address.parse::<Host>().ok());
        found.extend(hosts.map(|host| Address::fixed(host, node_port)));
    }
    found
}

fn is_looked_up(address: &Address) -> bool {
    address.to_string().contains('+')
}

/// What the Service's annotation says, if it has one.
fn written_down(service: &Service) -> Option<Resolved> {
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
    nodes: &'a Listing<Node>,
    backends: &'a Backends<'a>,
    policy: &'a AddressPolicy,
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
                Answer::Stop(reason) if source == PreferredSource::LoadBalancer => return problem(reason),
                Answer::Stop(reason @ Problem::Unreadable { .. }) => return problem(reason),
                Answer::Stop(reason) => first_obstacle = first_obstacle.or(Some(reason)),
                Answer::Nothing => {}
            }
        }
        problem(first_obstacle.unwrap_or_else(|| self.internal()))
    }

    fn order(&self) -> Vec<PreferredSource> {
        use PreferredSource::{ExternalDNS, ExternalIP, LoadBalancer, NodePort};
        let mut order = self.policy.prefer.clone();
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

    /// The family to dial: the settings', else the Service's first one.
    fn family(&self) -> Option<IpFamily> {
        self.policy.family.or_else(|| self.service.ip_families.first().copied())
    }

    fn fits_family(&self, host: &Host) -> bool {
        match (host, self.family()) {
            (Host::Ip(IpAddr::V4(_)), Some(family)) => family == IpFamily::IPv4,
            (Host::Ip(IpAddr::V6(_)), Some(family)) => family == IpFamily::IPv6,
            (Host::Name(_), _) | (_, None) => true,
        }
    }

    /// Whether the settings want addresses of the other family.
    fn is_unwanted_family(&self, host: &Host) -> bool {
        self.policy.family.is_some() && !self.fits_family(host)
    }

    /// All entries lead to the same backends, so one is dialled and the others are alternates.
    fn by_load_balancer(&self) -> Answer {
        if self.service.service_type != ServiceType::LoadBalancer {
            return Answer::Nothing;
        }
        let (mut hosts, mut obstacle) = (Vec::new(), None);
        for entry in &self.service.load_balancer_ingress {
            let Some(text) = entry.ip.as_deref().or(entry.hostname.as_deref()) else { continue };
            match (text.parse::<Host>(), self.port_error(entry)) {
                (Err(error), _) => {
                    obstacle = Some(Problem::BadAddress { reason: format!("its load balancer's address: {error}") });
                }
                (_, Some(error)) => obstacle = Some(Problem::PortRefused { error }),
                (Ok(host), None) if self.is_unwanted_family(&host) => {
                    obstacle = self.policy.family.map(|family| Problem::NoFamily { family });
                }
                (Ok(host), None) => hosts.push(host),
            }
        }
        if hosts.is_empty() {
            let class = || self.service.load_balancer_class.clone();
            return Answer::Stop(obstacle.unwrap_or_else(|| Problem::Pending { class: class() }));
        }
        // Unless the settings want one, a family that the Service does not name is still better than nothing.
        hosts.sort_by_key(|host| !self.fits_family(host));
        let mut remarks = reach_remarks(&hosts[0]);
        if let Some(mark) = private_load_balancer(self.service) {
            remarks.push(Remark::PrivateLoadBalancer { mark });
        }
        if !self.service.load_balancer_source_ranges.is_empty() {
            remarks.push(Remark::OpenOnlyTo(self.service.load_balancer_source_ranges.clone()));
        }
        // The port of a load balancer is the Service's, not the node's.
        let endpoints =
            unique(hosts.into_iter().map(|host| (Address::fixed(host, self.port.port), Source::LoadBalancer)));
        Answer::Found(Resolved { endpoints, problem: None, remarks })
    }

    fn port_error(&self, entry: &LoadBalancerIngress) -> Option<String> {
        let tcp = |protocol: &Option<String>| protocol.as_deref().is_none_or(|protocol| protocol == "TCP");
        entry.ports.iter().find(|said| said.port == self.port.port && tcp(&said.protocol))?.error.clone()
    }

    fn by_external_ip(&self) -> Answer {
        // kube-proxy passes headless Services over, and an alias has no backends.
        if self.service.service_type == ServiceType::ExternalName || is_headless(self.service) {
            return Answer::Nothing;
        }
        let ips = self.service.external_ips.iter().filter_map(|ip| ip.parse::<Host>().ok());
        let ips = ips.filter(|host| matches!(host, Host::Ip(_)) && self.fits_family(host));
        let hosts: Vec<Host> = ips.collect();
        let Some(best) = hosts.first() else { return Answer::Nothing };
        let mut remarks = reach_remarks(best);
        remarks.push(Remark::DeprecatedExternalIps);
        let endpoints =
            unique(hosts.into_iter().map(|host| (Address::fixed(host, self.port.port), Source::ExternalIP)));
        Answer::Found(Resolved { endpoints, problem: None, remarks })
    }

    fn by_node_port(&self) -> Answer {
        let has_node_ports = matches!(self.service.service_type, ServiceType::NodePort | ServiceType::LoadBalancer);
        let Some(node_port) = self.port.node_port.filter(|_| has_node_ports) else { return Answer::Nothing };
        // A node port of a Service of one family does not listen on the other.
        if let Some(family) = self.policy.family
            && !self.service.ip_families.is_empty()
            && !self.service.ip_families.contains(&family)
        {
            return Answer::Stop(Problem::NoFamily { family });
        }
        let nodes = match self.eligible_nodes() {
            Ok(nodes) => nodes,
            Err(obstacle) => return Answer::Stop(obstacle),
        };
        let default = &NodeAddressKind::DEFAULT[..];
        let kinds = if self.policy.node_addresses.is_empty() { default } else { &self.policy.node_addresses };
        for kind in kinds {
            let hosts: Vec<(&Node, Host)> =
                nodes.iter().filter_map(|node| Some((*node, self.address_of(node, *kind)?))).collect();
            let Some((node, host)) = hosts.first() else { continue };
            let mut remarks = reach_remarks(host);
            if let Some(provider) = container_provider(node) {
                remarks.push(Remark::ContainerNode(provider));
            }
            if matches!(kind, NodeAddressKind::InternalDNS | NodeAddressKind::Hostname) {
                remarks.push(Remark::NodeName(*kind));
            }
            let endpoints =
                unique(hosts.into_iter().map(|(_, host)| (Address::fixed(host, node_port), Source::NodePort)));
            let endpoints = endpoints.into_iter().take(NODES_TOLD).collect();
            return Answer::Found(Resolved { endpoints, problem: None, remarks });
        }
        let family = self.family().map_or(String::new(), |family| format!(" of family {family:?}"));
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
        let wanted = format!("none of {} suitable nodes has a usable {}{family}", nodes.len(), kinds.join(" or "));
        Answer::Stop(Problem::NoNode { wanted })
    }

    /// The nodes that answer for the node port, best first: those that run a ready pod (no second hop), those that
    /// take pods, those that are not the control plane, by name.
    fn eligible_nodes(&self) -> Result<Vec<&Node>, Problem> {
        let unreadable = |resource, reason: &Unreadable| Problem::Unreadable { resource, reason: reason.clone() };
        let nodes = self.nodes.items().map_err(|reason| unreadable("nodes", reason))?;
        let ready = self.backends.ready(self.service);
        let hosts: BTreeSet<&str> =
            ready.iter().flatten().filter_map(|endpoint| endpoint.node_name.as_deref()).collect();
        let local = self.service.external_traffic_policy == TrafficPolicy::Local;
        if let (true, Err(reason)) = (local, &ready) {
            return Err(unreadable("endpointslices", reason));
        }
        let mut eligible: Vec<&Node> = nodes
            .iter()
            .filter(|node| {
                node.ready && !node.deleting && !node.taints.iter().any(|taint| LEAVING.contains(&taint.as_str()))
            })
            .filter(|node| self.policy.node_selector.as_ref().is_none_or(|selector| selector.selects(&node.labels)))
            .filter(|node| !local || hosts.contains(node.name.as_str()))
            .collect();
        if eligible.is_empty() {
            return Err(Problem::NoNode { wanted: self.wanted_node(nodes, local, &hosts) });
        }
        let control_plane = |node: &Node| node.labels.keys().any(|key| CONTROL_PLANE.contains(&key.as_str()));
        eligible.sort_by_key(|node| {
            (!hosts.contains(node.name.as_str()), node.unschedulable, control_plane(node), node.name.clone())
        });
        Ok(eligible)
    }

    fn wanted_node(&self, nodes: &[Node], local: bool, hosts: &BTreeSet<&str>) -> String {
        let ready = nodes.iter().filter(|node| node.ready).count();
        if nodes.is_empty() {
            "the cluster has no nodes".to_owned()
        } else if ready == 0 {
            format!("none of {} nodes is Ready", nodes.len())
        } else if local && hosts.is_empty() {
            "externalTrafficPolicy is Local, and no node runs a ready pod of it".to_owned()
        } else if local {
            "externalTrafficPolicy is Local, and no suitable node runs a ready pod of it".to_owned()
        } else if self.policy.node_selector.is_some() {
            format!("none of {ready} Ready nodes matches the nodeSelector of the settings")
        } else {
            format!("all of {ready} Ready nodes are being removed or not initialised")
        }
    }

    fn address_of(&self, node: &Node, kind: NodeAddressKind) -> Option<Host> {
        let name = format!("{kind:?}");
        let addresses = node.addresses.iter().filter(|address| address.kind == name);
        let is_ip = matches!(kind, NodeAddressKind::ExternalIP | NodeAddressKind::InternalIP);
        addresses
            .filter_map(|address| address.address.parse::<Host>().ok())
            .find(|host| matches!(host, Host::Ip(_)) == is_ip && self.fits_family(host) && !is_link_local(host))
    }

    /// A record that external-dns was asked for may not exist, so it comes last unless the settings prefer it.
    fn by_external_dns(&self) -> Answer {
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

/// Taints of nodes that are not there yet, or not much longer.
const LEAVING: [&str; 2] = ["node.cloudprovider.kubernetes.io/uninitialized", "ToBeDeletedByClusterAutoscaler"];

const CONTROL_PLANE: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

fn unique(endpoints: impl Iterator<Item = (Address, Source)>) -> Vec<(Address, Source)> {
    let mut seen = BTreeSet::new();
    endpoints.filter(|(address, _)| seen.insert(address.clone())).collect()
}

fn is_link_local(host: &Host) -> bool {
    match host {
        Host::Ip(IpAddr::V4(ip)) => ip.is_link_local(),
        Host::Ip(IpAddr::V6(ip)) => ip.is_unicast_link_local(),
        Host::Name(_) => false,
    }
}

/// What an address says of where it works.
fn reach_remarks(host: &Host) -> Vec<Remark> {
    let ip = match host {
        Host::Ip(ip) => ip,
        Host::Name(name) if name.eq_ignore_ascii_case("localhost") => return vec![Remark::Loopback],
        Host::Name(_) => return Vec::new(),
    };
    let private = match ip {
        // 100.64.0.0/10 is what carriers and VPNs use (RFC 6598).
        IpAddr::V4(ip) => ip.is_private() || (ip.octets()[0] == 100 && ip.octets()[1] & 0b1100_0000 == 64),
        IpAddr::V6(ip) => ip.is_unique_local(),
    };
    if ip.is_loopback() {
        vec![Remark::Loopback]
    } else if private {
        vec![Remark::PrivateAddress]
    } else {
        Vec::new()
    }
}

fn private_load_balancer(service: &Service) -> Option<String> {
    let marks: [(&str, &[&str]); 6] = [
        ("networking.gke.io/load-balancer-type", &["Internal", "internal"]),
        ("cloud.google.com/load-balancer-type", &["Internal", "internal"]),
        ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
        ("service.beta.kubernetes.io/aws-load-balancer-internal", &["true", "0.0.0.0/0"]),
        ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
        ("service.beta.kubernetes.io/openstack-internal-load-balancer", &["true"]),
    ];
    marks.iter().find_map(|(key, values)| {
        let value = service.annotations.get(*key)?;
        values.contains(&value.as_str()).then(|| format!("{key}={value}"))
    })
}

fn container_provider(node: &Node) -> Option<&'static str> {
    let provider = node.provider_id.as_deref()?;
    [("kind://", "kind"), ("k3s://k3d-", "k3d")]
        .into_iter()
        .find(|(prefix, _)| provider.starts_with(prefix))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests;
