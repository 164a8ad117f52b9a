//! Why entries of a kubeconfig cannot be used.

use super::credentials::CredentialError;

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

/// Why a proxy cannot be used. Never quotes its URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// The text is no URL.
    #[error("the proxy of {0} is no URL, which looks like http://HOST:PORT")]
    Url(&'static str),
    /// The scheme is none of http, https, socks5 and socks5h.
    #[error("the proxy of {0} has a scheme other than http, https and socks5")]
    Scheme(&'static str),
}
