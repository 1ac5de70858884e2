//! The file that `--trace` names. It is emptied only when there is a trace to write: a run that cannot
//! begin must not cost somebody the trace of the last one, or the scenario itself.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where a trace goes; opened at once, emptied by the first write.
pub(super) struct TraceFile {
    path: PathBuf,
    sink: BufWriter<File>,
    begun: bool,
}

impl TraceFile {
    /// Opens the file for writing and leaves its content alone.
    ///
    /// # Errors
    /// A sentence for people, also if the file is the scenario.
    pub(super) fn open(path: &Path, scenario: Option<&Path>) -> Result<Self, String> {
        let real = |path: &Path| path.canonicalize().ok();
        if scenario.is_some_and(|scenario| real(scenario).is_some() && real(scenario) == real(path))
        {
            return Err(format!("--trace {} would overwrite the scenario", path.display()));
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        match file {
            Ok(file) => {
                Ok(Self { path: path.to_owned(), sink: BufWriter::new(file), begun: false })
            }
            Err(error) => Err(format!("cannot write {}: {error}", path.display())),
        }
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn finish(mut self) -> Result<(), String> {
        self.flush().map_err(|error| format!("cannot write {}: {error}", self.path.display()))
    }
}

impl Write for TraceFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.begun {
            self.begun = true;
            // A device or a pipe has no length to cut.
            if self.sink.get_ref().metadata()?.is_file() {
                self.sink.get_ref().set_len(0)?;
            }
        }
        self.sink.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
