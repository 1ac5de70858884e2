use super::*;
use crate::load::report::sample::{empty, rich};
use crate::load::report_form::{Second, Threshold};
use crate::replay::html::tests::check;

/// A name that would be more than a name in a page that does not escape it.
const HOSTILE: &str = r#"<script>alert("x")</script>&'q'"#;

/// Holds a page to be well formed and to need nothing from elsewhere.
fn checked(report: &LoadReport) -> String {
    let page = page(report);
    let (_, links) = check(&page);
    assert_eq!(links, [] as [&str; 0]);
    for elsewhere in ["src=", "url(", "@import", "@font-face", "<link", "<img"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    page
}

fn charts(page: &str) -> usize {
    page.matches("class=\"area\"").count()
}

#[test]
fn a_page_has_all_that_a_report_has() {
    let report = rich();
    let page = checked(&report);
    assert_eq!(charts(&page), 4);
    let ids = report.rules.iter().map(|it| it.id.clone());
    let jobs = report.audit.violations.iter().flat_map(|it| it.by.clone());
    let operations = report.kinds.iter().map(|it| it.operation.clone());
    let answers = report.kinds.iter().flat_map(|it| &it.outcomes).map(|it| it.outcome.clone());
    let thresholds = report.thresholds.iter().map(|it| it.threshold.replace('<', "&lt;"));
    let figures = report.baseline.iter().flat_map(|it| &it.figures).map(|it| it.name.clone());
    let all = ids.chain(jobs).chain(operations).chain(answers).chain(thresholds).chain(figures);
    for text in all.chain([report.command.clone(), report.started.clone()]) {
        assert!(page.contains(&text), "`{text}` is not on the page");
    }
    assert!(page.contains("Did not hold: 2 of 4 thresholds, 2 broken promises"));
}

/// Everything that a server or a file can name.
#[test]
fn hostile_names_are_text_and_nothing_else() {
    let name = || HOSTILE.to_owned();
    let mut report = rich();
    for field in [&mut report.imsim, &mut report.command, &mut report.scenario, &mut report.started]
    {
        *field = name();
    }
    report.target.url = name();
    report.kinds[0].operation = name();
    report.kinds[0].outcomes[0].outcome = name();
    for rule in &mut report.rules {
        rule.id.push_str(HOSTILE);
    }
    for (id, _) in report.timeline.iter_mut().flat_map(|it| &mut it.rules) {
        id.push_str(HOSTILE);
    }
    report.audit.why_not = Some(name());
    let violation = &mut report.audit.violations[0];
    (violation.image, violation.project) = (Some(name()), Some(name()));
    (violation.by, violation.expected, violation.found) = (vec![name()], name(), name());
    report.thresholds.push(Threshold { threshold: name(), held: false, found: Some(name()) });
    let baseline = report.baseline.as_mut().expect("there is one");
    (baseline.file, baseline.started) = (name(), name());
    (baseline.differs, baseline.figures[0].name) = (vec![name()], name());
    baseline.figures[0].unit = name();
    let page = checked(&report);
    assert!(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;"));
}

#[test]
fn a_run_in_which_nothing_happened_has_a_page() {
    let page = checked(&empty());
    assert_eq!(charts(&page), 0);
    for text in
        ["before there was anything to draw", "No request was sent", "No batch was accepted"]
    {
        assert!(page.contains(text), "`{text}` is not on the page");
    }
}

#[test]
fn a_run_of_a_second_has_curves_that_can_be_seen() {
    let mut report = rich();
    report.timeline.truncate(1);
    report.took_ms = 1_000;
    let page = checked(&report);
    assert_eq!(charts(&page), 4);
    // One point is a line from edge to edge.
    assert!(page.contains("class=\"line p50\" d=\"M0 ") && page.contains("L1000 "), "{page}");
}

#[test]
fn seconds_without_answers_have_no_latency() {
    let mut report = rich();
    report.timeline[5] = Second { second: 5, ..Second::default() };
    let page = checked(&report);
    let after = page.split("class=\"line p50\" d=\"").nth(1).expect("a curve");
    let path = after.split('"').next().expect("its end");
    assert_eq!(path.matches('M').count(), 2, "{path}");
}

#[test]
fn what_a_stuck_thread_told_too_late_is_said_beside_the_charts() {
    let mut report = rich();
    assert!(!checked(&report).contains("A thread was stuck"));
    (report.timeline[5].late_told, report.timeline[7].late_told) = (2, 1);
    assert!(checked(&report).contains("leave out 3 requests that it told of too late"));
}

#[test]
fn a_run_of_hours_has_a_page_that_a_browser_can_take() {
    let mut report = rich();
    let row = |second| Second { second, ..report.timeline[second as usize % 30].clone() };
    report.timeline = (0..8 * 3_600).map(row).collect();
    report.took_ms = 8 * 3_600_000;
    let page = checked(&report);
    assert!(page.contains("Each point stands for 1m:"));
    assert!(page.len() < 1_500_000, "{}", page.len());
}
