//! Runs the program in a folder of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of this test's own below the build's temporary one.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the build's folder can be written");
    folder
}

/// Runs the program to its end.
pub(crate) fn imsim(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imsim"));
    command.current_dir(folder).args(arguments).output().expect("the program was built")
}

/// A scenario with these steps, of one image that is shared with one project.
pub(crate) fn scenario(steps: &str) -> String {
    format!(
        r#"{{
  "format": 1,
  "world": {{
    "projects": {{ "studio": {{}}, "lab": {{}} }},
    "images": {{ "web": {{ "owner": "studio", "members": {{ "lab": "accepted" }} }} }}
  }},
  "steps": [
{steps}
  ]
}}
"#
    )
}

/// A step that finds what it expects.
pub(crate) const GOOD: &str = r#"    { "list_members": { "token": "studio", "image": "web", "expect": { "members": { "lab": "accepted" } } } }"#;
/// A step that does not.
pub(crate) const WRONG: &str = r#"    { "list_members": { "token": "studio", "image": "web", "expect": { "members": { "lab": "pending" } } } }"#;

/// Runs the program and compares its exit code and what each stream contains.
pub(crate) fn check(folder: &Path, arguments: &[&str], code: i32, out: &[&str], err: &[&str]) {
    let output = imsim(folder, arguments);
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let all = format!("{arguments:?}\n--- stdout\n{stdout}--- stderr\n{stderr}");
    assert_eq!(output.status.code(), Some(code), "{all}");
    for text in out {
        assert!(stdout.contains(text), "`{text}` is not in stdout of {all}");
    }
    for text in err {
        assert!(stderr.contains(text), "`{text}` is not in stderr of {all}");
    }
}
