//! Which Services offer a StoreAPI, in which role, and by which sign one can tell.
//!
//! Charts agree on nothing but the port: names are cut off, labels differ by generation, and Loki, Mimir and Tempo
//! use the same component words with gRPC ports of their own. The rule was checked against the Services of every
//! chart generation (`fixtures/services`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::inventory::{Service, ServicePort, TargetPort};

/// What stands behind a StoreAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A Thanos sidecar beside a Prometheus: what a central querier is given.
    Sidecar,
    /// Another querier.
    Query,
    /// A store gateway.
    Store,
    /// A ruler.
    Ruler,
    /// A receiver.
    Receive,
    /// A StoreAPI by its port and name, of a kind that no sign tells.
    Unknown,
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Sidecar => "sidecar",
            Self::Query => "query",
            Self::Store => "store",
            Self::Ruler => "ruler",
            Self::Receive => "receive",
            Self::Unknown => "unknown",
        })
    }
}

/// A role and the sign that told it, such as ``label app.kubernetes.io/subcomponent=thanos``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The role.
    pub role: Role,
    /// The sign, for people.
    pub reason: String,
}

/// The gRPC port that Thanos listens on unless told otherwise.
pub const GRPC: u16 = 10901;

/// The ports of Thanos and Prometheus that speak HTTP, whatever they are named.
const HTTP: [u16; 2] = [10902, 9090];

const COMPONENT: &str = "app.kubernetes.io/component";
const SUBCOMPONENT: &str = "app.kubernetes.io/subcomponent";
const NAME: &str = "app.kubernetes.io/name";

/// Whether a Service offers a StoreAPI at all: what an inventory keeps.
pub fn offers_store_api(service: &Service) -> bool {
    recognise(service).is_some()
}

/// Whether the JSON of a Service that cannot be read has a word of those that a StoreAPI's have.
pub fn may_offer_store_api(object: &str) -> bool {
    let object = object.to_lowercase();
    ["thanos", "prometheus", "sidecar", "grpc", "h2c", "store-api", "10901"].iter().any(|word| object.contains(word))
}

/// The role of a Service, or `None` when it offers no StoreAPI.
pub fn recognise(service: &Service) -> Option<Recognised> {
    let port = grpc_port(service)?;
    match other_role(service, port) {
        OtherRole::Is(recognised) => return Some(recognised),
        OtherRole::NoStoreApi => return None,
        OtherRole::Undecided => {}
    }
    let found = |role, reason: String| Some(Recognised { role, reason });
    if let Some(sign) = sidecar_label(service) {
        return found(Role::Sidecar, sign);
    }
    if let Some(sign) = prometheus_selector(service)
        && (is_thanos_port(port) || port.target_port == Some(TargetPort::Name("grpc".into())))
    {
        return found(Role::Sidecar, sign);
    }
    if label(service, "operator.thanos.io/store-api") == Some("true") {
        return found(Role::Unknown, "label operator.thanos.io/store-api=true".into());
    }
    let named_thanos = [Some(service.name.as_str()), label(service, "app"), label(service, NAME)];
    if is_thanos_port(port) && named_thanos.into_iter().flatten().any(|name| name.contains("thanos")) {
        return found(Role::Unknown, format!("port {GRPC} and a name with `thanos`"));
    }
    None
}

/// The port that speaks gRPC, by the first sign that any port of the Service has: its name, its `appProtocol`, the
/// name of its target, its number. `None` when no port has one; HTTP ports (10902, 9090) never have.
pub fn grpc_port(service: &Service) -> Option<&ServicePort> {
    let signs: [fn(&ServicePort) -> bool; 5] = [
        |port| port.name.as_deref() == Some("grpc"),
        |port| port.name.as_deref().is_some_and(|name| name.split('-').any(|part| part == "grpc")),
        |port| matches!(port.app_protocol.as_deref(), Some("grpc" | "kubernetes.io/grpc" | "kubernetes.io/h2c")),
        |port| port.target_port == Some(TargetPort::Name("grpc".into())),
        is_thanos_port,
    ];
    let may_be = |port: &&ServicePort| {
        let tcp = port.protocol.as_deref().is_none_or(|protocol| protocol == "TCP");
        tcp && (!HTTP.contains(&port.port) || is_thanos_port(port))
    };
    signs.iter().find_map(|sign| service.ports.iter().filter(may_be).find(|port| sign(port)))
}

