//! Versions of charts with a known defect: what breaks, with which values, and which version is without it. The rows are
//! data of each chart, in [`dialects`](super::dialects).

use serde_json::{Map, Value};

use super::at;
use super::chart_version::Chart;
use super::part::Part;
use super::quirks::{Defect, Trigger};
use super::refused::is_given;
use super::version::Version;

impl Trigger {
    /// Whether `values` pull it, and the key that does; empty where no key is to blame.
    fn pulled(self, chart: &Chart, values: &Map<String, Value>) -> Option<String> {
        match self {
            Self::On(component) => {
                let path = chart.expand("$.enabled", Some(component))?;
                let is_on = match at(values, &path) {
                    Some(_) if !chart.always_runs(component) => is_given(values, &path),
                    _ => chart.always_runs(component) || chart.dialect.on_by_default.contains(&component),
                };
                is_on.then_some(path)
            }
            Self::Given(path) => is_given(values, path).then(|| path.to_owned()),
            Self::NotGiven(path) => (!is_given(values, path)).then(String::new),
            Self::NotOne(path) => {
                let is_one = at(values, path).is_some_and(|count| *count == 1 || *count == "1");
                (!is_one).then(|| path.to_owned())
            }
            Self::Carries(part) => chart.path(part).filter(|path| is_given(values, path)),
            Self::WithoutFlag(component, flag) => {
                let flags = chart.path(Part::Flags(component)).and_then(|path| at(values, &path));
                let is_it = |text: &str| text.trim_start_matches('-').split('=').next() == Some(flag);
                let mut texts = flags.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                (!texts.any(is_it)).then(String::new)
            }
        }
    }
}

/// A defect that values meet.
#[derive(Debug)]
pub struct Met {
    /// The defect.
    pub defect: &'static Defect,
    /// The key that brings it about; empty when none does.
    pub path: String,
}

/// The defects of the chart that `values` meet.
pub fn met(chart: &Chart, values: &Map<String, Value>) -> Vec<Met> {
    let rows = chart.dialect.defects.iter().filter(|defect| defect.span.holds(chart.version));
    let met = |defect: &'static Defect| {
        let paths = defect.when.iter().map(|trigger| trigger.pulled(chart, values)).collect::<Option<Vec<_>>>()?;
        Some(Met { defect, path: paths.into_iter().rfind(|path| !path.is_empty()).unwrap_or_default() })
    };
    rows.filter_map(met).collect()
}

/// The nearest versions, later and earlier, in which `values` meet no defect.
pub fn whole(chart: &Chart, values: &Map<String, Value>) -> Vec<Version> {
    let is_whole = |version: &&Version| {
        let other = Chart { dialect: chart.dialect, version: **version, catalog: chart.catalog };
        chart.dialect.span.holds(**version) && met(&other, values).is_empty()
    };
    let versions = chart.catalog.versions();
    let later = versions.iter().filter(|version| **version > chart.version).find(is_whole);
    let earlier = versions.iter().rev().filter(|version| **version < chart.version).find(is_whole);
    later.into_iter().chain(earlier).copied().collect()
}

/// The versions of [`whole`] in words: `2.2.0, or 2.0.1`; `None` when there is none.
pub fn whole_words(chart: &Chart, values: &Map<String, Value>) -> Option<String> {
    let versions: Vec<String> = whole(chart, values).iter().map(Version::to_string).collect();
    (!versions.is_empty()).then(|| versions.join(", or "))
}
