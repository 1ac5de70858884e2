//! Why a change to the world is refused.

use std::fmt;

use serde::de::DeserializeOwned;

use super::super::file::plain;
use super::super::problem::Misfit;

/// Why a change to the world, or a look at it, is refused; then nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError {
    /// What kind of refusal it is.
    pub kind: EditErrorKind,
    /// The place in the document as a path of keys and numbers, for example `members.lab`; empty for the
    /// document as a whole and for what was named beside it.
    pub at: String,
    /// What was found, and what would be right.
    pub message: String,
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditErrorKind {
    /// What is to be changed or shown does not exist.
    NotFound,
    /// A name or an id is taken.
    Conflict,
    /// The document makes no sense.
    Wrong,
}

impl EditErrorKind {
    /// The word for people and programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::Wrong => "wrong",
        }
    }
}

impl std::error::Error for EditError {}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.message)
    }
}

impl EditError {
    pub(super) fn new(kind: EditErrorKind, misfit: &Misfit) -> Self {
        Self { kind, at: misfit.path_text(), message: misfit.message.clone() }
    }

    pub(super) fn not_found(misfit: &Misfit) -> Self {
        Self::new(EditErrorKind::NotFound, misfit)
    }

    /// The error without so many first steps of its path, for a document that is only a part.
    pub(super) fn inside(kind: EditErrorKind, mut misfit: Misfit, steps: usize) -> Self {
        misfit.path.drain(..steps.min(misfit.path.len()));
        Self::new(kind, &misfit)
    }
}

impl From<Misfit> for EditError {
    fn from(misfit: Misfit) -> Self {
        Self::new(EditErrorKind::Wrong, &misfit)
    }
}

/// Reads a document as strictly as a scenario file is read.
pub(in crate::scenario) fn read<T: DeserializeOwned>(document: &[u8]) -> Result<T, EditError> {
    let wrong = |at: String, message: String| EditError { kind: EditErrorKind::Wrong, at, message };
    let text = std::str::from_utf8(document).map_err(|error| {
        let at = error.valid_up_to();
        wrong(String::new(), format!("byte {at} is not UTF-8; JSON is text in UTF-8"))
    })?;
    // Derived readers also take a list with the values in order, which nobody means, and of other values
    // they say what they expect in words of this program.
    if !text.trim_start().starts_with('{') {
        let found = if text.trim().is_empty() { "found nothing; " } else { "" };
        return Err(wrong(String::new(), format!("{found}a JSON object is needed")));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // So it calls the document as a whole, and a place in what is no JSON.
        let path = if matches!(path.as_str(), "." | "?") { String::new() } else { path };
        wrong(path, placed(text, error.inner()))
    })?;
    json.end().map_err(|error| wrong(String::new(), placed(text, &error)))?;
    Ok(read)
}

/// What is wrong; where the text is no JSON, with line and column, since no path leads there.
fn placed(text: &str, error: &serde_json::Error) -> String {
    let message = plain(text, error);
    if error.is_data() {
        return message;
    }
    format!("{message} at line {} column {}", error.line(), error.column())
}
