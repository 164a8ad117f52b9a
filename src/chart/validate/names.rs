//! Names of objects that grow with the name of the release.

use super::Checker;
use crate::chart::names::fullname;
use crate::findings::codes;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let Some(release) = checker.subject.release else { return };
    let fullname = fullname(release, chart.dialect.name, &checker.values);
    for name in chart.dialect.names.iter().filter(|name| name.span.holds(chart.version)) {
        if !checker.runs(name.component) {
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
