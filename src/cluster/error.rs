//! Why a cluster, or a list of it, could not be read: in words, with what to do about it.

use std::fmt;
use std::time::Duration;

pub use super::access::Access;
use super::answer::{Refusal, Unusable};
use super::cause::{refusal_cause, timeout_cause, transport_cause, unusable_cause};
use super::entry_error::EntryError;
use super::hint::{entry_hint, excess_hint, not_kubernetes, refusal_hint, service_hint, transport_hint, try_again};
use super::list::Resource;
use super::list_fault::ListFault;
pub use super::step::{Step, Verb};
use crate::fleet::inventory::Unreadable;
use crate::names::ServiceRef;
use crate::text::clean;

/// Why a cluster, or a list of it, could not be read. Tells no secret: no token, no output of a plugin, no line of a
/// kubeconfig.
#[derive(Debug, Clone)]
pub struct ClusterError {
    /// By which context the cluster was asked, and where that led.
    pub access: Access,
    /// What went wrong.
    pub fault: Fault,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The kubeconfig's entries lead nowhere.
    Entry(EntryError),
    /// A list could not be read.
    List {
        /// Of what.
        resource: Resource,
        /// In which namespace; `None` for all.
        namespace: Option<String>,
        /// Why.
        fault: ListFault,
    },
    /// A single Service could not be read or written.
    Service {
        /// What was asked for.
        verb: Verb,
        /// Which Service.
        service: ServiceRef,
        /// Why.
        fault: ListFault,
    },
    /// The cluster's time was over, before all or one of its lists had been read.
    Timeout {
        /// All the time it had.
        limit: Duration,
        /// What it was spent on last.
        step: Step,
    },
}

impl ClusterError {
    /// The cause in words, on one line.
    pub fn cause(&self) -> String {
        let access = &self.access;
        match &self.fault {
            Fault::Entry(error) => clean(&error.to_string()),
            Fault::List { fault: ListFault::Transport(fault), .. } => transport_cause(access, fault),
            Fault::List { fault: ListFault::Refused(refusal), .. } => refusal_cause(access, refusal),
            Fault::List { fault: ListFault::Unusable(unusable), resource, .. } => {
                unusable_cause(access, *resource, unusable)
            }
            Fault::Service { fault: ListFault::Transport(fault), .. } => transport_cause(access, fault),
            Fault::Service { fault: ListFault::Refused(refusal), .. } => refusal_cause(access, refusal),
            Fault::Service { fault: ListFault::Unusable(unusable), .. } => {
                unusable_cause(access, Resource::Services, unusable)
            }
            Fault::List { fault: ListFault::TooMuch(excess), .. }
            | Fault::Service { fault: ListFault::TooMuch(excess), .. } => {
                format!("`{}` answered with {excess}", access.server)
            }
            Fault::Timeout { limit, step } => timeout_cause(access, *limit, step),
        }
    }

    /// What the API server answered, if it was that which stood in the way.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.fault {
            Fault::List { fault: ListFault::Refused(refusal), .. }
            | Fault::Service { fault: ListFault::Refused(refusal), .. } => Some(refusal),
            Fault::Entry(_) | Fault::List { .. } | Fault::Service { .. } | Fault::Timeout { .. } => None,
        }
    }

    /// What to do about it; commands in it can be pasted.
    pub fn hint(&self) -> Option<String> {
        let access = &self.access;
        match &self.fault {
            Fault::Entry(error) => Some(entry_hint(access, error)),
            Fault::List { fault: ListFault::Transport(fault), .. } => transport_hint(access, fault),
            Fault::List { fault: ListFault::Refused(refusal), resource, namespace } => {
                refusal_hint(access, refusal, *resource, namespace.as_deref())
            }
            Fault::Service { fault: ListFault::Transport(fault), .. } => transport_hint(access, fault),
            Fault::Service { fault: ListFault::Refused(refusal), verb, service } => {
                service_hint(access, refusal, *verb, service)
            }
            Fault::List { fault: ListFault::Unusable(unusable), .. }
            | Fault::Service { fault: ListFault::Unusable(unusable), .. } => match unusable {
                Unusable::Page(_) | Unusable::NotJson(_) | Unusable::OtherKind { .. } => Some(not_kubernetes(access)),
                Unusable::Truncated | Unusable::Malformed(_) | Unusable::EndlessPages => Some(try_again()),
            },
            Fault::List { fault: ListFault::TooMuch(excess), .. }
            | Fault::Service { fault: ListFault::TooMuch(excess), .. } => Some(excess_hint(access, *excess)),
            Fault::Timeout { step: Step::Plugin(_), .. } => Some(format!(
                "does it wait for somebody to log in? it was given no terminal to ask on; log in, then check with\n{}",
                access.whoami()
            )),
            Fault::Timeout { limit, .. } => Some(format!("give it more time with --timeout {:?}", *limit * 3)),
        }
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.cause())
    }
}

