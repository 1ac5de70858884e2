//! Signatures of requests by an access key. Contract, "AK/SK signature".
//!
//! A signer and this verifier write the same canonical request; the verifier writes it from what came, so
//! that whatever is changed on the way shows.

mod authorization;
mod canonical;

use std::borrow::Cow;
use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::World;
use crate::api::hex::hex;
use crate::api::{Code, time};
use crate::clock::{SimDuration, SimTime};
use authorization::Authorization;
pub use authorization::looks_signed;
use canonical::Canonical;

/// The only algorithm; the SDK knows others.
const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// How far the date of a signature may lie from the simulated time, before or behind it.
const SKEW: SimDuration = SimDuration::from_millis(15 * 60_000);

/// When a request was signed.
const DATE: &str = "x-sdk-date";
/// What must be signed, and what must be if it is there: unsigned, it could be changed on the way and would
/// still decide where a request goes and whom it is for.
const ALWAYS: &str = "host";
const IF_THERE: [&str; 2] = ["x-project-id", "x-security-token"];
/// What stands in place of the hash of the body.
const CONTENT: &str = "x-sdk-content-sha256";
/// What stands there when the body is not signed.
const UNSIGNED: &[u8] = b"UNSIGNED-PAYLOAD";

/// A request as it is signed.
pub struct Signable<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// The query as sent, without its `?`.
    pub query: &'a str,
    /// The value of a header by its name in lower case; several are one, with commas between them.
    pub header: &'a dyn Fn(&str) -> Option<Cow<'a, [u8]>>,
    /// The body.
    pub body: &'a [u8],
}

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// His access key.
    pub key: Arc<str>,
    /// What he gave as the id of the project that he acts for.
    pub project: Option<Box<str>>,
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureError {
    /// The row of the error table.
    pub code: Code,
    /// The canonical request that the service has, where the text tells it.
    pub canonical: Option<Box<str>>,
}

impl From<Code> for SignatureError {
    fn from(code: Code) -> Self {
        Self { code, canonical: None }
    }
}

/// Finds out who signed a request.
///
/// # Errors
/// The gateway's refusals: no date, or one that is too far from `now`; an access key that nobody has, or a
/// temporary one without its security token; another signature than the secret gives.
pub fn verify(
    world: &World,
    request: &Signable<'_>,
    now: SimTime,
) -> Result<Signed, SignatureError> {
    let header = |name: &str| (request.header)(name);
    let given = header("authorization").unwrap_or_default();
    let given = Authorization::parse(&given).ok_or(Code::SignatureUnreadable)?;
    let date = header(DATE).filter(|_| given.signs(DATE)).ok_or(Code::SignatureUnreadable)?;
    if !is_recent(&date, now) {
        return Err(Code::SignatureUnreadable.into());
    }
    let key = world.access_key(given.access).ok_or(Code::AccessKeyUnknown)?;
    if let Some(expected) = &key.security_token
        && !header("x-security-token").is_some_and(|token| expected.is(&token))
    {
        return Err(Code::AccessKeyUnknown.into());
    }
    let canonical = Canonical::of(request, &given.headers);
    let wrong =
        || SignatureError { code: Code::SignatureWrong, canonical: Some(canonical.shown().into()) };
    let signature = unhex(given.signature).filter(|_| given.algorithm == ALGORITHM);
    let signature = signature.ok_or_else(wrong)?;
    let secret = key.secret.reveal();
    let right = |canonical: &[u8]| {
        mac(secret, &date, canonical).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
    };
    let is_there = |name: &&str| header(name).is_some_and(|value| !value.is_empty());
    let decisive = IF_THERE.iter().filter(|name| is_there(name)).chain([&ALWAYS]);
    if !decisive.into_iter().all(|name| given.signs(name)) {
        return Err(wrong());
    }
    if !canonical.is_whole() || !canonical.texts().any(|text| right(&text)) {
        return Err(wrong());
    }
    let project = header("x-project-id").filter(|project| !project.is_empty());
    let project = project.map(|id| String::from_utf8_lossy(&id).into());
    Ok(Signed { key: given.access.into(), project })
}

/// The value of `Authorization` for a request, over these headers, which are in lower case and in order.
#[must_use]
pub fn sign(request: &Signable<'_>, headers: &[&str], access: &str, secret: &str) -> String {
    let canonical = Canonical::of(request, headers);
    let date = (request.header)(DATE).unwrap_or_default();
    let text = canonical.texts().next().unwrap_or_default();
    let signature = mac(secret, &date, &text).map(|mac| hex(&mac.finalize().into_bytes()));
    let (names, signature) = (headers.join(";"), signature.unwrap_or_default());
    format!("{ALGORITHM} Access={access}, SignedHeaders={names}, Signature={signature}")
}

/// A time as `X-Sdk-Date` has it.
#[must_use]
pub fn date(at: SimTime) -> String {
    time::whole_seconds(at.as_millis()).replace(['-', ':'], "")
}

/// The string to sign, fed to the function that signs it.
fn mac(secret: &str, date: &[u8], canonical: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(ALGORITHM.as_bytes());
    mac.update(b"\n");
    mac.update(date);
    mac.update(b"\n");
    mac.update(hex(&Sha256::digest(canonical)).as_bytes());
    Some(mac)
}

fn is_recent(date: &[u8], now: SimTime) -> bool {
    let read = || {
        let date = std::str::from_utf8(date).ok()?;
        let digits = |from: usize, to: usize| {
            let part = date.get(from..to)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part)
        };
        let form = date.len() == 16 && date.get(8..9) == Some("T") && date.ends_with('Z');
        let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
        let (hour, minute, second) = (digits(9, 11)?, digits(11, 13)?, digits(13, 15)?);
        let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        time::parse(&text).filter(|_| form).map(SimTime::from_millis)
    };
    read().is_some_and(|signed| now <= signed + SKEW && signed <= now + SKEW)
}

/// The bytes of 64 lower-case hex digits.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests;
