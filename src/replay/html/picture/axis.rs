//! Where simulated time stands in a picture. Where a few long times in which nothing happened would leave
//! no room for the rest, they are cut out, and the cuts are shown.

use crate::clock::SimDuration;
use crate::replay::timeline::{Quiet, Timeline};

/// How wide a cut is drawn.
pub(super) const CUT_WIDTH: f64 = 60.0;

/// Nothing shorter is cut out, in milliseconds: who reads of a few seconds wants to see them.
const SHORTEST_CUT: u64 = 10_000;

/// How far apart labels are at least, so that they never touch.
const LABEL_ROOM: f64 = 74.0;

/// The steps between labels that people count in, in milliseconds.
const STEPS: [u64; 29] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    604_800_000,
];

/// The time axis of a picture.
pub(super) struct Axis {
    /// Its pieces from left to right; there is at least one.
    pieces: Vec<Piece>,
    /// The step between labels.
    step: u64,
}

/// A piece of the axis, within which time runs evenly.
struct Piece {
    from: u64,
    to: u64,
    left: f64,
    width: f64,
    cut: bool,
}

/// A cut in the axis.
pub(super) struct Cut {
    pub(super) left: f64,
    pub(super) from: SimDuration,
    pub(super) to: SimDuration,
}

impl Cut {
    /// How much time is cut out.
    pub(super) fn length(&self) -> SimDuration {
        SimDuration::from_millis(self.to.as_millis().saturating_sub(self.from.as_millis()))
    }
}

impl Axis {
    /// The axis of a timeline, drawn from `left` on.
    pub(super) fn new(timeline: &Timeline, left: f64, width: f64) -> Self {
        let end = timeline.end.as_millis().max(1);
        let cuts = cuts(&timeline.quiet, end);
        let cut_out: u64 = cuts.iter().map(Quiet::millis).sum();
        let per_ms = (width - CUT_WIDTH * float(cuts.len() as u64)) / float(end - cut_out);
        let (mut pieces, mut from, mut left) = (Vec::new(), 0, left);
        let mut piece = |to: u64, cut: bool| {
            let width = if cut { CUT_WIDTH } else { float(to - from) * per_ms };
            pieces.push(Piece { from, to, left, width, cut });
            (from, left) = (to, left + width);
        };
        for cut in &cuts {
            piece(cut.from.as_millis(), false);
            piece(cut.to.as_millis(), true);
        }
        piece(end, false);
        let wide = |step: &&u64| float(**step) * per_ms >= LABEL_ROOM;
        let step = STEPS.iter().find(wide).copied();
        // A run that is longer than all steps has weeks between its labels.
        let week = STEPS[STEPS.len() - 1];
        let step = step.unwrap_or_else(|| week * (end / week / 8).max(1));
        Self { pieces, step }
    }

    /// Where a time stands.
    pub(super) fn x(&self, at: SimDuration) -> f64 {
        let at = at.as_millis();
        let behind = self.pieces.partition_point(|piece| piece.to < at);
        let piece = &self.pieces[behind.min(self.pieces.len() - 1)];
        let length = float((piece.to - piece.from).max(1));
        let into = float(at.saturating_sub(piece.from)) / length;
        piece.left + piece.width * into.min(1.0)
    }

    /// The times that get a label, with their places; not within a cut, and none that would touch another.
    pub(super) fn labels(&self) -> Vec<(f64, SimDuration)> {
        let mut labels: Vec<(f64, SimDuration)> = Vec::new();
        for piece in self.pieces.iter().filter(|piece| !piece.cut) {
            let first = piece.from.div_ceil(self.step);
            for number in first..=piece.to / self.step {
                let at = SimDuration::from_millis(number * self.step);
                let x = self.x(at);
                if labels.last().is_none_or(|(last, _)| x - last >= LABEL_ROOM * 0.7) {
                    labels.push((x, at));
                }
            }
        }
        labels
    }

