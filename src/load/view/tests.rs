use expect_test::{Expect, expect};
use ratatui::backend::TestBackend;

use super::*;
use crate::load::report::sample::{empty, rich};
use crate::load::report_form::Ended;

/// The rows of a terminal of this size, without what is empty at their ends.
fn drawn(report: &LoadReport, planned: u64, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("there is one");
    let planned = Duration::from_secs(planned);
    let screen = Screen { report, planned };
    terminal.draw(|frame| frame.render_widget(screen, frame.area())).expect("it is drawn");
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(width));
    let row = |cells: &[ratatui::buffer::Cell]| {
        let text: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
        format!("{}\n", text.trim_end())
    };
    rows.map(row).collect()
}

fn check(report: &LoadReport, planned: u64, size: (u16, u16), expected: Expect) {
    expected.assert_eq(&drawn(report, planned, size));
}

/// The run in its middle.
fn half() -> LoadReport {
    let mut report = rich();
    report.ended = Ended::NotYet;
    report.took_ms = 16_000;
    report.timeline.truncate(16);
    report
}

#[test]
fn a_roomy_terminal() {
    check(
        &half(),
        30,
        (100, 28),
        expect![[r#"
            imsim load  own server http://127.0.0.1:40123  seed 7
            scenarios/load/mixed.json; open model, 0..500/10s, 500/10s, 2000/2s, 500/8s a second
            █████████████████████████████████████████████16s of 30s
            ┌ requests ────────────────────────────────────────────────┐┌ answers ─────────────────────────────┐
            │49,511 sent, now 1,588/s                                  ││    37,059  200                       │
            │311 (0.628%) errors                                       ││    12,141  202                       │
            │                                                ▂▃▅▇▇▇▇▇▇█││       136  503 APIGW.0201            │
            │                                           ▂▃▅▇███████████││       100  404 IMG.0013              │
            └──────────────────────────────────────────────────────────┘│        25  truncated                 │
            ┌ latency ─────────────────────────────────────────────────┐│        24  409 IMG.0142              │
            │p50 989µs p90 2.19ms p99 4.19ms max 11.1ms                ││        19  timed_out                 │
            │p50 860µs p90 1.76ms p99 3.16ms max 7.58ms                ││         7  reset                     │
            │beneath: from the moment of sending                       │└──────────────────────────────────────┘
            └──────────────────────────────────────────────────────────┘┌ faults ──────────────────────────────┐
            ┌ starts ──────────────────────────────────────────────────┐│       236  slow-gateway, now 79/s    │
            │15,370 finished, 0 under way                              ││       140  gateway-503, now 47/s     │
            │440 late, 37 dropped                                      ││        20  lost-answer, now 2/s      │
            └──────────────────────────────────────────────────────────┘└──────────────────────────────────────┘
            ┌ jobs ────────────────────────────────────────────────────┐┌ must hold ───────────────────────────┐
            │0 in flight of 12,141                                     ││holds p99 < 20ms (4.19ms)             │
            │11,884 SUCCESS, 254 FAIL, 3 given up                      ││FAILS errors < 0.1% (0.628%)          │
            │to the end p50 96.5ms  p99 348ms                          ││holds jobs p95 < 2s (238ms)           │
            │                                                          ││FAILS lost = 0 (1)                    │
            │                                                          ││                                      │
            │                                                ▂▃▅▇▇▇█▇▇▇││                                      │
            │                                           ▂▃▅▇███████████││                                      │
            └──────────────────────────────────────────────────────────┘└──────────────────────────────────────┘
            Ctrl-C ends and reports
        "#]],
    );
}

#[test]
fn a_usual_terminal() {
    check(
        &half(),
        30,
        (80, 24),
        expect![[r#"
            imsim load  own server http://127.0.0.1:40123  seed 7
            scenarios/load/mixed.json; open model, 0..500/10s, 500/10s, 2000/2s, 500/8s a se
            ███████████████████████████████████16s of 30s
            ┌ requests ────────────────────────────────────┐┌ answers ─────────────────────┐
            │49,511 sent, now 1,588/s                      ││    37,059  200               │
            │311 (0.628%) errors                           ││    12,141  202               │
            │                                    ▂▃▅▇▇▇▇▇▇█││       136  503 APIGW.0201    │
            │                               ▂▃▅▇███████████││       100  404 IMG.0013      │
            └──────────────────────────────────────────────┘│        25  truncated         │
            ┌ latency ─────────────────────────────────────┐│        24  409 IMG.0142      │
            │p50 989µs p90 2.19ms p99 4.19ms max 11.1ms    ││        19  timed_out         │
            │p50 860µs p90 1.76ms p99 3.16ms max 7.58ms    ││         7  reset             │
            │beneath: from the moment of sending           │└──────────────────────────────┘
            └──────────────────────────────────────────────┘┌ faults ──────────────────────┐
            ┌ starts ──────────────────────────────────────┐│       236  slow-gateway, now │
            │15,370 finished, 0 under way                  ││       140  gateway-503, now 4│
            │440 late, 37 dropped                          ││        20  lost-answer, now 2│
            └──────────────────────────────────────────────┘└──────────────────────────────┘
            ┌ jobs ────────────────────────────────────────┐┌ must hold ───────────────────┐
            │0 in flight of 12,141                         ││holds p99 < 20ms (4.19ms)     │
            │                                    ▂▃▅▇▇▇█▇▇▇││FAILS errors < 0.1% (0.628%)  │
            │                               ▂▃▅▇███████████││holds jobs p95 < 2s (238ms)   │
            └──────────────────────────────────────────────┘└──────────────────────────────┘
            Ctrl-C ends and reports
        "#]],
    );
}

#[test]
fn a_small_terminal_has_what_matters_most() {
    check(
        &half(),
        30,
        (40, 10),
        expect![[r#"
            imsim load  seed 7  own server http://12
            ███████████████16s of 30s
            requests 49,511 sent, now 1,588/s
                     311 (0.628%) errors
            latency  p50 989µs p90 2.19ms p99 4.19ms
                     440 late, 37 dropped
            jobs     0 in flight of 12,141
                     FAILS errors < 0.1% (0.628%)
                     FAILS lost = 0 (1)
            Ctrl-C ends and reports
        "#]],
    );
}

#[test]
fn before_anything_happened() {
    check(
        &empty(),
        0,
        (60, 16),
        expect![[r#"
            imsim load  seed 7  own server http://127.0.0.1:40123
                                         0s
            requests 0 sent, now -
                     0 errors
            latency  p50 - p90 - p99 - max -
                     p50 - p90 - p99 - max -
                     beneath: from the moment of sending
            starts   0 finished, 0 under way
                     0 late, 0 dropped
            jobs     0 in flight of 0
                     0 SUCCESS, 0 FAIL, 0 given up
                     to the end p50 -  p99 -



            Ctrl-C ends and reports
        "#]],
    );
}

/// Someone may make the window as small as it goes, or take a very large one, at any moment.
#[test]
fn every_size_can_be_drawn() {
    let (half, empty) = (half(), empty());
    for width in [1, 2, 5, 39, 75, 76, 77, 300] {
        for height in [1, 2, 3, 4, 5, 21, 22, 23, 100] {
            for report in [&half, &empty] {
                let text = drawn(report, 30, (width, height));
                assert_eq!(text.lines().count(), usize::from(height));
            }
        }
    }
}

#[test]
fn what_others_wrote_is_only_shown() {
    let mut report = half();
    report.kinds[0].outcomes[0].outcome = "200 \u{1b}[2J".to_owned();
    report.scenario = "a\nb".to_owned();
    let text = drawn(&report, 30, (100, 28));
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
    assert!(text.contains(r"a\nb; open model"), "{text}");
}
