//! `patch-nodeport` from outside: what it asks, what it refuses to do unasked, what it tells. What a real API server
//! makes of its patches is tested on the rig.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fake_api::{FakeApi, Reply, Seen};
use crate::program::{Room, Run, fixture, say};

/// An API server with one Service, which takes changes of its type, and a node that is ready.
struct OneService {
    api: FakeApi,
    service: Arc<Mutex<Value>>,
}

impl OneService {
    fn start(service: Value) -> Self {
        let service = Arc::new(Mutex::new(service));
        let kept = service.clone();
        let api = FakeApi::start(move |seen| answer(seen, &mut kept.lock().unwrap()));
        Self { api, service }
    }

    fn plain() -> Self {
        Self::start(json!({
            "kind": "Service", "apiVersion": "v1",
            "metadata": {"namespace": "default", "name": "productpage", "uid": "u-1", "resourceVersion": "7"},
            "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.9", "selector": {"app": "productpage"},
                "ports": [{"name": "http", "port": 9080, "targetPort": 9080, "protocol": "TCP"}]},
        }))
    }

    fn room(&self) -> Room {
        let room = Room::new();
        let config = json!({"kind": "Config", "current-context": "eu",
            "contexts": [{"name": "eu", "context": {"cluster": "eu"}}],
            "clusters": [{"name": "eu", "cluster": {"server": self.api.url()}}]});
        room.file(".kube/config", &config.to_string());
        room
    }

    fn kind(&self) -> String {
        self.service.lock().unwrap()["spec"]["type"].as_str().unwrap().to_owned()
    }

    fn patches(&self) -> usize {
        self.api.requests().iter().filter(|seen| seen.method == "PATCH").count()
    }
}

fn answer(seen: &Seen, service: &mut Value) -> Reply {
    match (seen.method.as_str(), seen.path()) {
        ("GET", "/api/v1/nodes") => Reply::page(seen, "NodeList", &[crate::fake_api::node("node-1")]),
        ("GET", path) if path.ends_with("/endpointslices") => {
            Reply::page(seen, "EndpointSliceList", &[crate::fake_api::slice("default", "productpage")])
        }
        ("GET", "/api/v1/services") => Reply::page(seen, "ServiceList", std::slice::from_ref(service)),
        ("GET", "/api/v1/namespaces/default/services/productpage") => Reply::Json(200, service.clone()),
        ("PATCH", "/api/v1/namespaces/default/services/productpage") => {
            for operation in serde_json::from_slice::<Vec<Value>>(&seen.body).unwrap() {
                let value = operation["value"].clone();
                match (operation["op"].as_str().unwrap(), operation["path"].as_str().unwrap()) {
                    ("replace", "/spec/type") => service["spec"]["type"] = value,
                    ("replace", "/spec") => service["spec"] = value,
                    ("add", "/metadata/annotations") => service["metadata"]["annotations"] = value,
                    ("add", "/metadata/annotations/thanosctl.io~1undo") => {
                        service["metadata"]["annotations"]["thanosctl.io/undo"] = value;
                    }
                    ("remove", _) => service["metadata"]["annotations"] = Value::Null,
                    _ => {}
                }
            }
            service["metadata"]["resourceVersion"] = json!("8");
            if service["spec"]["type"] == "NodePort" {
                service["spec"]["ports"][0]["nodePort"] = json!(31234);
                service["spec"]["externalTrafficPolicy"] = json!("Cluster");
            }
            Reply::Json(200, service.clone())
        }
        _ => Reply::status(404, "NotFound", "services \"x\" not found"),
    }
}

const CHANGE: [&str; 2] = ["patch-nodeport", "default/productpage"];

#[test]
fn a_yes_on_a_terminal_makes_the_change_and_prints_the_url() {
    let cluster = OneService::plain();
    let room = cluster.room();
    let (code, screen) = room.on_a_terminal(&CHANGE, say("y"));
    assert_eq!((code, cluster.kind().as_str()), (0, "NodePort"), "{screen}");
    assert!(screen.contains("change this Service of cluster eu? yes\r\n"), "{screen}");
    assert!(screen.contains("\r\nhttp://10.2.0.14:31234\r\n"), "{screen}");
    let (code, _) = room.on_a_terminal(&["patch-nodeport", "--undo"], say("y"));
    assert_eq!((code, cluster.kind().as_str()), (0, "ClusterIP"));
}

