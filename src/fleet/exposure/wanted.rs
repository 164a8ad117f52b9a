//! A Service of ours as it should be: its manifest, and the patch that makes one that exists like it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use super::keeping::Keeping;
use super::mark::{MANAGED_BY, MARK, Mark};
use crate::fleet::inventory::{IpFamily, Service, ServicePort, ServiceType};
use crate::fleet::live::LiveService;
use crate::fleet::nodeport::{SOURCE_RANGES_ANNOTATION, metadata_path};
use crate::names::ServiceRef;

/// The label that tells the role of a Service.
pub(super) const COMPONENT: &str = "app.kubernetes.io/component";

/// A Service of ours as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// What it is called.
    pub name: ServiceRef,
    /// Its type.
    pub service_type: ServiceType,
    /// Which pods it leads to.
    pub selector: BTreeMap<String, String>,
    /// Its only port; with a node port where one is wanted.
    pub port: ServicePort,
    /// The IP families of what it exposes; empty when nothing tells.
    pub ip_families: Vec<IpFamily>,
    /// Its component label.
    pub component: Option<String>,
    /// What keeps its load balancer inside or closed; nothing for another type.
    pub keeping: Keeping,
    /// For what it is made.
    pub mark: Mark,
}

/// In what a Service differs from how it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Differs {
    /// In its type, which is this.
    Type(ServiceType),
    /// In the pods that it leads to.
    Selector,
    /// In its ports.
    Port,
    /// In what keeps its load balancer inside or closed.
    Keeping,
    /// In its labels, or in what its mark says of the Service that it exposes.
    Marks,
}

impl fmt::Display for Differs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(from) => write!(out, "type (now {from:?})"),
            Self::Selector => out.write_str("selector"),
            Self::Port => out.write_str("port"),
            Self::Keeping => out.write_str("who reaches its load balancer"),
            Self::Marks => out.write_str("marks"),
        }
    }
}

impl Wanted {
    /// In what `service`, which is ours, differs from this.
    pub fn differences(&self, service: &Service) -> Vec<Differs> {
        let mut differences = Vec::new();
        if service.service_type != self.service_type {
            differences.push(Differs::Type(service.service_type));
        }
        if service.selector != self.selector {
            differences.push(Differs::Selector);
        }
        let is_wanted = |port: &ServicePort| {
            let node_port = self.port.node_port.or(port.node_port);
            *port == ServicePort { node_port, ..self.port.clone() }
        };
        if !matches!(&service.ports[..], [port] if is_wanted(port)) {
            differences.push(Differs::Port);
        }
        if !self.is_kept(service) {
            differences.push(Differs::Keeping);
        }
        if !self.is_marked_right(service) {
            differences.push(Differs::Marks);
        }
        differences
    }

    /// What somebody closed besides stays closed.
    fn is_kept(&self, service: &Service) -> bool {
        let Keeping { annotations, class: _, source_ranges } = &self.keeping;
        let ranges = &service.load_balancer_source_ranges;
        annotations.iter().all(|(key, value)| service.annotations.get(key) == Some(value))
            && (source_ranges.is_empty() || source_ranges == ranges)
    }

    /// A mark without the uid of what it exposes was applied by somebody else, and stays.
    fn is_marked_right(&self, service: &Service) -> bool {
        let uid = Mark::on(service).and_then(|mark| mark.uid);
        let is_same = uid.is_none() || self.mark.uid.is_none() || uid == self.mark.uid;
        is_same && self.component.as_ref().is_none_or(|component| service.labels.get(COMPONENT) == Some(component))
    }

