//! The report that CI systems read: a suite for each file, a case for each run.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::report::explain;
use super::report_form::what_failed;
use super::run::Run;
use super::text::FileOutcome;

/// The report as XML.
///
/// # Errors
/// A sentence for people, if it cannot be put into XML.
pub fn junit(files: &[FileOutcome]) -> Result<String, String> {
    let mut report = Report::new("imsim replay");
    report.add_test_suites(files.iter().map(suite));
    let real = files.iter().flat_map(|file| &file.runs).map(|run| run.replayed.real).sum();
    report.set_time(real);
    report.to_string().map_err(|error| format!("cannot make a JUnit report: {error}"))
}

fn suite(file: &FileOutcome) -> TestSuite {
    let name = file.file.display().to_string();
    let mut suite = TestSuite::new(name.as_str());
    if let Some(about) = &file.about {
        suite.add_property(("about", about.as_str()));
    }
    suite.set_time(file.runs.iter().map(|run| run.replayed.real).sum());
    suite.add_test_cases(file.runs.iter().map(|run| case(&name, run)));
    if let Some(broken) = &file.broken {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("could_not_run").set_message(broken.as_str());
        let mut case = TestCase::new("could not run", status);
        case.set_classname(name.as_str());
        suite.add_test_case(case);
    }
    suite
}

fn case(file: &str, run: &Run) -> TestCase {
    let replayed = &run.replayed;
    let seed = replayed.seed;
    let status = if run.held() {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let (kind, first) = what_failed(run);
        status.set_type(kind).set_message(format!("seed {seed}: {first}"));
        status.set_description(format!("seed {seed}\n{}", explain(run)));
        status
    };
    let mut case = TestCase::new(format!("seed {seed}"), status);
    case.set_classname(file).set_time(replayed.real);
    case.add_property(("seed", seed.to_string().as_str()));
    case.add_property(("shards", replayed.shards.to_string().as_str()));
    case.add_property(("digest", replayed.digest.to_string().as_str()));
    case.add_property(("simulated_ms", replayed.simulated.as_millis().to_string().as_str()));
    case
}
