//! Holds the steps against the world: every name must exist, every expectation must make sense.

use rustc_hash::FxHashSet;

use super::expect::{Expect, Outcome};
use super::named;
use super::names::Names;
use super::problem::{Misfit, Within, nearest};
use super::span::Span;
use super::step::{StepEntry, WaitJobStep};
use crate::api::Code;
use crate::clock::SimDuration;

/// The names of jobs that earlier steps saved.
#[derive(Default)]
pub(super) struct SavedJobs {
    names: FxHashSet<String>,
    order: Vec<String>,
}

impl SavedJobs {
    fn save(&mut self, name: Option<&String>) -> Result<(), Misfit> {
        let Some(name) = name else { return Ok(()) };
        if !self.names.insert(name.clone()) {
            let message = format!("a job is already saved as `{name}`; each name is for one job");
            return Err(Misfit::new(message)).within("save");
        }
        self.order.push(name.clone());
        Ok(())
    }

    fn find(&self, name: &str) -> Result<(), Misfit> {
        if self.names.contains(name) {
            return Ok(());
        }
        let near = nearest(name, self.order.iter().map(String::as_str));
        let message = format!("no earlier step saves a job as `{name}`{near}");
        Err(Misfit::new(message)).within("job")
    }
}

/// Which kinds of expectation a step can have beside status, code and body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    Batch,
    Job,
    Members,
    Member,
}

/// Checks one step; `saved` grows by the job that it saves.
pub(super) fn check(step: &StepEntry, names: &Names, saved: &mut SavedJobs) -> Result<(), Misfit> {
    inside(step, names, saved).and_then(|()| timeout(step)).within(step.kind())
}

fn timeout(step: &StepEntry) -> Result<(), Misfit> {
    let Some(timeout) = step.timeout() else { return Ok(()) };
    if timeout == SimDuration::ZERO {
        let message = "a client that waits no time never sees an answer; say \"1ms\" or more";
        return Err(Misfit::new(message)).within("timeout");
    }
    bounded(Span(timeout)).within("timeout")
}

fn inside(step: &StepEntry, names: &Names, saved: &mut SavedJobs) -> Result<(), Misfit> {
    match step {
        StepEntry::AddMembers(step) | StepEntry::DeleteMembers(step) => {
            token(step.token.as_deref(), names)?;
            images(&step.images, names)?;
            each(&step.projects, |name| names.projects_of(name).map(drop)).within("projects")?;
            saved.save(step.save.as_ref())?;
            expect(&step.expect, Answers::Batch, names)
        }
        StepEntry::UpdateMembers(step) => {
            token(step.token.as_deref(), names)?;
            images(&step.images, names)?;
            own_project(step.project.as_deref(), step.token.as_deref(), names)?;
            saved.save(step.save.as_ref())?;
            expect(&step.expect, Answers::Batch, names)
        }
        kind @ (StepEntry::ShowJob(step) | StepEntry::ShowJobProgress(step)) => {
            token(step.token.as_deref(), names)?;
            saved.find(&step.job)?;
            let shows_results = matches!(kind, StepEntry::ShowJob(_));
            if !shows_results && step.expect.job.as_ref().is_some_and(|job| job.results.is_some()) {
                let message = "the progress endpoint shows no results; `show_job` does";
                return Err(Misfit::new(message)).within("results").within("job").within("expect");
            }
            expect(&step.expect, Answers::Job, names)
        }
        StepEntry::WaitJob(step) => {
            token(step.token.as_deref(), names)?;
            saved.find(&step.job)?;
            polls(step)?;
            expect(&step.expect, Answers::Job, names)
        }
        StepEntry::ListMembers(step) => {
            token(step.token.as_deref(), names)?;
            names.image(&step.image).within("image")?;
            expect(&step.expect, Answers::Members, names)
        }
        StepEntry::ShowMember(step) => {
            token(step.token.as_deref(), names)?;
            names.image(&step.image).within("image")?;
            names.project(&step.member).within("member")?;
            expect(&step.expect, Answers::Member, names)
        }
        StepEntry::Wait(step) => bounded(step.span).within("for"),
        StepEntry::Parallel(steps) => parallel(steps, names, saved),
    }
}

/// How many pairs a step asks for, duplicates included.
pub(super) fn pairs(step: &StepEntry, names: &Names) -> usize {
    match step {
        StepEntry::AddMembers(step) | StepEntry::DeleteMembers(step) => {
            let projects = names.project_ids(&step.projects).len();
            names.image_ids(&step.images).len().saturating_mul(projects)
        }
        StepEntry::UpdateMembers(step) => names.image_ids(&step.images).len(),
        StepEntry::Parallel(steps) => steps.iter().map(|step| pairs(step, names)).sum(),
        StepEntry::ShowJob(_)
        | StepEntry::ShowJobProgress(_)
        | StepEntry::WaitJob(_)
        | StepEntry::ListMembers(_)
        | StepEntry::ShowMember(_)
        | StepEntry::Wait(_) => 0,
    }
}

/// The longest single wait: beyond a year nothing of the service changes any more.
const LONGEST_WAIT: SimDuration = SimDuration::from_millis(31_557_600_000);

