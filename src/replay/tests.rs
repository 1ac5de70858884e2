//! The invariants have teeth: each defect below the plan breaks those that it must break, and no others.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::actors::Sabotage;
use crate::journal::invariants::Invariant::{self, *};
use crate::journal::invariants::Violation;

/// A job that shares two images with three projects, polled at every step of its way, a third image that it
/// does not touch, and native calls about two more.
fn scenario() -> ScenarioFile {
    let law = json!({ "fixed": "10ms" });
    let text = json!({
        "format": 1,
        "world": {
            "projects": { "studio": {}, "lab": {}, "shop": {}, "dev": {} },
            "images": {
                "web-base": { "owner": "studio" },
                "web-next": { "owner": "studio" },
                "db": { "owner": "studio" },
                "solo": { "owner": "studio" },
                "spare": { "owner": "studio", "members": { "lab": "accepted" } },
            },
        },
        "timing": { "init": law, "image": law, "pair": law },
        "steps": [
            { "add_members": {
                "token": "studio", "images": ["web-base", "web-next"], "projects": ["lab", "shop", "dev"], "save": "job",
            } },
            { "wait": { "for": "5ms" } },
            { "wait_job": { "token": "studio", "job": "job", "every": "5ms", "deadline": "100ms" } },
            { "show_job_progress": { "token": "studio", "job": "job" } },
            { "add_member": { "token": "studio", "image": "solo", "member": "lab", "expect": { "member": "pending" } } },
            { "update_member": { "token": "lab", "image": "solo", "status": "accepted", "expect": { "member": "accepted" } } },
            { "add_member": { "token": "studio", "image": "solo", "member": "shop" } },
            { "delete_member": { "token": "studio", "image": "solo", "member": "shop" } },
            { "delete_image": { "token": "studio", "image": "spare" } },
        ],
    });
    ScenarioFile::parse(Path::new("sabotaged"), text.to_string()).unwrap_or_else(|p| panic!("{p}"))
}

/// What a defect breaks on its way through the scenario; a replay says so.
fn broken_by(sabotage: Option<Sabotage>, shards: usize) -> Vec<Violation> {
    let simulation = Options { sabotage, ..Options::new(Seed::DEFAULT, shards) };
    let replayed = carry_out(
        &scenario(),
        &simulation,
        DEFAULT_EPOCH,
        None,
        Watch::steps(&StepCounter::default()),
    )
    .expect("it can be run");
    let (held, shown) = (replayed.held(), line(&replayed, 0));
    let found = replayed.violations.kept;
    assert_eq!(held, sabotage.is_none(), "{shown}");
    assert!(found.iter().all(|one| shown.contains(&one.to_string())), "{shown}");
    found
}

/// What a defect breaks, and one of the violations that are found.
type Row = (Sabotage, &'static [Invariant], &'static str);

