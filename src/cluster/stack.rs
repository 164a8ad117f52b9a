//! The HTTP client under kube's: how connections are made, and which certificates are trusted.
//!
//! kube builds one by itself, but leaves no place for a verifier of certificates. Its layers are used as they are; the
//! rest is what it does, without its retries and traces.

use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper::rt::{Read, Write};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ConfigExt as _};
use kube::{Client, Config};
use rustls::ClientConfig;
use tower::{BoxError, Service, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

use super::trust::Trust;
use crate::text::percent_decode;

/// Two clients of one server: one that keeps its connections, and one that makes a new one for each request. `trust` replaces kube's idea of
/// which certificates are to be trusted.
///
/// # Errors
/// When certificates or keys cannot be used; in words.
pub(super) fn clients(config: &Config, trust: Option<Trust>) -> anyhow::Result<[Client; 2]> {
    let mut tls = config.rustls_client_config().map_err(in_words)?;
    if let Some(trust) = trust {
        tls.dangerous().set_certificate_verifier(Arc::new(trust));
    }
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    let Some(proxy) = &config.proxy_url else { return over(tcp, &tls, config) };
    match proxy.scheme_str() {
        Some("socks5") => over(SocksV5::new(proxy.clone(), tcp), &tls, config),
        Some("https") => over(tunnel(proxy, secured(tcp, &tls, config)?), &tls, config),
        _ => over(tunnel(proxy, tcp), &tls, config),
    }
}

/// The value of `Proxy-Authorization`, if the proxy's URL holds a login.
pub(super) fn proxy_login(proxy: &Uri) -> Option<HeaderValue> {
    let (login, _) = proxy.authority()?.as_str().rsplit_once('@')?;
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(percent_decode(login)))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn tunnel<C>(proxy: &Uri, connector: C) -> Tunnel<C> {
    let tunnel = Tunnel::new(proxy.clone(), connector);
    match proxy_login(proxy) {
        Some(login) => tunnel.with_auth(login),
        None => tunnel,
    }
}

fn secured<C>(connector: C, tls: &ClientConfig, config: &Config) -> anyhow::Result<HttpsConnector<C>> {
    let mut builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
    if let Some(name) = &config.tls_server_name {
        let name = name.clone().try_into().context("`tls-server-name` is no name of a server")?;
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    Ok(builder.enable_http1().wrap_connector(connector))
}

fn over<C>(connector: C, tls: &ClientConfig, config: &Config) -> anyhow::Result<[Client; 2]>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + Read + Write + Send + Unpin + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    let mut connector = TimeoutConnector::new(secured(connector, tls, config)?);
    connector.set_connect_timeout(config.connect_timeout);
    let client = |kept: usize| {
        let mut builder = hyper_util::client::legacy::Builder::new(TokioExecutor::new());
        let http = builder.pool_max_idle_per_host(kept).build::<_, Body>(connector.clone());
        let service = ServiceBuilder::new()
            .layer(config.base_uri_layer())
            .layer(DecompressionLayer::new().gzip(!config.disable_compression))
            .option_layer(config.auth_layer()?)
            .layer(config.extra_headers_layer()?)
            .map_err(BoxError::from)
            .service(http);
        Ok(Client::new(service, config.default_namespace.clone()))
    };
    let client = |kept| client(kept).map_err(in_words);
    Ok([client(usize::MAX)?, client(0)?])
}

/// The source says what is wrong; kube's own words around it are about kube.
fn in_words(error: kube::Error) -> anyhow::Error {
    let told = std::error::Error::source(&error).map(ToString::to_string);
    told.map_or_else(|| error.into(), anyhow::Error::msg)
}
