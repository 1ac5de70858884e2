//! What becomes of an answer when a rule strikes the wire.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::web::Bytes;

use super::body::{Dispatch, NoBody, Pace, Slow, Truncated};
use super::call::Call;
use crate::api::Code;
use crate::faults::{self, AnswerContent, Effect, Verdict};
use crate::journal::Delivery;
use crate::seed::Subject;

/// What comes in place of the service's own answer.
pub(super) enum Takeover {
    /// Another answer.
    Answer(faults::Answer),
    /// The connection ends, in one way or another.
    Cut(Delivery),
    /// Nothing, for ever.
    NeverAnswer,
}

impl Takeover {
    /// What a verdict puts in place of an answer, if it does.
    pub(super) fn of(verdict: &Verdict) -> Option<Self> {
        match &verdict.winner.as_ref()?.effect {
            Effect::Answer(answer) => Some(Self::Answer(answer.clone())),
            Effect::RateLimit(_) => {
                let content = AnswerContent::Code(Code::Throttled);
                Some(Self::Answer(faults::Answer { content, retry_after: None }))
            }
            Effect::Reset => Some(Self::Cut(Delivery::Reset)),
            Effect::Close => Some(Self::Cut(Delivery::Closed)),
            Effect::Garbage => Some(Self::Cut(Delivery::Garbage)),
            Effect::NeverAnswer => Some(Self::NeverAnswer),
            _ => None,
        }
    }
}

/// How an answer that leaves is deformed.
#[derive(Default)]
pub(super) struct Shape {
    /// Where it breaks off, for every rule that wants it to; the first place counts.
    breaks: Vec<Option<u64>>,
    /// How fast it comes.
    pace: Option<Pace>,
}

impl Shape {
    /// Adds what a verdict does to the answer. What several points do all happens, as on a way of several
    /// links: the answer breaks off where it first would and is as slow as its slowest link.
    pub(super) fn add(&mut self, verdict: &Verdict) {
        let pace = match verdict.winner.as_ref().map(|rule| &rule.effect) {
            Some(Effect::Truncate { after_bytes }) => return self.breaks.push(*after_bytes),
            Some(Effect::Dribble { bytes, every }) => {
                Pace { piece: *bytes as usize, pause: *every }
            }
            Some(Effect::Bandwidth { bytes_per_second }) => Pace::of_bandwidth(*bytes_per_second),
            _ => return,
        };
        if self.pace.is_none_or(|other| pace.is_slower_than(other)) {
            self.pace = Some(pace);
        }
    }

    /// Whether the answer just leaves.
    pub(super) const fn is_plain(&self) -> bool {
        self.breaks.is_empty() && self.pace.is_none()
    }

    /// Whether the answer leaves bit by bit.
    pub(super) const fn takes_time(&self) -> bool {
        self.pace.is_some()
    }

    /// How an answer with a body of this length gets to the client in this shape.
    pub(super) fn delivery(&self, length: usize) -> Delivery {
        let broken = self.breaks.iter().map(|after_bytes| truncated(length, *after_bytes));
        broken.min_by_key(|delivery| sent(*delivery)).unwrap_or(Delivery::Answered)
    }

    /// Deforms the answer.
    pub(super) fn apply(
        &self,
        response: HttpResponse,
        body: Bytes,
        call: &Call<'_>,
    ) -> HttpResponse {
        let delivery = self.delivery(body.len());
        let pace = self.pace.filter(|_| !body.is_empty());
        let slow = |body: Bytes, pace| {
            let dispatch = Dispatch {
                shared: Arc::clone(&call.state.shared),
                generation: call.generation,
                shard: call.state.shard,
                subject: Subject::Call(call.key),
                busy: call.busy(),
            };
            Slow::new(body, pace, dispatch, Rc::clone(&call.connection))
        };
        match (delivery, pace) {
            (Delivery::Answered, None) => response,
            (Delivery::Answered, Some(pace)) => with(response, slow(body, pace)),
            (Delivery::Truncated { sent }, pace) => {
                let sent = usize::try_from(sent).unwrap_or(usize::MAX);
                let (announced, start) = (body.len() as u64, body.slice(..sent.min(body.len())));
                let response = match pace {
                    None => with(response, Truncated::new(start, announced)),
                    Some(pace) => with(response, Truncated::new(slow(start, pace), announced)),
                };
                told(response, delivery)
            }
            (other, _) => call.cut(other),
        }
    }
}

/// At least the last byte is missing; of an empty body nothing can be, so the connection ends before it.
fn truncated(length: usize, after_bytes: Option<u64>) -> Delivery {
    match length as u64 {
        0 => Delivery::Closed,
        length => Delivery::Truncated { sent: after_bytes.unwrap_or(length / 2).min(length - 1) },
    }
}

/// How much of a body a client gets.
const fn sent(delivery: Delivery) -> u64 {
    match delivery {
        Delivery::Truncated { sent } => sent,
        _ => 0,
    }
}

fn with(response: HttpResponse, body: impl MessageBody + 'static) -> HttpResponse {
    response.set_body(body).map_into_boxed_body()
}

/// A response that makes the server close the connection with nothing sent.
pub(super) fn cut(delivery: Delivery) -> HttpResponse {
    let response = HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR);
    told(response.set_body(BoxBody::new(NoBody)), delivery)
}

/// Tells the in-process client, who has no socket to see it on, what became of the answer.
fn told(mut response: HttpResponse, delivery: Delivery) -> HttpResponse {
    response.extensions_mut().insert(delivery);
    response
}
