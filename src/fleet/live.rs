//! A Service as the API server keeps it, whole: what a change is planned on, and what an undo brings back.
//!
//! The raw JSON is kept, since a typed struct would drop the fields that it does not know.

use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value};

use super::inventory::Service;
use super::kubernetes;
use crate::names::ServiceRef;

/// A Service as the API server keeps it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct LiveService {
    object: Value,
    #[serde(skip)]
    facts: Service,
}

impl LiveService {
    /// Takes the object that the API server gave.
    ///
    /// # Errors
    /// When it lacks what every stored Service has: a name, a uid, a resource version and a spec.
    pub fn read(object: Value) -> Result<Self, String> {
        let text = |key: &str| object["metadata"][key].as_str().is_some_and(|text| !text.is_empty());
        if let Some(key) = ["namespace", "name", "uid", "resourceVersion"].into_iter().find(|key| !text(key)) {
            return Err(format!("a Service without metadata.{key}"));
        }
        if !object["spec"].is_object() {
            return Err("a Service without spec".to_owned());
        }
        let facts = kubernetes::Service::deserialize(&object).map_err(|_| "a Service of another shape".to_owned())?;
        Ok(Self { facts: facts.into(), object })
    }

    /// What discovery and address resolution look at.
    pub fn facts(&self) -> &Service {
        &self.facts
    }

    /// Which Service this is.
    pub fn reference(&self) -> ServiceRef {
        self.facts.reference()
    }

    /// What tells it apart from another of its name, made after it was deleted.
    pub fn uid(&self) -> &str {
        self.metadata("uid").as_str().unwrap_or_default()
    }

    /// What changes with every change.
    pub fn resource_version(&self) -> &str {
        self.metadata("resourceVersion").as_str().unwrap_or_default()
    }

    /// The whole object.
    pub fn object(&self) -> &Value {
        &self.object
    }

    /// `spec`, whole.
    pub fn spec(&self) -> &Value {
        &self.object["spec"]
    }

    /// `metadata.annotations`; `None` when there are none.
    pub fn annotations(&self) -> Option<&Map<String, Value>> {
        self.metadata("annotations").as_object()
    }

    /// One annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations()?.get(key)?.as_str()
    }

    /// One label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata("labels").get(key)?.as_str()
    }

    /// `metadata.managedFields`: who wrote what; empty when the server does not tell.
    pub fn managed_fields(&self) -> &[Value] {
        self.metadata("managedFields").as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the server notes `manager` as who wrote this field last, by its path in `fieldsV1` (`f:spec`, `f:type`). It is
    /// what that writer called itself: a sign, and no proof.
    pub fn is_noted(&self, manager: &str, path: &[&str]) -> bool {
        self.managed_fields().iter().filter(|entry| entry["manager"] == manager).any(|entry| {
            let field = path.iter().try_fold(&entry["fieldsV1"], |fields, key| fields.get(*key));
            field.is_some()
        })
    }

    fn metadata(&self, key: &str) -> &Value {
        &self.object["metadata"][key]
    }
}

/// One place in which two documents differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, such as `spec.ports[0].nodePort`.
    pub path: String,
    /// What stood there; `None` when nothing did.
    pub before: Option<String>,
    /// What stands there now; `None` when nothing does.
    pub now: Option<String>,
}

impl std::fmt::Display for Difference {
    /// `PATH: BEFORE → NOW`.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "(nothing)".to_owned());
        write!(out, "{}: {} → {}", self.path, shown(&self.before), shown(&self.now))
    }
}

/// Where `now` differs from `before`, by path; empty when they are equal. `path` is where both stand.
pub fn differences(path: &str, before: &Value, now: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(path, Some(before), Some(now), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, now: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, now) {
        (Some(Value::Object(before)), Some(Value::Object(now))) => {
            let added = now.keys().filter(|key| !before.contains_key(*key));
            for key in before.keys().chain(added) {
                compare(&format!("{path}.{key}"), before.get(key), now.get(key), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(now))) => {
            for at in 0..before.len().max(now.len()) {
                compare(&format!("{path}[{at}]"), before.get(at), now.get(at), found);
            }
        }
        (before, now) if before == now => {}
        (before, now) => {
            let text = |value: Option<&Value>| value.map(ToString::to_string);
            found.push(Difference { path: path.to_owned(), before: text(before), now: text(now) });
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// A Service of the server, with `spec` over the usual.
    pub(crate) fn live(spec: &Value) -> LiveService {
        LiveService::read(json!({
            "metadata": {"namespace": "monitoring", "name": "prometheus-thanos", "uid": "u-1", "resourceVersion": "7",
                "labels": {"app.kubernetes.io/component": "thanos-sidecar"}},
            "spec": spec,
        }))
        .unwrap()
    }

    #[test]
    fn what_every_stored_service_has_must_be_there() {
        for object in [
            json!({}),
            json!({"metadata": {"namespace": "a", "name": "b", "uid": "", "resourceVersion": "1"}, "spec": {}}),
            json!({"metadata": {"namespace": "a", "name": "b", "uid": "u", "resourceVersion": "1"}}),
            json!({"metadata": {"namespace": "a", "name": "b", "uid": "u", "resourceVersion": "1"}, "spec": {"ports": 7}}),
        ] {
            assert!(LiveService::read(object.clone()).is_err(), "{object}");
        }
    }

    #[test]
    fn differences_are_told_by_path() {
        let before = json!({"type": "NodePort", "ports": [{"nodePort": 1}], "selector": {"a": "b"}});
        let now = json!({"type": "NodePort", "ports": [{"nodePort": 2}, {}], "extra": true});
        let told: Vec<String> = differences("spec", &before, &now).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "spec.ports[0].nodePort: 1 → 2",
                "spec.ports[1]: (nothing) → {}",
                "spec.selector: {\"a\":\"b\"} → (nothing)",
                "spec.extra: (nothing) → true",
            ]
        );
        assert!(differences("spec", &before, &before).is_empty());
    }
}
