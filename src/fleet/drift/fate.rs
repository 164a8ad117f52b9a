//! What becomes of a store that leads to nothing that the querier should be given now.

use super::{Comparison, Coverage, Fate, Truth};
use crate::findings::codes;
use crate::findings::finding::{Code, Finding};
use crate::fleet::address::Address;
use crate::fleet::committed::{Committed, Keeper};
use crate::fleet::plan::Origin;
use crate::fleet::resolve::Problem;
use crate::names::ClusterName;

pub(super) fn host(text: &str) -> Option<String> {
    Some(text.trim().parse::<Address>().ok()?.host().to_string())
}

impl Truth<'_> {
    /// What became of a store, and what there is to tell of it.
    pub(super) fn fate(
        &self,
        store: &Committed,
        keeper: Keeper,
        known: &mut Comparison<'_>,
    ) -> (Fate, Option<Finding>) {
        match self.provenance(store) {
            Some(provenance) => self.fate_of_ours(store, &provenance.origin, known),
            None => self.fate_of_theirs(store, keeper, known),
        }
    }

    /// A store of which it is known where it came from.
    fn fate_of_ours(&self, store: &Committed, origin: &Origin, known: &mut Comparison<'_>) -> (Fate, Option<Finding>) {
        let about = |code: Code, message: String| Some(self.at(store, code, origin, &message));
        let text = &store.text;
        let Some(cluster) = self.discovery.clusters.iter().find(|found| found.cluster.name == origin.cluster) else {
            let message = format!("`{text}` is of cluster `{}`, which was not asked", origin.cluster);
            return (Fate::Doubtful, about(codes::DOUBTFUL_STORE, message));
        };
        if cluster.services.is_err() {
            let message = format!("whether `{text}` is right is not known: its cluster could not be read");
            return (Fate::Doubtful, about(codes::DOUBTFUL_STORE, message));
        }
        let found = known.services.get(origin).copied();
        let is_served = known.wants(origin);
        if let Some(at) = known.free(origin) {
            let endpoint = &known.wanted[at];
            known.used.insert(at);
            let same_host = host(text) == Some(endpoint.address.host().to_string());
            let code = if same_host { codes::CHANGED_STORE } else { codes::MOVED_STORE };
            return (Fate::Moved(endpoint.clone()), Some(self.moved(store, endpoint, code, found)));
        }
        let gone = |why: String| (Fate::Stale, about(codes::STALE_STORE, format!("`{text}` is stale: {why}")));
        let Some(found) = found else {
            if self.overlooks(origin) {
                let message = format!("`{text}` is of {origin}, which was not looked for");
                return (Fate::Doubtful, about(codes::DOUBTFUL_STORE, message));
            }
            return gone(match &origin.service {
                Some(service) => format!("there is no Service `{service}` with a StoreAPI any more"),
                None => "the settings do not give it any more".to_owned(),
            });
        };
        match &found.resolved.problem {
            _ if is_served => gone(format!("another store leads to `{}` already", found.service.reference())),
            Some(problem @ Problem::Unreadable { .. }) => {
                let message = format!("whether `{text}` is right is not known: {problem}");
                (Fate::Doubtful, about(codes::DOUBTFUL_STORE, message))
            }
            Some(problem) if found.feeds && !problem.is_settled() => {
                let message = format!("`{text}` does not lead to its Service any more: {problem}");
                (Fate::Unreachable, about(codes::UNREACHABLE_STORE, message))
            }
            Some(problem) => gone(problem.to_string()),
            None => gone("its Service is not the querier's".to_owned()),
        }
    }

    /// A store that people added, as far as anybody knows.
    fn fate_of_theirs(&self, store: &Committed, keeper: Keeper, known: &mut Comparison<'_>) -> (Fate, Option<Finding>) {
        let unknown = self.unknown_cluster(store);
        if let Some(cluster) = unknown.filter(|cluster| self.removed.contains(cluster)) {
            return (Fate::Stale, Some(self.of_no_cluster(store, cluster)));
        }
        if let Some(at) = self.by_host(store, known) {
            known.used.insert(at);
            let endpoint = &known.wanted[at];
            return (Fate::Moved(endpoint.clone()), Some(self.moved(store, endpoint, codes::CHANGED_STORE, None)));
        }
        match unknown {
            // It is kept all the same: the form alone is no proof.
            Some(cluster)
                if keeper == Keeper::Thanosctl
                    && self.coverage == Coverage::Whole
                    && self.unreadable().next().is_none()
                    && self.ignored(&store.text).is_none() =>
            {
                (Fate::Foreign, Some(self.of_no_cluster(store, cluster)))
            }
            _ => self.unexplained(store),
        }
    }

    fn of_no_cluster(&self, store: &Committed, cluster: &ClusterName) -> Finding {
        let message = format!("`{}` is of cluster `{cluster}`, which the fleet does not have", store.text);
        let origin =
            Origin { cluster: cluster.clone(), service: store.provenance().and_then(|it| it.origin.service.clone()) };
        self.at(store, codes::STALE_STORE, &origin, &message)
    }

    /// The endpoint that a store without provenance is meant to be: the same host with another port, where only one store
    /// and only one endpoint can be meant, and the address is not that of another StoreAPI.
    fn by_host(&self, store: &Committed, known: &Comparison<'_>) -> Option<usize> {
        let host = host(&store.text).filter(|host| known.rivals(host) == 1)?;
        let mut free = known.free_of_host(&host);
        let at = free.next()?;
        (free.next().is_none() && !known.is_of_another(self, &store.text)).then_some(at)
    }

    /// An address that says nothing of where it came from, and that nobody knows.
    fn unexplained(&self, store: &Committed) -> (Fate, Option<Finding>) {
        let text = &store.text;
        if self.ignored(text).is_some() {
            return (Fate::Foreign, None);
        }
        let unknown = self.unknown_cluster(store);
        let (fate, code, message) = match (self.unreadable().next(), self.coverage) {
            (Some(unread), _) => {
                let message = match unknown {
                    Some(cluster) => format!(
                        "`{text}` is of cluster `{cluster}`, which the fleet does not have; it may be the former name of \
                         cluster `{unread}`, which could not be read"
                    ),
                    None => format!("whether `{text}` is right is not known: cluster `{unread}` could not be read"),
                };
                (Fate::Doubtful, codes::DOUBTFUL_STORE, message)
            }
            (None, Coverage::Part) => {
                let named = unknown.map(|cluster| format!(", and its comment names cluster `{cluster}`"));
                let named = named.unwrap_or_default();
                let message =
                    format!("`{text}` belongs to no Service in the queried clusters; others were not asked{named}");
                (Fate::Doubtful, codes::DOUBTFUL_STORE, message)
            }
            (None, Coverage::Whole) => {
                let named =
                    unknown.map(|cluster| format!("; the fleet has no cluster `{cluster}`")).unwrap_or_default();
                let message = format!("`{text}` belongs to no Service in the queried clusters{named}");
                (Fate::Foreign, codes::FOREIGN_ADDRESS, message)
            }
        };
        let mut finding = Finding::new(code, message);
        finding.place = Some(store.place.clone());
        (fate, Some(finding))
    }
}
