//! Keys: what names a job, a call, a pair, the same way in every run and on any number of shards.

use std::fmt;

use crate::api::batch::Element;
use crate::api::{ImageId, Operation, ProjectId};

/// Takes the bytes of a key.
pub trait KeyHasher {
    /// Adds bytes to the hash.
    fn write(&mut self, bytes: &[u8]);
}

/// Something that can key a draw. Two different keys of one purpose must feed different bytes.
pub trait Keyed {
    /// Feeds the key to the hasher.
    fn feed(&self, hasher: &mut impl KeyHasher);

    /// Feeds many keys, one after the other.
    fn feed_all(all: &[Self], hasher: &mut impl KeyHasher)
    where
        Self: Sized,
    {
        for one in all {
            one.feed(hasher);
        }
    }
}

impl Keyed for u64 {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        hasher.write(&self.to_le_bytes());
    }
}

impl Keyed for u128 {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        hasher.write(&self.to_le_bytes());
    }
}

/// The length goes first, so that neighbouring texts cannot run into each other.
impl Keyed for str {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        self.as_bytes().feed(hasher);
    }
}

impl Keyed for u8 {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        hasher.write(&[*self]);
    }

    fn feed_all(all: &[u8], hasher: &mut impl KeyHasher) {
        hasher.write(all);
    }
}

impl Keyed for ImageId {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        self.as_u128().feed(hasher);
    }
}

impl Keyed for ProjectId {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        self.as_u128().feed(hasher);
    }
}

impl Keyed for Operation {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        hasher.write(&[*self as u8]);
    }
}

impl<T: Keyed + ?Sized> Keyed for &T {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        (**self).feed(hasher);
    }
}

impl<A: Keyed, B: Keyed> Keyed for (A, B) {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        self.0.feed(hasher);
        self.1.feed(hasher);
    }
}

impl<A: Keyed, B: Keyed, C: Keyed> Keyed for (A, B, C) {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        self.0.feed(hasher);
        self.1.feed(hasher);
        self.2.feed(hasher);
    }
}

/// An id as 128 bits.
pub trait Bits {
    /// The bits.
    fn bits(&self) -> u128;
}

impl Bits for ImageId {
    fn bits(&self) -> u128 {
        self.as_u128()
    }
}

impl Bits for ProjectId {
    fn bits(&self) -> u128 {
        self.as_u128()
    }
}

impl<T: Keyed> Keyed for Option<T> {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        hasher.write(&[u8::from(self.is_some())]);
        if let Some(value) = self {
            value.feed(hasher);
        }
    }
}

impl<T: Keyed + Bits> Keyed for Element<T> {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        match self {
            // The same bytes as of 1 and the id, at once: a long list is hashed twice as fast.
            Self::Id(id) => {
                let mut bytes = [0; 24];
                bytes[0] = 1;
                bytes[8..].copy_from_slice(&id.bits().to_le_bytes());
                hasher.write(&bytes);
            }
            Self::Malformed(text) => (0_u64, text.as_bytes()).feed(hasher),
        }
    }
}

/// The length goes first, for the same reason as with texts.
impl<T: Keyed> Keyed for [T] {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        (self.len() as u64).feed(hasher);
        T::feed_all(self, hasher);
    }
}

/// Defines a key that is a 64-bit hash of what it names.
macro_rules! hashed_key {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The key of the n-th thing (from 1) with this name.
            #[must_use]
            pub fn new(name: u128, nth: u64) -> Self {
                #[expect(clippy::cast_possible_truncation, reason = "64 bits of a hash are a hash")]
                Self(super::hash_of(&(name, nth)) as u64)
            }
        }

        impl Keyed for $name {
            fn feed(&self, hasher: &mut impl KeyHasher) {
                self.0.feed(hasher);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{:016x}"), self.0)
            }
        }
    };
}

hashed_key! {
    /// Names a job: its project, operation, the hash of its de-duplicated body, and that it is the n-th
    /// such. Independent of the seed, of the shard and of the time.
    JobKey, "job-"
}

hashed_key! {
    /// Names a request: its project, operation, the hash of its target or canonical body, and that it is
    /// the n-th such.
    CallKey, "call-"
}

/// Who a clock entry or a trace line is about; orders what happens within one instant.
///
/// Work stands before the steps of a scenario, so that a step sees what fell due at its own instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A job as a whole.
    Job(JobKey),
    /// One image of a job, by its place in the request.
    Image(JobKey, u32),
    /// One pair of a job, by the places of its image and project in the request.
    Pair(JobKey, u32, u32),
    /// A connection, by its number.
    Connection(u64),
    /// A request.
    Call(CallKey),
    /// A change by hand through the admin API, by its number.
    Admin(u64),
    /// A step of a scenario, by its number.
    Step(u64),
}

impl Subject {
    /// The job that it is, or is a part of.
    #[must_use]
    pub const fn job(&self) -> Option<JobKey> {
        match self {
            Self::Job(job) | Self::Image(job, _) | Self::Pair(job, _, _) => Some(*job),
            Self::Connection(_) | Self::Call(_) | Self::Admin(_) | Self::Step(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(job) => write!(f, "{job}"),
            Self::Image(job, image) => write!(f, "{job}/{image}"),
            Self::Pair(job, image, project) => write!(f, "{job}/{image}/{project}"),
            Self::Connection(number) => write!(f, "connection-{number}"),
            Self::Call(call) => write!(f, "{call}"),
            Self::Admin(number) => write!(f, "admin-{number}"),
            Self::Step(step) => write!(f, "step-{step}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hash_of;
    use super::*;

    #[test]
    fn neighbouring_texts_do_not_run_into_each_other() {
        assert_ne!(hash_of(&("ab", "c")), hash_of(&("a", "bc")));
        assert_ne!(hash_of(&None::<u64>), hash_of(&Some(0_u64)));
    }

    #[test]
    fn work_comes_before_the_steps_that_look_at_it() {
        let job = JobKey::new(1, 1);
        assert!(Subject::Pair(job, 9, 9) < Subject::Step(0));
        assert!(Subject::Image(job, 0) < Subject::Image(job, 1));
    }
}
