//! Turning Services into NodePort: decided on what is known, before anything is sent.
//!
//! What the API server does with such a change was measured on kube-apiserver 1.36.4: it allocates a node port for
//! every port, sets `externalTrafficPolicy`, drops what only a LoadBalancer may have, and refuses a headless Service.

mod record;
mod undo;

pub use record::{Left, Record, UNDO_ANNOTATION};
pub use undo::{Undo, undo};

use std::fmt;

use serde_json::{Value, json};

use super::inventory::{Node, Service, ServicePort, ServiceType};
use super::live::LiveService;
use super::ownership::Owner;
use super::resolve::without_node_ports;
use super::sidecar;

/// What is wanted of a Service.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The port that is meant, by its name or its number; decided by the Service when absent.
    pub port: Option<String>,
    /// Node ports to take; the API server chooses those of the other ports.
    pub node_ports: Vec<NodePortWish>,
    /// Take a load balancer away.
    pub replace_load_balancer: bool,
    /// Do it although its selector says that it leads to no pods of its own, or a controller will revert it.
    pub force: bool,
}

/// A node port to take, written `N` or `PORT=N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePortWish {
    /// For which port, by its name or its number; the one that is meant when absent.
    pub port: Option<String>,
    /// The number.
    pub number: u16,
}

impl std::str::FromStr for NodePortWish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (port, number) = match text.split_once('=') {
            Some((port, number)) => (Some(port.to_owned()), number),
            None => (None, text),
        };
        let wrong = || format!("`{text}` is no node port; write 30901, or PORT=30901 for one of several ports");
        match number.parse() {
            Ok(number) if number > 0 && port.as_ref().is_none_or(|port| !port.is_empty()) => Ok(Self { port, number }),
            _ => Err(wrong()),
        }
    }
}

/// What is to be done with a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: its node ports are open, as wanted.
    Open,
    /// Nothing: it is a LoadBalancer whose node ports are open too, and it stays one.
    Balanced,
    /// This.
    Change(Change),
}

/// A change of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its type now.
    pub from: ServiceType,
    /// Each of its ports, in the order of `spec.ports`.
    pub ports: Vec<PortChange>,
    /// Whether `spec.loadBalancerSourceRanges` has to go; the API server refuses the change otherwise.
    pub drops_source_ranges: bool,
    /// The annotations that have to go for the same reason.
    pub drops_annotations: Vec<String>,
}

/// What a change does to one port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortChange {
    /// Its name, or its number where it has none.
    pub label: String,
    /// The port of the Service.
    pub port: u16,
    /// Its node port now.
    pub before: Option<u16>,
    /// The node port to take; the one it has, or else the API server's choice, when absent.
    pub wanted: Option<u16>,
}

impl fmt::Display for PortChange {
    /// `LABEL PORT → NODEPORT`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.label == self.port.to_string() {
            write!(out, "{} → ", self.port)?;
        } else {
            write!(out, "{} {} → ", self.label, self.port)?;
        }
        match (self.before, self.wanted) {
            (Some(before), Some(wanted)) if before != wanted => write!(out, "{wanted} (now {before})"),
            (_, Some(wanted)) => write!(out, "{wanted}"),
            (Some(before), None) => write!(out, "{before} (kept)"),
            (None, None) => out.write_str("(chosen by the cluster)"),
        }
    }
}

/// Why a Service cannot be changed, or should not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The API server refuses it: `spec.clusterIP` cannot change.
    #[error("it is headless, and a headless Service cannot become NodePort: its clusterIP cannot change")]
    Headless,
    /// It is an alias.
    #[error("it is an ExternalName Service: an alias for `{0}`, with no pods behind it")]
    ExternalName(String),
    /// Nobody keeps its endpoints but who wrote them.
    #[error("it has no selector: its endpoints are written by hand, and a node port would lead to whatever they say")]
    NoSelector,
    /// It goes away.
    #[error("it is being deleted")]
    Deleting,
    /// No node would answer.
    #[error("no node of its cluster serves node ports: {0}")]
    NoNodePorts(String),
    /// A Service of another type needs ports.
    #[error("it has no ports")]
    NoPorts,
    /// There is no such port.
    #[error("it has no port `{wanted}`; it has {known}")]
    UnknownPort {
        /// What was asked for.
        wanted: String,
        /// Its ports.
        known: String,
    },
    /// Which port is meant cannot be told.
    #[error("it has several ports, {0}, and none of them is a StoreAPI's: which one is meant?")]
    AmbiguousPort(String),
    /// Two ports of one protocol cannot share a node port.
    #[error("node port {0} is wanted for two of its ports")]
    SameNodePort(u16),
    /// Its load balancer would be destroyed.
    #[error("it is a LoadBalancer {0}, and becoming NodePort destroys its load balancer")]
    LoadBalancer(&'static str),
    /// What the change would mean cannot be said.
    #[error("its {field} is `{value}`, a value that this thanosctl does not know")]
    UnknownValue {
        /// Of which field, such as `spec.type`.
        field: String,
        /// The value.
        value: String,
    },
    /// Somebody undoes it.
    #[error("it is kept by {who}: {effect}")]
    Owner {
        /// Who keeps it.
        who: String,
        /// What becomes of the change.
        effect: String,
    },
}

