//! Where the ruler's alerts go: by URLs, or by a configuration of Alertmanagers, which can do more.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::thanos::{AlertmanagerUrl, Ruler};
use crate::failure::{Failure, Failures};
use crate::findings::finding::{Finding, Severity};
use crate::thanos::alertmanagers::check_alertmanagers;
use crate::yaml;

/// `thanos.ruler.alertmanagersConfig`: the configuration itself, or the path of the file that holds it, relative to
/// the settings file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AlertmanagersConfig {
    /// The path of a file.
    File(String),
    /// The configuration, as Thanos reads it.
    Inline(Map<String, Value>),
}

/// Where alerts go.
#[derive(Debug, Clone, Copy)]
pub enum AlertTargets<'a> {
    /// To these; at least one.
    Urls(&'a [AlertmanagerUrl]),
    /// To whatever a configuration says.
    Config(&'a AlertmanagersConfig),
}

impl Ruler {
    /// Where alerts go.
    ///
    /// # Errors
    /// When it is not said, or said twice.
    pub fn alert_targets(&self) -> Result<AlertTargets<'_>, Failure> {
        match (&self.alertmanagers[..], &self.alertmanagers_config) {
            ([], None) => Err(Failure::new("`thanos.ruler.alertmanagers` is empty")
                .at(["thanos", "ruler", "alertmanagers"])
                .hint("name at least one, as http://HOST:9093")),
            (urls, None) => Ok(AlertTargets::Urls(urls)),
            ([], Some(config)) => Ok(AlertTargets::Config(config)),
            (_, Some(_)) => Err(Failure::new(
                "`thanos.ruler` has both `alertmanagers` and `alertmanagersConfig`, which exclude each other",
            )
            .at(["thanos", "ruler", "alertmanagersConfig"])
            .hint("keep one of them")),
        }
    }
}

/// A configuration that a ruler would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alertmanagers {
    text: String,
    warnings: Vec<Finding>,
}

impl Alertmanagers {
    /// Checks what a file holds.
    ///
    /// # Errors
    /// Whatever would make the ruler exit, with file, line and column.
    pub fn from_file(path: &str, text: &str) -> Result<Self, Failures> {
        Self::checked(path, text, |finding| {
            let failure = Failure::new(finding.message.clone());
            let failure = finding.place.iter().fold(failure, |failure, place| failure.placed(place));
            finding.hint.iter().fold(failure, |failure, hint| failure.hint(hint.clone()))
        })
    }

    /// Checks a configuration that stands in the settings.
    ///
    /// # Errors
    /// Whatever would make the ruler exit.
    pub fn inline(config: &Map<String, Value>) -> Result<Self, Failures> {
        Self::checked("alertmanagersConfig", &yaml::document(&Value::Object(config.clone())), |finding| {
            // A line of what was written from it tells nobody anything.
            let failure = Failure::new(format!("`thanos.ruler.alertmanagersConfig`: {}", finding.message)).at([
                "thanos",
                "ruler",
                "alertmanagersConfig",
            ]);
            finding.hint.iter().fold(failure, |failure, hint| failure.hint(hint.clone()))
        })
    }

    fn checked(file: &str, text: &str, told: impl Fn(&Finding) -> Failure) -> Result<Self, Failures> {
        let findings = check_alertmanagers(file, text);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| finding.severity == Severity::Error);
        match Failures::from_vec(errors.iter().map(told).collect()) {
            Some(failures) => Err(failures),
            None => Ok(Self { text: text.to_owned(), warnings }),
        }
    }

    /// The configuration as the ruler is given it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a ruler takes, and what sends alerts to nobody.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    fn ruler(text: &str) -> Ruler {
        document::read("ruler", text).unwrap()
    }

    #[test]
    fn alerts_go_to_urls_or_where_a_configuration_says() {
        assert!(matches!(
            ruler("{rules: [], alertmanagers: ['http://a:9093']}").alert_targets(),
            Ok(AlertTargets::Urls([_]))
        ));
        let file = ruler("{rules: [], alertmanagersConfig: am.yaml}");
        assert!(
            matches!(file.alert_targets(), Ok(AlertTargets::Config(AlertmanagersConfig::File(path))) if path == "am.yaml")
        );
        let inline = ruler("{rules: [], alertmanagersConfig: {alertmanagers: [{static_configs: ['a:9093']}]}}");
        let Ok(AlertTargets::Config(AlertmanagersConfig::Inline(config))) = inline.alert_targets() else { panic!() };
        assert!(Alertmanagers::inline(config).unwrap().text().starts_with("alertmanagers:\n  - static_configs:"));
        for text in ["{rules: []}", "{rules: [], alertmanagers: []}"] {
            assert!(ruler(text).alert_targets().unwrap_err().what().contains("is empty"), "{text}");
        }
        let both = ruler("{rules: [], alertmanagers: ['http://a:9093'], alertmanagersConfig: am.yaml}");
        assert!(both.alert_targets().unwrap_err().what().contains("exclude each other"));
    }

    #[test]
    fn a_configuration_is_refused_with_its_place_or_its_key() {
        let file = Alertmanagers::from_file("am.yaml", "alertmanagers:\n- timeout: 10\n").unwrap_err().to_string();
        assert!(file.contains("am.yaml:2:12: `timeout`"), "{file}");
        let config = document::read("c", "alertmanagers: [{timeout: 10}]").unwrap();
        let inline = Alertmanagers::inline(&config).unwrap_err();
        assert!(inline.to_string().contains("`thanos.ruler.alertmanagersConfig`: `timeout`"), "{inline}");
        assert_eq!(inline.iter().next().unwrap().path(), ["thanos", "ruler", "alertmanagersConfig"]);
        let dead = "alertmanagers:\n- static_configs: ['http://a:9093']\n";
        assert_eq!(Alertmanagers::from_file("am.yaml", dead).unwrap().warnings().len(), 1);
    }
}
