//! Every kind of Service, and where its gRPC port can be dialled.

use serde_json::{Value, json};

use super::*;
use crate::fleet::inventory::{EndpointSlice, IpFamily, Listing, Observed, Unreadable};
use crate::fleet::sidecar::grpc_port;

/// A Service with the gRPC port 10901 and what `spec` adds or replaces.
fn service(spec: Value) -> Service {
    let mut all = json!({
        "namespace": "monitoring",
        "name": "thanos",
        "ports": [{"name": "grpc", "port": 10901, "targetPort": "grpc", "nodePort": 31420}],
    });
    for (key, value) in spec.as_object().unwrap() {
        all[key] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

fn node(name: &str, addresses: Value) -> Value {
    json!({"name": name, "ready": true, "addresses": addresses})
}

fn internal(name: &str, ip: &str) -> Value {
    node(name, json!([{"type": "InternalIP", "address": ip}]))
}

/// A slice of the Service above, with one ready pod on each of `nodes`.
fn slice(nodes: &[&str]) -> EndpointSlice {
    let endpoints: Vec<Value> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| json!({"address": format!("10.42.0.{at}"), "nodeName": node, "pod": format!("pod-{at}")}))
        .collect();
    serde_json::from_value(json!({
        "namespace": "monitoring", "name": "thanos-x", "service": "thanos",
        "ports": [{"name": "grpc", "port": 10901}], "endpoints": endpoints,
    }))
    .unwrap()
}

fn observed(nodes: Vec<Value>, slices: Vec<EndpointSlice>) -> Observed {
    Observed {
        services: Vec::new(),
        nodes: Listing::Complete(nodes.into_iter().map(|node| serde_json::from_value(node).unwrap()).collect()),
        endpoint_slices: Listing::Complete(slices),
    }
}

fn policy(text: &str) -> AddressPolicy {
    crate::document::read("policy", text).unwrap()
}

fn outside_with(service: &Service, observed: &Observed, address: &str) -> Resolved {
    outside_by(service, observed, address, Annotated::Ignored)
}

fn outside_by(service: &Service, observed: &Observed, address: &str, annotated: Annotated) -> Resolved {
    let policy = policy(address);
    let around = Surroundings::of(observed, &policy);
    resolve(service, grpc_port(service).unwrap(), &around, Viewpoint::Outside, annotated)
}

fn outside(service: &Service, observed: &Observed) -> Resolved {
    outside_with(service, observed, "{}")
}

fn addresses(resolved: &Resolved) -> Vec<String> {
    resolved.endpoints.iter().map(|(address, source)| format!("{address} {source}")).collect()
}

fn load_balancer(ingress: Value) -> Service {
    service(json!({"type": "LoadBalancer", "loadBalancerIngress": ingress}))
}

fn one_pod() -> Observed {
    observed(vec![internal("a", "192.0.2.1")], vec![slice(&["a"])])
}

#[test]
fn a_load_balancer_is_dialled_at_the_port_of_the_service_and_not_of_the_node() {
    let resolved = outside(&load_balancer(json!([{"ip": "203.0.113.7"}])), &one_pod());
    assert_eq!(addresses(&resolved), ["203.0.113.7:10901 LoadBalancer"]);
    assert_eq!((resolved.problem, resolved.remarks), (None, vec![]));
}

#[test]
fn the_entries_of_a_load_balancer_are_alternates_and_the_family_of_the_service_comes_first() {
    let mut both =
        load_balancer(json!([{"ip": "2001:db8::7"}, {"ip": "203.0.113.7"}, {"hostname": "lb.example.net"}, {}]));
    both.ip_families = vec![IpFamily::IPv4, IpFamily::IPv6];
    let expected =
        ["203.0.113.7:10901 LoadBalancer", "lb.example.net:10901 LoadBalancer", "[2001:db8::7]:10901 LoadBalancer"];
    assert_eq!(addresses(&outside(&both, &one_pod())), expected);
    let six = outside_with(&both, &one_pod(), "family: IPv6");
    assert_eq!(addresses(&six)[0], "[2001:db8::7]:10901 LoadBalancer");
}

#[test]
fn a_pending_load_balancer_is_a_problem_even_if_a_node_port_is_open() {
    let resolved = outside(&load_balancer(json!([])), &one_pod());
    assert_eq!(resolved.problem, Some(Problem::Pending { class: None, reasons: vec![] }));
    assert_eq!(addresses(&resolved), [""; 0]);
    let preferred = outside_with(&load_balancer(json!([])), &one_pod(), "prefer: [NodePort, LoadBalancer]");
    assert_eq!(addresses(&preferred), ["192.0.2.1:31420 NodePort"]);
}

#[test]
fn a_load_balancer_that_refuses_the_port_is_not_dialled_there() {
    let error = json!([{"ip": "203.0.113.7", "ports": [{"port": 10901, "protocol": "TCP", "error": "MixedProtocolNotSupported"}]}]);
    let resolved = outside(&load_balancer(error), &one_pod());
    assert_eq!(resolved.problem, Some(Problem::PortRefused { error: "MixedProtocolNotSupported".into() }));
    let other_port = json!([{"ip": "203.0.113.7", "ports": [{"port": 10902, "error": "x"}, {"port": 10901, "protocol": "UDP", "error": "x"}]}]);
    assert_eq!(addresses(&outside(&load_balancer(other_port), &one_pod())), ["203.0.113.7:10901 LoadBalancer"]);
}

#[test]
fn a_node_port_prefers_an_external_address_of_any_ready_node() {
    let node_port = service(json!({"type": "NodePort"}));
    let nodes = vec![
        internal("a", "10.0.0.1"),
        node(
            "b",
            json!([{"type": "InternalIP", "address": "10.0.0.2"}, {"type": "ExternalIP", "address": "203.0.113.2"}]),
        ),
    ];
    assert_eq!(
        addresses(&outside(&node_port, &observed(nodes.clone(), vec![slice(&["a"])]))),
        ["203.0.113.2:31420 NodePort"]
    );
    let internal = outside_with(&node_port, &observed(nodes, vec![slice(&["b"])]), "nodeAddresses: [InternalIP]");
    assert_eq!(addresses(&internal), ["10.0.0.2:31420 NodePort", "10.0.0.1:31420 NodePort"]);
    assert_eq!(internal.remarks, [Remark::PrivateAddress]);
}

#[test]
fn nodes_that_are_not_ready_leaving_or_not_selected_are_not_dialled() {
    let node_port = service(json!({"type": "NodePort"}));
    let mut nodes = vec![
        internal("a", "192.0.2.1"),
        internal("b", "192.0.2.2"),
        internal("c", "192.0.2.3"),
        internal("d", "192.0.2.4"),
    ];
    nodes[0]["ready"] = json!(false);
    nodes[1]["taints"] = json!(["ToBeDeletedByClusterAutoscaler"]);
    nodes[2]["deleting"] = json!(true);
    nodes[3]["labels"] = json!({"node-role": "edge"});
    let all = observed(nodes.clone(), vec![slice(&["a"])]);
    assert_eq!(addresses(&outside(&node_port, &all)), ["192.0.2.4:31420 NodePort"]);
    assert_eq!(
        addresses(&outside_with(&node_port, &all, "nodeSelector: node-role=edge")),
        ["192.0.2.4:31420 NodePort"]
    );
    let none = outside_with(&node_port, &all, "nodeSelector: node-role=core").problem.unwrap().to_string();
    assert!(none.contains("matches the nodeSelector"), "{none}");
    let unready = outside(&node_port, &observed(vec![nodes[0].clone()], vec![])).problem.unwrap().to_string();
    assert!(unready.contains("its only node is not Ready"), "{unready}");
}

#[test]
fn nodes_with_a_pod_come_before_cordoned_and_control_plane_nodes() {
    let node_port = service(json!({"type": "NodePort"}));
    let mut nodes = vec![
        internal("a", "192.0.2.1"),
        internal("b", "192.0.2.2"),
        internal("c", "192.0.2.3"),
        internal("d", "192.0.2.4"),
    ];
    nodes[0]["labels"] = json!({"node-role.kubernetes.io/control-plane": ""});
    nodes[1]["unschedulable"] = json!(true);
    let order = addresses(&outside(&node_port, &observed(nodes, vec![slice(&["d"])])));
    assert_eq!(order, ["192.0.2.4:31420 NodePort", "192.0.2.3:31420 NodePort", "192.0.2.1:31420 NodePort"]);
}

#[test]
fn a_local_traffic_node_port_uses_only_nodes_that_run_a_ready_pod() {
    let local = service(json!({"type": "NodePort", "externalTrafficPolicy": "Local"}));
    let nodes = || vec![internal("a", "192.0.2.1"), internal("b", "192.0.2.2")];
    assert_eq!(addresses(&outside(&local, &observed(nodes(), vec![slice(&["b"])]))), ["192.0.2.2:31420 NodePort"]);
    let mut not_ready = slice(&["b"]);
    not_ready.endpoints[0].ready = false;
    let nowhere = outside(&local, &observed(nodes(), vec![not_ready])).problem.unwrap().to_string();
    assert!(nowhere.contains("no node runs a ready pod"), "{nowhere}");
    let mut blind = observed(nodes(), vec![]);
    blind.endpoint_slices = Listing::Unreadable(Unreadable { cause: "403".into(), hint: None });
    assert!(matches!(outside(&local, &blind).problem, Some(Problem::Unreadable { resource: "endpointslices", .. })));
}

#[test]
fn a_node_port_on_one_family_is_not_dialled_at_the_other() {
    let addresses_of =
        json!([{"type": "InternalIP", "address": "192.0.2.1"}, {"type": "InternalIP", "address": "2001:db8::1"}]);
    let nodes = observed(vec![node("a", addresses_of)], vec![slice(&["a"])]);
    let six = service(json!({"type": "NodePort", "ipFamilies": ["IPv6"]}));
    assert_eq!(addresses(&outside(&six, &nodes)), ["[2001:db8::1]:31420 NodePort"]);
    let four = service(json!({"type": "NodePort", "ipFamilies": ["IPv4"]}));
    let wanted = outside_with(&four, &nodes, "family: IPv6").problem.unwrap().to_string();
    assert!(wanted.contains("no IPv6 address, and the settings want one"), "{wanted}");
    let both = service(json!({"type": "NodePort", "ipFamilies": ["IPv4", "IPv6"]}));
    assert_eq!(addresses(&outside_with(&both, &nodes, "family: IPv6")), ["[2001:db8::1]:31420 NodePort"]);
}

#[test]
fn node_addresses_that_are_none_are_passed_over() {
    let sloppy = json!([
        {"type": "InternalIP", "address": ""}, {"type": "InternalIP", "address": "not-an-ip"},
        {"type": "InternalIP", "address": "010.0.0.1"}, {"type": "InternalIP", "address": "fe80::1"},
        {"type": "", "address": "192.0.2.8"}, {"type": "InternalIP", "address": "192.0.2.9"},
    ]);
    let nodes = observed(vec![json!({"name": "empty", "ready": true}), node("a", sloppy)], vec![slice(&["a"])]);
    assert_eq!(addresses(&outside(&service(json!({"type": "NodePort"})), &nodes)), ["192.0.2.9:31420 NodePort"]);
}

#[test]
fn unreadable_nodes_stop_only_what_depends_on_them() {
    let blind =
        Observed { nodes: Listing::Unreadable(Unreadable { cause: "403 Forbidden".into(), hint: None }), ..one_pod() };
    let stopped = outside(&service(json!({"type": "NodePort"})), &blind);
    assert!(matches!(stopped.problem, Some(Problem::Unreadable { resource: "nodes", .. })));
    assert!(outside(&load_balancer(json!([{"ip": "203.0.113.7"}])), &blind).problem.is_none());
}

#[test]
fn external_ips_come_before_node_ports_and_after_a_load_balancer() {
    let with_ips = service(json!({"type": "NodePort", "externalIPs": ["nonsense", "198.51.100.9"]}));
    let resolved = outside(&with_ips, &one_pod());
    assert_eq!(addresses(&resolved), ["198.51.100.9:10901 ExternalIP"]);
    assert_eq!(resolved.remarks, [Remark::DeprecatedExternalIps]);
    let preferred = outside_with(&with_ips, &one_pod(), "prefer: [NodePort]");
    assert_eq!(addresses(&preferred), ["192.0.2.1:31420 NodePort"]);
}

#[test]
fn services_for_the_inside_say_why_they_cannot_be_dialled() {
    for (spec, expected) in [
        (json!({"type": "ClusterIP", "clusterIP": "10.0.0.5"}), Problem::ClusterInternal),
        (json!({"type": "ClusterIP", "clusterIP": "None"}), Problem::Headless),
        (
            json!({"type": "ExternalName", "externalName": "x.example"}),
            Problem::ExternalName { name: "x.example".into() },
        ),
    ] {
        assert_eq!(outside(&service(spec), &one_pod()).problem, Some(expected));
    }
}

#[test]
fn an_address_in_an_annotation_that_is_allowed_wins_and_a_wrong_one_is_a_problem() {
    let annotated =
        |address: &str| service(json!({"type": "ClusterIP", "annotations": {"thanosctl.io/address": address}}));
    let allowed = |address: &str| outside_by(&annotated(address), &one_pod(), "{}", Annotated::Allowed);
    let edge = allowed("edge.example.net:443");
    assert_eq!(addresses(&edge), ["edge.example.net:443 Override"]);
    assert_eq!(edge.remarks, [Remark::Overridden { annotation: ADDRESS_ANNOTATION }]);
    let wrong = allowed("http://edge").problem.unwrap().to_string();
    assert!(wrong.contains("thanosctl.io/address") && wrong.contains("has a scheme"), "{wrong}");
}

#[test]
fn an_annotation_that_is_not_allowed_changes_nothing_but_a_remark() {
    for address in ["edge.example.net:443", "http://edge", "", "169.254.169.254:80"] {
        for spec in [json!({"type": "ClusterIP"}), json!({"type": "NodePort"}), json!({"clusterIP": "None"})] {
            let plain = outside(&service(spec.clone()), &one_pod());
            let mut annotated = service(spec);
            annotated.annotations.insert(ADDRESS_ANNOTATION.to_owned(), address.to_owned());
            let found = outside(&annotated, &one_pod());
            assert_eq!((found.endpoints, found.problem), (plain.endpoints, plain.problem), "{address}");
            let service = annotated.reference();
            let ignored = Remark::OverrideIgnored { annotation: ADDRESS_ANNOTATION, service };
            assert_eq!(found.remarks.last(), Some(&ignored), "{address}");
        }
    }
}

#[test]
fn a_name_of_external_dns_is_used_when_preferred_or_when_it_is_allowed_and_nothing_else_answers() {
    let named = json!({"type": "NodePort", "annotations": {"external-dns.kubernetes.io/hostname": "a.example.net, b.example.net"}});
    assert_eq!(addresses(&outside(&service(named.clone()), &one_pod())), ["192.0.2.1:31420 NodePort"]);
    let expected = ["a.example.net:31420 ExternalDNS", "b.example.net:31420 ExternalDNS"];
    assert_eq!(addresses(&outside_with(&service(named.clone()), &one_pod(), "prefer: [ExternalDNS]")), expected);
    let (named, nothing_else) = (service(named), observed(vec![], vec![slice(&["a"])]));
    assert_eq!(addresses(&outside_by(&named, &nothing_else, "{}", Annotated::Allowed)), expected);
    let alone = outside(&named, &nothing_else);
    assert!(matches!(alone.problem, Some(Problem::NoNode { .. })), "{alone:?}");
    let annotation = "external-dns.kubernetes.io/hostname";
    assert_eq!(alone.remarks, [Remark::OverrideIgnored { annotation, service: named.reference() }]);
}

#[test]
fn several_replicas_or_none_behind_one_address_are_remarked() {
    let service = load_balancer(json!([{"ip": "203.0.113.7"}]));
    let with = |slices| outside(&service, &observed(vec![], slices)).remarks;
    assert_eq!(with(vec![slice(&["a", "b"])]), [Remark::Replicas(2)]);
    assert_eq!(with(vec![]), [Remark::NoReadyPod]);
    // The second family of the same pod is no second replica.
    let mut six = slice(&["a"]);
    six.endpoints[0].address = "2001:db8::1".into();
    assert_eq!(with(vec![slice(&["a"]), six]), []);
}

#[test]
fn seen_from_inside_a_headless_service_is_looked_up_and_others_are_dialled_by_name() {
    let inside = |service: &Service| {
        let viewpoint = Viewpoint::Inside { cluster_domain: "cluster.local" };
        let (observed, policy) = (one_pod(), AddressPolicy::default());
        let around = Surroundings::of(&observed, &policy);
        resolve(service, grpc_port(service).unwrap(), &around, viewpoint, Annotated::Ignored)
    };
    let headless = service(json!({"clusterIP": "None"}));
    assert_eq!(addresses(&inside(&headless)), ["dnssrv+_grpc._tcp.thanos.monitoring.svc.cluster.local ClusterDNS"]);
    let unnamed = service(json!({"clusterIP": "None", "ports": [{"port": 10901, "targetPort": 20901}]}));
    assert_eq!(addresses(&inside(&unnamed)), ["dns+thanos.monitoring.svc.cluster.local:20901 ClusterDNS"]);
    let pending = load_balancer(json!([]));
    assert_eq!(addresses(&inside(&pending)), ["thanos.monitoring.svc.cluster.local:10901 ClusterDNS"]);
}

#[test]
fn a_service_that_is_being_deleted_has_no_address() {
    let mut leaving = load_balancer(json!([{"ip": "203.0.113.7"}]));
    leaving.deleting = true;
    assert_eq!(outside(&leaving, &one_pod()).problem, Some(Problem::Deleting));
}

#[test]
fn what_could_not_be_read_is_not_replaced_by_another_source() {
    let blind = Observed { nodes: Listing::Unreadable(Unreadable { cause: "503".into(), hint: None }), ..one_pod() };
    let named = json!({"type": "NodePort", "annotations": {"external-dns.kubernetes.io/hostname": "a.example.net"}});
    assert!(matches!(outside(&service(named), &blind).problem, Some(Problem::Unreadable { resource: "nodes", .. })));
    let balanced = load_balancer(json!([{"ip": "203.0.113.7"}]));
    let preferred = outside_with(&balanced, &blind, "prefer: [NodePort]");
    assert!(matches!(preferred.problem, Some(Problem::Unreadable { resource: "nodes", .. })));
}

#[test]
fn external_ips_of_a_headless_service_lead_nowhere() {
    let headless = service(json!({"clusterIP": "None", "externalIPs": ["198.51.100.9"]}));
    assert_eq!(outside(&headless, &one_pod()).problem, Some(Problem::Headless));
}

#[test]
fn a_family_that_the_settings_want_is_never_replaced_by_the_other() {
    let four = load_balancer(json!([{"ip": "203.0.113.7"}]));
    let wanted = outside_with(&four, &one_pod(), "family: IPv6");
    assert_eq!(wanted.problem, Some(Problem::NoFamily { family: IpFamily::IPv6 }));
    let headless = service(json!({"clusterIP": "None"}));
    assert_eq!(outside_with(&headless, &one_pod(), "family: IPv6").problem, Some(Problem::Headless));
}

#[test]
fn an_address_of_a_load_balancer_that_is_none_is_not_told_as_pending() {
    for text in ["not an address", "0.0.0.0", "224.0.0.1"] {
        let wrong = outside(&load_balancer(json!([{"hostname": text}])), &one_pod()).problem.unwrap().to_string();
        assert!(wrong.contains("its load balancer's address") && wrong.contains(text), "{wrong}");
    }
}

#[test]
fn seen_from_inside_an_annotation_wins_and_a_deleted_service_is_gone() {
    let inside = |service: &Service| {
        let viewpoint = Viewpoint::Inside { cluster_domain: "cluster.local" };
        let (observed, policy) = (one_pod(), AddressPolicy::default());
        let around = Surroundings::of(&observed, &policy);
        resolve(service, grpc_port(service).unwrap(), &around, viewpoint, Annotated::Allowed)
    };
    let annotated = service(json!({"annotations": {"thanosctl.io/address": "edge.example.net:443"}}));
    assert_eq!(addresses(&inside(&annotated)), ["edge.example.net:443 Override"]);
    assert_eq!(inside(&service(json!({"deleting": true}))).problem, Some(Problem::Deleting));
    let nameless = service(json!({"clusterIP": "None", "ports": [{"port": 10901, "targetPort": "grpc"}]}));
    assert!(matches!(inside(&nameless).problem, Some(Problem::NoName { .. })));
}

#[test]
fn what_an_address_says_of_where_it_works_is_remarked() {
    let remarks = |ip: &str| outside(&load_balancer(json!([{"ip": ip}])), &one_pod()).remarks;
    for private in ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.127.255.1", "fd00::1"] {
        assert_eq!(remarks(private), [Remark::PrivateAddress], "{private}");
    }
    for public in ["203.0.113.7", "100.63.0.1", "100.128.0.1", "2001:db8::1"] {
        assert_eq!(remarks(public), [], "{public}");
    }
    assert_eq!(remarks("127.0.0.1"), [Remark::Loopback]);
    let aws = "service.beta.kubernetes.io/aws-load-balancer-scheme";
    let mut marked = load_balancer(json!([{"hostname": "lb.example.net"}]));
    marked.annotations.insert(aws.into(), "internal".into());
    assert_eq!(
        outside(&marked, &one_pod()).remarks,
        [Remark::PrivateLoadBalancer { by: format!("annotation {aws}=internal") }]
    );
    marked.annotations.insert(aws.into(), "internet-facing".into());
    assert_eq!(outside(&marked, &one_pod()).remarks, []);
}

