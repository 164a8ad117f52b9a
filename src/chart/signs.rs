//! By which keys values of a Thanos chart are known, where nothing says what a file is.

use serde_json::{Map, Value};

use super::dialects::DIALECTS;
use crate::text::nearest;

/// Keys at the top of the values of Thanos charts, and hardly of any other.
pub const SIGNS: [&str; 18] = [
    "query",
    "querier",
    "queryFrontend",
    "bucketweb",
    "compactor",
    "storegateway",
    "ruler",
    "receive",
    "minio",
    "objstoreConfig",
    "existingObjstoreSecret",
    "fullnameOverride",
    "nameOverride",
    "additionalEndpoints",
    "storeGateway",
    "compact",
    "rule",
    "bucket",
];

/// Whether values are those of a chart that is none of ours: at their top are keys that none of ours ever had, and no sign
/// of one, not even a misspelled one.
pub fn are_of_another_chart(values: &Map<String, Value>) -> bool {
    let is_sign = |key: &String| nearest(key, SIGNS).is_some();
    let is_known = |key: &String| DIALECTS.iter().any(|dialect| dialect.catalog.key(key).is_some());
    // Values of a dependency, which somebody may have forgotten to name.
    let below =
        |value: &Value| value.as_object().is_some_and(|values| values.keys().any(|key| SIGNS.contains(&key.as_str())));
    !values.keys().any(is_sign) && !values.keys().all(is_known) && !values.values().any(below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    #[test]
    fn values_of_another_chart_are_known_by_what_they_lack() {
        for (values, is_another) in [
            ("{prometheus: {thanosService: {enabled: true}}, grafana: {enabled: false}}", true),
            ("{global: {a: b}, controller: {replicaCount: 2}}", true),
            ("{replicaCount: 2, ingress: {enabled: true}, config: {a: b}}", true),
            ("{}", false),
            ("{global: {imageRegistry: x}, image: {tag: y}}", false),
            ("{query: {stores: []}, other: 1}", false),
            ("{qurey: {stores: []}, compacter: {enabled: true}}", false),
            ("{thanos: {query: {stores: []}}}", false),
        ] {
            assert_eq!(are_of_another_chart(&document::read("test", values).unwrap()), is_another, "{values}");
        }
    }
}
