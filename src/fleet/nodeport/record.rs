//! What is kept of a Service before it is changed, so that the change can be undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Change, Undo, undo};
use crate::fleet::live::LiveService;

/// The annotation that holds a [`Record`] as JSON, for whoever undoes the change from elsewhere.
pub const UNDO_ANNOTATION: &str = "thanosctl.io/undo";

/// The version of a record. A reader refuses others.
const VERSION: u64 = 1;

/// How a Service was before thanosctl changed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    version: u64,
    /// Of which Service: annotations are copied along with manifests.
    uid: String,
    /// As whom it was changed.
    field_manager: String,
    /// `spec`, whole.
    spec: Value,
    /// The annotations that had to go.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    annotations: Map<String, Value>,
    /// The node ports that were asked for, by the index of their port.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    node_ports: BTreeMap<usize, u16>,
}

/// How a Service was left by a change: what an undo expects to find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// `spec`, whole.
    pub spec: Value,
    /// `metadata.managedFields`.
    pub managed_fields: Vec<Value>,
}

impl Left {
    /// How `live` is now.
    pub fn of(live: &LiveService) -> Self {
        Self { spec: live.spec().clone(), managed_fields: live.managed_fields().to_vec() }
    }
}

impl Record {
    /// The record of `live` before `change` by `field_manager`. A Service that is still as an earlier change left it
    /// keeps what was recorded then, in `earlier`: an undo goes back to how it was in the beginning. What the Service says
    /// itself of an earlier change does not count: it would come into the journal as if it were true.
    pub fn of(live: &LiveService, change: &Change, field_manager: &str, earlier: Option<&Self>) -> Self {
        let earlier = earlier.filter(|record| undo(live, record, None) == Ok(Undo::Spec)).cloned();
        let mut record = earlier.unwrap_or_else(|| Self {
            version: VERSION,
            uid: live.uid().to_owned(),
            field_manager: field_manager.to_owned(),
            spec: live.spec().clone(),
            annotations: Map::new(),
            node_ports: BTreeMap::new(),
        });
        for key in &change.drops_annotations {
            if let Some(value) = live.annotations().and_then(|annotations| annotations.get(key)) {
                record.annotations.insert(key.clone(), value.clone());
            }
        }
        let wanted = change.ports.iter().enumerate().filter_map(|(at, port)| Some((at, port.wanted?)));
        record.node_ports.extend(wanted);
        record
    }

    /// The record that `live` carries; `None` when it carries none.
    ///
    /// # Errors
    /// When its annotation is no record, or one of another Service.
    pub fn on(live: &LiveService) -> Option<Result<Self, String>> {
        let text = live.annotation(UNDO_ANNOTATION)?;
        Some(match serde_json::from_str::<Self>(text) {
            Err(_) => Err(format!("its annotation {UNDO_ANNOTATION} cannot be read")),
            Ok(record) if record.version != VERSION => {
                Err(format!("its annotation {UNDO_ANNOTATION} is of version {}", record.version))
            }
            Ok(record) if record.uid != live.uid() => {
                Err(format!("its annotation {UNDO_ANNOTATION} was made for another Service"))
            }
            Ok(record) if !record.spec.is_object() => Err(format!("its annotation {UNDO_ANNOTATION} holds no spec")),
            Ok(record) => Ok(record),
        })
    }

