//! Golden traces: the trace of a scenario as it was once found right, kept beside the scenario. A later
//! run with the same seed must give the same trace.
//!
//! A short trace is kept whole. Of a longer one the file has the first line, which says what run it was,
//! and a second one with the number of lines and the digest of all of them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Seek as _, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Replayed;
use super::difference::{Comparer, Difference, next_line};
use super::whole_file::WholeFile;
use crate::seed::Seed;

/// What is done about golden traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GoldenMode {
    /// Compare where there is one.
    #[default]
    Compare,
    /// Write the trace of each run that held.
    Write,
    /// Look at none.
    Ignore,
}

/// What became of the golden trace of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Golden {
    /// There is none, or nobody wanted to look at it.
    NotLookedAt,
    /// The run has another seed than the file, so that its trace must differ.
    OtherSeed {
        /// The seed of the file.
        own: Seed,
    },
    /// The trace is the golden one.
    Same,
    /// The trace is another one.
    Drifted(Drift),
    /// The trace is the golden one from now on.
    Written,
    /// Nothing was written, since something did not hold.
    NotWritten,
}

/// How a trace differs from its golden one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// A line differs.
    Line(Difference),
    /// The digest differs; the lines of so long a trace are not kept.
    Digest {
        /// What the golden file says.
        expected: Summary,
        /// What the run gave.
        found: Summary,
    },
}

/// What is kept of a long trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// How many lines it has.
    pub lines: u64,
    /// Its digest.
    pub digest: String,
}

impl Summary {
    fn of(replayed: &Replayed) -> Self {
        Self { lines: replayed.lines, digest: replayed.digest.to_string() }
    }
}

/// The most lines of a trace that is kept whole: who wants to read more of them writes a trace file.
pub const MOST_GOLDEN_LINES: usize = 2_000;

/// The most bytes of a trace that is kept whole: golden traces are kept with the source.
pub const MOST_GOLDEN_BYTES: usize = 512 * 1024;

/// Where the golden trace of a scenario stands: `NAME.trace.jsonl` beside `NAME.json`. No search for
/// scenarios takes it for one.
#[must_use]
pub fn golden_path(scenario: &Path) -> PathBuf {
    scenario.with_extension("trace.jsonl")
}

/// Compares a trace with the golden one while it is written.
pub(super) struct GoldenComparer {
    comparer: Comparer<Box<dyn BufRead>>,
    summary: Option<Summary>,
}

impl GoldenComparer {
    /// Opens a golden trace; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut reader = BufReader::new(file);
        let first = next_line(&mut reader)?.unwrap_or_default();
        let second = next_line(&mut reader)?.unwrap_or_default();
        let summary = serde_json::from_slice(&second).ok();
        let trace: Box<dyn BufRead> = match &summary {
            Some(_) => Box::new(Cursor::new(first)),
            None => {
                reader.rewind()?;
                Box::new(reader)
            }
        };
        Ok(Some(Self { comparer: Comparer::new(trace), summary }))
    }

    /// What became of it, once the run has ended.
    ///
    /// # Errors
    /// If it could not be read.
    pub(super) fn finish(self, replayed: &Replayed) -> io::Result<Golden> {
        let difference = self.comparer.finish()?;
        let drift = match self.summary {
            None => difference.map(Drift::Line),
            Some(expected) => {
                let found = Summary::of(replayed);
                let header = difference.filter(|difference| difference.line == 1);
                let digest = (expected != found).then_some(Drift::Digest { expected, found });
                header.map(Drift::Line).or(digest)
            }
        };
        Ok(drift.map_or(Golden::Same, Golden::Drifted))
    }
}

impl Write for GoldenComparer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.comparer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps a trace, as long as it is short, to write it as the golden one.
#[derive(Default)]
pub(super) struct GoldenWriter {
    text: Vec<u8>,
    lines: usize,
    too_long: bool,
}

impl GoldenWriter {
    /// Writes the golden trace of a run.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn finish(mut self, path: &Path, replayed: &Replayed) -> io::Result<()> {
        if self.too_long {
            serde_json::to_writer(&mut self.text, &Summary::of(replayed))?;
            self.text.push(b'\n');
        }
        WholeFile::open(path)?.write(&self.text)
    }
}

impl Write for GoldenWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.too_long {
            return Ok(bytes.len());
        }
        self.text.extend_from_slice(bytes);
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        if self.lines > MOST_GOLDEN_LINES || self.text.len() > MOST_GOLDEN_BYTES {
            self.too_long = true;
            let first = self.text.iter().position(|byte| *byte == b'\n');
            self.text.truncate(first.map_or(0, |end| end + 1));
            self.text.shrink_to_fit();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
