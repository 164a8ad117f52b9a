//! What discovery saw in each cluster: the facts that every later decision is made from, and the document that
//! carries them (`discover -o yaml`, `--inventory`).
//!
//! Only facts live here. What was concluded from them (roles, endpoints) is written into the document for people to
//! read and never read back.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::address::Address;
use crate::names::{ClusterName, ServiceRef};

/// What was seen, cluster by cluster, in the order in which the clusters were asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// One entry a cluster, readable or not.
    pub clusters: Vec<Cluster>,
}

/// One cluster, as far as it could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The fleet's name for it.
    pub name: ClusterName,
    /// The kubeconfig context by which it was asked; `None` when nobody was asked.
    pub context: Option<String>,
    /// The uid of its namespace `kube-system`, which tells whether two contexts lead to one cluster; `None` when nobody
    /// asked, or it did not tell.
    pub uid: Option<String>,
    /// Addresses that the settings give for it, because there is no API server to ask.
    pub fixed_endpoints: Vec<Address>,
    /// What was seen, or why nothing was.
    pub observed: Result<Observed, Unreadable>,
}

/// Why a cluster, or one kind of object in it, could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The cause in words, on one line, such as `the API server answered 403 Forbidden: …`.
    pub cause: String,
    /// What to do about it; commands in it can be pasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What was seen in a cluster that answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// The Services that offer, or nearly offer, a StoreAPI, by namespace and name.
    pub services: Vec<Service>,
    /// The cluster's nodes; asked for only when a Service has a node port.
    pub nodes: Listing<Node>,
    /// The EndpointSlices of `services`.
    pub endpoint_slices: Listing<EndpointSlice>,
}

impl Observed {
    /// Keeps what address resolution looks at, sorted: the slices of `services`, and the nodes. That nodes could not be
    /// read matters only if a Service has a node port.
    pub fn trimmed(mut services: Vec<Service>, nodes: Listing<Node>, endpoint_slices: Listing<EndpointSlice>) -> Self {
        services.sort_by_key(Service::reference);
        let wanted: BTreeSet<ServiceRef> = services.iter().map(Service::reference).collect();
        let own = |slice: &EndpointSlice| {
            wanted.contains(&ServiceRef { namespace: slice.namespace.clone(), name: slice.service.clone() })
        };
        let endpoint_slices = match endpoint_slices {
            _ if services.is_empty() => Listing::default(),
            Listing::Complete(mut slices) => {
                slices.retain(own);
                slices.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
                Listing::Complete(slices)
            }
            unreadable @ Listing::Unreadable(_) => unreadable,
        };
        let nodes = match nodes {
            _ if services.is_empty() => Listing::default(),
            Listing::Unreadable(_) if !services.iter().any(Service::has_node_port) => Listing::default(),
            Listing::Complete(mut nodes) => {
                nodes.sort_by(|a, b| a.name.cmp(&b.name));
                Listing::Complete(nodes)
            }
            unreadable @ Listing::Unreadable(_) => unreadable,
        };
        Self { services, nodes, endpoint_slices }
    }
}

/// A list that may have been refused while the rest of the cluster could be read.
#[derive(Debug, Clone, PartialEq)]
pub enum Listing<T> {
    /// All there is; empty also when nothing depended on it and nobody asked.
    Complete(Vec<T>),
    /// The list could not be read.
    Unreadable(Unreadable),
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self::Complete(Vec::new())
    }
}

impl<T> Listing<T> {
    /// The items, or why there are none to be had.
    pub fn items(&self) -> Result<&[T], &Unreadable> {
        match self {
            Self::Complete(items) => Ok(items),
            Self::Unreadable(reason) => Err(reason),
        }
    }
}

/// A Service, as far as discovery and address resolution look at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `metadata.uid`: no other Service of any cluster has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// `spec.type`.
    #[serde(default, rename = "type")]
    pub service_type: ServiceType,
    /// `spec.clusterIP`: `None` (the text) for a headless Service, absent for ExternalName.
    #[serde(default, rename = "clusterIP", skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<String>,
    /// `spec.externalName`, for ExternalName alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_name: Option<String>,
    /// `spec.externalIPs`, as written.
    #[serde(default, rename = "externalIPs", skip_serializing_if = "Vec::is_empty")]
    pub external_ips: Vec<String>,
    /// `spec.externalTrafficPolicy`.
    #[serde(default, skip_serializing_if = "TrafficPolicy::is_cluster")]
    pub external_traffic_policy: TrafficPolicy,
    /// `spec.ipFamilies`, the first is the Service's main one; empty on servers that do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ip_families: Vec<IpFamily>,
    /// `spec.ports`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ServicePort>,
    /// `spec.selector`; empty when the Service selects no pods itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<String, String>,
    /// `spec.publishNotReadyAddresses`: readiness of its endpoints tells nothing then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub publish_not_ready_addresses: bool,
    /// `spec.loadBalancerClass`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_balancer_class: Option<String>,
    /// `spec.loadBalancerSourceRanges`: who may connect; everybody when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load_balancer_source_ranges: Vec<String>,
    /// `status.loadBalancer.ingress`; empty while the load balancer is pending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load_balancer_ingress: Vec<LoadBalancerIngress>,
    /// `metadata.labels`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The annotations that discovery looks at ([`keeps_annotation`](super::kept::keeps_annotation)); the others may be large or private.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Of `metadata.finalizers` those that tell which controller serves the Service ([`super::environment`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finalizers: Vec<String>,
    /// `status.conditions`; empty unless it is a LoadBalancer, since they outlive a change of type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// `metadata.creationTimestamp`, as written: since when there is this Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Whether the Service is being deleted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleting: bool,
    /// Fields whose values this program does not know, by path, with these values: `spec.type` and `Fancy`. They count
    /// as absent above.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<String, String>,
}

