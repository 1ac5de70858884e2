//! A file that an option names and that is written at the end, whole or not at all.

use std::io;
use std::path::{Path, PathBuf};

use crate::replay::WholeFile;

/// Where a text will go, with the name that the user gave it.
pub(super) struct OutputFile {
    path: PathBuf,
    file: WholeFile,
}

impl OutputFile {
    /// Makes sure that the file can be written, and leaves what is there alone.
    ///
    /// # Errors
    /// A sentence for people, also if the file is the scenario.
    pub(super) fn prepare(
        option: &str,
        path: &Path,
        scenario: Option<&Path>,
    ) -> Result<Self, String> {
        let real = |path: &Path| path.canonicalize().ok();
        if scenario.is_some_and(|scenario| real(scenario).is_some() && real(scenario) == real(path))
        {
            return Err(format!("{option} {} would overwrite the scenario", path.display()));
        }
        let file = WholeFile::open(path).map_err(|error| cannot(path, &error))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes the text and puts it in its place.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn write(self, text: &str) -> Result<(), String> {
        self.file.write(text.as_bytes()).map_err(|error| cannot(&self.path, &error))
    }
}

fn cannot(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
