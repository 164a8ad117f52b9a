//! One file a verb: each gathers, decides and acts. The only place that knows all layers.

mod addresses;
mod advice;
mod advice_on_drift;
mod chosen;
mod conclusion;
mod deliver;
pub mod diff;
pub mod discover;
mod evidence;
mod expected;
pub mod explain;
pub mod expose;
mod file_chart;
pub mod gen_values;
mod helm;
mod keep;
mod layered;
mod leave_out;
pub mod patch_nodeport;
mod plan_table;
mod recorded;
mod release;
mod replace;
mod rerun;
mod said;
mod same;
pub mod schema;
mod secrets;
mod source;
mod table;
mod unreadable;
mod update;
mod update_file;
pub mod validate;
mod value_findings;
mod values_file;
mod writing;

use rerun::Rerun;

use crate::failure::{Failure, Failures, LostCluster};
use crate::fleet::discovery::{DiscoveredCluster, DiscoveredService, Discovery, Shortfall};
use crate::fleet::inventory::Unreadable;
use crate::fleet::nodeport;
use crate::fleet::resolve::Problem;
use crate::names::ClusterName;
use crate::terminal::Terminal;

/// To be waited for before the first file is written beside its place: from then on a signal is noticed only where the
/// program waits (`lib.rs`), so none ends it while a temporary file stands.
async fn before_writing() {
    tokio::task::yield_now().await;
}

/// What a command found. Not an error: only [`exit_code`](Outcome::exit_code) and `main` know numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All was done.
    Done,
    /// It was done, and something was found that is not as it should be.
    Differs,
    /// It was done for some clusters only.
    Incomplete,
    /// Somebody was asked and said no; nothing was done.
    Declined,
}

impl Outcome {
    /// The exit code that stands for it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Differs => 1,
            Self::Incomplete => 3,
            Self::Declined => INTERRUPTED,
        }
    }
}

/// The exit code of a command that could not work.
pub const FAILED: u8 = 2;

/// The exit code of a command that was interrupted or declined.
pub const INTERRUPTED: u8 = 130;

/// The exit code of a command that was told to end, as by `kill` or a CI system.
pub const TERMINATED: u8 = 143;

/// The exit code of a command whose terminal was closed.
pub const HUNG_UP: u8 = 129;

/// The exit code of a command that was told to quit, by Ctrl-\\.
pub const QUIT: u8 = 131;

/// What every command returns.
pub type CommandResult = Result<Outcome, Failures>;

/// What is missing, as a failure with its hint.
fn shortfall_failure(shortfall: &Shortfall, rerun: Rerun<'_>) -> Failure {
    match shortfall {
        Shortfall::Cluster { name, context, reason } => unreadable_cluster(name, context.clone(), reason),
        Shortfall::Service { origin, context, problem, not_node_port, ignored, listed } => {
            let service = origin.service.as_ref().map_or_else(|| "the settings".into(), |service| service.to_string());
            let what =
                format!("cluster `{}`: Service `{service}` has no address that a querier can dial", origin.cluster);
            let commands = Commands { rerun, service: &service, context: context.as_deref() };
            let first = problem_hint(problem, not_node_port.as_ref(), &commands, &origin.cluster);
            let leave_out = leave_out::hint(origin, context.as_deref(), *listed);
            let ignored = ignored.as_ref().map(|remark| format!("{remark};\n")).unwrap_or_default();
            Failure::new(what).caused_by(problem).hint(format!("{ignored}{first}\n{leave_out}"))
        }
    }
}

/// A cluster that could not be read.
fn unreadable_cluster(name: &ClusterName, context: Option<String>, reason: &Unreadable) -> Failure {
    let failure = Failure::of_cluster(LostCluster { name: name.to_string(), context }).caused_by(&reason.cause);
    match &reason.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Commands about one Service.
struct Commands<'a> {
    rerun: Rerun<'a>,
    /// `NAMESPACE/NAME`.
    service: &'a str,
    context: Option<&'a str>,
}

impl Commands<'_> {
    fn thanosctl(&self, verb: &str, more: &[&str]) -> String {
        self.rerun.command_in(&[&[verb, self.service], more].concat(), self.context)
    }

    fn kubectl(&self, verb: &str, more: &[&str]) -> String {
        let (namespace, name) = self.service.split_once('/').unwrap_or(("", self.service));
        self.rerun.kubectl_in(&[&[verb, "service", name, "-n", namespace], more].concat(), self.context)
    }

    fn describe(&self) -> String {
        self.kubectl("describe", &[])
    }

    fn annotate(&self) -> String {
        let annotate = self.kubectl("annotate", &["--overwrite", "thanosctl.io/address=HOST:PORT"]);
        format!("{annotate}\nand allow that in thanosctl.yaml (`overrides: {{allow: [{}]}}`),", self.service)
    }
}

