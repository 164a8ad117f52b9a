//! `expose --undo`: our Services go, and nothing else.

use super::{apply, plan, show};
use crate::cli::{DryRun, ExposeArgs};
use crate::commands::evidence::{Confirmed, Evidence, confirmed, removal};
use crate::commands::plan_table::plan_table;
use crate::commands::same::each_once;
use crate::commands::writing::{Connected, Underway, at_once, connect, ended, may_go_on, readable, settled, writing};
use crate::commands::{CommandResult, Outcome, source};
use crate::failure::{Failure, Failures};
use crate::fleet::exposure::{MARK, Mark};
use crate::fleet::live::LiveService;
use crate::journal::Journal;
use crate::names::ServiceRef;
use crate::settings_file::Settings;
use crate::terminal::Terminal;

/// A Service of ours that goes.
struct Item<'a> {
    cluster: &'a Connected,
    live: LiveService,
    mark: Mark,
    evidence: Evidence,
}

impl Item<'_> {
    fn label(&self) -> String {
        format!("{} {}", self.cluster.target.name, self.live.reference())
    }
}

/// Finds ours, shows them, asks, removes them.
///
/// # Errors
/// When a cluster cannot be read, or nothing was removed of what was wanted.
pub(super) async fn run(args: &ExposeArgs, settings: &Settings, terminal: &Terminal) -> CommandResult {
    let fleet = source::fleet(&args.clusters, settings, terminal).await?;
    fleet.log_in(|_| true, terminal).await;
    let connected = connect(&fleet, |_| true, &args.clusters, settings).await;
    let (connected, first) = readable(connected, &args.writing, terminal)?;
    let journal = Journal::locate(args.writing.journal.as_deref())?;
    let finding = connected.iter().map(|cluster| ours_of(cluster, args, &journal));
    let (found, second) = readable(at_once(finding, &args.clusters).await, &args.writing, terminal)?;
    let outcome = if first == Outcome::Done { second } else { first };
    let (mut items, mut failures) = (Vec::new(), Vec::new());
    for item in found.into_iter().flatten() {
        match item {
            Ok(item) => items.push(item),
            Err(failure) => failures.push(failure),
        }
    }
    let identity = |item: &Item<'_>| (Some(item.live.uid().to_owned()), item.cluster.target.name.clone());
    let items: Vec<Item<'_>> = each_once(items, identity, terminal);
    for base in args.services.iter().filter(|base| !items.iter().any(|item| item.mark.base() == **base)) {
        if failures.is_empty() {
            terminal.note(&format!("nothing to undo: no Service there was made by thanosctl for {base}"));
        }
    }
    let outcome = settled(failures, items.is_empty(), outcome, terminal)?;
    if items.is_empty() {
        if args.services.is_empty() {
            terminal.note("nothing to undo: no Service there was made by thanosctl");
        }
        return Ok(outcome);
    }
    let shown = show(&items, terminal.message_width());
    match args.writing.dry_run {
        Some(DryRun::Client) => {
            terminal.lines_of_names(&shown)?;
            return Ok(outcome);
        }
        Some(DryRun::Server) => return server_dry_run(args, &items, &shown, outcome, terminal).await,
        None => terminal.tell(&shown),
    }
    let by_annotation = |item: &Item<'_>| format!("remove {}, as its annotation says?", item.label());
    let Confirmed { items, declined, failures } =
        confirmed(items, |item| item.evidence, by_annotation, &args.writing, terminal).await;
    if items.is_empty() {
        return if declined { Ok(Outcome::Declined) } else { ended(0, failures, outcome, terminal) };
    }
    let outcome = settled(failures, false, outcome, terminal)?;
    let question = match &items[..] {
        [item] => format!("remove {}?", item.label()),
        _ => format!("remove {} Services?", items.len()),
    };
    if !may_go_on(&question, &args.writing, terminal).await? {
        return Ok(Outcome::Declined);
    }
    let underway = Underway::begin(terminal, "interrupted: the same command removes what is left".to_owned());
    let job = apply::Job { args: &args.writing, journal: Some(&journal), terminal };
    // One after the other in each cluster, all clusters at once.
    let removing = connected.iter().map(|cluster| async {
        let mut results = Vec::new();
        for item in items.iter().filter(|item| std::ptr::eq(item.cluster, cluster)) {
            let removed = job.remove(cluster, &item.live).await;
            if removed.is_ok() {
                terminal.note(&format!("{} was removed", item.label()));
            }
            results.push(removed);
        }
        results
    });
    let results: Vec<Result<(), Failure>> = at_once(removing, &args.clusters).await.into_iter().flatten().collect();
    underway.end();
    let done = results.iter().filter(|result| result.is_ok()).count();
    ended(done, results.into_iter().filter_map(Result::err).collect(), outcome, terminal)
}

