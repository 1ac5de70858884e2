//! Where traces go while they are written.

use std::io::{self, BufReader, BufWriter, Seek as _, Write};

use tempfile::SpooledTempFile;

/// How much of a trace is kept in memory for the comparison with a second one; the rest goes to disk.
const MOST_KEPT_IN_MEMORY: usize = 1024 * 1024;

/// Writes to several sinks; the first that fails ends it.
pub(super) struct Sinks<'a>(pub(super) Vec<&'a mut dyn Write>);

impl Write for Sinks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.iter_mut().try_for_each(|sink| sink.write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|sink| sink.flush())
    }
}

/// The trace of a first run, kept until the second one is compared with it.
pub(super) struct Kept {
    file: BufWriter<SpooledTempFile>,
    failed: Option<io::Error>,
}

impl Kept {
    pub(super) fn new() -> Self {
        Self { file: BufWriter::new(tempfile::spooled_tempfile(MOST_KEPT_IN_MEMORY)), failed: None }
    }

    /// The trace from its beginning.
    ///
    /// # Errors
    /// If it could not be kept, or cannot be read.
    pub(super) fn read(self) -> io::Result<BufReader<SpooledTempFile>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(BufReader::new(file))
    }
}

impl Write for Kept {
    /// Never fails, so that an error here is not taken for one of the trace that somebody asked for.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_none() {
            self.failed = self.file.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::difference::Comparer;
    use super::*;

    #[test]
    fn what_is_kept_of_a_trace_is_read_back_whether_it_fits_in_memory_or_not() {
        for lines in [1, MOST_KEPT_IN_MEMORY / 8] {
            let text = "one line of a trace\n".repeat(lines);
            let mut kept = Kept::new();
            kept.write_all(text.as_bytes()).expect("it never fails");
            let mut comparer = Comparer::new(kept.read().expect("it can be read"));
            comparer.write_all(text.as_bytes()).expect("it never fails");
            assert_eq!(comparer.finish().expect("it can be read"), None);
        }
    }
}
