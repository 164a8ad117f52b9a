//! `patch-nodeport --undo`: Services as they were before.

use std::collections::BTreeSet;

use crate::cli::{DryRun, PatchNodeportArgs};
use crate::cluster::session::Writing;
use crate::commands::chosen::absent_failure;
use crate::commands::evidence::{Confirmed, Evidence, check_writer, confirmed, removal};
use crate::commands::plan_table::plan_table;
use crate::commands::rerun::Rerun;
use crate::commands::same::each_once;
use crate::commands::writing::{
    Connected, Underway, at_once, cluster_failure, connect, ended, may_go_on, patch_lines, readable, settled, writing,
};
use crate::commands::{CommandResult, Outcome, source};
use crate::failure::{Failure, Failures};
use crate::fleet::live::{Difference, LiveService};
use crate::fleet::nodeport::{Left, Record, UNDO_ANNOTATION, Undo, undo};
use crate::journal::{Entry, Journal};
use crate::names::ServiceRef;
use crate::settings_file::Settings;
use crate::terminal::Terminal;

/// One Service to bring back.
struct Item<'a> {
    cluster: &'a Connected,
    live: LiveService,
    record: Record,
    entry: Option<Entry>,
    undo: Undo,
    evidence: Evidence,
}

impl Item<'_> {
    fn name(&self) -> String {
        format!("{} {}", self.cluster.target.name, self.live.reference())
    }

    /// By what it is known that its spec may be brought back; to take our marks off needs no proof.
    fn evidence(&self) -> Evidence {
        if self.undo == Undo::Spec { self.evidence } else { Evidence::Journal }
    }

    /// Its type now, and the one that it gets.
    fn types(&self) -> (&str, &str) {
        let [now, before] = [self.live.spec(), self.record.spec()].map(|spec| spec["type"].as_str());
        (now.unwrap_or("ClusterIP"), before.unwrap_or("ClusterIP"))
    }

    fn left(&self) -> Option<&Left> {
        self.entry.as_ref()?.left.as_ref()
    }
}

/// Finds what was changed, shows what it would become, asks, brings it back.
///
/// # Errors
/// When a cluster cannot be read, or nothing was undone of what was wanted. A Service that cannot be brought back, because
/// somebody else changed it since (unless `--force`) or what it says of the change cannot be read, does not stop the others.
pub(super) async fn run(args: &PatchNodeportArgs, settings: &Settings, terminal: &Terminal) -> CommandResult {
    let journal = Journal::locate(args.writing.journal.as_deref())?;
    let fleet = source::fleet(&args.clusters, settings, terminal).await?;
    fleet.log_in(|_| true, terminal).await;
    let connected = connect(&fleet, |_| true, &args.clusters, settings).await;
    let (connected, first) = readable(connected, &args.writing, terminal)?;
    let finding = connected.iter().map(|cluster| changed_in(cluster, args, &journal));
    let (found, second) = readable(at_once(finding, &args.clusters).await, &args.writing, terminal)?;
    let outcome = if first == Outcome::Done { second } else { first };

    let (mut items, mut failures) = (Vec::new(), Vec::new());
    let found: Vec<(&Connected, LiveService)> = found.into_iter().flatten().collect();
    let identity =
        |(cluster, live): &(&Connected, LiveService)| (Some(live.uid().to_owned()), cluster.target.name.clone());
    for (cluster, live) in each_once(found, identity, terminal) {
        match item(cluster, live, args, &journal, terminal) {
            Ok(item) => items.extend(item),
            Err(failure) => failures.push(failure),
        }
    }
    let outcome = settled(failures, items.is_empty(), outcome, terminal)?;
    if items.is_empty() {
        if args.services.is_empty() {
            terminal.note("nothing to undo: no Service there was changed by thanosctl");
        }
        return Ok(outcome);
    }
    let shown = show(&items, args.show_patch, terminal.message_width());
    if args.writing.dry_run == Some(DryRun::Client) {
        terminal.lines_of_names(&shown)?;
        return Ok(outcome);
    }
    if args.writing.dry_run == Some(DryRun::Server) {
        return server_dry_run(args, &items, &shown, outcome, terminal).await;
    }
    terminal.tell(&shown);
    let by_annotation = |item: &Item<'_>| {
        let (now, before) = item.types();
        format!("bring {} back as its annotation says, {now} → {before}?", item.name())
    };
    let Confirmed { items, declined, failures } =
        confirmed(items, Item::evidence, by_annotation, &args.writing, terminal).await;
    if items.is_empty() {
        return if declined { Ok(Outcome::Declined) } else { ended(0, failures, outcome, terminal) };
    }
    let outcome = settled(failures, false, outcome, terminal)?;
    let question = match &items[..] {
        [item] => format!("bring {} back to how it was?", item.name()),
        _ => format!("bring {} Services back to how they were?", items.len()),
    };
    if !may_go_on(&question, &args.writing, terminal).await? {
        return Ok(Outcome::Declined);
    }
    let underway = Underway::begin(terminal, "interrupted: the same command finishes what is left to undo".to_owned());
    // One after the other in each cluster, all clusters at once.
    let bringing = connected.iter().map(|cluster| async {
        let mut results = Vec::new();
        for item in items.iter().filter(|item| std::ptr::eq(item.cluster, cluster)) {
            results.push(bring_back(item, args, &journal, terminal).await);
        }
        results
    });
    let results = at_once(bringing, &args.clusters).await;
    underway.end();
    let (mut done, mut failures) = (0, Vec::new());
    for result in results.into_iter().flatten() {
        match result {
            Ok(()) => done += 1,
            Err(failure) => failures.push(failure),
        }
    }
    ended(done, failures, outcome, terminal)
}

