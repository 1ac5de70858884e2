//! How a load goes over time: a number, or stages, each with a number or a slope.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::clock::SimDuration;
use crate::scenario::span::Span;

/// The highest rate, or number of users: beyond what one machine can send.
pub const HIGHEST: f64 = 1_000_000.0;
/// The most stages of one profile.
pub const MOST_STAGES: usize = 1_000;

const RIGHT: &str = "a number, or stages such as `0..500/10s, 500/20s, 2000/2s, 500/20s`";

/// How high a load is over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Profile {
    /// The same from the beginning to the end.
    Constant(f64),
    /// One stage after the other.
    Stages(Vec<Stage>),
}

/// A part of a profile: from one height to another, evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// The height at its beginning.
    pub from: f64,
    /// The height at its end; the same for a step.
    pub to: f64,
    /// How long it takes; not zero.
    pub over: SimDuration,
}

impl Profile {
    /// Whether it says itself how long it takes.
    #[must_use]
    pub const fn has_stages(&self) -> bool {
        matches!(self, Self::Stages(_))
    }

    /// The stages over a duration that a constant does not say itself.
    #[must_use]
    pub fn stages(&self, duration: SimDuration) -> Vec<Stage> {
        match self {
            Self::Constant(height) => vec![Stage { from: *height, to: *height, over: duration }],
            Self::Stages(stages) => stages.clone(),
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.contains('/') {
            return height(text).map(Self::Constant);
        }
        let stages: Vec<Stage> = text.split(',').map(stage).collect::<Result<_, _>>()?;
        if stages.len() > MOST_STAGES {
            return Err(format!("it has {} stages; at most {MOST_STAGES}", stages.len()));
        }
        Ok(Self::Stages(stages))
    }
}

fn height(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let height: f64 = text.parse().map_err(|_| format!("`{text}` is not {RIGHT}"))?;
    checked(height)
}

fn checked(height: f64) -> Result<f64, String> {
    let good = (0.0..=HIGHEST).contains(&height);
    if good { Ok(height) } else { Err(format!("{height} is not from 0 to {HIGHEST}")) }
}

fn stage(text: &str) -> Result<Stage, String> {
    let Some((heights, over)) = text.trim().split_once('/') else {
        return Err(format!(
            "the stage `{}` does not say how long it is; it is {RIGHT}",
            text.trim()
        ));
    };
    let (from, to) = heights.split_once("..").unwrap_or((heights, heights));
    let over = Span::parse(over.trim())?.0;
    if over == SimDuration::ZERO {
        return Err(format!("the stage `{}` takes no time", text.trim()));
    }
    Ok(Stage { from: height(from)?, to: height(to)?, over })
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages = match self {
            Self::Constant(height) => return height.fmt(f),
            Self::Stages(stages) => stages,
        };
        for (place, Stage { from, to, over }) in stages.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            // Spaces inside a duration would look like the end of a stage.
            let over = over.to_string().replace(' ', "");
            let step = (from - to).abs() < f64::EPSILON;
            if step { write!(f, "{from}/{over}")? } else { write!(f, "{from}..{to}/{over}")? }
        }
        Ok(())
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant(height) => serializer.serialize_f64(*height),
            Self::Stages(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Profile;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(RIGHT)
            }
            #[expect(clippy::cast_precision_loss, reason = "what is too high is refused")]
            fn visit_u64<E: Error>(self, height: u64) -> Result<Profile, E> {
                self.visit_f64(height as f64)
            }
            fn visit_f64<E: Error>(self, height: f64) -> Result<Profile, E> {
                checked(height).map(Profile::Constant).map_err(E::custom)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Profile, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Profile {
    fn schema_name() -> Cow<'static, str> {
        "Profile".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or stages: `500/20s` is a step, `0..500/10s` a slope.",
            "anyOf": [
                { "type": "number", "minimum": 0, "maximum": HIGHEST },
                { "type": "string", "pattern": "^[^/]+/[^/,]+(,[^/]+/[^/,]+)*$" }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_and_written_alike() {
        let check = |text: &str, again: &str| {
            let profile: Profile = text.parse().expect(text);
            assert_eq!(profile.to_string(), again);
            assert_eq!(again.parse(), Ok(profile));
        };
        check("200", "200");
        check(" 0.5 ", "0.5");
        check("0..500/10s,500/20s", "0..500/10s, 500/20s");
        check("100/1m 30s, 1e3/2s", "100/1m30s, 1000/2s");
    }

    #[test]
    fn what_is_no_profile_is_refused() {
        let check = |text: &str, says: &str| {
            let error = text.parse::<Profile>().expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        };
        check("fast", "`fast` is not a number, or stages");
        check("-1", "-1 is not from 0 to 1000000");
        check("NaN", "NaN is not from 0");
        check("500/10s, 200", "`200` does not say how long it is");
        check("500/0s", "takes no time");
        check("500/soon", "`soon` is not a duration");
        check(&vec!["1/1s"; 1_001].join(","), "at most 1000");
    }
}
