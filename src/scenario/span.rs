//! Durations and points in time as scenario files write them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::api::time;
use crate::clock::{SimDuration, SimTime};

/// A duration as text: `"250ms"`, `"2s"`, `"1m 30s"`, `"24h"`; whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub SimDuration);

impl Span {
    /// Reads a duration, or says what would be right.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let right = "a duration such as \"250ms\", \"2s\" or \"24h\"";
        let read = humantime::parse_duration(text)
            .map_err(|error| format!("`{text}` is not {right} ({error})"))?;
        if read.subsec_nanos() % 1_000_000 != 0 {
            return Err(format!("`{text}` is finer than a millisecond; durations are whole ones"));
        }
        let ms = u64::try_from(read.as_millis())
            .map_err(|_| format!("`{text}` is too long to be simulated"))?;
        Ok(Self(SimDuration::from_millis(ms)))
    }
}

/// A point in time as text: `"2025-01-02T03:04:05Z"`, milliseconds allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub SimTime);

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A point in time as rules write it: a duration since the rule was written, or a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instant {
    /// So long after the rule was written; a file's rules are written when the run starts.
    Since(Span),
    /// At this simulated time.
    At(Moment),
}

impl Instant {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(ms) = time::parse(text) {
            return Ok(Self::At(Moment(SimTime::from_millis(ms))));
        }
        let or = |error| format!("{error}; a time such as \"2025-01-02T03:04:05Z\" would do, too");
        Span::parse(text).map(Self::Since).map_err(or)
    }

    /// The simulated time that is meant in a rule that was written at `start`.
    #[must_use]
    pub fn from(self, start: SimTime) -> SimTime {
        match self {
            Self::Since(span) => start + span.0,
            Self::At(moment) => moment.0,
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let what = "a duration as text, such as \"2s\", or a time such as \"2025-01-02T03:04:05Z\"";
        deserializer.deserialize_str(FromText { what, parse: Self::parse })
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Since(span) => span.serialize(serializer),
            Self::At(moment) => serializer.serialize_str(&time::with_millis(moment.0.as_millis())),
        }
    }
}

/// A point in time before something else: a duration, or a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// So long before.
    Before(Span),
    /// At this simulated time.
    At(Moment),
}

impl Past {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(match Instant::parse(text)? {
            Instant::Since(span) => Self::Before(span),
            Instant::At(moment) => Self::At(moment),
        })
    }

    /// The simulated time that is meant as seen from `now`.
    #[must_use]
    pub fn from(self, now: SimTime) -> SimTime {
        match self {
            Self::Before(span) => now.before(span.0),
            Self::At(moment) => moment.0,
        }
    }
}

impl<'de> Deserialize<'de> for Past {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let what = "a duration as text, such as \"2h\", or a time such as \"2025-01-02T03:04:05Z\"";
        deserializer.deserialize_str(FromText { what, parse: Self::parse })
    }
}

impl Serialize for Past {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Before(span) => span.serialize(serializer),
            Self::At(moment) => Instant::At(*moment).serialize(serializer),
        }
    }
}

/// Reads a value from text with a function that explains itself.
struct FromText<T> {
    what: &'static str,
    parse: fn(&str) -> Result<T, String>,
}

impl<T> Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let what = "a duration as text, such as \"250ms\", \"2s\" or \"24h\"";
        deserializer.deserialize_str(FromText { what, parse: Self::parse })
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let ms = time::parse(&text).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is not a time such as \"2025-01-02T03:04:05Z\""))
        })?;
        Ok(Self(SimTime::from_millis(ms)))
    }
}

/// Digits and units, as often as one likes. What is finer than a millisecond must come in thousands.
const SPAN: &str = concat!(
    r"^\s*(([0-9][0-9\s]*(\.\s*[0-9][0-9\s]*)?",
    "(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|M|months?|y|yrs?|years?)",
    r"|[0-9][0-9\s]*(ms|msec|millis)|[0-9]*000(us|µs|usec)|[0-9]*000000(ns|nsec|nanos)",
    r"|0+(us|µs|usec|ns|nsec|nanos))\s*)+$",
);

/// Date and time in UTC from 1970 on.
const MOMENT: &str = concat!(
    "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]*)?(Z|\+00:00)$",
);

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration in whole milliseconds, with its unit.",
            "type": "string",
            "pattern": SPAN,
            "examples": ["250ms", "2s", "1m 30s", "24h"],
        })
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A point in simulated time, in UTC.",
            "type": "string",
            "pattern": MOMENT,
            "examples": ["2025-01-02T03:04:05Z", "2025-01-02T03:04:05.678Z"],
        })
    }
}

impl JsonSchema for Instant {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration since the rule was written (in a file: since the start), or a point in \
                            simulated time.",
            "anyOf": [generator.subschema_for::<Span>(), generator.subschema_for::<Moment>()],
        })
    }
}

impl JsonSchema for Past {
    fn schema_name() -> Cow<'static, str> {
        "Past".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration before the start, or before it was added, or a point in simulated \
                            time.",
            "anyOf": [generator.subschema_for::<Span>(), generator.subschema_for::<Moment>()],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_milliseconds_with_a_unit() {
        let check = |text: &str, ms: Option<u64>| {
            let read = Span::parse(text).ok().map(|span| span.0.as_millis());
            assert_eq!(read, ms, "{text}");
        };
        check("250ms", Some(250));
        check("0s", Some(0));
        check("1m 30s", Some(90_000));
        check("24h", Some(86_400_000));
        check("10us", None);
        check("fast", None);
        check("-1s", None);
        check("10", None);
    }
}