/// How likely a Service is the one made for queriers, among several over the same pods; 0 is best.
pub fn rank(service: &Service) -> u8 {
    let name = service.name.as_str();
    if sidecar_label(service).is_some() {
        0
    } else if name.ends_with("-thanos-external") {
        1
    } else if name == "prometheus-operated" {
        3
    } else if name.ends_with("-headless") {
        2
    } else {
        4
    }
}

fn is_thanos_port(port: &ServicePort) -> bool {
    port.port == GRPC || port.target_port == Some(TargetPort::Number(GRPC))
}

fn label<'a>(service: &'a Service, key: &str) -> Option<&'a str> {
    service.labels.get(key).map(String::as_str)
}

enum OtherRole {
    Is(Recognised),
    NoStoreApi,
    Undecided,
}

/// Roles other than the sidecar's. Some charts put the component into the selector only.
fn other_role(service: &Service, port: &ServicePort) -> OtherRole {
    let is = |role, reason: String| OtherRole::Is(Recognised { role, reason });
    if label(service, "operated-thanos-ruler") == Some("true") {
        return is(Role::Ruler, "label operated-thanos-ruler=true".into());
    }
    if service.selector.contains_key("thanos-ruler") {
        return is(Role::Ruler, "selector thanos-ruler".into());
    }
    let places = [("label", &service.labels), ("selector", &service.selector)];
    let component = places.iter().find_map(|(place, pairs)| Some((*place, pairs.get(COMPONENT)?.as_str())));
    let Some((place, component)) = component else {
        return OtherRole::Undecided;
    };
    let role = match component {
        "query" | "querier" | "query-layer" => Role::Query,
        "storegateway" | "store-gateway" | "store" | "object-store-gateway" | "object-storage-gateway" => Role::Store,
        "ruler" | "rule" | "thanos-ruler" | "rule-evaluation-engine" => Role::Ruler,
        "database-write-hashring" => Role::Receive,
        component if component.starts_with("receive") || component.starts_with("thanos-receive-") => Role::Receive,
        component
            if component == "query-frontend" || component.starts_with("compact") || component.starts_with("bucket") =>
        {
            return OtherRole::NoStoreApi;
        }
        _ => return OtherRole::Undecided,
    };
    if !is_thanos_port(port) && !mentions_thanos(service) {
        // The querier of Loki and the ruler of Mimir wear the same label.
        return OtherRole::NoStoreApi;
    }
    is(role, format!("{place} {COMPONENT}={component}"))
}

fn mentions_thanos(service: &Service) -> bool {
    let labels = [NAME, COMPONENT, "app.kubernetes.io/part-of", "app", "helm.sh/chart"];
    service.name.contains("thanos")
        || labels.iter().any(|key| {
            [&service.labels, &service.selector]
                .iter()
                .any(|pairs| pairs.get(*key).is_some_and(|value| value.contains("thanos")))
        })
}

/// The label that says outright: this Service fronts Thanos sidecars.
fn sidecar_label(service: &Service) -> Option<String> {
    let component = label(service, COMPONENT);
    if label(service, SUBCOMPONENT) == Some("thanos") && matches!(component, Some("prometheus" | "server")) {
        return Some(format!("label {SUBCOMPONENT}=thanos"));
    }
    if let Some(component @ ("thanos-sidecar" | "prometheus-sidecar" | "sidecar")) = component {
        return Some(format!("label {COMPONENT}={component}"));
    }
    for key in [NAME, "app"] {
        if label(service, key) == Some("thanos-sidecar") {
            return Some(format!("label {key}=thanos-sidecar"));
        }
    }
    label(service, "app").filter(|app| app.ends_with("-thanos-discovery")).map(|app| format!("label app={app}"))
}

