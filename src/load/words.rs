//! Figures for reading: every one with its unit and with as many digits as it is worth.
//!
//! The histograms keep three significant digits, so no more are shown. A figure that is not zero is never
//! shown as zero, and a share that is not the whole never as the whole.

use std::time::Duration;

pub(super) use crate::replay::html::words::{count, grouped};
pub(super) use crate::scenario::problem::visible;

use super::report_form::{Latency, LoadReport};

/// What stands where nothing was measured.
pub(super) const NOTHING: &str = "-";

/// A number above 0 and below 1,000 with three significant digits: `1.23`, `12.3`, `123`.
fn three_digits(number: f64) -> String {
    // The number of decimals is that of the rounded number: 9.996 is 10.0.
    for (below, decimals) in [(9.995, 2), (99.95, 1)] {
        if number < below {
            return format!("{number:.decimals$}");
        }
    }
    format!("{number:.0}")
}

/// A time from microseconds: `734µs`, `1.23ms`, `12.3s`, `5m 12s`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn time(us: u64) -> String {
    match us {
        0 => "<1µs".to_owned(),
        1..1_000 => format!("{us}µs"),
        1_000..999_500 => format!("{}ms", three_digits(us as f64 / 1e3)),
        999_500..120_000_000 => format!("{}s", three_digits(us as f64 / 1e6)),
        _ => {
            let seconds = us / 1_000_000;
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            if hours > 0 {
                format!("{}h {minutes}m", grouped(hours))
            } else {
                format!("{minutes}m {}s", seconds % 60)
            }
        }
    }
}

/// A time of a distribution, or a dash if nothing was measured.
pub(super) fn time_of(latency: &Latency, us: u64) -> String {
    if latency.count == 0 { NOTHING.to_owned() } else { time(us) }
}

/// A duration of a run, in whole seconds from ten on: `0.8s`, `20s`, `1m 30s`, `2h 5m`.
pub(super) fn span(duration: Duration) -> String {
    let ms = duration.as_millis();
    if ms < 9_950 {
        let text = format!("{:.1}", duration.as_secs_f64());
        return format!("{}s", text.trim_end_matches(".0"));
    }
    let seconds = (ms + 500) / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "m"), (seconds, "s")];
    let parts = parts.iter().filter(|(number, _)| *number > 0).take(2);
    parts.map(|(number, unit)| format!("{number}{unit}")).collect::<Vec<_>>().join(" ")
}

/// A rate without its unit: `0.25`, `12.3`, `1,235`.
pub(super) fn rate(number: f64) -> String {
    match number {
        _ if !number.is_finite() => NOTHING.to_owned(),
        _ if number <= 0.0 => "0".to_owned(),
        _ if number < 0.01 => "<0.01".to_owned(),
        _ if number < 99.95 => three_digits(number),
        _ => whole(number),
    }
}

/// A number that is not negative, rounded, in groups of three digits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is rounded")]
fn whole(number: f64) -> String {
    grouped(number.round() as u64)
}

/// A rate with its unit.
pub(super) fn per_second(number: f64) -> String {
    format!("{}/s", rate(number))
}

/// A part of a whole: `0%`, `0.12%`, `34.5%`, `100%`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn share(part: u64, all: u64) -> String {
    match (part, all) {
        (_, 0) => NOTHING.to_owned(),
        (0, _) => "0%".to_owned(),
        (part, all) if part >= all => "100%".to_owned(),
        (part, all) => part_of_one(part as f64 / all as f64),
    }
}

/// A share above 0 and below 1.
pub(super) fn part_of_one(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        _ if percent < 0.001 => "<0.001%".to_owned(),
        _ if percent < 0.9995 => format!("{percent:.3}%"),
        _ if percent >= 99.95 => ">99.9%".to_owned(),
        _ => format!("{}%", three_digits(percent)),
    }
}

/// A number with its part of all: `12 (0.34%)`; `0` alone says enough.
pub(super) fn with_share(part: u64, all: u64) -> String {
    if part == 0 { "0".to_owned() } else { format!("{} ({})", grouped(part), share(part, all)) }
}

/// A size: `512B`, `1.23kB`, `45.6MB`; thousands, not 1,024s.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn bytes(number: u64) -> String {
    let mut size = number as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if size < 999.5 {
            let text = if unit == "B" { number.to_string() } else { three_digits(size) };
            return format!("{text}{unit}");
        }
        size /= 1_000.0;
    }
    format!("{}TB", if size < 999.5 { three_digits(size) } else { whole(size) })
}