/// The Services of a cluster that were named, or that carry our mark or have an entry in the journal.
async fn changed_in<'a>(
    cluster: &'a Connected,
    args: &PatchNodeportArgs,
    journal: &Journal,
) -> Result<Vec<(&'a Connected, LiveService)>, Failure> {
    let failed = |error: Box<_>| cluster_failure(&cluster.target, &error);
    let mut found = Vec::new();
    if args.services.is_empty() {
        let (namespace, selector) = (args.clusters.namespace.as_deref(), args.clusters.selector.as_deref());
        let marked = |live: &LiveService| live.annotation(UNDO_ANNOTATION).is_some() || journal.names(live);
        found = cluster.session.services(namespace, selector, marked).await.map_err(failed)?;
    } else {
        let names: BTreeSet<&ServiceRef> = args.services.iter().collect();
        for name in names {
            match cluster.session.get(name).await.map_err(failed)? {
                Some(live) => found.push(live),
                None => {
                    return Err(absent_failure(cluster, name, &args.clusters));
                }
            }
        }
    }
    found.sort_by_key(LiveService::reference);
    Ok(found.into_iter().map(|live| (cluster, live)).collect())
}

/// What there is to undo on one Service; `None` when there is nothing.
fn item<'a>(
    cluster: &'a Connected,
    live: LiveService,
    args: &PatchNodeportArgs,
    journal: &Journal,
    terminal: &Terminal,
) -> Result<Option<Item<'a>>, Failure> {
    let name = cluster.name_of(&live.reference());
    // What the Service says of itself does not count where the journal knows better.
    if let Some(entry) = journal.entry_of(&live, &cluster.place())? {
        let undo = match undo(&live, &entry.record, entry.left.as_ref()) {
            Err(changed) if args.writing.force => {
                let changed = list(&changed);
                terminal.warning(&format!("{name} was changed by somebody else since, which is lost: {changed}"));
                Undo::Spec
            }
            undo => undo.map_err(|changed| changed_since(&name, &changed))?,
        };
        let record = entry.record.clone();
        return Ok(Some(Item { cluster, live, record, entry: Some(entry), undo, evidence: Evidence::Journal }));
    }
    let Some(record) = Record::on(&live) else {
        terminal.note(&format!("{name} was not changed by thanosctl: nothing to undo"));
        return Ok(None);
    };
    let unusable = |reason: String| {
        let removal = removal(&args.clusters, cluster, &live.reference(), UNDO_ANNOTATION);
        Failure::new(format!("{name} cannot be brought back")).caused_by(reason).hint(format!(
            "bring it back by hand, in its chart or its manifest; to take the annotation away:\n{removal}"
        ))
    };
    let record = record.map_err(unusable)?;
    check_writer(
        cluster,
        &live,
        UNDO_ANNOTATION,
        &[&["f:metadata", "f:annotations", UNDO_FIELD]],
        (&args.clusters, &args.writing),
    )?;
    let confined = record.confined(&live, &args.writing.field_manager).map_err(unusable)?;
    let undo = match undo(&live, &record, None) {
        Err(changed) if args.writing.force => {
            let changed = list(&changed);
            terminal.warning(&format!("{name} is not as its annotation says, and only its type changes: {changed}"));
            Undo::Spec
        }
        undo => undo.map_err(|changed| changed_since(&name, &changed))?,
    };
    let undo = if undo == Undo::Spec && confined.spec() == live.spec() { Undo::Marks } else { undo };
    Ok(Some(Item { cluster, live, record: confined, entry: None, undo, evidence: Evidence::Annotation }))
}

