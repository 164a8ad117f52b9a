use serde_json::{Value, json};

use super::*;
use crate::fleet::live::tests::live;
use crate::fleet::ownership::{Signs, owners};

fn cluster_ip() -> Value {
    json!({
        "type": "ClusterIP", "clusterIP": "10.96.0.9", "selector": {"app": "prometheus"},
        "ports": [{"name": "grpc", "port": 10901, "targetPort": "grpc", "protocol": "TCP"},
                  {"name": "http", "port": 10902, "targetPort": "http", "protocol": "TCP"}],
    })
}

fn with(changes: &Value) -> LiveService {
    let mut spec = cluster_ip();
    for (key, value) in changes.as_object().unwrap() {
        spec[key] = value.clone();
    }
    live(&spec)
}

fn decided(live: &LiveService, wish: &Wish) -> Result<Decision, Refused> {
    decide(live.facts(), &[], wish)
}

fn change(live: &LiveService, wish: &Wish) -> Change {
    match decided(live, wish) {
        Ok(Decision::Change(change)) => change,
        other => panic!("{other:?}"),
    }
}

fn wishes(node_ports: &[&str]) -> Wish {
    Wish { node_ports: node_ports.iter().map(|text| text.parse().unwrap()).collect(), ..Wish::default() }
}

/// What a JSON patch makes of a document, as far as such patches are made here.
fn applied(patch: &Value, document: &Value) -> Value {
    let mut document = document.clone();
    for operation in patch.as_array().unwrap() {
        let path = operation["path"].as_str().unwrap();
        let (parent, key) = path.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{path}"));
        let value = operation["value"].clone();
        match (operation["op"].as_str().unwrap(), parent) {
            ("test", Value::Object(entries)) => assert_eq!(entries[&key], value, "{path}"),
            ("add", Value::Object(entries)) => drop(entries.insert(key, value)),
            ("replace", Value::Object(entries)) => drop(entries.insert(key, value).expect("something stood there")),
            ("remove", Value::Object(entries)) => drop(entries.shift_remove(&key).expect("something stood there")),
            ("remove", Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
            (operation, _) => panic!("{operation} {path}"),
        }
    }
    document
}

/// What the API server makes of a Service that was patched: it gives node ports to all ports, and a traffic policy.
fn stored(patch: &Value, live: &LiveService) -> LiveService {
    let mut object = applied(patch, live.object());
    object["metadata"]["resourceVersion"] = "8".into();
    let spec = object["spec"].as_object_mut().unwrap();
    if spec["type"] == "NodePort" {
        spec.entry("externalTrafficPolicy").or_insert_with(|| "Cluster".into());
        for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"] {
            spec.shift_remove(key);
        }
        for (at, port) in spec["ports"].as_array_mut().unwrap().iter_mut().enumerate() {
            port.as_object_mut().unwrap().entry("nodePort").or_insert_with(|| (31_000 + at).into());
        }
    }
    LiveService::read(object).unwrap()
}

#[test]
fn a_cluster_ip_becomes_node_port_by_its_type_alone() {
    let live = with(&json!({}));
    let change = change(&live, &Wish::default());
    assert_eq!(change.patch(None), json!([{"op": "replace", "path": "/spec/type", "value": "NodePort"}]));
    let ports: Vec<String> = change.ports.iter().map(ToString::to_string).collect();
    assert_eq!(ports, ["grpc 10901 → (chosen by the cluster)", "http 10902 → (chosen by the cluster)"]);
}

