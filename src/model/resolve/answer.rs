//! What was found out about a Service's address: the addresses, or why there are none, and what to know of them.

use std::fmt;

use super::NodeAddressKind;
use crate::model::address::Address;
use crate::model::inventory::{IpFamily, Unreadable};
use crate::model::names::ServiceRef;
use crate::model::plan::Source;

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
    /// Nothing answers now.
    NoReadyPod,
    /// How many pods answer could not be read.
    ReplicasUnknown {
        /// Why.
        cause: String,
    },
    /// The address means the machine itself.
    Loopback,
    /// The address works only on its network.
    PrivateAddress,
    /// The load balancer is for the inside of a network.
    PrivateLoadBalancer {
        /// The annotation that says so, as `KEY=VALUE`.
        mark: String,
    },
    /// `spec.loadBalancerSourceRanges`: others cannot connect.
    OpenOnlyTo(Vec<String>),
    /// `spec.externalIPs` is on its way out (KEP-5707).
    DeprecatedExternalIps,
    /// The node is a container of this provider.
    ContainerNode(&'static str),
    /// The address is a node's name, which other networks may not resolve.
    NodeName(NodeAddressKind),
    /// external-dns was asked for the name; whether it made the record was not checked.
    UncheckedName,
}

impl Remark {
    /// Whether a querier given this address may answer wrongly, so that who writes its values must hear of it.
    pub fn is_warning(&self) -> bool {
        match self {
            Self::Replicas(_)
            | Self::NoReadyPod
            | Self::ReplicasUnknown { .. }
            | Self::Loopback
            | Self::ContainerNode(_)
            | Self::NodeName(_)
            | Self::UncheckedName => true,
            Self::PrivateAddress
            | Self::PrivateLoadBalancer { .. }
            | Self::OpenOnlyTo(_)
            | Self::DeprecatedExternalIps => false,
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replicas(number) => {
                write!(out, "{number} replicas behind one address: a querier sees one of them at a time")
            }
            Self::NoReadyPod => out.write_str("no ready pod behind it"),
            Self::ReplicasUnknown { cause } => write!(out, "replicas unknown: {cause}"),
            Self::Loopback => out.write_str("a loopback address: works only on the machine itself"),
            Self::PrivateAddress => out.write_str("a private address: works only on its network"),
            Self::PrivateLoadBalancer { mark } => write!(out, "a private load balancer (annotation {mark})"),
            Self::OpenOnlyTo(ranges) => write!(out, "open only to {}", ranges.join(", ")),
            Self::DeprecatedExternalIps => out.write_str("spec.externalIPs is deprecated since Kubernetes 1.36"),
            Self::ContainerNode(provider) => {
                write!(out, "its node is a container ({provider}): reachable from the machine that runs it")
            }
            Self::NodeName(kind) => write!(out, "a node's {kind:?} may not resolve outside its network"),
            Self::UncheckedName => {
                out.write_str("external-dns was asked for this name; that it resolves was not checked")
            }
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
    },
    /// The load balancer has an address and says that this port does not work there.
    PortRefused {
        /// Its words.
        error: String,
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
            | Self::ClusterInternal
            | Self::Headless
            | Self::ExternalName { .. }
            | Self::NoNode { .. }
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
            Self::Pending { class: None } => out.write_str("its load balancer is pending: no address was assigned yet"),
            Self::Pending { class: Some(class) } => {
                write!(out, "its load balancer (class {class}) is pending: no address was assigned yet")
            }
            Self::PortRefused { error } => write!(out, "its load balancer does not serve this port: {error}"),
            Self::ClusterInternal => out.write_str("cluster-internal only: its type is ClusterIP"),
            Self::Headless => {
                out.write_str("headless: reachable only inside its cluster, and it cannot become NodePort")
            }
            Self::ExternalName { name } => write!(out, "points elsewhere: an ExternalName Service for {name}"),
            Self::NoNode { wanted } => write!(out, "no node can be dialled: {wanted}"),
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
