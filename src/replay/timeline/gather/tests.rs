use std::sync::Arc;

use super::super::MOST_POINTS;
use super::*;
use crate::api::{Code, JobId, Operation, ProjectId};
use crate::domain::AskedPairs;
use crate::domain::rules::Change;
use crate::faults::{EffectKind, Point};
use crate::journal::{Asked, Delivery, KeptBody, SentToken};
use crate::seed::CallKey;

/// A story that goes on as it is told.
struct Story<'w> {
    gather: Gather<'w>,
    end: u64,
}

impl<'w> Story<'w> {
    fn new(world: &'w World) -> Self {
        Self { gather: Gather::new(world, SimTime::from_millis(1_000_000)), end: 0 }
    }

    fn tell(&mut self, at: u64, subject: Subject, event: Event) {
        self.end = self.end.max(at);
        let at = SimTime::from_millis(1_000_000 + at);
        self.gather.take(&[Numbered { number: 1, entry: Entry { at, subject, event } }]);
    }

    fn accept(&mut self, at: u64, job: JobKey, images: u32) {
        let event = Event::JobAccepted {
            id: JobId::parse(&"0".repeat(32)).expect("it has the form of one"),
            operation: Operation::AddMembers,
            owner: ProjectId::from_u128(7),
            images,
            projects: 1,
            asked: AskedPairs::default(),
        };
        self.tell(at, Subject::Job(job), event);
    }

    fn settle(&mut self, at: u64, job: JobKey, image: u32, (outcome, pass): (Option<Code>, u32)) {
        let event = Event::PairSettled {
            image: ImageId::from_u128(image.into()),
            project: ProjectId::from_u128(8),
            outcome,
            change: Change::Added,
            pass,
        };
        self.tell(at, Subject::Pair(job, image, 0), event);
    }

    fn fault(&mut self, at: u64, subject: Subject, image: Option<ImageId>) {
        let rule = "a-rule".into();
        let (point, effect) = (Point::Image, EffectKind::Stick);
        self.tell(at, subject, Event::FaultFired(FaultRecord { rule, point, effect, image }));
    }

    fn finish(self) -> Timeline {
        self.gather.finish(SimDuration::from_millis(self.end))
    }
}

fn job(number: u64) -> JobKey {
    JobKey::new(1, number)
}

fn ms(ms: u64) -> SimDuration {
    SimDuration::from_millis(ms)
}

fn call() -> Event {
    Event::Call(Arc::new(CallRecord {
        operation: Operation::ShowJob,
        method: "GET".into(),
        target: "/".into(),
        project: None,
        request: KeptBody::default(),
        status: 503,
        refusal: None,
        answer: KeptBody::default(),
        job: None,
        delivery: Delivery::Reset,
        asked: Asked {
            subject: SentToken::None,
            issued: None,
            arrived: 1,
            saw: 1,
            at: SimTime::from_millis(0),
            waited: false,
            lasts: false,
            token: SentToken::None,
            headers: Box::default(),
        },
    }))
}