/// Whether a node port would lead anywhere in a cluster with these nodes, or with none that are known.
///
/// # Errors
/// When no node serves node ports; `wish` may want it all the same.
pub fn refuse_without_nodes(nodes: &[Node], decision: &Decision, wish: &Wish) -> Result<(), Refused> {
    match (decision, without_node_ports(nodes)) {
        (Decision::Change(_) | Decision::Open, Some(what)) if !wish.force => Err(Refused::NoNodePorts(what)),
        (Decision::Change(_) | Decision::Open | Decision::Balanced, _) => Ok(()),
    }
}

/// Decides what `wish` means for `service`, which `owners` write as well.
///
/// # Errors
/// When the Service cannot be changed, or should not be without being told so.
pub fn decide(service: &Service, owners: &[Owner], wish: &Wish) -> Result<Decision, Refused> {
    if service.deleting {
        return Err(Refused::Deleting);
    }
    if let Some((field, value)) = service.unknown.first_key_value() {
        return Err(Refused::UnknownValue { field: field.clone(), value: value.clone() });
    }
    if service.service_type == ServiceType::ExternalName {
        return Err(Refused::ExternalName(service.external_name.clone().unwrap_or_default()));
    }
    if service.cluster_ip.as_deref() == Some("None") {
        return Err(Refused::Headless);
    }
    if service.ports.is_empty() {
        return Err(Refused::NoPorts);
    }
    if let Some(port) = &wish.port {
        ports_called(service, port)?;
    }
    let wanted = wanted_node_ports(service, wish)?;
    let is_met = service.ports.iter().zip(&wanted).all(|(port, wanted)| match (port.node_port, wanted) {
        (Some(now), Some(wanted)) => now == *wanted,
        (now, None) => now.is_some(),
        (None, Some(_)) => false,
    });
    match service.service_type {
        ServiceType::NodePort if is_met => return Ok(Decision::Open),
        ServiceType::LoadBalancer if !wish.replace_load_balancer && is_met => return Ok(Decision::Balanced),
        ServiceType::LoadBalancer if !wish.replace_load_balancer => {
            let lacks = if service.has_node_port() { "with other node ports" } else { "without node ports" };
            return Err(Refused::LoadBalancer(lacks));
        }
        _ => {}
    }
    if service.selector.is_empty() && !wish.force {
        return Err(Refused::NoSelector);
    }
    if let Some(owner) = owners.iter().find(|owner| owner.forbids() && !wish.force) {
        return Err(Refused::Owner { who: owner.to_string(), effect: owner.effect() });
    }
    let balanced = service.service_type == ServiceType::LoadBalancer;
    let annotation = (SOURCE_RANGES_ANNOTATION, service.annotations.contains_key(SOURCE_RANGES_ANNOTATION));
    Ok(Decision::Change(Change {
        from: service.service_type,
        ports: service
            .ports
            .iter()
            .zip(wanted)
            .map(|(port, wanted)| PortChange { label: label(port), port: port.port, before: port.node_port, wanted })
            .collect(),
        drops_source_ranges: balanced && !service.load_balancer_source_ranges.is_empty(),
        drops_annotations: [annotation]
            .into_iter()
            .filter(|(_, present)| balanced && *present)
            .map(|(key, _)| key.to_owned())
            .collect(),
    }))
}

/// The old form of `spec.loadBalancerSourceRanges`, which blocks a change of type as that does.
pub const SOURCE_RANGES_ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// The ports whose addresses are worth telling, as indices of `spec.ports`: the one that is meant, a StoreAPI's, or
/// all over TCP.
///
/// # Errors
/// When the Service has no such port.
pub fn told_ports(service: &Service, wish: &Wish) -> Result<Vec<usize>, Refused> {
    if let Some(port) = &wish.port {
        return ports_called(service, port);
    }
    if let Some(at) = store_api_port(service) {
        return Ok(vec![at]);
    }
    let tcp = |port: &ServicePort| port.protocol.as_deref().is_none_or(|protocol| protocol == "TCP");
    Ok((0..service.ports.len()).filter(|at| tcp(&service.ports[*at])).collect())
}

