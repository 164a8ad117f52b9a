//! Which chart in which version a values file is for: as flags say, else the file itself, else the settings, else the
//! chart that thanosctl writes values for, unless the file speaks against it.

use super::rerun::Rerun;
use crate::chart::dialect::Chart;
use crate::chart::edit::View;
use crate::chart::header::ValuesHeader;
use crate::chart::manifest::installed;
use crate::chart::{contradiction, readers};
use crate::cli::ReleaseArgs;
use crate::failure::Failure;
use crate::settings::Settings;

/// The chart that the settings name.
pub struct SettingsChart {
    chart: String,
    version: Option<String>,
    /// Whether they name it at all, and do not only leave it to the default.
    is_said: bool,
}

impl SettingsChart {
    /// The chart of settings to which no flag was added.
    pub fn of(settings: &Settings) -> Self {
        let is_said = ["chart", "chartVersion"].iter().any(|key| settings.places.has(&["thanos", key]));
        Self { chart: settings.thanos.chart.clone(), version: settings.thanos.chart_version.clone(), is_said }
    }
}

/// What says from outside of a file which chart it is for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The flags.
    pub flags: &'a ReleaseArgs,
    /// The settings.
    pub settings: &'a SettingsChart,
    /// The run, for what it should have been.
    pub rerun: Rerun<'a>,
    /// Its words before the flags.
    pub words: &'a [&'a str],
}

impl Asked<'_> {
    /// The chart that reads the values in `view`, which stand in a file with this text.
    ///
    /// # Errors
    /// When it is not known, or when nothing says which chart it is and a key of the file is one of another.
    pub fn chart(&self, name: &str, text: &str, view: &View<'_>) -> Result<Chart, Failure> {
        let settings = (self.settings.chart.clone(), self.settings.version.clone());
        let header = ValuesHeader::of(text).map(|header| (header.chart, Some(header.version.to_string())));
        let object = installed(text, &settings.0);
        // An object installs what it says, whatever the settings say; what thanosctl wrote follows them.
        let told = object.or_else(|| self.settings.is_said.then(|| settings.clone())).or(header);
        let (is_told, (chart, version)) = (told.is_some(), told.unwrap_or(settings));
        let (chart, version) = match (&self.flags.chart, &self.flags.chart_version) {
            // A version of another chart says nothing.
            (Some(own), None) if *own != chart => (own.clone(), None),
            (own, of_flag) => (own.clone().unwrap_or(chart), of_flag.clone().or(version)),
        };
        let chart = Chart::find_known(&chart, version.as_deref())?;
        let is_flagged = self.flags.chart.is_some() || self.flags.chart_version.is_some();
        match contradiction(&chart, view).filter(|_| !is_told && !is_flagged) {
            Some(key) => Err(self.contradicted(name, &chart, &key)),
            None => Ok(chart),
        }
    }

    fn contradicted(&self, name: &str, chart: &Chart, key: &str) -> Failure {
        let shown = |chart: &Chart| format!("{} {}", chart.dialect.chart, chart.version);
        let command = |chart: &Chart| {
            let version = chart.version.to_string();
            let words = [self.words, &["--chart", chart.dialect.chart, "--chart-version", &version]].concat();
            self.rerun.command(&words)
        };
        let commands: Vec<String> = readers(key).iter().map(command).collect();
        Failure::new(format!("nothing says which version of which chart `{name}` is for"))
            .caused_by(format!("it has `{key}`, which {} does not read", shown(chart)))
            .hint(format!("name the chart and its version, such as\n{}", commands.join("\n")))
    }
}
