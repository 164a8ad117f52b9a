//! `Address`: what a querier dials.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How Thanos looks an address up before dialling (thanos-io/thanos, docs/service-discovery.md). Without one, the
/// gRPC client resolves the host itself and sees one endpoint, however many addresses it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lookup {
    /// `dns+`: A and AAAA records, each an endpoint of its own.
    Dns,
    /// `dnssrv+`: SRV records, then the addresses of their targets.
    DnsSrv,
    /// `dnssrvnoa+`: SRV records, the targets kept as names.
    DnsSrvNoA,
    /// `dnsdualstack+`: A and AAAA of one name as one set; Thanos 0.42 and later.
    DnsDualStack,
}

impl Lookup {
    const ALL: [Self; 4] = [Self::Dns, Self::DnsSrv, Self::DnsSrvNoA, Self::DnsDualStack];

    fn prefix(self) -> &'static str {
        match self {
            Self::Dns => "dns+",
            Self::DnsSrv => "dnssrv+",
            Self::DnsSrvNoA => "dnssrvnoa+",
            Self::DnsDualStack => "dnsdualstack+",
        }
    }

    /// SRV records bring the port; the others need one in the address.
    fn brings_port(self) -> bool {
        matches!(self, Self::DnsSrv | Self::DnsSrvNoA)
    }
}

/// The host of an [`Address`]: a name or an IP address. IPv6 is printed in brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A DNS name as it was written, at most 253 bytes, underscores allowed (SRV names have them).
    Name(String),
    /// An IP address.
    Ip(IpAddr),
}

impl Host {
    /// An IP address that one machine can have: not `0.0.0.0`, a group, or everybody.
    fn one_machine(ip: IpAddr, text: &str) -> Result<Self, AddressError> {
        let everybody = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
        if ip.is_unspecified() || ip.is_multicast() || everybody {
            return Err(AddressError::Nobody(text.to_owned()));
        }
        Ok(Self::Ip(ip))
    }
}

impl FromStr for Host {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('@') {
            return Err(AddressError::Credentials);
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse::<Ipv6Addr>() {
            return Self::one_machine(ip.into(), text);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let label_fits = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if name.len() > 253 || !name.split('.').all(label_fits) {
            return Err(AddressError::Host(text.to_owned()));
        }
        // A last label of digits is an IPv4 address or nothing: 127.1, 010.0.0.1 and 1234 mislead resolvers.
        if name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            let ip: Ipv4Addr = text.parse().map_err(|_| AddressError::Host(text.to_owned()))?;
            return Self::one_machine(ip.into(), text);
        }
        Ok(Self::Name(text.to_owned()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(out),
            Self::Ip(IpAddr::V6(ip)) => write!(out, "[{ip}]"),
        }
    }
}

/// What a querier dials: `[dns+|dnssrv+|dnssrvnoa+|dnsdualstack+]host[:port]`, IPv6 in brackets.
///
/// What parses is safe in YAML, in Helm's `tpl` and on a command line: no quotes, braces, blanks or schemes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    lookup: Option<Lookup>,
    host: Host,
    port: Option<u16>,
}

impl Address {
    /// The address of one host and port, resolved by the gRPC client itself.
    pub fn fixed(host: Host, port: u16) -> Self {
        Self { lookup: None, host, port: Some(port) }
    }

    /// An address that Thanos looks up itself.
    ///
    /// # Errors
    /// When `dns+` or `dnsdualstack+` has no port or an IP address for a host.
    pub fn looked_up(lookup: Lookup, host: Host, port: Option<u16>) -> Result<Self, AddressError> {
        // The lookup asks DNS for the host, and DNS knows no records of an IP address (seen with Thanos 0.42.4).
        if let Host::Ip(ip) = &host {
            return Err(AddressError::LookupOfIp(ip.to_string()));
        }
        if port.is_none() && !lookup.brings_port() {
            return Err(AddressError::NoPort(format!("{}{host}", lookup.prefix())));
        }
        Ok(Self { lookup: Some(lookup), host, port })
    }

    /// What two addresses share that lead to the same place: DNS knows no upper case and no final dot.
    pub fn target(&self) -> String {
        let host = self.host.to_string().to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        format!("{}{host}:{}", self.lookup.map_or("", Lookup::prefix), self.port.unwrap_or_default())
    }

