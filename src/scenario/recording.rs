//! From what a simulation has seen to a scenario file that replays it.
//!
//! World, timing, supervision and faults are those of the scenario that the simulation started with, as they
//! were written. Every call is a step that expects the answer that was given, at the simulated time at
//! which it arrived; every change through the admin API is a step, too.

mod calls;
mod named_steps;
mod native_steps;
mod said;
mod tokens;
mod written;

use std::fmt::Write as _;

use serde_json::Value;
use serde_json::value::RawValue;

use super::Origin;
use super::names::Names;
use crate::api::time;
use crate::clock::{SimDuration, SimTime};
use crate::domain::World;
use crate::journal::{AdminRequest, Delivery, Happened, Happening};
use said::{Said, body_of, escaped};
use written::{Request, Step};

/// The latest moment of a recording, counted from its start: later ones a step cannot name.
const LONGEST: SimDuration = SimDuration::from_millis(31_557_600_000);

/// What a recording begins with.
pub struct Start<'a> {
    /// The scenario that everything began with.
    pub origin: &'a Origin,
    /// The world as it is, which knows what things are called.
    pub world: &'a World,
    /// When it began: the start of the simulation, or a reset of everything.
    pub begun: SimTime,
}

/// A recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The scenario file.
    pub scenario: String,
    /// How many calls and changes are in it.
    pub happenings: usize,
    /// How many could not be written as a step: they came later than a step can say, what they sent was
    /// not kept, or nobody knows what came of them.
    pub left_out: usize,
    /// How many entries of the journal are missing, or how many calls and changes came when a tape was full.
    pub missing: u64,
}

/// Writes what happened, in its order, as a scenario.
#[must_use]
pub fn record(start: &Start<'_>, happenings: &[Happening]) -> Recorded {
    let mut recorder = Recorder {
        said: Said::new(Names::of(&start.origin.world, start.origin.seed), start.world),
        begun: start.begun,
        now: SimDuration::ZERO,
        steps: Vec::new(),
        left_out: 0,
    };
    for (place, happening) in happenings.iter().enumerate() {
        recorder.add(happening, happenings.get(place + 1));
    }
    Recorded {
        scenario: document(start, &recorder.steps),
        happenings: happenings.len() - recorder.left_out,
        left_out: recorder.left_out,
        missing: 0,
    }
}

/// Turns happenings into steps, one after the other.
struct Recorder<'a> {
    said: Said<'a>,
    begun: SimTime,
    /// The time to which the steps so far wait.
    now: SimDuration,
    steps: Vec<Step>,
    left_out: usize,
}

impl Recorder<'_> {
    fn add(&mut self, happening: &Happening, next: Option<&Happening>) {
        let at = happening.at - self.begun;
        let step = match &happening.what {
            _ if at > LONGEST => None,
            Happened::Call(call) => self.said.step(call, happening.answered),
            // In a replay time jumps anyway, and its clock has no mode.
            Happened::Change("set_clock", _) => return,
            Happened::Change(action, request) => change(action, request),
        };
        let Some(step) = step else {
            self.left_out += 1;
            return;
        };
        if at > self.now {
            self.steps.push(Step::wait(at));
            self.now = at;
        }
        self.steps.push(match overlaps(happening, next) {
            true => Step::Background([Box::new(step)]),
            false => step,
        });
    }
}

/// Whether a call goes on in simulated time when the next thing happens.
fn overlaps(happening: &Happening, next: Option<&Happening>) -> bool {
    let (Happened::Call(call), Some(next)) = (&happening.what, next) else { return false };
    // Whoever gives up while time stands still has a time to wait all the same.
    let gives_up = call.delivery == Delivery::GivenUp && happening.answered <= happening.at;
    let goes_on = call.asked.waited && happening.answered > next.at;
    call.asked.lasts || gives_up || goes_on
}

/// A change through the admin API: sent again as it was.
fn change(action: &str, request: &AdminRequest) -> Option<Step> {
    if action == "advance_clock" {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        return Some(Step::AdvanceClock { by: body["by"].as_str()?.to_owned() });
    }
    let (body, text) = body_of(&request.body, escaped);
    // What is added is answered with 201; all that changed something was answered well.
    let status = if action.starts_with("add_") { 201 } else { 200 };
    let mut step = Request {
        method: request.method.to_string(),
        path: escaped(&request.target),
        body,
        text,
        ..Request::default()
    };
    step.rest.expect.status = (status != 200).then_some(status);
    Some(Step::Request(step))
}

/// The file: sections as they were written, and one line for each step.
fn document(start: &Start<'_>, steps: &[Step]) -> String {
    let source = &start.origin.source;
    let sections = source.sections();
    let mut text = format!(
        "{{\n  \"about\": \"Recorded from a running server.\",\n  \"format\": {},\n  \"seed\": {},\n  \
         \"epoch\": \"{}\",\n  \"world\": {}",
        super::file::FORMAT,
        start.origin.seed.number(),
        time::with_millis(start.begun.as_millis()),
        source.world(),
    );
    let others = [
        ("timing", sections.timing),
        ("supervision", sections.supervision),
        ("faults", sections.faults),
    ];
    for (name, section) in others {
        if let Some(section) = section.map(RawValue::get) {
            let _ = write!(text, ",\n  \"{name}\": {section}");
        }
    }
    text.push_str(",\n  \"steps\": [");
    for (place, step) in steps.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n    {}", step.line());
    }
    text.push_str(if steps.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
    text
}

#[cfg(test)]
mod tests;
