//! How one chart, in one version, wants the release written. Pure: a [`Request`] is checked into a [`Release`], which
//! renders values and Secrets.
//!
//! What differs between charts and versions is data ([`dialect`], the catalogue of keys, the template); what is
//! rendered is read back and must say what was meant.

mod bitnami;
pub mod catalog;
mod conditions;
mod confidential;
pub mod dialect;
pub mod edit;
pub mod header;
pub mod mirror;
mod names;
pub mod producer;
mod release;
mod secrets;
mod stores;
mod template;
#[cfg(test)]
mod tests;
mod tpl;
pub mod validate;
pub mod version;

use serde_json::{Map, Value};

use crate::document;
use crate::failure::{Failure, Failures};
use crate::model::plan::Plan;
use crate::model::release::{SecretsMode, Thanos};
use crate::model::rules::RuleFiles;
use crate::model::secret::Secrets;

use header::{SecretsHeader, ValuesHeader};

pub use release::Release;
pub use secrets::Manifest;
pub use stores::{Stores, origin, provenance};

/// Whether thanosctl wrote these values.
pub fn wrote_values(text: &str) -> bool {
    ValuesHeader::of(text).is_some()
}

/// Whether thanosctl wrote this manifest of Secrets.
pub fn wrote_secrets(text: &str) -> bool {
    SecretsHeader::of(text).is_some()
}

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

impl Release<'_> {
    /// The values of the release, for the endpoints of `plan`. `missing` is what the querier should be given too and
    /// cannot now, a line each; it is told in the file.
    ///
    /// # Errors
    /// When a secret that must stand in the values was not read.
    pub fn render(&self, plan: &Plan, missing: &[String]) -> Result<Rendered, Failures> {
        let context = bitnami::context(self, plan, missing)?;
        let header = ValuesHeader::new(&self.thanos.chart, self.chart.version);
        let text = format!("{header}\n{}", template::render(self.chart.dialect.template, &context)?);
        let mut tree = read(&text)?;
        merge(&mut tree, &self.thanos.values);
        let text = edit::merge(&text, &Value::Object(self.thanos.values.clone())).map_err(|_| garbled())?;
        let is_known = ValuesHeader::of(&text).as_ref() == Some(&header);
        if !is_known || read(&text)? != tree || !bitnami::says_what_is_meant(self, plan, &tree) {
            return Err(garbled().into());
        }
        Ok(Rendered { values: Values { text, tree }, notes: bitnami::notes(self) })
    }
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

/// `base` with `over` merged in as Helm merges values: mappings key by key, all else replaced.
fn merge(base: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (name, value) in over {
        match (base.get_mut(name), value) {
            (Some(Value::Object(base)), Value::Object(over)) => merge(base, over),
            _ => drop(base.insert(name.clone(), value.clone())),
        }
    }
}
