//! `POST /__admin/verify`: how often a call was made, and whether that is as often as it should be.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::{body, names};
use crate::api::Code;
use crate::domain::World;
use crate::journal::{CallRecord, Event, Field, Miss, Question};
use crate::scenario::pattern::pattern;
use crate::scenario::problem::nearest;

/// The status if a bound does not hold, so that `curl --fail` notices. Not 417, which clients take for an
/// answer to their `Expect: 100-continue` and send the request once more.
const DOES_NOT_HOLD: StatusCode = StatusCode::CONFLICT;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    operation: Option<String>,
    project: Option<String>,
    status: Option<u16>,
    error_code: Option<String>,
    method: Option<String>,
    path: Option<String>,
    image: Option<String>,
    job: Option<String>,
    since: Option<u64>,
    at_least: Option<u64>,
    at_most: Option<u64>,
    exactly: Option<u64>,
}

#[derive(Serialize)]
struct Answer<'a> {
    count: u64,
    exact: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    holds: Option<bool>,
    /// Only if there was no such call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nearest: Vec<Near<'a>>,
}

#[derive(Serialize)]
struct Near<'a> {
    number: u64,
    operation: &'static str,
    project: Option<String>,
    method: &'a str,
    target: &'a str,
    status: u16,
    differs: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    field: &'static str,
    asked: String,
    found: String,
}

pub(super) async fn answer(ask: Ask) -> Result<Reply, AdminError> {
    let asked: Asked = body::json(&ask.body)?;
    let world = &ask.shared().world;
    let question = asked.question(world)?;
    asked.check_numbers()?;
    let verdict = ask.shared().journal.verify(&question);
    let holds = asked.holds(verdict.count, verdict.exact);
    let near = verdict.nearest.iter().filter_map(|miss| near(miss, &asked, world));
    let answer =
        Answer { count: verdict.count, exact: verdict.exact, holds, nearest: near.collect() };
    let status = if holds == Some(false) { DOES_NOT_HOLD } else { StatusCode::OK };
    Ok(Reply::new(status, &answer))
}

impl Asked {
    fn question(&self, world: &World) -> Result<Question, AdminError> {
        let operation = self.operation.as_deref().map(|text| {
            names::operation(text).map_err(|message| AdminError::at("operation", message))
        });
        let project = self.project.as_deref().map(|text| names::project(world, "project", text));
        let image = self.image.as_deref().map(|text| names::image(world, "image", text));
        let job = self.job.as_deref().map(|text| names::job("job", text));
        let path = self.path.as_deref().map(pattern).transpose();
        Ok(Question {
            operation: operation.transpose()?,
            project: project.transpose()?,
            status: self.status,
            error: self.error_code.as_deref().map(error_code).transpose()?,
            method: self.method.clone(),
            path: path.map_err(|message| AdminError::at("path", message))?,
            image: image.transpose()?,
            job: job.transpose()?,
            since: self.since,
        })
    }

    fn check_numbers(&self) -> Result<(), AdminError> {
        if let Some(status) = self.status.filter(|status| !(100..=999).contains(status)) {
            let message = format!("found {status}; it is a whole number from 100 to 999");
            return Err(AdminError::at("status", message));
        }
        if self.exactly.is_some() && (self.at_least.is_some() || self.at_most.is_some()) {
            let message = "stands beside another bound; `exactly` says all there is to say";
            return Err(AdminError::at("exactly", message));
        }
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least > most => {
                let message = format!("found {least}, which is more than `at_most`, {most}");
                Err(AdminError::at("at_least", message))
            }
            _ => Ok(()),
        }
    }

    /// Whether the bounds hold for certain; `None` if there are none. A count that is not exact is the
    /// least that there were, which tells nothing about the most: a script must not pass on a guess.
    fn holds(&self, count: u64, exact: bool) -> Option<bool> {
        let bounds = [
            self.exactly.map(|number| exact && count == number),
            self.at_least.map(|least| count >= least),
            self.at_most.map(|most| exact && count <= most),
        ];
        bounds.into_iter().flatten().reduce(|one, other| one && other)
    }

    /// What was asked of a field, in the words of the question.
    fn text(&self, field: Field) -> String {
        let text = match field {
            Field::Operation => &self.operation,
            Field::Project => &self.project,
            Field::Status => return self.status.map(|it| it.to_string()).unwrap_or_default(),
            Field::ErrorCode => &self.error_code,
            Field::Method => &self.method,
            Field::Path => &self.path,
            Field::Image => &self.image,
            Field::Job => &self.job,
        };
        text.clone().unwrap_or_default()
    }
}

fn error_code(text: &str) -> Result<&'static str, AdminError> {
    Code::parse(text).map(Code::code).ok_or_else(|| {
        let near = nearest(text, Code::ALL.iter().map(|code| code.code()));
        AdminError::at("error_code", format!("no error has the code `{text}`{near}"))
    })
}

fn near<'a>(miss: &'a Miss, asked: &Asked, world: &World) -> Option<Near<'a>> {
    let Event::Call(call) = &miss.call.entry.event else { return None };
    let differs = miss.differs.iter().map(|field| Difference {
        field: field.name(),
        asked: asked.text(*field),
        found: found(*field, call, world),
    });
    Some(Near {
        number: miss.call.number,
        operation: call.operation.name(),
        project: call.project.map(|id| world.project_name(id)),
        method: &call.method,
        target: &call.target,
        status: call.status,
        differs: differs.collect(),
    })
}

/// What a call has in the place of what was asked.
fn found(field: Field, call: &CallRecord, world: &World) -> String {
    let none = || "none".to_owned();
    match field {
        Field::Operation => call.operation.name().to_owned(),
        Field::Project => call.project.map_or_else(none, |id| world.project_name(id)),
        Field::Status => call.status.to_string(),
        Field::ErrorCode => call.refusal.map_or_else(none, |code| code.code().to_owned()),
        Field::Method => call.method.to_string(),
        Field::Path => call.target.split('?').next().unwrap_or_default().to_owned(),
        Field::Image => "other images, or none".to_owned(),
        Field::Job => call.job.map_or_else(none, |(id, _)| id.to_string()),
    }
}
