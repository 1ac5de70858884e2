use super::super::entry::{Asked, Delivery, KeptBody, SentToken};
use super::*;
use crate::api::JobId;
use crate::api::Operation;
use crate::seed::{CallKey, JobKey};

fn at(ms: u64) -> SimTime {
    SimTime::from_millis(ms)
}

/// What is heard, one number after the other from 1.
enum Heard {
    /// A query that was answered at this time and saw all entries below this number.
    Query(u64, u64),
    /// A submission that became a job at this time.
    Submission(u64),
    /// Work that was due at this time.
    Work(u64),
}

fn call(operation: Operation, ms: u64, arrived: u64, job: Option<u128>) -> Event {
    let token = SentToken::None;
    let (waited, lasts, headers) = (false, false, Box::default());
    let asked = Asked {
        subject: SentToken::None,
        issued: None,
        arrived,
        saw: arrived,
        at: at(ms),
        waited,
        lasts,
        token,
        headers,
    };
    Event::Call(Arc::new(CallRecord {
        operation,
        method: "GET".into(),
        target: "/".into(),
        project: None,
        request: KeptBody::default(),
        status: 200,
        refusal: None,
        answer: KeptBody::default(),
        job: job.map(|number| (JobId::compose(number, 0, ms), JobKey::new(number, 1))),
        delivery: Delivery::Answered,
        asked,
    }))
}

/// Checks the times of the calls in their order.
fn check(heard: &[Heard], expected: &[u64]) {
    let mut reel = Reel::default();
    for (number, heard) in (1..).zip(heard) {
        let calls = Subject::Call(CallKey::new(0, number));
        let (time, subject, event) = match *heard {
            Heard::Query(ms, saw) => (ms, calls, call(Operation::ShowJob, ms, saw, Some(0))),
            Heard::Submission(ms) => {
                let job = Some(u128::from(number));
                (ms, calls, call(Operation::AddMembers, ms, number, job))
            }
            Heard::Work(ms) => (ms, Subject::Job(JobKey::new(0, 1)), Event::JobStarted),
        };
        reel.hear(number, at(time), subject, &event);
    }
    let times = reel.into_happenings().into_iter().map(|one| one.at.as_millis());
    assert_eq!(times.collect::<Vec<_>>(), expected);
}

#[test]
fn a_query_comes_before_the_work_that_it_did_not_see() {
    use Heard::{Query, Submission, Work};
    check(&[Query(10, 1), Work(20)], &[10]);
    check(&[Work(10), Query(10, 2)], &[10]);
    check(&[Query(10, 1), Work(10)], &[9]);
    check(&[Query(10, 1), Query(12, 2), Work(11), Query(12, 4)], &[10, 10, 12]);
    // It began before the work and was answered after it.
    check(&[Work(9), Work(10), Query(10, 2)], &[9]);
    // A submission sees nothing of it, and a job begins when it begins.
    check(&[Submission(10), Work(10)], &[10]);
    check(&[Submission(11), Query(11, 2), Work(11)], &[10, 11]);
}
