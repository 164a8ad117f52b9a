//! How a cluster was asked, and where that led.

use std::path::PathBuf;
use std::time::Duration;

use super::client::Route;
use crate::text::{clean, shell_word};

/// By which context a cluster was asked, and where that led, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The context's name.
    pub context: String,
    /// The file of `--kubeconfig`; `None` when kubectl finds the context by itself.
    pub kubeconfig: Option<PathBuf>,
    /// The server as HOST:PORT; empty until the context has been followed.
    pub server: String,
    /// Whether the server is this very machine.
    pub is_loopback: bool,
    /// Whether it is asked by https.
    pub is_secure: bool,
    /// The cluster's name in the kubeconfig; empty until the context has been followed.
    pub cluster: String,
    /// The user's name in the kubeconfig; `None` for nobody.
    pub user: Option<String>,
    /// The proxy as HOST:PORT; `None` when the server is asked directly.
    pub proxy: Option<String>,
    /// Whether the cluster names the authorities that it trusts.
    pub has_own_authority: bool,
    /// How long a connection may take; zero until there is a client.
    pub patience: Duration,
}

impl Access {
    /// What is known once the context has been followed.
    pub fn follow(&mut self, route: &Route) {
        let bracketed =
            if route.host().contains(':') { format!("[{}]", route.host()) } else { route.host().to_owned() };
        self.server = format!("{}:{}", clean(&bracketed), route.port());
        self.is_loopback = route.is_loopback();
        self.is_secure = route.is_secure();
        self.cluster.clone_from(&route.cluster_name);
        self.user.clone_from(&route.user_name);
        self.proxy = route.proxy.as_ref().map(|proxy| {
            let port = proxy.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}{port}", clean(proxy.host().unwrap_or_default()))
        });
        self.has_own_authority = route.has_own_authority();
    }

    /// A kubectl command about this context, to be pasted.
    pub(super) fn kubectl(&self, arguments: &str) -> String {
        format!("kubectl {arguments} --context {}{}", shell_word(&self.context), self.kubeconfig_flag())
    }

    /// ` --kubeconfig FILE`; empty when kubectl finds the file by itself.
    pub(super) fn kubeconfig_flag(&self) -> String {
        let file = self.kubeconfig.as_ref().map(|file| shell_word(&file.display().to_string()));
        file.map(|file| format!(" --kubeconfig {file}")).unwrap_or_default()
    }

    pub(super) fn entries(&self) -> String {
        self.kubectl("config view --minify")
    }

    pub(super) fn whoami(&self) -> String {
        self.kubectl("auth whoami")
    }
}
