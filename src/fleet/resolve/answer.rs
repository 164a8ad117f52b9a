//! What was found out about a Service's address: the addresses, or why there are none, and what to know of them.

use std::fmt;

use super::NodeAddressKind;
use crate::fleet::address::Address;
use crate::fleet::environment::nodes::Machine;
use crate::fleet::inventory::{IpFamily, Unreadable};
use crate::fleet::plan::Source;
use crate::names::ServiceRef;

/// What a querier can dial for one Service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The addresses, best first; the others are alternates for the same backends. Empty when there is a problem.
    pub endpoints: Vec<(Address, Source)>,
    /// Why there is no address.
    pub problem: Option<Problem>,
    /// What somebody who uses the first address should know.
    pub remarks: Vec<Remark>,
}

/// What somebody who uses an address should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Several ready pods answer at the address, one at a time.
    Replicas(usize),
    /// Several parts of the data answer at the address, one at a time.
    Parts {
        /// What they are.
        kind: PartKind,
        /// Their names, in order; at least two.
        names: Vec<String>,
    },
    /// One of several parts of the data is all that answers at the address.
    OneShard {
        /// Which: the value of the label `operator.prometheus.io/shard` in the Service's selector.
        shard: String,
    },
    /// Nothing answers now.
    NoReadyPod,
    /// How many pods answer could not be read.
    ReplicasUnknown {
        /// Why.
        cause: String,
    },
    /// The address means the machine itself.
    Loopback,
    /// The address works only on its own link.
    LinkLocal,
    /// The address works only on its network.
    PrivateAddress,
    /// The name leads somewhere only inside this network.
    OnlyInside(&'static str),
    /// The address is not public, and this other one of the same Service is.
    PublicAlternate(Address),
    /// The load balancer is for the inside of a network.
    PrivateLoadBalancer {
        /// What says so: `annotation KEY=VALUE`, or a class.
        by: String,
    },
    /// The load balancer is for the inside of a network, since nothing says otherwise.
    InternalByDefault {
        /// The controller that makes it so.
        controller: &'static str,
        /// The annotation that would say otherwise.
        unless: &'static str,
    },
    /// An annotation says that the load balancer is for the inside of a network, and its controller does not read it.
    IgnoredMark {
        /// The annotation, as `KEY=VALUE`.
        mark: String,
        /// The controller.
        controller: &'static str,
    },
    /// An annotation about where the load balancer is reached has a value that says nothing.
    MeaninglessMark {
        /// The annotation, as `KEY=VALUE`.
        mark: String,
    },
    /// An annotation says that the load balancer is for the inside of a network, and its address is a public one.
    PublicDespiteMark {
        /// The annotation, as `KEY=VALUE`.
        mark: String,
    },
    /// The ranges from which somebody may connect.
    OpenOnlyTo(Vec<String>),
    /// This annotation decides who may connect.
    DecidedBy {
        /// Its key.
        annotation: &'static str,
    },
    /// The load balancer's address is the Service's own cluster IP.
    OwnClusterIp,
    /// The load balancer does not serve, and the address does not need it.
    WithoutLoadBalancer {
        /// Why it does not.
        reason: String,
    },
    /// `spec.externalIPs` is on its way out (KEP-5707).
    DeprecatedExternalIps,
    /// The node is inside one machine.
    OneMachine(&'static Machine),
    /// The address is a node's name, which other networks may not resolve.
    NodeName(NodeAddressKind),
    /// external-dns was asked for the name; whether it made the record was not checked.
    UncheckedName,
    /// The address is what this annotation of the Service says, which the settings allow.
    Overridden {
        /// Its key.
        annotation: &'static str,
    },
    /// This annotation of the Service says where it is reached, and does not count: the settings do not allow it.
    OverrideIgnored {
        /// Its key.
        annotation: &'static str,
        /// The Service.
        service: ServiceRef,
    },
}

/// Parts of the data of which each Prometheus has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// The shards of one Prometheus.
    Shards,
    /// Several StatefulSets, each a Prometheus of its own as a rule.
    Sets,
}

