//! Which Services are meant: those that were named, in every chosen cluster, or all sidecars without an outside
//! address.

use super::{Plan, Subject};
use crate::cli::PatchNodeportArgs;
use crate::commands::Outcome;
use crate::commands::chosen::{self, Chosen, choose};
use crate::commands::source;
use crate::commands::writing::{Connected, at_once};
use crate::failure::Failures;
use crate::fleet::discovery::{Discovery, Shortfall};
use crate::fleet::inventory::Inventory;
use crate::fleet::nodeport::Wish;
use crate::fleet::resolve::Problem;
use crate::settings_file::Settings;
use crate::terminal::Terminal;

/// The plan on what an inventory recorded.
pub(super) async fn recorded(
    args: &PatchNodeportArgs,
    wish: &Wish,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Plan, Outcome), Failures> {
    let inventory = source::inventory(&args.clusters, settings, terminal).await?;
    let (chosen, outcome) = if args.services.is_empty() {
        unreachable_sidecars(&inventory, args, settings, terminal)?
    } else {
        (chosen::named_in_inventory(&inventory, &args.services), Outcome::Done)
    };
    let mut plan = Plan { items: Vec::new(), rejected: Vec::new() };
    for (cluster, observed, service) in chosen::recorded(&inventory, &chosen, terminal)? {
        let of = (&cluster.name, cluster.context.as_deref());
        plan.add(of, Subject::Recorded(Box::new(service.clone())), &observed.nodes, wish);
    }
    Ok((plan, outcome))
}

/// The plan on what the clusters say now, with the connections to those that have a part in it.
pub(super) async fn live(
    args: &PatchNodeportArgs,
    wish: &Wish,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Vec<Connected>, Plan, Outcome), Failures> {
    let fleet = source::fleet(&args.clusters, settings, terminal).await?;
    let chosen = if args.services.is_empty() {
        let inventory = Inventory { clusters: source::ask(&fleet, &args.clusters, terminal).await };
        unreachable_sidecars(&inventory, args, settings, terminal)?
    } else {
        (chosen::named_in_all(&fleet, &args.services)?, Outcome::Done)
    };
    let flags = (&args.clusters, &args.writing);
    let (connected, services, outcome) = chosen::live(&fleet, chosen, flags, settings, terminal).await?;
    let mut plan = Plan { items: Vec::new(), rejected: Vec::new() };
    let nodes = at_once(connected.iter().map(|cluster| cluster.session.nodes()), &args.clusters).await;
    for (at, live) in services {
        let target = &connected[at].target;
        plan.add((&target.name, Some(&target.context)), Subject::Live(Box::new(live)), &nodes[at], wish);
    }
    Ok((connected, plan, outcome))
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
    let outcome = chosen::workable(&discovery, &args.clusters, &args.writing, terminal)?;
    let mut chosen: Chosen = Vec::new();
    for shortfall in &discovery.shortfalls() {
        let Shortfall::Service { origin, problem, .. } = shortfall else { continue };
        let Some(service) = &origin.service else { continue };
        if !(problem.is_structural() || matches!(problem, Problem::Pending { .. })) {
            let help = match problem {
                Problem::NoNodePorts { .. } => "a load balancer would help, as `expose --type LoadBalancer` makes one",
                _ => "another type would not help",
            };
            terminal.warning(&format!("{origin}: {problem}; {help}"));
            continue;
        }
        choose(&mut chosen, &origin.cluster, service.clone());
    }
    if chosen.is_empty() {
        terminal.note("nothing to do: no sidecar lacks an outside address because of its type");
    }
    Ok((chosen, outcome))
}
