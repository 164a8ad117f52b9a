//! What providers write into Services and nodes, and what the program makes of it: `fixtures/environments`.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::program::{Room, fixture_text};

const FILES: [&str; 4] = ["aws", "clouds", "controllers", "local"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Environment {
    name: String,
    source: String,
    #[serde(default)]
    service: Map<String, Value>,
    nodes: Option<Vec<Map<String, Value>>>,
    pods: Option<Vec<Value>>,
    address: Option<String>,
    alternates: Option<Vec<String>>,
    problem: Option<String>,
    #[serde(default)]
    remarks: Vec<String>,
    values: Option<i32>,
    #[serde(default)]
    warns: Vec<String>,
    #[serde(default)]
    runs: Vec<Command>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    run: String,
    exit: i32,
    #[serde(default)]
    says: Vec<String>,
    #[serde(default)]
    hides: Vec<String>,
}

#[test]
fn every_environment_is_read_as_it_is() {
    let (mut wrong, mut names) = (Vec::new(), BTreeSet::new());
    for file in FILES {
        let text = fixture_text(&format!("environments/{file}.yaml"));
        let environments: Vec<Environment> = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        for environment in environments {
            assert!(names.insert(environment.name.clone()), "{} is there twice", environment.name);
            assert!(environment.source.starts_with("https://"), "{} has no source", environment.name);
            let found = differences(&environment);
            if !found.is_empty() {
                wrong.push(format!("{file}: {}\n  {}", environment.name, found.join("\n  ")));
            }
        }
    }
    assert!(names.len() > 80);
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// In what the program differs from what an environment expects.
fn differences(environment: &Environment) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, is: String, should: String| {
        if is != should {
            wrong.push(format!("{what}: {is}\n    and not: {should}"));
        }
    };
    let room = Room::new();
    room.file("list.json", &list(environment).to_string());
    let run = |command: &str| {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.extend(["--inventory", "list.json"]);
        room.run(&arguments)
    };
    let discovered = run("discover -o json");
    expect("exit of discover", discovered.code.to_string(), "0".to_owned());
    let inventory: Value = serde_json::from_str(&discovered.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}{}", environment.name, discovered.stdout, discovered.stderr));
    let service = &inventory["clusters"][0]["services"][0];
    let endpoint = |at: usize| {
        let it = &service["endpoints"][at];
        it["address"].as_str().map(|address| (address.to_owned(), it["source"].as_str().unwrap_or_default().to_owned()))
    };
    let address = endpoint(0).map(|(address, source)| format!("{address} {source}"));
    expect("address", format!("{address:?}"), format!("{:?}", environment.address));
    if let Some(alternates) = &environment.alternates {
        let others: Vec<String> = (1..).map_while(endpoint).map(|(address, _)| address).collect();
        expect("alternates", format!("{others:?}"), format!("{alternates:?}"));
    }
    let problem = service["problem"].as_str();
    let fits = match &environment.problem {
        Some(wanted) => problem.is_some_and(|problem| problem.contains(wanted)),
        None => problem.is_none(),
    };
    let wanted = environment.problem.as_deref().unwrap_or("none");
    expect(
        "problem",
        if fits { String::new() } else { format!("{problem:?}, where {wanted} was expected") },
        String::new(),
    );
    let remarks: Vec<&str> = service["remarks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    expect("remarks", format!("{remarks:?}"), format!("{:?}", environment.remarks));

    let values = run("gen-values");
    let code = environment.values.unwrap_or(if environment.address.is_some() { 0 } else { 2 });
    expect("exit of gen-values", format!("{} {}", values.code, values.stderr), format!("{code} {}", values.stderr));
    if let Some(address) = &environment.address {
        let dialled = address.split(' ').next().unwrap_or_default();
        expect("values", values.stdout.contains(dialled).to_string(), "true".to_owned());
    }
    for warning in environment.warns.iter().filter(|warning| !values.stderr.contains(*warning)) {
        expect("gen-values says", values.stderr.clone(), format!("… {warning} …"));
    }
    for Command { run: command, exit, says, hides } in &environment.runs {
        let run = run(command);
        let said = format!("{}{}", run.stdout, run.stderr);
        expect(&format!("exit of {command}"), format!("{} {said}", run.code), format!("{exit} {said}"));
        for words in says.iter().filter(|words| !said.contains(*words)) {
            expect(command, said.clone(), format!("… {words} …"));
        }
        for words in hides.iter().filter(|words| said.contains(*words)) {
            expect(command, said.clone(), format!("without {words}"));
        }
    }
    wrong
}

/// What kubectl prints of an environment.
fn list(environment: &Environment) -> Value {
    let default = || vec![json!({"name": "n1", "InternalIP": "10.0.0.11"}).as_object().cloned().unwrap()];
    let nodes = environment.nodes.clone().unwrap_or_else(default);
    let first = nodes.first().map(|node| node["name"].clone()).unwrap_or_default();
    let pods = environment.pods.clone().unwrap_or_else(|| vec![first]);
    let mut items = vec![service(&environment.service), slice(&pods)];
    items.extend(nodes.iter().map(node));
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

fn service(given: &Map<String, Value>) -> Value {
    let known = ["type", "annotations", "labels", "finalizers", "class", "ranges", "ingress", "conditions", "spec"];
    assert!(given.keys().all(|key| known.contains(&key.as_str())), "{given:?}");
    let get = |key: &str| given.get(key).cloned();
    let service_type = get("type").unwrap_or_else(|| json!("ClusterIP"));
    let mut port = json!({"name": "grpc", "port": 10901, "protocol": "TCP", "targetPort": "grpc"});
    if service_type != "ClusterIP" {
        port["nodePort"] = json!(30901);
    }
    let mut spec = json!({
        "type": service_type, "clusterIP": "10.96.7.7", "ipFamilies": ["IPv4"], "ports": [port],
        "selector": {"app.kubernetes.io/name": "prometheus"},
    });
    for (key, value) in get("spec").iter().flat_map(|spec| spec.as_object().into_iter().flatten()) {
        spec[key] = value.clone();
    }
    for (key, field) in [("class", "loadBalancerClass"), ("ranges", "loadBalancerSourceRanges")] {
        get(key).into_iter().for_each(|value| spec[field] = value);
    }
    let mut labels = json!({"app.kubernetes.io/component": "thanos-sidecar", "app.kubernetes.io/name": "prometheus"});
    for (key, value) in get("labels").iter().flat_map(|labels| labels.as_object().into_iter().flatten()) {
        labels[key] = value.clone();
    }
    let mut status = json!({"loadBalancer": {}});
    get("ingress").into_iter().for_each(|ingress| status["loadBalancer"]["ingress"] = ingress);
    get("conditions").into_iter().for_each(|conditions| status["conditions"] = conditions);
    json!({
        "apiVersion": "v1", "kind": "Service", "spec": spec, "status": status,
        "metadata": {
            "namespace": "monitoring", "name": "sidecar", "uid": "u-1", "labels": labels,
            "annotations": get("annotations"), "finalizers": get("finalizers"),
        },
    })
}

fn slice(pods: &[Value]) -> Value {
    let endpoint = |(at, pod): (usize, &Value)| {
        let named = pod.as_str();
        let name = pod["name"].as_str().map_or_else(|| format!("prometheus-k8s-{at}"), str::to_owned);
        let mut endpoint = json!({
            "addresses": [format!("10.244.1.{}", 5 + at)],
            "conditions": {"ready": true, "serving": true, "terminating": false},
            "nodeName": named.or(pod["node"].as_str()),
            "targetRef": {"kind": "Pod", "namespace": "monitoring", "name": name},
        });
        for key in ["conditions", "topology"] {
            if !pod[key].is_null() {
                endpoint[key] = pod[key].clone();
            }
        }
        endpoint
    };
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"namespace": "monitoring", "name": "sidecar-x", "labels": {"kubernetes.io/service-name": "sidecar"}},
        "ports": [{"name": "grpc", "port": 10901, "protocol": "TCP"}],
        "endpoints": pods.iter().enumerate().map(endpoint).collect::<Vec<_>>(),
    })
}

