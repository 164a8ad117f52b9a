use serde_json::{Value, json};

use super::*;
use crate::fleet::inventory::Node;
use crate::fleet::live::LiveService;

/// A headless Service over the pods of a StatefulSet, with `fields` over the usual.
fn base(fields: &Value) -> Service {
    let mut service = json!({
        "namespace": "monitoring", "name": "kps", "clusterIP": "None", "ipFamilies": ["IPv4"],
        "labels": {"app": "kps-thanos-discovery"},
        "selector": {"app.kubernetes.io/name": "prometheus"},
        "ports": [
            {"name": "grpc-thanos", "port": 10901, "targetPort": "grpc", "appProtocol": "kubernetes.io/h2c"},
            {"name": "http", "port": 10902},
        ],
    });
    for (key, value) in fields.as_object().unwrap() {
        service[key] = value.clone();
    }
    serde_json::from_value(service).unwrap()
}

/// A slice of it with these pods; those whose name starts with `!` are not ready.
fn pods(names: &[&str]) -> Listing<EndpointSlice> {
    let endpoint = |name: &&str| {
        let pod = name.trim_start_matches('!');
        json!({"address": format!("10.0.0.{}", pod.len()), "ready": !name.starts_with('!'), "pod": format!("u-{pod}"), "podName": pod})
    };
    let slice = |port: &str, names: &[&str]| {
        serde_json::from_value(json!({
            "namespace": "monitoring", "name": "kps-x", "service": "kps", "ports": [{"name": port, "port": 10901}],
            "endpoints": names.iter().map(endpoint).collect::<Vec<_>>(),
        }))
        .unwrap()
    };
    // A pod without the sidecar stands in a slice without its port.
    Listing::Complete(vec![slice("grpc-thanos", names), slice("http", &["alertmanager-0"])])
}

const TWO: [&str; 2] = ["prometheus-kps-0", "!prometheus-kps-1"];

fn per_replica() -> Wish {
    Wish { split: Some(Split::PerReplica), ..Wish::default() }
}

fn one_for_all() -> Wish {
    Wish { split: Some(Split::OneForAll), ..Wish::default() }
}

/// The Services of ours that a run leaves behind, as the API server stores them.
fn made(exposure: &Exposure) -> Vec<LiveService> {
    let wanted = exposure.steps.iter().filter_map(|step| step.action.wanted());
    let stored = wanted.enumerate().map(|(at, wanted)| {
        let mut object = wanted.manifest();
        object["metadata"]["uid"] = json!(format!("o-{at}"));
        object["metadata"]["resourceVersion"] = json!("7");
        object["spec"]["clusterIP"] = json!("10.96.0.9");
        object["spec"]["ports"][0]["nodePort"] = json!(31000 + at);
        LiveService::read(object).unwrap()
    });
    stored.collect()
}

fn around(slices: &Listing<EndpointSlice>) -> Around<'_> {
    static NO_NODES: Listing<Node> = Listing::Complete(Vec::new());
    Around { slices, nodes: &NO_NODES }
}

fn again(base: &Service, slices: &Listing<EndpointSlice>, ours: &[LiveService], wish: &Wish) -> Exposure {
    let ours: Vec<&Service> = ours.iter().map(LiveService::facts).collect();
    expose(base, Some("u-1"), around(slices), &ours, wish).unwrap()
}

/// What is done, a line a Service.
fn told(exposure: &Exposure) -> Vec<String> {
    let line = |step: &Step| {
        let action = match &step.action {
            Action::Create(_) => "create".to_owned(),
            Action::Change(_, differs) => {
                format!("change {}", differs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
            Action::Keep(_) => "keep".to_owned(),
            Action::Remove => "remove".to_owned(),
        };
        format!("{} {action} {}", step.name.name, step.pod.as_deref().unwrap_or("-"))
    };
    exposure.steps.iter().map(line).collect()
}

#[test]
fn each_replica_gets_a_service_ready_or_not_and_the_grpc_port_alone() {
    let exposure = again(&base(&json!({})), &pods(&TWO), &[], &Wish::default());
    assert_eq!(told(&exposure), ["kps-ext-0 create prometheus-kps-0", "kps-ext-1 create prometheus-kps-1"]);
    assert_eq!(
        exposure.steps[0].action.wanted().unwrap().manifest(),
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "namespace": "monitoring", "name": "kps-ext-0",
                "labels": {
                    "app.kubernetes.io/managed-by": "thanosctl",
                    "app.kubernetes.io/component": "thanos-sidecar",
                    "thanosctl.io/exposes": "kps",
                },
                "annotations": {"thanosctl.io/exposes":
                    r#"{"version":1,"service":"monitoring/kps-ext-0","exposes":"monitoring/kps","uid":"u-1","pod":"prometheus-kps-0"}"#},
            },
            "spec": {
                "type": "NodePort",
                "ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4"],
                "selector": {"app.kubernetes.io/name": "prometheus", "statefulset.kubernetes.io/pod-name": "prometheus-kps-0"},
                "ports": [{"name": "grpc", "port": 10901, "protocol": "TCP", "targetPort": "grpc", "appProtocol": "kubernetes.io/h2c"}],
            },
        })
    );
}

