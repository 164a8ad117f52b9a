//! Which Services are meant: those that were named, in every chosen cluster, or all sidecars without an outside
//! address.

use super::{Plan, Subject};
use crate::cli::PatchNodeportArgs;
use crate::commands::source::{self, Fleet};
use crate::commands::writing::{Connected, at_once, cluster_failure, connect, readable};
use crate::commands::{Outcome, nothing_found, shortfall_failure};
use crate::failure::{Failure, Failures};
use crate::model::discovery::{Discovery, Shortfall};
use crate::model::inventory::Inventory;
use crate::model::live::LiveService;
use crate::model::names::{ClusterName, ServiceRef};
use crate::model::nodeport::Wish;
use crate::model::resolve::Problem;
use crate::settings::Settings;
use crate::terminal::Terminal;

/// The plan on what an inventory recorded.
pub async fn recorded(
    args: &PatchNodeportArgs,
    wish: &Wish,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Plan, Outcome), Failures> {
    let inventory = source::inventory(&args.clusters, settings, terminal).await?;
    let (chosen, outcome) = if args.services.is_empty() {
        unreachable_sidecars(&inventory, args, settings, terminal)?
    } else {
        let named = |cluster: &crate::model::inventory::Cluster| (cluster.name.clone(), args.services.clone());
        (
            inventory.clusters.iter().filter(|cluster| cluster.fixed_endpoints.is_empty()).map(named).collect(),
            Outcome::Done,
        )
    };
    let (mut plan, mut failures) = (Plan { items: Vec::new(), rejected: Vec::new() }, Vec::new());
    for (name, services) in &chosen {
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
                Some(service) => {
                    plan.add(name, cluster.context.as_deref(), Subject::Recorded(Box::new(service.clone())), wish);
                }
                None => failures.push(
                    Failure::new(format!("the inventory has no Service `{wanted}` of cluster `{name}`"))
                        .hint("an inventory holds those that offer a StoreAPI; ask the cluster itself about others"),
                ),
            }
        }
    }
    match Failures::from_vec(failures) {
        Some(failures) => Err(failures),
        None => Ok((plan, outcome)),
    }
}

/// The plan on what the clusters say now, with the connections to those that have a part in it.
pub async fn live(
    args: &PatchNodeportArgs,
    wish: &Wish,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Vec<Connected>, Plan, Outcome), Failures> {
    let fleet = source::fleet(&args.clusters, settings, terminal)?;
    let (chosen, before) = if args.services.is_empty() {
        let inventory = Inventory { clusters: source::ask(&fleet, &args.clusters, terminal).await };
        unreachable_sidecars(&inventory, args, settings, terminal)?
    } else {
        named_in_all(&fleet, &args.services)?
    };
    let connected =
        connect(&fleet, |target| chosen.iter().any(|(name, _)| *name == target.name), &args.clusters, settings);
    let (connected, mut outcome) = readable(connected.await, &args.writing, terminal)?;
    if before == Outcome::Incomplete {
        outcome = before;
    }
    let reading = connected.iter().map(|cluster| {
        let services = chosen.iter().find(|(name, _)| *name == cluster.target.name);
        read(cluster, services.map(|(_, services)| services.as_slice()).unwrap_or_default())
    });
    let (read, after) = readable(at_once(reading, &args.clusters).await, &args.writing, terminal)?;
    if after == Outcome::Incomplete {
        outcome = after;
    }
    let (mut plan, mut absent) = (Plan { items: Vec::new(), rejected: Vec::new() }, Vec::new());
    for (name, services) in read {
        let cluster = connected.iter().find(|cluster| cluster.target.name == name).expect("it was read by it");
        for (wanted, live) in services {
            match live {
                Some(live) => plan.add(&name, Some(&cluster.target.context), Subject::Live(Box::new(live)), wish),
                None => absent.push(Failure::new(format!("cluster `{name}` has no Service `{wanted}`")).hint(format!(
                    "choose the clusters that have it with --context; the Services there are listed by\n\
                         kubectl get services -n {}{}",
                    wanted.namespace,
                    cluster.flag()
                ))),
            }
        }
    }
    match Failures::from_vec(absent) {
        Some(failures) => Err(failures),
        None => Ok((connected, plan, outcome)),
    }
}

/// Which Services of which cluster.
type Chosen = Vec<(ClusterName, Vec<ServiceRef>)>;

fn named_in_all(fleet: &Fleet, services: &[ServiceRef]) -> Result<(Chosen, Outcome), Failure> {
    if fleet.targets.is_empty() {
        return Err(Failure::new("no cluster of the settings can be asked: all of them have fixed endpoints")
            .hint("choose clusters with --context"));
    }
    let mut wanted: Vec<ServiceRef> = Vec::new();
    for service in services {
        if !wanted.contains(service) {
            wanted.push(service.clone());
        }
    }
    Ok((fleet.targets.iter().map(|target| (target.name.clone(), wanted.clone())).collect(), Outcome::Done))
}

type Read = (ClusterName, Vec<(ServiceRef, Option<LiveService>)>);

async fn read(cluster: &Connected, services: &[ServiceRef]) -> Result<Read, Failure> {
    let mut read = Vec::new();
    for service in services {
        let live = cluster.session.get(service).await;
        let live = live.map_err(|error| match error.refusal() {
            Some(_) => cluster.failed("cannot be read", service, &error),
            None => cluster_failure(&cluster.target, &error),
        })?;
        read.push((service.clone(), live));
    }
    Ok((cluster.target.name.clone(), read))
}

/// The sidecars that a querier outside cannot reach because of what kind of Service they are. Those whose address is
/// missing for another reason, such as nodes that are not ready, are told: changing the type would not help them.
fn unreachable_sidecars(
    inventory: &Inventory,
    args: &PatchNodeportArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Chosen, Outcome), Failures> {
    let discovery = Discovery::conclude(inventory, &settings.fleet_policy());
    let shortfalls = discovery.shortfalls();
    let unreadable: Vec<_> = shortfalls
        .iter()
        .filter(|shortfall| matches!(shortfall, Shortfall::Cluster { .. }))
        .map(|shortfall| Err(shortfall_failure(shortfall)))
        .collect();
    let any = discovery.clusters.iter().filter(|cluster| cluster.services.is_ok()).map(|_| Ok(()));
    let (_, outcome) = readable(any.chain(unreadable).collect(), &args.writing, terminal)?;
    if !discovery.clusters.iter().flat_map(|cluster| cluster.services.iter().flatten()).any(|service| service.feeds) {
        return Err(nothing_found(&discovery).into());
    }
    let mut chosen: Chosen = Vec::new();
    for shortfall in &shortfalls {
        let Shortfall::Service { origin, problem, .. } = shortfall else { continue };
        let Some(service) = &origin.service else { continue };
        if !(problem.is_structural() || matches!(problem, Problem::Pending { .. })) {
            terminal.warning(&format!("{origin}: {problem}; another type would not help"));
            continue;
        }
        match chosen.iter_mut().find(|(name, _)| *name == origin.cluster) {
            Some((_, services)) => services.push(service.clone()),
            None => chosen.push((origin.cluster.clone(), vec![service.clone()])),
        }
    }
    if chosen.is_empty() {
        terminal.note("nothing to do: no sidecar lacks an outside address because of its type");
    }
    Ok((chosen, outcome))
}
