//! Services of our own beside those that cannot be reached from outside: decided on what is known, before anything is
//! sent.
//!
//! A headless Service can never become NodePort, and one address for several replicas shows a querier one of them at a
//! time. Another Service over the same pods, or one for each of them, helps without touching what others own.

mod checks;
mod keeping;
mod mark;
mod names;
mod wanted;

pub use checks::Around;
pub use keeping::Keeping;
pub use mark::{MANAGED_BY, MARK, Mark};
pub use names::{name_for_all, names_for_each};
pub use wanted::{Differs, Wanted};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::inventory::{EndpointSlice, Listing, Service, ServicePort, ServiceType, TargetPort, Unreadable};
use super::nodeport::{self, NodePortWish};
use super::replica::Replica;
use super::resolve::{Backends, Slices};
use super::sidecar::{self, Role};
use crate::names::ServiceRef;
use checks::{refuse_types, type_remarks};
use wanted::COMPONENT;

/// The label by which a StatefulSet tells its pods apart.
pub const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";

/// What is wanted of our Services.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// `NodePort` or `LoadBalancer`; what ours are already when absent, else `NodePort`.
    pub service_type: Option<ServiceType>,
    /// How many there shall be; decided by the pods when absent.
    pub split: Option<Split>,
    /// The node port to take; the API server's choice when absent.
    pub node_port: Option<NodePortWish>,
    /// The port that is meant, by its name or its number; the gRPC port when absent.
    pub port: Option<String>,
    /// Take a load balancer away, make one that may be public beside one that is not, or open node ports that no node
    /// serves.
    pub force: bool,
}

/// How many Services of ours there shall be for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// One for each replica.
    PerReplica,
    /// One for all of them.
    OneForAll,
}

/// What is to be done so that a Service is exposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// What is to be done, Service by Service of ours: those that shall be there by their names, then those that go.
    pub steps: Vec<Step>,
    /// What else there is to know.
    pub remarks: Vec<Remark>,
}

/// What is to be done with one Service of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which.
    pub name: ServiceRef,
    /// The pod that it is for; `None` when it is for all.
    pub pod: Option<String>,
    /// What is done with it.
    pub action: Action,
}

/// What is done with a Service of ours.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// It is made.
    Create(Wanted),
    /// It is changed in what differs.
    Change(Wanted, Vec<Differs>),
    /// It is as it should be.
    Keep(Wanted),
    /// It goes, since what it was made for is gone.
    Remove,
}

impl Action {
    /// How the Service shall be; `None` when it goes.
    pub fn wanted(&self) -> Option<&Wanted> {
        match self {
            Self::Create(wanted) | Self::Change(wanted, _) | Self::Keep(wanted) => Some(wanted),
            Self::Remove => None,
        }
    }

    /// Whether there is anything to be done.
    pub fn is_work(&self) -> bool {
        !matches!(self, Self::Keep(_))
    }
}

/// What else there is to know of an exposure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The replicas share one Service, since this pod cannot be told from its sisters by a label.
    NotOneByOne {
        /// How many pods there are.
        pods: usize,
        /// Why not.
        reason: Box<Refused>,
    },
    /// Nobody is behind it now.
    NoPod,
    /// The load balancers are open to everybody, as far as anybody can tell.
    MayBePublic,
    /// Ours has another class than what it exposes, and a class cannot change.
    OtherClass {
        /// Ours.
        name: ServiceRef,
        /// The class that it should have; `None` for none.
        class: Option<String>,
    },
    /// This replica is away, and later ones of its StatefulSet are not: it will be back.
    Away {
        /// Its pod.
        pod: String,
    },
}

impl fmt::Display for Remark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOneByOne { pods, reason } => {
                write!(out, "its {pods} pods share one address, of which a querier sees one at a time: {reason}")
            }
            Self::NoPod => out.write_str("no pod is behind it now: how many replicas it has cannot be told"),
            Self::MayBePublic => out.write_str(
                "nothing keeps its load balancers inside: on most clouds everybody reaches them, and a StoreAPI asks for \
                 no credentials",
            ),
            Self::OtherClass { name, class } => {
                let wanted = class.as_deref().unwrap_or("none");
                write!(out, "the load balancer class of {name} cannot change to {wanted}; remove it and make it anew")
            }
            Self::Away { pod } => {
                write!(out, "pod `{pod}` is not there now, and later replicas are: its Service is kept")
            }
        }
    }
}

