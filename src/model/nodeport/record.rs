//! What is kept of a Service before it is changed, so that the change can be undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Change, Undo, undo};
use crate::model::live::LiveService;

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
    /// keeps what was recorded then: an undo goes back to how it was in the beginning.
    pub fn of(live: &LiveService, change: &Change, field_manager: &str) -> Self {
        let earlier = Self::on(live).and_then(Result::ok).filter(|record| undo(live, record, None) == Ok(Undo::Spec));
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
        let ports = entries.get_mut("ports").and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default();
        for (at, port) in ports.iter_mut().enumerate() {
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

/// What the API server drops when a Service is no LoadBalancer any more.
const ONLY_BALANCED: [&str; 4] =
    ["allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort", "loadBalancerSourceRanges"];
