//! How a server ends.

use imsim::clock::{SimDuration, WallTime};

use crate::server::{Connection, Server};
use crate::world::{BATCH, sharing, world};

#[test]
fn while_draining_batches_are_refused_queries_are_answered_and_running_jobs_end() {
    let server = Server::start("drain", &world("1s", "0s"), &[]);
    let mut connection = server.connect();
    let job = connection.call("POST", BATCH, "owner", &sharing(&[0], &[0])).job();
    server.signal("INT");
    // The signal takes a moment to arrive; what is let in until then ends as well.
    let refused = (0..10_000)
        .map(|_| connection.call("POST", BATCH, "owner", &sharing(&[1], &[0])))
        .find(|answer| answer.status != 200)
        .expect("sooner or later it drains");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.text, r#"{"error":{"message":"Service unavailable.","code":"IMG.0061"}}"#);
    assert_eq!(server.show_job(&job).json()["status"], "INIT");
    let ended = server.wait();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let (accepted, done) = ended.counts();
    assert!(accepted >= 1 && accepted == done, "{ended:?}");
}

#[test]
fn a_job_that_does_not_end_in_time_is_named() {
    let server = Server::start("named", &world("1h", "0s"), &["--drain-for", "100ms"]);
    let job = server.batch("DELETE", &[0], &[0]).job();
    server.signal("TERM");
    let ended = server.wait();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("1 job did not end within 100ms:"), "{ended:?}");
    assert!(ended.stdout.contains(&format!("  {job}  delete_members  INIT")), "{ended:?}");
}

#[test]
fn of_many_jobs_that_do_not_end_in_time_some_are_named_and_the_rest_counted() {
    let server = Server::start("many", &world("1h", "0s"), &["--drain-for", "100ms"]);
    (0..25).for_each(|_| drop(server.batch("DELETE", &[0], &[0]).job()));
    server.signal("TERM");
    let ended = server.wait();
    let named = ended.stdout.lines().filter(|line| line.contains("  delete_members  INIT")).count();
    assert!(ended.stdout.contains("25 jobs did not end within 100ms:"), "{ended:?}");
    assert_eq!((named, ended.stdout.contains("  and 5 more\n")), (20, true), "{ended:?}");
}

#[test]
fn a_frozen_clock_is_named_as_the_reason_why_jobs_do_not_end() {
    let arguments = ["--clock", "frozen", "--drain-for", "100ms"];
    let server = Server::start("frozen", &world("1ms", "0s"), &arguments);
    let job = server.batch("DELETE", &[0], &[0]).job();
    server.signal("INT");
    let ended = server.wait();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("the clock is frozen"), "{ended:?}");
    assert!(ended.stdout.contains(&format!("  {job}  delete_members  INIT")), "{ended:?}");
}

#[test]
fn draining_jobs_that_go_on_by_polls_need_none() {
    let server = Server::start("unpolled", &world("1h", "1h"), &["--clock", "auto-per-poll"]);
    server.batch("DELETE", &[0, 1], &[0, 1]).job();
    server.stop();
}

#[test]
fn a_second_signal_stops_at_once() {
    let server = Server::start("twice", &world("1h", "0s"), &["--drain-for", "1h"]);
    let mut connection = server.connect();
    let job = connection.call("DELETE", BATCH, "owner", &sharing(&[0], &[0])).job();
    server.signal("INT");
    let drains = (0..100_000)
        .any(|_| connection.call("POST", BATCH, "owner", &sharing(&[0], &[0])).status == 503);
    assert!(drains, "the first signal drains");
    server.signal("INT");
    let ended = server.wait();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains(&format!("  {job}  delete_members  INIT")), "{ended:?}");
}

#[test]
fn a_batch_that_is_let_in_while_the_signal_arrives_is_a_job_that_ends() {
    // One thread reads long bodies, so that the short batches behind them wait for the front while the
    // signal comes: let in, and not yet jobs.
    let long = format!(r#"{{"projects":["x"],"images":["x"{}]}}"#, r#","x""#.repeat(3_000_000));
    let (last, most) = (&long[long.len() - 1..], &long[..long.len() - 1]);
    for round in 0..4 {
        let server =
            Server::start(&format!("late-{round}"), &world("300ms", "0s"), &["--shards", "1"]);
        let mut readers = [server.connect(), server.connect()];
        for reader in &mut readers {
            let length = long.len();
            let head = "X-Auth-Token: owner\r\nContent-Length";
            reader.send(
                format!("DELETE {BATCH} HTTP/1.1\r\nHost: t\r\n{head}: {length}\r\n\r\n{most}")
                    .as_bytes(),
            );
        }
        let mut late: Vec<Connection> = (0..4).map(|_| server.connect()).collect();
        // Without this the thread would still be taking in what came before the last byte.
        pause(SimDuration::from_millis(150));
        for reader in &mut readers {
            reader.send(last.as_bytes());
        }
        for (number, connection) in late.iter_mut().enumerate() {
            connection.request("POST", BATCH, "owner", &sharing(&[number], &[0]));
        }
        server.signal("INT");
        let answers = late.iter_mut().filter_map(Connection::answer);
        let accepted = answers.filter(|answer| answer.status == 200).count() as u64;
        let ended = server.wait();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.counts(), (accepted, accepted), "what was answered with a job ended");
    }
}

/// Lets real time pass. What is tested holds without it, but would hardly ever be put to the test.
fn pause(duration: SimDuration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(WallTime::default().sleep(duration));
}
