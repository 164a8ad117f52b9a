//! The addresses that a command prints when Services can be reached: on stdout, a line each.

use super::writing::{Connected, at_once};
use crate::cli::ClusterArgs;
use crate::failure::Failure;
use crate::fleet::address::Address;
use crate::fleet::inventory::{Observed, Service, ServicePort};
use crate::fleet::resolve::Problem;
use crate::fleet::sidecar;

/// What the addresses of the `services` of each cluster depend on; `None` for a cluster that has none of them.
pub(super) async fn surroundings(
    connected: &[Connected],
    services: impl Fn(&Connected) -> Vec<Service>,
    args: &ClusterArgs,
) -> Vec<Option<Observed>> {
    let asked = connected.iter().map(|cluster| {
        let services = services(cluster);
        async { if services.is_empty() { None } else { Some(cluster.session.surroundings(services).await) } }
    });
    at_once(asked, args).await
}

/// An address of a port as it is printed: as a URL where the port speaks HTTP.
pub(super) fn line(service: &Service, port: &ServicePort, address: &Address) -> String {
    let scheme = scheme(service, port).map(|scheme| format!("{scheme}://")).unwrap_or_default();
    format!("{scheme}{address}\n")
}

/// A Service of which no address is known, and why not.
pub(super) fn without_address(
    cluster: &Connected,
    service: &Service,
    what: &str,
    problem: Option<&Problem>,
) -> Failure {
    let failure = Failure::new(format!("{} {what}", cluster.name_of(&service.reference())));
    match problem {
        Some(problem) => failure.caused_by(problem),
        None => failure,
    }
}

/// What a browser would put before the address; `None` for what speaks no HTTP, or not in a way that tells.
fn scheme(service: &Service, port: &ServicePort) -> Option<&'static str> {
    if sidecar::grpc_port(service).is_some_and(|grpc| std::ptr::eq(grpc, port)) {
        return None;
    }
    let named = |word: &str| port.name.as_deref().is_some_and(|name| name.split('-').any(|part| part == word));
    match (port.app_protocol.as_deref(), port.port) {
        (Some("https" | "kubernetes.io/wss"), _) => Some("https"),
        (Some("http" | "kubernetes.io/ws"), _) => Some("http"),
        (Some(_), _) => None,
        _ if named("https") => Some("https"),
        _ if named("http") || named("web") || named("http2") => Some("http"),
        (None, 443 | 8443) => Some("https"),
        (None, 80 | 8080 | 9090 | 10902) => Some("http"),
        (None, _) => None,
    }
}
