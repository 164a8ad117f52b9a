//! One file a verb: each gathers, decides and acts. The only place that knows all layers.

mod addresses;
mod advice;
mod advice_on_drift;
mod chosen;
mod deliver;
pub mod diff;
pub mod discover;
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

use crate::failure::{Failure, Failures, LostCluster};
use crate::model::discovery::{DiscoveredCluster, DiscoveredService, Discovery, Shortfall};
use crate::model::names::ClusterName;
use crate::model::nodeport;
use crate::model::resolve::Problem;
use crate::terminal::Terminal;
use crate::text::shell_word;

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
fn shortfall_failure(shortfall: &Shortfall) -> Failure {
    match shortfall {
        Shortfall::Cluster { name, context, reason } => {
            let cluster = LostCluster { name: name.to_string(), context: context.clone() };
            let failure = Failure::of_cluster(cluster).caused_by(&reason.cause);
            match &reason.hint {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        }
        Shortfall::Service { origin, context, problem, not_node_port, listed } => {
            let service = origin.service.as_ref().map_or_else(|| "the settings".into(), |service| service.to_string());
            let what =
                format!("cluster `{}`: Service `{service}` has no address that a querier can dial", origin.cluster);
            let refused = not_node_port.as_ref();
            let first = problem_hint(problem, refused, &service, context.as_deref(), &origin.cluster);
            let leave_out = leave_out::hint(origin, context.as_deref(), *listed);
            Failure::new(what).caused_by(problem).hint(format!("{first}\n{leave_out}"))
        }
    }
}

/// What to do about a Service without an address; `refused` is why `patch-nodeport` would not take it.
fn problem_hint(
    problem: &Problem,
    refused: Option<&nodeport::Refused>,
    service: &str,
    context: Option<&str>,
    cluster: &ClusterName,
) -> String {
    let (namespace, name) = service.split_once('/').unwrap_or(("", service));
    let context = context.map_or_else(String::new, |context| format!(" --context {}", shell_word(context)));
    let (namespace, name) = (shell_word(namespace), shell_word(name));
    let annotate = || {
        format!("kubectl annotate service {name} -n {namespace}{context} --overwrite thanosctl.io/address=HOST:PORT")
    };
    match problem {
        Problem::Pending { reasons, .. } if !reasons.is_empty() => format!(
            "do what its conditions ask for, and see its events with\n\
             kubectl describe service {name} -n {namespace}{context}\n\
             where there is no load balancer, make it NodePort, or prefer its node port\n\
             (`clusters: [{{context: …, address: {{prefer: [NodePort]}}}}]`),"
        ),
        Problem::Pending { .. } => format!(
            "wait for its load balancer, and see why it takes so long with\n\
             kubectl describe service {name} -n {namespace}{context}\n\
             where there is no load balancer, make it NodePort, or prefer its node port\n\
             (`clusters: [{{context: …, address: {{prefer: [NodePort]}}}}]`),"
        ),
        Problem::PortUnclear { .. } => format!("write down which one it is with\n{}", annotate()),
        Problem::PortRefused { .. } => {
            format!("see its conditions with\nkubectl describe service {name} -n {namespace}{context}")
        }
        Problem::ClusterInternal => {
            let named = shell_word(service);
            match refused {
                None => format!(
                    "expose it in the values of its chart, or now with\nthanosctl patch-nodeport {named}{context}"
                ),
                Some(nodeport::Refused::Owner { who, .. }) => format!(
                    "expose it where it is kept (by {who}), or put a Service beside it now, with\n\
                     thanosctl expose {named}{context}"
                ),
                // Nothing that could be made would have endpoints.
                Some(reason) => format!(
                    "it is not made NodePort: {reason}\n\
                     if it is reached some other way, write that down with\n{}",
                    annotate()
                ),
            }
        }
        Problem::Headless => format!(
            "expose it in the values of its chart (kube-prometheus-stack: `prometheus.thanosServiceExternal.enabled: \
             true`,\nbitnami/kube-prometheus: `prometheus.thanos.service.type`), or put Services that can be \
             reached beside it now, with\nthanosctl expose {}{context}",
            shell_word(service)
        ),
        Problem::ExternalName { name } => format!(
            "if a sidecar answers at {name}, give cluster `{cluster}` fixed `endpoints: [{name}:10901]` in thanosctl.yaml,"
        ),
        Problem::NoNodePorts { .. } => format!(
            "put Services of type LoadBalancer beside it, with\nthanosctl expose {}{context} --type LoadBalancer",
            shell_word(service)
        ),
        Problem::NoNode { .. } => format!("look at the nodes with\nkubectl get nodes -o wide{context}"),
        Problem::Unreadable { reason, .. } => {
            reason.hint.clone().unwrap_or_else(|| "allow it, or write its address into the settings,".to_owned())
        }
        Problem::NoFamily { .. } => "set another `family` in the `address` of the cluster, or none,".to_owned(),
        Problem::UnknownValue { .. } => format!(
            "write its address down with\n\
             kubectl annotate service {name} -n {namespace}{context} thanosctl.io/address=HOST:PORT"
        ),
        Problem::BadAddress { .. } | Problem::NoName { .. } => {
            format!("mend it with\n{}", annotate())
        }
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
fn nothing_found(discovery: &Discovery<'_>) -> Failure {
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
    if others.is_empty() {
        failure.hint(
            "is the sidecar on? kube-prometheus-stack: `prometheus.prometheusSpec.thanos` and `prometheus.thanosService.enabled`;\n\
             bitnami/kube-prometheus: `prometheus.thanos.create`; the Services there are listed by\n\
             kubectl get services -A",
        )
    } else {
        failure
            .caused_by(format!("there are other StoreAPIs: {}", others.join(", ")))
            .hint("to query those instead, name them in thanosctl.yaml: `services: {include: [NAMESPACE/NAME]}`")
    }
}
