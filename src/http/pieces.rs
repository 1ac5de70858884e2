//! The body of a request as it comes, piece by piece.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use actix_web::web::{Bytes, Payload};
use futures_core::Stream;

/// The pieces of a body.
///
/// Nothing here speaks WebSocket. The HTTP library cannot know: it takes everything behind the head of a
/// request that asks for one as its body, which then ends with the connection. Such a request has the body
/// that it announces, as every other one.
pub(super) struct Pieces {
    payload: Payload,
    /// What is left of the body, where the library does not know its end.
    left: Option<u64>,
}

/// The length that a request announces.
pub(super) fn announced_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

impl Pieces {
    /// The pieces of the body of a request.
    pub(super) fn of(request: &HttpRequest, payload: Payload) -> Self {
        let endless = asks_for_websocket(request);
        Self { payload, left: endless.then(|| announced_length(request).unwrap_or(0)) }
    }

    /// The next piece; `None` if the body has ended.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, PayloadError>> {
        if self.left == Some(0) {
            return None;
        }
        let piece = poll_fn(|cx| Pin::new(&mut self.payload).poll_next(cx)).await;
        let Some(left) = &mut self.left else { return piece };
        Some(match piece {
            None => Err(PayloadError::Incomplete(None)),
            Some(piece) => piece.map(|mut piece| {
                piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= piece.len() as u64;
                piece
            }),
        })
    }
}

/// Whether the library takes a request for the beginning of a WebSocket; one in chunks it does not.
fn asks_for_websocket(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let named = |value: &str| value.trim().eq_ignore_ascii_case("websocket");
    let asked = headers.get_all(UPGRADE).any(|value| value.to_str().is_ok_and(named));
    asked && !headers.contains_key(TRANSFER_ENCODING)
}
