//! How simulated time moves while a server runs.

use std::fmt;
use std::str::FromStr;

/// How simulated time moves on a live clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Time stands still, but for what it is advanced by.
    Frozen,
    /// Time follows real time.
    #[default]
    Real,
    /// Time follows real time, so many times as fast.
    Scaled(Factor),
    /// Time follows real time, and jumps to what is due next whenever nothing happens.
    Auto {
        /// Work goes on by one due entry for each answered job query, so that a client sees what lies
        /// between the beginning of a job and its end.
        one_event_per_poll: bool,
    },
}

/// How many times as fast as real time, in whole thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor(u64);

/// What a text that is no mode gets for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMode;

impl Factor {
    /// The slowest: a simulated second takes a quarter of an hour. What is slower is as good as frozen.
    pub const SLOWEST: Self = Self(1);
    /// The fastest: a day takes less than a tenth of a second. What is faster is better skipped.
    pub const FASTEST: Self = Self(1_000_000_000);

    /// A factor from thousandths; `None` if it lies outside of [`Factor::SLOWEST`] and
    /// [`Factor::FASTEST`].
    #[must_use]
    pub fn from_thousandths(thousandths: u64) -> Option<Self> {
        (Self::SLOWEST.0..=Self::FASTEST.0).contains(&thousandths).then_some(Self(thousandths))
    }
}

impl Mode {
    /// The modes in the form that they are written and read in, for those who show or document them.
    pub const WORDS: &str = "frozen, real, xN, auto, auto-per-poll";

    /// How many times as fast as real time the time flows, 0 if not at all; jumps come on top.
    #[must_use]
    pub fn speed(self) -> f64 {
        self.thousandths() as f64 / 1_000.0
    }

    /// How many thousandths as fast as real time the time flows.
    pub(super) const fn thousandths(self) -> u64 {
        match self {
            Self::Frozen => 0,
            Self::Real | Self::Auto { .. } => 1_000,
            Self::Scaled(factor) => factor.0,
        }
    }
}

/// A number with at most three decimals.
impl FromStr for Factor {
    type Err = NoMode;

    fn from_str(text: &str) -> Result<Self, NoMode> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 3 {
            return Err(NoMode);
        }
        let thousandths = format!("{whole}{decimals:0<3}").parse().map_err(|_| NoMode)?;
        Self::from_thousandths(thousandths).ok_or(NoMode)
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, thousandths) = (self.0 / 1_000, self.0 % 1_000);
        if thousandths == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{thousandths:03}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl FromStr for Mode {
    type Err = NoMode;

    fn from_str(text: &str) -> Result<Self, NoMode> {
        match text {
            "frozen" => Ok(Self::Frozen),
            "real" => Ok(Self::Real),
            "auto" => Ok(Self::Auto { one_event_per_poll: false }),
            "auto-per-poll" => Ok(Self::Auto { one_event_per_poll: true }),
            _ => text.strip_prefix('x').ok_or(NoMode)?.parse().map(Self::Scaled),
        }
    }
}

/// The same form that is read.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frozen => f.write_str("frozen"),
            Self::Real => f.write_str("real"),
            Self::Scaled(factor) => write!(f, "x{factor}"),
            Self::Auto { one_event_per_poll: false } => f.write_str("auto"),
            Self::Auto { one_event_per_poll: true } => f.write_str("auto-per-poll"),
        }
    }
}

impl fmt::Display for NoMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slowest, fastest) = (Factor::SLOWEST, Factor::FASTEST);
        write!(
            f,
            "a clock is one of {}; N is from {slowest} to {fastest} with at most three decimals, \
             such as x60 or x0.5",
            Mode::WORDS
        )
    }
}

impl std::error::Error for NoMode {}
