//! Asking clusters: what is asked, in which order, and what every fault is called.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use base64::Engine as _;
use rustls::version::TLS13;
use serde_json::{Value, json};
use thanosctl::cluster::environment::Environment;
use thanosctl::cluster::environment::ProxyVariables;
use thanosctl::cluster::gather::{Limits, Scope, Stage, Target, gather};
use thanosctl::cluster::kubeconfig::Kubeconfig;
use thanosctl::cluster::plugin::Plugins;
use thanosctl::fleet::inventory::{Cluster, Listing, Observed, Service, Unreadable};

use crate::fake_api::{FakeApi, Reply, Seen, node, service, slice};
use crate::fake_tls::{self, ALWAYS, Identity};

/// Long enough for anything on loopback, however busy the machine is.
const AMPLE: Duration = Duration::from_secs(30);
/// For clusters that are dead on purpose; half of it is for the connection.
const SHORT: Duration = Duration::from_secs(2);

const EVERYTHING: Scope<'static> = Scope { namespace: None, selector: None, keep: |_| true };

/// A kubeconfig with a context for each server, all as the user `ci`, whose entry is `user` (YAML, inline).
fn kubeconfig(servers: &[(&str, &str)], user: &str) -> Kubeconfig {
    kubeconfig_behind(ProxyVariables::default(), servers, user)
}

fn kubeconfig_behind(proxy: ProxyVariables, servers: &[(&str, &str)], user: &str) -> Kubeconfig {
    let mut text = format!("kind: Config\nusers: [{{name: ci, user: {user}}}]\ncontexts:\n");
    for (name, _) in servers {
        writeln!(text, "- {{name: {name}, context: {{cluster: {name}, user: ci}}}}").unwrap();
    }
    text.push_str("clusters:\n");
    for (name, server) in servers {
        writeln!(text, "- {{name: {name}, cluster: {{server: '{server}'}}}}").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, text).unwrap();
    Kubeconfig::load_in(None, Environment { kubeconfig: Some(file.into()), kuberc: None, home: None, proxy }).unwrap()
}

fn targets(kubeconfig: &Kubeconfig) -> Vec<Target> {
    let target = |context: &str| Target { name: context.to_owned().try_into().unwrap(), context: context.to_owned() };
    kubeconfig.contexts().into_iter().map(target).collect()
}

async fn ask(kubeconfig: &Kubeconfig, scope: &Scope<'_>, timeout: Duration) -> Vec<Cluster> {
    gather(
        (kubeconfig, &Plugins::default()),
        &targets(kubeconfig),
        scope,
        &Limits { timeout, concurrency: 16 },
        &|_, _| {},
    )
    .await
}

async fn observe(api: &FakeApi, scope: &Scope<'_>) -> Observed {
    let config = kubeconfig(&[("c", &api.url())], "{token: hunter2}");
    ask(&config, scope, AMPLE).await.remove(0).observed.unwrap()
}

/// Why the one cluster at `server` could not be read.
async fn failure(server: &str, timeout: Duration) -> Unreadable {
    let config = kubeconfig(&[("c", server)], "{token: hunter2}");
    let unreadable = ask(&config, &EVERYTHING, timeout).await.remove(0).observed.unwrap_err();
    let all = format!("{unreadable:?}");
    assert!(!all.contains("hunter2"), "{all}");
    assert!(!unreadable.cause.contains('\n'), "{all}");
    unreadable
}

async fn failure_of(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Unreadable {
    failure(&FakeApi::start(reply).url(), AMPLE).await
}

fn assert_says(unreadable: &Unreadable, cause: &str, hint: &str) {
    assert!(unreadable.cause.contains(cause), "expected `{cause}` in {unreadable:?}");
    assert!(unreadable.hint.as_deref().unwrap_or_default().contains(hint), "expected `{hint}` in {unreadable:?}");
}

fn names(observed: &Observed) -> Vec<&str> {
    observed.services.iter().map(|service| service.name.as_str()).collect()
}

fn chunk(text: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{text}").into_bytes()
}

// What is asked.

#[tokio::test]
async fn only_services_are_asked_for_when_none_is_kept() {
    let api = FakeApi::with(vec![service("b", "x", Some(30901))], vec![], vec![node("n")]);
    let observed = observe(&api, &Scope { keep: |_| false, ..EVERYTHING }).await;
    assert_eq!(observed, Observed::default());
    let requests = api.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method.as_str(), requests[0].target.as_str()), ("GET", "/api/v1/services?limit=500"));
    assert_eq!(requests[0].header("user-agent"), Some(concat!("thanosctl/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(requests[0].header("authorization"), None, "kubectl sends no token over plain http either");
}

#[tokio::test]
async fn nodes_are_asked_for_only_when_a_kept_service_has_a_node_port() {
    let lists = || (vec![slice("m", "a")], vec![node("n2"), node("n1")]);
    let (slices, nodes) = lists();
    let api = FakeApi::with(vec![service("m", "a", None)], slices, nodes);
    let observed = observe(&api, &EVERYTHING).await;
    assert_eq!(observed.nodes, Listing::Complete(vec![]));
    assert_eq!(observed.endpoint_slices.items().unwrap().len(), 1);
    assert!(api.requests().iter().all(|request| !request.path().ends_with("nodes")));
    let (slices, nodes) = lists();
    let api = FakeApi::with(vec![service("m", "a", Some(30901))], slices, nodes);
    let observed = observe(&api, &EVERYTHING).await;
    let names: Vec<&str> = observed.nodes.items().unwrap().iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["n1", "n2"]);
    assert_eq!(api.requests().len(), 3);
}

#[tokio::test]
async fn lists_are_read_in_pages_and_sorted() {
    let services: Vec<_> = (0..1203).rev().map(|n| service("m", &format!("s{n:04}"), None)).collect();
    let api = FakeApi::with(services, vec![], vec![]);
    let keep = |service: &Service| service.name.ends_with('7') || service.name == "s1202";
    let observed = observe(&api, &Scope { keep, ..EVERYTHING }).await;
    assert_eq!(observed.services.len(), 121);
    assert_eq!(names(&observed)[..2], ["s0007", "s0017"]);
    assert!(names(&observed).is_sorted());
    let pages: Vec<_> =
        api.requests().iter().filter(|r| r.path() == "/api/v1/services").map(|r| r.target.clone()).collect();
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.contains("limit=500") && !page.contains("resourceVersion")));
    assert!(pages[2].ends_with("&continue=1000"));
}

