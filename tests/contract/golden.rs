//! The text form of exchanges, and what a file becomes when its requests are answered anew.
//!
//! ```text
//! # A comment. The first one of a file cites the contract.
//! @ world world.json
//! @ with {"world": {"settings": {"batch_list": 3}}}
//! > DELETE /v1/cloudimages/members
//! > X-Auth-Token: studio
//! > {"images": ["<web>"], "projects": ["<lab>"]}
//! < 200 application/json
//! < {"job_id":"<job 1>"}
//! @ wait 2s
//! > GET /v1/<studio>/jobs/<job 1>
//! > X-Auth-Token: studio
//! ```
//!
//! A request is a method with a target, headers, and a body that begins at the first line that is no
//! header; `Signed-By: KEY SECRET` is not sent, but has the request signed. Words in angle brackets stand for ids and long texts, see [`super::words`]. An answer is its
//! status and type, headers that only some answers have, and the body to the byte.
//!
//! `@ world` starts a simulation of that scenario file, `@ with` changes the file first by a JSON merge
//! patch, `@ show ids` leaves the ids of images and projects in answers as they are, `@ show names` makes
//! of each image in a list its name and leaves out the rest, `@ running jobs` says how many may run. Then `@ wait` lets simulated time pass, and `@ drain` begins to drain.

use std::path::Path;

use serde_json::Value;

use super::stage;

/// A simulation and what is done in it.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The scenario.
    pub(super) world: Value,
    /// Whether answers show the ids of images and projects as they are.
    pub(super) show_ids: bool,
    /// Whether of each image in a list only its name is shown.
    pub(super) show_names: bool,
    /// The most jobs that may run.
    pub(super) running_jobs: Option<usize>,
    /// The lines of the file, each with what it does.
    pub(super) items: Vec<Item>,
}

/// Lines that belong together.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A line that does nothing, or has done its work when the scene starts.
    Line(String),
    /// A line that lets milliseconds pass.
    Wait(String, u64),
    /// A line that begins to drain.
    Drain(String),
    /// The lines of a request.
    Request(Vec<String>),
}

/// The text with the answers that the program gives now.
pub(super) fn answered(text: &str, folder: &Path) -> String {
    let (preface, scenes) = read(text, folder);
    let mut lines = preface;
    for scene in scenes {
        lines.extend(stage::play(scene));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn read(text: &str, folder: &Path) -> (Vec<String>, Vec<Scene>) {
    let (mut preface, mut scenes) = (Vec::new(), Vec::<Scene>::new());
    // Answers are left out: they are what is asked for.
    for line in text.lines().filter(|line| !line.starts_with('<')) {
        if let Some(file) = line.strip_prefix("@ world ") {
            let text = std::fs::read_to_string(folder.join(file)).expect("a world beside the file");
            let world = serde_json::from_str(&text).expect("a world is JSON");
            let items = vec![Item::Line(line.to_owned())];
            let (show_ids, show_names, running_jobs) = (false, false, None);
            scenes.push(Scene { world, show_ids, show_names, running_jobs, items });
            continue;
        }
        match scenes.last_mut() {
            None => preface.push(line.to_owned()),
            Some(scene) => scene.add(line),
        }
    }
    (preface, scenes)
}

impl Scene {
    fn add(&mut self, line: &str) {
        let own = line.to_owned();
        if line.starts_with('>') {
            let line = line.strip_prefix("> ").unwrap_or("").to_owned();
            match self.items.last_mut() {
                Some(Item::Request(lines)) if !begins_request(&line) => lines.push(line),
                _ => self.items.push(Item::Request(vec![line])),
            }
            return;
        }
        let item = match line.strip_prefix("@ ").map(|it| it.split_once(' ').unwrap_or((it, ""))) {
            None => Item::Line(own),
            Some(("wait", span)) => Item::Wait(own, millis(span)),
            Some(("drain", "")) => Item::Drain(own),
            Some((word, rest)) => {
                self.set_up(word, rest);
                Item::Line(own)
            }
        };
        self.items.push(item);
    }

    fn set_up(&mut self, word: &str, rest: &str) {
        match (word, rest) {
            ("with", patch) => {
                let patch: Value =
                    serde_json::from_str(patch).expect("`@ with` is followed by JSON");
                merge(&mut self.world, patch);
            }
            ("show", "ids") => self.show_ids = true,
            ("show", "names") => self.show_names = true,
            ("running", jobs) => {
                let number = jobs.strip_prefix("jobs ").and_then(|number| number.parse().ok());
                self.running_jobs = Some(number.expect("`@ running jobs` is followed by a number"));
            }
            _ => panic!("nothing is known of `@ {word} {rest}`"),
        }
    }
}

/// Whether a line is a method with a target, which no header and no body of these files looks like.
fn begins_request(line: &str) -> bool {
    let method = line.split_once(" /").map_or("", |(method, _)| method);
    !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn millis(span: &str) -> u64 {
    let known = [("ms", 1), ("s", 1_000), ("h", 3_600_000)];
    let parsed = known.iter().find_map(|(unit, factor)| {
        span.strip_suffix(unit)?.parse::<u64>().ok().map(|number| number * factor)
    });
    parsed.unwrap_or_else(|| panic!("`{span}` is no span such as 100ms or 2s"))
}

/// A JSON merge patch: objects are merged, everything else is replaced, and null removes.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    for (key, value) in patch {
        match value {
            Value::Null => drop(target.as_object_mut().map(|object| object.remove(&key))),
            value => merge(&mut target[key], value),
        }
    }
}
