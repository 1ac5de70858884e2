//! The reports that `--report` asks for. Each file is tried before anything runs, and written whole when
//! all has run, whatever came of it.

use std::path::{Path, PathBuf};

use super::is_same_file;
use crate::cli::args::{ReportKind, ReportTarget};
use crate::replay::report_form::Report;
use crate::replay::{FileOutcome, WholeFile, golden_path, html, junit};

/// The reports to write, and what they will tell of.
pub(super) struct Reports {
    targets: Vec<(ReportKind, PathBuf, WholeFile)>,
    files: Vec<FileOutcome>,
}

impl Reports {
    /// Makes sure that every report can be written, and that none takes the place of another file of
    /// this command.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn open(
        targets: &[ReportTarget],
        trace: Option<&Path>,
        files: &[PathBuf],
    ) -> Result<Self, String> {
        let mut opened: Vec<(ReportKind, PathBuf, WholeFile)> = Vec::new();
        for target in targets {
            let path = &target.path;
            let is = |other: &Path| is_same_file(path, other);
            let instead_of = if files.iter().any(|file| is(file)) {
                Some("a file that is to be replayed")
            } else if files.iter().any(|file| is(&golden_path(file))) {
                Some("a golden trace")
            } else if trace.is_some_and(is) {
                Some("the trace")
            } else {
                opened.iter().any(|(_, other, _)| is(other)).then_some("another report")
            };
            if let Some(what) = instead_of {
                return Err(format!("--report {} would overwrite {what}", path.display()));
            }
            let file = WholeFile::open(path)
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            opened.push((target.kind, path.clone(), file));
        }
        Ok(Self { targets: opened, files: Vec::new() })
    }

    /// Keeps what became of a file, if there is a report to tell of it.
    pub(super) fn add(&mut self, outcome: FileOutcome) {
        if !self.targets.is_empty() {
            self.files.push(outcome);
        }
    }

    /// Whether a report has pictures of the runs.
    pub(super) fn want_pictures(&self) -> bool {
        self.targets.iter().any(|(kind, _, _)| *kind == ReportKind::Html)
    }

    /// Writes all reports; one that cannot be written keeps no other from being written.
    ///
    /// # Errors
    /// A sentence for people about the first that could not be written.
    pub(super) fn write(self) -> Result<(), String> {
        let mut result = Ok(());
        for (kind, path, file) in self.targets {
            let written = render(kind, &self.files).and_then(|text| {
                file.write(text.as_bytes())
                    .map_err(|error| format!("cannot write {}: {error}", path.display()))
            });
            result = result.and(written);
        }
        result
    }
}

fn render(kind: ReportKind, files: &[FileOutcome]) -> Result<String, String> {
    match kind {
        ReportKind::Junit => junit(files),
        ReportKind::Html => Ok(html::page(files)),
        ReportKind::Json => serde_json::to_string_pretty(&Report::of(files))
            .map(|text| text + "\n")
            .map_err(|error| format!("cannot make a JSON report: {error}")),
    }
}
