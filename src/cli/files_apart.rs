//! Files that options name, and that must not be each other.

use std::path::{Path, PathBuf};

/// A file with the option that names it.
pub(super) type NamedFile<'a> = (&'static str, Option<&'a Path>);

/// Makes sure that nothing that is written is something that is read, or is written twice.
///
/// # Errors
/// A sentence for people that names both options.
pub(super) fn keep_apart(read: &[NamedFile<'_>], written: &[NamedFile<'_>]) -> Result<(), String> {
    let known = |files: &[NamedFile<'_>]| -> Vec<(&'static str, PathBuf)> {
        let said = files.iter().filter_map(|(option, path)| Some((*option, (*path)?)));
        said.filter_map(|(option, path)| Some((option, place(path)?))).collect()
    };
    let (read, written) = (known(read), known(written));
    for (number, (option, path)) in written.iter().enumerate() {
        if let Some((other, _)) = read.iter().find(|(_, other)| other == path) {
            return Err(format!("{option} {} would overwrite {other}", path.display()));
        }
        if let Some((other, _)) = written[..number].iter().find(|(_, other)| other == path) {
            return Err(format!("{other} and {option} name the same file, {}", path.display()));
        }
    }
    Ok(())
}

/// Where a file is or will be; `None` for what has no content of its own, such as a device or a pipe.
fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = path.canonicalize() {
        return real.is_file().then_some(real);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_where_they_are() {
        let folder = tempfile::tempdir().expect("room on the disk");
        let (key, other) = (folder.path().join("key"), folder.path().join("other"));
        std::fs::write(&key, "a key").expect("room on the disk");
        let same = folder.path().join(".").join("key");
        let null = Path::new("/dev/null");
        let check = |read: &Path, written: [&Path; 2], expected: Option<&str>| {
            let written = [("--trace", Some(written[0])), ("--record", Some(written[1]))];
            let found = keep_apart(&[("--tls-key", Some(read)), ("--tls-cert", None)], &written);
            let found =
                found.err().map(|text| text.replace(&folder.path().display().to_string(), "."));
            assert_eq!(found.as_deref(), expected);
        };
        let more = folder.path().join("more");
        check(&key, [&other, &more], None);
        check(&key, [&other, &same], Some("--record ./key would overwrite --tls-key"));
        check(&key, [&other, &other], Some("--trace and --record name the same file, ./other"));
        check(null, [null, null], None);
    }
}
