//! What is let in, and what is remembered.

use crate::server::Server;
use crate::world::{BATCH, project, sharing, world};

/// Latencies so long that a job is still running while the test looks.
const LONG: &str = "1h";

#[test]
fn more_jobs_or_workers_than_allowed_are_refused_and_let_in_when_there_is_room() {
    let check = |option: &str, limit: &str, images: &[usize]| {
        let server = Server::start(&format!("room{option}"), &world("1s", "0s"), &[option, limit]);
        let first = server.batch("POST", images, &[0]).job();
        let refused = server.batch("POST", images, &[1]);
        assert_eq!(refused.status, 429, "{option}: {refused:?}");
        assert_eq!(refused.json()["error_code"], "APIGW.0308");
        assert_eq!(refused.json()["error_msg"], "The throttling threshold has been reached.");
        assert_eq!(server.ended_job(&first)["status"], "SUCCESS");
        let second = server.batch("POST", images, &[1]).job();
        assert_eq!(server.ended_job(&second)["status"], "SUCCESS");
        server.stop();
    };
    check("--max-running-jobs", "1", &[0]);
    check("--max-running-workers", "3", &[0, 1]);
}

#[test]
fn bytes_of_bodies_under_way_are_bounded_in_sum() {
    let arguments = ["--max-body-bytes", "100000"];
    let server = Server::start("bodies", &world("0s", "0s"), &arguments);
    let large = sharing(&[0], &[0]) + &" ".repeat(40_000);
    let head = format!("POST {BATCH} HTTP/1.1\r\nHost: t\r\nContent-Length: 90000\r\n\r\n");
    // The slow body takes its room as it arrives; from then on a large one is refused, a small one not.
    // If the large one comes too early, the slow one is refused instead, and both try again.
    let (slow, refused) = (0..100)
        .find_map(|_| {
            let mut slow = server.connect();
            slow.send(head.as_bytes());
            slow.send(&[b' '; 80_000]);
            for _ in 0..100 {
                assert_eq!(server.batch("POST", &[0], &[0]).status, 200);
            }
            let answer = server.call("POST", BATCH, "owner", &large);
            (answer.status != 200).then_some((slow, answer))
        })
        .expect("the slow body takes room");
    assert_eq!((refused.status, refused.json()["error_code"].as_str()), (429, Some("APIGW.0308")));
    assert_eq!(server.batch("POST", &[0], &[0]).status, 200);
    drop(slow);
    let let_in = (0..100_000).any(|_| server.call("POST", BATCH, "owner", &large).status == 200);
    assert!(let_in, "what the slow body took is given back");
    server.stop();
}

#[test]
fn at_most_so_many_requests_wait_as_the_option_says() {
    let server = Server::start("waiting", &world("0s", "0s"), &["--max-waiting-requests", "0"]);
    assert_eq!(server.batch("POST", &[0], &[0]).status, 429);
    assert_eq!(server.show_job(&project(7)).status, 400, "queries do not wait for the front");
    server.stop();
}

#[test]
fn a_batch_that_could_never_run_is_refused_at_once() {
    let server = Server::start("never", &world(LONG, "0s"), &["--max-running-workers", "1"]);
    assert_eq!(server.batch("POST", &[0, 1], &[0]).status, 429);
    assert_eq!(server.call("POST", BATCH, "owner", &sharing(&[9], &[0])).status, 400);
    server.stop();
}

#[test]
fn only_as_many_ended_jobs_and_pairs_are_kept_as_the_options_say() {
    let check = |option: &str, limit: &str, kept: usize| {
        let arguments = [option, limit, "--shards", "1"];
        let server = Server::start(&format!("kept{option}"), &world("0s", "0s"), &arguments);
        let mut jobs = Vec::new();
        for _ in 0..5 {
            let job = server.batch("POST", &[0, 1], &[0]).job();
            // The last one is always there when it ends, unless nothing at all is kept.
            assert_eq!(server.ended_job(&job)["status"], "SUCCESS");
            jobs.push(job);
        }
        let found: Vec<bool> = jobs.iter().map(|job| server.show_job(job).status == 200).collect();
        let expected: Vec<bool> = (0..5).map(|number| number >= 5 - kept).collect();
        assert_eq!(found, expected, "{option} {limit}");
        assert_eq!(kept == 5, server.show_job(&jobs[0]).json()["error"]["code"] != "IMG.0023");
        server.stop();
    };
    check("--keep-jobs", "2", 2);
    check("--keep-pairs", "6", 3);
    check("--keep-jobs", "100", 5);
}

#[test]
fn an_ended_job_is_forgotten_when_its_time_is_over() {
    let server = Server::start("aged", &world("0s", "0s"), &["--keep-for", "20ms"]);
    let job = server.batch("POST", &[0], &[0]).job();
    let forgotten = (0..100_000).map(|_| server.show_job(&job)).find(|answer| answer.status != 200);
    let forgotten = forgotten.expect("sooner or later it is too old");
    assert_eq!((forgotten.status, &forgotten.json()["error"]["code"]), (400, &"IMG.0023".into()));
    server.stop();
}
