//! Many clusters at once, each under its own deadline: from contexts to what was observed.
//!
//! A dead cluster costs its deadline and nothing else: no retries, no discovery calls, and the others neither wait
//! for it nor fail with it.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use futures::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::api::Api;
use super::client::Route;
use super::diagnosis::diagnosed;
use super::error::{Access, ClusterError, Fault, Step};
use super::identity;
use super::kubeconfig::Kubeconfig;
use super::list::{Query, Resource, list};
use super::list_fault::ListFault;
use super::plugin::Plugins;
pub use super::target::Target;
use crate::fleet::inventory::{Cluster, EndpointSlice, Listing, Node, Observed, Service};
use crate::fleet::kubernetes;
use crate::fleet::kubernetes::SERVICE_NAME_LABEL;
use crate::text::percent_encode as encode;

/// A connection, TLS included, gets no more than this, and no more than half of what is left for its cluster: so a
/// timeout later on is known to be the server's silence.
const CONNECT: Duration = Duration::from_secs(5);

/// A selector longer than this, encoded, is split: servers and proxies refuse URLs from 8 KiB on.
const MAX_SELECTOR: usize = 4096;

/// How long, and how many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All the time that one cluster gets, counted from when its turn comes.
    pub timeout: Duration,
    /// How many clusters are asked at once; at least one is.
    pub concurrency: usize,
}

/// What to look for in each cluster.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The namespace to look in; `None` for all.
    pub namespace: Option<&'a str>,
    /// A label selector for Services; `None` for all.
    pub selector: Option<&'a str>,
    /// Which Services matter; the others are forgotten page by page.
    pub keep: fn(&Service) -> bool,
}

/// How far a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Credentials are got and the server is asked for the first time.
    Connecting,
    /// Services arrive; so many so far.
    Services(usize),
    /// Nodes and EndpointSlices are asked for.
    NodesAndSlices,
    /// It has been read; so many Services were kept.
    Done {
        /// How many Services were kept.
        services: usize,
    },
    /// It could not be read.
    Failed,
}

/// Asks all `targets`; the result has one entry for each, in their order. `progress` is told the index of a target
/// and its stage; a target it has not been told of is waiting for its turn.
pub async fn gather(
    (kubeconfig, plugins): (&Kubeconfig, &Plugins),
    targets: &[Target],
    scope: &Scope<'_>,
    limits: &Limits,
    progress: &(dyn Fn(usize, Stage) + Sync),
) -> Vec<Cluster> {
    // Whoever ends it listens for signals from the first time that the program waits (`lib.rs`), so it waits once before
    // anything is sent: else Ctrl-C in that moment ends the program without its exit code.
    tokio::task::yield_now().await;
    let may_be_one = identity::may_be_one(kubeconfig, targets);
    let asked = targets.iter().zip(may_be_one).enumerate().map(|(index, (target, identify))| {
        let report = move |stage| progress(index, stage);
        async move {
            let ask = Ask { kubeconfig, plugins, scope, limit: limits.timeout, report: &report, identify };
            let (uid, observed) = match ask.observe(&target.context).await {
                Ok((uid, observed)) => (uid, Ok(observed)),
                Err(error) => (None, Err(error)),
            };
            report(match &observed {
                Ok(observed) => Stage::Done { services: observed.services.len() },
                Err(_) => Stage::Failed,
            });
            let observed = observed.map_err(|error| (*error).into());
            let (name, context) = (target.name.clone(), Some(target.context.clone()));
            (index, Cluster { name, context, uid, fixed_endpoints: Vec::new(), observed })
        }
    });
    // Unordered, since in order a dead cluster at the head would keep the next from their turn.
    let mut clusters: Vec<(usize, Cluster)> =
        futures::stream::iter(asked).buffer_unordered(limits.concurrency.max(1)).collect().await;
    clusters.sort_by_key(|(index, _)| *index);
    clusters.into_iter().map(|(_, cluster)| cluster).collect()
}

/// Has those credential plugins that are to be given the terminal ask there, one after the other. `announce` is told which
/// context and which command is next.
pub async fn log_in(
    (kubeconfig, plugins): (&Kubeconfig, &Plugins),
    contexts: &[&str],
    announce: &(dyn Fn(&str, &str) + Sync),
) {
    for context in contexts {
        // What is wrong with it is told when it is asked.
        if let Ok(route) = Route::of(kubeconfig, context) {
            route.log_in(plugins, contexts.len() == 1, |command| announce(context, command)).await;
        }
    }
}