#[tokio::test]
async fn a_namespace_and_a_selector_narrow_what_is_asked_for() {
    let api = FakeApi::with(vec![service("m", "a", None)], vec![slice("m", "a")], vec![]);
    observe(&api, &Scope { namespace: Some("m"), selector: Some("app in (x,y)"), ..EVERYTHING }).await;
    let requests = api.requests();
    assert_eq!(requests[0].path(), "/api/v1/namespaces/m/services");
    assert_eq!(requests[0].query("labelSelector").unwrap(), "app in (x,y)");
    assert_eq!(requests[1].path(), "/apis/discovery.k8s.io/v1/namespaces/m/endpointslices");
    assert_eq!(requests[1].query("labelSelector").unwrap(), "kubernetes.io/service-name in (a)");
}

#[tokio::test]
async fn slices_of_a_namesake_in_another_namespace_are_dropped() {
    let slices = vec![slice("z", "a"), slice("other", "a"), slice("m", "a")];
    let api = FakeApi::with(vec![service("m", "a", None), service("z", "a", None)], slices, vec![]);
    let observed = observe(&api, &EVERYTHING).await;
    let found: Vec<&str> =
        observed.endpoint_slices.items().unwrap().iter().map(|slice| slice.namespace.as_str()).collect();
    assert_eq!(found, ["m", "z"]);
}

#[tokio::test]
async fn a_selector_too_long_for_a_url_is_split() {
    let all: Vec<String> = (0..300).map(|n| format!("prometheus-operated-for-tenant-{n:03}")).collect();
    let services: Vec<_> = all.iter().map(|name| service("m", name, None)).collect();
    let slices: Vec<_> = all.iter().map(|name| slice("m", name)).collect();
    let api = FakeApi::start(move |request| {
        if request.path().ends_with("/services") {
            return Reply::page(request, "ServiceList", &services);
        }
        let selector = request.query("labelSelector").unwrap();
        let wanted: BTreeSet<&str> = selector.split(['(', ')', ',']).collect();
        let of = |slice: &serde_json::Value| slice["metadata"]["labels"]["kubernetes.io/service-name"].clone();
        let found: Vec<_> =
            slices.iter().filter(|slice| wanted.contains(of(slice).as_str().unwrap())).cloned().collect();
        Reply::page(request, "EndpointSliceList", &found)
    });
    let observed = observe(&api, &EVERYTHING).await;
    assert_eq!(observed.endpoint_slices.items().unwrap().len(), 300);
    assert!(api.requests().len() > 3);
    assert!(api.requests().iter().all(|request| request.target.len() < 5000));
}

#[tokio::test]
async fn a_list_that_the_server_forgot_is_read_anew_once() {
    let services: Vec<_> = (0..700).map(|n| service("m", &format!("s{n:03}"), None)).collect();
    let gone = Mutex::new(1);
    let api = FakeApi::start(move |request| {
        let mut gone = gone.lock().unwrap();
        if request.query("continue").is_some() && *gone > 0 {
            *gone -= 1;
            return Reply::status(410, "Expired", "The provided continue parameter is too old");
        }
        match request.path() {
            "/api/v1/services" => Reply::page(request, "ServiceList", &services),
            _ => Reply::page(request, "EndpointSliceList", &[]),
        }
    });
    let observed = observe(&api, &EVERYTHING).await;
    assert_eq!(observed.services.len(), 700);
    assert_eq!(names(&observed).iter().collect::<BTreeSet<_>>().len(), 700);
    let starts =
        api.requests().iter().filter(|r| r.path() == "/api/v1/services" && r.query("continue").is_none()).count();
    assert_eq!(starts, 2);
}

