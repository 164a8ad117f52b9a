//! Whether a server's certificate is one to trust, as Go's crypto/x509 decides it where webpki is stricter.
//!
//! In Go a certificate that stands among the authorities is trusted as it is, whoever signed it and whether or not it is
//! an authority's: many a kubeconfig names the server's own certificate. Its names, its purpose and its dates count.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Trusts what authorities have signed, and those certificates of theirs that servers show themselves.
#[derive(Debug)]
pub(super) struct Trust {
    signed: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Trusts these certificates, in DER. Those that cannot sign others are passed over as authorities.
    ///
    /// # Errors
    /// When none of them can be used.
    pub(super) fn new(certificates: &[Vec<u8>]) -> anyhow::Result<Self> {
        let named: Vec<_> = certificates.iter().map(|certificate| CertificateDer::from(certificate.clone())).collect();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(named.iter().cloned());
        let signed = WebPkiServerVerifier::builder(Arc::new(roots)).build()?;
        Ok(Self { signed, named })
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.signed.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(error) if is_about_the_issuer(&error) && self.named.iter().any(|named| named == certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signed.supported_verify_schemes()
    }
}

/// Whether all that is wrong is who signed it, or that it could sign others. webpki looks at the dates before both
/// (`check_issuer_independent_properties`), so that they are right then.
fn is_about_the_issuer(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => true,
        Error::InvalidCertificate(CertificateError::Other(other)) => other.0.to_string().contains("CaUsedAsEndEntity"),
        _ => false,
    }
}
