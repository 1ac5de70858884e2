//! Scopes: simulations beside the server's own, so that tests which share a server do not see each other.
//!
//! A scope has its own world, faults, journal, seed, clock, counters and jobs, and its own limits of
//! admission; what all of them take together is bounded by their number. On a worker thread its shard starts
//! with the first request for it that arrives there. Its clock is driven on the server's main thread. It ends
//! when it is closed, or when no request has come for it for long enough.

mod scope;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix::ArbiterHandle;
use log::info;
use parking_lot::RwLock;
use tokio::sync::{Notify, oneshot};

use crate::actors::Shared;
use crate::clock::{Mode, SimDuration, WallInstant, WallTime};
use crate::scenario::problem::nearest;
use crate::scenario::{Problem, ScenarioFile};
use crate::seed::Seed;
pub use scope::{Scope, Used};

/// The most scopes at once. Each may fill a journal and admit as many jobs as a server alone, so a few hundred
/// full ones are what a large machine holds, and more than there are tests that run side by side.
pub const MOST_SCOPES: usize = 256;

/// The longest name: some test harnesses name a scope by the path of a test.
pub const LONGEST_NAME: usize = 128;

/// How long a scope lives without a request unless something else is said: longer than a test that waits
/// for one job, and short enough that what a killed test has left does not stay.
pub const USUAL_TIME_TO_LIVE: SimDuration = SimDuration::from_millis(600_000);
/// The shortest time to live; what is shorter could end between two requests of a busy machine.
pub const SHORTEST_TIME_TO_LIVE: SimDuration = SimDuration::from_millis(1_000);
/// The longest time to live: a day at the desk. A scope that should live longer is better a server.
pub const LONGEST_TIME_TO_LIVE: SimDuration = SimDuration::from_millis(86_400_000);

/// How often it is looked whether a scope has lived too long, which may then be so much too late.
const SWEEP: SimDuration = SimDuration::from_millis(1_000);

/// What a scope is to be.
#[derive(Debug)]
pub struct Wanted {
    /// Its name; a free one if nothing is said.
    pub name: Option<String>,
    /// What it serves; what the server does if nothing is said.
    pub scenario: Option<ScenarioFile>,
    /// Its seed; that of the scenario, else that of the server.
    pub seed: Option<Seed>,
    /// How its time moves at first; that of the server at its start.
    pub clock: Option<Mode>,
    /// How long it lives without a request.
    pub time_to_live: SimDuration,
}

/// Puts the simulation of a scope together.
pub type Make = dyn Fn(&Wanted) -> Result<Arc<Shared>, Problem> + Send + Sync;

/// Why a request gets to no scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoScope {
    /// None has this name; the text ends the sentence.
    Unknown(String, String),
    /// The request names two.
    Twice,
    /// A replay has none.
    Replay,
    /// It was closed while it was asked.
    Closed,
}

/// Why there is no new scope.
#[derive(Debug)]
pub enum NotOpened {
    /// There is one of this name.
    Taken(String),
    /// There are [`MOST_SCOPES`].
    TooMany,
    /// The server is stopping.
    Stopping,
    /// The scenario makes no sense.
    Wrong(Problem),
}

/// The scopes of a server.
pub struct Scopes {
    make: Box<Make>,
    /// Where clocks are driven, and old scopes looked for.
    home: ArbiterHandle,
    /// Of its own, since no simulation has to do with it.
    wall: WallTime,
    state: RwLock<State>,
    opened: Notify,
}

#[derive(Default)]
struct State {
    by_name: BTreeMap<Box<str>, Arc<Scope>>,
    /// How many names have been drawn.
    drawn: u64,
    stopping: bool,
}

impl NoScope {
    /// No scope has this name.
    pub(super) fn unknown(name: &str, near: &str) -> Self {
        Self::Unknown(name.to_owned(), near.to_owned())
    }
}

impl State {
    fn room_for(&self, name: Option<&str>) -> Result<(), NotOpened> {
        if self.stopping {
            return Err(NotOpened::Stopping);
        }
        if let Some(name) = name.filter(|name| self.by_name.contains_key(*name)) {
            return Err(NotOpened::Taken(name.to_owned()));
        }
        if self.by_name.len() >= MOST_SCOPES {
            return Err(NotOpened::TooMany);
        }
        Ok(())
    }

