//! What the querier should be given: every endpoint, once, each with where it came from.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::names::{ClusterName, ServiceRef};

/// How an address was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    /// Written in the settings, or in the Service's annotation `thanosctl.io/address`.
    Override,
    /// `status.loadBalancer.ingress`.
    LoadBalancer,
    /// `spec.externalIPs`.
    ExternalIP,
    /// A node's address and the Service's node port.
    NodePort,
    /// A name that external-dns was asked to publish.
    ExternalDNS,
    /// The Service's own DNS name: it runs in the cluster of the querier.
    ClusterDNS,
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

/// Where an endpoint came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The cluster.
    pub cluster: ClusterName,
    /// The Service; `None` when the settings give the address.
    pub service: Option<ServiceRef>,
}

impl fmt::Display for Origin {
    /// `CLUSTER NAMESPACE/NAME`, or `CLUSTER settings`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.service {
            Some(service) => write!(out, "{} {service}", self.cluster),
            None => write!(out, "{} settings", self.cluster),
        }
    }
}

/// One address for the querier to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What is dialled.
    pub address: Address,
    /// How it was found.
    pub source: Source,
    /// Where it came from.
    pub origin: Origin,
}

/// Every endpoint of the fleet. Never empty, never with one address twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    endpoints: Vec<Endpoint>,
}

/// Why endpoints make no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is nothing to query.
    #[error("no StoreAPI that the querier could dial was found")]
    Empty,
    /// One address leads to two Services: one of them would be missing from every answer.
    #[error("`{address}` is claimed by {first} and by {second}")]
    SameAddress {
        /// The address.
        address: Address,
        /// Who comes first.
        first: Origin,
        /// Who claims it as well.
        second: Origin,
    },
}

impl Plan {
    /// The plan of `endpoints`, in their order.
    ///
    /// # Errors
    /// Every address that is claimed twice, or that there is none at all.
    pub fn assemble(endpoints: Vec<Endpoint>) -> Result<Self, Vec<PlanError>> {
        if endpoints.is_empty() {
            return Err(vec![PlanError::Empty]);
        }
        let mut seen: BTreeMap<String, &Origin> = BTreeMap::new();
        let mut errors = Vec::new();
        for endpoint in &endpoints {
            if let Some(first) = seen.get(&endpoint.address.target()) {
                errors.push(PlanError::SameAddress {
                    address: endpoint.address.clone(),
                    first: (*first).clone(),
                    second: endpoint.origin.clone(),
                });
            } else {
                seen.insert(endpoint.address.target(), &endpoint.origin);
            }
        }
        if errors.is_empty() { Ok(Self { endpoints }) } else { Err(errors) }
    }

    /// The endpoints, in the order of the clusters, then of their Services.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(address: &str, cluster: &str) -> Endpoint {
        Endpoint {
            address: address.parse().unwrap(),
            source: Source::Override,
            origin: Origin { cluster: ClusterName::try_from(cluster.to_owned()).unwrap(), service: None },
        }
    }

    #[test]
    fn an_address_that_two_clusters_claim_makes_no_plan() {
        let errors = Plan::assemble(vec![endpoint("10.0.0.1:1", "a"), endpoint("10.0.0.1:1", "b")]).unwrap_err();
        assert_eq!(errors[0].to_string(), "`10.0.0.1:1` is claimed by a settings and by b settings");
    }

    #[test]
    fn two_spellings_of_one_name_are_one_address() {
        let spelled = |name: &str| endpoint(name, name.split('.').next_back().unwrap_or("x"));
        let errors = Plan::assemble(vec![spelled("LB.example.net:1"), spelled("lb.example.net.:1")]).unwrap_err();
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn an_empty_plan_cannot_be_made() {
        assert_eq!(Plan::assemble(vec![]), Err(vec![PlanError::Empty]));
    }
}
