//! `patch-nodeport`: Services to NodePort, planned, confirmed, verified, undoable.

mod apply;
mod choose;
mod show;
mod undo;

use super::chosen;
use super::writing::{self, Connected, Underway, at_once, ended, may_go_on};
use super::{CommandResult, Outcome};
use crate::cli::{DryRun, PatchNodeportArgs};
use crate::failure::{Failure, Failures};
use crate::fleet::inventory::{Listing, Node, Service};
use crate::fleet::live::LiveService;
use crate::fleet::nodeport::{Decision, Record, Refused, Wish, decide, refuse_without_nodes};
use crate::fleet::ownership::{Owner, Signs, owners};
use crate::journal::Journal;
use crate::names::ClusterName;
use crate::settings_file::Settings;
use crate::terminal::Terminal;

/// One Service of the plan.
struct Item {
    cluster: ClusterName,
    /// By which context its cluster is asked; `None` when the plan is made offline.
    context: Option<String>,
    service: Service,
    /// The Service as the API server keeps it; `None` when the plan is made offline.
    live: Option<LiveService>,
    owners: Vec<Owner>,
    decision: Decision,
}

impl Item {
    fn is_change(&self) -> bool {
        matches!(self.decision, Decision::Change(_))
    }
}

/// A Service that the plan leaves as it is, though a change was wanted.
struct Rejected {
    cluster: ClusterName,
    context: Option<String>,
    service: Service,
    reason: Refused,
}

/// What is to be done, Service by Service, in the order of the clusters.
struct Plan {
    items: Vec<Item>,
    rejected: Vec<Rejected>,
}

impl Plan {
    fn add(
        &mut self,
        (cluster, context): (&ClusterName, Option<&str>),
        subject: Subject,
        nodes: &Listing<Node>,
        wish: &Wish,
    ) {
        let (service, signs, live) = match subject {
            Subject::Live(live) => (live.facts().clone(), Signs::of_object(live.object()), Some(*live)),
            Subject::Recorded(service) => {
                let signs = Signs::of_service(&service);
                (*service, signs, None)
            }
        };
        let (cluster, context, owners) = (cluster.clone(), context.map(str::to_owned), owners(&signs));
        let decided = decide(&service, &owners, wish).and_then(|decision| {
            refuse_without_nodes(nodes.items().unwrap_or_default(), &decision, wish).map(|()| decision)
        });
        match decided {
            Ok(decision) => self.items.push(Item { cluster, context, service, live, owners, decision }),
            Err(reason) => self.rejected.push(Rejected { cluster, context, service, reason }),
        }
    }

    /// Takes those changes out of which `chosen`, in their order, says no.
    fn keep(&mut self, chosen: &[bool]) {
        let mut chosen = chosen.iter();
        self.items.retain(|item| !item.is_change() || chosen.next().is_none_or(|chosen| *chosen));
    }

    fn changes(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.is_change())
    }

    /// A node port leads to one Service of a cluster, so it cannot be taken for two.
    fn refuse_shared_numbers(&self) -> Result<(), Failure> {
        let mut taken: Vec<(&ClusterName, u16, &Service)> = Vec::new();
        for item in self.changes() {
            let Decision::Change(change) = &item.decision else { continue };
            for number in change.ports.iter().filter_map(|port| port.wanted) {
                let same = |(cluster, other, service): &&(&ClusterName, u16, &Service)| {
                    *cluster == &item.cluster && *other == number && !std::ptr::eq(*service, &item.service)
                };
                if let Some((_, _, other)) = taken.iter().find(same) {
                    return Err(Failure::new(format!(
                        "cluster `{}`: node port {number} is wanted for `{}` and for `{}`",
                        item.cluster,
                        other.reference(),
                        item.service.reference()
                    ))
                    .hint("a node port leads to one Service; change them one at a time"));
                }
                taken.push((&item.cluster, number, &item.service));
            }
        }
        Ok(())
    }
}

/// A Service to decide on.
enum Subject {
    Live(Box<LiveService>),
    Recorded(Box<Service>),
}

