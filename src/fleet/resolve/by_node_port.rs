//! The address of a node port: which nodes answer, and at which of their addresses.

use std::collections::BTreeSet;

use super::node_pool::Candidate;
use super::{
    Answer, NODES_TOLD, NodeAddressKind, Outside, Problem, Remark, Resolved, host, unique, without_node_ports,
};
use crate::fleet::address::{Address, Host};
use crate::fleet::environment::nodes;
use crate::fleet::inventory::{IpFamily, Node, ServiceType, SliceEndpoint, TrafficPolicy, Unreadable};
use crate::fleet::plan::Source;

/// The usable nodes that answer for one node port, as places in the pool.
pub(super) struct Answering {
    /// Those that run a pod: first those with one that is ready, then those where one still serves while it ends.
    hosting: Vec<usize>,
    /// Whether the other usable nodes answer too.
    others: bool,
}

impl Outside<'_> {
    /// The node port, where the Service has one that is open.
    pub(super) fn node_port(&self) -> Option<u16> {
        let has_node_ports = matches!(self.service.service_type, ServiceType::NodePort | ServiceType::LoadBalancer);
        self.port.node_port.filter(|_| has_node_ports)
    }

    pub(super) fn by_node_port(&self) -> Answer {
        let Some(node_port) = self.node_port() else { return Answer::Nothing };
        let families = match self.families() {
            Ok(families) => families,
            Err(family) => return Answer::Stop(Problem::NoFamily { family }),
        };
        let answering = match self.answering() {
            Ok(answering) => answering,
            Err(obstacle) => return Answer::Stop(obstacle),
        };
        let default = &NodeAddressKind::DEFAULT[..];
        let policy = self.surroundings.policy;
        let kinds = if policy.node_addresses.is_empty() { default } else { &policy.node_addresses };
        for family in &families {
            for kind in kinds {
                let found = self.hosts(&answering, *kind, *family);
                let Some((node, best)) = found.first() else { continue };
                let mut remarks = node_remarks(node, best, *kind);
                let others = families.iter().filter(|other| *other != family);
                let mut alternates = others.flat_map(|other| {
                    kinds.iter().flat_map(|kind| self.hosts(&answering, *kind, *other)).collect::<Vec<_>>()
                });
                if host::scope(best) != host::Scope::Anywhere
                    && let Some((_, public)) = alternates.find(|(_, host)| host::is_public_ip(host))
                {
                    remarks.push(Remark::PublicAlternate(Address::fixed(public, node_port)));
                }
                let hosts = found.into_iter().map(|(_, host)| (Address::fixed(host, node_port), Source::NodePort));
                return Answer::Found(Resolved { endpoints: unique(hosts), problem: None, remarks });
            }
        }
        Answer::Stop(Problem::NoNode { wanted: self.wanted_address(kinds, &families, &answering) })
    }

    /// All addresses at which the node port is open.
    pub(super) fn all_of_node_port(&self) -> Vec<Address> {
        let (Some(node_port), Ok(answering)) = (self.node_port(), self.answering()) else { return Vec::new() };
        let candidates: Vec<&Candidate<'_>> = if answering.others {
            self.surroundings.nodes.usable.iter().collect()
        } else {
            answering.hosting.iter().map(|at| &self.surroundings.nodes.usable[*at]).collect()
        };
        let hosts = candidates.into_iter().flat_map(|candidate| &candidate.addresses).map(|(_, host)| host);
        hosts.filter(|host| self.listens_on(host)).map(|host| Address::fixed(host.clone(), node_port)).collect()
    }

    /// Whether kube-proxy listens for the Service at an address of this family.
    pub(super) fn listens_on(&self, host: &Host) -> bool {
        let families = &self.service.ip_families;
        families.is_empty() || families.iter().any(|family| is_of(host, *family))
    }

    /// The families to try, in their order; `None` for any. A node port of a Service of one family does not listen on
    /// the other.
    ///
    /// # Errors
    /// The family that the settings want, when the Service does not have it.
    fn families(&self) -> Result<Vec<Option<IpFamily>>, IpFamily> {
        let own = &self.service.ip_families;
        match self.surroundings.policy.family {
            Some(family) if !own.is_empty() && !own.contains(&family) => Err(family),
            Some(family) => Ok(vec![Some(family)]),
            None if own.is_empty() => Ok(vec![None]),
            None => Ok(own.iter().copied().map(Some).collect()),
        }
    }

    /// The first few addresses of one kind and family, each of another node, best first.
    fn hosts(&self, answering: &Answering, kind: NodeAddressKind, family: Option<IpFamily>) -> Vec<(&Node, Host)> {
        let usable = &self.surroundings.nodes.usable;
        let fits = |at: usize, host: &Host| family.is_none_or(|family| usable[at].speaks(host, family));
        let hosting = answering.hosting.iter().filter_map(|at| {
            let own = usable[*at].addresses.iter().filter(|(own, _)| *own == kind);
            own.map(|(_, host)| host).find(|host| fits(*at, host)).map(|host| (*at, host))
        });
        let others = if answering.others { self.surroundings.nodes.of_kind(kind) } else { &[] };
        let others = others
            .iter()
            .map(|(at, host)| (*at, host))
            .filter(|(at, host)| fits(*at, host) && !answering.hosting.contains(at));
        let mut seen = BTreeSet::new();
        let all = hosting.chain(others).filter(|(at, _)| seen.insert(*at)).take(NODES_TOLD);
        all.map(|(at, host)| (usable[at].node, host.clone())).collect()
    }

    /// The usable nodes that answer for the node port.
    ///
    /// With `externalTrafficPolicy: Local` a node forwards only to pods of its own: to those that are ready, and where
    /// none is to those that are terminating and still serve (KEP-1669).
    fn answering(&self) -> Result<Answering, Problem> {
        let unreadable = |resource, reason: &Unreadable| Problem::Unreadable { resource, reason: reason.clone() };
        let pool = &self.surroundings.nodes;
        let nodes = pool.all.map_err(|reason| unreadable("nodes", reason))?;
        let local = self.service.external_traffic_policy == TrafficPolicy::Local;
        let (ready, draining) = match self.backends.ready(self.service) {
            Ok(ready) => (ready, self.backends.draining()),
            Err(reason) if local => return Err(unreadable("endpointslices", reason)),
            Err(_) => (Vec::new(), Vec::new()),
        };
        let names = |endpoints: &[&SliceEndpoint]| {
            endpoints.iter().filter_map(|endpoint| endpoint.node_name.clone()).collect::<BTreeSet<String>>()
        };
        let (ready, mut draining) = (names(&ready), names(&draining));
        draining.retain(|name| !ready.contains(name));
        let places = |names: &BTreeSet<String>| {
            let mut places: Vec<usize> = names.iter().filter_map(|name| pool.place(name)).collect();
            places.sort_unstable();
            places
        };
        let mut hosting = places(&ready);
        if local {
            hosting.extend(places(&draining));
        }
        if pool.usable.is_empty() || (local && hosting.is_empty()) {
            let running: BTreeSet<&String> = ready.iter().chain(&draining).collect();
            return Err(self.no_node(nodes, local, &running));
        }
        Ok(Answering { hosting, others: !local })
    }

    /// Why no node answers.
    fn no_node(&self, nodes: &[Node], local: bool, running: &BTreeSet<&String>) -> Problem {
        if let Some(what) = without_node_ports(nodes) {
            return Problem::NoNodePorts { what };
        }
        let ready = nodes.iter().filter(|node| node.ready).count();
        let selector = self.surroundings.policy.node_selector.is_some();
        let kinds: BTreeSet<&str> =
            nodes.iter().filter(|node| running.contains(&node.name)).filter_map(nodes::without_node_ports).collect();
        let wanted = if nodes.is_empty() {
            "the cluster has no nodes".to_owned()
        } else if ready == 0 {
            match nodes.len() {
                1 => "its only node is not Ready".to_owned(),
                number => format!("none of {number} nodes is Ready"),
            }
        } else if local && running.is_empty() {
            "externalTrafficPolicy is Local, and no node runs a ready pod of it".to_owned()
        } else if local && !kinds.is_empty() {
            let kinds: Vec<&str> = kinds.into_iter().collect();
            format!(
                "externalTrafficPolicy is Local, and its pods run where nothing serves node ports ({})",
                kinds.join(", ")
            )
        } else if local {
            "externalTrafficPolicy is Local, and no suitable node runs a ready pod of it".to_owned()
        } else if selector {
            format!("none of {ready} Ready nodes matches the nodeSelector of the settings")
        } else {
            format!("all of {ready} Ready nodes are being removed or not initialised")
        };
        Problem::NoNode { wanted }
    }

    fn wanted_address(
        &self,
        kinds: &[NodeAddressKind],
        families: &[Option<IpFamily>],
        answering: &Answering,
    ) -> String {
        let pool = &self.surroundings.nodes;
        let number = if answering.others { pool.usable.len() } else { answering.hosting.len() };
        let families: Vec<String> = families.iter().flatten().map(|family| format!("{family:?}")).collect();
        let family = if families.is_empty() { String::new() } else { format!(" of family {}", families.join(" or ")) };
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
        let wanted = format!("none of {number} suitable nodes has a usable {}{family}", kinds.join(" or "));
        if pool.claimed.is_empty() {
            return wanted;
        }
        let claimed: Vec<&str> = pool.claimed.iter().copied().take(NODES_TOLD).collect();
        format!("{wanted}; several nodes claim {}", claimed.join(", "))
    }
}

fn node_remarks(node: &Node, best: &Host, kind: NodeAddressKind) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = match nodes::machine(node) {
        Some(machine) => vec![Remark::OneMachine(machine)],
        None => host::remark(best).into_iter().collect(),
    };
    if matches!(kind, NodeAddressKind::InternalDNS | NodeAddressKind::Hostname)
        && !remarks.iter().any(|remark| matches!(remark, Remark::OnlyInside(_)))
    {
        remarks.push(Remark::NodeName(kind));
    }
    remarks
}

/// Whether a host is of a family; a name is of both.
pub(super) fn is_of(host: &Host, family: IpFamily) -> bool {
    match host {
        Host::Ip(ip) => ip.is_ipv4() == (family == IpFamily::IPv4),
        Host::Name(_) => true,
    }
}
