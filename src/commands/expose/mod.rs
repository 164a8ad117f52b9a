//! `expose`: Services of our own beside headless ones, or one for each replica behind one address.

mod apply;
mod plan;
mod show;
mod undo;

use super::evidence::confirmed;
use super::writing::{self, Connected, Underway, at_once, ended, may_go_on};
use super::{CommandResult, Outcome, chosen};
use crate::cli::{DryRun, ExposeArgs, ExposeType};
use crate::failure::{Failure, Failures};
use crate::fleet::exposure::{Action, Split, Wish};
use crate::fleet::inventory::ServiceType;
use crate::journal::Journal;
use crate::settings_file::Settings;
use crate::terminal::Terminal;
use plan::{Item, Plan};

/// Reads, decides, shows, asks, makes, reads back, prints.
///
/// # Errors
/// When a cluster cannot be read, a Service that was named cannot be exposed, or nothing was done of what was wanted.
pub async fn run(args: &ExposeArgs, terminal: &Terminal) -> CommandResult {
    let settings = Settings::load(args.clusters.config.as_deref())?;
    settings.warnings.iter().for_each(|warning| terminal.warning(warning));
    if args.undo {
        return undo::run(args, &settings, terminal).await;
    }
    let wish = wish(args);
    if !args.clusters.inventory.is_empty() {
        return offline(args, &wish, &settings, terminal).await;
    }
    if args.output.is_some() && args.writing.dry_run != Some(DryRun::Client) {
        return Err(Failure::new("manifests are printed instead of being sent, and this would send them")
            .hint("add --dry-run client to print them, or leave --output out to send them")
            .into());
    }
    live(args, &wish, &settings, terminal).await
}

fn wish(args: &ExposeArgs) -> Wish {
    let split = if args.per_replica { Some(Split::PerReplica) } else { None };
    Wish {
        service_type: args.service_type.map(|service_type| match service_type {
            ExposeType::NodePort => ServiceType::NodePort,
            ExposeType::LoadBalancer => ServiceType::LoadBalancer,
        }),
        split: if args.one_for_all { Some(Split::OneForAll) } else { split },
        node_port: args.node_port.clone(),
        port: args.port.clone(),
        force: args.writing.force,
    }
}

/// The plan alone: there is nobody to send it to.
async fn offline(args: &ExposeArgs, wish: &Wish, settings: &Settings, terminal: &Terminal) -> CommandResult {
    chosen::refuse_changes(&args.writing)?;
    let (plan, outcome) = plan::recorded(args, wish, settings, terminal).await?;
    let outcome = settle(args, wish, &plan, outcome, terminal)?;
    print(args, &plan, terminal)?;
    Ok(outcome)
}

/// What else there is to know, where no plan is shown that tells it.
fn warn_of_remarks(plan: &Plan, terminal: &Terminal) {
    for exposed in &plan.exposed {
        for remark in &exposed.remarks {
            terminal.warning(&format!("{} {}: {remark}", exposed.cluster, exposed.base.reference()));
        }
    }
}

/// The plan, or its manifests, on stdout.
fn print(args: &ExposeArgs, plan: &Plan, terminal: &Terminal) -> Result<(), Failure> {
    match args.output {
        Some(format) => {
            warn_of_remarks(plan, terminal);
            terminal.data(&show::manifests(plan, format)?)?;
        }
        None if plan.items.is_empty() => {}
        None => terminal.lines_of_names(&show::plan(plan, terminal.message_width()))?,
    }
    terminal.tell(&show::advice(plan, terminal.message_width()));
    Ok(())
}

/// Lets who sits there take work out of the plan, and asks for the rest. Whether any is wanted.
async fn chosen(plan: &mut Plan, args: &ExposeArgs, terminal: &Terminal) -> Result<bool, Failure> {
    let labels: Vec<String> = plan.work().map(show::label).collect();
    let Some(chosen) = writing::chosen(&labels, &args.writing, terminal).await else { return Ok(false) };
    for name in plan.keep(&chosen) {
        terminal.note(&format!("left as it is: {name}, since what takes its place was not chosen"));
    }
    if plan.work().next().is_none() {
        terminal.note("nothing was changed");
        return Ok(false);
    }
    may_go_on(&question(plan), &args.writing, terminal).await
}

