//! Known defects of the chart's version that the values meet.

use super::Checker;
use crate::chart::defects::{met, whole_words};
use crate::findings::codes;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    for met in met(chart, &checker.values) {
        let place = if met.path.is_empty() { checker.tree.place(checker.root.spot) } else { checker.key(&met.path) };
        let whole = whole_words(chart, &checker.values).map(|whole| format!("take version {whole} of the chart"));
        let instead = (!met.defect.instead.is_empty()).then(|| met.defect.instead.to_owned());
        let hint = whole.into_iter().chain(instead).collect::<Vec<_>>().join("; or ");
        let message = format!("{} {} has a known defect: {}", chart.dialect.chart, chart.version, met.defect.what);
        let finding = checker.add(codes::KNOWN_DEFECT, place, message);
        finding.hint = (!hint.is_empty()).then_some(hint);
    }
}
