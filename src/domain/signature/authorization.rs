//! The header that carries a signature.

/// What `Authorization` says of a signature.
pub(super) struct Authorization<'a> {
    /// By which algorithm.
    pub(super) algorithm: &'a str,
    /// The access key.
    pub(super) access: &'a str,
    /// The headers that are signed, in lower case, in order.
    pub(super) headers: Vec<&'a str>,
    /// The signature itself.
    pub(super) signature: &'a str,
}

/// How the names of the algorithms of signatures begin; other schemes are none of this service.
const SCHEMES: [&str; 2] = ["SDK-", "V11-"];

/// Whether the value of `Authorization` is meant as a signature, by whichever algorithm.
#[must_use]
pub fn looks_signed(value: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| value.starts_with(scheme.as_bytes()))
}

impl<'a> Authorization<'a> {
    /// Reads the value of the header; `None` if it has not its form.
    pub(super) fn parse(value: &'a [u8]) -> Option<Self> {
        let (algorithm, rest) = std::str::from_utf8(value).ok()?.split_once(' ')?;
        let mut parts = rest.split(',').map(str::trim);
        let mut part = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=');
        let (access, names) = (part("Access")?, part("SignedHeaders")?);
        let signature = part("Signature")?;
        if parts.next().is_some() {
            return None;
        }
        let headers: Vec<&str> = names.split(';').collect();
        // Each name once, in order, as every signer writes them: there is one way to say it.
        let in_form = headers.is_sorted_by(|one, next| one < next)
            && names.bytes().all(|byte| !byte.is_ascii_uppercase());
        in_form.then_some(Self { algorithm, access, headers, signature })
    }

    /// Whether a header is signed.
    pub(super) fn signs(&self, header: &str) -> bool {
        self.headers.contains(&header)
    }
}
