//! Names of objects that grow with the name of the release.

use super::Checker;
use crate::chart::dialect::Component;
use crate::chart::names::fullname;
use crate::chart::refused::is_given;
use crate::model::codes;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let Some(release) = checker.subject.release else { return };
    let fullname = fullname(release, chart.dialect.name, &checker.values);
    for name in chart.dialect.names.iter().filter(|name| name.span.holds(chart.version)) {
        if !runs(checker, name.component) {
            continue;
        }
        let whole = format!("{fullname}{}", name.suffix);
        if whole.len() <= name.limit {
            continue;
        }
        let place = checker.key("fullnameOverride");
        let over = whole.len() - name.limit;
        let message = format!("the {} `{whole}` has {over} characters too many", name.what);
        checker.add(codes::LONG_NAME, place, message).hint =
            Some("choose a shorter release name, or set a short `fullnameOverride`".to_owned());
        return;
    }
}

fn runs(checker: &Checker<'_, '_>, component: Component) -> bool {
    let chart = checker.subject.chart;
    let Some(path) = chart.expand("$.enabled", Some(component)) else { return false };
    match checker.value(&path) {
        Some(_) => is_given(&checker.values, &path),
        None => chart.dialect.on_by_default.contains(&component),
    }
}
