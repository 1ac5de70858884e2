//! The limits of thresholds: durations, rates, counts and shares.

use std::fmt;

use super::metric::Measure;

/// The most digits before the point: enough for whatever a run can measure, and every such number is exact.
const MOST_DIGITS: usize = 9;

/// The units of durations: the name, the microseconds of one, and how many digits behind the point are whole
/// microseconds.
const UNITS: [(&str, u64, usize); 4] =
    [("us", 1, 0), ("ms", 1_000, 3), ("s", 1_000_000, 6), ("m", 60_000_000, 6)];

/// What a figure is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// A duration in microseconds: `20ms`.
    Micros(u64),
    /// So many in a second: `500`.
    PerSecond(f64),
    /// A number: `0`.
    Count(u64),
    /// So many of a hundred: `0.1%`.
    Percent(f64),
}

impl Limit {
    /// The limit as a number: microseconds, a rate, a count, or a percentage.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a limit has few digits")]
    pub const fn number(self) -> f64 {
        match self {
            Self::Micros(number) | Self::Count(number) => number as f64,
            Self::PerSecond(number) | Self::Percent(number) => number,
        }
    }

    /// Reads the limit of a figure that is measured so.
    ///
    /// # Errors
    /// A sentence for people about what was found and what would be right.
    pub(super) fn read(text: &str, measure: Measure) -> Result<Self, String> {
        match measure {
            Measure::Duration => duration(text).map(Self::Micros),
            Measure::Rate => {
                let right = || format!("`{text}` is not a number in a second, such as `500`");
                number(text, 6).map(Self::PerSecond).ok_or_else(right)
            }
            Measure::Count => {
                count(text).ok_or_else(|| format!("`{text}` is not a whole number, such as `0`"))
            }
            Measure::Part => part(text),
        }
    }
}

/// A whole number.
fn count(text: &str) -> Option<Limit> {
    let good =
        (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    if good { text.parse().ok().map(Limit::Count) } else { None }
}

/// A number of digits with at most so many of them behind the point.
fn number(text: &str, behind: usize) -> Option<f64> {
    let (whole, _) = split(text, behind)?;
    count(whole)?;
    text.parse().ok()
}

/// What stands before and behind the point.
fn split(text: &str, behind: usize) -> Option<(&str, &str)> {
    let Some((whole, fraction)) = text.split_once('.') else { return Some((text, "")) };
    let digits = fraction.bytes().all(|it| it.is_ascii_digit());
    (digits && (1..=behind).contains(&fraction.len())).then_some((whole, fraction))
}

fn part(text: &str) -> Result<Limit, String> {
    let right = "a share such as `0.1%`, or a whole number such as `10`";
    let Some(percent) = text.strip_suffix('%') else {
        // Other tools mean a share by 0.01; whoever writes it here must not get a count.
        let hint = number(text, 6).map_or(String::new(), |part| {
            let percent = format!("{:.4}", part * 100.0);
            let percent = percent.trim_end_matches('0').trim_end_matches('.');
            format!("; as a share it is `{percent}%`")
        });
        return count(text).ok_or_else(|| format!("`{text}` is not {right}{hint}"));
    };
    let percent =
        number(percent.trim_end(), 6).ok_or_else(|| format!("`{text}` is not {right}"))?;
    if percent > 100.0 {
        return Err(format!("`{text}` is more than all; {right}"));
    }
    Ok(Limit::Percent(percent))
}

fn duration(text: &str) -> Result<u64, String> {
    let right = "a duration such as `800us`, `20ms`, `1.5s` or `2m`";
    let wrong = || format!("`{text}` is not {right}");
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..at], text[at..].trim_start());
    if unit.is_empty() && !number.is_empty() {
        return Err(format!("`{text}` has no unit; it is {right}"));
    }
    let known = UNITS.iter().find(|(name, _, _)| *name == unit);
    let Some((_, micros, behind)) = known else { return Err(wrong()) };
    let Some((whole, fraction)) = split(number, *behind) else {
        return Err(format!("`{text}` is not {right}, and no finer than a microsecond"));
    };
    let Some(Limit::Count(whole)) = count(whole) else { return Err(wrong()) };
    // What is behind the point is a part of the unit with so many zeros that the quotient is whole.
    let behind = u32::try_from(fraction.len()).unwrap_or(0);
    let part: u64 = if fraction.is_empty() { 0 } else { fraction.parse().map_err(|_| wrong())? };
    Ok(whole * micros + part * micros / 10_u64.pow(behind))
}

/// A duration in the unit in which people say it.
pub(crate) fn micros_text(micros: u64) -> String {
    let (name, unit, behind) = match micros {
        0..1_000 => UNITS[0],
        1_000..1_000_000 => UNITS[1],
        1_000_000.. => UNITS[2],
    };
    let (whole, part) = (micros / unit, micros % unit);
    if part == 0 {
        return format!("{whole}{name}");
    }
    let part = format!("{part:0behind$}");
    format!("{whole}.{}{name}", part.trim_end_matches('0'))
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Micros(micros) => f.write_str(&micros_text(*micros)),
            Self::PerSecond(number) => number.fmt(f),
            Self::Count(number) => number.fmt(f),
            Self::Percent(number) => write!(f, "{number}%"),
        }
    }
}

/// What the limits of each measure are like, as parts of a pattern.
pub(super) fn pattern(measure: Measure) -> String {
    let whole = format!("[0-9]{{1,{MOST_DIGITS}}}");
    match measure {
        Measure::Duration => {
            let unit = |(name, _, behind): &(&str, u64, usize)| match behind {
                0 => format!(r"{whole}\s*{name}"),
                _ => format!(r"{whole}(\.[0-9]{{1,{behind}}})?\s*{name}"),
            };
            UNITS.iter().map(unit).collect::<Vec<_>>().join("|")
        }
        Measure::Rate => format!(r"{whole}(\.[0-9]{{1,6}})?"),
        Measure::Count => whole,
        Measure::Part => {
            format!(r"{whole}|(0*100(\.0{{1,6}})?|0*[0-9]{{1,2}}(\.[0-9]{{1,6}})?)\s*%")
        }
    }
}
