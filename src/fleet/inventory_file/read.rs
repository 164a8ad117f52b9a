//! Reads an inventory, and tells a file that was cut off from one that holds less.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{VERSION, list, unknown};
use crate::document::{Data, DocumentError};
use crate::fleet::address::Address;
use crate::fleet::inventory::{Cluster, EndpointSlice, Inventory, Listing, Node, Observed, Service, Unreadable};
use crate::names::ClusterName;
use crate::place::Place;

/// A file that is to be an inventory.
struct Source<'a> {
    file: &'a str,
    stem: &'a str,
    text: &'a str,
    data: Data<'a>,
}

/// What stands around the clusters.
#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
    version: Option<u64>,
    contents: Option<Vec<ClusterName>>,
    items: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct InventoryDocument {
    contents: Option<Vec<ClusterName>>,
    clusters: Vec<ClusterDocument>,
    end: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterDocument {
    name: ClusterName,
    context: Option<String>,
    uid: Option<String>,
    #[serde(default)]
    endpoints: Vec<Address>,
    error: Option<String>,
    hint: Option<String>,
    services: Option<Vec<Service>>,
    nodes: Option<Vec<Node>>,
    endpoint_slices: Option<Vec<EndpointSlice>>,
    #[serde(default)]
    unreadable: UnreadableDocument,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct UnreadableDocument {
    nodes: Option<Unreadable>,
    endpoint_slices: Option<Unreadable>,
}

/// Reads an inventory, or a List of kubectl; then `stem` is the cluster's name.
///
/// A file that is empty, cut off or broken gives clusters that could not be read: those that its head lists, else the
/// one that `stem` names.
///
/// # Errors
/// When the text is a whole document of another kind or version.
pub fn parse(file: &str, stem: &str, text: &str) -> Result<Inventory, DocumentError> {
    let source = Source { file, stem, text, data: Data::new(file, text) };
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return source.unreadable(&[], "it is empty".to_owned());
    }
    let head: Head = match source.data.get() {
        Ok(head) => head,
        Err(error) => return source.broken(&error),
    };
    let begins = |whole: &str, kind: &str| whole != kind && whole.starts_with(kind);
    match (head.kind.as_deref(), head.version) {
        (Some("Inventory"), Some(VERSION)) => source.inventory(head.contents.as_deref()),
        (Some("Inventory"), Some(version)) => {
            Err(source.foreign(format!("an inventory of version {version}; this thanosctl reads version {VERSION}"), None))
        }
        (Some("Inventory"), None) => source.unreadable(&[], "it has no `version`, so it was cut off".to_owned()),
        (Some("List"), _) => source.list(),
        (Some(kind), _) if begins("Inventory", kind) || (begins("List", kind) && head.items.is_some()) => {
            source.unreadable(&[], format!("its kind is `{kind}`, so it was cut off"))
        }
        // kubectl writes the kind of a List behind the items.
        (None, _) if head.items.is_some() => {
            source.unreadable(&[], "it has no `kind` behind its `items`, so it was cut off".to_owned())
        }
        (None, _) => source.unreadable(&[], "no inventory: its kind is missing".to_owned()),
        (Some(kind), _) => Err(source.foreign(
            format!("no inventory: its kind is `{kind}`"),
            Some("write one with `thanosctl discover -o yaml`, or with\n`kubectl get svc,endpointslices,nodes -A -o json`"),
        )),
    }
}

impl Source<'_> {
    fn inventory(&self, contents: Option<&[ClusterName]>) -> Result<Inventory, DocumentError> {
        let document: InventoryDocument = match self.data.get() {
            Ok(document) => document,
            Err(error) => match self.with_unknown_values() {
                Some(document) => document,
                None => return self.broken(&error),
            },
        };
        let names = contents.unwrap_or_default();
        if document.contents.is_some() && document.end != Some(true) {
            return self.unreadable(names, "it was cut off: its last line, `end: true`, is missing".to_owned());
        }
        let mut clusters: Vec<Cluster> =
            document.clusters.into_iter().map(|cluster| cluster.into_cluster(self.file)).collect();
        for name in names {
            if !clusters.iter().any(|cluster| cluster.name == *name) {
                clusters.push(self.lost(name.clone(), "`contents` lists it, `clusters` does not have it".to_owned()));
            }
        }
        Ok(Inventory { clusters })
    }

    /// The document, if nothing is wrong with it but values that nobody knew when this was written.
    fn with_unknown_values(&self) -> Option<InventoryDocument> {
        let mut document: serde_json::Value = self.data.get().ok()?;
        unknown::put_aside(&mut document);
        serde_json::from_value(document).ok()
    }

    fn list(&self) -> Result<Inventory, DocumentError> {
        match list::read(self.file, &self.data) {
            Ok(observed) => {
                let cluster =
                    Cluster { name: self.name()?, context: None, uid: None, fixed_endpoints: Vec::new(), observed };
                Ok(Inventory { clusters: vec![cluster] })
            }
            Err(error) => self.broken(&error),
        }
    }

    /// What has neither the syntax nor the shape of an inventory: a cut makes such files too.
    fn broken(&self, error: &DocumentError) -> Result<Inventory, DocumentError> {
        let names = self.contents_of_a_part();
        let is_whole = self.text.trim_end().ends_with(['}', ']']) || self.text.trim_end().ends_with("\nend: true");
        let cut = if is_whole { "" } else { " (it may have been cut off)" };
        let mut inventory = self.unreadable(&names, format!("{error}{cut}"))?;
        if let Some(hint) = &error.hint {
            for cluster in &mut inventory.clusters {
                cluster.observed = cluster.observed.clone().map_err(|it| Unreadable { hint: Some(hint.clone()), ..it });
            }
        }
        Ok(inventory)
    }

    /// What `contents` lists, when all behind it cannot be read.
    fn contents_of_a_part(&self) -> Vec<ClusterName> {
        let part = if self.text.trim_start().starts_with('{') {
            self.text.split_once("\"clusters\"").map(|(part, _)| format!("{}}}", part.trim_end().trim_end_matches(',')))
        } else {
            self.text.split_once("\nclusters:").map(|(part, _)| part.to_owned())
        };
        let head: Option<Head> = part.and_then(|part| Data::new(self.file, &part).get().ok());
        head.and_then(|head| head.contents).unwrap_or_default()
    }

    /// None of its clusters is known; `names` are those that it should hold.
    fn unreadable(&self, names: &[ClusterName], why: String) -> Result<Inventory, DocumentError> {
        let names = if names.is_empty() { vec![self.name()?] } else { names.to_vec() };
        Ok(Inventory { clusters: names.into_iter().map(|name| self.lost(name, why.clone())).collect() })
    }

    fn lost(&self, name: ClusterName, why: String) -> Cluster {
        let cause = if why.starts_with(&format!("{}:", self.file)) { why } else { format!("{}: {why}", self.file) };
        let hint = Some("write the file again with `thanosctl discover -o yaml`".to_owned());
        Cluster {
            name,
            context: None,
            uid: None,
            fixed_endpoints: Vec::new(),
            observed: Err(Unreadable { cause, hint }),
        }
    }

    fn name(&self) -> Result<ClusterName, DocumentError> {
        ClusterName::try_from(self.stem.to_owned()).map_err(|error| self.foreign(error.to_string(), None))
    }

    fn foreign(&self, message: String, hint: Option<&str>) -> DocumentError {
        let place = Place { file: self.file.to_owned(), line: 0, column: 0 };
        DocumentError { place, message, hint: hint.map(str::to_owned) }
    }
}