    /// What is sent to make it, or applied by somebody else.
    pub fn manifest(&self) -> Value {
        let mut labels = Map::new();
        labels.insert(MANAGED_BY.0.to_owned(), json!(MANAGED_BY.1));
        if let Some(component) = &self.component {
            labels.insert(COMPONENT.to_owned(), json!(component));
        }
        labels.insert(MARK.to_owned(), json!(self.mark.base().name));
        let Keeping { annotations: kept, class, source_ranges } = &self.keeping;
        let mut annotations: Map<String, Value> = kept.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        annotations.insert(MARK.to_owned(), json!(self.mark.to_annotation()));
        let mut spec = Map::new();
        spec.insert("type".to_owned(), json!(self.service_type));
        if let Some(class) = class {
            spec.insert("loadBalancerClass".to_owned(), json!(class));
        }
        if !source_ranges.is_empty() {
            spec.insert("loadBalancerSourceRanges".to_owned(), json!(source_ranges));
        }
        if !self.ip_families.is_empty() {
            let policy = if self.ip_families.len() > 1 { "PreferDualStack" } else { "SingleStack" };
            spec.insert("ipFamilyPolicy".to_owned(), json!(policy));
            spec.insert("ipFamilies".to_owned(), json!(self.ip_families));
        }
        spec.insert("selector".to_owned(), json!(self.selector));
        spec.insert("ports".to_owned(), json!([self.port_entry(None)]));
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "namespace": self.name.namespace,
                "name": self.name.name,
                "labels": labels,
                "annotations": annotations,
            },
            "spec": spec,
        })
    }

    /// The manifest for whoever applies it, to whatever cluster: it names no uid.
    pub fn portable_manifest(&self) -> Value {
        Self { mark: self.mark.clone().without_uid(), ..self.clone() }.manifest()
    }

    /// The entry of `spec.ports`, with the node port that is wanted or else `now`.
    fn port_entry(&self, now: Option<u16>) -> Value {
        let port = ServicePort {
            protocol: Some("TCP".to_owned()),
            node_port: self.port.node_port.or(now),
            ..self.port.clone()
        };
        json!(port)
    }

    /// The JSON patch that makes `live` like this, on the condition that it still is what it was; its node port stays
    /// unless another one is wanted.
    pub fn patch(&self, live: &LiveService) -> Value {
        let service = live.facts();
        let mut patch = vec![
            json!({"op": "test", "path": "/metadata/uid", "value": live.uid()}),
            json!({"op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version()}),
        ];
        for differs in self.differences(service) {
            match differs {
                Differs::Type(from) => {
                    // The API server keeps a Service from any other type while it has source ranges.
                    if from == ServiceType::LoadBalancer && !service.load_balancer_source_ranges.is_empty() {
                        patch.push(json!({"op": "remove", "path": "/spec/loadBalancerSourceRanges"}));
                    }
                    if from == ServiceType::LoadBalancer && service.annotations.contains_key(SOURCE_RANGES_ANNOTATION) {
                        let path = metadata_path("annotations", SOURCE_RANGES_ANNOTATION);
                        patch.push(json!({"op": "remove", "path": path}));
                    }
                    patch.push(json!({"op": "replace", "path": "/spec/type", "value": self.service_type}));
                    // It can be given only along with the type.
                    if let Some(class) = &self.keeping.class {
                        patch.push(json!({"op": "add", "path": "/spec/loadBalancerClass", "value": class}));
                    }
                }
                Differs::Selector => {
                    patch.push(json!({"op": "replace", "path": "/spec/selector", "value": self.selector}));
                }
                Differs::Port => {
                    let node_port = service.ports.first().and_then(|port| port.node_port);
                    let ports = json!([self.port_entry(node_port)]);
                    patch.push(json!({"op": "replace", "path": "/spec/ports", "value": ports}));
                }
                Differs::Keeping => {
                    let Keeping { annotations, class: _, source_ranges } = &self.keeping;
                    for (key, value) in annotations {
                        let path = metadata_path("annotations", key);
                        patch.push(json!({"op": "add", "path": path, "value": value}));
                    }
                    if !source_ranges.is_empty() {
                        let path = "/spec/loadBalancerSourceRanges";
                        patch.push(json!({"op": "add", "path": path, "value": source_ranges}));
                    }
                }
                Differs::Marks => {
                    if let Some(component) = &self.component {
                        patch
                            .push(json!({"op": "add", "path": metadata_path("labels", COMPONENT), "value": component}));
                    }
                    let mark = self.mark.to_annotation();
                    patch.push(json!({"op": "add", "path": metadata_path("annotations", MARK), "value": mark}));
                }
            }
        }
        patch.into()
    }
}
