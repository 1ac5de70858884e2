//! Where descriptors are short, every connection is served all the same; faults on those without a second
//! descriptor become plain ends, and the journal says so.

use serde_json::{Value, json};

use crate::effects::client::{End, Wire};
use crate::server::{Connection, Server};
use crate::stage::members_path;
use crate::world::world;

/// Descriptors that the server may have. A third of them may be duplicates.
const LIMIT: u64 = 100;
/// More than that, and with their duplicates not more than the limit.
const CONNECTIONS: usize = 40;

#[test]
fn a_connection_without_a_second_descriptor_is_served_and_can_be_closed() {
    let mut scenario = world("0s", "0s");
    let rule = |effect: &str| {
        let header = json!({ "name": "x-strike", "value": effect });
        json!({ "at": "request", "match": { "header": header }, "effect": effect })
    };
    let effects = ["reset", "garbage", "close", "never_answer"];
    scenario["faults"] = effects.into_iter().map(rule).collect();
    let server = Server::start_with(LIMIT, "few-descriptors", &scenario, &["--shards", "2"]);
    let mut open: Vec<Connection> = (0..CONNECTIONS).map(|_| server.connect()).collect();
    for connection in &mut open {
        assert_eq!(connection.call("GET", &members_path(0), "owner", "").status, 200);
    }
    let struck = |effect: &str| {
        let mut wire = Wire::open(server.address);
        let path = members_path(0);
        wire.send(format!(
            "GET {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\nX-Strike: {effect}\r\n\r\n"
        ));
        wire.rest()
    };
    for effect in effects {
        assert_eq!(struck(effect), (Vec::new(), End::Closed), "{effect}");
    }
    // As soon as others close, there is a second descriptor again.
    drop(open.split_off(CONNECTIONS / 2));
    let reset = (0..10_000).any(|_| struck("reset") == (Vec::new(), End::Reset));
    assert!(reset, "never reset");

    let journal = open[0].call("GET", "/__admin/journal?event=call&limit=1000", "", "").json();
    let calls = journal["entries"].as_array().expect("a list").iter();
    let mut told = calls.map(|call| &call["delivery"]).filter(|it| *it != &Value::Null);
    for _ in effects {
        assert_eq!(told.next(), Some(&json!("closed")), "{journal}");
    }
    assert_eq!(told.next_back(), Some(&json!("reset")));
    drop(open);
    server.stop();
}
