//! Which chart in which version a values file is for: as `validate` finds it. Where nothing says it, the chart that
//! thanosctl writes values for by default, unless the file speaks against it.

use super::rerun::Rerun;
use super::said::{SaidFile, place};
use crate::chart::chart_version::Chart;
use crate::chart::edit::View;
use crate::chart::installations::{Asked, ChartReference, Choice, Installation, Repository};
use crate::chart::{contradiction, readers};
use crate::cli::ReleaseArgs;
use crate::failure::Failure;
use crate::settings_file::Settings;

/// The chart that the settings name.
pub(super) struct SettingsChart {
    chart: String,
    version: Option<String>,
    is_given: bool,
    /// Whether they name it at all, and do not only leave it to the default.
    is_said: bool,
}

impl SettingsChart {
    /// The chart of settings to which no flag was added.
    pub(super) fn of(settings: &Settings) -> Self {
        let is_said = ["chart", "chartVersion"].iter().any(|key| settings.places.has(&["thanos", key]));
        let (chart, version) = (settings.thanos.chart.clone(), settings.thanos.chart_version.clone());
        Self { chart, version, is_given: settings.is_given, is_said }
    }
}

/// What says from outside of a file which chart it is for.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    /// The flags.
    pub flags: &'a ReleaseArgs,
    /// The settings.
    pub settings: &'a SettingsChart,
    /// The run, for what it should have been.
    pub rerun: Rerun<'a>,
    /// Its words before the flags.
    pub words: &'a [&'a str],
}

impl Question<'_> {
    /// The chart that reads the values in `view`, which belong to `of` in `file`; and what a reader has to know.
    ///
    /// # Errors
    /// When it is not known, or when nothing says which chart it is and a key of the file is one of another.
    pub(super) fn chart(
        &self,
        file: &SaidFile,
        of: &Installation,
        view: &View<'_>,
    ) -> Result<(Chart, Vec<String>), Failure> {
        let asked = Asked {
            chart: self.flags.chart.as_deref(),
            version: self.flags.chart_version.as_deref(),
            settings: self.settings.is_given.then_some((&self.settings.chart, self.settings.version.as_deref())),
            default: &self.settings.chart,
        };
        // An object that says nothing of its chart is no better than values alone.
        let is_silent = |chart: &ChartReference| chart.name.is_none() && chart.repository == Repository::Unsaid;
        let of = &Installation { chart: of.chart.clone().filter(|chart| !is_silent(chart)), ..of.clone() };
        let (chart, notes) = match file.chart(of, &asked)? {
            Choice::For(chart, notes) => (*chart, notes),
            Choice::NotKnown(what) => {
                return Err(Failure::new(format!("{} installs {what}, which thanosctl does not know", place(&file.name, of)))
                    .hint("if its values are those of a Thanos chart, name it: --chart REPOSITORY/NAME --chart-version VERSION"));
            }
        };
        let is_told = asked.chart.is_some() || asked.version.is_some() || self.settings.is_said || file.says_chart(of);
        match contradiction(&chart, view).filter(|_| !is_told) {
            Some(key) => Err(self.contradicted(file, &chart, &key)),
            None => Ok((chart, notes)),
        }
    }

    fn contradicted(&self, file: &SaidFile, chart: &Chart, key: &str) -> Failure {
        let name = &file.name;
        if let Some(foreign) = file.foreign_chart() {
            return Failure::new(format!("nothing says that `{name}` is for a Thanos chart"))
                .caused_by(format!("the chart `{foreign}` beside it depends on none"))
                .hint("if it is, name that: --chart REPOSITORY/NAME --chart-version VERSION");
        }
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
