//! The way of a request: route, body, work, journal, answer.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::answer::{Answer, json};
use super::{BATCH_PATH, ShardState, batch, jobs, members, request};
use crate::api::operation::Family;
use crate::api::{Code, Operation, ProjectId, Refusal};
use crate::domain::caller::{self, Credentials};
use crate::domain::job_table::JobSnapshot;
use crate::domain::job_view;
use crate::journal::{CallRecord, Event, KeptBody};
use crate::seed::{self, Subject, What};

/// Serves one request of a known operation.
pub(super) async fn serve(
    operation: Operation,
    http: &HttpRequest,
    payload: Payload,
    state: &ShardState,
) -> HttpResponse {
    let credentials = request::credentials(http);
    match operation {
        Operation::AddMembers | Operation::DeleteMembers | Operation::UpdateMembers => {
            match request::body(http, payload, &state.shared).await {
                Ok(body) => {
                    let bytes = body.bytes.clone();
                    let answer = batch::submit(operation, credentials, bytes, state).await;
                    finish(operation, http, &body.bytes, answer, state)
                }
                Err(code) => {
                    let target = seed::hash_of(request::target(http));
                    let token = state.token(&credentials).ok();
                    let project = token.and_then(|token| token.project);
                    let answer = state.refuse(project, operation, target, code.into());
                    finish(operation, http, &[], answer, state)
                }
            }
        }
        Operation::ShowJob => {
            let view = |job: &JobSnapshot| json(&job_view::with_results(job));
            let answer = jobs::show(operation, &credentials, http.match_info(), state, view).await;
            finish(operation, http, &[], answer, state)
        }
        Operation::ShowJobProgress => {
            let view = |job: &JobSnapshot| json(&job_view::with_progress(job));
            let answer = jobs::show(operation, &credentials, http.match_info(), state, view).await;
            finish(operation, http, &[], answer, state)
        }
        Operation::Unknown => unknown(http, state, Code::ApiNotFound),
        Operation::ListMembers => {
            let answer = members::list(&credentials, http.match_info(), state);
            finish(operation, http, &[], answer, state)
        }
        Operation::ShowMember => {
            let answer = members::show(&credentials, http.match_info(), state);
            finish(operation, http, &[], answer, state)
        }
    }
}

/// Answers a request that matches no route, without looking at who calls.
pub(super) fn unknown(http: &HttpRequest, state: &ShardState, code: Code) -> HttpResponse {
    let target = seed::hash_of(&(http.method().as_str(), request::target(http)));
    let answer = state.refuse(None, Operation::Unknown, target, code.into());
    finish(Operation::Unknown, http, &[], answer, state)
}

/// Gives the answer its form and records it; then it may leave.
fn finish(
    operation: Operation,
    http: &HttpRequest,
    body: &[u8],
    answer: Answer,
    state: &ShardState,
) -> HttpResponse {
    let shared = &state.shared;
    let now = shared.clock.now();
    let request_id = format!("{:032x}", shared.seed.draw(What::RequestId, &answer.call).bits());
    let family = operation.family();
    let wants_json = family == Family::Native && request::wants_json(http);
    let rendered = answer.render(family, wants_json, &request_id);
    let record = CallRecord {
        operation,
        method: kept(http.method().as_str()),
        target: kept(request::target(http)),
        project: answer.project,
        request: KeptBody::new(body),
        status: rendered.status,
        refusal: answer.result.as_ref().err().map(|refusal| refusal.code),
        answer: KeptBody::new(rendered.body.as_bytes()),
        job: answer.job,
    };
    let event = Event::Call(Arc::new(record));
    shared.record(state.shard, now, Subject::Call(answer.call), event);
    rendered.respond(&request_id, now)
}

/// A text to keep; the commonest ones are borrowed, since every call is recorded.
fn kept(text: &str) -> Cow<'static, str> {
    const COMMON: [&str; 5] = ["GET", "DELETE", "POST", "PUT", BATCH_PATH];
    match COMMON.into_iter().find(|common| *common == text) {
        Some(common) => Cow::Borrowed(common),
        None => Cow::Owned(text.to_owned()),
    }
}

/// Who calls, as far as the token tells, and whether he may.
pub(super) struct Caller {
    /// The project of the token, if the token counts.
    pub(super) project: Option<ProjectId>,
    /// The project that the call is made for, or why it is refused.
    pub(super) allowed: Result<ProjectId, Code>,
}

impl ShardState {
    /// Finds out who calls, and whether he may call this operation.
    pub(super) fn caller(&self, operation: Operation, credentials: &Credentials) -> Caller {
        let token = self.token(credentials);
        let project = token.ok().and_then(|token| token.project);
        Caller { project, allowed: token.and_then(|token| caller::authorize(token, operation)) }
    }

    /// The token that a request brings.
    pub(super) fn token(&self, credentials: &Credentials) -> Result<&caller::Token, Code> {
        caller::authenticate(&self.shared.world, credentials, self.shared.clock.now())
    }

    /// The refusal of a request that has no key yet.
    pub(super) fn refuse(
        &self,
        project: Option<ProjectId>,
        operation: Operation,
        target: u128,
        refusal: Refusal,
    ) -> Answer {
        let call = self.shared.call_key(project, operation, target);
        Answer { call, project, job: None, result: Err(refusal) }
    }
}
