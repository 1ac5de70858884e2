//! A file that is there as a whole or not at all: it is written beside its place and then put there.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where a text will go.
pub(super) struct WholeFile {
    path: PathBuf,
    /// Where it is written first; `None` if the place is a device or a pipe, which nothing can take the
    /// place of.
    beside: Option<PathBuf>,
}

impl WholeFile {
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
        let special = fs::metadata(path).is_ok_and(|kind| !kind.is_file() && !kind.is_dir());
        if path.is_dir() || path.file_name().is_none() {
            return Err(format!("cannot write {}: it is no name of a file", path.display()));
        }
        // Through a link, since what it points to is meant.
        let path = real(path).unwrap_or_else(|| path.to_owned());
        let beside = (!special).then(|| {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{}.part", std::process::id()));
            path.with_file_name(name)
        });
        let file = Self { path, beside };
        file.open().map_err(|error| file.cannot(&error))?;
        Ok(file)
    }

    fn open(&self) -> std::io::Result<fs::File> {
        let target = self.beside.as_ref().unwrap_or(&self.path);
        OpenOptions::new().write(true).create(true).truncate(true).open(target)
    }

    fn cannot(&self, error: &std::io::Error) -> String {
        format!("cannot write {}: {error}", self.path.display())
    }

    /// Writes the text and puts it in its place.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn write(mut self, text: &str) -> Result<(), String> {
        let write = || {
            let mut file = self.open()?;
            file.write_all(text.as_bytes())?;
            self.beside.as_ref().map_or(Ok(()), |beside| {
                file.sync_all()?;
                fs::rename(beside, &self.path)
            })
        };
        write().map_err(|error| self.cannot(&error))?;
        self.beside = None;
        Ok(())
    }
}

/// What was not put in its place is not left beside it.
impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}