impl std::error::Error for ClusterError {}

impl From<ClusterError> for Unreadable {
    fn from(error: ClusterError) -> Self {
        Self { cause: error.cause(), hint: error.hint() }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::super::answer::Said;
    use super::super::transport::{CertificateFault, TransportFault};
    use super::*;

    fn error(fault: ListFault) -> ClusterError {
        let access = Access {
            context: "prod eu".to_owned(),
            server: "10.0.0.1:6443".to_owned(),
            cluster: "eu".to_owned(),
            user: Some("ci".to_owned()),
            patience: Duration::from_secs(5),
            ..Access::default()
        };
        ClusterError { access, fault: Fault::List { resource: Resource::Services, namespace: None, fault } }
    }

    fn certificate(fault: CertificateFault) -> ClusterError {
        error(ListFault::Transport(TransportFault::Certificate(fault)))
    }

    #[test]
    fn certificates_are_told_with_what_to_do() {
        let expired = certificate(CertificateFault::Expired(Some(200_000)));
        assert_eq!(expired.cause(), "the certificate of `10.0.0.1:6443` expired 2 days ago");
        assert!(expired.hint().unwrap().contains("clock"));
        let unknown = certificate(CertificateFault::UnknownIssuer);
        assert!(unknown.cause().contains("that this system trusts"), "{unknown}");
        let mut other = certificate(CertificateFault::OtherName(vec!["*.x".to_owned(), "kubernetes".to_owned()]));
        assert_eq!(other.cause(), "the certificate of `10.0.0.1:6443` is made for other names: *.x, kubernetes");
        assert!(!other.hint().unwrap().contains("--tls-server-name"), "a stranger's certificate is not to be trusted");
        other.access.has_own_authority = true;
        let hint = other.hint().unwrap();
        assert!(hint.ends_with("\nkubectl config set-cluster eu --tls-server-name=kubernetes"), "{hint}");
    }

    #[test]
    fn a_refused_local_server_gets_the_hint_for_k3s() {
        let mut refused = error(ListFault::Transport(TransportFault::Refused));
        assert!(!refused.hint().unwrap().contains("k3s"));
        refused.access.is_loopback = true;
        assert!(refused.hint().unwrap().contains("kubectl config view --raw > ~/.kube/k3s.yaml"));
    }

    #[test]
    fn hints_name_the_context_and_the_file_as_a_shell_takes_them() {
        let said = Said::Status("services is forbidden: User \"ci\" cannot list".to_owned());
        let mut forbidden =
            error(ListFault::Refused(Refusal { status: StatusCode::FORBIDDEN, said, causes: Vec::new() }));
        assert!(forbidden.hint().unwrap().ends_with("\nkubectl auth can-i list services -A --context 'prod eu'"));
        forbidden.access.kubeconfig = Some("it's".into());
        let hint = forbidden.hint().unwrap();
        assert!(hint.ends_with(r"--context 'prod eu' --kubeconfig 'it'\''s'"), "{hint}");
    }

    #[test]
    fn an_anonymous_user_has_a_problem_of_authentication() {
        let said = Said::Status("services is forbidden: User \"system:anonymous\" cannot list".to_owned());
        let anonymous = error(ListFault::Refused(Refusal { status: StatusCode::FORBIDDEN, said, causes: Vec::new() }));
        assert!(anonymous.cause().contains("anonymous user: it got no credentials of the user `ci`"), "{anonymous}");
        assert!(anonymous.hint().unwrap().contains("auth whoami"));
    }
}
