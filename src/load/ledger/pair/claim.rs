//! A change that somebody asked for: what it leaves behind, how sure it is, and who made it.

use super::super::{Deed, Micros, Promise};
use super::possible::Possible;
use crate::api::{JobId, MemberStatus, Operation};

/// What a change leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load::ledger) enum Effect {
    /// A share that is accepted stays, any other is `pending`.
    Share,
    /// The share is gone.
    Withdraw,
    /// The share has this status.
    Set(MemberStatus),
}

/// How sure it is that a change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load::ledger) enum Surety {
    /// It was told.
    Sure,
    /// Nobody told.
    Perhaps,
    /// The opposite was told.
    Failed,
}

/// Who makes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::load) enum By {
    /// A job.
    Job(JobId),
    /// A call without a job, or one of whose job nobody told.
    Call(Operation),
}

/// A change that somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) struct Claim {
    pub(in crate::load::ledger) sent: Micros,
    pub(in crate::load::ledger) known: Micros,
    pub(in crate::load::ledger) effect: Effect,
    pub(in crate::load::ledger) surety: Surety,
    /// Who.
    pub(in crate::load) by: By,
    /// Whether a fault rule may have made up the answer that told of it.
    pub(in crate::load) struck: bool,
}

impl Effect {
    /// What an operation does to each of its pairs; `None` if it changes no membership.
    pub(in crate::load::ledger) fn of(
        operation: Operation,
        status: Option<MemberStatus>,
    ) -> Option<Self> {
        match operation {
            Operation::AddMembers => Some(Self::Share),
            // It is refused for those that are members, so it finds none.
            Operation::AddMember => Some(Self::Set(MemberStatus::Pending)),
            Operation::DeleteMembers | Operation::DeleteMember => Some(Self::Withdraw),
            Operation::UpdateMembers | Operation::UpdateMember => status.map(Self::Set),
            _ => None,
        }
    }

    /// What it leaves behind, if that does not depend on what was there.
    pub(super) const fn fixed(self) -> Option<Possible> {
        match self {
            Self::Share => None,
            Self::Withdraw => Some(Possible::only(None)),
            Self::Set(status) => Some(Possible::only(Some(status))),
        }
    }
}

impl By {
    pub(in crate::load::ledger) fn of(deed: &Deed) -> Self {
        match &deed.promise {
            Promise::Ended { job, .. } | Promise::Open { job } => Self::Job(*job),
            Promise::Refused | Promise::Ambiguous | Promise::Done => Self::Call(deed.operation),
        }
    }
}

impl Claim {
    /// When it was sent.
    pub(in crate::load) const fn sent(&self) -> Micros {
        self.sent
    }

    /// The job, or the call with the time at which it was sent.
    pub(in crate::load) fn name(&self) -> String {
        match self.by {
            By::Job(job) => job.to_string(),
            By::Call(operation) => {
                let millis = self.sent / 1_000;
                let (seconds, millis) = (millis / 1_000, millis % 1_000);
                format!("{} at {seconds}.{millis:03} s", operation.name())
            }
        }
    }
}
