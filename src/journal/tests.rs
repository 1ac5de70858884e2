use std::sync::Arc;

use super::*;
use crate::api::job::JobState;
use crate::api::{Code, ImageId, JobId, Operation, ProjectId};
use crate::clock::SimTime;
use crate::domain::AskedPairs;
use crate::domain::World;
use crate::domain::rules::Change;
use crate::faults::{EffectKind, Point};
use crate::seed::{JobKey, Subject};

fn started(at: u64, job: u128) -> Entry {
    let subject = Subject::Job(JobKey::new(job, 1));
    Entry { at: SimTime::from_millis(at), subject, event: Event::JobStarted }
}

fn asked() -> Asked {
    let (at, token) = (SimTime::from_millis(0), SentToken::None);
    let (subject, issued, headers) = (SentToken::None, None, Box::default());
    Asked { arrived: 1, saw: 1, at, waited: false, lasts: false, token, subject, issued, headers }
}

#[test]
fn the_newest_entries_stay_and_the_others_are_counted() {
    let journal = Journal::new(1, Keep::Newest);
    for at in 0..ENTRIES_KEPT as u64 + 10 {
        journal.record(0, started(at, 1));
    }
    assert_eq!(journal.evicted(), 10);
    assert_eq!(journal.take().first().map(|first| first.entry.at.as_millis()), Some(10));
}

#[test]
fn what_clients_decide_the_length_of_is_bounded_wherever_it_stands() {
    let long = "X".repeat(BODY_BYTES_KEPT / 4);
    let kept = |method: &str, target: &str| {
        let journal = Journal::new(1, Keep::Newest);
        for _ in 0..10 {
            let call = Event::Call(Arc::new(CallRecord {
                operation: Operation::Unknown,
                method: method.to_owned().into(),
                target: target.to_owned().into(),
                project: None,
                request: KeptBody::default(),
                status: 404,
                refusal: None,
                answer: KeptBody::default(),
                job: None,
                delivery: Delivery::Answered,
                asked: asked(),
            }));
            journal.record(0, Entry { event: call, ..started(0, 1) });
        }
        journal.take().len()
    };
    assert_eq!(kept("GET", "/"), 10);
    assert_eq!(kept("GET", &long), 3);
    assert_eq!(kept(&long, "/"), 3);
}

#[test]
fn entries_come_out_by_time_and_subject_whichever_shard_wrote_them() {
    let order = |shards: usize| {
        let journal = Journal::new(shards, Keep::UntilTaken);
        for (number, job) in [3, 1, 2, 5, 4].into_iter().enumerate() {
            journal.record(number, started(7, job));
            journal.record(number, started(6, job));
        }
        let taken = journal.take();
        taken.iter().map(|one| (one.entry.at, one.entry.subject)).collect::<Vec<_>>()
    };
    assert_eq!(order(1), order(4));
    assert!(order(4).is_sorted());
}

/// A call of the n-th kind at an instant.
fn called(at: u64, project: u128, status: u16, target: &str) -> Entry {
    let record = CallRecord {
        operation: Operation::ListMembers,
        method: "GET".into(),
        target: target.to_owned().into(),
        project: Some(ProjectId::from_u128(project)),
        request: KeptBody::default(),
        status,
        refusal: (status != 200).then_some(Code::NativeImageNotFound),
        answer: KeptBody::default(),
        job: None,
        delivery: Delivery::Answered,
        asked: asked(),
    };
    Entry { event: Event::Call(Arc::new(record)), ..started(at, 1) }
}

fn numbers(selected: &Selected) -> Vec<u64> {
    selected.entries.iter().map(|numbered| numbered.number).collect()
}

#[test]
fn pages_follow_each_other_by_number_over_all_shards() {
    let journal = Journal::new(3, Keep::Newest);
    for at in 0..10_usize {
        journal.record(at * 7, started(at as u64 / 2, 1));
    }
    let check = |since: Option<u64>, limit: usize, expected: &[u64], next: u64| {
        let found = journal.select(since, limit, |_| true);
        assert_eq!((numbers(&found), found.next), (expected.to_vec(), next), "{since:?} {limit}");
    };
    check(None, 3, &[8, 9, 10], 11);
    check(None, 99, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 11);
    check(Some(0), 3, &[1, 2, 3], 4);
    check(Some(4), 3, &[4, 5, 6], 7);
    check(Some(8), 3, &[8, 9, 10], 11);
    check(Some(11), 3, &[], 11);
    let even = journal.select(Some(1), 2, |it| it.entry.at.as_millis() % 2 == 0);
    assert_eq!((numbers(&even), even.next), (vec![1, 2], 3));
}

#[test]
fn a_journal_longer_than_what_is_read_at_once_is_read_to_its_end() {
    let journal = Journal::new(2, Keep::Newest);
    for at in 0..5_000 {
        journal.record(at, started(at as u64, 1));
    }
    let late = journal.select(None, 10, |it| it.entry.at.as_millis() < 3);
    assert_eq!(numbers(&late), [1, 2, 3]);
    let early = journal.select(Some(0), 10, |it| it.entry.at.as_millis() > 4_996);
    assert_eq!((numbers(&early), early.next), (vec![4_998, 4_999, 5_000], 5_001));
}

