//! A load as it is put on: every default filled in, and what there is to draw from laid out.

use std::sync::Arc;

use super::arrivals::Arrivals;
use super::mix::{Mix, PerBatch};
use super::stock::Stock;
use crate::api::Operation;
use crate::clock::SimDuration;
use crate::domain::latency::Law;
use crate::scenario::load_section::{DrawEntry, LoadSection, MixEntry, PollEntry, Profile};
use crate::scenario::named::Named;
use crate::scenario::span::Span;
use crate::scenario::timing_section::LawEntry;
use crate::seed::Seed;

/// Transactions in a second unless something else is said: a load that any laptop carries, and in which a
/// second shows what is going on.
const USUAL_RATE: f64 = 200.0;
/// How long load is put on unless something else is said.
pub const USUAL_DURATION: SimDuration = SimDuration::from_millis(30_000);
/// How long an answer is waited for: what common clients do.
const USUAL_TIMEOUT: SimDuration = SimDuration::from_millis(10_000);
/// The first pause between two polls; as long as the fastest jobs take.
const USUAL_POLL: SimDuration = SimDuration::from_millis(100);
/// By how much pauses grow.
const USUAL_BACKOFF: f64 = 1.5;
/// The longest pause: what the contract says of the most patient common client.
const USUAL_LONGEST_POLL: SimDuration = SimDuration::from_millis(1_000);
/// How long the end of a job is waited for.
const USUAL_GIVE_UP: SimDuration = SimDuration::from_millis(60_000);
/// The lateness from which people want to know of it: ten times what a timer of a millisecond costs.
const USUAL_LATE_AFTER: SimDuration = SimDuration::from_millis(10);
/// Transactions under way: what a server of default limits carries with room to spare.
const USUAL_IN_FLIGHT: u64 = 20_000;
/// Open connections: above what a load without trouble needs, below what systems allow without being asked.
const USUAL_CONNECTIONS: u32 = 500;
/// Images, and projects, of a batch: more than one of each, so that there is something to do in parallel.
const USUAL_BATCH: u32 = 2;

/// What is done unless a mix is given: a little more shared than withdrawn, and as much looked at.
const USUAL_MIX: [(Operation, u32); 10] = [
    (Operation::AddMembers, 25),
    (Operation::UpdateMembers, 15),
    (Operation::DeleteMembers, 20),
    (Operation::AddMember, 4),
    (Operation::UpdateMember, 3),
    (Operation::DeleteMember, 3),
    (Operation::ListMembers, 10),
    (Operation::ShowImage, 10),
    (Operation::ListCloudImages, 5),
    (Operation::ShowQuota, 5),
];

/// The pace of a load.
#[derive(Clone, Debug)]
pub(super) enum Model {
    /// Transactions begin when their time has come.
    Open,
    /// Users begin one when the last one has ended and they have thought.
    Closed {
        /// How long they think.
        think_time: Law,
    },
}

/// How jobs are polled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poll {
    pub(super) every: SimDuration,
    pub(super) backoff: f64,
    pub(super) longest: SimDuration,
    pub(super) give_up: SimDuration,
}

/// A load as it is put on.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: Seed,
    pub(super) model: Model,
    pub(super) arrivals: Arrivals,
    pub(super) mix: Mix,
    pub(super) poll: Poll,
    pub(super) timeout: SimDuration,
    pub(super) late_after: SimDuration,
    pub(super) most_in_flight: u64,
    pub(super) connections: u32,
    pub(super) threads: u32,
    pub(super) abort_early: bool,
    pub(super) stock: Arc<Stock>,
}

