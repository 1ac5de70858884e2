//! Checks steps that decide when others are done, and how often.

use super::Checker;
use crate::clock::SimDuration;
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::span::Span;
use crate::scenario::step::{RepeatStep, StepEntry, WaitJobStep, WaitStep};
use crate::scenario::values;

/// The longest single wait: beyond a year nothing of the service changes any more.
const LONGEST_WAIT: SimDuration = SimDuration::from_millis(31_557_600_000);

/// The most polls of one step; each is a call through the whole service.
const MOST_POLLS: u64 = 1_000_000;

/// Checks that a span is not absurd.
pub(super) fn bounded(span: Span) -> Result<(), Misfit> {
    if span.0 > LONGEST_WAIT {
        return Err(Misfit::new(format!("{} is longer than {LONGEST_WAIT}", span.0)));
    }
    Ok(())
}

/// Checks a wait.
pub(super) fn wait(step: &WaitStep) -> Result<(), Misfit> {
    match (step.span, step.until) {
        (Some(span), None) => bounded(span).within("for"),
        (None, Some(until)) => bounded(until).within("until"),
        (Some(_), Some(_)) => {
            Err(Misfit::new("stands beside `for`; a wait has one end")).within("until")
        }
        (None, None) => Err(Misfit::new(
            "say how long: `\"for\": \"2s\"`, or `\"until\"` so long after the start",
        )),
    }
}

/// Checks how often a job is polled.
pub(super) fn polls(step: &WaitJobStep) -> Result<(), Misfit> {
    let (every, deadline) = (step.every(), step.deadline());
    bounded(Span(deadline)).within("deadline")?;
    if every == SimDuration::ZERO {
        let message = "polling without a pause would never let time pass; say \"1ms\" or more";
        return Err(Misfit::new(message)).within("every");
    }
    let polls = deadline.as_millis() / every.as_millis();
    if polls > MOST_POLLS {
        let message =
            format!("every {every} until {deadline} are {polls} polls; at most {MOST_POLLS}");
        return Err(Misfit::new(message)).within("every");
    }
    Ok(())
}

/// A list without steps is a slip: nobody writes one to do nothing.
fn some(steps: &[StepEntry]) -> Result<(), Misfit> {
    if steps.is_empty() {
        return Err(Misfit::new("no steps inside; leave it out, or say what to do"));
    }
    Ok(())
}

impl Checker<'_> {
    /// Checks a step that has steps inside.
    pub(super) fn flow(&mut self, step: &StepEntry) -> Result<(), Misfit> {
        match step {
            StepEntry::Parallel(steps) => some(steps).and_then(|()| self.parallel(steps)),
            StepEntry::Sequence(steps) | StepEntry::Background(steps) => self.in_turn(steps),
            StepEntry::Repeat(step) => self.repeat(step),
            _ => Ok(()),
        }
    }

    fn in_turn(&mut self, steps: &[StepEntry]) -> Result<(), Misfit> {
        some(steps)?;
        steps.iter().enumerate().try_for_each(|(index, step)| self.check(step).within(index))
    }

    fn repeat(&mut self, step: &RepeatStep) -> Result<(), Misfit> {
        let name = step.index();
        if !values::is_name(name) {
            let message = "the number is said as `${name}`: letters, digits, `-`, `_` and `.`";
            return Err(Misfit::new(message)).within("index");
        }
        let taken = self.rounds.iter().any(|(round, _)| round == name) || self.saved.has(name);
        if taken {
            let message =
                format!("`{name}` already stands for something else here; say another `index`");
            return Err(Misfit::new(message)).within("index");
        }
        if step.times == 0 {
            let message = "0 rounds do nothing; leave the step out, or say 1 or more";
            return Err(Misfit::new(message)).within("times");
        }
        for round in 0..step.times {
            self.rounds.push((name.to_owned(), round));
            let checked = self.in_turn(&step.steps).within("steps");
            self.rounds.pop();
            checked?;
        }
        Ok(())
    }

    /// What one of them saves the others cannot use: nothing says which comes first.
    fn parallel(&mut self, steps: &[StepEntry]) -> Result<(), Misfit> {
        let mark = self.saved.mark();
        let mut later = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            self.check(step).within(index)?;
            for (name, saver) in self.saved.hide(mark) {
                if later.iter().any(|(known, _)| *known == name) {
                    let message = format!("two parallel steps save something as `{name}`");
                    return Err(Misfit::new(message)).within(index);
                }
                later.push((name, saver));
            }
        }
        later.iter().try_for_each(|(name, saver)| self.saved.save(name, *saver))
    }
}
