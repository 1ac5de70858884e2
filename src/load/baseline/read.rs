//! Reads the report of an earlier run.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::load::report_form::{LoadReport, REPORT_FORMAT};

/// The longest report: one of a whole day has a row of some three hundred bytes for each second, and with a
/// hundred rules in each still less than this.
pub const LARGEST_REPORT: u64 = 256 * 1024 * 1024;

/// What tells one kind of file from another.
#[derive(Deserialize)]
struct Head {
    format: Option<Value>,
    kinds: Option<IgnoredAny>,
    runs: Option<IgnoredAny>,
    world: Option<IgnoredAny>,
}

/// Reads a report that `--report json=FILE` wrote.
///
/// # Errors
/// A sentence for people that names the file, what was found and what would be right.
pub fn read(path: &Path) -> Result<LoadReport, String> {
    let wrong = |reason: String| format!("{}: {reason}", path.display());
    let mut bytes = Vec::new();
    // The length that a file system tells is no bound: devices and pipes tell none.
    File::open(path)
        .and_then(|file| file.take(LARGEST_REPORT + 1).read_to_end(&mut bytes))
        .map_err(|error| wrong(error.to_string()))?;
    if bytes.len() as u64 > LARGEST_REPORT {
        return Err(wrong(format!("longer than {LARGEST_REPORT} bytes, the longest report")));
    }
    parse(&bytes).map_err(wrong)
}

/// Reads a report from its text.
pub(super) fn parse(bytes: &[u8]) -> Result<LoadReport, String> {
    let right = "a baseline is what `imsim load --report json=FILE` wrote";
    let head: Head = serde_json::from_slice(bytes).map_err(|error| {
        let what = if error.is_data() { "no report" } else { "no JSON" };
        format!("{what} ({error}); {right}")
    })?;
    let other = match head {
        Head { kinds: Some(_), .. } => None,
        Head { runs: Some(_), .. } => Some("a report of `imsim replay`"),
        Head { world: Some(_), .. } => Some("a scenario"),
        _ => Some("no report of a load run"),
    };
    if let Some(other) = other {
        return Err(format!("it is {other}; {right}"));
    }
    let format = head.format.unwrap_or(Value::Null);
    if format.as_u64() != Some(REPORT_FORMAT.into()) {
        return Err(format!(
            "its format is {format}, and this program compares with format {REPORT_FORMAT}; make it again \
             with this version"
        ));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        format!("{path}: {error}; {right}")
    })
}
