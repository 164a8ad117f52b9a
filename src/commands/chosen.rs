//! Which Services a command that changes clusters is about: those that were named, in every chosen cluster, or what it
//! finds in them.

use super::rerun::Rerun;
use super::same::each_once;
use super::source::Fleet;
use super::writing::{Connected, at_once, cluster_failure, connect, readable};
use super::{Outcome, nothing_found, shortfall_failure};
use crate::cli::{ClusterArgs, DryRun, WritingArgs};
use crate::cluster::gather::Target;
use crate::failure::{Failure, Failures};
use crate::fleet::discovery::{Discovery, Shortfall};
use crate::fleet::inventory::{Cluster, Inventory, Observed, Service};
use crate::fleet::live::LiveService;
use crate::names::{ClusterName, ServiceRef};
use crate::settings_file::Settings;
use crate::terminal::Terminal;

/// Which Services of which cluster.
pub(super) type Chosen = Vec<(ClusterName, Vec<ServiceRef>)>;

/// An inventory shows what would be done; it takes no changes.
///
/// # Errors
/// When a change is asked for.
pub(super) fn refuse_changes(args: &WritingArgs) -> Result<(), Failure> {
    if !args.yes && args.dry_run != Some(DryRun::Server) {
        return Ok(());
    }
    Err(Failure::new("an inventory can be planned on, but nothing can be changed through it")
        .hint("leave --inventory out to ask the clusters themselves, or --yes and --dry-run server to see the plan"))
}

/// These Services in every cluster of an inventory.
pub(super) fn named_in_inventory(inventory: &Inventory, services: &[ServiceRef]) -> Chosen {
    let asked = inventory.clusters.iter().filter(|cluster| cluster.fixed_endpoints.is_empty());
    asked.map(|cluster| (cluster.name.clone(), distinct(services))).collect()
}

/// These Services in every cluster that can be asked.
///
/// # Errors
/// When there is none.
pub(super) fn named_in_all(fleet: &Fleet, services: &[ServiceRef]) -> Result<Chosen, Failure> {
    if fleet.targets.is_empty() {
        return Err(Failure::new("no cluster of the settings can be asked: all of them have fixed endpoints")
            .hint("choose clusters with --context"));
    }
    Ok(fleet.targets.iter().map(|target| (target.name.clone(), distinct(services))).collect())
}

fn distinct(services: &[ServiceRef]) -> Vec<ServiceRef> {
    let mut wanted: Vec<ServiceRef> = Vec::new();
    for service in services {
        if !wanted.contains(service) {
            wanted.push(service.clone());
        }
    }
    wanted
}

/// Adds a Service of a cluster.
pub(super) fn choose(chosen: &mut Chosen, cluster: &ClusterName, service: ServiceRef) {
    match chosen.iter_mut().find(|(name, _)| name == cluster) {
        Some((_, services)) if services.contains(&service) => {}
        Some((_, services)) => services.push(service),
        None => chosen.push((cluster.clone(), vec![service])),
    }
}

/// Whether a discovery is one to work on: clusters that could not be read stop it, or are left out with
/// `--allow-partial`.
///
/// # Errors
/// When nothing could be read, or nothing was found in what could.
pub(super) fn workable(
    discovery: &Discovery<'_>,
    clusters: &ClusterArgs,
    args: &WritingArgs,
    terminal: &Terminal,
) -> Result<Outcome, Failures> {
    let unreadable: Vec<_> = discovery
        .shortfalls()
        .iter()
        .filter(|shortfall| matches!(shortfall, Shortfall::Cluster { .. }))
        .map(|shortfall| Err(shortfall_failure(shortfall, Rerun::of(clusters))))
        .collect();
    let any = discovery.clusters.iter().filter(|cluster| cluster.services.is_ok()).map(|_| Ok(()));
    let (_, outcome) = readable(any.chain(unreadable).collect(), args, terminal)?;
    if !discovery.clusters.iter().flat_map(|cluster| cluster.services.iter().flatten()).any(|service| service.feeds) {
        return Err(nothing_found(discovery, Rerun::of(clusters)).into());
    }
    Ok(outcome)
}

