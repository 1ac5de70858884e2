//! A rule's `effect`: what it does.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::Code;
use crate::api::error_body::JSON;
use crate::clock::SimDuration;
use crate::faults::{Answer, AnswerContent, Effect, EffectKind, Point, Rate, RateBy, Stuck};
use crate::scenario::file::ONE_KEY;
use crate::scenario::named::Named;
use crate::scenario::problem::{Misfit, Within, nearest};
use crate::scenario::span::Span;
use crate::scenario::timing_section::LawEntry;

/// What a rule does: an object with one key, `{"crash": {"after_pairs": 1}}`, or only the word, `"crash"`,
/// where nothing more is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum EffectEntry {
    /// Whatever comes next comes later: `{"delay": {"fixed": "200ms"}}`.
    Delay(LawEntry),
    /// The client gets this: `{"answer": {"code": "IMG.0061"}}`.
    Answer(AnswerEntry),
    /// What goes beyond gets 429: `{"rate_limit": {"requests": 5, "per": "1s"}}`.
    RateLimit(RateLimitEntry),
    /// The connection is reset.
    Reset(Nothing),
    /// The connection is closed with nothing sent.
    Close(Nothing),
    /// Bytes that are not HTTP, then the end.
    Garbage(Nothing),
    /// The body breaks off: `{"truncate": {"after_bytes": 10}}`.
    Truncate(TruncateEntry),
    /// The body comes in pieces: `{"dribble": {"bytes": 1, "every": "100ms"}}`.
    Dribble(DribbleEntry),
    /// The body comes slowly: `{"bandwidth": {"bytes_per_second": 100}}`.
    Bandwidth(BandwidthEntry),
    /// No answer ever comes.
    NeverAnswer(Nothing),
    /// Nothing is done and all of it fails: `{"fail": {"code": "IMG.0112"}}`.
    Fail(CodeEntry),
    /// It stops to move: `{"stick": {"in": "RUNNING"}}`.
    Stick(StickEntry),
    /// The job is accepted and never heard of again.
    Lose(Nothing),
    /// The work is done twice.
    RunTwice(Nothing),
    /// The job's end is reported as the opposite of what was done.
    ReportOpposite(Nothing),
    /// The worker dies: `{"crash": {"after_pairs": 1}}`.
    Crash(CrashEntry),
    /// Success is reported and nothing is done.
    ClaimSuccess(Nothing),
    /// It is done and failure is reported: `{"claim_failure": {}}`.
    ClaimFailure(CodeEntry),
    /// Readers see the past: `{"stale": {"by": "2s"}}`.
    Stale(StaleEntry),
}

/// Nothing more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<'de> Deserialize<'de> for EffectEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EffectVisitor;
        impl<'de> Visitor<'de> for EffectVisitor {
            type Value = EffectEntry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an effect: a word, or an object with one key")
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<EffectEntry, E> {
                let long = serde_json::json!({ word: {} });
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

/// An injected answer: a code of the error table, or a status of one's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerEntry {
    /// A code of the error table, in the form that the operation's errors have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The status; with `code` it chooses among rows of the same code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Headers>,
    /// The body: text as it is, anything else as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The value of `Retry-After`; whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Span>,
}

/// Header names with their values.
type Headers = Named<String>;

/// A rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimitEntry {
    /// Requests in one period.
    pub requests: u64,
    /// The period.
    pub per: Span,
    /// How many may come at once after a pause; as many as `requests` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    /// Who has a bucket of his own: `token`, `project`, `client` or `rule`; `client` at a connection and
    /// `token` elsewhere if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<RateBy>,
}

/// Where a body breaks off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TruncateEntry {
    /// After so many bytes of the body, which must be longer; half of it if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_bytes: Option<u64>,
}

/// The pieces of a dribbled body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DribbleEntry {
    /// Bytes of a piece.
    pub bytes: u32,
    /// The pause before each piece.
    pub every: Span,
}

/// How fast a body may come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandwidthEntry {
    /// Bytes in a simulated second.
    pub bytes_per_second: u32,
}

