//! Holds the steps against the world: every name must exist, every expectation must make sense.

mod changes;
mod expectations;
mod flow;
mod request;
mod saved;
mod truth;

use serde_json::Value;

use super::named;
use super::names::Names;
use super::problem::{Misfit, Within};
use super::query;
use super::step::StepEntry;
use super::values::{self, FillError, Said, ValueSource, is_open};
use super::world_names::WorldNames;
use crate::clock::{SimDuration, SimTime};
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

    /// Checks a step that has no steps inside.
    pub(super) fn leaf(&self, step: &StepEntry) -> Result<(), Misfit> {
        timeout(step)?;
        let names = self.names;
        match step {
            StepEntry::AddMembers(step) | StepEntry::DeleteMembers(step) => {
                self.token(step.token.as_deref())?;
                self.images(&step.images)?;
                each(&step.projects, |name| names.projects_of(name).map(drop))
                    .within("projects")?;
                expectations::expect(&step.expect, Answers::Batch, names)
            }
            StepEntry::UpdateMembers(step) => {
                self.token(step.token.as_deref())?;
                self.images(&step.images)?;
                self.own_project("project", step.project.as_deref(), step.token.as_deref())?;
                expectations::expect(&step.expect, Answers::Batch, names)
            }
            kind @ (StepEntry::ShowJob(step) | StepEntry::ShowJobProgress(step)) => {
                self.token(step.token.as_deref())?;
                self.job(&step.job)?;
                let shows_results = matches!(kind, StepEntry::ShowJob(_));
                let expects_results =
                    step.expect.job.as_ref().is_some_and(|job| job.results.is_some());
                if !shows_results && expects_results {
                    let message = "the progress endpoint shows no results; `show_job` does";
                    return Err(Misfit::new(message))
                        .within("results")
                        .within("job")
                        .within("expect");
                }
                expectations::expect(&step.expect, Answers::Job, names)
            }
            StepEntry::WaitJob(step) => {
                self.token(step.token.as_deref())?;
                self.job(&step.job)?;
                flow::polls(step)?;
                expectations::expect(&step.expect, Answers::Job, names)
            }
            kind @ (StepEntry::ListMembers(step)
            | StepEntry::ShowImage(step)
            | StepEntry::DeleteImage(step)) => {
                self.token(step.token.as_deref())?;
                unless_open(&step.image, |name| names.image(name)).within("image")?;
                let lists = matches!(kind, StepEntry::ListMembers(_));
                let answers = if lists { Answers::Members } else { Answers::Nothing };
                expectations::expect(&step.expect, answers, names)
            }
            kind @ (StepEntry::ShowMember(step)
            | StepEntry::AddMember(step)
            | StepEntry::DeleteMember(step)) => {
                self.member(step.token.as_deref(), &step.image, Some(&step.member))?;
                let deletes = matches!(kind, StepEntry::DeleteMember(_));
                let answers = if deletes { Answers::Nothing } else { Answers::Member };
                expectations::expect(&step.expect, answers, names)
            }
            StepEntry::UpdateMember(step) => {
                self.member(step.token.as_deref(), &step.image, step.member.as_deref())?;
                expectations::expect(&step.expect, Answers::Member, names)
            }
            StepEntry::ListCloudImages(step) | StepEntry::ListImages(step) => {
                self.token(step.token.as_deref())?;
                query::check(&step.query, names).within("query")?;
                expectations::expect(&step.expect, Answers::Images, names)
            }
            StepEntry::ShowQuota(step) => {
                self.token(step.token.as_deref())?;
                expectations::expect(&step.expect, Answers::Nothing, names)
            }
            StepEntry::Request(step) => {
                // A token that nobody has is a request like any other, but its form must be one.
                request::request(step, names)?;
                expectations::expect(&step.expect, Answers::Anything, names)
            }
            StepEntry::Wait(step) => flow::wait(step),
            StepEntry::AdvanceClock(step) => flow::bounded(step.by).within("by"),
            StepEntry::ChangeFaults(step) => self.change_faults(step),
            StepEntry::ChangeWorld(step) => self.change_world(step),
            StepEntry::Look(step) => self.truth(&step.expect).within("expect"),
            StepEntry::Parallel(_)
            | StepEntry::Sequence(_)
            | StepEntry::Background(_)
            | StepEntry::Repeat(_) => Ok(()),
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

    fn token(&self, token: Option<&str>) -> Result<(), Misfit> {
        // What a step says by a value may be a token that was given out, which no file names.
        let known = |token: &str| match self.alone {
            true => request::sendable(token),
            false => self.names.token(token).map(drop),
        };
        let check = |token| unless_open(token, known);
        token.map_or(Ok(()), check).within("token")
    }

    fn images(&self, list: &[String]) -> Result<(), Misfit> {
        each(list, |name| self.names.images_of(name).map(drop)).within("images")
    }

    fn job(&self, name: &str) -> Result<(), Misfit> {
        if self.alone || is_open(name) || self.saved.has(name) {
            return Ok(());
        }
        Err(self.saved.unknown(name)).within("job")
    }

    /// A member of an image; the one that the token is tied to if none is named.
    fn member(&self, token: Option<&str>, image: &str, name: Option<&str>) -> Result<(), Misfit> {
        self.token(token)?;
        unless_open(image, |name| self.names.image(name)).within("image")?;
        self.own_project("member", name, token)
    }

    /// The project under a key; the one that the token is tied to if none is named.
    fn own_project(
        &self,
        key: &str,
        project: Option<&str>,
        token: Option<&str>,
    ) -> Result<(), Misfit> {
        match (project, token) {
            (Some(project), _) => unless_open(project, |name| self.names.project(name)).within(key),
            (None, Some(token)) if self.alone || is_open(token) => Ok(()),
            (None, Some(token)) if self.names.token(token)?.is_some() => Ok(()),
            (None, _) => {
                let message =
                    format!("without a token that is tied to a project, `{key}` must be given");
                Err(Misfit::new(message))
            }
        }
    }
}

fn timeout(step: &StepEntry) -> Result<(), Misfit> {
    let Some(timeout) = step.timeout() else { return Ok(()) };
    if timeout == SimDuration::ZERO {
        let message = "a client that waits no time never sees an answer; say \"1ms\" or more";
        return Err(Misfit::new(message)).within("timeout");
    }
    flow::bounded(super::span::Span(timeout)).within("timeout")
}

fn each(list: &[String], check: impl Fn(&str) -> Result<(), Misfit>) -> Result<(), Misfit> {
    list.iter().enumerate().try_for_each(|(index, name)| unless_open(name, &check).within(index))
}
