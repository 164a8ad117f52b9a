//! What is to be done: which Services are exposed, and what becomes of each Service of ours.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::{ExposeArgs, ExposeType};
use crate::commands::chosen::{self, Chosen, choose};
use crate::commands::evidence::{Evidence, Fields, Flags, check_writer};
use crate::commands::rerun::Rerun;
use crate::commands::writing::{Connected, at_once, cluster_failure, readable};
use crate::commands::{Outcome, source};
use crate::failure::{Failure, Failures};
use crate::fleet::discovery::{DiscoveredService, Discovery};
use crate::fleet::exposure;
use crate::fleet::exposure::{Action, MANAGED_BY, MARK, Mark, Refused, Remark, Step, Wish, expose};
use crate::fleet::inventory::{Cluster, EndpointSlice, Inventory, Listing, Node, Service};
use crate::fleet::live::LiveService;
use crate::fleet::nodeport;
use crate::fleet::ownership::{Signs, owners};
use crate::fleet::resolve::{Problem, Remark as AddressRemark};
use crate::journal::Journal;
use crate::names::{ClusterName, ServiceRef};
use crate::settings_file::Settings;
use crate::terminal::Terminal;

/// What is to be done with one Service of ours.
pub(super) struct Item {
    pub cluster: ClusterName,
    /// The Service that it exposes.
    pub base: ServiceRef,
    pub step: Step,
    /// Ours as the API server keeps it; `None` when there is none, or the plan is made offline.
    pub live: Option<LiveService>,
    /// By what it is known to be ours.
    evidence: Evidence,
}

impl Item {
    /// Ours, as messages name it.
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.cluster, self.step.name)
    }

    /// By what it is known that the plan may be carried out for it; to make and to change one needs no proof of whose it is.
    pub(super) fn evidence(&self) -> Evidence {
        match self.step.action {
            Action::Remove if self.live.is_some() => self.evidence,
            Action::Remove | Action::Create(_) | Action::Change(..) | Action::Keep(_) => Evidence::Journal,
        }
    }
}

/// A Service that is not exposed, though it was wanted.
pub(super) struct Rejected {
    pub cluster: ClusterName,
    /// By which context its cluster is asked; `None` when the plan is made offline.
    pub context: Option<String>,
    pub base: ServiceRef,
    pub reason: Refused,
}

/// A Service that is exposed.
pub(super) struct Exposed {
    pub cluster: ClusterName,
    pub context: Option<String>,
    pub base: Service,
    pub remarks: Vec<Remark>,
}

/// What is to be done, in the order of the clusters.
#[derive(Default)]
pub(super) struct Plan {
    pub items: Vec<Item>,
    pub exposed: Vec<Exposed>,
    pub rejected: Vec<Rejected>,
}

/// What is known of a Service that is to be exposed.
struct Subject<'a> {
    cluster: &'a ClusterName,
    context: Option<&'a str>,
    base: &'a Service,
    uid: Option<&'a str>,
    around: exposure::Around<'a>,
}

impl Plan {
    /// Decides on one Service. Among `ours` are all that may be ours, and `live` are those that are, as they are kept.
    fn add(&mut self, subject: &Subject<'_>, ours: &[&Service], live: &[LiveService], wish: &Wish) {
        let Subject { cluster, context, base, uid, around } = subject;
        let (cluster, context) = ((*cluster).clone(), context.map(str::to_owned));
        match expose(base, *uid, *around, ours, wish) {
            Ok(exposure) => {
                self.items.extend(exposure.steps.into_iter().map(|step| Item {
                    cluster: cluster.clone(),
                    base: base.reference(),
                    live: live.iter().find(|live| live.reference() == step.name).cloned(),
                    step,
                    evidence: Evidence::Annotation,
                }));
                self.exposed.push(Exposed { cluster, context, base: (*base).clone(), remarks: exposure.remarks });
            }
            Err(reason) => self.rejected.push(Rejected { cluster, context, base: base.reference(), reason }),
        }
    }

    /// Takes a Service out of the plan.
    fn reject(&mut self, cluster: &ClusterName, base: &ServiceRef, reason: Refused) {
        let is_it = |of: &ClusterName, other: &ServiceRef| of == cluster && other == base;
        self.items.retain(|item| !is_it(&item.cluster, &item.base));
        let Some(at) = self.exposed.iter().position(|other| is_it(&other.cluster, &other.base.reference())) else {
            return;
        };
        let Exposed { cluster, context, .. } = self.exposed.remove(at);
        self.rejected.push(Rejected { cluster, context, base: base.clone(), reason });
    }

