//! The connections that worker threads accept.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use actix_web::rt::net::TcpStream;
use log::info;

use crate::http::ShardThreads;
use crate::http::connection::{Connection, Duplicate};

/// Takes note of accepted connections.
pub(super) struct Acceptor {
    threads: Arc<ShardThreads>,
    /// Whether nothing but the service is served here, so that the plan can be asked at once.
    alone: bool,
    /// How many more descriptors may be duplicated.
    spare: Arc<AtomicUsize>,
}

/// The part of the descriptors that may be duplicates. Every duplicate goes with a connection, so half
/// would leave nothing for anything else.
const DUPLICATES: u64 = 3;

impl Acceptor {
    pub(super) fn new(threads: Arc<ShardThreads>, alone: bool) -> Self {
        let limit = rlimit::getrlimit(rlimit::Resource::NOFILE).map_or(0, |(soft, _)| soft);
        let spare = usize::try_from(limit / DUPLICATES).unwrap_or(usize::MAX);
        info!("up to {spare} connections can be reset by faults; others can only be closed");
        Self { threads, alone, spare: Arc::new(AtomicUsize::new(spare)) }
    }

    pub(super) fn accept(&self, stream: &TcpStream) -> Rc<Connection> {
        // An answer is one small write; waiting to join it with the next one only delays pipelined clients.
        let _ = stream.set_nodelay(true);
        let peer = stream.peer_addr().ok().map(|peer| peer.ip());
        let state = self.threads.here();
        let duplicate = Duplicate::of(stream, &self.spare);
        let connection = Connection::new(&state.shared, peer, duplicate);
        if self.alone {
            connection.judge(&state.shared, state.shard);
        }
        connection
    }
}
