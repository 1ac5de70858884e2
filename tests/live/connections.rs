//! Many connections, many requests on one, and jobs that are found from any thread.

use std::collections::BTreeSet;

use crate::server::{Connection, Server};
use crate::world::{BATCH, OWNER, image, sharing, world};

const CONNECTIONS: usize = 10_000;
const PIPELINED: usize = 16;

#[test]
fn ten_thousand_open_connections_are_all_answered() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be read");
    let needed = CONNECTIONS as u64 + 200;
    assert!(limit >= needed, "this test needs {needed} descriptors, and the system allows {limit}");
    let server = Server::start("many", &world("0s", "0s"), &["--shards", "2"]);
    let mut open: Vec<Connection> = (0..CONNECTIONS).map(|_| server.connect()).collect();
    assert!(open[0].call("GET", "/", "", "").status == 300, "the first one is still served");
    assert!(server.descriptors() > CONNECTIONS, "all are open at once");
    let path = format!("/v2/images/{}/members", image(0));
    for connection in &mut open {
        connection.request("GET", &path, "owner", "");
    }
    for connection in &mut open {
        assert_eq!(connection.answer().expect("an answer").status, 200);
    }
    drop(open);
    server.stop();
}

#[test]
fn sixteen_pipelined_requests_on_each_of_a_hundred_connections_are_answered_in_order() {
    let server = Server::start("pipelined", &world("0s", "0s"), &["--shards", "2"]);
    // Bodies of different lengths lie between the heads. The unknown path has none: the server library
    // closes a connection, and says so, when an answer leaves before a body that nobody reads is there.
    let request = |number: usize| match number % 4 {
        0 => ("GET", format!("/v2/images/{}/members", image(number % 8)), String::new()),
        1 => ("POST", format!("/unknown/{number}"), String::new()),
        2 => ("DELETE", BATCH.to_owned(), sharing(&(90..90 + number).collect::<Vec<_>>(), &[0])),
        _ => ("GET", format!("/v1/{OWNER}/jobs/{number:032x}"), String::new()),
    };
    let mut open: Vec<Connection> = (0..100).map(|_| server.connect()).collect();
    for connection in &mut open {
        for number in 0..PIPELINED {
            let (method, path, body) = request(number);
            connection.request(method, &path, "owner", &body);
        }
    }
    for connection in &mut open {
        for number in 0..PIPELINED {
            let answer = connection.answer().expect("an answer");
            let (status, part) = match number % 4 {
                0 => (200, image(number % 8)),
                1 => (404, "APIGW.0101".to_owned()),
                2 => (400, "IMG.0066".to_owned()),
                _ => (400, "IMG.0023".to_owned()),
            };
            assert_eq!(answer.status, status);
            assert!(answer.text.contains(&part), "request {number} got {answer:?}");
        }
    }
    server.stop();
}

#[test]
fn a_job_is_found_from_any_thread() {
    let server = Server::start("threads", &world("0s", "0s"), &["--shards", "2"]);
    let jobs: Vec<String> = (0..64).map(|_| server.batch("POST", &[0, 1], &[0, 1]).job()).collect();
    // Digits 15 and 16 say which shard took the job.
    let shards: BTreeSet<&str> = jobs.iter().map(|job| &job[14..16]).collect();
    assert_eq!(shards.len(), 2, "both shards take jobs: {shards:?}");
    for job in &jobs {
        // Connections go to the threads in turn, so each job is asked for on both.
        for _ in 0..4 {
            let answer = server.show_job(job);
            assert_eq!(
                (answer.status, answer.json()["job_id"].as_str()),
                (200, Some(job.as_str()))
            );
        }
        assert_eq!(server.ended_job(job)["status"], "SUCCESS");
    }
    server.stop();
}

#[test]
fn every_answer_has_its_type_a_date_and_a_request_id_of_its_own() {
    let server = Server::start("headers", &world("0s", "0s"), &[]);
    let mut ids = BTreeSet::new();
    let mut connection = server.connect();
    let mut check = |method: &str, path: &str, token: &str, kind: &str| {
        let answer = connection.call(method, path, token, "");
        let id = answer.header("x-request-id").expect("a request id").to_owned();
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        assert!(ids.insert(id), "a request id came twice");
        assert_eq!(answer.header("content-type"), Some(kind), "{method} {path}");
        assert!(answer.header("date").is_some_and(|date| date.ends_with(" GMT")), "{answer:?}");
    };
    for _ in 0..3 {
        check("GET", "/", "", "application/json");
        check("DELETE", "/v1/cloudimages/members", "owner", "application/json");
        check("PATCH", "/v1/cloudimages/members", "owner", "application/json");
        check("GET", &format!("/v2/images/{}/members", image(0)), "owner", "application/json");
        check("GET", "/v2/images/none/members", "owner", "text/html; charset=UTF-8");
    }
    server.stop();
}