#[test]
fn a_job_is_told_from_its_beginning_to_its_end() {
    let world = World::default();
    let mut story = Story::new(&world);
    let (key, whole) = (job(1), Subject::Job(job(1)));
    story.accept(10, key, 2);
    story.tell(110, whole, Event::JobStarted);
    story.settle(300, key, 1, (Some(Code::Img0027), 1));
    let died = Event::WorkerDied { image: ImageId::from_u128(0), settled: 0, restart: Some(1) };
    story.tell(350, Subject::Image(key, 0), died);
    story.settle(400, key, 0, (None, 1));
    story.settle(500, key, 0, (None, 2));
    let first_failure = Some(Code::Img0027);
    let ended = Event::JobEnded { failed: 1, first_failure, reported: JobState::Success };
    story.tell(600, whole, ended);
    story.tell(700, Subject::Call(CallKey::new(1, 1)), call());
    let timeline = story.finish();

    let [told] = &timeline.jobs[..] else { panic!("{timeline:?}") };
    assert_eq!((told.accepted, told.started), (ms(10), Some(ms(110))));
    assert_eq!((told.succeeded, told.failed, told.again), (1, 1, 1));
    let end = told.ended.expect("it ended");
    assert_eq!((end.at, end.state, end.reported), (ms(600), JobState::Fail, JobState::Success));
    let places: Vec<u32> = told.workers.iter().map(|worker| worker.place).collect();
    assert_eq!(places, [0, 1], "by their places, whoever was heard of first");
    assert_eq!(told.workers[0].settled, Some((ms(400), ms(500))));
    assert_eq!(told.workers[0].deaths, [Death { at: ms(350), settled: 0, restart: Some(1) }]);
    assert_eq!((told.workers[1].succeeded, told.workers[1].failed), (0, 1));
    assert!(!timeline.calls[0].went_well());
    assert_eq!(timeline.left_out, super::super::LeftOut::default());
}

#[test]
fn a_worker_that_only_a_fault_tells_of_is_there() {
    let world = World::default();
    let mut story = Story::new(&world);
    story.accept(0, job(1), 1);
    story.fault(5, Subject::Image(job(1), 0), Some(ImageId::from_u128(3)));
    story.fault(6, Subject::Call(CallKey::new(1, 1)), None);
    let timeline = story.finish();
    assert_eq!(timeline.jobs[0].workers[0].settled, None);
    let struck: Vec<Struck> = timeline.faults.iter().map(|fault| fault.on).collect();
    assert_eq!(struck, [Struck::Worker(job(1), 0), Struck::Call]);
}

#[test]
fn whatever_happens_a_timeline_is_bounded_and_counts_what_it_leaves_out() {
    let world = World::default();
    let mut story = Story::new(&world);
    let jobs = MOST_JOBS as u64 + 7;
    for number in 0..jobs {
        story.accept(number, job(number), 100);
    }
    for image in 0..100 {
        for number in 0..jobs {
            story.settle(1_000 + u64::from(image), job(number), image, (None, 1));
        }
    }
    for number in 0..(MOST_CALLS.max(MOST_MARKS) as u64 + 9) {
        let subject = Subject::Call(CallKey::new(1, number));
        story.tell(2_000 + number, subject, call());
        story.fault(2_000 + number, subject, None);
    }
    let timeline = story.finish();
    let workers = timeline.jobs.iter().map(|job| job.workers.len()).sum::<usize>();
    assert_eq!((timeline.jobs.len(), timeline.left_out.jobs), (MOST_JOBS, 7));
    assert_eq!(workers, MOST_WORKERS);
    assert_eq!(timeline.left_out.workers, MOST_JOBS as u64 * 100 - MOST_WORKERS as u64);
    assert_eq!((timeline.calls.len(), timeline.left_out.calls), (MOST_CALLS, 9));
    assert_eq!((timeline.faults.len(), timeline.left_out.marks), (MOST_MARKS, 9));
    assert!(timeline.jobs.iter().all(|job| job.succeeded == 100), "counts are exact");
}

#[test]
fn progress_has_few_points_and_ends_with_all() {
    let mut progress = Vec::new();
    for number in 1..=10_000 {
        let at = ms(u64::from(number / 2));
        go_on(&mut progress, Progress { at, succeeded: number, failed: 0 });
    }
    assert!(progress.len() <= MOST_POINTS && progress.len() > MOST_POINTS / 3);
    assert!(progress.windows(2).all(|two| two[0].at < two[1].at));
    assert_eq!(progress.last().map(|point| point.succeeded), Some(10_000));
}

#[test]
fn long_names_are_cut() {
    let name = "ü".repeat(LONGEST_NAME + 1);
    assert_eq!(cut(&name).chars().count(), LONGEST_NAME + 1, "with the sign that it is cut");
    assert_eq!(cut(&name[..20]), name[..20]);
}