/// What is said, with the usual in the place of what is not.
pub(super) fn filled(said: LoadSection, cores: u32) -> LoadSection {
    let open = said.users.is_none();
    let rate = said.rate.or(open.then_some(Profile::Constant(USUAL_RATE)));
    let stages = [&rate, &said.users].into_iter().flatten().any(Profile::has_stages);
    let mix = || {
        Named(
            USUAL_MIX
                .map(|(operation, weight)| {
                    (operation.name().to_owned(), MixEntry::weighing(weight))
                })
                .into(),
        )
    };
    let poll = said.poll.unwrap_or_default();
    LoadSection {
        rate,
        think_time: said.think_time.or((!open).then_some(LawEntry::Fixed(Span(SimDuration::ZERO)))),
        duration: said.duration.or((!stages).then_some(Span(USUAL_DURATION))),
        ramp: said.ramp,
        mix: Some(said.mix.unwrap_or_else(mix)),
        images_per_batch: said.images_per_batch.or(Some(USUAL_BATCH)),
        projects_per_batch: said.projects_per_batch.or(Some(USUAL_BATCH)),
        images: said.images.or(Some(DrawEntry::Uniform)),
        projects: said.projects.or(Some(DrawEntry::Uniform)),
        poll: Some(PollEntry {
            every: poll.every.or(Some(Span(USUAL_POLL))),
            backoff: poll.backoff.or(Some(USUAL_BACKOFF)),
            longest: poll.longest.or(Some(Span(
                USUAL_LONGEST_POLL.max(poll.every.map_or(SimDuration::ZERO, |every| every.0)),
            ))),
            give_up: poll.give_up.or(Some(Span(USUAL_GIVE_UP))),
        }),
        timeout: said.timeout.or(Some(Span(USUAL_TIMEOUT))),
        late_after: said.late_after.or(Some(Span(USUAL_LATE_AFTER))),
        most_in_flight: said.most_in_flight.or(Some(USUAL_IN_FLIGHT)),
        connections: said.connections.or(Some(USUAL_CONNECTIONS)),
        // The server has the other half of the machine.
        threads: said.threads.or(Some((cores / 2).clamp(1, 8))),
        thresholds: Some(said.thresholds.unwrap_or_default()),
        abort_early: said.abort_early.or(Some(false)),
        users: said.users,
    }
}

impl Plan {
    /// Lays out a section in which every default is filled in, and which was held against its file.
    pub(super) fn new(
        section: &LoadSection,
        stock: Arc<Stock>,
        seed: Seed,
    ) -> Result<Self, String> {
        let span = |span: Option<Span>, usual: SimDuration| span.map_or(usual, |span| span.0);
        let duration = span(section.duration, USUAL_DURATION);
        let think_time = section.think_time.unwrap_or(LawEntry::Fixed(Span(SimDuration::ZERO)));
        let think_time = think_time.law().map_err(|reason| format!("think_time: {reason}"))?;
        let (profile, model) = match (&section.users, &section.rate) {
            (Some(users), _) => (users.clone(), Model::Closed { think_time }),
            (None, rate) => (rate.clone().unwrap_or(Profile::Constant(USUAL_RATE)), Model::Open),
        };
        let ramp = span(section.ramp, SimDuration::ZERO);
        let poll = section.poll.unwrap_or_default();
        let batch = |said: Option<u32>| said.unwrap_or(USUAL_BATCH) as usize;
        let per_batch = PerBatch {
            images: batch(section.images_per_batch),
            projects: batch(section.projects_per_batch),
        };
        Ok(Self {
            seed,
            model,
            arrivals: Arrivals::new(&profile.stages(duration), ramp.as_millis()),
            mix: Mix::new(section, per_batch, &stock, seed)?,
            poll: Poll {
                every: span(poll.every, USUAL_POLL),
                backoff: poll.backoff.unwrap_or(USUAL_BACKOFF),
                longest: span(poll.longest, USUAL_LONGEST_POLL),
                give_up: span(poll.give_up, USUAL_GIVE_UP),
            },
            timeout: span(section.timeout, USUAL_TIMEOUT),
            late_after: span(section.late_after, USUAL_LATE_AFTER),
            most_in_flight: section.most_in_flight.unwrap_or(USUAL_IN_FLIGHT),
            connections: section.connections.unwrap_or(USUAL_CONNECTIONS),
            threads: section.threads.unwrap_or(1),
            abort_early: section.abort_early.unwrap_or(false),
            stock,
        })
    }
}
