//! From a context to a client that is ready to ask.
//!
//! The client is built from parts, not by kube's own reading of a kubeconfig, which panics on a server without
//! scheme, looks proxies up on its own terms, and sends tokens over plain http.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use http::Uri;
use http::header::{HeaderValue, USER_AGENT};
use kube::config::{AuthInfo, Cluster};
use kube::{Client, Config};

use super::credentials::{self, CredentialError};
use super::kubeconfig::Kubeconfig;
use super::plugin::Plugins;
use super::proxy::{ProxyError, proxy_for};

/// Where a context leads, and as whom. Has no `Debug`, since users may hold secrets in the open.
#[derive(Clone)]
pub struct Route {
    /// The server, always with a scheme (http or https) and a host.
    pub server: Uri,
    /// The proxy on the way; `None` to ask directly.
    pub proxy: Option<Uri>,
    /// The cluster's name in the kubeconfig.
    pub cluster_name: String,
    /// The user's name in the kubeconfig; `None` for nobody.
    pub user_name: Option<String>,
    cluster: Cluster,
    user: AuthInfo,
}

/// Why the kubeconfig's entries for a context lead nowhere. Quotes names and files, never their content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// There is no such context.
    #[error("the kubeconfig has no context `{0}`")]
    Context(String),
    /// The context names a cluster that is not there; an empty name is none at all.
    #[error("the context names the cluster `{0}`, which is not in the kubeconfig")]
    Cluster(String),
    /// The context names a user that is not there.
    #[error("the context names the user `{0}`, which is not in the kubeconfig")]
    User(String),
    /// The cluster has no server.
    #[error("the cluster has no `server`")]
    NoServer,
    /// The server is no URL that a client can ask.
    #[error("the cluster's `server` {0}")]
    Server(&'static str),
    /// The proxy cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The file with the certificates of authorities cannot be read.
    #[error("the certificate authority `{file}` cannot be read: {reason}")]
    AuthorityFile {
        /// The file, as an absolute path.
        file: String,
        /// The system's word for it.
        reason: String,
    },
    /// What should be certificates of authorities holds none.
    #[error("the cluster's certificate authority ({0}) holds no certificate")]
    NoAuthority(String),
    /// The certificate is to be checked and not to be checked.
    #[error("the cluster has both a certificate authority and `insecure-skip-tls-verify`, which kubectl refuses")]
    InsecureWithAuthority,
    /// No credential to be had.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// What kube says against the entries, such as a client key in a format that it does not know.
    #[error("the kubeconfig entries cannot be used: {0}")]
    Rejected(String),
}

impl Route {
    /// Follows a context to its cluster and user.
    ///
    /// # Errors
    /// When an entry is missing, or the server or its proxy is no URL.
    pub fn of(kubeconfig: &Kubeconfig, context: &str) -> Result<Self, EntryError> {
        let missing = || EntryError::Context(context.to_owned());
        let context = kubeconfig.context(context).ok_or_else(missing)?.context.as_ref().ok_or_else(missing)?;
        let cluster = kubeconfig
            .cluster(&context.cluster)
            .and_then(|named| named.cluster.as_ref())
            .ok_or_else(|| EntryError::Cluster(context.cluster.clone()))?;
        let user_name = context.user.clone().filter(|name| !name.is_empty());
        let user = match &user_name {
            None => AuthInfo::default(),
            Some(name) => kubeconfig
                .user(name)
                .ok_or_else(|| EntryError::User(name.clone()))?
                .auth_info
                .clone()
                .unwrap_or_default(),
        };
        let server = server_of(cluster)?;
        let proxy = proxy_for(&server, cluster.proxy_url.as_deref(), &kubeconfig.environment().proxy)?;
        Ok(Self { server, proxy, cluster_name: context.cluster.clone(), user_name, cluster: cluster.clone(), user })
    }

    /// The command of the user's credential plugin, if it is going to run.
    pub fn plugin(&self) -> Option<&str> {
        self.user.exec.as_ref().filter(|_| self.is_secure())?.command.as_deref()
    }

