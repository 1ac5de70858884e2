//! The lanes above the jobs: calls, the faults that struck them, changes by hand.

use maud::{Markup, html};

use super::marks::{Mark, Merged, diamond, merged, px};
use super::{Drawing, Part, RIGHT, Row};
use crate::journal::Delivery;
use crate::replay::html::words::count;
use crate::replay::timeline::{CallMark, FaultMark, Struck};

/// Calls closer together than this are drawn as one.
const CALLS_APART: f64 = 3.0;
/// Diamonds and squares closer together than this are drawn as one.
pub(super) const SHAPES_APART: f64 = 7.0;
/// How high the lane of calls is.
const CALLS: f64 = 28.0;
/// How high the lanes of shapes are.
const SHAPES: f64 = 18.0;

impl Drawing<'_> {
    /// The lanes of which there is something to show.
    pub(super) fn lanes(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if !self.timeline.calls.is_empty() {
            rows.push(self.calls());
        }
        let faults: Vec<&FaultMark> = self.call_faults().collect();
        if !faults.is_empty() {
            let marks = merged(faults.iter().map(|fault| self.fault_mark(fault)), SHAPES_APART);
            let shapes = html! {
                @for mark in &marks {
                    path.fault d=(diamond(mark.x, SHAPES / 2.0, 5.0)) { title { (mark.title()) } }
                }
            };
            let note = format!("{} struck", count(faults.len() as u64, "fault"));
            rows.push(lane("faults on calls", SHAPES, shapes, &note));
        }
        if !self.timeline.changes.is_empty() {
            rows.push(self.changes());
        }
        rows
    }

    /// The faults that struck connections, calls and answers.
    pub(super) fn call_faults(&self) -> impl Iterator<Item = &FaultMark> {
        self.timeline.faults.iter().filter(|fault| fault.on == Struck::Call)
    }

    /// A fault as a mark.
    pub(super) fn fault_mark(&self, fault: &FaultMark) -> Mark {
        let line = format!(
            "{}  {} at {}: rule {}",
            fault.at,
            fault.effect.name(),
            fault.point,
            fault.rule
        );
        Mark { x: self.axis.x(fault.at), bad: true, line }
    }

    fn calls(&self) -> Row {
        let calls = &self.timeline.calls;
        let mark = |call: &CallMark| Mark {
            x: self.axis.x(call.at),
            bad: !call.went_well(),
            line: told(call),
        };
        let marks = merged(calls.iter().map(mark), CALLS_APART);
        let bad = calls.iter().filter(|call| !call.went_well()).count() as u64;
        let note = match bad {
            0 => count(calls.len() as u64, "call"),
            bad => format!("{}, {bad} with an error", count(calls.len() as u64, "call")),
        };
        let ticks = html! { @for mark in &marks { (tick(mark)) } };
        lane("calls", CALLS, ticks, &note)
    }

    fn changes(&self) -> Row {
        let mark = |change: &crate::replay::timeline::ChangeMark| Mark {
            x: self.axis.x(change.at),
            bad: false,
            line: format!("{}  {} {}", change.at, change.action, change.object),
        };
        let marks = merged(self.timeline.changes.iter().map(mark), SHAPES_APART);
        let shapes = html! {
            @for mark in &marks {
                rect.change x=(px(mark.x - 3.5)) y=(px(SHAPES / 2.0 - 3.5)) width="7" height="7" { title { (mark.title()) } }
            }
        };
        let note = count(self.timeline.changes.len() as u64, "change");
        lane("changes by hand", SHAPES, shapes, &note)
    }
}

/// Calls of about one moment: what went well from the bottom, what did not on top of it and higher.
fn tick(mark: &Merged) -> Markup {
    let bottom = CALLS - 5.0;
    let good = if mark.good > 0 { 9.0 } else { 0.0 };
    let bad = if mark.bad > 0 { 18.0 - good } else { 0.0 };
    let width = if mark.good + mark.bad > 1 { 3.0 } else { 2.0 };
    let x = px(mark.x - width / 2.0);
    html! {
        g {
            title { (mark.title()) }
            @if good > 0.0 {
                rect.call x=(x) y=(px(bottom - good)) width=(px(width)) height=(px(good)) {}
            }
            @if bad > 0.0 {
                rect.call-bad x=(x) y=(px(bottom - good - bad)) width=(px(width)) height=(px(bad)) {}
            }
        }
    }
}

/// A call in a line.
fn told(call: &CallMark) -> String {
    let by = call.by.as_deref().unwrap_or("nobody known");
    let mut line = format!("{}  {} by {by}: {}", call.at, call.operation.name(), call.status);
    if let Some(code) = call.error_code {
        line.push_str(&format!(" with {}", code.code()));
    }
    if call.delivery != Delivery::Answered {
        line.push_str(&format!(", {}", call.delivery.name()));
    }
    line
}

/// A lane with a name before it and a note behind it.
fn lane(name: &str, height: f64, shapes: Markup, note: &str) -> Row {
    let middle = px(height / 2.0 + 4.0);
    Row {
        band: false,
        names: html! { text x="8" y=(middle) { (name) } },
        part: Part {
            height,
            markup: html! {
                g { (shapes) }
                text.note x=(px(RIGHT + 12.0)) y=(middle) { (note) }
            },
        },
    }
}
