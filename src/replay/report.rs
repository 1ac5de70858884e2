//! What a replay prints.

use std::fmt::Write as _;

use super::failure::MOST_EXPLAINED;
use super::{Replayed, StepFailure};
use crate::journal::invariants::Violations;

/// One line for a file that held, and what did not hold beneath it otherwise.
#[must_use]
pub fn line(replayed: &Replayed, width: usize) -> String {
    let verdict = if replayed.held() { "passed" } else { "FAILED" };
    let file = replayed.file.display().to_string();
    let digest = replayed.digest.to_string();
    let mut text = format!(
        "{verdict}  {file:width$}  seed {}  simulated {}  real {:.1}ms  digest {}\n",
        replayed.seed,
        replayed.simulated,
        replayed.real.as_secs_f64() * 1_000.0,
        &digest[..16],
    );
    for failure in replayed.failures.iter().take(MOST_EXPLAINED) {
        text.push_str(&explain(failure));
    }
    if replayed.failures.len() > MOST_EXPLAINED {
        let _ = writeln!(text, "    and {} more", replayed.failures.len() - MOST_EXPLAINED);
    }
    text.push_str(&violations(&replayed.violations));
    if !replayed.held() {
        let (seed, shards) = (replayed.seed, replayed.shards);
        let _ =
            writeln!(text, "    repeat with: imsim replay {file} --seed {seed} --shards {shards}");
    }
    text
}

fn explain(failure: &StepFailure) -> String {
    let place = failure.place();
    let mut text = match failure.kind {
        "must_fire" => "    faults: must_fire\n".to_owned(),
        _ => format!("    line {}: {place}\n", failure.line),
    };
    for mismatch in &failure.mismatches {
        let _ = writeln!(text, "      {}", mismatch.what);
        let _ = writeln!(text, "        expected  {}", mismatch.expected);
        let _ = writeln!(text, "        found     {}", mismatch.found);
    }
    text
}

fn violations(violations: &Violations) -> String {
    let mut text = String::new();
    for violation in violations.kept.iter().take(MOST_EXPLAINED) {
        let _ = writeln!(text, "    {violation}");
    }
    let hidden = violations.kept.len().saturating_sub(MOST_EXPLAINED) as u64 + violations.more;
    if hidden > 0 {
        let _ = writeln!(text, "    and {hidden} more broken invariants");
    }
    text
}

/// The last line; files that could not run are named only if there are some.
#[must_use]
pub fn summary(passed: usize, failed: usize, broken: usize) -> String {
    let total = passed + failed + broken;
    let noun = if total == 1 { "scenario" } else { "scenarios" };
    let broken = if broken > 0 { format!(", {broken} could not run") } else { String::new() };
    format!("{total} {noun}: {passed} passed, {failed} failed{broken}\n")
}
