//! The picture of a run: simulated time from left to right; the calls, and beneath them each job with its
//! image workers.
//!
//! Its height is bounded: with many workers rows get thin, with very many a job's workers become one
//! curve, and with many jobs these get thin, too.

mod axis;
mod job;
mod lanes;
mod layout;
mod legend;
mod marks;
mod workers;

use maud::{Markup, html};
use rustc_hash::FxHashMap;

pub(super) use job::class_of;

use super::words::{brief, count};
use crate::replay::timeline::{FaultMark, JobSpan, LeftOut, Struck, Timeline};
use crate::seed::JobKey;
use axis::{Axis, CUT_WIDTH};
use layout::Layout;
use marks::px;

/// How wide the picture is; it shrinks with the page.
const WIDTH: f64 = 1_160.0;
/// Where time begins; names stand before it.
const LEFT: f64 = 196.0;
/// Where time ends; outcomes stand behind it.
const RIGHT: f64 = 934.0;
/// How high the axis is.
const HEAD: f64 = 34.0;

/// How much of a cut stays uncovered at its edges, where the marks of what happens there reach into it.
const CUT_EDGE: f64 = 7.0;

/// What is drawn, and where.
struct Drawing<'a> {
    timeline: &'a Timeline,
    axis: Axis,
    layout: Layout,
    /// The faults that struck each job or its workers, by time.
    faults: FxHashMap<JobKey, Vec<&'a FaultMark>>,
}

/// A part of the picture with its height.
struct Part {
    height: f64,
    markup: Markup,
}

/// The picture with its legend; `number` tells it from the others of a page.
pub(super) fn picture(timeline: &Timeline, number: usize) -> Markup {
    if timeline.jobs.is_empty() && timeline.calls.is_empty() && timeline.changes.is_empty() {
        return html! { p.note { "Nothing was called and nothing ran, so there is nothing to draw." } };
    }
    let drawing = Drawing::new(timeline);
    let (parts, height) = drawing.parts();
    let clip = format!("names-{number}");
    let label = format!(
        "Timeline of {} and {} over {}",
        count(timeline.jobs.len() as u64, "job"),
        count(timeline.calls.len() as u64, "call"),
        brief(timeline.end)
    );
    let (width, total) = (px(WIDTH), px(height + 6.0));
    html! {
        figure.picture {
            div.wide {
                svg viewBox=(format!("0 0 {width} {total}")) width=(width) height=(total) role="img" aria-label=(label) {
                    defs { clipPath id=(clip) { rect x="0" y="0" width=(px(LEFT - 8.0)) height=(total) {} } }
                    @for (top, row) in parts.iter().filter(|(_, row)| row.band) {
                        rect.band x="0" y=(px(*top)) width=(width) height=(px(row.part.height)) {}
                    }
                    (drawing.grid(height))
                    @for (top, part) in &parts {
                        g transform=(format!("translate(0 {})", px(*top))) { (part.names(&clip)) (part.part.markup) }
                    }
                    (drawing.cuts(height))
                }
            }
            figcaption { (legend::legend(&drawing)) (left_out(&timeline.left_out)) }
        }
    }
}

/// A part of the picture with the names before it, which are clipped where time begins.
struct Row {
    /// Whether it has a shade of its own, so that neighbours are told apart.
    band: bool,
    names: Markup,
    part: Part,
}

impl Row {
    fn names(&self, clip: &str) -> Markup {
        html! { g clip-path=(format!("url(#{clip})")) { (self.names) } }
    }
}

impl<'a> Drawing<'a> {
    fn new(timeline: &'a Timeline) -> Self {
        let mut faults: FxHashMap<JobKey, Vec<&FaultMark>> = FxHashMap::default();
        for fault in &timeline.faults {
            if let Struck::Job(job) | Struck::Worker(job, _) = fault.on {
                faults.entry(job).or_default().push(fault);
            }
        }
        let axis = Axis::new(timeline, LEFT, RIGHT - LEFT);
        Self { timeline, axis, layout: Layout::of(timeline), faults }
    }

    /// All rows, each with the place of its top, and the height of them all.
    fn parts(&self) -> (Vec<(f64, Row)>, f64) {
        let (mut placed, mut top) = (Vec::new(), HEAD);
        let rows = self.lanes().into_iter().chain(self.job_rows());
        for row in rows {
            let height = row.part.height;
            placed.push((top, row));
            top += height;
        }
        (placed, top)
    }

    fn job_rows(&self) -> impl Iterator<Item = Row> {
        let jobs = self.timeline.jobs.iter().enumerate();
        jobs.map(|(index, job)| self.job_row(index, job))
    }

    fn faults_of(&self, job: &JobSpan) -> &[&'a FaultMark] {
        self.faults.get(&job.key).map_or(&[], Vec::as_slice)
    }

    /// The lines of the grid with their times.
    fn grid(&self, height: f64) -> Markup {
        let bottom = px(height);
        html! {
            g.grid {
                @for (x, at) in self.axis.labels() {
                    line x1=(px(x)) y1=(px(HEAD - 4.0)) x2=(px(x)) y2=(bottom) {}
                    text x=(px(x)) y=(px(HEAD - 9.0)) text-anchor="middle" { (brief(at)) }
                }
            }
        }
    }

    /// Where time is cut out: drawn last, over everything that goes on meanwhile.
    fn cuts(&self, height: f64) -> Markup {
        let (top, bottom) = (px(HEAD - 4.0), px(height));
        html! {
            @for cut in self.axis.cuts() {
                @let (left, right) = (cut.left + CUT_EDGE, cut.left + CUT_WIDTH - CUT_EDGE);
                g.cut {
                    title { "Nothing happened from " (cut.from) " to " (cut.to) "; this time is cut out." }
                    rect x=(px(left)) y=(top) width=(px(right - left)) height=(px(height - HEAD + 4.0)) {}
                    @for edge in [left, right] {
                        line x1=(px(edge)) y1=(top) x2=(px(edge)) y2=(bottom) {}
                    }
                    text x=(px((left + right) / 2.0)) y="11" text-anchor="middle" { "… " (brief(cut.length())) " …" }
                }
            }
        }
    }
}

/// What the picture leaves out, in a sentence. Workers that are left out are in their jobs' curves.
fn left_out(left_out: &LeftOut) -> Markup {
    let LeftOut { jobs, workers: _, calls, marks } = *left_out;
    let parts = [(jobs, "job"), (calls, "call"), (marks, "mark")];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, noun)| count(*number, noun)).collect();
    html! {
        @if !parts.is_empty() {
            p.note { "Not in the picture, which is bounded: " (parts.join(", ")) "." }
        }
    }
}
