//! Holds what must be true at a moment against the world, the rules and what earlier steps saved.

use super::{Checker, expectations, unless_open};
use crate::api::Operation;
use crate::scenario::problem::{Misfit, Within, nearest, one_of};
use crate::scenario::step::{Amount, Bounds, CallFacts, JobCountFacts, Truth};
use crate::scenario::values::is_open;

impl Checker<'_> {
    /// Checks what must be true.
    pub(in crate::scenario) fn truth(&self, truth: &Truth) -> Result<(), Misfit> {
        if truth.says_nothing() {
            return Err(Misfit::new(format!("nothing to look at; say {}", one_of(&Truth::KEYS))));
        }
        for (image, members) in truth.members.iter() {
            let check = || {
                unless_open(image, |name| self.names.image(name))?;
                members.iter().try_for_each(|(project, _)| {
                    unless_open(project, |name| self.names.projects_of(name)).within(project)
                })
            };
            check().within(image).within("members")?;
        }
        for (image, _) in truth.images.iter() {
            unless_open(image, |name| self.names.image(name)).within(image).within("images")?;
        }
        for (job, _) in truth.jobs.iter().filter(|(job, _)| !self.alone && !is_open(job)) {
            if !self.saved.has(job) {
                return Err(self.saved.unknown(job)).within(job).within("jobs");
            }
        }
        for (rule, facts) in truth.rules.iter() {
            self.rule(rule).within(rule).within("rules")?;
            amounts(&facts.amounts()).within(rule).within("rules")?;
        }
        let counts = truth.job_counts.as_ref().map(JobCountFacts::amounts);
        amounts(counts.as_ref().map_or(&[], <[_; 4]>::as_slice)).within("job_counts")?;
        for (index, call) in truth.calls.iter().enumerate() {
            self.call(call).within(index).within("calls")?;
        }
        Ok(())
    }

    fn call(&self, call: &CallFacts) -> Result<(), Misfit> {
        if let Some(operation) = &call.operation
            && !Operation::ALL.iter().any(|known| known.name() == operation)
        {
            let near = nearest(operation, Operation::ALL.iter().map(|known| known.name()));
            let message = format!("`{operation}` is no operation{near}");
            return Err(Misfit::new(message)).within("operation");
        }
        if let Some(project) = &call.project {
            unless_open(project, |name| self.names.project(name)).within("project")?;
        }
        amounts(&[("times", Some(call.times))])?;
        expectations::code(call.error_code.as_deref())
    }
}

/// Checks that there are numbers that are right.
fn amounts(amounts: &[(&str, Option<Amount>)]) -> Result<(), Misfit> {
    for (key, amount) in amounts {
        let Some(Amount::Between(Bounds { at_least, at_most })) = amount else { continue };
        match at_most {
            Some(most) if most < at_least => {
                let message = format!("no number is at least {at_least} and at most {most}");
                return Err(Misfit::new(message)).within(*key);
            }
            None if *at_least == 0 => {
                let message = "says nothing; say a number, `at_least` or `at_most`";
                return Err(Misfit::new(message)).within(*key);
            }
            _ => {}
        }
    }
    Ok(())
}