#[tokio::test]
async fn a_list_that_is_forgotten_again_and_again_fails() {
    let unreadable = failure_of(|request| match request.query("continue") {
        None => Reply::Json(200, json!({"kind": "ServiceList", "metadata": {"continue": "x"}, "items": []})),
        Some(_) => Reply::status(410, "Expired", "too old"),
    });
    assert_says(&unreadable.await, "answered 410 Gone: too old", "");
}

#[tokio::test]
async fn a_page_that_follows_itself_ends_the_list() {
    let page = json!({"kind": "ServiceList", "metadata": {"continue": "x"}, "items": []});
    assert_says(&failure_of(move |_| Reply::Json(200, page.clone())).await, "never ends", "");
}

#[tokio::test]
async fn null_items_are_no_items() {
    let api = FakeApi::start(|_| Reply::Json(200, json!({"kind": "ServiceList", "items": null})));
    assert_eq!(observe(&api, &EVERYTHING).await, Observed::default());
}

// Refusals of what is needed less.

#[tokio::test]
async fn nodes_and_slices_that_may_not_be_read_leave_the_services() {
    let api = FakeApi::start(|request| match request.path() {
        "/api/v1/services" => Reply::page(request, "ServiceList", &[service("m", "a", Some(30901))]),
        "/api/v1/nodes" => {
            Reply::status(403, "Forbidden", "nodes is forbidden: User \"ci\" cannot list resource \"nodes\"")
        }
        _ => Reply::status(500, "InternalError", "etcdserver: request timed out"),
    });
    let observed = observe(&api, &EVERYTHING).await;
    assert_eq!(observed.services.len(), 1);
    let nodes = observed.nodes.items().unwrap_err();
    assert_says(nodes, "403 Forbidden: nodes is forbidden", "\nkubectl auth can-i list nodes --context c");
    assert_says(
        observed.endpoint_slices.items().unwrap_err(),
        "500 Internal Server Error: etcdserver",
        "try again later",
    );
}

// Many clusters.

#[tokio::test]
async fn clusters_come_in_the_order_they_were_asked_for_and_a_slow_one_delays_nobody() {
    let (release, held) = std::sync::mpsc::channel();
    let held = Mutex::new(held);
    // The first cluster answers when all others have been read.
    let slow = FakeApi::start(move |_| {
        held.lock().unwrap().recv().unwrap();
        Reply::Raw(vec![])
    });
    let quick: Vec<FakeApi> =
        (0..5).map(|n| FakeApi::with(vec![service("m", &format!("s{n}"), None)], vec![], vec![])).collect();
    let urls: Vec<String> = std::iter::once(&slow).chain(&quick).map(FakeApi::url).collect();
    let names_of: Vec<String> = (0..urls.len()).map(|n| format!("c{n}")).collect();
    let servers: Vec<(&str, &str)> = names_of.iter().map(String::as_str).zip(urls.iter().map(String::as_str)).collect();
    let config = kubeconfig(&servers, "{}");
    let ended = Mutex::new(Vec::new());
    let limits = Limits { timeout: AMPLE, concurrency: 2 };
    let clusters = gather((&config, &Plugins::default()), &targets(&config), &EVERYTHING, &limits, &|index, stage| {
        if matches!(stage, Stage::Done { .. } | Stage::Failed) {
            let mut ended = ended.lock().unwrap();
            ended.push(index);
            if ended.len() == 5 {
                release.send(()).unwrap();
            }
        }
    })
    .await;
    let order: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    assert_eq!(order, ["c0", "c1", "c2", "c3", "c4", "c5"]);
    assert_says(clusters[0].observed.as_ref().unwrap_err(), "closed the connection", "");
    assert_eq!(names(clusters[5].observed.as_ref().unwrap()), ["s4"]);
    assert_eq!(ended.into_inner().unwrap(), [1, 2, 3, 4, 5, 0]);
}

#[tokio::test]
async fn no_more_clusters_than_allowed_are_asked_at_once() {
    let (pair, inside) = (Barrier::new(2), Arc::new(Mutex::new((0, 0))));
    let peak = inside.clone();
    let api = FakeApi::start(move |_| {
        let enter = |by: i32| {
            let mut inside = inside.lock().unwrap();
            inside.0 += by;
            inside.1 = inside.1.max(inside.0);
        };
        enter(1);
        pair.wait(); // Goes on only when two are asked at once.
        enter(-1);
        Reply::Json(200, json!({"kind": "ServiceList", "items": []}))
    });
    let url = api.url();
    let servers: Vec<String> = (0..6).map(|n| format!("c{n}")).collect();
    let servers: Vec<(&str, &str)> = servers.iter().map(|name| (name.as_str(), url.as_str())).collect();
    let config = kubeconfig(&servers, "{}");
    let limits = Limits { timeout: AMPLE, concurrency: 2 };
    let clusters = gather((&config, &Plugins::default()), &targets(&config), &EVERYTHING, &limits, &|_, _| {}).await;
    assert!(clusters.iter().all(|cluster| cluster.observed.is_ok()), "{clusters:?}");
    assert_eq!(peak.lock().unwrap().1, 2);
}

