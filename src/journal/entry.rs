//! The entries of the journal.

use std::borrow::Cow;
use std::sync::Arc;

use super::EventKind;
use crate::api::job::{JobState, PairOutcome};
use crate::api::{Code, ImageId, JobId, Operation, ProjectId};
use crate::clock::SimTime;
use crate::domain::AskedPairs;
use crate::domain::rules::Change;
use crate::faults::{EffectKind, Point};
use crate::seed::{JobKey, Subject};

/// Longer bodies are cut to this many bytes.
pub(super) const LONGEST_BODY_KEPT: usize = 16 * 1024;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, in simulated time.
    pub at: SimTime,
    /// To whom.
    pub subject: Subject,
    /// What.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request was answered. Shared, so that whoever reads the journal copies no bodies.
    Call(Arc<CallRecord>),
    /// A batch became a job.
    JobAccepted {
        /// The id that the client got.
        id: JobId,
        /// What it does.
        operation: Operation,
        /// Who submitted it.
        owner: ProjectId,
        /// How many images it has.
        images: u32,
        /// How many projects it has.
        projects: u32,
        /// Which images and projects those are.
        asked: AskedPairs,
    },
    /// A job left `INIT` and its workers started.
    JobStarted,
    /// A job ended.
    JobEnded {
        /// How many pairs failed.
        failed: u32,
        /// The code of the first failed pair; `None` is `SUCCESS`.
        first_failure: Option<Code>,
        /// What queries are told, which a rule may make the opposite.
        reported: JobState,
    },
    /// A rule fired.
    FaultFired(FaultRecord),
    /// A rule would have fired, but an earlier one's effect won.
    FaultSuperseded(FaultRecord),
    /// A worker died.
    WorkerDied {
        /// Its image.
        image: ImageId,
        /// How many of its pairs were settled.
        settled: u32,
        /// The how-manieth restart follows; `None` if none does and the other pairs fail.
        restart: Option<u32>,
    },
    /// A pair was settled.
    PairSettled {
        /// Its image.
        image: ImageId,
        /// Its project.
        project: ProjectId,
        /// What is reported.
        outcome: PairOutcome,
        /// What was done.
        change: Change,
        /// The how-manieth time it was settled; above 1 only where a fault runs work twice.
        pass: u32,
    },
    /// A native call changed a member, which it does at once; its subject is the call. One that changes
    /// nothing leaves no such entry.
    MemberChanged {
        /// The image.
        image: ImageId,
        /// The member.
        project: ProjectId,
        /// What was done.
        change: Change,
    },
    /// A native call deleted an image, and its members vanished with it; its subject is the call.
    ImageDeleted {
        /// The image.
        image: ImageId,
        /// How many members vanished.
        members: u32,
    },
    /// Something was changed by hand, through the admin API: nobody of the service did it.
    Admin {
        /// What was done, a verb and a noun such as `delete_image`.
        action: &'static str,
        /// To what: a name, an id, or a value.
        object: Box<str>,
        /// The request that asked for it, if one did; for recordings alone.
        asked: Option<Arc<AdminRequest>>,
    },
}

/// A rule and where it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// The rule.
    pub rule: Box<str>,
    /// Where it was asked.
    pub point: Point,
    /// What it does.
    pub effect: EffectKind,
    /// The image, where it was asked about one.
    pub image: Option<ImageId>,
}

/// A request to the admin API that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminRequest {
    /// The method.
    pub method: Box<str>,
    /// The path and query as sent.
    pub target: Box<str>,
    /// The body as sent.
    pub body: Box<[u8]>,
}

/// What only a recording needs to know of a request: how to send it again, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The number that the journal's next entry had when the request arrived.
    pub arrived: u64,
    /// The same when its work began: a query saw what all lower entries tell of, and nothing later.
    pub saw: u64,
    /// When it would have arrived if only simulated time had passed until its work began.
    pub at: SimTime,
    /// Whether simulated time passed until its answer was made.
    pub waited: bool,
    /// Whether simulated time passes until all of its answer has left.
    pub lasts: bool,
    /// The token that it brought.
    pub token: SentToken,
    /// The token that it was about.
    pub subject: SentToken,
    /// The hash of the token that it was given.
    pub issued: Option<u128>,
    /// The headers that the service or a rule looks at, without those that may be secret.
    pub headers: Box<[(Box<str>, Box<str>)]>,
}

