//! The live pace: how time moves while a server runs, and who moves it.
//!
//! One task, the driver, takes entries off the queue and moves time by more than its flow; all others ask
//! it to. So what it does comes in one order, whoever asks.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, oneshot};

use super::door::Door;
use super::queue::{Entry, First};
use super::rate::Rate;
use super::{Inner, Mode, SimDuration, SimTime, WallTime};

/// What a clock of a running server needs beside the queue.
pub(super) struct Live {
    rate: Rate,
    state: Mutex<State>,
    /// Makes the driver look again.
    pub(super) changed: Notify,
    pub(super) door: Door,
    asks: mpsc::Sender<Ask>,
    /// Belongs to the driver as long as it runs.
    asked: tokio::sync::Mutex<mpsc::Receiver<Ask>>,
    /// Whether the mode is the one in which work goes on by polls; beside the mode itself, because it is
    /// asked without a lock.
    per_poll: AtomicBool,
    /// A job query was answered, and work has not gone on since.
    credit: AtomicBool,
    /// How many want work to go on without credits.
    hurries: AtomicUsize,
    jumps: AtomicU64,
}

/// Who may change the rate holds its lock.
struct State {
    mode: Mode,
    /// While time is advanced it stands still in between, whatever the mode.
    held: bool,
}

/// What an advance of the clock did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// The time before.
    pub from: SimTime,
    /// The time after.
    pub to: SimTime,
    /// How many sleepers were woken.
    pub fired: u64,
}

/// Somebody wants time to be advanced.
struct Ask {
    by: SimDuration,
    answer: oneshot::Sender<Advanced>,
}

/// Advances that wait for the driver; the callers of more wait before they may ask. They come from people
/// and tests, one at a time.
const MOST_ASKS: usize = 16;

/// Entries that are fired while the door is closed once. To close and open it costs far more than an entry
/// does, so that with one at a time many clients that never pause would start jobs faster than they end;
/// yet nobody should wait at the door for long.
const MOST_MOVES: usize = 64;

/// The mode in which work goes on by one entry for each answered job query.
const PER_POLL: Mode = Mode::Auto { one_event_per_poll: true };

/// What the driver does when it has done what there was to do.
enum Then {
    LookAgain,
    WaitAtMost(SimDuration),
    Wait,
}

impl Live {
    pub(super) fn new(mode: Mode, start: SimTime, wall: WallTime) -> Self {
        let (asks, asked) = mpsc::channel(MOST_ASKS);
        Self {
            rate: Rate::new(start, mode.thousandths(), wall),
            state: Mutex::new(State { mode, held: false }),
            changed: Notify::new(),
            door: Door::default(),
            asks,
            asked: tokio::sync::Mutex::new(asked),
            per_poll: AtomicBool::new(mode == PER_POLL),
            credit: AtomicBool::new(false),
            hurries: AtomicUsize::new(0),
            jumps: AtomicU64::new(0),
        }
    }

    pub(super) fn now(&self) -> SimTime {
        self.rate.now()
    }

    /// The present simulated time, and nanoseconds of real time since the clock began.
    pub(super) fn moment(&self) -> (SimTime, u64) {
        self.rate.moment()
    }

    pub(super) fn mode(&self) -> Mode {
        self.state.lock().mode
    }

    pub(super) fn set_mode(&self, mode: Mode) {
        let mut state = self.state.lock();
        state.mode = mode;
        self.per_poll.store(mode == PER_POLL, Ordering::SeqCst);
        self.credit.store(false, Ordering::SeqCst);
        if !state.held {
            self.rate.change(None, mode.thousandths());
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Whether work goes on by polls.
    pub(super) fn is_per_poll(&self) -> bool {
        self.per_poll.load(Ordering::SeqCst)
    }

    pub(super) fn jumps(&self) -> u64 {
        self.jumps.load(Ordering::Relaxed)
    }

    /// Asks the driver to advance; `None` if there is none any more.
    pub(super) async fn ask(&self, by: SimDuration) -> Option<Advanced> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask { by, answer }).await.ok()?;
        answered.await.ok()
    }

    /// A job query was answered. Where that lets work go on, requests wait until it has, so that the next
    /// query of the same client sees what its last one brought about.
    pub(super) fn poll_answered(&self) {
        if self.is_per_poll() {
            self.credit.store(true, Ordering::SeqCst);
            self.door.close_for_driver();
            self.changed.notify_one();
        }
    }

