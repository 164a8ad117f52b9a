//! Real Kubernetes API servers, one a cluster, over one etcd.
//!
//! There is no kubelet and no controller: nothing happens in these clusters but what a test does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use futures::StreamExt;
use http::Request;
use http_body_util::BodyExt as _;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::process::{Server, free_port, run_folder, wait_for};
use super::tool;
use crate::fake_api::{Reply, Seen};
use crate::program::Room;

/// Who can ask the API servers. Tokens and users are the same words.
const USERS: [User; 4] = [
    // May do everything.
    User { token: "admin", suffix: "" },
    // May list Services in every namespace, and nothing else: what a careful administrator gives first.
    User { token: "ci", suffix: "-ci" },
    // Is known, and may do nothing.
    User { token: "nobody", suffix: "-nobody" },
    // Is given by a test what the docs say is enough.
    User { token: "reader", suffix: "-reader" },
];

struct User {
    token: &'static str,
    /// The user's context in a cluster is the cluster's name with this behind it.
    suffix: &'static str,
}

/// The context of a cluster that does not answer: nothing listens on port 1.
pub(super) const GONE: &str = "gone";

/// Clusters that run as long as this lives.
pub(super) struct Clusters {
    folder: PathBuf,
    clusters: Vec<Cluster>,
    servers: Vec<Server>,
}

/// One cluster.
pub(super) struct Cluster {
    name: String,
    url: String,
    client: kube::Client,
}

/// The pair of clusters that the tests share: starting them takes 4 s and half a gigabyte.
///
/// - `eu` has the nodes `eu-a` and `eu-b` with an address outside and one inside, and `eu-0` that is not ready.
/// - `us` has the node `us-a` with an address inside alone.
pub(super) fn shared() -> &'static Clusters {
    static SHARED: OnceLock<Clusters> = OnceLock::new();
    SHARED.get_or_init(|| {
        let clusters = Clusters::start(&["eu", "us"]);
        let eu = clusters.cluster("eu");
        eu.node("eu-0", false, &[("ExternalIP", "198.51.100.10"), ("InternalIP", "10.0.1.10")]);
        eu.node("eu-a", true, &[("InternalIP", "10.0.1.11"), ("ExternalIP", "198.51.100.11")]);
        eu.node("eu-b", true, &[("ExternalIP", "198.51.100.12"), ("InternalIP", "10.0.1.12")]);
        clusters.cluster("us").node("us-a", true, &[("InternalIP", "10.0.2.21"), ("Hostname", "us-a")]);
        clusters
    })
}

/// Where the tests' own requests run.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("threads can be started"));

impl Clusters {
    /// Starts one API server for each of `names` and waits until all are ready.
    pub(super) fn start(names: &[&str]) -> Self {
        let folder = run_folder();
        certificate(&folder);
        let tokens = USERS.map(|User { token, .. }| {
            let groups = if token == "admin" { "system:masters" } else { "" };
            format!("{token},{token},{token},\"{groups}\"\n")
        });
        std::fs::write(folder.join("tokens.csv"), tokens.concat()).expect("the folder can be written");

        let etcd = format!("http://127.0.0.1:{}", free_port());
        let mut servers = vec![start_etcd(&folder, &etcd)];
        let mut urls = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let port = free_port();
            servers.push(start_api_server(&folder, name, &etcd, port, index));
            urls.push(format!("https://127.0.0.1:{port}"));
        }

