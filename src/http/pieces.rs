//! The body of a request as it comes, piece by piece.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::Version;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use actix_web::web::{self, Bytes};
use futures_core::Stream;

use crate::clock::{SimDuration, WallTime};

/// The pieces of a body.
///
/// Nothing here speaks WebSocket. The HTTP library cannot know: it takes everything behind the head of a
/// request that asks for one as its body, which then ends with the connection. Such a request has the body
/// that it announces, as every other one.
///
/// A body in HTTP/2 that nobody has read is read on when this goes: the library would stop the stream at
/// once, and there are clients that then do not look at the answer, which is there already. Over HTTP/1 it
/// reads on by itself.
pub(super) struct Pieces {
    payload: Payload,
    /// What is left of the body, where the library does not know its end.
    left: Option<u64>,
    /// The bound on reading on, where that has to be done.
    leftover: Option<WallTime>,
}

/// How much of a body is read that nobody wants: more than the longest that is ever taken.
const MOST_DISCARDED: usize = 32 * 1024 * 1024;

/// How long that may take, in real time; as long as for a body that somebody wants.
const SLOWEST_LEFTOVER: SimDuration = SimDuration::from_millis(60_000);

/// The length that a request announces.
pub(super) fn announced_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

impl Pieces {
    /// The pieces of the body of a request.
    pub(super) fn of(request: &HttpRequest, payload: web::Payload, wall: &WallTime) -> Self {
        let endless = asks_for_websocket(request);
        let left = endless.then(|| announced_length(request).unwrap_or(0));
        let leftover = (request.version() == Version::HTTP_2).then(|| wall.clone());
        Self { payload: payload.into_inner(), left, leftover }
    }

    /// The next piece; `None` if the body has ended.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, PayloadError>> {
        if self.left == Some(0) {
            return None;
        }
        let piece = poll_fn(|cx| Pin::new(&mut self.payload).poll_next(cx)).await;
        if !matches!(piece, Some(Ok(_))) {
            self.leftover = None;
        }
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

impl Drop for Pieces {
    fn drop(&mut self) {
        let Some(wall) = self.leftover.take() else { return };
        let mut rest = self.payload.take();
        actix_web::rt::spawn(async move {
            let read_on = async {
                let mut left = MOST_DISCARDED;
                while let Some(Ok(piece)) = poll_fn(|cx| Pin::new(&mut rest).poll_next(cx)).await {
                    left = left.saturating_sub(piece.len());
                    if left == 0 {
                        return;
                    }
                }
            };
            wall.within(SLOWEST_LEFTOVER, read_on).await;
        });
    }
}

/// Whether the library takes a request for the beginning of a WebSocket; one in chunks it does not.
fn asks_for_websocket(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let named = |value: &str| value.trim().eq_ignore_ascii_case("websocket");
    let asked = headers.get_all(UPGRADE).any(|value| value.to_str().is_ok_and(named));
    asked && !headers.contains_key(TRANSFER_ENCODING)
}
