//! The connection behind a request, as far as faults need it: who is at the other end, what was decided
//! about it when it was accepted, and a second hold on its socket.
//!
//! In process there is no socket. Everything else is the same, and what a client would see is told by the
//! typed [`Delivery`] instead.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::pending;
use std::io;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use log::debug;
use rustix::net::connect_unspec;
use socket2::SockRef;
use tokio::io::Interest;
use tokio::sync::Notify;

use crate::actors::{Generation, Shared};
use crate::clock::SimTime;
use crate::faults::{Details, Effect, Entity, FaultEvent, Point, Verdict};
use crate::journal::Delivery;
use crate::metrics::OpenConnection;
use crate::seed::Subject;

/// What a client sees that expects HTTP: no line of it can start like this.
const GARBAGE: &[u8] = b"\x15\x03\x00\x8f\xffimsim garbage: this is no HTTP\x00\xfe\r\n";

/// A connection, for as long as it is open.
pub struct Connection {
    /// The address of the client without its port.
    client: Option<Box<str>>,
    /// A duplicate of its descriptor; `None` in process, and where descriptors are short.
    socket: Option<Duplicate>,
    /// What each simulation that it carried requests to knows of it, that of the server first. Those that
    /// are gone make room, so there are no more than there are scopes.
    known: RefCell<Vec<Known>>,
    /// How it was struck, once it was, with all streams on it.
    struck: Cell<Option<Delivery>>,
    /// Tells the streams on it that it was struck.
    strike: Notify,
    /// Counts it as open.
    _open: OpenConnection,
}

/// What a simulation knows of a connection.
///
/// Each scope of a server asks its own plan when the first request for it comes, and counts the connection
/// among its own: clients that keep their connections must not carry faults from one test to the next.
struct Known {
    /// The simulation. While this is here nothing else can have its address.
    by: Weak<Shared>,
    /// When it was accepted, or first used for this simulation or after a reset of it.
    opened: SimTime,
    /// What the plan said about it. A connection that only ever asks the admin API is none of the
    /// service's, so on a shared port this waits for the first request. After a reset of jobs it counts as
    /// a new one, so that clients that keep their connections see what they would after a start.
    verdict: Option<(Generation, Rc<Verdict>)>,
}

impl Known {
    fn new(shared: &Arc<Shared>) -> Self {
        Self { by: Arc::downgrade(shared), opened: shared.clock.now(), verdict: None }
    }

    fn is_of(&self, shared: &Arc<Shared>) -> bool {
        std::ptr::eq(self.by.as_ptr(), Arc::as_ptr(shared))
    }
}

/// A second hold on a connection's socket. There are only so many, so that connections are never refused
/// for want of descriptors; one without can still be closed, but not reset.
pub struct Duplicate {
    /// Until the client is watched.
    idle: RefCell<Option<TcpStream>>,
    /// From the first time that somebody wants to know whether the client has gone.
    watched: OnceCell<Rc<tokio::net::TcpStream>>,
    spare: Arc<AtomicUsize>,
}

impl Duplicate {
    /// Duplicates a descriptor, if one may still be.
    pub fn of(stream: &tokio::net::TcpStream, spare: &Arc<AtomicUsize>) -> Option<Self> {
        let less = |spare: usize| spare.checked_sub(1);
        spare.fetch_update(Ordering::AcqRel, Ordering::Acquire, less).ok()?;
        let spare = Arc::clone(spare);
        match SockRef::from(stream).try_clone() {
            Ok(socket) => {
                let idle = RefCell::new(Some(socket.into()));
                Some(Self { idle, watched: OnceCell::new(), spare })
            }
            Err(error) => {
                debug!("a descriptor cannot be duplicated: {error}");
                spare.fetch_add(1, Ordering::AcqRel);
                None
            }
        }
    }

