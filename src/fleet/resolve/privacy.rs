//! From where a load balancer can be reached, and by whom: what its Service says, and what its controller makes of it.

use std::fmt;

use super::Remark;
use super::host::{self, Scope};
use crate::fleet::address::Host;
use crate::fleet::environment::balancers;
use crate::fleet::environment::balancers::{Controller, Reach};
use crate::fleet::environment::marks::{GATES, GateForm, MARKS, Mark};
use crate::fleet::environment::values::Values;
use crate::fleet::inventory::{Listing, Node, Service, ServiceType};

/// What makes the load balancer of a Service private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Privacy {
    /// Nothing, as far as anybody can tell.
    Open,
    /// The Service says so, or there is no other way: another Service that says the same is as private.
    Said,
    /// Its controller does so by default; the address.
    ByController(String),
    /// Its address is private, and nothing says why; the address.
    Unexplained(String),
}

/// What makes the load balancer of a Service private, in a cluster with these nodes.
pub fn privacy(service: &Service, nodes: &Listing<Node>) -> Privacy {
    let signs = Signs::of(service);
    let decided = signs.decided();
    if decided.is_some_and(|given| given.is_internal()) || !gates(service).is_empty() {
        return Privacy::Said;
    }
    let entries = &service.load_balancer_ingress;
    let texts = || entries.iter().filter_map(|entry| entry.ip.as_deref().or(entry.hostname.as_deref()));
    let first = || texts().next().unwrap_or("pending").to_owned();
    match signs.controller.map(|controller| controller.reach) {
        Some(Reach::Pool | Reach::AlwaysInternal | Reach::Only(_)) => return Privacy::Said,
        Some(Reach::Internal { .. }) if decided.is_none() => return Privacy::ByController(first()),
        Some(Reach::Internal { .. } | Reach::Public) | None => {}
    }
    let is_balanced = service.service_type == ServiceType::LoadBalancer;
    let is_private = |text: &str| text.parse::<Host>().is_ok_and(|host| host::scope(&host) != Scope::Anywhere);
    if !is_balanced || entries.is_empty() || !texts().all(is_private) {
        return Privacy::Open;
    }
    // Where the nodes' own addresses are given out, or the Service's own, there are no others to be had.
    let nodes = nodes.items().unwrap_or_default();
    let is_of_a_node = |text: &str| nodes.iter().flat_map(|node| &node.addresses).any(|own| own.address == text);
    let is_given = |text: &str| service.cluster_ip.as_deref() == Some(text) || is_of_a_node(text);
    if texts().all(is_given) { Privacy::Said } else { Privacy::Unexplained(first()) }
}

/// What a Service has that bears on where its load balancer is reached.
struct Signs<'a> {
    service: &'a Service,
    controller: Option<&'static Controller>,
}

/// An annotation of the table, with the Service's value.
#[derive(Clone, Copy)]
struct Given<'a> {
    mark: &'static Mark,
    value: &'a str,
}

impl<'a> Signs<'a> {
    fn of(service: &'a Service) -> Self {
        Self { service, controller: balancers::controller(service) }
    }

    fn given(&self) -> impl Iterator<Item = Given<'a>> {
        let annotations = &self.service.annotations;
        MARKS.iter().filter_map(|mark| Some(Given { mark, value: annotations.get(mark.annotation)? }))
    }

    fn is_read(&self, given: &Given<'_>) -> bool {
        self.controller.is_none_or(|controller| controller.reads.contains(&given.mark.annotation))
    }

    /// Those that the controller reads; all where it is not known.
    fn read(&self) -> impl Iterator<Item = Given<'a>> {
        self.given().filter(|given| self.is_read(given))
    }

    /// Those that it does not read.
    fn ignored(&self) -> impl Iterator<Item = Given<'a>> {
        self.given().filter(|given| !self.is_read(given))
    }

    /// The one that decides.
    fn decided(&self) -> Option<Given<'a>> {
        self.read().find(Given::decides)
    }
}

