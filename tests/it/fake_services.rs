//! A cluster whose Services can be changed, made and removed.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fake_api::{FakeApi, Reply, Seen, node};
use crate::program::Room;

/// An API server that keeps Services, and notes who writes an annotation as a real one does.
pub(crate) struct Cluster {
    pub api: FakeApi,
    services: Arc<Mutex<Vec<Value>>>,
}

impl Cluster {
    pub(crate) fn start(services: Vec<Value>) -> Self {
        let services = Arc::new(Mutex::new(services));
        let kept = services.clone();
        let api = FakeApi::start(move |seen| answer(seen, &mut kept.lock().unwrap()));
        Self { api, services }
    }

    pub(crate) fn room(&self) -> Room {
        let room = Room::new();
        let config = json!({"kind": "Config", "current-context": "eu",
            "contexts": [{"name": "eu", "context": {"cluster": "eu"}}],
            "clusters": [{"name": "eu", "cluster": {"server": self.api.url()}}]});
        room.file(".kube/config", &config.to_string());
        room
    }

    pub(crate) fn service(&self, name: &str) -> Value {
        let services = self.services.lock().unwrap();
        services.iter().find(|service| service["metadata"]["name"] == name).cloned().unwrap_or_default()
    }

    /// Writes to a Service as somebody else does.
    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut services = self.services.lock().unwrap();
        change(services.iter_mut().find(|service| service["metadata"]["name"] == name).unwrap());
    }

    pub(crate) fn writes(&self) -> Vec<Seen> {
        self.api.requests().into_iter().filter(|seen| seen.method != "GET").collect()
    }
}

fn answer(seen: &Seen, services: &mut Vec<Value>) -> Reply {
    let path = seen.path();
    let name = path.split_once("/services/").map(|(_, name)| name.to_owned());
    let at = name.and_then(|name| services.iter().position(|service| service["metadata"]["name"] == name.as_str()));
    match (seen.method.as_str(), at) {
        ("GET", _) if path == "/api/v1/nodes" => Reply::page(seen, "NodeList", &[node("node-1")]),
        ("GET", _) if path.ends_with("/endpointslices") => Reply::page(seen, "EndpointSliceList", &slices()),
        ("GET", _) if path.ends_with("/services") => {
            let wanted = seen.query("labelSelector").unwrap_or_default();
            let is_wanted = |service: &&Value| {
                wanted.is_empty() || service["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "thanosctl"
            };
            let found: Vec<Value> = services.iter().filter(is_wanted).cloned().collect();
            Reply::page(seen, "ServiceList", &found)
        }
        ("GET", Some(at)) => Reply::Json(200, services[at].clone()),
        ("PATCH", Some(at)) => {
            for operation in serde_json::from_slice::<Vec<Value>>(&seen.body).unwrap() {
                apply(&mut services[at], &operation);
            }
            let service = &mut services[at];
            service["metadata"]["resourceVersion"] = json!("8");
            for port in service["spec"]["ports"].as_array_mut().unwrap() {
                if port["nodePort"].is_null() && seen.body.windows(8).any(|part| part == b"NodePort") {
                    port["nodePort"] = json!(31234);
                }
            }
            Reply::Json(200, service.clone())
        }
        ("POST", _) => {
            let mut made: Value = serde_json::from_slice(&seen.body).unwrap();
            made["metadata"]["uid"] = json!(format!("u-{}", made["metadata"]["name"].as_str().unwrap()));
            made["metadata"]["resourceVersion"] = json!("5");
            made["spec"]["ports"][0]["nodePort"] = json!(31240 + services.len());
            made["metadata"]["managedFields"] = noted(&seen.query("fieldManager").unwrap());
            services.push(made.clone());
            Reply::Json(201, made)
        }
        ("DELETE", Some(at)) => {
            services.remove(at);
            Reply::Json(200, json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
        }
        _ => Reply::status(404, "NotFound", "services \"x\" not found"),
    }
}

/// One operation of a JSON patch.
fn apply(object: &mut Value, operation: &Value) {
    let path = operation["path"].as_str().unwrap();
    let (parent, key) = path.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    let parent = object.pointer_mut(parent).unwrap();
    match (operation["op"].as_str().unwrap(), parent) {
        ("test", _) => {}
        ("remove", Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
        ("remove", parent) => drop(parent.as_object_mut().unwrap().remove(&key)),
        (_, Value::Array(items)) => items[key.parse::<usize>().unwrap()] = operation["value"].clone(),
        (_, parent) => parent[key] = operation["value"].clone(),
    }
}

/// `managedFields` that say that `manager` made a Service with our marks, and wrote the annotation of an undo.
pub(crate) fn noted(manager: &str) -> Value {
    let fields = json!({
        "f:metadata": {
            "f:annotations": {"f:thanosctl.io/exposes": {}, "f:thanosctl.io/undo": {}},
            "f:labels": {"f:thanosctl.io/exposes": {}, "f:app.kubernetes.io/managed-by": {}},
        },
        "f:spec": {"f:selector": {}, "f:type": {}},
    });
    json!([
        {"manager": "helm", "operation": "Update", "fieldsV1": {"f:spec": {"f:ports": {}}}},
        {"manager": manager, "operation": "Update", "fieldsV1": fields},
    ])
}

fn slices() -> Vec<Value> {
    let endpoint = |ordinal: usize| {
        json!({"addresses": [format!("10.244.3.{ordinal}")], "conditions": {"ready": true}, "nodeName": "node-1",
            "targetRef": {"kind": "Pod", "namespace": "default", "name": format!("prometheus-kps-{ordinal}"), "uid": format!("p-{ordinal}")}})
    };
    let slice = json!({"metadata": {"namespace": "default", "name": "kps-x", "labels": {"kubernetes.io/service-name": "kps"}},
        "ports": [{"name": "grpc", "port": 10901}], "endpoints": [endpoint(0), endpoint(1)]});
    vec![slice]
}

/// A Service of that type with a gRPC port, whose marks `kubectl edit` wrote.
pub(crate) fn plain(name: &str, kind: &str) -> Value {
    let mut port = json!({"name": "grpc", "port": 10901, "targetPort": 10901, "protocol": "TCP"});
    if kind == "NodePort" {
        port["nodePort"] = json!(31234);
    }
    json!({"kind": "Service", "apiVersion": "v1",
        "metadata": {"namespace": "default", "name": name, "uid": format!("u-{name}"), "resourceVersion": "7",
            "labels": {}, "annotations": {}, "managedFields": noted("kubectl-edit")},
        "spec": {"type": kind, "clusterIP": "10.96.0.9", "selector": {"app": name}, "ports": [port],
            "externalTrafficPolicy": "Cluster"}})
}

/// A headless sidecar, over two replicas.
pub(crate) fn headless() -> Value {
    let mut base = plain("kps", "ClusterIP");
    base["spec"]["clusterIP"] = json!("None");
    base["metadata"]["labels"]["app.kubernetes.io/component"] = json!("thanos-sidecar");
    base
}
