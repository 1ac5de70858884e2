//! What is read from a request.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, CONTENT_LENGTH};
use actix_web::web::{Bytes, Payload};

use crate::api::Code;
use crate::api::error_body::JSON;
use crate::clock::{SimDuration, WallTime};
use crate::domain::caller::Credentials;

/// The largest body: 12 MiB. Contract, "POST and DELETE: body".
pub(super) const LONGEST_BODY: usize = 12 * 1024 * 1024;

/// How long a body may take to arrive, in real time: a minute for 12 MiB is 200 KiB a second, slower
/// than any link that is not broken.
const SLOWEST_BODY: SimDuration = SimDuration::from_millis(60_000);

/// Reads the token. An empty value is no token.
pub(super) fn credentials(request: &HttpRequest) -> Credentials {
    match request.headers().get("x-auth-token") {
        None => Credentials::Missing,
        Some(value) if value.is_empty() => Credentials::Missing,
        Some(value) => match value.to_str() {
            Ok(value) => Credentials::Token(value.into()),
            Err(_) => Credentials::Unreadable,
        },
    }
}

/// Whether `Accept` names `application/json` (DECISION U-11), in either case as all media types.
pub(super) fn wants_json(request: &HttpRequest) -> bool {
    let accepts = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let ranges = accepts.flat_map(|value| value.split(','));
    let mut types = ranges.map(|range| range.split(';').next().unwrap_or_default().trim());
    types.any(|name| name.eq_ignore_ascii_case(JSON))
}

/// The path and query as the client sent them.
pub(super) fn target(request: &HttpRequest) -> &str {
    request.uri().path_and_query().map_or("", |target| target.as_str())
}

/// Reads the whole body.
///
/// # Errors
/// 413 beyond [`LONGEST_BODY`], at once where the length is announced; IMG.0001 where the body breaks
/// off, is badly chunked or takes longer than [`SLOWEST_BODY`].
pub(super) async fn body(
    request: &HttpRequest,
    payload: Payload,
    wall: &WallTime,
) -> Result<Bytes, Code> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced
        .and_then(|length| length.parse().ok())
        .is_some_and(|n: u64| n > LONGEST_BODY as u64)
    {
        return Err(Code::EntityTooLarge);
    }
    match wall.within(SLOWEST_BODY, payload.to_bytes_limited(LONGEST_BODY)).await {
        Some(Ok(Ok(body))) => Ok(body),
        Some(Err(_)) => Err(Code::EntityTooLarge),
        Some(Ok(Err(_))) | None => Err(Code::Img0001),
    }
}
