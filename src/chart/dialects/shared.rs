//! What the rows of several charts have in common.

use crate::chart::part::Component;
use crate::chart::quirks::{MovedImage, ObjectName, Owned, When};
use crate::chart::version::Span;

pub(super) const fn moved(path: &'static str, repository: &'static str, when: When) -> MovedImage {
    MovedImage { path, repository, when }
}

pub(super) const fn service(component: Component, suffix: &'static str, span: Span) -> ObjectName {
    ObjectName { component, suffix, what: "Service", limit: 63, span }
}

/// Its pods carry its name and a hash of 10 characters in one label (kubernetes/kubernetes#64023).
pub(super) const fn stateful_set(component: Component, suffix: &'static str) -> ObjectName {
    ObjectName { component, suffix, what: "StatefulSet", limit: 52, span: Span::ALL }
}

pub(super) const fn owned(path: &'static str, instead: &'static str) -> Owned {
    Owned { path, component: None, instead, with: None }
}

/// Owned below the component's own key, while the component is named.
pub(super) const fn owned_with(component: Component, path: &'static str, instead: &'static str) -> Owned {
    Owned { path, component: Some(component), instead, with: Some(component) }
}
