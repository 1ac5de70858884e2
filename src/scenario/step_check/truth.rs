//! Holds what must be true at a moment against the world, the rules and what earlier steps saved.

use super::{Checker, expectations, unless_open};
use crate::api::Operation;
use crate::scenario::problem::{Misfit, Within, nearest};
use crate::scenario::step::{CallFacts, Truth};
use crate::scenario::values::is_open;

impl Checker<'_> {
    /// Checks what must be true.
    pub(in crate::scenario) fn truth(&self, truth: &Truth) -> Result<(), Misfit> {
        for (image, members) in truth.members.iter() {
            let check = || {
                unless_open(image, |name| self.names.image(name))?;
                members.iter().try_for_each(|(project, _)| {
                    unless_open(project, |name| self.names.project(name)).within(project)
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
        for (rule, _) in truth.rules.iter() {
            self.rule(rule).within(rule).within("rules")?;
        }
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
        expectations::code(call.error_code.as_deref())
    }
}
