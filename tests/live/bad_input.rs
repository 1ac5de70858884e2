//! Bytes that no client should send: never a 5xx, never a hang, and nothing that was accepted is lost.

use imsim::seed::hash_of;

use crate::server::{Answer, Server};
use crate::world::{BATCH, OWNER, image, project, sharing, world};

const LONGEST_BODY: usize = 12 * 1024 * 1024;

/// Bytes that look random and are the same in every run.
fn noise(number: u64, length: usize) -> Vec<u8> {
    let block = |place: usize| hash_of(&(number, place as u64)).to_le_bytes();
    (0..length.div_ceil(16)).flat_map(block).take(length).collect()
}

/// Every known path and some unknown ones, with every method that means something or nothing.
fn routes() -> Vec<(&'static str, String)> {
    let paths = [
        BATCH.to_owned(),
        format!("/v1/{OWNER}/jobs/{}", project(7)),
        format!("/v1/cloudimages/job/{}", project(7)),
        format!("/v2/images/{}/members", image(2)),
        format!("/v2/images/{}/members/{}", image(2), project(0)),
        "/".to_owned(),
        "/v1/%7Bproject_id%7D/jobs/%ff%fe".to_owned(),
        "/v2/images/%00%20%22%3Cscript%3E/members".to_owned(),
        format!("/v2/images/{}/members?", "x".repeat(8_000)),
        "/v1/cloudimages/members/?a=%zz&&=".to_owned(),
    ];
    let methods =
        ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "QUERY", "get"];
    paths.iter().flat_map(|path| methods.map(|method| (method, path.clone()))).collect()
}

