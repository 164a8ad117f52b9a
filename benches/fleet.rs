//! How long a look at a large fleet takes, beside the least that it could take.
//!
//! ```console
//! $ cargo bench
//! ```
//!
//! 50 pretend clusters of 200 Services, each request answered after 50 ms, as over a distance. The real program, in its
//! release build, asks them all; so does the leanest client that could: bare sockets, the same requests in the same
//! order, as many clusters at once, and nothing is decoded. What the program takes longer is what it can be blamed for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const CLUSTERS: usize = 50;
const SERVICES: usize = 200;
const NODES: usize = 10;
const DELAY: Duration = Duration::from_millis(50);
const RUNS: usize = 7;
/// The default of the program, and enough for all clusters at once.
const CONCURRENCY: [usize; 2] = [16, 64];

fn main() {
    let fleet = Fleet::start();
    let home = tempfile::tempdir().expect("a temporary folder");
    let kubeconfig = home.path().join("kubeconfig");
    std::fs::write(&kubeconfig, fleet.kubeconfig()).expect("a temporary file");

    println!(
        "{CLUSTERS} clusters of {SERVICES} Services, each request answered after {DELAY:?}; median of {RUNS} runs"
    );
    println!();
    println!("| at once | requests | data | thanosctl | leanest client | ratio | waiting alone | peak memory |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for concurrency in CONCURRENCY {
        fleet.take_requests(); // Those of the runs before.
        // Apart from the timed runs, since it looks at the process all the time.
        let memory = peak_memory(discover(home.path(), &kubeconfig, concurrency));
        let asked = fleet.take_requests();
        let requests: usize = asked.iter().map(Vec::len).sum();

        let ours = median(|| {
            let output = discover(home.path(), &kubeconfig, concurrency).wait_with_output().expect("it ends");
            assert_found(&output.stdout);
        });
        let bytes = AtomicUsize::new(0);
        let floor = median(|| bytes.store(lean_client(&fleet.addresses, &asked, concurrency), Ordering::Relaxed));
        // Services first, then what they made necessary; so each cluster waits twice.
        let waiting = DELAY * 2 * u32::try_from(CLUSTERS.div_ceil(concurrency)).expect("a small number");

        println!(
            "| {concurrency} | {requests} | {:.1} MB | {:.0} ms | {:.0} ms | {:.2} | {} ms | {:.1} MB |",
            megabytes(bytes.into_inner()),
            milliseconds(ours),
            milliseconds(floor),
            ours.as_secs_f64() / floor.as_secs_f64(),
            waiting.as_millis(),
            megabytes(memory),
        );
    }
}

#[allow(clippy::cast_precision_loss)] // For people to read.
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The median wall time of `run`.
fn median(run: impl Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

// ---------------------------------------------------------------------------------------------- the program

fn discover(home: &Path, kubeconfig: &Path, concurrency: usize) -> Child {
    Command::new(env!("CARGO_BIN_EXE_thanosctl"))
        .args(["discover", "--all-contexts", "-o", "json", "--concurrency", &concurrency.to_string(), "--kubeconfig"])
        .arg(kubeconfig)
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("thanosctl starts")
}

/// A run that is fast because it found nothing is no achievement.
fn assert_found(stdout: &[u8]) {
    let inventory: Value = serde_json::from_slice(stdout).expect("an inventory");
    let services = inventory["clusters"].as_array().into_iter().flatten().filter_map(|c| c["services"].as_array());
    let reachable = services.flatten().filter(|s| s["endpoints"].as_array().is_some_and(|list| !list.is_empty()));
    assert_eq!(reachable.count(), 2 * CLUSTERS, "two sidecars a cluster");
}

/// The most memory that the process had, in bytes: its high-water mark, looked up until it is gone.
fn peak_memory(mut child: Child) -> usize {
    let mut stdout = child.stdout.take().expect("a pipe");
    let reader = thread::spawn(move || {
        let mut output = Vec::new();
        stdout.read_to_end(&mut output).map(|_| output)
    });
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a child can be asked").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(mark.unwrap_or(0) * 1024);
        thread::sleep(Duration::from_millis(1));
    }
    assert_found(&reader.join().expect("the reader ends").expect("the pipe can be read"));
    peak
}

// ---------------------------------------------------------------------------------------------- the leanest client

