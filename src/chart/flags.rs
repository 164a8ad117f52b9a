//! The flags of Thanos that no key of the chart stands for, and those that the settings add.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::file_sd;
use super::part::{Component, Part, Resolution};
use super::release::Release;
use super::thanos_flags::{self, Fault, Spelling};
use crate::failure::Failure;
use crate::secret::is_expanded;
use crate::settings::thanos::{Duration, Flag};
use crate::yaml;

/// The flags of a component as they are given to it, in an order that does not change. Empty when the chart's own are
/// enough.
pub(super) fn flags(release: &Release<'_>, component: Component) -> Vec<String> {
    let (thanos, chart) = (release.thanos, &release.chart);
    let mut flags = Vec::new();
    let mut flag = |name: &str, value: String| flags.push(format!("--{name}={value}"));
    match component {
        Component::Query => {
            if chart.row(Part::OneReplicaLabel).is_some() {
                release.replica_labels().into_iter().skip(1).for_each(|label| flag("query.replica-label", label));
            }
            let server_name = thanos.query.client_tls.as_ref().and_then(|tls| tls.server_name.as_deref());
            flags.extend(release.tls.flags(chart, server_name));
            flags.extend(file_sd::flag(release));
        }
        Component::Compactor => {
            if let Some(compactor) = &thanos.compactor {
                for (resolution, name, time) in [
                    (Resolution::Raw, "raw", &compactor.retention.raw),
                    (Resolution::FiveMinutes, "5m", &compactor.retention.five_minutes),
                    (Resolution::OneHour, "1h", &compactor.retention.one_hour),
                ] {
                    if let Some(time) = time.as_ref().filter(|_| chart.row(Part::Retention(resolution)).is_none()) {
                        flag(&format!("retention.resolution-{name}"), time.as_str().to_owned());
                    }
                }
                if let Some(count) = compactor.concurrency.filter(|_| chart.row(Part::Concurrency).is_none()) {
                    flag("compact.concurrency", count.to_string());
                }
            }
        }
        Component::Storegateway => {
            if let Some(storegateway) = &thanos.storegateway {
                let caches = [
                    ("index-cache.config", &storegateway.index_cache),
                    ("store.caching-bucket.config", &storegateway.bucket_cache),
                ];
                for (name, cache) in caches.iter().filter_map(|(name, cache)| Some((name, cache.as_ref()?))) {
                    flag(name, Value::Object(cache.clone()).to_string());
                }
                let window = &storegateway.window;
                let ages = [("min-time", &window.max_age), ("max-time", &window.min_age)];
                for (name, age) in ages.iter().filter_map(|(name, age)| Some((name, age.as_ref()?))) {
                    flag(name, format!("-{}", age.as_str()));
                }
            }
        }
        Component::Ruler => {
            if let Some(ruler) = &thanos.ruler {
                if let Some((_, path)) = chart.dialect.rule_file.filter(|(span, _)| span.holds(chart.version)) {
                    flag("rule-file", path.to_owned());
                }
                for (name, value) in &ruler.labels {
                    flag("label", format!("{name}={}", yaml::quoted(value)));
                }
                let interval = ruler.evaluation_interval.as_ref().map(Duration::as_str);
                if let Some(interval) = interval.filter(|_| chart.row(Part::EvaluationInterval).is_none()) {
                    flag("eval-interval", interval.to_owned());
                }
            }
        }
        Component::QueryFrontend | Component::Bucketweb | Component::Minio | Component::Receive => {}
    }
    flags.extend(extra(release, component).iter().map(|flag| flag.as_str().to_owned()));
    flags
}

/// A flag without its value.
pub(super) fn name(flag: &str) -> &str {
    flag.split('=').next().unwrap_or(flag)
}

/// The flags that the settings add.
pub(super) fn extra<'r>(release: &'r Release<'_>, component: Component) -> &'r [Flag] {
    let thanos = release.thanos;
    let found = match component {
        Component::Query => Some(&thanos.query.extra_flags),
        Component::QueryFrontend => thanos.query_frontend.as_ref().map(|it| &it.extra_flags),
        Component::Bucketweb => thanos.bucketweb.as_ref().map(|it| &it.extra_flags),
        Component::Compactor => thanos.compactor.as_ref().map(|it| &it.extra_flags),
        Component::Storegateway => thanos.storegateway.as_ref().map(|it| &it.extra_flags),
        Component::Ruler => thanos.ruler.as_ref().map(|it| &it.extra_flags),
        Component::Minio | Component::Receive => None,
    };
    found.map_or(&[], Vec::as_slice)
}

