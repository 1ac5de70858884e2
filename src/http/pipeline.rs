//! The way of a request: connection, body, `request` faults, work, `response` faults, journal, answer.

use std::borrow::Cow;
use std::rc::Rc;

use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use super::answer::{Answer, Rendered};
use super::asked::Progress;
use super::call::Call;
use super::connection::Connection;
use super::headers::Dates;
use super::outcome::{Shape, Takeover};
use super::pieces::Pieces;
use super::request::{self, Body};
use super::{
    BATCH_PATH, ShardState, Wanted, batch, credentials, delete_image, identity, images, jobs,
    members, schemas, versions,
};
use crate::api::operation::Family;
use crate::api::{Code, Operation};
use crate::clock::{SimDuration, SimTime, Stopwatch};
use crate::faults::{Point, Verdict};
use crate::journal::{CallRecord, Delivery, KeptBody};
use crate::seed::{Subject, What};

/// Serves one request.
pub(super) async fn serve(
    wanted: Wanted<'_>,
    http: &HttpRequest,
    pieces: Pieces,
    state: &ShardState,
) -> HttpResponse {
    let Wanted { dates, operation, path, unknown } = wanted;
    let connection = connection_of(http, state);
    // A request has arrived when all of it has; until then it would only hold the clock.
    let body = if operation.takes_body() || request::announces_body(operation, http) {
        request::body(http, pieces, &state.shared).await
    } else {
        Ok(Body::default())
    };
    let begun = state.shared.clock.stopwatch();
    let busy = state.shared.clock.arrive(state.shard).await;
    let progress = Progress::new(&state.shared);
    let call = Call::identify((operation, path), http, body, connection, state, busy);
    let mut underway =
        UnderWay { call, dates, answer: Answer::nothing(), progress, begun, recorded: false };
    let response = underway.run(unknown).await;
    if underway.call.is_past() {
        return underway.call.cut(Delivery::Closed);
    }
    if operation.queries_job() {
        state.shared.clock.poll_answered();
    }
    response
}

/// The connection that a request came on. In process every request has one of its own.
fn connection_of(http: &HttpRequest, state: &ShardState) -> Rc<Connection> {
    match http.conn_data::<Rc<Connection>>() {
        Some(connection) => Rc::clone(connection),
        None => Connection::new(&state.shared, None, None),
    }
}

/// A call that is being served. If it is dropped before its end, because the client went away or the
/// server stops, the journal says so.
struct UnderWay<'a> {
    call: Call<'a>,
    dates: &'a Dates,
    /// The service's own answer, once the work is done.
    answer: Answer,
    progress: Progress,
    /// When all of the request was there.
    begun: Stopwatch,
    recorded: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.recorded {
            self.give_up();
        }
    }
}