/// Why a Service is not exposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It goes away.
    #[error("it is being deleted")]
    Deleting,
    /// It is an alias.
    #[error("it is an ExternalName Service: an alias for `{0}`, with no pods behind it")]
    ExternalName(String),
    /// What a Service beside it would have to be cannot be said.
    #[error("its {field} is `{value}`, a value that this thanosctl does not know")]
    UnknownValue {
        /// Of which field, such as `spec.type`.
        field: String,
        /// The value.
        value: String,
    },
    /// Nobody keeps its endpoints but who wrote them.
    #[error("it has no selector: its endpoints are written by hand, and a Service of its own would have none")]
    NoSelector,
    /// It was made by us.
    #[error("it is one of ours, made for `{0}`")]
    Ours(ServiceRef),
    /// Which port is meant cannot be told.
    #[error("it has no gRPC port; it has {0}")]
    NoGrpcPort(String),
    /// There is no such port.
    #[error("it has no TCP port `{wanted}`; it has {known}")]
    UnknownPort {
        /// What was asked for.
        wanted: String,
        /// Its ports.
        known: String,
    },
    /// Which pods there are cannot be told.
    #[error("which pods are behind it could not be read: {}", .0.cause)]
    PodsUnreadable(Unreadable),
    /// There is nobody to make a Service for.
    #[error("no pod is behind it now, so there are no replicas to tell apart")]
    NoPod,
    /// A pod that no label tells apart.
    #[error("pod `{0}` is not a StatefulSet's, so no label tells it from the others")]
    NotAReplica(String),
    /// Endpoints without pods, or an inventory that does not tell them.
    #[error("some of its endpoints do not say which pod they are")]
    Unnamed,
    /// A node port leads to one Service.
    #[error("node port {number} leads to one Service, and it would be exposed by {services}")]
    SeveralForOneNumber {
        /// The node port.
        number: u16,
        /// How many Services there would be.
        services: usize,
    },
    /// The load balancer chooses.
    #[error("a node port is asked for, and ours would be a LoadBalancer")]
    NumberOfBalancer,
    /// The node port of a port that is not exposed.
    #[error("node port {number} is asked for its port `{port}`, and it is its port `{exposed}` that is exposed")]
    OtherPort {
        /// The node port.
        number: u16,
        /// The port that was named.
        port: String,
        /// The port that is exposed.
        exposed: String,
    },
    /// Somebody else's Service has the name.
    #[error("`{0}` is what ours would be called, and there is such a Service that is not ours for it")]
    NameTaken(ServiceRef),
    /// A Service of ours goes away.
    #[error("`{0}`, which is ours, is being deleted")]
    OursDeleting(ServiceRef),
    /// Its load balancer would be destroyed.
    #[error("`{0}`, which is ours, is a LoadBalancer, and becoming NodePort destroys its load balancer")]
    LoadBalancer(ServiceRef),
    /// A load balancer beside a private one might be public.
    #[error(
        "its load balancer is private ({0}), and nothing on it says why: new load balancers beside it may be public, and a \
         StoreAPI asks for no credentials"
    )]
    MayBePublic(String),
    /// No node would answer.
    #[error("no node of its cluster serves node ports: {0}")]
    NoNodePorts(String),
}

/// Decides what `wish` means for `base`, whose uid is `uid` where it is known, with what is known `around` it. `ours` are
/// Services that may be ours.
///
/// # Errors
/// When it cannot be exposed, or should not be without being told so.
pub fn expose(
    base: &Service,
    uid: Option<&str>,
    around: Around<'_>,
    ours: &[&Service],
    wish: &Wish,
) -> Result<Exposure, Refused> {
    let Around { slices, nodes } = around;
    refuse_as_base(base)?;
    let port = meant_port(base, wish)?;
    let mut present: Vec<(&Service, Mark)> =
        ours.iter().filter_map(|service| Some((*service, Mark::on(service)?))).collect();
    present.retain(|(_, mark)| mark.base() == base.reference());
    present.sort_by_key(|(service, _)| service.reference());
    let mut remarks = Vec::new();
    let names = names(base, port, slices, &present, wish, &mut remarks)?;

    let keeping = Keeping::of(base);
    let privacy = keeping.privacy(base, nodes);
    let plan = Plan { base, uid, port, present: &present, wish, keeping: &keeping };
    let mut steps = Vec::new();
    for (name, pod) in &names {
        steps.push(plan.step(name, pod.as_deref(), names.len())?);
    }
    steps.sort_by(|one, other| one.name.cmp(&other.name));
    refuse_types(&steps, &privacy, nodes, wish)?;
    remarks.extend(type_remarks(&steps, &privacy, &present));
    let gone = present.iter().filter(|(service, _)| !names.iter().any(|(name, _)| *name == service.name));
    steps.extend(gone.filter(|(service, _)| !service.deleting).map(|(service, mark)| Step {
        name: service.reference(),
        pod: mark.pod.clone(),
        action: Action::Remove,
    }));
    Ok(Exposure { steps, remarks })
}

