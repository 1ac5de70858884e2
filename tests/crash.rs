//! A worker that crashes by rule dies as an actor does, and the job survives it.

#[path = "support/run.rs"]
mod support;

use std::cell::Cell;
use std::rc::Rc;

use actix::{Actor, Context, Handler, MailboxError, Message, System};
use serde_json::{Value, json};
use support::{Run, run};

/// The three batch operations, and the code of their unfinished pairs.
const OPERATIONS: [(&str, &str, &str); 3] = [
    ("add_members", "IMG.0112", "Failed to add the tenant."),
    ("delete_members", "IMG.0113", "Failed to delete the tenant."),
    ("update_members", "IMG.0114", "Failed to query the tenant details."),
];

/// One batch on three images, the first of which loses its worker by the rules.
fn scenario(operation: &str, max_restarts: u32, rules: &Value) -> Value {
    let images = json!(["red", "green", "blue"]);
    let (token, step) = match operation {
        "update_members" => {
            ("lab", json!({"token": "lab", "images": images, "status": "rejected"}))
        }
        _ => (
            "owner",
            json!({"token": "owner", "images": images, "projects": ["lab", "shop", "club"]}),
        ),
    };
    let mut step = step;
    step["save"] = "job".into();
    let members = match operation {
        "add_members" => json!({}),
        _ => json!({"lab": "pending", "shop": "accepted", "club": "rejected"}),
    };
    json!({
        "format": 1,
        "world": {
            "settings": {"delete_results": "all"},
            "projects": {"owner": {}, "lab": {}, "shop": {}, "club": {}},
            "images": {
                "red": {"owner": "owner", "members": members},
                "green": {"owner": "owner", "members": members},
                "blue": {"owner": "owner", "members": members},
            },
        },
        "timing": {"init": {"fixed": "10ms"}, "image": {"fixed": "10ms"}, "pair": {"fixed": "10ms"}},
        "supervision": {"max_restarts": max_restarts},
        "faults": rules,
        "steps": [
            {(operation): step},
            {"wait": {"for": "1s"}},
            {"show_job": {"token": token, "job": "job"}},
            {"show_job_progress": {"token": token, "job": "job"}},
        ],
    })
}

/// The worker of `red` dies after so many pairs of each of its lives.
fn after(pairs: u32) -> Value {
    json!([{"id": "crash", "at": "image", "match": {"image": "red"}, "effect": {"crash": {"after_pairs": pairs}}}])
}

/// How many pairs were settled when a worker died, and the number of the restart that followed.
type Death = (u64, Option<u64>);

/// The deaths in the trace. Only what a dropped worker leaves behind is recorded as one.
fn deaths(run: &Run) -> Vec<Death> {
    let died = run.events("worker_died");
    died.map(|it| {
        assert_eq!(it["image"], "red", "no other worker dies");
        (it["settled"].as_u64().expect("a number"), it["restart"].as_u64())
    })
    .collect()
}

/// What is reported of each pair, in request order; each must be settled exactly once.
fn reported(run: &Run) -> Vec<String> {
    let mut pairs: Vec<(String, String)> = run
        .events("pair_settled")
        .map(|it| {
            let text = |key: &str| it[key].as_str().expect("a text").to_owned();
            (text("subject"), text("reported"))
        })
        .collect();
    pairs.sort();
    let all = pairs.len();
    pairs.dedup_by(|a, b| a.0 == b.0);
    assert_eq!(pairs.len(), all, "no pair is settled twice");
    pairs.into_iter().map(|(_, reported)| reported).collect()
}

/// Checks that the job ended as its pairs say, on both endpoints.
fn check_bodies(run: &Run, failure: Option<(&str, &str)>) {
    let answer = |operation: &str| {
        let call = run.events("call").find(|it| it["operation"] == operation);
        call.expect("a query of the job")["answer"].clone()
    };
    let (code, text) = failure.unzip();
    let words = reported(run);
    let words = words.iter().map(|word| if word == "success" { "success" } else { "failed" });
    let shown = answer("show_job");
    let results = shown["entities"]["results"].as_array().expect("results");
    let found: Vec<&Value> = results.iter().map(|result| &result["status"]).collect();
    assert_eq!(found, words.collect::<Vec<_>>());
    for shown in [&shown, &answer("show_job_progress")] {
        assert_eq!(shown["status"], if code.is_some() { "FAIL" } else { "SUCCESS" });
        assert_eq!((&shown["error_code"], &shown["fail_reason"]), (&json!(code), &json!(text)));
    }
    let entities = &shown["entities"];
    assert_eq!((entities["error_code"].as_str(), entities["error"].as_str()), (code, text));
}

#[test]
fn a_worker_is_restarted_up_to_the_limit_and_its_other_pairs_fail() {
    // Each life settles one of three pairs. The last death of all comes when nothing is left to do.
    let table: [(u32, usize, &[Death]); 4] = [
        (0, 1, &[(1, None)]),
        (1, 2, &[(1, Some(1)), (2, None)]),
        (2, 3, &[(1, Some(1)), (2, Some(2)), (3, None)]),
        (3, 3, &[(1, Some(1)), (2, Some(2)), (3, Some(3))]),
    ];
    for (operation, code, text) in &OPERATIONS[..2] {
        for (max_restarts, done, expected) in table {
            let run = run(&scenario(operation, max_restarts, &after(1)), 1, 2);
            assert_eq!(deaths(&run), expected, "{operation}, {max_restarts}");
            let mut pairs = vec!["success"; 9];
            pairs[done..3].fill(code);
            assert_eq!(reported(&run), pairs, "{operation}, {max_restarts}");
            check_bodies(&run, (done < 3).then_some((*code, *text)));
        }
    }
}

