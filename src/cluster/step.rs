//! What is being done for a cluster.

use super::list::Resource;
use crate::names::ServiceRef;

/// What is being done for a cluster: what a timeout interrupts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The kubeconfig and the files it names are read.
    Preparing,
    /// The credential plugin of that command runs.
    Plugin(String),
    /// The server is asked for a list and has not begun to answer.
    AskedFor(Resource),
    /// It answers; so many objects of the list came so far.
    Reading(Resource, usize),
    /// A single Service is read or written.
    Service(Verb, ServiceRef),
}

/// What is done with a single Service; RBAC's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// It is read.
    Get,
    /// It is made.
    Create,
    /// It is changed.
    Patch,
    /// It is removed.
    Delete,
}

impl Verb {
    /// RBAC's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}