impl Service {
    /// Whether a port of it is open on the nodes, so that its address may depend on them.
    pub fn has_node_port(&self) -> bool {
        self.ports.iter().any(|port| port.node_port.is_some())
    }

    /// Which Service this is.
    pub fn reference(&self) -> ServiceRef {
        ServiceRef { namespace: self.namespace.clone(), name: self.name.clone() }
    }
}

/// One entry of `status.conditions` of a Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What it is about, such as `LoadBalancerPortsError`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, in a word; empty when nobody says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Why, for people; empty when nobody says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// `spec.type` of a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words of Kubernetes")]
pub enum ServiceType {
    #[default]
    ClusterIP,
    NodePort,
    LoadBalancer,
    ExternalName,
}

/// `spec.externalTrafficPolicy` of a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TrafficPolicy {
    /// Every node forwards.
    #[default]
    Cluster,
    /// A node without a ready endpoint drops what reaches it.
    Local,
}

impl TrafficPolicy {
    fn is_cluster(&self) -> bool {
        *self == Self::Cluster
    }
}

/// An IP family, spelled as Kubernetes spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words of Kubernetes")]
pub enum IpFamily {
    IPv4,
    IPv6,
}

/// One entry of `spec.ports`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// Its name; absent is allowed for the only port of a Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The port of the Service itself; never 0.
    #[serde(deserialize_with = "port")]
    pub port: u16,
    /// `TCP`, `UDP` or `SCTP`; absent means TCP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The container's port, by number or name; absent means the same number as `port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_port: Option<TargetPort>,
    /// The port on every node; absent (or 0, which is read as absent) when none is allocated.
    #[serde(default, deserialize_with = "allocated", skip_serializing_if = "Option::is_none")]
    pub node_port: Option<u16>,
    /// `appProtocol`, such as `kubernetes.io/h2c`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_protocol: Option<String>,
}

/// `targetPort`: a number or the name of a container's port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TargetPort {
    /// The container's port.
    Number(u16),
    /// The name of the container's port.
    Name(String),
}

/// One entry of `status.loadBalancer.ingress`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LoadBalancerIngress {
    /// The address, when the load balancer has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The name, when the load balancer is known by a name (AWS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// What the load balancer says of single ports; empty when it says nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<IngressPort>,
}

/// What a load balancer says of one port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngressPort {
    /// The port of the Service.
    pub port: u16,
    /// `TCP`, `UDP` or `SCTP`; absent means TCP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Why this port does not work, such as `MixedProtocolNotSupported`; absent when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A node, as far as node-port addresses depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its name.
    pub name: String,
    /// `status.addresses`, as written: the API server validates nothing but exact duplicates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<NodeAddress>,
    /// Whether its condition `Ready` is `True`.
    #[serde(default)]
    pub ready: bool,
    /// `spec.unschedulable`: cordoned; it still forwards.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unschedulable: bool,
    /// Whether the node is being deleted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleting: bool,
    /// The keys of its taints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
    /// `spec.providerID`; `kind://` and `k3s://` nodes are containers.
    #[serde(default, rename = "providerID", skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// `metadata.labels`, which `nodeSelector` of the settings looks at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Of `metadata.annotations` those that tell what kind of node it is ([`super::environment`]).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// One entry of a node's `status.addresses`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeAddress {
    /// `ExternalIP`, `InternalIP`, `ExternalDNS`, `InternalDNS`, `Hostname`, or a cloud's own word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The address, as written.
    pub address: String,
}

/// An EndpointSlice of a Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointSlice {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The Service it belongs to: label `kubernetes.io/service-name`.
    pub service: String,
    /// The ports that its endpoints serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<SlicePort>,
    /// The endpoints, pods as a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<SliceEndpoint>,
    /// Why not all of it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
}

/// One port of an EndpointSlice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlicePort {
    /// The name of the Service's port; empty for the only, unnamed port.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The container's port, after names are resolved; absent means all ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// One endpoint of an EndpointSlice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SliceEndpoint {
    /// Its address; Kubernetes looks only at the first of the list that it stores.
    pub address: String,
    /// `conditions.ready`; an absent condition means true.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub ready: bool,
    /// Whether it is terminating and still serves: kube-proxy forwards to such endpoints where none is ready (KEP-1669).
    #[serde(default, skip_serializing_if = "is_false")]
    pub draining: bool,
    /// The node that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// What tells the pod apart: its uid, else namespace and name; absent for addresses entered by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// The pod's name; absent for addresses entered by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_name: Option<String>,
}

fn port<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    std::num::NonZeroU16::deserialize(deserializer).map(std::num::NonZeroU16::get)
}

fn allocated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    Ok(Option::deserialize(deserializer)?.filter(|port| *port != 0))
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn is_true(value: &bool) -> bool {
    *value
}

fn yes() -> bool {
    true
}