/// What to do about a Service without an address; `refused` is why `patch-nodeport` would not take it.
fn problem_hint(
    problem: &Problem,
    refused: Option<&nodeport::Refused>,
    commands: &Commands<'_>,
    cluster: &ClusterName,
) -> String {
    match problem {
        Problem::Pending { reasons, .. } => {
            let first = match reasons.is_empty() {
                true => "wait for its load balancer, and see why it takes so long with",
                false => "do what its conditions ask for, and see its events with",
            };
            format!(
                "{first}\n{}\n\
                 where there is no load balancer, make it NodePort, or prefer its node port\n\
                 (`clusters: [{{context: …, address: {{prefer: [NodePort]}}}}]`),",
                commands.describe()
            )
        }
        Problem::PortUnclear { .. } => format!("write down which one it is with\n{}", commands.annotate()),
        Problem::PortRefused { .. } => format!("see its conditions with\n{}", commands.describe()),
        Problem::ClusterInternal => match refused {
            None => format!(
                "expose it in the values of its chart, or now with\n{}",
                commands.thanosctl("patch-nodeport", &[])
            ),
            Some(nodeport::Refused::Owner { who, .. }) => format!(
                "expose it where it is kept (by {who}), or put a Service beside it now, with\n{}",
                commands.thanosctl("expose", &[])
            ),
            // Nothing that could be made would have endpoints.
            Some(reason) => format!(
                "it is not made NodePort: {reason}\n\
                 if it is reached some other way, write that down with\n{}",
                commands.annotate()
            ),
        },
        Problem::Headless => format!(
            "expose it in the values of its chart (kube-prometheus-stack: `prometheus.thanosServiceExternal.enabled: \
             true`,\nbitnami/kube-prometheus: `prometheus.thanos.service.type`), or put Services that can be \
             reached beside it now, with\n{}",
            commands.thanosctl("expose", &[])
        ),
        Problem::ExternalName { name } => format!(
            "if a sidecar answers at {name}, give cluster `{cluster}` fixed `endpoints: [{name}:10901]` in thanosctl.yaml,"
        ),
        Problem::NoNodePorts { .. } => format!(
            "put Services of type LoadBalancer beside it, with\n{}",
            commands.thanosctl("expose", &["--type", "LoadBalancer"])
        ),
        Problem::NoNode { .. } => format!(
            "look at the nodes with\n{}",
            commands.rerun.kubectl_in(&["get", "nodes", "-o", "wide"], commands.context)
        ),
        Problem::Unreadable { reason, .. } => {
            reason.hint.clone().unwrap_or_else(|| "allow it, or write its address into the settings,".to_owned())
        }
        Problem::NoFamily { .. } => "set another `family` in the `address` of the cluster, or none,".to_owned(),
        Problem::UnknownValue { .. } => format!("write its address down with\n{}", commands.annotate()),
        Problem::BadAddress { .. } | Problem::NoName { .. } => format!("correct it with\n{}", commands.annotate()),
        Problem::Deleting | Problem::Excluded | Problem::SamePods { .. } => {
            "run this again when it is gone,".to_owned()
        }
    }
}

/// Warns of readable clusters that have nothing for the querier, and of remarks worth an operator's attention.
fn warn_of_gaps(discovery: &Discovery<'_>, terminal: &Terminal) {
    let is_empty = |found: &&DiscoveredCluster<'_>| {
        let feeds = |services: &Vec<DiscoveredService<'_>>| services.iter().any(|service| service.feeds);
        found.cluster.fixed_endpoints.is_empty() && found.services.as_ref().is_ok_and(|services| !feeds(services))
    };
    let names: Vec<String> =
        discovery.clusters.iter().filter(is_empty).map(|found| format!("`{}`", found.cluster.name)).collect();
    match &names[..] {
        [] => {}
        [name] => terminal.warning(&format!("cluster {name} has no Thanos sidecar that the querier could be given")),
        names => terminal.warning(&format!(
            "{} clusters have no Thanos sidecar that the querier could be given: {}",
            names.len(),
            names.join(", ")
        )),
    }
}

/// The failure of a fleet in which nothing was found for the querier.
fn nothing_found(discovery: &Discovery<'_>, rerun: Rerun<'_>) -> Failure {
    if !discovery.clusters.is_empty() && discovery.clusters.iter().all(|cluster| cluster.services.is_err()) {
        return Failure::new("no cluster could be read");
    }
    if discovery.shortfalls().iter().any(|shortfall| matches!(shortfall, Shortfall::Service { .. })) {
        return Failure::new("no Thanos sidecar has an address that a querier can dial");
    }
    let others: Vec<String> = discovery
        .clusters
        .iter()
        .flat_map(|cluster| cluster.services.iter().flatten().map(move |found| (cluster.cluster, found)))
        .filter(|(_, found)| !found.feeds)
        .take(5)
        .map(|(cluster, found)| format!("{} {} ({})", cluster.name, found.service.reference(), found.recognised.role))
        .collect();
    let failure = Failure::new("no Thanos sidecar was found in any cluster");
    if let Some(flags) = rerun.narrowing() {
        return failure.hint(format!("only Services of `{flags}` were looked at: leave that out to see all"));
    }
    if others.is_empty() {
        let mut contexts = discovery.clusters.iter().map(|found| found.cluster.context.as_deref());
        let (first, last) = (contexts.next().flatten(), contexts.next_back());
        let command = match last {
            // One stands for all: each has its own.
            None => rerun.kubectl_in(&["get", "services", "-A"], first),
            Some(_) => rerun.kubectl_in(&["get", "services", "-A"], Some("CONTEXT")),
        };
        failure.hint(format!(
            "is the sidecar on? kube-prometheus-stack: `prometheus.prometheusSpec.thanos` and `prometheus.thanosService.enabled`;\n\
             bitnami/kube-prometheus: `prometheus.thanos.create`; the Services there are listed by\n{command}"
        ))
    } else {
        failure
            .caused_by(format!("there are other StoreAPIs: {}", others.join(", ")))
            .hint("to query those instead, name them in thanosctl.yaml: `services: {include: [NAMESPACE/NAME]}`")
    }
}