        let mut this = Self { folder, clusters: Vec::new(), servers };
        for (name, url) in names.iter().zip(urls) {
            let ci = format!("{name}-ci");
            let config = kubeconfig_text(&this.folder, [(*name, url.as_str())], &[name, &ci]);
            let cluster = Cluster { name: (*name).to_owned(), url, client: client(&config, name) };
            wait_for(&format!("cluster {name} is ready"), Duration::from_secs(60), || {
                this.servers.iter_mut().for_each(Server::assert_alive);
                get(&cluster.client, "/readyz").map_err(|error| {
                    let logs: Vec<String> = this.servers.iter().map(Server::last_words).collect();
                    format!("{error}\n{}", logs.join("\n"))
                })
            });
            cluster.let_ci_list_services();
            let ci = client(&config, &ci);
            // The authorizer learns of a role by watching, a moment after it is stored.
            wait_for("ci may list services", Duration::from_secs(20), || get(&ci, "/api/v1/services?limit=1"));
            this.clusters.push(cluster);
        }
        this
    }

    /// The cluster called `name`.
    pub(super) fn cluster(&self, name: &str) -> &Cluster {
        self.clusters.iter().find(|cluster| cluster.name == name).expect("a cluster that was started")
    }

    /// Writes the file `kubeconfig` into the room, with these contexts in this order: `eu` is the administrator's,
    /// `eu-ci` and `eu-nobody` are those of users with fewer rights, and [`GONE`] does not answer.
    pub(super) fn kubeconfig(&self, room: &Room, contexts: &[&str]) {
        let known = self.clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.url.as_str()));
        let text = kubeconfig_text(&self.folder, known.chain([(GONE, "https://127.0.0.1:1")]), contexts);
        room.file("kubeconfig", &text);
    }

    /// Makes a namespace of this name in every cluster: a test's own room.
    pub(super) fn namespace(&self, name: &str) {
        for cluster in &self.clusters {
            cluster.create(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
    }
}

impl Cluster {
    /// Creates an object, and returns it as the server stored it.
    #[track_caller]
    pub(super) fn create(&self, object: Value) -> Value {
        let what = format!("creating {} {}", object["kind"], object["metadata"]["name"]);
        RUNTIME.block_on(self.post(object)).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Creates many objects, several at a time.
    pub(super) fn create_all(&self, objects: impl IntoIterator<Item = Value>) {
        RUNTIME.block_on(async {
            let mut created = futures::stream::iter(objects).map(|object| self.post(object)).buffer_unordered(16);
            while let Some(created) = created.next().await {
                created.expect("the object is one that the server takes");
            }
        });
    }

    /// An object as the server keeps it.
    #[track_caller]
    pub(super) fn get(&self, path: &str) -> Value {
        let text = get(&self.client, path).unwrap_or_else(|error| panic!("reading {path}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("reading {path}: {error}"))
    }

    /// A Service as the server keeps it.
    #[track_caller]
    pub(super) fn service(&self, namespace: &str, name: &str) -> Value {
        self.get(&service_path(namespace, name))
    }

    /// Applies `object` server-side as `manager`, as Helm 4 does.
    #[track_caller]
    pub(super) fn apply(&self, object: &Value, manager: &str) -> Result<Value, String> {
        let name = object["metadata"]["name"].as_str().expect("an object has a name");
        let path = format!("{}/{name}?fieldManager={manager}", collection(object));
        self.send("PATCH", &path, "application/apply-patch+yaml", object)
    }

    /// Merges `patch` into a Service as `manager`.
    #[track_caller]
    pub(super) fn merge_service(&self, namespace: &str, name: &str, patch: &Value, manager: &str) -> Value {
        let path = format!("{}?fieldManager={manager}", service_path(namespace, name));
        self.send("PATCH", &path, "application/merge-patch+json", patch).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Sends a request and gives the answer; an error is what the server said.
    pub(super) fn send(&self, method: &str, path: &str, kind: &str, body: &Value) -> Result<Value, String> {
        let request = Request::builder().method(method).uri(path).header("Content-Type", kind);
        let request = request.body(body.to_string().into_bytes()).expect("a path that a test wrote");
        RUNTIME.block_on(self.client.request::<Value>(request)).map_err(|error| error.to_string())
    }

    /// The same as another user.
    pub(super) fn send_as(
        &self,
        user: &str,
        method: &str,
        path: &str,
        kind: &str,
        body: &Value,
    ) -> Result<Value, String> {
        let request = Request::builder().method(method).uri(path).header("Content-Type", kind);
        let request = request.header("Impersonate-User", user).body(body.to_string().into_bytes());
        let request = request.expect("a path that a test wrote");
        RUNTIME.block_on(self.client.request::<Value>(request)).map_err(|error| error.to_string())
    }

    /// Passes a request on as the administrator's, for a test that stands between the program and the server.
    pub(super) fn forward(&self, seen: &Seen) -> Reply {
        let mut request = Request::builder().method(seen.method.as_str()).uri(&seen.target);
        if let Some(kind) = seen.header("content-type") {
            request = request.header("Content-Type", kind);
        }
        let request = request.body(Body::from(seen.body.clone())).expect("a request that the program sent");
        RUNTIME.block_on(async {
            let (parts, body) = self.client.send(request).await.expect("the server answers").into_parts();
            let body = body.collect().await.expect("the answer is complete").to_bytes();
            let value = serde_json::from_slice(&body).expect("the server answers in JSON");
            Reply::Json(parts.status.as_u16(), value)
        })
    }

    /// Merges `patch` into the status of a Service.
    pub(super) fn service_status(&self, namespace: &str, name: &str, patch: &Value) {
        self.merge(&format!("/api/v1/namespaces/{namespace}/services/{name}/status"), patch);
    }

    /// Makes a node with these addresses.
    fn node(&self, name: &str, ready: bool, addresses: &[(&str, &str)]) {
        let addresses: Vec<Value> =
            addresses.iter().map(|(kind, address)| json!({"type": kind, "address": address})).collect();
        let condition = if ready { "True" } else { "False" };
        self.create(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}));
        // Merged, not merged strategically: that would keep one address of each type.
        self.merge(
            &format!("/api/v1/nodes/{name}/status"),
            &json!({"status": {
                "addresses": addresses,
                "conditions": [{"type": "Ready", "status": condition, "reason": "Rig", "message": ""}],
            }}),
        );
        if ready {
            // The server taints each new node as not ready, and it is a controller's work to take that off.
            self.merge(&format!("/api/v1/nodes/{name}"), &json!({"spec": {"taints": null}}));
        }
    }

    fn let_ci_list_services(&self) {
        const RBAC: &str = "rbac.authorization.k8s.io";
        self.create(json!({
            "apiVersion": format!("{RBAC}/v1"),
            "kind": "ClusterRole",
            "metadata": {"name": "list-services"},
            "rules": [{"apiGroups": [""], "resources": ["services"], "verbs": ["list"]}],
        }));
        self.create(json!({
            "apiVersion": format!("{RBAC}/v1"),
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "ci-lists-services"},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "list-services"},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "ci"}],
        }));
    }

    pub(super) fn merge(&self, path: &str, patch: &Value) {
        let request = Request::patch(path)
            .header("Content-Type", "application/merge-patch+json")
            .body(patch.to_string().into_bytes())
            .expect("a path that this module wrote");
        let answer = RUNTIME.block_on(self.client.request::<Value>(request));
        answer.unwrap_or_else(|error| panic!("patching {path}: {error}"));
    }

    async fn post(&self, object: Value) -> kube::Result<Value> {
        let request = Request::post(collection(&object))
            .header("Content-Type", "application/json")
            .body(object.to_string().into_bytes())
            .expect("a path that this module wrote");
        self.client.request(request).await
    }
}

