//! Holds the steps against the world: every name must exist, every expectation must make sense.

mod changes;
mod expectations;
mod flow;
mod leaf;
mod request;
mod saved;
mod truth;

use serde_json::Value;

use super::named;
use super::names::Names;
use super::problem::{Misfit, Within};
use super::step::StepEntry;
use super::values::{self, FillError, Said, ValueSource, is_open};
use super::world_names::WorldNames;
use crate::clock::SimTime;
use saved::{Saved, Saver};

/// The most pairs that the steps of a file can ask for: they are all remembered until the replay ends, so
/// that which jobs can still be queried does not depend on the number of shards.
pub const MOST_PAIRS: usize = 10_000_000;

/// What steps are held against, and what they have saved so far.
pub(super) struct Checker<'a> {
    names: &'a Names,
    /// The world at the start; `None` if steps change it, so that rules are only held against it when they
    /// are added.
    world: Option<&'a WorldNames<'a>>,
    start: SimTime,
    /// The ids of all rules that the file has anywhere.
    rules: Vec<String>,
    saved: Saved,
    /// The names and numbers of the rounds that are checked, from the outside in.
    rounds: Vec<(String, u32)>,
    pairs: usize,
    /// Whether the step is about to be done, so that nobody knows what else the file says.
    alone: bool,
}

/// Checks a step without steps inside whose values have just become known.
///
/// # Errors
/// What is wrong with it, and where in the step.
pub(crate) fn check_filled(step: &StepEntry, names: &Names) -> Result<(), String> {
    let checker =
        Checker { alone: true, ..Checker::new(names, None, Vec::new(), SimTime::from_millis(0)) };
    let checked = checker.leaf(step);
    checked.map_err(|misfit| format!("{}: {}", misfit.path_text(), misfit.message))
}

/// Which kinds of expectation a step can have beside status, code and body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    Batch,
    Job,
    Members,
    Member,
    Images,
    /// Nothing but a status.
    Nothing,
    Anything,
}

impl Answers {
    fn shows(self, what: Self) -> bool {
        self == what || self == Self::Anything
    }
}

/// Checks a name that is already known; what is said by `${…}` is looked at when the step is done.
fn unless_open<T>(name: &str, check: impl Fn(&str) -> Result<T, Misfit>) -> Result<(), Misfit> {
    if is_open(name) { Ok(()) } else { check(name).map(drop) }
}

impl<'a> Checker<'a> {
    /// A checker for the steps of a run that starts at this time.
    pub(super) fn new(
        names: &'a Names,
        world: Option<&'a WorldNames<'a>>,
        rules: Vec<String>,
        start: SimTime,
    ) -> Self {
        let (saved, rounds) = (Saved::default(), Vec::new());
        Self { names, world, start, rules, saved, rounds, pairs: 0, alone: false }
    }

    /// Checks one step; what it saves can then be said.
    pub(super) fn check(&mut self, step: &StepEntry) -> Result<(), Misfit> {
        if step.inside().is_some() {
            return self.flow(step).within(step.kind());
        }
        let say = |name: &str| self.say(name);
        let filled = values::fill(step, &say).map_err(|error| self.unfilled(error));
        let filled = filled.within(step.kind())?;
        let saver = std::ptr::from_ref(step).addr();
        self.leaf(&filled).within(step.kind())?;
        self.saves(&filled, saver).within(step.kind())?;
        self.pairs = self.pairs.saturating_add(self.pairs_of(&filled));
        if self.pairs > MOST_PAIRS {
            let pairs = self.pairs;
            let message =
                format!("with this step they ask for {pairs} pairs; at most {MOST_PAIRS}");
            return Err(Misfit::new(message));
        }
        Ok(())
    }

    fn say(&self, name: &str) -> Said {
        let round = self.rounds.iter().rev().find(|(round, _)| round == name);
        match round {
            Some((_, number)) => Said::Value(Value::from(*number)),
            None if self.saved.has(name) => Said::Later,
            None => Said::Nothing,
        }
    }

    fn unfilled(&self, error: FillError) -> Misfit {
        match error {
            FillError::Unknown(name) => self.saved.unknown(&name),
            FillError::Unclosed => {
                Misfit::new("a `${` without its `}`; `$${` stands for `${` itself")
            }
            FillError::Senseless(message) => Misfit::new(message),
        }
    }

    fn saves(&mut self, step: &StepEntry, saver: Saver) -> Result<(), Misfit> {
        if let Some(name) = step.saves_job().filter(|name| !is_open(name)) {
            self.save(name, saver).within("save")?;
        }
        for (name, source) in step.saves_values().iter().flat_map(|values| values.iter()) {
            self.save_value(name, source, saver).within(name).within("save_values")?;
        }
        Ok(())
    }

    fn save_value(&mut self, name: &str, source: &ValueSource, saver: Saver) -> Result<(), Misfit> {
        if !values::is_name(name) {
            let message = "a value is said as `${name}`: letters, digits, `-`, `_` and `.`";
            return Err(Misfit::new(message));
        }
        match source {
            ValueSource::Body(pointer) if !pointer.is_empty() && !pointer.starts_with('/') => {
                let message = format!(
                    "`{pointer}` is no JSON pointer, which is empty or begins with `/`; did you \
                     mean `/{pointer}`?"
                );
                return Err(Misfit::new(message)).within("body");
            }
            ValueSource::Header(header) if !named::is_header(header) => {
                let message = "no name of a header: letters, digits and `-`";
                return Err(Misfit::new(message)).within("header");
            }
            ValueSource::Body(_) | ValueSource::Header(_) => {}
        }
        self.save(name, saver)
    }

    fn save(&mut self, name: &str, saver: Saver) -> Result<(), Misfit> {
        if self.rounds.iter().any(|(round, _)| round == name) {
            let message = format!("`{name}` is the number of the round here; save it otherwise");
            return Err(Misfit::new(message));
        }
        self.saved.save(name, saver)
    }

    /// How many pairs a step asks for, duplicates included.
    fn pairs_of(&self, step: &StepEntry) -> usize {
        match step {
            StepEntry::AddMembers(step) | StepEntry::DeleteMembers(step) => {
                let projects = self.names.project_ids(&step.projects).len();
                self.names.image_ids(&step.images).len().saturating_mul(projects)
            }
            StepEntry::UpdateMembers(step) => self.names.image_ids(&step.images).len(),
            _ => 0,
        }
    }
}
