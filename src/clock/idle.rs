//! How a stepped clock notices that a virtual run has settled.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::task::{Poll, Waker};

use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};

/// Hears from a runtime that all its tasks are idle. Clones share it; one waits at a time.
///
/// The runtime says so itself, before its thread would go to sleep. A timer of its paused clock would say the
/// same, as that clock moves only when nothing else can run, but it would have to be made for each event.
#[derive(Clone, Default)]
pub struct Idle {
    waiting: Arc<Mutex<Option<Waker>>>,
}

impl Idle {
    /// A runtime for one virtual run, on the thread that drives it. It has no sockets, and what is real time
    /// elsewhere stands still in it.
    ///
    /// # Errors
    /// What the machine says; without sockets there is nothing that could be missing.
    pub fn runtime(&self) -> io::Result<Runtime> {
        let idle = self.clone();
        Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .on_thread_park(move || idle.tell())
            .build()
    }

    fn tell(&self) {
        let waiting = self.waiting.lock().take();
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// Returns when every other task of the runtime is idle.
    pub(super) fn wait(&self) -> impl Future<Output = ()> + '_ {
        let mut asked = false;
        poll_fn(move |cx| {
            let mut waiting = self.waiting.lock();
            if waiting.is_some() {
                return Poll::Pending;
            }
            if asked {
                return Poll::Ready(());
            }
            asked = true;
            *waiting = Some(cx.waker().clone());
            Poll::Pending
        })
    }
}
