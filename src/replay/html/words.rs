//! Numbers and times as a picture has room for them.

use crate::clock::SimDuration;

/// A time in few letters: `0`, `700ms`, `2.25s`, `1m 30s`, `1d 2h`. Of a time with more than two parts,
/// those are the two largest.
pub(crate) fn brief(time: SimDuration) -> String {
    let ms = time.as_millis();
    if ms < 1_000 {
        return if ms == 0 { "0".to_owned() } else { format!("{ms}ms") };
    }
    let mut parts: Vec<String> = Vec::new();
    for (count, unit) in
        [(ms / 86_400_000, "d"), (ms / 3_600_000 % 24, "h"), (ms / 60_000 % 60, "m")]
    {
        if count > 0 {
            parts.push(format!("{count}{unit}"));
        }
    }
    let seconds = ms % 60_000;
    if seconds > 0 {
        let text = format!("{}.{:03}", seconds / 1_000, seconds % 1_000);
        parts.push(format!("{}s", text.trim_end_matches('0').trim_end_matches('.')));
    }
    parts.truncate(2);
    parts.join(" ")
}

/// A number with its noun; nouns here take an `s`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A number with its digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text, or its beginning where there is no room for more characters.
pub(crate) fn fitted(text: &str, room: usize) -> String {
    match text.char_indices().nth(room) {
        None => text.to_owned(),
        Some(_) => text.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_brief() {
        let cases = [
            (0, "0"),
            (700, "700ms"),
            (1_000, "1s"),
            (2_250, "2.25s"),
            (59_999, "59.999s"),
            (60_000, "1m"),
            (90_500, "1m 30.5s"),
            (86_400_000 + 5_000, "1d 5s"),
            (3_600_000, "1h"),
            (86_400_000 + 7_200_000 + 60_000, "1d 2h"),
        ];
        for (ms, expected) in cases {
            assert_eq!(brief(SimDuration::from_millis(ms)), expected);
        }
    }

    #[test]
    fn counts_have_groups_and_plurals() {
        assert_eq!(count(1, "job"), "1 job");
        assert_eq!(count(1_234_567, "pair"), "1,234,567 pairs");
        assert_eq!(fitted("grün und blau", 5), "grün…");
    }
}
