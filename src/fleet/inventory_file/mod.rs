//! The inventory as a document: what `discover -o yaml|json` writes and `--inventory` reads, and the List that
//! `kubectl get svc,endpointslices,nodes -A -o json` prints.
//!
//! A YAML file that lost its end is valid YAML, and would pass for a smaller fleet. So the head of an inventory lists
//! its clusters (`contents`) and its last line is an end mark; a file with the one and without the other was cut off.

mod list;
mod read;
mod unknown;

pub use read::parse;

use serde_json::{Map, Value, json};

use crate::fleet::discovery::{DiscoveredCluster, DiscoveredService, Discovery};
use crate::fleet::inventory::{Cluster, Unreadable};

/// The version of the document. A reader refuses others.
const VERSION: u64 = 1;

/// The document of a discovery: the facts, and beside them what was concluded, for people to read.
pub fn write(discovery: &Discovery<'_>) -> Value {
    let names: Vec<_> = discovery.clusters.iter().map(|found| &found.cluster.name).collect();
    let clusters: Vec<Value> = discovery.clusters.iter().map(cluster_entry).collect();
    json!({ "kind": "Inventory", "version": VERSION, "contents": names, "clusters": clusters, "end": true })
}

fn cluster_entry(found: &DiscoveredCluster<'_>) -> Value {
    let Cluster { name, context, uid, fixed_endpoints, observed } = found.cluster;
    let mut entry = Map::new();
    entry.insert("name".into(), json!(name));
    entry.insert("context".into(), json!(context));
    if let Some(uid) = uid {
        entry.insert("uid".into(), json!(uid));
    }
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
