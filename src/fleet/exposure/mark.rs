//! How a Service of ours is known: by a label to find it, and an annotation that says for what it was made.
//!
//! Labels and annotations are copied along with manifests, so the annotation names its own Service as well: a copy
//! under another name is not ours.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fleet::inventory::Service;
use crate::names::ServiceRef;

/// The label and the annotation.
pub const MARK: &str = "thanosctl.io/exposes";

/// The label of whoever manages an object, and our value of it.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "thanosctl");

/// The version of the annotation. What another version wrote is left alone.
const VERSION: u64 = 1;

/// For what a Service of ours was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    version: u64,
    /// Its own namespace and name.
    service: String,
    /// The namespace and name of the Service that it exposes.
    exposes: String,
    /// The uid of that Service; absent in manifests that somebody else applies, to whatever cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The pod that it is for; absent when it is for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
}

impl Mark {
    /// The mark of the Service `own`, made for `base` and maybe for one pod of it.
    pub fn new(own: &ServiceRef, base: &ServiceRef, uid: Option<&str>, pod: Option<&str>) -> Self {
        let text = str::to_owned;
        Self {
            version: VERSION,
            service: own.to_string(),
            exposes: base.to_string(),
            uid: uid.map(text),
            pod: pod.map(text),
        }
    }

    /// The mark that a Service carries; `None` when it is not ours, or somebody took a sign of it away.
    pub fn on(service: &Service) -> Option<Self> {
        let mark: Self = serde_json::from_str(service.annotations.get(MARK)?).ok()?;
        let base = mark.base();
        let label = |key: &str| service.labels.get(key).map(String::as_str);
        let is_ours = label(MANAGED_BY.0) == Some(MANAGED_BY.1)
            && label(MARK) == Some(base.name.as_str())
            && mark.version == VERSION
            && mark.service == service.reference().to_string()
            && base.namespace == service.namespace;
        is_ours.then_some(mark)
    }

    /// Whether a Service carries our labels, and an annotation that says nothing: it cannot be read, or is of another version.
    pub fn is_unreadable(service: &Service) -> bool {
        let label = |key: &str| service.labels.get(key).map(String::as_str);
        let read = service.annotations.get(MARK).map(|text| serde_json::from_str::<Self>(text));
        label(MANAGED_BY.0) == Some(MANAGED_BY.1)
            && label(MARK).is_some()
            && read.is_some_and(|read| read.map_or(true, |mark| mark.version != VERSION))
    }

    /// The mark for whatever cluster it is applied to.
    #[must_use]
    pub fn without_uid(self) -> Self {
        Self { uid: None, ..self }
    }

    /// The Service that it exposes.
    pub fn base(&self) -> ServiceRef {
        let (namespace, name) = self.exposes.split_once('/').unwrap_or_default();
        ServiceRef { namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The text of the annotation.
    pub fn to_annotation(&self) -> String {
        // By way of a Value, which cannot fail for texts and numbers.
        serde_json::to_value(self).unwrap_or(Value::Null).to_string()
    }
}
