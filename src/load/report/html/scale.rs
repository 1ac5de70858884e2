//! Where a figure stands in a chart, from 0 at its bottom or left edge to 1.

use crate::load::words::{rate, time};

/// How many ticks a linear scale has at most, beside zero.
const MOST_TICKS: f64 = 4.0;

/// From figures to places.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scale {
    /// From zero to this.
    Linear { top: f64, step: f64 },
    /// Microseconds between two powers of ten.
    Log { low: i32, high: i32 },
}

impl Scale {
    /// A linear scale on which the highest figure has room.
    pub(super) fn linear(highest: f64) -> Self {
        let highest = if highest.is_finite() { highest.max(1.0) } else { 1.0 };
        let rough = highest / MOST_TICKS;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|it| it * power);
        let step = step.into_iter().find(|step| *step >= rough).unwrap_or(power * 10.0).max(1.0);
        Self::Linear { top: (highest / step).ceil() * step, step }
    }

    /// A scale for times that are orders of magnitude apart.
    #[expect(clippy::cast_possible_truncation, reason = "an exponent")]
    pub(super) fn log(lowest_us: f64, highest_us: f64) -> Self {
        let low = lowest_us.max(1.0).log10().floor() as i32;
        let high = highest_us.max(1.0).log10().ceil() as i32;
        Self::Log { low, high: high.max(low + 1) }
    }

    /// Where a figure stands.
    pub(super) fn place(self, figure: f64) -> f64 {
        let place = match self {
            Self::Linear { top, .. } => figure / top,
            Self::Log { low, high } => {
                (figure.max(1.0).log10() - f64::from(low)) / f64::from(high - low)
            }
        };
        place.clamp(0.0, 1.0)
    }

    /// The ticks, each with its place and its label.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and whole")]
    pub(super) fn ticks(self) -> Vec<(f64, String)> {
        match self {
            Self::Linear { top, step } => {
                let number = (top / step).round() as u32;
                let ticks = (0..=number).map(|place| f64::from(place) * step);
                ticks.map(|tick| (self.place(tick), rate(tick))).collect()
            }
            Self::Log { low, high } => {
                let finer: &[f64] = if high - low == 1 { &[1.0, 2.0, 5.0] } else { &[1.0] };
                let decades = low..=high;
                let ticks = decades.flat_map(|power| finer.iter().map(move |it| (power, it)));
                let ticks = ticks.map(|(power, it)| it * 10_f64.powi(power));
                let inside = ticks.filter(|tick| *tick <= 10_f64.powi(high) * 1.001);
                inside.map(|tick| (self.place(tick), short_time(tick as u64))).collect()
            }
        }
    }
}

/// A power of ten as a time, without decimals that say nothing.
fn short_time(us: u64) -> String {
    time(us).replace(".00", "").replace(".0", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_numbers_that_people_count_in() {
        let check = |scale: Scale, expected: &[&str]| {
            let ticks = scale.ticks();
            assert_eq!(ticks.iter().map(|(_, label)| label).collect::<Vec<_>>(), expected);
            let places: Vec<f64> = ticks.iter().map(|(place, _)| *place).collect();
            assert!(places.is_sorted() && places.iter().all(|it| (0.0..=1.0).contains(it)));
        };
        check(Scale::linear(0.0), &["0", "1.00"]);
        check(Scale::linear(3.0), &["0", "1.00", "2.00", "3.00"]);
        check(Scale::linear(1_930.0), &["0", "500", "1,000", "1,500", "2,000"]);
        check(Scale::linear(f64::NAN), &["0", "1.00"]);
        check(Scale::log(734.0, 25_100.0), &["100µs", "1ms", "10ms", "100ms"]);
        check(Scale::log(1_200.0, 4_000.0), &["1ms", "2ms", "5ms", "10ms"]);
        check(Scale::log(0.0, 0.0), &["1µs", "2µs", "5µs", "10µs"]);
    }
}