#[test]
fn without_somebody_to_ask_nothing_is_changed_unless_it_was_confirmed() {
    let cluster = OneService::plain();
    let room = cluster.room();
    let refused = |run: &Run| {
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains("the question would be: change this Service of cluster eu?"), "{}", run.stderr);
        assert!(run.stderr.contains("--yes"), "{}", run.stderr);
    };
    refused(&room.run(&CHANGE));
    refused(&room.run_with_input(&CHANGE, "y\n"));
    let (code, screen) = room.on_a_terminal(&["patch-nodeport", "default/productpage", "--no-input"], |_| None);
    assert!(code == 2 && screen.contains("--yes"), "{screen}");
    assert_eq!(cluster.patches(), 0);

    let run = room.run(&["patch-nodeport", "default/productpage", "--yes", "--quiet"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "http://10.2.0.14:31234\n", ""));
}

#[test]
fn the_plan_the_change_and_the_way_back_are_told() {
    let cluster = OneService::plain();
    let room = cluster.room();
    let told = |run: Run| {
        assert_eq!(run.code, 0, "{}", run.stderr);
        format!("{}--- stderr\n{}", run.stdout, run.stderr)
    };
    insta::assert_snapshot!(told(room.run(&["patch-nodeport", "default/productpage", "--yes"])));
    insta::assert_snapshot!(told(room.run(&["patch-nodeport", "--undo", "--yes"])));
}

/// A sidecar of kube-prometheus-stack with names as they are in the wild.
fn sidecar() -> Value {
    json!({
        "kind": "Service", "apiVersion": "v1",
        "metadata": {"namespace": "default", "name": "productpage", "uid": "u-1", "resourceVersion": "7",
            "labels": {"app.kubernetes.io/component": "thanos-sidecar", "app.kubernetes.io/managed-by": "Helm",
                "app.kubernetes.io/name": "kube-prometheus", "app.kubernetes.io/instance": "kube-prometheus",
                "app.kubernetes.io/subcomponent": "thanos", "helm.sh/chart": "kube-prometheus-11.2.16"},
            "annotations": {"meta.helm.sh/release-name": "kube-prometheus", "meta.helm.sh/release-namespace": "default"}},
        "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.9", "selector": {"app": "productpage"},
            "ports": [{"name": "grpc", "port": 10901, "targetPort": 10901, "protocol": "TCP"},
                {"name": "http", "port": 10902, "targetPort": 10902, "protocol": "TCP"}]},
    })
}

#[test]
fn a_plan_fits_into_80_columns_and_shows_the_patch_only_if_it_is_asked_for() {
    let cluster = OneService::start(sidecar());
    let room = cluster.room();
    let plan = ["patch-nodeport", "default/productpage", "--dry-run", "client"];
    let (code, screen) = room.on_a_terminal(&plan, |_| None);
    assert_eq!(code, 0, "{screen}");
    let wide: Vec<&str> =
        screen.lines().filter(|line| line.chars().count() > 80 && !line.contains("helm upgrade")).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(!screen.contains("/spec/type"), "{screen}");
    insta::assert_snapshot!(screen.replace('\r', ""));
    let patch = r#"{"op":"replace","path":"/spec/type","value":"NodePort"}"#;
    let run = room.run(&[&plan[..], &["--show-patch"]].concat());
    assert!(run.stdout.contains(patch), "{}", run.stdout);
    let run = room.run(&[&plan[..], &["-o", "json"]].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout));
    let sent = document["services"][0]["patch"].as_array().unwrap().last().unwrap().to_string();
    assert_eq!(sent, patch);
    assert!(room.run(&[&plan[..], &["-o", "yaml"]].concat()).stdout.starts_with("kind: Plan\n"));
    let run = room.run(&["patch-nodeport", "default/productpage", "-o", "yaml", "--yes"]);
    assert_eq!((run.code, run.stdout.as_str(), cluster.patches()), (2, "", 0), "{}", run.stderr);
}

