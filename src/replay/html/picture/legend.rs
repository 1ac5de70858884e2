//! What the colours and shapes of a picture mean: only those that it has.

use maud::{Markup, html};

use super::Drawing;
use super::layout::Workers;
use super::workers::is_open;
use crate::api::job::JobState;
use crate::replay::timeline::JobSpan;

/// The legend of a picture.
pub(super) fn legend(drawing: &Drawing<'_>) -> Markup {
    let timeline = drawing.timeline;
    let jobs = &timeline.jobs;
    let workers = || jobs.iter().flat_map(|job| &job.workers);
    let ended =
        |state: JobState| move |job: &JobSpan| job.ended.is_some_and(|end| end.state == state);
    let open = |job: &JobSpan| {
        job.ended.is_none() || job.workers.iter().any(|worker| is_open(worker, job))
    };
    let bad_calls = timeline.calls.iter().any(|call| !call.went_well());
    let good_calls = timeline.calls.iter().any(|call| call.went_well());
    let succeeded = jobs.iter().any(ended(JobState::Success)) || workers().any(|w| w.succeeded > 0);
    let failed = jobs.iter().any(ended(JobState::Fail)) || workers().any(|w| w.failed > 0);
    let waits = |job: &JobSpan| job.started.is_none_or(|at| at > job.accepted);
    let rows = matches!(drawing.layout.workers, Workers::Rows(_));
    let items = [
        (good_calls, "swatch tick call", "call"),
        (bad_calls, "swatch tick tall call-bad", "call with an error, or no whole answer"),
        (jobs.iter().any(waits), "swatch init", "job in INIT"),
        (jobs.iter().any(|job| job.started.is_some()), "swatch running", "job RUNNING"),
        (
            rows && workers().next().is_some(),
            "swatch thin waiting",
            "image worker before its first pair",
        ),
        (!rows && workers().next().is_some(), "swatch waiting", "pairs not yet settled"),
        (succeeded, "swatch success", "succeeded"),
        (failed, "swatch fail", "failed"),
        (jobs.iter().any(open), "swatch running open", "never ended"),
        (!timeline.faults.is_empty(), "swatch diamond fault", "a fault struck"),
        (
            workers().any(|worker| !worker.deaths.is_empty()),
            "swatch-text death-word",
            "worker died",
        ),
        (!timeline.changes.is_empty(), "swatch square change", "changed by hand"),
        (drawing.axis.cuts().next().is_some(), "swatch cut-out", "quiet time, cut out"),
    ];
    html! {
        ul.legend {
            @for (_, class, meaning) in items.iter().filter(|(there, _, _)| *there) {
                li {
                    @if class.starts_with("swatch-text") {
                        span class=(class) { "✕" }
                    } @else {
                        span class=(class) {}
                    }
                    (meaning)
                }
            }
        }
    }
}
