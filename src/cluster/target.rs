//! A cluster to ask.

use crate::names::ClusterName;

/// A cluster to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The fleet's name for it.
    pub name: ClusterName,
    /// The kubeconfig context that leads to it.
    pub context: String,
}
