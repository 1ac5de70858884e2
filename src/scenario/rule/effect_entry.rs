//! A rule's `effect`: what it does.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer_entry::AnswerEntry;
use super::effect_parts::{
    BandwidthEntry, CodeEntry, CrashEntry, DribbleEntry, Nothing, RateLimitEntry, StaleEntry,
    StickEntry, TruncateEntry,
};
use super::effect_schema;
use crate::faults::{Effect, EffectKind, Point};
use crate::scenario::file::ONE_KEY;
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::timing_section::LawEntry;

/// What a rule does: an object with one key, `{"crash": {"after_pairs": 1}}`, or only the word, `"crash"`,
/// where nothing more is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[schemars(transform = effect_schema::both_forms)]
pub enum EffectEntry {
    /// Whatever comes next comes later: `{"delay": {"fixed": "200ms"}}`.
    #[schemars(example = json!({"delay": {"fixed": "200ms"}}))]
    Delay(LawEntry),
    /// The client gets this: `{"answer": {"code": "IMG.0061"}}`.
    #[schemars(example = json!({"answer": {"code": "IMG.0061"}}))]
    Answer(AnswerEntry),
    /// What goes beyond gets 429: `{"rate_limit": {"requests": 5, "per": "1s"}}`.
    #[schemars(example = json!({"rate_limit": {"requests": 5, "per": "1s"}}))]
    RateLimit(RateLimitEntry),
    /// The connection is reset.
    #[schemars(example = json!("reset"))]
    Reset(Nothing),
    /// The connection is closed with nothing sent.
    #[schemars(example = json!("close"))]
    Close(Nothing),
    /// Bytes that are not HTTP, then the end.
    #[schemars(example = json!("garbage"))]
    Garbage(Nothing),
    /// The body breaks off: `{"truncate": {"after_bytes": 10}}`.
    #[schemars(example = json!({"truncate": {"after_bytes": 10}}))]
    Truncate(TruncateEntry),
    /// The body comes in pieces: `{"dribble": {"bytes": 1, "every": "100ms"}}`.
    #[schemars(example = json!({"dribble": {"bytes": 1, "every": "100ms"}}))]
    Dribble(DribbleEntry),
    /// The body comes slowly: `{"bandwidth": {"bytes_per_second": 100}}`.
    #[schemars(example = json!({"bandwidth": {"bytes_per_second": 100}}))]
    Bandwidth(BandwidthEntry),
    /// No answer ever comes.
    #[schemars(example = json!("never_answer"))]
    NeverAnswer(Nothing),
    /// Nothing is done and all of it fails: `{"fail": {"code": "IMG.0112"}}`.
    #[schemars(example = json!({"fail": {"code": "IMG.0112"}}))]
    Fail(CodeEntry),
    /// It stops to move: `{"stick": {"in": "RUNNING"}}`.
    #[schemars(example = json!({"stick": {"in": "RUNNING"}}))]
    Stick(StickEntry),
    /// The job is accepted and never heard of again.
    #[schemars(example = json!("lose"))]
    Lose(Nothing),
    /// The work is done twice.
    #[schemars(example = json!("run_twice"))]
    RunTwice(Nothing),
    /// The job's end is reported as the opposite of what was done.
    #[schemars(example = json!("report_opposite"))]
    ReportOpposite(Nothing),
    /// The worker dies: `{"crash": {"after_pairs": 1}}`.
    #[schemars(example = json!({"crash": {"after_pairs": 1}}))]
    Crash(CrashEntry),
    /// Success is reported and nothing is done.
    #[schemars(example = json!("claim_success"))]
    ClaimSuccess(Nothing),
    /// It is done and failure is reported: `{"claim_failure": {}}`.
    #[schemars(example = json!({"claim_failure": {"code": "IMG.0113"}}))]
    ClaimFailure(CodeEntry),
    /// Readers see the past: `{"stale": {"by": "2s"}}`.
    #[schemars(example = json!({"stale": {"by": "2s"}}))]
    Stale(StaleEntry),
}

