//! What a release is made of besides endpoints: the settings, what flags say otherwise, rule files, secrets.

use std::path::PathBuf;

use super::secrets::{self, Reading};
use crate::chart::Request;
use crate::chart::header::MadeFrom;
use crate::cli::ReleaseArgs;
use crate::failure::{Failure, Failures};
use crate::files;
use crate::findings::finding::Finding;
use crate::secret::Secrets;
use crate::settings::alert_targets::{Alertmanagers, AlertmanagersConfig};
use crate::settings::thanos::Thanos;
use crate::settings_file::Settings;
use crate::thanos::rules::RuleFiles;

/// What was read for a release.
pub(super) struct Inputs {
    rules: Option<RuleFiles>,
    alertmanagers: Option<Alertmanagers>,
    secrets: Secrets,
}

impl Inputs {
    /// Reads what the settings name: rule files, and those secrets that may be read.
    ///
    /// # Errors
    /// When one of them cannot be read, or a rule file is none.
    pub(super) fn read(settings: &Settings, reading: Reading<'_>) -> Result<Self, Failures> {
        Ok(Self {
            rules: read_rules(settings)?,
            alertmanagers: read_alertmanagers(settings)?,
            secrets: secrets::read(settings, reading)?,
        })
    }

    /// What a ruler takes of the rule files, and probably not as it was meant.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.rules
            .iter()
            .flat_map(RuleFiles::warnings)
            .chain(self.alertmanagers.iter().flat_map(Alertmanagers::warnings))
    }

    /// Whether values hold secrets of which nobody knows what they are, since they were not read.
    pub(super) fn has_unread_secrets(&self) -> bool {
        self.secrets.has_unread()
    }

    /// What the chart is asked for.
    pub(super) fn request<'a>(&'a self, settings: &'a Settings) -> Request<'a> {
        self.request_for(settings, &settings.thanos)
    }

    /// The same for a central release that is not quite that of the settings.
    pub(super) fn request_for<'a>(&'a self, settings: &'a Settings, thanos: &'a Thanos) -> Request<'a> {
        Request {
            replica_labels: &settings.replica_labels,
            thanos,
            secrets_mode: settings.secrets,
            secrets: &self.secrets,
            rules: self.rules.as_ref(),
            alertmanagers: self.alertmanagers.as_ref(),
            made_from: if settings.is_given { MadeFrom::Settings } else { MadeFrom::Defaults },
        }
    }
}

/// The settings, as far as flags do not say otherwise.
pub(super) fn with_flags(mut settings: Settings, args: &ReleaseArgs) -> Settings {
    let thanos = &mut settings.thanos;
    // The version of one chart is none of another.
    if args.chart.as_ref().is_some_and(|chart| *chart != thanos.chart) {
        thanos.chart_version = None;
    }
    if args.chart_version.is_some() {
        thanos.chart_version.clone_from(&args.chart_version);
    }
    let ReleaseArgs { chart, chart_version: _, release, release_namespace } = args;
    chart.iter().for_each(|chart| thanos.chart.clone_from(chart));
    release.iter().for_each(|release| thanos.release.clone_from(release));
    release_namespace.iter().for_each(|namespace| thanos.namespace.clone_from(namespace));
    settings
}

/// The rule files of the ruler, if there is one.
fn read_rules(settings: &Settings) -> Result<Option<RuleFiles>, Failures> {
    let Some(ruler) = &settings.thanos.ruler else { return Ok(None) };
    let mut paths: Vec<PathBuf> = Vec::new();
    for pattern in &ruler.rules {
        let found =
            files::find(&settings.folder, pattern).map_err(|failure| failure.at(["thanos", "ruler", "rules"]))?;
        for path in found {
            // Two patterns may find one file.
            if !paths.iter().any(|known| files::is_same(known, &path)) {
                paths.push(path);
            }
        }
    }
    let read = paths.iter().map(|path| Ok((path.display().to_string(), files::read_near(&settings.folder, path)?)));
    let read = read.collect::<Result<Vec<_>, Failure>>()?;
    Ok(Some(RuleFiles::check(read)?))
}

/// The configuration of the ruler's Alertmanagers, if there is one.
fn read_alertmanagers(settings: &Settings) -> Result<Option<Alertmanagers>, Failures> {
    let config = settings.thanos.ruler.as_ref().and_then(|ruler| ruler.alertmanagers_config.as_ref());
    Ok(match config {
        None => None,
        Some(AlertmanagersConfig::Inline(config)) => Some(Alertmanagers::inline(config)?),
        Some(AlertmanagersConfig::File(path)) => {
            let path = settings.folder.join(path);
            let text = files::read_near(&settings.folder, &path)
                .map_err(|failure| failure.at(["thanos", "ruler", "alertmanagersConfig"]))?;
            Some(Alertmanagers::from_file(&path.display().to_string(), &text)?)
        }
    })
}