async fn live(args: &ExposeArgs, wish: &Wish, settings: &Settings, terminal: &Terminal) -> CommandResult {
    let (connected, mut plan, outcome) = plan::live(args, wish, settings, terminal).await?;
    let outcome = settle(args, wish, &plan, outcome, terminal)?;
    // What there is to do needs a place for the journal; what there is to see does not.
    let journal = match plan.work().next() {
        Some(_) => Some(Journal::locate(args.writing.journal.as_deref())?),
        None => None,
    };
    let stay = journal
        .as_ref()
        .map(|journal| plan.judge(&connected, journal, (&args.clusters, &args.writing)))
        .unwrap_or_default();
    let mut outcome = writing::settled(stay, false, outcome, terminal)?;
    match args.writing.dry_run {
        Some(DryRun::Client) => {
            print(args, &plan, terminal)?;
            return Ok(outcome);
        }
        Some(DryRun::Server) => return server_dry_run(args, &connected, &plan, outcome, terminal).await,
        None => {}
    }
    let mut is_work = plan.work().next().is_some();
    if is_work {
        terminal.tell(&show::plan(&plan, terminal.message_width()));
        let by_annotation = |item: &Item| format!("remove {}, as its annotation says?", item.label());
        let asked = confirmed(plan.items, Item::evidence, by_annotation, &args.writing, terminal).await;
        plan.items = asked.items;
        outcome = writing::settled(asked.failures, false, outcome, terminal)?;
        is_work = plan.work().next().is_some();
        if asked.declined && !is_work {
            return Ok(Outcome::Declined);
        }
    }
    if is_work {
        if !chosen(&mut plan, args, terminal).await? {
            return Ok(Outcome::Declined);
        }
    } else {
        warn_of_remarks(&plan, terminal);
    }
    let underway = Underway::begin(
        terminal,
        "interrupted: the same command finishes it, and --undo takes back what was made".to_owned(),
    );
    let job = apply::Job { args: &args.writing, journal: journal.as_ref(), terminal };
    let work = connected.iter().map(|cluster| job.apply(cluster, &plan));
    let results = at_once(work, &args.clusters).await;
    underway.end();
    let (mut count, mut there, mut failures) = (0, Vec::new(), Vec::new());
    for (cluster, results) in results.into_iter().enumerate() {
        for (at, result) in results {
            let item = &plan.items[at];
            match result {
                Ok(live) => {
                    count += 1;
                    note(item, terminal);
                    there.extend(live.map(|live| (cluster, item, live)));
                }
                Err(failure) => failures.push(failure),
            }
        }
    }
    there.sort_by_key(|(cluster, item, _)| (*cluster, item.step.name.clone()));
    let (addresses, unknown) = show::addresses(args, &connected, &there, terminal).await;
    terminal.lines_of_names(&addresses)?;
    failures.extend(unknown);
    if is_work {
        terminal.tell(&show::advice(&plan, terminal.message_width()));
    }
    ended(count, failures, outcome, terminal)
}

fn note(item: &Item, terminal: &Terminal) {
    let what = match &item.step.action {
        Action::Create(_) => "was made",
        Action::Change(..) => "was changed",
        Action::Remove => "was removed",
        Action::Keep(_) => return,
    };
    let purpose = show::purpose(&item.base, item.step.pod.as_deref());
    terminal.note(&format!("{} {what}, for {purpose}", item.label()));
}

fn question(plan: &Plan) -> String {
    let (mut made, mut changed, mut removed, mut clusters) = (0, 0, 0, Vec::new());
    for item in plan.work() {
        match item.step.action {
            Action::Create(_) => made += 1,
            Action::Change(..) => changed += 1,
            Action::Remove => removed += 1,
            Action::Keep(_) => {}
        }
        if !clusters.contains(&&item.cluster) {
            clusters.push(&item.cluster);
        }
    }
    let mut parts: Vec<String> = [("make", made), ("change", changed), ("remove", removed)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verb, count)| format!("{verb} {count}"))
        .collect();
    let last = parts.pop().unwrap_or_default();
    let what = if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) };
    let services = if made + changed + removed == 1 { "Service" } else { "Services" };
    match clusters[..] {
        [cluster] => format!("{what} {services} in cluster {cluster}?"),
        _ => format!("{what} {services} in {} clusters?", clusters.len()),
    }
}

/// What is wrong with the plan stops everything when Services were named: nothing is sent then. When every hidden
/// sidecar was meant, those that cannot be exposed are told, and the others are.
fn settle(
    args: &ExposeArgs,
    wish: &Wish,
    plan: &Plan,
    outcome: Outcome,
    terminal: &Terminal,
) -> Result<Outcome, Failures> {
    plan.refuse_shared_number(wish)?;
    let failures = plan.rejected.iter().map(|rejected| show::rejected(rejected, &args.clusters)).collect();
    writing::settled(failures, !args.services.is_empty() || plan.exposed.is_empty(), outcome, terminal)
}

/// Has each API server check its part of the plan.
async fn server_dry_run(
    args: &ExposeArgs,
    connected: &[Connected],
    plan: &Plan,
    outcome: Outcome,
    terminal: &Terminal,
) -> CommandResult {
    let sent = writing::writing(&args.writing, true);
    let checks = plan.work().filter_map(|item| {
        let cluster = connected.iter().find(|cluster| cluster.target.name == item.cluster)?;
        Some(async move {
            let (name, session) = (&item.step.name, &cluster.session);
            let checked = match (&item.step.action, &item.live) {
                (Action::Create(wanted), _) => session.would_create(name, &wanted.manifest(), sent.field_manager).await,
                (Action::Change(wanted, _), Some(live)) => {
                    session.patch(name, &wanted.patch(live), sent).await.map(|written| written.warnings)
                }
                (Action::Remove, Some(live)) => session.delete(live, sent).await.map(|()| Vec::new()),
                (Action::Change(..) | Action::Remove | Action::Keep(_), _) => Ok(Vec::new()),
            };
            checked.map_err(|error| cluster.failed("would be refused", name, &error))
        })
    });
    let checked = at_once(checks, &args.clusters).await;
    if !plan.items.is_empty() {
        terminal.lines_of_names(&show::plan(plan, terminal.message_width()))?;
    }
    let mut failures = Vec::new();
    for (item, checked) in plan.work().zip(checked) {
        match checked {
            Ok(warnings) => {
                warnings.iter().for_each(|warning| terminal.warning(&format!("{}: {warning}", item.label())));
                terminal.note(&format!("{}: the API server would take it", item.label()));
            }
            Err(failure) => failures.push(failure),
        }
    }
    if args.node_port.is_some() {
        terminal.note("note: a dry run does not tell whether a node port is inside the cluster's range");
    }
    Failures::from_vec(failures).map_or(Ok(outcome), Err)
}