#[test]
fn one_pod_or_a_wish_makes_one_for_all() {
    let service = base(&json!({}));
    for (pods, wish) in [(pods(&["prometheus-kps-0"]), Wish::default()), (pods(&TWO), one_for_all())] {
        let exposure = again(&service, &pods, &[], &wish);
        assert_eq!(told(&exposure), ["kps-ext create -"]);
        assert_eq!(exposure.steps[0].action.wanted().unwrap().selector, service.selector);
    }
    let exposure = again(&service, &pods(&["prometheus-kps-0"]), &[], &per_replica());
    assert_eq!(told(&exposure), ["kps-ext-0 create prometheus-kps-0"]);
}

#[test]
fn pods_of_a_deployment_share_one_and_cannot_be_had_one_by_one() {
    let (service, slices) = (base(&json!({})), pods(&["web-7d9f8b6c5d-x2k4p", "web-7d9f8b6c5d-z9v6q"]));
    let exposure = again(&service, &slices, &[], &Wish::default());
    assert_eq!(told(&exposure), ["kps-ext create -"]);
    assert!(matches!(&exposure.remarks[..], [Remark::NotOneByOne { pods: 2, .. }]), "{:?}", exposure.remarks);
    assert_eq!(
        expose(&service, None, around(&slices), &[], &per_replica()),
        Err(Refused::NotAReplica("web-7d9f8b6c5d-x2k4p".into()))
    );
    let Listing::Complete(mut unnamed) = slices else { unreachable!() };
    unnamed[0].endpoints[0].pod_name = None;
    assert_eq!(expose(&service, None, around(&Listing::Complete(unnamed)), &[], &per_replica()), Err(Refused::Unnamed));
}

#[test]
fn a_second_run_has_nothing_to_do() {
    for (pods, wish) in [(pods(&TWO), Wish::default()), (pods(&TWO), one_for_all()), (pods(&[]), Wish::default())] {
        let first = again(&base(&json!({})), &pods, &[], &wish);
        let second = again(&base(&json!({})), &pods, &made(&first), &wish);
        assert!(second.steps.iter().all(|step| !step.action.is_work()), "{:?}", told(&second));
    }
}

#[test]
fn replicas_come_and_go_and_the_names_of_the_others_stay() {
    let service = base(&json!({}));
    let three = again(&service, &pods(&["p-0", "p-1", "p-2"]), &[], &Wish::default());
    let ours = made(&three);
    assert_eq!(
        told(&again(&service, &pods(&["p-0", "p-1"]), &ours, &Wish::default())),
        ["kps-ext-0 keep p-0", "kps-ext-1 keep p-1", "kps-ext-2 remove p-2"]
    );
    // Down to one replica they do not become one for all, which would be another address.
    assert_eq!(
        told(&again(&service, &pods(&["p-0"]), &ours[..2], &Wish::default())),
        ["kps-ext-0 keep p-0", "kps-ext-1 remove p-1"]
    );
    assert_eq!(
        told(&again(&service, &pods(&["p-0", "p-1", "p-shard-1-0"]), &ours[..2], &Wish::default())),
        ["kps-ext-0 keep p-0", "kps-ext-1 keep p-1", "kps-ext-p-shard-1-0 create p-shard-1-0"]
    );
}

#[test]
fn a_replica_that_is_away_while_later_ones_are_there_keeps_its_service() {
    let service = base(&json!({}));
    let ours = made(&again(&service, &pods(&TWO), &[], &Wish::default()));
    let exposure = again(&service, &pods(&TWO[1..]), &ours, &Wish::default());
    assert_eq!(told(&exposure), ["kps-ext-0 keep prometheus-kps-0", "kps-ext-1 keep prometheus-kps-1"]);
    assert_eq!(exposure.remarks, [Remark::Away { pod: "prometheus-kps-0".into() }]);
    // With nobody there nothing goes.
    let exposure = again(&service, &pods(&[]), &ours, &Wish::default());
    assert_eq!(told(&exposure), ["kps-ext-0 keep prometheus-kps-0", "kps-ext-1 keep prometheus-kps-1"]);
    assert_eq!(exposure.remarks, [Remark::NoPod]);
    assert_eq!(expose(&service, None, around(&pods(&[])), &[], &per_replica()), Err(Refused::NoPod));
}

