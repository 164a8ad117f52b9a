//! What a host says of where it works.

use std::net::IpAddr;

use super::Remark;
use crate::fleet::address::Host;
use crate::fleet::environment::names;
use crate::fleet::environment::names::Meaning;

/// Where a host works, the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// As far as the host itself tells, everywhere.
    Anywhere,
    /// On some network.
    Network,
    /// On the machine itself, or its own link.
    Machine,
}

/// Where a host works.
pub(super) fn scope(host: &Host) -> Scope {
    match remark(host) {
        None => Scope::Anywhere,
        Some(Remark::Loopback | Remark::LinkLocal) => Scope::Machine,
        Some(_) => Scope::Network,
    }
}

/// Whether it is an address that works everywhere, as far as an address tells.
pub(super) fn is_public_ip(host: &Host) -> bool {
    matches!(host, Host::Ip(_)) && scope(host) == Scope::Anywhere
}

/// What somebody who dials a host should know of where it works.
pub(super) fn remark(host: &Host) -> Option<Remark> {
    match host {
        Host::Ip(ip) => of_ip(*ip),
        Host::Name(name) if name.trim_end_matches('.').eq_ignore_ascii_case("localhost") => Some(Remark::Loopback),
        Host::Name(name) => match names::meaning(name)? {
            Meaning::Only(network) => Some(Remark::OnlyInside(network)),
            Meaning::HoldsAddress => of_ip(names::held_address(name)?.into()),
        },
    }
}

/// Whether an address is one that only its own link knows, so that a node cannot be dialled by it.
pub(super) fn is_link_local(host: &Host) -> bool {
    matches!(host, Host::Ip(ip) if of_ip(*ip) == Some(Remark::LinkLocal))
}

fn of_ip(ip: IpAddr) -> Option<Remark> {
    let ip = ip.to_canonical();
    let (link_local, private) = match ip {
        // 240.0.0.0/4 was reserved for the future (RFC 1112): no router of the Internet has a way there, and clouds use it
        // inside. 100.64.0.0/10 is what carriers and VPNs use (RFC 6598), 198.18.0.0/15 what some virtual machines on desktops
        // do (RFC 2544).
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_shared = (a == 100 && b & 0b1100_0000 == 64) || (a == 198 && b & 0b1111_1110 == 18);
            (ip.is_link_local(), ip.is_private() || is_shared || a >= 240)
        }
        IpAddr::V6(ip) => {
            // The unique local addresses of today, and the site-local ones before them (RFC 3879).
            let is_site_local = ip.segments()[0] & 0xffc0 == 0xfec0;
            (ip.is_unicast_link_local(), ip.is_unique_local() || is_site_local)
        }
    };
    if ip.is_loopback() {
        Some(Remark::Loopback)
    } else if link_local {
        Some(Remark::LinkLocal)
    } else {
        private.then_some(Remark::PrivateAddress)
    }
}