/// The selector that takes Prometheus servers, which only have a gRPC port through a sidecar.
fn prometheus_selector(service: &Service) -> Option<String> {
    let selects = |key: &str| {
        (service.selector.get(key).map(String::as_str) == Some("prometheus"))
            .then(|| format!("selector {key}=prometheus"))
    };
    selects(NAME).or_else(|| selects("app")).or_else(|| {
        service
            .selector
            .contains_key("operator.prometheus.io/name")
            .then(|| "selector operator.prometheus.io/name".into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Service from the shape that the fixtures have.
    fn service(json: serde_json::Value) -> Service {
        let mut json = json;
        json["namespace"] = "monitoring".into();
        if json["name"].as_str().is_none() {
            json["name"] = "some".into();
        }
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_querier_of_loki_offers_no_store_api() {
        let loki = service(serde_json::json!({
            "name": "loki-querier",
            "labels": {"app.kubernetes.io/name": "loki", "app.kubernetes.io/component": "querier"},
            "ports": [{"name": "grpc", "port": 9095, "targetPort": "grpc"}],
        }));
        assert_eq!(recognise(&loki), None);
    }

    #[test]
    fn the_service_made_for_queriers_ranks_before_those_that_only_happen_to_lead_there() {
        let named = |name: &str| service(serde_json::json!({"name": name, "ports": []}));
        let made = service(serde_json::json!({"name": "x", "labels": {"app": "kps-thanos-discovery"}, "ports": []}));
        let ranks = [
            made,
            named("kps-thanos-external"),
            named("prometheus-server-headless"),
            named("prometheus-operated"),
            named("prometheus-server"),
        ];
        assert_eq!(ranks.each_ref().map(rank), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_component_in_the_selector_alone_tells_the_role() {
        let ruler = service(serde_json::json!({
            "name": "thanos-ruler-headless",
            "ports": [{"name": "grpc", "port": 10901}],
            "selector": {"app.kubernetes.io/name": "thanos", "app.kubernetes.io/component": "ruler"},
        }));
        assert_eq!(recognise(&ruler).unwrap().role, Role::Ruler);
    }

    #[test]
    fn the_grpc_port_is_told_by_name_before_number_and_is_never_udp() {
        let ports = |ports: serde_json::Value| service(serde_json::json!({"ports": ports}));
        let number = |service: &Service| grpc_port(service).map(|port| port.port);
        for (list, expected) in [
            (serde_json::json!([{"name": "http", "port": 10902}, {"name": "grpc", "port": 20901}]), Some(20901)),
            (serde_json::json!([{"name": "x", "port": 10901}, {"name": "thanos-grpc", "port": 1}]), Some(1)),
            (
                serde_json::json!([{"name": "x", "port": 10901}, {"name": "y", "port": 2, "appProtocol": "grpc"}]),
                Some(2),
            ),
            (
                serde_json::json!([{"name": "x", "port": 10901}, {"name": "y", "port": 3, "targetPort": "grpc"}]),
                Some(3),
            ),
            (serde_json::json!([{"name": "x", "port": 4, "targetPort": 10901}]), Some(4)),
            (serde_json::json!([{"name": "grpc", "port": 10901, "protocol": "UDP"}]), None),
            (serde_json::json!([{"name": "grpc", "port": 9090}, {"name": "x", "port": 10901}]), Some(10901)),
            (serde_json::json!([{"name": "grpc", "port": 10902}]), None),
            (serde_json::json!([{"name": "http", "port": 10902}, {"name": "web", "port": 9090}]), None),
        ] {
            assert_eq!(number(&ports(list.clone())), expected, "{list}");
        }
    }
}