fn service_path(namespace: &str, name: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/services/{name}")
}

/// The path under which objects of this kind are created.
fn collection(object: &Value) -> String {
    let kind = object["kind"].as_str().expect("an object has a kind");
    let namespace = || object["metadata"]["namespace"].as_str().expect("a namespaced object has a namespace");
    match kind {
        "Namespace" => "/api/v1/namespaces".into(),
        "Node" => "/api/v1/nodes".into(),
        "Service" => format!("/api/v1/namespaces/{}/services", namespace()),
        "EndpointSlice" => format!("/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices", namespace()),
        "Role" => format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles", namespace()),
        "RoleBinding" => format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings", namespace()),
        "ResourceQuota" => format!("/api/v1/namespaces/{}/resourcequotas", namespace()),
        "ValidatingAdmissionPolicy" => "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies".into(),
        "ValidatingWebhookConfiguration" => {
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations".into()
        }
        "ValidatingAdmissionPolicyBinding" => {
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings".into()
        }
        "ClusterRole" => "/apis/rbac.authorization.k8s.io/v1/clusterroles".into(),
        "ClusterRoleBinding" => "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings".into(),
        other => panic!("the rig does not know where a {other} lives"),
    }
}

fn get(client: &kube::Client, path: &str) -> Result<String, String> {
    let request = Request::get(path).body(Vec::new()).expect("a path that this module wrote");
    RUNTIME.block_on(client.request_text(request)).map_err(|error| error.to_string())
}

