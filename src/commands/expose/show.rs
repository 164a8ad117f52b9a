//! What is shown of a plan, and of what became of it.

use serde_json::{Value, json};

use super::plan::{Exposed, Item, Plan, Rejected};
use crate::chart::producer;
use crate::cli::{ClusterArgs, ExposeArgs, ManifestFormat};
use crate::commands::addresses::{line, surroundings, without_address};
use crate::commands::advice;
use crate::commands::plan_table::plan_table;
use crate::commands::rerun::Rerun;
use crate::commands::writing::{Connected, patch_lines};
use crate::failure::Failure;
use crate::fleet::exposure::{Action, Refused, Wanted};
use crate::fleet::inventory::ServiceType;
use crate::fleet::live::LiveService;
use crate::fleet::resolve::{Annotated, Problem, Surroundings, Viewpoint, resolve, resolve_node_port};
use crate::json::to_json;
use crate::names::ServiceRef;
use crate::template::{self, Record, Template, template};
use crate::terminal::Terminal;
use crate::text::clean;
use crate::yaml;

static SERVICES: Template = template!("services.yaml.j2");

/// The plan for a screen of `width` columns: a table, what else there is to know, and each request as it would be sent. Fit for a terminal.
pub(super) fn plan(plan: &Plan, width: u16) -> String {
    let rows = plan.items.iter().map(|item| {
        let (cluster, name) = (item.cluster.to_string(), item.step.name.to_string());
        vec![cluster, name, action(item), type_of(item), purpose(&item.base, item.step.pod.as_deref())]
    });
    let mut text = plan_table(&["CLUSTER", "SERVICE", "ACTION", "TYPE", "FOR"], rows.collect(), width);
    for Exposed { cluster, base, remarks, .. } in &plan.exposed {
        for remark in remarks {
            text.push_str(&clean(&format!("{cluster} {}: {remark}", base.reference())));
            text.push('\n');
        }
    }
    for item in plan.work().filter(|item| loses_balancer(item)) {
        text.push_str(&clean(&format!("{}: its load balancer is destroyed, and its address is lost", item.label())));
        text.push('\n');
    }
    for item in plan.work() {
        let label = item.label();
        match (&item.step.action, &item.live) {
            (Action::Create(wanted), _) => text.push_str(&manifest_lines(&label, &wanted.manifest())),
            (Action::Change(wanted, _), Some(live)) => text.push_str(&patch_lines(&label, &wanted.patch(live))),
            (Action::Remove, Some(live)) => text.push_str(&delete_lines(&label, live)),
            (Action::Change(..) | Action::Remove | Action::Keep(_), _) => {}
        }
    }
    text
}

/// One Service of the plan, with what is done, and for what.
pub(super) fn label(item: &Item) -> String {
    format!("{}: {}, for {}", item.label(), action(item), purpose(&item.base, item.step.pod.as_deref()))
}

