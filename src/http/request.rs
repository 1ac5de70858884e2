//! What is read from a request.

use actix_web::HttpRequest;
use actix_web::http::Version;
use actix_web::http::header::{ACCEPT, TRANSFER_ENCODING};
use actix_web::web::{Bytes, BytesMut};

use super::headers::AUTH_TOKEN;
use super::pieces::{Pieces, announced_length};
use crate::actors::Shared;
use crate::api::error_body::JSON;
use crate::api::{Code, Operation};
use crate::clock::SimDuration;
use crate::domain::admission::BodyRoom;
use crate::domain::caller::Credentials;

/// The largest body: 12 MiB. Contract, "POST and DELETE: body".
pub(super) const LONGEST_BODY: usize = 12 * 1024 * 1024;

/// How long a body may take to arrive, in real time: a minute for 12 MiB is 200 KiB a second, slower
/// than any link that is not broken.
const SLOWEST_BODY: SimDuration = SimDuration::from_millis(60_000);

/// Reads the token. An empty value is no token.
pub(super) fn credentials(request: &HttpRequest) -> Credentials {
    match request.headers().get(&AUTH_TOKEN) {
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

/// Whether a request of an operation that takes no body brings one all the same (contract, C-7); nobody
/// reads those of requests that match no route.
pub(super) fn announces_body(operation: Operation, request: &HttpRequest) -> bool {
    let announced = announced_length(request).is_some_and(|length| length > 0)
        || request.headers().contains_key(TRANSFER_ENCODING)
        // There a body needs no announcement.
        || request.version() == Version::HTTP_2;
    announced && operation != Operation::Unknown
}

/// The scheme and the authority, host and port, of the address that the client used, for links in answers.
/// HTTP/1 has it in `Host`, HTTP/2 in `:authority`, and a proxy in between says it in `Forwarded` or
/// `X-Forwarded-Host`. A client that says nothing gets the address that he reached.
///
/// It is what the client says, and may be any text that a header can have.
pub(super) fn authority(request: &HttpRequest) -> (String, String) {
    let connection = request.connection_info();
    (connection.scheme().to_owned(), connection.host().to_owned())
}

/// A body with the room that it takes.
#[derive(Default)]
pub(super) struct Body<'a> {
    pub(super) bytes: Bytes,
    _room: Option<BodyRoom<'a>>,
}

/// Reads the whole body.
///
/// # Errors
/// 413 beyond [`LONGEST_BODY`], at once where the length is announced; 429 when the bodies under way take
/// too much room; IMG.0001 where the body breaks off, is badly chunked or takes longer than
/// [`SLOWEST_BODY`].
pub(super) async fn body<'a>(
    request: &HttpRequest,
    pieces: Pieces,
    shared: &'a Shared,
) -> Result<Body<'a>, Code> {
    if announced_length(request).is_some_and(|length| length > LONGEST_BODY as u64) {
        return Err(Code::EntityTooLarge);
    }
    let read = read(pieces, shared.admission.body_room());
    shared.wall.within(SLOWEST_BODY, read).await.unwrap_or(Err(Code::Img0001))
}

async fn read(mut pieces: Pieces, mut room: BodyRoom<'_>) -> Result<Body<'_>, Code> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(chunk) = pieces.next().await {
        let chunk = chunk.map_err(|_| Code::Img0001)?;
        let length = first.len() + all.len() + chunk.len();
        if length > LONGEST_BODY {
            return Err(Code::EntityTooLarge);
        }
        room.grow(length)?;
        // Most bodies come in one piece, which is then used as it is.
        if first.is_empty() && all.is_empty() {
            first = chunk;
            continue;
        }
        all.extend_from_slice(&std::mem::take(&mut first));
        all.extend_from_slice(&chunk);
    }
    let bytes = if all.is_empty() { first } else { all.freeze() };
    Ok(Body { bytes, _room: Some(room) })
}

#[cfg(test)]
mod tests {
    use actix_web::http::Version;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_address_that_the_client_used_is_found_in_both_versions_of_http() {
        let check = |version: Version, uri: &str, headers: &[(&str, &str)], expected: &str| {
            let request = TestRequest::with_uri(uri).version(version);
            let all =
                headers.iter().fold(request, |request, header| request.append_header(*header));
            let (scheme, authority) = authority(&all.to_http_request());
            assert_eq!(
                format!("{scheme}://{authority}"),
                expected,
                "{version:?} {uri} {headers:?}"
            );
        };
        let (http1, http2) = (Version::HTTP_11, Version::HTTP_2);
        check(http1, "/v2", &[("host", "ims.test:8787")], "http://ims.test:8787");
        check(http1, "/v2", &[("host", "[::1]:8787")], "http://[::1]:8787");
        check(http2, "https://ims.test:8787/v2", &[], "https://ims.test:8787");
        check(http2, "https://ims.test/v2", &[], "https://ims.test");
        check(http1, "/v2", &[], "http://localhost:8080");
        let proxied =
            [("host", "inside"), ("x-forwarded-host", "outside"), ("x-forwarded-proto", "https")];
        check(http1, "/v2", &proxied, "https://outside");
        check(http1, "/v2", &[("forwarded", "host=outside;proto=https")], "https://outside");
    }
}
