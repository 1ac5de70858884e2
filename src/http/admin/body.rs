//! Bodies: bounded, and read strictly.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, BytesMut};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::AdminError;
use crate::actors::Shared;
use crate::clock::SimDuration;
use crate::http::pieces::{Pieces, announced_length};
use crate::scenario::file::suggestion;

/// The longest body: 1 MiB, some thousand rules of faults.
const LONGEST_BODY: usize = 1024 * 1024;

/// How long a body may take to arrive, in real time; whoever writes it by hand sends it at once all the
/// same.
const SLOWEST_BODY: SimDuration = SimDuration::from_millis(30_000);

/// Reads the whole body. Where the endpoint takes none it must be empty: somebody means something by it.
pub(super) async fn read(
    http: &HttpRequest,
    pieces: Pieces,
    shared: &Shared,
    taken: bool,
) -> Result<Bytes, AdminError> {
    if announced_length(http).is_some_and(|length| length > LONGEST_BODY as u64) {
        return Err(too_long());
    }
    let read = shared.wall.within(SLOWEST_BODY, collect(pieces)).await;
    let body = read.ok_or_else(|| {
        let message = format!("the body did not arrive within {SLOWEST_BODY}");
        AdminError::new(StatusCode::REQUEST_TIMEOUT, message)
    })??;
    check(&body, taken)?;
    Ok(body)
}

/// Holds a body that has been read against the bound, and against what the endpoint takes.
pub(super) fn check(body: &[u8], taken: bool) -> Result<(), AdminError> {
    if body.len() > LONGEST_BODY {
        return Err(too_long());
    }
    if !taken && !body.is_empty() {
        return Err(bad("this endpoint takes no body".to_owned()));
    }
    Ok(())
}

async fn collect(mut pieces: Pieces) -> Result<Bytes, AdminError> {
    let mut all = BytesMut::new();
    while let Some(chunk) = pieces.next().await {
        let chunk = chunk.map_err(|error| bad(format!("the body breaks off: {error}")))?;
        if all.len() + chunk.len() > LONGEST_BODY {
            return Err(too_long());
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

fn too_long() -> AdminError {
    let message = format!("the body is longer than {LONGEST_BODY} bytes");
    AdminError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn bad(message: String) -> AdminError {
    AdminError::new(StatusCode::BAD_REQUEST, message)
}

/// What a body is that is JSON and no object.
fn kind_of(body: &[u8]) -> Option<&'static str> {
    Some(match serde_json::from_slice(body).ok()? {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => return None,
    })
}

/// Reads a JSON object. An empty body is an empty object.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, AdminError> {
    let body = if body.is_empty() { b"{}" } else { body };
    // Derived readers also take a list with the values in order, which nobody means, and name their own type
    // where they find something else.
    if !body.trim_ascii_start().starts_with(b"{")
        && let Some(found) = kind_of(body)
    {
        return Err(bad(format!("found {found}; the body is a JSON object")));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let read: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let message = error.inner().to_string();
        let near = suggestion(&message);
        match error.path().to_string().as_str() {
            "." | "?" => bad(format!("{message}{near}")),
            path => AdminError::at(path, format!("{message}{near}")),
        }
    })?;
    json.end().map_err(|error| bad(error.to_string()))?;
    Ok(read)
}