    /// What may be brought back on `live` of a record that anybody may have written who may annotate it: the type, and the
    /// node ports, on ports that are there. All else stays as it is, and so do the fields of others than `field_manager`.
    ///
    /// # Errors
    /// When the type is one that thanosctl never changes, or what else belongs to it is not known for sure.
    pub fn confined(&self, live: &LiveService, field_manager: &str) -> Result<Self, String> {
        let mut record = Self {
            version: VERSION,
            uid: live.uid().to_owned(),
            field_manager: field_manager.to_owned(),
            spec: live.spec().clone(),
            annotations: Map::new(),
            node_ports: BTreeMap::new(),
        };
        // Only what is NodePort was made so.
        if live.spec()["type"] != "NodePort" {
            return Ok(record);
        }
        let before = self.spec["type"].as_str().unwrap_or("ClusterIP");
        let Some(spec) = record.spec.as_object_mut() else { return Ok(record) };
        match before {
            "ClusterIP" => {
                ports_of(spec).iter_mut().filter_map(Value::as_object_mut).for_each(|port| {
                    port.remove("nodePort");
                });
                // What the API server takes from a Service that no port of a node leads to.
                let has_external = spec.get("externalIPs").and_then(Value::as_array).is_some_and(|ips| !ips.is_empty());
                if !has_external {
                    spec.remove("externalTrafficPolicy");
                }
            }
            "LoadBalancer" if self.is_closed() => {
                return Err(format!(
                    "its annotation {UNDO_ANNOTATION} says that it was a load balancer that not everybody reached, which only \
                     the journal can bring back"
                ));
            }
            "NodePort" | "LoadBalancer" => {
                for port in ports_of(spec) {
                    let number = self.node_port(port);
                    if let (Some(number), Some(port)) = (number, port.as_object_mut()) {
                        port.insert("nodePort".to_owned(), number.into());
                    }
                }
            }
            _ => return Err(format!("its annotation {UNDO_ANNOTATION} wants a type that thanosctl never changes")),
        }
        spec.insert("type".to_owned(), before.into());
        Ok(record)
    }

    /// Whether something said who reaches its load balancer.
    fn is_closed(&self) -> bool {
        let says = |key: &str| !self.spec[key].is_null();
        !self.annotations.is_empty() || says("loadBalancerSourceRanges") || says("loadBalancerClass")
    }

    /// The node port that was recorded of a port, by its number and protocol.
    fn node_port(&self, port: &Value) -> Option<u16> {
        let key = |port: &Value| (port["port"].clone(), port["protocol"].as_str().unwrap_or("TCP").to_owned());
        let recorded = self.spec["ports"].as_array()?.iter().find(|recorded| key(recorded) == key(port))?;
        u16::try_from(recorded["nodePort"].as_u64()?).ok().filter(|number| *number > 0)
    }

    /// The record as an annotation's value.
    pub fn to_annotation(&self) -> String {
        serde_json::to_string(self).expect("a record is JSON")
    }

    /// Of which Service it is.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// As whom the Service was changed.
    pub fn field_manager(&self) -> &str {
        &self.field_manager
    }

    /// The spec to bring back.
    pub fn spec(&self) -> &Value {
        &self.spec
    }

    /// The annotations to bring back.
    pub fn annotations(&self) -> &Map<String, Value> {
        &self.annotations
    }

    /// How the Service should be after the change; what the API server chose is taken from `now`.
    pub(super) fn expected(&self, now: &Value) -> Value {
        let mut spec = self.spec.clone();
        let Some(entries) = spec.as_object_mut() else { return spec };
        entries.insert("type".to_owned(), "NodePort".into());
        for key in ONLY_BALANCED {
            entries.remove(key);
        }
        entries.entry("externalTrafficPolicy").or_insert_with(|| "Cluster".into());
        for (at, port) in ports_of(entries).iter_mut().enumerate() {
            let asked = self.node_ports.get(&at).map(|number| Value::from(*number));
            let kept = Some(port["nodePort"].clone()).filter(|number| !number.is_null());
            let chosen = Some(now["ports"][at]["nodePort"].clone()).filter(|number| !number.is_null());
            if let Some(number) = asked.or(kept).or(chosen) {
                port["nodePort"] = number;
            }
        }
        spec
    }
}

fn ports_of(spec: &mut Map<String, Value>) -> &mut [Value] {
    spec.get_mut("ports").and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

/// What the API server drops when a Service is no LoadBalancer any more.
const ONLY_BALANCED: [&str; 4] =
    ["allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort", "loadBalancerSourceRanges"];
