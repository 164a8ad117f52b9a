//! Whether Services of ours lead where they are meant to lead, and no further: node ports that no node serves, and load
//! balancers that may be public.

use super::{Action, Mark, Refused, Remark, Step, Wanted, Wish};
use crate::fleet::inventory::{EndpointSlice, Listing, Node, Service, ServiceType};
use crate::fleet::resolve::{Privacy, without_node_ports};

/// What is known of a cluster besides the Service that is exposed.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The EndpointSlices of the Service.
    pub slices: &'a Listing<EndpointSlice>,
    /// The nodes; empty where nobody asked for them.
    pub nodes: &'a Listing<Node>,
}

/// Types that lead nowhere, or too far.
pub(super) fn refuse_types(
    steps: &[Step],
    privacy: &Privacy,
    nodes: &Listing<Node>,
    wish: &Wish,
) -> Result<(), Refused> {
    if wish.force {
        return Ok(());
    }
    let work = || steps.iter().filter(|step| step.action.is_work()).filter_map(|step| step.action.wanted());
    let any = |service_type| work().any(|wanted| wanted.service_type == service_type);
    if any(ServiceType::NodePort)
        && let Some(what) = without_node_ports(nodes.items().unwrap_or_default())
    {
        return Err(Refused::NoNodePorts(what));
    }
    match privacy {
        Privacy::Unexplained(address) if any(ServiceType::LoadBalancer) => Err(Refused::MayBePublic(address.clone())),
        Privacy::Unexplained(_) | Privacy::Said | Privacy::ByController(_) | Privacy::Open => Ok(()),
    }
}

/// What else there is to know of the types that Services of ours get.
pub(super) fn type_remarks(steps: &[Step], privacy: &Privacy, present: &[(&Service, Mark)]) -> Vec<Remark> {
    let balanced = |wanted: &&Wanted| wanted.service_type == ServiceType::LoadBalancer;
    let mut remarks = Vec::new();
    let makes_balancers = steps
        .iter()
        .filter(|step| matches!(step.action, Action::Create(_) | Action::Change(..)))
        .filter_map(|step| step.action.wanted())
        .any(|wanted| balanced(&wanted));
    if makes_balancers && matches!(privacy, Privacy::Open | Privacy::Unexplained(_)) {
        remarks.push(Remark::MayBePublic);
    }
    for wanted in steps.iter().filter_map(|step| step.action.wanted()).filter(balanced) {
        let own = present.iter().map(|(service, _)| *service).find(|service| service.reference() == wanted.name);
        let other = own.filter(|own| {
            own.service_type == ServiceType::LoadBalancer && own.load_balancer_class != wanted.keeping.class
        });
        // Where the base names no class, the one that ours has was given by the cluster.
        if other.is_some() && wanted.keeping.class.is_some() {
            remarks.push(Remark::OtherClass { name: wanted.name.clone(), class: wanted.keeping.class.clone() });
        }
    }
    remarks
}
