//! What was found not to hold.

use std::fmt;

use crate::api::{ImageId, ProjectId};
use crate::domain::World;
use crate::seed::JobKey;

/// How many violations are kept with their words; the rest is counted. Whoever reads more than a few has
/// long begun with the first.
pub const VIOLATIONS_KEPT: usize = 100;

/// Something that must hold of every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// Every accepted job ends.
    Ends,
    /// A job's states only move forward.
    MovesForward,
    /// Each pair that was asked for is settled exactly once.
    SettledOnce,
    /// A job's result is the sum of its pairs.
    Sum,
    /// Memberships change exactly as settled, and by nobody else.
    Memberships,
    /// What is reported is what was done.
    ReportedIsDone,
    /// The percentage of a job never falls.
    Percent,
}

impl Invariant {
    /// Every one, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Ends,
        Self::MovesForward,
        Self::SettledOnce,
        Self::Sum,
        Self::Memberships,
        Self::ReportedIsDone,
        Self::Percent,
    ];

    /// The words in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ends => "every job ends",
            Self::MovesForward => "states only move forward",
            Self::SettledOnce => "settled once",
            Self::Sum => "the result is the sum of the pairs",
            Self::Memberships => "memberships change as settled",
            Self::ReportedIsDone => "reported is done",
            Self::Percent => "percent never falls",
        }
    }
}

/// An invariant that does not hold: a defect of the simulator, never of the one who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// The job, where it is one's.
    pub job: Option<JobKey>,
    /// The pair, where it is about one.
    pub pair: Option<(ImageId, ProjectId)>,
    /// What was found, with the names that things had then.
    pub message: String,
}

/// `invariant broken: settled once: job-0123456789abcdef: pair (web-base, lab) was settled twice`.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant broken: {}: ", self.invariant.name())?;
        if let Some(job) = self.job {
            write!(f, "{job}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    /// The first [`VIOLATIONS_KEPT`].
    pub kept: Vec<Violation>,
    /// How many more there were.
    pub more: u64,
}

impl Violations {
    /// Whether everything holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

/// Collects what is found.
pub(super) struct Findings<'w> {
    pub(super) world: &'w World,
    found: Violations,
}

impl<'w> Findings<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self { world, found: Violations::default() }
    }

    /// Adds a violation; what is said of a pair begins with its name. Words are made only for those that
    /// are kept.
    pub(super) fn add(
        &mut self,
        invariant: Invariant,
        job: Option<JobKey>,
        pair: Option<(ImageId, ProjectId)>,
        words: impl FnOnce() -> String,
    ) {
        if self.found.kept.len() == VIOLATIONS_KEPT {
            self.found.more += 1;
            return;
        }
        let mut message = words();
        if let Some((image, project)) = pair {
            let (image, project) = (self.world.image_name(image), self.world.project_name(project));
            message = format!("pair ({image}, {project}) {message}");
        }
        self.found.kept.push(Violation { invariant, job, pair, message });
    }

    pub(super) fn close(self) -> Violations {
        self.found
    }
}

/// How often something was done, in words.
pub(super) fn times(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{count} times"),
    }
}
