//! The native API over sockets: exact statuses, bodies where none are needed, odd methods and targets, and
//! many clients at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::server::{Answer, Server};
use crate::world::{BATCH, OWNER, PROJECTS, image, project, sharing, world};

const JSON: Option<&str> = Some("application/json");

fn request(method: &str, path: &str, token: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: {token}\r\nAccept: application/json\r\n\
         Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Contract, "What existing client programs require", C-7 and C-9: one client, on one connection, that sends
/// a body with everything.
#[test]
fn exact_statuses_and_types_are_answered_to_clients_that_send_a_body_with_everything() {
    let server = Server::start("native", &world("0s", "0s"), &["--shards", "2"]);
    let members = format!("/v2/images/{}/members", image(0));
    let one = format!("{members}/{}", project(0));
    let add = json!({ "member": project(0) }).to_string();
    let accept = json!({ "status": "rejected", "member": project(0) }).to_string();
    let picture = format!("/v2/images/{}", image(1));
    let octets = "application/octet-stream";
    let json = "application/json;charset=utf-8";
    let table: &[(&str, &str, &str, &str, &str, u16)] = &[
        ("GET", &members, "owner", octets, "{}", 200),
        ("GET", &format!("{members}?"), "owner", json, "{}", 200),
        ("GET", &format!("{one}?image_id={}", image(1)), "owner", octets, "{}", 200),
        ("DELETE", &one, "owner", json, "{}", 204),
        ("DELETE", &one, "owner", json, "{}", 404),
        ("POST", &members, "owner", json, &add, 200),
        ("POST", &members, "owner", json, &add, 409),
        ("PUT", &one, "project-0", "text/plain", &accept, 200),
        ("DELETE", &picture, "owner", json, "{\"delete_backup\": true}", 204),
        ("DELETE", &picture, "owner", json, "{}", 404),
        ("GET", "/v2/schemas/member", "owner", octets, "{}", 200),
    ];
    let mut connection = server.connect();
    for (method, path, token, kind, body, status) in table {
        connection.send(&request(method, path, token, kind, body));
        let answer = connection.answer().expect("an answer");
        assert_eq!(answer.status, *status, "{method} {path}: {answer:?}");
        let kind = if *status == 204 { None } else { JSON };
        assert_eq!(answer.header("content-type"), kind, "{method} {path}");
        // RFC 9110: a 204 says nothing of a length.
        assert_eq!(answer.header("content-length").is_none(), *status == 204, "{method} {path}");
        assert_eq!(answer.header("x-request-id").map(str::len), Some(32));
    }
    server.stop();
}

/// C-15: 404 in the gateway's form for every odd method, on every path and on what is no path.
#[test]
fn odd_methods_and_targets_are_unknown_in_the_form_of_the_gateway() {
    let server = Server::start("odd", &world("0s", "0s"), &["--shards", "1"]);
    let known = "The API does not exist.";
    let unknown = "The API does not exist or has not been published in the environment.";
    let members = format!("/v2/images/{}/members", image(0));
    let paths = [
        (BATCH.to_owned(), known),
        (members.clone(), known),
        (format!("{members}/{}", project(0)), known),
        (format!("/v2/images/{}", image(0)), known),
        (format!("/v1/{OWNER}/jobs/{}", project(7)), known),
        ("/v2/schemas/member".to_owned(), known),
        ("/".to_owned(), known),
        ("/v2".to_owned(), known),
        (format!("http://elsewhere:99{members}"), known),
        (format!("/v1/{OWNER}/cloudimages/{}/members", image(0)), unknown),
        ("/nowhere".to_owned(), unknown),
        ("*".to_owned(), unknown),
        ("t:80".to_owned(), unknown),
    ];
    let methods = ["TRACE", "QUERY", "get", "Post", "PATCH", "OPTIONS", "CONNECT", "M-SEARCH", "1"];
    for (path, text) in &paths {
        for method in methods {
            let mut connection = server.connect();
            let head =
                format!("{method} {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\n\r\n");
            connection.send(head.as_bytes());
            let answer = connection.answer().expect("an answer");
            let body = answer.json();
            let found = (answer.status, body["error_msg"].as_str(), body["error_code"].as_str());
            assert_eq!(found, (404, Some(*text), Some("APIGW.0101")), "{method} {path}");
        }
    }
    // An absolute target is the same as its path.
    let mut connection = server.connect();
    connection.send(&request("GET", &format!("http://t{members}"), "owner", "text/plain", ""));
    assert_eq!(connection.answer().map(|answer| answer.status), Some(200));
    server.stop();
}

/// Several clients and a batch add the same members at once: of all that say that they added one, exactly
/// one is right for each.
#[test]
fn each_member_is_added_once_however_many_clients_add_it() {
    const CLIENTS: usize = 4;
    let server = Server::start("adders", &world("0s", "0s"), &["--shards", "2"]);
    let job = server.batch("DELETE", &[0], &Vec::from_iter(0..PROJECTS)).job();
    server.ended_job(&job);
    let members = format!("/v2/images/{}/members", image(0));
    let added = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut connection = server.connect();
                for number in 0..PROJECTS {
                    let body = json!({ "member": project(number) }).to_string();
                    let answer: Answer = connection.call("POST", &members, "owner", &body);
                    assert!(matches!(answer.status, 200 | 409), "{answer:?}");
                    added.fetch_add(usize::from(answer.status == 200), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(added.into_inner(), PROJECTS);
    assert_eq!(server.members(0).len(), PROJECTS);
    // Whoever deletes, deletes once; a job on the same pairs sees some of them missing, and ends.
    let removed = AtomicUsize::new(0);
    let body = sharing(&[0], &Vec::from_iter(0..PROJECTS));
    let job = server.call("DELETE", BATCH, "owner", &body).job();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut connection = server.connect();
                for number in 0..PROJECTS {
                    let path = format!("{members}/{}", project(number));
                    let answer = connection.call("DELETE", &path, "owner", "");
                    assert!(matches!(answer.status, 204 | 404), "{answer:?}");
                    removed.fetch_add(usize::from(answer.status == 204), Ordering::Relaxed);
                }
            });
        }
    });
    let ended = server.ended_job(&job);
    let results = ended["entities"]["results"].as_array().expect("all are reported");
    let done = results.iter().filter(|one| one["status"] == "success").count();
    assert_eq!(done + removed.into_inner(), PROJECTS, "{ended}");
    assert_eq!(server.members(0), Vec::<String>::new());
    server.stop();
}
