//! From a context to a client that is ready to ask.
//!
//! The client is built from parts, not by kube's own reading of a kubeconfig, which panics on a server without
//! scheme, looks proxies up on its own terms, and sends tokens over plain http.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use http::Uri;
use http::header::{HeaderValue, USER_AGENT};
use kube::Config;
use kube::config::{AuthInfo, Cluster};

use super::api::Api;
use super::credentials;
use super::entry_error::EntryError;
use super::kubeconfig::Kubeconfig;
use super::plugin::Plugins;
use super::proxy::proxy_for;
use super::sent::Sent;
use super::server::server_of;
use super::stack;
use super::trust::Trust;
use crate::files;

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
        let server = server_of(cluster.server.as_deref())?;
        let proxy = proxy_for(&server, cluster.proxy_url.as_deref(), &kubeconfig.environment().proxy)?;
        Ok(Self { server, proxy, cluster_name: context.cluster.clone(), user_name, cluster: cluster.clone(), user })
    }

    /// The command of the user's credential plugin, if it is going to run.
    pub fn plugin(&self) -> Option<&str> {
        self.user.exec.as_ref().filter(|_| self.is_secure())?.command.as_deref()
    }

    /// Lets the user's plugin ask whoever sits at the terminal, if it is to be given that; `announce` is told its command
    /// before. `alone`: this is the only cluster that is asked.
    pub async fn log_in(&self, plugins: &Plugins, alone: bool, announce: impl Fn(&str)) {
        let Some(exec) = self.user.exec.as_ref().filter(|exec| self.is_secure() && plugins.asks(exec, alone)) else {
            return;
        };
        // What cannot be described to its plugin is told when the credentials are wanted.
        let Ok(info) = credentials::info_for(exec, &self.cluster) else { return };
        announce(exec.command.as_deref().unwrap_or_default());
        plugins.log_in(exec, info.as_ref()).await;
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

    /// What to ask this server by. It gives up a connection attempt, TLS included, after
    /// `connect_timeout`; the time of a whole request is the caller's to bound.
    ///
    /// # Errors
    /// When certificates or keys cannot be read or used.
    pub async fn api(&self, user: AuthInfo, connect_timeout: Duration) -> Result<Api, EntryError> {
        let cluster = self.cluster.clone();
        let mut config = Config::new(self.server.clone());
        config.auth_info = user;
        config.proxy_url.clone_from(&self.proxy);
        config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
        config.disable_compression = cluster.disable_compression.unwrap_or(false);
        config.tls_server_name = filled(cluster.tls_server_name.as_deref()).map(str::to_owned);
        config.connect_timeout = Some(connect_timeout);
        let agent = HeaderValue::from_static(concat!("thanosctl/", env!("CARGO_PKG_VERSION")));
        config.headers.push((USER_AGENT, agent));
        let checks_certificates = self.is_secure() && !config.accept_invalid_certs
            || self.proxy.as_ref().is_some_and(|proxy| proxy.scheme_str() == Some("https"));
        // Files are read and the system's authorities loaded here; both may take their time.
        let rejected = |error: anyhow::Error| EntryError::Rejected(error.to_string());
        let built = tokio::task::spawn_blocking(move || {
            let own = authorities(&cluster)?;
            let trust = own.as_deref().map(Trust::new).transpose().map_err(rejected)?;
            // An empty set keeps kube from loading the system's where nobody asks them. The cluster's own are ours to judge.
            config.root_cert = (own.is_some() || !checks_certificates).then(Vec::new);
            let clients = stack::clients(&config, trust.filter(|_| !config.accept_invalid_certs));
            Ok((clients.map_err(rejected)?, Sent::new(&config.auth_info, config.proxy_url.as_ref())))
        });
        let (clients, sent) = built.await.unwrap_or_else(|panic| Err(EntryError::Rejected(panic.to_string())))?;
        Ok(Api::new(clients, sent, connect_timeout))
    }

    /// What the contexts of one cluster have in common as a rule: the server's address, and the authorities that the
    /// cluster brings. Only to be compared.
    pub fn signs(&self) -> Vec<String> {
        let authority = [&self.cluster.certificate_authority_data, &self.cluster.certificate_authority];
        let authority = authority.into_iter().find_map(|text| filled(text.as_deref())).map(str::to_owned);
        authority.into_iter().chain([format!("{}:{}", self.host(), self.port())]).collect()
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
        (None, Some(file)) => match files::bytes(Path::new(file), files::LARGEST) {
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
