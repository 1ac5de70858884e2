//! A load as it is put on: every default filled in, and what there is to draw from laid out.

use std::sync::Arc;

use super::arrivals::Arrivals;
use super::mix::Mix;
use super::stock::Stock;
use crate::api::Operation;
use crate::clock::SimDuration;
use crate::domain::latency::Law;
use crate::scenario::Names;
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
    usual(&said, cores).with(said)
}

/// The usual beside what is said: the one place where defaults stand.
fn usual(said: &LoadSection, cores: u32) -> LoadSection {
    let open = said.users.is_none();
    let stages = [&said.rate, &said.users].into_iter().flatten().any(Profile::has_stages);
    let mix = USUAL_MIX
        .map(|(operation, weight)| (operation.name().to_owned(), MixEntry::weighing(weight)));
    let first_pause = said.poll.and_then(|poll| poll.every).map_or(USUAL_POLL, |every| every.0);
    LoadSection {
        rate: open.then_some(Profile::Constant(USUAL_RATE)),
        users: None,
        think_time: (!open).then_some(LawEntry::Fixed(Span(SimDuration::ZERO))),
        duration: (!stages).then_some(Span(USUAL_DURATION)),
        ramp: None,
        mix: Some(Named(mix.into())),
        images_per_batch: Some(USUAL_BATCH),
        projects_per_batch: Some(USUAL_BATCH),
        images: Some(DrawEntry::Uniform),
        projects: Some(DrawEntry::Uniform),
        poll: Some(PollEntry {
            every: Some(Span(USUAL_POLL)),
            backoff: Some(USUAL_BACKOFF),
            longest: Some(Span(USUAL_LONGEST_POLL.max(first_pause))),
            give_up: Some(Span(USUAL_GIVE_UP)),
        }),
        timeout: Some(Span(USUAL_TIMEOUT)),
        late_after: Some(Span(USUAL_LATE_AFTER)),
        most_in_flight: Some(USUAL_IN_FLIGHT),
        connections: Some(USUAL_CONNECTIONS),
        // The server has the other half of the machine.
        threads: Some((cores / 2).clamp(1, 8)),
        thresholds: Some(Vec::new()),
        abort_early: Some(false),
    }
}

impl Plan {
    /// Lays out a section in which every default is filled in, and which was held against its file.
    ///
    /// # Errors
    /// A sentence, if an operation has nothing that it could be done to, or a default is missing.
    pub(super) fn new(
        section: &LoadSection,
        names: &Names,
        stock: Arc<Stock>,
        seed: Seed,
    ) -> Result<Self, String> {
        let LoadSection {
            poll: Some(poll),
            timeout: Some(Span(timeout)),
            late_after: Some(Span(late_after)),
            most_in_flight: Some(most_in_flight),
            connections: Some(connections),
            threads: Some(threads),
            abort_early: Some(abort_early),
            ..
        } = *section
        else {
            return Err(unfilled());
        };
        let (profile, model) = model(section)?;
        // Stages say themselves how long they take.
        let duration = section.duration.map_or(SimDuration::ZERO, |span| span.0);
        let ramp = section.ramp.map_or(0, |ramp| ramp.0.as_millis());
        Ok(Self {
            seed,
            model,
            arrivals: Arrivals::new(&profile.stages(duration), ramp),
            mix: Mix::new(section, names, &stock, seed)?,
            poll: Poll::new(poll)?,
            timeout,
            late_after,
            most_in_flight,
            connections,
            threads,
            abort_early,
            stock,
        })
    }
}

/// The pace of a section, and how it goes up and down.
fn model(section: &LoadSection) -> Result<(Profile, Model), String> {
    match (&section.users, &section.rate, section.think_time) {
        (Some(users), _, Some(think_time)) => {
            let think_time = think_time.law().map_err(|reason| format!("think_time: {reason}"))?;
            Ok((users.clone(), Model::Closed { think_time }))
        }
        (None, Some(rate), _) => Ok((rate.clone(), Model::Open)),
        _ => Err(unfilled()),
    }
}

impl Poll {
    fn new(entry: PollEntry) -> Result<Self, String> {
        match entry {
            PollEntry {
                every: Some(Span(every)),
                backoff: Some(backoff),
                longest: Some(Span(longest)),
                give_up: Some(Span(give_up)),
            } => Ok(Self { every, backoff, longest, give_up }),
            _ => Err(unfilled()),
        }
    }
}

/// What is said of a section that [`filled`] did not see.
pub(super) fn unfilled() -> String {
    "not everything that the load needs is said; its defaults are missing".to_owned()
}
