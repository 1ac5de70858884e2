//! The one door to chance: every draw is a pure function of the seed, of what is drawn, and of a key.
//!
//! Nothing is streamed. A draw never depends on how many draws came before it, so neither concurrency
//! nor an added image or rule moves another decision. The hash is SipHash-2-4 with 128 bits of output,
//! which has published vectors and gives the same value on every machine.

mod key;
mod ordinals;

use std::fmt;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

pub use key::{CallKey, JobKey, KeyHasher, Keyed, Subject};
pub use ordinals::Ordinals;

/// The seed of a run; with the same seed, world and requests, everything drawn is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The seed that is used when nobody names one, so that a run can be repeated without a note.
    pub const DEFAULT: Self = Self(1);

    /// A seed from its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number to print and to repeat the run with.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Draws `what` for `key`.
    #[must_use]
    pub fn draw(self, what: What, key: &impl Keyed) -> Draw {
        let mut hasher = SipHasher24::new_with_keys(self.0, what as u64);
        key.feed(&mut hasher);
        let hash = hasher.finish128();
        Draw { high: hash.h1, low: hash.h2 }
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a draw is for. The numbers are part of every digest: never reuse or renumber one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum What {
    /// The id of an image that the scenario names without one.
    ImageId = 1,
    /// The id of a project that the scenario names without one.
    ProjectId = 2,
    /// The keyed digits of a job id.
    JobId = 3,
    /// The value of `X-Request-Id`.
    RequestId = 4,
    /// How long a job stays in `INIT`.
    InitTime = 5,
    /// How long a worker prepares its image.
    ImageTime = 6,
    /// How long a worker takes over one pair.
    PairTime = 7,
    /// Whether a rule with a probability fires on an entity.
    FaultChance = 8,
    /// How long a rule delays an entity.
    FaultDelay = 9,
    /// The id of the account.
    AccountId = 10,
    /// The id of a user whom the scenario names without one.
    UserId = 11,
    /// A token that is given out.
    TokenValue = 12,
    /// Which operation a transaction of a load is.
    LoadOperation = 20,
    /// Which images it is about.
    LoadImage = 21,
    /// Which projects it is about.
    LoadProject = 22,
    /// What a recipient decides.
    LoadDecision = 23,
    /// How long a user thinks.
    LoadThinkTime = 24,
    /// Whether a change is struck by a defect that was planted.
    #[cfg(feature = "planted-defects")]
    PlantedDefect = 30,
}

/// 128 drawn bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    high: u64,
    low: u64,
}

impl Draw {
    /// The bits themselves, for ids.
    #[must_use]
    pub const fn bits(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }

    /// A number from 0 (included) to 1 (excluded) with 53 bits.
    #[must_use]
    pub fn unit(self) -> f64 {
        Self::fraction(self.high)
    }

    /// A number of the standard normal distribution, by Box and Muller's method.
    #[must_use]
    pub fn normal(self) -> f64 {
        // 1 - u lies above zero, so the logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - Self::fraction(self.high)));
        radius * libm::cos(std::f64::consts::TAU * Self::fraction(self.low))
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    fn fraction(bits: u64) -> f64 {
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A hash of bytes that needs no seed: names a body or a path within keys.
#[must_use]
pub fn hash_of(key: &(impl Keyed + ?Sized)) -> u128 {
    let mut hasher = SipHasher24::new_with_keys(0, 0);
    key.feed(&mut hasher);
    u128::from(hasher.finish128())
}

impl KeyHasher for SipHasher24 {
    fn write(&mut self, bytes: &[u8]) {
        Hasher::write(self, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the SipHash reference implementation for 128 bits: key 00..0f, input 00..(n-1).
    #[test]
    fn the_hash_is_siphash_2_4_128() {
        let check = |length: u8, expected: u128| {
            let key: [u8; 16] = std::array::from_fn(|i| u8::try_from(i).expect("below 16"));
            let mut hasher = SipHasher24::new_with_key(&key);
            Hasher::write(&mut hasher, &(0..length).collect::<Vec<u8>>());
            let hash = hasher.finish128();
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&hash.h1.to_le_bytes());
            bytes[8..].copy_from_slice(&hash.h2.to_le_bytes());
            assert_eq!(u128::from_be_bytes(bytes), expected, "length {length}");
        };
        check(0, 0xa381_7f04_ba25_a8e6_6df6_7214_c755_0293);
        check(1, 0xda87_c1d8_6b99_af44_3476_5911_9b22_fc45);
    }

    #[test]
    fn draws_differ_by_seed_by_purpose_and_by_key() {
        let draw = |seed: u64, what: What, key: &str| Seed::new(seed).draw(what, &key);
        let base = draw(1, What::ImageId, "web");
        assert_eq!(base, draw(1, What::ImageId, "web"));
        assert_ne!(base, draw(2, What::ImageId, "web"));
        assert_ne!(base, draw(1, What::ProjectId, "web"));
        assert_ne!(base, draw(1, What::ImageId, "db"));
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    fn units_and_normals_have_their_means_and_spreads() {
        let n = 100_000_u64;
        let draws: Vec<Draw> = (0..n).map(|i| Seed::new(7).draw(What::PairTime, &i)).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let units: Vec<f64> = draws.iter().map(|d| d.unit()).collect();
        assert!(units.iter().all(|u| (0.0..1.0).contains(u)));
        assert!((mean(&units) - 0.5).abs() < 0.01);
        let normals: Vec<f64> = draws.iter().map(|d| d.normal()).collect();
        let squares: Vec<f64> = normals.iter().map(|x| x * x).collect();
        assert!(mean(&normals).abs() < 0.02 && (mean(&squares) - 1.0).abs() < 0.03);
    }
}
