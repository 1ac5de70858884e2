//! What is let in, and what is not.

use std::rc::Rc;

use super::*;

#[test]
fn jobs_workers_and_waiting_requests_are_bounded_each_for_itself() {
    let limits = AdmissionLimits {
        running_jobs: 2,
        running_workers: 5,
        waiting_requests: 1,
        ..AdmissionLimits::default()
    };
    let admission = Rc::new(Arc::new(Admission::new(limits)));
    let first = admission.admit(0, JobType::Add, 3).expect("room for one");
    assert_eq!(admission.admit(0, JobType::Add, 3).err(), Some(Code::Throttled));
    let second = admission.admit(0, JobType::Add, 2).expect("room for two workers");
    assert_eq!(admission.admit(0, JobType::Add, 0).err(), Some(Code::Throttled));
    drop(first);
    assert!(admission.admit(0, JobType::Add, 3).is_ok());
    drop(second);
    let place = admission.enter().expect("one place");
    assert_eq!(admission.enter().err(), Some(Code::Throttled));
    drop(place);
    assert!(admission.enter().is_ok());
    assert_eq!((admission.running_jobs(), admission.counts().accepted), (0, 3));
}

#[test]
fn the_bounds_of_both_counts_hold_at_their_ends() {
    let check = |jobs: usize, workers: usize, images: &[usize], let_in: &[bool]| {
        let limits = AdmissionLimits {
            running_jobs: jobs,
            running_workers: workers,
            ..AdmissionLimits::default()
        };
        let admission = Rc::new(Arc::new(Admission::new(limits)));
        let permits: Vec<_> =
            images.iter().map(|images| admission.admit(0, JobType::Add, *images)).collect();
        let found: Vec<bool> = permits.iter().map(Result::is_ok).collect();
        assert_eq!(found, let_in, "{jobs} {workers} {images:?}");
        drop(permits);
        assert_eq!(admission.running.count(), (0, 0));
    };
    check(2, 5, &[5, 0, 0], &[true, true, false]);
    check(9, 5, &[6, 5, 1], &[false, true, false]);
    check(0, 5, &[1], &[false]);
    check(usize::MAX, usize::MAX, &[MOST_RUNNING + 1, MOST_RUNNING, 1], &[false, true, false]);
}

#[test]
fn what_became_of_jobs_is_counted_by_type_and_in_sum() {
    let admission = Rc::new(Arc::new(Admission::new(AdmissionLimits::default())));
    let admit = |shard, job_type| admission.admit(shard, job_type, 2).expect("room");
    let (add, other, update) =
        (admit(0, JobType::Add), admit(17, JobType::Add), admit(255, JobType::Update));
    add.ended(true);
    other.ended(false);
    update.lost();
    let counts =
        |accepted, succeeded, failed, lost| JobCounts { accepted, succeeded, failed, lost };
    assert_eq!(admission.counts_of(JobType::Add), counts(2, 1, 1, 0));
    assert_eq!(admission.counts_of(JobType::Delete), counts(0, 0, 0, 0));
    assert_eq!(admission.counts_of(JobType::Update), counts(1, 0, 0, 1));
    assert_eq!(admission.counts(), counts(3, 1, 1, 1));
    let under_way = admission.under_way();
    assert_eq!((under_way.running_jobs, under_way.running_workers), (3, 6));
}

#[test]
fn bytes_of_large_bodies_are_bounded_in_sum_and_given_back() {
    let limits = AdmissionLimits { body_bytes: 100_000, ..AdmissionLimits::default() };
    let admission = Rc::new(Arc::new(Admission::new(limits)));
    let mut rooms: Vec<BodyRoom> = (0..20).map(|_| admission.body_room()).collect();
    assert!(rooms.iter_mut().all(|room| room.grow(SMALL_BODY).is_ok()), "small ones are free");
    assert!(rooms[0].grow(60_000).is_ok() && rooms[0].grow(70_000).is_ok());
    assert_eq!(rooms[1].grow(40_000), Err(Code::Throttled));
    assert!(rooms[2].grow(30_000).is_ok());
    rooms.clear();
    assert!(admission.body_room().grow(100_000).is_ok());
    assert!(admission.body_room().grow(100_000).is_ok());
}

#[test]
fn while_draining_nothing_is_let_in() {
    let admission = Rc::new(Arc::new(Admission::new(AdmissionLimits::default())));
    admission.drain();
    assert_eq!(admission.enter().err(), Some(Code::ServiceUnavailable));
    assert!(admission.is_idle(), "a refused request keeps no place");
}

#[test]
fn a_request_that_came_in_before_draining_is_waited_for_and_so_is_its_job() {
    let admission = Rc::new(Arc::new(Admission::new(AdmissionLimits::default())));
    let place = admission.enter().expect("it does not drain yet");
    admission.drain();
    assert!(!admission.is_idle(), "the request may still become a job");
    let job = admission.admit(0, JobType::Add, 1).expect("it came in before");
    drop(place);
    assert!(!admission.is_idle(), "the job runs");
    drop(job);
    assert!(admission.is_idle());
}
