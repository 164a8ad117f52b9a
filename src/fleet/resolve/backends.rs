//! The pods behind a Service, as its EndpointSlices tell.

use std::collections::{BTreeSet, HashMap};

use super::{PartKind, Remark};
use crate::fleet::inventory::{EndpointSlice, Listing, Service, ServicePort, SliceEndpoint, Unreadable};
use crate::fleet::replica::Replica;

/// The EndpointSlices of a cluster, found by their Service: clusters have many of both.
pub struct Slices<'a>(Result<OfServices<'a>, &'a Unreadable>);

/// By namespace, then by the name of the Service.
type OfServices<'a> = HashMap<&'a str, HashMap<&'a str, Vec<&'a EndpointSlice>>>;

impl<'a> Slices<'a> {
    /// Those of a listing.
    pub fn of(listing: &'a Listing<EndpointSlice>) -> Self {
        Self(listing.items().map(|slices| {
            let mut all = OfServices::new();
            for slice in slices {
                all.entry(&slice.namespace).or_default().entry(&slice.service).or_default().push(slice);
            }
            all
        }))
    }

    /// Those of one Service, in the order of the listing.
    fn behind(&self, service: &Service) -> Result<&[&'a EndpointSlice], &'a Unreadable> {
        let all = self.0.as_ref().map_err(|reason| *reason)?;
        let own = all.get(service.namespace.as_str()).and_then(|named| named.get(service.name.as_str()));
        Ok(own.map(Vec::as_slice).unwrap_or_default())
    }
}

/// What tells one backend from another: its pod, or, where no pod is named (addresses that were entered by hand), its
/// address with the port, since one machine may run several servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend<'a> {
    /// The pod, as [`SliceEndpoint::pod`] tells it apart.
    Pod(&'a str),
    /// An address and a port; `None` for all ports.
    Address(&'a str, Option<u16>),
}

impl<'a> Backend<'a> {
    fn of(endpoint: &'a SliceEndpoint, port: Option<u16>) -> Self {
        endpoint.pod.as_deref().map_or(Self::Address(&endpoint.address, port), Self::Pod)
    }
}

/// The pods behind a Service that serve a port, as far as they are known.
pub struct Backends<'a> {
    known: Result<Vec<&'a SliceEndpoint>, &'a Unreadable>,
    distinct: BTreeSet<Backend<'a>>,
    /// The container's port, when all slices agree.
    pub(super) port: Option<u16>,
}

impl<'a> Backends<'a> {
    /// The pods behind the port `port` of `service`, among `slices`.
    pub fn of(service: &Service, port: &ServicePort, slices: &Slices<'a>) -> Self {
        let name = port.name.as_deref().unwrap_or_default();
        let own = match slices.behind(service) {
            Ok(slices) => slices,
            Err(reason) => return Self { known: Err(reason), distinct: BTreeSet::new(), port: None },
        };
        let (mut endpoints, mut ports, mut distinct) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for slice in own {
            if let Some(reason) = &slice.unreadable {
                return Self { known: Err(reason), distinct: BTreeSet::new(), port: None };
            }
            let serves = slice.ports.iter().find(|served| served.name == name);
            let Some(serves) = serves else { continue };
            ports.extend(serves.port);
            // A dual-stack pod stands in one slice per family.
            endpoints.extend(slice.endpoints.iter().filter(|e| distinct.insert(Backend::of(e, serves.port))));
        }
        Self { known: Ok(endpoints), distinct, port: if ports.len() == 1 { ports.first().copied() } else { None } }
    }

    /// What tells the pods apart; empty when none is known.
    pub fn distinct(&self) -> &BTreeSet<Backend<'a>> {
        &self.distinct
    }

    /// The pods, ready or not.
    ///
    /// # Errors
    /// When the slices could not be read.
    pub fn endpoints(&self) -> Result<&[&'a SliceEndpoint], &'a Unreadable> {
        self.known.as_deref().map_err(|reason| *reason)
    }

    /// Whether it is known that nobody answers now.
    pub fn is_deserted(&self, service: &Service) -> bool {
        self.ready(service).is_ok_and(|ready| ready.is_empty())
    }

    pub(super) fn ready(&self, service: &Service) -> Result<Vec<&'a SliceEndpoint>, &'a Unreadable> {
        let known = self.known.as_ref().map_err(|reason| *reason)?;
        Ok(known.iter().copied().filter(|endpoint| endpoint.ready || service.publish_not_ready_addresses).collect())
    }

    /// Those that are terminating and still serve; none when nobody knows.
    pub(super) fn draining(&self) -> Vec<&'a SliceEndpoint> {
        self.known.iter().flatten().copied().filter(|endpoint| endpoint.draining).collect()
    }

    pub(super) fn remarks(&self, service: &Service) -> Vec<Remark> {
        let shard = service.selector.get(SHARD).map(|shard| Remark::OneShard { shard: shard.clone() });
        let pods = match (self.ready(service), self.parts()) {
            (Err(reason), _) => Some(Remark::ReplicasUnknown { cause: reason.cause.clone() }),
            (Ok(ready), _) if ready.is_empty() => Some(Remark::NoReadyPod),
            (Ok(_), Some(parts)) => Some(parts),
            (Ok(ready), None) if ready.len() > 1 => Some(Remark::Replicas(ready.len())),
            (Ok(_), None) => None,
        };
        pods.into_iter().chain(shard).collect()
    }

    /// The parts of the data behind the address, where there are several, ready or not: replicas of one StatefulSet have
    /// the same data, and two StatefulSets have not. The prometheus-operator makes one for each shard: `NAME`,
    /// `NAME-shard-1` and so on (prometheus-operator, pkg/prometheus/common.go).
    fn parts(&self) -> Option<Remark> {
        let pods = self.known.as_ref().ok()?.iter().map(|endpoint| endpoint.pod_name.as_deref());
        let sets: BTreeSet<String> = pods.map(|pod| Some(Replica::of_pod(pod?)?.set)).collect::<Option<_>>()?;
        if sets.len() < 2 {
            return None;
        }
        let split = |set: &String| match set.rsplit_once("-shard-") {
            Some((name, shard)) if shard.parse::<u16>().is_ok() => (name.to_owned(), shard.to_owned()),
            _ => (set.clone(), "0".to_owned()),
        };
        let (names, shards): (BTreeSet<String>, Vec<String>) = sets.iter().map(split).unzip();
        Some(match names.len() {
            1 => {
                let mut numbers: Vec<u16> = shards.iter().filter_map(|shard| shard.parse().ok()).collect();
                numbers.sort_unstable();
                let names = numbers.iter().map(|shard| format!("shard {shard}")).collect();
                Remark::Parts { kind: PartKind::Shards, names }
            }
            _ => Remark::Parts { kind: PartKind::Sets, names: sets.into_iter().collect() },
        })
    }
}

/// The label by which the prometheus-operator tells the pods of a shard.
const SHARD: &str = "operator.prometheus.io/shard";