/// One cluster being asked.
struct Ask<'a> {
    kubeconfig: &'a Kubeconfig,
    plugins: &'a Plugins,
    scope: &'a Scope<'a>,
    limit: Duration,
    report: &'a (dyn Fn(Stage) + Sync),
    /// Whether it is asked which cluster it is, since another context may lead to the same.
    identify: bool,
}

/// Where the asking stands; looked at when time is over.
struct Standing {
    access: Mutex<Access>,
    step: Mutex<Step>,
}

impl Standing {
    fn at(access: Access, step: Step) -> Self {
        Self { access: Mutex::new(access), step: Mutex::new(step) }
    }

    fn enter(&self, step: Step) {
        *self.step.lock().expect("nobody panics with the lock") = step;
    }

    fn know(&self, fact: impl FnOnce(&mut Access)) {
        fact(&mut self.access.lock().expect("nobody panics with the lock"));
    }

    fn access(&self) -> Access {
        self.access.lock().expect("nobody panics with the lock").clone()
    }

    fn step(&self) -> Step {
        self.step.lock().expect("nobody panics with the lock").clone()
    }
}

impl Ask<'_> {
    /// The cluster's uid, where it was asked and told, and what was seen in it.
    async fn observe(&self, context: &str) -> Result<(Option<String>, Observed), Box<ClusterError>> {
        (self.report)(Stage::Connecting);
        let access = Access {
            context: context.to_owned(),
            kubeconfig: self.kubeconfig.explicit().map(std::path::Path::to_path_buf),
            ..Access::default()
        };
        let standing = Standing::at(access, Step::Preparing);
        let deadline = Instant::now() + self.limit;
        let (api, services) = self
            .until(deadline, &standing, self.reach(context, &standing))
            .await
            .map_err(|fault| Box::new(ClusterError { access: standing.access(), fault }))?;
        if services.is_empty() {
            return Ok((self.uid(&api, deadline).await, Observed::default()));
        }
        (self.report)(Stage::NodesAndSlices);
        let access = standing.access();
        let (uid, nodes, slices) = tokio::join!(
            self.uid(&api, deadline),
            self.listing(Resource::Nodes, deadline, &access, async |standing: &Standing| {
                self.nodes(&api, &services, standing).await
            }),
            self.listing(Resource::EndpointSlices, deadline, &access, async |standing: &Standing| {
                self.slices(&api, &services, standing).await
            }),
        );
        Ok((uid, Observed::trimmed(services, nodes, slices)))
    }

    /// The cluster's uid, where it matters; that it may not be read is no error.
    async fn uid(&self, api: &Api, deadline: Instant) -> Option<String> {
        if !self.identify {
            return None;
        }
        timeout_at(deadline, identity::uid(api)).await.ok().flatten()
    }

    /// What `work` gives before the deadline, or what it was spent on.
    async fn until<T>(
        &self,
        deadline: Instant,
        standing: &Standing,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let late = |_| Fault::Timeout { limit: self.limit, step: standing.step() };
        timeout_at(deadline, work).await.map_err(late)?
    }

    /// The API server, and the Services that it listed: without them there is nothing to tell of a cluster.
    async fn reach(&self, context: &str, standing: &Standing) -> Result<(Api, Vec<Service>), Fault> {
        let route = Route::of(self.kubeconfig, context).map_err(Fault::Entry)?;
        standing.know(|access| access.follow(&route));
        let api = self.connect(&route, standing).await.map_err(Fault::Entry)?;
        let services = match self.services(&api, standing).await {
            Err(ListFault::Transport(fault)) => Err(ListFault::Transport(diagnosed(&route, fault).await)),
            services => services,
        };
        Ok((api, services.map_err(|fault| self.fault_of(Resource::Services, fault))?))
    }

    /// A list that can be done without. It has until the cluster's deadline; what came by then is dropped when it is
    /// not all, since half of the nodes look like a smaller cluster.
    async fn listing<T>(
        &self,
        resource: Resource,
        deadline: Instant,
        access: &Access,
        read: impl AsyncFnOnce(&Standing) -> Result<Vec<T>, ListFault>,
    ) -> Listing<T> {
        let standing = Standing::at(access.clone(), Step::AskedFor(resource));
        let items = async { read(&standing).await.map_err(|fault| self.fault_of(resource, fault)) };
        match self.until(deadline, &standing, items).await {
            Ok(items) => Listing::Complete(items),
            Err(fault) => Listing::Unreadable(ClusterError { access: standing.access(), fault }.into()),
        }
    }

    async fn connect(&self, route: &Route, standing: &Standing) -> Result<Api, super::entry_error::EntryError> {
        if let Some(command) = route.plugin() {
            standing.enter(Step::Plugin(command.to_owned()));
        }
        let user = route.credentials(self.plugins).await?;
        standing.enter(Step::Preparing);
        let patience = patience(self.limit);
        standing.know(|access| access.patience = patience);
        route.api(user, patience).await
    }

    async fn services(&self, api: &Api, standing: &Standing) -> Result<Vec<Service>, ListFault> {
        standing.enter(Step::AskedFor(Resource::Services));
        let query = Query {
            resource: Resource::Services,
            namespace: self.scope.namespace,
            selector: self.scope.selector.filter(|selector| !selector.trim().is_empty()),
        };
        let keep = |service: kubernetes::Service| {
            Some(Service::from(service)).filter(self.scope.keep).map(|service| api.sent().strike_fact(service))
        };
        list(api, &query, keep, |seen| {
            standing.enter(Step::Reading(Resource::Services, seen));
            (self.report)(Stage::Services(seen));
        })
        .await
    }

    /// All nodes, if a Service has a node port; none otherwise.
    async fn nodes(&self, api: &Api, services: &[Service], standing: &Standing) -> Result<Vec<Node>, ListFault> {
        if !services.iter().any(Service::has_node_port) {
            return Ok(Vec::new());
        }
        let query = Query { resource: Resource::Nodes, namespace: None, selector: None };
        let keep = |node: kubernetes::Node| Some(api.sent().strike_fact(Node::from(node)));
        list(api, &query, keep, |seen| standing.enter(Step::Reading(Resource::Nodes, seen))).await
    }

    async fn slices(
        &self,
        api: &Api,
        services: &[Service],
        standing: &Standing,
    ) -> Result<Vec<EndpointSlice>, ListFault> {
        let wanted: BTreeSet<(&str, &str)> =
            services.iter().map(|service| (service.namespace.as_str(), service.name.as_str())).collect();
        let keep = |slice: kubernetes::EndpointSlice| {
            // The selector knows names alone; another namespace may have a Service of the same name.
            Some(EndpointSlice::from(slice))
                .map(|slice| api.sent().strike_fact(slice))
                .filter(|slice| wanted.contains(&(slice.namespace.as_str(), slice.service.as_str())))
        };
        let mut slices = Vec::new();
        for selector in selectors(wanted.iter().map(|(_, name)| *name)) {
            let query = Query {
                resource: Resource::EndpointSlices,
                namespace: self.scope.namespace,
                selector: Some(&selector),
            };
            let before = slices.len();
            let seen = |seen| standing.enter(Step::Reading(Resource::EndpointSlices, before + seen));
            slices.extend(list(api, &query, keep, seen).await?);
        }
        Ok(slices)
    }

    fn fault_of(&self, resource: Resource, fault: ListFault) -> Fault {
        Fault::List { resource, namespace: self.scope.namespace.map(str::to_owned), fault }
    }
}

