//! Files that thanosctl wrote, read again before they are replaced. People may have edited them since.

use serde_json::{Map, Value};

use super::by_hand::ByHand;
use super::chart_version::Chart;
use super::header::{Held, MadeFrom, ManifestHeader, ReleaseLine, ValuesHeader};
use super::key_changes::{KeyChanges, besides, without};
use super::stores::Stores;
use super::{Values, store_path};
use crate::document;
use crate::failure::Failure;

/// A values file that thanosctl wrote.
pub struct WrittenValues {
    /// Its first line.
    pub header: ValuesHeader,
    /// Its second line; `None` when it was edited away.
    pub release: Option<ReleaseLine>,
    /// Its stores.
    pub stores: Stores,
    /// What else people added.
    pub by_hand: ByHand,
    /// Its values without the stores.
    tree: Map<String, Value>,
}

impl WrittenValues {
    /// Reads `text`; `None` when thanosctl did not write it.
    ///
    /// # Errors
    /// When it is no YAML any more, or its stores are no list. The file may hold secrets, so nothing is quoted.
    pub fn read(file: &str, text: &str) -> Result<Option<Self>, Failure> {
        let Some(header) = ValuesHeader::of(text) else { return Ok(None) };
        let path = store_path(&header.chart, Some(&header.version.to_string()));
        let stores = Stores::read(file, text)?;
        let unreadable = |_| {
            Failure::new(format!("cannot read the values of `{file}`"))
                .hint("undo the last edit of the file; with --force it is replaced as it is")
        };
        let mut tree: Map<String, Value> = document::read(file, text).map_err(unreadable)?;
        if let Some(path) = path {
            without(&mut tree, &path);
        }
        Ok(Some(Self { release: ReleaseLine::of(text), header, stores, by_hand: ByHand::in_values(text), tree }))
    }

    /// How `new`, the values of `chart` in `version`, differ in all but the stores.
    pub fn changes(&self, new: &Values, stores: Option<&str>) -> KeyChanges {
        KeyChanges::between(&self.tree, &storeless(new, stores))
    }

    /// The keys that came from settings or from hands, and that `new` would lose; what the file's chart never reads is no
    /// loss. `by_itself` is what thanosctl writes for this file's chart and version when it has no settings; a file that
    /// was made without settings may have had other values there, from another version of thanosctl.
    pub fn lost_without_settings(&self, new: &Values, by_itself: Option<&Values>, stores: Option<&str>) -> Vec<String> {
        let nothing = Map::new();
        let path = store_path(&self.header.chart, Some(&self.header.version.to_string()));
        let by_itself = by_itself.map_or(nothing, |values| storeless(values, path.as_deref()));
        let own = besides(&self.tree, &by_itself);
        let lost = KeyChanges::between(&own, &storeless(new, stores));
        let lost: Vec<String> = match self.release.as_ref().map(|line| line.made_from) {
            Some(MadeFrom::Defaults) => lost.removed,
            Some(MadeFrom::Settings) | None => lost.removed.into_iter().chain(lost.changed).collect(),
        };
        match Chart::find_known(&self.header.chart, Some(&self.header.version.to_string())) {
            Ok(chart) => lost.into_iter().filter(|path| chart.catalog.knows(chart.version, path)).collect(),
            Err(_) => lost,
        }
    }
}

fn storeless(values: &Values, stores: Option<&str>) -> Map<String, Value> {
    let mut tree = values.tree().clone();
    if let Some(path) = stores {
        without(&mut tree, path);
    }
    tree
}

/// A ConfigMap of stores that thanosctl wrote.
pub struct WrittenStores {
    /// Its first line.
    pub header: ManifestHeader,
    /// Its name.
    pub name: String,
    /// Its stores.
    pub stores: Stores,
    /// What else people added.
    pub by_hand: ByHand,
}

impl WrittenStores {
    /// Reads `text`; `None` when thanosctl did not write it.
    ///
    /// # Errors
    /// When it is no ConfigMap with one text any more.
    pub fn read(file: &str, text: &str) -> Result<Option<Self>, Failure> {
        let Some(header) = ManifestHeader::of(Held::Stores, text) else { return Ok(None) };
        let stores = Stores::read_config_map(file, text)?;
        let name = document::read::<Value>(file, text).ok();
        let name = name.as_ref().and_then(|object| object["metadata"]["name"].as_str()).unwrap_or_default().to_owned();
        Ok(Some(Self { header, name, stores, by_hand: ByHand::in_stores(text) }))
    }
}

/// A manifest of Secrets that thanosctl wrote.
pub struct WrittenSecrets {
    /// Its first line.
    pub header: ManifestHeader,
    /// The names of its Secrets.
    pub names: Vec<String>,
    /// What else somebody put into the file, as `KIND NAME`.
    pub foreign: Vec<String>,
    /// The comments and blank lines that people added.
    pub by_hand: ByHand,
}

impl WrittenSecrets {
    /// Reads `text`; `None` when thanosctl did not write it.
    ///
    /// # Errors
    /// When it is no YAML any more. Nothing of it is quoted.
    pub fn read(file: &str, text: &str) -> Result<Option<Self>, Failure> {
        let Some(header) = ManifestHeader::of(Held::Secrets, text) else { return Ok(None) };
        let mut written = Self { header, names: Vec::new(), foreign: Vec::new(), by_hand: ByHand::in_secrets(text) };
        for document in documents(text) {
            let object: Value = document::read(file, &document).map_err(|_| {
                Failure::new(format!("cannot read the Secrets of `{file}`"))
                    .hint("undo the last edit of the file; with --force it is replaced as it is")
            })?;
            if object.as_object().is_none_or(Map::is_empty) {
                continue;
            }
            let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
            let (kind, metadata) = (word(&object["kind"]), &object["metadata"]);
            let name = word(&metadata["name"]);
            let is_ours = metadata["labels"]["app.kubernetes.io/managed-by"] == "thanosctl";
            if kind == "Secret" && is_ours {
                written.names.push(name);
            } else {
                written.foreign.push(format!("{kind} {name}"));
            }
        }
        Ok(Some(written))
    }
}

/// The documents of a YAML text.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.trim_start_matches('\u{feff}').lines() {
        if line.trim_end() == "---" {
            documents.push(String::new());
        } else if let Some(document) = documents.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    documents
}
