//! Why a cluster, or a list of it, could not be read: in words, with what to do about it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;

use super::answer::{Refusal, Said, Unusable};
use super::client::{EntryError, Route};
use super::credentials::CredentialError;
use super::kubeconfig::K3S_HINT;
use super::list::{ListFault, Resource};
use super::plugin::PluginError;
use super::transport::{CertificateFault, TransportFault};
use crate::model::inventory::Unreadable;
use crate::text::clean;

/// Why a cluster, or a list of it, could not be read. Tells no secret: no token, no output of a plugin, no line of a
/// kubeconfig.
#[derive(Debug, Clone)]
pub struct ClusterError {
    /// By which context the cluster was asked, and where that led.
    pub access: Access,
    /// What went wrong.
    pub fault: Fault,
}

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

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The kubeconfig's entries lead nowhere.
    Entry(EntryError),
    /// A list could not be read.
    List {
        /// Of what.
        resource: Resource,
        /// In which namespace; `None` for all.
        namespace: Option<String>,
        /// Why.
        fault: ListFault,
    },
    /// The cluster's time was over.
    Timeout {
        /// All the time it had.
        limit: Duration,
        /// What it was spent on last.
        step: Step,
    },
}

/// What is being done for a cluster: what a timeout interrupts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The kubeconfig and the files it names are read.
    Preparing,
    /// The credential plugin of that command runs.
    Plugin(String),
    /// The server is asked for Services and has not begun to answer.
    AskedForServices,
    /// It answers; so many Services came so far.
    ReadingServices(usize),
    /// Nodes and EndpointSlices are asked for.
    NodesAndSlices,
}

impl Access {
    /// What is known once the context has been followed.
    pub fn follow(&mut self, route: &Route) {
        let bracketed =
            if route.host().contains(':') { format!("[{}]", route.host()) } else { route.host().to_owned() };
        self.server = format!("{}:{}", clean(&bracketed), route.port());
        self.is_loopback = route.is_loopback();
        self.cluster.clone_from(&route.cluster_name);
        self.user.clone_from(&route.user_name);
        self.proxy = route.proxy.as_ref().map(|proxy| {
            let port = proxy.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}{port}", clean(proxy.host().unwrap_or_default()))
        });
        self.has_own_authority = route.has_own_authority();
    }

    /// A kubectl command about this context, to be pasted.
    fn kubectl(&self, arguments: &str) -> String {
        let file =
            self.kubeconfig.as_ref().map(|file| format!(" --kubeconfig {}", quoted(&file.display().to_string())));
        format!("kubectl {arguments} --context {}{}", quoted(&self.context), file.unwrap_or_default())
    }

    fn entries(&self) -> String {
        self.kubectl("config view --minify")
    }

    fn whoami(&self) -> String {
        self.kubectl("auth whoami")
    }
}

impl ClusterError {
    /// The cause in words, on one line.
    pub fn cause(&self) -> String {
        let access = &self.access;
        match &self.fault {
            Fault::Entry(error) => clean(&error.to_string()),
            Fault::List { fault: ListFault::Transport(fault), .. } => transport_cause(access, fault),
            Fault::List { fault: ListFault::Refused(refusal), .. } => refusal_cause(access, refusal),
            Fault::List { fault: ListFault::Unusable(unusable), resource, .. } => {
                unusable_cause(access, *resource, unusable)
            }
            Fault::Timeout { limit, step } => timeout_cause(access, *limit, step),
        }
    }

    /// What to do about it; commands in it can be pasted.
    pub fn hint(&self) -> Option<String> {
        let access = &self.access;
        match &self.fault {
            Fault::Entry(error) => Some(entry_hint(access, error)),
            Fault::List { fault: ListFault::Transport(fault), .. } => transport_hint(access, fault),
            Fault::List { fault: ListFault::Refused(refusal), resource, namespace } => {
                refusal_hint(access, refusal, *resource, namespace.as_deref())
            }
            Fault::List { fault: ListFault::Unusable(unusable), .. } => match unusable {
                Unusable::Page(_) | Unusable::NotJson(_) | Unusable::OtherKind { .. } => Some(not_kubernetes(access)),
                Unusable::Truncated | Unusable::Malformed(_) | Unusable::EndlessPages => Some(try_again()),
            },
            Fault::Timeout { step: Step::Plugin(_), .. } => {
                Some(format!("does it wait for somebody to log in? try\n{}", access.whoami()))
            }
            Fault::Timeout { limit, .. } => Some(format!("give it more time with --timeout {:?}", *limit * 3)),
        }
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.cause())
    }
}

