//! Making the changes: each on the condition that the Service is still as it was when the plan was made, and read back.

use http::StatusCode;

use super::plan::{Item, Plan};
use crate::cli::WritingArgs;
use crate::cluster::error::ClusterError;
use crate::cluster::session::Written;
use crate::commands::writing::{Connected, writing};
use crate::failure::Failure;
use crate::fleet::exposure::{Action, Mark, Wanted};
use crate::fleet::live::LiveService;
use crate::journal::{Journal, Made};
use crate::names::ServiceRef;
use crate::terminal::Terminal;

/// What became of one Service of ours: it is there as it should be, or gone as it should be.
pub(super) type Done = Result<Option<LiveService>, Failure>;

/// The changes of a run.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    /// How changes are made.
    pub args: &'a WritingArgs,
    /// Where it is kept what was made; `None` where nothing is to be done.
    pub journal: Option<&'a Journal>,
    /// Where is told what happens meanwhile.
    pub terminal: &'a Terminal,
}

impl Job<'_> {
    /// Does the plan of one cluster, one Service after the other, and gives the results with their index in the plan. What
    /// is to go goes last, and only when what takes its place is there.
    pub(super) async fn apply(self, cluster: &Connected, plan: &Plan) -> Vec<(usize, Done)> {
        let Self { args, terminal, .. } = self;
        let own = || plan.items.iter().enumerate().filter(|(_, item)| item.cluster == cluster.target.name);
        let mut results: Vec<(usize, Done)> = Vec::new();
        for (at, item) in own() {
            let done = match &item.step.action {
                Action::Create(wanted) => self.create(cluster, wanted).await,
                Action::Change(wanted, _) => match &item.live {
                    Some(live) => change(cluster, wanted, live, args, terminal).await,
                    None => continue,
                },
                Action::Keep(_) => Ok(item.live.clone()),
                Action::Remove => continue,
            };
            results.push((at, done));
        }
        for (at, item) in own() {
            let (Action::Remove, Some(live)) = (&item.step.action, &item.live) else { continue };
            let failed = |(at, done): &(usize, Done)| done.is_err() && plan.items[*at].base == item.base;
            let done =
                if results.iter().any(failed) { Err(kept(cluster, item)) } else { self.remove(cluster, live).await };
            results.push((at, done.map(|()| None)));
        }
        results
    }

    /// Makes one Service. The journal is written first, so that it knows what was made whatever happens then.
    async fn create(self, cluster: &Connected, wanted: &Wanted) -> Done {
        let made = Made::of(&wanted.name, &wanted.mark, &cluster.place());
        if let Some(journal) = self.journal {
            journal.keep_made(&made)?;
        }
        let done = create(cluster, wanted, self.args, self.terminal).await;
        let Some(journal) = self.journal else { return done };
        let kept = match &done {
            Ok(Some(live)) => journal.keep_made(&made.as_made(live)),
            Ok(None) => Ok(()),
            // What somebody else made there is not ours. What may have been made stays known.
            Err(_) => match cluster.session.get(&wanted.name).await {
                Ok(Some(live)) if Mark::on(live.facts()).as_ref() == Some(&wanted.mark) => {
                    journal.keep_made(&made.as_made(&live))
                }
                Ok(_) => journal.forget_made(&wanted.name, &wanted.mark),
                Err(_) => Ok(()),
            },
        };
        // The Service is there: a journal that cannot be completed is no reason to call that failed.
        if let Err(failure) = kept {
            self.terminal.warning(&failure.summary());
        }
        done
    }

    /// Removes exactly this Service.
    pub(super) async fn remove(self, cluster: &Connected, live: &LiveService) -> Result<(), Failure> {
        remove(cluster, live, self.args).await?;
        if let (Some(journal), Some(mark)) = (self.journal, Mark::on(live.facts()))
            && let Err(failure) = journal.forget_made(&live.reference(), &mark)
        {
            self.terminal.warning(&failure.summary());
        }
        Ok(())
    }
}

fn kept(cluster: &Connected, item: &Item) -> Failure {
    Failure::new(format!("{} was not removed", cluster.name_of(&item.step.name)))
        .caused_by("what takes its place was not made")
        .hint("run this again when that is mended")
}