#[tokio::test]
async fn progress_tells_the_stages_in_their_order() {
    let api = FakeApi::with(vec![service("m", "a", None)], vec![], vec![]);
    let config = kubeconfig(&[("c", &api.url())], "{}");
    let told = Mutex::new(Vec::new());
    let limits = Limits { timeout: AMPLE, concurrency: 1 };
    gather((&config, &Plugins::default()), &targets(&config), &EVERYTHING, &limits, &|_, stage| {
        told.lock().unwrap().push(stage);
    })
    .await;
    let expected =
        [Stage::Connecting, Stage::Services(0), Stage::Services(1), Stage::NodesAndSlices, Stage::Done { services: 1 }];
    assert_eq!(told.into_inner().unwrap(), expected);
}

// The fault matrix: the way there.

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let unreadable = failure(&format!("http://127.0.0.1:{port}"), AMPLE).await;
    assert_says(
        &unreadable,
        &format!("nothing listens at `127.0.0.1:{port}`"),
        "sudo k3s kubectl config view --raw > ~/.kube/k3s.yaml",
    );
}

#[tokio::test]
async fn the_host_is_unknown() {
    assert_says(&failure("http://a..b:6443", AMPLE).await, "the host of `a..b:6443` is unknown to DNS", "VPN");
}

#[tokio::test]
async fn the_server_accepts_and_never_answers() {
    let api = FakeApi::start(|_| Reply::Silence);
    let unreadable = failure(&api.url(), SHORT).await;
    assert_says(&unreadable, "but no answer within 2s to: list services", "--timeout 6s");
}

#[tokio::test]
async fn the_server_drips() {
    let api = FakeApi::start(|_| Reply::Drip);
    assert_says(
        &failure(&api.url(), SHORT).await,
        "the list of services was not complete within 2s (0 came)",
        "--timeout",
    );
}

/// A server of one NodePort Service and 700 nodes that answers no request for which `hangs`.
fn half_silent(hangs: fn(&Seen) -> bool) -> FakeApi {
    FakeApi::start(move |request| match request.path() {
        "/api/v1/services" => Reply::page(request, "ServiceList", &[service("m", "a", Some(30901))]),
        _ if hangs(request) => Reply::Silence,
        "/api/v1/nodes" => {
            Reply::page(request, "NodeList", &(0..700).map(|n| node(&format!("n{n:03}"))).collect::<Vec<_>>())
        }
        _ => Reply::page(request, "EndpointSliceList", &[slice("m", "a")]),
    })
}

