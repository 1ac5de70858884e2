//! The live clock in each of its modes, behind sockets: the same jobs, and how long they truly take.

use imsim::api::time;
use imsim::clock::{Mode, SimDuration};
use serde_json::{Value, json};

use crate::server::Connection;
use crate::stage::{Stage, state, with_clock};
use crate::world::{BATCH, OWNER, sharing};

/// How much simulated time a job took from its beginning to its end, in seconds.
fn took(job: &Value) -> u64 {
    let ms = |key: &str| job[key].as_str().and_then(time::parse).expect("a time");
    (ms("end_time") - ms("begin_time")) / 1_000
}

const MINUTE: SimDuration = SimDuration::from_millis(60_000);

#[test]
fn skipping_a_job_of_five_minutes_takes_no_sleep() {
    with_clock("auto", "240s", "30s", |stage| {
        let job = stage.submit(&[0, 1], &[0, 1]);
        let answers = stage.poll(&job);
        let last = answers.last().expect("there is an end").json();
        assert_eq!((took(&last), stage.sleeps()), (300, 0), "{last}");
        assert!(stage.shared.clock.status().jumps > 0);
        assert_eq!(stage.shared.clock.status().busy, 0);
    });
}

#[test]
fn many_clients_that_never_rest_do_not_keep_a_skipping_clock_from_moving() {
    with_clock("auto", "240s", "30s", |stage| {
        std::thread::scope(|scope| {
            for client in 0..64 {
                scope.spawn(move || {
                    let job = stage.submit(&[client % 8], &[client / 8]);
                    assert_eq!(state(stage.poll(&job).last().expect("an end")), "SUCCESS");
                });
            }
        });
        assert_eq!(stage.sleeps(), 0);
    });
}

/// Each client starts a job as soon as its last one was accepted. Under a clock that skips, few of them may be
/// under way at any time; else they could not all be waited for when the server stops.
#[test]
fn under_a_skipping_clock_jobs_end_as_fast_as_they_are_started() {
    with_clock("auto", "240s", "30s", |stage| {
        let most = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..8)
                .map(|client| {
                    scope.spawn(move || {
                        let mut connection = stage.connect();
                        let body = sharing(&[client], &[0, 1]);
                        for _ in 0..200 {
                            let answer = connection.call("POST", BATCH, "owner", &body);
                            assert_eq!(answer.status, 200, "{answer:?}");
                        }
                    })
                })
                .collect();
            let mut most = 0;
            while !clients.iter().all(|client| client.is_finished()) {
                most = most.max(stage.shared.admission.running_jobs());
            }
            most
        });
        assert!(most < 800, "{most} of 1,600 jobs ran at once");
    });
}

#[test]
fn by_polls_a_client_sees_every_phase_of_every_job() {
    with_clock("auto-per-poll", "240s", "30s", |stage| {
        for project in 0..3 {
            let job = stage.submit(&[0], &[project, project + 3]);
            let seen: Vec<String> = stage.poll(&job).iter().map(state).collect();
            // The beginning, then preparation and two pairs, each after one more poll.
            assert_eq!(seen, ["INIT", "RUNNING", "RUNNING", "RUNNING", "SUCCESS"]);
        }
        assert_eq!(stage.sleeps(), 0);
    });
}

/// Every call of the service takes this long.
fn slowed(stage: &Stage) {
    let delay = json!({ "delay": { "fixed": "200ms" } });
    stage.set_rules(&json!([{ "id": "slow", "at": "request", "effect": delay }]));
}

#[test]
fn clients_whose_calls_a_rule_delays_finish_under_a_skipping_clock() {
    with_clock("auto", "0s", "0s", |stage| {
        slowed(stage);
        std::thread::scope(|scope| {
            for client in 0..64 {
                scope.spawn(move || {
                    let job = stage.submit(&[client % 8], &[client / 8]);
                    let answers = stage.poll(&job);
                    let last = answers.last().expect("an end");
                    assert_eq!(
                        (&*state(last), last.header("x-imsim-rules")),
                        ("SUCCESS", Some("slow"))
                    );
                });
            }
        });
        assert_eq!((stage.sleeps(), stage.shared.clock.status().busy), (0, 0));
    });
}

