//! The values that give a Service an outside address for good, in the chart that made it: what a patch of the live
//! object is not, since the next upgrade may undo it.

mod charts;

use serde_json::{Map, Value};

use super::merge as merge_tree;
use super::names::is_dns_name;
use super::version::Version;
use crate::fleet::inventory::{Service, ServiceType};
use crate::fleet::ownership::{Owner, Signs, owners};
use crate::fleet::sidecar::grpc_port;
use crate::text::{clean, shell_word};
use crate::yaml;

use charts::{CHARTS, Chart, ChartService, Keys, Source, Target, When, Word, is_headless};

/// The type that a Service should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsideType {
    /// A port on every node.
    NodePort,
    /// A load balancer.
    LoadBalancer,
}

/// What a Service should become.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Its type.
    pub service_type: OutsideType,
    /// The node port of its gRPC port; `None` lets the cluster choose, where the chart does.
    pub node_port: Option<u16>,
    /// The kubeconfig context, for commands; `None` for the current one.
    pub context: Option<&'a str>,
}

/// How to make the outside address of a Service permanent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The chart that made the Service, as `REPOSITORY/NAME`.
    pub chart: String,
    /// The chart's version, as Helm knows it.
    pub version: String,
    /// The release, as namespace and name; `None` when nothing tells it.
    pub release: Option<(String, String)>,
    /// YAML for the release's values; empty when this version of the chart has no key for it, which the notes tell.
    pub values: String,
    /// What may go wrong and what to know, each a sentence without a full stop, on one line.
    pub notes: Vec<String>,
    /// The command that upgrades the release with the values in FILE; empty when there is none to give, which the
    /// notes tell.
    pub command: String,
}

/// How to give `service` what is wished for in the chart that made it; `None` when no chart that is known made it, or it
/// offers no StoreAPI.
pub fn advice(service: &Service, wish: &Wish<'_>) -> Option<Advice> {
    let port = grpc_port(service)?.port;
    let made = Made::of(service)?;
    let chart_service = made.chart.services.iter().find(|it| it.marks.iter().all(|mark| mark.is_on(service)))?;
    let signs = Signs::of_service(service);
    let owners = owners(&signs);
    let mut advice = Advice {
        chart: made.chart.name.to_owned(),
        version: made.version.clone(),
        release: release(service, &owners),
        values: String::new(),
        notes: Vec::new(),
        command: String::new(),
    };
    let Some(keys) = chart_service.keys.iter().find(|keys| keys.versions.holds(made.keys_of)) else {
        advice.notes.push(no_key(&made, chart_service));
        return Some(advice);
    };
    advice.values = values(keys, wish, port);
    let sibling = sibling(service, chart_service, keys);
    match &sibling {
        Some(name) => advice.notes.push(format!(
            "the values make or change Service `{name}`, over the same pods; `{}` stays as it is",
            one_line(&service.name)
        )),
        None => advice.notes.extend(about_the_change(service, wish)),
    }
    let applies = |when: When| match when {
        When::Always => true,
        When::NodePort => wish.service_type == OutsideType::NodePort,
        When::Fixed => wish.node_port.is_some(),
        When::FixedLoadBalancer => wish.node_port.is_some() && wish.service_type == OutsideType::LoadBalancer,
    };
    advice.notes.extend(keys.traps.iter().filter(|trap| applies(trap.when)).map(|trap| trap.told.to_owned()));
    match (owners.iter().find_map(Owner::takes_values), &advice.release) {
        (Some(place), _) => advice.notes.push(format!("put the values into {place}; `helm upgrade` is not for it")),
        (None, None) => advice.notes.push("no sign on the Service names the release to upgrade".to_owned()),
        (None, Some(release)) => {
            advice.command = command(&made, release, wish);
            // Helm has written the annotation since 3.2; a chart's labels are there without Helm too.
            if !service.annotations.contains_key(RELEASE_NAME) {
                advice
                    .notes
                    .push("the release is named by a label alone: see `helm list` for whether it exists".to_owned());
            }
        }
    }
    Some(advice)
}

/// Where Helm itself writes the name of the release.
const RELEASE_NAME: &str = "meta.helm.sh/release-name";

/// A chart and its version.
struct Made {
    chart: &'static Chart,
    /// The version, as Helm knows it.
    version: String,
    /// The version by which its keys are found.
    keys_of: Version,
}

impl Made {
    fn of(service: &Service) -> Option<Self> {
        let label = ["helm.sh/chart", "chart"].iter().find_map(|key| service.labels.get(*key))?;
        let (name, version) = name_and_version(label)?;
        let version = version.replace('_', "+");
        // A fork of a chart says behind `+up` of which version.
        let upstream = version.split_once("+up").map_or(version.as_str(), |(_, upstream)| upstream);
        let (own, keys_of) = (core(&version)?, core(upstream)?);
        let chart = CHARTS.iter().find(|chart| {
            chart.label == name && chart.versions.holds(own) && chart.marks.iter().all(|mark| mark.is_on(service))
        })?;
        Some(Self { chart, version, keys_of })
    }
}

/// The parts of a chart's label, `NAME-VERSION`, in which `_` stands for the `+` of a version.
fn name_and_version(label: &str) -> Option<(&str, &str)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if label.len() > 128 || !label.chars().all(plain) {
        return None;
    }
    label
        .match_indices('-')
        .map(|(at, _)| (&label[..at], &label[at + 1..]))
        .find(|(_, version)| core(version).is_some())
}

/// `MAJOR.MINOR.PATCH` of a version.
fn core(version: &str) -> Option<Version> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let behind = version[end..].chars().next();
    version[..end].parse().ok().filter(|_| matches!(behind, None | Some('-' | '+' | '_')))
}

