//! The `load` section: which load is put on a server. The command line says the same with the same words.

mod draw;
mod mix;
pub mod profile;
pub mod threshold;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::Named;
use super::span::Span;
use super::timing_section::LawEntry;
use crate::clock::SimDuration;
pub use mix::{BATCHES, MixEntry, NATIVE, QUERIES, in_mix, read_mix};
pub use profile::Profile;
pub use threshold::Threshold;

/// The most images, or projects, of one batch: as many as the contract allows in one request.
pub const MOST_IN_BATCH: u32 = 100;
/// The most threads that send.
pub const MOST_THREADS: u32 = 64;
/// The most connections that are open at once: below the ports that one address has for one peer.
pub const MOST_CONNECTIONS: u32 = 20_000;
/// The most transactions that may be under way at once; each takes some kilobytes.
pub const MOST_IN_FLIGHT: u64 = 1_000_000;
/// The most thresholds.
pub const MOST_THRESHOLDS: usize = 100;

/// The longest load, and the longest rise before it: a report has a row for each second.
pub const LONGEST_LOAD: SimDuration = SimDuration::from_millis(24 * 60 * 60 * 1_000);
/// The steepest zipf draw: the first of all is drawn a thousand times as often as the second.
pub const STEEPEST_ZIPF: f64 = 10.0;
/// By how much each pause between two polls may be longer than the one before.
pub const STRONGEST_BACKOFF: f64 = 10.0;

/// Which load is put on a server, how it is polled, and what must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoadSection {
    /// Open model: transactions begun in a second, however long they take: a number, or stages such as
    /// `0..500/10s, 500/20s, 2000/2s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Profile>,
    /// Closed model: users that begin the next transaction when the last one has ended: a number, or stages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Profile>,
    /// Closed model: how long a user thinks between two transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub think_time: Option<LawEntry>,
    /// How long load is put on; where stages say it, it is their sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Span>,
    /// Over which time the load rises evenly from nothing before that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<Span>,
    /// What is done: operations, each with its weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("propertyNames" = mix::names()))]
    pub mix: Option<Named<MixEntry>>,
    /// Images of one batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_IN_BATCH))]
    pub images_per_batch: Option<u32>,
    /// Projects of one batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_IN_BATCH))]
    pub projects_per_batch: Option<u32>,
    /// How images are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<DrawEntry>,
    /// How projects are drawn that images are shared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projects: Option<DrawEntry>,
    /// How jobs are polled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollEntry>,
    /// How long an answer is waited for, and before that a free connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// By how much a transaction may begin later than planned before it counts as late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_after: Option<Span>,
    /// Transactions that may be under way at once; of those beyond it the start is dropped, and counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_IN_FLIGHT))]
    pub most_in_flight: Option<u64>,
    /// Connections that may be open at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_CONNECTIONS))]
    pub connections: Option<u32>,
    /// Threads that send.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_THREADS))]
    pub threads: Option<u32>,
    /// What must hold, such as `p99 < 20ms`, `errors < 0.1%`, `jobs p95 < 2s`, `lost = 0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = MOST_THRESHOLDS))]
    pub thresholds: Option<Vec<Threshold>>,
    /// Whether the run ends as soon as a threshold does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abort_early: Option<bool>,
}

/// How images or projects are drawn. Every draw is keyed by the number of the transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrawEntry {
    /// Each as likely as any other.
    #[default]
    Uniform,
    /// The n-th is drawn as often as n to the power of minus this says, from 0 to 10: a few are drawn again and
    /// again.
    Zipf(f64),
    /// In an order of chance. Images: the n-th transaction takes the n-th batch of them, no image is drawn twice, and
    /// the run ends when none is left; one that needs fewer, or none, leaves the others of its batch out. Projects:
    /// each once, then all again.
    EachOnce,
}

/// How a job is polled until it is final.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PollEntry {
    /// How long the first answer is waited with, and each later one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Span>,
    /// By how much each pause is longer than the one before, from 1 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10))]
    pub backoff: Option<f64>,
    /// The longest pause; a `Retry-After` may be longer, and is obeyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<Span>,
    /// How long after the batch was accepted its end is waited for; no longer than it takes to see that nobody
    /// answers there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub give_up: Option<Span>,
}

impl LoadSection {
    /// The same, with everything that `other` says in the place of what this says. A model takes the place of
    /// the other model.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let models = other.rate.is_some() || other.users.is_some();
        let stages = [&other.rate, &other.users].into_iter().flatten().any(Profile::has_stages);
        let (rate, users) =
            if models { (other.rate, other.users) } else { (self.rate, self.users) };
        let duration = if stages { other.duration } else { other.duration.or(self.duration) };
        Self {
            rate,
            users,
            duration,
            think_time: other.think_time.or(self.think_time),
            ramp: other.ramp.or(self.ramp),
            mix: other.mix.or(self.mix),
            images_per_batch: other.images_per_batch.or(self.images_per_batch),
            projects_per_batch: other.projects_per_batch.or(self.projects_per_batch),
            images: other.images.or(self.images),
            projects: other.projects.or(self.projects),
            poll: match (self.poll, other.poll) {
                (Some(mine), Some(theirs)) => Some(mine.with(theirs)),
                (mine, theirs) => theirs.or(mine),
            },
            timeout: other.timeout.or(self.timeout),
            late_after: other.late_after.or(self.late_after),
            most_in_flight: other.most_in_flight.or(self.most_in_flight),
            connections: other.connections.or(self.connections),
            threads: other.threads.or(self.threads),
            thresholds: other.thresholds.or(self.thresholds),
            abort_early: other.abort_early.or(self.abort_early),
        }
    }
}

impl PollEntry {
    fn with(self, other: Self) -> Self {
        Self {
            every: other.every.or(self.every),
            backoff: other.backoff.or(self.backoff),
            longest: other.longest.or(self.longest),
            give_up: other.give_up.or(self.give_up),
        }
    }
}
