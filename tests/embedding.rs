//! The simulator as a library: many at once in one process, from threads without a runtime and from within
//! one, and nothing of them left when they are dropped.

use std::time::Duration;

use imsim::Simulator;
use imsim::clock::Mode;
use imsim::simulator::embedded::{Error, ReceivedCall};
use serde_json::{Value, json};

const AUTO: Mode = Mode::Auto { one_event_per_poll: false };

/// Shares an image with a project, and gives the status and the id of the job.
fn share(service: &Simulator, image: &str, project: &str) -> (u16, String) {
    let body = json!({
        "images": [service.image(image).expect("an image")],
        "projects": [service.project(project).expect("a project")],
    });
    let client = ureq::Agent::config_builder().http_status_as_error(false).build();
    let sent = ureq::Agent::new_with_config(client)
        .post(service.url() + "/v1/cloudimages/members")
        .header("X-Auth-Token", service.token("studio").expect("a token"))
        .send_json(body);
    let mut answer = sent.expect("an answer");
    let status = answer.status().as_u16();
    let body: Value = answer.body_mut().read_json().expect("JSON");
    (status, body["job_id"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn many_run_in_one_process_and_none_sees_another() {
    let start = |number: u64| Simulator::builder().seed(number).clock(AUTO).start();
    let services: Vec<Simulator> =
        (0..20).map(|number| start(number).expect("a free port")).collect();
    for (number, service) in services.iter().enumerate() {
        for _ in 0..=number % 3 {
            let (status, job) = share(service, "cache", "lab");
            assert_eq!((status, service.wait_for_job(&job).expect("it ends").pairs), (200, 1));
        }
    }
    for (number, service) in services.iter().enumerate() {
        let asked = json!({ "operation": "add_members", "exactly": number % 3 + 1 });
        service.verify(asked).expect("its own calls alone");
        assert_eq!(service.admin("GET", "/health", "").expect("it runs")["seed"], number);
    }
}

#[test]
fn a_test_within_a_runtime_may_use_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let service = Simulator::builder().clock(AUTO).start().expect("a free port");
        let (_, job) = share(&service, "cache", "lab");
        assert_eq!(service.wait_for_job(&job).expect("it ends").state, "SUCCESS");
        service.reset().expect("it can");
        assert!(service.members("cache").expect("an image").is_empty());
    });
    // And one of actix's own.
    actix_web::rt::System::new().block_on(async {
        let service = Simulator::builder().start().expect("a free port");
        assert_eq!(share(&service, "cache", "lab").0, 200);
    });
}

#[test]
fn calls_tell_what_clients_did() {
    let service = Simulator::builder().clock(Mode::Frozen).start().expect("a free port");
    let rule = service.add_fault(json!({
        "at": "request",
        "when": { "first": 1 },
        "effect": { "answer": { "code": "APIGW.0308" } },
    }));
    let rule = rule.expect("a good rule");
    assert_eq!(share(&service, "cache", "lab").0, 429);
    let (_, job) = share(&service, "cache", "lab");
    let calls = service.calls();
    let told = |call: &ReceivedCall| {
        let (project, code) = (call.project.clone(), call.error_code.clone());
        (call.operation.clone(), project, call.status, code, call.job_id.clone())
    };
    let told: Vec<_> = calls.iter().map(told).collect();
    let studio = || Some("studio".to_owned());
    assert_eq!(
        told,
        [
            ("add_members".to_owned(), studio(), 429, Some("APIGW.0308".to_owned()), None),
            ("add_members".to_owned(), studio(), 200, None, Some(job.clone())),
        ]
    );
    assert_eq!(calls[1].json()["projects"][0], service.project("lab").expect("a project"));
    assert_eq!(service.fault(&rule).expect("it is there").counts.fired, 1);
    assert_eq!(service.journal("event=job_accepted").expect("a good query").len(), 1);
    let late = service.wait_for_job_within(&job, Duration::ZERO);
    assert!(matches!(&late, Err(Error::StillRuns { job, .. }) if job.state == "INIT"), "{late:?}");
    let stopped = service.stop(Duration::ZERO).expect("it ran");
    assert_eq!((stopped.accepted, stopped.unfinished), (1, 1));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let service = Simulator::start().expect("a free port");
    let check = |refused: Result<String, Error>, said: &str| {
        let error = refused.expect_err("it is wrong");
        assert!(error.to_string().contains(said), "{error}");
    };
    check(
        service.image("cahce"),
        "no image is named `cahce`, and it is not a UUID; did you mean `cache`?",
    );
    check(service.project("stduio"), "is not 32 hex digits; did you mean `studio`?");
    check(service.token("nobody"), "no token is named `nobody`");
    service.admin("PUT", "/world/projects/poor", "{}").expect("a new project");
    check(service.token("poor"), "there is no token of the project `poor`");
    check(
        service.add_fault(json!({ "at": "reqest", "effect": "close" })),
        "did you mean `request`?",
    );
    check(service.job("x").map(|job| job.job_id), "32 hex digits");
    let started =
        |builder: imsim::simulator::embedded::Builder| builder.start().map(|service| service.url());
    check(started(Simulator::builder().scenario("{}")), "scenario:1:2: missing field `format`");
    check(started(Simulator::builder().scenario_file("nowhere.json")), "nowhere.json: ");
    check(started(Simulator::builder().address("256.0.0.1:0")), "cannot listen on 256.0.0.1:0: ");
}

#[test]
fn dropped_in_the_middle_of_everything_it_is_gone() {
    let service = Simulator::builder().clock(Mode::Frozen).shards(2).start().expect("a free port");
    service.add_fault(json!({ "at": "response", "effect": "never_answer" })).expect("a good rule");
    let address = service.url().trim_start_matches("http://").to_owned();
    let mut client = std::net::TcpStream::connect(&address).expect("it listens");
    let request = b"GET /v1/nothing HTTP/1.1\r\nHost: t\r\n\r\n";
    std::io::Write::write_all(&mut client, request).expect("it reads");
    while service.calls().is_empty() {
        std::thread::yield_now();
    }
    drop(service);
    assert!(std::net::TcpStream::connect(&address).is_err(), "nobody listens any more");
    // What was under way has ended, too: an end, or a reset.
    let mut left = Vec::new();
    let _ = std::io::Read::read_to_end(&mut client, &mut left);
    assert!(left.is_empty());
}
