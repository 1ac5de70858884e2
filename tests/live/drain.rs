//! How a server ends.

use crate::server::Server;
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
    assert!(ended.stdout.contains("1 jobs did not end within 100ms:"), "{ended:?}");
    assert!(ended.stdout.contains(&format!("  {job}  delete_members  INIT")), "{ended:?}");
}

#[test]
fn a_second_signal_stops_at_once() {
    let server = Server::start("twice", &world("1h", "0s"), &["--drain-for", "1h"]);
    let mut connection = server.connect();
    connection.call("DELETE", BATCH, "owner", &sharing(&[0], &[0])).job();
    server.signal("INT");
    let drains = (0..100_000)
        .any(|_| connection.call("POST", BATCH, "owner", &sharing(&[0], &[0])).status == 503);
    assert!(drains, "the first signal drains");
    server.signal("INT");
    assert_eq!(server.wait().code, Some(1));
}
