//! Steps that have no steps inside: what each names, and what it can expect.

use super::expectations::expect;
use super::{Answers, Checker, flow, request, unless_open};
use crate::clock::SimDuration;
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::query;
use crate::scenario::span::Span;
use crate::scenario::step::{
    DecideStep, ImageStep, ImagesStep, JobStep, MemberStep, QuotaStep, SharingStep, StepEntry,
    UpdateStep, WaitJobStep,
};
use crate::scenario::values::is_open;

impl Checker<'_> {
    /// Checks a step that has no steps inside.
    pub(in crate::scenario) fn leaf(&self, step: &StepEntry) -> Result<(), Misfit> {
        use StepEntry as It;
        timeout(step)?;
        match step {
            It::AddMembers(step) | It::DeleteMembers(step) => self.sharing(step),
            It::UpdateMembers(step) => self.update(step),
            It::ShowJob(step) => self.show_job(step, true),
            It::ShowJobProgress(step) => self.show_job(step, false),
            It::WaitJob(step) => self.wait_job(step),
            It::ListMembers(step) => self.of_image(step, Answers::Members),
            It::ShowImage(step) | It::DeleteImage(step) => self.of_image(step, Answers::Nothing),
            It::ShowMember(step) | It::AddMember(step) => self.of_member(step, Answers::Member),
            It::DeleteMember(step) => self.of_member(step, Answers::Nothing),
            It::UpdateMember(step) => self.decide(step),
            It::ListCloudImages(step) | It::ListImages(step) => self.list_images(step),
            It::ShowQuota(step) => self.show_quota(step),
            It::Request(step) => {
                // A token that nobody has is a request like any other, but its form must be one.
                request::request(step, self.names)?;
                expect(&step.expect, Answers::Anything, self.names)
            }
            It::Wait(step) => flow::wait(step),
            It::AdvanceClock(step) => flow::bounded(step.by).within("by"),
            It::ChangeFaults(step) => self.change_faults(step),
            It::ChangeWorld(step) => self.change_world(step),
            It::Look(step) => self.truth(&step.expect).within("expect"),
            It::Parallel(_) | It::Sequence(_) | It::Background(_) | It::Repeat(_) => Ok(()),
        }
    }

    fn sharing(&self, step: &SharingStep) -> Result<(), Misfit> {
        self.token(step.token.as_deref())?;
        self.images(&step.images)?;
        each(&step.projects, |name| self.names.projects_of(name).map(drop)).within("projects")?;
        expect(&step.expect, Answers::Batch, self.names)
    }

    fn update(&self, step: &UpdateStep) -> Result<(), Misfit> {
        self.token(step.token.as_deref())?;
        self.images(&step.images)?;
        self.own_project("project", step.project.as_deref(), step.token.as_deref())?;
        expect(&step.expect, Answers::Batch, self.names)
    }

    fn show_job(&self, step: &JobStep, shows_results: bool) -> Result<(), Misfit> {
        self.token(step.token.as_deref())?;
        self.job(&step.job)?;
        let expects_results = step.expect.job.as_ref().is_some_and(|job| job.results.is_some());
        if !shows_results && expects_results {
            let message = "the progress endpoint shows no results; `show_job` does";
            return Err(Misfit::new(message)).within("results").within("job").within("expect");
        }
        expect(&step.expect, Answers::Job, self.names)
    }

    fn wait_job(&self, step: &WaitJobStep) -> Result<(), Misfit> {
        self.token(step.token.as_deref())?;
        self.job(&step.job)?;
        flow::polls(step)?;
        expect(&step.expect, Answers::Job, self.names)
    }

    fn of_image(&self, step: &ImageStep, answers: Answers) -> Result<(), Misfit> {
        self.token(step.token.as_deref())?;
        unless_open(&step.image, |name| self.names.image(name)).within("image")?;
        expect(&step.expect, answers, self.names)
    }

    fn of_member(&self, step: &MemberStep, answers: Answers) -> Result<(), Misfit> {
        self.member(step.token.as_deref(), &step.image, Some(&step.member))?;
        expect(&step.expect, answers, self.names)
    }

    fn decide(&self, step: &DecideStep) -> Result<(), Misfit> {
        self.member(step.token.as_deref(), &step.image, step.member.as_deref())?;
        expect(&step.expect, Answers::Member, self.names)
    }

    fn list_images(&self, step: &ImagesStep) -> Result<(), Misfit> {
        self.token(step.token.as_deref())?;
        query::check(&step.query, self.names).within("query")?;
        expect(&step.expect, Answers::Images, self.names)
    }

    fn show_quota(&self, step: &QuotaStep) -> Result<(), Misfit> {
        self.token(step.token.as_deref())?;
        expect(&step.expect, Answers::Nothing, self.names)
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
    flow::bounded(Span(timeout)).within("timeout")
}

fn each(list: &[String], check: impl Fn(&str) -> Result<(), Misfit>) -> Result<(), Misfit> {
    list.iter().enumerate().try_for_each(|(index, name)| unless_open(name, &check).within(index))
}