/// How long a connection may take: half of the cluster's time at most, so that there is time left to tell why; the
/// same in every run.
pub(super) fn patience(limit: Duration) -> Duration {
    CONNECT.min(limit / 2)
}

/// Label selectors that together find the slices of all `names`, none longer than [`MAX_SELECTOR`] in a URL.
pub(super) fn selectors<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.collect();
    let mut batches: Vec<(usize, Vec<&str>)> = Vec::new();
    for name in names {
        let cost = encode(name).len() + encode(",").len();
        match batches.last_mut() {
            Some((size, batch)) if *size + cost <= MAX_SELECTOR => {
                *size += cost;
                batch.push(name);
            }
            _ => batches.push((encode(SERVICE_NAME_LABEL).len() + encode(" in ()").len() + cost, vec![name])),
        }
    }
    batches.into_iter().map(|(_, batch)| format!("{SERVICE_NAME_LABEL} in ({})", batch.join(","))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_name_each_service_once_and_stay_short() {
        assert_eq!(selectors(["b", "a", "b"].into_iter()), ["kubernetes.io/service-name in (a,b)"]);
        assert!(selectors(std::iter::empty()).is_empty());
        let names: Vec<String> = (0..500).map(|n| format!("prometheus-with-a-long-name-{n:03}")).collect();
        let selectors = selectors(names.iter().map(String::as_str));
        assert!(selectors.len() > 1);
        assert!(selectors.iter().all(|selector| encode(selector).len() <= MAX_SELECTOR));
        let named = selectors.iter().flat_map(|s| s.split_once('(').unwrap().1.trim_end_matches(')').split(','));
        assert!(named.eq(names.iter().map(String::as_str)));
    }
}