/// A figure of a comparison, in its unit.
pub(super) fn figure(number: f64, unit: &str) -> String {
    match unit {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded")]
        "us" => time(number.round() as u64),
        "per second" => per_second(number),
        "share" if number <= 0.0 => "0%".to_owned(),
        "share" if number >= 1.0 => "100%".to_owned(),
        "share" => part_of_one(number),
        "" => {
            if number.fract() == 0.0 {
                whole(number)
            } else {
                rate(number)
            }
        }
        other => format!("{} {}", rate(number), visible(other)),
    }
}

/// By which part a figure became worse or better, in words. One that was zero has no part.
pub(super) fn worse(by: f64) -> String {
    let whole = by.abs() >= 1.0;
    let part = match by.abs() {
        _ if !by.is_finite() => return "worse than nothing".to_owned(),
        size if size < 0.0005 => return "the same".to_owned(),
        size if whole => format!("{}%", rate(size * 100.0)),
        size => part_of_one(size),
    };
    format!("{part} {}", if by > 0.0 { "worse" } else { "better" })
}

/// Which load it is, in words: `open model, 500 a second`.
pub(super) fn model(report: &LoadReport) -> String {
    match (&report.load.rate, &report.load.users) {
        (Some(rate), _) => format!("open model, {rate} a second"),
        (None, Some(users)) => format!("closed model, {users} users"),
        (None, None) => "closed model".to_owned(),
    }
}

/// Whether transactions have a planned start, so that latency counts from it.
pub(super) const fn is_open(report: &LoadReport) -> bool {
    report.load.rate.is_some()
}

/// Where the requests went, in words.
pub(super) fn target(report: &LoadReport) -> String {
    let url = visible(&report.target.url);
    match (report.target.own, report.target.simulator) {
        (true, _) => format!("own server {url}"),
        (false, true) => format!("simulator {url}"),
        (false, false) => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let check = |us: u64, expected: &str| assert_eq!(time(us), expected);
        check(0, "<1µs");
        check(999, "999µs");
        check(1_000, "1.00ms");
        check(9_994, "9.99ms");
        check(9_996, "10.0ms");
        check(99_960, "100ms");
        check(999_499, "999ms");
        check(999_500, "1.00s");
        check(119_900_000, "120s");
        check(312_000_000, "5m 12s");
        check(7_260_000_000, "2h 1m");
        check(u64::MAX, "5,124,095,576h 1m");
    }

    #[test]
    fn runs_last_seconds() {
        let check = |ms, expected: &str| assert_eq!(span(Duration::from_millis(ms)), expected);
        check(0, "0s");
        check(840, "0.8s");
        check(2_000, "2s");
        check(9_960, "10s");
        check(90_000, "1m 30s");
        check(7_500_000, "2h 5m");
        check(3_600_000, "1h");
    }

    #[test]
    fn what_is_not_zero_does_not_look_like_it() {
        let check = |part, all, expected: &str| assert_eq!(share(part, all), expected);
        check(0, 0, "-");
        check(0, 10, "0%");
        check(10, 10, "100%");
        check(1, 1_000_000, "<0.001%");
        check(1, 10_000, "0.010%");
        check(1, 3, "33.3%");
        check(99_999, 100_000, ">99.9%");
        assert_eq!([rate(0.0), rate(0.004), rate(0.25)], ["0", "<0.01", "0.25"]);
        assert_eq!([rate(12.34), rate(99.97), rate(1_234.5)], ["12.3", "100", "1,235"]);
        assert_eq!(rate(f64::NAN), "-");
    }

    #[test]
    fn sizes_and_changes_have_their_units() {
        let sizes = [0, 999, 1_000, 999_999, 45_600_000, 2_000_000_000_000];
        let expected = ["0B", "999B", "1.00kB", "1.00MB", "45.6MB", "2.00TB"];
        assert_eq!(sizes.map(bytes), expected);
        let changes = [0.0, 0.123, -0.5, 2.0, f64::INFINITY];
        let expected =
            ["the same", "12.3% worse", "50.0% better", "200% worse", "worse than nothing"];
        assert_eq!(changes.map(worse), expected);
        let figures = [(1_234.4, "us"), (0.001, "share"), (12.0, ""), (7.25, "per second")];
        let expected = ["1.23ms", "0.100%", "12", "7.25/s"];
        assert_eq!(figures.map(|(number, unit)| figure(number, unit)), expected);
    }
}
