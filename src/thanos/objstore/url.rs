//! What Go takes for a URL (net/url, as of Go 1.26), as far as it decides whether an endpoint is taken.

use std::net::Ipv6Addr;

/// The parts of a URL that decide about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    /// The scheme in small letters; empty when there is none.
    pub(super) scheme: String,
    /// The host without its port and without the brackets of an IPv6 address; empty when there is none.
    pub(super) host: String,
    /// The digits of the port; empty when there are none.
    port: String,
    /// The path; empty when there is none.
    pub(super) path: String,
}

/// What is wrong with a port that [`is_beyond`].
pub(super) const BEYOND: &str = "its port is above 65535";

/// Whether these are the digits of a number that no port can have.
pub(super) fn is_beyond(port: &str) -> bool {
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_err()
}

impl Url {
    /// Reads what Go's `url.Parse` takes.
    ///
    /// # Errors
    /// Why Go refuses it; quotes nothing.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("it holds a control character");
        }
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (scheme, rest) = scheme(text)?;
        let with = |(host, port): (String, &str), path: &str| Self {
            scheme: scheme.unwrap_or_default().to_ascii_lowercase(),
            host,
            port: port.to_owned(),
            path: path.to_owned(),
        };
        let nowhere = || (String::new(), "");
        let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
        if !rest.starts_with('/') {
            let first = rest.split('/').next().unwrap_or_default();
            return match scheme {
                Some(_) => Ok(with(nowhere(), "")),
                None if first.contains(':') => Err("it has a colon where its scheme should end"),
                None => Ok(with(nowhere(), rest)),
            };
        }
        let (host, path) = match rest.strip_prefix("//") {
            Some(authority) if scheme.is_some() || !authority.starts_with('/') => {
                let end = authority.find('/').unwrap_or(authority.len());
                (host(&authority[..end])?, &authority[end..])
            }
            _ => (nowhere(), rest),
        };
        escapes(path)?;
        escapes(fragment)?;
        Ok(with(host, path))
    }

    /// Reads what Go's HTTP client can ask.
    ///
    /// # Errors
    /// As [`Url::parse`], and when it has another scheme, no host, or a port that nobody can dial.
    pub(super) fn of_http(text: &str) -> Result<Self, &'static str> {
        let url = Self::parse(text)?;
        match url.scheme.as_str() {
            "http" | "https" if url.host.is_empty() => Err("it has no host"),
            "http" | "https" => url.check_port().map(|()| url),
            _ => Err("it does not begin with http:// or https://"),
        }
    }

    /// Go reads any number for a port, and refuses to dial one that does not fit.
    ///
    /// # Errors
    /// When it is above 65535.
    pub(super) fn check_port(&self) -> Result<(), &'static str> {
        if is_beyond(&self.port) { Err(BEYOND) } else { Ok(()) }
    }
}

/// The scheme, which may be missing, and what follows it.
fn scheme(text: &str) -> Result<(Option<&str>, &str), &'static str> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("it begins with a colon"),
            b':' => return Ok((Some(&text[..at]), &text[at + 1..])),
            _ => break,
        }
    }
    Ok((None, text))
}

/// The host and the digits of the port.
fn host(authority: &str) -> Result<(String, &str), &'static str> {
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => {
            let fits = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
            if !user.chars().all(fits) {
                return Err("it has credentials with characters that no URL can have");
            }
            escapes(user)?;
            host
        }
        None => authority,
    };
    match host.rfind('[') {
        Some(0) => {
            let (address, port) = host[1..].rsplit_once(']').ok_or("it opens a bracket and does not close it")?;
            is_port(port)?;
            let bare = address.split_once("%25").map_or(address, |(address, _)| address);
            bare.parse::<Ipv6Addr>().map_err(|_| "it has brackets around what is no IPv6 address")?;
            escapes(address)?;
            Ok((unescaped(address), port.trim_start_matches(':')))
        }
        Some(_) => Err("it has a bracket in the host"),
        None => {
            let at = host.find(':').unwrap_or(host.len());
            is_port(&host[at..])?;
            let name = &host[..at];
            let fits = |c: char| c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(c) || !c.is_ascii();
            if !name.chars().all(fits) {
                return Err("it has a host with characters that no host can have");
            }
            escapes(name)?;
            // In a host only what is no ASCII may be escaped.
            let bytes = name.as_bytes();
            let is_ascii = |at: usize| bytes[at + 1] < b'8' && &bytes[at..at + 3] != b"%25";
            if name.match_indices('%').any(|(at, _)| is_ascii(at)) {
                return Err("it has a host with characters that no host can have");
            }
            Ok((unescaped(name), host[at..].trim_start_matches(':')))
        }
    }
}

/// `text` with its escapes, which are well formed, replaced by what they stand for.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        bytes.extend(u8::from_str_radix(&rest[at + 1..at + 3], 16));
        rest = &rest[at + 3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether it is nothing, or a colon and digits, of which there may be none.
fn is_port(text: &str) -> Result<(), &'static str> {
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(()),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
        _ => Err("it has no valid port after its host"),
    }
}

fn escapes(text: &str) -> Result<(), &'static str> {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    if text.match_indices('%').all(|(at, _)| is_hex(at + 1) && is_hex(at + 2)) {
        Ok(())
    } else {
        Err("it has a `%` without two hexadecimal digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_takes_is_taken() {
        for (text, host, path) in [
            ("HTTPS://minio:9000", "minio", ""),
            ("https://minio:", "minio", ""),
            ("https://minio/", "minio", "/"),
            ("https://u:p@minio:9?x=1", "minio", ""),
            ("https://[::1]:9", "::1", ""),
            ("https://[fe80::1%25en0]/a", "fe80::1%en0", "/a"),
            ("https://über.example", "über.example", ""),
            ("https://%c3%bcber", "über", ""),
            ("https://a\"<>'", "a\"<>'", ""),
            ("https://", "", ""),
            ("minio", "", "minio"),
            ("mailto:x", "", ""),
            ("minio/a:b", "", "minio/a:b"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.host.as_str(), url.path.as_str()), (host, path), "{text}");
        }
    }

    #[test]
    fn a_port_that_nobody_can_dial_is_refused_where_it_is_dialled() {
        for text in
            ["http://a:65536", "http://[::1]:99999/x", "http://u:p@a:4294967297", "http://a:99999999999999999999"]
        {
            assert!(Url::parse(text).is_ok(), "{text}");
            assert_eq!(Url::of_http(text), Err(BEYOND), "{text}");
        }
        for text in ["http://a:65535", "http://a:", "http://a", "http://a:00009", "http://a/:99999"] {
            assert!(Url::of_http(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in [
            "https://::1",
            "https://minio:port",
            "https://a:1:2",
            "https://{{ x }}:9",
            "https://a b",
            "https://[::1",
            "https://[minio]",
            "https://[1.2.3.4]",
            "https://a[::1]",
            "https://a%20b",
            "https://a%",
            "https://a/%zz",
            "https://u^@a",
            "https://a\n",
            "127.0.0.1:9",
            ":9",
        ] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }
}