/// A code of the image service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodeEntry {
    /// The code; the one that the contract gives to injected faults if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Where it stops to move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StickEntry {
    /// `INIT` or `RUNNING`; `RUNNING` if left out.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub state: Option<Stuck>,
}

/// When a worker dies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrashEntry {
    /// How many pairs it settles before; none if left out.
    pub after_pairs: u32,
    /// Whether the supervisor may restart it; it may if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<bool>,
}

/// How old what readers see is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaleEntry {
    /// How old.
    pub by: Span,
}

/// The most bytes of an injected body: as much as the service itself ever sends for a large job.
const LONGEST_ANSWER: usize = 1024 * 1024;

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
            Self::Bandwidth(entry) => {
                let bytes_per_second = entry.bytes_per_second;
                at_least_one(bytes_per_second.into())
                    .within("bytes_per_second")
                    .map(|()| Effect::Bandwidth { bytes_per_second })
            }
            Self::NeverAnswer(Nothing {}) => Ok(Effect::NeverAnswer),
            Self::Fail(entry) => entry.compile().map(Effect::Fail),
            Self::Stick(entry) => entry.compile(at).map(Effect::Stick),
            Self::Lose(Nothing {}) => Ok(Effect::Lose),
            Self::RunTwice(Nothing {}) => Ok(Effect::RunTwice),
            Self::ReportOpposite(Nothing {}) => Ok(Effect::ReportOpposite),
            Self::Crash(entry) => Ok(Effect::Crash {
                after_pairs: entry.after_pairs,
                restart: entry.restart.unwrap_or(true),
            }),
            Self::ClaimSuccess(Nothing {}) => Ok(Effect::ClaimSuccess),
            Self::ClaimFailure(entry) => entry.compile().map(Effect::ClaimFailure),
            Self::Stale(entry) => entry.compile(),
        };
        effect.within(self.kind().name())
    }
}

fn at_least_one(value: u64) -> Result<(), Misfit> {
    if value == 0 {
        Err(Misfit::new("0 would never let anything through; say 1 or more"))
    } else {
        Ok(())
    }
}

fn longer_than_nothing(span: Span) -> Result<SimDuration, Misfit> {
    if span.0 == SimDuration::ZERO {
        return Err(Misfit::new("0 is no time at all; say 1ms or more"));
    }
    Ok(span.0)
}

impl RateLimitEntry {
    fn compile(self, at: Point) -> Result<Rate, Misfit> {
        at_least_one(self.requests).within("requests")?;
        let burst = self.burst.unwrap_or(self.requests);
        at_least_one(burst).within("burst")?;
        let by = self.by.unwrap_or(match at {
            Point::Connection => RateBy::Client,
            _ => RateBy::Token,
        });
        if at == Point::Connection && matches!(by, RateBy::Token | RateBy::Project) {
            let message =
                format!("`{}` is not known at a connection, only `client`, `rule`", by.name());
            return Err(Misfit::new(message)).within("by");
        }
        let period = longer_than_nothing(self.per).within("per")?;
        Ok(Rate { requests: self.requests, period, burst, by })
    }
}

impl DribbleEntry {
    fn compile(self) -> Result<Effect, Misfit> {
        at_least_one(self.bytes.into()).within("bytes")?;
        Ok(Effect::Dribble {
            bytes: self.bytes,
            every: longer_than_nothing(self.every).within("every")?,
        })
    }
}

impl StaleEntry {
    fn compile(self) -> Result<Effect, Misfit> {
        longer_than_nothing(self.by).within("by").map(Effect::Stale)
    }
}

impl StickEntry {
    fn compile(self, at: Point) -> Result<Stuck, Misfit> {
        let state = self.state.unwrap_or_default();
        if at == Point::Image && state == Stuck::Init {
            let message = "an image's worker exists only in `RUNNING`; `INIT` goes with `at: job`";
            return Err(Misfit::new(message)).within("in");
        }
        Ok(state)
    }
}

