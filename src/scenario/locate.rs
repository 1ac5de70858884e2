//! Finds the line and column of a place in a JSON text, for problems that only the meaning shows.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::problem::Segment;

/// Line and column, from 1, of the value at `path`, or of the deepest part of it that exists.
pub(super) fn locate(text: &str, path: &[Segment]) -> (usize, usize) {
    let mut value = text;
    for segment in path {
        match enter(value, segment) {
            Some(inner) => value = inner,
            None => break,
        }
    }
    // Every value is a slice of the text, so its place is the difference of the two addresses.
    let offset = (value.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    line_and_column(text, offset)
}

fn enter<'t>(value: &'t str, segment: &Segment) -> Option<&'t str> {
    match segment {
        Segment::Key(key) => {
            let object: BTreeMap<String, &RawValue> = serde_json::from_str(value).ok()?;
            object.get(key).map(|inner| inner.get())
        }
        Segment::Index(index) => {
            let list: Vec<&RawValue> = serde_json::from_str(value).ok()?;
            list.get(*index).map(|inner| inner.get())
        }
    }
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns_from_one() {
        let text = "{\n  \"steps\": [\n    {\"ü\": [1, 22]}\n  ]\n}";
        let check = |path: &[Segment], place| assert_eq!(locate(text, path), place, "{path:?}");
        check(&[], (1, 1));
        check(&["steps".into()], (2, 12));
        check(&["steps".into(), 0.into()], (3, 5));
        check(&["steps".into(), 0.into(), "ü".into(), 1.into()], (3, 15));
        check(&["steps".into(), 7.into(), "ü".into()], (2, 12));
    }
}