#[tokio::test]
async fn a_list_that_never_comes_is_lost_alone_and_named() {
    let nodes = half_silent(|request| request.path() == "/api/v1/nodes");
    let more_nodes = half_silent(|request| request.query("continue").is_some());
    let slices = half_silent(|request| request.path().ends_with("/endpointslices"));
    let both = half_silent(|_| true);
    let urls = [nodes.url(), more_nodes.url(), slices.url(), both.url()];
    let config = kubeconfig(&[("a", &urls[0]), ("b", &urls[1]), ("c", &urls[2]), ("d", &urls[3])], "{}");
    let clusters = ask(&config, &EVERYTHING, SHORT).await;
    let observed: Vec<&Observed> = clusters.iter().map(|cluster| cluster.observed.as_ref().unwrap()).collect();
    assert!(observed.iter().all(|observed| names(observed) == ["a"]));
    for (at, cause) in [
        (0, "no answer within 2s to: list nodes"),
        (1, "the list of nodes was not complete within 2s (500 came)"),
        (3, "no answer within 2s to: list nodes"),
    ] {
        assert_says(observed[at].nodes.items().unwrap_err(), cause, "--timeout 6s");
    }
    assert!(!observed[2].nodes.items().unwrap().is_empty());
    for at in [2, 3] {
        let cause = "no answer within 2s to: list endpoint slices";
        assert_says(observed[at].endpoint_slices.items().unwrap_err(), cause, "--timeout 6s");
    }
    for at in [0, 1] {
        assert_eq!(observed[at].endpoint_slices.items().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn tls_is_met_with_silence() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    let unreadable = failure(&server, SHORT).await;
    assert_says(&unreadable, "but it did not answer as TLS within", "is this its port?");
}

#[tokio::test]
async fn tls_is_met_with_http() {
    let api = FakeApi::start(|_| Reply::Silence);
    let unreadable = failure(&format!("https://127.0.0.1:{}", api.port()), AMPLE).await;
    assert_says(&unreadable, "was asked by https and does not speak TLS", "http://");
}

#[tokio::test]
async fn http_is_met_with_tls() {
    let said = "Client sent an HTTP request to an HTTPS server.\n";
    let unreadable = failure_of(|_| Reply::Text(400, "text/plain", "", said.to_owned())).await;
    assert_says(&unreadable, "400 Bad Request: Client sent an HTTP request", "has to begin with https://");
}

/// The port of a server that does this with each connection, when something came on it.
fn serve_connections(serve: impl Fn(&mut TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(|mut stream| serve(&mut stream)));
    port
}

#[tokio::test]
async fn tls_is_closed_or_reset_while_it_is_set_up() {
    let closed = serve_connections(|stream| drop(stream.read(&mut [0; 16384])));
    // With something unread the system resets the connection.
    let reset = serve_connections(|stream| drop(stream.read(&mut [0; 1])));
    for port in [closed, reset] {
        let unreadable = failure(&format!("https://127.0.0.1:{port}"), AMPLE).await;
        let cause = format!("the connection to `127.0.0.1:{port}` was closed while TLS was being set up");
        assert_says(&unreadable, &cause, "does it speak TLS?");
    }
}

#[tokio::test]
async fn http_is_met_by_a_port_that_closes() {
    let port = serve_connections(|stream| drop(stream.read(&mut [0; 16384])));
    let unreadable = failure(&format!("http://127.0.0.1:{port}"), AMPLE).await;
    assert_says(&unreadable, "closed the connection without an answer", "have to begin with https://?");
}

#[tokio::test]
async fn the_server_is_no_http_server() {
    let unreadable = failure_of(|_| Reply::Raw(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec())).await;
    assert_says(&unreadable, "answered with something that is not HTTP", "have to begin with https://?");
}

#[tokio::test]
async fn the_connection_is_closed_before_an_answer() {
    assert_says(&failure_of(|_| Reply::Raw(vec![])).await, "closed the connection without an answer", "try again");
}

#[tokio::test]
async fn the_answer_is_cut_off() {
    for answer in [
        "Content-Length: 2000\r\n\r\n{\"kind\":",
        "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"ki\r\n",
        "Connection: close\r\n\r\n{\"kind\":\"ServiceList\",\"items\":[{\"meta",
    ] {
        let unreadable = failure_of(|_| Reply::Raw(chunk(answer))).await;
        assert_says(&unreadable, "was cut off before its end", "try again");
    }
}

/// An answer with this body, which is said to be packed by gzip.
fn packed(body: &[u8]) -> Vec<u8> {
    [chunk(&format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len())), body.to_vec()].concat()
}

#[tokio::test]
async fn a_packed_answer_is_cut_off_or_no_gzip() {
    // The beginning of what `gzip` makes of a list: its head, and no block that is whole.
    let begun = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\xca";
    let unreadable = failure_of(|_| Reply::Raw(packed(begun))).await;
    assert_says(&unreadable, "was cut off before its end", "try again");
    let unreadable = failure_of(|_| Reply::Raw(packed(b"{\"kind\":\"ServiceList\",\"items\":[]}"))).await;
    assert_says(
        &unreadable,
        "is not compressed as it says (gzip)",
        "kubectl config set clusters.c.disable-compression true",
    );
}

#[tokio::test]
async fn a_kept_connection_that_closes_when_it_is_used_again_is_replaced_once() {
    let services = vec![service("m", "a", Some(30901))];
    let paged: Vec<Value> = (0..700).map(|n| node(&format!("n{n:03}"))).collect();
    let api = FakeApi::start(move |request| match request.path() {
        _ if request.before > 0 => Reply::Raw(vec![]),
        "/api/v1/services" => Reply::page(request, "ServiceList", &services),
        "/api/v1/nodes" => Reply::page(request, "NodeList", &paged),
        _ => Reply::page(request, "EndpointSliceList", &[slice("m", "a")]),
    });
    let observed = observe(&api, &EVERYTHING).await;
    assert_eq!(observed.nodes.items().unwrap().len(), 700);
    assert_eq!(observed.endpoint_slices.items().unwrap().len(), 1);
    // One that closes without an answer again and again is told.
    let services = vec![service("m", "a", Some(30901))];
    let api = FakeApi::start(move |request| match request.path() {
        "/api/v1/services" => Reply::page(request, "ServiceList", &services),
        _ => Reply::Raw(vec![]),
    });
    let observed = observe(&api, &EVERYTHING).await;
    assert_says(observed.nodes.items().unwrap_err(), "closed the connection without an answer", "try again");
    assert_eq!(api.requests().iter().filter(|request| request.path() == "/api/v1/nodes").count(), 2);
}

#[tokio::test]
async fn a_refusal_whose_body_never_ends_is_the_refusal() {
    let said = r#"{"kind":"Status","message":"services is forbidden: User \"ci\" cannot list"}"#;
    for length in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
        let body = if length.starts_with('C') { said.to_owned() } else { format!("{:x}\r\n{said}\r\n", said.len()) };
        let head = format!("HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n{length}\r\n\r\n{body}");
        let unreadable = failure(&FakeApi::start(move |_| Reply::Unfinished(head.clone().into())).url(), SHORT).await;
        assert_says(&unreadable, "403 Forbidden: services is forbidden: User", "kubectl auth can-i list services");
    }
    let head = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\n";
    let unreadable = failure(&FakeApi::start(|_| Reply::Unfinished(head.to_vec())).url(), SHORT).await;
    assert_says(&unreadable, "401 Unauthorized: it does not accept the credentials", "log in again");
}

#[tokio::test]
async fn the_answer_has_no_end() {
    let unreadable = failure_of(|_| Reply::Flood(chunk("Connection: close\r\n\r\n"), &[b' '; 1 << 20])).await;
    assert_says(&unreadable, "more than 64 MiB", "name a namespace with -n, or Services by a label with -l");
}

