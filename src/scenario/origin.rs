//! What a reset goes back to: the part of a scenario that says what exists and what goes wrong.

use std::sync::Arc;

use super::names::Names;
use super::problem::Misfit;
use super::rule_book::RuleBook;
use super::source::Source;
use super::world_build;
use super::world_section::WorldSection;
use crate::clock::SimTime;
use crate::domain::World;
use crate::seed::Seed;

/// What a scenario describes, kept to go back to it. It was compiled once, so it makes sense.
#[derive(Clone, Debug)]
pub struct Origin {
    pub(super) world: Arc<WorldSection>,
    pub(super) rules: RuleBook,
    pub(super) seed: Seed,
    pub(super) source: Source,
    pub(super) fingerprint: String,
    pub(super) start: SimTime,
}

impl Origin {
    /// When the simulation started.
    #[must_use]
    pub const fn start(&self) -> SimTime {
        self.start
    }

    /// The hash of what was taken from the file; see [`super::ScenarioFile::fingerprint`].
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The world of the scenario, made anew; its times run from `now`.
    pub(super) fn world(&self, now: SimTime) -> Result<World, Misfit> {
        let names = Names::of(&self.world, self.seed);
        world_build::world(&self.world, &names, &names, self.seed, now)
    }

    /// The rules of the scenario as if they were written now.
    #[must_use]
    pub fn rules(&self, now: SimTime) -> RuleBook {
        self.rules.begun_anew(now)
    }
}