/// Flags that may stand several times.
const REPEATED: [&str; 9] = [
    "alert.label-drop",
    "alertmanagers.url",
    "deduplication.replica-label",
    "endpoint",
    "label",
    "query",
    "query.replica-label",
    "rule-file",
    "selector-label",
];

/// Flags of the querier that lead to endpoints, and that Thanos had before 0.38.0 (CHANGELOG.md, #7890).
const ENDPOINTS: [&str; 6] = ["store", "store-strict", "rule", "metadata", "target", "exemplar"];

/// `flags` as a mapping, which is how the first charts took them.
///
/// # Errors
/// When one stands twice: a mapping has each key once.
pub(super) fn mapping(component: Component, flags: &[String]) -> Result<Value, Failure> {
    let mut map = Map::new();
    for flag in flags {
        let text = flag.trim_start_matches('-');
        let (name, value) = text.split_once('=').map_or((text, ""), |(name, value)| (name, value));
        if map.insert(name.to_owned(), json!(value)).is_some() {
            return Err(Failure::new(format!("the flag --{name} of {component} is wanted more than once"))
                .caused_by("this version of the chart takes each flag once")
                .hint("2.0.0 and later take it several times: set `thanos.chartVersion`"));
        }
    }
    Ok(Value::Object(map))
}

/// Flags that the settings add and the release of Thanos that runs does not take.
fn refused(release: &Release<'_>, component: Component) -> Vec<Failure> {
    let (Some(program), Some(version)) = (thanos_flags::program(component), release.thanos_version()) else {
        return Vec::new();
    };
    let flags = extra(release, component);
    let arguments: Vec<Option<String>> = flags.iter().map(|flag| Some(flag.as_str().to_owned())).collect();
    let section = component.to_string();
    let failure = |(at, fault): (usize, Fault)| {
        // That is told with the flags that the chart gives.
        if matches!(fault, Fault::Twice(_)) {
            return None;
        }
        let (message, hint) = fault.told(program, version, Spelling::Guessed);
        let leads_to_endpoints = component == Component::Query && ENDPOINTS.contains(&flags[at].name());
        let hint = if leads_to_endpoints {
            "stores are told by `clusters`; other endpoints by --endpoint".to_owned()
        } else {
            hint
        };
        Some(Failure::new(message).at(["thanos", section.as_str(), "extraFlags"]).hint(hint))
    };
    thanos_flags::faults(program, version, &arguments).into_iter().filter_map(failure).collect()
}

/// What is wrong with the flags of a component in this version of the chart; never quotes what stands behind a name.
pub(super) fn problems(release: &Release<'_>, component: Component) -> Vec<Failure> {
    let chart = &release.chart;
    let is_bare = chart.dialect.bare_flags.is_some_and(|span| span.holds(chart.version));
    let mut problems = Vec::new();
    let found = flags(release, component);
    for flag in &found {
        let name = flag.split('=').next().unwrap_or(flag);
        // Kubernetes replaces `$(NAME)` in arguments, and Thanos in configurations.
        if is_expanded(flag) {
            let what = format!("the flag {name} of {component} holds `$(NAME)`, which would be replaced by a variable");
            problems.push(Failure::new(what).at(["thanos", &component.to_string()]));
        }
        if is_bare && !super::names::is_read_as_text(flag) {
            problems.push(
                Failure::new(format!("version {} of the chart would not take the flag {name} as it is", chart.version))
                    .caused_by("it writes flags without quotes, and this one holds what YAML reads as something else")
                    .at(["thanos", &component.to_string()])
                    .hint("3.1.0 and later take it: set `thanos.chartVersion`"),
            );
        }
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for flag in &found {
        *counts.entry(name(flag).trim_start_matches('-')).or_default() += 1;
    }
    let taken = |flag: &Flag| {
        let twice = counts.get(flag.name()).is_some_and(|count| *count > 1);
        chart.gives(component, flag.name()) || (twice && !REPEATED.contains(&flag.name()))
    };
    for flag in extra(release, component) {
        let section = component.to_string();
        let path = ["thanos", section.as_str(), "extraFlags"];
        if taken(flag) {
            problems.push(
                Failure::new(format!(
                    "the flag --{} of {component} is given already, and Thanos takes it once",
                    flag.name()
                ))
                .at(path)
                .hint("leave it out: the chart has a key for it, or the settings do"),
            );
        }
    }
    problems.extend(refused(release, component));
    let has_map = chart.row(Part::FlagMap(component)).is_some();
    problems.extend(Some(mapping(component, &found)).filter(|_| has_map).and_then(Result::err));
    problems
}
