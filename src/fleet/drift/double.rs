//! Stores that lead to one Service: which of them goes.

use std::collections::HashMap;

use super::{Comparison, target};
use crate::fleet::committed::Committed;
use crate::fleet::plan::Origin;

/// Whether another store leads to where a store leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Double {
    /// None does, or this is the one that stays.
    No,
    /// Another one stays instead.
    Goes,
    /// Another one does, and this one is not thanosctl's to delete.
    Stays,
}

impl Comparison<'_> {
    /// For each store, whether it is one too many; one that is disposable goes.
    pub(super) fn doubles(&self, is_disposable: impl Fn(&Committed) -> bool) -> Vec<Double> {
        let mut of_service: HashMap<(&Origin, Option<String>), Vec<usize>> = HashMap::new();
        for (at, origin) in self.right.iter().enumerate() {
            let Some(origin) = origin else { continue };
            // The settings may give several addresses of one cluster.
            let own = if origin.service.is_none() { target(&self.stores[at].text) } else { None };
            of_service.entry((origin, own)).or_default().push(at);
        }
        let mut doubles = vec![Double::No; self.stores.len()];
        for all in of_service.into_values().filter(|all| all.len() > 1) {
            let keeper = all.iter().copied().find(|at| !is_disposable(&self.stores[*at])).unwrap_or(all[0]);
            for at in all.into_iter().filter(|at| *at != keeper) {
                doubles[at] = if is_disposable(&self.stores[at]) { Double::Goes } else { Double::Stays };
            }
        }
        doubles
    }
}
