//! Certificates and keys as files have them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The longest file that is read; that of all public authorities has a quarter of it.
const LONGEST_PEM: u64 = 1024 * 1024;

/// The certificates of a file, in their order; at least one.
///
/// # Errors
/// What is wrong with the file, for people, without its name.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(path)?).collect();
    match certificates {
        Ok(none) if none.is_empty() => {
            Err("it has no certificate; one begins with -----BEGIN CERTIFICATE-----".to_owned())
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(format!("it is no PEM: {error}")),
    }
}

/// The first private key of a file.
///
/// # Errors
/// What is wrong with the file, for people, without its name.
pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let bytes = read(path)?;
    let locked = String::from_utf8_lossy(&bytes).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| match error {
        pem::Error::NoItemsFound if locked => format!(
            "its key is locked by a passphrase; `openssl pkey -in {}` unlocks it",
            path.display()
        ),
        pem::Error::NoItemsFound => {
            "it has no private key; one begins with -----BEGIN PRIVATE KEY-----".to_owned()
        }
        error => format!("it is no PEM: {error}"),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST_PEM + 1).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST_PEM {
        return Err(format!(
            "longer than {LONGEST_PEM} bytes, the longest file of certificates or keys"
        ));
    }
    Ok(bytes)
}
