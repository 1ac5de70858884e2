//! Defects that are planted below everything else: a load finds each of them, and names the job.
//!
//! `cargo test --features planted-defects --test planted`; without the feature there is nothing here.
#![cfg(feature = "planted-defects")]

use std::collections::BTreeSet;
use std::path::Path;

use imsim::clock::SimTime;
use imsim::domain::planted::strikes;
use imsim::domain::rules::Change;
use imsim::load::audit_form::ViolationKind;
use imsim::load::{LoadOptions, run};
use imsim::scenario::load_section::LoadSection;
use imsim::scenario::{ScenarioFile, compile};
use imsim::seed::Seed;
use serde_json::json;

const IMAGES: u32 = 60;
const TEAMS: u32 = 5;

/// One batch for each image, with all teams.
fn scenario(operation: &str, images: &str) -> ScenarioFile {
    let none = json!({ "fixed": "0s" });
    let text = json!({
        "format": 1,
        "world": {
            "settings": { "delete_unknown_member": "ignore" },
            "projects": { "studio": {}, "team": { "count": TEAMS } },
            "images": {
                "bare": { "owner": "studio", "count": IMAGES },
                "shared": { "owner": "studio", "count": IMAGES, "members": { "team-*": "pending" } }
            }
        },
        "timing": { "init": none, "image": none, "pair": none },
        "load": {
            "rate": 400,
            "duration": "1m",
            "mix": { operation: { "weight": 1, "images": [images], "projects": ["team-*"] } },
            "images": "each_once",
            "images_per_batch": 1,
            "projects_per_batch": TEAMS,
            "poll": { "every": "5ms" },
            "thresholds": ["lost = 0", "invented = 0"]
        }
    });
    ScenarioFile::parse(Path::new("planted"), text.to_string()).expect("it is a scenario")
}

/// Runs a load in which `change` was to be done to every pair, and holds what it finds against what is struck.
fn check(operation: &str, images: &str, change: Change, kind: ViolationKind) {
    let seed = Seed::new(3);
    let file = scenario(operation, &format!("{images}-*"));
    let blueprint = compile(&file, seed, SimTime::from_millis(0)).expect("it makes sense");
    let names = blueprint.names;
    let pairs = (0..IMAGES).flat_map(|image| (0..TEAMS).map(move |team| (image, team)));
    let pairs = pairs.map(|(image, team)| (format!("{images}-{image}"), format!("team-{team}")));
    let struck = |(image, team): &(String, String)| {
        let image = names.image_id(image).expect("the scenario has it");
        strikes(image, names.project_id(team).expect("the scenario has it"), change)
    };
    let expected: BTreeSet<(String, String)> = pairs.filter(struck).collect();
    assert!(!expected.is_empty());

    let options = LoadOptions {
        file: Some(file),
        said: LoadSection::default(),
        target: None,
        seed: Some(seed),
        shards: 2,
        cores: 2,
        command: "imsim load".to_owned(),
        baseline: None,
    };
    let report = run(options, &mut |_| {}).expect("there is a server");
    assert_eq!(report.jobs.succeeded, u64::from(IMAGES), "nobody else notices anything");
    assert!(!report.held);
    let found: BTreeSet<(String, String)> = report
        .audit
        .violations
        .iter()
        .map(|violation| {
            assert_eq!((violation.kind, violation.by.len()), (kind, 1), "{violation:?}");
            let job = &violation.by[0];
            let is_id = job.len() == 32 && job.chars().all(|c| c.is_ascii_hexdigit());
            assert!(is_id, "{violation:?}");
            (
                violation.image.clone().unwrap_or_default(),
                violation.project.clone().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(report.audit.total(), expected.len() as u64);
}

#[test]
fn shares_that_were_lost_are_found() {
    check("add_members", "bare", Change::Added, ViolationKind::LostMembership);
}

#[test]
fn withdrawals_that_were_lost_are_found() {
    check("delete_members", "shared", Change::Removed, ViolationKind::InventedMembership);
}

#[test]
fn shares_that_nobody_made_are_found() {
    check("delete_members", "bare", Change::Nothing, ViolationKind::InventedMembership);
}

#[test]
fn withdrawals_that_nobody_made_are_found() {
    check("add_members", "shared", Change::Nothing, ViolationKind::LostMembership);
}
