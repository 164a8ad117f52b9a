//! Two contexts that lead to one cluster: said, and never taken for two.

use std::collections::HashMap;

use crate::failure::{Failure, Failures};
use crate::fleet::discovery::Discovery;
use crate::fleet::identity::{Same, given_twice, same_clusters};
use crate::fleet::inventory::{Cluster, Inventory};
use crate::names::ClusterName;
use crate::terminal::Terminal;
use crate::text::{counted, shell_word};

/// A cluster as messages name it.
fn label(cluster: &Cluster) -> String {
    match &cluster.context {
        Some(context) if context != cluster.name.as_str() => format!("`{}` (context `{context}`)", cluster.name),
        Some(_) | None => format!("`{}`", cluster.name),
    }
}

/// Names the clusters of an inventory that are one.
pub(super) fn warn_of_same(inventory: &Inventory, terminal: &Terminal) {
    for Same { first, second } in same_clusters(inventory) {
        terminal.warning(&format!(
            "{} and {} are one cluster under two names: its Services are listed twice",
            label(first),
            label(second)
        ));
    }
}

/// A querier that is given one Service twice shows its series twice, or counts them so.
///
/// # Errors
/// When two clusters are one, and both would give the querier the same Service.
pub(super) fn refuse_twice(discovery: &Discovery<'_>) -> Result<(), Failures> {
    let failures = given_twice(discovery).into_iter().map(|twice| {
        let Same { first, second } = twice.clusters;
        let other = second
            .context
            .as_deref()
            .map_or_else(String::new, |context| format!(" (--context {})", shell_word(&format!("!{context}"))));
        Failure::new(format!("{} and {} are one cluster: its stores would be there twice", label(first), label(second)))
            .caused_by(format!("Service `{}` has the same uid in both", twice.service))
            .hint(format!("leave one of them out{other}, or remove it from thanosctl.yaml or from the inventory"))
    });
    Failures::from_vec(failures.collect()).map_or(Ok(()), Err)
}

/// Each Service once: those that another context led to already are passed over, which is said. `identity` gives the uid
/// of a Service, where it is known, and the cluster by which it was found.
pub(super) fn each_once<T>(
    found: Vec<T>,
    identity: impl Fn(&T) -> (Option<String>, ClusterName),
    terminal: &Terminal,
) -> Vec<T> {
    let mut seen: HashMap<String, ClusterName> = HashMap::new();
    let (mut once, mut pairs) = (Vec::new(), Vec::<((ClusterName, ClusterName), usize)>::new());
    for item in found {
        let (uid, cluster) = identity(&item);
        match uid.as_ref().and_then(|uid| seen.get(uid)) {
            None => {
                seen.extend(uid.map(|uid| (uid, cluster)));
                once.push(item);
            }
            Some(first) => {
                let pair = (cluster, first.clone());
                match pairs.iter_mut().find(|(known, _)| *known == pair) {
                    Some((_, count)) => *count += 1,
                    None => pairs.push((pair, 1)),
                }
            }
        }
    }
    for ((second, first), count) in pairs {
        terminal.note(&format!(
            "note: `{second}` and `{first}` are one cluster; {} of it {} taken once, by `{first}`",
            counted(count, "Service"),
            if count == 1 { "is" } else { "are" }
        ));
    }
    once
}