impl<'de> Deserialize<'de> for EffectEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EffectVisitor;
        impl<'de> Visitor<'de> for EffectVisitor {
            type Value = EffectEntry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an effect: a word, or an object with one key")
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<EffectEntry, E> {
                let long = json!({ word: {} });
                EffectEntry::deserialize(long).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EffectEntry, A::Error> {
                let effect = EffectEntry::deserialize(MapAccessDeserializer::new(&mut map))?;
                match map.next_key::<IgnoredAny>()? {
                    None => Ok(effect),
                    Some(_) => Err(A::Error::custom(ONE_KEY)),
                }
            }
        }
        deserializer.deserialize_any(EffectVisitor)
    }
}

impl Serialize for EffectEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let long =
            Self::serialize(self, serde_json::value::Serializer).map_err(S::Error::custom)?;
        match long.as_object().and_then(|object| object.iter().next()) {
            Some((word, Value::Object(more))) if more.is_empty() => serializer.serialize_str(word),
            _ => long.serialize(serializer),
        }
    }
}

impl EffectEntry {
    /// Its kind.
    pub(super) const fn kind(&self) -> EffectKind {
        match self {
            Self::Delay(_) => EffectKind::Delay,
            Self::Answer(_) => EffectKind::Answer,
            Self::RateLimit(_) => EffectKind::RateLimit,
            Self::Reset(Nothing {}) => EffectKind::Reset,
            Self::Close(Nothing {}) => EffectKind::Close,
            Self::Garbage(Nothing {}) => EffectKind::Garbage,
            Self::Truncate(_) => EffectKind::Truncate,
            Self::Dribble(_) => EffectKind::Dribble,
            Self::Bandwidth(_) => EffectKind::Bandwidth,
            Self::NeverAnswer(Nothing {}) => EffectKind::NeverAnswer,
            Self::Fail(_) => EffectKind::Fail,
            Self::Stick(_) => EffectKind::Stick,
            Self::Lose(Nothing {}) => EffectKind::Lose,
            Self::RunTwice(Nothing {}) => EffectKind::RunTwice,
            Self::ReportOpposite(Nothing {}) => EffectKind::ReportOpposite,
            Self::Crash(_) => EffectKind::Crash,
            Self::ClaimSuccess(Nothing {}) => EffectKind::ClaimSuccess,
            Self::ClaimFailure(_) => EffectKind::ClaimFailure,
            Self::Stale(_) => EffectKind::Stale,
        }
    }

    pub(super) fn compile(&self, at: Point) -> Result<Effect, Misfit> {
        let effect = match self {
            Self::Delay(law) => law.compile().map(Effect::Delay),
            Self::Answer(answer) => answer.compile().map(Effect::Answer),
            Self::RateLimit(limit) => limit.compile(at).map(Effect::RateLimit),
            Self::Reset(Nothing {}) => Ok(Effect::Reset),
            Self::Close(Nothing {}) => Ok(Effect::Close),
            Self::Garbage(Nothing {}) => Ok(Effect::Garbage),
            Self::Truncate(entry) => Ok(Effect::Truncate { after_bytes: entry.after_bytes }),
            Self::Dribble(entry) => entry.compile(),
            Self::Bandwidth(entry) => entry.compile(),
            Self::NeverAnswer(Nothing {}) => Ok(Effect::NeverAnswer),
            Self::Fail(entry) => entry.compile().map(Effect::Fail),
            Self::Stick(entry) => entry.compile(at).map(Effect::Stick),
            Self::Lose(Nothing {}) => Ok(Effect::Lose),
            Self::RunTwice(Nothing {}) => Ok(Effect::RunTwice),
            Self::ReportOpposite(Nothing {}) => Ok(Effect::ReportOpposite),
            Self::Crash(entry) => entry.compile(),
            Self::ClaimSuccess(Nothing {}) => Ok(Effect::ClaimSuccess),
            Self::ClaimFailure(entry) => entry.compile().map(Effect::ClaimFailure),
            Self::Stale(entry) => entry.compile(),
        };
        effect.within(self.kind().name())
    }
}
