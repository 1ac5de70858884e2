//! Patterns with `*` and `?`, as rules and questions have them.

use wildmatch::WildMatch;

/// The longest pattern: matching takes as many steps as pattern and text have letters, multiplied, and no
/// path of the service has more than a hundred.
pub const LONGEST_PATTERN: usize = 1_000;

/// Reads a pattern.
///
/// # Errors
/// If it is longer than [`LONGEST_PATTERN`].
pub fn pattern(text: &str) -> Result<WildMatch, String> {
    if text.len() > LONGEST_PATTERN {
        return Err(format!("{} bytes; a pattern has at most {LONGEST_PATTERN}", text.len()));
    }
    Ok(WildMatch::new(text))
}
