//! A server that speaks TLS as a test wants it, with certificates made on the spot.
//!
//! What it would serve does not matter: who comes through the handshake is answered 403, with words to know it by.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

/// What the server says to everybody who comes through the handshake.
const THROUGH: &str = "the handshake is done";

/// Valid whenever the tests run.
pub(crate) const ALWAYS: (i32, i32) = (2000, 4000);

/// A certificate and its key; that of an authority can sign others.
pub(crate) struct Identity {
    params: CertificateParams,
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    /// An authority of that name, signed by itself. `names` are those that it answers to as a server.
    pub(crate) fn authority(name: &str, names: &[&str]) -> Self {
        Self::authority_of(name, names, ALWAYS)
    }

    /// The same, from the first of the one year to the first of the other.
    pub(crate) fn authority_of(name: &str, names: &[&str], years: (i32, i32)) -> Self {
        let mut params = params(name, names, years);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), params, key }
    }

    /// A certificate for these names and addresses, from the first of the one year to the first of the other.
    pub(crate) fn sign(&self, names: &[&str], years: (i32, i32)) -> Self {
        self.issue(params("somebody", names, years))
    }

    /// A certificate that could sign others.
    pub(crate) fn sign_authority(&self, names: &[&str]) -> Self {
        let mut params = params("somebody", names, ALWAYS);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.issue(params)
    }

    /// A certificate that is good for clients only.
    pub(crate) fn sign_client(&self, names: &[&str]) -> Self {
        let mut params = params("somebody", names, ALWAYS);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params)
    }

    fn issue(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        Self { certificate: params.signed_by(&key, &issuer).unwrap(), params, key }
    }

    pub(crate) fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    fn der(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }
}

fn params(name: &str, names: &[&str], (from, to): (i32, i32)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    params
}

/// Starts a server that answers everybody who comes through the handshake with these bytes.
pub(crate) fn serve(version: &'static SupportedProtocolVersion, server: &Identity, answer: Vec<u8>) -> u16 {
    start_with(version, server, None, answer)
}

/// Starts the server; its threads end with the test's process. Only clients with a certificate of `clients` come
/// through, if that is given.
pub(crate) fn start(version: &'static SupportedProtocolVersion, server: &Identity, clients: Option<&Identity>) -> u16 {
    let said = serde_json::json!({"kind": "Status", "message": THROUGH}).to_string();
    let head = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let answer = format!("{head}Content-Length: {}\r\n\r\n{said}", said.len());
    start_with(version, server, clients, answer.into())
}

fn start_with(
    version: &'static SupportedProtocolVersion,
    server: &Identity,
    clients: Option<&Identity>,
    answer: Vec<u8>,
) -> u16 {
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[version]).unwrap();
    let config = match clients {
        None => config.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivatePkcs8KeyDer::from(server.key.serialize_der());
    let config = Arc::new(config.with_single_cert(vec![server.der()], key.into()).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let answer = answer.clone();
            std::thread::spawn(move || answer_with(&answer, StreamOwned::new(connection, stream)));
        }
    });
    port
}

fn answer_with(answer: &[u8], mut stream: StreamOwned<ServerConnection, TcpStream>) {
    let mut request = [0; 4096];
    if stream.read(&mut request).is_ok_and(|read| read > 0) {
        let _ = stream.write_all(answer);
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }
    // Closing with something unread would reset the connection, and an alert might never be seen.
    let _ = stream.sock.shutdown(Shutdown::Write);
    let _ = std::io::copy(&mut stream.sock, &mut std::io::sink());
}
