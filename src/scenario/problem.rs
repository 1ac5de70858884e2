//! What is wrong with a scenario file, where, and what would be right.

use std::fmt;
use std::path::PathBuf;

/// A problem of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Line and column of the place, from 1; `None` if the file could not be read at all.
    pub place: Option<(usize, usize)>,
    /// The place as a path of keys and numbers, for example `steps[2].delete_members.images[0]`.
    pub path: String,
    /// What was found, and what would be right.
    pub message: String,
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": ")?;
        if !matches!(self.path.as_str(), "" | "." | "?") {
            write!(f, "{}: ", visible(&self.path))?;
        }
        f.write_str(&visible(&self.message))
    }
}

/// Shows control characters as escapes: what a file holds must not steer somebody's terminal.
pub(crate) fn visible(text: &str) -> String {
    let show =
        |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(show).collect()
}

/// A problem found by its meaning, not yet placed in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) path: Vec<Segment>,
    pub(super) message: String,
}

/// One step into a JSON text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// The value of a key.
    Key(String),
    /// An element of a list.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Misfit {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: message.into() }
    }

    /// The path as people write it.
    pub(super) fn path_text(&self) -> String {
        path_text(&self.path)
    }
}

/// A path as people write it, for example `steps[2].wait_job`.
pub(crate) fn path_text(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Key(key) if text.is_empty() => text.push_str(key),
            Segment::Key(key) => text.extend([".", key]),
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Says where a misfit was found, from the inside out.
pub(super) trait Within<T> {
    /// The misfit lies within this key or element.
    fn within(self, segment: impl Into<Segment>) -> Result<T, Misfit>;
}

impl<T> Within<T> for Result<T, Misfit> {
    fn within(self, segment: impl Into<Segment>) -> Result<T, Misfit> {
        self.map_err(|mut misfit| {
            misfit.path.insert(0, segment.into());
            misfit
        })
    }
}

/// The words of a list as people say it: `a`, `a or b`, `a, b or c`.
pub(super) fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}

/// How alike a name must be to be suggested; 1 is equal.
const ALIKE: f64 = 0.66;

/// Longer names are not compared: the effort grows with the product of the lengths.
const LONGEST_COMPARED: usize = 100;

/// Swapped letters weigh little in the one measure, a common beginning weighs much in the other.
fn likeness(a: &str, b: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(a, b).max(strsim::jaro_winkler(a, b))
}

/// How many names of a world are compared to find the nearest one; more would take longer than a suggestion
/// is worth.
pub(crate) const MOST_COMPARED: usize = 10_000;

/// Names the valid name that is nearest to what was found, as the end of a sentence.
pub(crate) fn nearest<'a>(found: &str, valid: impl Iterator<Item = &'a str>) -> String {
    if found.len() > LONGEST_COMPARED {
        return String::new();
    }
    let scored = valid.map(|name| (likeness(found, name), name));
    // Of equally near names the first in the order of the file is taken.
    // What was found is no suggestion: it exists, but not as what is wanted here.
    let scored = scored.filter(|(_, name)| *name != found);
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    match best {
        Some((score, name)) if score >= ALIKE => format!("; did you mean `{name}`?"),
        _ => String::new(),
    }
}