    fn act<T>(&self, act: impl FnOnce(SockRef<'_>) -> io::Result<T>) -> io::Result<()> {
        let idle = self.idle.borrow();
        let watched = self.watched.get().map(|socket| SockRef::from(&**socket));
        let socket = watched.or_else(|| idle.as_ref().map(SockRef::from));
        socket.map_or(Ok(()), |socket| act(socket).map(drop))
    }

    /// The socket with news of it; `None` if there can be none.
    fn watch(&self) -> Option<Rc<tokio::net::TcpStream>> {
        if let Some(idle) = self.idle.take() {
            let _ = self.watched.set(Rc::new(tokio::net::TcpStream::from_std(idle).ok()?));
        }
        self.watched.get().cloned()
    }
}

impl Drop for Duplicate {
    fn drop(&mut self) {
        self.spare.fetch_add(1, Ordering::AcqRel);
    }
}

/// What the plan can know of a connection.
struct Peer<'a>(Option<&'a str>);

impl Details for Peer<'_> {
    fn client(&self) -> Option<&str> {
        self.0
    }
}

impl Connection {
    /// Takes note of a connection that a simulation accepts now.
    #[must_use]
    pub fn new(shared: &Arc<Shared>, peer: Option<IpAddr>, socket: Option<Duplicate>) -> Rc<Self> {
        Rc::new(Self {
            client: peer.map(name_of),
            socket,
            known: RefCell::new(vec![Known::new(shared)]),
            struck: Cell::default(),
            strike: Notify::default(),
            _open: shared.meters.connection(),
        })
    }

    /// What a simulation's plan says about the connection, which is asked once. It is then the n-th of the
    /// service, or the n-th since a reset.
    pub(super) fn verdict(&self, shared: &Arc<Shared>, shard: u8) -> Rc<Verdict> {
        let generation = shared.generation();
        let mut all = self.known.borrow_mut();
        let place = all.iter().position(|known| known.is_of(shared)).unwrap_or_else(|| {
            all.retain(|known| known.by.strong_count() > 0);
            all.push(Known::new(shared));
            all.len() - 1
        });
        let known = &mut all[place];
        match &known.verdict {
            Some((judged, verdict)) if *judged == generation => return Rc::clone(verdict),
            Some(_) => known.opened = shared.clock.now(),
            None => {}
        }
        let verdict = Rc::new(self.ask(shared, shard));
        known.verdict = Some((generation, Rc::clone(&verdict)));
        verdict
    }

    fn ask(&self, shared: &Shared, shard: u8) -> Verdict {
        let number = shared.next_connection();
        if shared.plan.is_empty_at(Point::Connection) {
            return Verdict::default();
        }
        let client = self.client.as_deref();
        let event = FaultEvent {
            point: Point::Connection,
            at: shared.clock.now(),
            entity: Entity::Connection(number),
            operation: None,
            project: None,
            job: None,
            image: None,
            member: None,
            pairs: None,
            details: &Peer(client),
        };
        shared.ask(shard, Subject::Connection(number), &event)
    }

    /// Asks the plan at once, and cuts a connection that is to be cut, whether or not a request ever
    /// comes. For ports where nothing but the service is served.
    pub fn judge(&self, shared: &Arc<Shared>, shard: u8) {
        let verdict = self.verdict(shared, shard);
        let effect = verdict.winner.as_ref().map(|rule| &rule.effect);
        match effect {
            Some(Effect::Reset) => self.cut(Delivery::Reset),
            Some(Effect::Garbage) => self.cut(Delivery::Garbage),
            Some(Effect::Close) => self.cut(Delivery::Closed),
            _ => {}
        }
    }

    /// Ends it at once, in one way or another, whatever the server has still to send.
    fn cut(&self, delivery: Delivery) {
        match delivery {
            // The server would say the end before it closes, and who has heard of an end sees no reset.
            Delivery::Reset => self.on_socket("reset", |socket| Ok(connect_unspec(&*socket)?)),
            Delivery::Garbage => self.send_garbage(),
            _ => self.end(),
        }
        // Reading now finds the end, and the server closes what it has of the connection.
        self.on_socket("close", |socket| socket.shutdown(Shutdown::Read));
    }