impl Given<'_> {
    fn is_internal(&self) -> bool {
        self.mark.internal.hold(self.value)
    }

    fn decides(&self) -> bool {
        self.is_internal() || self.mark.public.hold(self.value)
    }

    /// Whether a value that means nothing was meant to mean something: a field of a longer text may just be absent.
    fn is_a_slip(&self) -> bool {
        match self.mark.internal {
            Values::Json(..) | Values::JsonEach(..) => false,
            Values::Any
            | Values::Given
            | Values::Is(_)
            | Values::Not(_)
            | Values::True
            | Values::False
            | Values::Never => !self.value.is_empty(),
        }
    }
}

impl fmt::Display for Given<'_> {
    /// `KEY=VALUE`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.mark.annotation, self.value)
    }
}

/// What annotations, the class and the controller's habits say of who reaches the load balancer at `best`.
pub(super) fn reach(service: &Service, best: &Host) -> Vec<Remark> {
    let signs = Signs::of(service);
    let Signs { controller, .. } = signs;
    let decided = signs.decided();
    let mut remarks = Vec::new();
    match (decided.filter(Given::is_internal), controller.map(|controller| controller.reach)) {
        (Some(mark), _) if host::is_public_ip(best) => {
            remarks.push(Remark::PublicDespiteMark { mark: mark.to_string() });
        }
        (Some(mark), _) => remarks.push(Remark::PrivateLoadBalancer { by: format!("annotation {mark}") }),
        (None, Some(Reach::AlwaysInternal)) => {
            let class = service.load_balancer_class.as_deref().unwrap_or_default();
            remarks.push(Remark::PrivateLoadBalancer { by: format!("class {class}") });
        }
        (None, Some(Reach::Only(network))) => remarks.push(Remark::OnlyInside(network)),
        (None, Some(Reach::Internal { unless })) if decided.is_none() && matches!(best, Host::Name(_)) => {
            let controller = controller.map(|controller| controller.name).unwrap_or_default();
            remarks.push(Remark::InternalByDefault { controller, unless });
        }
        (None, Some(Reach::Internal { .. } | Reach::Public | Reach::Pool) | None) => {}
    }
    // Where the address itself is private, what an annotation was meant to say is true anyhow.
    let is_open = host::scope(best) == Scope::Anywhere && remarks.is_empty();
    if is_open {
        let ignored = signs.ignored().find(Given::is_internal);
        remarks.extend(
            ignored
                .zip(controller)
                .map(|(mark, controller)| Remark::IgnoredMark { mark: mark.to_string(), controller: controller.name }),
        );
        let slip = signs.read().find(|given| !given.decides() && given.is_a_slip());
        remarks.extend(slip.map(|mark| Remark::MeaninglessMark { mark: mark.to_string() }));
    }
    remarks
}

/// Who may connect, by the Service's ranges and by annotations.
pub(super) fn gates(service: &Service) -> Vec<Remark> {
    let field = &service.load_balancer_source_ranges;
    let given = GATES.iter().filter_map(|gate| Some((gate, service.annotations.get(gate.annotation)?)));
    let (mut ranges, mut others) = (field.clone(), Vec::new());
    for (gate, value) in given.filter(|(_, value)| !value.trim().is_empty()) {
        match gate.form {
            GateForm::RangesWithoutField if !field.is_empty() => {}
            GateForm::Ranges | GateForm::RangesWithoutField => {
                ranges.extend(value.split(',').map(|range| range.trim().to_owned()));
            }
            GateForm::Value(closed) if value != closed => {}
            GateForm::Other | GateForm::Value(_) => others.push(Remark::DecidedBy { annotation: gate.annotation }),
        }
    }
    let is_everybody = |range: &String| ["0.0.0.0/0", "::/0"].contains(&range.as_str());
    let open_only = !ranges.is_empty() && !ranges.iter().any(is_everybody);
    open_only.then_some(Remark::OpenOnlyTo(ranges)).into_iter().chain(others).collect()
}
