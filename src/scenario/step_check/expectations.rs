//! Holds what a step expects of an answer against the world and against itself.

use super::{Answers, unless_open};
use crate::api::Code;
use crate::scenario::expect::{Expect, Outcome};
use crate::scenario::named;
use crate::scenario::names::Names;
use crate::scenario::problem::{Misfit, Within, nearest};
use crate::scenario::values::is_open;

/// Checks what a step expects, beside what its operation answers.
pub(super) fn expect(expect: &Expect, answers: Answers, names: &Names) -> Result<(), Misfit> {
    let check = || {
        code(expect.error_code.as_deref())?;
        if let Some(status) = expect.status.filter(|status| !(200..=599).contains(status)) {
            return Err(Misfit::new(format!("{status} is no status of an answer")))
                .within("status");
        }
        only(expect.job.is_some(), answers.shows(Answers::Job), "job", "steps about jobs")?;
        only(
            expect.members.is_some(),
            answers.shows(Answers::Members),
            "members",
            "`list_members`",
        )?;
        let shows_member = answers.shows(Answers::Member);
        let whose = "`show_member`, `add_member` and `update_member`";
        only(expect.member.is_some(), shows_member, "member", whose)?;
        only(
            expect.images.is_some(),
            answers.shows(Answers::Images),
            "images",
            "`list_cloud_images` and `list_images`",
        )?;
        outcome(expect)?;
        if expect.body.is_some() && expect.exact_body.is_some() {
            let message = "stands beside `body`; one of them says all there is to say";
            return Err(Misfit::new(message)).within("exact_body");
        }
        headers(expect)?;
        for (name, _) in expect.members.iter().flat_map(|members| members.iter()) {
            unless_open(name, |name| names.projects_of(name)).within(name).within("members")?;
        }
        for (index, name) in expect.images.iter().flatten().enumerate() {
            unless_open(name, |name| names.images_of(name)).within(index).within("images")?;
        }
        let Some(job) = &expect.job else { return Ok(()) };
        code(job.error_code.as_deref()).within("job")?;
        for (index, result) in job.results.iter().flatten().enumerate() {
            let image = unless_open(&result.image, |name| names.image(name)).within("image");
            let project =
                unless_open(&result.project, |name| names.project(name)).within("project");
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
        ("exact_body", expect.exact_body.is_some()),
        ("job", expect.job.is_some()),
        ("members", expect.members.is_some()),
        ("member", expect.member.is_some()),
        ("images", expect.images.is_some()),
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

/// Checks the code of an error.
pub(super) fn code(code: Option<&str>) -> Result<(), Misfit> {
    let Some(code) = code.filter(|code| !is_open(code) && Code::parse(code).is_none()) else {
        return Ok(());
    };
    let near = nearest(code, Code::ALL.iter().map(|row| row.code()));
    Err(Misfit::new(format!("`{code}` is no code of the service{near}"))).within("error_code")
}
