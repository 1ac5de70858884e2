//! What a replay prints.

use std::fmt::Write as _;
use std::path::Path;

use super::failure::MOST_EXPLAINED;
use super::golden::{Drift, Golden, Summary, golden_path};
use super::run::{Again, Run};
use super::{Replayed, StepFailure, TargetReplayed};
use crate::journal::invariants::Violations;
use crate::seed::Seed;

/// One line for a file that held, and what did not hold beneath it otherwise.
#[must_use]
pub fn line(replayed: &Replayed, width: usize) -> String {
    let held = replayed.held();
    let mut text = format!("{}\n", head(held, replayed, width));
    text.push_str(&failures(replayed));
    if !held {
        text.push_str(&repeat_with(replayed, ""));
    }
    text
}

/// As [`line()`], with what was looked at beside the expectations.
pub(super) fn run_line(run: &Run, width: usize) -> String {
    let mut text = head(run.held(), &run.replayed, width);
    if let Some(again) = run.again.as_ref().filter(|again| again.is_same()) {
        let _ = write!(text, "  same on {}", shards(again.shards));
    }
    text.push_str(&match run.golden {
        Golden::Same => "  same as golden".to_owned(),
        Golden::Written => "  golden trace written".to_owned(),
        Golden::OtherSeed { own } => other_seed(own),
        _ => String::new(),
    });
    text.push('\n');
    text.push_str(&explain(run));
    text
}

/// Why a golden trace was not looked at.
pub(super) fn other_seed(own: Seed) -> String {
    format!("  golden trace is of seed {own}")
}

fn head(held: bool, replayed: &Replayed, width: usize) -> String {
    let verdict = if held { "passed" } else { "FAILED" };
    let file = replayed.file.display().to_string();
    let digest = replayed.digest.to_string();
    format!(
        "{verdict}  {file:width$}  seed {}  simulated {}  real {:.1}ms  digest {}",
        replayed.seed,
        replayed.simulated,
        replayed.real.as_secs_f64() * 1_000.0,
        &digest[..16],
    )
}

/// All that did not hold of a run, and the command that repeats it; nothing if all held.
pub(super) fn explain(run: &Run) -> String {
    let replayed = &run.replayed;
    let mut text = failures(replayed);
    if let Some(again) = &run.again {
        text.push_str(&explain_again(again, replayed.shards));
    }
    match &run.golden {
        Golden::Drifted(drift) => text.push_str(&explain_drift(drift, replayed)),
        Golden::NotWritten => text.push_str("    golden trace not written: the run did not hold\n"),
        _ => {}
    }
    if !run.held() {
        text.push_str(&repeat_with(replayed, if run.again.is_some() { " --check" } else { "" }));
    }
    text
}

/// What the file expects and did not find.
fn failures(replayed: &Replayed) -> String {
    let mut text = explain_failures(&replayed.failures);
    text.push_str(&violations(&replayed.violations));
    text
}

fn explain_failures(failures: &[StepFailure]) -> String {
    let mut text: String = failures.iter().take(MOST_EXPLAINED).map(explain_failure).collect();
    if failures.len() > MOST_EXPLAINED {
        let _ = writeln!(text, "    and {} more", failures.len() - MOST_EXPLAINED);
    }
    text
}