impl Remark {
    /// Whether a querier given this address may answer wrongly, so that who writes its values must hear of it.
    pub fn is_warning(&self) -> bool {
        match self {
            Self::Replicas(_)
            | Self::Parts { .. }
            | Self::NoReadyPod
            | Self::ReplicasUnknown { .. }
            | Self::Loopback
            | Self::LinkLocal
            | Self::OnlyInside(_)
            | Self::IgnoredMark { .. }
            | Self::MeaninglessMark { .. }
            | Self::PublicDespiteMark { .. }
            | Self::OwnClusterIp
            | Self::OneMachine(_)
            | Self::NodeName(_)
            | Self::UncheckedName
            | Self::OverrideIgnored { .. } => true,
            Self::OneShard { .. }
            | Self::PrivateAddress
            | Self::PublicAlternate(_)
            | Self::PrivateLoadBalancer { .. }
            | Self::InternalByDefault { .. }
            | Self::OpenOnlyTo(_)
            | Self::DecidedBy { .. }
            | Self::WithoutLoadBalancer { .. }
            | Self::DeprecatedExternalIps
            | Self::Overridden { .. } => false,
        }
    }
}

impl Remark {
    /// Whether an annotation says where the Service is reached, and does not count.
    pub fn is_ignored(&self) -> bool {
        matches!(self, Self::OverrideIgnored { .. })
    }

    /// Whether the address leads to one of several pods at a time, so that each needs an address of its own.
    pub fn hides_pods(&self) -> bool {
        matches!(self, Self::Replicas(_) | Self::Parts { .. })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replicas(number) => {
                write!(out, "{number} replicas behind one address: a querier sees one of them at a time")
            }
            Self::Parts { kind, names } => {
                let (number, names) = (names.len(), names.join(", "));
                match kind {
                    PartKind::Shards => write!(
                        out,
                        "{number} shards behind one address ({names}): a querier gets the data of one of them at a time, \
                         about 1/{number} of all"
                    ),
                    PartKind::Sets => write!(
                        out,
                        "{number} StatefulSets behind one address ({names}): a querier sees one of them at a time"
                    ),
                }
            }
            Self::OneShard { shard } => {
                write!(out, "only shard {shard}: the other shards need addresses of their own")
            }
            Self::NoReadyPod => out.write_str("no ready pod behind it"),
            Self::ReplicasUnknown { cause } => write!(out, "replicas unknown: {cause}"),
            Self::Loopback => out.write_str("a loopback address: works only on the machine itself"),
            Self::LinkLocal => out.write_str("a link-local address: works only on its own link"),
            Self::PrivateAddress => out.write_str("a private address: works only on its network"),
            Self::OnlyInside(network) => write!(out, "works only inside {network}"),
            Self::PublicAlternate(address) => write!(out, "{address} is public"),
            Self::PrivateLoadBalancer { by } => write!(out, "a private load balancer ({by})"),
            Self::InternalByDefault { controller, unless } => {
                write!(out, "an internal load balancer: {controller} makes them so unless {unless} says otherwise")
            }
            Self::IgnoredMark { mark, controller } => {
                write!(out, "annotation {mark} is not read by {controller}, which serves it: it may be public")
            }
            Self::MeaninglessMark { mark } => {
                write!(out, "annotation {mark} has a value that makes nothing private: it may be public")
            }
            Self::PublicDespiteMark { mark } => {
                write!(out, "annotation {mark} asks for a private load balancer, and its address is public")
            }
            Self::OpenOnlyTo(ranges) => write!(out, "open only to {}", ranges.join(", ")),
            Self::DecidedBy { annotation } => write!(out, "annotation {annotation} decides who may connect"),
            Self::OwnClusterIp => out.write_str(
                "its load balancer's address is its own cluster IP: reachable only with a route into the cluster, such as \
                 `minikube tunnel` makes",
            ),
            Self::WithoutLoadBalancer { reason } => out.write_str(reason),
            Self::DeprecatedExternalIps => out.write_str("spec.externalIPs is deprecated since Kubernetes 1.36"),
            Self::OneMachine(Machine { program, way }) => write!(out, "its node is {program}: {way}"),
            Self::NodeName(kind) => write!(out, "a node's {kind:?} may not resolve outside its network"),
            Self::UncheckedName => {
                out.write_str("external-dns was asked for this name; that it resolves was not checked")
            }
            Self::Overridden { annotation } => {
                write!(out, "its address is what its annotation {annotation} says, as the settings allow")
            }
            Self::OverrideIgnored { annotation, service } => write!(
                out,
                "its annotation {annotation} is not used: the settings do not allow it (`overrides: {{allow: [{service}]}}`)"
            ),
        }
    }
}

