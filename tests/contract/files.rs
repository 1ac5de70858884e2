//! Folders of exchanges: one test a file, and no file without a test.

use std::path::{Path, PathBuf};

/// A folder of exchanges, given by its path in the project.
pub(super) fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The names of a folder's files of exchanges.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder of the exchanges");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("a name in ASCII"));
    let mut found: Vec<String> = names.filter(|name| name.ends_with(".txt")).collect();
    found.sort();
    found
}

/// A test for each file, which calls `check` with its name, and one that none is forgotten.
macro_rules! files {
    ($folder:expr, $($test:ident: $file:literal,)*) => {
        $(#[test] fn $test() { check($file); })*

        #[test]
        fn every_file_is_checked() {
            assert_eq!($crate::files::names(&$folder), [$($file),*]);
        }
    };
}
pub(super) use files;