#[tokio::test]
async fn the_proxy_is_asked_for_the_server_and_refuses() {
    let denied = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let proxy = FakeApi::start(|_| Reply::Raw(denied.to_vec()));
    let api = FakeApi::with(vec![], vec![], vec![]);
    let variables = ProxyVariables {
        http: Some(format!("http://u:hunter2@127.0.0.1:{}", proxy.port())),
        no_proxy: Some("a,".to_owned()),
        ..ProxyVariables::default()
    };
    let config = kubeconfig_behind(variables, &[("far", "http://192.0.2.1:8001"), ("near", &api.url())], "{}");
    let clusters = ask(&config, &EVERYTHING, AMPLE).await;
    let unreadable = clusters[0].observed.as_ref().unwrap_err();
    let cause = format!("the proxy `127.0.0.1:{}` did not connect us to `192.0.2.1:8001`", proxy.port());
    assert_says(unreadable, &cause, "it wants a login");
    assert_says(unreadable, "it answered 407 Proxy Authentication Required", "NO_PROXY");
    assert!(!format!("{unreadable:?}").contains("hunter2"), "{unreadable:?}");
    assert!(clusters[1].observed.is_ok(), "loopback is always asked directly");
    let requests = proxy.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method.as_str(), requests[0].target.as_str()), ("CONNECT", "192.0.2.1:8001"));
}

#[tokio::test]
async fn a_proxy_that_does_not_connect_us_is_told_by_its_status() {
    for (answer, cause, hint) in [
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "it answered 403 Forbidden", "NO_PROXY=192.0.2.1"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", "it answered 502 Bad Gateway", "cannot reach the API server"),
        ("HTTP/1.0 504 Gateway Timeout\r\n\r\n", "it answered 504 Gateway Timeout", "cannot reach the API server"),
        ("SSH-2.0-OpenSSH_9.2p1\r\n", "did not connect us to `192.0.2.1:8001`: it refused", "HTTPS_PROXY"),
        ("", "it closed the connection without an answer", "HTTPS_PROXY"),
    ] {
        let proxy = FakeApi::start(move |_| Reply::Raw(answer.as_bytes().to_vec()));
        let url = format!("http://u:hunter2@127.0.0.1:{}", proxy.port());
        let variables = ProxyVariables { http: Some(url), ..ProxyVariables::default() };
        let config = kubeconfig_behind(variables, &[("far", "http://192.0.2.1:8001")], "{}");
        let unreadable = ask(&config, &EVERYTHING, AMPLE).await.remove(0).observed.unwrap_err();
        assert_says(&unreadable, cause, hint);
        assert!(!format!("{unreadable:?}").contains("hunter2"), "{unreadable:?}");
        let logins = proxy.requests();
        assert!(logins.iter().all(|request| request.header("proxy-authorization") == Some("Basic dTpodW50ZXIy")));
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let variables = ProxyVariables { http: Some(format!("http://{nobody}")), ..ProxyVariables::default() };
    let config = kubeconfig_behind(variables, &[("far", "http://192.0.2.1:8001")], "{}");
    let unreadable = ask(&config, &EVERYTHING, AMPLE).await.remove(0).observed.unwrap_err();
    assert_says(&unreadable, &format!("nothing listens at the proxy `{nobody}`"), "HTTPS_PROXY");
}

// The fault matrix: the answer.

#[tokio::test]
async fn credentials_are_not_accepted() {
    let unreadable = failure_of(|_| Reply::status(401, "Unauthorized", "Unauthorized")).await;
    assert_says(
        &unreadable,
        "401 Unauthorized: it does not accept the credentials of the user `ci`",
        "kubectl auth whoami --context c",
    );
}

#[tokio::test]
async fn the_right_is_missing() {
    let said =
        "services is forbidden: User \"ci\" cannot list resource \"services\" in API group \"\" at the cluster scope";
    let unreadable = failure_of(|_| Reply::status(403, "Forbidden", said)).await;
    assert_says(&unreadable, &format!("403 Forbidden: {said}"), "kubectl auth can-i list services -A --context c");
}

#[tokio::test]
async fn an_anonymous_user_is_told_to_log_in() {
    let said = "services is forbidden: User \"system:anonymous\" cannot list resource \"services\"";
    let unreadable = failure_of(|_| Reply::status(403, "Forbidden", said)).await;
    assert_says(&unreadable, "took us for an anonymous user", "log in again");
}

#[tokio::test]
async fn a_proxy_answers_with_a_page() {
    let page = "<!DOCTYPE html><title>Blocked\nby policy</title>";
    let unreadable = failure_of(|_| Reply::Text(403, "text/html", "", page.to_owned())).await;
    assert_says(&unreadable, "instead of the API server: Blocked by policy", "login page");
    for (code, status) in [(502, "502 Bad Gateway"), (503, "503 Service Unavailable"), (504, "504 Gateway Timeout")] {
        let page = format!("<html><head><title>{status}</title></head><center>nginx</center></html>");
        let unreadable = failure_of(move |_| Reply::Text(code, "text/html", "", page.clone())).await;
        let cause =
            format!("a load balancer or proxy before the API server answered {status}, with a web page: {status}");
        assert_says(&unreadable, &cause, "the API servers behind it may be down or starting; try again later");
    }
    let page = "<html><title>Sign in</title>";
    let unreadable = failure_of(|_| Reply::Text(200, "text/html", "", page.to_owned())).await;
    assert_says(&unreadable, "a web page answered at", "login page");
}

#[tokio::test]
async fn a_redirection_is_told_and_not_followed() {
    let location = "Location: https://sso.example/login?token=hunter2\r\n";
    let unreadable = failure_of(|_| Reply::Text(302, "text/html", location, String::new())).await;
    assert_says(&unreadable, "302 Found and points to https://sso.example/login, which", "login page");
}

#[tokio::test]
async fn what_was_sent_is_struck_out_of_whatever_a_server_says() {
    let token = "hunter2-hunter2-hunter2";
    let encoded = base64::engine::general_purpose::STANDARD.encode(token);
    let says: [fn(&str) -> Reply; 5] = [
        |told| Reply::status(401, "Unauthorized", told),
        |told| Reply::status(403, "Forbidden", told),
        |told| Reply::Text(500, "text/plain", "", told.to_owned()),
        |told| Reply::Text(403, "text/html", "", format!("<title>{told}</title>")),
        |told| Reply::Json(200, json!({"kind": told, "items": []})),
    ];
    let ours = Identity::authority("ours", &[]);
    for told in [token, &encoded, "hunter2-hunter2-hun"] {
        for says in &says {
            let answer = says(&format!("bad token [{told}] of ci")).bytes();
            let port = fake_tls::serve(&TLS13, &ours.sign(&["127.0.0.1"], ALWAYS), answer);
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("config");
            let config = json!({
                "clusters": [{"name": "c", "cluster": {"server": format!("https://127.0.0.1:{port}"),
                    "certificate-authority-data": base64::engine::general_purpose::STANDARD.encode(ours.certificate_pem())}}],
                "users": [{"name": "ci", "user": {"token": token}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "ci"}}],
            });
            std::fs::write(&file, config.to_string()).unwrap();
            let config = Kubeconfig::load_in(Some(&file), Environment::default()).unwrap();
            let unreadable = ask(&config, &EVERYTHING, AMPLE).await.remove(0).observed.unwrap_err();
            let all = format!("{unreadable:?}");
            assert!(!all.contains("hunter2") && !all.contains(&encoded), "{all}");
        }
    }
}

