//! How one chart, in one version, wants the release written. Pure: a [`Request`] in, a text out.
//!
//! What differs between charts and versions is data ([`dialect`], the catalogue of keys, the template); what is
//! rendered is read back and must say what was meant.

mod bitnami;
pub mod catalog;
pub mod dialect;
mod edit;
mod names;
mod release;
mod secrets;
mod template;
#[cfg(test)]
mod tests;
mod tpl;
pub mod version;

use serde_json::{Map, Value};

use crate::document;
use crate::failure::{Failure, Failures};
use crate::model::plan::Plan;
use crate::model::release::{SecretsMode, Thanos};
use crate::model::rules::RuleFiles;
use crate::model::secret::Secrets;
use release::Release;

pub use secrets::Manifest;

/// What the values are made of.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The endpoints of the querier.
    pub plan: &'a Plan,
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
}

/// Values, and what their reader should know besides.
pub struct Rendered {
    /// The values.
    pub values: Values,
    /// Remarks, each a sentence without a full stop.
    pub notes: Vec<String>,
}

/// A values file. With [`SecretsMode::Inline`] it holds secrets, so it cannot be printed by accident.
pub struct Values {
    text: String,
    tree: Map<String, Value>,
}

impl Values {
    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What Helm reads from it.
    pub fn tree(&self) -> &Map<String, Value> {
        &self.tree
    }
}

/// The values of the release.
///
/// # Errors
/// Everything that the chart cannot express or would break on, all at once.
pub fn render(request: &Request<'_>) -> Result<Rendered, Failures> {
    let release = Release::of(request)?;
    let (context, notes) = bitnami::context(&release)?;
    let text = template::render(release.chart.dialect.template, &context)?;
    let base = read(&text)?;
    let mut tree = base.clone();
    edit::merge_tree(&mut tree, &request.thanos.values);
    let text = edit::merge_text(&text, &base, &request.thanos.values).ok_or_else(garbled)?;
    if read(&text)? != tree || !bitnami::says_what_is_meant(&release, &tree) {
        return Err(garbled().into());
    }
    Ok(Rendered { values: Values { text, tree }, notes })
}

/// The Secrets that the values name, to be applied before the release; `None` when there are none to write.
///
/// # Errors
/// As [`render`], and when a secret was not read.
pub fn secret_manifest(request: &Request<'_>) -> Result<Option<Manifest>, Failures> {
    Release::of(request)?.manifest()
}

fn read(text: &str) -> Result<Map<String, Value>, Failure> {
    // What the parser says of a text that may hold secrets is not told.
    document::read("values", text).map_err(|_| garbled())
}

/// What was rendered is not what was meant. It never happened; should it, nothing is written.
fn garbled() -> Failure {
    Failure::new("the rendered values do not say what they should, so they are not written")
        .hint("this is a bug of thanosctl, please report it with the settings, without secrets")
}

/// What stands at `path` (names joined by dots) in `values`; `None` when nothing does.
fn at<'v>(values: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut names = path.split('.');
    let first = values.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}
