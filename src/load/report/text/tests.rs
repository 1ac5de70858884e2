use expect_test::expect;

use super::*;
use crate::load::report::sample::{empty, rich};

#[test]
fn a_run_in_which_much_happened() {
    expect![[r#"
        seed 7  repeat with: imsim load scenarios/load/mixed.json --seed 7 --rate '0..500/10s, 500/10s, 2000/2s, 500/8s'

        scenarios/load/mixed.json on own server http://127.0.0.1:40123
        open model, 0..500/10s, 500/10s, 2000/2s, 500/8s a second
        30s from 2025-03-04T05:06:07Z; ended when its time was over

        requests         count  per s        errors     p50     p90     p99   p99.9     max
          add_members      7,685    256    93 (1.21%)  1.39ms  3.41ms  7.11ms  12.1ms  21.3ms
            as sent                                    1.21ms  2.71ms  5.25ms  8.48ms  14.1ms
          delete_members   4,611    154    62 (1.34%)  1.36ms  3.32ms  6.93ms  11.8ms  11.9ms
            as sent                                    1.18ms  2.64ms  5.12ms  8.27ms  8.32ms
          add_member       1,537   51.2    31 (2.02%)   943µs  1.91ms  3.40ms  5.16ms  5.19ms
            as sent                                     820µs  1.55ms  2.60ms  3.79ms  3.80ms
          list_members     1,537   51.2             0  1.68ms  3.62ms  6.80ms  10.7ms  10.8ms
            as sent                                    1.46ms  2.91ms  5.14ms  7.74ms  7.79ms
          show_job        34,141  1,138  125 (0.366%)   816µs  1.55ms  2.62ms  3.83ms  5.74ms
            as sent                                     710µs  1.26ms  2.03ms  2.85ms  4.11ms
          all             49,511  1,650  311 (0.628%)   989µs  2.19ms  4.19ms  6.72ms  11.1ms
            as sent                                     860µs  1.76ms  3.16ms  4.82ms  7.58ms
          Latency counts from the planned start; `as sent` is what it was from the moment of sending.
          2.32MB of bodies sent, 18.1MB received

        answers                                 count   share
          add_members     202                     7,592   98.8%
                          503 APIGW.0201  error      74  0.963%
                          timed_out  error           19  0.247%
          delete_members  202                     4,549   98.7%
                          503 APIGW.0201  error      62   1.34%
          add_member      200                     1,506   98.0%
                          409 IMG.0142  error        24   1.56%
                          reset  error                7  0.455%
          list_members    200                     1,537    100%
          show_job        200                    34,016   99.6%
                          404 IMG.0013  error       100  0.293%
                          truncated  error           25  0.073%

        transactions
          planned       15,500
          finished      15,370  512/s
          broken off        93
          most at once   1,000
          begun late 440 (2.84%), not begun at all 37 (0.239%)
          begun later than planned by p50 95µs, p99 1.96ms, max 15.1ms

        jobs
          12,141 accepted, 11,884 (97.9%) SUCCESS, 254 (2.09%) FAIL, 3 (0.025%) given up, 0 still polled
          2 of the 3 jobs given up early: nobody was there to ask
          405/s ended, at most 910 polled at once; 519 of 48,552 pairs failed

        submit to final        p50    p90    p99  p99.9    max
          from planned start  96.5ms  195ms  348ms  528ms  824ms
            as sent           95.8ms  189ms  329ms  493ms  757ms

        fault rules   answers     p50     p90     p99     max
          slow-gateway      236   251ms   285ms   317ms   342ms
          gateway-503       140   640µs  1.07ms  1.63ms  2.21ms
          lost-answer        20  1.02ms  1.93ms  3.27ms  4.81ms

        promised and found
          12,141 jobs and 8,120 memberships compared: 1 lost, zero invented
          lost membership: 1
          job without an end: 1
            lost membership of web-017 with lab by 4f1c9d3a87e26b50019561f0a2b37c1d
              expected  accepted
              found     no membership
            job without an end by a93be0115d2c47f8019561f0ffe0be42
              expected  a final state
              found     RUNNING
          48 differences that a fault rule explains which struck the job
          9 cases of which nothing certain can be said
          14 batch answers that did not tell whether a job was accepted

        thresholds                  found
          held        p99 < 20ms     4.19ms
          FAILED      errors < 0.1%  0.628%
          held        jobs p95 < 2s   238ms
          FAILED      lost = 0            1

        compared                        before      now
          held      requests per second  1,460/s  1,650/s  13.0% better
          FAILED    show_job p99          1.89ms   2.62ms   38.6% worse
          held      errors                0.910%   0.628%  31.0% better
          held      failed jobs              262      254  3.05% better
          with before.json, started 2025-03-03T12:00:00Z; a figure may be 10% worse
          not the same load: threads: 4 before, 2 now

        FAILED: 2 of 4 thresholds, 2 broken promises, 1 figure worse than before
    "#]].assert_eq(&text(&rich()));
}

#[test]
fn a_run_in_which_nothing_happened() {
    expect![[r#"
        seed 7  repeat with: imsim load scenarios/load/mixed.json --seed 7 --rate '0..500/10s, 500/10s, 2000/2s, 500/8s'

        scenarios/load/mixed.json on own server http://127.0.0.1:40123
        open model, 0..500/10s, 500/10s, 2000/2s, 500/8s a second
        0s from 2025-03-04T05:06:07Z; ended when its time was over

        requests
          none was sent

        transactions
          planned       0
          finished      0  0/s
          begun late 0, not begun at all 0
          begun later than planned by p50 -, p99 -, max -

        jobs
          none was accepted

        promised and found
          not compared

        held: nothing was compared
    "#]].assert_eq(&text(&empty()));
}

#[test]
fn in_the_closed_model_no_start_is_planned() {
    let mut report = rich();
    report.load.users = report.load.rate.take();
    let text = text(&report);
    assert!(!text.contains("as sent") && !text.contains("planned"), "{text}");
}

/// Names that a server chose must not steer the terminal, nor break the table.
#[test]
fn what_others_wrote_is_only_shown() {
    let mut report = rich();
    report.kinds[0].outcomes[0].outcome = "200 \u{1b}[2J\n".to_owned();
    report.rules[0].id = "\u{7}".to_owned();
    report.audit.violations[0].found = "\u{9b}1m".to_owned();
    let text = text(&report);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
    assert!(text.contains(r"\u{1b}[2J\n"), "{text}");
}

/// A terminal of usual width shows each line whole.
#[test]
fn no_line_of_a_table_is_wider_than_a_hundred_columns() {
    let text = text(&rich());
    for line in text.lines().skip(5) {
        assert!(line.chars().count() <= 100, "{line}");
    }
}
