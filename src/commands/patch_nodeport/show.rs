//! What is shown of a plan and of what became of it.

use serde_json::{Value, json};

use super::{Item, Plan, Rejected, cluster_of};
use crate::cli::{ClusterArgs, ManifestFormat, PatchNodeportArgs};
use crate::commands::addresses::{line, surroundings, without_address};
use crate::commands::advice;
use crate::commands::plan_table::{plan_table, wrapped};
use crate::commands::rerun::Rerun;
use crate::commands::writing::{Connected, patch_lines};
use crate::failure::Failure;
use crate::fleet::inventory::{Service, ServicePort, ServiceType};
use crate::fleet::live::LiveService;
use crate::fleet::nodeport::{Change, Decision, Record, Refused, Wish, told_ports};
use crate::fleet::resolve::{Surroundings, resolve_node_port};
use crate::fleet::sidecar;
use crate::journal::Journal;
use crate::json::to_json;
use crate::names::ServiceRef;
use crate::terminal::Terminal;
use crate::yaml;

/// A Service as messages name it.
pub(super) fn name(item: &Item) -> String {
    format!("{} {}", item.cluster, item.service.reference())
}

/// The same with what changes of it.
pub(super) fn label(item: &Item) -> String {
    format!("{}: {}", name(item), words(item).0)
}

/// The plan for a screen of `width` columns: what changes, what else there is to know, and, if they are asked for, the
/// patches as they would be sent. Fit for a terminal.
pub(super) fn plan(plan: &Plan, args: &PatchNodeportArgs, width: u16) -> String {
    let rows = plan.items.iter().map(|item| {
        let (change, ports) = words(item);
        let owners: Vec<String> = item.owners.iter().map(ToString::to_string).collect();
        let owners = if owners.is_empty() { "-".to_owned() } else { owners.join(", ") };
        vec![item.cluster.to_string(), item.service.reference().to_string(), change, ports, owners]
    });
    let mut text = plan_table(&["CLUSTER", "SERVICE", "CHANGE", "PORTS", "KEPT BY"], rows.collect(), width);
    for item in plan.changes() {
        let Decision::Change(change) = &item.decision else { continue };
        for remark in remarks(item, change) {
            text.push_str(&wrapped("", &format!("{}: {remark}", name(item)), width));
        }
    }
    for item in plan.changes().filter(|_| args.show_patch) {
        if let Some(patch) = patch(item, args) {
            text.push_str(&patch_lines(&name(item), &patch));
        }
    }
    text
}

/// The patch of an item as it would be sent; without the conditions where nobody read the Service. `None` when nothing is
/// changed.
fn patch(item: &Item, args: &PatchNodeportArgs) -> Option<Value> {
    let Decision::Change(change) = &item.decision else { return None };
    Some(match &item.live {
        Some(live) => change.patch(Some((live, &Record::of(live, change, &args.writing.field_manager, None)))),
        None => change.patch(None),
    })
}

/// The plan as a document: each Service with what changes, who keeps it, and the patch as it would be sent.
pub(super) fn document(plan: &Plan, args: &PatchNodeportArgs, format: ManifestFormat) -> String {
    let item = |item: &Item| {
        let (change, ports) = words(item);
        let owners: Vec<String> = item.owners.iter().map(ToString::to_string).collect();
        json!({
            "cluster": item.cluster,
            "context": item.context,
            "namespace": item.service.namespace,
            "name": item.service.name,
            "change": change,
            "ports": ports,
            "keptBy": owners,
            "patch": patch(item, args),
        })
    };
    let plan = json!({"kind": "Plan", "version": 1, "services": plan.items.iter().map(item).collect::<Vec<_>>()});
    match format {
        ManifestFormat::Yaml => yaml::document(&plan),
        ManifestFormat::Json => to_json(&plan),
    }
}

/// What changes of a Service, and its ports.
fn words(item: &Item) -> (String, String) {
    match &item.decision {
        Decision::Open => ("none: NodePort already".to_owned(), told(&item.service)),
        Decision::Balanced => ("none: a LoadBalancer with node ports".to_owned(), told(&item.service)),
        Decision::Change(change) if change.from == ServiceType::NodePort => ("node ports".to_owned(), planned(change)),
        Decision::Change(change) => (format!("{:?} → NodePort", change.from), planned(change)),
    }
}

