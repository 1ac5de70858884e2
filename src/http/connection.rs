//! The connection behind a request, as far as faults need it: who is at the other end, what was decided
//! about it when it was accepted, and a second hold on its socket.
//!
//! In process there is no socket. Everything else is the same, and what a client would see is told by the
//! typed [`Delivery`](crate::journal::Delivery) instead.

use std::future::pending;
use std::io::{self, Write};
use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use log::debug;
use socket2::SockRef;
use tokio::io::Interest;

use crate::actors::Shared;
use crate::clock::SimTime;
use crate::faults::{Details, Effect, FaultEvent, Point, Verdict, entity};
use crate::seed::Subject;

/// What a client sees that expects HTTP: no line of it can start like this.
const GARBAGE: &[u8] = b"\x15\x03\x00\x8f\xffimsim garbage: this is no HTTP\x00\xfe\r\n";

/// A connection, for as long as it is open.
pub struct Connection {
    /// The how-manieth accepted one it is, from 1.
    number: u64,
    /// The address of the client without its port.
    client: Option<Box<str>>,
    /// A duplicate of its descriptor; `None` in process, and where descriptors are short.
    socket: Option<TcpStream>,
    /// What the plan said when it was accepted.
    verdict: Verdict,
    opened: SimTime,
}

/// What the plan can know of a connection.
struct Peer<'a>(Option<&'a str>);

impl Details for Peer<'_> {
    fn client(&self) -> Option<&str> {
        self.0
    }
}

impl Connection {
    /// Takes note of an accepted connection and asks the plan about it. A connection that is to be cut is
    /// cut here, whether or not a request ever comes.
    #[must_use]
    pub fn accept(
        shared: &Shared,
        shard: u8,
        peer: Option<IpAddr>,
        socket: Option<TcpStream>,
    ) -> Arc<Self> {
        let number = shared.next_connection();
        let client: Option<Box<str>> = peer.map(|peer| peer.to_string().into());
        let opened = shared.clock.now();
        let verdict = if shared.plan.is_empty_at(Point::Connection) {
            Verdict::default()
        } else {
            let details = Peer(client.as_deref());
            let event = FaultEvent {
                point: Point::Connection,
                at: opened,
                key: entity(&number),
                operation: None,
                project: None,
                token: None,
                client: client.as_deref().map(|client| entity(&client)),
                job: None,
                image: None,
                member: None,
                details: &details,
            };
            shared.ask(shard, Subject::Connection(number), &event)
        };
        let connection = Self { number, client, socket, verdict, opened };
        connection.cut_at_once();
        Arc::new(connection)
    }

    /// The address of the client without its port.
    pub(super) fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// What the plan said when the connection was accepted.
    pub(super) const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// When it was accepted.
    pub(super) const fn opened(&self) -> SimTime {
        self.opened
    }

    /// Whether there is a hold on its socket.
    pub(super) const fn has_socket(&self) -> bool {
        self.socket.is_some()
    }

    fn cut_at_once(&self) {
        let effect = self.verdict.winner.as_ref().map(|rule| &rule.effect);
        match effect {
            Some(Effect::Reset) => self.reset(),
            Some(Effect::Garbage) => self.send_garbage(),
            Some(Effect::Close) => {}
            _ => return,
        }
        // Reading now finds the end, and the server closes what it has of the connection. What the client
        // has sent meanwhile must not turn a plain end into a reset, so its end is said here.
        let half = if matches!(effect, Some(Effect::Reset)) { Shutdown::Read } else { Shutdown::Both };
        if let Some(socket) = &self.socket {
            let _ = socket.shutdown(half);
        }
    }

    /// The next close, of the last descriptor, becomes a reset.
    pub(super) fn reset(&self) {
        self.on_socket("reset", |socket| SockRef::from(socket).set_linger(Some(Duration::ZERO)));
    }

    /// Sends what is no HTTP, past everything that the server would send.
    pub(super) fn send_garbage(&self) {
        self.on_socket("garbage", |mut socket| socket.write_all(GARBAGE));
    }

    fn on_socket(&self, what: &str, act: impl Fn(&TcpStream) -> io::Result<()>) {
        if let Some(socket) = &self.socket
            && let Err(error) = act(socket)
        {
            debug!("connection {}: {what}: {error}", self.number);
        }
    }

    /// Returns when the client has gone. In process he never goes: his giving up drops the call.
    pub(super) async fn gone(&self) {
        let Some(socket) = self.socket.as_ref().and_then(|socket| socket.try_clone().ok()) else {
            return pending().await;
        };
        let Ok(socket) = tokio::net::TcpStream::from_std(socket) else {
            return pending().await;
        };
        while let Ok(ready) = socket.ready(Interest::READABLE).await {
            if ready.is_read_closed() || ready.is_write_closed() {
                return;
            }
            // Something arrived; the server reads it. Only news wakes this wait again.
            let nothing: io::Result<()> =
                socket.try_io(Interest::READABLE, || Err(io::ErrorKind::WouldBlock.into()));
            drop(nothing);
        }
    }
}