#[test]
fn by_polls_that_a_rule_delays_a_client_sees_the_job_run_and_end() {
    with_clock("auto-per-poll", "240s", "30s", |stage| {
        slowed(stage);
        let before = stage.shared.clock.now();
        let job = stage.submit(&[0], &[0, 1]);
        let answers = stage.poll(&job);
        let seen: Vec<String> = answers.iter().map(state).collect();
        // Preparation takes no time, so it is over when the call that finds it has waited.
        assert_eq!(seen, ["INIT", "RUNNING", "RUNNING", "SUCCESS"]);
        assert_eq!((took(&answers[3].json()), stage.sleeps()), (300, 0));
        // The last call waited behind the job's end.
        assert!((stage.shared.clock.now() - before).as_millis() >= 300_000 + 200);
    });
}

#[test]
fn frozen_time_stands_still_and_an_advance_ends_when_all_has_settled() {
    with_clock("frozen", "4m", "30s", |stage| {
        let jobs: Vec<String> = (0..8).map(|image| stage.submit(&[image], &[0, 1])).collect();
        let states = || -> Vec<String> {
            let path = |job| format!("/v1/{OWNER}/jobs/{job}");
            let mut connection = Connection::open(stage.address);
            jobs.iter().map(|job| state(&connection.call("GET", &path(job), "owner", ""))).collect()
        };
        assert!(states().iter().all(|state| state == "INIT"));
        let first = stage.advance(SimDuration::from_millis(4 * 60_000 - 1));
        assert_eq!((first.fired, stage.shared.clock.now()), (0, first.to));
        assert!(states().iter().all(|state| state == "INIT"));
        // The last millisecond of the waiting, the preparation in no time, and one pair.
        let second = stage.advance(SimDuration::from_millis(30_001));
        assert_eq!((second.from, second.fired), (first.to, 16));
        assert!(states().iter().all(|state| state == "RUNNING"));
        let third = stage.advance(MINUTE);
        assert_eq!(third.fired, 8);
        assert!(states().iter().all(|state| state == "SUCCESS"));
        let mut connection = Connection::open(stage.address);
        let answer = connection.call("GET", &format!("/v1/{OWNER}/jobs/{}", jobs[0]), "owner", "");
        let date = time::http_date(third.to.as_millis());
        assert_eq!(answer.header("date"), Some(&*date));
        assert_eq!((took(&answer.json()), stage.sleeps()), (300, 0));
    });
}

#[test]
fn real_and_scaled_time_flow() {
    for (mode, init) in [("real", "20ms"), ("x6000", "5m")] {
        with_clock(mode, init, "0s", |stage| {
            let job = stage.submit(&[0], &[0]);
            let answers = stage.poll(&job);
            assert_eq!(state(answers.last().expect("an end")), "SUCCESS", "{mode}");
            assert_eq!(stage.shared.clock.status().jumps, 0, "{mode}");
        });
    }
}

#[test]
fn the_mode_can_change_while_jobs_wait() {
    with_clock("frozen", "4m", "30s", |stage| {
        let (clock, job) = (&stage.shared.clock, stage.submit(&[0], &[0, 1]));
        let before = clock.now();
        assert_eq!(clock.set_mode(Mode::Auto { one_event_per_poll: false }), Ok(()));
        assert_eq!(state(stage.poll(&job).last().expect("an end")), "SUCCESS");
        assert!((clock.now() - before).as_millis() >= 300_000);
        assert_eq!(clock.set_mode(Mode::Frozen), Ok(()));
        let stood = clock.now();
        stage.submit(&[1], &[0]);
        // An advance by nothing lets the job come to where it waits.
        assert_eq!(stage.advance(SimDuration::ZERO).fired, 0);
        assert_eq!((clock.now(), clock.waiting(), stage.sleeps()), (stood, 1, 0));
    });
}