/// Sends each cluster the requests that it was `asked`, to `concurrency` clusters at once: first the Services, page by
/// page, then all else side by side. Returns how many bytes of bodies came back.
fn lean_client(addresses: &[SocketAddr], asked: &[Vec<String>], concurrency: usize) -> usize {
    let next = AtomicUsize::new(0);
    let bytes = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..concurrency.min(addresses.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(address) = addresses.get(index) else { break };
                    let (services, rest): (Vec<_>, Vec<_>) =
                        asked[index].iter().partition(|target| target.contains("/services"));
                    let mut first = Connection::open(*address);
                    for target in services {
                        first.send(target);
                        bytes.fetch_add(first.receive(), Ordering::Relaxed);
                    }
                    // The first connection is used again, as the program's client does.
                    let others = rest.iter().skip(1).map(|_| Connection::open(*address));
                    let mut connections: Vec<Connection> = std::iter::once(first).chain(others).collect();
                    for (connection, target) in connections.iter_mut().zip(&rest) {
                        connection.send(target);
                    }
                    for (connection, _) in connections.iter_mut().zip(&rest) {
                        bytes.fetch_add(connection.receive(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    bytes.into_inner()
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the pretend cluster listens");
        stream.set_nodelay(true).expect("a connected socket");
        Self(BufReader::with_capacity(64 * 1024, stream))
    }

    fn send(&mut self, target: &str) {
        write!(self.0.get_mut(), "GET {target} HTTP/1.1\r\nHost: fleet\r\n\r\n").expect("the pretend cluster reads");
    }

    /// Reads an answer to its end; returns the size of its body.
    fn receive(&mut self) -> usize {
        let head = read_head(&mut self.0).expect("an answer");
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
        let length: usize = length.expect("our own server says how long its answers are");
        let read = std::io::copy(&mut (&mut self.0).take(length as u64), &mut std::io::sink()).expect("a body");
        assert_eq!(read, length as u64);
        length
    }
}

/// The lines of a request or an answer up to the empty one; `None` at the end of the connection.
fn read_head(stream: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    while stream.read_line(&mut head).ok()? > 2 {}
    (!head.is_empty()).then_some(head)
}

// ---------------------------------------------------------------------------------------------- the pretend fleet

struct Fleet {
    addresses: Vec<SocketAddr>,
    /// By cluster, what it was asked.
    requests: Arc<Vec<Mutex<Vec<String>>>>,
}

/// What every cluster answers.
struct Answers {
    services: String,
    slices: String,
    nodes: String,
}

impl Fleet {
    fn start() -> Self {
        let requests: Arc<Vec<Mutex<Vec<String>>>> = Arc::new((0..CLUSTERS).map(|_| Mutex::default()).collect());
        let addresses = (0..CLUSTERS)
            .map(|cluster| {
                let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
                let address = listener.local_addr().expect("a bound socket");
                let answers = Arc::new(Answers::of(cluster));
                let requests = Arc::clone(&requests);
                thread::spawn(move || {
                    for stream in listener.incoming().flatten() {
                        let (answers, requests) = (Arc::clone(&answers), Arc::clone(&requests));
                        thread::spawn(move || serve(stream, &answers, &requests[cluster]));
                    }
                });
                address
            })
            .collect();
        Self { addresses, requests }
    }

    /// What was asked since the last time, by cluster.
    fn take_requests(&self) -> Vec<Vec<String>> {
        self.requests.iter().map(|list| std::mem::take(&mut *list.lock().expect("nobody panicked"))).collect()
    }

    fn kubeconfig(&self) -> String {
        let names: Vec<String> = (0..CLUSTERS).map(|index| format!("cluster-{index:02}")).collect();
        let clusters: Vec<Value> = names
            .iter()
            .zip(&self.addresses)
            .map(|(name, address)| json!({"name": name, "cluster": {"server": format!("http://{address}")}}))
            .collect();
        let contexts: Vec<Value> =
            names.iter().map(|name| json!({"name": name, "context": {"cluster": name, "user": "admin"}})).collect();
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": names[0],
            "clusters": clusters,
            "users": [{"name": "admin", "user": {"token": "admin"}}],
            "contexts": contexts,
        })
        .to_string()
    }
}

/// Answers the requests of one connection, each after the delay.
fn serve(stream: TcpStream, answers: &Answers, requests: &Mutex<Vec<String>>) {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    while let Some(head) = read_head(&mut stream) {
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let path = target.split('?').next().unwrap_or_default();
        let (status, body) = match path.rsplit('/').next() {
            Some("services") => ("200 OK", answers.services.as_str()),
            Some("endpointslices") => ("200 OK", answers.slices.as_str()),
            Some("nodes") => ("200 OK", answers.nodes.as_str()),
            _ => ("404 Not Found", "{}"),
        };
        requests.lock().expect("nobody panicked").push(target);
        thread::sleep(DELAY);
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        // In one piece, as a server does whose answer is ready.
        if stream.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat()).is_err() {
            return;
        }
    }
}

