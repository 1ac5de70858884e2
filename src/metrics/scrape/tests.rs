//! A whole page, made of plain structs.

use std::sync::Arc;
use std::time::Duration;

use expect_test::expect_file;

use super::*;
use crate::api::job::{JobState, JobType};
use crate::api::{ImageId, Operation};
use crate::clock::{Clock, Mode, WallTime};
use crate::domain::admission::AdmissionLimits;
use crate::faults::{Effect, Match, Point, Rule, When};
use crate::journal::{Entry, Event, Keep};
use crate::seed::Subject;

fn death(restart: Option<u32>) -> Entry {
    let event = Event::WorkerDied { image: ImageId::from_u128(1), settled: 0, restart };
    Entry { at: SimTime::from_millis(0), subject: Subject::Admin(0), event }
}

#[test]
fn every_figure_has_its_place() {
    let admission = Arc::new(Admission::new(AdmissionLimits::default()));
    let permit = admission.admit(JobType::Add, 3).expect("room");
    let mut ended = admission.admit(JobType::Delete, 1).expect("room");
    ended.stuck();
    ended.ended(false);
    let meters = Arc::new(Meters::new(2));
    for (shard, milliseconds) in [(0, 2), (1, 40), (1, 400_000)] {
        meters.called(shard, Operation::ShowJob, Duration::from_millis(milliseconds));
        meters.worker_begins(shard);
    }
    meters.worker_ends(0);
    let (_open, closed) = (meters.connection(), meters.connection());
    drop(closed);
    let journal = Journal::new(2, Keep::Newest);
    journal.record(0, death(Some(1)));
    journal.record(1, death(None));
    let rule = |id: &str, point, effect| {
        Arc::new(Rule::new(id, point, Match::default(), When::default(), effect))
    };
    let rules = vec![
        rule("one", Point::Request, Effect::Close),
        rule("a.2", Point::Pair, Effect::Fail(None)),
    ];
    let start = SimTime::from_millis(1_500);
    let mode: Mode = "x2.5".parse().expect("a mode");
    let mut clock = Clock::live(mode, start, WallTime::default()).status();
    clock.now = start;
    let mut jobs = JobCensus::default();
    jobs.come(JobType::Update, JobState::Init);
    jobs.change(JobType::Update, JobState::Init, JobState::Success);
    jobs.come(JobType::Add, JobState::Running);
    let scrape = Scrape {
        version: "1.2.3",
        started: start,
        shards: 2,
        scopes: Some(7),
        meters: &meters,
        journal: &journal,
        plan: &Plan::new(rules),
        clock,
        admission: &admission,
        jobs,
    };
    expect_file!["page.txt"].assert_eq(&scrape.page());
    drop(permit);
}