#[test]
fn what_differs_is_changed_under_its_node_port_and_the_rest_is_left_to_others() {
    let service = base(&json!({}));
    let mut ours = made(&again(&service, &pods(&TWO), &[], &one_for_all()));
    let mut object = ours[0].object().clone();
    object["spec"]["selector"] = json!({"app": "other"});
    object["spec"]["ports"][0]["targetPort"] = json!(1);
    object["spec"]["externalTrafficPolicy"] = json!("Local");
    object["metadata"]["labels"]["team"] = json!("observability");
    ours[0] = LiveService::read(object).unwrap();
    let wish = Wish { service_type: Some(ServiceType::LoadBalancer), ..one_for_all() };
    let exposure = again(&service, &pods(&TWO), &ours, &wish);
    assert_eq!(told(&exposure), ["kps-ext change type (now NodePort), selector, port -"]);
    assert_eq!(
        exposure.steps[0].action.wanted().unwrap().patch(&ours[0]),
        json!([
            {"op": "test", "path": "/metadata/uid", "value": "o-0"},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
            {"op": "replace", "path": "/spec/type", "value": "LoadBalancer"},
            {"op": "replace", "path": "/spec/selector", "value": {"app.kubernetes.io/name": "prometheus"}},
            {"op": "replace", "path": "/spec/ports", "value": [{"name": "grpc", "port": 10901, "protocol": "TCP",
                "targetPort": "grpc", "nodePort": 31000, "appProtocol": "kubernetes.io/h2c"}]},
        ])
    );
}

#[test]
fn the_type_stays_unless_another_is_asked_for_and_a_load_balancer_goes_by_force_alone() {
    let service = base(&json!({}));
    let wish = Wish { service_type: Some(ServiceType::LoadBalancer), ..Wish::default() };
    let mut ours = made(&again(&service, &pods(&TWO), &[], &wish));
    let third =
        again(&service, &pods(&["prometheus-kps-0", "prometheus-kps-1", "prometheus-kps-2"]), &ours, &Wish::default());
    assert_eq!(third.steps[2].action.wanted().unwrap().service_type, ServiceType::LoadBalancer);
    assert!(!third.steps[0].action.is_work());

    let node_port = Wish { service_type: Some(ServiceType::NodePort), ..Wish::default() };
    let facts: Vec<&Service> = ours.iter().map(LiveService::facts).collect();
    let refused = expose(&service, Some("u-1"), around(&pods(&TWO)), &facts, &node_port);
    assert!(matches!(refused, Err(Refused::LoadBalancer(_))), "{refused:?}");
    let mut object = ours[0].object().clone();
    object["spec"]["loadBalancerSourceRanges"] = json!(["10.0.0.0/8"]);
    object["metadata"]["annotations"][SOURCE_RANGES] = json!("10.0.0.0/8");
    ours[0] = LiveService::read(object).unwrap();
    let forced = again(&service, &pods(&TWO), &ours, &Wish { force: true, ..node_port });
    let patch = forced.steps[0].action.wanted().unwrap().patch(&ours[0]);
    assert_eq!(
        patch.as_array().unwrap()[2..],
        [
            json!({"op": "remove", "path": "/spec/loadBalancerSourceRanges"}),
            json!({"op": "remove", "path": "/metadata/annotations/service.beta.kubernetes.io~1load-balancer-source-ranges"}),
            json!({"op": "replace", "path": "/spec/type", "value": "NodePort"}),
        ]
    );
}

const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

