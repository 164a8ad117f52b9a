//! Why no answer came: what went wrong between us and the server, told from the errors of the libraries below.
//!
//! kube's own text is `ServiceError: client error (Connect)`; what happened stands at the end of the chain of
//! sources, and for TLS only as text.

use std::error::Error;
use std::io::ErrorKind;

use super::sent::Sent;
use crate::text::clean;

/// What went wrong on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportFault {
    /// The host has no address.
    UnknownHost,
    /// Nothing listens at the port.
    Refused,
    /// There is no way to the network of the host.
    NoRoute,
    /// No connection, TLS included, in the time that was given for it.
    NoConnection,
    /// A TCP connection, but then nothing that is TLS.
    SilentTls,
    /// The server's certificate is not acceptable.
    Certificate(CertificateFault),
    /// The server refused our side of TLS, as it does with a client certificate that it does not know.
    Alert(String),
    /// Any other trouble with TLS, in rustls' words.
    Tls(String),
    /// The server was asked by https and answered with something that is not TLS.
    NotTls,
    /// The answer is not HTTP.
    NotHttp,
    /// The server closed the connection instead of answering.
    Closed,
    /// The connection was closed while TLS was being set up.
    ClosedInHandshake,
    /// The answer ended before it was complete.
    Truncated,
    /// The answer is said to be compressed, and is not, or not as it should be.
    Garbled,
    /// The proxy would not let us through, with this status.
    ProxyStatus(u16),
    /// The proxy did not let us through, in words.
    Proxy(String),
    /// Whatever else, in the library's words.
    Other(String),
}

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// It expired so many seconds ago, if that is known.
    Expired(Option<u64>),
    /// It becomes valid in so many seconds, if that is known.
    NotYetValid(Option<u64>),
    /// Nobody trusted signed it.
    UnknownIssuer,
    /// The name of who signed it is that of a trusted authority, the key is not.
    OtherKey,
    /// It was made for other names or addresses; these, if it names any.
    OtherName(Vec<String>),
    /// Anything else, in rustls' words.
    Other(String),
}

impl TransportFault {
    /// The same without what was sent, wherever it quotes somebody.
    #[must_use]
    pub fn without(self, sent: &Sent) -> Self {
        let strike = |text: String| sent.strike(&text);
        match self {
            Self::Alert(text) => Self::Alert(strike(text)),
            Self::Tls(text) => Self::Tls(strike(text)),
            Self::Proxy(text) => Self::Proxy(strike(text)),
            Self::Other(text) => Self::Other(strike(text)),
            Self::Certificate(CertificateFault::OtherName(names)) => {
                Self::Certificate(CertificateFault::OtherName(names.into_iter().map(strike).collect()))
            }
            Self::Certificate(CertificateFault::Other(text)) => {
                Self::Certificate(CertificateFault::Other(strike(text)))
            }
            fault => fault,
        }
    }
}

