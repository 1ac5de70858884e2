//! Which shard of a simulation a worker thread serves.

use std::sync::Arc;
use std::thread::ThreadId;

use actix::Addr;
use parking_lot::Mutex;

use super::ShardState;
use crate::actors::{Front, Shared};

/// The shards of a simulation by the threads that serve them. A thread that listens on several addresses
/// mounts the service once for each, always on the same actors.
pub struct ShardThreads {
    shared: Arc<Shared>,
    shards: Mutex<Vec<(ThreadId, ShardState)>>,
}

impl ShardThreads {
    /// Threads that have not started yet.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self { shared, shards: Mutex::default() })
    }

    /// The shard of the present thread, whose actors start when it is asked for the first time.
    #[must_use]
    pub fn here(&self) -> ShardState {
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

    /// The fronts of all shards that have started.
    pub(super) fn fronts(&self) -> Vec<Addr<Front>> {
        self.shards.lock().iter().map(|(_, state)| state.front.clone()).collect()
    }
}