/// One self-signed certificate by which the API servers show themselves; its key signs service account tokens too,
/// which nobody here uses. It is no CA, for a client that checks strictly refuses a CA as a server's certificate.
fn certificate(folder: &Path) {
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2", "-subj", "/CN=rig"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-keyout", "tls.key", "-out", "tls.crt"])
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("the rig makes its certificate with openssl, which does not start: {error}"));
    assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
}

fn start_etcd(folder: &Path, url: &str) -> Server {
    let peers = format!("http://127.0.0.1:{}", free_port());
    let arguments = [
        format!("--data-dir={}", folder.join("etcd").display()),
        format!("--listen-client-urls={url}"),
        format!("--advertise-client-urls={url}"),
        format!("--listen-peer-urls={peers}"),
        format!("--initial-advertise-peer-urls={peers}"),
        format!("--initial-cluster=default={peers}"),
        // Nobody needs what is stored after a power cut.
        "--unsafe-no-fsync".into(),
    ];
    Server::start("etcd", folder, &tool("etcd"), arguments)
}

fn start_api_server(folder: &Path, name: &str, etcd: &str, port: u16, index: usize) -> Server {
    let file = |name: &str| folder.join(name).display().to_string();
    let arguments = [
        format!("--etcd-servers={etcd}"),
        format!("--etcd-prefix=/{name}"),
        "--bind-address=127.0.0.1".into(),
        format!("--secure-port={port}"),
        // An address other than loopback is demanded; nothing dials it.
        "--advertise-address=192.0.2.1".into(),
        format!("--cert-dir={}", file(&format!("certificates-{name}"))),
        format!("--tls-cert-file={}", file("tls.crt")),
        format!("--tls-private-key-file={}", file("tls.key")),
        format!("--service-cluster-ip-range=10.{}.0.0/16", 96 + index),
        "--authorization-mode=RBAC".into(),
        format!("--token-auth-file={}", file("tokens.csv")),
        // It would want a service account in every namespace, which a controller makes.
        "--disable-admission-plugins=ServiceAccount".into(),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        format!("--service-account-key-file={}", file("tls.key")),
        format!("--service-account-signing-key-file={}", file("tls.key")),
    ];
    Server::start(name, folder, &tool("kube-apiserver"), arguments)
}

/// A kubeconfig with `contexts` over `clusters`. JSON, which is YAML too.
fn kubeconfig_text<'a>(
    folder: &Path,
    clusters: impl IntoIterator<Item = (&'a str, &'a str)>,
    contexts: &[&str],
) -> String {
    let clusters: Vec<(&str, &str)> = clusters.into_iter().collect();
    let contexts: Vec<Value> = contexts
        .iter()
        .map(|context| {
            let (cluster, user) = clusters
                .iter()
                .flat_map(|(cluster, _)| USERS.iter().map(move |user| (cluster, user)))
                .find(|(cluster, user)| format!("{cluster}{}", user.suffix) == **context)
                .unwrap_or_else(|| panic!("no cluster of the rig has a context `{context}`"));
            json!({"name": context, "context": {"cluster": cluster, "user": user.token}})
        })
        .collect();
    let clusters: Vec<Value> = clusters
        .iter()
        .map(|(name, url)| {
            json!({"name": name, "cluster": {"server": url, "certificate-authority": folder.join("tls.crt")}})
        })
        .collect();
    let users: Vec<Value> =
        USERS.iter().map(|user| json!({"name": user.token, "user": {"token": user.token}})).collect();
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": contexts[0]["name"],
        "clusters": clusters,
        "users": users,
        "contexts": contexts,
    })
    .to_string()
}

fn client(kubeconfig: &str, context: &str) -> kube::Client {
    RUNTIME.block_on(async {
        let kubeconfig = Kubeconfig::from_yaml(kubeconfig).expect("a kubeconfig that this module wrote");
        let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("the context exists");
        kube::Client::try_from(config).expect("the certificate can be read")
    })
}
