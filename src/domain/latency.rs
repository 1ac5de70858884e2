//! How long each phase of a job takes: a latency law per phase. Contract, DECISION U-29.

use crate::api::{ImageId, ProjectId};
use crate::clock::SimDuration;
use crate::seed::{Draw, JobKey, Seed, What};

/// No drawn latency is longer than this, whatever the law: a day is beyond any client's patience.
pub const LONGEST_LATENCY: SimDuration = SimDuration::from_millis(86_400_000);

/// A law from which a latency is drawn, in whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Always the same.
    Fixed(SimDuration),
    /// Every millisecond from the first to the second, both included, equally likely.
    Uniform(SimDuration, SimDuration),
    /// The logarithm is normal: half of the draws lie below the median, a few far above it.
    Lognormal {
        /// The middle of the draws.
        median: SimDuration,
        /// The standard deviation of the logarithm.
        sigma: f64,
        /// Longer draws are cut to this.
        max: SimDuration,
    },
    /// The time to the next of many independent events.
    Exponential {
        /// The mean of the draws, before they are cut.
        mean: SimDuration,
        /// Longer draws are cut to this.
        max: SimDuration,
    },
}

impl Law {
    /// The latency that belongs to a draw.
    #[must_use]
    pub fn sample(&self, draw: impl FnOnce() -> Draw) -> SimDuration {
        match *self {
            // The commonest law needs no draw, and a draw is the dearest part of a sample.
            Self::Fixed(duration) => duration,
            Self::Uniform(from, to) => {
                let span = to.as_millis() - from.as_millis() + 1;
                let step = whole_millis(draw().unit() * to_f64(span), to_f64(span - 1));
                SimDuration::from_millis(from.as_millis() + step)
            }
            Self::Lognormal { median, sigma, max } => {
                let value = to_f64(median.as_millis()) * libm::exp(sigma * draw().normal());
                SimDuration::from_millis(whole_millis(value, to_f64(max.as_millis())))
            }
            Self::Exponential { mean, max } => {
                let value = -to_f64(mean.as_millis()) * libm::log(1.0 - draw().unit());
                SimDuration::from_millis(whole_millis(value, to_f64(max.as_millis())))
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "latencies are far below 2^53 ms")]
fn to_f64(ms: u64) -> f64 {
    ms as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped just before")]
fn whole_millis(value: f64, max: f64) -> u64 {
    libm::floor(value.clamp(0.0, max)) as u64
}

/// The laws of the three phases of a job.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// How long a job stays in `INIT`; keyed by the job.
    pub init: Law,
    /// How long a worker prepares before its first pair; keyed by job and image.
    pub image: Law,
    /// How long a worker takes over each pair; keyed by job, image and project.
    pub pair: Law,
}

impl Default for Timing {
    /// About 0.1 s in `INIT` and about 1 s in all for a small batch (DECISION U-29).
    fn default() -> Self {
        let ms = SimDuration::from_millis;
        Self {
            init: Law::Uniform(ms(80), ms(120)),
            image: Law::Uniform(ms(700), ms(1_000)),
            pair: Law::Uniform(ms(5), ms(15)),
        }
    }
}

impl Timing {
    /// How long the job stays in `INIT`.
    #[must_use]
    pub fn init(&self, seed: Seed, job: JobKey) -> SimDuration {
        self.init.sample(|| seed.draw(What::InitTime, &job))
    }

    /// How long a worker of the job prepares this image.
    #[must_use]
    pub fn image(&self, seed: Seed, job: JobKey, image: ImageId) -> SimDuration {
        self.image.sample(|| seed.draw(What::ImageTime, &(job, image)))
    }

    /// How long a worker of the job takes over this pair.
    #[must_use]
    pub fn pair(&self, seed: Seed, job: JobKey, image: ImageId, project: ProjectId) -> SimDuration {
        self.pair.sample(|| seed.draw(What::PairTime, &(job, image, project)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(ms: u64) -> SimDuration {
        SimDuration::from_millis(ms)
    }

    fn samples(law: Law) -> Vec<u64> {
        let draw = |key: u64| Seed::new(3).draw(What::PairTime, &key);
        (0..20_000).map(|key| law.sample(|| draw(key)).as_millis()).collect()
    }

    #[test]
    fn each_law_has_its_middle_and_its_bounds() {
        let check =
            |law: Law, middle: std::ops::Range<u64>, bounds: std::ops::RangeInclusive<u64>| {
                let mut drawn = samples(law);
                drawn.sort_unstable();
                let median = drawn[drawn.len() / 2];
                assert!(middle.contains(&median), "{law:?}: median {median}");
                assert!(drawn.iter().all(|ms| bounds.contains(ms)), "{law:?}: {:?}", drawn.last());
            };
        check(Law::Fixed(ms(7)), 7..8, 7..=7);
        check(Law::Uniform(ms(10), ms(20)), 14..17, 10..=20);
        check(Law::Uniform(ms(5), ms(5)), 5..6, 5..=5);
        check(Law::Lognormal { median: ms(100), sigma: 0.5, max: ms(400) }, 97..103, 0..=400);
        // The median of an exponential law is its mean times the logarithm of two.
        check(Law::Exponential { mean: ms(100), max: ms(300) }, 66..72, 0..=300);
    }

    #[test]
    fn a_uniform_law_reaches_both_ends() {
        let drawn = samples(Law::Uniform(ms(0), ms(3)));
        assert!((0..=3).all(|value| drawn.contains(&value)));
    }

    proptest! {
        #[test]
        fn no_law_exceeds_its_bound(seed: u64, key: u64, a in 0_u64..5_000, b in 0_u64..5_000, sigma in 0.0..5.0) {
            let (low, high) = (ms(a.min(b)), ms(a.max(b)));
            let draw = || Seed::new(seed).draw(What::PairTime, &key);
            let uniform = Law::Uniform(low, high).sample(draw);
            prop_assert!(low <= uniform && uniform <= high);
            let lognormal = Law::Lognormal { median: low, sigma, max: high }.sample(draw);
            let exponential = Law::Exponential { mean: low, max: high }.sample(draw);
            prop_assert!(lognormal <= high && exponential <= high);
        }
    }
}
