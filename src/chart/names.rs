//! The names that Helm and the charts give to what they install, and what may be a name at all.

use serde_json::{Map, Value};

use super::at;
use crate::document;
pub(super) use crate::names::is_label;

/// The name that bitnami's charts start their objects' names with (`common.names.fullname`): `fullnameOverride` of
/// `values`, else the release's name, behind which stands the chart's (or `nameOverride`) unless it is in it already.
pub(super) fn fullname(release: &str, chart: &str, values: &Map<String, Value>) -> String {
    let given = |key: &str| values.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
    if let Some(name) = given("fullnameOverride") {
        return truncated(name);
    }
    let name = given("nameOverride").unwrap_or(chart);
    truncated(&if release.contains(name) { release.to_owned() } else { format!("{release}-{name}") })
}

/// The values of the sub-chart `name`; empty when there are none.
pub(super) fn below(values: &Map<String, Value>, name: &str) -> Map<String, Value> {
    at(values, name).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Helm's `trunc 63 | trimSuffix "-"`.
fn truncated(name: &str) -> String {
    let cut = name.char_indices().nth(63).map_or(name.len(), |(at, _)| at);
    let cut = &name[..cut];
    cut.strip_suffix('-').unwrap_or(cut).to_owned()
}

/// Whether `name` is a DNS name: labels joined by dots.
pub(super) fn is_dns_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(|label| is_label(label, 63))
}

/// Whether a chart that writes `text` without quotes gets it back as it is: `123`, `true` and `1e3` become something
/// else.
pub(super) fn is_read_as_text(text: &str) -> bool {
    document::read::<Value>("text", text).is_ok_and(|read| read.as_str() == Some(text))
}

/// Whether `name` can be that of a Secret, and charts take it for a text.
pub(super) fn is_secret_name(name: &str) -> bool {
    is_dns_name(name) && is_read_as_text(name)
}

/// Whether `name` can be a Prometheus label.
pub(super) fn is_label_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether `text` is a quantity of Kubernetes, such as `8Gi`.
pub(super) fn is_quantity(text: &str) -> bool {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.parse::<f64>().is_ok_and(|number| number > 0.0)
        && matches!(unit, "" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_full_name_is_that_of_the_chart() {
        let name = |release: &str, values: Value| fullname(release, "thanos", values.as_object().unwrap());
        assert_eq!(name("thanos", json!({})), "thanos");
        assert_eq!(name("my-thanos-1", json!({})), "my-thanos-1");
        assert_eq!(name("obs", json!({})), "obs-thanos");
        assert_eq!(name("obs", json!({"nameOverride": "bs"})), "obs");
        assert_eq!(name("obs", json!({"fullnameOverride": "x"})), "x");
        assert_eq!(name("obs", json!({"fullnameOverride": ""})), "obs-thanos");
        assert_eq!(truncated(&format!("{}-x", "a".repeat(62))), "a".repeat(62));
    }

    #[test]
    fn names_are_checked_as_kubernetes_does() {
        assert!(is_label("a-1", 53) && !is_label("A", 53) && !is_label("-a", 53) && !is_label("", 53));
        assert!(is_dns_name("cluster.local") && !is_dns_name("a..b") && !is_dns_name("a_b"));
        assert!(is_label_name("prometheus_replica") && !is_label_name("a-b") && !is_label_name("1a"));
        assert!(
            is_quantity("8Gi") && is_quantity("1.5T") && !is_quantity("8GB") && !is_quantity("Gi") && !is_quantity("0")
        );
        for text in ["123", "1e3", "true", "no", "0x1f", "null", ""] {
            assert!(!is_read_as_text(text), "{text}");
        }
        assert!(is_read_as_text("thanos") && is_read_as_text("1a"));
    }
}
