//! Two values side by side, with what differs in them marked.

use maud::{Markup, html};
use similar::DiffOp;

use crate::replay::marked::{are_alike, cut, differences, words};

/// How many characters of what is equal are shown around each difference of long values.
const EQUAL_SHOWN: usize = 60;

/// Values of up to so many characters are shown whole.
const SHORT: usize = 400;

/// What was expected and what was found; marked where the two have enough in common for marks to help.
pub(super) fn differing(expected: &str, found: &str) -> (Markup, Markup) {
    let (was, is) = (words(expected), words(found));
    let ops = differences(&was, &is);
    let equal = |op: &DiffOp| matches!(op, DiffOp::Equal { .. });
    if !are_alike(&was, &is, &ops) || !ops.iter().any(equal) {
        return (html! { (cut(expected)) }, html! { (cut(found)) });
    }
    let shorten = expected.len().max(found.len()) > SHORT;
    let shown = |op: &DiffOp, place: usize, part: &[&str]| {
        let text = part.concat();
        match (equal(op), shorten) {
            (true, true) => around(&text, place == 0, place + 1 == ops.len()),
            (true, false) => text,
            (false, _) => cut(&text),
        }
    };
    let side = |of_expected: bool| {
        html! {
            @for (place, op) in ops.iter().enumerate() {
                @let part = if of_expected { &was[op.old_range()] } else { &is[op.new_range()] };
                @let text = shown(op, place, part);
                @if equal(op) || text.is_empty() { (text) } @else if of_expected { del { (text) } } @else { ins { (text) } }
            }
        }
    };
    (side(true), side(false))
}

/// What is equal, without what lies far from any difference.
fn around(equal: &str, first: bool, last: bool) -> String {
    let length = equal.chars().count();
    if length <= 2 * EQUAL_SHOWN + 10 {
        return equal.to_owned();
    }
    let head = if first { 0 } else { EQUAL_SHOWN };
    let tail = if last { 0 } else { EQUAL_SHOWN };
    let start: String = equal.chars().take(head).collect();
    let end: String = equal.chars().skip(length - tail).collect();
    format!("{start} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, found: &str, sides: (&str, &str)) {
        let (left, right) = differing(expected, found);
        assert_eq!((&*left.into_string(), &*right.into_string()), sides, "{expected} / {found}");
    }

    #[test]
    fn what_differs_is_marked_on_both_sides() {
        check("accepted", "pending", ("accepted", "pending"));
        check(
            "took 1s 200ms",
            "took 1s 300ms",
            ("took 1s <del>200ms</del>", "took 1s <ins>300ms</ins>"),
        );
        check(
            "<b> & c",
            "<b> & d",
            ("&lt;b&gt; &amp; <del>c</del>", "&lt;b&gt; &amp; <ins>d</ins>"),
        );
    }

    #[test]
    fn long_values_are_shown_around_what_differs() {
        let (left, _) = differing(
            &format!("{}1", "word ".repeat(1_000)),
            &format!("{}2", "word ".repeat(1_000)),
        );
        let left = left.into_string();
        assert!(left.len() < 200 && left.ends_with("word <del>1</del>"), "{left}");
    }
}