impl Answers {
    /// One sidecar behind a load balancer, one on a node port, and what else runs in a cluster.
    fn of(cluster: usize) -> Self {
        let mut services: Vec<Value> = (2..SERVICES).map(|index| service(&format!("shop-{index:03}"), index)).collect();
        for (index, kind) in ["LoadBalancer", "NodePort"].into_iter().enumerate() {
            let mut sidecar = service(&format!("prometheus-{index}-thanos"), index);
            sidecar["metadata"]["labels"]["app.kubernetes.io/component"] = json!("prometheus");
            sidecar["metadata"]["labels"]["app.kubernetes.io/subcomponent"] = json!("thanos");
            sidecar["spec"]["type"] = json!(kind);
            sidecar["spec"]["externalTrafficPolicy"] = json!("Cluster");
            sidecar["spec"]["ports"] = json!([
                {"name": "grpc", "protocol": "TCP", "port": 10901, "targetPort": "grpc", "nodePort": 30900 + index},
            ]);
            if kind == "LoadBalancer" {
                sidecar["status"] =
                    json!({"loadBalancer": {"ingress": [{"ip": format!("203.0.113.{cluster}"), "ipMode": "VIP"}]}});
            }
            services.push(sidecar);
        }
        let slices = (0..2).map(slice).collect();
        let nodes = (0..NODES).map(|index| node(cluster, index)).collect();
        let list = |kind: &str, version: &str, items: Vec<Value>| {
            json!({"kind": kind, "apiVersion": version, "metadata": {"resourceVersion": "123456"}, "items": items})
                .to_string()
        };
        Self {
            services: list("ServiceList", "v1", services),
            slices: list("EndpointSliceList", "discovery.k8s.io/v1", slices),
            nodes: list("NodeList", "v1", nodes),
        }
    }
}

/// A Service of about 1.6 kB, nearly half of it the book-keeping that Helm and the server leave behind.
fn service(name: &str, index: usize) -> Value {
    json!({
        "metadata": {
            "name": name,
            "namespace": format!("team-{:02}", index % 20),
            "uid": format!("5a1c0e5e-0000-4000-8000-{index:012}"),
            "resourceVersion": "104711",
            "creationTimestamp": "2026-03-14T09:26:53Z",
            "labels": {
                "app.kubernetes.io/instance": name,
                "app.kubernetes.io/managed-by": "Helm",
                "app.kubernetes.io/name": name,
                "app.kubernetes.io/version": "4.2.1",
                "helm.sh/chart": format!("{name}-1.7.3"),
            },
            "annotations": {
                "meta.helm.sh/release-name": name,
                "meta.helm.sh/release-namespace": format!("team-{:02}", index % 20),
                "example.com/runbook": "https://wiki.example.com/display/OPS/runbooks/what-to-do-when-it-is-down",
            },
            "managedFields": [{
                "manager": "helm",
                "operation": "Update",
                "apiVersion": "v1",
                "time": "2026-03-14T09:26:53Z",
                "fieldsType": "FieldsV1",
                "fieldsV1": {
                    "f:metadata": {
                        "f:annotations": {".": {}, "f:meta.helm.sh/release-name": {}, "f:meta.helm.sh/release-namespace": {}},
                        "f:labels": {
                            ".": {}, "f:app.kubernetes.io/instance": {}, "f:app.kubernetes.io/managed-by": {},
                            "f:app.kubernetes.io/name": {}, "f:app.kubernetes.io/version": {}, "f:helm.sh/chart": {},
                        },
                    },
                    "f:spec": {
                        "f:internalTrafficPolicy": {},
                        "f:ports": {
                            ".": {},
                            "k:{\"port\":8080,\"protocol\":\"TCP\"}":
                                {".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {}},
                        },
                        "f:selector": {}, "f:sessionAffinity": {}, "f:type": {},
                    },
                },
            }],
        },
        "spec": {
            "ports": [{"name": "http", "protocol": "TCP", "port": 8080, "targetPort": "http"}],
            "selector": {"app.kubernetes.io/instance": name, "app.kubernetes.io/name": name},
            "clusterIP": format!("10.96.0.{index}"),
            "clusterIPs": [format!("10.96.0.{index}")],
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        },
        "status": {"loadBalancer": {}},
    })
}

/// The slice of the sidecar Service number `index`.
fn slice(index: usize) -> Value {
    let service = format!("prometheus-{index}-thanos");
    json!({
        "metadata": {
            "name": format!("{service}-x7k2p"),
            "namespace": format!("team-{index:02}"),
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": "IPv4",
        "ports": [{"name": "grpc", "port": 10901, "protocol": "TCP"}],
        "endpoints": [{
            "addresses": [format!("10.244.0.{}", 10 + index)],
            "conditions": {"ready": true, "serving": true, "terminating": false},
            "nodeName": "node-0",
            "targetRef": {"kind": "Pod", "name": format!("prometheus-{index}-0"), "uid": format!("pod-{index}")},
        }],
    })
}

/// A node; what makes nodes large is the list of their images.
fn node(cluster: usize, index: usize) -> Value {
    let images: Vec<Value> = (0..30)
        .map(|image| {
            let digest = "8f5d33c7a1e0".repeat(5);
            json!({"names": [format!("registry.example/team/image-{image}@sha256:{digest}")], "sizeBytes": 52_428_800})
        })
        .collect();
    json!({
        "metadata": {
            "name": format!("node-{index}"),
            "labels": {"kubernetes.io/hostname": format!("node-{index}"), "kubernetes.io/os": "linux"},
        },
        "spec": {"providerID": format!("cloud:///{cluster}/{index}"), "podCIDR": format!("10.244.{index}.0/24")},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": format!("10.{cluster}.0.{}", 10 + index)},
                {"type": "ExternalIP", "address": format!("198.51.{cluster}.{}", 10 + index)},
                {"type": "Hostname", "address": format!("node-{index}")},
            ],
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ready"}],
            "images": images,
        },
    })
}