fn planned(change: &Change) -> String {
    change.ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn told(service: &Service) -> String {
    let port = |port: &ServicePort| match (&port.name, port.node_port) {
        (Some(name), Some(number)) => format!("{name} {} → {number}", port.port),
        (None, Some(number)) => format!("{} → {number}", port.port),
        (_, None) => port.port.to_string(),
    };
    service.ports.iter().map(port).collect::<Vec<_>>().join(", ")
}

/// What else the change does, and what others will do to it.
fn remarks(item: &Item, change: &Change) -> Vec<String> {
    let mut remarks = Vec::new();
    if change.from == ServiceType::LoadBalancer {
        remarks.push("its load balancer is destroyed, and its address is lost for good".to_owned());
    }
    if change.drops_source_ranges || !change.drops_annotations.is_empty() {
        remarks.push(
            "loadBalancerSourceRanges go with it: the node ports are open to everybody who reaches a node".to_owned(),
        );
    }
    if change.from == ServiceType::ClusterIP && change.ports.len() > 1 {
        remarks.push("every port gets a node port, also those that nobody asked for".to_owned());
    }
    remarks.extend(item.owners.iter().map(|owner| format!("{owner}: {}", owner.effect())));
    remarks
}

/// A Service that cannot be changed, and what to do instead.
pub(super) fn rejected(rejected: &Rejected, args: &ClusterArgs) -> Failure {
    let Rejected { cluster, context, service, reason } = rejected;
    let reference = service.reference();
    let name = reference.to_string();
    let command = |verb: &str, more: &[&str]| {
        Rerun::of(args).command_in(&[&[verb, name.as_str()], more].concat(), context.as_deref())
    };
    let expose = || format!("make a Service of its own beside it, with\n{}", command("expose", &[]));
    let hint = match reason {
        Refused::Headless => expose(),
        Refused::ExternalName(_) => "change the Service that it stands for".to_owned(),
        Refused::NoSelector => format!("if that is meant: {}", command("patch-nodeport", &["--force"])),
        Refused::Deleting => "wait until it is gone, or made anew".to_owned(),
        Refused::UnknownValue { .. } => {
            "change it by hand, or write down how it is reached: annotation thanosctl.io/address=HOST:PORT,\n\
             which the settings must allow (`overrides: {allow: [NAMESPACE/NAME]}`)"
                .to_owned()
        }
        Refused::NoNodePorts(_) => {
            format!("expose it by a load balancer, with\n{}", command("expose", &["--type", "LoadBalancer"]))
        }
        Refused::NoPorts => "give it a port first".to_owned(),
        Refused::UnknownPort { .. } | Refused::AmbiguousPort(_) | Refused::SameNodePort(_) => {
            "name the port as `--port PORT`, or as `--node-port PORT=N`".to_owned()
        }
        Refused::LoadBalancer(_) => {
            format!("if it may be destroyed: {}", command("patch-nodeport", &["--replace-loadbalancer"]))
        }
        Refused::Owner { .. } => format!(
            "{}\nor change it where it is kept; if it shall be changed all the same: {}",
            expose(),
            command("patch-nodeport", &["--force"])
        ),
    };
    Failure::new(format!("cluster `{cluster}`: Service `{reference}` is not made NodePort"))
        .caused_by(reason)
        .hint(hint)
}

/// The command that takes a change back.
pub(super) fn undo(args: &PatchNodeportArgs, service: &ServiceRef, context: Option<&str>) -> String {
    let (service, journal) =
        (service.to_string(), args.writing.journal.as_ref().map(|folder| folder.display().to_string()));
    let mut words = vec!["patch-nodeport", "--undo", service.as_str()];
    words.extend(journal.iter().flat_map(|folder| ["--journal", folder.as_str()]));
    Rerun::of(&args.clusters).command_in(&words, context)
}

/// Says what was done, and how to take it back.
pub(super) fn done(
    plan: &Plan,
    done: &[Option<LiveService>],
    args: &PatchNodeportArgs,
    journal: &Journal,
    terminal: &Terminal,
) {
    let mut any = false;
    for (item, done) in plan.items.iter().zip(done) {
        let Some(live) = done else { continue };
        any = true;
        terminal.note(&format!("{} is NodePort now: {}", name(item), told(live.facts())));
        let undo = undo(args, &item.service.reference(), item.context.as_deref());
        terminal.note(&format!("  take it back with: {undo}"));
    }
    if any {
        terminal.note(&format!("how they were before is kept in {}", journal.folder().display()));
    }
}

/// The values that make the changes last, in the charts of the Services: those that are changed, and those that cannot
/// be.
pub(super) fn advice(plan: &Plan, width: u16) -> String {
    let mut text = String::new();
    for item in &plan.items {
        let Decision::Change(change) = &item.decision else { continue };
        let wanted = change.ports.iter().find_map(|port| port.wanted);
        let wish = advice::node_port(wanted, item.context.as_deref());
        text.push_str(&advice::tell("to make it last", &name(item), &item.service, &wish, width));
    }
    for Rejected { cluster, context, service, .. } in &plan.rejected {
        let name = format!("{cluster} {}", service.reference());
        text.push_str(&advice::tell("instead", &name, service, &advice::node_port(None, context.as_deref()), width));
    }
    text
}

/// The same once node ports were given: the values that fix these numbers too; empty where that says nothing new.
pub(super) fn advice_with_numbers(plan: &Plan, done: &[Option<LiveService>], width: u16) -> String {
    let grpc = |service: &Service| sidecar::grpc_port(service).and_then(|port| port.node_port);
    let mut text = String::new();
    for (item, live) in plan.items.iter().zip(done) {
        let (Decision::Change(change), Some(live)) = (&item.decision, live) else { continue };
        let wanted = change.ports.iter().find_map(|port| port.wanted);
        let Some(given) = grpc(live.facts()).filter(|given| Some(*given) != wanted) else { continue };
        let lead = "to keep the node port too";
        let told = |number| {
            advice::tell(lead, &name(item), &item.service, &advice::node_port(number, item.context.as_deref()), width)
        };
        let new = told(Some(given));
        if new != told(wanted) {
            text.push_str(&new);
        }
    }
    text
}

/// The addresses of what is NodePort now, a line each, and a failure for each that cannot be told.
pub(super) async fn addresses(
    args: &PatchNodeportArgs,
    wish: &Wish,
    connected: &[Connected],
    plan: &Plan,
    done: &[Option<LiveService>],
) -> (String, Vec<Failure>) {
    let own = |cluster: &Connected| {
        let own = plan.items.iter().zip(done).filter(|(item, _)| item.cluster == cluster.target.name);
        own.filter_map(|(_, live)| Some(live.as_ref()?.facts().clone())).collect()
    };
    let observed = surroundings(connected, own, &args.clusters).await;
    let (mut lines, mut failures) = (String::new(), Vec::new());
    for (item, live) in plan.items.iter().zip(done) {
        let (Some(live), Some(cluster)) = (live, cluster_of(connected, item)) else { continue };
        let at = connected.iter().position(|other| std::ptr::eq(other, cluster)).expect("it is one of them");
        let Some(observed) = &observed[at] else { continue };
        let service = live.facts();
        for port in told_ports(service, wish).unwrap_or_default() {
            let port = &service.ports[port];
            let around = Surroundings::of(observed, &cluster.policy);
            let resolved = resolve_node_port(service, port, &around);
            match (resolved.endpoints.first(), resolved.problem) {
                (Some((address, _)), _) => lines.push_str(&line(service, port, address)),
                (None, problem) => {
                    let number = port.node_port.map(|number| number.to_string()).unwrap_or_default();
                    let what = format!("has node port {number}, but at which address is not known");
                    failures.push(without_address(cluster, service, &what, problem.as_ref()));
                }
            }
        }
    }
    (lines, failures)
}
