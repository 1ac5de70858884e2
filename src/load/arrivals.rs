//! When transactions are to begin in the open model, and how many users there are in the closed one: a pure
//! function of the profile.

use super::ledger::Micros;
use crate::scenario::load_section::profile::Stage;

/// Microseconds of a second.
const SECOND: f64 = 1_000_000.0;

/// A profile with the ramp in front of it.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    parts: Vec<Part>,
    /// The end of the last part.
    end: Micros,
}

/// A stage with what lies before it.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// When it begins.
    start: f64,
    /// How long it takes.
    length: f64,
    from: f64,
    to: f64,
    /// Arrivals before it.
    before: f64,
}

impl Part {
    /// Arrivals within it, up to a time since its beginning: the area below the slope.
    fn area(&self, time: f64) -> f64 {
        (self.from + (self.to - self.from) * time / self.length / 2.0) * time / SECOND
    }

    /// When that many have arrived since its beginning: the area's inverse.
    fn time_of(&self, arrivals: f64) -> f64 {
        let (area, slope) = (arrivals * SECOND, (self.to - self.from) / self.length);
        if slope.abs() < f64::EPSILON * self.from.max(self.to) {
            return area / self.from;
        }
        // The root of slope/2 t² + from t = area, in the form that loses no digits where the slope is small.
        let root = (self.from * self.from + 2.0 * slope * area).max(0.0).sqrt();
        2.0 * area / (self.from + root)
    }
}

impl Arrivals {
    /// Lays stages one behind the other; a ramp that is not zero rises evenly from nothing to the first.
    #[expect(clippy::cast_precision_loss, reason = "a run is shorter than a century")]
    pub(super) fn new(stages: &[Stage], ramp_ms: u64) -> Self {
        let height = stages.first().map_or(0.0, |stage| stage.from);
        let ramp = (ramp_ms > 0).then_some((0.0, height, ramp_ms));
        let stages = stages.iter().map(|stage| (stage.from, stage.to, stage.over.as_millis()));
        let (mut start, mut before, mut parts) = (0.0, 0.0, Vec::new());
        for (from, to, ms) in ramp.into_iter().chain(stages).filter(|(_, _, ms)| *ms > 0) {
            let part = Part { start, length: ms as f64 * 1_000.0, from, to, before };
            start += part.length;
            before += part.area(part.length);
            parts.push(part);
        }
        Self { parts, end: whole(start) }
    }

    /// When the load ends, in microseconds since the start.
    pub(super) fn end(&self) -> Micros {
        self.end
    }

    /// When the n-th transaction is to begin, from 0; `None` if the load ends before.
    ///
    /// The n-th is due when n and a half have arrived, so that a constant rate begins half a gap after the
    /// start and ends half a gap before the end.
    #[expect(clippy::cast_precision_loss, reason = "a run has fewer than 2^52 transactions")]
    pub(super) fn due(&self, number: u64) -> Option<Micros> {
        let wanted = number as f64 + 0.5;
        // One that falls between two parts belongs to the first: the second may begin at a height of 0, where
        // no time has an arrival.
        let place = self.parts.partition_point(|part| part.before < wanted).checked_sub(1)?;
        let part = self.parts[place];
        let within = wanted - part.before;
        if within > part.area(part.length) {
            return None;
        }
        Some(whole(part.start + part.time_of(within)))
    }

    /// How high the profile is at a time; 0 after its end.
    #[expect(clippy::cast_precision_loss, reason = "a run is shorter than a century")]
    pub(super) fn height(&self, at: Micros) -> f64 {
        let at = at as f64;
        let part = self.parts.iter().rev().find(|part| part.start <= at);
        let part = part.filter(|part| at < part.start + part.length);
        part.map_or(0.0, |part| part.from + (part.to - part.from) * (at - part.start) / part.length)
    }

    /// The greatest height there is.
    pub(super) fn highest(&self) -> f64 {
        self.parts.iter().fold(0.0, |highest, part| highest.max(part.from).max(part.to))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times lie between the start and the end of a run"
)]
fn whole(time: f64) -> Micros {
    time.round() as Micros
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::SimDuration;
    use crate::scenario::load_section::Profile;

    fn arrivals(profile: &str, duration_ms: u64, ramp_ms: u64) -> Arrivals {
        let profile: Profile = profile.parse().expect("a profile");
        Arrivals::new(&profile.stages(SimDuration::from_millis(duration_ms)), ramp_ms)
    }

    fn all(arrivals: &Arrivals) -> Vec<Micros> {
        (0..).map_while(|number| arrivals.due(number)).collect()
    }

    #[test]
    fn arrivals_follow_the_profile() {
        let check = |profile: &str, duration_ms, ramp_ms, count: usize, first: &[Micros]| {
            let all = all(&arrivals(profile, duration_ms, ramp_ms));
            assert_eq!((all.len(), &all[..first.len()]), (count, first), "{profile}");
        };
        check("4", 1_000, 0, 4, &[125_000, 375_000, 625_000, 875_000]);
        check("0", 60_000, 0, 0, &[]);
        // A triangle of a base of two seconds and a height of 8 has an area of 8.
        check("0..8/2s", 0, 0, 8, &[500_000]);
        check("4", 1_000, 1_000, 6, &[500_000]);
        // A spike between two steps.
        check("2/1s, 100/100ms, 2/1s", 0, 0, 14, &[250_000, 750_000, 1_005_000, 1_015_000]);
        check("0/1s, 2/1s", 0, 0, 2, &[1_250_000, 1_750_000]);
        // The second falls between two parts, of which the later one begins at nothing.
        check("3/500ms, 0/1s", 0, 0, 2, &[166_667, 500_000]);
        check("3/500ms, 0..8/2s", 0, 0, 10, &[166_667, 500_000, 1_207_107]);
        check("3/500ms, 0/1s, 3/500ms", 0, 0, 3, &[166_667, 500_000, 1_833_333]);
    }

    #[test]
    fn users_follow_the_profile() {
        let arrivals = arrivals("0..10/10s, 50/5s", 0, 0);
        let check = |at_ms: u64, height: f64| {
            assert!((arrivals.height(at_ms * 1_000) - height).abs() < 1e-9, "at {at_ms} ms");
        };
        check(0, 0.0);
        check(5_000, 5.0);
        check(10_000, 50.0);
        check(15_000, 0.0);
        assert!((arrivals.highest() - 50.0).abs() < 1e-9);
        assert_eq!(arrivals.end(), 15_000_000);
    }

    proptest! {
        #[test]
        fn arrivals_are_in_order_and_as_many_as_the_area(
            stages in proptest::collection::vec((0.0..300.0_f64, 0.0..300.0_f64, 1_u64..2_000), 1..6)
        ) {
            let stages: Vec<Stage> = stages
                .into_iter()
                .map(|(from, to, ms)| Stage { from, to, over: SimDuration::from_millis(ms) })
                .collect();
            let area: f64 = stages
                .iter()
                .map(|stage| (stage.from + stage.to) / 2.0 * stage.over.to_std().as_secs_f64())
                .sum();
            let arrivals = Arrivals::new(&stages, 0);
            let all = all(&arrivals);
            prop_assert!(all.is_sorted());
            prop_assert!(all.last().is_none_or(|last| *last <= arrivals.end()));
            #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
            let count = all.len() as f64;
            prop_assert!((count - area).abs() <= 1.0, "{count} of {area}");
        }
    }
}