fn refuse_as_base(base: &Service) -> Result<(), Refused> {
    if base.deleting {
        return Err(Refused::Deleting);
    }
    if let Some((field, value)) = base.unknown.first_key_value() {
        return Err(Refused::UnknownValue { field: field.clone(), value: value.clone() });
    }
    if base.service_type == ServiceType::ExternalName {
        return Err(Refused::ExternalName(base.external_name.clone().unwrap_or_default()));
    }
    if let Some(mark) = Mark::on(base) {
        return Err(Refused::Ours(mark.base()));
    }
    if base.selector.is_empty() {
        return Err(Refused::NoSelector);
    }
    Ok(())
}

fn meant_port<'a>(base: &'a Service, wish: &Wish) -> Result<&'a ServicePort, Refused> {
    let known = || nodeport::port_list(base);
    let Some(wanted) = &wish.port else {
        return sidecar::grpc_port(base).ok_or_else(|| Refused::NoGrpcPort(known()));
    };
    let over_tcp = || base.ports.iter().filter(|port| port.protocol.as_deref().is_none_or(|it| it == "TCP"));
    let by_name = over_tcp().find(|port| port.name.as_ref() == Some(wanted));
    let found = by_name.or_else(|| over_tcp().find(|port| port.port.to_string() == *wanted));
    found.ok_or_else(|| Refused::UnknownPort { wanted: wanted.clone(), known: known() })
}

/// The names that ours shall have, each with its pod.
fn names(
    base: &Service,
    port: &ServicePort,
    slices: &Listing<EndpointSlice>,
    present: &[(&Service, Mark)],
    wish: &Wish,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<(String, Option<String>)>, Refused> {
    let for_all = || vec![(name_for_all(&base.name), None)];
    if wish.split == Some(Split::OneForAll) {
        return Ok(for_all());
    }
    let backends = Backends::of(base, port, &Slices::of(slices));
    let endpoints = backends.endpoints().map_err(|reason| Refused::PodsUnreadable(reason.clone()))?;
    if endpoints.is_empty() {
        // Nobody is there to be told apart: what was made while somebody was stays.
        let kept: Vec<(String, Option<String>)> =
            present.iter().map(|(service, mark)| (service.name.clone(), mark.pod.clone())).collect();
        let is_fit = wish.split.is_none() || kept.iter().any(|(_, pod)| pod.is_some());
        if !is_fit {
            return Err(Refused::NoPod);
        }
        remarks.push(Remark::NoPod);
        return Ok(if kept.is_empty() { for_all() } else { kept });
    }
    let pods: BTreeSet<Option<&str>> = endpoints.iter().map(|endpoint| endpoint.pod_name.as_deref()).collect();
    let by_pod = present.iter().any(|(_, mark)| mark.pod.is_some());
    if wish.split.is_none() && endpoints.len() == 1 && !by_pod {
        return Ok(for_all());
    }
    match replicas(&pods) {
        Ok(mut replicas) => {
            replicas.extend(away(&replicas, present, remarks));
            let replicas: Vec<Replica> = replicas.into_iter().collect();
            let taken = present.iter().rev();
            let taken = taken.filter_map(|(service, mark)| Some((mark.pod.clone()?, service.name.clone()))).collect();
            let names = names_for_each(&base.name, &replicas, &taken);
            Ok(names.into_iter().zip(replicas.iter().map(|replica| Some(replica.pod()))).collect())
        }
        Err(reason) if wish.split.is_none() => {
            if endpoints.len() > 1 {
                remarks.push(Remark::NotOneByOne { pods: endpoints.len(), reason: Box::new(reason) });
            }
            Ok(for_all())
        }
        Err(reason) => Err(reason),
    }
}

fn replicas(pods: &BTreeSet<Option<&str>>) -> Result<BTreeSet<Replica>, Refused> {
    let replica = |pod: &Option<&str>| {
        let pod = pod.ok_or(Refused::Unnamed)?;
        Replica::of_pod(pod).ok_or_else(|| Refused::NotAReplica(pod.to_owned()))
    };
    pods.iter().map(replica).collect()
}

/// The replicas of ours that are away for now: a StatefulSet that shrinks loses its last replicas, so one that is
/// missing before others is restarting.
fn away(there: &BTreeSet<Replica>, present: &[(&Service, Mark)], remarks: &mut Vec<Remark>) -> Vec<Replica> {
    let known: BTreeSet<Replica> =
        present.iter().filter_map(|(_, mark)| Replica::of_pod(mark.pod.as_deref()?)).collect();
    let is_away = |replica: &&Replica| {
        !there.contains(replica)
            && there.iter().any(|other| other.set == replica.set && other.ordinal > replica.ordinal)
    };
    let away: Vec<Replica> = known.iter().filter(is_away).cloned().collect();
    remarks.extend(away.iter().map(|replica| Remark::Away { pod: replica.pod() }));
    away
}

/// One question: what becomes of each Service of ours?
struct Plan<'a> {
    base: &'a Service,
    uid: Option<&'a str>,
    port: &'a ServicePort,
    present: &'a [(&'a Service, Mark)],
    wish: &'a Wish,
    keeping: &'a Keeping,
}

