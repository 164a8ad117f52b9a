//! What was wrong with a connection, where the libraries do not say: asked once more, by hand. Part of the cluster's time,
//! spent only when it is lost anyhow.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::Route;
use super::stack::proxy_login;
use super::transport::TransportFault;

/// No diagnosis takes longer.
const LIMIT: Duration = Duration::from_secs(1);

/// The fault, as exactly as it can be known.
pub(super) async fn diagnosed(route: &Route, fault: TransportFault) -> TransportFault {
    match fault {
        TransportFault::NoConnection if route.proxy.is_none() => silent_or_absent(route).await,
        TransportFault::Proxy(words) => match proxy_status(route).await {
            Some(status) => TransportFault::ProxyStatus(status),
            None => TransportFault::Proxy(words),
        },
        fault => fault,
    }
}

/// Asked without TLS, does the port open?
async fn silent_or_absent(route: &Route) -> TransportFault {
    match timeout(LIMIT, TcpStream::connect((route.host(), route.port()))).await {
        Ok(Ok(_)) => TransportFault::SilentTls,
        _ => TransportFault::NoConnection,
    }
}

/// The status with which a proxy that is asked by http refuses to connect us; `None` when it does not refuse, or not by a
/// status.
async fn proxy_status(route: &Route) -> Option<u16> {
    let proxy = route.proxy.as_ref().filter(|proxy| proxy.scheme_str() == Some("http"))?;
    let ask = async {
        let host = proxy.host()?.trim_matches(['[', ']']);
        let mut stream = TcpStream::connect((host, proxy.port_u16().unwrap_or(80))).await.ok()?;
        let server = format!("{}:{}", route.server.host()?, route.port());
        let login =
            proxy_login(proxy).and_then(|login| Some(format!("Proxy-Authorization: {}\r\n", login.to_str().ok()?)));
        let request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n{}\r\n", login.unwrap_or_default());
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut line = Vec::new();
        BufReader::new(stream).read_until(b'\n', &mut line).await.ok()?;
        status_of(std::str::from_utf8(&line).ok()?)
    };
    timeout(LIMIT, ask).await.ok()?.filter(|status| !(200..300).contains(status))
}

fn status_of(line: &str) -> Option<u16> {
    let (version, rest) = line.split_once(' ')?;
    version.starts_with("HTTP/1.").then(|| rest.get(..3)?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_off_the_first_line() {
        assert_eq!(status_of("HTTP/1.1 403 Forbidden\r\n"), Some(403));
        assert_eq!(status_of("HTTP/1.0 502\r\n"), Some(502));
        for line in ["", "SSH-2.0-x y", "HTTP/1.1 OK", "HTTP/1.1 20"] {
            assert_eq!(status_of(line), None, "{line}");
        }
    }
}