#[test]
fn what_a_node_says_of_its_address_is_remarked() {
    let node_port = service(json!({"type": "NodePort"}));
    let remarks = |node: Value| outside(&node_port, &observed(vec![node], vec![slice(&["a"])])).remarks;
    for (provider, name) in [("kind://docker/kind/a", "kind"), ("k3s://k3d-a", "k3d")] {
        let mut container = internal("a", "192.0.2.1");
        container["providerID"] = json!(provider);
        let told: Vec<String> = remarks(container).iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("its node is a container ({name}): reachable from the machine that runs it")]);
    }
    let hostname = node("a", json!([{"type": "Hostname", "address": "node-a"}]));
    assert_eq!(remarks(hostname), [Remark::NodeName(NodeAddressKind::Hostname)]);
    let mut early = internal("a", "192.0.2.1");
    early["taints"] = json!(["node.cloudprovider.kubernetes.io/uninitialized"]);
    let nowhere = outside(&node_port, &observed(vec![early], vec![slice(&["a"])])).problem.unwrap().to_string();
    assert!(nowhere.contains("not initialised"), "{nowhere}");
}

#[test]
fn readiness_tells_nothing_where_unready_pods_are_published() {
    let mut published = load_balancer(json!([{"ip": "203.0.113.7"}]));
    let mut unready = slice(&["a"]);
    unready.endpoints[0].ready = false;
    let remarks = |service: &Service| outside(service, &observed(vec![], vec![unready.clone()])).remarks;
    assert_eq!(remarks(&published), [Remark::NoReadyPod]);
    published.publish_not_ready_addresses = true;
    assert_eq!(remarks(&published), []);
}
