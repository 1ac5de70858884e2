//! Times on the wire, from milliseconds since 1970.
//!
//! Contract, "Reading guide", table "Conventions": jobs show milliseconds, members and images whole
//! seconds, both in UTC with a `Z`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last time that RFC 3339 can write, the end of the year 9999; later ones are shown as this one.
pub const LAST_MS: u64 = 253_402_300_799_999;

fn system_time(ms: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(ms.min(LAST_MS))
}

/// `2025-01-02T03:04:05.678Z`, the form of job times.
#[must_use]
pub fn with_millis(ms: u64) -> String {
    humantime::format_rfc3339_millis(system_time(ms)).to_string()
}

/// `2025-01-02T03:04:05.678000Z`, the form of times in tokens.
#[must_use]
pub fn with_micros(ms: u64) -> String {
    humantime::format_rfc3339_micros(system_time(ms)).to_string()
}

/// `2025-01-02T03:04:05Z`, the form of member and image times; the milliseconds are cut off.
#[must_use]
pub fn whole_seconds(ms: u64) -> String {
    humantime::format_rfc3339_seconds(system_time(ms)).to_string()
}

/// `Thu, 02 Jan 2025 03:04:05 GMT`, the form of HTTP's `Date`.
#[must_use]
pub fn http_date(ms: u64) -> String {
    httpdate::fmt_http_date(system_time(ms))
}

/// Reads an RFC 3339 time in UTC from 1970 on; `None` if it is not one.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let time = humantime::parse_rfc3339(text).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

/// The whole seconds since 1970 of an RFC 3339 time, also of one before it.
#[must_use]
pub fn parse_seconds(text: &str) -> Option<i64> {
    /// The calendar repeats itself after so many years, and so many seconds.
    const CYCLE: (u32, i64) = (400, 146_097 * 86_400);
    let year: u32 = text.get(..4)?.parse().ok()?;
    let cycles = if year < 1970 { 5 } else { 0 };
    let later = format!("{:04}{}", year + cycles * CYCLE.0, text.get(4..)?);
    let seconds = i64::try_from(parse(&later)? / 1_000).ok()?;
    Some(seconds - i64::from(cycles) * CYCLE.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_forms_of_the_contract() {
        let ms = parse("2025-01-02T03:04:05.678Z").expect("a valid time");
        assert_eq!(with_millis(ms), "2025-01-02T03:04:05.678Z");
        assert_eq!(with_micros(ms), "2025-01-02T03:04:05.678000Z");
        assert_eq!(whole_seconds(ms), "2025-01-02T03:04:05Z");
        assert_eq!(http_date(ms), "Thu, 02 Jan 2025 03:04:05 GMT");
        assert_eq!(with_millis(u64::MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(parse("yesterday"), None);
    }

    #[test]
    fn times_before_1970_are_times_too() {
        let check =
            |text: &str, seconds: Option<i64>| assert_eq!(parse_seconds(text), seconds, "{text}");
        check("1970-01-01T00:00:01Z", Some(1));
        check("1969-12-31T23:59:59Z", Some(-1));
        check("1900-03-01T00:00:00Z", Some(-2_203_891_200));
        check("1900-02-29T00:00:00Z", None);
        check("0001-01-01T00:00:00Z", Some(-62_135_596_800));
        check("yesterday", None);
        check("", None);
    }
}