    /// Ends it for all the streams of HTTP/2 that share it. Of several strikes the first counts. Without a
    /// hold on its socket the stream that asks for it is all that can be ended.
    pub(super) fn strike(&self, delivery: Delivery) {
        if self.socket.is_some() && self.struck.get().is_none() {
            self.struck.set(Some(delivery));
            self.cut(delivery);
            self.strike.notify_waiters();
        }
    }

    /// How it was struck, if it was.
    pub(super) const fn struck(&self) -> Option<Delivery> {
        self.struck.get()
    }

    /// The address of the client without its port.
    pub(super) fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// When it was accepted, or first used for a simulation or after a reset of it.
    pub(super) fn opened(&self, shared: &Arc<Shared>) -> SimTime {
        let known = self.known.borrow();
        let own = known.iter().find(|known| known.is_of(shared));
        own.map_or_else(|| shared.clock.now(), |own| own.opened)
    }

    /// Whether there is a hold on its socket.
    pub(super) const fn has_socket(&self) -> bool {
        self.socket.is_some()
    }

    /// What can be done in place of an answer: on a real connection without a second hold on its socket, no
    /// more than to close it.
    pub(super) const fn possible(&self, delivery: Delivery) -> Delivery {
        let without_hold = self.client.is_some() && self.socket.is_none();
        if without_hold { Delivery::Closed } else { delivery }
    }

    /// The next close, of the last descriptor, becomes a reset.
    pub(super) fn reset(&self) {
        self.on_socket("reset", |socket| socket.set_linger(Some(Duration::ZERO)));
    }

    /// Says the end of what is sent, so that something which the client has sent and nobody has read does
    /// not make the next close a reset.
    pub(super) fn end(&self) {
        self.on_socket("end", |socket| socket.shutdown(Shutdown::Write));
    }

    /// Sends what is no HTTP, past everything that the server would send, and says the end.
    pub(super) fn send_garbage(&self) {
        self.on_socket("garbage", |socket| socket.send(GARBAGE));
        self.end();
    }

    fn on_socket<T>(&self, what: &str, act: impl FnOnce(SockRef<'_>) -> io::Result<T>) {
        if let Some(socket) = &self.socket
            && let Err(error) = socket.act(act)
        {
            debug!("{what}: {error}");
        }
    }

    /// Returns when the client has gone, or the connection was struck. Whoever says that he sends no more counts as gone, since that is
    /// all that can be seen of one who closed. In process he never goes: his giving up drops the call.
    pub(super) async fn gone(&self) {
        let struck = self.strike.notified();
        if self.struck.get().is_some() {
            return;
        }
        tokio::select! {
            biased;
            () = struck => {}
            () = self.client_gone() => {}
        }
    }

    async fn client_gone(&self) {
        let Some(socket) = self.socket.as_ref().and_then(Duplicate::watch) else {
            return pending().await;
        };
        while let Ok(ready) = socket.ready(Interest::READABLE).await {
            if ready.is_read_closed() {
                return;
            }
            // Something arrived; the server reads it. Only news wakes this wait again.
            let nothing: io::Result<()> =
                socket.try_io(Interest::READABLE, || Err(io::ErrorKind::WouldBlock.into()));
            drop(nothing);
        }
    }
}

/// The address of a client. On an address of both families the older one's clients come as
/// `::ffff:127.0.0.1`.
fn name_of(peer: IpAddr) -> Box<str> {
    peer.to_canonical().to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_one_address_whatever_the_socket_is_bound_to() {
        let check = |peer: &str, client: &str| {
            assert_eq!(&*name_of(peer.parse().expect("an address")), client);
        };
        check("127.0.0.1", "127.0.0.1");
        check("::ffff:127.0.0.1", "127.0.0.1");
        check("::1", "::1");
    }
}
