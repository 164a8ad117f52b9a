//! What the values are made of.

use super::header::MadeFrom;
use crate::secret::Secrets;
use crate::settings::alert_targets::Alertmanagers;
use crate::settings::thanos::{SecretsMode, Thanos};
use crate::thanos::rules::RuleFiles;

/// What the values are made of, but for the endpoints.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The external labels that only tell replicas apart.
    pub replica_labels: &'a [String],
    /// The central release.
    pub thanos: &'a Thanos,
    /// Where its secrets go.
    pub secrets_mode: SecretsMode,
    /// The secrets that were read: wanted for values with [`SecretsMode::Inline`] and for the manifest.
    pub secrets: &'a Secrets,
    /// The rule files of the ruler; `None` when there is none.
    pub rules: Option<&'a RuleFiles>,
    /// The configuration of its Alertmanagers; `None` when they are told by URLs.
    pub alertmanagers: Option<&'a Alertmanagers>,
    /// Whether all this comes from settings, which the file says.
    pub made_from: MadeFrom,
}
