//! What strikes jobs, their images and pairs, and readers: one job of two images and two projects for each
//! row, under a frozen clock, seen through the API.

use imsim::clock::SimDuration;
use imsim::faults::{EffectKind, Point};
use imsim::journal::Event;
use serde_json::{Value, json};

use crate::server::Answer;
use crate::stage::{AdminAt, Stage, with_server};
use crate::world::{BATCH, sharing, world};

/// What a client sees at one moment.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// The state of the job, or the code with which the query is refused.
    job: String,
    /// How many of the eight members each of the two images has left.
    left: [usize; 2],
}

/// What a client sees of a row: at once, and ten seconds later.
type Sees = [(&'static str, [usize; 2]); 2];

/// All four pairs are done.
const ALL_DONE: (&str, [usize; 2]) = ("SUCCESS", [6, 6]);
/// Nothing has happened.
const NOT_BEGUN: (&str, [usize; 2]) = ("INIT", [8, 8]);

/// A rule, what a client sees of it, and how often a pair is settled.
struct Row {
    kind: EffectKind,
    point: Point,
    /// `match`, `when` and `effect`.
    rule: &'static str,
    sees: Sees,
    settled: usize,
}

const fn row(
    kind: EffectKind,
    point: Point,
    rule: &'static str,
    sees: Sees,
    settled: usize,
) -> Row {
    Row { kind, point, rule, sees, settled }
}

const ROWS: [Row; 18] = [
    row(
        EffectKind::Delay,
        Point::Job,
        r#"{"effect": {"delay": {"fixed": "5s"}}}"#,
        [NOT_BEGUN, ALL_DONE],
        4,
    ),
    row(
        EffectKind::Delay,
        Point::Image,
        r#"{"match": {"image": {"index": 0}}, "effect": {"delay": {"fixed": "5s"}}}"#,
        [("RUNNING", [8, 6]), ALL_DONE],
        4,
    ),
    row(
        EffectKind::Delay,
        Point::Pair,
        r#"{"match": {"member": "project-1"}, "effect": {"delay": {"fixed": "5s"}}}"#,
        [("RUNNING", [7, 7]), ALL_DONE],
        4,
    ),
    row(
        EffectKind::Fail,
        Point::Job,
        r#"{"effect": {"fail": {}}}"#,
        [("FAIL", [8, 8]), ("FAIL", [8, 8])],
        4,
    ),
    row(
        EffectKind::Fail,
        Point::Image,
        r#"{"match": {"image": "image-0"}, "effect": {"fail": {}}}"#,
        [("FAIL", [8, 6]), ("FAIL", [8, 6])],
        4,
    ),
    row(
        EffectKind::Fail,
        Point::Pair,
        r#"{"match": {"image": "image-0", "member": "project-1"}, "effect": {"fail": {}}}"#,
        [("FAIL", [7, 6]), ("FAIL", [7, 6])],
        4,
    ),
    row(
        EffectKind::Stick,
        Point::Job,
        r#"{"effect": {"stick": {"in": "INIT"}}}"#,
        [NOT_BEGUN, NOT_BEGUN],
        0,
    ),
    row(
        EffectKind::Stick,
        Point::Job,
        r#"{"effect": {"stick": {}}}"#,
        [("RUNNING", [8, 8]), ("RUNNING", [8, 8])],
        0,
    ),
    row(
        EffectKind::Stick,
        Point::Image,
        r#"{"match": {"image": "image-0"}, "effect": {"stick": {}}}"#,
        [("RUNNING", [8, 6]), ("RUNNING", [8, 6])],
        2,
    ),
    row(
        EffectKind::Lose,
        Point::Job,
        r#"{"effect": "lose"}"#,
        [("IMG.0023", [8, 8]), ("IMG.0023", [8, 8])],
        0,
    ),
    // What is withdrawn a second time is no member any more.
    row(
        EffectKind::RunTwice,
        Point::Job,
        r#"{"effect": "run_twice"}"#,
        [("FAIL", [6, 6]), ("FAIL", [6, 6])],
        8,
    ),
    row(
        EffectKind::RunTwice,
        Point::Image,
        r#"{"match": {"image": "image-0"}, "effect": "run_twice"}"#,
        [("FAIL", [6, 6]), ("FAIL", [6, 6])],
        6,
    ),
    row(
        EffectKind::ReportOpposite,
        Point::Job,
        r#"{"effect": "report_opposite"}"#,
        [("FAIL", [6, 6]), ("FAIL", [6, 6])],
        4,
    ),
    row(
        EffectKind::Crash,
        Point::Image,
        r#"{"match": {"image": "image-0"}, "effect": {"crash": {"after_pairs": 1, "restart": false}}}"#,
        [("FAIL", [7, 6]), ("FAIL", [7, 6])],
        4,
    ),
    row(
        EffectKind::Crash,
        Point::Image,
        r#"{"when": {"first": 1}, "effect": {"crash": {"after_pairs": 1}}}"#,
        [ALL_DONE, ALL_DONE],
        4,
    ),
    row(
        EffectKind::ClaimSuccess,
        Point::Image,
        r#"{"match": {"image": "image-0"}, "effect": "claim_success"}"#,
        [("SUCCESS", [8, 6]), ("SUCCESS", [8, 6])],
        4,
    ),
    row(
        EffectKind::ClaimFailure,
        Point::Image,
        r#"{"match": {"image": "image-0"}, "effect": {"claim_failure": {}}}"#,
        [("FAIL", [6, 6]), ("FAIL", [6, 6])],
        4,
    ),
    row(
        EffectKind::Stale,
        Point::Read,
        r#"{"match": {"operation": "list_members"}, "effect": {"stale": {"by": "9s"}}}"#,
        [("SUCCESS", [8, 8]), ALL_DONE],
        4,
    ),
];

pub(super) fn seen() -> impl Iterator<Item = (EffectKind, Point)> {
    ROWS.iter().map(|row| (row.kind, row.point))
}

#[test]
fn jobs_images_pairs_and_readers() {
    for row in &ROWS {
        with_server("frozen", &world("0s", "0s"), AdminAt::ServicePort, |stage| row.check(stage));
    }
}

const RULE: &str = "struck";

impl Row {
    fn check(&self, stage: &Stage) {
        let name = format!("{} at {}", self.kind.name(), self.point);
        let mut rule: Value = serde_json::from_str(self.rule).expect("JSON");
        (rule["id"], rule["at"]) = (RULE.into(), self.point.name().into());
        let rules = stage.set_rules(&json!([rule]));
        assert_eq!(rules[0].effect.kind(), self.kind);
        // History begins with the rule, and what is read is older than that by the lag.
        stage.advance(SimDuration::from_millis(10_000));

        let body = sharing(&[0, 1], &[0, 1]);
        let accepted = stage.connect().call("DELETE", BATCH, "owner", &body);
        let told = (self.point == Point::Job).then_some(RULE);
        assert_eq!(accepted.header("x-imsim-rules"), told, "{name}");
        let job = accepted.job();
        for (place, (state, left)) in self.sees.iter().enumerate() {
            stage.until(&name, |stage| stage.shared.clock.status().busy == 0);
            let seen = self.look(stage, &job);
            assert_eq!(seen, Seen { job: (*state).to_owned(), left: *left }, "{name}, {place}");
            stage.advance(SimDuration::from_millis(10_000));
        }
        let settled = stage.entries(|event| matches!(event, Event::PairSettled { .. })).len();
        assert_eq!(settled, self.settled, "{name}");
        let died = stage.entries(|event| matches!(event, Event::WorkerDied { .. })).len();
        assert_eq!(died, usize::from(self.kind == EffectKind::Crash), "{name}");
        let fired = stage.entries(|event| matches!(event, Event::FaultFired(_))).len() as u64;
        assert!(fired > 0 && fired == rules[0].state.counts.fired(), "{name}");

        stage.set_rules(&json!([]));
        let next = stage.submit(&[2], &[0]);
        assert_eq!(stage.poll(&next).last().expect("an end").json()["status"], "SUCCESS", "{name}");
    }

    fn look(&self, stage: &Stage, job: &str) -> Seen {
        let shown = stage.show(job);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let body = shown.json();
        let state = text(&body["status"]).or_else(|| text(&body["error"]["code"]));
        let state = state.unwrap_or_else(|| panic!("{shown:?}"));
        let left = [0, 1].map(|image| {
            let answer = stage.list(image);
            let told = (self.point == Point::Read).then_some(RULE);
            assert_eq!(answer.header("x-imsim-rules"), told);
            members_of(&answer)
        });
        Seen { job: state, left }
    }
}

fn members_of(answer: &Answer) -> usize {
    answer.json()["members"].as_array().unwrap_or_else(|| panic!("{answer:?}")).len()
}
