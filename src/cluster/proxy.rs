//! Through which proxy an API server is asked.
//!
//! The rules are Go's (golang.org/x/net, http/httpproxy), since users set these variables for kubectl. kube 5.0.0
//! matches NO_PROXY with the proxy's own host and refuses lists that end in a comma.

use std::net::IpAddr;

use http::Uri;

use super::entry_error::ProxyError;
use super::environment::ProxyVariables;
use super::server;

// A proxy's URL may hold a password.

/// The proxy for `server`: the cluster's own `proxy-url`, else what the variables say; `None` to ask directly.
///
/// As in client-go, the variables (and so NO_PROXY) do not matter when the cluster names a proxy itself.
///
/// # Errors
/// When the proxy that would be used cannot be used.
pub fn proxy_for(server: &Uri, own: Option<&str>, variables: &ProxyVariables) -> Result<Option<Uri>, ProxyError> {
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        return parse(own, "`proxy-url`").map(Some);
    }
    let secure = server.scheme_str() == Some("https");
    let (variable, name) = if secure { (&variables.https, "HTTPS_PROXY") } else { (&variables.http, "HTTP_PROXY") };
    let Some(proxy) = variable.as_deref().filter(|proxy| !proxy.is_empty()) else { return Ok(None) };
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(if secure { 443 } else { 80 });
    if is_direct(&host, port, variables.no_proxy.as_deref().unwrap_or_default()) {
        return Ok(None);
    }
    parse(proxy, name).map(Some)
}

fn parse(proxy: &str, source: &'static str) -> Result<Uri, ProxyError> {
    let with_scheme = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    // kube lets a SOCKS proxy resolve names in any case, which is what socks5h asks for, but does not know the word.
    let known = match with_scheme.strip_prefix("socks5h://") {
        Some(rest) => format!("socks5://{rest}"),
        None => with_scheme,
    };
    let uri: Uri = known.parse().map_err(|_| ProxyError::Url(source))?;
    if uri.host().is_none_or(str::is_empty) {
        return Err(ProxyError::Url(source));
    }
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let behind_login = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    if server::split_port(behind_login).1.is_some_and(|port| !port.is_empty() && server::port_number(port).is_none()) {
        return Err(ProxyError::Url(source));
    }
    match uri.scheme_str() {
        Some("http" | "https" | "socks5") => Ok(uri),
        _ => Err(ProxyError::Scheme(source)),
    }
}

/// Whether NO_PROXY, or being this very machine, exempts a host.
fn is_direct(host: &str, port: u16, no_proxy: &str) -> bool {
    let ip: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || ip.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    no_proxy.split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| exempts(&entry, host, ip, port))
}

fn exempts(entry: &str, host: &str, ip: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>())
    {
        return ip.is_some_and(|ip| in_network(ip, network, bits));
    }
    let (name, wanted_port) = split_port(entry);
    if name.is_empty() || wanted_port.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if let Ok(exempted) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        return ip == Some(exempted);
    }
    // `.example.com` and `*.example.com` mean what is below; `example.com` means itself, too.
    let name = name.strip_prefix('*').unwrap_or(name);
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    }
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn in_network(ip: IpAddr, network: IpAddr, bits: u32) -> bool {
    let same = |a: u128, b: u128, width: u32| bits <= width && (bits == 0 || (a ^ b) >> (width - bits) == 0);
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => same(ip.to_bits().into(), network.to_bits().into(), 32),
        (IpAddr::V6(ip), IpAddr::V6(network)) => same(ip.to_bits(), network.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(server: &str, no_proxy: &str) -> bool {
        let variables = ProxyVariables {
            https: Some("http://user:hunter2@proxy.example:3128".into()),
            http: None,
            no_proxy: Some(no_proxy.into()),
        };
        proxy_for(&server.parse().unwrap(), None, &variables).unwrap().is_some()
    }

    #[test]
    fn no_proxy_is_matched_with_the_api_server_as_go_does() {
        for (server, no_proxy) in [
            ("https://10.1.2.3:6443", "10.1.2.3"),
            ("https://10.1.2.3:6443", "a,,10.1.2.3:6443,"),
            ("https://10.1.2.3:6443", " 10.0.0.0/8 "),
            ("https://[2001:db8::1]:6443", "2001:db8::/32"),
            ("https://[2001:db8::1]:6443", "[2001:db8::1]:6443"),
            ("https://api.Example.com", "example.com"),
            ("https://example.com", "EXAMPLE.com:443"),
            ("https://api.example.com", ".example.com"),
            ("https://api.example.com", "*.example.com"),
            ("https://api.example.com", "*"),
            ("https://127.0.0.1:6443", ""),
            ("https://localhost:6443", ""),
            ("https://[::1]:6443", ""),
        ] {
            assert!(!proxied(server, no_proxy), "{server} with NO_PROXY={no_proxy}");
        }
        for (server, no_proxy) in [
            ("https://10.1.2.3:6443", ""),
            ("https://10.1.2.3:6443", "10.1.2.3:443"),
            ("https://11.1.2.3:6443", "10.0.0.0/8"),
            ("https://example.com", ".example.com"),
            ("https://badexample.com", "example.com"),
            ("https://10.1.2.3:6443", "proxy.example"),
        ] {
            assert!(proxied(server, no_proxy), "{server} with NO_PROXY={no_proxy}");
        }
    }

    #[test]
    fn a_clusters_own_proxy_outranks_the_variables() {
        let variables = ProxyVariables { no_proxy: Some("*".into()), ..ProxyVariables::default() };
        let of = |own| proxy_for(&"https://10.1.2.3".parse().unwrap(), Some(own), &variables);
        assert_eq!(of("proxy:3128").unwrap().unwrap().to_string(), "http://proxy:3128/");
        assert_eq!(of("socks5h://proxy:1080").unwrap().unwrap().to_string(), "socks5://proxy:1080/");
        assert_eq!(of("").unwrap(), None);
        assert_eq!(of("ftp://u:hunter2@proxy").unwrap_err(), ProxyError::Scheme("`proxy-url`"));
        for port in ["99999", "+1", "abc"] {
            let proxy = format!("http://u:hunter2@proxy:{port}");
            let refused = proxy_for(&"https://10.1.2.3".parse().unwrap(), Some(&proxy), &variables).unwrap_err();
            assert_eq!(refused, ProxyError::Url("`proxy-url`"));
        }
        let error = of("http://u:hunter2@").unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
