//! What goes on inside: how much is under way of what is bounded, and the clock.

use super::Scrape;
use crate::clock::Mode;
use crate::metrics::family::Family;

/// How a clock moves, in the words of the admin API, but for the factor of one that is scaled.
const MODES: [&str; 6] = ["frozen", "real", "scaled", "auto", "auto-per-poll", "stepped"];

/// The word for a mode; a clock without one moves by the steps of a scenario.
const fn word(mode: Option<Mode>) -> &'static str {
    match mode {
        Some(Mode::Frozen) => "frozen",
        Some(Mode::Real) => "real",
        Some(Mode::Scaled(_)) => "scaled",
        Some(Mode::Auto { one_event_per_poll: false }) => "auto",
        Some(Mode::Auto { one_event_per_poll: true }) => "auto-per-poll",
        None => "stepped",
    }
}

impl Scrape<'_> {
    pub(super) fn admission(&self) -> [Family; 9] {
        let (now, most) = (self.admission.under_way(), self.admission.limits());
        [
            Family::amount("admission_jobs", "Jobs that have not ended.", now.running_jobs),
            Family::amount(
                "admission_jobs_limit",
                "How many jobs may be under way.",
                most.running_jobs,
            ),
            Family::amount(
                "admission_workers",
                "Image workers for which running jobs keep room.",
                now.running_workers,
            ),
            Family::amount(
                "admission_workers_limit",
                "For how many image workers there is room.",
                most.running_workers,
            ),
            Family::amount(
                "admission_waiting_requests",
                "Batch requests that wait for a front.",
                now.waiting_requests,
            ),
            Family::amount(
                "admission_waiting_requests_limit",
                "How many batch requests may wait for a front.",
                most.waiting_requests,
            ),
            Family::amount(
                "admission_body_bytes",
                "Bytes of large request bodies that are read or worked on.",
                now.body_bytes,
            ),
            Family::amount(
                "admission_body_limit_bytes",
                "How many bytes of large request bodies there may be.",
                most.body_bytes,
            ),
            Family::amount(
                "draining",
                "1 while the server ends and refuses new jobs, else 0.",
                self.admission.is_draining().into(),
            ),
        ]
    }

    pub(super) fn clock(&self) -> Vec<Family> {
        let clock = &self.clock;
        let modes = MODES.map(|mode| {
            let is = mode == word(clock.mode);
            (vec![("mode", mode.into())], f64::from(u8::from(is)))
        });
        let mut all =
            vec![Family::gauges("clock_mode", "1 for how simulated time moves, else 0.", modes)];
        all.extend(clock.mode.map(|mode| {
            Family::gauge(
                "clock_speed_ratio",
                "How many times as fast as real time the simulated flows, apart from jumps.",
                mode.speed(),
            )
        }));
        all.extend([
            Family::gauge(
                "clock_time_seconds",
                "The simulated time, in seconds since 1970.",
                clock.now.as_millis() as f64 / 1_000.0,
            ),
            Family::amount("clock_waiting", "What waits for simulated time.", clock.waiting),
            Family::amount(
                "clock_busy",
                "What is under way without waiting for simulated time; at 0 all has settled.",
                clock.busy,
            ),
            Family::counter("clock_fired", "What waited and was woken.", clock.fired),
            Family::counter(
                "clock_jumps",
                "Jumps over time in which nothing happens.",
                clock.jumps,
            ),
        ]);
        all
    }
}