impl std::error::Error for ClusterError {}

impl From<ClusterError> for Unreadable {
    fn from(error: ClusterError) -> Self {
        Self { cause: error.cause(), hint: error.hint() }
    }
}

fn entry_hint(access: &Access, error: &EntryError) -> String {
    match error {
        EntryError::Context(_) => "see which there are with\nkubectl config get-contexts".to_owned(),
        EntryError::Cluster(_) | EntryError::User(_) => {
            "it may stand in a file that KUBECONFIG does not list; see what there is with\nkubectl config view"
                .to_owned()
        }
        EntryError::Credential(CredentialError::Plugin(PluginError::Missing { install_hint: Some(hint), .. })) => {
            clean(hint.split_whitespace().collect::<Vec<_>>().join(" ").as_str())
        }
        EntryError::Credential(CredentialError::Plugin(PluginError::Missing { .. })) => {
            "install it, or put its folder into PATH".to_owned()
        }
        EntryError::Credential(CredentialError::Plugin(
            PluginError::Failed { .. } | PluginError::Interactive { .. },
        )) => {
            format!("log in, then check with\n{}", access.whoami())
        }
        EntryError::Credential(CredentialError::Provider(name)) => match name.as_str() {
            "azure" => "move to a credential plugin: https://github.com/Azure/kubelogin".to_owned(),
            "gcp" => "move to a credential plugin: gke-gcloud-auth-plugin".to_owned(),
            _ => "move to a credential plugin (`exec` in the kubeconfig)".to_owned(),
        },
        _ => format!("look at the entries with\n{}", access.entries()),
    }
}

fn transport_cause(access: &Access, fault: &TransportFault) -> String {
    let server = &access.server;
    // Through a proxy it is the proxy that is looked up and connected to.
    let peer = access.proxy.as_ref().map_or_else(|| format!("`{server}`"), |proxy| format!("the proxy `{proxy}`"));
    let patience = access.patience;
    match fault {
        TransportFault::UnknownHost => format!("the host of {peer} is unknown to DNS"),
        TransportFault::Refused => format!("nothing listens at {peer} (connection refused)"),
        TransportFault::NoRoute => format!("there is no route to {peer}"),
        TransportFault::NoConnection if access.proxy.is_some() => {
            format!("no connection to `{server}` through {peer} within {patience:?}")
        }
        TransportFault::NoConnection => format!("no TCP connection to {peer} within {patience:?}"),
        TransportFault::SilentTls => format!("connected to {peer}, but it did not answer as TLS within {patience:?}"),
        TransportFault::Certificate(fault) => certificate_cause(access, fault),
        TransportFault::Alert(text) => format!("`{server}` refused the TLS connection: {text}"),
        TransportFault::Tls(text) => format!("no TLS with `{server}`: {text}"),
        TransportFault::NotTls => format!("`{server}` was asked by https and does not speak TLS"),
        TransportFault::NotHttp => format!("`{server}` answered with something that is not HTTP"),
        TransportFault::Closed => format!("`{server}` closed the connection without an answer"),
        TransportFault::Truncated => format!("the answer of `{server}` was cut off before its end"),
        TransportFault::TooLarge => format!("`{server}` answered with more than 64 MiB for one page of a list"),
        TransportFault::Proxy(text) => format!("{peer} did not connect us to `{server}`: {text}"),
        TransportFault::Other(text) => format!("no answer from `{server}`: {text}"),
    }
}

