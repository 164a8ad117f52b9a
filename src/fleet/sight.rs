//! Which Services of its clusters a run looked at: nothing can be said of the others, least of all that they are gone.

use crate::names::ServiceRef;

/// Which Services of its clusters a run looked at; all by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sight<'a> {
    /// Those of this namespace alone; `None` for all namespaces.
    pub namespace: Option<&'a str>,
    /// Whether only those with certain labels.
    pub is_selective: bool,
}

impl Sight<'_> {
    /// Whether it was all of them.
    pub fn is_whole(self) -> bool {
        self.namespace.is_none() && !self.is_selective
    }

    /// Whether a Service would have been seen, if it were there. What labels one has that is not there, nobody knows.
    pub fn covers(self, service: &ServiceRef) -> bool {
        !self.is_selective && self.namespace.is_none_or(|namespace| namespace == service.namespace)
    }
}