#[test]
fn a_live_patch_says_on_what_it_was_planned_and_leaves_the_way_back() {
    let live = with(&json!({}));
    let change = change(&live, &wishes(&["30901"]));
    let record = Record::of(&live, &change, "me", None);
    let patch = change.patch(Some((&live, &record)));
    assert_eq!(patch[0], json!({"op": "test", "path": "/metadata/uid", "value": "u-1"}));
    assert_eq!(patch[1], json!({"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}));
    let after = stored(&patch, &live);
    assert_eq!(after.spec()["ports"][0]["nodePort"], 30901);
    assert_eq!(Record::on(&after), Some(Ok(record)));
}

#[test]
fn a_node_port_goes_to_the_port_that_is_meant() {
    let two = with(&json!({}));
    let wanted = |live: &LiveService, wish: &Wish| -> Vec<Option<u16>> {
        change(live, wish).ports.iter().map(|port| port.wanted).collect()
    };
    assert_eq!(wanted(&two, &wishes(&["30901"])), [Some(30901), None]);
    assert_eq!(wanted(&two, &wishes(&["http=30902", "10901=30901"])), [Some(30901), Some(30902)]);
    let by_port = Wish { port: Some("http".to_owned()), ..wishes(&["30902"]) };
    assert_eq!(wanted(&two, &by_port), [None, Some(30902)]);
    let one = with(&json!({"ports": [{"port": 9080}]}));
    assert_eq!(wanted(&one, &wishes(&["30080"])), [Some(30080)]);
    // Two protocols share one number; a node port may be shared too.
    let dns = with(&json!({"ports": [{"name": "udp", "port": 53, "protocol": "UDP"}, {"name": "tcp", "port": 53}]}));
    assert_eq!(wanted(&dns, &wishes(&["53=30053"])), [Some(30053), Some(30053)]);
}

#[test]
fn what_cannot_or_should_not_be_changed_is_refused_with_the_reason() {
    let plain = json!({"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]});
    let balanced = json!({"type": "LoadBalancer"});
    for (changes, wish, reason) in [
        (json!({"clusterIP": "None"}), Wish::default(), "headless"),
        (json!({"type": "ExternalName", "externalName": "db.example"}), Wish::default(), "an alias for `db.example`"),
        (json!({"selector": {}}), Wish::default(), "no selector"),
        (json!({"ports": []}), Wish::default(), "no ports"),
        (json!({}), wishes(&["web=30901"]), "no port `web`; it has grpc (10901), http (10902)"),
        (plain, wishes(&["30901"]), "several ports, a (1), b (2)"),
        (json!({}), wishes(&["grpc=30901", "http=30901"]), "node port 30901 is wanted for two"),
        (balanced.clone(), Wish::default(), "a LoadBalancer without node ports"),
    ] {
        let refused = decided(&with(&changes), &wish).unwrap_err().to_string();
        assert!(refused.contains(reason), "{changes}: {refused}");
    }
    let force = Wish { force: true, replace_load_balancer: true, ..Wish::default() };
    for changes in [json!({"selector": {}}), balanced] {
        assert!(decided(&with(&changes), &force).is_ok(), "{changes}");
    }
}

#[test]
fn what_a_controller_keeps_is_changed_by_force_alone() {
    let live = with(&json!({}));
    let mut object = live.object().clone();
    object["metadata"]["ownerReferences"] = json!([{"kind": "Prometheus", "name": "p", "controller": true}]);
    let owners = owners(&Signs::of_object(&object));
    let refused = decide(live.facts(), &owners, &Wish::default()).unwrap_err().to_string();
    assert!(refused.starts_with("it is kept by "), "{refused}");
    assert!(decide(live.facts(), &owners, &Wish { force: true, ..Wish::default() }).is_ok());
}

#[test]
fn what_is_open_already_is_left_alone() {
    let open =
        json!([{"name": "grpc", "port": 10901, "nodePort": 31000}, {"name": "http", "port": 10902, "nodePort": 31001}]);
    let node_port = with(&json!({"type": "NodePort", "ports": open}));
    assert_eq!(decided(&node_port, &Wish::default()), Ok(Decision::Open));
    assert_eq!(decided(&node_port, &wishes(&["31000"])), Ok(Decision::Open));
    let moved = change(&node_port, &wishes(&["30901"]));
    assert_eq!(moved.patch(None), json!([{"op": "add", "path": "/spec/ports/0/nodePort", "value": 30901}]));
    let balanced = with(&json!({"type": "LoadBalancer", "ports": open}));
    assert_eq!(decided(&balanced, &Wish::default()), Ok(Decision::Balanced));
}

#[test]
fn an_undo_brings_back_the_spec_of_every_kind() {
    let force = |node_ports: &[&str]| Wish { replace_load_balancer: true, ..wishes(node_ports) };
    for changes in [
        json!({}),
        json!({"externalIPs": ["192.0.2.1"], "externalTrafficPolicy": "Local"}),
        json!({"type": "NodePort", "externalTrafficPolicy": "Local", "ports": [{"name": "grpc", "port": 10901, "nodePort": 32000}]}),
        json!({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": false, "loadBalancerClass": "x/y",
               "loadBalancerSourceRanges": ["10.0.0.0/8"], "healthCheckNodePort": 30500}),
    ] {
        for wish in [force(&[]), force(&["30901"])] {
            let before = with(&changes);
            let Ok(Decision::Change(change)) = decided(&before, &wish) else { continue };
            let record = Record::of(&before, &change, "thanosctl", None);
            let after = stored(&change.patch(Some((&before, &record))), &before);
            for left in [None, Some(Left::of(&after))] {
                assert_eq!(undo(&after, &record, left.as_ref()), Ok(Undo::Spec), "{changes}");
            }
            let restored = stored(&record.restore(&after), &after);
            assert_eq!(restored.spec(), before.spec());
            assert_eq!(undo(&restored, &record, None), Ok(Undo::Marks));
            let cleared = applied(&record.clear(&restored, None), restored.object());
            assert_eq!(cleared["metadata"]["annotations"], json!({}));
        }
    }
}

#[test]
fn what_somebody_else_changed_since_is_told_and_not_undone() {
    let before = with(&json!({}));
    let change = change(&before, &wishes(&["30901"]));
    let record = Record::of(&before, &change, "thanosctl", None);
    let after = stored(&change.patch(Some((&before, &record))), &before);
    let altered = |path: &str, value: Value| {
        let mut object = after.object().clone();
        *object.pointer_mut(path).unwrap() = value;
        LiveService::read(object).unwrap()
    };
    for (path, value, told) in [
        ("/spec/ports/0/nodePort", json!(30999), "spec.ports[0].nodePort: 30901 → 30999"),
        ("/spec/selector/app", json!("other"), "spec.selector.app: \"prometheus\" → \"other\""),
        ("/spec/type", json!("LoadBalancer"), "spec.type: \"NodePort\" → \"LoadBalancer\""),
    ] {
        let changed = undo(&altered(path, value), &record, None).unwrap_err();
        assert_eq!(changed.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
    }
    // What the API server chose is known to the journal alone.
    let moved = altered("/spec/ports/1/nodePort", json!(30999));
    assert_eq!(undo(&moved, &record, None), Ok(Undo::Spec));
    assert!(undo(&moved, &record, Some(&Left::of(&after))).is_err());
}

#[test]
fn what_its_owner_turned_back_is_the_owners_and_only_the_marks_go() {
    let before = with(&json!({}));
    let first = change(&before, &Wish::default());
    let record = Record::of(&before, &first, "thanosctl", None);
    let mut object = stored(&first.patch(Some((&before, &record))), &before).object().clone();
    object["spec"] = before.spec().clone();
    object["spec"]["ports"][0]["targetPort"] = json!("other");
    let upgraded = LiveService::read(object).unwrap();
    assert_eq!(undo(&upgraded, &record, None), Ok(Undo::MarksOfOwner));
    // And a later change goes back to what the owner made of it, not to what was there before.
    assert_eq!(Record::of(&upgraded, &first, "thanosctl", Some(&record)).spec(), upgraded.spec());
}

#[test]
fn a_second_change_keeps_the_first_record_unless_somebody_changed_the_service_in_between() {
    let before = with(&json!({}));
    let first = change(&before, &Wish::default());
    let record = Record::of(&before, &first, "thanosctl", None);
    let after = stored(&first.patch(Some((&before, &record))), &before);
    let second = change(&after, &wishes(&["30901"]));
    let kept = Record::of(&after, &second, "thanosctl", Some(&record));
    assert_eq!(kept.spec(), before.spec());
    let moved = stored(&second.patch(Some((&after, &kept))), &after);
    assert_eq!(undo(&moved, &kept, None), Ok(Undo::Spec));

    let mut object = after.object().clone();
    object["spec"]["selector"]["app"] = "other".into();
    let altered = LiveService::read(object).unwrap();
    assert_eq!(Record::of(&altered, &second, "thanosctl", Some(&record)).spec(), altered.spec());
}

#[test]
fn a_record_of_another_service_or_of_nobody_knows_what_is_no_way_back() {
    let annotated = |text: &str| {
        let mut object = with(&json!({})).object().clone();
        object["metadata"]["annotations"] = json!({ UNDO_ANNOTATION: text });
        Record::on(&LiveService::read(object).unwrap()).unwrap().unwrap_err()
    };
    for (text, told) in [
        ("no json", "cannot be read"),
        (r#"{"version":2,"uid":"u-1","fieldManager":"x","spec":{}}"#, "version 2"),
        (r#"{"version":1,"uid":"u-2","fieldManager":"x","spec":{}}"#, "another Service"),
        (r#"{"version":1,"uid":"u-1","fieldManager":"x","spec":7}"#, "no spec"),
    ] {
        assert!(annotated(text).contains(told), "{text}");
    }
}

#[test]
fn ownership_goes_back_whole_when_nobody_else_wrote_and_else_only_ours_goes() {
    let entry =
        |manager: &str, time: &str| json!({"manager": manager, "operation": "Update", "time": time, "fieldsV1": {}});
    let owned = |managed: Value| {
        let mut object = with(&json!({})).object().clone();
        object["metadata"]["managedFields"] = managed;
        LiveService::read(object).unwrap()
    };
    let before = owned(json!([entry("helm", "t0")]));
    let record = Record::of(&before, &change(&before, &Wish::default()), "thanosctl", None);
    let left = Left::of(&owned(json!([entry("helm", "t0"), entry("thanosctl", "t1")])));
    let now = owned(json!([entry("helm", "t2"), entry("thanosctl", "t2")]));
    let operation = |patch: &Value| patch[2].clone();
    assert!(record.is_untouched(&now, Some(&left)));
    assert_eq!(
        operation(&record.clear(&now, Some(before.managed_fields()))),
        json!({"op": "replace", "path": "/metadata/managedFields", "value": [entry("helm", "t0")]})
    );
    let written = owned(json!([entry("helm", "t0"), entry("thanosctl", "t1"), entry("kubectl", "t2")]));
    assert!(!record.is_untouched(&written, Some(&left)) && !record.is_untouched(&now, None));
    assert_eq!(operation(&record.clear(&written, None)), json!({"op": "remove", "path": "/metadata/managedFields/1"}));
    // Nothing but ours: to remove it would make the server forget who owns what.
    let alone = owned(json!([entry("thanosctl", "t1")]));
    assert_eq!(record.clear(&alone, None).as_array().unwrap().len(), 2);
}
