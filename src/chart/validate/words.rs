//! Values that the chart takes and Kubernetes or Thanos refuse: Service types, durations, sizes.

use serde_json::Value;

use super::Checker;
use super::tree::Kind;
use crate::chart::names;
use crate::chart::part::Part;
use crate::findings::codes;
use crate::settings::thanos::Duration;

/// The types that a Service can have.
const TYPES: [&str; 4] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    for row in chart.dialect.rows.iter().filter(|row| row.span.holds(chart.version)) {
        let Some(path) = chart.place(row) else { continue };
        let Some(Kind::Scalar(scalar)) = checker.node(&path).map(|node| &node.kind) else { continue };
        let text = scalar.text.as_str();
        if text.is_empty() || scalar.value == Value::Null || text.contains("{{") {
            continue;
        }
        let told = match row.part {
            Part::ServiceType(_) if !TYPES.contains(&text) => {
                ("no type of a Service", format!("write one of {}", TYPES.join(", ")))
            }
            Part::Retention(_) | Part::EvaluationInterval if Duration::try_from(text.to_owned()).is_err() => {
                ("no duration that Thanos takes", "write a number with a unit, such as 30d or 1h30m".to_owned())
            }
            Part::Size(_) if !names::is_quantity(text) => {
                ("no size", "write it as Kubernetes does, such as 8Gi".to_owned())
            }
            _ => continue,
        };
        let place = checker.key(&path);
        checker.add(codes::WRONG_VALUE, place, format!("`{path}` is {}", told.0)).hint = Some(told.1);
    }
}
