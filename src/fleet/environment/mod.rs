//! What clouds, load balancer controllers and local clusters do that decides what an address is worth: tables of
//! annotations, labels, taints, classes and names, each row with its source.
//!
//! Only data, and how a row is recognised. What follows from a row is decided where addresses are resolved
//! ([`super::resolve`]) and where Services are made ([`super::exposure`]). A new provider is a new row.

pub mod balancers;
pub mod marks;
pub mod names;
pub mod nodes;
pub mod values;

/// Whether an annotation of a Service means something to a row of the tables, so that an inventory keeps it.
pub fn keeps_service_annotation(key: &str) -> bool {
    balancers::annotations().any(|known| known == key)
}

/// Whether a finalizer of a Service means something to a row of the tables.
pub fn keeps_finalizer(finalizer: &str) -> bool {
    balancers::finalizers().any(|known| known == finalizer)
}

/// Whether an annotation of a node means something to a row of the tables.
pub fn keeps_node_annotation(key: &str) -> bool {
    nodes::annotations().any(|known| known == key)
}