    /// Takes out what would take a name that `is_taken`, or one that another of the plan takes.
    fn reject_taken(&mut self, is_taken: impl Fn(&ClusterName, &ServiceRef) -> bool) {
        let mut seen: BTreeSet<(&ClusterName, &ServiceRef)> = BTreeSet::new();
        let mut taken = Vec::new();
        for item in self.items.iter().filter(|item| matches!(item.step.action, Action::Create(_))) {
            if is_taken(&item.cluster, &item.step.name) || !seen.insert((&item.cluster, &item.step.name)) {
                taken.push((item.cluster.clone(), item.base.clone(), item.step.name.clone()));
            }
        }
        for (cluster, base, name) in taken {
            self.reject(&cluster, &base, Refused::NameTaken(name));
        }
    }

    /// Finds out by what the Services that are to go are known to be ours; those that are not, or of which it cannot be known,
    /// stay, and are failures.
    pub(super) fn judge(&mut self, connected: &[Connected], journal: &Journal, flags: Flags<'_>) -> Vec<Failure> {
        let mut failures = Vec::new();
        self.items.retain_mut(|item| {
            let cluster = connected.iter().find(|cluster| cluster.target.name == item.cluster);
            let (Action::Remove, Some(live), Some(cluster)) = (&item.step.action, &item.live, cluster) else {
                return true;
            };
            let Some(mark) = Mark::on(live.facts()) else { return false };
            match evidence(cluster, live, &mark, journal, flags) {
                Ok(evidence) => item.evidence = evidence,
                Err(failure) => {
                    failures.push(failure);
                    return false;
                }
            }
            true
        });
        failures
    }

    /// Takes that work out of which `chosen`, in its order, says no, and what would go because something takes its place that
    /// is taken out; the latter is given as it is called.
    #[must_use]
    pub(super) fn keep(&mut self, chosen: &[bool]) -> Vec<String> {
        let is_removed = |item: &Item| matches!(item.step.action, Action::Remove);
        let mut keeps = chosen.to_vec();
        let mut staying = Vec::new();
        for (keeps, item) in keeps.iter_mut().zip(self.work()).filter(|(keeps, item)| **keeps && is_removed(item)) {
            let is_lost = |(other, chosen): (&Item, &bool)| {
                !*chosen && !is_removed(other) && (&other.cluster, &other.base) == (&item.cluster, &item.base)
            };
            if self.work().zip(chosen).any(is_lost) {
                *keeps = false;
                staying.push(item.label());
            }
        }
        let mut keeps = keeps.into_iter();
        self.items.retain(|item| !item.step.action.is_work() || keeps.next().unwrap_or(true));
        staying
    }

    /// What there is to be done.
    pub(super) fn work(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.step.action.is_work())
    }

    /// A node port leads to one Service of a cluster.
    pub(super) fn refuse_shared_number(&self, wish: &Wish) -> Result<(), Failure> {
        let Some(wanted) = &wish.node_port else { return Ok(()) };
        for cluster in self.exposed.iter().map(|exposed| &exposed.cluster) {
            let bases: Vec<String> = self
                .exposed
                .iter()
                .filter(|exposed| exposed.cluster == *cluster)
                .map(|exposed| format!("`{}`", exposed.base.reference()))
                .collect();
            if bases.len() > 1 {
                let number = wanted.number;
                let bases = bases.join(" and ");
                return Err(Failure::new(format!("cluster `{cluster}`: node port {number} is wanted for {bases}"))
                    .hint("a node port leads to one Service; expose them one at a time"));
            }
        }
        Ok(())
    }
}

/// The plan on what an inventory recorded.
pub(super) async fn recorded(
    args: &ExposeArgs,
    wish: &Wish,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Plan, Outcome), Failures> {
    let inventory = source::inventory(&args.clusters, settings, terminal).await?;
    let (chosen, outcome) = if args.services.is_empty() {
        hidden_sidecars(&inventory, args, settings, terminal)?
    } else {
        (chosen::named_in_inventory(&inventory, &args.services), Outcome::Done)
    };
    let mut plan = Plan::default();
    for (cluster, observed, base) in chosen::recorded(&inventory, &chosen, terminal)? {
        let context = cluster.context.as_deref();
        let around = exposure::Around { slices: &observed.endpoint_slices, nodes: &observed.nodes };
        let ours: Vec<&Service> = observed.services.iter().collect();
        plan.add(&Subject { cluster: &cluster.name, context, base, uid: None, around }, &ours, &[], wish);
    }
    let has = |cluster: &Cluster, name: &ServiceRef| {
        cluster.observed.iter().any(|observed| observed.services.iter().any(|service| service.reference() == *name))
    };
    plan.reject_taken(|of, name| inventory.clusters.iter().any(|cluster| cluster.name == *of && has(cluster, name)));
    Ok((plan, outcome))
}

