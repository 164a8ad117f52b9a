//! What every command that changes clusters does besides: it connects, asks before it acts, and says what became of
//! each Service.

use futures::StreamExt as _;
use serde_json::Value;

use super::source::Fleet;
use super::unreadable::merged;
use super::{Outcome, unreadable_cluster};
use crate::cli::{ClusterArgs, WritingArgs};
use crate::cluster::error::ClusterError;
use crate::cluster::gather::Target;
use crate::cluster::session::{Session, Writing};
use crate::failure::{Failure, Failures};
use crate::fleet::resolve::AddressPolicy;
use crate::journal::Place;
use crate::json::to_json_line;
use crate::names::ServiceRef;
use crate::settings_file::Settings;
use crate::terminal::Terminal;
use crate::text::clean;

/// A cluster that can be spoken to.
pub(super) struct Connected {
    /// Which.
    pub target: Target,
    /// The connection.
    pub session: Session,
    /// How its Services are reached.
    pub policy: AddressPolicy,
}

impl Connected {
    /// A Service of it, as messages name it.
    pub(super) fn name_of(&self, service: &ServiceRef) -> String {
        format!("cluster `{}`: Service `{service}`", self.target.name)
    }

    /// Where its Services are, as the journal keeps it.
    pub(super) fn place(&self) -> Place {
        Place { context: self.target.context.clone(), server: self.session.access().server.clone() }
    }

