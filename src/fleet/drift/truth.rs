//! What is compared, and what comes of it.

use super::policy::DriftPolicy;
use crate::findings::finding::Finding;
use crate::fleet::address::Address;
use crate::fleet::discovery::{Discovery, FleetPolicy};
use crate::fleet::plan::{Endpoint, Origin};
use crate::fleet::sight::Sight;
use crate::names::ClusterName;

/// Whether the clusters that were asked are all that the fleet has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// They are: a store of another cluster is of none.
    Whole,
    /// Some were chosen: a store of another cluster is not looked at.
    Part,
}

/// What became of a committed store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is right: it leads to this Service, or, without one, to what the settings give.
    Right(Origin),
    /// Its Service has another address now.
    Moved(Endpoint),
    /// Its Service is there and has no address now.
    Unreachable,
    /// Nobody could be asked.
    Doubtful,
    /// What it led to is gone, or is not the querier's any more, and nothing that people wrote goes with it.
    Stale,
    /// No cluster explains it. It is not thanosctl's to delete.
    Foreign,
}

/// How a list of stores differs from what is true now.
#[derive(Debug, Clone)]
pub struct Drift {
    /// What became of each store, in their order.
    pub fates: Vec<Fate>,
    /// Endpoints for which there is no store.
    pub missing: Vec<Endpoint>,
    /// What there is to tell.
    pub findings: Vec<Finding>,
    /// Whether something could not be asked, so that this is not the whole truth.
    pub is_incomplete: bool,
}

/// What is true now.
#[derive(Clone, Copy)]
pub struct Truth<'a> {
    /// What was found.
    pub discovery: &'a Discovery<'a>,
    /// What the settings say of it.
    pub policy: &'a FleetPolicy,
    /// Whether that is all.
    pub coverage: Coverage,
    /// Which Services of these clusters were looked at.
    pub sight: Sight<'a>,
    /// What is expected of the rest.
    pub drift: &'a DriftPolicy,
    /// Clusters that the fleet had once, and whose stores are to go.
    pub removed: &'a [ClusterName],
}

/// The place that an address leads to; `None` for a text that is no address.
pub(super) fn target(text: &str) -> Option<String> {
    Some(text.trim().parse::<Address>().ok()?.target())
}
