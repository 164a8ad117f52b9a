//! What to do about a [`ClusterError`](super::error::ClusterError): commands that can be pasted, about its context.

use std::net::IpAddr;

use http::StatusCode;

use super::access::Access;
use super::answer::{Refusal, Said};
use super::cause::is_gateway;
use super::credentials::CredentialError;
use super::entry_error::EntryError;
use super::kubeconfig::K3S_HINT;
use super::limits::Excess;
use super::list::Resource;
use super::plugin::PluginError;
use super::step::Verb;
use super::transport::{CertificateFault, TransportFault};
use crate::names::ServiceRef;
use crate::text::{clean, shell_word};

/// Where a proxy is named.
const PROXY_SETTINGS: &str = "see `proxy-url` of the cluster, HTTPS_PROXY and NO_PROXY";

pub(super) fn entry_hint(access: &Access, error: &EntryError) -> String {
    match error {
        EntryError::Context(_) => "see which there are with\nkubectl config get-contexts".to_owned(),
        EntryError::Cluster(_) | EntryError::User(_) => {
            "it may stand in a file that KUBECONFIG does not list; see what there is with\nkubectl config view"
                .to_owned()
        }
        EntryError::Credential(CredentialError::Plugin(error)) => plugin_hint(access, error),
        EntryError::Credential(CredentialError::Provider(name)) => match name.as_str() {
            "azure" => "move to a credential plugin: https://github.com/Azure/kubelogin".to_owned(),
            "gcp" => "move to a credential plugin: gke-gcloud-auth-plugin".to_owned(),
            _ => "move to a credential plugin (`exec` in the kubeconfig)".to_owned(),
        },
        EntryError::Credential(CredentialError::NoIdToken { .. }) => {
            format!("kubectl gets one and writes it into the kubeconfig:\n{}", access.whoami())
        }
        EntryError::Credential(_)
        | EntryError::NoServer
        | EntryError::Server(_)
        | EntryError::Proxy(_)
        | EntryError::AuthorityFile { .. }
        | EntryError::NoAuthority(_)
        | EntryError::InsecureWithAuthority
        | EntryError::Rejected(_) => format!("look at the entries with\n{}", access.entries()),
    }
}