/// A Service of ours, or why one that says so is left as it is.
type Found<'a> = Result<Item<'a>, Failure>;

async fn ours_of<'a>(cluster: &'a Connected, args: &ExposeArgs, journal: &Journal) -> Result<Vec<Found<'a>>, Failure> {
    let mut found = Vec::new();
    if args.services.is_empty() {
        let (namespace, selector) = (args.clusters.namespace.as_deref(), args.clusters.selector.as_deref());
        found = plan::ours_in(cluster, namespace, selector).await?;
    } else {
        let mut namespaces: Vec<&str> = args.services.iter().map(|base| base.namespace.as_str()).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        for namespace in namespaces {
            found.extend(plan::ours_in(cluster, Some(namespace), None).await?);
        }
    }
    found.sort_by_key(LiveService::reference);
    let is_meant = |live: &LiveService| args.services.is_empty() || args.services.contains(&base_of(live));
    let item = |live: LiveService| {
        let mark = Mark::on(live.facts()).ok_or_else(|| unreadable(cluster, args, &live))?;
        let evidence = plan::evidence(cluster, &live, &mark, journal, (&args.clusters, &args.writing))?;
        Ok(Item { cluster, live, mark, evidence })
    };
    Ok(found.into_iter().filter(|live| !live.facts().deleting && is_meant(live)).map(item).collect())
}

/// For which Service one was made, as its label says: its annotation may be one that cannot be read.
fn base_of(live: &LiveService) -> ServiceRef {
    ServiceRef { namespace: live.reference().namespace, name: live.label(MARK).unwrap_or_default().to_owned() }
}

fn unreadable(cluster: &Connected, args: &ExposeArgs, live: &LiveService) -> Failure {
    let name = live.reference();
    Failure::new(format!("{} is left as it is", cluster.name_of(&name)))
        .caused_by(format!("its annotation {MARK} cannot be read"))
        .hint(format!(
            "if it is to go, delete it; to take the annotation away:\n{}",
            removal(&args.clusters, cluster, &name, MARK)
        ))
}

fn show(items: &[Item<'_>], width: u16) -> String {
    let rows = items.iter().map(|item| {
        let service = item.live.facts();
        vec![
            item.cluster.target.name.to_string(),
            service.reference().to_string(),
            format!("remove{}", item.evidence.remark()),
            format!("{:?}", service.service_type),
            show::purpose(&item.mark.base(), item.mark.pod.as_deref()),
        ]
    });
    let mut text = plan_table(&["CLUSTER", "SERVICE", "ACTION", "TYPE", "FOR"], rows.collect(), width);
    items.iter().for_each(|item| text.push_str(&show::delete_lines(&item.label(), &item.live)));
    text
}

async fn server_dry_run(
    args: &ExposeArgs,
    items: &[Item<'_>],
    shown: &str,
    outcome: Outcome,
    terminal: &Terminal,
) -> CommandResult {
    terminal.lines_of_names(shown)?;
    let mut failures = Vec::new();
    for item in items {
        match item.cluster.session.delete(&item.live, writing(&args.writing, true)).await {
            Ok(()) => terminal.note(&format!("{}: the API server would take it", item.label())),
            Err(error) => {
                failures.push(item.cluster.failed("would not be removed", &item.live.reference(), &error));
            }
        }
    }
    Failures::from_vec(failures).map_or(Ok(outcome), Err)
}
