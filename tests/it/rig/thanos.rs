//! A real `thanos query`, started with the endpoints that thanosctl found, finds the stores behind them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::clusters::shared;
use super::objects::{balanced, sidecar, slice};
use super::process::{Server, free_port, run_folder, wait_for};
use super::tool;
use crate::program::Room;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_querier_with_the_generated_stores_sees_the_producers_of_both_clusters() {
    let clusters = shared();
    clusters.namespace("query");
    let folder = run_folder();
    // What a load balancer would lead to: a StoreAPI on loopback for each cluster.
    let mut producers = Vec::new();
    for (name, node, pod) in [("eu", "eu-a", "10.244.1.30"), ("us", "us-a", "10.244.2.30")] {
        let port = free_port();
        producers.push(producer(&folder, name, port));
        let cluster = clusters.cluster(name);
        cluster.create(sidecar("query", "prometheus-thanos", "LoadBalancer", port));
        cluster.create(slice("query", "prometheus-thanos", node, pod));
        cluster.service_status("query", "prometheus-thanos", &balanced("127.0.0.1"));
    }

    let room = Room::new();
    clusters.kubeconfig(&room, &["eu", "us"]);
    let values = room.run(&["gen-values", "--all-contexts", "-n", "query", "--kubeconfig", "kubeconfig"]);
    let values = values.exits(0).yaml();

    // The flags that bitnami/thanos makes of these values.
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let stores = texts(&values["query"]["stores"]);
    let mut flags = vec!["query".to_owned()];
    flags.extend(stores.iter().map(|store| format!("--endpoint={store}")));
    flags.extend(texts(&values["query"]["replicaLabel"]).iter().map(|label| format!("--query.replica-label={label}")));
    assert_eq!(stores.len(), 2, "{values:#}");

    let http = format!("127.0.0.1:{}", free_port());
    flags.extend([format!("--http-address={http}"), format!("--grpc-address=127.0.0.1:{}", free_port())]);
    // How often it asks its endpoints who they are; five seconds unless told otherwise.
    flags.push("--endpoint.info-timeout=1s".into());
    let mut querier = Server::start("query", &folder, &tool("thanos"), &flags);

    let seen = wait_for("the querier sees both producers", Duration::from_secs(60), || {
        querier.assert_alive();
        producers.iter_mut().for_each(Server::assert_alive);
        let answer = get(&http, "/api/v1/stores")?;
        let rulers = answer["data"]["rule"].as_array().cloned().unwrap_or_default();
        if rulers.len() == 2 { Ok(rulers) } else { Err(format!("it answers {answer}\n{}", querier.last_words())) }
    });

    for (store, cluster) in stores.iter().zip(["eu", "us"]) {
        let ruler = seen.iter().find(|ruler| ruler["name"] == store.as_str()).expect("it is known by its address");
        assert_eq!(ruler["labelSets"][0]["cluster"], cluster);
        assert_eq!(ruler["lastError"], Value::Null);
    }
}

/// The cheapest real StoreAPI with external labels: a ruler without rules.
fn producer(folder: &Path, cluster: &str, port: u16) -> Server {
    let arguments = [
        "rule".to_owned(),
        format!("--data-dir={}", folder.join(format!("rule-{cluster}")).display()),
        format!("--grpc-address=127.0.0.1:{port}"),
        format!("--http-address=127.0.0.1:{}", free_port()),
        // A ruler wants to know a querier; without rules it never asks.
        "--query=http://127.0.0.1:1".into(),
        format!("--label=cluster=\"{cluster}\""),
        "--label=prometheus_replica=\"0\"".into(),
    ];
    Server::start(&format!("rule-{cluster}"), folder, &tool("thanos"), arguments)
}

fn get(server: &str, path: &str) -> Result<Value, String> {
    let mut stream = TcpStream::connect(server).map_err(|error| error.to_string())?;
    // HTTP/1.0, so that the answer comes in one piece and ends with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {server}\r\n\r\n").map_err(|error| error.to_string())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|error| error.to_string())?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a body")?;
    serde_json::from_str(body).map_err(|error| format!("{error}: {answer}"))
}
