//! Whom a client trusts that speaks TLS.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::simulator::live::pem;

/// Whom a client trusts that speaks TLS.
#[derive(Clone, Debug)]
pub struct Trust {
    config: Arc<ClientConfig>,
    /// Whether it trusts whoever answers.
    blind: bool,
}

impl Trust {
    /// Trusts the public authorities, as browsers do.
    #[must_use]
    pub fn public() -> Self {
        Self::in_roots(public_roots())
    }

    /// Trusts the certificates of a PEM file beside the public authorities.
    ///
    /// # Errors
    /// A sentence for people that names the file.
    pub fn with_ca_file(path: &Path) -> Result<Self, String> {
        let wrong = |reason: &dyn fmt::Display| format!("--ca-file {}: {reason}", path.display());
        let mut roots = public_roots();
        for certificate in pem::certificates(path).map_err(|reason| wrong(&reason))? {
            let reason = "one of its certificates cannot be understood";
            roots.add(certificate).map_err(|error| wrong(&format!("{reason}: {error}")))?;
        }
        Ok(Self::in_roots(roots))
    }

    /// Trusts whoever answers. Then anybody on the way can read and change all that is sent.
    #[must_use]
    pub fn blind() -> Self {
        let provider = Arc::new(crypto::ring::default_provider());
        let verifier = Arc::new(TrustAnybody(Arc::clone(&provider)));
        let config = builder(provider).dangerous().with_custom_certificate_verifier(verifier);
        Self { config: speaking(config.with_no_client_auth()), blind: true }
    }

    /// Whether it trusts whoever answers.
    #[must_use]
    pub const fn is_blind(&self) -> bool {
        self.blind
    }

    fn in_roots(roots: RootCertStore) -> Self {
        let provider = Arc::new(crypto::ring::default_provider());
        let config = builder(provider).with_root_certificates(roots).with_no_client_auth();
        Self { config: speaking(config), blind: false }
    }

    pub(super) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }
}

fn builder(
    provider: Arc<CryptoProvider>,
) -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    let builder = ClientConfig::builder_with_provider(provider);
    builder.with_safe_default_protocol_versions().expect("ring can do all that is safe")
}

/// Every fault has a look of its own in HTTP/1.1; in HTTP/2 most of them are the end of a connection.
fn speaking(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

fn public_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

/// Why a handshake failed, in words that say what to do; `None` if something else went wrong.
pub(super) fn explained(error: &io::Error) -> Option<String> {
    use rustls::Error::{InvalidCertificate, InvalidMessage};
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(match error {
        InvalidCertificate(reason) => format!(
            "its certificate is not trusted: {reason}; --ca-file FILE names certificates to trust, \
             such as the one that `imsim serve --tls-cert-out FILE` writes"
        ),
        InvalidMessage(_) => format!("it does not speak TLS ({error}); is its URL an http one?"),
        other => format!("TLS failed: {other}"),
    })
}

/// Believes that a server is whoever it says.
#[derive(Debug)]
struct TrustAnybody(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAnybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_is_no_file_of_certificates_is_refused() {
        let check = |content: &str, says: &str| {
            let mut file = tempfile::NamedTempFile::new().expect("there is room");
            file.write_all(content.as_bytes()).expect("it can be written");
            let error = Trust::with_ca_file(file.path()).expect_err(says);
            assert!(error.starts_with("--ca-file ") && error.contains(says), "{error}");
            assert!(error.contains(&*file.path().to_string_lossy()), "{error}");
        };
        let pem = |what: &str, inside: &str| {
            format!("-----BEGIN {what}-----\n{inside}\n-----END {what}-----\n")
        };
        check("", "no certificate");
        check("hello", "no certificate");
        check(&pem("PRIVATE KEY", "AAAA"), "no certificate");
        check(&pem("CERTIFICATE", "AAAA"), "cannot be understood");
        check(&pem("CERTIFICATE", "?"), "it is no PEM");
        check("-----BEGIN CERTIFICATE-----\nAAAA\n", "it is no PEM");
        check(&"#".repeat(1024 * 1024 + 1), "longer than 1048576 bytes");
        let nowhere = Trust::with_ca_file(Path::new("nowhere.pem")).expect_err("no file");
        assert!(nowhere.starts_with("--ca-file nowhere.pem: "), "{nowhere}");
    }
}
