//! Where two traces part, found line by line while the second one is written: neither is ever held whole.

use std::fmt::Write as _;
use std::io::{self, BufRead, Read as _, Write};

use super::marked::{cut, marked};

/// The first line in which two traces differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the line, from 1.
    pub line: u64,
    /// The line that was to come; `None` if the trace was to end before it.
    pub expected: Option<String>,
    /// The line that came; `None` if the trace had ended.
    pub found: Option<String>,
}

impl Difference {
    /// Both lines and, if they are much alike, what differs in them, each on a line with its label;
    /// `expected` and `found` say which traces they are.
    #[must_use]
    pub fn explain(&self, expected: &str, found: &str) -> String {
        let marks = "differing";
        let width = expected.len().max(found.len()).max(marks.len());
        let shown = |line: &Option<String>| match line {
            Some(line) => cut(line),
            None => "the trace has ended".to_owned(),
        };
        let mut text = String::new();
        let _ = writeln!(text, "        {expected:width$}  {}", shown(&self.expected));
        let _ = writeln!(text, "        {found:width$}  {}", shown(&self.found));
        let lines = self.expected.as_ref().zip(self.found.as_ref());
        if let Some(marked) = lines.and_then(|(expected, found)| marked(expected, found)) {
            let _ = writeln!(text, "        {marks:width$}  {marked}");
        }
        text
    }
}

/// The longest line that is compared as a whole: two bodies of the longest kept length, escaped, fit.
const LONGEST_LINE: u64 = 1024 * 1024;

/// Compares what is written to it with a trace that is there already, and remembers the first difference.
pub(super) struct Comparer<R> {
    trace: R,
    line: u64,
    /// What was written of a line that has not ended yet.
    begun: Vec<u8>,
    first: Option<Difference>,
    failed: Option<io::Error>,
}

impl<R: BufRead> Comparer<R> {
    pub(super) fn new(trace: R) -> Self {
        Self { trace, line: 0, begun: Vec::new(), first: None, failed: None }
    }

    /// The first difference, once everything is written.
    ///
    /// # Errors
    /// If the trace that was there already could not be read.
    pub(super) fn finish(mut self) -> io::Result<Option<Difference>> {
        if !self.begun.is_empty() {
            self.compare_line();
        }
        if self.is_open() {
            self.line += 1;
            self.first = match next_line(&mut self.trace)? {
                None => None,
                Some(rest) => {
                    Some(Difference { line: self.line, expected: Some(text(&rest)), found: None })
                }
            };
        }
        self.failed.map_or(Ok(self.first), Err)
    }

    /// Whether a difference may still come.
    fn is_open(&self) -> bool {
        self.first.is_none() && self.failed.is_none()
    }

    /// Compares the line that was begun with the next one of the trace.
    fn compare_line(&mut self) {
        self.line += 1;
        match next_line(&mut self.trace) {
            Ok(Some(line)) if line == self.begun => {}
            Ok(line) => {
                let (expected, found) = (line.map(|line| text(&line)), Some(text(&self.begun)));
                self.first = Some(Difference { line: self.line, expected, found });
            }
            Err(error) => self.failed = Some(error),
        }
        self.begun.clear();
    }
}

impl<R: BufRead> Write for Comparer<R> {
    /// Never fails: what goes wrong with the other trace is told in the end.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n').filter(|_| self.is_open())
        {
            self.begun.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            self.compare_line();
        }
        if self.is_open() {
            self.begun.extend_from_slice(rest);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The next line without its end, cut at the longest length; `None` at the end of the trace.
pub(super) fn next_line(trace: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if trace.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(Some(line))
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, found: &str, first: Option<(u64, Option<&str>, Option<&str>)>) {
        let first = first.map(|(line, expected, found)| Difference {
            line,
            expected: expected.map(str::to_owned),
            found: found.map(str::to_owned),
        });
        // Whatever the pieces in which it is written.
        for size in [1, 2, 7, 1_000] {
            let mut comparer = Comparer::new(expected.as_bytes());
            for piece in found.as_bytes().chunks(size) {
                comparer.write_all(piece).expect("it never fails");
            }
            let difference = comparer.finish().expect("memory can be read");
            assert_eq!(difference, first, "{expected:?}, {found:?}, in pieces of {size}");
        }
    }

    #[test]
    fn the_first_difference_is_found_with_its_line() {
        check("", "", None);
        check("a\nb\n", "a\nb\n", None);
        check("a\nb\nc\n", "a\nx\ny\n", Some((2, Some("b"), Some("x"))));
        check("a\n", "a\nb\n", Some((2, None, Some("b"))));
        check("a\nb\n", "a\n", Some((2, Some("b"), None)));
        check("", "a\n", Some((1, None, Some("a"))));
        check("a\n\nb\n", "a\nb\n", Some((2, Some(""), Some("b"))));
    }

    #[test]
    fn a_trace_that_cannot_be_read_is_no_equal_one() {
        struct Broken;
        impl io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let mut comparer = Comparer::new(io::BufReader::new(Broken));
        comparer.write_all(b"a\nb\n").expect("it never fails");
        let error = comparer.finish().expect_err("nothing was compared");
        assert_eq!(error.to_string(), "the disk is gone");
    }

    #[test]
    fn both_lines_and_what_differs_in_them_are_shown() {
        let difference = Difference {
            line: 3,
            expected: Some(r#"{"at":700,"event":"job_started"}"#.to_owned()),
            found: Some(r#"{"at":800,"event":"job_started"}"#.to_owned()),
        };
        let check = |difference: &Difference, names: [&str; 2], expected: &[&str]| {
            let text = difference.explain(names[0], names[1]);
            assert_eq!(text.lines().map(str::trim_start).collect::<Vec<_>>(), expected);
        };
        check(
            &difference,
            ["on 1 shard", "on 4 shards"],
            &[
                r#"on 1 shard   {"at":700,"event":"job_started"}"#,
                r#"on 4 shards  {"at":800,"event":"job_started"}"#,
                r#"differing    {"at":[-700-]{+800+},"event":"job_started"}"#,
            ],
        );
        let longer = Difference { found: None, ..difference };
        check(
            &longer,
            ["golden", "found"],
            &[r#"golden     {"at":700,"event":"job_started"}"#, "found      the trace has ended"],
        );
    }
}