/// The most polls of one step; each is a call through the whole service.
const MOST_POLLS: u64 = 1_000_000;

fn bounded(span: Span) -> Result<(), Misfit> {
    if span.0 > LONGEST_WAIT {
        return Err(Misfit::new(format!("{} is longer than {LONGEST_WAIT}", span.0)));
    }
    Ok(())
}

fn polls(step: &WaitJobStep) -> Result<(), Misfit> {
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

/// What one of them saves the others cannot use: nothing says which comes first.
fn parallel(steps: &[StepEntry], names: &Names, saved: &mut SavedJobs) -> Result<(), Misfit> {
    let before = saved.order.len();
    let mut later = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        check(step, names, saved).within(index)?;
        for name in saved.order.drain(before..) {
            saved.names.remove(&name);
            if later.contains(&name) {
                let message = format!("two parallel steps save a job as `{name}`");
                return Err(Misfit::new(message)).within(index);
            }
            later.push(name);
        }
    }
    saved.names.extend(later.iter().cloned());
    saved.order.extend(later);
    Ok(())
}

fn token(token: Option<&str>, names: &Names) -> Result<(), Misfit> {
    token.map_or(Ok(()), |token| names.token(token).map(drop)).within("token")
}

fn images(list: &[String], names: &Names) -> Result<(), Misfit> {
    each(list, |name| names.images_of(name).map(drop)).within("images")
}

fn each(list: &[String], check: impl Fn(&str) -> Result<(), Misfit>) -> Result<(), Misfit> {
    list.iter().enumerate().try_for_each(|(index, name)| check(name).within(index))
}

fn own_project(project: Option<&str>, token: Option<&str>, names: &Names) -> Result<(), Misfit> {
    match (project, token) {
        (Some(project), _) => names.project(project).map(drop).within("project"),
        (None, Some(token)) if names.token(token)?.is_some() => Ok(()),
        (None, _) => {
            let message = "without a token that is tied to a project, `project` must be given";
            Err(Misfit::new(message))
        }
    }
}

fn expect(expect: &Expect, answers: Answers, names: &Names) -> Result<(), Misfit> {
    let check = || {
        code(expect.error_code.as_deref())?;
        if let Some(status) = expect.status.filter(|status| !(200..=599).contains(status)) {
            return Err(Misfit::new(format!("{status} is no status of an answer")))
                .within("status");
        }
        only(expect.job.is_some(), answers == Answers::Job, "job", "steps about jobs")?;
        only(expect.members.is_some(), answers == Answers::Members, "members", "`list_members`")?;
        only(expect.member.is_some(), answers == Answers::Member, "member", "`show_member`")?;
        outcome(expect)?;
        headers(expect)?;
        for (name, _) in expect.members.iter().flat_map(|members| members.iter()) {
            names.project(name).within(name).within("members")?;
        }
        let Some(job) = &expect.job else { return Ok(()) };
        code(job.error_code.as_deref()).within("job")?;
        for (index, result) in job.results.iter().flatten().enumerate() {
            let image = names.image(&result.image).map(drop).within("image");
            let project = names.project(&result.project).map(drop).within("project");
            image.and(project).within(index).within("results").within("job")?;
        }
        Ok(())
    };
    check().within("expect")
}

/// Of an answer that never came, or came as no answer, nothing else can be expected.
fn outcome(expect: &Expect) -> Result<(), Misfit> {
    let Some(outcome) = expect.outcome else { return Ok(()) };
    if outcome == Outcome::Unanswered && expect.took.is_some() {
        let message =
            "an answer that never comes takes for ever; with a `timeout` it is `timed_out`";
        return Err(Misfit::new(message)).within("took");
    }
    let of_an_answer = [
        ("status", expect.status.is_some()),
        ("error_code", expect.error_code.is_some()),
        ("headers", expect.headers.is_some()),
        ("body", expect.body.is_some()),
        ("job", expect.job.is_some()),
        ("members", expect.members.is_some()),
        ("member", expect.member.is_some()),
    ];
    match of_an_answer.into_iter().find(|(_, expected)| *expected && !outcome.has_head()) {
        None => Ok(()),
        Some((key, _)) => {
            let outcome = outcome.as_str();
            let message = format!("with `outcome` {outcome} there is no answer to look at");
            Err(Misfit::new(message)).within(key)
        }
    }
}

fn headers(expect: &Expect) -> Result<(), Misfit> {
    let mut names = expect.headers.iter().flat_map(|headers| headers.iter());
    match names.find(|(name, _)| !named::is_header(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let message = "no name of a header: letters, digits and `-`";
            Err(Misfit::new(message)).within(name).within("headers")
        }
    }
}

fn only(used: bool, allowed: bool, key: &str, whose: &str) -> Result<(), Misfit> {
    if used && !allowed {
        return Err(Misfit::new(format!("only {whose} can expect this"))).within(key);
    }
    Ok(())
}

fn code(code: Option<&str>) -> Result<(), Misfit> {
    let Some(code) = code.filter(|code| Code::parse(code).is_none()) else { return Ok(()) };
    let near = nearest(code, Code::ALL.iter().map(|row| row.code()));
    Err(Misfit::new(format!("`{code}` is no code of the service{near}"))).within("error_code")
}