/// Bodies that break each rule of a body.
fn bodies() -> Vec<Vec<u8>> {
    let good = sharing(&[0], &[0]);
    let mut bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{".to_vec(),
        good.as_bytes()[..good.len() - 3].to_vec(),
        [good.as_bytes(), b"\xff"].concat(),
        b"\xef\xbb\xbf{}".to_vec(),
        format!(r#"{{"images":{}"#, "[".repeat(100_000)).into_bytes(),
        format!(r#"{{"a":{}"#, r#"{"a":"#.repeat(100_000)).into_bytes(),
        good.replace("\"projects\"", "\"images\":[\"x\"],\"projects\"").into_bytes(),
        format!(r#"{{"images":[{}"x"],"projects":["x"]}}"#, "\"x\",".repeat(100_000)).into_bytes(),
        br#"{"images":[1e999],"projects":[null]}"#.to_vec(),
        br#"{"images":["\ud800"],"projects":["\u0000"]}"#.to_vec(),
    ];
    bodies.extend((0..4).map(|number| noise(number, 1 << (number * 4))));
    bodies
}

fn is_fine(answer: Option<&Answer>) -> bool {
    answer.is_none_or(|answer| answer.status < 500)
}

#[test]
fn arbitrary_bytes_at_every_route_break_nothing() {
    let server = Server::start("bytes", &world("500ms", "0s"), &["--shards", "2"]);
    let before = server.batch("DELETE", &[0, 1], &[0, 1]).job();
    let types =
        ["application/json", "text/plain", "application/x-www-form-urlencoded", "", "\u{fc}"];
    for (number, (method, path)) in routes().into_iter().enumerate() {
        for body in bodies() {
            let mut connection = server.connect();
            let kind = types[number % types.len()];
            let length = body.len();
            let head = format!(
                "{method} {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\nContent-Type: {kind}\r\n\
                 Connection: close\r\nContent-Length: {length}\r\n\r\n"
            );
            connection.send(head.as_bytes());
            connection.send(&body);
            if method != "HEAD" {
                let answer = connection.answer();
                let answered = answer.is_some() && is_fine(answer.as_ref());
                assert!(answered, "{method} {path}: {answer:?}");
            }
        }
    }
    assert_eq!(server.ended_job(&before)["status"], "SUCCESS");
    server.stop();
}

#[test]
fn heads_that_are_not_http_are_survived() {
    let server = Server::start("heads", &world("0s", "0s"), &["--shards", "2"]);
    let good = sharing(&[0], &[0]);
    let long = "y".repeat(200_000);
    let heads: Vec<Vec<u8>> = vec![
        noise(9, 4_096),
        b"\r\n\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"CONNECT t:80 HTTP/1.1\r\nHost: t\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        format!("GET /{long} HTTP/1.1\r\nHost: t\r\n\r\n").into_bytes(),
        format!("GET / HTTP/1.1\r\nHost: t\r\nX: {long}\r\n\r\n").into_bytes(),
        format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(5_000)).into_bytes(),
        format!("DELETE {BATCH} HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n{good}").into_bytes(),
        format!("DELETE {BATCH} HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n{good}")
            .into_bytes(),
        format!("DELETE {BATCH} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{good}")
            .into_bytes(),
        format!("DELETE {BATCH} HTTP/1.1\r\nHost: t\r\nContent-Length: 5000\r\n\r\n{good}").into_bytes(),
    ];
    for head in heads {
        let mut connection = server.connect();
        connection.send(&head);
        connection.finish();
        let answer = connection.answer();
        assert!(
            is_fine(answer.as_ref()),
            "{:?}: {answer:?}",
            String::from_utf8_lossy(&head[..20.min(head.len())])
        );
    }
    assert_eq!(server.batch("DELETE", &[0], &[0]).status, 200);
    server.stop();
}

/// A good request with three changes: a byte replaced, removed or added, the end cut off or doubled.
fn mutated(good: &[u8], number: u64) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for draw in noise(number, 12).chunks(4) {
        let place = usize::from(u16::from_le_bytes([draw[0], draw[1]])) % bytes.len();
        match draw[2] % 8 {
            0 if bytes.len() > 1 => drop(bytes.remove(place)),
            1 => bytes.insert(place, draw[3]),
            2 => bytes.truncate(place.max(1)),
            3 => bytes.extend_from_within(place..),
            _ => bytes[place] = draw[3],
        }
    }
    bytes
}

#[test]
fn good_requests_with_a_few_wrong_bytes_are_survived() {
    let server = Server::start("mutated", &world("500ms", "0s"), &["--shards", "2"]);
    let before = server.batch("DELETE", &[0, 1], &[0, 1]).job();
    let body = sharing(&[2], &[2]);
    let length = body.len();
    let head = format!("DELETE {BATCH} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\n");
    let good = [
        format!("{head}Content-Length: {length}\r\n\r\n{body}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"),
        format!(
            "GET /v1/{OWNER}/jobs/{before}?a=b HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\n\r\n"
        ),
    ];
    for number in 0..1_500 {
        let bytes = mutated(good[number % 3].as_bytes(), number as u64);
        let mut connection = server.connect();
        connection.send(&bytes);
        connection.finish();
        while let Some(answer) = connection.answer() {
            assert!(answer.status < 500, "{:?}: {answer:?}", String::from_utf8_lossy(&bytes));
        }
    }
    assert_eq!(server.ended_job(&before)["status"], "SUCCESS");
    server.stop();
}

#[test]
fn tokens_that_are_no_text_are_unknown() {
    let server = Server::start("tokens", &world("0s", "0s"), &[]);
    let mut connection = server.connect();
    connection
        .send(b"GET /v1/cloudimages/job/x HTTP/1.1\r\nHost: t\r\nX-Auth-Token: \xff\xfe\r\n\r\n");
    let answer = connection.answer().expect("an answer");
    assert_eq!(answer.status, 401);
    assert!(answer.text.contains("decrypt token fail"), "{answer:?}");
    server.stop();
}

#[test]
fn the_largest_body_is_taken_and_one_byte_more_is_not() {
    let server = Server::start("largest", &world("0s", "0s"), &[]);
    let good = sharing(&[0], &[0]);
    let padded = |length: usize| good.clone() + &" ".repeat(length - good.len());
    let answer = server.call("DELETE", BATCH, "owner", &padded(LONGEST_BODY));
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = server.call("DELETE", BATCH, "owner", &padded(LONGEST_BODY + 1));
    let code = answer.json()["error_code"].clone();
    assert_eq!((answer.status, code.as_str()), (413, Some("APIGW.0201")));
    // Without an announced length the bound is met while reading.
    let mut connection = server.connect();
    let head = format!("DELETE {BATCH} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send(head.as_bytes());
    connection.send(
        format!("{:x}\r\n{}\r\n0\r\n\r\n", LONGEST_BODY + 1, padded(LONGEST_BODY + 1)).as_bytes(),
    );
    assert_eq!(connection.answer().map(|answer| answer.status), Some(413));
    server.stop();
}

#[test]
fn a_request_that_asks_for_another_protocol_is_answered_as_any_other() {
    let server = Server::start("upgrade", &world("0s", "0s"), &["--shards", "1"]);
    let good = sharing(&[0], &[0]);
    let length = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let chunks =
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{good}\r\n0\r\n\r\n", good.len());
    let batch = format!("DELETE {BATCH}");
    let clock = "PUT /__admin/clock";
    // What is called, what its head ends with and what follows, the status, what the answer contains.
    let table = [
        (&*batch, length(&good), 200, "job_id"),
        (&*batch, format!("{}more", length(&good)), 200, "job_id"),
        (&*batch, chunks, 200, "job_id"),
        (&*batch, "\r\n".to_owned(), 400, "IMG.0007"),
        (&*batch, length("{"), 400, "IMG.0001"),
        (&*batch, length(&" ".repeat(LONGEST_BODY + 1)), 413, "APIGW.0201"),
        (clock, length(r#"{"mode": "frozen"}"#), 200, "frozen"),
        (clock, "\r\n".to_owned(), 400, "mode"),
    ];
    for protocol in ["websocket", "WebSocket", "h2c"] {
        for (called, rest, status, said) in &table {
            let mut connection = server.connect();
            let head = format!(
                "{called} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\nConnection: Upgrade\r\n\
                 Upgrade: {protocol}\r\n"
            );
            connection.send((head + rest).as_bytes());
            let answer = connection.answer().expect("an answer");
            let fits = answer.status == *status && answer.text.contains(said);
            assert!(fits, "{protocol}: {called}, {said}: {answer:?}");
        }
    }
    // A body that breaks off is none, even if what there is of it would do.
    let mut connection = server.connect();
    let head =
        format!("{batch} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\nUpgrade: websocket\r\n");
    connection.send(format!("{head}Content-Length: {}\r\n\r\n{good}", good.len() + 1).as_bytes());
    connection.finish();
    let answer = connection.answer();
    assert!(answer.is_none_or(|answer| answer.text.contains("IMG.0001")));
    server.stop();
}
