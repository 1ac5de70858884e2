//! Files that appear whole or not at all: a reader never sees half of one, and what was there stays until
//! the new one is complete.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that will be written in one go.
pub struct WholeFile {
    /// Where it will stand; a link is followed.
    path: PathBuf,
    place: Place,
}

enum Place {
    /// Beside the target, to be put in its place.
    Beside(NamedTempFile),
    /// A device or a pipe has a name that nothing may take away.
    Itself(File),
}

impl WholeFile {
    /// Makes sure that the file can be written, and leaves what is there alone.
    ///
    /// # Errors
    /// If there is no such folder, it cannot be written, or the path is a folder itself.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let there = fs::metadata(&path).ok();
        let place = match &there {
            Some(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Some(there) if !there.is_file() => {
                Place::Itself(File::options().write(true).open(&path)?)
            }
            _ => Place::Beside(beside(&path, there.map(|there| there.permissions()))?),
        };
        Ok(Self { path, place })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If it cannot be written; then it is as it was.
    pub fn write(self, bytes: &[u8]) -> io::Result<()> {
        match self.place {
            Place::Itself(mut file) => file.write_all(bytes),
            Place::Beside(mut file) => {
                file.write_all(bytes)?;
                file.persist(&self.path)?;
                Ok(())
            }
        }
    }
}

/// An empty file in the same folder, with the rights of the file that it will replace.
fn beside(path: &Path, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::metadata(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".imsim-");
    if let Some(permissions) = permissions.or_else(usual) {
        builder.permissions(permissions);
    }
    // The message of the library names the temporary file, which says nothing to anybody.
    builder.tempfile_in(folder).map_err(|error| error.kind().into())
}

/// The rights of a new file, of which the system takes away what the user's mask says; a temporary file
/// would else be its owner's alone.
#[cfg(unix)]
fn usual() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn usual() -> Option<Permissions> {
    None
}
