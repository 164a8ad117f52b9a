//! The pods behind a Service, as its EndpointSlices tell.

use std::collections::BTreeSet;

use super::Remark;
use crate::model::inventory::{EndpointSlice, Listing, Service, ServicePort, SliceEndpoint, Unreadable};

/// The pods behind a Service that serve a port, as far as they are known.
pub struct Backends<'a> {
    known: Result<Vec<&'a SliceEndpoint>, &'a Unreadable>,
    /// The container's port, when all slices agree.
    pub(super) port: Option<u16>,
}

impl<'a> Backends<'a> {
    /// The pods behind the port `port` of `service`, among `slices`.
    pub fn of(service: &Service, port: &ServicePort, slices: &'a Listing<EndpointSlice>) -> Self {
        let name = port.name.as_deref().unwrap_or_default();
        let slices = match slices.items() {
            Ok(slices) => slices,
            Err(reason) => return Self { known: Err(reason), port: None },
        };
        let own = slices.iter().filter(|slice| slice.namespace == service.namespace && slice.service == service.name);
        let (mut endpoints, mut ports, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for slice in own {
            if let Some(reason) = &slice.unreadable {
                return Self { known: Err(reason), port: None };
            }
            let serves = slice.ports.iter().find(|served| served.name == name);
            let Some(serves) = serves else { continue };
            ports.extend(serves.port);
            // A dual-stack pod stands in one slice per family.
            endpoints.extend(slice.endpoints.iter().filter(|e| seen.insert(e.pod.as_deref().unwrap_or(&e.address))));
        }
        Self { known: Ok(endpoints), port: if ports.len() == 1 { ports.first().copied() } else { None } }
    }

    /// What tells the pods apart; empty when none is known.
    pub fn pods(&self) -> BTreeSet<&'a str> {
        let known = self.known.iter().flatten();
        known.map(|endpoint| endpoint.pod.as_deref().unwrap_or(&endpoint.address)).collect()
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

    pub(super) fn remark(&self, service: &Service) -> Option<Remark> {
        match self.ready(service) {
            Err(reason) => Some(Remark::ReplicasUnknown { cause: reason.cause.clone() }),
            Ok(ready) if ready.is_empty() => Some(Remark::NoReadyPod),
            Ok(ready) if ready.len() > 1 => Some(Remark::Replicas(ready.len())),
            Ok(_) => None,
        }
    }
}