#[test]
fn what_is_emptied_is_not_shown_and_a_trace_in_virtual_time_has_it_all_the_same() {
    let check = |keep: Keep, taken: usize, resets: usize| {
        let journal = Journal::new(1, keep);
        journal.record(0, started(1, 1));
        assert_eq!((journal.clear(), journal.clear()), (1, 0), "{keep:?}");
        journal.record(0, started(2, 1));
        assert_eq!(numbers(&journal.select(None, 9, |_| true)), [2], "{keep:?}");
        assert_eq!(numbers(&journal.select(Some(0), 9, |_| true)), [2], "{keep:?}");
        assert_eq!(journal.take().len(), taken, "{keep:?}");
        // What was taken can be read on.
        assert_eq!(numbers(&journal.select(None, 9, |_| true)), [2], "{keep:?}");
        assert_eq!((journal.take().len(), journal.evicted()), (0, 0), "{keep:?}");
        assert_eq!(journal.totals().events[EventKind::JobStarted as usize], 2, "{keep:?}");
        journal.reset(true, started(0, 1));
        assert_eq!(journal.totals(), Totals::default(), "{keep:?}");
        let shown = journal.select(None, 9, |_| true);
        assert_eq!((numbers(&shown), shown.next), (vec![], 3 + resets as u64), "{keep:?}");
        assert_eq!(journal.take().len(), resets, "{keep:?}");
    };
    check(Keep::Newest, 1, 0);
    check(Keep::UntilTaken, 2, 1);
}

#[test]
fn until_they_are_taken_no_entries_make_room_and_then_they_do() {
    let journal = Journal::new(1, Keep::UntilTaken);
    for at in 0..ENTRIES_KEPT as u64 + 10 {
        journal.record(0, started(at, 1));
    }
    assert_eq!((journal.evicted(), journal.take().len()), (0, ENTRIES_KEPT + 10));
    assert_eq!(journal.evicted(), 10);
    assert_eq!(numbers(&journal.select(Some(0), 1, |_| true)), [11]);
}

#[test]
fn counters_are_exact_when_the_entries_are_gone_and_verify_says_what_it_is_sure_of() {
    let journal = Journal::new(2, Keep::Newest);
    for at in 0..2 * ENTRIES_KEPT + 20 {
        let status = if at % 2 == 0 { 200 } else { 404 };
        journal.record(at, called(at as u64, 1, status, "/v2/images/x/members"));
    }
    let check = |question: &Question, count: u64, exact: bool| {
        let found = journal.verify(question);
        assert_eq!((found.count, found.exact), (count, exact), "{question:?}");
    };
    let (all, half) = (2 * ENTRIES_KEPT as u64 + 20, ENTRIES_KEPT as u64 + 10);
    let nothing = Question::default;
    check(&nothing(), all, true);
    check(&Question { status: Some(404), ..nothing() }, half, true);
    check(&Question { error: Some("404 Not Found"), ..nothing() }, half, true);
    let get = || Question { method: Some("GET".to_owned()), ..nothing() };
    check(&get(), all - 20, false);
    check(&Question { since: Some(20), ..get() }, all - 20, false);
    check(&Question { since: Some(21), ..get() }, all - 20, true);
}

#[test]
fn rows_are_bounded_and_what_finds_no_place_is_counted_together() {
    let journal = Journal::new(1, Keep::Newest);
    let most = MOST_ROWS as u128;
    for project in (0..most + 3).chain(0..2) {
        journal.record(0, called(0, project, 200, "/"));
    }
    let totals = journal.totals();
    assert_eq!((totals.calls.len(), totals.other), (MOST_ROWS, 3));
    let of = |project| {
        let project = Some(ProjectId::from_u128(project));
        journal.verify(&Question { project, ..Question::default() })
    };
    assert_eq!((of(0).count, of(0).exact), (2, false));
    assert_eq!((of(most).count, of(most).exact), (0, false));
    let all = journal.verify(&Question::default());
    assert_eq!((u128::from(all.count), all.exact), (most + 5, true));
}