impl CodeEntry {
    /// A job can only end with a code of the image service; the gateway knows nothing of jobs.
    fn compile(&self) -> Result<Option<Code>, Misfit> {
        let Some(code) = &self.code else { return Ok(None) };
        let codes = || Code::ALL.iter().filter(|row| row.code().starts_with("IMG."));
        let found = codes().find(|row| row.code() == code);
        let unknown = || {
            let near = nearest(code, codes().map(|row| row.code()));
            Misfit::new(format!(
                "`{code}` is no code of the image service, which start with IMG{near}"
            ))
        };
        found.copied().map(Some).ok_or_else(unknown).within("code")
    }
}

fn unknown_code<'a>(code: &str, valid: impl Iterator<Item = &'a str>) -> Misfit {
    let near = nearest(code, valid);
    Misfit::new(format!("`{code}` is no code that can stand here{near}"))
}

impl AnswerEntry {
    fn compile(&self) -> Result<Answer, Misfit> {
        let retry_after = self.retry_after.map(whole_seconds).transpose().within("retry_after")?;
        let content = match (&self.code, self.status) {
            (Some(code), status) => {
                if self.body.is_some() || self.headers.is_some() {
                    let message =
                        "a code brings its own form; `body` and `headers` go with `status`";
                    return Err(Misfit::new(message)).within("code");
                }
                AnswerContent::Code(row(code, status).within("code")?)
            }
            (None, Some(status)) => self.own(status)?,
            (None, None) => {
                return Err(Misfit::new("give a `code` of the error table, or a `status`"));
            }
        };
        Ok(Answer { content, retry_after })
    }

    fn own(&self, status: u16) -> Result<AnswerContent, Misfit> {
        // Informational answers are not final, and no client gets past them.
        if !(200..=599).contains(&status) {
            return Err(Misfit::new("a status lies from 200 to 599")).within("status");
        }
        let text = match &self.body {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(json) => json.to_string(),
        };
        if text.len() > LONGEST_ANSWER {
            let message = format!("{} bytes; at most {LONGEST_ANSWER}", text.len());
            return Err(Misfit::new(message)).within("body");
        }
        if !text.is_empty() && matches!(status, 204 | 304) {
            return Err(Misfit::new(format!("a {status} has no body"))).within("body");
        }
        let mut headers = Vec::new();
        if matches!(&self.body, Some(body) if !body.is_string()) {
            headers.push(("content-type".into(), JSON.into()));
        }
        for (name, value) in self.headers.iter().flat_map(Named::iter) {
            header(name, value).within(name).within("headers")?;
            headers.retain(|(other, _): &(Box<str>, Box<str>)| !other.eq_ignore_ascii_case(name));
            headers.push((name.into(), value.as_str().into()));
        }
        Ok(AnswerContent::Own { status, headers, body: text.into() })
    }
}

fn whole_seconds(span: Span) -> Result<u64, Misfit> {
    let ms = span.0.as_millis();
    if !ms.is_multiple_of(1_000) {
        return Err(Misfit::new(format!("{} is no whole number of seconds", span.0)));
    }
    Ok(ms / 1_000)
}

/// The row of the error table; several rows may share a code, and then the status chooses.
fn row(code: &str, status: Option<u16>) -> Result<Code, Misfit> {
    // The native API's rows have no code of their own; their texts name an image.
    let rows = || Code::ALL.iter().filter(|row| row.code().contains('.'));
    let mut same = rows().filter(|row| row.code() == code).peekable();
    if same.peek().is_none() {
        return Err(unknown_code(code, rows().map(|row| row.code())));
    }
    let statuses: Vec<String> = same.clone().map(|row| row.status().to_string()).collect();
    let found = same.find(|row| status.is_none_or(|status| status == row.status()));
    found.copied().ok_or_else(|| {
        let status = status.unwrap_or_default();
        Misfit::new(format!("`{code}` comes with status {}, not {status}", statuses.join(" or ")))
    })
}

fn header(name: &str, value: &str) -> Result<(), Misfit> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(Misfit::new("no name of a header: letters, digits and `-`"));
    }
    let framing = ["content-length", "transfer-encoding", "connection", "date", "x-request-id"];
    if framing.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Misfit::new("the server sets this header itself"));
    }
    if !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return Err(Misfit::new("a value is printable ASCII"));
    }
    Ok(())
}
