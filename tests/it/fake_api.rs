//! An API server as a test scripts it: plain HTTP/1.1 on loopback, keep-alive, every request recorded.
//!
//! For what only a real API server decides there is the rig; this one is for what goes wrong on the way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub method: String,
    /// Path and query, still encoded.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How many requests came before it on its connection.
    pub before: usize,
}

impl Seen {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A query parameter, decoded.
    pub(crate) fn query(&self, key: &str) -> Option<String> {
        let pairs = self.target.split_once('?')?.1.split('&');
        pairs.filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == key).map(|(_, value)| decode(value))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> String {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => (out.push(byte), rest = &tail[2..]),
            _ => (out.push(*first), rest = tail),
        };
    }
    String::from_utf8(out).unwrap()
}

/// What to do with a request.
pub(crate) enum Reply {
    /// A JSON answer.
    Json(u16, Value),
    /// An answer of any content type, with further headers (`"Location: x\r\n"`).
    Text(u16, &'static str, &'static str, String),
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, and then nothing: the connection stays open.
    Unfinished(Vec<u8>),
    /// These bytes for as long as the client takes them.
    Flood(Vec<u8>, &'static [u8]),
    /// An answer that begins and goes on, a byte now and then, without an end.
    Drip,
    /// The connection stays open and nothing comes.
    Silence,
}

impl Reply {
    /// A Kubernetes `Status` as API servers refuse.
    pub(crate) fn status(code: u16, reason: &str, message: &str) -> Self {
        let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": code});
        Self::Json(code, body)
    }

    /// The bytes of an answer that has an end.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(code, body) => answer(*code, "application/json", "", &body.to_string()).into(),
            Self::Text(code, kind, headers, body) => answer(*code, kind, headers, body).into(),
            Self::Raw(bytes) => bytes.clone(),
            Self::Unfinished(_) | Self::Flood(..) | Self::Drip | Self::Silence => panic!("it has no end"),
        }
    }

    /// One page of `items`, as `limit` and `continue` of the request ask for.
    pub(crate) fn page(request: &Seen, kind: &str, items: &[Value]) -> Self {
        let number = |key| request.query(key).and_then(|text| text.parse::<usize>().ok());
        let start = number("continue").unwrap_or(0);
        let end = number("limit").map_or(items.len(), |limit| items.len().min(start + limit));
        let token = if end < items.len() { end.to_string() } else { String::new() };
        Self::Json(
            200,
            json!({"kind": kind, "apiVersion": "v1", "metadata": {"continue": token}, "items": items[start..end]}),
        )
    }
}

/// The server; its threads end with the test's process.
pub(crate) struct FakeApi {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl FakeApi {
    /// Starts a server that does with each request what `answer` says.
    pub(crate) fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let (answer, seen) = (Arc::new(answer), api.seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, seen) = (answer.clone(), seen.clone());
                std::thread::spawn(move || serve(&stream, &*answer, &seen));
            }
        });
        api
    }

    /// A server that gives these Services, EndpointSlices and Nodes, in pages.
    pub(crate) fn with(services: Vec<Value>, slices: Vec<Value>, nodes: Vec<Value>) -> Self {
        Self::start(move |request| {
            let path = request.path();
            if path.ends_with("/services") {
                Reply::page(request, "ServiceList", &services)
            } else if path.ends_with("/endpointslices") {
                Reply::page(request, "EndpointSliceList", &slices)
            } else if path == "/api/v1/nodes" {
                Reply::page(request, "NodeList", &nodes)
            } else {
                Reply::Text(404, "text/plain", "", "404 page not found".to_owned())
            }
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// All requests so far, in the order in which they came.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, answer: &dyn Fn(&Seen) -> Reply, seen: &Mutex<Vec<Seen>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    for before in 0.. {
        let Some(request) = read(&mut reader).map(|request| Seen { before, ..request }) else {
            // As Go's server does with a TLS handshake on a plain port.
            let _ = (&*stream).write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request");
            return None;
        };
        seen.lock().unwrap().push(request.clone());
        let mut stream = stream;
        match answer(&request) {
            Reply::Json(code, body) => write(stream, code, "application/json", "", &body.to_string())?,
            Reply::Text(code, kind, headers, body) => write(stream, code, kind, headers, &body)?,
            Reply::Raw(bytes) => return stream.write_all(&bytes).ok(),
            Reply::Unfinished(bytes) => {
                stream.write_all(&bytes).ok()?;
                let _ = reader.read(&mut [0; 1]);
                return None;
            }
            Reply::Flood(head, bytes) => {
                stream.write_all(&head).ok()?;
                while stream.write_all(bytes).is_ok() {}
                return None;
            }
            Reply::Drip => {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{";
                stream.write_all(head.as_bytes()).ok()?;
                while stream.write_all(b" ").is_ok() {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return None;
            }
            Reply::Silence => {
                let _ = reader.read(&mut [0; 1]);
                return None;
            }
        }
    }
    None
}

fn read(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = Vec::new();
    reader.by_ref().take(65536).read_until(b'\n', &mut line).ok()?;
    let line = String::from_utf8(line).ok()?;
    let (method, rest) = line.split_once(' ')?;
    let (target, _) = rest.split_once(" HTTP/1.1")?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut seen = Seen { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new(), before: 0 };
    let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    seen.body.resize(length, 0);
    reader.read_exact(&mut seen.body).ok()?;
    Some(seen)
}

fn write(mut stream: &TcpStream, code: u16, kind: &str, headers: &str, body: &str) -> Option<()> {
    stream.write_all(answer(code, kind, headers, body).as_bytes()).ok()
}

fn answer(code: u16, kind: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}

/// A Service of one port, a NodePort if there is a number for it.
pub(crate) fn service(namespace: &str, name: &str, node_port: Option<u16>) -> Value {
    let kind = if node_port.is_some() { "NodePort" } else { "ClusterIP" };
    json!({"metadata": {"namespace": namespace, "name": name, "managedFields": [{"manager": "helm"}]},
        "spec": {"type": kind, "clusterIP": "10.96.0.9", "ports": [{"name": "grpc", "port": 10901, "nodePort": node_port}]},
        "status": {"loadBalancer": {}}})
}

/// A slice of that Service with one ready endpoint.
pub(crate) fn slice(namespace: &str, service: &str) -> Value {
    json!({"metadata": {"namespace": namespace, "name": format!("{service}-x"), "labels": {"kubernetes.io/service-name": service}},
        "ports": [{"name": "grpc", "port": 10901}],
        "endpoints": [{"addresses": ["10.244.0.5"], "conditions": {"ready": true}, "nodeName": "node-1"}]})
}

/// A ready node of that name.
pub(crate) fn node(name: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {},
        "status": {"addresses": [{"type": "InternalIP", "address": "10.2.0.14"}], "conditions": [{"type": "Ready", "status": "True"}]}})
}
