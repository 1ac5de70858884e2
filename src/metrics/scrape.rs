//! Gathers the figures of one simulation at the moment at which somebody asks for them.

mod calls;
mod faults;
mod inside;
mod jobs;

use super::Meters;
use super::family::{self, Family};
use crate::clock::{ClockStatus, SimTime};
use crate::domain::admission::Admission;
use crate::domain::job_census::JobCensus;
use crate::faults::Plan;
use crate::journal::{Journal, Outline};

/// Where the figures come from.
pub struct Scrape<'a> {
    /// The version of the program.
    pub version: &'static str,
    /// When the simulation started; on a live clock that is a real time.
    pub started: SimTime,
    /// How many shards there are.
    pub shards: usize,
    /// How many scopes the server has; `None` if it can have none.
    pub scopes: Option<usize>,
    /// What is counted for the figures alone.
    pub meters: &'a Meters,
    /// What happened.
    pub journal: &'a Journal,
    /// What may go wrong.
    pub plan: &'a Plan,
    /// How the clock stands.
    pub clock: ClockStatus,
    /// How much is let in.
    pub admission: &'a Admission,
    /// What the registries of all shards remember.
    pub jobs: JobCensus,
}

impl Scrape<'_> {
    /// All figures, always in the same order.
    #[must_use]
    pub fn page(&self) -> String {
        family::page(self.families())
    }

    fn families(&self) -> Vec<Family> {
        let outline = self.journal.outline();
        let mut all = self.about();
        all.extend(self.calls(&outline));
        all.extend(self.jobs(&outline));
        all.extend(self.admission());
        all.extend(self.clock());
        all.extend(self.faults());
        all.extend(self.events(&outline));
        all
    }

    fn about(&self) -> Vec<Family> {
        let version = vec![("version", self.version.into())];
        let started = self.started.as_millis() as f64 / 1_000.0;
        let mut all = vec![
            Family::gauges("build_info", "The program, which always is 1.", [(version, 1.0)]),
            Family::gauge(
                "start_time_seconds",
                "When the simulation started, in seconds since 1970.",
                started,
            ),
            Family::amount("shards", "Shards, each a thread of its own.", self.shards),
        ];
        let scopes = self.scopes.map(|scopes| {
            Family::amount("scopes", "Scopes of the server, whichever of them is asked.", scopes)
        });
        all.extend(scopes);
        all
    }

    fn events(&self, outline: &Outline) -> [Family; 2] {
        let kinds = crate::journal::EventKind::ALL.into_iter().zip(outline.events);
        let events = kinds.map(|(kind, count)| (vec![("event", kind.name().into())], count));
        [
            Family::counters("events", "Events that went into the journal, by kind.", events),
            Family::counter(
                "journal_evicted",
                "Entries of the journal that made room for newer ones.",
                outline.evicted,
            ),
        ]
    }
}

#[cfg(test)]
mod tests;
