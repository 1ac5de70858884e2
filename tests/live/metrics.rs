//! Figures and probes over sockets.

use serde_json::json;

use crate::figures::Figures;
use crate::server::{Answer, Connection, Server};
use crate::world::{BATCH, image, sharing, world};

fn get(server: &Server, path: &str) -> Answer {
    server.connect_admin().call("GET", path, "", "")
}

fn figures(server: &Server) -> Figures {
    let answer = get(server, "/__admin/metrics");
    let content_type = answer.header("content-type");
    assert_eq!(
        (answer.status, content_type),
        (200, Some("text/plain; version=0.0.4; charset=utf-8"))
    );
    Figures::read(&answer.text)
}

#[test]
fn calls_on_all_threads_are_counted_and_a_call_that_is_never_answered_has_no_duration() {
    for shards in ["1", "2"] {
        let mut scenario = world("0s", "0s");
        scenario["faults"] = json!([{
            "id": "hangs", "at": "response", "match": { "operation": "show_image" }, "effect": "never_answer",
        }]);
        let arguments = ["--shards", shards, "--admin-addr", "127.0.0.1:0"];
        let server = Server::start(&format!("metrics-{shards}"), &scenario, &arguments);
        let mut connections: Vec<Connection> = (0..6).map(|_| server.connect()).collect();
        for connection in &mut connections {
            for number in 0..5 {
                let path = format!("/v2/images/{}/members", image(number));
                assert_eq!(connection.call("GET", &path, "owner", "").status, 200);
            }
            connection.call("DELETE", BATCH, "owner", &sharing(&[0], &[0])).job();
        }
        // Nobody can wait for what never comes, but that it is under way is seen.
        connections[0].request("GET", &format!("/v2/images/{}", image(0)), "owner", "");
        let hangs = (0..1_000_000).map(|_| figures(&server)).find(|figures| {
            figures.all("requests_total").contains_key("code= operation=show_image status=0")
        });
        let figures = hangs.expect("sooner or later it hangs");
        let durations = figures.measured("request_duration_seconds");
        assert_eq!(durations.get("operation=list_members"), Some(&30.0));
        let listed = ("request_duration_seconds", "operation=list_members");
        assert_eq!(figures.at_most(listed.0, listed.1, f64::INFINITY), 30.0);
        assert!(figures.sum(listed.0, listed.1) > 0.0, "real time passes in all of them");
        assert_eq!(durations.get("operation=delete_members"), Some(&6.0));
        assert_eq!(durations.get("operation=show_image"), None);
        assert_eq!(figures.one("requests_total", "code= operation=list_members status=200"), 30.0);
        let accepted = "jobs_accepted_total";
        assert_eq!(figures.one(accepted, "type=imsDelImageMembersJob"), 6.0);
        assert_eq!(
            (figures.one("connections", ""), figures.one("shards", "") as usize),
            (6.0, shards.parse().expect("a number"))
        );
        assert_eq!(figures.one("clock_mode", "mode=real"), 1.0);
        assert_eq!(figures.one("clock_speed_ratio", ""), 1.0);
        drop(connections);
        server.stop();
    }
}

#[test]
fn a_scope_has_figures_of_its_own() {
    let server = Server::start("metrics-scope", &world("0s", "0s"), &[]);
    let created = server.connect_admin().call("POST", "/__admin/scopes", "", r#"{"name": "mine"}"#);
    assert_eq!(created.status, 201, "{created:?}");
    let path = format!("/v2/images/{}/members", image(0));
    assert_eq!(server.call("GET", &path, "owner", "").status, 200);
    let scoped = |path: &str| {
        let mut connection = server.connect();
        let head = "Host: t\r\nX-Auth-Token: owner\r\nX-Imsim-Scope: mine\r\n";
        connection.send(format!("GET {path} HTTP/1.1\r\n{head}\r\n").as_bytes());
        connection.answer().expect("an answer")
    };
    assert_eq!(scoped(&path).status, 200);
    assert_eq!(scoped(&path).status, 200);
    let (own, scope) = (figures(&server), Figures::read(&scoped("/__admin/metrics").text));
    let calls = |figures: &Figures| figures.all("requests_total").values().sum::<f64>();
    assert_eq!((calls(&own), calls(&scope)), (1.0, 2.0));
    assert_eq!((own.one("scopes", ""), scope.one("scopes", "")), (1.0, 1.0));
    let ready = scoped("/__admin/health/ready");
    assert_eq!((ready.status, &ready.json()["ready"]), (200, &json!(true)));
    server.stop();
}

#[test]
fn probes_see_that_the_server_is_ready_and_that_it_drains() {
    let arguments = ["--admin-addr", "127.0.0.1:0"];
    let server = Server::start("probes", &world("1s", "0s"), &arguments);
    // It listens a moment before its threads serve.
    let ready = (0..1_000_000).map(|_| get(&server, "/__admin/health/ready"));
    let ready = ready.into_iter().find(|answer| answer.status == 200).expect("it gets ready");
    assert_eq!(ready.json(), json!({ "live": true, "ready": true, "draining": false }));
    assert_eq!(get(&server, "/__admin/health/live").status, 200);
    server.call("POST", BATCH, "owner", &sharing(&[0], &[0])).job();
    let mut probe = server.connect_admin();
    server.signal("INT");
    let refused = (0..1_000_000).find_map(|_| {
        let answer = probe.call("GET", "/__admin/health/ready", "", "");
        (answer.status != 200).then_some(answer)
    });
    let refused = refused.expect("sooner or later it drains");
    let told = refused.json();
    assert_eq!(
        (refused.status, &told["ready"], &told["draining"]),
        (503, &json!(false), &json!(true))
    );
    let reason = told["reason"].as_str().expect("it says why");
    assert!(reason.starts_with("the server is draining: "), "{reason}");
    assert_eq!(probe.call("GET", "/__admin/health/live", "", "").status, 200);
    let health = probe.call("GET", "/__admin/health", "", "");
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("draining")));
    let page = probe.call("GET", "/__admin/metrics", "", "");
    assert_eq!(Figures::read(&page.text).one("draining", ""), 1.0);
    assert_eq!(server.wait().code, Some(0));
}