    /// The host that is dialled or looked up.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, 1 to 65535; `None` when an SRV record brings it.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

/// Why a text is no [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text holds something before an `@`, which may be a password. It is not kept.
    #[error("the address holds credentials, which Thanos does not take; it is HOST:PORT, such as 10.2.0.14:31420")]
    Credentials,
    /// The text starts with a URL scheme, which Thanos does not strip.
    #[error("`{0}` has a scheme; an address is HOST:PORT, such as 10.2.0.14:31420")]
    Scheme(String),
    /// The text before the first `+` is no lookup of Thanos.
    #[error("`{0}` is no lookup that Thanos knows; it is one of dns+, dnssrv+, dnssrvnoa+, dnsdualstack+")]
    Lookup(String),
    /// No port, where Thanos would silently dial 443 or refuse.
    #[error("`{0}` has no port; the gRPC port of a sidecar is usually 10901")]
    NoPort(String),
    /// The port is no number from 1 to 65535.
    #[error("`{0}` is no port, which is a number from 1 to 65535")]
    Port(String),
    /// Neither a DNS name nor an IP address.
    #[error("`{0}` is neither a DNS name nor an IP address (IPv6 in brackets)")]
    Host(String),
    /// An IP address that no single machine has.
    #[error("`{0}` is the address of no single machine")]
    Nobody(String),
    /// A lookup before an IP address yields no endpoint.
    #[error("`{0}` is an IP address; Thanos finds nothing when it looks one up by DNS")]
    LookupOfIp(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // First of all, since every other refusal quotes what it refuses.
        if text.contains('@') {
            return Err(AddressError::Credentials);
        }
        if text.contains("://") {
            return Err(AddressError::Scheme(text.to_owned()));
        }
        let (lookup, rest) = match text.split_once('+') {
            None => (None, text),
            Some((prefix, rest)) => {
                let known = Lookup::ALL.into_iter().find(|lookup| lookup.prefix().strip_suffix('+') == Some(prefix));
                (Some(known.ok_or_else(|| AddressError::Lookup(format!("{prefix}+")))?), rest)
            }
        };
        let (host, port) = split_port(rest)?;
        let host: Host = host.parse()?;
        match (lookup, port) {
            (Some(lookup), port) => Self::looked_up(lookup, host, port),
            (None, Some(port)) => Ok(Self::fixed(host, port)),
            (None, None) => Err(AddressError::NoPort(text.to_owned())),
        }
    }
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), AddressError> {
    let end_of_host = match text.strip_prefix('[') {
        Some(_) => text.find(']').map(|at| at + 1).ok_or_else(|| AddressError::Host(text.to_owned()))?,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, port) = text.split_at(end_of_host);
    if port.is_empty() {
        return Ok((host, None));
    }
    if host.starts_with('[') && host.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_err() {
        return Err(AddressError::Host(text.to_owned()));
    }
    let digits =
        port.strip_prefix(':').filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let Some(digits) = digits else {
        // Several colons without brackets: an IPv6 address, not a host and its port.
        return Err(if text.matches(':').count() > 1 {
            AddressError::Host(text.to_owned())
        } else {
            AddressError::Port(port.trim_start_matches(':').to_owned())
        });
    };
    match digits.parse::<u16>() {
        Ok(number) if number > 0 => Ok((host, Some(number))),
        _ => Err(AddressError::Port(digits.to_owned())),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.lookup.map_or("", Lookup::prefix))?;
        self.host.fmt(out)?;
        self.port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_thanos_dials_is_kept_as_it_was_written() {
        for text in [
            "10.2.0.14:31420",
            "[2001:db8::1]:10901",
            "thanos.example.net:10901",
            "thanos.example.net.:10901",
            "under_score.example:1",
            "dns+headless.monitoring.svc:10901",
            "dnssrv+_grpc._tcp.thanos-discovery.monitoring.svc",
            "dnssrvnoa+_grpc._tcp.thanos.example",
            "dnsdualstack+thanos.example:10901",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_thanos_would_misread_is_refused_with_the_reason() {
        for (text, reason) in [
            ("http://thanos:10901", "has a scheme"),
            ("https://user:hunter2@thanos:10901", "holds credentials"),
            ("user:hunter2@thanos:10901", "holds credentials"),
            ("dns+hunter2@thanos:10901", "holds credentials"),
            ("thanos", "has no port"),
            ("dns+thanos.example", "has no port"),
            ("dns+10.0.0.1:10901", "is an IP address"),
            ("DNS+thanos:1", "is no lookup"),
            ("host:", "is no port"),
            ("host:0", "is no port"),
            ("host:99999", "is no port"),
            ("host:+80", "is no lookup"),
            (":10901", "neither a DNS name"),
            ("::1:10901", "neither a DNS name"),
            ("[::1:10901", "neither a DNS name"),
            ("[example]:10901", "neither a DNS name"),
            ("[fe80::1%eth0]:1", "neither a DNS name"),
            ("010.0.0.1:1", "neither a DNS name"),
            ("127.1:1", "neither a DNS name"),
            ("a b:1", "neither a DNS name"),
            ("{{x}}:1", "neither a DNS name"),
            ("\"a\":1", "neither a DNS name"),
            ("a,b:1", "neither a DNS name"),
            ("h/path:1", "neither a DNS name"),
            ("a..b:1", "neither a DNS name"),
            ("büro.example:1", "neither a DNS name"),
            ("0.0.0.0:10901", "no single machine"),
            ("[::]:10901", "no single machine"),
            ("224.0.0.1:1", "no single machine"),
            ("255.255.255.255:1", "no single machine"),
            ("[[::1]]:1", "neither a DNS name"),
            ("", "neither a DNS name"),
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(reason) && !error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn a_leading_zero_of_a_port_is_dropped_so_that_equal_addresses_are_equal() {
        assert_eq!("h:010901".parse::<Address>().unwrap(), "h:10901".parse().unwrap());
        assert_eq!("[2001:DB8:0::1]:1".parse::<Address>().unwrap().to_string(), "[2001:db8::1]:1");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_what_parses_prints_to_itself(text in ".{0,40}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address.clone());
                let dangerous = ['{', '"', '\'', ' ', '\n', '`', '$'];
                prop_assert!(!address.to_string().contains(dangerous), "{}", address);
            }
        }

        #[test]
        fn parsing_survives_near_misses(text in "(dns|dnssrv)?\\+?\\[?[0-9a-f:.%]{0,12}\\]?:?[0-9]{0,6}") {
            let _ = text.parse::<Address>();
        }
    }
}
