//! From a call to a step.

use serde_json::{Value, json};

use super::said::{Said, answer_of, body_of, escaped};
use super::written::{Expect, Request, Rest, Step};
use crate::api::{Code, JobId};
use crate::clock::{SimDuration, SimTime};
use crate::journal::{CallRecord, Delivery};
use crate::scenario::named::Named;
use crate::scenario::span::Span;

/// The least time that a client can wait.
const LEAST_TIMEOUT: SimDuration = SimDuration::from_millis(1);

impl Said<'_> {
    /// The step that makes a call again and expects the answer that it got; `None` if there can be none.
    pub(super) fn step(&mut self, call: &CallRecord, answered: SimTime) -> Option<Step> {
        let sent = call.request.all()?;
        if !is_sayable(&call.target) {
            return None;
        }
        let sign = self.sign(&call.asked.token)?;
        let rest = self.rest(call, answered)?;
        let job = submitted(call);
        let step = self.named_step(call, sent, rest).unwrap_or_else(|rest| {
            let (body, text) = body_of(sent, |text| self.text(text));
            let body = body.map(|body| self.with_secrets(call, body));
            let subject = self.subject_header(call);
            let headers = call.asked.headers.iter().map(|(name, value)| (&**name, &**value));
            let mut headers = merged(headers);
            headers.0.extend(subject);
            Step::Request(Request {
                method: call.method.to_string(),
                path: self.text(&call.target),
                token: self.token(&call.asked.token),
                sign,
                headers,
                body,
                text,
                save_values: self.given(call),
                rest,
            })
        });
        Some(match job {
            Some(job) => saving(step, self.name_job(job)),
            None => step,
        })
    }

    /// How long the client waits, and what he sees.
    fn rest(&self, call: &CallRecord, answered: SimTime) -> Option<Rest> {
        let outcome = match call.delivery {
            Delivery::Answered => None,
            Delivery::Truncated { .. } => Some("truncated"),
            Delivery::Reset => Some("reset"),
            Delivery::Closed => Some("closed"),
            Delivery::Garbage => Some("garbage"),
            Delivery::Unanswered => Some("unanswered"),
            // Whoever left although nothing let him wait would be answered in a replay.
            Delivery::GivenUp if !call.asked.waited => return None,
            Delivery::GivenUp => Some("timed_out"),
        };
        let waited = (answered - call.asked.at).max(LEAST_TIMEOUT);
        let timeout = (call.delivery == Delivery::GivenUp).then_some(Span(waited));
        let mut expect = Expect { outcome, ..Expect::default() };
        if call.status != 0 {
            expect.status = (call.status != 200).then_some(call.status);
        }
        if call.delivery == Delivery::Answered
            && let Some(answer) = call.answer.all().filter(|answer| !answer.is_empty())
        {
            let mut answer = answer_of(answer);
            if call.operation.shows_addresses() {
                forget_addresses(&mut answer);
            }
            expect.error_code = error_code(call.status, &answer);
            expect.body = lasting(answer).map(|answer| self.value(answer));
        }
        Some(Rest { timeout, expect })
    }
}

/// What a replay serves beside the service, whatever the address of the server's admin API was.
const ADMIN: &str = "/__admin";

/// Whether a step can name the target; a client can send what has no place in a file.
fn is_sayable(target: &str) -> bool {
    target.starts_with('/')
        && !target.starts_with(ADMIN)
        && target.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The job that a client was told of as his.
fn submitted(call: &CallRecord) -> Option<JobId> {
    call.operation.job_type()?;
    let (id, _) = call.job.filter(|_| call.delivery == Delivery::Answered)?;
    let told = answer_of(call.answer.all()?);
    (told["job_id"].as_str() == Some(&*id.to_string())).then_some(id)
}

/// The step with the name under which it saves its job.
fn saving(mut step: Step, name: String) -> Step {
    match &mut step {
        Step::AddMembers(step) | Step::DeleteMembers(step) => step.save = Some(name),
        Step::UpdateMembers(step) => step.save = Some(name),
        Step::Request(step) => step.save_values.0.push((name, json!({ "body": "/job_id" }))),
        _ => {}
    }
    step
}

/// Headers of one name as one, as HTTP reads them.
fn merged<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Named<String> {
    let mut merged: Vec<(String, String)> = Vec::new();
    for (name, value) in headers {
        let value = escaped(&value.replace('\t', " "));
        match merged.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend([", ", &value]),
            None => merged.push((name.to_owned(), value)),
        }
    }
    Named(merged)
}

/// The code that a replay finds in an answer, in whichever of the three forms it is.
fn error_code(status: u16, answer: &Value) -> Option<String> {
    let places = [&answer["error"]["code"], &answer["error_code"], &answer["code"]];
    let found = places.into_iter().find_map(Value::as_str).filter(|_| status >= 400)?;
    Code::parse(found).map(|code| code.code().to_owned())
}

/// Takes the addresses out of an answer: a replay is at another one.
fn forget_addresses(answer: &mut Value) {
    match answer {
        Value::Object(object) => {
            object.retain(|key, _| key != "links" && key != "catalog");
            object.values_mut().for_each(forget_addresses);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_addresses),
        _ => {}
    }
}

/// What of an answer is the same in every run: all but the id of the request, and that of a job which a
/// step cannot know before it has made it.
fn lasting(answer: Value) -> Option<Value> {
    let Value::Object(mut object) = answer else { return Some(answer) };
    if object.contains_key("error_code") {
        object.remove("request_id");
    }
    if object.len() == 1 {
        object.remove("job_id");
    }
    (!object.is_empty()).then_some(Value::Object(object))
}