fn action(item: &Item) -> String {
    match &item.step.action {
        Action::Create(_) => "create".to_owned(),
        Action::Change(_, differs) => {
            format!("change {}", differs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Action::Keep(_) => "keep".to_owned(),
        Action::Remove => format!("remove{}", item.evidence().remark()),
    }
}

fn type_of(item: &Item) -> String {
    let live = || item.live.as_ref().map(|live| live.facts().service_type);
    let service_type = item.step.action.wanted().map(|wanted| wanted.service_type).or_else(live);
    service_type.map_or_else(|| "-".to_owned(), |service_type| format!("{service_type:?}"))
}

/// For what a Service of ours is there.
pub(super) fn purpose(base: &ServiceRef, pod: Option<&str>) -> String {
    pod.map_or_else(|| base.to_string(), |pod| format!("{base} pod {pod}"))
}

/// Whether an item takes a load balancer away.
fn loses_balancer(item: &Item) -> bool {
    let is_balanced = |live: &LiveService| live.facts().service_type == ServiceType::LoadBalancer;
    let becomes = item.step.action.wanted().map(|wanted| wanted.service_type);
    item.live.as_ref().is_some_and(is_balanced) && becomes != Some(ServiceType::LoadBalancer)
}

fn manifest_lines(label: &str, manifest: &Value) -> String {
    format!("\nmanifest of {}:\n{}", clean(label), yaml::document(manifest))
}

/// The removal of exactly this Service. Fit for a terminal.
pub(super) fn delete_lines(label: &str, live: &LiveService) -> String {
    let (uid, version) = (clean(live.uid()), clean(live.resource_version()));
    format!("\ndelete of {} (only while its uid is {uid} and its resourceVersion {version})\n", clean(label))
}

/// All Services of ours as they shall be, as a List for `kubectl apply`.
///
/// # Errors
/// When the list does not say what it should, which would be a bug.
pub(super) fn manifests(plan: &Plan, format: ManifestFormat) -> Result<String, Failure> {
    let wanted = plan.items.iter().filter_map(|item| item.step.action.wanted());
    let items: Vec<Value> = wanted.map(Wanted::portable_manifest).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    match format {
        ManifestFormat::Yaml => {
            let services = items.iter().map(|item| template::verbatim(yaml::item(item, 2).join("\n")));
            SERVICES.render(Record::default().with("services", services.collect::<template::Value>()), &[&list])
        }
        ManifestFormat::Json => Ok(to_json(&list)),
    }
}

/// A Service that is not exposed, and what to do instead.
pub(super) fn rejected(rejected: &Rejected, args: &ClusterArgs) -> Failure {
    let Rejected { cluster, context, base, reason } = rejected;
    let (name, context) = (base.to_string(), context.as_deref());
    let command = |more: &[&str]| Rerun::of(args).command_in(&[&["expose", name.as_str()], more].concat(), context);
    let hint = match reason {
        Refused::Deleting | Refused::OursDeleting(_) => "wait until it is gone, then run this again".to_owned(),
        Refused::UnknownValue { .. } => {
            "change it by hand, or write down how it is reached: annotation thanosctl.io/address=HOST:PORT,\n\
             which the settings must allow (`overrides: {allow: [NAMESPACE/NAME]}`)"
                .to_owned()
        }
        Refused::ExternalName(_) => "expose the Service that it stands for".to_owned(),
        Refused::NoSelector => "give it a selector, or write a Service and its EndpointSlices by hand".to_owned(),
        Refused::Ours(base) => {
            format!("expose that one: {}", Rerun::of(args).command_in(&["expose", &base.to_string()], context))
        }
        Refused::NoGrpcPort(_) | Refused::UnknownPort { .. } | Refused::OtherPort { .. } => {
            format!("name the port: {}", command(&["--port", "PORT"]))
        }
        Refused::PodsUnreadable(reason) => {
            let way_out = format!("or make one Service for all pods: {}", command(&["--one-for-all"]));
            reason.hint.as_ref().map_or_else(|| way_out.clone(), |hint| format!("{hint}\n{way_out}"))
        }
        Refused::NoPod | Refused::NotAReplica(_) | Refused::Unnamed => {
            format!("make one Service for all pods: {}", command(&["--one-for-all"]))
        }
        Refused::SeveralForOneNumber { .. } => {
            "leave --node-port out and let the cluster choose, or say --one-for-all".to_owned()
        }
        Refused::NumberOfBalancer => "leave --node-port out, or say --type NodePort".to_owned(),
        Refused::NameTaken(name) => format!(
            "rename or remove that one; look at it with\n{}",
            Rerun::of(args).kubectl_in(&["get", "service", &name.name, "-n", &name.namespace, "-o", "yaml"], context)
        ),
        Refused::MayBePublic(_) => format!(
            "say on it how load balancers are made private there (annotations, loadBalancerClass, \
             loadBalancerSourceRanges),\nor, if they may be public: {}",
            command(&["--type", "LoadBalancer", "--force"])
        ),
        Refused::NoNodePorts(_) => {
            format!("expose it by a load balancer: {}", command(&["--type", "LoadBalancer"]))
        }
        Refused::LoadBalancer(_) => {
            format!("if it may be destroyed: {}", command(&["--type", "NodePort", "--force"]))
        }
    };
    Failure::new(format!("cluster `{cluster}`: Service `{base}` is not exposed")).caused_by(reason).hint(hint)
}

/// The values by which the charts of the Services could do it themselves.
pub(super) fn advice(plan: &Plan, width: u16) -> String {
    let told = plan.exposed.iter().map(|Exposed { cluster, context, base, .. }| {
        let own = plan.items.iter().filter(|item| item.cluster == *cluster && item.base == base.reference());
        let wanted: Vec<&Wanted> = own.filter_map(|item| item.step.action.wanted()).collect();
        let balanced = wanted.iter().any(|wanted| wanted.service_type == ServiceType::LoadBalancer);
        let service_type = if balanced { producer::OutsideType::LoadBalancer } else { producer::OutsideType::NodePort };
        let node_port = wanted.iter().find_map(|wanted| wanted.port.node_port);
        let wish = producer::Wish { service_type, node_port, context: context.as_deref() };
        let lead = "the chart can do it itself";
        let mut text = advice::tell(lead, &format!("{cluster} {}", base.reference()), base, &wish, width);
        if wanted.len() > 1 && !text.is_empty() {
            text.push_str("  # which is one address for all replicas, of which a querier sees one at a time\n");
        }
        text
    });
    told.collect()
}

/// The addresses of what is there now, a line each, and a failure for each that cannot be told. A load balancer that
/// is pending is no failure: it takes its time.
pub(super) async fn addresses(
    args: &ExposeArgs,
    connected: &[Connected],
    done: &[(usize, &Item, LiveService)],
    terminal: &Terminal,
) -> (String, Vec<Failure>) {
    let own = |cluster: &Connected| {
        let own = done.iter().filter(|(at, _, _)| std::ptr::eq(&connected[*at], cluster));
        own.map(|(_, _, live)| live.facts().clone()).collect()
    };
    let observed = surroundings(connected, own, &args.clusters).await;
    let (mut lines, mut failures) = (String::new(), Vec::new());
    for (at, item, live) in done {
        let (cluster, service) = (&connected[*at], live.facts());
        let (Some(observed), Some(port)) = (&observed[*at], service.ports.first()) else { continue };
        let around = Surroundings::of(observed, &cluster.policy);
        let resolved = if service.service_type == ServiceType::NodePort {
            resolve_node_port(service, port, &around)
        } else {
            resolve(service, port, &around, Viewpoint::Outside, Annotated::Ignored)
        };
        match (resolved.endpoints.first(), resolved.problem) {
            (Some((address, _)), _) => lines.push_str(&line(service, port, address)),
            (None, Some(problem @ Problem::Pending { .. })) => terminal.note(&format!(
                "{}: {problem}; look again with: {}",
                item.label(),
                Rerun::of(&args.clusters)
                    .command_in(&["expose", &item.base.to_string()], Some(&cluster.target.context))
            )),
            (None, problem) => {
                let what = "is there, but at which address is not known";
                failures.push(without_address(cluster, service, what, problem.as_ref()));
            }
        }
    }
    (lines, failures)
}