/// The plan on what the clusters say now, with the connections to those that have a part in it.
pub(super) async fn live(
    args: &ExposeArgs,
    wish: &Wish,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Vec<Connected>, Plan, Outcome), Failures> {
    let fleet = source::fleet(&args.clusters, settings, terminal).await?;
    let chosen = if args.services.is_empty() {
        let inventory = Inventory { clusters: source::ask(&fleet, &args.clusters, terminal).await };
        hidden_sidecars(&inventory, args, settings, terminal)?
    } else {
        (chosen::named_in_all(&fleet, &args.services)?, Outcome::Done)
    };
    let flags = (&args.clusters, &args.writing);
    let (connected, bases, mut outcome) = chosen::live(&fleet, chosen, flags, settings, terminal).await?;

    let reading = connected.iter().enumerate().map(|(at, cluster)| {
        let own: Vec<&LiveService> = bases.iter().filter(|(of, _)| *of == at).map(|(_, base)| base).collect();
        around(cluster, own)
    });
    let (read, after) = readable(at_once(reading, &args.clusters).await, &args.writing, terminal)?;
    if after == Outcome::Incomplete {
        outcome = after;
    }
    let mut plan = Plan::default();
    for Around { cluster, bases, slices, nodes, ours } in &read {
        let facts: Vec<&Service> = ours.iter().map(LiveService::facts).collect();
        for base in bases {
            let (context, uid) = (Some(cluster.target.context.as_str()), Some(base.uid()));
            let around = exposure::Around { slices, nodes };
            let subject = Subject { cluster: &cluster.target.name, context, base: base.facts(), uid, around };
            plan.add(&subject, &facts, ours, wish);
        }
    }
    let asking = connected.iter().map(|cluster| taken_names(cluster, &plan));
    let (taken, after) = readable(at_once(asking, &args.clusters).await, &args.writing, terminal)?;
    if after == Outcome::Incomplete {
        outcome = after;
    }
    let taken: BTreeSet<(ClusterName, ServiceRef)> = taken.into_iter().flatten().collect();
    plan.reject_taken(|cluster, name| taken.contains(&(cluster.clone(), name.clone())));
    Ok((connected, plan, outcome))
}

/// What the plan of one cluster depends on.
struct Around<'a> {
    cluster: &'a Connected,
    bases: Vec<&'a LiveService>,
    slices: Listing<EndpointSlice>,
    nodes: Listing<Node>,
    ours: Vec<LiveService>,
}

async fn around<'a>(cluster: &'a Connected, bases: Vec<&'a LiveService>) -> Result<Around<'a>, Failure> {
    let facts: Vec<Service> = bases.iter().map(|base| base.facts().clone()).collect();
    let (slices, nodes) = tokio::join!(cluster.session.slices(&facts), cluster.session.nodes());
    let namespaces: BTreeSet<&str> = facts.iter().map(|base| base.namespace.as_str()).collect();
    let mut ours = Vec::new();
    for namespace in namespaces {
        ours.extend(ours_in(cluster, Some(namespace), None).await?);
    }
    Ok(Around { cluster, bases, slices, nodes, ours })
}

/// The Services of ours in a namespace, or in all, and those whose mark cannot be read.
pub(super) async fn ours_in(
    cluster: &Connected,
    namespace: Option<&str>,
    selector: Option<&str>,
) -> Result<Vec<LiveService>, Failure> {
    let (key, value) = MANAGED_BY;
    let selector = selector.map_or_else(|| format!("{key}={value}"), |selector| format!("{key}={value},{selector}"));
    let is_ours = |live: &LiveService| Mark::on(live.facts()).is_some() || Mark::is_unreadable(live.facts());
    let ours = cluster.session.services(namespace, Some(&selector), is_ours).await;
    ours.map_err(|error| cluster_failure(&cluster.target, &error))
}

/// The fields that are noted under our name where we made a Service.
const MADE: Fields<'static> = &[
    &["f:metadata", "f:annotations", "f:thanosctl.io/exposes"],
    &["f:metadata", "f:labels", "f:thanosctl.io/exposes"],
    &["f:metadata", "f:labels", "f:app.kubernetes.io/managed-by"],
    &["f:spec", "f:selector"],
];

