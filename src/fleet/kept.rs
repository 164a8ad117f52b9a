//! What of a Service's annotations an inventory keeps.

use super::environment;

/// Whether an annotation of a Service is kept: those that decide how it is reached, who writes it, or for what we made
/// it.
pub fn keeps_annotation(key: &str) -> bool {
    KEPT_ANNOTATIONS.contains(&key) || environment::keeps_service_annotation(key)
}

/// The annotations that are kept from a Service besides those of load balancers ([`super::environment`]): names given to
/// it by external-dns (both prefixes, since 0.22.0 changed the default), an address given by hand, the mark of our own
/// ([`super::exposure`]), and those of who else writes the Service ([`super::ownership`]). What kubectl applied last is
/// not among them: it is a whole object.
const KEPT_ANNOTATIONS: [&str; 15] = [
    "thanosctl.io/address",
    "thanosctl.io/exposes",
    "external-dns.kubernetes.io/hostname",
    "external-dns.alpha.kubernetes.io/hostname",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "argocd.argoproj.io/tracking-id",
    "kustomize.toolkit.fluxcd.io/reconcile",
    "objectset.rio.cattle.io/id",
    "objectset.rio.cattle.io/owner-gvk",
    "objectset.rio.cattle.io/owner-name",
    "configmanagement.gke.io/managed",
    "configsync.gke.io/resource-id",
    "service.cilium.io/global",
    "io.cilium/global-service",
];
