//! Bodies that do not come as they should.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use super::connection::Connection;
use crate::actors::{Generation, Shared};
use crate::clock::{SimDuration, Sleep};
use crate::seed::{CallKey, Subject};

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
pub(super) struct Truncated {
    start: Option<Bytes>,
    announced: u64,
    flushed: bool,
}

impl Truncated {
    /// The first `sent` bytes of a body.
    pub(super) fn new(body: &Bytes, sent: usize) -> Self {
        let start = body.slice(..sent.min(body.len()));
        Self { start: Some(start), announced: body.len() as u64, flushed: false }
    }
}

impl MessageBody for Truncated {
    type Error = BrokenOff;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.announced)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        if let Some(start) = self.start.take().filter(|start| !start.is_empty()) {
            return Poll::Ready(Some(Ok(start)));
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
pub(super) struct Slow {
    total: u64,
    left: Bytes,
    pace: Pace,
    shared: Arc<Shared>,
    generation: Generation,
    shard: u8,
    subject: Subject,
    pause: Option<Pin<Box<Sleep>>>,
    gone: Pin<Box<dyn Future<Output = ()>>>,
}

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
}

impl Slow {
    pub(super) fn new(
        body: Bytes,
        pace: Pace,
        (shared, generation): (Arc<Shared>, Generation),
        shard: u8,
        call: CallKey,
        connection: Rc<Connection>,
    ) -> Self {
        let gone = Box::pin(async move { connection.gone().await });
        let total = body.len() as u64;
        Self {
            total,
            left: body,
            pace,
            shared,
            generation,
            shard,
            subject: Subject::Call(call),
            pause: None,
            gone,
        }
    }
}

impl MessageBody for Slow {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.total)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.left.is_empty() || self.gone.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        if self.shared.is_past(self.generation) {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.left))));
        }
        if self.pause.is_none() {
            let clock = &self.shared.clock;
            let (due, busy) = (clock.now() + self.pace.pause, clock.busy(self.shard));
            self.pause = Some(Box::pin(clock.sleep_until(due, self.subject, busy)));
        }
        let waking = self.pause.as_mut().map(|pause| pause.as_mut().poll(cx));
        if matches!(waking, Some(Poll::Pending)) {
            return Poll::Pending;
        }
        self.pause = None;
        let past = self.shared.is_past(self.generation);
        let piece = if past { self.left.len() } else { self.pace.piece.min(self.left.len()) };
        Poll::Ready(Some(Ok(self.left.split_to(piece))))
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
