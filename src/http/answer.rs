//! What an operation answers, and how it goes on the wire.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::Serialize;

use crate::api::error_body::{self, JSON};
use crate::api::operation::Family;
use crate::api::{JobId, ProjectId, Refusal, time};
use crate::clock::SimTime;
use crate::seed::{CallKey, JobKey};

/// The answer to a request, before it has a form.
pub(super) struct Answer {
    /// The key of the request.
    pub(super) call: CallKey,
    /// The project of the token, if the token is known.
    pub(super) project: Option<ProjectId>,
    /// The job that was submitted or queried.
    pub(super) job: Option<(JobId, JobKey)>,
    /// The body of a 200, or the refusal.
    pub(super) result: Result<String, Refusal>,
}

/// An answer as it goes on the wire.
pub(super) struct Rendered {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

impl Answer {
    /// Gives the answer its form: success is always 200 (DECISION U-36), a refusal takes the form of the
    /// operation's family.
    pub(super) fn render(&self, family: Family, wants_json: bool, request_id: &str) -> Rendered {
        match &self.result {
            Ok(body) => Rendered { status: 200, content_type: JSON, body: body.clone() },
            Err(refusal) => {
                let (content_type, body) =
                    error_body::render(refusal, family, wants_json, request_id);
                Rendered { status: refusal.code.status(), content_type, body }
            }
        }
    }
}

impl Rendered {
    /// The response with the headers that every answer has: its type, the request id (DECISION U-30),
    /// and the date, which is simulated like every other time.
    pub(super) fn respond(self, request_id: &str, now: SimTime) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, self.content_type))
            .insert_header((header::DATE, time::http_date(now.as_millis())))
            .insert_header(("x-request-id", request_id))
            .body(self.body)
    }
}

/// The text of a JSON body.
pub(super) fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("response bodies hold only what JSON can say")
}
