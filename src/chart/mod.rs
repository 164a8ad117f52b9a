//! How one chart, in one version, wants the release written. Pure: a [`Request`] is checked into a [`Release`], which
//! renders values and Secrets.
//!
//! What differs between charts and versions is data ([`dialect`]: rows, and the catalogue of keys); what is
//! rendered is read back and must say what was meant.

mod alertmanagers;
mod asked;
mod by_hand;
pub mod catalog;
pub mod chart_version;
mod comment_forms;
mod conditions;
mod confidential;
mod constraint;
pub mod defects;
pub mod dialect;
mod dialects;
pub mod edit;
mod file_sd;
mod flags;
pub mod header;
pub mod installations;
mod key_changes;
mod key_check;
pub mod mirror;
mod names;
pub mod part;
mod parts;
pub mod placeholders;
pub mod producer;
mod provenance;
pub mod quirks;
mod refused;
mod release;
mod release_check;
mod renames;
mod request;
mod secret_places;
mod secrets;
mod sheet;
mod signs;
mod starred;
mod store_lists;
mod stores;
#[cfg(test)]
mod tests;
mod thanos_flags;
mod tls;
mod tpl;
mod tree;
mod types;
pub mod validate;
pub mod version;
mod written;

use serde_json::{Map, Value};

use crate::document;
use crate::failure::Failures;
use crate::model::plan::{Endpoint, Plan};
use crate::text::clean;

use comment_forms::{ELSEWHERE, HOLDS_SECRETS, INSTALL, SOURCE};
use dialect::Reference;
use header::{Held, ManifestHeader, ReleaseLine, ValuesHeader};
use part::Part;
use tree::{at, garbled, merge, names_of, read};

pub use by_hand::{ByHand, without_gaps};
pub use file_sd::StoresConfigMap;
pub use key_changes::KeyChanges;
pub use provenance::{origin, provenance, read as read_provenance, write as write_provenance};
pub use release::Release;
pub use request::Request;
pub use secrets::Manifest;
pub use signs::{SIGNS, are_of_another_chart};
pub use starred::starred;
pub use store_lists::{FixedStore, contradiction, readers, store_path};
pub use stores::Stores;
pub use written::{WrittenSecrets, WrittenStores, WrittenValues};

/// Whether thanosctl wrote these values.
pub fn wrote_values(text: &str) -> bool {
    ValuesHeader::of(text).is_some()
}

/// Whether thanosctl wrote this manifest of Secrets.
pub fn wrote_secrets(text: &str) -> bool {
    ManifestHeader::of(Held::Secrets, text).is_some()
}

/// Whether thanosctl wrote this manifest of stores.
pub fn wrote_stores(text: &str) -> bool {
    ManifestHeader::of(Held::Stores, text).is_some()
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
    /// Keys that were set from the settings, and what they carry.
    parts: Vec<(String, Part)>,
}

impl Values {
    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file's text with stars for secrets, which says so and is not to be installed.
    pub fn shown(&self) -> String {
        starred(&self.text.replacen(HOLDS_SECRETS, "Its secrets are shown as ***, so it is not to be installed.", 1))
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
        let filled = parts::fill(self, plan.endpoints(), missing)?;
        let header = ValuesHeader::new(self.chart.dialect.chart, self.chart.version);
        let head = format!("{header}\n{}", self.release_line());
        let head = self.head().into_iter().fold(head, |head, line| format!("{head}\n# {}", clean(&line)));
        let text = format!("{head}\n{}", filled.sheet.text());
        let mut tree = read(&text)?;
        merge(&mut tree, &self.thanos.values);
        let text = edit::merge(&text, &Value::Object(self.thanos.values.clone())).map_err(|_| garbled())?;
        let is_known = ValuesHeader::of(&text).as_ref() == Some(&header);
        if !is_known || read(&text)? != tree || !self.says_what_is_meant(plan, &tree) {
            return Err(garbled().into());
        }
        Ok(Rendered { values: Values { text, tree, parts: filled.parts }, notes: parts::notes(self) })
    }

    /// The values as a tree, for `endpoints`.
    ///
    /// # Errors
    /// When a secret that must stand in the values was not read.
    fn tree(&self, endpoints: &[Endpoint], missing: &[String]) -> Result<Map<String, Value>, Failures> {
        let mut tree = read(&parts::fill(self, endpoints, missing)?.sheet.text())?;
        merge(&mut tree, &self.thanos.values);
        Ok(tree)
    }

    /// Whether `tree` has what must never be lost on the way: every endpoint, in its order, and the labels.
    fn says_what_is_meant(&self, plan: &Plan, tree: &Map<String, Value>) -> bool {
        let found = |part: Part| self.chart.path(part).and_then(|path| at(tree, &path));
        let row = self.chart.row(Part::Stores);
        let text = |address: String| row.map_or_else(|| address.clone(), |row| self.chart.text(row, &address));
        let stores = plan.endpoints().iter().map(|endpoint| Value::from(text(endpoint.address.to_string())));
        let stores = file_sd::wanted(self).is_none().then(|| Value::Array(stores.collect()));
        let labels = self.replica_labels();
        let has_labels = match found(Part::ReplicaLabels) {
            Some(found) => *found == Value::from(labels),
            None => found(Part::OneReplicaLabel).and_then(Value::as_str) == labels.first().map(String::as_str),
        };
        found(Part::Stores) == stores.as_ref() && has_labels
    }

    /// The line below the header.
    pub fn release_line(&self) -> ReleaseLine {
        ReleaseLine {
            release: self.thanos.release.to_string(),
            namespace: self.thanos.namespace.to_string(),
            made_from: self.request.made_from,
        }
    }

    /// The lines below these: where the values belong, and how to install them.
    fn head(&self) -> Vec<String> {
        let (thanos, chart) = (self.thanos, &self.chart);
        let version = chart.version;
        // A folder has the version that was checked out; only where packages are is one asked for.
        let (fetched, chart) = match chart.reference() {
            Reference::Registry(address) => (None, format!("{address} --version {version}")),
            Reference::Repository(address, name) => (None, format!("{name} --repo {address} --version {version}")),
            Reference::Source(folder, source) => {
                let fetched = format!("{source}, tag {}/{version},", chart.dialect.name);
                (Some(SOURCE.with(&fetched)), folder.to_owned())
            }
        };
        let mut head: Vec<String> = Vec::new();
        head.extend(self.holds_secrets().then(|| HOLDS_SECRETS.to_owned()));
        if let Some(file_sd::Wanted { name, .. }) = file_sd::wanted(self) {
            head.push(ELSEWHERE.with(name));
        }
        head.extend(fetched);
        head.push(INSTALL.with(&format!("{} {chart} --namespace {}", thanos.release, thanos.namespace)));
        head
    }
}