    /// Lets work go on without credits, or no longer.
    pub(super) fn hurry(&self, begins: bool) {
        if begins {
            self.hurries.fetch_add(1, Ordering::SeqCst);
            self.changed.notify_one();
        } else {
            self.hurries.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Moves time, for ever.
    pub(super) async fn drive(&self, inner: &Inner) {
        let mut asked = self.asked.lock().await;
        loop {
            let changed = self.changed.notified();
            self.door.take_over();
            let then = match self.mode() {
                Mode::Auto { one_event_per_poll } => self.skip(inner, one_event_per_poll).await,
                mode => self.fire_due(inner, mode),
            };
            self.door.open();
            let ask = match then {
                Then::LookAgain => asked.try_recv().ok(),
                Then::WaitAtMost(wait) => tokio::select! {
                    biased;
                    ask = asked.recv() => ask,
                    () = changed => None,
                    () = inner.wall.sleep(wait) => None,
                },
                Then::Wait => tokio::select! {
                    biased;
                    ask = asked.recv() => ask,
                    () = changed => None,
                },
            };
            if let Some(ask) = ask {
                self.advance(inner, ask).await;
            }
        }
    }

    /// Time flows or stands: fires everything that is due.
    fn fire_due(&self, inner: &Inner, mode: Mode) -> Then {
        let mut now = self.now();
        loop {
            let mut queue = inner.queue.lock();
            let Some(entry) = queue.pop_due(now) else {
                let Some(First { due, .. }) = queue.first() else {
                    return Then::Wait;
                };
                return real_time(due - now, mode).map_or(Then::Wait, Then::WaitAtMost);
            };
            drop(queue);
            inner.fire(entry);
            now = self.now();
        }
    }

    /// Time jumps: when nothing happens any more, moves to the next entry and fires it.
    async fn skip(&self, inner: &Inner, per_poll: bool) -> Then {
        if !self.may_go_on(inner, per_poll) {
            return Then::Wait;
        }
        self.door.close();
        inner.tokens.settled().await;
        for _ in 0..MOST_MOVES {
            let Some(entry) = self.jump(inner, per_poll) else { break };
            inner.fire(entry);
            // Whoever is let in next sees all that the entry brought about.
            inner.tokens.settled().await;
        }
        Then::LookAgain
    }

    /// Takes the next entry and moves to it, if that is still wanted: what ended meanwhile may have changed
    /// what comes next, and somebody the mode.
    fn jump(&self, inner: &Inner, per_poll: bool) -> Option<Entry> {
        let state = self.state.lock();
        let same_mode = state.mode == (Mode::Auto { one_event_per_poll: per_poll });
        if !same_mode || !self.may_go_on(inner, per_poll) {
            return None;
        }
        if !self.is_free(inner, per_poll) {
            // A credit for which there is nothing to do is lost, or the next job would begin with it and
            // its client never see `INIT`.
            self.credit.store(false, Ordering::SeqCst);
        }
        let entry = inner.queue.lock().pop()?;
        if entry.due > self.now() {
            self.jumps.fetch_add(1, Ordering::Relaxed);
        }
        self.rate.change(Some(entry.due), state.mode.thousandths());
        Some(entry)
    }

    /// Whether there is a reason to let the next entry fire.
    fn may_go_on(&self, inner: &Inner, per_poll: bool) -> bool {
        let waits = || inner.queue.lock().first().is_some();
        let credit = per_poll && self.credit.load(Ordering::SeqCst);
        credit || (waits() && self.is_free(inner, per_poll))
    }

    /// Whether the next entry costs no credit: it is no work, or a request waits for the clock, or
    /// somebody who waits for a job is in a hurry.
    fn is_free(&self, inner: &Inner, per_poll: bool) -> bool {
        let no_work = || inner.queue.lock().first().is_some_and(|first| !first.is_work);
        !per_poll
            || inner.parked.load(Ordering::SeqCst) > 0
            || self.hurries.load(Ordering::SeqCst) > 0
            || no_work()
    }

    /// Fires everything that falls due on the way to the target, in order and one at a time, with what it
    /// makes due in its turn; then shows the target.
    async fn advance(&self, inner: &Inner, ask: Ask) {
        let from = self.hold();
        let to = from + ask.by;
        let mut fired = 0;
        self.door.close();
        loop {
            inner.tokens.settled().await;
            let Some(entry) = inner.queue.lock().pop_due(to) else { break };
            self.move_held(entry.due);
            inner.fire(entry);
            fired += 1;
        }
        let to = self.let_go(to);
        self.door.open();
        // Whoever asked may have gone; time has moved all the same.
        let _ = ask.answer.send(Advanced { from, to, fired });
    }

    fn hold(&self) -> SimTime {
        let mut state = self.state.lock();
        state.held = true;
        self.rate.change(None, 0)
    }

    fn move_held(&self, to: SimTime) {
        let _state = self.state.lock();
        self.rate.change(Some(to), 0);
    }

    fn let_go(&self, to: SimTime) -> SimTime {
        let mut state = self.state.lock();
        state.held = false;
        self.rate.change(Some(to), state.mode.thousandths())
    }
}

/// How long a simulated duration takes in this mode, rounded up; `None` if for ever.
fn real_time(duration: SimDuration, mode: Mode) -> Option<SimDuration> {
    let thousandths = mode.thousandths();
    let scaled =
        (u128::from(duration.as_millis()) * 1_000).div_ceil(u128::from(thousandths).max(1));
    (thousandths > 0).then(|| SimDuration::from_millis(u64::try_from(scaled).unwrap_or(u64::MAX)))
}