fn certificate_cause(access: &Access, fault: &CertificateFault) -> String {
    let certificate = format!("the certificate of `{}`", access.server);
    match fault {
        CertificateFault::Expired(ago) => format!("{certificate} expired{}", span(*ago, " ago")),
        CertificateFault::NotYetValid(ahead) => {
            format!("{certificate} is not valid yet{}", span(*ahead, " to go by this machine's clock"))
        }
        CertificateFault::UnknownIssuer if access.has_own_authority => {
            format!("{certificate} is not signed by the authority that the kubeconfig names (UnknownIssuer)")
        }
        CertificateFault::UnknownIssuer => {
            format!("{certificate} is not signed by an authority that this system trusts (UnknownIssuer)")
        }
        CertificateFault::OtherName(names) if names.is_empty() => {
            format!("{certificate} is made for other names than the one that was asked for")
        }
        CertificateFault::OtherName(names) => {
            format!("{certificate} is made for other names: {}", clean(&names.join(", ")))
        }
        CertificateFault::Other(text) => format!("{certificate} is not acceptable: {text}"),
    }
}

fn span(seconds: Option<u64>, tail: &str) -> String {
    let Some(seconds) = seconds else { return String::new() };
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    format!(" {count} {unit}{}{tail}", if count == 1 { "" } else { "s" })
}

fn transport_hint(access: &Access, fault: &TransportFault) -> Option<String> {
    let entries = access.entries();
    Some(match fault {
        TransportFault::Refused if access.is_loopback => format!(
            "does the cluster of this machine run? for k3s: sudo systemctl status k3s\n\
             if it does, this kubeconfig may not be its own; {K3S_HINT}"
        ),
        TransportFault::UnknownHost | TransportFault::NoRoute | TransportFault::NoConnection => {
            format!("is the VPN up, does a firewall stand between? `server` and proxy are in\n{entries}")
        }
        TransportFault::Refused | TransportFault::SilentTls | TransportFault::NotHttp => {
            format!("is the API server running, and is this its port? `server` is in\n{entries}")
        }
        TransportFault::Certificate(fault) => certificate_hint(access, fault),
        TransportFault::Alert(_) => {
            format!("the client certificate of the user may have expired; compare with\n{}", access.whoami())
        }
        TransportFault::NotTls => format!("is this its port, or does `server` have to begin with http://?\n{entries}"),
        TransportFault::Closed | TransportFault::Truncated => try_again(),
        TransportFault::Proxy(_) => "check `proxy-url` of the cluster, HTTPS_PROXY and NO_PROXY".to_owned(),
        TransportFault::Tls(_) | TransportFault::Other(_) => format!("compare with\n{}", access.whoami()),
        TransportFault::TooLarge => return None,
    })
}

fn certificate_hint(access: &Access, fault: &CertificateFault) -> String {
    match fault {
        CertificateFault::Expired(_) => "renew it (k3s renews its own when it is restarted; kubeadm certs renew all), \
                                         or is the clock of this machine wrong?"
            .to_owned(),
        CertificateFault::NotYetValid(_) => "compare the clocks of this machine and the server: date -u".to_owned(),
        CertificateFault::UnknownIssuer if access.has_own_authority => {
            "the cluster may have been set up anew: fetch its kubeconfig again".to_owned()
        }
        CertificateFault::UnknownIssuer => {
            format!(
                "name its authority as `certificate-authority-data` of the cluster; it may be a proxy's\n{}",
                access.entries()
            )
        }
        CertificateFault::OtherName(names) => {
            let name = names.iter().find(|name| !name.contains('*')).map_or("NAME", String::as_str);
            let file =
                access.kubeconfig.as_ref().map(|file| format!(" --kubeconfig {}", quoted(&file.display().to_string())));
            format!(
                "ask it by one of its names, or say which one to expect:\n\
                 kubectl config set-cluster {} --tls-server-name={}{}",
                quoted(&access.cluster),
                quoted(name),
                file.unwrap_or_default()
            )
        }
        CertificateFault::Other(_) => {
            "have the server use a certificate of version 3 that is not itself an authority".to_owned()
        }
    }
}

