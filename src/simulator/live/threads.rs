//! Worker threads with their shards, and the connections that they accept.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread::ThreadId;

use actix_web::rt::net::TcpStream;
use log::info;
use parking_lot::Mutex;

use crate::actors::Shared;
use crate::http::ShardState;
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
        let opened = state.shared.clock.now();
        let connection = Connection::new(opened, peer, Duplicate::of(stream, &self.spare));
        if self.alone {
            connection.judge(&state.shared, state.shard);
        }
        connection
    }
}

/// Which shard a worker thread serves. A thread that listens on several addresses mounts the service
/// once for each, always on the same actors.
pub(super) struct ShardThreads {
    shared: Arc<Shared>,
    shards: Mutex<Vec<(ThreadId, ShardState)>>,
}

impl ShardThreads {
    /// Threads that have not started yet.
    pub(super) fn new(shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self { shared, shards: Mutex::default() })
    }

    pub(super) fn here(&self) -> ShardState {
        let thread = std::thread::current().id();
        let mut shards = self.shards.lock();
        if let Some((_, state)) = shards.iter().find(|(other, _)| *other == thread) {
            return state.clone();
        }
        let shard = u8::try_from(shards.len() % self.shared.shards.count());
        let shard = shard.expect("a job id has room for 256 shards");
        let state = ShardState::start(Arc::clone(&self.shared), shard);
        shards.push((thread, state.clone()));
        state
    }
}