#[test]
fn the_values_that_make_a_change_last_come_before_the_question() {
    let cluster = OneService::start(sidecar());
    let (code, screen) = cluster.room().on_a_terminal(&CHANGE, say("n"));
    assert_eq!((code, cluster.patches()), (130, 0), "{screen}");
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text}: {screen}"));
    assert!(at("to make it last: ") < at("change this Service of cluster eu? [y/N]"), "{screen}");
    assert!(at("    thanos:") < at("[y/N]"), "{screen}");
}

#[test]
fn two_contexts_of_one_cluster_plan_change_and_undo_a_service_once() {
    let cluster = OneService::plain();
    let room = cluster.room();
    let config = json!({"kind": "Config",
        "contexts": [{"name": "eu", "context": {"cluster": "eu"}}, {"name": "eu-admin", "context": {"cluster": "eu"}}],
        "clusters": [{"name": "eu", "cluster": {"server": cluster.api.url()}}]});
    room.file(".kube/config", &config.to_string());
    let run = room.run(&["patch-nodeport", "default/productpage", "--all-contexts", "--yes"]);
    assert_eq!(
        (run.code, run.stdout.as_str(), cluster.patches()),
        (0, "http://10.2.0.14:31234\n", 1),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("note: `eu-admin` and `eu` are one cluster; 1 Service of it is taken once, by `eu`\n"),
        "{}",
        run.stderr
    );
    for names in [&["default/productpage"][..], &[]] {
        let run = room.run(&[&["patch-nodeport", "--undo", "--all-contexts", "--yes"], names].concat());
        assert_eq!((run.code, cluster.kind().as_str()), (0, "ClusterIP"), "{}", run.stderr);
        assert!(!run.stderr.contains("somebody"), "{}", run.stderr);
        assert_eq!(run.stderr.matches("eu default/productpage is as it was before").count(), 1, "{}", run.stderr);
        assert_eq!(room.run(&["patch-nodeport", "default/productpage", "--context", "eu", "--yes"]).code, 0);
    }
}

