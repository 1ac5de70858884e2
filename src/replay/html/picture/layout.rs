//! How high rows are, so that a picture stays one whatever it shows.

use crate::replay::timeline::Timeline;

/// How a job's workers are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Workers {
    /// A row each, of this height.
    Rows(f64),
    /// One curve of how many pairs are settled, of this height.
    Curve(f64),
}

/// The heights of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    /// Of a job's own row.
    pub(super) job: f64,
    /// Of the gap behind a job.
    pub(super) gap: f64,
    /// Of a job's workers.
    pub(super) workers: Workers,
}

/// The heights that rows have if there is room.
const WORKER: f64 = 13.0;
const JOB: f64 = 20.0;
const CURVE: f64 = 40.0;

/// From this height on a row has room for a name.
pub(super) const NAMED: f64 = 11.0;

/// What all rows of one kind may take together; workers take less if there is no room for their names.
const ALL_NAMED: f64 = 620.0;
const ALL_WORKERS: f64 = 900.0;
const ALL_JOBS: f64 = 1_400.0;
const ALL_CURVES: f64 = 1_200.0;

/// How high a row of a worker without a name is at most.
const UNNAMED: f64 = 5.0;

/// Thinner rows of workers cannot be told apart; with more workers than that they become a curve.
const THINNEST: f64 = 1.8;

impl Layout {
    pub(super) fn of(timeline: &Timeline) -> Self {
        let jobs = count(timeline.jobs.len());
        let kept: usize = timeline.jobs.iter().map(|job| job.workers.len()).sum();
        let left_out = usize::try_from(timeline.left_out.workers).unwrap_or(usize::MAX);
        let workers = count(kept.saturating_add(left_out));
        let named = WORKER * workers <= ALL_NAMED;
        let row = if named { WORKER } else { (ALL_WORKERS / workers).min(UNNAMED) };
        let job = (ALL_JOBS / jobs).clamp(6.0, JOB);
        let curve = (ALL_CURVES / jobs).clamp(6.0, CURVE);
        let workers = if row < THINNEST { Workers::Curve(curve) } else { Workers::Rows(row) };
        Self { job, gap: if job < JOB { job / 6.0 } else { 6.0 }, workers }
    }
}

#[expect(clippy::cast_precision_loss, reason = "timelines are bounded far below 2^53")]
fn count(number: usize) -> f64 {
    number.max(1) as f64
}
