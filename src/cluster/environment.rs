//! What of the process's environment decides how clusters are reached. Read once, so that all else is testable.

use std::ffi::OsString;
use std::path::PathBuf;

/// The proxy variables, as they were set; empty values count as absent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxyVariables {
    /// `HTTPS_PROXY`: for servers that are asked by https.
    pub https: Option<String>,
    /// `HTTP_PROXY`: for servers that are asked by http.
    pub http: Option<String>,
    /// `NO_PROXY`: hosts that are asked directly.
    pub no_proxy: Option<String>,
}

impl std::fmt::Debug for ProxyVariables {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ProxyVariables").field("no_proxy", &self.no_proxy).finish_non_exhaustive()
    }
}

/// The variables that kubectl looks at, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `KUBECONFIG`: a list of files, as `PATH` is one of folders.
    pub kubeconfig: Option<OsString>,
    /// `KUBERC`: the preferences of kubectl.
    pub kuberc: Option<OsString>,
    /// The home of the user; absent for users without one.
    pub home: Option<PathBuf>,
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`.
    pub proxy: ProxyVariables,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        // Go takes the upper-case name first and an empty value for none (golang.org/x/net, http/httpproxy).
        let first = |names: [&str; 2]| {
            names.into_iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty())
        };
        Self {
            kubeconfig: std::env::var_os("KUBECONFIG"),
            kuberc: std::env::var_os("KUBERC"),
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            proxy: ProxyVariables {
                https: first(["HTTPS_PROXY", "https_proxy"]),
                http: first(["HTTP_PROXY", "http_proxy"]),
                no_proxy: first(["NO_PROXY", "no_proxy"]),
            },
        }
    }
}
