//! A whole page, made of plain structs.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use expect_test::{expect, expect_file};

use super::*;
use crate::api::job::{JobState, JobType};
use crate::api::{ImageId, Operation};
use crate::clock::{Clock, Mode, SimDuration, WallTime};
use crate::domain::admission::AdmissionLimits;
use crate::domain::latency::Law;
use crate::faults::{Effect, Entity, FaultEvent, Match, NoDetails, Point, Rule, When};
use crate::journal::{Entry, Event, Keep};
use crate::seed::{Seed, Subject};

fn death(restart: Option<u32>) -> Entry {
    let event = Event::WorkerDied { image: ImageId::from_u128(1), settled: 0, restart };
    Entry { at: SimTime::from_millis(0), subject: Subject::Admin(0), event }
}

#[test]
fn every_figure_has_its_place() {
    let rules = vec![
        rule("one", Point::Request, Effect::Close),
        rule("a.2", Point::Pair, Effect::Fail(None)),
    ];
    expect_file!["page.txt"].assert_eq(&page(&Plan::new(rules)));
}

/// However many rules there are, their part of the page stays small, and nothing that they did is left out.
#[test]
fn of_many_rules_the_first_have_names_and_the_others_are_summed() {
    let delay = || Effect::Delay(Law::Fixed(SimDuration::from_millis(1)));
    let rules = (0..1_000).map(|number| {
        let (point, effect) = match number % 3 {
            0 => (Point::Pair, delay()),
            1 => (Point::Request, Effect::Close),
            _ => (Point::Request, delay()),
        };
        rule(&format!("r-{number}"), point, effect)
    });
    let plan = Plan::new(rules.collect());
    let verdict = plan.ask(0, &event_at(Point::Request), Seed::new(1));
    assert_eq!((verdict.fired.len(), verdict.superseded.len()), (334, 332));
    let page = page(&plan);
    let faults = page.lines().filter(|line| line.starts_with("imsim_fault_"));
    let told: Vec<&str> = faults
        .clone()
        .filter(|line| line.contains("r-98") || line.contains("r-99") || !line.contains("\"r-"))
        .collect();
    expect![[r#"
        imsim_fault_rules_summed 900.0
        imsim_fault_considered_total{rule="r-98",point="request",effect="delay"} 1
        imsim_fault_considered_total{rule="r-99",point="pair",effect="delay"} 0
        imsim_fault_considered_total{rule="(others)",point="request",effect="delay"} 300
        imsim_fault_considered_total{rule="(others)",point="request",effect="close"} 300
        imsim_fault_considered_total{rule="(others)",point="pair",effect="delay"} 0
        imsim_fault_matched_total{rule="r-98",point="request",effect="delay"} 1
        imsim_fault_matched_total{rule="r-99",point="pair",effect="delay"} 0
        imsim_fault_matched_total{rule="(others)",point="request",effect="delay"} 300
        imsim_fault_matched_total{rule="(others)",point="request",effect="close"} 300
        imsim_fault_matched_total{rule="(others)",point="pair",effect="delay"} 0
        imsim_fault_fired_total{rule="r-98",point="request",effect="delay"} 1
        imsim_fault_fired_total{rule="r-99",point="pair",effect="delay"} 0
        imsim_fault_fired_total{rule="(others)",point="request",effect="delay"} 300
        imsim_fault_fired_total{rule="(others)",point="request",effect="close"} 0
        imsim_fault_fired_total{rule="(others)",point="pair",effect="delay"} 0
        imsim_fault_superseded_total{rule="r-98",point="request",effect="delay"} 0
        imsim_fault_superseded_total{rule="r-99",point="pair",effect="delay"} 0
        imsim_fault_superseded_total{rule="(others)",point="request",effect="delay"} 0
        imsim_fault_superseded_total{rule="(others)",point="request",effect="close"} 300
        imsim_fault_superseded_total{rule="(others)",point="pair",effect="delay"} 0"#]]
    .assert_eq(&told.join("\n"));
    assert_eq!(faults.count(), 4 * (faults::MOST_NAMED + 3) + 1);
}

fn event_at(point: Point) -> FaultEvent<'static> {
    FaultEvent {
        point,
        at: SimTime::from_millis(0),
        entity: Entity::Known(1),
        operation: None,
        project: None,
        job: None,
        image: None,
        member: None,
        pairs: None,
        details: &NoDetails,
    }
}

fn rule(id: &str, point: Point, effect: Effect) -> Arc<Rule> {
    Arc::new(Rule::new(id, point, Match::default(), When::default(), effect))
}

/// The page of a simulation with these rules, in which a little has happened.
fn page(plan: &Plan) -> String {
    let admission = Rc::new(Arc::new(Admission::new(AdmissionLimits::default())));
    let _permit = admission.admit(0, JobType::Add, 3).expect("room");
    let mut ended = admission.admit(0, JobType::Delete, 1).expect("room");
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
        plan,
        clock,
        admission: &admission,
        jobs,
    };
    scrape.page()
}