/// Reads, decides, shows, asks, changes, reads back, prints.
///
/// # Errors
/// When a cluster cannot be read, a Service that was named cannot be changed, or nothing was done of what was wanted.
pub async fn run(args: &PatchNodeportArgs, terminal: &Terminal) -> CommandResult {
    let settings = Settings::load(args.clusters.config.as_deref())?;
    settings.warnings.iter().for_each(|warning| terminal.warning(warning));
    if args.undo {
        return undo::run(args, &settings, terminal).await;
    }
    let wish = Wish {
        port: args.port.clone(),
        node_ports: args.node_port.clone(),
        replace_load_balancer: args.replace_loadbalancer || args.writing.force,
        force: args.writing.force,
    };
    if args.output.is_some() && args.clusters.inventory.is_empty() && args.writing.dry_run != Some(DryRun::Client) {
        return Err(Failure::new("a plan is printed instead of being carried out, and this would carry it out")
            .hint("add --dry-run client to print it, or leave --output out")
            .into());
    }
    if args.clusters.inventory.is_empty() {
        live(args, &wish, &settings, terminal).await
    } else {
        offline(args, &wish, &settings, terminal).await
    }
}

/// The plan alone: there is nobody to send it to.
async fn offline(args: &PatchNodeportArgs, wish: &Wish, settings: &Settings, terminal: &Terminal) -> CommandResult {
    chosen::refuse_changes(&args.writing)?;
    let (plan, outcome) = choose::recorded(args, wish, settings, terminal).await?;
    let outcome = settle(args, &plan, outcome, terminal)?;
    print(args, &plan, terminal)?;
    Ok(outcome)
}

/// The plan on stdout, for people or as a document, and what makes it last.
fn print(args: &PatchNodeportArgs, plan: &Plan, terminal: &Terminal) -> Result<(), Failure> {
    match args.output {
        Some(format) => terminal.data(&show::document(plan, args, format))?,
        None => terminal.lines_of_names(&show::plan(plan, args, terminal.message_width()))?,
    }
    terminal.tell(&show::advice(plan, terminal.message_width()));
    Ok(())
}

async fn live(args: &PatchNodeportArgs, wish: &Wish, settings: &Settings, terminal: &Terminal) -> CommandResult {
    let (connected, mut plan, outcome) = choose::live(args, wish, settings, terminal).await?;
    let outcome = settle(args, &plan, outcome, terminal)?;
    match args.writing.dry_run {
        Some(DryRun::Client) => {
            print(args, &plan, terminal)?;
            return Ok(outcome);
        }
        Some(DryRun::Server) => return server_dry_run(args, &connected, &plan, outcome, terminal).await,
        None => {}
    }
    let mut journal = None;
    if plan.changes().next().is_some() {
        terminal.tell(&show::plan(&plan, args, terminal.message_width()));
        terminal.tell(&show::advice(&plan, terminal.message_width()));
        journal = Some(Journal::locate(args.writing.journal.as_deref())?);
        let labels: Vec<String> = plan.changes().map(show::label).collect();
        let Some(chosen) = writing::chosen(&labels, &args.writing, terminal).await else {
            return Ok(Outcome::Declined);
        };
        plan.keep(&chosen);
        if !may_go_on(&question(&plan), &args.writing, terminal).await? {
            return Ok(Outcome::Declined);
        }
    }
    let mut done: Vec<Option<LiveService>> = plan.items.iter().map(|_| None).collect();
    let mut failures = Vec::new();
    if let Some(journal) = &journal {
        let underway = Underway::begin(
            terminal,
            format!(
                "interrupted: some Services may have been changed; see and finish it by the same command, or take it \
                 back with --undo; the journal is in {}",
                journal.folder().display()
            ),
        );
        let job = apply::Job { args, wish, journal, terminal };
        let results = at_once(connected.iter().map(|cluster| job.change_all(cluster, &plan)), &args.clusters).await;
        underway.end();
        for (at, result) in results.into_iter().flatten() {
            match result {
                Ok(service) => done[at] = Some(service),
                Err(failure) => failures.push(failure),
            }
        }
        show::done(&plan, &done, args, journal, terminal);
    }
    for (item, done) in plan.items.iter().zip(&mut done) {
        match item.decision {
            Decision::Open => terminal.note(&format!("{} is NodePort already", show::name(item))),
            Decision::Balanced => terminal.note(&format!(
                "{} is a LoadBalancer, and its node ports are open already; it stays one (--replace-loadbalancer)",
                show::name(item)
            )),
            Decision::Change(_) => continue,
        }
        done.clone_from(&item.live);
    }
    let (addresses, unknown) = show::addresses(args, wish, &connected, &plan, &done).await;
    terminal.lines_of_names(&addresses)?;
    failures.extend(unknown);
    terminal.tell(&show::advice_with_numbers(&plan, &done, terminal.message_width()));
    let count = done.iter().flatten().count();
    ended(count, failures, outcome, terminal)
}