/// The release that made the Service, as namespace and name. The chart writes its name into a label, and Helm itself
/// into an annotation; where others render the chart, the label names no release.
fn release(service: &Service, owners: &[Owner]) -> Option<(String, String)> {
    let annotation = |key: &str| service.annotations.get(key).map(String::as_str).filter(|text| !text.is_empty());
    let label = |key: &str| service.labels.get(key).map(String::as_str).filter(|text| !text.is_empty());
    let by_helm = owners.iter().any(|owner| matches!(owner, Owner::Helm { .. }));
    let labelled = || label("app.kubernetes.io/instance").or_else(|| label("release")).filter(|_| by_helm);
    let name = annotation(RELEASE_NAME).or_else(labelled)?;
    let namespace = annotation("meta.helm.sh/release-namespace").unwrap_or(&service.namespace);
    (is_dns_name(name) && is_dns_name(namespace)).then(|| (namespace.to_owned(), name.to_owned()))
}

fn no_key(made: &Made, service: &ChartService) -> String {
    let chart = made.chart.name;
    let has = match service.keys {
        [] => "no version has".to_owned(),
        keys => {
            let spans: Vec<String> = keys.iter().map(|keys| keys.versions.to_string()).collect();
            match keys.iter().filter_map(|keys| keys.versions.first).find(|first| *first > made.keys_of) {
                Some(first) => format!("{first} and later have"),
                None => format!("{} have", spans.join(", ")),
            }
        }
    };
    let upstream = if made.version.contains("+up") { " (versions of the chart that it was made from)" } else { "" };
    format!("{chart} {} has no key for the type of this Service; {has}{upstream}", made.version)
}

/// The name of the Service that the keys change, when that is another.
fn sibling(service: &Service, chart_service: &ChartService, keys: &Keys) -> Option<String> {
    let renamed = |from: &str, to: &str| {
        // Behind a name of the user's own choice the other's is not known.
        let stem = service.name.strip_suffix(from).map_or("*", |stem| stem);
        Some(one_line(&format!("{stem}{to}")))
    };
    match keys.target {
        Target::Sibling { from, to } => renamed(from, to),
        Target::Same if chart_service.has_twin && service.name.ends_with("-headless") => renamed("-headless", ""),
        Target::Same => None,
    }
}

fn values(keys: &Keys, wish: &Wish<'_>, port: u16) -> String {
    let mut tree = Map::new();
    for (path, word) in keys.entries {
        if let Some(value) = value(*word, wish, port) {
            let nested =
                path.rsplit('.').fold(value, |below, name| Value::Object(Map::from_iter([(name.into(), below)])));
            merge_tree(&mut tree, nested.as_object().expect("a path has a name"));
        }
    }
    yaml::document(&Value::Object(tree))
}

/// What a key is given; `None` leaves it out.
fn value(word: Word, wish: &Wish<'_>, port: u16) -> Option<Value> {
    /// The default for HTTP in kube-prometheus-stack, and that for gRPC, which is free then.
    const HTTP: (u16, u16) = (30902, 30901);
    let of_node_port = wish.node_port.filter(|_| wish.service_type == OutsideType::NodePort);
    match word {
        Word::Type => Some(match wish.service_type {
            OutsideType::NodePort => "NodePort".into(),
            OutsideType::LoadBalancer => "LoadBalancer".into(),
        }),
        Word::True => Some(true.into()),
        Word::Empty => Some("".into()),
        Word::Port => Some(port.into()),
        Word::Text => wish.node_port.map(|number| number.to_string().into()),
        Word::Number => wish.node_port.map(Value::from),
        Word::NumberOfNodePort => of_node_port.map(Value::from),
        Word::OtherHttpPort => of_node_port.filter(|number| *number == HTTP.0).map(|_| HTTP.1.into()),
        Word::NodePortWhenFixed => wish.node_port.map(|_| "NodePort".into()),
    }
}

/// What happens to the live Service when its values change.
fn about_the_change(service: &Service, wish: &Wish<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if is_headless(service) {
        let context = wish.context.map(|context| format!(" --context {}", word(context))).unwrap_or_default();
        notes.push(format!(
            "the Service is headless, which cannot be changed: the upgrade fails unless the Service is deleted just \
             before it, with `kubectl{context} -n {} delete service {}`; until then queriers lose it",
            word(&service.namespace),
            word(&service.name)
        ));
    }
    if service.service_type == ServiceType::LoadBalancer && wish.service_type == OutsideType::NodePort {
        notes.push("its load balancer is removed, and the address of that is lost".to_owned());
    }
    notes
}

fn command(made: &Made, (namespace, name): &(String, String), wish: &Wish<'_>) -> String {
    let source =
        made.chart.sources.iter().find(|(versions, _)| core(&made.version).is_some_and(|it| versions.holds(it)));
    let version = word(&made.version);
    let chart = match source.map(|(_, source)| source) {
        Some(Source::Repository(address)) => format!("{} --repo {address} --version {version}", made.chart.label),
        Some(Source::Registry(reference)) => format!("{reference} --version {version}"),
        Some(Source::Folder(path)) => (*path).to_owned(),
        None => return String::new(),
    };
    let context = wish.context.map(|context| format!(" --kube-context {}", word(context))).unwrap_or_default();
    format!("helm upgrade {} {chart} -n {}{context} --reuse-values -f FILE", word(name), word(namespace))
}

/// `text` as one word of a command that stays on its line.
fn word(text: &str) -> String {
    shell_word(&clean(text))
}

/// `text` for a sentence.
fn one_line(text: &str) -> String {
    clean(text).replace('`', "'")
}

#[cfg(test)]
mod tests;
