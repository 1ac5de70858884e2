//! Work that goes wrong on purpose: how a worker treats its pairs, and what a job tells of its end.
//!
//! Nothing here decides that something goes wrong; the actors ask the fault plan and say so here.

use crate::api::Code;

/// How a worker treats the pairs of its image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// It does what it should and reports what it did.
    #[default]
    Faithful,
    /// It does nothing and reports failure; with the code of injected faults if none is named.
    Fail(Option<Code>),
    /// It does nothing and reports success.
    ClaimSuccess,
    /// It does what it should and reports failure; for the code see [`Manner::Fail`].
    ClaimFailure(Option<Code>),
}

/// What a whole job does beside its work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobManner {
    /// It does its work and reports what it did.
    #[default]
    Faithful,
    /// No worker starts, and every pair fails; for the code see [`Manner::Fail`].
    Fail(Option<Code>),
    /// It never leaves `INIT`.
    StuckInInit,
    /// It leaves `INIT`, and no worker starts.
    StuckInRunning,
    /// It is never heard of again.
    Lost,
    /// It does all its work twice.
    RunTwice,
    /// It does its work, and reports the opposite of what came of it.
    ReportOpposite,
}
