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
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Truncate { after_bytes: Option<u64> },
    Slow(Pace),
}

impl Shape {
    /// How a verdict deforms the answer, if it does.
    pub(super) fn of(verdict: &Verdict) -> Option<Self> {
        match verdict.winner.as_ref()?.effect {
            Effect::Truncate { after_bytes } => Some(Self::Truncate { after_bytes }),
            Effect::Dribble { bytes, every } => {
                Some(Self::Slow(Pace { piece: bytes as usize, pause: every }))
            }
            Effect::Bandwidth { bytes_per_second } => {
                Some(Self::Slow(Pace::of_bandwidth(bytes_per_second)))
            }
            _ => None,
        }
    }

    /// How the answer gets to the client in this shape.
    pub(super) fn delivery(self, length: usize) -> Delivery {
        match self {
            Self::Truncate { after_bytes } => truncated(length, after_bytes),
            Self::Slow(_) => Delivery::Answered,
        }
    }

    /// Deforms the answer.
    pub(super) fn apply(
        self,
        response: HttpResponse,
        body: Bytes,
        call: &Call<'_>,
    ) -> HttpResponse {
        match self {
            Self::Truncate { after_bytes } => {
                let delivery = truncated(body.len(), after_bytes);
                match delivery {
                    Delivery::Truncated { sent } => {
                        let sent = usize::try_from(sent).unwrap_or(usize::MAX);
                        told(with(response, Truncated::new(&body, sent)), delivery)
                    }
                    other => cut(other),
                }
            }
            Self::Slow(_) if body.is_empty() => response,
            Self::Slow(pace) => {
                let dispatch = Dispatch {
                    shared: Arc::clone(&call.state.shared),
                    generation: call.generation,
                    shard: call.state.shard,
                    subject: Subject::Call(call.key),
                    busy: call.busy(),
                };
                with(response, Slow::new(body, pace, dispatch, Rc::clone(&call.connection)))
            }
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
