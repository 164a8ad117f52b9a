//! What `values:` brings on its own and the chart would refuse when it is installed. The chart looks at single keys; here
//! it is told which section of the settings would bring all of them.

use super::chart_version::Chart;
use super::part::{Component, Part};
use super::refused::{Reason, Refusal, is_given, refusals};
use super::release::{is_named, is_on};
use crate::failure::Failure;
use crate::settings::thanos::Thanos;

/// What would fail at install, of what `thanos.values` brings.
pub(super) fn check(thanos: &Thanos, chart: &Chart) -> Vec<Failure> {
    let values = &thanos.values;
    let alone = |component| !is_named(thanos, component) && is_on(thanos, chart, component);
    let runs = |key: &str| match key {
        // What its section of the settings needs is written.
        "ruler" => alone(Component::Ruler),
        "storegateway" => is_on(thanos, chart, Component::Storegateway),
        other => is_given(values, &format!("{other}.enabled")),
    };
    let mut failures: Vec<Failure> = refusals(chart, values, &runs).into_iter().filter_map(failure).collect();
    let credentials = [Part::RootPassword, Part::RootSecret].map(|part| chart.path(part));
    if alone(Component::Minio) && !credentials.iter().flatten().any(|path| is_given(values, path)) {
        failures.push(
            wrong("minio.enabled", "without credentials the chart would make up another password each time")
                .hint("set `thanos.minio` with its credentials, and leave `minio.enabled` out of `thanos.values`"),
        );
    }
    failures
}

fn failure(refusal: Refusal) -> Option<Failure> {
    let hint = match refusal.reason {
        // A component without an object store is refused by its section.
        Reason::NoObjstore => return None,
        Reason::NoAlertmanagers | Reason::AlertmanagersTwice | Reason::NoRules => {
            "set `thanos.ruler: {alertmanagers: [http://HOST:9093], rules: [FILE]}`, and leave `ruler.enabled` out of \
             `thanos.values`"
                .to_owned()
        }
        Reason::UndeclaredVariable => "set `thanos.ruler` and name the file in its `rules`: it is escaped".to_owned(),
        Reason::ShardLists | Reason::StandaloneReceiver | Reason::IncompleteTls | Reason::SchemaOfMode => refusal.hint,
    };
    Some(wrong(&refusal.path, &refusal.told).hint(hint))
}

fn wrong(path: &str, what: &str) -> Failure {
    Failure::new(format!("`thanos.values` sets `{path}`: {what}"))
        .at(["thanos", "values"].into_iter().chain(path.split('.')))
}
