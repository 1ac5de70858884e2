//! Ids: images, projects, jobs.
//!
//! Contract, "Reading guide", table "Conventions": an image id is a UUID with hyphens, project and job
//! ids are 32 hex digits. Clients may write them in either case; the simulator answers in lower case.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// Length of a UUID written with hyphens.
const HYPHENATED_LENGTH: usize = 36;
/// Length of a project or job id.
const SIMPLE_LENGTH: usize = 32;

fn parse_simple(text: &str) -> Option<Uuid> {
    let hex = text.len() == SIMPLE_LENGTH && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    hex.then(|| Uuid::try_parse(text).ok()).flatten()
}

/// The id of an image, for example `3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(Uuid);

impl ImageId {
    /// Reads a UUID with hyphens, in either case; `None` for any other form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // `try_parse` also takes braces and the urn form, which the member schema's pattern does not.
        (text.len() == HYPHENATED_LENGTH).then(|| Uuid::try_parse(text).ok()).flatten().map(Self)
    }

    /// The id made of these 128 bits.
    #[must_use]
    pub const fn from_u128(bits: u128) -> Self {
        Self(Uuid::from_u128(bits))
    }

    /// The 128 bits of the id.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

/// The id of a project, for example `5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectId(Uuid);

/// The id of a job, for example `51a0c00151a0c002019424f8632e0001`; see [`JobId::compose`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(Uuid);

/// The id of a user.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Uuid);

/// The id of an account, which identity calls a domain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Uuid);

/// What the ids of projects, jobs, users and accounts have in common: 32 hex digits.
macro_rules! simple_id {
    ($name:ident) => {
        impl $name {
            /// Reads 32 hex digits, in either case; `None` for any other form.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                parse_simple(text).map(Self)
            }

            /// The id made of these 128 bits.
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// The 128 bits of the id.
            #[must_use]
            pub const fn as_u128(self) -> u128 {
                self.0.as_u128()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.simple(), f)
            }
        }
    };
}

simple_id!(ProjectId);
simple_id!(JobId);
simple_id!(UserId);
simple_id!(AccountId);

/// Debug output and JSON show an id as clients see it.
macro_rules! shown_as_text {
    ($($name:ident),*) => {
        $(
            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }
        )*
    };
}

shown_as_text!(ImageId, ProjectId, JobId, UserId, AccountId);

/// What an id looks like to those who know JSON Schema.
macro_rules! described {
    ($($name:ident = $pattern:literal, $about:literal;)*) => {
        $(
            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "pattern": $pattern, "description": $about })
                }
            }
        )*
    };
}

described! {
    ImageId =
        "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        "The id of an image, a UUID.";
    ProjectId = "^[0-9a-fA-F]{32}$", "The id of a project.";
    UserId = "^[0-9a-f]{32}$", "The id of a user.";
    AccountId = "^[0-9a-f]{32}$", "The id of an account.";
    JobId = "^[0-9a-fA-F]{32}$", "The id of a job; clients treat it as opaque.";
}

impl JobId {
    /// Bits of the shard: digits 15 and 16 of the id.
    const SHARD_SHIFT: u32 = 64;
    /// Bits of the submission time: digits 17 to 28 of the id.
    const TIME_SHIFT: u32 = 16;
    /// Twelve hex digits hold a time in milliseconds.
    const TIME_MASK: u64 = 0xffff_ffff_ffff;

    /// An id from keyed bits, the shard that holds the job, and its submission time in ms since 1970.
    ///
    /// Digits 1 to 16 are keyed, 15 and 16 of them replaced by the shard; 17 to 28 are the time, as in
    /// the service's own ids; 29 to 32 are keyed.
    #[must_use]
    pub const fn compose(keyed: u128, shard: u8, submitted_ms: u64) -> Self {
        let time = ((submitted_ms & Self::TIME_MASK) as u128) << Self::TIME_SHIFT;
        let keyed = keyed & !Self::shard_mask() & !((Self::TIME_MASK as u128) << Self::TIME_SHIFT);
        Self(Uuid::from_u128(keyed | ((shard as u128) << Self::SHARD_SHIFT) | time))
    }

    const fn shard_mask() -> u128 {
        (u8::MAX as u128) << Self::SHARD_SHIFT
    }

    /// The shard whose registry holds the job, if the id is one of ours.
    #[must_use]
    pub const fn shard(self) -> u8 {
        (self.as_u128() >> Self::SHARD_SHIFT) as u8
    }

    /// The submission time in ms since 1970, as the id carries it.
    #[must_use]
    pub const fn submitted_ms(self) -> u64 {
        (self.as_u128() >> Self::TIME_SHIFT) as u64 & Self::TIME_MASK
    }

    /// The id without its shard: the same job has the same value on any number of shards.
    #[must_use]
    pub const fn without_shard(self) -> u128 {
        self.as_u128() & !Self::shard_mask()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_ids_are_read_in_the_hyphenated_form_only() {
        let lower = "3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10";
        let check = |text: &str, id: Option<&str>| {
            assert_eq!(ImageId::parse(text).map(|id| id.to_string()).as_deref(), id, "{text}");
        };
        check(lower, Some(lower));
        check(&lower.to_uppercase(), Some(lower));
        check(&lower.replace('-', ""), None);
        check(&format!("{{{lower}}}"), None);
        check("3f0e1c527-a64-4b0d-9c1f-2d5b8a6e4f10", None);
        check("", None);
        check("３f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f1", None);
    }

    #[test]
    fn project_ids_are_32_hex_digits() {
        let check =
            |text: &str, good: bool| assert_eq!(ProjectId::parse(text).is_some(), good, "{text}");
        check("5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e", true);
        check("5B7C9D1E3F5A4B6C8D0E2F4A6B8C0D1E", true);
        check("5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1", false);
        check("5b7c9d1e-3f5a-4b6c-8d0e-2f4a6b8c0d1e", false);
        check("gb7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e", false);
    }

    #[test]
    fn a_job_id_carries_its_time_where_the_service_puts_it_and_its_shard() {
        let id = JobId::compose(u128::MAX, 7, 0x0194_24f8_632e);
        assert_eq!(id.to_string(), "ffffffffffffff07019424f8632effff");
        assert_eq!((id.shard(), id.submitted_ms()), (7, 0x0194_24f8_632e));
        let elsewhere = JobId::compose(u128::MAX, 200, 0x0194_24f8_632e);
        assert_eq!(id.without_shard(), elsewhere.without_shard());
    }
}
