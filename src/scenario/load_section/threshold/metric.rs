//! The figures that a threshold can be about.

use super::Scope;

/// A figure of a load run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// So many in a thousandth of a percent of the measured durations were at most so long: 99 % is 99,000.
    Percentile(u32),
    /// The longest duration.
    Max,
    /// The shortest duration.
    Min,
    /// The mean duration.
    Mean,
    /// Requests that got no whole answer, or one of status 400 or above.
    Errors,
    /// How many there were in a second, over the run.
    Rate,
    /// How many there were: requests that were sent, jobs that ended, transactions that finished.
    Count,
    /// Jobs that were seen in `FAIL`, of those that ended.
    Failed,
    /// Failed pairs of jobs that ended, of all their pairs.
    FailedPairs,
    /// Jobs whose end was waited for no longer, of those that were accepted.
    GivenUp,
    /// Transactions that did not go to their end, of those that were planned.
    BrokenOff,
    /// Transactions that were begun late, of those that were planned.
    Late,
    /// Transactions that were not begun, of those that were planned.
    Dropped,
    /// Memberships and jobs that the server lost.
    Lost,
    /// Memberships and jobs that nobody asked for.
    Invented,
    /// Accepted jobs that never ended.
    Unended,
    /// All that the server has and should not have, or has not and should have.
    Violations,
}

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A duration.
    Duration,
    /// So many in a second.
    Rate,
    /// A whole number.
    Count,
    /// A whole number, or with `%` a share.
    Part,
}

/// A percentile, in thousandths of a percent.
const fn percentile(thousandths: u32) -> Metric {
    Metric::Percentile(thousandths)
}

/// Every metric as it is written.
const METRICS: [(&str, Metric); 23] = [
    ("p50", percentile(50_000)),
    ("p75", percentile(75_000)),
    ("p90", percentile(90_000)),
    ("p95", percentile(95_000)),
    ("p99", percentile(99_000)),
    ("p99.9", percentile(99_900)),
    ("p99.99", percentile(99_990)),
    ("max", Metric::Max),
    ("min", Metric::Min),
    ("mean", Metric::Mean),
    ("errors", Metric::Errors),
    ("rate", Metric::Rate),
    ("count", Metric::Count),
    ("failed", Metric::Failed),
    ("failed_pairs", Metric::FailedPairs),
    ("given_up", Metric::GivenUp),
    ("broken_off", Metric::BrokenOff),
    ("late", Metric::Late),
    ("dropped", Metric::Dropped),
    ("lost", Metric::Lost),
    ("invented", Metric::Invented),
    ("unended", Metric::Unended),
    ("violations", Metric::Violations),
];

impl Metric {
    /// Every metric with its name.
    pub(super) fn all() -> impl Iterator<Item = (&'static str, Self)> {
        METRICS.into_iter()
    }

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = METRICS.iter().find(|(_, metric)| *metric == self);
        found.map_or("", |(name, _)| name)
    }

    /// What it is measured in.
    #[must_use]
    pub const fn measure(self) -> Measure {
        match self {
            Self::Percentile(_) | Self::Max | Self::Min | Self::Mean => Measure::Duration,
            Self::Rate => Measure::Rate,
            Self::Count | Self::Lost | Self::Invented | Self::Unended | Self::Violations => {
                Measure::Count
            }
            Self::Errors
            | Self::Failed
            | Self::FailedPairs
            | Self::GivenUp
            | Self::BrokenOff
            | Self::Late
            | Self::Dropped => Measure::Part,
        }
    }

    /// Whether there is such a figure of a scope.
    #[must_use]
    pub const fn is_of(self, scope: Scope) -> bool {
        match self {
            Self::Percentile(_) | Self::Max | Self::Min | Self::Mean => {
                !matches!(scope, Scope::Transactions)
            }
            Self::Errors => matches!(scope, Scope::All | Scope::Operation(_)),
            Self::Rate | Self::Count => true,
            Self::Failed | Self::FailedPairs | Self::GivenUp => matches!(scope, Scope::Jobs),
            Self::BrokenOff => matches!(scope, Scope::Transactions),
            Self::Late | Self::Dropped => matches!(scope, Scope::All | Scope::Transactions),
            Self::Lost | Self::Invented | Self::Unended | Self::Violations => {
                matches!(scope, Scope::All)
            }
        }
    }

    /// Whether it is known only when the run is held against the server.
    #[must_use]
    pub const fn is_of_the_audit(self) -> bool {
        matches!(self, Self::Lost | Self::Invented | Self::Unended | Self::Violations)
    }
}
