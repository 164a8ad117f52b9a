//! The inventory as a document: what `discover -o yaml|json` writes and `--inventory` reads, and the List that
//! `kubectl get svc,endpointslices,nodes -A -o json` prints.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::document::{DocumentError, Place, read_data};
use crate::model::address::Address;
use crate::model::discovery::{DiscoveredCluster, DiscoveredService, Discovery};
use crate::model::inventory::{self, Cluster, EndpointSlice, Inventory, Listing, Node, Observed, Service, Unreadable};
use crate::model::kubernetes;
use crate::model::names::ClusterName;
use crate::model::sidecar;

/// The version of the document. A reader refuses others.
const VERSION: u64 = 1;

/// The document of a discovery: the facts, and beside them what was concluded, for people to read.
pub fn write(discovery: &Discovery<'_>) -> Value {
    let clusters: Vec<Value> = discovery.clusters.iter().map(cluster_entry).collect();
    json!({ "kind": "Inventory", "version": VERSION, "clusters": clusters })
}

fn cluster_entry(found: &DiscoveredCluster<'_>) -> Value {
    let Cluster { name, context, fixed_endpoints, observed } = found.cluster;
    let mut entry = Map::new();
    entry.insert("name".into(), json!(name));
    entry.insert("context".into(), json!(context));
    if !fixed_endpoints.is_empty() {
        entry.insert("endpoints".into(), json!(fixed_endpoints));
    }
    match observed {
        Ok(observed) => {
            entry.insert("error".into(), Value::Null);
            entry.insert("services".into(), found.services.iter().flatten().map(service_entry).collect());
            let mut unreadable = Map::new();
            let mut list = |key: &str, listing: Result<Value, &Unreadable>| match listing {
                Ok(items) => drop(entry.insert(key.into(), items)),
                Err(reason) => {
                    entry.insert(key.into(), json!([]));
                    unreadable.insert(key.into(), json!(reason));
                }
            };
            list("nodes", observed.nodes.items().map(|nodes| json!(nodes)));
            list("endpointSlices", observed.endpoint_slices.items().map(|slices| json!(slices)));
            if !unreadable.is_empty() {
                entry.insert("unreadable".into(), unreadable.into());
            }
        }
        Err(reason) => {
            entry.insert("error".into(), json!(reason.cause));
            if let Some(hint) = &reason.hint {
                entry.insert("hint".into(), json!(hint));
            }
        }
    }
    entry.into()
}

/// Conclusions first, since that is what people look for; then the facts that they were drawn from.
fn service_entry(found: &DiscoveredService<'_>) -> Value {
    let Value::Object(mut facts) = json!(found.service) else { unreachable!("a Service is a mapping") };
    let endpoints: Vec<Value> = found
        .resolved
        .endpoints
        .iter()
        .map(|(address, source)| json!({ "address": address, "source": source }))
        .collect();
    let mut entry = Map::new();
    for key in ["namespace", "name"] {
        entry.extend(facts.shift_remove_entry(key));
    }
    entry.insert("role".into(), json!(found.recognised.role));
    entry.insert("reason".into(), json!(found.recognised.reason));
    entry.insert("port".into(), json!(found.port));
    entry.insert("endpoints".into(), endpoints.into());
    entry.insert("problem".into(), json!(found.resolved.problem.as_ref().map(ToString::to_string)));
    let remarks: Vec<String> = found.resolved.remarks.iter().map(ToString::to_string).collect();
    entry.insert("remarks".into(), json!(remarks));
    entry.extend(facts);
    entry.into()
}

