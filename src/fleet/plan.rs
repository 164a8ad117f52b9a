//! What the querier should be given: every endpoint, once, each with where it came from.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::address::Address;
use crate::names::{ClusterName, ServiceRef};

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

/// Why an endpoint cannot be found now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Its cluster could not be read.
    Cluster,
    /// Its Service is there and has no address.
    Service,
    /// The fleet has no cluster of that name, and another could not be read, which may be this one under a new name.
    Fleet,
}

impl Gap {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Cluster, Self::Service, Self::Fleet];
}

impl fmt::Display for Gap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Cluster => "the cluster could not be read",
            Self::Service => "the Service had no address",
            Self::Fleet => "a cluster of another name could not be read",
        })
    }
}

/// By what an endpoint is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// It was found now.
    Found(Source),
    /// It cannot be found now; the values knew it.
    Kept(Gap),
}

/// One address for the querier to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What is dialled.
    pub address: Address,
    /// By what it is known.
    pub evidence: Evidence,
    /// Where it came from.
    pub origin: Origin,
}

impl Endpoint {
    /// Why it was kept; `None` when it was found now.
    pub fn kept(&self) -> Option<Gap> {
        match self.evidence {
            Evidence::Found(_) => None,
            Evidence::Kept(gap) => Some(gap),
        }
    }

    /// Who says that this is its address.
    fn claim(&self) -> String {
        match self.kept() {
            None => self.origin.to_string(),
            Some(gap) => format!("{} (kept: {gap})", self.origin),
        }
    }
}

/// An endpoint that earlier values have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEndpoint {
    /// What was dialled.
    pub address: Address,
    /// Where it came from.
    pub origin: Origin,
}

/// Every endpoint of the fleet. At least one was found now, and no address is there twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    endpoints: Vec<Endpoint>,
}

/// Why endpoints make no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is nothing to query, or nothing but what was kept: that would tell nothing new.
    #[error("no StoreAPI that the querier could dial was found")]
    NothingFound,
    /// One address leads to two Services: one of them would be missing from every answer.
    #[error("`{}` is claimed by {} and by {}", second.address, first.claim(), second.claim())]
    SameAddress {
        /// Who comes first.
        first: Box<Endpoint>,
        /// Who claims the address as well.
        second: Box<Endpoint>,
    },
}

impl Plan {
    /// The plan of `endpoints`, in their order.
    ///
    /// # Errors
    /// Every address that is claimed twice, or that none was found now.
    pub fn assemble(endpoints: Vec<Endpoint>) -> Result<Self, Vec<PlanError>> {
        if endpoints.iter().all(|endpoint| endpoint.kept().is_some()) {
            return Err(vec![PlanError::NothingFound]);
        }
        let mut seen: BTreeMap<String, &Endpoint> = BTreeMap::new();
        let mut errors = Vec::new();
        for endpoint in &endpoints {
            if let Some(first) = seen.get(&endpoint.address.target()) {
                errors.push(PlanError::SameAddress {
                    first: Box::new((*first).clone()),
                    second: Box::new(endpoint.clone()),
                });
            } else {
                seen.insert(endpoint.address.target(), endpoint);
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
            evidence: Evidence::Found(Source::Override),
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
    fn a_plan_in_which_nothing_was_found_cannot_be_made() {
        assert_eq!(Plan::assemble(vec![]), Err(vec![PlanError::NothingFound]));
        let kept = Endpoint { evidence: Evidence::Kept(Gap::Cluster), ..endpoint("10.0.0.1:1", "a") };
        assert_eq!(Plan::assemble(vec![kept]), Err(vec![PlanError::NothingFound]));
    }

    #[test]
    fn a_kept_address_that_somebody_else_has_now_makes_no_plan() {
        let kept = Endpoint { evidence: Evidence::Kept(Gap::Cluster), ..endpoint("10.0.0.1:1", "a") };
        let errors = Plan::assemble(vec![kept, endpoint("10.0.0.1:1", "b")]).unwrap_err();
        assert_eq!(
            errors[0].to_string(),
            "`10.0.0.1:1` is claimed by a settings (kept: the cluster could not be read) and by b settings"
        );
    }
}
