//! Kubernetes' own JSON, read into the facts of an [`Inventory`](super::inventory::Inventory).
//!
//! Small structs instead of the full API types: a list of 5,000 Services costs 18 MB this way and 83 MB the other.
//! Servers write `null` where a list is empty (seen with EndpointSlices of 1.36), so every list takes it.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::environment;
use super::inventory::{self as facts, IngressPort, IpFamily, TargetPort, Unreadable};
use super::kept::keeps_annotation;
use super::salvage::{Item, Odd, salvage};
use super::sidecar;

fn null_is_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `metadata`, as far as it is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: String,
    uid: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    finalizers: Vec<String>,
    creation_timestamp: Option<String>,
    deletion_timestamp: Option<serde::de::IgnoredAny>,
}

/// A Service as the API server writes it.
#[derive(Debug, Deserialize)]
pub struct Service {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    spec: ServiceSpec,
    #[serde(default, deserialize_with = "null_is_empty")]
    status: ServiceStatus,
    /// What was cut out of it.
    #[serde(skip)]
    unknown: Odd,
}

impl Item for Service {
    /// A value that nobody knows leaves a Service with a problem. Without its names, labels, selector or ports nothing
    /// tells whether it is a sidecar's; then its words have to.
    fn salvage(object: Value) -> Result<Option<Self>, String> {
        let text = object.to_string();
        let Some((service, odd)) = salvage::<Self>(object) else {
            return Err("an item is no Service".to_owned());
        };
        let is_port = |path: &str| path.starts_with("spec.ports") && !path.ends_with("Port");
        let tells = |path: &str| {
            path == "spec" || path.starts_with("metadata") || path.starts_with("spec.selector") || is_port(path)
        };
        match odd.iter().find(|(path, _)| tells(path)) {
            Some((path, value)) if sidecar::may_offer_store_api(&text) => {
                let Metadata { namespace, name, .. } = service.metadata;
                Err(format!("the Service {namespace}/{name} cannot be read: its `{path}` is `{value}`"))
            }
            Some(_) => Ok(None),
            None => Ok(Some(Self { unknown: odd, ..service })),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceSpec {
    #[serde(default, rename = "type")]
    service_type: facts::ServiceType,
    #[serde(rename = "clusterIP")]
    cluster_ip: Option<String>,
    external_name: Option<String>,
    #[serde(default, rename = "externalIPs", deserialize_with = "null_is_empty")]
    external_ips: Vec<String>,
    #[serde(default)]
    external_traffic_policy: Option<facts::TrafficPolicy>,
    #[serde(default, deserialize_with = "null_is_empty")]
    ip_families: Vec<IpFamily>,
    #[serde(default, deserialize_with = "null_is_empty")]
    ports: Vec<ServicePort>,
    #[serde(default, deserialize_with = "null_is_empty")]
    selector: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    publish_not_ready_addresses: bool,
    load_balancer_class: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    load_balancer_source_ranges: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServicePort {
    name: Option<String>,
    port: NonZeroU16,
    protocol: Option<String>,
    target_port: Option<TargetPort>,
    node_port: Option<u16>,
    app_protocol: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceStatus {
    #[serde(default, deserialize_with = "null_is_empty")]
    load_balancer: LoadBalancer,
    #[serde(default, deserialize_with = "null_is_empty")]
    conditions: Vec<facts::Condition>,
}

#[derive(Debug, Default, Deserialize)]
struct LoadBalancer {
    #[serde(default, deserialize_with = "null_is_empty")]
    ingress: Vec<Ingress>,
}

#[derive(Debug, Deserialize)]
struct Ingress {
    ip: Option<String>,
    hostname: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    ports: Vec<IngressPort>,
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

impl From<Service> for facts::Service {
    fn from(service: Service) -> Self {
        let Service { metadata, spec, status, unknown } = service;
        Self {
            namespace: metadata.namespace,
            name: metadata.name,
            uid: filled(metadata.uid),
            service_type: spec.service_type,
            cluster_ip: filled(spec.cluster_ip),
            external_name: filled(spec.external_name),
            external_ips: spec.external_ips,
            external_traffic_policy: spec.external_traffic_policy.unwrap_or_default(),
            ip_families: spec.ip_families,
            ports: spec
                .ports
                .into_iter()
                .map(|port| facts::ServicePort {
                    name: filled(port.name),
                    port: port.port.get(),
                    protocol: port.protocol.filter(|protocol| protocol != "TCP"),
                    target_port: port.target_port,
                    node_port: port.node_port.filter(|port| *port != 0),
                    app_protocol: filled(port.app_protocol),
                })
                .collect(),
            selector: spec.selector,
            publish_not_ready_addresses: spec.publish_not_ready_addresses,
            load_balancer_class: filled(spec.load_balancer_class),
            load_balancer_source_ranges: spec.load_balancer_source_ranges,
            load_balancer_ingress: status
                .load_balancer
                .ingress
                .into_iter()
                .map(|ingress| facts::LoadBalancerIngress {
                    ip: filled(ingress.ip),
                    hostname: filled(ingress.hostname),
                    ports: ingress.ports,
                })
                .collect(),
            labels: metadata.labels,
            annotations: metadata.annotations.into_iter().filter(|(key, _)| keeps_annotation(key)).collect(),
            finalizers: metadata.finalizers.into_iter().filter(|it| environment::keeps_finalizer(it)).collect(),
            conditions: if spec.service_type == facts::ServiceType::LoadBalancer {
                status.conditions
            } else {
                Vec::new()
            },
            created: filled(metadata.creation_timestamp),
            deleting: metadata.deletion_timestamp.is_some(),
            unknown,
        }
    }
}

/// A Node as the API server writes it.
#[derive(Debug, Deserialize)]
pub struct Node {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    spec: NodeSpec,
    #[serde(default, deserialize_with = "null_is_empty")]
    status: NodeStatus,
}

impl Item for Node {
    /// Whether a node can be dialled that says of itself what nobody understands is not known, so it is not Ready.
    fn salvage(object: Value) -> Result<Option<Self>, String> {
        let Some((mut node, _)) = salvage::<Self>(object) else { return Err("an item is no Node".to_owned()) };
        node.status.conditions.clear();
        Ok(Some(node))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeSpec {
    #[serde(default, deserialize_with = "null_is_empty")]
    unschedulable: bool,
    #[serde(default, deserialize_with = "null_is_empty")]
    taints: Vec<Taint>,
    #[serde(rename = "providerID")]
    provider_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Taint {
    key: String,
}

#[derive(Debug, Default, Deserialize)]
struct NodeStatus {
    #[serde(default, deserialize_with = "null_is_empty")]
    addresses: Vec<facts::NodeAddress>,
    #[serde(default, deserialize_with = "null_is_empty")]
    conditions: Vec<Condition>,
}

#[derive(Debug, Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

impl From<Node> for facts::Node {
    fn from(node: Node) -> Self {
        let Node { metadata, spec, status } = node;
        Self {
            name: metadata.name,
            addresses: status.addresses,
            ready: status.conditions.iter().any(|condition| condition.kind == "Ready" && condition.status == "True"),
            unschedulable: spec.unschedulable,
            deleting: metadata.deletion_timestamp.is_some(),
            taints: spec.taints.into_iter().map(|taint| taint.key).collect(),
            provider_id: filled(spec.provider_id),
            labels: metadata.labels,
            annotations: metadata
                .annotations
                .into_iter()
                .filter(|(key, _)| environment::keeps_node_annotation(key))
                .collect(),
        }
    }
}

/// The label that says which Service an EndpointSlice belongs to.
pub const SERVICE_NAME_LABEL: &str = "kubernetes.io/service-name";

/// An EndpointSlice as the API server writes it: no spec, and lists that may be null.
#[derive(Debug, Deserialize)]
pub struct EndpointSlice {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    endpoints: Vec<SliceEndpoint>,
    #[serde(default, deserialize_with = "null_is_empty")]
    ports: Vec<SlicePort>,
    /// What was cut out of it.
    #[serde(skip)]
    unknown: Odd,
}

impl Item for EndpointSlice {
    /// What is left says too little of the pods, so that of its Service none are known.
    fn salvage(object: Value) -> Result<Option<Self>, String> {
        let Some((slice, odd)) = salvage::<Self>(object) else {
            return Err("an item is no EndpointSlice".to_owned());
        };
        Ok(Some(Self { unknown: odd, ..slice }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SliceEndpoint {
    #[serde(default, deserialize_with = "null_is_empty")]
    addresses: Vec<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    conditions: SliceConditions,
    node_name: Option<String>,
    /// What v1beta1 has instead of `nodeName`.
    #[serde(default, deserialize_with = "null_is_empty")]
    topology: BTreeMap<String, String>,
    target_ref: Option<TargetRef>,
}

/// The key of `topology` that names the node (discovery/v1beta1 types.go).
const HOSTNAME: &str = "kubernetes.io/hostname";

#[derive(Debug, Default, Deserialize)]
struct SliceConditions {
    ready: Option<bool>,
    serving: Option<bool>,
    terminating: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct TargetRef {
    kind: Option<String>,
    uid: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SlicePort {
    name: Option<String>,
    port: Option<u16>,
}

impl From<EndpointSlice> for facts::EndpointSlice {
    fn from(slice: EndpointSlice) -> Self {
        let EndpointSlice { mut metadata, endpoints, ports, unknown } = slice;
        let unreadable = unknown.iter().next().map(|(path, value)| Unreadable {
            cause: format!("the endpoint slice {} cannot be read: its `{path}` is `{value}`", metadata.name),
            hint: None,
        });
        Self {
            unreadable,
            service: metadata.labels.remove(SERVICE_NAME_LABEL).unwrap_or_default(),
            namespace: metadata.namespace,
            name: metadata.name,
            ports: ports
                .into_iter()
                .map(|port| facts::SlicePort { name: port.name.unwrap_or_default(), port: port.port })
                .collect(),
            endpoints: endpoints
                .into_iter()
                .filter_map(|mut endpoint| {
                    let SliceConditions { ready, serving, terminating } = endpoint.conditions;
                    Some(facts::SliceEndpoint {
                        address: endpoint.addresses.into_iter().next()?,
                        // kube-proxy reads an unknown condition as ready (discovery/v1 types.go).
                        ready: ready.unwrap_or(true),
                        draining: terminating == Some(true) && serving.or(ready).unwrap_or(true),
                        node_name: filled(endpoint.node_name).or_else(|| filled(endpoint.topology.remove(HOSTNAME))),
                        pod_name: endpoint
                            .target_ref
                            .as_ref()
                            .filter(|target| target.kind.as_deref() == Some("Pod"))
                            .and_then(|pod| filled(pod.name.clone())),
                        pod: endpoint.target_ref.and_then(|pod| {
                            filled(pod.uid).or_else(|| Some(format!("{}/{}", pod.namespace?, pod.name?)))
                        }),
                    })
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_lists_are_empty_lists() {
        let slice: EndpointSlice = serde_json::from_str(
            r#"{"metadata":{"name":"a","namespace":"b","labels":{"kubernetes.io/service-name":"s"}},"endpoints":null,"ports":null}"#,
        )
        .unwrap();
        let slice = facts::EndpointSlice::from(slice);
        assert_eq!((slice.service.as_str(), slice.endpoints.len(), slice.ports.len()), ("s", 0, 0));
    }

    #[test]
    fn a_condition_that_is_absent_means_ready() {
        let slice: EndpointSlice = serde_json::from_str(
            r#"{"endpoints":[{"addresses":["10.0.0.1"],"conditions":{}},{"addresses":["10.0.0.2"],"conditions":{"ready":false}},{"addresses":null}]}"#,
        )
        .unwrap();
        let ready: Vec<bool> = facts::EndpointSlice::from(slice).endpoints.iter().map(|e| e.ready).collect();
        assert_eq!(ready, [true, false]);
    }

    #[test]
    fn private_annotations_are_not_kept() {
        let service: Service = serde_json::from_str(
            r#"{"metadata":{"name":"a","namespace":"b","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","external-dns.kubernetes.io/hostname":"x.example"}},
                "spec":{"ports":[{"port":10901,"nodePort":0,"protocol":"TCP","name":""}]}}"#,
        )
        .unwrap();
        let service = facts::Service::from(service);
        assert_eq!(service.annotations.len(), 1);
        assert_eq!(service.ports[0].node_port, None);
        assert_eq!(service.ports[0].name, None);
    }

    fn salvaged(object: Value) -> Result<Option<facts::Service>, String> {
        Service::salvage(object).map(|service| service.map(facts::Service::from))
    }

    #[test]
    fn a_value_that_nobody_knows_is_kept_beside_the_service() {
        let service = salvaged(serde_json::json!({
            "metadata": {"name": "a", "namespace": "b"},
            "spec": {"type": "Fancy", "ipFamilies": ["IPv4", "IPv5"], "externalTrafficPolicy": "Nearest",
                "internalTrafficPolicy": "Moon", "ports": [{"name": "grpc", "port": 10901, "targetPort": 70000}]},
        }));
        let service = service.unwrap().unwrap();
        assert_eq!((service.name.as_str(), service.ports[0].port), ("a", 10901));
        let unknown: Vec<(&str, &str)> = service.unknown.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let expected = [
            ("spec.externalTrafficPolicy", "Nearest"),
            ("spec.ipFamilies[1]", "IPv5"),
            ("spec.ports[0].targetPort", "70000"),
            ("spec.type", "Fancy"),
        ];
        assert_eq!(unknown, expected);
    }

    #[test]
    fn a_service_whose_ports_cannot_be_read_matters_only_if_it_may_be_a_sidecar() {
        let odd = |name: &str| {
            salvaged(
                serde_json::json!({"metadata": {"name": name, "namespace": "m"}, "spec": {"ports": [{"port": "x"}]}}),
            )
        };
        assert_eq!(odd("shop"), Ok(None));
        let expected = "the Service m/thanos-sidecar cannot be read: its `spec.ports[0]` is `{\"port\":\"x\"}`";
        assert_eq!(odd("thanos-sidecar"), Err(expected.to_owned()));
        assert!(salvaged(serde_json::json!("text")).is_err());
    }
}
