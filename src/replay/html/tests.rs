use std::path::Path;

use serde_json::{Value, json};

use super::kept::MOST_SEEDS_SHOWN;
use super::*;
use crate::replay::{
    Again, Checks, Difference, Drift, Golden, GoldenMode, ReplayOptions, StepCounter, run,
};
use crate::scenario::ScenarioFile;

/// A name that would be more than a name in a page that does not escape it.
const HOSTILE: &str = r#"<script>alert("x")</script>&'q'"#;

/// The runs of a scenario with these seeds.
fn outcome(name: &str, scenario: &Value, seeds: std::ops::RangeInclusive<u64>) -> FileOutcome {
    let file = ScenarioFile::parse(Path::new(name), scenario.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}"));
    let checks = Checks { again: false, golden: GoldenMode::Ignore, timeline: true };
    let one = |seed| {
        let options = ReplayOptions { seed: Some(crate::seed::Seed::new(seed)), shards: 1 };
        run(&file, options, checks, None, &StepCounter::default()).expect("it can be run")
    };
    let about = file.sections.about.clone();
    let runs = seeds.map(one).collect();
    FileOutcome { file: name.into(), about, runs, broken: None }
}

/// Jobs on so many images each, a moment apart, with a rule for some of their pairs.
fn busy(jobs: usize, images: usize) -> Value {
    let job = |number: usize| {
        let images = format!("image-{number}-*");
        json!({ "add_members": { "token": "studio", "images": [images], "projects": ["lab"] } })
    };
    let wait = json!({ "wait": { "for": "40ms" } });
    let steps: Vec<Value> = (0..jobs).flat_map(|number| [job(number), wait.clone()]).collect();
    let image = json!({ "count": images, "owner": "studio" });
    let images: serde_json::Map<String, Value> =
        (0..jobs).map(|number| (format!("image-{number}"), image.clone())).collect();
    let rule =
        json!({ "id": "some", "at": "pair", "when": { "every": 40 }, "effect": { "fail": {} } });
    json!({
        "about": "Many workers.",
        "format": 1,
        "world": { "projects": { "studio": {}, "lab": {} }, "images": images },
        "faults": [rule],
        "steps": steps,
    })
}

/// A scenario that expects one thing too many.
fn failing() -> Value {
    json!({
        "about": HOSTILE,
        "format": 1,
        "world": {
            "projects": { "studio": {}, HOSTILE: {} },
            "images": { HOSTILE: { "owner": "studio" } },
        },
        "faults": [
            { "id": "slow", "at": "image", "effect": { "delay": { "fixed": "200ms" } } },
            { "id": "idle", "at": "request", "match": { "method": "PUT" }, "effect": { "reset": {} } },
        ],
        "steps": [
            { "add_members": { "token": "studio", "images": [HOSTILE], "projects": [HOSTILE], "save": "job" } },
            { "wait_job": { "token": "studio", "job": "job", "expect": {
                "job": { "took": "1s" }, "body": { "job_type": HOSTILE },
            } } },
        ],
    })
}

/// Holds a page to be well formed: every tag is closed in its turn, every attribute is quoted, and
/// whatever else might be taken for markup is escaped. Returns its ids and the places it links to.
pub(crate) fn check(page: &str) -> (Vec<String>, Vec<String>) {
    let (mut open, mut ids, mut links) = (Vec::new(), Vec::new(), Vec::new());
    let rest = page.strip_prefix("<!DOCTYPE html>").expect("it says that it is HTML");
    let mut pieces = rest.split('<');
    assert_eq!(pieces.next(), Some(""));
    for piece in pieces {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("no end: <{piece}"));
        for after in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let known = ["amp;", "lt;", "gt;", "quot;"];
            assert!(known.iter().any(|known| after.starts_with(known)), "a bare & in {piece}");
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{piece}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "<{piece}");
        assert_ne!(name, "script", "{piece}");
        let parts: Vec<&str> = attributes.split('"').collect();
        assert!(parts.len() % 2 == 1, "quotes in <{piece}");
        for pair in parts.chunks_exact(2) {
            match pair[0].trim() {
                "id=" => ids.push(pair[1].to_owned()),
                "href=" => links.push(pair[1].trim_start_matches('#').to_owned()),
                key => assert!(key.is_empty() || key.ends_with('='), "{key:?} in <{piece}"),
            }
        }
        if name != "meta" {
            open.push(name);
        }
    }
    assert_eq!(open, [] as [&str; 0]);
    (ids, links)
}

/// How high the pictures of a page are.
fn heights(page: &str) -> Vec<f64> {
    let after = page.split("<svg viewBox=\"0 0 1160 ").skip(1);
    after
        .map(|rest| rest.split('"').next().and_then(|it| it.parse().ok()).expect("a height"))
        .collect()
}