    /// The cuts, from left to right.
    pub(super) fn cuts(&self) -> impl Iterator<Item = Cut> {
        let cuts = self.pieces.iter().filter(|piece| piece.cut);
        cuts.map(|piece| Cut {
            left: piece.left,
            from: SimDuration::from_millis(piece.from),
            to: SimDuration::from_millis(piece.to),
        })
    }
}

/// The quiet times that are cut out: as many of the longest as can be, if each of them is at least four
/// times as long as all that remains. A run with an even rhythm has none.
fn cuts(quiet: &[Quiet], end: u64) -> Vec<Quiet> {
    let long = quiet.iter().filter(|quiet| quiet.millis() >= SHORTEST_CUT);
    let mut longest: Vec<Quiet> = long.copied().collect();
    longest.sort_by_key(|quiet| (std::cmp::Reverse(quiet.millis()), quiet.from));
    let mut cut_out = 0;
    let mut count = 0;
    for (place, quiet) in longest.iter().enumerate() {
        cut_out += quiet.millis();
        let remains = end.saturating_sub(cut_out);
        if remains > 0 && quiet.millis() >= 4 * remains {
            count = place + 1;
        }
    }
    longest.truncate(count);
    longest.sort_by_key(|quiet| quiet.from);
    longest
}

/// Milliseconds as a coordinate; beyond 2^53 of them, 285,000 years, the last digits are lost.
#[expect(clippy::cast_precision_loss, reason = "a picture has no room for the last digits")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(end: u64, quiet: &[(u64, u64)]) -> Timeline {
        let time = SimDuration::from_millis;
        let quiet = quiet.iter().map(|(from, to)| Quiet { from: time(*from), to: time(*to) });
        Timeline { end: time(end), quiet: quiet.collect(), ..Timeline::default() }
    }

    fn cut_of(end: u64, quiet: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let axis = Axis::new(&timeline(end, quiet), 0.0, 800.0);
        axis.cuts().map(|cut| (cut.from.as_millis(), cut.to.as_millis())).collect()
    }

    #[test]
    fn long_quiet_times_are_cut_out_and_an_even_rhythm_is_not() {
        assert_eq!(cut_of(3_000, &[(0, 1_000), (1_000, 2_000), (2_000, 3_000)]), []);
        assert_eq!(cut_of(86_405_000, &[(5_000, 86_405_000)]), [(5_000, 86_405_000)]);
        let two = [(1_000, 3_601_000), (3_602_000, 90_000_000)];
        assert_eq!(cut_of(90_000_000, &two), two);
        assert_eq!(cut_of(60_000, &[(0, 60_000)]), [], "something must remain");
        assert_eq!(cut_of(9_100, &[(100, 9_000)]), [], "a few seconds are shown");
    }

    #[test]
    fn time_never_goes_backwards_and_labels_never_touch() {
        let cases: &[(u64, &[(u64, u64)])] = &[
            (0, &[]),
            (1, &[]),
            (3_000, &[]),
            (86_405_000, &[(5_000, 86_400_000)]),
            (90_000_000, &[(1_000, 3_601_000), (3_602_000, 90_000_000)]),
            (u64::MAX / 4, &[]),
        ];
        for (end, quiet) in cases {
            let axis = Axis::new(&timeline(*end, quiet), 100.0, 800.0);
            let labels = axis.labels();
            assert!(!labels.is_empty() && labels.len() < 14, "{end}: {} labels", labels.len());
            assert!(labels.windows(2).all(|two| two[1].0 - two[0].0 > 40.0), "{end}");
            let xs: Vec<f64> =
                (0..=100).map(|part| axis.x(SimDuration::from_millis(end / 100 * part))).collect();
            assert!(xs.windows(2).all(|two| two[0] <= two[1]), "{end}: {xs:?}");
            assert!(xs[0] >= 99.9 && xs[100] <= 900.1, "{end}: {xs:?}");
        }
    }
}
