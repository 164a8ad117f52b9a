//! The ruler: its rules, and the Alertmanagers that it tells.

use serde_json::json;

use super::given::{Given, own};
use crate::chart::alertmanagers;
use crate::chart::layout::Written;
use crate::chart::part::Part;
use crate::failure::Failure;
use crate::settings::thanos::Thanos;
use crate::template::{Content, Record, Template, key, template};
use crate::thanos::rules::RuleFiles;

static RULE_FILES: Template = template!("rule-files.yml.j2");

/// The name of the file with the rules, where the chart leaves it to the values.
const RULES_FILE: &str = "thanosctl.yaml";

/// The URLs, for a chart that takes them.
pub(super) fn alertmanagers(thanos: &Thanos) -> Option<Written> {
    let urls = &thanos.ruler.as_ref()?.alertmanagers;
    let texts: Vec<&str> = urls.iter().map(|url| url.as_str()).collect();
    (!texts.is_empty()).then(|| Written::Value(json!(texts)))
}

/// The configuration of the settings, or what the URLs say where the chart takes none.
pub(super) fn alertmanagers_config(given: &Given<'_, '_>) -> Result<Option<Written>, Failure> {
    let Some(ruler) = &given.release.thanos.ruler else { return Ok(None) };
    if let Some(config) = given.release.request.alertmanagers {
        return Ok(Some(given.lines(config.text())));
    }
    if given.release.chart.row(Part::Alertmanagers).is_some() || ruler.alertmanagers.is_empty() {
        return Ok(None);
    }
    Ok(Some(given.lines(&alertmanagers::configuration(&ruler.alertmanagers)?)))
}

pub(super) fn replica_label(thanos: &Thanos) -> Option<Written> {
    thanos.ruler.as_ref()?.replica_label.as_deref().map(own)
}

pub(super) fn evaluation_interval(thanos: &Thanos) -> Option<Written> {
    thanos.ruler.as_ref()?.evaluation_interval.as_ref().map(|time| own(time.as_str()))
}

pub(super) fn rules(given: &Given<'_, '_>) -> Option<Written> {
    asked(given).map(|rules| given.lines(rules.text()))
}

/// The mapping of file names with the one text of rules in it.
pub(super) fn rule_files(given: &Given<'_, '_>) -> Result<Option<Written>, Failure> {
    let Some(rules) = asked(given).map(RuleFiles::text) else { return Ok(None) };
    let file = key(RULES_FILE, 0, Content::Value(rules.into()));
    let text = RULE_FILES.render(Record::default().with("file", file), &[&json!({ RULES_FILE: rules })])?;
    Ok(Some(given.lines(&text)))
}

fn asked<'r>(given: &Given<'_, 'r>) -> Option<&'r RuleFiles> {
    given.release.request.rules.filter(|_| given.release.thanos.ruler.is_some())
}

pub(super) fn no_example_rules(thanos: &Thanos) -> Option<Written> {
    thanos.ruler.as_ref().map(|_| own("groups: []"))
}
