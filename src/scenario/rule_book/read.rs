//! From JSON to a rule.

use serde_json::Value;

use super::super::file::explained;
use super::super::rule::RuleEntry;
use super::super::world_edit::{self, EditError};
use super::BookError;

/// Reads a rule from the text of a request, as strictly as in a file.
///
/// # Errors
/// If it has not the form of a rule.
pub fn parse(text: &[u8]) -> Result<RuleEntry, BookError> {
    Ok(world_edit::read(text)?)
}

/// Reads a merge patch from the text of a request.
///
/// # Errors
/// If it is no JSON object.
pub fn parse_patch(text: &[u8]) -> Result<Value, BookError> {
    Ok(world_edit::read(text)?)
}

impl From<EditError> for BookError {
    fn from(error: EditError) -> Self {
        Self::Wrong { at: error.at, message: error.message }
    }
}

/// Reads a rule from JSON, with the place of what is wrong.
///
/// # Errors
/// If it has not the form of a rule.
pub fn read(document: &Value) -> Result<RuleEntry, BookError> {
    serde_path_to_error::deserialize(document).map_err(|error| {
        let at = error.path().to_string();
        let message = explained(&error.inner().to_string());
        BookError::Wrong { at: if at == "." { String::new() } else { at }, message }
    })
}