#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
    version: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InventoryDocument {
    clusters: Vec<ClusterDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterDocument {
    name: ClusterName,
    context: Option<String>,
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

impl ClusterDocument {
    /// A list that is absent was cut off or mistyped; that there is nothing is said by an empty one.
    fn into_cluster(self, file: &str) -> Cluster {
        fn listing<T>(items: Option<Vec<T>>, unreadable: Option<Unreadable>, absent: Unreadable) -> Listing<T> {
            match (items, unreadable) {
                (_, Some(reason)) => Listing::Unreadable(reason),
                (Some(items), None) => Listing::Complete(items),
                (None, None) => Listing::Unreadable(absent),
            }
        }
        let absent = |key: &str| Unreadable {
            cause: format!("{file} has no `{key}` for this cluster"),
            hint: Some("collect it anew with `thanosctl discover -o yaml`".to_owned()),
        };
        let fixed = !self.endpoints.is_empty();
        let observed = match (self.error, self.services) {
            (Some(cause), _) => Err(Unreadable { cause, hint: self.hint }),
            (None, None) if fixed => Ok(Observed::default()),
            (None, None) => Err(absent("services")),
            (None, Some(services)) => Ok(Observed {
                services,
                nodes: listing(self.nodes, self.unreadable.nodes, absent("nodes")),
                endpoint_slices: listing(
                    self.endpoint_slices,
                    self.unreadable.endpoint_slices,
                    absent("endpointSlices"),
                ),
            }),
        };
        Cluster { name: self.name, context: self.context, fixed_endpoints: self.endpoints, observed }
    }
}

/// Reads an inventory, or a List of kubectl; then `stem` is the cluster's name.
///
/// # Errors
/// When the text is neither of both, is of another version, or is broken; with file, line and column.
pub fn parse(file: &str, stem: &str, text: &str) -> Result<Inventory, DocumentError> {
    let foreign = |message: String, hint: Option<&str>| DocumentError {
        place: Place { file: file.to_owned(), line: 0, column: 0 },
        message,
        hint: hint.map(str::to_owned),
    };
    let head: Head = read_data(file, text)?;
    match (head.kind.as_deref(), head.version) {
        (Some("Inventory"), Some(VERSION)) => {
            let document: InventoryDocument = read_data(file, text)?;
            Ok(Inventory {
                clusters: document.clusters.into_iter().map(|cluster| cluster.into_cluster(file)).collect(),
            })
        }
        (Some("Inventory"), version) => {
            let version = version.map_or_else(|| "no version".into(), |version| format!("version {version}"));
            Err(foreign(format!("an inventory of {version}; this thanosctl reads version {VERSION}"), None))
        }
        (Some("List"), _) => {
            let name = ClusterName::try_from(stem.to_owned()).map_err(|error| foreign(error.to_string(), None))?;
            let observed = read_data::<List>(file, text)?.observed(file);
            Ok(Inventory { clusters: vec![Cluster { name, context: None, fixed_endpoints: Vec::new(), observed }] })
        }
        (kind, _) => Err(foreign(
            format!("no inventory: its kind is {}", kind.map_or_else(|| "missing".into(), |kind| format!("`{kind}`"))),
            Some(
                "write one with `thanosctl discover -o yaml`, or with\n`kubectl get svc,endpointslices,nodes -A -o json`",
            ),
        )),
    }
}

#[derive(Deserialize)]
struct List {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(tag = "kind")]
enum Item {
    Service(Box<kubernetes::Service>),
    Node(kubernetes::Node),
    EndpointSlice(kubernetes::EndpointSlice),
    #[serde(other)]
    Other,
}

impl List {
    /// What a live cluster would have been asked for, out of a list of everything.
    fn observed(self, file: &str) -> Result<Observed, Unreadable> {
        let (mut services, mut nodes, mut slices) = (Vec::new(), Vec::new(), Vec::new());
        for item in self.items {
            match item {
                Item::Service(service) => services.push(inventory::Service::from(*service)),
                Item::Node(node) => nodes.push(inventory::Node::from(node)),
                Item::EndpointSlice(slice) => slices.push(inventory::EndpointSlice::from(slice)),
                Item::Other => {}
            }
        }
        let absent = |what: &str| Unreadable {
            cause: format!("{file} holds no {what}"),
            hint: Some("collect them all with\n`kubectl get svc,endpointslices,nodes -A -o json`".to_owned()),
        };
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
}