/// What an inventory recorded of the chosen Services, each once.
///
/// # Errors
/// When it has no such Service, or could not read the cluster.
pub(super) fn recorded<'a>(
    inventory: &'a Inventory,
    chosen: &Chosen,
    terminal: &Terminal,
) -> Result<Vec<(&'a Cluster, &'a Observed, &'a Service)>, Failures> {
    let (mut found, mut failures) = (Vec::<(&'a Cluster, &'a Observed, &'a Service)>::new(), Vec::new());
    for (name, services) in chosen {
        let cluster =
            inventory.clusters.iter().find(|cluster| cluster.name == *name).expect("it was chosen from there");
        let observed = match &cluster.observed {
            Ok(observed) => observed,
            Err(reason) => {
                failures.push(Failure::new(format!("cluster `{name}` could not be read")).caused_by(&reason.cause));
                continue;
            }
        };
        for wanted in services {
            match observed.services.iter().find(|service| service.reference() == *wanted) {
                Some(service) => found.push((cluster, observed, service)),
                None => failures.push(
                    Failure::new(format!("the inventory has no Service `{wanted}` of cluster `{name}`"))
                        .hint("an inventory holds those that offer a StoreAPI; ask the cluster itself about others"),
                ),
            }
        }
    }
    let found = each_once(found, |(cluster, _, service)| (service.uid.clone(), cluster.name.clone()), terminal);
    Failures::from_vec(failures).map_or(Ok(found), Err)
}

/// The chosen Services as they are now, each with the cluster that it is of, as an index; and the connections to those
/// clusters. `before` is how the choosing ended.
///
/// # Errors
/// When a cluster cannot be read, or has no such Service.
pub(super) async fn live(
    fleet: &Fleet,
    (chosen, before): (Chosen, Outcome),
    (clusters, writing): (&ClusterArgs, &WritingArgs),
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Vec<Connected>, Vec<(usize, LiveService)>, Outcome), Failures> {
    let is_chosen = |target: &Target| chosen.iter().any(|(name, _)| *name == target.name);
    fleet.log_in(is_chosen, terminal).await;
    let connected = connect(fleet, is_chosen, clusters, settings).await;
    let (connected, after) = readable(connected, writing, terminal)?;
    let reading = connected.iter().enumerate().map(|(at, cluster)| {
        let services = chosen.iter().find(|(name, _)| *name == cluster.target.name);
        read(at, cluster, services.map(|(_, services)| services.as_slice()).unwrap_or_default())
    });
    let (read, last) = readable(at_once(reading, clusters).await, writing, terminal)?;
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for (at, services) in read {
        for (wanted, live) in services {
            match live {
                Some(live) => found.push((at, live)),
                None => absent.push(absent_failure(&connected[at], &wanted, clusters)),
            }
        }
    }
    let found =
        each_once(found, |(at, live)| (Some(live.uid().to_owned()), connected[*at].target.name.clone()), terminal);
    let outcomes = [before, after, last];
    let outcome = if outcomes.contains(&Outcome::Incomplete) { Outcome::Incomplete } else { before };
    Failures::from_vec(absent).map_or(Ok((connected, found, outcome)), Err)
}

type Read = (usize, Vec<(ServiceRef, Option<LiveService>)>);

async fn read(at: usize, cluster: &Connected, services: &[ServiceRef]) -> Result<Read, Failure> {
    let mut read = Vec::new();
    for service in services {
        let live = cluster.session.get(service).await;
        let live = live.map_err(|error| match error.refusal() {
            Some(_) => cluster.failed("cannot be read", service, &error),
            None => cluster_failure(&cluster.target, &error),
        })?;
        read.push((service.clone(), live));
    }
    Ok((at, read))
}

/// A Service that a cluster does not have.
pub(super) fn absent_failure(cluster: &Connected, wanted: &ServiceRef, clusters: &ClusterArgs) -> Failure {
    let words = ["get", "services", "-n", &wanted.namespace];
    Failure::new(format!("cluster `{}` has no Service `{wanted}`", cluster.target.name)).hint(format!(
        "choose the clusters that have it with --context; the Services there are listed by\n{}",
        Rerun::of(clusters).kubectl_in(&words, Some(&cluster.target.context))
    ))
}
