//! A List as kubectl prints it: what a live cluster would have been asked for, out of a list of everything.

use serde::Deserialize;
use serde_json::Value;

use crate::document::{Data, DocumentError};
use crate::fleet::inventory;
use crate::fleet::inventory::{Listing, Observed, Unreadable};
use crate::fleet::kubernetes;
use crate::fleet::salvage::Item as _;
use crate::fleet::sidecar;
use crate::place::Place;

/// kubectl leaves out no kind, so an item without one was cut off.
#[derive(Deserialize)]
#[serde(tag = "kind")]
enum Item {
    Service(Box<kubernetes::Service>),
    Node(kubernetes::Node),
    EndpointSlice(kubernetes::EndpointSlice),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    /// What asks the server for the rest, where this is one page of a longer list.
    #[serde(rename = "continue")]
    rest: Option<String>,
}

impl<T> List<T> {
    fn is_whole(&self) -> bool {
        self.metadata.as_ref().and_then(|metadata| metadata.rest.as_ref()).is_none_or(String::is_empty)
    }
}

const ALL: &str = "collect them all with\n`kubectl get svc,endpointslices,nodes -A -o json`";

/// What a List shows of its cluster, or which kind of object it lacks.
///
/// # Errors
/// When it is broken, or when an object in it may matter and cannot be read.
pub(super) fn read(file: &str, data: &Data<'_>) -> Result<Result<Observed, Unreadable>, DocumentError> {
    let list = match data.get::<List<Item>>() {
        Ok(list) => list,
        Err(error) => salvaged(file, data, error)?,
    };
    if !list.is_whole() {
        let cause = format!("{file} is one page of a longer list: it has `metadata.continue`");
        return Ok(Err(Unreadable { cause, hint: Some(ALL.to_owned()) }));
    }
    Ok(observed(file, list.items))
}

/// The items of a List in which some have an odd shape; `error` when it is something else that is wrong.
fn salvaged(file: &str, data: &Data<'_>, error: DocumentError) -> Result<List<Item>, DocumentError> {
    let Ok(list) = data.get::<List<Value>>() else { return Err(error) };
    let mut items = Vec::new();
    for object in list.items {
        let Some(kind) = object["kind"].as_str() else { return Err(error) };
        let item = match kind {
            "Service" => kubernetes::Service::read(object).map(|it| it.map(Box::new).map(Item::Service)),
            "Node" => kubernetes::Node::read(object).map(|it| it.map(Item::Node)),
            "EndpointSlice" => kubernetes::EndpointSlice::read(object).map(|it| it.map(Item::EndpointSlice)),
            _ => Ok(None),
        };
        let place = Place { file: file.to_owned(), line: 0, column: 0 };
        items.extend(item.map_err(|message| DocumentError { place, message, hint: None })?);
    }
    Ok(List { items, metadata: list.metadata })
}

fn observed(file: &str, items: Vec<Item>) -> Result<Observed, Unreadable> {
    let (mut services, mut nodes, mut slices) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Service(service) => services.push(inventory::Service::from(*service)),
            Item::Node(node) => nodes.push(inventory::Node::from(node)),
            Item::EndpointSlice(slice) => slices.push(inventory::EndpointSlice::from(slice)),
            Item::Other => {}
        }
    }
    let absent = |what: &str| Unreadable { cause: format!("{file} holds no {what}"), hint: Some(ALL.to_owned()) };
    // Every cluster has Services (`default/kubernetes`), nodes and slices: where none are listed, nobody asked for
    // them, or nobody may.
    if services.is_empty() {
        return Err(absent("services"));
    }
    services.retain(sidecar::offers_store_api);
    let nodes = if nodes.is_empty() { Listing::Unreadable(absent("nodes")) } else { Listing::Complete(nodes) };
    let slices =
        if slices.is_empty() { Listing::Unreadable(absent("endpointslices")) } else { Listing::Complete(slices) };
    Ok(Observed::trimmed(services, nodes, slices))
}
