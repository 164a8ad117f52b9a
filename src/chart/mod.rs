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
mod layout;
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
mod signs;
mod starred;
mod store_lists;
mod stores;
mod template_names;
mod templates;
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
use crate::failure::{Failure, Failures};
use crate::fleet::plan::{Endpoint, Plan};
use crate::template::Record;

use dialect::Reference;
use header::{Held, MadeFrom, ManifestHeader, ReleaseLine, TOOL, UNKNOWN_HEAD, ValuesHeader};
use layout::Layout;
use part::Part;
use templates::VALUES;
use tree::{at, merge, names_of};

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
    /// The same with another head, where it holds secrets.
    starred: Option<String>,
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
        starred(self.starred.as_ref().unwrap_or(&self.text))
    }

    /// What Helm reads from it.
    pub fn tree(&self) -> &Map<String, Value> {
        &self.tree
    }
}

/// Who may see the values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Whoever may read the file.
    File,
    /// Everybody: what is secret is shown as stars.
    Everybody,
}

impl Release<'_> {
    /// The values of the release, for the endpoints of `plan`. `missing` is what the querier should be given too and
    /// cannot now, a line each; it is told in the file.
    ///
    /// # Errors
    /// When a secret that must stand in the values was not read.
    pub fn render(&self, plan: &Plan, missing: &[String]) -> Result<Rendered, Failures> {
        let filled = parts::fill(self, plan.endpoints(), missing)?;
        let mut tree = filled.layout.tree();
        merge(&mut tree, &self.thanos.values);
        let text = self.text(&filled.layout, &tree, Audience::File)?;
        let starred = self.holds_secrets().then(|| self.text(&filled.layout, &tree, Audience::Everybody));
        if !self.says_what_is_meant(plan, &tree) {
            return Err(VALUES.bug("the stores or the replica labels are others").into());
        }
        let values = Values { text, starred: starred.transpose()?, tree, parts: filled.parts };
        Ok(Rendered { values, notes: parts::notes(self) })
    }

    /// The text of the values, of which Helm reads `tree`.
    fn text(&self, layout: &Layout, tree: &Map<String, Value>, audience: Audience) -> Result<String, Failure> {
        let text = VALUES.render(self.record(layout, audience), &[&Value::Object(layout.tree())])?;
        let header = ValuesHeader::new(self.chart.dialect.chart, self.chart.version);
        if ValuesHeader::of(&text) != Some(header) || ReleaseLine::of(&text) != Some(self.release_line()) {
            return Err(VALUES.bug(UNKNOWN_HEAD));
        }
        if self.thanos.values.is_empty() {
            return Ok(text);
        }
        // What the parser says of a text that may hold secrets is not told.
        let bug = || VALUES.bug("`thanos.values` cannot be merged into it");
        let text = edit::merge(&text, &Value::Object(self.thanos.values.clone())).map_err(|_| bug())?;
        let read: Map<String, Value> = document::read("values", &text).map_err(|_| bug())?;
        if read == *tree { Ok(text) } else { Err(bug()) }
    }

    /// The values as a tree, for `endpoints`.
    ///
    /// # Errors
    /// When a secret that must stand in the values was not read.
    fn tree(&self, endpoints: &[Endpoint], missing: &[String]) -> Result<Map<String, Value>, Failures> {
        let mut tree = parts::fill(self, endpoints, missing)?.layout.tree();
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

    /// What the template of the values is filled with.
    fn record(&self, layout: &Layout, audience: Audience) -> Record {
        let (thanos, chart) = (self.thanos, &self.chart);
        // A folder has the version that was checked out; only where packages are is one asked for.
        let (reference, repository, source) = match chart.reference() {
            Reference::Registry(address) => (address, None, None),
            Reference::Repository(address, name) => (name, Some(address), None),
            Reference::Source(folder, source) => (folder, None, Some(source)),
        };
        let record = Record::default()
            .with("thanosctl", TOOL)
            .with("chart", chart.dialect.chart)
            .with("chart_name", chart.dialect.name)
            .with("chart_version", chart.version.to_string())
            .with("release", thanos.release.as_str())
            .with("namespace", thanos.namespace.as_str())
            .with("has_settings", self.request.made_from == MadeFrom::Settings)
            .with("holds_secrets", self.holds_secrets())
            .with("is_starred", audience == Audience::Everybody)
            .with("config_map", self.stores_config_map_name())
            .with("reference", reference)
            .with("repository", repository)
            .with("source", source)
            .with("image_is_unknown", parts::has_unknown_image(self));
        layout.fill(record)
    }
}