/// The annotation as `fieldsV1` names it.
const UNDO_FIELD: &str = "f:thanosctl.io/undo";

fn changed_since(name: &str, changed: &[Difference]) -> Failure {
    Failure::new(format!("{name} is not brought back: somebody else changed it since"))
        .caused_by(list(changed))
        .hint("if that may be lost: --undo --force; if that is how it shall be, leave it")
}

fn list(changed: &[Difference]) -> String {
    changed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn show(items: &[Item<'_>], patches: bool, width: u16) -> String {
    let rows = items.iter().map(|item| {
        let (now, before) = item.types();
        let change = match item.undo {
            Undo::Spec if item.evidence == Evidence::Annotation => {
                let kept = if now == before { "its node ports".to_owned() } else { format!("{now} → {before}") };
                format!("{kept}{}", item.evidence.remark())
            }
            Undo::Spec if now == before => "spec as it was before".to_owned(),
            Undo::Spec => format!("{now} → {before}, spec as it was before"),
            Undo::Marks => "none: only our marks go".to_owned(),
            Undo::MarksOfOwner => format!("none: its owner made it {now} again, and only our marks go"),
        };
        vec![item.cluster.target.name.to_string(), item.live.reference().to_string(), change]
    });
    let mut text = plan_table(&["CLUSTER", "SERVICE", "CHANGE"], rows.collect(), width);
    for item in items.iter().filter(|item| patches && item.undo == Undo::Spec) {
        text.push_str(&patch_lines(&item.name(), &item.record.restore(&item.live)));
    }
    text
}

async fn server_dry_run(
    args: &PatchNodeportArgs,
    items: &[Item<'_>],
    shown: &str,
    outcome: Outcome,
    terminal: &Terminal,
) -> CommandResult {
    terminal.lines_of_names(shown)?;
    let mut failures = Vec::new();
    for item in items.iter().filter(|item| item.undo == Undo::Spec) {
        let (service, patch) = (item.live.reference(), item.record.restore(&item.live));
        match item.cluster.session.patch(&service, &patch, writing(&args.writing, true)).await {
            Ok(_) => terminal.note(&format!("{}: the API server would take it", item.name())),
            Err(error) => failures.push(item.cluster.failed("would not be brought back", &service, &error)),
        }
    }
    Failures::from_vec(failures).map_or(Ok(outcome), Err)
}

/// The spec first, then the marks; the journal last, since until then it may be needed.
async fn bring_back(
    item: &Item<'_>,
    args: &PatchNodeportArgs,
    journal: &Journal,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let (cluster, service) = (item.cluster, item.live.reference());
    let mut live = item.live.clone();
    let manager = Writing { field_manager: item.record.field_manager(), dry_run: false };
    if item.undo == Undo::Spec {
        let sent = cluster.session.patch(&service, &item.record.restore(&live), manager).await;
        let written = sent.map_err(|error| {
            let failure = cluster.failed("was not brought back", &service, &error);
            match error.refusal() {
                Some(refusal) if refusal.status == http::StatusCode::CONFLICT => {
                    failure.hint("somebody changed it meanwhile; run this again to see what there is to undo now")
                }
                Some(refusal) if refusal.words().contains("already allocated") => failure.hint(format!(
                    "somebody took its old node port meanwhile; see who in\n{}",
                    Rerun::of(&args.clusters).kubectl_in(&["get", "services", "-A"], Some(&cluster.target.context))
                )),
                _ => failure,
            }
        })?;
        written.warnings.iter().for_each(|warning| terminal.warning(&format!("{}: {warning}", item.name())));
        live = written.service;
    }
    // As it was before our own first request, which takes from others what it brings back.
    let untouched = item.record.is_untouched(&item.live, item.left());
    let before = item.entry.as_ref().filter(|_| untouched).map(|entry| entry.managed_fields.as_slice());
    let marks = item.record.clear(&live, before);
    let cleared = cluster.session.patch(&service, &marks, manager).await;
    cleared.map_err(|error| {
        cluster
            .failed("was brought back, but our marks are still on it", &service, &error)
            .hint("run this again: it takes them away")
    })?;
    journal.forget(&live)?;
    terminal.note(&format!("{} is as it was before", item.name()));
    Ok(())
}