fn store_api_port(service: &Service) -> Option<usize> {
    sidecar::recognise(service)?;
    let port = sidecar::grpc_port(service)?;
    service.ports.iter().position(|own| std::ptr::eq(own, port))
}

/// By its name, else by its number: two ports of one number (TCP and UDP) are both meant then.
fn ports_called(service: &Service, wanted: &str) -> Result<Vec<usize>, Refused> {
    let matching = |is: &dyn Fn(&ServicePort) -> bool| -> Vec<usize> {
        (0..service.ports.len()).filter(|at| is(&service.ports[*at])).collect()
    };
    let by_name = matching(&|port| port.name.as_deref() == Some(wanted));
    let found = if by_name.is_empty() { matching(&|port| port.port.to_string() == wanted) } else { by_name };
    if found.is_empty() {
        return Err(Refused::UnknownPort { wanted: wanted.to_owned(), known: port_list(service) });
    }
    Ok(found)
}

/// The node port to take for each port; `None` where the API server chooses.
fn wanted_node_ports(service: &Service, wish: &Wish) -> Result<Vec<Option<u16>>, Refused> {
    let mut wanted = vec![None; service.ports.len()];
    for NodePortWish { port, number } in &wish.node_ports {
        let ports = match port.as_ref().or(wish.port.as_ref()) {
            Some(port) => ports_called(service, port)?,
            None => vec![the_port(service)?],
        };
        for at in ports {
            wanted[at] = Some(*number);
        }
    }
    // The API server answers a node port that is given twice with an internal error of few words.
    for (at, port) in service.ports.iter().enumerate() {
        let same = |other: usize| wanted[other] == wanted[at] && service.ports[other].protocol == port.protocol;
        if let Some(number) = wanted[at].filter(|_| (0..at).any(same)) {
            return Err(Refused::SameNodePort(number));
        }
    }
    Ok(wanted)
}

fn the_port(service: &Service) -> Result<usize, Refused> {
    match (store_api_port(service), service.ports.len()) {
        (Some(at), _) => Ok(at),
        (None, 1) => Ok(0),
        (None, _) => Err(Refused::AmbiguousPort(port_list(service))),
    }
}

pub(super) fn port_list(service: &Service) -> String {
    let each = |port: &ServicePort| match &port.name {
        Some(name) => format!("{name} ({})", port.port),
        None => port.port.to_string(),
    };
    service.ports.iter().map(each).collect::<Vec<_>>().join(", ")
}

fn label(port: &ServicePort) -> String {
    port.name.clone().unwrap_or_else(|| port.port.to_string())
}

impl Change {
    /// The JSON patch that makes the change. With `live`, it says on what it was planned, so that a change by somebody
    /// else in between is refused by the API server, and leaves `record` on the Service, by which it can be undone.
    ///
    /// `replace` of the resource version is answered by a clear 409 when it is stale; a `test` of it would be answered
    /// by a 422 that does not tell what failed.
    pub fn patch(&self, live: Option<(&LiveService, &Record)>) -> Value {
        let mut patch = Vec::new();
        if let Some((live, record)) = live {
            patch.push(json!({"op": "test", "path": "/metadata/uid", "value": live.uid()}));
            patch.push(json!({"op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version()}));
            if live.annotations().is_none() {
                patch.push(json!({"op": "add", "path": "/metadata/annotations", "value": {}}));
            }
            patch.push(json!({"op": "add", "path": annotation_path(UNDO_ANNOTATION), "value": record.to_annotation()}));
        }
        for annotation in &self.drops_annotations {
            patch.push(json!({"op": "remove", "path": annotation_path(annotation)}));
        }
        if self.drops_source_ranges {
            patch.push(json!({"op": "remove", "path": "/spec/loadBalancerSourceRanges"}));
        }
        if self.from != ServiceType::NodePort {
            patch.push(json!({"op": "replace", "path": "/spec/type", "value": "NodePort"}));
        }
        for (at, port) in self.ports.iter().enumerate() {
            if let Some(wanted) = port.wanted.filter(|wanted| port.before != Some(*wanted)) {
                patch.push(json!({"op": "add", "path": format!("/spec/ports/{at}/nodePort"), "value": wanted}));
            }
        }
        patch.into()
    }
}

/// The JSON pointer of an annotation or a label (RFC 6901); `kind` is `annotations` or `labels`.
pub(super) fn metadata_path(kind: &str, key: &str) -> String {
    format!("/metadata/{kind}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn annotation_path(key: &str) -> String {
    metadata_path("annotations", key)
}

#[cfg(test)]
mod tests;