const ROWS: &[Row] = &[
    (
        Sabotage::NeverEnd,
        &[Ends],
        "every job ends: K: the job had started and never ended; 6 of 6 pairs are settled",
    ),
    (
        Sabotage::StickWorker,
        &[Ends],
        "every job ends: K: pair (web-base, lab) was not settled: the job had started and never ended; \
         3 of 6 pairs are settled",
    ),
    (Sabotage::StartTwice, &[MovesForward], "states only move forward: K: started a second time"),
    (Sabotage::EndTwice, &[MovesForward], "states only move forward: K: ended a second time"),
    (
        Sabotage::RegistryGoesBack,
        &[MovesForward],
        "states only move forward: K: was shown as INIT when it had started",
    ),
    (
        Sabotage::PercentFalls,
        &[Percent],
        "percent never falls: K: was shown with process_percent 0, and before with 0.3333333333333333",
    ),
    (
        Sabotage::PercentRunsAhead,
        &[ReportedIsDone],
        "reported is done: K: was shown with process_percent 0.5 when 2 of 6 pairs were settled",
    ),
    (
        Sabotage::RegistryKeepsOtherEnd,
        &[ReportedIsDone],
        "reported is done: K: was shown as FAIL, and its end was reported as SUCCESS",
    ),
    (
        Sabotage::RegistryKeepsOtherResults,
        &[ReportedIsDone],
        "reported is done: K: was shown with other results than its pairs have",
    ),
    (
        Sabotage::RegistryKeepsOtherResults,
        &[ReportedIsDone],
        "reported is done: K: stands in the registry with other results than its pairs have",
    ),
    (
        Sabotage::SettleTwice,
        &[SettledOnce],
        "settled once: K: pair (web-next, shop) was settled twice",
    ),
    (
        // The progress counts the pair, and so tells of more than was done.
        Sabotage::ForgetPair,
        &[SettledOnce, ReportedIsDone],
        "settled once: K: pair (web-base, lab) was never settled",
    ),
    (
        Sabotage::ForgetImage,
        &[SettledOnce, ReportedIsDone],
        "settled once: K: pair (web-base, dev) was never settled",
    ),
    (
        Sabotage::SettleAnother,
        &[SettledOnce, Memberships, ReportedIsDone],
        "settled once: K: other pairs were settled than were asked for",
    ),
    (
        Sabotage::Miscount,
        &[Sum, ReportedIsDone],
        "the result is the sum of the pairs: K: ended with 1 failed; its pairs come to 0 failed",
    ),
    (
        Sabotage::MistakeFirst,
        &[Sum, ReportedIsDone],
        "the result is the sum of the pairs: K: ended with 0 failed, the first with IMG.0061; its pairs \
         come to 0 failed",
    ),
    (
        Sabotage::DoNothing,
        &[ReportedIsDone],
        "reported is done: K: pair (web-base, lab) was reported as success of add_members; done was: \
         nothing; now it is no member",
    ),
    (
        Sabotage::DenyWork,
        &[ReportedIsDone],
        "reported is done: K: pair (web-base, lab) was reported as IMG.0112 of add_members; done was: \
         added; now it is pending",
    ),
    (
        Sabotage::ReportOpposite,
        &[ReportedIsDone],
        "reported is done: K: is reported as FAIL; its pairs come to 0 failed",
    ),
    (
        Sabotage::Undo,
        &[Memberships],
        "memberships change as settled: K: pair (web-base, lab) is no member at the end; K had left it as \
         pending",
    ),
    (
        Sabotage::ChangeAnother,
        &[Memberships],
        "memberships change as settled: pair (db, shop) is rejected at the end; it was no member, and no \
         job or call had touched it",
    ),
    (
        // What the answer says is not what the journal knows of, either.
        Sabotage::ChangeUntold,
        &[Memberships, ReportedIsDone],
        "memberships change as settled: pair (solo, lab) is accepted at the end; it was no member, and no \
         job or call had touched it",
    ),
    (
        Sabotage::ChangeUndone,
        &[ReportedIsDone],
        "reported is done: pair (solo, lab) is no member, and `add_member` was answered as if it were \
         pending",
    ),
    (
        Sabotage::DeleteUntold,
        &[Memberships],
        "memberships change as settled: image spare is gone at the end, and nobody had deleted it",
    ),
];

#[test]
fn each_defect_breaks_its_invariants_and_is_named_with_job_and_pair() {
    for (sabotage, invariants, words) in ROWS {
        for shards in [1, 2, 4] {
            let found = broken_by(Some(*sabotage), shards);
            let broken: BTreeSet<Invariant> = found.iter().map(|one| one.invariant).collect();
            let expected: BTreeSet<Invariant> = invariants.iter().copied().collect();
            assert_eq!(broken, expected, "{sabotage:?}: {found:#?}");
            let told: Vec<String> = found.iter().map(in_words).collect();
            assert!(told.iter().any(|one| one == words), "{sabotage:?}: {told:#?}");
        }
    }
}

#[test]
fn without_a_defect_nothing_is_broken() {
    assert_eq!(broken_by(None, 1), []);
}

/// Every invariant is broken by some defect.
#[test]
fn every_invariant_has_teeth() {
    let broken: BTreeSet<Invariant> =
        ROWS.iter().flat_map(|(_, broken, _)| *broken).copied().collect();
    assert_eq!(broken, BTreeSet::from(Invariant::ALL));
}

/// A violation, with `K` for the job.
fn in_words(violation: &Violation) -> String {
    let text = violation.to_string();
    let text = text.strip_prefix("invariant broken: ").expect("it says what it is");
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let is_key = word.len() >= 20 && word.starts_with("job-");
        words.push(if is_key { format!("K{}", &word[20..]) } else { word.to_owned() });
    }
    words.join(" ")
}
