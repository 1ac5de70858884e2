//! One scope: a simulation with a name and a time to live.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::actors::Shared;
use crate::clock::{SimDuration, SimTime, WallInstant, WallTime};
use crate::http::admin::Admin;
use crate::http::{ShardState, ShardThreads};

/// A simulation beside the server's own.
pub struct Scope {
    name: Box<str>,
    admin: Arc<Admin>,
    /// `None` once it is closed, so that no shard starts that nobody would end.
    threads: Mutex<Option<Arc<ShardThreads>>>,
    wall: WallTime,
    created: SimTime,
    born: WallInstant,
    time_to_live: SimDuration,
    used: Mutex<WallInstant>,
    /// Requests that have not been answered: whoever waits for one needs the scope.
    waiting: AtomicUsize,
    /// Ends the driver of its clock when it is dropped.
    driver: Mutex<Option<oneshot::Sender<()>>>,
}

/// A request to a scope, as long as it lasts.
pub struct Used(Arc<Scope>);

impl Scope {
    pub(super) fn new(
        name: &str,
        shared: Arc<Shared>,
        time_to_live: SimDuration,
        wall: &WallTime,
        driver: oneshot::Sender<()>,
    ) -> Arc<Self> {
        let now = wall.now();
        Arc::new(Self {
            name: name.into(),
            threads: Mutex::new(Some(ShardThreads::new(Arc::clone(&shared)))),
            admin: Admin::new(shared, None),
            wall: wall.clone(),
            created: wall.since_1970(),
            born: now,
            time_to_live,
            used: Mutex::new(now),
            waiting: AtomicUsize::new(0),
            driver: Mutex::new(Some(driver)),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its admin API.
    #[must_use]
    pub fn admin(&self) -> &Arc<Admin> {
        &self.admin
    }

    /// Its simulation.
    #[must_use]
    pub fn shared(&self) -> &Arc<Shared> {
        self.admin.shared()
    }

    /// When it was created, in real time.
    #[must_use]
    pub const fn created(&self) -> SimTime {
        self.created
    }

    /// How long ago that is, in real time.
    #[must_use]
    pub fn age(&self) -> SimDuration {
        self.wall.since(self.born)
    }

    /// How long no request has come for it, in real time.
    #[must_use]
    pub fn idle(&self) -> SimDuration {
        self.wall.since(*self.used.lock())
    }

    /// How long it lives without a request.
    #[must_use]
    pub const fn time_to_live(&self) -> SimDuration {
        self.time_to_live
    }

    /// How many requests have not been answered yet, those to its admin API included.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Its shard on the present thread; `None` once it is closed.
    pub(in super::super) fn here(&self) -> Option<ShardState> {
        self.threads.lock().as_ref().map(|threads| threads.here())
    }

    /// A request, which counts as use until it is answered.
    pub(in super::super) fn used(self: Arc<Self>) -> Used {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        Used(self)
    }

    pub(super) fn touch(&self) {
        *self.used.lock() = self.wall.now();
    }

    /// Whether it has no more time to live at this moment.
    pub(super) fn has_lived(&self, now: WallInstant) -> bool {
        self.waiting() == 0 && now >= self.used.lock().later(self.time_to_live)
    }

    /// Ends what is under way in it, its actors on all threads, and its clock.
    pub(super) async fn close(&self) -> usize {
        let threads = self.threads.lock().take();
        let fronts = threads.map(|threads| threads.fronts()).unwrap_or_default();
        let jobs = self.shared().close(fronts).await;
        drop(self.driver.lock().take());
        jobs
    }
}

impl Drop for Used {
    fn drop(&mut self) {
        self.0.touch();
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}