fn question(plan: &Plan) -> String {
    let (mut services, mut clusters) = (0, Vec::new());
    for item in plan.changes() {
        services += 1;
        if !clusters.contains(&&item.cluster) {
            clusters.push(&item.cluster);
        }
    }
    let services = if services == 1 { "this Service".to_owned() } else { format!("these {services} Services") };
    match clusters[..] {
        [cluster] => format!("change {services} of cluster {cluster}?"),
        _ => format!("change {services} of {} clusters?", clusters.len()),
    }
}

/// What is wrong with the plan stops everything when Services were named: nothing is sent then. When every sidecar
/// without an address was meant, those that cannot be changed are told, and the others are.
fn settle(args: &PatchNodeportArgs, plan: &Plan, outcome: Outcome, terminal: &Terminal) -> Result<Outcome, Failures> {
    plan.refuse_shared_numbers()?;
    let failures = plan.rejected.iter().map(|rejected| show::rejected(rejected, &args.clusters)).collect();
    writing::settled(failures, !args.services.is_empty() || plan.items.is_empty(), outcome, terminal)
}

/// Has each API server check its part of the plan.
async fn server_dry_run(
    args: &PatchNodeportArgs,
    connected: &[Connected],
    plan: &Plan,
    outcome: Outcome,
    terminal: &Terminal,
) -> CommandResult {
    let writing = writing::writing(&args.writing, true);
    let checks = plan.changes().filter_map(|item| {
        let (cluster, live) = (cluster_of(connected, item)?, item.live.as_ref()?);
        let Decision::Change(change) = &item.decision else { return None };
        Some(async move {
            let patch = change.patch(Some((live, &Record::of(live, change, &args.writing.field_manager, None))));
            let service = live.reference();
            let checked = cluster.session.patch(&service, &patch, writing).await;
            checked.map_err(|error| cluster.failed("would be refused", &service, &error))
        })
    });
    let checked = at_once(checks, &args.clusters).await;
    terminal.lines_of_names(&show::plan(plan, args, terminal.message_width()))?;
    let mut failures = Vec::new();
    for (item, checked) in plan.changes().zip(checked) {
        match checked {
            Ok(written) => {
                written
                    .warnings
                    .iter()
                    .for_each(|warning| terminal.warning(&format!("{}: {warning}", show::name(item))));
                terminal.note(&format!("{}: the API server would take it", show::name(item)));
            }
            Err(failure) => failures.push(failure),
        }
    }
    if plan
        .changes()
        .any(|item| matches!(&item.decision, Decision::Change(c) if c.ports.iter().any(|p| p.wanted.is_some())))
    {
        terminal.note("note: a dry run does not tell whether a node port is inside the cluster's range");
    }
    match Failures::from_vec(failures) {
        Some(failures) => Err(failures),
        None => Ok(outcome),
    }
}

fn cluster_of<'a>(connected: &'a [Connected], item: &Item) -> Option<&'a Connected> {
    connected.iter().find(|cluster| cluster.target.name == item.cluster)
}
