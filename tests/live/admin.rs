//! The admin API over sockets: where it is, who may use it, and what it promises while work goes on.

use std::collections::BTreeSet;
use std::thread;

use serde_json::json;

use crate::server::{Answer, Connection, Server};
use crate::world::{BATCH, image, sharing, world};

const HEALTH: &str = "/__admin/health";
const OWN_ADDRESS: [&str; 2] = ["--admin-addr", "127.0.0.1:0"];

fn get(connection: &mut Connection, path: &str) -> Answer {
    connection.call("GET", path, "", "")
}

#[test]
fn without_an_address_of_its_own_it_is_on_the_services_port() {
    let server = Server::start("admin-beside", &world("0s", "0s"), &[]);
    assert_eq!(server.address, server.admin);
    let answer = get(&mut server.connect_admin(), HEALTH);
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("ok")));
    server.stop();
}

#[test]
fn an_address_of_its_own_has_nothing_else_and_the_services_port_has_it_no_more() {
    let server = Server::start("admin-alone", &world("0s", "0s"), &OWN_ADDRESS);
    assert_ne!(server.address, server.admin);
    let mut admin = server.connect_admin();
    assert_eq!(get(&mut admin, HEALTH).status, 200);
    let elsewhere = get(&mut admin, &format!("/v2/images/{}/members", image(0)));
    assert_eq!(elsewhere.status, 404);
    assert!(elsewhere.json()["error"]["message"].is_string(), "{elsewhere:?}");

    let document = get(&mut admin, "/__admin/openapi.json").json();
    let told = document["servers"][0]["url"].as_str().unwrap_or_default();
    assert!(told.ends_with(&format!(":{}", server.address.port())), "{told}");

    let mut service = server.connect();
    let (own, unknown) = (get(&mut service, HEALTH), get(&mut service, "/nowhere"));
    for answer in [&own, &unknown] {
        assert_eq!((answer.status, &answer.json()["error_code"]), (404, &json!("APIGW.0101")));
    }
    // To the service it is a call like any other, and the admin API's own calls are not counted.
    let counted = admin.call("POST", "/__admin/verify", "", r#"{"path": "/__admin*"}"#);
    assert_eq!(counted.json()["count"], 1, "{counted:?}");
    server.stop();
}

#[test]
fn with_a_token_nobody_is_let_in_without_it() {
    let ask = |server: &Server, header: &str, path: &str| {
        let mut connection = server.connect_admin();
        connection.send(format!("GET {path} HTTP/1.1\r\nHost: t\r\n{header}\r\n").as_bytes());
        connection.answer().expect("an answer")
    };
    let check = |server: Server| {
        for path in ["/__admin", HEALTH, "/__admin/unknown"] {
            for header in ["", "Authorization: Bearer wrong\r\n", "Authorization: hunter2\r\n"] {
                let refused = ask(&server, header, path);
                assert_eq!(
                    (refused.status, refused.header("www-authenticate")),
                    (401, Some("Bearer"))
                );
                assert!(refused.json()["error"]["message"].is_string(), "{refused:?}");
            }
        }
        for header in ["Authorization: Bearer hunter2\r\n", "authorization: bearer hunter2\r\n"] {
            assert_eq!(ask(&server, header, HEALTH).status, 200);
        }
        assert_eq!(server.call("GET", "/nowhere", "", "").status, 404, "the service needs none");
        server.stop();
    };
    let world = world("0s", "0s");
    check(Server::start("admin-token", &world, &["--admin-token", "hunter2"]));
    let environment = [("IMSIM_ADMIN_TOKEN", "hunter2")];
    check(Server::start_in(&environment, "admin-variable", &world, &OWN_ADDRESS));
}

#[test]
fn a_wait_is_answered_when_the_job_ends_on_whichever_shard() {
    let server = Server::start("admin-wait", &world("300ms", "0s"), &["--shards", "2"]);
    let jobs: Vec<String> = (0..8).map(|_| server.batch("POST", &[0, 1], &[0]).job()).collect();
    let shards: BTreeSet<&str> = jobs.iter().map(|job| &job[14..16]).collect();
    assert_eq!(shards.len(), 2, "both shards take jobs: {shards:?}");
    let mut waiting: Vec<Connection> = jobs.iter().map(|_| server.connect_admin()).collect();
    for (job, connection) in jobs.iter().zip(&mut waiting) {
        connection.request("GET", &format!("/__admin/wait?job={job}"), "", "");
    }
    for (job, connection) in jobs.iter().zip(&mut waiting) {
        let answer = connection.answer().expect("an answer");
        assert_eq!((answer.status, &answer.json()["state"]), (200, &json!("SUCCESS")));
        // Whoever was answered finds the job ended wherever he looks.
        assert_eq!(server.show_job(job).json()["status"], "SUCCESS");
        assert_eq!(answer.text, get(connection, &format!("/__admin/jobs/{job}")).text);
    }
    server.stop();
}

#[test]
fn waits_are_bounded_and_those_who_go_away_make_room() {
    let arguments = ["--shards", "1", "--drain-for", "0s", OWN_ADDRESS[0], OWN_ADDRESS[1]];
    let server = Server::start("admin-waiters", &world("1h", "0s"), &arguments);
    let job = server.batch("POST", &[0], &[0]).job();
    // More than there is room for, since whoever asks below may take a place before one of these does.
    let mut waiting: Vec<Connection> = (0..1_200).map(|_| server.connect_admin()).collect();
    for connection in &mut waiting {
        connection.request("GET", &format!("/__admin/wait?job={job}&timeout=10m"), "", "");
    }
    let mut asking = server.connect_admin();
    let mut until = |status: u16| {
        let path = format!("/__admin/wait?job={job}&timeout=0s");
        let found = (0..100_000).map(|_| get(&mut asking, &path)).find(|it| it.status == status);
        found.unwrap_or_else(|| panic!("never {status}"))
    };
    assert!(until(429).json()["error"]["message"].is_string());
    drop(waiting);
    assert_eq!(until(408).json()["job"]["state"], "INIT");
    server.signal("INT");
    server.wait();
}

#[test]
fn an_entry_is_visible_before_its_answer_leaves() {
    let server = Server::start("admin-visible", &world("0s", "0s"), &["--shards", "2"]);
    // Two connections to two threads: who asks is not who answered.
    let (mut calling, mut asking) = (server.connect(), server.connect_admin());
    for number in 0..300 {
        let path = format!("/v2/images/none-{number}/members");
        assert_eq!(calling.call("GET", &path, "owner", "").status, 404);
        let question = json!({ "path": path, "exactly": 1 }).to_string();
        let answer = asking.call("POST", "/__admin/verify", "", &question);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    server.stop();
}

#[test]
fn whoever_follows_the_journal_by_number_misses_nothing_and_sees_nothing_twice() {
    const CALLERS: usize = 4;
    const CALLS: usize = 500;
    let server = Server::start("admin-follow", &world("0s", "0s"), &["--shards", "4"]);
    let mut reader = server.connect_admin();
    let (mut next, mut seen) = (0, Vec::new());
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            let mut connection = server.connect();
            scope.spawn(move || {
                for call in 0..CALLS {
                    connection.call("GET", &format!("/nowhere/{caller}/{call}"), "", "");
                }
            });
        }
        for _ in 0..100_000 {
            let path = format!("/__admin/journal?since={next}&limit=7&event=call");
            let page = get(&mut reader, &path).json();
            let entries = page["entries"].as_array().expect("a list");
            let targets = entries.iter().map(|it| it["target"].as_str().expect("text").to_owned());
            seen.extend(targets);
            next = page["next"].as_u64().expect("a number");
            if seen.len() >= CALLERS * CALLS {
                break;
            }
        }
    });
    let different: BTreeSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), different.len()), (CALLERS * CALLS, CALLERS * CALLS));
    let question = json!({ "operation": "unknown", "status": 404, "exactly": CALLERS * CALLS });
    let counted = reader.call("POST", "/__admin/verify", "", &question.to_string());
    assert_eq!((counted.status, &counted.json()["exact"]), (200, &json!(true)), "{counted:?}");
    server.stop();
}