#[test]
fn a_base_that_was_made_anew_is_marked_anew_and_a_mark_without_uid_stays() {
    let service = base(&json!({}));
    let ours = made(&again(&service, &pods(&TWO), &[], &one_for_all()));
    let facts = [ours[0].facts()];
    let anew = expose(&service, Some("u-2"), around(&pods(&TWO)), &facts, &one_for_all()).unwrap();
    assert_eq!(told(&anew), ["kps-ext change marks -"]);
    assert!(anew.steps[0].action.wanted().unwrap().patch(&ours[0]).to_string().contains(r#"\"uid\":\"u-2\""#));
    let applied = made(&expose(&service, None, around(&pods(&TWO)), &[], &one_for_all()).unwrap());
    assert_eq!(told(&again(&service, &pods(&TWO), &applied, &one_for_all())), ["kps-ext keep -"]);
}

#[test]
fn whoever_lacks_a_sign_or_is_a_copy_is_not_ours() {
    let service = base(&json!({}));
    let ours = made(&again(&service, &pods(&TWO), &[], &one_for_all()));
    assert!(Mark::on(ours[0].facts()).is_some());
    let changes: [fn(&mut Value); 6] = [
        |object| drop(object["labels"].as_object_mut().unwrap().remove(MARK)),
        |object| object["labels"][MANAGED_BY.0] = json!("Helm"),
        |object| drop(object.as_object_mut().unwrap().remove("annotations")),
        |object| object["annotations"][MARK] = json!("{}"),
        |object| object["name"] = json!("copy"),
        |object| object["namespace"] = json!("elsewhere"),
    ];
    for change in changes {
        let mut object = serde_json::to_value(ours[0].facts()).unwrap();
        change(&mut object);
        assert_eq!(Mark::on(&serde_json::from_value(object.clone()).unwrap()), None, "{object}");
    }
    let newer = ours[0].facts().annotations[MARK].replace("\"version\":1", "\"version\":2");
    let mut facts = ours[0].facts().clone();
    facts.annotations.insert(MARK.to_owned(), newer);
    assert_eq!(Mark::on(&facts), None);
}

#[test]
fn what_cannot_be_exposed_is_refused_with_the_reason() {
    let number = |text: &str| Wish { node_port: Some(text.parse().unwrap()), ..one_for_all() };
    let port = |port: &str| Wish { port: Some(port.into()), ..one_for_all() };
    let udp = json!({"ports": [{"name": "dns", "port": 53, "protocol": "UDP"}]});
    for (fields, wish, reason) in [
        (json!({"deleting": true}), Wish::default(), "it is being deleted"),
        (
            json!({"type": "ExternalName", "externalName": "x.example"}),
            Wish::default(),
            "it is an ExternalName Service",
        ),
        (json!({"selector": {}}), Wish::default(), "it has no selector"),
        (json!({"ports": [{"name": "http", "port": 80}]}), Wish::default(), "it has no gRPC port; it has http (80)"),
        (udp, port("dns"), "it has no TCP port `dns`; it has dns (53)"),
        (
            json!({}),
            Wish { split: None, ..number("30901") },
            "node port 30901 leads to one Service, and it would be exposed by 2",
        ),
        (json!({}), number("http=30901"), "node port 30901 is asked for its port `http`"),
        (
            json!({}),
            Wish { service_type: Some(ServiceType::LoadBalancer), ..number("30901") },
            "a node port is asked for, and ours would be a LoadBalancer",
        ),
    ] {
        let refused = expose(&base(&fields), None, around(&pods(&TWO)), &[], &wish).unwrap_err();
        assert!(refused.to_string().starts_with(reason), "{refused}");
    }
    let unreadable = Listing::Unreadable(Unreadable { cause: "403".into(), hint: None });
    assert!(matches!(
        expose(&base(&json!({})), None, around(&unreadable), &[], &Wish::default()),
        Err(Refused::PodsUnreadable(_))
    ));
    assert!(expose(&base(&json!({})), None, around(&unreadable), &[], &one_for_all()).is_ok());
    let ours = made(&again(&base(&json!({})), &pods(&TWO), &[], &one_for_all()));
    assert!(matches!(expose(ours[0].facts(), None, around(&pods(&TWO)), &[], &Wish::default()), Err(Refused::Ours(_))));
}

#[test]
fn a_node_port_that_is_asked_for_is_taken_and_another_port_keeps_its_name() {
    let service = base(&json!({}));
    let wish = Wish { node_port: Some("grpc-thanos=30901".parse().unwrap()), ..one_for_all() };
    let exposure = again(&service, &pods(&TWO), &[], &wish);
    assert_eq!(exposure.steps[0].action.wanted().unwrap().manifest()["spec"]["ports"][0]["nodePort"], 30901);
    let wish = Wish { port: Some("10902".into()), ..one_for_all() };
    let exposure = again(&service, &pods(&TWO), &[], &wish);
    let manifest = exposure.steps[0].action.wanted().unwrap().manifest();
    assert_eq!(
        manifest["spec"]["ports"],
        json!([{"name": "http", "port": 10902, "protocol": "TCP", "targetPort": 10902}])
    );
    assert_eq!(manifest["metadata"]["labels"].get(COMPONENT), None);
}

#[test]
fn a_store_of_another_role_keeps_its_component() {
    let labels = json!({"app.kubernetes.io/name": "thanos", COMPONENT: "storegateway"});
    let exposure = again(&base(&json!({"labels": labels})), &pods(&TWO), &[], &one_for_all());
    assert_eq!(exposure.steps[0].action.wanted().unwrap().component.as_deref(), Some("storegateway"));
    let ours = made(&exposure);
    assert_eq!(sidecar::recognise(ours[0].facts()).unwrap().role, Role::Store);
}