/// Reads a fault off an error and all its sources.
pub fn classify(error: &(dyn Error + 'static)) -> TransportFault {
    let mut texts = Vec::new();
    let mut kind = None;
    let mut next = Some(error);
    while let Some(current) = next {
        texts.push(current.to_string());
        kind = current.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or(kind);
        next = current.source();
    }
    from_texts(&texts, kind)
}

fn from_texts(texts: &[String], kind: Option<ErrorKind>) -> TransportFault {
    let deepest = texts.last().map(|text| clean(text)).unwrap_or_default();
    let says = |needle: &str| texts.iter().any(|text| text.contains(needle));
    // A proxy that cannot be reached is like a server that cannot be.
    let at = texts.iter().position(|text| text.contains("tunnel error") || text.contains("SOCKS error"));
    if let Some(at) = at.filter(|_| !says("failed to create underlying connection")) {
        return proxy_fault(&texts[at..]);
    }
    if says("invalid peer certificate") {
        return TransportFault::Certificate(certificate_fault(&deepest));
    }
    if says("dns error") {
        return TransportFault::UnknownHost;
    }
    if says("received fatal alert") {
        return TransportFault::Alert(deepest);
    }
    if says("received corrupt message") {
        return TransportFault::NotTls;
    }
    // A TCP connection that is refused is told so, so that one which ends before it is made was one already.
    let ended = matches!(kind, Some(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe));
    if says("tls handshake eof") || (says("(Connect)") && (ended || says("reset by peer"))) {
        return TransportFault::ClosedInHandshake;
    }
    if says("invalid HTTP version parsed")
        || says("invalid HTTP status-code parsed")
        || says("invalid HTTP header parsed")
    {
        return TransportFault::NotHttp;
    }
    match kind {
        Some(ErrorKind::ConnectionRefused) => return TransportFault::Refused,
        Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => return TransportFault::NoRoute,
        Some(ErrorKind::TimedOut) => return TransportFault::NoConnection,
        _ => {}
    }
    let in_body = says("reading a body");
    let cut =
        kind == Some(ErrorKind::UnexpectedEof) || kind == Some(ErrorKind::ConnectionReset) || says("unexpected EOF");
    if in_body || says("unexpected EOF during chunk") {
        return TransportFault::Truncated;
    }
    if cut
        || kind == Some(ErrorKind::BrokenPipe)
        || says("closed before message completed")
        || says("operation was canceled")
    {
        return TransportFault::Closed;
    }
    if says("peer ") || says("rustls") || says("TLS") {
        TransportFault::Tls(deepest)
    } else {
        TransportFault::Other(deepest)
    }
}

/// The library tells nothing of a proxy's answer but that it is not 200; a login that is wanted it names.
fn proxy_fault(texts: &[String]) -> TransportFault {
    let words = texts.iter().map(|text| clean(text)).collect::<Vec<_>>().join(": ");
    match words.strip_prefix("tunnel error: ") {
        Some("proxy authorization required") => TransportFault::ProxyStatus(407),
        Some(UNSUCCESSFUL) => TransportFault::Proxy("it refused".to_owned()),
        Some("unexpected end of file") => {
            TransportFault::Proxy("it closed the connection without an answer".to_owned())
        }
        Some(words) => TransportFault::Proxy(words.to_owned()),
        None => TransportFault::Proxy(words),
    }
}

const UNSUCCESSFUL: &str = "unsuccessful";

/// Reads a fault off an error that came while the body of an answer was read.
pub fn classify_body(error: &(dyn Error + 'static)) -> TransportFault {
    let (mut next, mut is_garbled) = (Some(error), false);
    while let Some(current) = next {
        let kind = current.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        is_garbled |= matches!(kind, Some(ErrorKind::InvalidData | ErrorKind::InvalidInput));
        next = current.source();
    }
    match classify(error) {
        TransportFault::Closed | TransportFault::ClosedInHandshake => TransportFault::Truncated,
        TransportFault::Other(_) if is_garbled => TransportFault::Garbled,
        fault => fault,
    }
}

/// rustls' text behind `invalid peer certificate: `; its versions add facts, the first words stay.
fn certificate_fault(text: &str) -> CertificateFault {
    let fault = text.split_once("invalid peer certificate: ").map_or(text, |(_, fault)| fault);
    let seconds = |after: &str| {
        let at = fault.find(after)?;
        fault[..at].rsplit(['(', ' ']).find(|word| !word.is_empty())?.parse().ok()
    };
    if fault.starts_with("certificate expired") || fault == "Expired" {
        CertificateFault::Expired(seconds(" seconds ago"))
    } else if fault.starts_with("certificate not valid yet") || fault == "NotValidYet" {
        CertificateFault::NotYetValid(seconds(" seconds in future"))
    } else if fault == "UnknownIssuer" {
        CertificateFault::UnknownIssuer
    } else if fault == "BadSignature" {
        CertificateFault::OtherKey
    } else if fault.starts_with("certificate not valid for name") || fault == "NotValidForName" {
        let names = fault.split_once("only valid for ").map_or("", |(_, names)| names);
        // `DnsName("kubernetes"), IpAddress(10.0.0.1) or DnsName("localhost")`
        let named = names.split(')').filter_map(|part| part.split_once('('));
        let named = named.filter(|(kind, _)| kind.ends_with("DnsName") || kind.ends_with("IpAddress"));
        CertificateFault::OtherName(named.map(|(_, name)| name.trim_matches(['"', '\\']).to_owned()).collect())
    } else {
        CertificateFault::Other(in_words(fault))
    }
}

/// What rustls passes on from webpki is the name of a variant: `Other(OtherError(CaUsedAsEndEntity))`.
fn in_words(fault: &str) -> String {
    let name = fault.trim_start_matches("Other(").trim_start_matches("OtherError(").trim_end_matches(')');
    match name {
        "CaUsedAsEndEntity" => "it is an authority's (basicConstraints CA:TRUE), and not a server's".to_owned(),
        "UnsupportedCertVersion" => "it is of X.509 version 1 or 2".to_owned(),
        "BadEncoding" | "BadDer" => "it is no valid certificate".to_owned(),
        "Revoked" => "it was revoked".to_owned(),
        _ if name.chars().all(char::is_alphanumeric) => {
            let spaced =
                name.chars().map(|c| if c.is_uppercase() { format!(" {}", c.to_lowercase()) } else { c.to_string() });
            spaced.collect::<String>().trim_start().to_owned()
        }
        _ => fault.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(texts: &[&str]) -> TransportFault {
        from_texts(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), None)
    }

    #[test]
    fn what_rustls_says_of_a_certificate_is_understood() {
        let of = |text: &str| match from(&["client error (Connect)", &format!("invalid peer certificate: {text}")]) {
            TransportFault::Certificate(fault) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            of(
                "certificate expired: verification time 1763800000 (UNIX), but certificate is not valid after 1763713600 (86400 seconds ago)"
            ),
            CertificateFault::Expired(Some(86_400))
        );
        assert_eq!(
            of(
                "certificate not valid yet: verification time 1763800000 (UNIX), but certificate is not valid before 1763886361 (86361 seconds in future)"
            ),
            CertificateFault::NotYetValid(Some(86_361))
        );
        assert_eq!(of("UnknownIssuer"), CertificateFault::UnknownIssuer);
        assert_eq!(
            of(
                r#"certificate not valid for name "127.0.0.1"; certificate is only valid for DnsName("kubernetes"), IpAddress(10.0.0.1) or DnsName("localhost")"#
            ),
            CertificateFault::OtherName(vec!["kubernetes".to_owned(), "10.0.0.1".to_owned(), "localhost".to_owned()])
        );
        assert_eq!(
            of(
                "certificate not valid for name \"h\"; certificate is not valid for any names (according to its subjectAltName extension)"
            ),
            CertificateFault::OtherName(vec![])
        );
        assert_eq!(of("BadSignature"), CertificateFault::OtherKey);
        for (text, words) in [
            (
                "Other(OtherError(CaUsedAsEndEntity))",
                "it is an authority's (basicConstraints CA:TRUE), and not a server's",
            ),
            ("Other(OtherError(InvalidCertValidity))", "invalid cert validity"),
            ("BadEncoding", "it is no valid certificate"),
            ("certificate does not allow x, allows y", "certificate does not allow x, allows y"),
        ] {
            assert_eq!(of(text), CertificateFault::Other(words.to_owned()));
        }
    }

    #[test]
    fn faults_are_told_apart_by_the_libraries_words() {
        for (texts, fault) in [
            (vec!["x", "dns error", "failed to lookup address information"], TransportFault::UnknownHost),
            (vec!["x", "received corrupt message of type InvalidContentType"], TransportFault::NotTls),
            (vec!["x", "invalid HTTP version parsed"], TransportFault::NotHttp),
            (
                vec!["error reading a body from connection", "end of file before message length reached"],
                TransportFault::Truncated,
            ),
            (vec!["x", "unexpected EOF during chunk size line"], TransportFault::Truncated),
            (vec!["x", "connection closed before message completed"], TransportFault::Closed),
            (
                vec!["client error (Connect)", "tunnel error: unsuccessful"],
                TransportFault::Proxy("it refused".to_owned()),
            ),
            (
                vec!["client error (Connect)", "tunnel error: proxy authorization required"],
                TransportFault::ProxyStatus(407),
            ),
            (
                vec!["x", "received fatal alert: CertificateRequired"],
                TransportFault::Alert("received fatal alert: CertificateRequired".to_owned()),
            ),
            (vec!["x", "peer sent no certificates"], TransportFault::Tls("peer sent no certificates".to_owned())),
            (vec!["x", "what"], TransportFault::Other("what".to_owned())),
        ] {
            assert_eq!(from(&texts), fault, "{texts:?}");
        }
    }
}
