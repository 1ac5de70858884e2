//! What differs within two lines of a trace, marked as `[-was-]{+is+}`.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// How many characters of a line are shown; the rest is counted.
const MOST_SHOWN: usize = 500;

/// How many characters of what is equal are shown before and behind each difference.
const EQUAL_SHOWN: usize = 30;

/// How many differences of a line are marked; who reads on would not see more.
const MOST_MARKED: usize = 10;

/// How many words are compared one by one: the effort grows with their square. Beyond, all that lies
/// between the common beginning and the common end counts as one difference.
const MOST_WORDS: usize = 4_000;

/// A line, cut where it gets too long to read.
pub(super) fn cut(line: &str) -> String {
    match line.char_indices().nth(MOST_SHOWN) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}… and {} bytes more", &line[..end], line.len() - end),
    }
}

/// The differences of two lines in their surroundings; `None` if the lines have so little in common that
/// marks would only confuse.
pub(super) fn marked(was: &str, is: &str) -> Option<String> {
    let (was, is) = (words(was), words(is));
    let ops = differences(&was, &is);
    if !are_alike(&was, &is, &ops) {
        return None;
    }
    let mut text = String::new();
    let mut marks = 0;
    for (place, op) in ops.iter().enumerate() {
        if let DiffOp::Equal { old_index, len, .. } = *op {
            let equal = was[old_index..old_index + len].concat();
            text.push_str(&surroundings(&equal, place == 0, place + 1 == ops.len()));
            continue;
        }
        if marks == MOST_MARKED {
            text.push_str(" … and more");
            break;
        }
        marks += 1;
        let (old, new) = (was[op.old_range()].concat(), is[op.new_range()].concat());
        if !old.is_empty() {
            text.push_str(&format!("[-{}-]", cut(&old)));
        }
        if !new.is_empty() {
            text.push_str(&format!("{{+{}+}}", cut(&new)));
        }
    }
    Some(text)
}

/// Whether the two have at least half of their words in common. Brackets and quotes do not count: all
/// lines of a trace have them.
pub(super) fn are_alike(was: &[&str], is: &[&str], ops: &[DiffOp]) -> bool {
    let count = |words: &[&str]| words.iter().filter(|word| is_word(word)).count();
    let equal = ops.iter().filter(|op| matches!(op, DiffOp::Equal { .. }));
    let common: usize = equal.map(|op| count(&was[op.old_range()])).sum();
    2 * common >= count(was).max(count(is))
}

fn is_word(word: &str) -> bool {
    word.starts_with(char::is_alphanumeric)
}

pub(super) fn differences(was: &[&str], is: &[&str]) -> Vec<DiffOp> {
    if was.len() + is.len() <= MOST_WORDS {
        return capture_diff_slices(Algorithm::Myers, was, is);
    }
    let before = was.iter().zip(is).take_while(|(was, is)| was == is).count();
    let (old_rest, new_rest) = (&was[before..], &is[before..]);
    let behind = old_rest.iter().rev().zip(new_rest.iter().rev());
    let behind = behind.take_while(|(was, is)| was == is).count();
    let (old_len, new_len) = (old_rest.len() - behind, new_rest.len() - behind);
    vec![
        DiffOp::Equal { old_index: 0, new_index: 0, len: before },
        DiffOp::Replace { old_index: before, old_len, new_index: before, new_len },
        DiffOp::Equal { old_index: before + old_len, new_index: before + new_len, len: behind },
    ]
}

/// A line in words, each a run of letters and digits, or one other character.
pub(super) fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(run.max(first.len_utf8()));
        words.push(word);
        rest = behind;
    }
    words
}

/// What is equal, without what lies far from any difference.
fn surroundings(equal: &str, first: bool, last: bool) -> String {
    let length = equal.chars().count();
    let head = if first { 0 } else { EQUAL_SHOWN };
    let tail = if last { 0 } else { EQUAL_SHOWN };
    if length <= 2 * EQUAL_SHOWN {
        return equal.to_owned();
    }
    let start: String = equal.chars().take(head).collect();
    let end: String = equal.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(was: &str, is: &str, expected: &str) {
        assert_eq!(marked(was, is).as_deref(), Some(expected), "{was:?}, {is:?}");
    }

    #[test]
    fn differences_are_marked_word_by_word() {
        check("a", "a", "a");
        check(r#"{"at":1,"x":"ab"}"#, r#"{"at":12,"x":"ab"}"#, r#"{"at":[-1-]{+12+},"x":"ab"}"#);
        check("a,b,c", "a,c", "a,[-b,-]c");
        check("grün, süß", "grün, sauer", "grün, [-süß-]{+sauer+}");
    }

    #[test]
    fn lines_with_little_in_common_are_not_marked() {
        assert_eq!(marked("", "a"), None);
        assert_eq!(marked(r#"{"at":1,"rule":"x"}"#, r#"{"at":2,"image":"y"}"#), None);
    }

    #[test]
    fn what_is_equal_is_shown_only_near_a_difference() {
        let far = "x ".repeat(100);
        let before = "x ".repeat(EQUAL_SHOWN / 2);
        let behind = " x".repeat(EQUAL_SHOWN / 2);
        let expected = format!("…{before}[-1-]{{+3+}}{behind}…{before}[-2-]{{+4+}}{behind}…");
        check(&format!("{far}1 {far}2 {far}"), &format!("{far}3 {far}4 {far}"), &expected);
    }

    #[test]
    fn long_lines_take_no_long_time_and_no_long_text() {
        let line =
            |seed: usize| (0..100_000).map(|i| format!("{},", i * seed % 7)).collect::<String>();
        let text = marked(&line(2), &line(3)).unwrap_or_default();
        assert!(text.len() < 3 * MOST_SHOWN, "{} bytes", text.len());
        assert!(cut(&line(2)).ends_with("… and 199500 bytes more"));
    }
}
