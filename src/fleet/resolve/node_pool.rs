//! The nodes of a cluster that can be dialled, and by which addresses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::by_node_port::is_of;
use super::host::is_link_local;
use super::{AddressPolicy, NodeAddressKind};
use crate::fleet::address::Host;
use crate::fleet::environment::nodes;
use crate::fleet::environment::nodes::Machine;
use crate::fleet::inventory::{IpFamily, Listing, Node, Unreadable};

/// The nodes of a cluster, as far as their addresses may be dialled.
pub(super) struct NodePool<'a> {
    /// All nodes, or why they are not known.
    pub all: Result<&'a [Node], &'a Unreadable>,
    /// Those that may be dialled, best first: those that take pods and stay, those that are not the control plane, by
    /// name.
    pub usable: Vec<Candidate<'a>>,
    /// The addresses that several nodes claim, so that they lead to none of them.
    pub claimed: BTreeSet<&'a str>,
    places: HashMap<&'a str, usize>,
    by_kind: HashMap<NodeAddressKind, Vec<(usize, Host)>>,
    machines: BTreeMap<&'a str, &'static Machine>,
}

/// A node that may be dialled.
pub(super) struct Candidate<'a> {
    /// The node.
    pub node: &'a Node,
    /// Its addresses that are some, in its order.
    pub addresses: Vec<(NodeAddressKind, Host)>,
}

const CONTROL_PLANE: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

impl<'a> NodePool<'a> {
    pub(super) fn of(listing: &'a Listing<Node>, policy: &AddressPolicy) -> Self {
        let all = listing.items();
        let nodes = all.unwrap_or_default();
        let claimed = claimed(nodes);
        let selects = |node: &Node| policy.node_selector.as_ref().is_none_or(|wanted| wanted.selects(&node.labels));
        let mut usable: Vec<&Node> = nodes
            .iter()
            .filter(|node| is_up(node) && selects(node))
            .filter(|node| nodes::without_node_ports(node).is_none() && !nodes::is_leaving(node))
            .collect();
        let control_plane = |node: &Node| node.labels.keys().any(|key| CONTROL_PLANE.contains(&key.as_str()));
        usable.sort_by_key(|node| {
            (node.unschedulable || nodes::may_leave(node), control_plane(node), node.name.as_str())
        });
        let usable: Vec<Candidate<'a>> = usable.into_iter().map(|node| Candidate::new(node, &claimed)).collect();
        let mut by_kind: HashMap<NodeAddressKind, Vec<(usize, Host)>> = HashMap::new();
        for (at, candidate) in usable.iter().enumerate() {
            for (kind, host) in &candidate.addresses {
                by_kind.entry(*kind).or_default().push((at, host.clone()));
            }
        }
        let places = usable.iter().enumerate().map(|(at, candidate)| (candidate.node.name.as_str(), at)).collect();
        let machines = nodes.iter().filter_map(|node| Some((node, nodes::machine(node)?)));
        let machines = machines
            .flat_map(|(node, machine)| node.addresses.iter().map(move |address| (address.address.as_str(), machine)));
        Self { all, usable, claimed, places, by_kind, machines: machines.collect() }
    }

    /// Where the usable node of this name is in [`NodePool::usable`].
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The addresses of one kind of all usable nodes, best first.
    pub(super) fn of_kind(&self, kind: NodeAddressKind) -> &[(usize, Host)] {
        self.by_kind.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The program inside of which a load balancer's address must be: that of the node that has it, or, for an address
    /// that no other machine can have, that of all nodes.
    pub(super) fn machine_of(&self, host: &Host, is_private: bool) -> Option<&'static Machine> {
        let nodes = self.all.unwrap_or_default();
        let text = match host {
            Host::Ip(ip) => ip.to_string(),
            Host::Name(name) => name.clone(),
        };
        let own = self.machines.get(text.as_str()).copied();
        own.or_else(|| {
            let first = nodes::machine(nodes.first().filter(|_| is_private)?)?;
            nodes.iter().all(|node| nodes::machine(node) == Some(first)).then_some(first)
        })
    }
}

impl<'a> Candidate<'a> {
    fn new(node: &'a Node, claimed: &BTreeSet<&str>) -> Self {
        let own = node.addresses.iter().filter(|address| !claimed.contains(address.address.as_str()));
        let addresses = own.clone().filter_map(|address| {
            let kind = NodeAddressKind::DEFAULT.into_iter().find(|kind| format!("{kind:?}") == address.kind)?;
            let host: Host = address.address.parse().ok()?;
            let is_ip = matches!(kind, NodeAddressKind::ExternalIP | NodeAddressKind::InternalIP);
            (matches!(host, Host::Ip(_)) == is_ip && !is_link_local(&host)).then_some((kind, host))
        });
        let mut addresses: Vec<(NodeAddressKind, Host)> = addresses.collect();
        // A name leads to the addresses that others claim as well.
        let is_claimed = own.count() < node.addresses.len();
        if is_claimed && !addresses.iter().any(|(_, host)| matches!(host, Host::Ip(_))) {
            addresses.clear();
        }
        Self { node, addresses }
    }

    /// Whether one of its addresses is dialled over this family: a name leads to the addresses beside it.
    pub(super) fn speaks(&self, host: &Host, family: IpFamily) -> bool {
        let mut ips = self.addresses.iter().map(|(_, host)| host).filter(|host| matches!(host, Host::Ip(_)));
        match host {
            Host::Ip(_) => is_of(host, family),
            Host::Name(_) => ips.clone().next().is_none() || ips.any(|host| is_of(host, family)),
        }
    }
}

/// Whether a node is there and answers.
fn is_up(node: &Node) -> bool {
    node.ready && !node.deleting
}

/// The addresses that several nodes claim, such as the one that each virtual machine of VirtualBox has behind its own
/// NAT. A node that is gone may still claim the address that another one has now, so only those that are up count.
fn claimed(nodes: &[Node]) -> BTreeSet<&str> {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    let mut claimed = BTreeSet::new();
    for node in nodes.iter().filter(|node| is_up(node)) {
        for address in &node.addresses {
            if *owners.entry(&address.address).or_insert(&node.name) != node.name {
                claimed.insert(address.address.as_str());
            }
        }
    }
    claimed
}

/// Why none of a cluster's nodes serves node ports; `None` when one does.
///
/// No nodes say nothing: where no Service has a node port, nobody asks for them.
pub fn without_node_ports(nodes: &[Node]) -> Option<String> {
    let kinds: Option<BTreeSet<&str>> = nodes.iter().map(nodes::without_node_ports).collect();
    let kinds: Vec<&str> = kinds.filter(|kinds| !kinds.is_empty())?.into_iter().collect();
    Some(match nodes.len() {
        1 => format!("its only node is {}", kinds.join(" or ")),
        number => format!("each of its {number} nodes is {}", kinds.join(" or ")),
    })
}
