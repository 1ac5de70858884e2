//! Draws of images and projects: a pure function of the seed, the number of the transaction and the place in
//! it.

use crate::scenario::load_section::DrawEntry;
use crate::seed::{Seed, What};

/// How often something different is drawn for before the next one in the list is taken.
const MOST_ATTEMPTS: u64 = 8;

/// Draws from a list of places.
#[derive(Clone, Debug)]
pub(super) struct Sampler {
    places: Vec<u32>,
    /// By place in the list: the share of those up to it; empty if all are equally likely.
    shares: Vec<f64>,
    /// Whether the list goes round and round in its order, which is one of chance.
    in_turn: bool,
    what: What,
    seed: Seed,
}

impl Sampler {
    pub(super) fn new(places: Vec<u32>, how: DrawEntry, what: What, seed: Seed) -> Self {
        let mut sampler = Self { places, shares: Vec::new(), in_turn: false, what, seed };
        match how {
            DrawEntry::Uniform => {}
            DrawEntry::Zipf(exponent) => {
                // Which are drawn often is a matter of chance, too, not of their place in the file.
                sampler.shuffle();
                sampler.shares = shares(sampler.places.len(), exponent);
            }
            DrawEntry::EachOnce => {
                sampler.shuffle();
                sampler.in_turn = true;
            }
        }
        sampler
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// All that can be drawn.
    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    /// An order of chance: by a draw for each.
    fn shuffle(&mut self) {
        let (seed, what) = (self.seed, self.what);
        self.places.sort_by_cached_key(|place| {
            (seed.draw(what, &(u64::MAX, u64::from(*place))).bits(), *place)
        });
    }

    /// What is drawn for a transaction: so many different ones that pass, or all that pass if there are
    /// fewer.
    pub(super) fn draw(&self, number: u64, count: usize, pass: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut drawn: Vec<u32> = Vec::with_capacity(count);
        for slot in 0..count as u64 {
            let fresh = |place: u32| pass(place) && !drawn.contains(&place);
            let attempts = (0..MOST_ATTEMPTS).map(|attempt| self.at(number, slot, count, attempt));
            let mut last = 0;
            let found = attempts.inspect(|at| last = *at).find(|at| fresh(self.places[*at]));
            // Among few, chance may hit the same ones again and again.
            let next = || (1..=self.len()).map(|step| (last + step) % self.len());
            match found.or_else(|| next().find(|at| fresh(self.places[*at]))) {
                Some(at) => drawn.push(self.places[at]),
                None => break,
            }
        }
        drawn
    }

    /// The place in the list that an attempt hits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "lists have fewer than 2^32 entries"
    )]
    fn at(&self, number: u64, slot: u64, count: usize, attempt: u64) -> usize {
        let len = self.len().max(1);
        if self.in_turn {
            let turn = number.wrapping_mul(count as u64).wrapping_add(slot).wrapping_add(attempt);
            return (turn % len as u64) as usize;
        }
        let unit = self.seed.draw(self.what, &(number, slot * MOST_ATTEMPTS + attempt)).unit();
        if self.shares.is_empty() {
            return ((unit * len as f64) as usize).min(len - 1);
        }
        self.shares.partition_point(|share| *share <= unit).min(len - 1)
    }
}

/// The cumulative shares of a Zipf distribution, the most frequent first.
#[expect(clippy::cast_precision_loss, reason = "lists have fewer than 2^32 entries")]
fn shares(len: usize, exponent: f64) -> Vec<f64> {
    let weights = (1..=len).map(|rank| libm::pow(rank as f64, -exponent));
    let mut sums: Vec<f64> = weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let whole = sums.last().copied().unwrap_or(1.0);
    sums.iter_mut().for_each(|sum| *sum /= whole);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(len: u32, how: DrawEntry) -> Sampler {
        Sampler::new((0..len).collect(), how, What::LoadImage, Seed::new(3))
    }

    #[test]
    fn a_draw_depends_on_its_number_alone() {
        for how in [DrawEntry::Uniform, DrawEntry::Zipf(1.1), DrawEntry::EachOnce] {
            let sampler = sampler(100, how);
            let forwards: Vec<_> = (0..50).map(|n| sampler.draw(n, 3, |_| true)).collect();
            let backwards: Vec<_> = (0..50).rev().map(|n| sampler.draw(n, 3, |_| true)).collect();
            assert!(forwards.iter().eq(backwards.iter().rev()));
        }
    }

    #[test]
    fn what_is_drawn_together_is_different_and_passes() {
        for how in [DrawEntry::Uniform, DrawEntry::Zipf(3.0), DrawEntry::EachOnce] {
            let sampler = sampler(10, how);
            for number in 0..200 {
                let mut drawn = sampler.draw(number, 4, |place| place % 2 == 0);
                drawn.sort_unstable();
                drawn.dedup();
                assert_eq!(drawn.len(), 4);
                assert!(drawn.iter().all(|place| place % 2 == 0));
            }
            assert_eq!(sampler.draw(0, 11, |_| true).len(), 10);
            assert!(sampler.draw(0, 1, |_| false).is_empty());
        }
    }

    #[test]
    fn each_is_drawn_as_often_as_its_law_says() {
        let count = |how| {
            let sampler = sampler(10, how);
            let mut counts = [0_u32; 10];
            for number in 0..10_000 {
                counts[sampler.draw(number, 1, |_| true)[0] as usize] += 1;
            }
            counts.sort_unstable();
            counts
        };
        assert!(count(DrawEntry::Uniform).iter().all(|count| (850..1150).contains(count)));
        assert_eq!(count(DrawEntry::EachOnce), [1_000; 10]);
        // Of ten with the exponent 1 the first has a share of 1 / 2.929, the last a tenth of that.
        let zipf = count(DrawEntry::Zipf(1.0));
        assert!((3_200..3_630).contains(&zipf[9]) && (270..420).contains(&zipf[0]), "{zipf:?}");
    }
}
