//! What must hold of a load run, as it is written: `[SCOPE] METRIC OP VALUE`, such as `jobs p95 < 2s`.

mod metric;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

pub use metric::{Measure, Metric};
pub use value::Limit;
pub(crate) use value::micros_text;

use super::mix::{BATCHES, NATIVE, QUERIES};
use crate::api::Operation;

/// A condition on a figure of a load run. Its text is `[SCOPE] METRIC OP VALUE`, with one blank between the
/// parts when it is written, and any number of them or none around OP when it is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// Of what.
    pub scope: Scope,
    /// Which figure.
    pub metric: Metric,
    /// How the figure must compare with the limit.
    pub relation: Relation,
    /// The limit, in the unit that the metric has.
    pub limit: Limit,
}

/// What a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All requests, or the run as a whole; nothing is written.
    All,
    /// The requests of one operation.
    Operation(Operation),
    /// Jobs: their latency is from the planned start of the batch to the answer that showed the final state.
    Jobs,
    /// Transactions.
    Transactions,
}

/// How a figure must compare with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
}

impl Relation {
    /// Every relation; those that begin as others do stand first.
    pub const ALL: [Self; 5] = [Self::AtMost, Self::AtLeast, Self::Below, Self::Above, Self::Equal];

    /// As it is written.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Equal => "=",
        }
    }

    /// Whether a figure compares so with a limit.
    #[must_use]
    pub fn holds(self, found: f64, limit: f64) -> bool {
        match self {
            Self::Below => found < limit,
            Self::AtMost => found <= limit,
            Self::Above => found > limit,
            Self::AtLeast => found >= limit,
            // Only counts and shares are held against it, and both are whole numbers or quotients of them.
            Self::Equal => (found - limit).abs() < f64::EPSILON,
        }
    }
}

impl Scope {
    /// The operations that a load sends, those that poll jobs included.
    pub(super) fn operations() -> impl Iterator<Item = Operation> {
        let polls = [Operation::ShowJob, Operation::ShowJobProgress];
        BATCHES.into_iter().chain(polls).chain(NATIVE).chain(QUERIES)
    }

    /// Every scope that is written.
    fn written() -> impl Iterator<Item = Self> {
        [Self::Jobs, Self::Transactions].into_iter().chain(Self::operations().map(Self::Operation))
    }

    /// As it is written.
    const fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Operation(operation) => operation.name(),
            Self::Jobs => "jobs",
            Self::Transactions => "transactions",
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, metric, relation, limit } = self;
        if *scope != Scope::All {
            write!(f, "{} ", scope.name())?;
        }
        write!(f, "{} {} {limit}", metric.name(), relation.sign())
    }
}

impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
