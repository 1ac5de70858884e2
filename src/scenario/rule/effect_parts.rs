//! What a rule's effect needs to know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Code;
use crate::clock::SimDuration;
use crate::domain::Settings;
use crate::faults::{Effect, Point, Rate, RateBy, Stuck};
use crate::scenario::problem::{Misfit, Within, nearest};
use crate::scenario::schema_words;
use crate::scenario::span::Span;

/// Nothing more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitEntry {
    /// Requests in one period.
    #[schemars(range(min = 1))]
    pub requests: u64,
    /// The period.
    pub per: Span,
    /// How many may come at once after a pause; as many as `requests` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub burst: Option<u64>,
    /// Who has a bucket of his own: `token`, `project`, `client` or `rule`; `client` at a connection and
    /// `token` elsewhere if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<RateBy>,
}

/// Where a body breaks off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TruncateEntry {
    /// After so many bytes of the body, which must be longer; half of it if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_bytes: Option<u64>,
}

/// The pieces of a dribbled body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DribbleEntry {
    /// Bytes of a piece.
    #[schemars(range(min = 1))]
    pub bytes: u32,
    /// The pause before each piece.
    pub every: Span,
}

/// How fast a body may come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandwidthEntry {
    /// Bytes in a simulated second.
    #[schemars(range(min = 1))]
    pub bytes_per_second: u32,
}

/// A code of the image service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CodeEntry {
    /// The code; the one that the contract gives to injected faults if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema_words::ImageServiceCode>")]
    pub code: Option<String>,
}

/// Where it stops to move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StickEntry {
    /// `INIT` or `RUNNING`; `RUNNING` if left out.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "RUNNING"))]
    pub state: Option<Stuck>,
}

/// When a worker dies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CrashEntry {
    /// How many pairs it settles before; none if left out.
    #[schemars(range(max = Settings::HIGHEST_BATCH_LIST))]
    pub after_pairs: u32,
    /// Whether the supervisor may restart it; it may if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub restart: Option<bool>,
}

/// How old what readers see is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StaleEntry {
    /// How old.
    pub by: Span,
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
    pub(super) fn compile(self, at: Point) -> Result<Rate, Misfit> {
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
    pub(super) fn compile(self) -> Result<Effect, Misfit> {
        at_least_one(self.bytes.into()).within("bytes")?;
        Ok(Effect::Dribble {
            bytes: self.bytes,
            every: longer_than_nothing(self.every).within("every")?,
        })
    }
}

impl BandwidthEntry {
    pub(super) fn compile(self) -> Result<Effect, Misfit> {
        let bytes_per_second = self.bytes_per_second;
        at_least_one(bytes_per_second.into()).within("bytes_per_second")?;
        Ok(Effect::Bandwidth { bytes_per_second })
    }
}

impl CrashEntry {
    pub(super) fn compile(self) -> Result<Effect, Misfit> {
        let most = Settings::HIGHEST_BATCH_LIST;
        if self.after_pairs as usize > most {
            let message = format!("no worker settles more than the {most} pairs of its image");
            return Err(Misfit::new(message)).within("after_pairs");
        }
        let restart = self.restart.unwrap_or(true);
        Ok(Effect::Crash { after_pairs: self.after_pairs, restart })
    }
}

impl StaleEntry {
    pub(super) fn compile(self) -> Result<Effect, Misfit> {
        longer_than_nothing(self.by).within("by").map(Effect::Stale)
    }
}

impl StickEntry {
    pub(super) fn compile(self, at: Point) -> Result<Stuck, Misfit> {
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
    pub(super) fn compile(&self) -> Result<Option<Code>, Misfit> {
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
