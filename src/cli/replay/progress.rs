//! How far the work has come, on standard error, if a person is there to see it and it takes long.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

use super::pool::Work;
use crate::clock::{SimDuration, WallInstant, WallTime};
use crate::replay::StepCounter;

/// How often a person is told.
pub(super) const EVERY: Duration = Duration::from_millis(100);

/// Work that takes no longer is over before anybody could read how far it has come.
const SHORT_WORK: SimDuration = SimDuration::from_millis(500);

/// Runs with fewer steps are over soon; how far they are is not shown.
const MANY_STEPS: u64 = 1_000;

/// The runs that go on now, by the thread that does them.
#[derive(Default)]
pub(super) struct Watched(Mutex<Vec<Option<(StepCounter, u64)>>>);

impl Watched {
    /// A thread begins a run of so many steps.
    pub(super) fn begin(&self, thread: usize, steps: &StepCounter, total: u64) {
        if let Some(place) = self.0.lock().get_mut(thread) {
            *place = Some((steps.clone(), total));
        }
    }

    /// The run of a thread has ended.
    pub(super) fn end(&self, thread: usize) {
        if let Some(place) = self.0.lock().get_mut(thread) {
            *place = None;
        }
    }

    /// How far the long runs are among those that go on.
    fn steps(&self) -> String {
        let running = self.0.lock();
        let long = running.iter().flatten().filter(|(_, total)| *total >= MANY_STEPS);
        let (begun, total) = long.fold((0, 0), |(begun, all), (steps, total)| {
            (begun + steps.begun().min(*total), all + total)
        });
        if total == 0 { String::new() } else { format!("step {begun} of {total}") }
    }
}

/// How far the work has come.
pub(super) struct Progress {
    watched: Arc<Watched>,
    /// How many runs there are, and how many of them have ended.
    runs: (u64, u64),
    /// What a run is to whoever asked for them.
    noun: &'static str,
    wall: WallTime,
    started: WallInstant,
    terminal: bool,
    /// There from the moment on at which it is first drawn.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Nothing has been done of the work yet.
    pub(super) fn new(work: &Work) -> Self {
        let wall = WallTime::default();
        let running = std::iter::repeat_with(|| None).take(work.threads()).collect();
        Self {
            watched: Arc::new(Watched(Mutex::new(running))),
            runs: (work.runs(), 0),
            noun: if work.repeat == 1 { "files" } else { "runs" },
            started: wall.now(),
            wall,
            terminal: std::io::stderr().is_terminal(),
            bar: None,
        }
    }

    /// Where threads say what they are at.
    pub(super) fn watched(&self) -> Arc<Watched> {
        Arc::clone(&self.watched)
    }

    /// A run has ended.
    pub(super) fn advance(&mut self) {
        self.runs.1 += 1;
    }

    /// Shows how far the work has come.
    pub(super) fn draw(&mut self) {
        if !self.terminal || self.wall.since(self.started) < SHORT_WORK {
            return;
        }
        let (total, ended) = self.runs;
        let bar = self.bar.get_or_insert_with(|| bar(total, self.noun));
        bar.set_message(self.watched.steps());
        bar.set_position(ended);
    }

    /// Prints something while nothing is shown.
    pub(super) fn beside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Leaves nothing of it on the screen.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(runs: u64, noun: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template(&format!("{{bar:30}} {{pos}} of {{len}} {noun}  {{msg}}"));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_runs_that_go_on_tell_of_their_steps() {
        let watched = Watched(Mutex::new(vec![None, None, None]));
        let steps = StepCounter::default();
        watched.begin(0, &steps, MANY_STEPS - 1);
        assert_eq!(watched.steps(), "");
        watched.begin(1, &steps, 2_000);
        watched.begin(2, &steps, 1_000);
        assert_eq!(watched.steps(), "step 0 of 3000");
        watched.end(1);
        assert_eq!(watched.steps(), "step 0 of 1000");
        // More threads than places are told of nowhere, and no reason to panic.
        watched.begin(9, &steps, 9_000);
        watched.end(9);
        assert_eq!(watched.steps(), "step 0 of 1000");
    }
}
