//! Whole runs, over real sockets. What is asserted are counts, which no machine changes.

use std::path::Path;

use serde_json::{Value, json};

use super::report_form::{Ended, LoadReport};
use super::{LoadOptions, run};
use crate::scenario::ScenarioFile;
use crate::seed::Seed;

/// A world with images to share, and the load.
fn scenario(load: &Value, faults: &Value) -> ScenarioFile {
    let none = json!({ "fixed": "0s" });
    let text = json!({
        "format": 1,
        "world": {
            "settings": { "delete_unknown_member": "ignore" },
            "projects": { "studio": {}, "team": { "count": 5 } },
            "images": {
                "web": { "owner": "studio", "count": 40 },
                "shared": { "owner": "studio", "count": 10, "members": { "team-*": "pending" } }
            }
        },
        "timing": { "init": none, "image": none, "pair": { "fixed": "2ms" } },
        "faults": faults,
        "load": load,
    });
    ScenarioFile::parse(Path::new("test"), text.to_string()).expect("it is a scenario")
}

fn put_on(file: ScenarioFile) -> LoadReport {
    let options = LoadOptions {
        said: file.sections.load.clone().unwrap_or_default(),
        file,
        target: None,
        seed: Some(Seed::new(5)),
        shards: 2,
        cores: 2,
        command: "imsim load".to_owned(),
        baseline: None,
    };
    run(options, &mut |_| {}).expect("there is a server")
}

fn kind<'a>(report: &'a LoadReport, operation: &str) -> Option<&'a super::report_form::Kind> {
    report.kinds.iter().find(|kind| kind.operation == operation)
}

#[test]
fn an_open_load_begins_what_was_planned() {
    let report = put_on(scenario(
        &json!({
            "rate": "100/1s, 300/200ms",
            "mix": { "add_members": 1, "delete_members": 1, "show_image": 1 },
            "poll": { "every": "5ms" }
        }),
        &json!([]),
    ));
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
    assert_eq!(report.ended, Ended::Finished);
    let done = &report.transactions;
    assert_eq!((done.planned, done.finished, done.broken_off), (160, 160, 0));
    assert_eq!((done.dropped, done.in_flight), (0, 0));
    let sent = |operation| kind(&report, operation).map_or(0, |kind| kind.requests.count);
    let batches = sent("add_members") + sent("delete_members");
    assert_eq!(batches + sent("show_image"), 160);
    assert_eq!((report.jobs.accepted, report.jobs.succeeded), (batches, batches));
    assert_eq!(report.jobs.pairs, batches * 4);
    assert_eq!(report.jobs.submit_to_final.count, batches);
    assert_eq!(report.requests.errors, 0);
    let rows = &report.timeline;
    assert_eq!(rows.iter().map(|row| row.planned).sum::<u64>(), 160);
    assert_eq!(rows.iter().map(|row| row.requests).sum::<u64>(), report.requests.count);
}