async fn create(cluster: &Connected, wanted: &Wanted, args: &WritingArgs, terminal: &Terminal) -> Done {
    let name = &wanted.name;
    let sent = cluster.session.create(name, &wanted.manifest(), &args.field_manager).await;
    let error = match sent {
        Ok(written) => return read_back(cluster, wanted, tell(cluster, written, terminal)).await,
        Err(error) => error,
    };
    if error.refusal().is_some_and(|refusal| refusal.words().contains("already exists")) {
        return Err(cluster.failed("was not made", name, &error).hint("somebody made it meanwhile; run this again"));
    }
    let is_made =
        |now: Option<&LiveService>| now.is_some_and(|now| Mark::on(now.facts()).as_ref() == Some(&wanted.mark));
    after_failure(cluster, name, ("was not made", "was made"), &error, is_made).await
}

async fn change(
    cluster: &Connected,
    wanted: &Wanted,
    live: &LiveService,
    args: &WritingArgs,
    terminal: &Terminal,
) -> Done {
    let name = &wanted.name;
    let sent = cluster.session.patch(name, &wanted.patch(live), writing(args, false)).await;
    let error = match sent {
        Ok(written) => return read_back(cluster, wanted, tell(cluster, written, terminal)).await,
        Err(error) => error,
    };
    // A test that fails is answered by 422 without a word on which; a stale resource version by 409.
    let overtaken = error.refusal().is_some_and(|refusal| {
        matches!(refusal.status, StatusCode::CONFLICT | StatusCode::NOT_FOUND)
            || (refusal.status == StatusCode::UNPROCESSABLE_ENTITY && refusal.causes.is_empty())
    });
    if overtaken {
        return Err(cluster
            .failed("was not changed", name, &error)
            .hint("somebody else changed it meanwhile; run this again to see the new plan"));
    }
    let is_changed = |now: Option<&LiveService>| {
        now.is_some_and(|now| now.uid() == live.uid() && wanted.differences(now.facts()).is_empty())
    };
    after_failure(cluster, name, ("was not changed", "was changed"), &error, is_changed).await
}

async fn remove(cluster: &Connected, live: &LiveService, args: &WritingArgs) -> Result<(), Failure> {
    let name = live.reference();
    let Err(error) = cluster.session.delete(live, writing(args, false)).await else { return Ok(()) };
    if error.refusal().is_some_and(|refusal| refusal.status == StatusCode::CONFLICT) {
        return Err(cluster
            .failed("was not removed", &name, &error)
            .hint("somebody changed it, or made it anew, meanwhile; run this again to see what there is now"));
    }
    let is_gone = |now: Option<&LiveService>| now.is_none_or(|now| now.uid() != live.uid() || now.facts().deleting);
    after_failure(cluster, &name, ("was not removed", "was removed"), &error, is_gone).await.map(|_| ())
}

fn tell(cluster: &Connected, written: Written, terminal: &Terminal) -> LiveService {
    let name = cluster.name_of(&written.service.reference());
    written.warnings.iter().for_each(|warning| terminal.warning(&format!("{name}: {warning}")));
    written.service
}

/// What a request that was not answered by success has come to: a refusal is one, but where the answer was lost, or the
/// server has trouble, only the Service itself tells.
async fn after_failure(
    cluster: &Connected,
    name: &ServiceRef,
    (not_done, done): (&str, &str),
    error: &ClusterError,
    is_done: impl Fn(Option<&LiveService>) -> bool,
) -> Done {
    if error.refusal().is_some_and(|refusal| refusal.status.is_client_error()) {
        return Err(cluster.failed(not_done, name, error));
    }
    match cluster.session.get(name).await {
        Ok(now) if is_done(now.as_ref()) => Ok(now),
        Ok(_) => Err(cluster.failed(not_done, name, error)),
        Err(_) => Err(Failure::new(format!("{}: whether it {done} is not known", cluster.name_of(name)))
            .caused_by(error.cause())
            .hint("run this again when the cluster answers: it sees what was done, and does the rest")),
    }
}

/// What the API server keeps now: a controller may have turned the change back at once.
async fn read_back(cluster: &Connected, wanted: &Wanted, made: LiveService) -> Done {
    let now = cluster.session.get(&wanted.name).await;
    let now = now.map_err(|error| cluster.failed("was written, and cannot be read back", &wanted.name, &error))?;
    let kept = now.filter(|now| now.uid() == made.uid() && wanted.differences(now.facts()).is_empty());
    kept.map(Some).ok_or_else(|| {
        Failure::new(format!("{} was changed or removed by somebody else at once", cluster.name_of(&wanted.name)))
            .hint("find out who, then run this again")
    })
}