    /// The user with all credentials at hand. Over plain http there are none, as in client-go.
    ///
    /// # Errors
    /// When a credential that is configured cannot be had.
    pub async fn credentials(&self, plugins: &Plugins) -> Result<AuthInfo, EntryError> {
        if self.is_secure() {
            Ok(credentials::resolve(&self.user, &self.cluster, plugins).await?)
        } else {
            Ok(credentials::without_credentials(&self.user))
        }
    }

    /// A client for this server. It never retries, and gives up a connection attempt, TLS included, after
    /// `connect_timeout`; the time of a whole request is the caller's to bound.
    ///
    /// # Errors
    /// When certificates or keys cannot be read or used.
    pub async fn client(&self, user: AuthInfo, connect_timeout: Duration) -> Result<Client, EntryError> {
        let cluster = self.cluster.clone();
        let mut config = Config::new(self.server.clone());
        config.auth_info = user;
        config.proxy_url.clone_from(&self.proxy);
        config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
        config.disable_compression = cluster.disable_compression.unwrap_or(false);
        config.tls_server_name = filled(cluster.tls_server_name.as_deref()).map(str::to_owned);
        config.connect_timeout = Some(connect_timeout);
        // 15 tries of up to minutes each, and whatever `Retry-After` says, otherwise.
        config.default_retry = false;
        let agent = HeaderValue::from_static(concat!("thanosctl/", env!("CARGO_PKG_VERSION")));
        config.headers.push((USER_AGENT, agent));
        let checks_certificates = self.is_secure() && !config.accept_invalid_certs
            || self.proxy.as_ref().is_some_and(|proxy| proxy.scheme_str() == Some("https"));
        // Files are read and the system's authorities loaded here; both may take their time.
        let built = tokio::task::spawn_blocking(move || {
            // An empty set keeps kube from loading the system's where nobody asks them.
            config.root_cert = authorities(&cluster)?.or((!checks_certificates).then(Vec::new));
            Client::try_from(config).map_err(|error| {
                // The source tells what is wrong; kube's own words around it are about kube.
                EntryError::Rejected(error.source().map_or_else(|| error.to_string(), ToString::to_string))
            })
        });
        built.await.unwrap_or_else(|panic| Err(EntryError::Rejected(panic.to_string())))
    }

