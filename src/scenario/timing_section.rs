//! The `timing` and `supervision` sections.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::explained;
use super::problem::{Misfit, Within};
use super::span::Span;
use crate::clock::SimDuration;
use crate::domain::job_work::Supervision;
use crate::domain::latency::{LONGEST_LATENCY, Law, Timing};

/// How long each phase of a job takes. Phases that are left out keep the default, about 1 s in all.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimingSection {
    /// How long a job stays in `INIT`.
    pub init: Option<LawEntry>,
    /// How long a worker prepares before its first pair.
    pub image: Option<LawEntry>,
    /// How long a worker takes over each pair.
    pub pair: Option<LawEntry>,
}

/// A latency law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LawEntry {
    /// Always the same: `{"fixed": "10ms"}`.
    Fixed(Span),
    /// Equally likely from `from` to `to`: `{"uniform": {"from": "5ms", "to": "15ms"}}`.
    Uniform(UniformEntry),
    /// Long-tailed: `{"lognormal": {"median": "50ms", "sigma": 0.5, "max": "2s"}}`.
    Lognormal(LognormalEntry),
    /// Memoryless: `{"exponential": {"mean": "50ms", "max": "2s"}}`.
    Exponential(ExponentialEntry),
}

/// The bounds of a uniform law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UniformEntry {
    /// The shortest latency.
    pub from: Span,
    /// The longest latency.
    pub to: Span,
}

impl FromStr for LawEntry {
    type Err = String;

    /// A duration alone is a fixed one; every law can be written as in a file.
    fn from_str(text: &str) -> Result<Self, String> {
        let right = r#"a duration such as `2s`, or a law such as `{"exponential": {"mean": "2s", "max": "1m"}}`"#;
        if !text.trim_start().starts_with('{') {
            return Span::parse(text)
                .map(Self::Fixed)
                .map_err(|_| format!("`{text}` is not {right}"));
        }
        let mut law = serde_json::Deserializer::from_str(text);
        let read: Self = serde_path_to_error::deserialize(&mut law)
            .map_err(|error| format!("{}; it is {right}", explained(&error.inner().to_string())))?;
        law.end().map_err(|error| format!("{error}; it is {right}"))?;
        Ok(read)
    }
}

/// The parameters of a lognormal law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LognormalEntry {
    /// The middle latency.
    pub median: Span,
    /// The standard deviation of the logarithm, from 0 to 10.
    #[schemars(range(min = 0, max = WIDEST_SIGMA))]
    pub sigma: f64,
    /// Longer latencies are cut to this.
    pub max: Span,
}

/// The parameters of an exponential law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExponentialEntry {
    /// The mean latency.
    pub mean: Span,
    /// Longer latencies are cut to this.
    pub max: Span,
}

/// How dying workers are treated.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisionSection {
    /// How often the worker of one image is restarted within one job; 3 if left out.
    #[schemars(
        range(max = Supervision::HIGHEST_RESTARTS),
        extend("default" = Supervision::default().max_restarts)
    )]
    pub max_restarts: Option<u32>,
}

impl TimingSection {
    pub(super) fn compile(&self) -> Result<Timing, Misfit> {
        let default = Timing::default();
        let law = |entry: Option<LawEntry>, default, key: &str| match entry {
            Some(entry) => entry.compile().within(key),
            None => Ok(default),
        };
        Ok(Timing {
            init: law(self.init, default.init, "init")?,
            image: law(self.image, default.image, "image")?,
            pair: law(self.pair, default.pair, "pair")?,
        })
    }
}

/// The largest spread of a lognormal law: beyond it every draw is either nothing or the maximum.
const WIDEST_SIGMA: f64 = 10.0;

impl LawEntry {
    /// The law that is meant.
    ///
    /// # Errors
    /// A sentence, if its numbers make no sense.
    pub fn law(self) -> Result<Law, String> {
        self.compile().map_err(|misfit| format!("{}: {}", misfit.path_text(), misfit.message))
    }

    pub(super) fn compile(self) -> Result<Law, Misfit> {
        match self {
            Self::Fixed(Span(duration)) => bounded(duration).map(Law::Fixed).within("fixed"),
            Self::Uniform(entry) => entry.compile().within("uniform"),
            Self::Lognormal(entry) => entry.compile().within("lognormal"),
            Self::Exponential(entry) => {
                let max = bounded(entry.max.0).within("max").within("exponential")?;
                Ok(Law::Exponential { mean: entry.mean.0, max })
            }
        }
    }
}

impl UniformEntry {
    fn compile(self) -> Result<Law, Misfit> {
        let to = bounded(self.to.0).within("to")?;
        if self.from > self.to {
            let message =
                format!("{} is longer than `to`, {to}; `from` is the shorter one", self.from.0);
            return Err(Misfit::new(message)).within("from");
        }
        Ok(Law::Uniform(self.from.0, to))
    }
}

impl LognormalEntry {
    fn compile(self) -> Result<Law, Misfit> {
        if !(0.0..=WIDEST_SIGMA).contains(&self.sigma) {
            let message = format!("{} is not from 0 to {WIDEST_SIGMA}", self.sigma);
            return Err(Misfit::new(message)).within("sigma");
        }
        let max = bounded(self.max.0).within("max")?;
        Ok(Law::Lognormal { median: self.median.0, sigma: self.sigma, max })
    }
}

fn bounded(duration: SimDuration) -> Result<SimDuration, Misfit> {
    if duration > LONGEST_LATENCY {
        let message = format!("{duration} is longer than {LONGEST_LATENCY}, the longest latency");
        return Err(Misfit::new(message));
    }
    Ok(duration)
}

impl SupervisionSection {
    pub(super) fn compile(self) -> Result<Supervision, Misfit> {
        let Some(max_restarts) = self.max_restarts else { return Ok(Supervision::default()) };
        if max_restarts > Supervision::HIGHEST_RESTARTS {
            let highest = Supervision::HIGHEST_RESTARTS;
            let message = format!("{max_restarts} is more than {highest}, the most restarts");
            return Err(Misfit::new(message)).within("max_restarts");
        }
        Ok(Supervision { max_restarts })
    }
}