#[tokio::test]
async fn the_path_is_not_that_of_an_api_server() {
    let unreadable = failure_of(|_| Reply::Text(404, "text/plain", "", "404 page not found\n".to_owned())).await;
    assert_says(&unreadable, "404 Not Found: 404 page not found", "with its path");
}

#[tokio::test]
async fn a_busy_or_broken_server_is_asked_once() {
    for (code, cause) in [
        (429, "429 Too Many Requests: no"),
        (500, "500 Internal Server Error: no"),
        (503, "503 Service Unavailable: no"),
        (504, "504 Gateway Timeout: no"),
    ] {
        let api = FakeApi::start(move |_| Reply::Text(code, "text/plain", "Retry-After: 3600\r\n", "no".to_owned()));
        assert_says(&failure(&api.url(), AMPLE).await, cause, "try again");
        assert_eq!(api.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_error_in_other_json_keeps_its_status() {
    let unreadable = failure_of(|_| Reply::Json(500, json!({"error": "upstream"}))).await;
    assert_says(&unreadable, "500 Internal Server Error: {\"error\":\"upstream\"}", "");
}

#[tokio::test]
async fn success_without_a_list_is_no_success() {
    assert_says(
        &failure_of(|_| Reply::Text(200, "text/plain", "", "ok".to_owned())).await,
        "answered with text/plain",
        "",
    );
    assert_says(&failure_of(|_| Reply::Text(200, "application/json", "", String::new())).await, "was cut off", "");
    assert_says(
        &failure_of(|_| Reply::Text(200, "application/json", "", "{]".to_owned())).await,
        "no JSON at line 1",
        "",
    );
    let pods = json!({"kind": "PodList", "items": [{"metadata": {}}]});
    assert_says(&failure_of(move |_| Reply::Json(200, pods.clone())).await, "a PodList instead of a ServiceList", "");
}

// Objects that hold something unexpected.

/// What is observed in a cluster of these Services, nodes and slices.
async fn observed(services: Vec<Value>, slices: Vec<Value>, nodes: Vec<Value>) -> Observed {
    observe(&FakeApi::with(services, slices, nodes), &EVERYTHING).await
}

#[tokio::test]
async fn a_value_that_nobody_knows_concerns_its_service_alone() {
    let fields =
        [("type", json!("Fancy")), ("ipFamilies", json!(["IPv7"])), ("externalTrafficPolicy", json!("Nearest"))];
    for (field, value) in fields {
        let mut odd = service("m", "odd", None);
        odd["spec"][field] = value;
        let observed = observed(vec![service("m", "fine", None), odd], vec![], vec![]).await;
        assert_eq!(names(&observed), ["fine", "odd"]);
        assert!(observed.services[0].unknown.is_empty());
        assert!(observed.services[1].unknown.keys().any(|path| path.contains(field)), "{observed:?}");
    }
}

#[tokio::test]
async fn an_object_that_cannot_be_read_concerns_itself_alone_unless_it_may_be_a_sidecar() {
    let odd = |name: &str| json!({"metadata": {"namespace": "m", "name": name}, "spec": {"ports": [{"port": [80]}]}});
    let seen = observed(vec![odd("shop"), service("m", "fine", Some(30901))], vec![], vec![node("n")]).await;
    assert_eq!(names(&seen), ["fine"]);
    let api = FakeApi::with(vec![odd("thanos-x"), service("m", "fine", None)], vec![], vec![]);
    assert_says(&failure(&api.url(), AMPLE).await, "the Service m/thanos-x cannot be read: its `spec.ports[0]` is", "");

    let mut odd_slice = slice("m", "a");
    odd_slice["endpoints"][0]["conditions"]["ready"] = json!("perhaps");
    let mut odd_node = node("odd");
    odd_node["spec"]["taints"] = json!([{"key": {}}]);
    let services = vec![service("m", "a", Some(30901)), service("m", "b", Some(30902))];
    let seen = observed(services, vec![odd_slice, slice("m", "b")], vec![node("fine"), odd_node]).await;
    let slices = seen.endpoint_slices.items().unwrap();
    assert!(slices[0].unreadable.is_some() && slices[1].unreadable.is_none(), "{slices:?}");
    let ready: Vec<bool> = seen.nodes.items().unwrap().iter().map(|node| node.ready).collect();
    assert_eq!(ready, [true, false], "what an odd node is good for is not known");
}

// Kubeconfig entries and credential plugins.

#[tokio::test]
async fn entries_that_lead_nowhere_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let text = "contexts:\n- {name: a, context: {cluster: gone, user: u}}\n- {name: b, context: {cluster: c, user: gone}}\n\
                - {name: d, context: {cluster: e}}\n- {name: f, context: {cluster: g}}\n- {name: h, context: {cluster: i}}\n\
                clusters:\n- {name: c, cluster: {server: 'https://127.0.0.1:1'}}\n- {name: e, cluster: {}}\n\
                - {name: g, cluster: {server: 'https://h', certificate-authority-data: bm8gcGVt}}\n\
                - {name: i, cluster: {server: 'https://h', proxy-url: 'ftp://u:hunter2@p'}}\n";
    std::fs::write(&file, text).unwrap();
    let config = Kubeconfig::load_in(Some(&file), Environment::default()).unwrap();
    let clusters = ask(&config, &EVERYTHING, AMPLE).await;
    let causes = [
        "cluster `gone`, which is not",
        "user `gone`, which is not",
        "no `server`",
        "holds no certificate",
        "`proxy-url` has a scheme",
    ];
    for (cluster, cause) in clusters.iter().zip(causes) {
        let unreadable = cluster.observed.as_ref().unwrap_err();
        assert_says(unreadable, cause, "kubectl config view");
        assert!(!format!("{unreadable:?}").contains("hunter2"));
    }
}

#[cfg(unix)]
fn plugin(folder: &Path, script: &str) -> String {
    let file = folder.join("plugin.sh");
    std::fs::write(&file, script).unwrap();
    let version = "client.authentication.k8s.io/v1";
    format!("{{exec: {{apiVersion: {version}, command: sh, args: ['{}'], interactiveMode: Never}}}}", file.display())
}

#[cfg(unix)]
#[tokio::test]
async fn a_plugin_that_hangs_costs_its_own_cluster_alone() {
    let folder = tempfile::tempdir().unwrap();
    let api = FakeApi::with(vec![], vec![], vec![]);
    let user = plugin(folder.path(), "exec sleep 600");
    let config = kubeconfig(&[("hangs", "https://127.0.0.1:1"), ("fine", &api.url())], &user);
    let clusters = ask(&config, &EVERYTHING, SHORT).await;
    let unreadable = clusters[0].observed.as_ref().unwrap_err();
    assert_says(unreadable, "the credential plugin `sh` gave nothing within 2s", "kubectl auth whoami --context hangs");
    assert!(clusters[1].observed.is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn clusters_of_one_plugin_run_it_once_and_its_failure_is_told_without_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let script = format!("echo run >> '{}'; echo hunter2; echo 'session expired' >&2; exit 4", log.display());
    let user = plugin(folder.path(), &script);
    let config = kubeconfig(&[("a", "https://127.0.0.1:1"), ("b", "https://127.0.0.1:1")], &user);
    for cluster in ask(&config, &EVERYTHING, AMPLE).await {
        let unreadable = cluster.observed.unwrap_err();
        assert_says(&unreadable, "the credential plugin `sh` failed (exit status: 4): session expired", "log in");
        assert!(!format!("{unreadable:?}").contains("hunter2"));
    }
    assert_eq!(std::fs::read_to_string(log).unwrap(), "run\n");
}