/// By what it is known that a Service with our mark was made by us, so that it may be removed.
///
/// # Errors
/// When the journal cannot be used, or somebody else made the Service.
pub(super) fn evidence(
    cluster: &Connected,
    live: &LiveService,
    mark: &Mark,
    journal: &Journal,
    flags: Flags<'_>,
) -> Result<Evidence, Failure> {
    if journal.has_made(live, mark, &cluster.place())? {
        return Ok(Evidence::Journal);
    }
    check_writer(cluster, live, MARK, MADE, flags).map(|()| Evidence::Annotation)
}

/// Which of the names that the plan wants are others' already.
async fn taken_names(cluster: &Connected, plan: &Plan) -> Result<Vec<(ClusterName, ServiceRef)>, Failure> {
    let mut taken = Vec::new();
    for item in plan.items.iter().filter(|item| item.cluster == cluster.target.name) {
        let (Action::Create(_), name) = (&item.step.action, &item.step.name) else { continue };
        let found = cluster.session.get(name).await;
        if found.map_err(|error| cluster.failed("cannot be read", name, &error))?.is_some() {
            taken.push((item.cluster.clone(), name.clone()));
        }
    }
    Ok(taken)
}

/// The headless sidecars, those that hide replicas behind one address, and those that were exposed before: their
/// replicas may have come and gone.
fn hidden_sidecars(
    inventory: &Inventory,
    args: &ExposeArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Chosen, Outcome), Failures> {
    let policy = settings.fleet_policy();
    let discovery = Discovery::conclude(inventory, &policy);
    let outcome = chosen::workable(&discovery, &args.clusters, &args.writing, terminal)?;
    let mut chosen: Chosen = Vec::new();
    for found in &discovery.clusters {
        let cluster = found.cluster;
        let services: BTreeMap<ServiceRef, &DiscoveredService<'_>> =
            found.services.iter().flatten().map(|service| (service.service.reference(), service)).collect();
        for (name, service) in &services {
            let command = |words: &[&str]| Rerun::of(&args.clusters).command_in(words, cluster.context.as_deref());
            let own = name.to_string();
            if let Some(mark) = Mark::on(service.service) {
                let base = mark.base();
                if services.contains_key(&base) {
                    choose(&mut chosen, &cluster.name, base);
                } else {
                    terminal.warning(&format!(
                        "{} {name} exposes {base}, which is not found any more; remove it with: {}",
                        cluster.name,
                        command(&["expose", "--undo", &base.to_string()])
                    ));
                }
            } else if service.feeds && is_hidden(service, args) {
                choose(&mut chosen, &cluster.name, name.clone());
            } else if let (true, Some(problem @ Problem::NoNodePorts { .. })) =
                (service.feeds, &service.resolved.problem)
            {
                terminal.warning(&format!(
                    "{} {name}: {problem}; put a load balancer beside it with: {}",
                    cluster.name,
                    command(&["expose", &own, "--type", "LoadBalancer"])
                ));
            } else if service.feeds && service.resolved.problem == Some(Problem::ClusterInternal) {
                terminal.warning(&format!(
                    "{} {name} is cluster-internal, {}",
                    cluster.name,
                    inside(service, &|verb, more| command(&[&[verb, own.as_str()], more].concat()))
                ));
            }
        }
    }
    if chosen.is_empty() {
        terminal.note("nothing to do: no sidecar is headless, and none hides replicas behind one address");
    }
    Ok((chosen, outcome))
}

/// What can be done about a Service that is for the inside of its cluster, and is not headless.
fn inside(service: &DiscoveredService<'_>, command: &dyn Fn(&str, &[&str]) -> String) -> String {
    let owners = owners(&Signs::of_service(service.service));
    match nodeport::decide(service.service, &owners, &nodeport::Wish::default()) {
        Ok(_) => format!("and can be made NodePort with: {}", command("patch-nodeport", &[])),
        Err(reason @ nodeport::Refused::Owner { .. }) => {
            format!("and {reason}; put a Service beside it with: {}", command("expose", &[]))
        }
        Err(reason @ nodeport::Refused::NoSelector) => {
            format!("and {reason}; if that is meant: {}", command("patch-nodeport", &["--force"]))
        }
        Err(reason) => format!("and is not made NodePort: {reason}"),
    }
}

fn is_hidden(service: &DiscoveredService<'_>, args: &ExposeArgs) -> bool {
    let balanced = matches!(args.service_type, Some(ExposeType::LoadBalancer));
    let closed = matches!(service.resolved.problem, Some(Problem::NoNodePorts { .. }));
    service.resolved.problem == Some(Problem::Headless)
        || (balanced && closed)
        || service.resolved.remarks.iter().any(AddressRemark::hides_pods)
}
