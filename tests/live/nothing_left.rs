//! Faults leave nothing behind: no descriptor, no wait, no token, no room and no memory. A thousand of each,
//! or a hundred thousand with `IMSIM_FULL=1`.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::effects::client::Wire;
use crate::server::Server;
use crate::stage::{AdminAt, Stage, members_path, with_server};
use crate::world::{BATCH, sharing, world};

fn full() -> bool {
    std::env::var_os("IMSIM_FULL").is_some()
}

/// How often each fault strikes.
fn times() -> usize {
    if full() { 100_000 } else { 1_000 }
}

/// How a client takes what comes.
#[derive(Clone, Copy)]
enum Takes {
    /// To the end that the server makes.
    All,
    /// He gives up while he waits for the head.
    Nothing,
    /// He gives up after the head.
    Head,
}

/// A fault, its point, and what the client does; the rule fires on requests that name it in a header.
const STRIKES: [(&str, &str, &str, Takes); 11] = [
    ("reset", "request", r#""reset""#, Takes::All),
    ("reset-after", "response", r#""reset""#, Takes::All),
    ("close", "response", r#""close""#, Takes::All),
    ("garbage", "request", r#""garbage""#, Takes::All),
    ("truncate", "response", r#"{"truncate": {}}"#, Takes::All),
    ("never", "request", r#""never_answer""#, Takes::Nothing),
    ("never-after", "response", r#""never_answer""#, Takes::Nothing),
    ("delay", "request", r#"{"delay": {"fixed": "1h"}}"#, Takes::Nothing),
    ("delay-after", "response", r#"{"delay": {"fixed": "1h"}}"#, Takes::Nothing),
    ("dribble", "response", r#"{"dribble": {"bytes": 9, "every": "1h"}}"#, Takes::Head),
    ("bandwidth", "request", r#"{"bandwidth": {"bytes_per_second": 9}}"#, Takes::Head),
];

/// A rule for each of them.
fn rules() -> Value {
    let rule = |(id, at, effect, _): &(&str, &str, &str, Takes)| {
        let effect: Value = serde_json::from_str(effect).expect("JSON");
        let header = json!({ "header": { "name": "x-strike", "value": id } });
        json!({ "id": id, "at": at, "match": header, "effect": effect })
    };
    STRIKES.iter().map(rule).collect()
}

/// Connections that are open at once.
const AT_ONCE: usize = 50;
/// Longer than what is let in uncounted.
const LARGE_BODY: usize = 20_000;

/// The request that is struck: a query, or now and then a batch whose body takes room.
fn request(strike: &str, number: usize) -> String {
    let head = format!("Host: t\r\nX-Auth-Token: owner\r\nX-Strike: {strike}\r\n");
    if !number.is_multiple_of(10) {
        return format!("GET {} HTTP/1.1\r\n{head}\r\n", members_path(0));
    }
    let body = sharing(&[0], &[0]) + &" ".repeat(LARGE_BODY);
    let length = body.len();
    format!("POST {BATCH} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n{body}")
}

/// Lets every fault strike so often.
fn strike_all(address: SocketAddr, times: usize) {
    for (id, _, _, takes) in STRIKES {
        for first in (0..times).step_by(AT_ONCE) {
            let numbers = first..times.min(first + AT_ONCE);
            strike(address, numbers.map(|number| request(id, number)), takes);
        }
    }
}

fn strike(address: SocketAddr, requests: impl Iterator<Item = String>, takes: Takes) {
    let send = |request: String| {
        let mut wire = Wire::open(address);
        wire.send(request);
        wire
    };
    let mut open: Vec<Wire> = requests.map(send).collect();
    if matches!(takes, Takes::Nothing) {
        // Whoever was served after the others knows that most of them have been read; those that have not
        // are given up all the sooner.
        let mut last = Wire::open(address);
        last.get(&members_path(0));
        last.head();
    }
    for (number, mut wire) in open.drain(..).enumerate() {
        match takes {
            Takes::All => drop(wire.rest()),
            Takes::Head => drop(wire.head()),
            Takes::Nothing => {}
        }
        if number.is_multiple_of(2) {
            wire.reset();
        }
    }
}

/// How much more memory a server may have after a round in which every fault strikes so often: less than a
/// thousand buffers of a connection, or in the long form a few bytes each. What is left behind is left behind
/// in every round, so one that adds no more proves that nothing is; before it, the journal fills and the
/// allocator comes to the pages that it keeps.
const MOST_MEMORY: usize = 2 * 1024 * 1024;
/// Rounds in which memory must come to rest.
const MOST_ROUNDS: usize = 6;

#[test]
fn no_descriptor_and_no_memory() {
    let mut scenario = world("0s", "0s");
    scenario["faults"] = rules();
    let room = (4 * LARGE_BODY * AT_ONCE).to_string();
    // Ended jobs are kept on purpose; here they would hide what is not.
    let keep = ["--keep-jobs", "2"];
    let arguments =
        ["--clock", "frozen", "--shards", "2", "--max-body-bytes", &room, keep[0], keep[1]];
    let server = Server::start("nothing-left", &scenario, &arguments);
    // Every thread has started once it has answered.
    (0..16).for_each(|_| assert_eq!(server.call("GET", "/", "", "").status, 300));
    let idle = (0..1_000).map(|_| server.descriptors()).min().expect("a look");
    let settled = || {
        let looks = (0..200_000).map(|_| server.descriptors());
        let found = looks.into_iter().find(|open| *open <= idle);
        assert!(found.is_some(), "{} descriptors, {idle} before", server.descriptors());
        assert_eq!(server.call("DELETE", "/__admin/journal", "", "").status, 200);
        server.memory()
    };
    let mut memory = vec![settled()];
    let at_rest = (0..MOST_ROUNDS).any(|_| {
        strike_all(server.address, times());
        memory.push(settled());
        memory[memory.len() - 1] <= memory[memory.len() - 2] + MOST_MEMORY
    });
    assert!(at_rest, "memory after each round: {memory:?}");
    // What the bodies took is free again, all of it.
    let body = sharing(&[0], &[0]) + &" ".repeat(4 * LARGE_BODY * AT_ONCE - 1_000);
    assert_eq!(server.call("POST", BATCH, "owner", &body).status, 200);
    server.stop();
}

#[test]
fn no_wait_no_token_and_no_job() {
    with_server("frozen", &world("0s", "0s"), AdminAt::ServicePort, |stage| {
        stage.set_rules(&rules());
        strike_all(stage.address, times());
        nothing_is_left(stage);
    });
}

#[test]
fn nothing_of_connections_that_are_struck_when_they_are_accepted() {
    with_server("frozen", &world("0s", "0s"), AdminAt::OwnAddress, |stage| {
        for (effect, takes) in [
            (json!("reset"), Takes::All),
            (json!("close"), Takes::All),
            (json!("garbage"), Takes::All),
            (json!("never_answer"), Takes::Nothing),
            (json!({ "delay": { "fixed": "1h" } }), Takes::Nothing),
        ] {
            stage.set_rules(&json!([{ "at": "connection", "effect": effect }]));
            for number in 0..times() {
                // A reset may come before the connection is there.
                let Ok(mut wire) = Wire::try_open(stage.address) else { continue };
                if number.is_multiple_of(3) || matches!(takes, Takes::Nothing) {
                    wire.get(&members_path(0));
                }
                if matches!(takes, Takes::All) {
                    wire.rest();
                }
            }
        }
        stage.set_rules(&json!([]));
        nothing_is_left(stage);
    });
}

fn nothing_is_left(stage: &Stage) {
    let shared = &stage.shared;
    let quiet = |_: &Stage| {
        let status = shared.clock.status();
        status.waiting == 0 && status.busy == 0 && shared.admission.is_idle()
    };
    stage.until("nobody waits and nothing happens", quiet);
    // Connections that their clients have left may not have been looked at yet; these come behind them.
    (0..16).for_each(|_| assert_eq!(stage.list(0).status, 200));
    stage.until("nobody waits and nothing happens still", quiet);
    assert_eq!(shared.clock.status().real_sleeps, 0);
    assert_eq!(shared.admission.running_jobs(), 0);
}