fn refusal_cause(access: &Access, refusal: &Refusal) -> String {
    let status = refusal.status;
    let user = access.user.as_ref().map_or_else(|| "nobody".to_owned(), |user| format!("the user `{}`", clean(user)));
    if refusal.is_anonymous() {
        return format!(
            "the API server took us for an anonymous user: it got no credentials of {user}, or none that it accepts"
        );
    }
    match &refusal.said {
        Said::Elsewhere(location) => {
            format!("`{}` answered {status} and points to {location}, which is not followed", access.server)
        }
        Said::Page(title) => {
            let title = if title.is_empty() { String::new() } else { format!(": {title}") };
            format!("a web page answered {status} instead of the API server{title}")
        }
        Said::Status(_) | Said::Text(_) if status == StatusCode::UNAUTHORIZED => {
            format!("the API server answered {status}: it does not accept the credentials of {user}")
        }
        Said::Status(text) | Said::Text(text) if text.is_empty() => format!("the API server answered {status}"),
        Said::Status(text) | Said::Text(text) => format!("the API server answered {status}: {text}"),
    }
}

fn refusal_hint(access: &Access, refusal: &Refusal, resource: Resource, namespace: Option<&str>) -> Option<String> {
    let status = refusal.status;
    if refusal.is_anonymous() || status == StatusCode::UNAUTHORIZED {
        return Some(format!("log in again, then check with\n{}", access.whoami()));
    }
    let said = match &refusal.said {
        Said::Page(_) | Said::Elsewhere(_) => return Some(not_kubernetes(access)),
        Said::Status(text) | Said::Text(text) => text,
    };
    match status.as_u16() {
        403 => Some(forbidden_hint(access, resource, namespace)),
        404 => Some(not_kubernetes(access)),
        400 if said.contains("HTTP request to an HTTPS server") => {
            Some(format!("`server` has to begin with https://\n{}", access.entries()))
        }
        429 => Some("it is busy: try again, or with fewer clusters at once (--concurrency 4)".to_owned()),
        500.. => Some("the API server, or what stands before it, has trouble of its own; try again later".to_owned()),
        _ => None,
    }
}

fn forbidden_hint(access: &Access, resource: Resource, namespace: Option<&str>) -> String {
    let scope = match (resource, namespace) {
        (Resource::Nodes, _) => String::new(),
        (_, Some(namespace)) => format!(" -n {}", quoted(namespace)),
        (_, None) => " -A".to_owned(),
    };
    let why = match (resource, namespace) {
        (Resource::Nodes, _) => "node addresses are needed for NodePort endpoints; check with",
        (Resource::EndpointSlices, _) => "endpoint slices tell which pods and nodes stand behind a Service; check with",
        (Resource::Services, None) => "if one namespace is all that may be read, name it with -n; check with",
        (Resource::Services, Some(_)) => "check with",
    };
    format!("{why}\n{}", access.kubectl(&format!("auth can-i list {}{scope}", resource.name())))
}

fn unusable_cause(access: &Access, resource: Resource, unusable: &Unusable) -> String {
    let server = &access.server;
    match unusable {
        Unusable::Page(title) if title.is_empty() => {
            format!("a web page answered at `{server}` instead of the API server")
        }
        Unusable::Page(title) => format!("a web page answered at `{server}` instead of the API server: {title}"),
        Unusable::NotJson(kind) if kind.is_empty() => {
            format!("`{server}` answered without a content type, not with JSON")
        }
        Unusable::NotJson(kind) => format!("`{server}` answered with {kind}, not with JSON"),
        Unusable::Truncated => format!("the answer of `{server}` was cut off before its end"),
        Unusable::Malformed(what) => format!("the list of {} is malformed: {what}", resource.plural()),
        Unusable::OtherKind { expected, found } if found.is_empty() => {
            format!("`{server}` answered with no {expected}")
        }
        Unusable::OtherKind { expected, found } => {
            format!("`{server}` answered with a {found} instead of a {expected}")
        }
        Unusable::EndlessPages => format!("the list of {} never ends: one page follows itself", resource.plural()),
    }
}

