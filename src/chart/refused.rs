//! What a chart refuses when it is installed: its NOTES.txt and `required` in its templates look at single keys and fail.
//! One list, with the versions in which each check is there, for values that the settings bring and for any file.

use serde_json::{Map, Value};

use super::at;
use super::chart_version::Chart;
use super::part::Part;
use super::quirks::Mode;
use super::tpl;
use super::version::{Span, Version};

/// Why the chart fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A component has no object store.
    NoObjstore,
    /// The ruler knows no Alertmanager.
    NoAlertmanagers,
    /// The ruler knows Alertmanagers in two ways.
    AlertmanagersTwice,
    /// The ruler has no rules.
    NoRules,
    /// Rules use a variable that Helm does not know.
    UndeclaredVariable,
    /// A list has not one entry for each shard.
    ShardLists,
    /// A receiver that scales keeps its hashring to itself.
    StandaloneReceiver,
    /// TLS lacks a part.
    IncompleteTls,
    /// The chart's schema wants more in the mode that is chosen.
    SchemaOfMode,
}

/// One thing that the chart refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The key that brings it about.
    pub path: String,
    /// What is the matter with that key, in words.
    pub told: String,
    /// How to mend it in the values.
    pub hint: String,
}

impl Refusal {
    fn new(reason: Reason, path: impl Into<String>, told: impl Into<String>, hint: &str) -> Self {
        Self { reason, path: path.into(), told: told.into(), hint: hint.to_owned() }
    }
}

/// The components that a chart does not run without an object store, by their keys.
const STORED: [(&str, Span); 5] = [
    ("bucketweb", Span::ALL),
    ("compactor", Span::ALL),
    ("storegateway", Span::ALL),
    ("ruler", Span::ALL),
    ("receive", Span::between(Version(3, 5, 0), Version(10, 5, 5))),
];

/// The keys that name the object store.
const OBJSTORE: [(&str, Span); 4] = [
    ("objstoreConfig", Span::ALL),
    ("existingObjstoreSecret", Span::from(Version(0, 5, 0))),
    ("existingObjstoreConfigmap", Span::until(Version(0, 4, 3))),
    ("objstoreConfigmap", Span::until(Version(0, 4, 3))),
];

/// Where TLS is required to be whole: below which key, with which parts, while which component is on.
const TLS: [(&str, &[&str], &str, Span); 4] = [
    ("query.grpc.client.tls", &["cert", "key", "ca"], "query", Span::from(Version(12, 0, 1))),
    ("query.grpc.server.tls", &["cert", "key", "ca"], "query", Span::from(Version(12, 0, 1))),
    ("storegateway.grpc.server.tls", &["cert", "key", "ca"], "storegateway", Span::from(Version(12, 0, 1))),
    ("receive.grpc.server.tls", &["cert", "key", "ca"], "receive", Span::from(Version(12, 0, 1))),
];

/// The web pages' own TLS.
const HTTPS: Span = Span::from(Version(11, 5, 0));

/// Where the check came that a receiver which scales does not keep its hashring to itself.
const RECEIVE: Span = Span::from(Version(15, 7, 10));

/// Where lists of a sharded store gateway are counted, and where the shards by hash and by time are multiplied.
const SHARDS: Span = Span::from(Version(5, 3, 0));
const MULTIPLIED: Span = Span::from(Version(15, 8, 5));

/// What fails at install, of `values` that a chart is given. `is_on` knows of a component, by its key, whether it runs.
pub(super) fn refusals(chart: &Chart, values: &Map<String, Value>, is_on: &dyn Fn(&str) -> bool) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = chart.dialect.modes.iter().filter_map(|mode| mode.refusal(chart, values)).collect();
    if !chart.dialect.refuses_at_install.is_some_and(|span| span.holds(chart.version)) {
        return found;
    }
    let in_this = |span: &Span| span.holds(chart.version);
    let has_store = OBJSTORE.iter().any(|(path, span)| in_this(span) && is_given(values, path));
    for (component, span) in STORED {
        if in_this(&span) && !has_store && is_on(component) {
            found.push(Refusal::new(
                Reason::NoObjstore,
                format!("{component}.enabled"),
                "and no `objstoreConfig` or `existingObjstoreSecret` says which object store",
                "set `objstoreConfig`, or name a Secret in `existingObjstoreSecret`",
            ));
        }
    }
    if is_on("ruler") {
        ruler(chart, values, &mut found);
    }
    let standalone = at(values, "receive.mode").is_none_or(|mode| mode.is_null() || mode == "standalone");
    let scales = is_on("receive") && is_given(values, "receive.autoscaling.enabled");
    if in_this(&RECEIVE) && scales && standalone {
        found.push(Refusal::new(
            Reason::StandaloneReceiver,
            "receive.autoscaling.enabled",
            "the chart scales a receiver only in another mode than `standalone`",
            "set `receive.mode: dual-mode`, or leave autoscaling out",
        ));
    }
    if in_this(&HTTPS) {
        let parts: &[&str] =
            if is_given(values, "https.clientAuthType") { &["cert", "key", "ca"] } else { &["cert", "key"] };
        found.extend(tls(values, "https", parts));
    }
    for (path, parts, component, span) in TLS {
        let runs = component == "query" || is_on(component);
        found.extend(tls(values, path, parts).filter(|_| runs && in_this(&span)));
    }
    if in_this(&SHARDS) {
        shards(values, in_this(&MULTIPLIED), &mut found);
    }
    found
}

