//! Making the changes: each on the condition that the Service is still as it was when the plan was made, and read back.

use http::StatusCode;

use super::show::undo;
use super::{Item, Plan};
use crate::cli::PatchNodeportArgs;
use crate::cluster::error::{ClusterError, Fault};
use crate::commands::writing::{Connected, writing};
use crate::failure::Failure;
use crate::fleet::live::LiveService;
use crate::fleet::nodeport::{Change, Decision, Left, Record, UNDO_ANNOTATION, Wish, decide};
use crate::fleet::ownership::{Signs, owners};
use crate::journal::{Entry, Journal};
use crate::terminal::Terminal;

/// So often a change is sent when others keep changing the Service in between.
const TRIES: usize = 3;

/// The changes of a run.
pub(super) struct Job<'a> {
    /// What was typed.
    pub args: &'a PatchNodeportArgs,
    /// What it means.
    pub wish: &'a Wish,
    /// Where it is kept how Services were.
    pub journal: &'a Journal,
    /// Where is told what happens meanwhile.
    pub terminal: &'a Terminal,
}

/// How the sending of one patch ended.
enum Sent {
    Made(LiveService),
    /// Somebody else changed the Service first; this is how it is now.
    Overtaken(LiveService),
}

impl Job<'_> {
    /// Makes the changes of `plan` in one cluster, one after the other. A change that fails does not stop the next: they
    /// are independent. The results go with their index in the plan.
    pub(super) async fn change_all(
        &self,
        cluster: &Connected,
        plan: &Plan,
    ) -> Vec<(usize, Result<LiveService, Failure>)> {
        let mut results = Vec::new();
        for (at, item) in plan.items.iter().enumerate() {
            if item.cluster == cluster.target.name
                && let (Decision::Change(change), Some(live)) = (&item.decision, &item.live)
            {
                results.push((at, self.change(cluster, item, change, live).await));
            }
        }
        results
    }

    async fn change(
        &self,
        cluster: &Connected,
        item: &Item,
        change: &Change,
        live: &LiveService,
    ) -> Result<LiveService, Failure> {
        let service = live.reference();
        let mut live = live.clone();
        for _ in 0..TRIES {
            match self.send(cluster, change, &live).await? {
                Sent::Made(made) => return self.read_back(cluster, &made).await,
                Sent::Overtaken(now) => {
                    let owners = owners(&Signs::of_object(now.object()));
                    match decide(now.facts(), &owners, self.wish) {
                        Ok(Decision::Change(anew)) if anew == *change && owners == item.owners => {
                            let name = cluster.name_of(&service);
                            self.terminal.note(&format!("{name} was changed meanwhile; the plan is still the same"));
                            live = now;
                        }
                        Ok(Decision::Open) => {
                            let name = cluster.name_of(&service);
                            self.terminal.note(&format!("{name} was made NodePort by somebody else meanwhile"));
                            return Ok(now);
                        }
                        _ => {
                            return Err(Failure::new(format!("{} was not changed", cluster.name_of(&service)))
                                .caused_by("somebody else changed it meanwhile, and the plan does not fit it any more")
                                .hint("run this again to see the new plan"));
                        }
                    }
                }
            }
        }
        Err(Failure::new(format!("{} was not changed", cluster.name_of(&service)))
            .caused_by(format!("somebody else changes it all the time: {TRIES} tries came too late"))
            .hint("find out who, then run this again"))
    }

    /// Sends the patch once. The journal is written first: whatever happens then, it is known how the Service was.
    async fn send(&self, cluster: &Connected, change: &Change, live: &LiveService) -> Result<Sent, Failure> {
        let service = live.reference();
        let place = cluster.place();
        let earlier = self.journal.entry_of(live, &place)?;
        if earlier.is_none() && Record::on(live).is_some() {
            self.terminal.warning(&format!(
                "{}: its annotation {UNDO_ANNOTATION} says that it was changed before, which the journal does not know: it \
                 is replaced, and an undo brings back how the Service is now",
                cluster.name_of(&service)
            ));
        }
        let known = earlier.as_ref().map(|entry| &entry.record);
        let record = Record::of(live, change, &self.args.writing.field_manager, known);
        let mut entry = Entry::of(live, record, &place, earlier.as_ref());
        self.journal.keep(live, &entry)?;

        let patch = change.patch(Some((live, &entry.record)));
        let sent = cluster.session.patch(&service, &patch, writing(&self.args.writing, false)).await;
        let made = match sent {
            Ok(written) => {
                for warning in &written.warnings {
                    self.terminal.warning(&format!("{}: {warning}", cluster.name_of(&service)));
                }
                written.service
            }
            Err(error) => match self.after_failure(cluster, live, (&entry.record, earlier.as_ref()), &error).await? {
                Sent::Made(made) => made,
                Sent::Overtaken(now) => return Ok(Sent::Overtaken(now)),
            },
        };
        entry.left = Some(Left::of(&made));
        // The change is made: a journal that cannot be completed is no reason to call it failed.
        if let Err(failure) = self.journal.keep(&made, &entry) {
            self.terminal.warning(&failure.summary());
        }
        Ok(Sent::Made(made))
    }

    /// What a patch that was not answered by success has come to.
    async fn after_failure(
        &self,
        cluster: &Connected,
        live: &LiveService,
        (record, earlier): (&Record, Option<&Entry>),
        error: &ClusterError,
    ) -> Result<Sent, Failure> {
        let service = live.reference();
        let failed = || cluster.failed("was not changed", &service, error);
        // A test that fails is answered by 422 without a word on which; a stale resource version by 409.
        let overtaken = error.refusal().is_some_and(|refusal| {
            refusal.status == StatusCode::CONFLICT
                || (refusal.status == StatusCode::UNPROCESSABLE_ENTITY && refusal.causes.is_empty())
                || refusal.status == StatusCode::NOT_FOUND
        });
        if error.refusal().is_some_and(|refusal| refusal.status.is_client_error()) && !overtaken {
            self.forget(live, earlier)?;
            return Err(failed());
        }
        if error.refusal().is_none() && matches!(error.fault, Fault::Entry(_)) {
            return Err(failed());
        }
        // No answer, or trouble in the server: only the Service itself tells whether the change was made.
        let now = match cluster.session.get(&service).await {
            Ok(Some(now)) if now.uid() == live.uid() => now,
            Ok(gone) => {
                self.journal.forget(live)?;
                let what =
                    if gone.is_some() { "it was deleted and made anew meanwhile" } else { "it was deleted meanwhile" };
                return Err(Failure::new(format!("{} was not changed", cluster.name_of(&service)))
                    .caused_by(what)
                    .hint("run this again to see what there is now"));
            }
            Err(_) => {
                return Err(Failure::new(format!(
                    "{}: whether it was changed is not known",
                    cluster.name_of(&service)
                ))
                .caused_by(error.cause())
                .hint(format!(
                    "run this again when the cluster answers: what was changed is kept, and can be taken back with\n{}",
                    undo(self.args, &service, Some(&cluster.target.context))
                )));
            }
        };
        if Record::on(&now).and_then(Result::ok).as_ref() == Some(record)
            && now.resource_version() != live.resource_version()
        {
            return Ok(Sent::Made(now));
        }
        if overtaken && now.resource_version() != live.resource_version() {
            self.forget(live, earlier)?;
            return Ok(Sent::Overtaken(now));
        }
        self.forget(live, earlier)?;
        Err(failed())
    }

    /// Nothing was changed, so there is nothing to remember but an earlier change.
    fn forget(&self, live: &LiveService, earlier: Option<&Entry>) -> Result<(), Failure> {
        match earlier {
            Some(earlier) => self.journal.keep(live, earlier),
            None => self.journal.forget(live),
        }
    }

    /// What the API server keeps now: a controller may have turned the change back at once.
    async fn read_back(&self, cluster: &Connected, made: &LiveService) -> Result<LiveService, Failure> {
        let service = made.reference();
        let now = cluster.session.get(&service).await;
        let now = now.map_err(|error| cluster.failed("was changed, and cannot be read back", &service, &error))?;
        let kept = now.filter(|now| now.uid() == made.uid() && now.spec()["type"] == made.spec()["type"]);
        let Some(now) = kept else {
            return Err(Failure::new(format!("{} was changed back at once", cluster.name_of(&service)))
                .caused_by("somebody keeps it as it was")
                .hint("change it where it is kept: in the values of its chart, or its manifest"));
        };
        Ok(now)
    }
}
