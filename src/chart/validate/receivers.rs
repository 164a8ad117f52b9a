//! Receivers: whether each hashring has as many endpoints as there are to be copies.

use serde_json::Value;

use super::Checker;
use crate::chart::refused::is_given;
use crate::document;
use crate::findings::codes;

/// The key of the number of copies, and the switch of the component that is given it.
const FACTORS: [(&str, &str); 2] = [
    ("receive.replicationFactor", "receive.enabled"),
    ("receiveDistributor.replicationFactor", "receiveDistributor.enabled"),
];

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    // The hashring of the other charts follows the receivers' number.
    if chart.dialect.refuses_at_install.is_none() || !is_given(&checker.values, "receive.enabled") {
        return;
    }
    let Some((endpoints, whose)) = endpoints(checker) else { return };
    for (path, switch) in FACTORS {
        let factor = match checker.value(path) {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        let is_read = chart.catalog.knows(chart.version, path) && is_given(&checker.values, switch);
        if let Some(factor) = factor.filter(|factor| is_read && *factor > endpoints) {
            let place = checker.key(path);
            let message = format!("{factor} copies of each sample want as many receivers, and {whose} has {endpoints}");
            checker.add(codes::REPLICATION_FACTOR, place, message).hint = Some(format!(
                "lower it, or name {factor} endpoints in `receive.config`; with `receive.service.additionalHeadless: true` \
                 and no `receive.config` they follow `receive.replicaCount`"
            ));
        }
    }
}

/// The endpoints of the smallest hashring, and whose they are in words; `None` when nobody can know them here.
fn endpoints(checker: &Checker<'_, '_>) -> Option<(u64, &'static str)> {
    let given = |path: &str| is_given(&checker.values, path);
    if given("receive.existingConfigmap") || given("receive.autoscaling.enabled") {
        return None;
    }
    if given("receive.config") {
        let hashrings = match checker.value("receive.config")? {
            Value::String(text) if text.contains("{{") || text.contains("${") => return None,
            Value::String(text) => document::read::<Value>("", text).ok()?,
            other => other.clone(),
        };
        let counts = hashrings.as_array()?.iter().map(|ring| Some(ring.get("endpoints")?.as_array()?.len() as u64));
        let least = counts.collect::<Option<Vec<u64>>>()?.into_iter().min()?;
        return Some((least, "a hashring of `receive.config`"));
    }
    if !given("receive.service.additionalHeadless") {
        return Some((1, "the chart's own hashring"));
    }
    let count = match checker.value("receive.replicaCount") {
        None => 1,
        Some(Value::Number(number)) => number.as_u64()?,
        Some(_) => return None,
    };
    Some((count, "the chart's own hashring"))
}