/// One line for a file that held on a server, with what was skipped, and what did not hold beneath it
/// otherwise.
#[must_use]
pub fn target_line(replayed: &TargetReplayed, width: usize) -> String {
    let verdict = if replayed.failures.is_empty() { "passed" } else { "FAILED" };
    let file = replayed.file.display().to_string();
    let (url, real) = (&replayed.url, replayed.real.as_secs_f64() * 1_000.0);
    let mut text = format!("{verdict}  {file:width$}  target {url}  real {real:.1}ms\n");
    for remark in replayed.skipped.to_string().lines() {
        let _ = writeln!(text, "    {remark}");
    }
    for note in &replayed.notes {
        let _ = writeln!(text, "    note: {note}");
    }
    text.push_str(&explain_failures(&replayed.failures));
    if !replayed.failures.is_empty() {
        let _ = writeln!(text, "    repeat with: imsim replay {file} --target {url}");
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

/// Where a failure is, for people: the line, the step, and what the step does.
pub(super) fn place(failure: &StepFailure) -> String {
    match failure.kind {
        "must_fire" => "faults: must_fire".to_owned(),
        _ => format!("line {}: {}", failure.line, failure.place()),
    }
}

fn explain_failure(failure: &StepFailure) -> String {
    let mut text = format!("    {}\n", place(failure));
    for mismatch in &failure.mismatches {
        let _ = writeln!(text, "      {}", mismatch.what);
        let _ = writeln!(text, "        expected  {}", mismatch.expected);
        let _ = writeln!(text, "        found     {}", mismatch.found);
    }
    text
}

fn explain_again(again: &Again, first: usize) -> String {
    let mut text = String::new();
    if let Some(difference) = &again.difference {
        let line = difference.line;
        let _ = writeln!(text, "    a second run gave another trace; line {line} differs");
        let (first, second) = (shards(first), shards(again.shards));
        text.push_str(&difference.explain(&format!("on {first}"), &format!("on {second}")));
    } else if again.failed_otherwise {
        let second = shards(again.shards);
        let _ = writeln!(
            text,
            "    a second run, on {second}, gave the same trace, but other steps failed"
        );
    }
    text
}

fn explain_drift(drift: &Drift, replayed: &Replayed) -> String {
    let golden = golden_path(&replayed.file);
    let mut text = format!("    golden trace {}", golden.display());
    match drift {
        Drift::Line(difference) => {
            let _ = writeln!(text, ": line {} differs", difference.line);
            text.push_str(&difference.explain("golden", "found"));
        }
        Drift::Digest { expected, found } => {
            let shown = |it: &Summary| format!("{} lines, digest {}", it.lines, it.digest);
            text.push_str(": another digest; of a long trace no lines are kept\n");
            let _ = writeln!(text, "        golden  {}", shown(expected));
            let _ = writeln!(text, "        found   {}", shown(found));
        }
    }
    if replayed.held() {
        let file = quoted(&replayed.file);
        let _ =
            writeln!(text, "    if it is right so, keep it: imsim replay {file} --golden write");
    }
    text
}

fn repeat_with(replayed: &Replayed, more: &str) -> String {
    let (file, seed, shards) = (quoted(&replayed.file), replayed.seed, replayed.shards);
    format!("    repeat with: imsim replay {file} --seed {seed} --shards {shards}{more}\n")
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let text = shell_word(&path.display().to_string());
    // A name that begins like an option is one unless a folder stands before it.
    if text.starts_with('-') { format!("./{text}") } else { text }
}

/// A word as a shell takes it.
pub(crate) fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    let plain = !word.is_empty() && word.chars().all(plain);
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn shards(shards: usize) -> String {
    format!("{shards} {}", if shards == 1 { "shard" } else { "shards" })
}

/// The last line; files that could not run are named only if there are some.
#[must_use]
pub fn summary(passed: usize, failed: usize, broken: usize) -> String {
    let total = passed + failed + broken;
    let noun = if total == 1 { "scenario" } else { "scenarios" };
    let broken = if broken > 0 { format!(", {broken} could not run") } else { String::new() };
    format!("{total} {noun}: {passed} passed, {failed} failed{broken}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_typed_as_it_is_shown() {
        let check = |path: &str, expected: &str| assert_eq!(quoted(Path::new(path)), expected);
        check("scenarios/a-b_c.json", "scenarios/a-b_c.json");
        check("my scenario.json", "'my scenario.json'");
        check("it's.json", r"'it'\''s.json'");
        check("-x.json", "./-x.json");
        check("größe.json", "größe.json");
    }
}
