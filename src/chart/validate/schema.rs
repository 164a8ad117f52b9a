//! The schema that one version of bitnami/thanos ships, as far as people run into it: Helm checks values by it before it
//! renders.

use serde_json::Value;

use super::Checker;
use crate::chart::at;
use crate::chart::version::{Span, Version};
use crate::model::codes;

/// The versions with a schema.
const SHIPPED: Span = Span::between(Version(12, 13, 4), Version(12, 13, 4));

/// What is a text there, and may be a mapping or a number in all other versions.
const TEXTS: [&str; 10] = [
    "image.tag",
    "objstoreConfig",
    "indexCacheConfig",
    "bucketCacheConfig",
    "query.sdConfig",
    "queryFrontend.config",
    "storegateway.config",
    "ruler.alertmanagersConfig",
    "ruler.config",
    "ruler.replicaLabel",
];

/// What is a list there, and may be a text in all other versions.
const LISTS: [&str; 2] = ["query.replicaLabel", "query.stores"];

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    // Only its chart checks what is installed.
    if !SHIPPED.holds(chart.version) || chart.dialect.refuses_at_install.is_none() {
        return;
    }
    let texts = TEXTS.map(|path| (path, "a text", "write it as a block: `|`, and the same lines below it"));
    let lists = LISTS.map(|path| (path, "a list", "write - and a blank before it"));
    for (path, wanted, hint) in texts.into_iter().chain(lists) {
        let fits = match at(&checker.values, path) {
            None | Some(Value::Null) => true,
            Some(Value::String(_)) => wanted == "a text",
            Some(Value::Array(_)) => wanted == "a list",
            Some(Value::Object(_) | Value::Number(_) | Value::Bool(_)) => false,
        };
        if !fits {
            let place = checker.key(path);
            let message = format!("the schema of {} takes {wanted} alone for `{path}`", chart.version);
            checker.add(codes::AGAINST_SCHEMA, place, message).hint = Some(hint.to_owned());
        }
    }
}
