//! What a values file should say besides its stores, as far as there are settings that say it.

use super::release::Inputs;
use super::values_file::ValuesFile;
use crate::chart::chart_version::Chart;
use crate::chart::mirror::{Key, ReplicaLabels};
use crate::chart::{Release, Request};
use crate::failure::Failures;
use crate::fleet::plan::Plan;
use crate::secret::Secrets;
use crate::settings::thanos::Thanos;
use crate::settings_file::Settings;

/// The keys of `thanos:` in the settings that ask for values.
const SECTIONS: [&str; 12] = [
    "image",
    "persistence",
    "resources",
    "query",
    "queryFrontend",
    "objstore",
    "bucketweb",
    "compactor",
    "storegateway",
    "ruler",
    "minio",
    "values",
];

/// The settings and what they name.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// The settings, with what flags say.
    pub settings: &'a Settings,
    /// What they name.
    pub inputs: &'a Inputs,
}

/// What of a file is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything that the settings say.
    Everything,
    /// The stores alone: there are no settings.
    WithoutSettings,
    /// The stores alone: thanosctl writes no other values for this version, and the settings ask for none.
    WithoutDialect,
}

impl Expected<'_> {
    /// What of a file is compared.
    pub(super) fn scope(&self, file: &ValuesFile) -> Scope {
        let Chart { dialect, version, .. } = file.chart;
        if !self.settings.is_given {
            Scope::WithoutSettings
        } else if Chart::find(dialect.chart, Some(&version.to_string())).is_err() && !self.asks_for_values() {
            Scope::WithoutDialect
        } else {
            Scope::Everything
        }
    }

    fn asks_for_values(&self) -> bool {
        let places = &self.settings.places;
        places.has(&["replicaLabels"]) || SECTIONS.iter().any(|section| places.has(&["thanos", section]))
    }

    /// The keys of a file that the settings give; none where only stores are compared, or where nothing was found to write
    /// values for. And whether a secret stands in them.
    ///
    /// # Errors
    /// When the chart of the file cannot express what the settings ask for.
    pub(super) fn keys(&self, file: &ValuesFile, plan: Option<&Plan>) -> Result<(Vec<Key>, bool), Failures> {
        self.keys_with(file, plan, None)
    }

    /// The same keys with secrets that nobody has read, for what is shown.
    ///
    /// # Errors
    /// As [`Expected::keys`].
    pub(super) fn shown_keys(&self, file: &ValuesFile, plan: Option<&Plan>) -> Result<Vec<Key>, Failures> {
        let unread = Secrets::unread(self.settings.thanos.secret_references()?);
        Ok(self.keys_with(file, plan, Some(&unread))?.0)
    }

    fn keys_with(
        &self,
        file: &ValuesFile,
        plan: Option<&Plan>,
        secrets: Option<&Secrets>,
    ) -> Result<(Vec<Key>, bool), Failures> {
        if self.scope(file) != Scope::Everything {
            return Ok((Vec::new(), false));
        }
        let Chart { dialect, version, .. } = file.chart;
        let chart_version = Some(version.to_string());
        let thanos = Thanos { chart: dialect.chart.to_owned(), chart_version, ..self.settings.thanos.clone() };
        let request = self.inputs.request_for(self.settings, &thanos);
        let request = Request { secrets: secrets.unwrap_or(request.secrets), ..request };
        let release = Release::of(&request)?;
        let Some(plan) = plan else { return Ok((Vec::new(), release.holds_secrets())) };
        let labels = match self.settings.places.has(&["replicaLabels"]) {
            true => ReplicaLabels::Said,
            false => ReplicaLabels::Default,
        };
        Ok((release.keys(&release.render(plan, &[])?.values, labels), release.holds_secrets()))
    }
}