    /// The server's host, without brackets.
    pub fn host(&self) -> &str {
        self.server.host().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// The server's port, also when the URL leaves it out.
    pub fn port(&self) -> u16 {
        self.server.port_u16().unwrap_or(if self.is_secure() { 443 } else { 80 })
    }

    /// Whether the server is this very machine.
    pub fn is_loopback(&self) -> bool {
        self.host() == "localhost" || self.host().parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// Whether the cluster brings certificates of authorities of its own, instead of the system's.
    pub fn has_own_authority(&self) -> bool {
        filled(self.cluster.certificate_authority.as_deref()).is_some()
            || filled(self.cluster.certificate_authority_data.as_deref()).is_some()
    }

    /// Whether the server is asked by https.
    pub fn is_secure(&self) -> bool {
        self.server.scheme_str() == Some("https")
    }
}

/// Without a scheme kubectl takes https when the cluster says anything about TLS, and http otherwise
/// (client-go, rest/url_utils.go).
fn server_of(cluster: &Cluster) -> Result<Uri, EntryError> {
    let server = cluster.server.as_deref().map(str::trim).filter(|server| !server.is_empty());
    let server = server.ok_or(EntryError::NoServer)?;
    let speaks_of_tls = [&cluster.certificate_authority, &cluster.certificate_authority_data]
        .into_iter()
        .any(|text| filled(text.as_deref()).is_some())
        || cluster.insecure_skip_tls_verify == Some(true);
    let url = match (server.contains("://"), speaks_of_tls) {
        (true, _) => server.to_owned(),
        (false, true) => format!("https://{server}"),
        (false, false) => format!("http://{server}"),
    };
    let uri: Uri = url.parse().map_err(|_| EntryError::Server("is no URL, which looks like https://HOST:6443"))?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        _ => return Err(EntryError::Server("has a scheme other than https and http")),
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(EntryError::Server("holds a user name; credentials belong into the user of the context"));
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(EntryError::Server("has no host"));
    }
    Ok(uri)
}

/// The authorities that the cluster names, in DER; `None` when it leaves that to the system.
fn authorities(cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>, EntryError> {
    let data = filled(cluster.certificate_authority_data.as_deref());
    let file = filled(cluster.certificate_authority.as_deref());
    let (pem, source) = match (data, file) {
        (None, None) => return Ok(None),
        _ if cluster.insecure_skip_tls_verify == Some(true) => return Err(EntryError::InsecureWithAuthority),
        (Some(data), _) => {
            let source = "certificate-authority-data".to_owned();
            let pem = decode_base64(data).ok_or_else(|| EntryError::NoAuthority(source.clone()))?;
            (pem, source)
        }
        (None, Some(file)) => match std::fs::read(file) {
            Ok(pem) => (pem, file.to_owned()),
            Err(error) => {
                return Err(EntryError::AuthorityFile { file: file.to_owned(), reason: error.to_string() });
            }
        },
    };
    let certificates = certificates(&String::from_utf8_lossy(&pem));
    if certificates.is_empty() { Err(EntryError::NoAuthority(source)) } else { Ok(Some(certificates)) }
}

/// The certificates in a PEM text, in DER; whatever else stands there is passed over (Go, crypto/x509:
/// `AppendCertsFromPEM`).
fn certificates(pem: &str) -> Vec<Vec<u8>> {
    let blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks.filter_map(|block| decode_base64(block.split_once("-----END CERTIFICATE-----")?.0)).collect()
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(packed).ok()
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(server: &str) -> Cluster {
        Cluster { server: Some(server.to_owned()), ..Cluster::default() }
    }

    fn server(cluster: &Cluster) -> Result<String, String> {
        server_of(cluster).map(|uri| uri.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_without_scheme_is_taken_as_kubectl_takes_it() {
        assert_eq!(server(&cluster("10.0.0.1:6443")).unwrap(), "http://10.0.0.1:6443/");
        let with_ca = Cluster { certificate_authority: Some("ca.pem".to_owned()), ..cluster("10.0.0.1:6443") };
        assert_eq!(server(&with_ca).unwrap(), "https://10.0.0.1:6443/");
        let insecure = Cluster { insecure_skip_tls_verify: Some(true), ..cluster("api.example") };
        assert_eq!(server(&insecure).unwrap(), "https://api.example/");
        assert_eq!(server(&cluster("https://h/k8s/clusters/c-1")).unwrap(), "https://h/k8s/clusters/c-1");
    }

    #[test]
    fn a_server_that_no_client_can_ask_is_refused_unquoted() {
        for (text, reason) in [
            ("", "no `server`"),
            ("ftp://h", "scheme other than"),
            ("https://", "no URL"),
            ("https://u:hunter2@h", "holds a user name"),
            ("https://a b", "no URL"),
        ] {
            let error = server(&cluster(text)).unwrap_err();
            assert!(error.contains(reason) && !error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn authorities_are_read_from_data_before_the_file_and_must_hold_a_certificate() {
        let pem = "noise\n-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n\
                   -----BEGIN PRIVATE KEY-----\nAAEC\n-----END PRIVATE KEY-----\n";
        let data = |text: &str| Cluster {
            certificate_authority_data: Some(base64::engine::general_purpose::STANDARD.encode(text)),
            certificate_authority: Some("/nowhere".to_owned()),
            ..Cluster::default()
        };
        assert_eq!(authorities(&data(pem)).unwrap(), Some(vec![vec![0, 1, 2]]));
        let error = authorities(&data("no pem")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the cluster's certificate authority (certificate-authority-data) holds no certificate"
        );
        let empty = Cluster {
            certificate_authority: Some(String::new()),
            certificate_authority_data: Some(String::new()),
            ..Cluster::default()
        };
        assert_eq!(authorities(&empty).unwrap(), None);
        let missing = Cluster { certificate_authority: Some("/nowhere/ca.pem".to_owned()), ..Cluster::default() };
        assert!(authorities(&missing).unwrap_err().to_string().contains("`/nowhere/ca.pem` cannot be read"));
        let both = Cluster { insecure_skip_tls_verify: Some(true), ..data(pem) };
        assert_eq!(authorities(&both).unwrap_err(), EntryError::InsecureWithAuthority);
    }
}
