//! Which server a cluster of the kubeconfig means, by kubectl's rules.
//!
//! client-go reads `server` with Go's `net/url`, which is stricter about ports than Rust's `http` crate: `h:99999` and
//! `h:+443` would be asked at port 443 there, and be sent the token.

use http::Uri;

use super::entry_error::EntryError;

/// The server as a URL with scheme, host and path.
///
/// Without a scheme kubectl takes http and sends no credentials, whatever the cluster says of certificates: it decides
/// on the scheme before it looks at them (kubectl 1.32; client-go, tools/clientcmd/client_config.go).
///
/// # Errors
/// When kubectl would refuse it, or it holds credentials.
pub(super) fn server_of(server: Option<&str>) -> Result<Uri, EntryError> {
    let server = server.filter(|server| !server.is_empty()).ok_or(EntryError::NoServer)?;
    let (scheme, rest) = match server.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None if server.contains('/') => {
            return Err(EntryError::Server("is no URL, which looks like https://HOST:6443"));
        }
        None => ("http".to_owned(), server),
    };
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err(EntryError::Server("has a scheme other than https and http"));
    }
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let path = rest[authority.len()..].split(['?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(EntryError::Server("holds a user name; credentials belong into the user of the context"));
    }
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return Err(EntryError::Server("has no host"));
    }
    let port = match port {
        None | Some("") => String::new(),
        Some(port) => format!(":{}", port_number(port).ok_or(EntryError::Server(BAD_PORT))?),
    };
    let uri = format!("{scheme}://{host}{port}{path}").parse::<Uri>();
    let uri = uri.map_err(|_| EntryError::Server("is no URL, which looks like https://HOST:6443"))?;
    if uri.host().is_none_or(|found| found != host) {
        return Err(EntryError::Server("is no URL, which looks like https://HOST:6443"));
    }
    Ok(uri)
}

const BAD_PORT: &str = "has a port that is no number up to 65535";

/// The host, with its brackets, and what stands behind its colon.
pub(super) fn split_port(authority: &str) -> (&str, Option<&str>) {
    let behind = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[behind..].find(':') {
        Some(at) => (&authority[..behind + at], Some(&authority[behind + at + 1..])),
        None => (authority, None),
    }
}

/// A port as Go takes it: digits alone.
pub(super) fn port_number(port: &str) -> Option<u16> {
    if port.bytes().all(|byte| byte.is_ascii_digit()) { port.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(server: &str) -> Result<String, String> {
        server_of(Some(server)).map(|uri| uri.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_is_read_as_kubectl_reads_it() {
        for (server, url) in [
            ("https://h/k8s/clusters/c-1", "https://h/k8s/clusters/c-1"),
            ("https://h:06443", "https://h:6443/"),
            ("https://h:", "https://h/"),
            ("HTTPS://h:1", "https://h:1/"),
            ("https://h:1/x?a=b#c", "https://h:1/x"),
            ("https://[2001:db8::1]:6443", "https://[2001:db8::1]:6443/"),
            ("10.0.0.1:6443", "http://10.0.0.1:6443/"),
            ("localhost", "http://localhost/"),
        ] {
            assert_eq!(read(server).as_deref(), Ok(url), "{server}");
        }
    }

    #[test]
    fn a_server_that_kubectl_refuses_is_refused_unquoted() {
        for (server, reason) in [
            ("https://h:99999", "has a port that is no number up to 65535"),
            ("https://h:65536", "has a port"),
            ("https://h:abc", "has a port"),
            ("https://h:+443", "has a port"),
            ("https://h:-1", "has a port"),
            ("https://h: 443", "has a port"),
            ("https://h:443:443", "has a port"),
            ("https://h:443 ", "has a port"),
            ("https://[::1]:+443", "has a port"),
            ("h:99999", "has a port"),
            ("h:+443", "has a port"),
            ("https://::1:6443", "has no host"),
            ("https://[::1]6443", "no URL"),
            ("ftp://h", "scheme other than"),
            (" https://h", "scheme other than"),
            ("https://", "has no host"),
            ("https://:443", "has no host"),
            ("https:/h", "no URL"),
            ("//h:443", "no URL"),
            ("h:443/path", "no URL"),
            ("https://u:hunter2@h", "holds a user name"),
            ("https://hunter2@h:443", "holds a user name"),
            ("https://a b", "no URL"),
            ("https://h\\x", "no URL"),
        ] {
            let error = read(server).expect_err(server);
            assert!(error.contains(reason) && !error.contains("hunter2"), "{server}: {error}");
        }
        assert!(matches!(server_of(None), Err(EntryError::NoServer)));
        assert!(matches!(server_of(Some("")), Err(EntryError::NoServer)));
    }

    proptest! {
        #[test]
        fn whatever_port_is_written_that_one_is_asked_or_none(port in "[0-9+\\-a-z :]{0,8}") {
            if let Ok(uri) = server_of(Some(&format!("https://h.example:{port}"))) {
                let written = if port.is_empty() { None } else { Some(port.parse::<u16>().unwrap()) };
                prop_assert_eq!(uri.port_u16(), written);
                prop_assert_eq!(uri.host(), Some("h.example"));
            }
        }

        #[test]
        fn no_server_leads_to_another_host(server in "(https?://)?[a-z0-9.@:/?#\\[\\]%+ -]{0,20}") {
            if let Ok(uri) = server_of(Some(&server)) {
                let authority = uri.authority().unwrap().as_str();
                prop_assert!(!authority.contains('@'));
                prop_assert!(server.to_ascii_lowercase().contains(uri.host().unwrap()));
            }
        }
    }
}
