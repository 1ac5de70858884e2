//! Where steps are carried out: in the service in process, in virtual time, or on a server that somebody
//! else started, in real time.

use super::compare::{Exactness, Times};
use super::target::Target;
use super::wire::Seen;
use crate::clock::{Busy, SimDuration, SimTime};
use crate::http::admin::PREFIX;
use crate::scenario::Names;
use crate::scenario::expect::{Expect, Outcome};
use crate::scenario::named::Named;
use crate::scenario::step::StepEntry;
use crate::scenario::values::ValueSource;
use crate::seed::Subject;
use crate::simulator::virtual_run::{VirtualRequest, VirtualService};

/// Where steps are carried out.
pub(super) enum Stage {
    /// In process.
    Virtual(VirtualService),
    /// On a server.
    Target(Box<Target>),
}

/// The host of the service in virtual time, which it also names where a request names none.
const VIRTUAL_HOST: &str = "localhost:8080";

/// The steps of a scenario belong to no shard; their tokens are taken from this one.
const FIRST_SHARD: u8 = 0;

/// Whether a step asks what only the admin API can answer.
pub(super) fn needs_the_inside(step: &StepEntry) -> bool {
    match step {
        StepEntry::AdvanceClock(_)
        | StepEntry::ChangeFaults(_)
        | StepEntry::ChangeWorld(_)
        | StepEntry::Look(_) => true,
        StepEntry::Request(step) => step.path.starts_with(PREFIX),
        _ => false,
    }
}

impl Stage {
    /// What things are called.
    pub(super) fn names(&self) -> &Names {
        match self {
            Self::Virtual(service) => &service.names,
            Self::Target(target) => target.names(),
        }
    }

    /// The time by which steps go.
    pub(super) fn now(&self) -> SimTime {
        match self {
            Self::Virtual(service) => service.shared.clock.now(),
            Self::Target(target) => target.now(),
        }
    }

    /// Waits until a time. In virtual time the step takes its turn in the clock's queue even if the time
    /// has come, so that steps of one instant keep their order.
    pub(super) async fn wait_until(&self, due: SimTime, number: usize) -> Option<Busy> {
        match self {
            Self::Virtual(service) => {
                let clock = &service.shared.clock;
                let busy = clock.busy(FIRST_SHARD);
                let subject = Subject::Step(number as u64);
                Some(clock.sleep_until(due, subject, busy).await.busy)
            }
            Self::Target(target) => {
                target.wait_until(due).await;
                None
            }
        }
    }

    /// Sends a request of the step with this number, and waits for the answer however long that takes.
    pub(super) async fn call(&self, number: usize, request: &VirtualRequest) -> Seen {
        match self {
            Self::Virtual(service) => Seen::answer(service.call(number, request).await),
            Self::Target(target) => target.call(request).await,
        }
    }

    /// The host, with port, and the target that the service sees of a path of it.
    pub(super) fn place(&self, path: &str) -> (String, String) {
        match self {
            Self::Virtual(_) => (VIRTUAL_HOST.to_owned(), path.to_owned()),
            Self::Target(target) => target.place(path),
        }
    }

    /// How exactly durations must be what is expected; what the client measures may be `judged` or not.
    pub(super) fn times(&self, judged: bool) -> Times {
        match self {
            Self::Virtual(_) => Times { seen: Exactness::Exact, told: Exactness::Exact },
            Self::Target(target) => target.times(judged),
        }
    }

    /// How long a client without a timeout waits where silence is what it expects. In virtual time it is
    /// known at once that nobody will ever answer.
    pub(super) fn silence(&self, expect: &Expect) -> Option<SimDuration> {
        let expected = expect.outcome == Some(Outcome::Unanswered);
        (expected && matches!(self, Self::Target(_))).then_some(super::target::LONGEST_SILENCE)
    }

    /// Whether there is no admin API to ask.
    pub(super) fn skips_the_inside(&self) -> bool {
        match self {
            Self::Virtual(_) => false,
            Self::Target(target) => !target.has_inside(),
        }
    }

    /// Counts a step that was skipped, and remembers which values nobody will know.
    pub(super) fn skip_step(&self, lost: Option<&Named<ValueSource>>) {
        if let Self::Target(target) = self {
            target.skip_step(lost.into_iter().flat_map(Named::iter).map(|(name, _)| name));
        }
    }

    /// Whether nobody knows a value because the step that would have saved it was skipped.
    pub(super) fn lost(&self, value: &str) -> bool {
        match self {
            Self::Virtual(_) => false,
            Self::Target(target) => target.lost(value),
        }
    }

    /// The server, if it is one.
    pub(super) fn target(&self) -> Option<&Target> {
        match self {
            Self::Virtual(_) => None,
            Self::Target(target) => Some(target),
        }
    }
}
