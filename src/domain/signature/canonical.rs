//! The canonical request: what is signed, written in one way only.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest as _, Sha256};

use super::{CONTENT, Signable, UNSIGNED};
use crate::api::hex::hex;

/// What is written with `%`: all but letters, digits and `-_.~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A canonical request.
pub(super) struct Canonical {
    /// All of it but the hash of the body.
    front: Vec<u8>,
    /// What may stand for the hash of the body; the SDK has the hash of nothing there for an empty body,
    /// whatever its header says.
    hashes: Vec<Vec<u8>>,
    /// Whether everything that is signed came, and the body is the one that is announced.
    whole: bool,
}

impl Canonical {
    /// Writes the canonical request of a request of which these headers are signed.
    pub(super) fn of(request: &Signable<'_>, headers: &[&str]) -> Self {
        let mut front = request.method.to_uppercase().into_bytes();
        front.push(b'\n');
        front.extend(path(request.path).into_bytes());
        front.push(b'\n');
        front.extend(query(request.query).into_bytes());
        front.push(b'\n');
        let mut whole = true;
        for name in headers {
            let value = (request.header)(name);
            whole &= value.is_some();
            front.extend(name.as_bytes());
            front.push(b':');
            front.extend(value.unwrap_or_default().trim_ascii());
            front.push(b'\n');
        }
        front.push(b'\n');
        front.extend(headers.join(";").into_bytes());
        front.push(b'\n');
        let hash = hex(&Sha256::digest(request.body)).into_bytes();
        let said = (request.header)(CONTENT).filter(|said| !said.is_empty());
        let honest = match &said {
            None => true,
            Some(said) if **said == *UNSIGNED => request.body.is_empty() || !is_signable(request),
            Some(said) => **said == *hash,
        };
        let hashes = match said {
            Some(said) if request.body.is_empty() => vec![hash, said.into_owned()],
            Some(said) => vec![said.into_owned()],
            None => vec![hash],
        };
        Self { front, hashes, whole: whole && honest }
    }

    /// Whether everything that is signed came, and the body is the one that is announced.
    pub(super) const fn is_whole(&self) -> bool {
        self.whole
    }

    /// The texts that may have been signed.
    pub(super) fn texts(&self) -> impl Iterator<Item = Vec<u8>> {
        self.hashes.iter().map(|hash| [&self.front[..], hash].concat())
    }

    /// The text as the refusal shows it.
    pub(super) fn shown(&self) -> String {
        let text = self.texts().next().unwrap_or_default();
        String::from_utf8_lossy(&text).replace('\n', "|")
    }
}

/// Whether the body's type is one that has to be signed.
fn is_signable(request: &Signable<'_>) -> bool {
    let content_type = (request.header)("content-type").unwrap_or_default();
    let content_type = content_type.trim_ascii().to_ascii_lowercase();
    let signed: [&[u8]; 2] = [b"application/json", b"application/bson"];
    signed.iter().any(|name| content_type.starts_with(name))
}

fn encoded(bytes: &[u8]) -> String {
    percent_encode(bytes, ENCODED).to_string()
}

fn path(path: &str) -> String {
    let decoded: Cow<'_, [u8]> = percent_decode_str(path).into();
    let segments = decoded.split(|byte| *byte == b'/').map(encoded);
    let mut path = segments.collect::<Vec<String>>().join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

fn query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decoded = |text| Cow::<[u8]>::from(percent_decode_str(text));
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<_> = pairs.map(|(key, value)| (decoded(key), decoded(value))).collect();
    // By what they mean, not by how that is written.
    pairs.sort();
    let written = pairs.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value)));
    written.collect::<Vec<String>>().join("&")
}