/// The token of a request, as far as it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentToken {
    /// None.
    None,
    /// One of the world's.
    Known(Box<str>),
    /// One that the world gave out, or does not know and that may be somebody's secret; only its hash is
    /// kept.
    Unknown(u128),
    /// None, but a signature with this access key.
    Signed(Box<str>),
    /// None, but a signature that is wrong.
    WronglySigned,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Which operation was called.
    pub operation: Operation,
    /// The method as sent.
    pub method: Cow<'static, str>,
    /// The path and query as sent.
    pub target: Cow<'static, str>,
    /// The project of the token, if the token is known.
    pub project: Option<ProjectId>,
    /// The body as sent.
    pub request: KeptBody,
    /// The status of the answer.
    pub status: u16,
    /// The row of the error table, if the request was refused.
    pub refusal: Option<Code>,
    /// The body of the answer.
    pub answer: KeptBody,
    /// The job that was submitted or queried.
    pub job: Option<(JobId, JobKey)>,
    /// How the answer went on the wire.
    pub delivery: Delivery,
    /// How to send it again.
    pub asked: Asked,
}

/// How an answer went on the wire: what a client at the other end sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Whole.
    Answered,
    /// Its body broke off.
    Truncated {
        /// Bytes of the body that were sent.
        sent: u64,
    },
    /// The connection was reset instead.
    Reset,
    /// The connection was closed instead, with nothing sent.
    Closed,
    /// What is no HTTP was sent instead.
    Garbage,
    /// None was ever given.
    Unanswered,
    /// The client went away, or the server stopped, before there was one.
    GivenUp,
}

impl Delivery {
    /// The word in the trace and in what steps expect.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Truncated { .. } => "truncated",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Garbage => "garbage",
            Self::Unanswered => "unanswered",
            Self::GivenUp => "given_up",
        }
    }
}

/// A body, or its beginning. It is a copy, since a slice would keep a whole read buffer alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptBody {
    /// Its first bytes.
    pub start: Box<[u8]>,
    /// Its length as sent.
    pub length: usize,
}

impl KeptBody {
    /// Keeps a body, or its first 16 KiB: enough for a batch of 100 images and 100 projects.
    #[must_use]
    pub fn new(body: &[u8]) -> Self {
        Self { start: body[..body.len().min(LONGEST_BODY_KEPT)].into(), length: body.len() }
    }

    /// Keeps all of a body.
    #[must_use]
    pub fn whole(body: &[u8]) -> Self {
        Self { start: body.into(), length: body.len() }
    }

    /// All of the body; `None` if only its beginning was kept.
    #[must_use]
    pub fn all(&self) -> Option<&[u8]> {
        (self.start.len() == self.length).then_some(&*self.start)
    }
}

impl Asked {
    /// How many bytes it keeps of what clients decide the length of.
    fn length(&self) -> usize {
        let named = |token: &SentToken| match token {
            SentToken::Known(name) | SentToken::Signed(name) => name.len(),
            SentToken::None | SentToken::Unknown(_) | SentToken::WronglySigned => 0,
        };
        let tokens = named(&self.token) + named(&self.subject);
        tokens + self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    }
}

impl AdminRequest {
    /// How many bytes it keeps.
    fn length(&self) -> usize {
        self.method.len() + self.target.len() + self.body.len()
    }
}

impl Event {
    /// The job's id, where the event tells it.
    #[must_use]
    pub fn job_id(&self) -> Option<JobId> {
        match self {
            Self::Call(call) => call.job.map(|(id, _)| id),
            Self::JobAccepted { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// What kind of event it is.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Call(_) => EventKind::Call,
            Self::JobAccepted { .. } => EventKind::JobAccepted,
            Self::JobStarted => EventKind::JobStarted,
            Self::JobEnded { .. } => EventKind::JobEnded,
            Self::FaultFired(_) => EventKind::FaultFired,
            Self::FaultSuperseded(_) => EventKind::FaultSuperseded,
            Self::WorkerDied { .. } => EventKind::WorkerDied,
            Self::PairSettled { .. } => EventKind::PairSettled,
            Self::MemberChanged { .. } => EventKind::MemberChanged,
            Self::ImageDeleted { .. } => EventKind::ImageDeleted,
            Self::Admin { .. } => EventKind::Admin,
        }
    }

    /// How many bytes the entry keeps of what others decide the length of: method, target, bodies, names.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        match self {
            Self::Call(call) => {
                let head = call.method.len() + call.target.len() + call.asked.length();
                head + call.request.start.len() + call.answer.start.len()
            }
            Self::Admin { object, asked, .. } => {
                object.len() + asked.as_ref().map_or(0, |asked| asked.length())
            }
            _ => 0,
        }
    }
}