fn node(given: &Map<String, Value>) -> Value {
    let kinds = ["ExternalIP", "ExternalDNS", "InternalIP", "InternalDNS", "Hostname"];
    let known = ["name", "labels", "annotations", "taints", "providerID", "ready"];
    assert!(given.keys().all(|key| kinds.contains(&key.as_str()) || known.contains(&key.as_str())), "{given:?}");
    let get = |key: &str| given.get(key).cloned().unwrap_or_default();
    let addresses = kinds.iter().flat_map(|kind| {
        let given = get(kind);
        let all = given.as_array().cloned().unwrap_or_else(|| vec![given.clone()]);
        all.into_iter().filter(Value::is_string).map(move |address| json!({"type": kind, "address": address}))
    });
    let addresses: Vec<Value> = addresses.chain([json!({"type": "Hostname", "address": get("name")})]).collect();
    let taints: Vec<Value> =
        get("taints").as_array().into_iter().flatten().map(|key| json!({"key": key, "effect": "NoSchedule"})).collect();
    let ready = if get("ready") == false { "False" } else { "True" };
    let mut spec = json!({"taints": taints});
    if get("providerID").is_string() {
        spec["providerID"] = get("providerID");
    }
    json!({
        "apiVersion": "v1", "kind": "Node", "spec": spec,
        "metadata": {"name": get("name"), "labels": get("labels"), "annotations": get("annotations")},
        "status": {"addresses": addresses, "conditions": [{"type": "Ready", "status": ready}]},
    })
}
