//! Counts how often a thing with the same name has been seen, so that the n-th has a key of its own.

use std::collections::VecDeque;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// How many locks the counters are spread over, so that threads rarely meet.
const STRIPES: usize = 64;
/// How many names one stripe remembers: a million in all, which take under a hundred megabytes.
///
/// Beyond it the name seen first is forgotten. A forgotten name that comes back goes on above every count
/// of its stripe, so no two things ever share a key. Which names share a stripe depends on their hash
/// alone, so forgetting is the same on any number of shards.
const NAMES_PER_STRIPE: usize = 16_384;

/// Counters by name, shared by all shards.
pub struct Ordinals {
    stripes: Box<[Mutex<Stripe>]>,
}

#[derive(Default)]
struct Stripe {
    counts: FxHashMap<u128, u64>,
    order: VecDeque<u128>,
    /// The highest count of a name that was forgotten; new names go on above it.
    forgotten: u64,
}

impl Default for Ordinals {
    fn default() -> Self {
        Self { stripes: (0..STRIPES).map(|_| Mutex::default()).collect() }
    }
}

impl Ordinals {
    /// Counts one more thing with this name and says the how-manieth it is, from 1.
    pub fn next(&self, name: u128) -> u64 {
        let stripe = (name % STRIPES as u128) as usize;
        self.stripes[stripe].lock().next(name)
    }

    /// Counts from the beginning again.
    pub fn restart(&self) {
        for stripe in &self.stripes {
            *stripe.lock() = Stripe::default();
        }
    }
}

impl Stripe {
    fn next(&mut self, name: u128) -> u64 {
        if let Some(count) = self.counts.get_mut(&name) {
            *count += 1;
            return *count;
        }
        if self.order.len() == NAMES_PER_STRIPE
            && let Some(oldest) = self.order.pop_front()
        {
            let count = self.counts.remove(&oldest).unwrap_or_default();
            self.forgotten = self.forgotten.max(count);
        }
        self.order.push_back(name);
        let next = self.forgotten + 1;
        self.counts.insert(name, next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_counts_for_itself() {
        let ordinals = Ordinals::default();
        assert_eq!([ordinals.next(5), ordinals.next(6), ordinals.next(5)], [1, 1, 2]);
        ordinals.restart();
        assert_eq!(ordinals.next(5), 1);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_name_goes_first() {
        let mut stripe = Stripe::default();
        for name in 0..=NAMES_PER_STRIPE as u128 {
            stripe.next(name);
        }
        assert_eq!(stripe.counts.len(), NAMES_PER_STRIPE);
        assert_eq!(stripe.next(1), 2);
        assert_eq!(stripe.next(0), 3, "the forgotten name does not count from 1 again");
    }
}
