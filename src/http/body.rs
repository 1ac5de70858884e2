//! Bodies that do not come as they should.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::task::JoinHandle;

use super::connection::Connection;
use crate::actors::{Generation, Shared};
use crate::clock::{Busy, SimDuration};
use crate::seed::Subject;

/// Why a body broke off: a rule wanted it so.
#[derive(Debug)]
pub(super) struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault rule broke the answer off")
    }
}

impl std::error::Error for BrokenOff {}

/// A body of which nothing is sent, nor of the head before it: the server closes the connection at once.
pub(super) struct NoBody;

impl MessageBody for NoBody {
    type Error = BrokenOff;

    fn size(&self) -> BodySize {
        BodySize::Sized(1)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        Poll::Ready(Some(Err(BrokenOff)))
    }
}

/// A body that announces all of itself and breaks off after its first bytes.
pub(super) struct Truncated<B> {
    /// The first bytes, as they come.
    start: B,
    announced: u64,
    start_is_over: bool,
    flushed: bool,
}

impl<B> Truncated<B> {
    /// The first bytes of a body that is as long as announced.
    pub(super) const fn new(start: B, announced: u64) -> Self {
        Self { start, announced, start_is_over: false, flushed: false }
    }
}

impl<B: MessageBody + Unpin> MessageBody for Truncated<B> {
    type Error = BrokenOff;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.announced)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        while !self.start_is_over {
            match Pin::new(&mut self.start).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(piece))) if piece.is_empty() => {}
                Poll::Ready(Some(Ok(piece))) => return Poll::Ready(Some(Ok(piece))),
                Poll::Ready(None | Some(Err(_))) => self.start_is_over = true,
            }
        }
        if !std::mem::replace(&mut self.flushed, true) {
            // Without a pause the server would throw away what it has not sent yet.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(BrokenOff)))
    }
}

/// A body that comes in pieces, with a pause of simulated time before each. After a reset all that is left
/// comes at once: its call belongs to the past.
///
/// A task of its own waits for the clock. The server asks for no more of a body while the client does not
/// read, and a wait that nobody asks for the end of would hold the clock.
pub(super) struct Slow {
    total: u64,
    pieces: mpsc::Receiver<Bytes>,
    sender: JoinHandle<()>,
}

/// Pieces that the client has not made room for. With more a body would be ahead of its pace when he does.
const PIECES_AHEAD: usize = 1;

/// How fast a slow body comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Bytes of a piece.
    pub(super) piece: usize,
    /// The pause before each piece.
    pub(super) pause: SimDuration,
}

impl Pace {
    /// A piece every tenth of a second, or single bytes where that would be less than one.
    pub(super) fn of_bandwidth(bytes_per_second: u32) -> Self {
        let pieces = bytes_per_second.clamp(1, 10);
        let piece = bytes_per_second.div_ceil(pieces).max(1);
        // Rounded up, since it must come no faster.
        let pause =
            u64::from(piece).saturating_mul(1_000).div_ceil(u64::from(bytes_per_second.max(1)));
        Self { piece: piece as usize, pause: SimDuration::from_millis(pause) }
    }

    /// Whether the same body takes longer at this pace.
    pub(super) fn is_slower_than(self, other: Self) -> bool {
        let time = |one: Self, bytes: usize| u128::from(one.pause.as_millis()) * bytes as u128;
        time(self, other.piece) > time(other, self.piece)
    }
}

/// What the pieces of a slow body are sent with.
pub(super) struct Dispatch {
    pub(super) shared: Arc<Shared>,
    pub(super) generation: Generation,
    pub(super) shard: u8,
    pub(super) subject: Subject,
    /// Holds the clock until the first pause begins.
    pub(super) busy: Busy,
}

impl Slow {
    pub(super) fn new(
        body: Bytes,
        pace: Pace,
        dispatch: Dispatch,
        connection: Rc<Connection>,
    ) -> Self {
        let total = body.len() as u64;
        let (send, pieces) = mpsc::channel(PIECES_AHEAD);
        let sender = actix_web::rt::spawn(async move {
            tokio::select! {
                biased;
                () = connection.gone() => {}
                () = dispatch.send(body, pace, send) => {}
            }
        });
        Self { total, pieces, sender }
    }
}

impl Dispatch {
    async fn send(self, mut left: Bytes, pace: Pace, pieces: mpsc::Sender<Bytes>) {
        let Self { mut shared, generation, shard, subject, mut busy } = self;
        let mut at = shared.clock.now();
        while !left.is_empty() {
            let wake = shared.clock.sleep_until(at + pace.pause, subject, busy).await;
            if shared.is_past(generation) {
                break;
            }
            let length = pace.piece.min(left.len());
            (at, busy) = match pieces.try_send(left.split_to(length)) {
                Ok(()) => (wake.at, wake.busy),
                Err(TrySendError::Closed(_)) => return,
                Err(TrySendError::Full(piece)) => {
                    // The client does not read, and nobody knows for how long; a scope that closes meanwhile
                    // does not wait for him.
                    drop(wake);
                    let simulation = Arc::downgrade(&shared);
                    drop(shared);
                    if pieces.send(piece).await.is_err() {
                        return;
                    }
                    let Some(again) = simulation.upgrade() else {
                        return finish(left, &pieces).await;
                    };
                    shared = again;
                    (shared.clock.now(), shared.clock.busy(shard))
                }
            };
        }
        drop(shared);
        finish(left, &pieces).await;
    }
}

/// Sends what is left at once.
async fn finish(left: Bytes, pieces: &mpsc::Sender<Bytes>) {
    if !left.is_empty() {
        // An error means that the client has gone.
        let _ = pieces.send(left).await;
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

impl MessageBody for Slow {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.total)
    }

    /// A body that ends too early, because the client has gone, makes the server close the connection.
    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.pieces.poll_recv(cx).map(|piece| piece.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bandwidth_is_never_exceeded() {
        for bytes_per_second in [1_u32, 3, 7, 10, 11, 99, 1_000, 12_345, u32::MAX] {
            let pace = Pace::of_bandwidth(bytes_per_second);
            let (piece, pause) = (pace.piece as u64, pace.pause.as_millis());
            assert!(piece * 1_000 <= pause * u64::from(bytes_per_second), "{bytes_per_second}");
            assert!(piece > 0 && pause > 0);
        }
    }
}