    fn draw_name(&mut self) -> String {
        loop {
            self.drawn += 1;
            let name = format!("scope-{}", self.drawn);
            if !self.by_name.contains_key(&*name) {
                return name;
            }
        }
    }
}

impl Scopes {
    /// No scopes yet. `home` is the thread on which their clocks will be driven.
    #[must_use]
    pub fn new(make: Box<Make>, home: ArbiterHandle) -> Arc<Self> {
        let (wall, state, opened) = (WallTime::default(), RwLock::default(), Notify::new());
        let scopes = Arc::new(Self { make, home, wall, state, opened });
        let swept = Arc::clone(&scopes);
        scopes.home.spawn(async move { swept.sweep_for_ever().await });
        scopes
    }

    /// Puts a scope together and lets it live.
    ///
    /// # Errors
    /// If there is no room for it, or its scenario makes no sense.
    pub fn open(&self, wanted: Wanted) -> Result<Arc<Scope>, NotOpened> {
        // Asked before the work, and once more in earnest after it.
        self.state.read().room_for(wanted.name.as_deref())?;
        let shared = (self.make)(&wanted).map_err(NotOpened::Wrong)?;
        let mut state = self.state.write();
        state.room_for(wanted.name.as_deref())?;
        let name = wanted.name.unwrap_or_else(|| state.draw_name());
        let (end, ended) = oneshot::channel();
        let clock = shared.clock.clone();
        let driven = self.home.spawn(async move {
            tokio::select! {
                biased;
                _ = ended => {}
                () = clock.drive() => {}
            }
        });
        if !driven {
            return Err(NotOpened::Stopping);
        }
        info!("scope {name} opens");
        let scope = Scope::new(&name, shared, wanted.time_to_live, &self.wall, end);
        state.by_name.insert(name.into(), Arc::clone(&scope));
        drop(state);
        self.opened.notify_one();
        Ok(scope)
    }

    /// The scope with this name, which has now been asked for.
    ///
    /// # Errors
    /// If there is none.
    pub fn find(&self, name: &str) -> Result<Arc<Scope>, NoScope> {
        let state = self.state.read();
        match state.by_name.get(name) {
            // The next sweep closes one that has lived too long; until then nobody revives it.
            Some(scope) if !scope.has_lived(self.wall.now()) => {
                scope.touch();
                Ok(Arc::clone(scope))
            }
            _ => {
                let near = nearest(name, state.by_name.keys().map(|name| &**name));
                Err(NoScope::unknown(name, &near))
            }
        }
    }

    /// The scope with this name, without counting as a request for it.
    #[must_use]
    pub fn look(&self, name: &str) -> Option<Arc<Scope>> {
        self.state.read().by_name.get(name).cloned()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.read().by_name.len()
    }

    /// All scopes by name.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Scope>> {
        self.state.read().by_name.values().cloned().collect()
    }

    /// Closes the scope with this name: nobody finds it any more, and when this returns, what was under way
    /// in it has ended. Says how many jobs ended by it; `None` if there is no such scope.
    pub async fn close(&self, name: &str) -> Option<usize> {
        let scope = self.state.write().by_name.remove(name)?;
        Some(scope.close().await)
    }

    /// Closes all scopes, and lets no more be opened.
    pub async fn close_all(&self) {
        let all = {
            let mut state = self.state.write();
            state.stopping = true;
            std::mem::take(&mut state.by_name)
        };
        for scope in all.into_values() {
            scope.close().await;
        }
    }

    /// Closes the scopes for which no request has come for so long that they have no more time to live at
    /// this moment, and gives their names.
    pub async fn sweep(&self, now: WallInstant) -> Vec<Box<str>> {
        let mut old = Vec::new();
        self.state.write().by_name.retain(|_, scope| {
            let is_old = scope.has_lived(now);
            if is_old {
                old.push(Arc::clone(scope));
            }
            !is_old
        });
        for scope in &old {
            info!("scope {} has not been asked for in {}", scope.name(), scope.time_to_live());
            scope.close().await;
        }
        old.iter().map(|scope| scope.name().into()).collect()
    }

    async fn sweep_for_ever(&self) {
        loop {
            self.opened.notified().await;
            while !self.state.read().by_name.is_empty() {
                self.wall.sleep(SWEEP).await;
                self.sweep(self.wall.now()).await;
            }
        }
    }
}