/// The page without the real times.
fn masked(page: &str) -> String {
    let mut pieces = page.split("<span class=\"real\">");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(piece.split_once("</span>").expect("it is closed").1);
    }
    text
}

#[test]
fn hostile_names_are_text_and_nothing_else() {
    let file = outcome(HOSTILE, &failing(), 1..=1);
    assert!(!file.held());
    let page = page(&[file]);
    let (ids, links) = check(&page);
    assert!(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;"));
    assert!(links.iter().all(|link| ids.contains(link)), "{links:?} {ids:?}");
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
}

#[test]
fn the_same_runs_give_the_same_page_but_for_the_real_time() {
    let make =
        || page(&[outcome("a.json", &failing(), 1..=3), outcome("b.json", &busy(2, 30), 1..=1)]);
    assert_eq!(masked(&make()), masked(&make()));
}

#[test]
fn what_did_not_hold_is_told_with_what_was_expected_and_how_to_see_it_again() {
    let page = page(&[outcome("wrong.json", &failing(), 5..=5)]);
    for text in [
        "The scenario did not hold",
        "steps[1].wait_job",
        "job.took",
        "body.job_type",
        "imsim replay wrong.json --seed 5 --shards 1",
        "slow",
        "why not",
        "add_members by studio",
    ] {
        assert!(page.contains(text), "`{text}` is not on the page");
    }
}

#[test]
fn a_second_run_a_golden_trace_and_a_broken_file_are_told_of() {
    let mut file = outcome("drifted.json", &busy(1, 1), 1..=1);
    let difference = |found: Option<&str>| Difference {
        line: 3,
        expected: Some(r#"{"at":700,"event":"job_started"}"#.to_owned()),
        found: found.map(str::to_owned),
    };
    let other = difference(Some(r#"{"at":800,"event":"job_started"}"#));
    file.runs[0].golden = Golden::Drifted(Drift::Line(difference(None)));
    file.runs[0].again =
        Some(Again { shards: 4, difference: Some(other), failed_otherwise: false });
    let reason = Some("broken.json:1:2: <nothing> & no more".to_owned());
    let broken =
        FileOutcome { file: "broken.json".into(), about: None, runs: vec![], broken: reason };
    let page = page(&[file, broken]);
    check(&page);
    for text in [
        "2 of 2 scenarios did not hold",
        "<del>700</del>",
        "<ins>800</ins>",
        "the trace has ended",
        "drifted.trace.jsonl",
        "--golden write",
        "&lt;nothing&gt; &amp; no more",
    ] {
        assert!(page.contains(text), "`{text}` is not on the page");
    }
}

#[test]
fn pictures_stay_pictures_whatever_they_show() {
    for (jobs, images, highest) in
        [(1, 5, 200.0), (5, 100, 1_200.0), (100, 1, 2_600.0), (100, 100, 3_200.0)]
    {
        let file = outcome("busy.json", &busy(jobs, images), 1..=1);
        let page = page(&[file]);
        check(&page);
        let [height] = heights(&page)[..] else { panic!("one picture") };
        assert!(height < highest, "{jobs} jobs of {images} images: {height} high");
        assert!(page.len() < 400_000, "{jobs} jobs of {images} images: {} bytes", page.len());
    }
}

#[test]
fn of_many_seeds_the_first_and_the_first_few_that_failed_are_shown() {
    let mut file = outcome("seeds.json", &failing(), 1..=12);
    let runs: Vec<Run> = file.runs.drain(..).collect();
    // They come in another order than that of their seeds.
    let (mut pictured, mut kept) = (Pictured::default(), Vec::new());
    for (place, run) in runs.into_iter().enumerate().rev() {
        let goes = pictured.goes(place, kept.len(), &run);
        kept.push((place, run));
        if let Some(index) = goes {
            kept[index].1.replayed.timeline = None;
        }
    }
    kept.sort_by_key(|(place, _)| *place);
    let with: Vec<usize> = kept
        .iter()
        .filter(|(_, run)| run.replayed.timeline.is_some())
        .map(|(place, _)| *place)
        .collect();
    assert_eq!(with, (0..=MOST_SEEDS_SHOWN).collect::<Vec<_>>());
    file.runs = kept.into_iter().map(|(_, run)| run).collect();
    let page = page(&[file]);
    check(&page);
    assert_eq!(heights(&page).len(), MOST_SEEDS_SHOWN + 1);
    assert!(page.contains("0 of 12 seeds held"));
}

#[test]
fn a_run_in_which_nothing_happened_has_a_page() {
    let nothing = json!({
        "format": 1, "world": { "projects": {}, "images": {} }, "steps": [{ "wait": { "for": "1s" } }],
    });
    let page = page(&[outcome("nothing.json", &nothing, 1..=1)]);
    check(&page);
    assert!(page.contains("nothing to draw") && heights(&page).is_empty());
}
