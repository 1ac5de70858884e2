//! The kinds of events, by the names that they have in the trace.

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum EventKind {
    /// A request was answered.
    Call,
    /// A batch became a job.
    JobAccepted,
    /// A job left `INIT`.
    JobStarted,
    /// A job ended.
    JobEnded,
    /// A rule fired.
    FaultFired,
    /// A rule would have fired, but for an earlier one.
    FaultSuperseded,
    /// A worker died.
    WorkerDied,
    /// A pair was settled.
    PairSettled,
    /// A native call changed a member.
    MemberChanged,
    /// A native call deleted an image.
    ImageDeleted,
    /// Something was changed by hand, through the admin API.
    Admin,
}

impl EventKind {
    /// Every kind, in the order in which the enum has them.
    pub const ALL: [Self; 11] = [
        Self::Call,
        Self::JobAccepted,
        Self::JobStarted,
        Self::JobEnded,
        Self::FaultFired,
        Self::FaultSuperseded,
        Self::WorkerDied,
        Self::PairSettled,
        Self::MemberChanged,
        Self::ImageDeleted,
        Self::Admin,
    ];

    /// The word in the trace.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::JobAccepted => "job_accepted",
            Self::JobStarted => "job_started",
            Self::JobEnded => "job_ended",
            Self::FaultFired => "fault_fired",
            Self::FaultSuperseded => "fault_superseded",
            Self::WorkerDied => "worker_died",
            Self::PairSettled => "pair_settled",
            Self::MemberChanged => "member_changed",
            Self::ImageDeleted => "image_deleted",
            Self::Admin => "admin",
        }
    }
}
