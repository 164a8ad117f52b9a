//! The charts that are known, one file each: add a version's keys as rows there, and its catalogue as CONTRIBUTING.md
//! says.

mod bitnami_defects;
mod bitnami_thanos;
mod stevehipwell_thanos;
mod thanos_community;

use super::dialect::{Component, Dialect, MovedImage, ObjectName, Owned, When};
use super::version::Span;

/// Every chart, the default first.
pub(super) static DIALECTS: &[&Dialect] =
    &[&bitnami_thanos::DIALECT, &thanos_community::DIALECT, &stevehipwell_thanos::DIALECT];

/// What stands above the stores.
const STORES: &str = "Beside each StoreAPI stands the cluster and the Service that it came from.";

/// What stands above the replica labels.
const REPLICA_LABELS: &str =
    "The labels that only tell replicas apart: series that differ in nothing else are shown as one.";

const fn moved(path: &'static str, repository: &'static str, when: When) -> MovedImage {
    MovedImage { path, repository, when }
}

const fn service(component: Component, suffix: &'static str, span: Span) -> ObjectName {
    ObjectName { component, suffix, what: "Service", limit: 63, span }
}

/// Its pods carry its name and a hash of 10 characters in one label (kubernetes/kubernetes#64023).
const fn stateful_set(component: Component, suffix: &'static str) -> ObjectName {
    ObjectName { component, suffix, what: "StatefulSet", limit: 52, span: Span::ALL }
}

const fn owned(path: &'static str, instead: &'static str) -> Owned {
    Owned { path, component: None, instead, with: None }
}

/// Owned below the component's own key, while the component is named.
const fn owned_with(component: Component, path: &'static str, instead: &'static str) -> Owned {
    Owned { path, component: Some(component), instead, with: Some(component) }
}
