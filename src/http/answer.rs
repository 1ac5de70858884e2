//! What an operation answers, and how it goes on the wire.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use serde::Serialize;

use super::headers::REQUEST_ID;
use crate::api::error_body::{self, JSON};
use crate::api::operation::Family;
use crate::api::{JobId, Refusal};
use crate::faults::{self, AnswerContent, Rule};
use crate::seed::JobKey;

/// The header that names the rules that fired on a request, in the order in which they did.
pub(crate) const RULES_HEADER: &str = "x-imsim-rules";

/// How many rules the header names; more would make a head that clients refuse.
const MOST_RULES_NAMED: usize = 32;

/// The answer to a request, before it has a form.
pub(super) struct Answer {
    /// The job that was submitted or queried.
    pub(super) job: Option<(JobId, JobKey)>,
    /// What was asked for, or the refusal.
    pub(super) result: Result<Success, Refusal>,
}

/// What was asked for.
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    /// The media type of the body; `None` where there is none.
    pub(super) content_type: Option<&'static str>,
    pub(super) body: String,
}

impl Success {
    /// A JSON body with status 200, as nearly all answers have (DECISION U-36).
    pub(super) fn json(body: &impl Serialize) -> Self {
        Self { status: 200, headers: Vec::new(), content_type: Some(JSON), body: json(body) }
    }

    /// A 204, which has no body.
    pub(super) const fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), content_type: None, body: String::new() }
    }

    /// The same with another status.
    pub(super) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with one header more.
    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// An answer as it goes on the wire.
pub(super) struct Rendered {
    pub(super) status: u16,
    pub(super) headers: Vec<(Box<str>, Box<str>)>,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: String,
}

impl Answer {
    /// An answer about no job.
    pub(super) const fn of(result: Result<Success, Refusal>) -> Self {
        Self { job: None, result }
    }

    /// A refusal.
    pub(super) const fn refusal(refusal: Refusal) -> Self {
        Self { job: None, result: Err(refusal) }
    }

    /// Of a request for which no work was done.
    pub(super) const fn nothing() -> Self {
        Self { job: None, result: Ok(Success::no_content()) }
    }

    /// Gives the answer its form: a refusal takes that of the operation's family. The body of a success goes
    /// into it and is not copied.
    pub(super) fn render(
        &mut self,
        family: Family,
        wants_json: bool,
        request_id: &str,
    ) -> Rendered {
        match &mut self.result {
            Ok(success) => Rendered::success(success),
            Err(refusal) => Rendered::refusal(refusal, family, wants_json, request_id),
        }
    }
}

impl Rendered {
    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, headers: Vec::new(), content_type: Some(content_type), body }
    }

    fn success(success: &mut Success) -> Self {
        let headers = success.headers.iter();
        let headers = headers.map(|(name, value)| ((*name).into(), value.as_str().into()));
        Self {
            status: success.status,
            headers: headers.collect(),
            content_type: success.content_type,
            body: std::mem::take(&mut success.body),
        }
    }

    fn refusal(refusal: &Refusal, family: Family, wants_json: bool, request_id: &str) -> Self {
        let (content_type, body) = error_body::render(refusal, family, wants_json, request_id);
        Self::new(refusal.code.status(), content_type, body)
    }

    /// What never leaves.
    pub(super) const fn nothing() -> Self {
        Self { status: 0, headers: Vec::new(), content_type: None, body: String::new() }
    }

    /// An answer that a rule gives.
    pub(super) fn injected(
        answer: &faults::Answer,
        family: Family,
        wants_json: bool,
        request_id: &str,
    ) -> Self {
        let mut rendered = match &answer.content {
            AnswerContent::Code(code) => {
                Self::refusal(&Refusal::from(*code), family, wants_json, request_id)
            }
            AnswerContent::Own { status, headers, body } => {
                let typed =
                    headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                let plain = !typed && !body.is_empty();
                let content_type = plain.then_some("text/plain; charset=utf-8");
                let (headers, body) = (headers.clone(), body.to_string());
                Self { status: *status, headers, content_type, body }
            }
        };
        if let Some(seconds) = answer.retry_after {
            rendered.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("retry-after"));
            rendered.headers.push(("retry-after".into(), seconds.to_string().into()));
        }
        rendered
    }

    /// The response with the headers that every answer has: its type, the request id (DECISION U-30),
    /// and the date, which is simulated like every other time. If rules fired on the request, a header
    /// names them.
    pub(super) fn respond(
        self,
        request_id: &str,
        date: Option<HeaderValue>,
        fired: &[Arc<Rule>],
    ) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(content_type) = self.content_type {
            response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(content_type)));
        }
        for (name, value) in &self.headers {
            response.append_header((&**name, &**value));
        }
        if !fired.is_empty() {
            let named = fired.iter().take(MOST_RULES_NAMED);
            let ids: Vec<&str> = named.map(|rule| &*rule.id).collect();
            response.insert_header((RULES_HEADER, ids.join(", ")));
        }
        if let Some(date) = date {
            response.insert_header((header::DATE, date));
        }
        response.insert_header((REQUEST_ID.clone(), request_id)).body(self.body)
    }
}

/// The text of a JSON body.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("response bodies hold only what JSON can say")
}
