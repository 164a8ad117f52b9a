//! The addresses of a load balancer: its entries in the Service's status, what they say of single ports, and from where
//! they can be reached.

use super::by_node_port::is_of;
use super::host::{self, Scope};
use super::privacy::{gates, reach};
use super::{Answer, Outside, Problem, Remark, Resolved, unique};
use crate::fleet::address::{Address, Host};
use crate::fleet::inventory::{Condition, LoadBalancerIngress, ServiceType};
use crate::fleet::plan::Source;
use crate::text::clean;

/// At most so much of a condition is quoted.
const QUOTED: usize = 300;

impl Outside<'_> {
    /// All entries lead to the same backends, so one is dialled and the others are alternates.
    pub(super) fn by_load_balancer(&self) -> Answer {
        if self.service.service_type != ServiceType::LoadBalancer {
            return Answer::Nothing;
        }
        let (mut found, mut obstacle) = (Vec::new(), None);
        for entry in &self.service.load_balancer_ingress {
            let Some(text) = entry.ip.as_deref().or(entry.hostname.as_deref()) else { continue };
            match (text.parse::<Host>(), self.port_of(entry, text)) {
                (Err(error), _) => {
                    obstacle = Some(Problem::BadAddress { reason: format!("its load balancer's address: {error}") });
                }
                (_, Err(problem)) => obstacle = Some(problem),
                (Ok(host), Ok(_)) if self.is_unwanted_family(&host) => {
                    obstacle = self.surroundings.policy.family.map(|family| Problem::NoFamily { family });
                }
                (Ok(host), Ok(port)) => found.push((host, port)),
            }
        }
        if found.is_empty() {
            return Answer::Stop(obstacle.unwrap_or_else(|| self.pending()));
        }
        // Unless the settings want one, a family that the Service does not name is still better than nothing.
        found.sort_by_key(|(host, _)| (!self.fits_family(host), host::scope(host)));
        let remarks = self.balancer_remarks(&found);
        let endpoints =
            unique(found.into_iter().map(|(host, port)| (Address::fixed(host, port), Source::LoadBalancer)));
        Answer::Found(Resolved { endpoints, problem: None, remarks })
    }

    /// The load balancer has no address yet, for the reasons that its conditions give.
    pub(super) fn pending(&self) -> Problem {
        let reasons = self.service.conditions.iter().filter(|condition| says_why(condition)).map(quoted);
        Problem::Pending { class: self.service.load_balancer_class.clone(), reasons: reasons.collect() }
    }

    /// The port that is dialled at an entry: the Service's, or the only one that the entry has where it has none of the
    /// Service's. ngrok's operator gives each Service a port of its own choice that way.
    fn port_of(&self, entry: &LoadBalancerIngress, host: &str) -> Result<u16, Problem> {
        let own = self.port.port;
        let over_tcp = || entry.ports.iter().filter(|said| said.protocol.as_deref().is_none_or(|it| it == "TCP"));
        if let Some(said) = over_tcp().find(|said| said.port == own) {
            return match &said.error {
                Some(error) => Err(Problem::PortRefused { error: error.clone() }),
                None => Ok(own),
            };
        }
        let is_own = |port: u16| self.service.ports.iter().any(|own| own.port == port);
        if over_tcp().any(|said| is_own(said.port)) {
            return Ok(own);
        }
        let open: Vec<u16> = over_tcp().filter(|said| said.error.is_none()).map(|said| said.port).collect();
        match open[..] {
            [] => Ok(own),
            [port] => Ok(port),
            _ => Err(Problem::PortUnclear { host: clean(host), ports: open, own }),
        }
    }

    fn balancer_remarks(&self, found: &[(Host, u16)]) -> Vec<Remark> {
        let (best, _) = &found[0];
        let scope = host::scope(best);
        let is_private = scope == Scope::Network;
        let mut remarks = Vec::new();
        let is_own_cluster_ip = |ip: &String| ip.parse::<Host>().as_ref() == Ok(best);
        if self.service.cluster_ip.as_ref().is_some_and(is_own_cluster_ip) {
            remarks.push(Remark::OwnClusterIp);
        } else if let Some(machine) = self.surroundings.nodes.machine_of(best, is_private) {
            remarks.push(Remark::OneMachine(machine));
        } else {
            remarks.extend(host::remark(best));
            let mut others = found[1..].iter().map(|(host, _)| host).filter(|host| matches!(host, Host::Ip(_)));
            // A name tells nothing where the addresses beside it do.
            if matches!(best, Host::Name(_)) && remarks.is_empty() {
                let first = others.next();
                let all = first.into_iter().chain(others);
                let remark = first.and_then(host::remark);
                remarks.extend(remark.filter(|_| all.into_iter().all(|host| host::scope(host) == Scope::Network)));
            }
        }
        for remark in reach(self.service, best) {
            // What the Service says is told before what the end of a name says.
            if matches!(remark, Remark::OnlyInside(_) | Remark::PrivateLoadBalancer { .. }) {
                remarks.retain(|other| !matches!(other, Remark::OnlyInside(_)));
            }
            remarks.push(remark);
        }
        if scope != Scope::Anywhere
            && let Some((public, port)) = found.iter().find(|(host, _)| host::is_public_ip(host))
        {
            remarks.push(Remark::PublicAlternate(Address::fixed(public.clone(), *port)));
        }
        remarks.extend(gates(self.service));
        remarks
    }

    /// The family to dial: the settings', else the Service's first one.
    pub(super) fn fits_family(&self, host: &Host) -> bool {
        let family = self.surroundings.policy.family.or_else(|| self.service.ip_families.first().copied());
        family.is_none_or(|family| is_of(host, family))
    }

    /// Whether the settings want addresses of the other family.
    pub(super) fn is_unwanted_family(&self, host: &Host) -> bool {
        self.surroundings.policy.family.is_some() && !self.fits_family(host)
    }
}

/// Whether a condition says why something is not as it should be.
fn says_why(condition: &Condition) -> bool {
    let names_a_fault = ["Error", "Failed", "Failure"].iter().any(|end| condition.kind.ends_with(end));
    names_a_fault == (condition.status == "True")
}

/// The words of a condition, on one line.
fn quoted(condition: &Condition) -> String {
    let Condition { kind, reason, message, .. } = condition;
    let words = match (reason.as_str(), message.as_str()) {
        ("", "") => kind.clone(),
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    };
    let words = clean(&words);
    match words.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{}…", &words[..at]),
        None => words,
    }
}