/// Why a Service has no address that a querier can dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The load balancer has no address yet.
    Pending {
        /// `spec.loadBalancerClass`, which only one implementation answers to.
        class: Option<String>,
        /// What its conditions say, each fit for one line; empty when they say nothing.
        reasons: Vec<String>,
    },
    /// The load balancer has an address and says that this port does not work there.
    PortRefused {
        /// Its words.
        error: String,
    },
    /// The load balancer has an address and lists several ports there, none of them the Service's.
    PortUnclear {
        /// The address.
        host: String,
        /// Those ports.
        ports: Vec<u16>,
        /// The port of the Service.
        own: u16,
    },
    /// A Service for clients inside the cluster.
    ClusterInternal,
    /// No virtual address at all, and it cannot become NodePort.
    Headless,
    /// An alias for a name elsewhere.
    ExternalName {
        /// That name.
        name: String,
    },
    /// No node can be dialled.
    NoNode {
        /// Which nodes were looked for.
        wanted: String,
    },
    /// There is no node on which anything forwards node ports.
    NoNodePorts {
        /// What the nodes are.
        what: String,
    },
    /// The address depends on objects that could not be read.
    Unreadable {
        /// `nodes` or `endpointslices`.
        resource: &'static str,
        /// Why, and what to do.
        reason: Unreadable,
    },
    /// The address that somebody wrote down, or a load balancer reported, is none.
    BadAddress {
        /// Where it stands and why it is none.
        reason: String,
    },
    /// It has no address of the family that the settings want.
    NoFamily {
        /// That family.
        family: IpFamily,
    },
    /// Inside its cluster it has no name that can be dialled.
    NoName {
        /// Why.
        reason: String,
    },
    /// The settings leave the Service out.
    Excluded,
    /// Other Services lead to the same pods and are used instead.
    SamePods {
        /// Those Services; one, or several that together lead to all of its pods.
        services: Vec<ServiceRef>,
    },
    /// The Service is being deleted.
    Deleting,
    /// It has a value that this program does not know.
    UnknownValue {
        /// Of which field, such as `spec.type`.
        field: String,
        /// The value.
        value: String,
    },
}

impl Problem {
    /// Whether the Service will never be dialled as it is, whatever happens to its load balancer or nodes.
    pub fn is_structural(&self) -> bool {
        matches!(self, Self::ClusterInternal | Self::Headless | Self::ExternalName { .. })
    }

    /// Whether the fleet is complete without this Service: it was left out on purpose, or is served by another.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Excluded | Self::SamePods { .. } => true,
            Self::Pending { .. }
            | Self::PortRefused { .. }
            | Self::PortUnclear { .. }
            | Self::ClusterInternal
            | Self::Headless
            | Self::ExternalName { .. }
            | Self::NoNode { .. }
            | Self::NoNodePorts { .. }
            | Self::Unreadable { .. }
            | Self::BadAddress { .. }
            | Self::NoFamily { .. }
            | Self::NoName { .. }
            | Self::Deleting
            | Self::UnknownValue { .. } => false,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending { class, reasons } => {
                let class = class.as_ref().map(|class| format!(" (class {class})")).unwrap_or_default();
                let nothing = ["no address was assigned yet".to_owned()];
                let reasons = if reasons.is_empty() { &nothing[..] } else { reasons };
                write!(out, "its load balancer{class} is pending: {}", reasons.join("; "))
            }
            Self::PortUnclear { host, ports, own } => {
                let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
                write!(
                    out,
                    "its load balancer lists ports {} at {host} and not {own}: which one leads to it is not known",
                    ports.join(" and ")
                )
            }
            Self::PortRefused { error } => write!(out, "its load balancer does not serve this port: {error}"),
            Self::ClusterInternal => out.write_str("cluster-internal only: its type is ClusterIP"),
            Self::Headless => {
                out.write_str("headless: reachable only inside its cluster, and it cannot become NodePort")
            }
            Self::ExternalName { name } => write!(out, "points elsewhere: an ExternalName Service for {name}"),
            Self::NoNode { wanted } => write!(out, "no node can be dialled: {wanted}"),
            Self::NoNodePorts { what } => write!(out, "no node serves node ports: {what}"),
            Self::Unreadable { resource, reason } => {
                write!(out, "its address depends on {resource}, which could not be read: {}", reason.cause)
            }
            Self::BadAddress { reason } => out.write_str(reason),
            Self::NoFamily { family } => write!(out, "it has no {family:?} address, and the settings want one"),
            Self::NoName { reason } => write!(out, "no name inside its cluster can be dialled: {reason}"),
            Self::Excluded => out.write_str("excluded by the settings"),
            Self::SamePods { services } => {
                let names: Vec<String> = services.iter().map(ToString::to_string).collect();
                write!(out, "same pods as {}", names.join(" and "))
            }
            Self::Deleting => out.write_str("is being deleted"),
            Self::UnknownValue { field, value } => {
                write!(out, "its {field} is `{value}`, a value that this thanosctl does not know")
            }
        }
    }
}