impl UnderWay<'_> {
    /// The whole way, from the faults of the connection to the answer.
    async fn run(&mut self, unknown: Code) -> HttpResponse {
        let (connection, state) = (Rc::clone(&self.call.connection), self.call.state);
        let verdict = connection.verdict(&state.shared, state.shard);
        // Most connections are not delayed, and then nobody need look what time it is.
        let left = match verdict.delay {
            SimDuration::ZERO => SimDuration::ZERO,
            delay => (connection.opened(&state.shared) + delay) - state.shared.clock.now(),
        };
        self.progress.waits(left);
        if left > SimDuration::ZERO && !self.call.wait(left).await {
            return self.give_up();
        }
        let mut shape = Shape::default();
        shape.add(&verdict);
        if let Some(takeover) = Takeover::of(&verdict) {
            return self.take_over(takeover, &shape).await;
        }
        let verdict = self.call.ask(Point::Request);
        self.progress.waits(verdict.delay);
        if !self.wait_for(&verdict).await {
            return self.give_up();
        }
        shape.add(&verdict);
        if let Some(takeover) = Takeover::of(&verdict) {
            return self.take_over(takeover, &shape).await;
        }
        self.progress.works(&state.shared);
        self.answer = self.work(unknown).await;
        if let Err(refusal) = &mut self.answer.result
            && refusal.code == Code::SignatureWrong
        {
            *refusal = self.call.credentials.refusal(refusal.code);
        }
        self.note_submission();
        let verdict = self.call.ask(Point::Response);
        self.progress.answer_waits(verdict.delay);
        if !self.wait_for(&verdict).await {
            return self.give_up();
        }
        if let Some(takeover) = Takeover::of(&verdict) {
            return self.take_over(takeover, &shape).await;
        }
        shape.add(&verdict);
        self.deliver(&shape)
    }

    async fn wait_for(&mut self, verdict: &Verdict) -> bool {
        let delays = verdict.fired.iter().any(|rule| rule.effect.adds_up());
        !delays || self.call.wait(verdict.delay).await
    }

    /// The service's own answer.
    async fn work(&mut self, unknown: Code) -> Answer {
        if let Some(code) = self.call.unread {
            return Answer::refusal(code.into());
        }
        match self.call.operation {
            Operation::AddMembers | Operation::DeleteMembers | Operation::UpdateMembers => {
                batch::submit(&mut self.call).await
            }
            Operation::ShowJob | Operation::ShowJobProgress => jobs::show(&mut self.call).await,
            Operation::ListMembers
            | Operation::ShowMember
            | Operation::ListMembersLater
            | Operation::ShowMemberLater => members::read(&mut self.call),
            Operation::AddMember | Operation::UpdateMember | Operation::DeleteMember => {
                members::change(&self.call)
            }
            Operation::ListCloudImages
            | Operation::ListImages
            | Operation::ShowImage
            | Operation::ShowQuota => images::read(&mut self.call),
            Operation::DeleteImage => delete_image::delete(&self.call),
            Operation::ShowSchema => schemas::show(&self.call),
            Operation::ListVersions | Operation::ShowVersion => versions::show(&self.call),
            Operation::ShowIdentityVersion
            | Operation::CreateToken
            | Operation::ShowToken
            | Operation::ListProjects
            | Operation::ShowProject => identity::serve(&mut self.call),
            Operation::Unknown => Answer::refusal(unknown.into()),
        }
    }

    /// A job begins when its front gets to it, and a token when it is given out, which on a busy machine is a
    /// moment later.
    fn note_submission(&mut self) {
        if let Some((_, at)) = self.call.issued {
            self.progress.works_at(at);
        }
        let submits = self.call.operation.job_type().is_some();
        if let Some((job, _)) = self.answer.job.filter(|_| submits) {
            self.progress.works_at(SimTime::from_millis(job.submitted_ms()));
        }
    }

    /// Something else happens in place of an answer, whose work may have been done. What the outer points
    /// do to the body they do to an injected one, too.
    async fn take_over(&mut self, takeover: Takeover, shape: &Shape) -> HttpResponse {
        match takeover {
            Takeover::Answer(injected) => {
                let request_id = self.request_id();
                let (family, wants_json) = self.form();
                let rendered = Rendered::injected(&injected, family, wants_json, &request_id);
                self.leave(rendered, injected.code(), shape, &request_id)
            }
            Takeover::Cut(wanted) => {
                let connection = Rc::clone(&self.call.connection);
                let delivery = connection.struck().unwrap_or(connection.possible(wanted));
                self.record(&Rendered::nothing(), None, delivery);
                // Answers to earlier requests of a pipeline leave when this one gives way.
                tokio::task::yield_now().await;
                match delivery {
                    _ if self.call.shares_connection() => {}
                    Delivery::Reset => connection.reset(),
                    Delivery::Garbage => connection.send_garbage(),
                    _ => connection.end(),
                }
                self.call.cut(delivery)
            }
            Takeover::NeverAnswer => {
                let delivery = self.call.connection.possible(Delivery::Unanswered);
                // Nobody knows when it ends, so the journal hears of it when it begins.
                self.record(&Rendered::nothing(), None, delivery);
                self.call.hang().await;
                self.call.cut(delivery)
            }
        }
    }

    /// Gives the answer its form and lets it leave.
    fn deliver(&mut self, shape: &Shape) -> HttpResponse {
        let request_id = self.request_id();
        let (family, wants_json) = self.form();
        let rendered = self.answer.render(family, wants_json, &request_id);
        let refusal = self.answer.result.as_ref().err().map(|refusal| refusal.code);
        self.leave(rendered, refusal, shape, &request_id)
    }

    /// Records what is said in place of an answer, or as it, and lets it leave.
    fn leave(
        &mut self,
        rendered: Rendered,
        refusal: Option<Code>,
        shape: &Shape,
        request_id: &str,
    ) -> HttpResponse {
        if let Some(delivery) = self.call.connection.struck() {
            self.record(&Rendered::nothing(), None, delivery);
            return self.call.cut(delivery);
        }
        if shape.is_plain() {
            let now = self.record(&rendered, refusal, Delivery::Answered);
            return self.respond(rendered, request_id, now);
        }
        if shape.takes_time() {
            self.progress.lasts();
        }
        // The answer to HEAD is a head, whatever body it tells of.
        let is_head = self.call.http.method() == Method::HEAD;
        let body = if is_head { Bytes::new() } else { rendered.body.clone().into() };
        let now = self.record(&rendered, refusal, shape.delivery(body.len()));
        let response = self.respond(rendered, request_id, now);
        shape.apply(response, body, &self.call)
    }

    /// The client gave up while a rule delayed the call, or another call on its connection was struck.
    fn give_up(&mut self) -> HttpResponse {
        let delivery = self.call.connection.struck().unwrap_or(Delivery::GivenUp);
        self.record(&Rendered::nothing(), None, delivery);
        self.call.cut(delivery)
    }

    fn respond(&self, rendered: Rendered, request_id: &str, now: SimTime) -> HttpResponse {
        let date = self.dates.at(now);
        rendered.respond(request_id, date, &self.call.fired)
    }

    fn request_id(&self) -> String {
        let drawn = self.call.state.shared.seed.draw(What::RequestId, &self.call.key);
        Uuid::from_u128(drawn.bits()).simple().to_string()
    }

    /// The family of the operation, and whether its errors are asked for as JSON.
    fn form(&self) -> (Family, bool) {
        let family = self.call.operation.family();
        (family, family == Family::Native && request::wants_json(self.call.http))
    }

    /// Puts the call into the journal; it is there before the answer leaves. Says when that was.
    fn record(
        &mut self,
        rendered: &Rendered,
        refusal: Option<Code>,
        delivery: Delivery,
    ) -> SimTime {
        self.recorded = true;
        let (call, shared) = (&self.call, &self.call.state.shared);
        if call.is_past() {
            return shared.clock.now();
        }
        let sent = match call.operation {
            Operation::CreateToken => Cow::Owned(identity::masked(&call.body.bytes)),
            _ => Cow::Borrowed(&call.body.bytes[..]),
        };
        let answer = credentials::masked(call.http, refusal, &rendered.body);
        let record = CallRecord {
            operation: call.operation,
            method: kept(call.http.method().as_str()),
            target: kept(request::target(call.http)),
            project: call.project,
            request: KeptBody::new(&sent),
            status: rendered.status,
            refusal,
            answer: KeptBody::new(answer.as_bytes()),
            job: self.answer.job,
            delivery,
            asked: self.progress.asked(call),
        };
        let bodies = (&*sent, answer.as_bytes());
        let (shard, (now, took)) = (call.state.shard, shared.clock.now_and_since(self.begun));
        if delivery != Delivery::Unanswered {
            shared.meters.called(shard, call.operation, took);
        }
        shared.record_call(shard, now, Subject::Call(call.key), record, bodies);
        now
    }
}

/// A text to keep; the commonest ones are borrowed, since every call is recorded.
fn kept(text: &str) -> Cow<'static, str> {
    const COMMON: [&str; 5] = ["GET", "DELETE", "POST", "PUT", BATCH_PATH];
    match COMMON.into_iter().find(|common| *common == text) {
        Some(common) => Cow::Borrowed(common),
        None => Cow::Owned(text.to_owned()),
    }
}
