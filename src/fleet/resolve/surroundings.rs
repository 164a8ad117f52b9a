//! What the addresses of a cluster's Services depend on, prepared once for all of them.

use super::node_pool::NodePool;
use super::{AddressPolicy, Slices};
use crate::fleet::inventory::Observed;

/// What the addresses of a cluster's Services depend on.
pub struct Surroundings<'a> {
    pub(super) nodes: NodePool<'a>,
    /// The EndpointSlices.
    pub slices: Slices<'a>,
    pub(super) policy: &'a AddressPolicy,
}

impl<'a> Surroundings<'a> {
    /// What was observed of a cluster whose Services are reached by `policy`.
    pub fn of(observed: &'a Observed, policy: &'a AddressPolicy) -> Self {
        Self { nodes: NodePool::of(&observed.nodes, policy), slices: Slices::of(&observed.endpoint_slices), policy }
    }
}
