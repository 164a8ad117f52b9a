//! What a Service tells of who writes it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fleet::inventory;

/// Whether what somebody writes names `spec.type`; who does not name it leaves it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamesType {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nothing tells.
    Unknown,
}

/// What `kubectl apply` leaves on an object: the manifest, whole.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The signs on a Service by which its owners are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`; of a Service in an inventory only those that it keeps.
    pub annotations: BTreeMap<String, String>,
    /// `metadata.ownerReferences`; empty for a Service in an inventory.
    pub owner_references: Vec<OwnerReference>,
    /// `metadata.managedFields` but for those of `status`; empty for a Service in an inventory.
    pub field_managers: Vec<FieldManager>,
}

/// One entry of `metadata.ownerReferences`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerReference {
    /// The owner's kind, such as `Prometheus`.
    pub kind: String,
    /// The owner's name.
    pub name: String,
    /// Whether the owner's controller manages the Service; at most one does.
    pub controller: bool,
}

/// One entry of `metadata.managedFields`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldManager {
    /// Its name, such as `helm`.
    pub manager: String,
    /// How it writes.
    pub operation: Operation,
    /// Whether `spec.type` is its. Who creates or updates owns what was defaulted too; who applies owns what its
    /// manifest names.
    pub owns_type: bool,
    /// Whether a node port is its.
    pub owns_node_port: bool,
}

/// How a field manager writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// By server-side apply: it conflicts with whoever took a field from it.
    Apply,
    /// By anything else: what it writes wins.
    Update,
}

impl Signs {
    /// The signs of a whole Service as the API server writes it. What is missing or of another shape is no sign.
    pub fn of_object(service: &Value) -> Self {
        let metadata = &service["metadata"];
        let list = |key: &str| metadata[key].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            labels: texts(&metadata["labels"]),
            annotations: texts(&metadata["annotations"]),
            owner_references: list("ownerReferences").iter().map(owner_reference).collect(),
            field_managers: list("managedFields").iter().filter_map(field_manager).collect(),
        }
    }

    /// The signs of a Service in an inventory: fewer, since it keeps neither owner references nor field managers.
    pub fn of_service(service: &inventory::Service) -> Self {
        Self { labels: service.labels.clone(), annotations: service.annotations.clone(), ..Self::default() }
    }

    /// The label `key`; `None` also when it is empty.
    pub(super) fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The annotation `key`; `None` also when it is empty.
    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether one of `managers` wrote the Service.
    pub(super) fn is_written_by(&self, managers: &[&str]) -> bool {
        self.field_managers.iter().any(|entry| managers.contains(&entry.manager.as_str()))
    }

    /// Whether one of `managers` wrote the Service by server-side apply.
    pub(super) fn is_applied_by(&self, managers: &[&str]) -> bool {
        self.applied(managers).next().is_some()
    }

    /// Whether what `managers` apply names the type. Only server-side apply tells, and no longer when somebody took
    /// the type by an update, which removes it from the entry of who applied it.
    pub(super) fn applied_type(&self, managers: &[&str]) -> NamesType {
        let taken = || self.field_managers.iter().any(|entry| entry.operation == Operation::Update && entry.owns_type);
        if self.applied(managers).any(|entry| entry.owns_type) {
            NamesType::Yes
        } else if self.is_applied_by(managers) && !taken() {
            NamesType::No
        } else {
            NamesType::Unknown
        }
    }

    /// Whether the manifest that `kubectl apply` left names the type; unknown when there is none.
    pub(super) fn last_applied_type(&self) -> NamesType {
        let manifest = self.annotation(LAST_APPLIED).and_then(|text| serde_json::from_str::<Value>(text).ok());
        match manifest {
            Some(manifest) if manifest["spec"]["type"].is_string() => NamesType::Yes,
            Some(_) => NamesType::No,
            None => NamesType::Unknown,
        }
    }

    fn applied(&self, managers: &[&str]) -> impl Iterator<Item = &FieldManager> {
        let is_one =
            |entry: &&FieldManager| entry.operation == Operation::Apply && managers.contains(&entry.manager.as_str());
        self.field_managers.iter().filter(is_one)
    }
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn owner_reference(entry: &Value) -> OwnerReference {
    OwnerReference {
        kind: text(&entry["kind"]),
        name: text(&entry["name"]),
        controller: entry["controller"].as_bool().unwrap_or_default(),
    }
}

/// An entry of `managedFields`, whose fields are a tree of names behind `f:` (FieldsV1); `None` for one of `status`.
fn field_manager(entry: &Value) -> Option<FieldManager> {
    if entry["subresource"].as_str().is_some_and(|part| !part.is_empty()) {
        return None;
    }
    let spec = &entry["fieldsV1"]["f:spec"];
    let mut ports = spec["f:ports"].as_object().into_iter().flatten();
    Some(FieldManager {
        manager: text(&entry["manager"]),
        operation: if entry["operation"] == "Apply" { Operation::Apply } else { Operation::Update },
        owns_type: spec.get("f:type").is_some(),
        owns_node_port: ports.any(|(_, port)| port.get("f:nodePort").is_some()),
    })
}