impl Plan<'_> {
    fn step(&self, name: &str, pod: Option<&str>, services: usize) -> Result<Step, Refused> {
        let name = ServiceRef { namespace: self.base.namespace.clone(), name: name.to_owned() };
        let present = self.present.iter().map(|(service, _)| *service).find(|service| service.name == name.name);
        let wanted = self.wanted(&name, pod, present, services)?;
        let action = match present {
            None => Action::Create(wanted),
            Some(present) if present.deleting => return Err(Refused::OursDeleting(name)),
            Some(present) => {
                let from_balancer = present.service_type == ServiceType::LoadBalancer
                    && wanted.service_type != ServiceType::LoadBalancer;
                if from_balancer && !self.wish.force {
                    return Err(Refused::LoadBalancer(name));
                }
                let differences = wanted.differences(present);
                if differences.is_empty() { Action::Keep(wanted) } else { Action::Change(wanted, differences) }
            }
        };
        Ok(Step { name, pod: pod.map(str::to_owned), action })
    }

    fn wanted(
        &self,
        name: &ServiceRef,
        pod: Option<&str>,
        present: Option<&Service>,
        services: usize,
    ) -> Result<Wanted, Refused> {
        let service_type = self.service_type(present);
        let grpc = sidecar::grpc_port(self.base).is_some_and(|grpc| std::ptr::eq(grpc, self.port));
        let mut selector: BTreeMap<String, String> = self.base.selector.clone();
        if let Some(pod) = pod {
            selector.insert(POD_NAME_LABEL.to_owned(), pod.to_owned());
        }
        let role = sidecar::recognise(self.base).map(|recognised| recognised.role);
        let component = match role {
            Some(Role::Sidecar) if grpc => Some("thanos-sidecar".to_owned()),
            _ => self.base.labels.get(COMPONENT).cloned(),
        };
        Ok(Wanted {
            service_type,
            selector,
            port: ServicePort {
                name: if grpc { Some("grpc".to_owned()) } else { self.port.name.clone() },
                port: self.port.port,
                protocol: None,
                target_port: Some(self.port.target_port.clone().unwrap_or(TargetPort::Number(self.port.port))),
                node_port: self.node_port(service_type, services)?,
                app_protocol: self.port.app_protocol.clone(),
            },
            ip_families: self.base.ip_families.clone(),
            component,
            keeping: match service_type {
                ServiceType::LoadBalancer => self.keeping.clone(),
                ServiceType::ClusterIP | ServiceType::NodePort | ServiceType::ExternalName => Keeping::default(),
            },
            mark: Mark::new(name, &self.base.reference(), self.uid, pod),
            name: name.clone(),
        })
    }

    /// What is asked for, else what it is, else what its sisters are.
    fn service_type(&self, present: Option<&Service>) -> ServiceType {
        let types = present.into_iter().chain(self.present.iter().map(|(service, _)| *service));
        let mut outside = types
            .map(|service| service.service_type)
            .filter(|it| matches!(it, ServiceType::NodePort | ServiceType::LoadBalancer));
        self.wish.service_type.or_else(|| outside.next()).unwrap_or(ServiceType::NodePort)
    }

    fn node_port(&self, service_type: ServiceType, services: usize) -> Result<Option<u16>, Refused> {
        let Some(NodePortWish { port, number }) = &self.wish.node_port else { return Ok(None) };
        let number = *number;
        if service_type == ServiceType::LoadBalancer {
            return Err(Refused::NumberOfBalancer);
        }
        if services > 1 {
            return Err(Refused::SeveralForOneNumber { number, services });
        }
        let exposed = self.port.name.clone().unwrap_or_else(|| self.port.port.to_string());
        match port {
            Some(port) if *port != exposed && *port != self.port.port.to_string() => {
                Err(Refused::OtherPort { number, port: port.clone(), exposed })
            }
            _ => Ok(Some(number)),
        }
    }
}

#[cfg(test)]
mod tests;