#[test]
fn the_nearest_misses_are_few_different_and_the_newest() {
    let journal = Journal::new(2, Keep::Newest);
    for at in 0..100_usize {
        journal.record(at, called(0, 1, 200, &format!("/same/{}", at % 2)));
        journal.record(at, called(0, at as u128 + 2, 404, "/other"));
    }
    let check = |question: Question, expected: &[(u64, &[Field])]| {
        let found = journal.verify(&question);
        let nearest = found.nearest.iter().map(|miss| (miss.call.number, &miss.differs[..]));
        assert_eq!((found.count, nearest.collect::<Vec<_>>()), (0, expected.to_vec()));
    };
    let project = |number| Some(ProjectId::from_u128(number));
    let (status, other) = (&[Field::Status][..], &[Field::Project][..]);
    let question = Question { project: project(1), status: Some(404), ..Question::default() };
    let few = [(200, other), (199, status), (198, other), (196, other), (194, other)];
    check(question, &few);
    // Of calls that look the same only the newest is shown, and none that has nothing of what was asked.
    let question = Question { project: project(1), status: Some(500), ..Question::default() };
    check(question, &[(199, status)]);
    // They look different if the path is what differs.
    let path = Some(wildmatch::WildMatch::new("/same"));
    let question = Question { project: project(1), path, ..Question::default() };
    check(question, &[(199, &[Field::Path]), (197, &[Field::Path])]);
    // Fewer differences are nearer, however new the others are.
    let path = Some(wildmatch::WildMatch::new("/other"));
    let question = Question { project: project(1), status: Some(404), path, ..Question::default() };
    check(question, &[200, 198, 196, 194, 192].map(|number| (number, other)));
    // If only one thing was asked, everything is as near.
    let question = Question { status: Some(500), ..Question::default() };
    check(question, &[200, 199, 198, 196, 194].map(|number| (number, status)));
}

#[test]
fn kinds_have_their_places_and_the_names_that_the_trace_shows() {
    let image = ImageId::from_u128(1);
    let fault = FaultRecord {
        rule: "rule".into(),
        point: Point::Image,
        effect: EffectKind::Crash,
        image: Some(image),
    };
    let sample = |kind| match kind {
        EventKind::Call => called(0, 1, 200, "/").event,
        EventKind::JobAccepted => Event::JobAccepted {
            id: JobId::from_u128(1),
            operation: Operation::AddMembers,
            owner: ProjectId::from_u128(1),
            images: 1,
            projects: 1,
            asked: AskedPairs::default(),
        },
        EventKind::JobStarted => Event::JobStarted,
        EventKind::JobEnded => {
            Event::JobEnded { failed: 0, first_failure: None, reported: JobState::Success }
        }
        EventKind::FaultFired => Event::FaultFired(fault.clone()),
        EventKind::FaultSuperseded => Event::FaultSuperseded(fault.clone()),
        EventKind::WorkerDied => Event::WorkerDied { image, settled: 0, restart: None },
        EventKind::PairSettled => Event::PairSettled {
            image,
            project: ProjectId::from_u128(1),
            outcome: None,
            change: Change::Nothing,
            pass: 1,
        },
        EventKind::MemberChanged => {
            Event::MemberChanged { image, project: ProjectId::from_u128(1), change: Change::Added }
        }
        EventKind::ImageDeleted => Event::ImageDeleted { image, members: 1 },
        EventKind::Admin => {
            Event::Admin { action: "delete_image", object: "web".into(), asked: None }
        }
    };
    for (place, kind) in EventKind::ALL.into_iter().enumerate() {
        let numbered =
            Numbered { number: 1, entry: Entry { event: sample(kind), ..started(0, 1) } };
        assert_eq!((numbered.entry.event.kind(), kind as usize), (kind, place));
        let shown = serde_json::to_value(Shown::new(&numbered, &World::default()));
        assert_eq!(shown.expect("it is JSON")["event"], kind.name());
    }
}

#[test]
fn the_entries_of_a_job_end_where_a_job_with_the_same_key_begins() {
    let journal = Journal::new(2, Keep::Newest);
    let (key, other) = (JobKey::new(1, 1), JobKey::new(2, 1));
    let ids = [10, 20, 30].map(JobId::from_u128);
    let tell = |shard: usize, key: JobKey, event: Event| {
        let (at, subject) = (SimTime::from_millis(0), Subject::Job(key));
        journal.record(shard, Entry { at, subject, event });
    };
    let accepted = |id| Event::JobAccepted {
        id,
        operation: Operation::AddMembers,
        owner: ProjectId::from_u128(1),
        images: 1,
        projects: 1,
        asked: AskedPairs::default(),
    };
    // Two lives of a key on different shards, another job between them, and the second id once more.
    for (shard, key, event) in [
        (0, key, accepted(ids[0])),
        (0, key, Event::JobStarted),
        (0, other, accepted(ids[2])),
        (1, key, accepted(ids[1])),
        (0, other, Event::JobStarted),
        (1, key, Event::JobStarted),
        (1, key, accepted(ids[1])),
        (1, key, Event::JobStarted),
    ] {
        tell(shard, key, event);
    }
    let check = |id: JobId, known: Option<JobKey>, expected: &[u64]| {
        let own = journal.of_job(id, known);
        let found = journal.select(Some(0), 99, |numbered| own.contain(numbered));
        assert_eq!(numbers(&found), expected, "{id}");
    };
    for known in [None, Some(key)] {
        check(ids[0], known, &[1, 2]);
        check(ids[1], known, &[4, 7, 8]);
    }
    check(ids[2], None, &[3, 5]);
    // Of a job that nobody knows, the key tells nothing.
    check(JobId::from_u128(40), None, &[]);
}
