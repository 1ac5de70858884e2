//! What the admin API answers. People read it with curl, so it is indented and ends with a line break.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::Serialize;

use super::Answered;
use crate::api::error_body::{HTML, JSON};
use crate::api::time;
use crate::clock::SimTime;

/// An answer.
pub(super) struct Reply {
    status: StatusCode,
    content_type: &'static str,
    body: String,
    /// A header that belongs to the status.
    header: Option<(header::HeaderName, String)>,
}

impl Reply {
    /// 200 with this body.
    pub(super) fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// An answer with this status and body.
    pub(super) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        let mut body =
            serde_json::to_string_pretty(body).expect("answers hold only what JSON can say");
        body.push('\n');
        Self { status, content_type: JSON, body, header: None }
    }

    /// 200 with a page for people.
    pub(super) const fn html(body: String) -> Self {
        Self { status: StatusCode::OK, content_type: HTML, body, header: None }
    }

    /// 200 with a text of this type.
    pub(super) const fn text(content_type: &'static str, body: String) -> Self {
        Self { status: StatusCode::OK, content_type, body, header: None }
    }

    /// The same for somebody in the same process.
    pub(super) fn answered(self) -> Answered {
        Answered { status: self.status.as_u16(), body: self.body }
    }

    /// The response; its date is simulated like every other time.
    pub(super) fn respond(self, now: SimTime) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response
            .insert_header((header::CONTENT_TYPE, self.content_type))
            .insert_header((header::DATE, time::http_date(now.as_millis())));
        if let Some(header) = self.header {
            response.insert_header(header);
        }
        response.body(self.body)
    }
}

/// Why a request is refused. It has one form, whatever the endpoint.
#[derive(Debug)]
pub(super) struct AdminError {
    status: StatusCode,
    body: ErrorBody,
    header: Option<(header::HeaderName, String)>,
}

/// The form of an error.
#[derive(Debug, Serialize)]
pub(super) struct ErrorBody {
    /// The path in the body, or the query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
    /// What was found, and what would be right.
    pub(super) message: String,
}

impl AdminError {
    /// A refusal that is about no place in the body or the query.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let body = ErrorBody { at: None, message: message.into() };
        Self { status, body, header: None }
    }

    /// 400 about a place in the body or a query parameter.
    pub(super) fn at(place: &str, message: impl Into<String>) -> Self {
        Self::about(StatusCode::BAD_REQUEST, place, message)
    }

    /// A refusal about a place in what was sent, which is left out if it is empty.
    pub(super) fn about(status: StatusCode, place: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(status, message);
        error.body.at = (!place.is_empty()).then(|| place.to_owned());
        error
    }

    /// The same with a header that belongs to the status.
    pub(super) fn with_header(mut self, name: header::HeaderName, value: String) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(super) fn into_reply(self) -> Reply {
        #[derive(Serialize)]
        struct Body {
            error: ErrorBody,
        }
        let mut reply = Reply::new(self.status, &Body { error: self.body });
        reply.header = self.header;
        reply
    }
}
