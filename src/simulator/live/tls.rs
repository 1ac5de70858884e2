//! TLS on the sockets of a live server: its certificate, and what is beneath a connection that speaks it.

use std::any::Any;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::rt::net::TcpStream;
use rcgen::{
    CertificateParams, CertifiedKey, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, DnsName, PrivateKeyDer};
use rustls::{ServerConfig, crypto};
use sha2::{Digest as _, Sha256};

use super::pem;
use crate::api::hex::hex;
use crate::clock::SimTime;

/// The names that a certificate is made for in any case.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The names that a certificate can be made for beside those of loopback: more than a machine has, and few
/// enough for a handshake to stay small.
pub const MOST_NAMES: usize = 100;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long before its making a certificate is good: clients whose clocks are late take it, too.
const GOOD_BEFORE: Duration = DAY;
/// How long after its making a certificate is good: some clients take none that is good for much longer.
const GOOD_AFTER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What a server needs to speak TLS.
#[derive(Clone, Debug)]
pub struct Tls {
    config: ServerConfig,
    certificate: CertificateDer<'static>,
    /// The certificate as a file, if it was made here.
    made: Option<String>,
}

impl Tls {
    /// Makes a certificate for loopback and these names, signed by itself, and a key that nobody else knows.
    /// They come from the system and not from the seed: a key that can be guessed is none, and neither ever
    /// shows in a trace. `now` is the real time, since clients judge by theirs.
    ///
    /// # Errors
    /// A sentence for people about the name that is none.
    pub fn self_signed(names: &[String], now: SimTime) -> Result<Self, String> {
        let mut all: Vec<String> = LOOPBACK.map(str::to_owned).to_vec();
        for name in names {
            check_name(name)?;
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        if all.len() > LOOPBACK.len() + MOST_NAMES {
            return Err(format!("a certificate is made for at most {MOST_NAMES} names"));
        }
        let failed = |error| format!("no certificate can be made: {error}");
        let CertifiedKey { cert, signing_key } = make(all, now).map_err(failed)?;
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let certificate = cert.der().clone();
        let config = config(vec![certificate.clone()], key)
            .map_err(|error| format!("no certificate can be made: {error}"))?;
        Ok(Self { config, certificate, made: Some(cert.pem()) })
    }

    /// Takes a certificate, with those between it and its authority behind it, and its key from PEM files.
    ///
    /// # Errors
    /// A sentence for people that names the file.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, String> {
        let of_certificate = format!("--tls-cert {}", certificate.display());
        let of_key = format!("--tls-key {}", key.display());
        let chain =
            pem::certificates(certificate).map_err(|why| format!("{of_certificate}: {why}"))?;
        let key = pem::private_key(key).map_err(|why| format!("{of_key}: {why}"))?;
        let first = chain[0].clone();
        let config = config(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                format!("{of_key}: it is not the key of {of_certificate}")
            }
            rustls::Error::InvalidCertificate(why) => {
                format!("{of_certificate}: its certificate cannot be used: {why}")
            }
            error => format!("{of_key}: it cannot be used: {error}"),
        })?;
        Ok(Self { config, certificate: first, made: None })
    }

    /// The certificate as a PEM file, if it was made here: whoever trusts it trusts this server alone.
    #[must_use]
    pub fn made(&self) -> Option<&str> {
        self.made.as_deref()
    }

    /// The SHA-256 of the certificate, as hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(&self.certificate))
    }

    pub(super) fn config(&self) -> ServerConfig {
        self.config.clone()
    }
}

/// The host of an address to listen on, as a name for a certificate; `None` if it names no one machine.
#[must_use]
pub fn host_of(address: &str) -> Option<String> {
    let (host, _) = address.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let everywhere = host.parse().is_ok_and(|ip: IpAddr| ip.is_unspecified());
    (!everywhere && check_name(host).is_ok()).then(|| host.to_owned())
}

fn check_name(name: &str) -> Result<(), String> {
    let plain = name.strip_prefix("*.").unwrap_or(name);
    if name.parse::<IpAddr>().is_ok() || DnsName::try_from(plain).is_ok() {
        return Ok(());
    }
    Err(format!(
        "`{name}` is neither the name of a host, such as ims.example.com, nor an IP address"
    ))
}

fn make(names: Vec<String>, now: SimTime) -> Result<CertifiedKey<KeyPair>, rcgen::Error> {
    let signing_key = KeyPair::generate()?;
    let mut parameters = CertificateParams::new(names)?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "imsim");
    parameters.distinguished_name = subject;
    // It signs for nobody else, so that to trust it is to trust this server alone.
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_millis(now.as_millis());
    parameters.not_before = now - GOOD_BEFORE;
    parameters.not_after = now + GOOD_AFTER;
    let cert = parameters.self_signed(&signing_key)?;
    Ok(CertifiedKey { cert, signing_key })
}

/// The HTTP library adds the versions of HTTP that it offers.
fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
}

/// The socket beneath an accepted connection, whether it speaks TLS or not.
pub(super) fn socket(connection: &dyn Any) -> Option<&TcpStream> {
    let beneath = || Some(connection.downcast_ref::<TlsStream<TcpStream>>()?.get_ref().0);
    connection.downcast_ref::<TcpStream>().or_else(beneath)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SimTime = SimTime::from_millis(1_735_689_600_000);

    #[test]
    fn a_certificate_is_made_for_what_can_be_a_host() {
        let check = |name: &str, good: bool| {
            let made = Tls::self_signed(&[name.to_owned()], NOW);
            assert_eq!(made.is_ok(), good, "{name}");
            assert!(
                good || made.is_err_and(|why| why.starts_with(&format!("`{name}` is neither")))
            );
        };
        for name in ["ims.example.com", "*.example.com", "10.0.0.1", "fe80::1", "localhost"] {
            check(name, true);
        }
        for name in ["", "*", "a b", "https://a", "a:8787", "ä.example.com", "*.*.a"] {
            check(name, false);
        }
        let many: Vec<String> = (0..=MOST_NAMES).map(|number| format!("host-{number}")).collect();
        assert!(Tls::self_signed(&many[1..], NOW).is_ok());
        assert!(Tls::self_signed(&many, NOW).is_err_and(|why| why.contains("at most 100")));
    }

    #[test]
    fn every_certificate_has_a_key_of_its_own() {
        let made = || Tls::self_signed(&[], NOW).expect("loopback has names");
        let (one, other) = (made(), made());
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.fingerprint().len(), 64);
        assert!(one.made().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
    }

    #[test]
    fn an_address_names_a_host_unless_it_means_all() {
        let check = |address: &str, host: Option<&str>| {
            assert_eq!(host_of(address).as_deref(), host, "{address}");
        };
        check("ims.example.com:8787", Some("ims.example.com"));
        check("127.0.0.1:0", Some("127.0.0.1"));
        check("[::1]:0", Some("::1"));
        check("0.0.0.0:8787", None);
        check("[::]:8787", None);
        check("nothing", None);
    }
}
