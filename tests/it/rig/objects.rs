//! Kubernetes objects as the charts in the field make them.

use serde_json::{Value, json};

/// A Service of `service_type` over a Prometheus with a Thanos sidecar, as bitnami/kube-prometheus labels it: the
/// sidecar's gRPC port is `port`.
pub(super) fn sidecar(namespace: &str, name: &str, service_type: &str, port: u16) -> Value {
    // Each Service selects its own release, else they would be taken for twins over the same pods.
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "labels": {
                "app.kubernetes.io/name": "kube-prometheus",
                "app.kubernetes.io/instance": name,
                "app.kubernetes.io/managed-by": "Helm",
                "app.kubernetes.io/component": "prometheus",
                "app.kubernetes.io/subcomponent": "thanos",
            },
        },
        "spec": {
            "type": service_type,
            "ports": [{"name": "grpc", "port": port, "targetPort": "grpc", "protocol": "TCP"}],
            "selector": {"app.kubernetes.io/name": "prometheus", "prometheus": name},
        },
    })
}

/// The headless Service that kube-prometheus-stack makes for its sidecar.
pub(super) fn headless_sidecar(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "labels": {"app": "kube-prometheus-stack-thanos-discovery", "release": name},
        },
        "spec": {
            "type": "ClusterIP",
            "clusterIP": "None",
            "ports": [
                {"name": "grpc", "port": 10901, "targetPort": "grpc"},
                {"name": "http", "port": 10902, "targetPort": "http"},
            ],
            "selector": {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": name},
        },
    })
}

/// A Service of bitnami/thanos itself; `component` is `query`, `storegateway` or `ruler`.
pub(super) fn thanos(namespace: &str, component: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "namespace": namespace,
            "name": format!("thanos-{component}"),
            "labels": {
                "app.kubernetes.io/name": "thanos",
                "app.kubernetes.io/instance": "thanos",
                "app.kubernetes.io/component": component,
            },
        },
        "spec": {
            "type": "ClusterIP",
            "ports": [
                {"name": "http", "port": 9090, "targetPort": "http"},
                {"name": "grpc", "port": 10901, "targetPort": "grpc"},
            ],
            "selector": {"app.kubernetes.io/name": "thanos", "app.kubernetes.io/component": component},
        },
    })
}

/// A Service that has nothing to do with Thanos.
pub(super) fn bystander(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name, "labels": {"app": name}},
        "spec": {"ports": [{"name": "http", "port": 8080}], "selector": {"app": name}},
    })
}

/// The status of a Service whose load balancer is up at `ip`.
pub(super) fn balanced(ip: &str) -> Value {
    json!({"status": {"loadBalancer": {"ingress": [{"ip": ip}]}}})
}

/// An EndpointSlice that says: one ready pod of `service` runs on `node`, at `pod`.
///
/// Each Service needs a pod of its own, else it would be taken for a twin of another.
pub(super) fn slice(namespace: &str, service: &str, node: &str, pod: &str) -> Value {
    json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "namespace": namespace,
            "name": format!("{service}-slice"),
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": "IPv4",
        "ports": [{"name": "grpc", "port": 10901, "protocol": "TCP"}],
        "endpoints": [{
            "addresses": [pod],
            "conditions": {"ready": true},
            "nodeName": node,
            "targetRef": {"kind": "Pod", "namespace": namespace, "name": format!("{service}-0")},
        }],
    })
}