#[test]
fn a_change_of_a_rule_is_answered_by_what_it_made_whatever_others_do_to_it() {
    const CLIENTS: usize = 4;
    const CHANGES: usize = 500;
    let server = Server::start("admin-rivals", &world("0s", "0s"), &["--shards", "4"]);
    let rule = json!({ "id": "rival", "at": "job", "effect": "lose" }).to_string();
    let change = |client: usize| {
        let (method, path, body, possible) = match client % 2 {
            0 => ("POST", "/__admin/faults", rule.as_str(), [201, 409]),
            _ => ("DELETE", "/__admin/faults/rival", "", [200, 404]),
        };
        let mut connection = server.connect_admin();
        for _ in 0..CHANGES {
            let answer = connection.call(method, path, "", body);
            assert!(possible.contains(&answer.status), "{answer:?}");
        }
    };
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let change = &change;
            scope.spawn(move || change(client));
        }
    });
    server.stop();
}

#[test]
fn it_works_while_the_server_drains() {
    let server = Server::start("admin-drain", &world("1s", "0s"), &OWN_ADDRESS);
    let job = server.call("POST", BATCH, "owner", &sharing(&[0], &[0])).job();
    let (mut asking, mut waiting) = (server.connect_admin(), server.connect_admin());
    waiting.request("GET", &format!("/__admin/wait?job={job}"), "", "");
    server.signal("INT");
    let draining = (0..100_000).map(|_| get(&mut asking, HEALTH).json());
    let health = draining.into_iter().find(|health| health["status"] == "draining");
    assert_eq!(health.expect("it drains")["jobs"]["running"], 1);
    assert_eq!(waiting.answer().expect("an answer").json()["state"], "SUCCESS");
    assert_eq!(server.wait().counts(), (1, 1));
}