impl ClusterDocument {
    /// A list that is absent was cut off or mistyped; that there is nothing is said by an empty one.
    fn into_cluster(self, file: &str) -> Cluster {
        let fixed = !self.endpoints.is_empty();
        let observed = match self.error {
            Some(cause) => Err(Unreadable { cause, hint: self.hint }),
            None if fixed && self.services.is_none() => Ok(Observed::default()),
            None => observed(file, self.services, self.nodes, self.endpoint_slices, self.unreadable),
        };
        Cluster { name: self.name, context: self.context, uid: self.uid, fixed_endpoints: self.endpoints, observed }
    }
}

fn observed(
    file: &str,
    services: Option<Vec<Service>>,
    nodes: Option<Vec<Node>>,
    slices: Option<Vec<EndpointSlice>>,
    unreadable: UnreadableDocument,
) -> Result<Observed, Unreadable> {
    fn listing<T>(
        items: Option<Vec<T>>,
        unreadable: Option<Unreadable>,
        absent: Unreadable,
    ) -> Result<Listing<T>, Unreadable> {
        match (items, unreadable) {
            (_, Some(reason)) => Ok(Listing::Unreadable(reason)),
            (Some(items), None) => Ok(Listing::Complete(items)),
            (None, None) => Err(absent),
        }
    }
    let absent = |key: &str| Unreadable {
        cause: format!("{file} has no `{key}` for this cluster; an empty list says that there are none"),
        hint: Some("write the file again with `thanosctl discover -o yaml`".to_owned()),
    };
    Ok(Observed {
        services: services.ok_or_else(|| absent("services"))?,
        nodes: listing(nodes, unreadable.nodes, absent("nodes"))?,
        endpoint_slices: listing(slices, unreadable.endpoint_slices, absent("endpointSlices"))?,
    })
}
