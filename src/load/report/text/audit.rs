//! What the server has, held against what it promised.

use std::fmt::Write as _;

use crate::load::audit_form::{Audit, Violation, ViolationKind};
use crate::load::words::{count, grouped, visible};

/// How many violations are printed; the other reports have more.
const MOST_PRINTED: usize = 20;

pub(super) fn audit(audit: &Audit) -> String {
    let mut text = "\npromised and found\n".to_owned();
    if let Some(why) = &audit.why_not {
        let how = if audit.done { "not in full" } else { "not compared" };
        let _ = writeln!(text, "  {how}: {}", visible(why));
    } else if !audit.done {
        text.push_str("  not compared\n");
    }
    if !audit.done {
        return text;
    }
    let _ = writeln!(text, "  {}", sentence(audit));
    for kind in ViolationKind::ALL {
        let number = audit.count(kind);
        if number > 0 {
            let _ = writeln!(text, "  {}: {}", kind.words(), grouped(number));
        }
    }
    for violation in audit.violations.iter().take(MOST_PRINTED) {
        text.push_str(&one(violation));
    }
    let more = audit.total().saturating_sub(audit.violations.len().min(MOST_PRINTED) as u64);
    if more > 0 {
        let _ = writeln!(text, "    and {} more", grouped(more));
    }
    let remarks = [
        (audit.explained, "difference", "that a fault rule explains which struck the job"),
        (audit.not_judged, "case", "of which nothing certain can be said"),
        (audit.ambiguous, "batch answer", "that did not tell whether a job was accepted"),
    ];
    for (number, noun, words) in remarks {
        if number > 0 {
            let _ = writeln!(text, "  {} {words}", count(number, noun));
        }
    }
    text
}

/// What was compared, and that nothing is wrong if that is so.
pub(in crate::load::report) fn sentence(audit: &Audit) -> String {
    let compared = format!(
        "{} and {} compared",
        count(audit.jobs, "job"),
        count(audit.memberships, "membership")
    );
    let lost = audit.count(ViolationKind::LostMembership) + audit.count(ViolationKind::LostJob);
    let invented =
        audit.count(ViolationKind::InventedMembership) + audit.count(ViolationKind::InventedJob);
    let number = |number: u64| if number == 0 { "zero".to_owned() } else { grouped(number) };
    format!("{compared}: {} lost, {} invented", number(lost), number(invented))
}

/// What a violation is about: the pair, and the jobs that can have done it.
pub(in crate::load::report) fn about(violation: &Violation) -> String {
    let pair = match (&violation.image, &violation.project) {
        (Some(image), Some(project)) => format!(" of {image} with {project}"),
        (Some(image), None) => format!(" of {image}"),
        (None, Some(project)) => format!(" with {project}"),
        (None, None) => String::new(),
    };
    let by = if violation.by.is_empty() {
        String::new()
    } else {
        format!(" by {}", violation.by.join(", "))
    };
    visible(&format!("{pair}{by}"))
}

fn one(violation: &Violation) -> String {
    let mut text = format!("    {}{}\n", violation.kind.words(), about(violation));
    let _ = writeln!(text, "      expected  {}", visible(&violation.expected));
    let _ = writeln!(text, "      found     {}", visible(&violation.found));
    text
}
