//! Servers that mean harm: answers that unpack to gigabytes, lists without an end, secrets that come back, and names that a
//! CI system would obey.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::version::TLS13;
use serde_json::{Value, json};

use crate::fake_api::{FakeApi, Reply, Seen, service};
use crate::fake_tls::{self, ALWAYS, Identity};
use crate::live::room;
use crate::program::{Room, Run};

/// The memory that a run may take, in KiB.
const MEMORY: u32 = 1 << 20;

/// Runs `discover` in little memory against a server that answers so.
fn discover(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Run {
    let api = FakeApi::start(answer);
    let started = Instant::now();
    let run = room(&[("eu", &api.url())]).run_within(MEMORY, &["discover", "--timeout", "20s"]);
    assert!(started.elapsed() < Duration::from_secs(18), "it ends before its deadline: {}", run.stderr);
    run
}

#[track_caller]
fn assert_refused(run: &Run, cause: &str, hint: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(cause) && run.stderr.contains(hint), "{}", run.stderr);
}

/// A list of Services with these items, packed by gzip.
fn packed(head: &str, item: &str, count: usize, tail: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(head.as_bytes()).unwrap();
    let block = item.repeat(1000);
    (0..count / 1000).for_each(|_| gzip.write_all(block.as_bytes()).unwrap());
    gzip.write_all(tail.as_bytes()).unwrap();
    let body = gzip.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

#[test]
fn a_small_answer_that_unpacks_to_gigabytes_is_refused_in_little_memory() {
    let list = "{\"kind\":\"ServiceList\",\"items\":[";
    let answer = packed(list, "{},", 21_000_000, "{}]}");
    assert!(answer.len() < 500_000);
    let run = discover(move |_| Reply::Raw(answer.clone()));
    assert_refused(&run, "more than 5000 items on one page, where 500 were asked for", "kubectl get --raw");
    let answer = packed(list, "          ", 7_000_000, "]}");
    let run = discover(move |_| Reply::Raw(answer.clone()));
    assert_refused(&run, "more than 64 MiB in one answer", "name a namespace with -n");
    // Few items that hold much.
    let inside = "{\"kind\":\"ServiceList\",\"items\":[{\"spec\":{\"ports\":[";
    let answer = packed(inside, "{\"port\":1},", 1_100_000, "{\"port\":1}]}}]}");
    let run = discover(move |_| Reply::Raw(answer.clone()));
    assert_refused(&run, "more than 1000000 JSON values in one answer", "kubectl get --raw");
}

#[test]
fn a_list_without_an_end_is_refused() {
    let page = |items: usize, token: &str| {
        let items = vec![service("m", "a", None); items];
        Reply::Json(200, json!({"kind": "ServiceList", "metadata": {"continue": token}, "items": items}))
    };
    let count = Arc::new(AtomicUsize::new(0));
    let next = move || count.fetch_add(1, Ordering::Relaxed);
    let run = discover(move |_| page(0, &format!("t{}", next())));
    assert_refused(&run, "more than 1000 pages of one list", "kubectl get --raw");
    let run = discover(move |request| match request.query("continue").as_deref() {
        Some("a") => page(1, "b"),
        _ => page(1, "a"),
    });
    assert_refused(&run, "the list of services never ends", "");
    let run = discover(move |_| page(1, &"x".repeat(1 << 20)));
    assert_refused(&run, "a `continue` token of more than 16 KiB", "");
}

#[test]
fn what_is_kept_of_a_cluster_is_bounded() {
    let sidecar = json!({
        "metadata": {"namespace": "m", "name": "thanos",
            "labels": {"app.kubernetes.io/component": "thanos-sidecar", "x": "x".repeat(130_000)}},
        "spec": {"ports": [{"name": "grpc", "port": 10901}]}});
    let list = |token: &str| {
        let items: Vec<&Value> = vec![&sidecar; 400];
        let body = json!({"kind": "ServiceList", "metadata": {"continue": token}, "items": items}).to_string();
        Reply::Text(200, "application/json", "", body).bytes()
    };
    let (first, second) = (list("next"), list(""));
    let run =
        discover(move |request| Reply::Raw(if request.query("continue").is_none() { &first } else { &second }.clone()));
    assert_refused(&run, "more than 64 MiB of what matters here in all", "name a namespace with -n");
}

#[test]
fn an_odd_object_of_any_size_is_told_in_time() {
    let labels: serde_json::Map<String, Value> =
        (0..4_000).map(|n| (format!("k{n}"), json!("v"))).chain([("odd".to_owned(), json!({}))]).collect();
    let mut odd = service("m", "shop", None);
    odd["metadata"]["labels"] = labels.into();
    let run = discover(move |request| Reply::page(request, "ServiceList", &[odd.clone(), service("m", "b", None)]));
    assert_refused(&run, "its `metadata.labels.odd` is `{}`", "");
}

/// A token as a ServiceAccount has it.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrOHMiLCJzdWIiOiJjaSJ9.c2lnbmF0dXJl-_c2lnbmF0dXJl";

/// Every way in which a server repeats the token.
fn echoes() -> Vec<String> {
    let header = format!("Authorization: Bearer {TOKEN}");
    vec![
        TOKEN.to_owned(),
        TOKEN.replace('.', "%2E").replace('_', "%5f"),
        STANDARD.encode(TOKEN),
        STANDARD.encode(&header),
        URL_SAFE_NO_PAD.encode(&header[1..]),
        URL_SAFE_NO_PAD.encode(&header[2..]),
        TOKEN.chars().map(|c| format!("\\u{:04x}", c as u32)).collect(),
        format!("{}\n{}", &TOKEN[..30], &TOKEN[30..]),
    ]
}

/// A room whose one cluster answers everything so, and is asked with the token.
fn room_of(answer: &Reply) -> Room {
    let ours = Identity::authority("ours", &[]);
    let port = fake_tls::serve(&TLS13, &ours.sign(&["127.0.0.1"], ALWAYS), answer.bytes());
    let room = Room::new();
    let config = json!({
        "current-context": "eu",
        "clusters": [{"name": "c", "cluster": {"server": format!("https://127.0.0.1:{port}"),
            "certificate-authority-data": STANDARD.encode(ours.certificate_pem())}}],
        "users": [{"name": "ci", "user": {"token": TOKEN}}],
        "contexts": [{"name": "eu", "context": {"cluster": "c", "user": "ci"}}],
    });
    room.file(".kube/config", &config.to_string());
    room
}

#[test]
fn a_server_that_repeats_our_token_puts_it_nowhere() {
    for echo in echoes() {
        let list = json!({"kind": "ServiceList", "items": [{
            "metadata": {"namespace": "monitoring", "name": format!("thanos-{echo}"), "uid": echo,
                "labels": {"app.kubernetes.io/component": "thanos-sidecar", "echo": echo},
                "annotations": {"service.cilium.io/global": echo, "external-dns.alpha.kubernetes.io/hostname": echo}},
            "spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.9", "ports": [{"name": "grpc", "port": 10901}]},
            "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}}]});
        for answer in [
            Reply::Json(200, list),
            Reply::status(403, "Forbidden", &format!("no: {echo}")),
            Reply::Text(200, "application/json", "", format!("{{\"kind\":\"{}\"}}", echo.replace('\n', "\\n"))),
            Reply::Text(502, "text/html", "", format!("<title>{echo}</title>")),
        ] {
            let room = room_of(&answer);
            for arguments in [
                &["discover", "-o", "yaml"][..],
                &["discover", "-o", "json"],
                &["discover", "-o", "wide"],
                &["gen-values", "-v"],
                &["expose", "--dry-run", "client"],
            ] {
                let run = room.run(arguments);
                let shown: String = format!("{}{}", run.stdout, run.stderr);
                let middle = echo.len() / 2;
                for part in [&echo[middle..middle + 24], &echo[echo.len() - 24..], &TOKEN[..20]] {
                    assert!(!shown.contains(part), "{arguments:?} {part}: {shown}");
                }
            }
        }
        if echo == TOKEN {
            let list = json!({"kind": "ServiceList", "items": [{
                "metadata": {"namespace": "monitoring", "name": format!("thanos-{echo}"),
                    "labels": {"app.kubernetes.io/component": "thanos-sidecar"}},
                "spec": {"type": "LoadBalancer", "ports": [{"name": "grpc", "port": 10901}]},
                "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}}]});
            let run = room_of(&Reply::Json(200, list)).run(&["gen-values"]);
            assert!(
                run.stdout.contains("\"203.0.113.7:10901\" # eu monitoring/thanos-\\u{2026}\n"),
                "{}{}",
                run.stdout,
                run.stderr
            );
        }
    }
}

/// What some CI system takes for a command, or for the frame of a log.
const COMMANDS: [&str; 10] = [
    "::error::x",
    "  ::error::x",
    "x ::set-output name=a::b",
    "##[error]x",
    "##vso[task.complete]x",
    "##teamcity[buildStop]",
    "\r\u{1b}[0Ksection_start:1:x\r\u{1b}[0K",
    "section_end:1:x",
    "travis_fold:start:x",
    "--- x",
];

fn is_obeyed(line: &str) -> bool {
    let line = line.trim_end();
    line.trim_start().starts_with("::")
        || ["::set-output name=", "##[", "##vso[", "##teamcity[", "section_start:", "section_end:", "travis_fold:"]
            .iter()
            .any(|command| line.contains(command))
        || line.starts_with("--- x")
        || line.contains(['\r', '\u{1b}', '\u{3164}'])
}

#[test]
fn no_output_holds_what_a_ci_system_obeys() {
    for text in COMMANDS {
        let hostile = format!("{text}\u{3164}");
        let list = json!([{
            "kind": "Service", "apiVersion": "v1",
            "metadata": {"namespace": hostile, "name": hostile, "labels": {"app.kubernetes.io/component": "thanos-sidecar"},
                "annotations": {"service.cilium.io/global": hostile, "external-dns.alpha.kubernetes.io/hostname": hostile}},
            "spec": {"type": "LoadBalancer", "ports": [{"name": "grpc", "port": 10901}]},
            "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}}]);
        let room = Room::new();
        room.file("eu.json", &json!({"kind": "List", "apiVersion": "v1", "items": list}).to_string());
        // What people wrote is theirs; a patch shows it.
        let block = format!("# a {text}\nextra: |\n  {text}\nquery:\n  stores: [\"192.0.2.1:1\"]\n");
        room.file("values.yaml", &block.replace(['\r', '\u{1b}'], ""));
        for arguments in [
            &["discover"][..],
            &["discover", "-o", "wide"],
            &["discover", "-o", "name"],
            &["discover", "-o", "yaml"],
            &["discover", "-o", "json"],
            &["gen-values"],
            &["diff", "values.yaml"],
            &["diff", "values.yaml", "--format", "github"],
            &["diff", "values.yaml", "--format", "json"],
            &["diff", "values.yaml", "--format", "junit"],
            &["diff", "values.yaml", "--diff-style", "unified"],
            &["gen-values", "--update", "values.yaml", "--check"],
            &["patch-nodeport", "a/b", "--dry-run", "client"],
            &["expose", "a/b", "--dry-run", "client"],
        ] {
            let run = room.run(&[arguments, &["--inventory", "eu.json"]].concat());
            let is_ours = |line: &str| arguments.contains(&"github") && line.starts_with("::");
            for line in run.stdout.lines().chain(run.stderr.lines()).filter(|line| !is_ours(line)) {
                assert!(!is_obeyed(line), "{arguments:?}: {line:?}");
            }
        }
        // The value is the same for programs.
        let run = room.run(&["discover", "-o", "json", "--inventory", "eu.json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let read: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(read["clusters"][0]["services"][0]["name"], json!(hostile));
        room.file("again.yaml", &room.run(&["discover", "-o", "yaml", "--inventory", "eu.json"]).stdout);
        let again = room.run(&["discover", "-o", "json", "--inventory", "again.yaml"]);
        assert_eq!(again.stdout, run.stdout, "{}", again.stderr);
    }
}
