//! A values file as it was committed: read with the places of what thanosctl owns in it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::chart::edit::{Document, View, Wrapper};
use crate::chart::header::ValuesHeader;
use crate::chart::{origin, stores_list};
use crate::document::Place;
use crate::failure::Failure;
use crate::files;
use crate::model::drift::Committed;

/// Keys by which values of a Thanos chart are known.
const KNOWN: [&str; 18] = [
    "query",
    "querier",
    "queryFrontend",
    "bucketweb",
    "compactor",
    "storegateway",
    "ruler",
    "receive",
    "minio",
    "objstoreConfig",
    "existingObjstoreSecret",
    "fullnameOverride",
    "nameOverride",
    "additionalEndpoints",
    "storeGateway",
    "compact",
    "rule",
    "bucket",
];

/// A values file.
pub struct ValuesFile {
    /// Where it is.
    pub path: PathBuf,
    /// As the user named it.
    pub name: String,
    /// What stands in it.
    pub text: String,
    /// The same, with places.
    pub document: Document,
    /// Where in it the values are.
    pub wrapper: Wrapper,
    /// The path of its stores: older charts have another.
    pub stores: String,
    /// Its stores, in their order.
    pub committed: Vec<Committed>,
    /// Where the list of stores stands, or would; only the file where nothing of it is there.
    pub list: Place,
}

impl ValuesFile {
    /// Reads the values at `wrapper`, or where they are in a file of its kind. `preferred` is where the chart has its
    /// stores, for a file that has none.
    ///
    /// # Errors
    /// When the file cannot be read, is no YAML, or holds no values of a Thanos chart.
    pub fn read(path: &Path, wrapper: Option<&str>, preferred: Option<&str>) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let text = files::read(path)?;
        let document = Document::parse(&name, &text)?;
        let wrapper = match wrapper {
            Some(path) => Wrapper::parse(path)?,
            None => Wrapper::detect(&document)?,
        };
        let view = View::of(&document, &wrapper)?;
        let is_ours = ValuesHeader::of(&text).is_some();
        let is_empty = view.tree().as_object().is_none_or(serde_json::Map::is_empty);
        if !is_ours && !is_empty && !KNOWN.iter().any(|key| view.value(key).is_some()) {
            return Err(Failure::new(format!("`{name}` holds no values of a Thanos chart"))
                .caused_by(format!("none of {} stands in it", KNOWN[..8].join(", ")))
                .hint("where they stand below another key, name it: --path thanos"));
        }
        let stores = stores_list(&view, preferred);
        match view.value(&stores) {
            None | Some(Value::Null | Value::Array(_)) => {}
            Some(_) => {
                let place = view.place(&stores).unwrap_or(Place { file: name.clone(), line: 0, column: 0 });
                return Err(Failure::new(format!("{place}: `{stores}` is no list")).hint("write `[]` for no stores"));
            }
        }
        let committed = view
            .stores(&stores)
            .into_iter()
            .map(|found| Committed { origin: origin(found.comment.trim()), text: found.text, place: found.place })
            .collect();
        let query = stores.split('.').next().unwrap_or_default();
        let list = view.place(&stores).or_else(|| view.place(query));
        let list = list.unwrap_or_else(|| Place { file: name.clone(), line: 0, column: 0 });
        Ok(Self { path: path.to_owned(), name, document, wrapper, stores, committed, list, text })
    }

    /// The values in it.
    ///
    /// # Errors
    /// None that [`ValuesFile::read`] would not have had.
    pub fn view(&self) -> Result<View<'_>, Failure> {
        Ok(View::of(&self.document, &self.wrapper)?)
    }
}
