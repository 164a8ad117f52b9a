//! What keeps the load balancer of a Service inside a network, or closed to most: new ones beside it must have it too.
//!
//! On most clouds a load balancer is public unless its Service says otherwise, and a StoreAPI asks for no credentials.

use std::collections::BTreeMap;

use crate::fleet::environment::marks;
use crate::fleet::inventory::{Listing, Node, Service};
use crate::fleet::resolve::{Privacy, privacy};

/// What a Service says of where its load balancer is reached, and by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keeping {
    /// The annotations that say so.
    pub annotations: BTreeMap<String, String>,
    /// `spec.loadBalancerClass`.
    pub class: Option<String>,
    /// `spec.loadBalancerSourceRanges`.
    pub source_ranges: Vec<String>,
}

impl Keeping {
    /// What `base` says.
    pub fn of(base: &Service) -> Self {
        let annotations =
            marks::carried().filter_map(|key| Some((key.to_owned(), base.annotations.get(key)?.clone()))).collect();
        Self {
            annotations,
            class: base.load_balancer_class.clone(),
            source_ranges: base.load_balancer_source_ranges.clone(),
        }
    }

    /// Whether a Service with this is kept as `base` is, in a cluster with these nodes.
    pub fn privacy(&self, base: &Service, nodes: &Listing<Node>) -> Privacy {
        match privacy(base, nodes) {
            // What makes it private is known by a sign that a new Service would not have.
            Privacy::ByController(address) if self.class.is_none() && self.annotations.is_empty() => {
                Privacy::Unexplained(address)
            }
            privacy => privacy,
        }
    }
}