#[test]
fn the_addresses_of_hundreds_of_services_are_read_in_few_requests() {
    let service = |number: usize| {
        let mut service = OneService::plain().service.lock().unwrap().clone();
        service["metadata"]["name"] = json!(format!("s{number:03}"));
        service["metadata"]["uid"] = json!(format!("u-{number}"));
        service["spec"]["type"] = json!("NodePort");
        service["spec"]["ports"][0]["nodePort"] = json!(30000 + number);
        service
    };
    let services: Vec<Value> = (0..300).map(service).collect();
    let names: Vec<String> = (0..300).map(|number| format!("default/s{number:03}")).collect();
    let api = FakeApi::start(move |seen| match seen.path() {
        "/api/v1/nodes" => Reply::page(seen, "NodeList", &[crate::fake_api::node("node-1")]),
        path if path.ends_with("/endpointslices") => Reply::page(seen, "EndpointSliceList", &[]),
        path => match path.rsplit_once("/s").and_then(|(_, number)| number.parse::<usize>().ok()) {
            Some(number) => Reply::Json(200, services[number].clone()),
            None => Reply::status(404, "NotFound", "services \"x\" not found"),
        },
    });
    let cluster = OneService { api, service: Arc::default() };
    let arguments: Vec<&str> = ["patch-nodeport"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let run = cluster.room().run(&arguments);
    assert_eq!((run.code, run.stdout.lines().count()), (0, 300), "{}", run.stderr);
    let seen = cluster.api.requests();
    let slices = seen.iter().filter(|seen| seen.path().ends_with("/endpointslices")).count();
    assert!((1..=3).contains(&slices), "{slices} lists of slices");
}

#[test]
fn without_a_place_for_the_journal_nothing_is_changed() {
    let cluster = OneService::plain();
    let room = cluster.room();
    let config = room.path(".kube/config").display().to_string();
    let mut command = room.command(&["patch-nodeport", "default/productpage", "--yes", "--kubeconfig", &config]);
    let output = command.env_remove("HOME").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), cluster.patches()), (Some(2), 0), "{stderr}");
    assert!(stderr.contains("--journal DIR"), "{stderr}");

    room.file("taken", "");
    let run = room.run(&["patch-nodeport", "default/productpage", "--yes", "--journal", "taken"]);
    assert_eq!((run.code, cluster.patches()), (2, 0), "{}", run.stderr);
    assert!(run.stderr.contains("cannot make the folder `taken`"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn the_journal_is_its_owners_alone_and_forgets_what_was_undone() {
    use std::os::unix::fs::PermissionsExt as _;
    let cluster = OneService::plain();
    let room = cluster.room();
    assert_eq!(room.run(&["patch-nodeport", "default/productpage", "--yes", "--journal", "a/journal"]).code, 0);
    let mode = |name: &str| std::fs::metadata(room.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a/journal"), mode("a/journal/default.productpage.u-1.json")), (0o700, 0o600));
    assert_eq!(room.run(&["patch-nodeport", "--undo", "--yes", "--journal", "a/journal"]).code, 0);
    assert!(!room.path("a/journal/default.productpage.u-1.json").exists());
}

#[test]
fn hostile_names_reach_neither_the_screen_nor_another_file() {
    let mut service = OneService::plain().service.lock().unwrap().clone();
    service["metadata"]["uid"] = json!("../../../x\u{1b}[31m");
    service["spec"]["ports"][0]["name"] = json!("http\u{1b}]0;x\u{7}");
    let cluster = OneService::start(service);
    let room = cluster.room();
    let run = room.run(&["patch-nodeport", "default/productpage", "--yes"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}') && !run.stdout.contains('\u{1b}'));
    let kept = std::fs::read_dir(room.path(".local/state/thanosctl")).unwrap().count();
    assert_eq!(kept, 1);
}

#[test]
fn an_inventory_is_planned_on_and_changes_nothing() {
    let room = Room::new();
    let inventory = fixture("services/kinds.json");
    let run = room.run(&["patch-nodeport", "--inventory", &inventory]);
    insta::assert_snapshot!(format!("exit {}\n{}--- stderr\n{}", run.code, run.stdout, run.stderr));
    let run = room.run(&["patch-nodeport", "--inventory", &inventory, "--yes"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("nothing can be changed through it"), "{}", run.stderr);
}

#[test]
fn what_is_typed_wrongly_is_refused_before_anybody_is_asked() {
    let cluster = OneService::plain();
    let room = cluster.room();
    for (arguments, told) in [
        (&["productpage"][..], "NAMESPACE/NAME"),
        (&["default/productpage", "--node-port", "0"], "is no node port"),
        (&["default/productpage", "--node-port", "http=70000"], "is no node port"),
        (&["default/../x"], "NAMESPACE/NAME"),
        (&["default/productpage", "--field-manager", ""], "1 to 128 printable"),
        (&["--undo", "--node-port", "30000"], "cannot be used with"),
    ] {
        let run = room.run(&[&["patch-nodeport"], arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
    assert!(cluster.api.requests().is_empty());
    let run = room.run(&["patch-nodeport", "default/productpage", "--yes", "--port", "https"]);
    assert!(run.code == 2 && run.stderr.contains("it has no port `https`; it has http (9080)"), "{}", run.stderr);
}

#[test]
fn trouble_of_the_server_is_told_with_what_to_do_and_nothing_is_called_done() {
    for (message, told) in [
        ("Internal error occurred: failed to allocate a nodePort: range is full", "all node ports are taken"),
        ("etcdserver: request timed out", "has trouble of its own"),
    ] {
        let service = OneService::plain().service.lock().unwrap().clone();
        let api = FakeApi::start(move |seen| match seen.method.as_str() {
            "PATCH" => Reply::status(500, "InternalError", message),
            _ => answer(seen, &mut service.clone()),
        });
        let cluster = OneService { api, service: Arc::default() };
        let room = cluster.room();
        let run = room.run(&["patch-nodeport", "default/productpage", "--yes"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains(message) && run.stderr.contains(told), "{}", run.stderr);
        assert_eq!(cluster.patches(), 1, "nothing is sent twice");
        assert_eq!(std::fs::read_dir(room.path(".local/state/thanosctl")).unwrap().count(), 0);
    }
}
