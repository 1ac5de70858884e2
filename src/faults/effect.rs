//! What a rule does where it fires.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Point;
use super::bucket::Rate;
use crate::api::Code;
use crate::clock::SimDuration;
use crate::domain::latency::Law;

/// What a rule does where it fires.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Whatever comes next comes later.
    Delay(Law),
    /// The client gets this instead of the service's own answer.
    Answer(Answer),
    /// What goes beyond the rate gets 429 in the gateway's form.
    RateLimit(Rate),
    /// The connection is reset.
    Reset,
    /// The connection is closed and nothing was sent.
    Close,
    /// Bytes that are not HTTP are sent, then the connection is closed.
    Garbage,
    /// The answer breaks off within its body.
    Truncate {
        /// Bytes of the body that are sent; half of it if `None`.
        after_bytes: Option<u64>,
    },
    /// The body comes in small pieces with pauses between them.
    Dribble {
        /// Bytes of a piece.
        bytes: u32,
        /// The pause before each piece.
        every: SimDuration,
    },
    /// The body comes no faster than this.
    Bandwidth {
        /// Bytes in a simulated second.
        bytes_per_second: u32,
    },
    /// No answer ever comes; the connection stays open.
    NeverAnswer,
    /// The job, image or pair fails and nothing is done; with the code that the contract gives to injected
    /// faults if `None`.
    Fail(Option<Code>),
    /// The job or the worker stops to move for ever.
    Stick(Stuck),
    /// The job is accepted, never runs, and is unknown to queries.
    Lose,
    /// The work is done, and then all over again.
    RunTwice,
    /// The job's end is reported as the opposite of what was done.
    ReportOpposite,
    /// The worker dies.
    Crash {
        /// Pairs that it settles before.
        after_pairs: u32,
        /// Whether the supervisor may restart it within its limit.
        restart: bool,
    },
    /// Every pair of the image is reported as a success, and nothing is done.
    ClaimSuccess,
    /// Every pair of the image is done, and reported as failed; for the code see [`Effect::Fail`].
    ClaimFailure(Option<Code>),
    /// The reader sees what was true so long ago.
    Stale(SimDuration),
}

/// Where a job stops to move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Stuck {
    /// In `INIT`.
    Init,
    #[default]
    /// In `RUNNING`; the only way in which an image worker can be stuck.
    Running,
}

/// An answer that the service did not give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub content: AnswerContent,
    /// The value of `Retry-After`, in whole seconds.
    pub retry_after: Option<u64>,
}

impl Answer {
    /// The row of the error table that it says, if it says one.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self.content {
            AnswerContent::Code(code) => Some(code),
            AnswerContent::Own { .. } => None,
        }
    }
}

/// What an injected answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerContent {
    /// A row of the error table, in the form that the operation's family has.
    Code(Code),
    /// Anything at all.
    Own {
        /// The status.
        status: u16,
        /// Headers beside those that every answer has; a `content-type` replaces the usual one.
        headers: Vec<(Box<str>, Box<str>)>,
        /// The body.
        body: Box<str>,
    },
}

/// Writes the kinds of effects, their names and the points where they may stand from one table.
macro_rules! effect_kinds {
    ($( $kind:ident = ($name:literal, [$($point:ident)*]); )*) => {
        /// The kinds of effects, without what each needs to know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EffectKind {
            $( #[doc = concat!("`", $name, "`; see [`Effect`].")] $kind, )*
        }

        impl EffectKind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[ $( Self::$kind, )* ];

            /// The key in a rule's `effect`, and the word in the trace.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$kind => $name, )* }
            }

            /// The points where a rule with this effect may stand.
            #[must_use]
            pub const fn points(self) -> &'static [Point] {
                match self { $( Self::$kind => &[ $( Point::$point, )* ], )* }
            }
        }
    };
}

effect_kinds! {
    Delay = ("delay", [Connection Request Response Job Image Pair]);
    Answer = ("answer", [Connection Request Response]);
    RateLimit = ("rate_limit", [Connection Request Response]);
    Reset = ("reset", [Connection Request Response]);
    Close = ("close", [Connection Request Response]);
    Garbage = ("garbage", [Connection Request Response]);
    Truncate = ("truncate", [Connection Request Response]);
    Dribble = ("dribble", [Connection Request Response]);
    Bandwidth = ("bandwidth", [Connection Request Response]);
    NeverAnswer = ("never_answer", [Connection Request Response]);
    Fail = ("fail", [Job Image Pair]);
    Stick = ("stick", [Job Image]);
    Lose = ("lose", [Job]);
    RunTwice = ("run_twice", [Job Image]);
    ReportOpposite = ("report_opposite", [Job]);
    Crash = ("crash", [Image]);
    ClaimSuccess = ("claim_success", [Image]);
    ClaimFailure = ("claim_failure", [Image]);
    Stale = ("stale", [Read]);
}

impl Effect {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> EffectKind {
        match self {
            Self::Delay(_) => EffectKind::Delay,
            Self::Answer(_) => EffectKind::Answer,
            Self::RateLimit(_) => EffectKind::RateLimit,
            Self::Reset => EffectKind::Reset,
            Self::Close => EffectKind::Close,
            Self::Garbage => EffectKind::Garbage,
            Self::Truncate { .. } => EffectKind::Truncate,
            Self::Dribble { .. } => EffectKind::Dribble,
            Self::Bandwidth { .. } => EffectKind::Bandwidth,
            Self::NeverAnswer => EffectKind::NeverAnswer,
            Self::Fail(_) => EffectKind::Fail,
            Self::Stick(_) => EffectKind::Stick,
            Self::Lose => EffectKind::Lose,
            Self::RunTwice => EffectKind::RunTwice,
            Self::ReportOpposite => EffectKind::ReportOpposite,
            Self::Crash { .. } => EffectKind::Crash,
            Self::ClaimSuccess => EffectKind::ClaimSuccess,
            Self::ClaimFailure(_) => EffectKind::ClaimFailure,
            Self::Stale(_) => EffectKind::Stale,
        }
    }

    /// Whether several of its kind add up; of all others, the first in the list wins.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        matches!(self, Self::Delay(_))
    }
}
