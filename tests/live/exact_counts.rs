//! A rule that fires three times fires three times, however many ask at once: fifty runs, or a thousand with
//! `IMSIM_FULL=1`.

use imsim::faults::Rule;
use serde_json::{Value, json};

use crate::server::Connection;
use crate::stage::{AdminAt, Stage, members_path, with_server};
use crate::world::{BATCH, IMAGES, sharing, world};

const CONNECTIONS: usize = 64;
const STRIKES: usize = 3;

fn runs() -> usize {
    if std::env::var_os("IMSIM_FULL").is_some() { 1_000 } else { 50 }
}

/// Calls over all connections at once, with a fresh rule in each run, and counts what was struck.
fn check(
    rule: &Value,
    call: impl Fn(&mut Connection, usize),
    struck: impl Fn(&Stage, &mut [Connection]) -> usize,
) {
    let mut scenario = world("0s", "0s");
    scenario["world"]["settings"]["delete_unknown_member"] = "ignore".into();
    with_server("real", &scenario, AdminAt::ServicePort, |stage| {
        let mut open: Vec<Connection> = (0..CONNECTIONS).map(|_| stage.connect()).collect();
        for run in 0..runs() {
            let rules = stage.set_rules(&json!([rule]));
            open.iter_mut().enumerate().for_each(|(number, one)| call(one, number));
            assert_eq!(struck(stage, &mut open), STRIKES, "run {run}: {rule}");
            let fired = |rule: &Rule| (rule.state.counts.fired(), rule.state.counts.matched());
            assert_eq!(fired(&rules[0]), (STRIKES as u64, CONNECTIONS as u64), "run {run}: {rule}");
        }
    });
}

fn query(connection: &mut Connection, _: usize) {
    connection.request("GET", &members_path(0), "owner", "");
}

fn withdraw(connection: &mut Connection, number: usize) {
    let body = sharing(&[number % IMAGES], &[number / IMAGES]);
    connection.request("DELETE", BATCH, "owner", &body);
}

fn answers(open: &mut [Connection]) -> Vec<u16> {
    open.iter_mut().map(|one| one.answer().expect("an answer").status).collect()
}

#[test]
fn three_requests_are_refused() {
    for at in ["request", "response"] {
        let answer = json!({ "answer": { "status": 503 } });
        let rule = json!({ "at": at, "when": { "first": STRIKES }, "effect": answer });
        check(&rule, query, |_, open| {
            let answers = answers(open);
            assert!(answers.iter().all(|status| [200, 503].contains(status)), "{answers:?}");
            answers.iter().filter(|status| **status == 503).count()
        });
    }
}

#[test]
fn three_workers_die() {
    let crash = json!({ "crash": { "restart": false } });
    let rule = json!({ "at": "image", "when": { "first": STRIKES }, "effect": crash });
    let before = std::cell::Cell::new(0);
    check(&rule, withdraw, |stage, open| {
        assert!(answers(open).iter().all(|status| *status == 200));
        stage.until("all jobs end", |stage| stage.shared.admission.is_idle());
        let failed = stage.shared.admission.counts().failed;
        usize::try_from(failed - before.replace(failed)).expect("few")
    });
}