fn timeout_cause(access: &Access, limit: Duration, step: &Step) -> String {
    let server = &access.server;
    match step {
        Step::Preparing => format!("the files that the kubeconfig names could not be read within {limit:?}"),
        Step::Plugin(command) => format!("the credential plugin `{}` gave nothing within {limit:?}", clean(command)),
        Step::AskedForServices => format!("connected to `{server}`, but no answer within {limit:?} to: list services"),
        Step::ReadingServices(seen) => {
            format!("connected to `{server}`, but the list of services was not complete within {limit:?} ({seen} came)")
        }
        Step::NodesAndSlices => {
            format!("connected to `{server}`, but no answer within {limit:?} to: list nodes and endpoint slices")
        }
    }
}

fn not_kubernetes(access: &Access) -> String {
    format!(
        "is `server` the address of the Kubernetes API, with its path, and does no login page stand before it?\n{}",
        access.entries()
    )
}

fn try_again() -> String {
    "try again; a proxy or load balancer on the way may cut long answers".to_owned()
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fault: ListFault) -> ClusterError {
        let access = Access {
            context: "prod eu".to_owned(),
            server: "10.0.0.1:6443".to_owned(),
            cluster: "eu".to_owned(),
            user: Some("ci".to_owned()),
            patience: Duration::from_secs(5),
            ..Access::default()
        };
        ClusterError { access, fault: Fault::List { resource: Resource::Services, namespace: None, fault } }
    }

    fn certificate(fault: CertificateFault) -> ClusterError {
        error(ListFault::Transport(TransportFault::Certificate(fault)))
    }

    #[test]
    fn certificates_are_told_with_what_to_do() {
        let expired = certificate(CertificateFault::Expired(Some(200_000)));
        assert_eq!(expired.cause(), "the certificate of `10.0.0.1:6443` expired 2 days ago");
        assert!(expired.hint().unwrap().contains("clock"));
        let unknown = certificate(CertificateFault::UnknownIssuer);
        assert!(unknown.cause().contains("that this system trusts"), "{unknown}");
        let other = certificate(CertificateFault::OtherName(vec!["*.x".to_owned(), "kubernetes".to_owned()]));
        assert_eq!(other.cause(), "the certificate of `10.0.0.1:6443` is made for other names: *.x, kubernetes");
        let hint = other.hint().unwrap();
        assert!(hint.ends_with("\nkubectl config set-cluster eu --tls-server-name=kubernetes"), "{hint}");
    }

    #[test]
    fn a_refused_local_server_gets_the_hint_for_k3s() {
        let mut refused = error(ListFault::Transport(TransportFault::Refused));
        assert!(!refused.hint().unwrap().contains("k3s"));
        refused.access.is_loopback = true;
        assert!(refused.hint().unwrap().contains("kubectl config view --raw > ~/.kube/config"));
    }

    #[test]
    fn hints_name_the_context_and_the_file_as_a_shell_takes_them() {
        let said = Said::Status("services is forbidden: User \"ci\" cannot list".to_owned());
        let mut forbidden = error(ListFault::Refused(Refusal { status: StatusCode::FORBIDDEN, said }));
        assert!(forbidden.hint().unwrap().ends_with("\nkubectl auth can-i list services -A --context 'prod eu'"));
        forbidden.access.kubeconfig = Some("it's".into());
        let hint = forbidden.hint().unwrap();
        assert!(hint.ends_with(r"--context 'prod eu' --kubeconfig 'it'\''s'"), "{hint}");
    }

    #[test]
    fn an_anonymous_user_has_a_problem_of_authentication() {
        let said = Said::Status("services is forbidden: User \"system:anonymous\" cannot list".to_owned());
        let anonymous = error(ListFault::Refused(Refusal { status: StatusCode::FORBIDDEN, said }));
        assert!(anonymous.cause().contains("anonymous user: it got no credentials of the user `ci`"), "{anonymous}");
        assert!(anonymous.hint().unwrap().contains("auth whoami"));
    }
}