fn plugin_hint(access: &Access, error: &PluginError) -> String {
    match error {
        PluginError::Missing { install_hint: Some(hint), .. } => {
            clean(&hint.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        PluginError::Missing { install_hint: None, .. } => "install it, or put its folder into PATH".to_owned(),
        PluginError::NotAllowed { .. } => "if it may run, allow it there; kubectl refuses it too".to_owned(),
        PluginError::Failed { .. } => format!("log in, then check with\n{}", access.whoami()),
        PluginError::Interactive { .. } => {
            "run this on a terminal, without --no-input and without CI in the environment".to_owned()
        }
        PluginError::NoCommand
        | PluginError::Version { .. }
        | PluginError::Start { .. }
        | PluginError::Output { .. } => format!("look at its entry with\n{}", access.entries()),
    }
}

pub(super) fn transport_hint(access: &Access, fault: &TransportFault) -> Option<String> {
    let entries = access.entries();
    Some(match fault {
        TransportFault::Refused if access.proxy.is_some() => PROXY_SETTINGS.to_owned(),
        TransportFault::Refused if access.is_loopback => format!(
            "does the cluster of this machine run? for k3s: sudo systemctl status k3s\n\
             if it does, this kubeconfig may not be its own; {K3S_HINT}"
        ),
        TransportFault::UnknownHost | TransportFault::NoRoute | TransportFault::NoConnection => {
            format!("is the VPN up, does a firewall stand between? `server` and proxy are in\n{entries}")
        }
        TransportFault::NotHttp if !access.is_secure => {
            format!("is this its port, or does `server` have to begin with https://?\n{entries}")
        }
        TransportFault::Refused | TransportFault::SilentTls | TransportFault::NotHttp => {
            format!("is the API server running, and is this its port? `server` is in\n{entries}")
        }
        TransportFault::Certificate(fault) => certificate_hint(access, fault),
        TransportFault::Alert(_) => {
            format!("it may want a client certificate, or one that has not expired; compare with\n{}", access.whoami())
        }
        TransportFault::NotTls => format!("is this its port, or does `server` have to begin with http://?\n{entries}"),
        // With TLS 1.3 a server refuses our certificate when we are through already, and hyper may lose its alert.
        TransportFault::Closed if access.is_secure => format!(
            "try again; if that does not help, it may want a client certificate, or one that has not expired; compare with\n{}",
            access.whoami()
        ),
        TransportFault::Closed => {
            format!("try again; if that does not help, does `server` have to begin with https://?\n{entries}")
        }
        TransportFault::ClosedInHandshake => format!(
            "is this the port of the API server, and does it speak TLS? a firewall or proxy on the way may also cut off names \
             that it does not allow\n{entries}"
        ),
        TransportFault::Truncated => try_again(),
        TransportFault::Garbled => format!(
            "a proxy on the way may have changed it; go on without compression:\n\
             kubectl config set clusters.{}.disable-compression true{}",
            shell_word(&access.cluster),
            access.kubeconfig_flag()
        ),
        TransportFault::ProxyStatus(407) => format!(
            "it wants a login: write it as http://USER:PASSWORD@HOST:PORT into the setting that names it; {PROXY_SETTINGS}"
        ),
        TransportFault::ProxyStatus(502..=504) => format!(
            "the proxy cannot reach the API server: does that run, and does the proxy know its name? {PROXY_SETTINGS}"
        ),
        TransportFault::ProxyStatus(_) => format!(
            "the rules of the proxy forbid it: have the server allowed there, or ask it directly (NO_PROXY={}); {PROXY_SETTINGS}",
            access.server.rsplit_once(':').map_or(access.server.as_str(), |(host, _)| host)
        ),
        TransportFault::Proxy(_) => PROXY_SETTINGS.to_owned(),
        TransportFault::Tls(_) | TransportFault::Other(_) => format!("compare with\n{}", access.whoami()),
    })
}

/// What to do when more came than is taken.
pub(super) fn excess_hint(access: &Access, excess: Excess) -> String {
    if excess.may_be_size() {
        return "ask for less: name a namespace with -n, or Services by a label with -l".to_owned();
    }
    format!(
        "no API server answers so that is asked for pages: does something before it change or repeat its answers? look with\n{}",
        access.kubectl("get --raw '/api/v1/services?limit=500'")
    )
}

fn certificate_hint(access: &Access, fault: &CertificateFault) -> String {
    match fault {
        CertificateFault::Expired(_) => "renew it (k3s renews its own when it is restarted; kubeadm certs renew all), \
                                         or is the clock of this machine wrong?"
            .to_owned(),
        CertificateFault::NotYetValid(_) => "compare the clocks of this machine and the server: date -u".to_owned(),
        CertificateFault::UnknownIssuer | CertificateFault::OtherKey if access.has_own_authority => {
            "the cluster may have been set up anew: fetch its kubeconfig again".to_owned()
        }
        CertificateFault::UnknownIssuer | CertificateFault::OtherKey => {
            format!(
                "name its authority as `certificate-authority-data` of the cluster; it may be a proxy's\n{}",
                access.entries()
            )
        }
        CertificateFault::OtherName(names) if access.has_own_authority && names.is_empty() => {
            "have the server use a certificate with subjectAltName; a common name does not count".to_owned()
        }
        // A name may be taken from a certificate only if the cluster's own authority stands behind it.
        CertificateFault::OtherName(names) if access.has_own_authority => {
            let (addresses, hosts): (Vec<&String>, Vec<&String>) =
                names.iter().partition(|name| name.parse::<IpAddr>().is_ok());
            let name = hosts.into_iter().chain(addresses).find(|name| !name.contains('*'));
            format!(
                "ask it by one of its names, or say which one to expect:\n\
                 kubectl config set-cluster {} --tls-server-name={}{}",
                shell_word(&access.cluster),
                shell_word(name.map_or("NAME", String::as_str)),
                access.kubeconfig_flag()
            )
        }
        CertificateFault::OtherName(_) => {
            format!("is this the API server, or a proxy? `server` is in\n{}", access.entries())
        }
        // The two that other tools let pass.
        CertificateFault::Other(text) if text.contains("CA:TRUE") || text.contains("X.509 version") => {
            "have the server use a certificate of version 3 that is not an authority's, or name its own certificate as \
             `certificate-authority-data` of the cluster"
                .to_owned()
        }
        CertificateFault::Other(_) => format!("compare with\n{}", access.whoami()),
    }
}

pub(super) fn refusal_hint(
    access: &Access,
    refusal: &Refusal,
    resource: Resource,
    namespace: Option<&str>,
) -> Option<String> {
    let status = refusal.status;
    if refusal.is_anonymous() || status == StatusCode::UNAUTHORIZED {
        return Some(format!("log in again, then check with\n{}", access.whoami()));
    }
    let said = match &refusal.said {
        Said::Page(_) if is_gateway(status) => {
            return Some(format!(
                "the API servers behind it may be down or starting; try again later, or ask one directly: `server` is in\n{}",
                access.entries()
            ));
        }
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
        (_, Some(namespace)) => format!(" -n {}", shell_word(namespace)),
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

/// What to do when a single Service was refused, by the API server's code and words (kube-apiserver 1.36.4).
pub(super) fn service_hint(access: &Access, refusal: &Refusal, verb: Verb, service: &ServiceRef) -> Option<String> {
    let ServiceRef { namespace, name } = service;
    let (namespace, name) = (shell_word(namespace), shell_word(name));
    let said = refusal.words();
    let about_node_port = refusal.causes.iter().any(|cause| cause.field.ends_with(".nodePort"));
    if said.contains("exceeded quota") {
        let command = access.kubectl(&format!("describe resourcequota -n {namespace}"));
        return Some(format!(
            "each port of the Service counts as one of `services.nodeports`; see what is left with\n{command}"
        ));
    }
    if said.contains("denied request") || said.contains("denied the request") {
        return Some("a policy of the cluster forbids it: ask who runs that policy".to_owned());
    }
    if said.contains("failed calling webhook") {
        let command = access.kubectl("get validatingwebhookconfigurations,mutatingwebhookconfigurations");
        return Some(format!("an admission webhook is down or slow; find it with\n{command}"));
    }
    if said.contains("because it is being terminated") {
        return Some("the namespace goes away: nothing can be made in it".to_owned());
    }
    if about_node_port && said.contains("already allocated") {
        let command = access.kubectl("get services -A");
        return Some(format!("take another number, or none and let the cluster choose; who has it is in\n{command}"));
    }
    if about_node_port && said.contains("not in the valid range") {
        return Some(
            "take a number of that range (`--service-node-port-range` of the API server), or none and let the cluster choose"
                .to_owned(),
        );
    }
    if said.contains("range is full") {
        return Some(
            "all node ports are taken: free some, or widen `--service-node-port-range` of the API server".to_owned(),
        );
    }
    if refusal.causes.iter().any(|cause| cause.field == "spec.externalTrafficPolicy") {
        return Some("an admission webhook may have turned the type back; ask who runs it".to_owned());
    }
    match refusal.status.as_u16() {
        403 if said.contains(" cannot ") => {
            let object = if verb == Verb::Create { "services".to_owned() } else { format!("services/{name}") };
            let command = access.kubectl(&format!("auth can-i {} {object} -n {namespace}", verb.name()));
            let page = if matches!(verb, Verb::Create | Verb::Delete) { "exposing" } else { "patching" };
            Some(format!("docs/{page}.md lists the rights that this needs; check with\n{command}"))
        }
        403 => None,
        404 if matches!(refusal.said, Said::Status(_)) => {
            Some(format!("see which there are with\n{}", access.kubectl(&format!("get services -n {namespace}"))))
        }
        _ => refusal_hint(access, refusal, Resource::Services, Some(&service.namespace)),
    }
}

pub(super) fn not_kubernetes(access: &Access) -> String {
    format!(
        "is `server` the address of the Kubernetes API, with its path, and does no login page stand before it?\n{}",
        access.entries()
    )
}

pub(super) fn try_again() -> String {
    "try again; a proxy or load balancer on the way may cut long answers".to_owned()
}
