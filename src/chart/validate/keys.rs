//! Keys that the chart does not read, and values of another type than it reads: what the catalogue of its versions knows.

use super::{Checker, Wanted};
use crate::model::codes;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    for failure in chart.catalog.check(chart.version, &checker.values) {
        let path = failure.path().iter().skip(2).cloned().collect::<Vec<_>>();
        let found = checker.tree.find(checker.root, path.iter().map(String::as_str));
        let place = checker.tree.place(found.map_or(checker.root.spot, |(spot, _)| spot));
        let code = if failure.what().contains("wants") { codes::WRONG_TYPE } else { codes::UNKNOWN_KEY };
        let message = failure.what().trim_start_matches("`thanos.values`: ").to_owned();
        let hint = failure.hint_text().map(str::to_owned);
        checker.add(code, place, message).hint = hint;
    }
}

/// What the chart wants at `path`.
pub(super) fn wanted(_checker: &Checker<'_, '_>, path: &[String]) -> Wanted {
    match path.last().map(String::as_str) {
        Some("enabled" | "create") => Wanted::Bool,
        Some("tag") => Wanted::Text,
        _ => Wanted::Other,
    }
}
