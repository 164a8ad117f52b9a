//! The causes of a [`ClusterError`](super::error::ClusterError), in words.

use std::time::Duration;

use http::StatusCode;

use super::access::Access;
use super::answer::{Refusal, Said, Unusable};
use super::list::Resource;
use super::step::Step;
use super::transport::{CertificateFault, TransportFault};
use crate::text::clean;

/// Certificates of proxies may carry hundreds of names.
const NAMED: usize = 8;

pub(super) fn transport_cause(access: &Access, fault: &TransportFault) -> String {
    let server = &access.server;
    // Through a proxy it is the proxy that is looked up and connected to.
    let peer = access.proxy.as_ref().map_or_else(|| format!("`{server}`"), |proxy| format!("the proxy `{proxy}`"));
    let patience = access.patience;
    match fault {
        TransportFault::UnknownHost => format!("the host of {peer} is unknown to DNS"),
        TransportFault::Refused => format!("nothing listens at {peer} (connection refused)"),
        TransportFault::NoRoute => format!("there is no route to {peer}"),
        TransportFault::NoConnection if access.proxy.is_some() => {
            format!("no connection to `{server}` through {peer} within {patience:?}")
        }
        TransportFault::NoConnection => format!("no TCP connection to {peer} within {patience:?}"),
        TransportFault::SilentTls => format!("connected to {peer}, but it did not answer as TLS within {patience:?}"),
        TransportFault::Certificate(fault) => certificate_cause(access, fault),
        TransportFault::Alert(text) => format!("`{server}` refused the TLS connection: {text}"),
        TransportFault::Tls(text) => format!("no TLS with `{server}`: {text}"),
        TransportFault::NotTls => format!("`{server}` was asked by https and does not speak TLS"),
        TransportFault::NotHttp => format!("`{server}` answered with something that is not HTTP"),
        TransportFault::Closed => format!("`{server}` closed the connection without an answer"),
        TransportFault::ClosedInHandshake => {
            format!("the connection to `{server}` was closed while TLS was being set up")
        }
        TransportFault::Truncated => format!("the answer of `{server}` was cut off before its end"),
        TransportFault::Garbled => format!("the answer of `{server}` is not compressed as it says (gzip)"),
        TransportFault::ProxyStatus(status) => {
            let status = StatusCode::from_u16(*status).map_or_else(|_| status.to_string(), |status| status.to_string());
            format!("{peer} did not connect us to `{server}`: it answered {status}")
        }
        TransportFault::Proxy(text) => format!("{peer} did not connect us to `{server}`: {text}"),
        TransportFault::Other(text) => format!("no answer from `{server}`: {text}"),
    }
}

fn certificate_cause(access: &Access, fault: &CertificateFault) -> String {
    let certificate = format!("the certificate of `{}`", access.server);
    match fault {
        CertificateFault::Expired(ago) => format!("{certificate} expired{}", span(*ago, " ago")),
        CertificateFault::NotYetValid(ahead) => {
            format!("{certificate} is not valid yet, by this machine's clock{}", span(*ahead, " too early"))
        }
        CertificateFault::UnknownIssuer if access.has_own_authority => {
            format!("{certificate} is not signed by the authority that the kubeconfig names (UnknownIssuer)")
        }
        CertificateFault::UnknownIssuer => {
            format!("{certificate} is not signed by an authority that this system trusts (UnknownIssuer)")
        }
        CertificateFault::OtherKey => {
            format!("{certificate} is signed by an authority of the same name as a trusted one, with another key")
        }
        CertificateFault::OtherName(names) if names.is_empty() => {
            format!("{certificate} names no host that it is made for (subjectAltName)")
        }
        CertificateFault::OtherName(names) => {
            let more = if names.len() > NAMED { ", …" } else { "" };
            let names = names[..names.len().min(NAMED)].join(", ");
            format!("{certificate} is made for other names: {}{more}", clean(&names))
        }
        CertificateFault::Other(text) => format!("{certificate} is not acceptable: {text}"),
    }
}

fn span(seconds: Option<u64>, tail: &str) -> String {
    let Some(seconds) = seconds else { return String::new() };
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    format!(" {count} {unit}{}{tail}", if count == 1 { "" } else { "s" })
}

pub(super) fn refusal_cause(access: &Access, refusal: &Refusal) -> String {
    let status = refusal.status;
    let user = access.user.as_ref().map_or_else(|| "nobody".to_owned(), |user| format!("the user `{}`", clean(user)));
    if refusal.is_anonymous() {
        return format!(
            "the API server took us for an anonymous user: it got no credentials of {user}, or none that it accepts"
        );
    }
    match &refusal.said {
        Said::Elsewhere(location) => {
            format!("`{}` answered {status} and points to {location}, which is not followed", access.server)
        }
        Said::Page(title) => {
            let title = if title.is_empty() { String::new() } else { format!(": {title}") };
            if is_gateway(status) {
                return format!(
                    "a load balancer or proxy before the API server answered {status}, with a web page{title}"
                );
            }
            format!("a web page answered {status} instead of the API server{title}")
        }
        Said::Status(_) | Said::Text(_) if status == StatusCode::UNAUTHORIZED => {
            format!("the API server answered {status}: it does not accept the credentials of {user}")
        }
        Said::Status(text) | Said::Text(text) if text.is_empty() => format!("the API server answered {status}"),
        Said::Status(text) | Said::Text(text) => format!("the API server answered {status}: {text}"),
    }
}

/// Whether a status is of something in between that gets no answer from behind it.
pub(super) fn is_gateway(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

pub(super) fn unusable_cause(access: &Access, resource: Resource, unusable: &Unusable) -> String {
    let server = &access.server;
    match unusable {
        Unusable::Page(title) if title.is_empty() => {
            format!("a web page answered at `{server}` instead of the API server")
        }
        Unusable::Page(title) => format!("a web page answered at `{server}` instead of the API server: {title}"),
        Unusable::NotJson(kind) if kind.is_empty() => {
            format!("`{server}` answered without a content type, not with JSON")
        }
        Unusable::NotJson(kind) => format!("`{server}` answered with {kind}, not with JSON"),
        Unusable::Truncated => format!("the answer of `{server}` was cut off before its end"),
        Unusable::Malformed(what) => format!("the list of {} is malformed: {what}", resource.plural()),
        Unusable::OtherKind { expected, found } if found.is_empty() => {
            format!("`{server}` answered with no {expected}")
        }
        Unusable::OtherKind { expected, found } => {
            format!("`{server}` answered with a {found} instead of a {expected}")
        }
        Unusable::EndlessPages => format!("the list of {} never ends: a page follows itself", resource.plural()),
    }
}

pub(super) fn timeout_cause(access: &Access, limit: Duration, step: &Step) -> String {
    let server = &access.server;
    match step {
        Step::Preparing => format!("the files that the kubeconfig names could not be read within {limit:?}"),
        Step::Plugin(command) => format!("the credential plugin `{}` gave nothing within {limit:?}", clean(command)),
        Step::AskedFor(resource) => {
            format!("connected to `{server}`, but no answer within {limit:?} to: list {}", resource.plural())
        }
        Step::Reading(resource, seen) => {
            let list = format!("the list of {}", resource.plural());
            format!("connected to `{server}`, but {list} was not complete within {limit:?} ({seen} came)")
        }
        Step::Service(verb, service) => {
            let service = clean(&service.to_string());
            format!("connected to `{server}`, but no answer within {limit:?} to: {} service {service}", verb.name())
        }
    }
}