impl Mode {
    fn refusal(&self, chart: &Chart, values: &Map<String, Value>) -> Option<Refusal> {
        if !self.span.holds(chart.version) || at(values, self.key).and_then(Value::as_str) != Some(self.word) {
            return None;
        }
        let is_missing = |name: &&&str| {
            let path = format!("{}.{name}", self.section);
            match at(values, &path) {
                None => chart.catalog.kind(chart.version, &path).is_none(),
                Some(value) => value.is_null(),
            }
        };
        let missing: Vec<String> = self.needs.iter().filter(is_missing).map(|name| format!("`{name}`")).collect();
        let told = format!("the chart's schema requires {} below `{}` in that mode", missing.join(", "), self.section);
        let hint = format!("write them there: what stands beside it counts in another mode than `{}`", self.word);
        (!missing.is_empty()).then(|| Refusal::new(Reason::SchemaOfMode, self.key, told, &hint))
    }
}

fn ruler(chart: &Chart, values: &Map<String, Value>, found: &mut Vec<Refusal>) {
    let (list, config) = ("ruler.alertmanagers", "ruler.alertmanagersConfig");
    let knows_config = chart.row(Part::AlertmanagersConfig).is_some();
    let by_config = knows_config && is_given(values, config);
    match (is_given(values, list), by_config) {
        (false, false) => found.push(Refusal::new(
            Reason::NoAlertmanagers,
            "ruler.enabled",
            "and no `ruler.alertmanagers` says where alerts go",
            "set `ruler.alertmanagers: [http://HOST:9093]`",
        )),
        (true, true) => found.push(Refusal::new(
            Reason::AlertmanagersTwice,
            config,
            "and `ruler.alertmanagers` too, which exclude each other",
            "delete one of them",
        )),
        _ => {}
    }
    if !["ruler.config", "ruler.existingConfigmap"].iter().any(|path| is_given(values, path)) {
        found.push(Refusal::new(
            Reason::NoRules,
            "ruler.enabled",
            "and no `ruler.config` says which rules it has",
            "set `ruler.config`, or name a ConfigMap in `ruler.existingConfigmap`",
        ));
    }
    if at(values, "ruler.config").is_some_and(|config| texts(config).into_iter().any(tpl::asks_of_an_alert)) {
        found.push(Refusal::new(
            Reason::UndeclaredVariable,
            "ruler.config",
            "Helm takes `{{ $labels… }}` and `{{ $value }}` in it for its own, and knows no such variable",
            "write each `{{` of it as {{ `{{` }}, with the backquotes",
        ));
    }
}

/// What is missing of TLS, for which the chart wants all of its parts or a Secret.
fn tls(values: &Map<String, Value>, path: &str, parts: &[&str]) -> Option<Refusal> {
    let given = |name: &str| is_given(values, &format!("{path}.{name}"));
    if !given("enabled") || given("existingSecret") || given("autoGenerated") {
        return None;
    }
    let missing: Vec<String> = parts.iter().filter(|name| !given(name)).map(|name| format!("`{name}`")).collect();
    let hint = if path.ends_with("client.tls") {
        "name a Secret that holds them in `existingSecret`; to trust a CA alone, leave TLS out here and set \
         `query.extraFlags` with `query.extraVolumes`"
    } else {
        "name a Secret that holds them in `existingSecret`, or set `autoGenerated: true`"
    };
    let told = format!("and of {} beside it there is none", missing.join(", "));
    (!missing.is_empty()).then(|| Refusal::new(Reason::IncompleteTls, format!("{path}.enabled"), told, hint))
}

/// Lists with an entry for each shard of the store gateway.
fn shards(values: &Map<String, Value>, is_product: bool, found: &mut Vec<Refusal>) {
    let below = |name: &str| format!("storegateway.sharded.{name}");
    if !is_given(values, &below("enabled")) {
        return;
    }
    let by_hash = match at(values, &below("hashPartitioning.shards")) {
        Some(Value::Number(count)) if count.as_u64() != Some(0) => count.as_u64(),
        Some(Value::String(count)) if !count.is_empty() => count.parse().ok(),
        _ => None,
    };
    let by_time = match at(values, &below("timePartitioning")) {
        Some(Value::Array(times)) if !times.is_empty() => times.len() as u64,
        // The chart's own has one entry.
        _ => 1,
    };
    let count = match by_hash {
        Some(count) if is_product => count.saturating_mul(by_time),
        Some(count) => count,
        None => by_time,
    };
    for name in ["clusterIPs", "loadBalancerIPs", "http.nodePorts", "grpc.nodePorts"] {
        let path = below(&format!("service.{name}"));
        if let Some(Value::Array(items)) = at(values, &path)
            && !items.is_empty()
            && items.len() as u64 != count
        {
            let told = format!("its entries are {}, the shards are {count}", items.len());
            found.push(Refusal::new(Reason::ShardLists, path, told, "give it one entry a shard, or leave it out"));
        }
    }
}

/// Whether Helm takes what stands at `path` for true.
pub(super) fn is_given(values: &Map<String, Value>, path: &str) -> bool {
    at(values, path).is_some_and(|value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    })
}

/// Every text in `tree`.
fn texts(tree: &Value) -> Vec<&str> {
    match tree {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