    /// What went wrong with a Service of it.
    pub(super) fn failed(&self, what: &str, service: &ServiceRef, error: &ClusterError) -> Failure {
        let failure = Failure::new(format!("{} {what}", self.name_of(service))).caused_by(error.cause());
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Connects to the clusters of `fleet` of which `wanted` is true, all at once; the result has one entry for each, in
/// their order.
pub(super) async fn connect(
    fleet: &Fleet,
    wanted: impl Fn(&Target) -> bool,
    args: &ClusterArgs,
    settings: &Settings,
) -> Vec<Result<Connected, Failure>> {
    let plugins = &fleet.plugins;
    let targets: Vec<&Target> = fleet.targets.iter().filter(|target| wanted(target)).collect();
    let connecting = targets.iter().map(|target| async {
        let session = Session::open(&fleet.kubeconfig, plugins, &target.context, args.timeout).await;
        let session = session.map_err(|error| cluster_failure(target, &error))?;
        let policy = settings.clusters.iter().find(|cluster| cluster.name == target.name);
        let policy = policy.map(|cluster| cluster.policy.address.clone()).unwrap_or_default();
        Ok(Connected { target: (*target).clone(), session, policy })
    });
    at_once(connecting, args).await
}

/// Waits for all of `work`, so many at once as the flags allow; the results are in the order of the work.
pub(super) async fn at_once<T>(work: impl Iterator<Item: Future<Output = T>>, args: &ClusterArgs) -> Vec<T> {
    let numbered = work.enumerate().map(|(at, work)| async move { (at, work.await) });
    let mut done: Vec<(usize, T)> =
        futures::stream::iter(numbered).buffer_unordered(usize::from(args.concurrency.max(1))).collect().await;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A cluster that could not be read.
pub(super) fn cluster_failure(target: &Target, error: &ClusterError) -> Failure {
    unreadable_cluster(&target.name, Some(target.context.clone()), &error.clone().into())
}

/// What could be read of each cluster. Those that could not are an error, or, with `--allow-partial`, warnings.
pub(super) fn readable<T>(
    results: Vec<Result<T, Failure>>,
    args: &WritingArgs,
    terminal: &Terminal,
) -> Result<(Vec<T>, Outcome), Failures> {
    let (mut read, mut failures) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(result) => read.push(result),
            Err(failure) => failures.push(failure),
        }
    }
    let failures = merged(failures);
    if args.allow_partial && !read.is_empty() {
        failures.iter().for_each(|failure| terminal.warning(&format!("left out: {}", failure.summary())));
        let outcome = if failures.is_empty() { Outcome::Done } else { Outcome::Incomplete };
        return Ok((read, outcome));
    }
    match Failures::from_vec(failures) {
        Some(failures) => Err(failures),
        None => Ok((read, Outcome::Done)),
    }
}

/// What becomes of a plan that some Services have no part in: they stop it, or they are told and the others are
/// changed.
///
/// # Errors
/// When there are such Services, and they stop it.
pub(super) fn settled(
    rejected: Vec<Failure>,
    stops: bool,
    outcome: Outcome,
    terminal: &Terminal,
) -> Result<Outcome, Failures> {
    match Failures::from_vec(rejected) {
        None => Ok(outcome),
        Some(failures) if stops => Err(failures),
        Some(failures) => {
            terminal.failures(&failures);
            Ok(Outcome::Incomplete)
        }
    }
}

/// Whether what was shown may be done.
///
/// # Errors
/// When there is nobody to ask, and `--yes` was not given.
pub(super) async fn may_go_on(question: &str, args: &WritingArgs, terminal: &Terminal) -> Result<bool, Failure> {
    if args.yes {
        return Ok(true);
    }
    if !terminal.asks() {
        return Err(Failure::new("nothing was done: it was not confirmed, and there is nobody to ask")
            .caused_by(format!("the question would be: {question}"))
            .hint("look at what it would do with --dry-run client, then confirm it with --yes"));
    }
    Ok(terminal.confirm(question).await)
}

/// Lets whoever sits at the terminal take Services out of a plan, before it is asked whether the rest may be done. `labels`
/// are those that there is something to do with; the result has for each whether it is to be done. `None` when nothing is.
///
/// One Service is no choice, and `--yes` is the answer to all questions.
pub(super) async fn chosen(labels: &[String], args: &WritingArgs, terminal: &Terminal) -> Option<Vec<bool>> {
    if args.yes || labels.len() < 2 || !terminal.offers() {
        return Some(vec![true; labels.len()]);
    }
    let chosen = terminal.choose("which Services?", labels).await?;
    let chosen: Vec<bool> = (0..labels.len()).map(|at| chosen.contains(&at)).collect();
    for (label, _) in labels.iter().zip(&chosen).filter(|(_, chosen)| !**chosen) {
        terminal.note(&format!("left as it is: {label}"));
    }
    Some(chosen)
}

/// A patch as it is sent, an operation a line, under the name of what it changes. Fit for a terminal.
pub(super) fn patch_lines(name: &str, patch: &Value) -> String {
    let operations: Vec<String> = patch.as_array().into_iter().flatten().map(to_json_line).collect();
    format!("\npatch of {} (application/json-patch+json):\n[{}]\n", clean(name), operations.join(",\n "))
}

/// As whom changes are sent.
pub(super) fn writing(args: &WritingArgs, dry_run: bool) -> Writing<'_> {
    Writing { field_manager: &args.field_manager, dry_run }
}

/// Says, when it is dropped early, that work was cut off: a run that is interrupted has no other way to speak.
pub(super) struct Underway<'a> {
    terminal: &'a Terminal,
    told: Option<String>,
}

impl<'a> Underway<'a> {
    /// Work begins; `told` is what to say when it is cut off.
    pub(super) fn begin(terminal: &'a Terminal, told: String) -> Self {
        Self { terminal, told: Some(told) }
    }

    /// The work came to its end, well or not.
    pub(super) fn end(mut self) {
        self.told = None;
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        if let Some(told) = &self.told {
            self.terminal.warning(told);
        }
    }
}

/// How it ends when some of it was done and some was not: what failed is told, and is an error only if nothing was
/// done at all.
pub(super) fn ended(
    done: usize,
    failures: Vec<Failure>,
    outcome: Outcome,
    terminal: &Terminal,
) -> super::CommandResult {
    match Failures::from_vec(failures) {
        None => Ok(outcome),
        Some(failures) if done == 0 => Err(failures),
        Some(failures) => {
            terminal.failures(&failures);
            Ok(Outcome::Incomplete)
        }
    }
}
