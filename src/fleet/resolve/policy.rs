//! How a cluster's Services are reached, as the settings say it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::fleet::inventory::IpFamily;
use crate::fleet::labels::LabelSelector;

/// How the Services of a cluster are reached: `clusters[].address` of the settings. What is absent is decided by
/// the default order.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct AddressPolicy {
    /// The sources to try first, in order; the others follow in the default order.
    pub prefer: Vec<PreferredSource>,
    /// The kinds of node address to use, best first; all kinds in the default order when empty.
    pub node_addresses: Vec<NodeAddressKind>,
    /// Which nodes may be dialled; all when absent.
    pub node_selector: Option<LabelSelector>,
    /// The IP family to dial; the Service's first one when absent.
    pub family: Option<IpFamily>,
}

/// A source of addresses that the settings can prefer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words of Kubernetes")]
pub enum PreferredSource {
    LoadBalancer,
    ExternalIP,
    NodePort,
    ExternalDNS,
}

/// A kind of node address, spelled as Kubernetes spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words of Kubernetes")]
pub enum NodeAddressKind {
    ExternalIP,
    ExternalDNS,
    InternalIP,
    InternalDNS,
    Hostname,
}

impl NodeAddressKind {
    /// What an outside client tries, best first (as external-dns does: source/service.go).
    pub(super) const DEFAULT: [Self; 5] =
        [Self::ExternalIP, Self::ExternalDNS, Self::InternalIP, Self::InternalDNS, Self::Hostname];
}