#[test]
fn a_worker_that_dies_before_its_first_pair_fails_them_all_and_the_rest_of_the_job_goes_on() {
    for (operation, code, text) in OPERATIONS {
        for max_restarts in [0, 1, 3] {
            let run = run(&scenario(operation, max_restarts, &after(0)), 1, 1);
            let restarts = (1..=u64::from(max_restarts)).map(|nth| (0, Some(nth)));
            assert_eq!(deaths(&run), restarts.chain([(0, None)]).collect::<Vec<_>>());
            // An update has one pair an image, the others have three.
            let pairs = reported(&run);
            let (red, others) = pairs.split_at(pairs.len() / 3);
            assert!(red.iter().all(|it| it == code) && others.iter().all(|it| it == "success"));
            check_bodies(&run, Some((code, text)));
        }
    }
}

#[test]
fn a_crash_that_strikes_once_costs_nothing_but_time() {
    let mut rules = after(2);
    rules[0]["when"] = json!({"first": 1});
    for (operation, ..) in OPERATIONS {
        let scenario = scenario(operation, 1, &rules);
        let run = run(&scenario, 1, 1);
        // An update has one pair an image, so its workers do not live to see a second.
        let expected: &[_] = if operation == "update_members" { &[] } else { &[(2, Some(1))] };
        assert_eq!(deaths(&run), expected);
        assert_eq!(run.replayed.digest, support::run(&scenario, 1, 4).replayed.digest);
        assert!(reported(&run).iter().all(|it| it == "success"));
        check_bodies(&run, None);
    }
}

#[test]
fn a_crash_by_chance_strikes_every_life_of_a_worker_or_none_unless_it_is_told_to_strike_once() {
    let deaths_by_seed = |when: Value| {
        let mut rules = after(0);
        rules[0]["when"] = when;
        let scenario = scenario("delete_members", 2, &rules);
        let found = (1..=16).map(|seed| deaths(&run(&scenario, seed, 1)).len());
        found.collect::<Vec<usize>>()
    };
    let again = deaths_by_seed(json!({"probability": 0.5}));
    assert!(again.iter().all(|deaths| [0, 3].contains(deaths)), "{again:?}");
    assert!(again.contains(&0) && again.contains(&3), "{again:?}");
    let once = deaths_by_seed(json!({"probability": 0.5, "first": 1, "per": "image"}));
    assert_eq!(once, again.iter().map(|deaths| deaths.min(&1)).copied().collect::<Vec<_>>());
}

#[test]
fn a_restarted_worker_goes_on_at_once_where_the_dead_one_stopped() {
    let run = run(&scenario("delete_members", 3, &after(1)), 1, 1);
    let red = run.events("pair_settled").filter(|it| it["image"] == "red");
    // INIT and the preparation take 10 ms each, every pair 10 ms, and deaths none.
    assert_eq!(red.map(|it| it["at"].clone()).collect::<Vec<_>>(), [30, 40, 50]);
}

/// An actor with something that notices when it is dropped.
struct Fragile(Guard);

struct Guard(Rc<Cell<bool>>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// Makes the actor say whether its guard has seen it go.
#[derive(Message)]
#[rtype(result = "bool")]
struct Speak;

/// Makes the actor die as an injected crash does.
#[derive(Message)]
#[rtype(result = "()")]
struct Die;

impl Actor for Fragile {
    type Context = Context<Self>;
}

impl Handler<Speak> for Fragile {
    type Result = bool;

    fn handle(&mut self, _: Speak, _: &mut Context<Self>) -> bool {
        self.0.0.get()
    }
}

impl Handler<Die> for Fragile {
    type Result = ();

    fn handle(&mut self, _: Die, _: &mut Context<Self>) {
        std::panic::resume_unwind(Box::new("an injected crash"));
    }
}

#[test]
fn an_unwinding_actor_is_dead_and_the_arbiter_lives() {
    System::new().block_on(async {
        let gone = Rc::new(Cell::new(false));
        let fragile = Fragile(Guard(Rc::clone(&gone))).start();
        let other = Fragile(Guard(Rc::default())).start();
        assert_eq!(fragile.send(Speak).await, Ok(false));
        // Nobody answers, neither the message that killed it nor any later one, and the guard has seen it.
        assert_eq!(fragile.send(Die).await, Err(MailboxError::Closed));
        assert_eq!(fragile.send(Speak).await, Err(MailboxError::Closed));
        assert!(gone.get() && !fragile.connected());
        // Its neighbour on the same thread has noticed nothing, and new actors can start.
        assert_eq!(other.send(Speak).await, Ok(false));
        assert_eq!(Fragile(Guard(Rc::default())).start().send(Speak).await, Ok(false));
    });
}
