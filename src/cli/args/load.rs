//! The arguments of `imsim load`: what a file's `load` section says, with the same words.

use std::path::PathBuf;

use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::super::target::ServerArgs;
use super::{ReportTarget, shards};
use crate::actors::shared::MOST_SHARDS;
use crate::load::baseline::DEFAULT_REGRESSION;
use crate::replay::BaseUrl;
use crate::scenario::load_section::{
    DrawEntry, LoadSection, MOST_CONNECTIONS, MOST_IN_BATCH, MOST_IN_FLIGHT, MOST_THREADS,
    MixEntry, PollEntry, Profile, STRONGEST_BACKOFF, Threshold, read_mix,
};
use crate::scenario::named::Named;
use crate::scenario::span::Span;
use crate::scenario::timing_section::LawEntry;

pub(in crate::cli) const LOAD_EXAMPLES: &str = "\
What is said here takes the place of what the file's `load` section says. A
--rate or --users takes the place of both, and stages of the duration, too.
A --duration beside stages is refused, since stages say it themselves.

PROFILE is a number, or stages: `500/20s` is a step that takes 20 seconds,
`0..500/10s` a slope; `0..500/10s, 500/20s, 2000/2s, 500/20s` has a spike.

THRESHOLD is `[SCOPE] METRIC OP VALUE`, with OP one of < <= > >= =
  of all requests, or with the name of an operation as the scope:
    p50 p75 p90 p95 p99 p99.9 p99.99 max min mean  durations: 800us 20ms 1.5s
    errors                                         a share 0.1%, or a count
    rate, count                                    in a second; in all
  jobs: durations are from submit to final; rate, count, failed,
    failed_pairs, given_up
  transactions: rate, count, broken_off, late, dropped
  of the run as a whole: late, dropped; and held against the server at the
    end: lost, invented, unended, violations
One with nothing to judge it by does not hold.

Ctrl-C ends the run with the report so far.

Exit codes: 0 all held; 1 something did not: a threshold, what the server has
against what it promised, a figure beside the baseline; 2 could not run.

Examples:
  imsim load --duration 20s
  imsim load --rate 200 --ramp 5s --duration 1m --threshold 'jobs p95 < 2s' --threshold 'lost = 0'
  imsim load --users 50 --think-time 100ms --mix add_members=3,delete_members=3,list_members=1
  imsim load --target http://127.0.0.1:8787 --rate '0..500/10s, 500/20s' --report html=load.html
  imsim load scenarios/load/hundred-by-hundred.json --baseline before.json --regression 20%";

#[derive(Debug, Args)]
pub(in crate::cli) struct LoadArgs {
    /// Scenario file to take the world, what goes wrong and the `load` section from [default: a built-in load]
    #[arg(value_name = "SCENARIO")]
    pub(in crate::cli) scenario: Option<PathBuf>,

    /// Seed of everything that is drawn [default: that of the file, else 1]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) seed: Option<u64>,

    /// Shards of the server that the run starts, from 1 to 256 [default: one for each core]
    #[arg(long, value_name = "NUMBER", conflicts_with = "url", value_parser = shards(MOST_SHARDS))]
    pub(in crate::cli) shards: Option<u64>,

    #[command(flatten)]
    pub(in crate::cli) shape: ShapeArgs,

    #[command(flatten)]
    pub(in crate::cli) work: WorkArgs,

    #[command(flatten)]
    pub(in crate::cli) sender: SenderArgs,

    #[command(flatten)]
    pub(in crate::cli) verdict: VerdictArgs,

    #[command(flatten)]
    pub(in crate::cli) target: LoadTargetArgs,
}

/// How high the load is, and for how long.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "How much")]
pub(in crate::cli) struct ShapeArgs {
    /// Open model: transactions begun in a second, however long they take; see below
    #[arg(long, value_name = "PROFILE", conflicts_with = "users")]
    rate: Option<Profile>,

    /// Closed model: users that begin the next transaction when the last one has ended; see below
    #[arg(long, value_name = "PROFILE")]
    users: Option<Profile>,

    /// How long a user thinks between two transactions: a duration, or a law as in a file
    #[arg(long, value_name = "LAW", conflicts_with = "rate")]
    think_time: Option<LawEntry>,

    /// How long load is put on, such as 20s or 5m; stages say it themselves
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    duration: Option<Span>,

    /// Over which time the load rises evenly from nothing before that
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    ramp: Option<Span>,
}

/// What a transaction is.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What is done")]
pub(in crate::cli) struct WorkArgs {
    /// Operations with their weights, such as add_members=3,list_members=1
    #[arg(long, value_name = "MIX", value_parser = read_mix)]
    mix: Option<Named<MixEntry>>,

    /// Images of one batch, from 1 to 100
    #[arg(long, value_name = "NUMBER", value_parser = up_to(MOST_IN_BATCH.into()))]
    images_per_batch: Option<u64>,

    /// Projects of one batch, from 1 to 100
    #[arg(long, value_name = "NUMBER", value_parser = up_to(MOST_IN_BATCH.into()))]
    projects_per_batch: Option<u64>,

    /// How images are drawn: uniform, zipf:N (the n-th as often as n to the power of -N) or each-once
    #[arg(long, value_name = "DRAW")]
    images: Option<DrawEntry>,

    /// How projects are drawn that images are shared with, in the same words
    #[arg(long, value_name = "DRAW")]
    projects: Option<DrawEntry>,

    /// How long the first query of a job is waited with, and each later one
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    poll_every: Option<Span>,

    /// By how much each pause is longer than the one before, from 1 to 10
    #[arg(long, value_name = "NUMBER", value_parser = backoff)]
    poll_backoff: Option<f64>,

    /// The longest pause; a `Retry-After` may be longer, and is obeyed
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    poll_longest: Option<Span>,

    /// How long after a batch was accepted the end of its job is waited for; no longer than it takes to see that
    /// nobody answers there any more
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    give_up: Option<Span>,
}

/// How it is sent.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "How it is sent")]
pub(in crate::cli) struct SenderArgs {
    /// How long an answer is waited for, and before that a free connection
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    timeout: Option<Span>,

    /// Connections that may be open at once, from 1 to 20000
    #[arg(long, value_name = "NUMBER", value_parser = up_to(MOST_CONNECTIONS.into()))]
    connections: Option<u64>,

    /// Threads that send, from 1 to 64
    #[arg(long, value_name = "NUMBER", value_parser = up_to(MOST_THREADS.into()))]
    threads: Option<u64>,

    /// By how much a transaction may begin later than planned before it counts as late
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    late_after: Option<Span>,

    /// Transactions that may be under way at once, from 1 to 1000000; of those beyond it the start is dropped,
    /// and counted
    #[arg(long, value_name = "NUMBER", value_parser = up_to(MOST_IN_FLIGHT))]
    most_in_flight: Option<u64>,
}

/// What must hold, and who is told.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What must hold, and reports")]
pub(in crate::cli) struct VerdictArgs {
    /// What must hold, such as 'p99 < 20ms'; see below; may be repeated
    #[arg(long = "threshold", value_name = "THRESHOLD")]
    thresholds: Vec<Threshold>,

    /// End the run as soon as a threshold does not hold; `--abort-early=false` where the file says so
    #[arg(
        long,
        value_name = "WHETHER",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    abort_early: Option<bool>,

    /// Report of an earlier run, as --report json=FILE wrote it, than which no figure may be worse
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,

    /// By how much a figure may be worse than in the baseline, from 0% on [default: 10%]
    #[arg(long, value_name = "PERCENT", requires = "baseline", value_parser = percent)]
    regression: Option<f64>,

    /// Write a report: json=FILE for programs and as a baseline, html=FILE for people to look at; may be said several times
    #[arg(long, value_name = "KIND=FILE", value_parser = ReportTarget::parse_of_load)]
    pub(in crate::cli) report: Vec<ReportTarget>,

    /// While it runs, print a plain line now and then, as without a terminal
    #[arg(long)]
    pub(in crate::cli) no_view: bool,

    /// Print nothing while it runs
    #[arg(long, conflicts_with = "no_view")]
    pub(in crate::cli) quiet: bool,
}

/// Where the load goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Against a server")]
pub(in crate::cli) struct LoadTargetArgs {
    /// Put the load on the server at this URL, a simulator or the real service [default: a server of its own]
    #[arg(long = "target", value_name = "URL", value_parser = BaseUrl::parse)]
    pub(in crate::cli) url: Option<BaseUrl>,

    #[command(flatten)]
    pub(in crate::cli) server: ServerArgs,
}

fn up_to(most: u64) -> RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=most)
}

fn backoff(text: &str) -> Result<f64, String> {
    let read = text.parse().ok().filter(|backoff| (1.0..=STRONGEST_BACKOFF).contains(backoff));
    read.ok_or_else(|| format!("it is not a number from 1 to {STRONGEST_BACKOFF}"))
}

/// A percentage as the part that it is.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let good = number.filter(|number| number.is_finite() && *number >= 0.0);
    good.map(|number| number / 100.0).ok_or_else(|| "it is not a percentage such as 10%".to_owned())
}

impl LoadArgs {
    /// What the arguments say that a file's section can say; what they do not say is left out.
    pub(in crate::cli) fn section(&self) -> LoadSection {
        let (shape, work, sender) = (&self.shape, &self.work, &self.sender);
        let verdict = &self.verdict;
        // The parsers hold the bounds; all of them are far below where a number would be cut.
        let small = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok());
        let poll = PollEntry {
            every: work.poll_every,
            backoff: work.poll_backoff,
            longest: work.poll_longest,
            give_up: work.give_up,
        };
        LoadSection {
            rate: shape.rate.clone(),
            users: shape.users.clone(),
            think_time: shape.think_time,
            duration: shape.duration,
            ramp: shape.ramp,
            mix: work.mix.clone(),
            images_per_batch: small(work.images_per_batch),
            projects_per_batch: small(work.projects_per_batch),
            images: work.images,
            projects: work.projects,
            poll: (poll != PollEntry::default()).then_some(poll),
            timeout: sender.timeout,
            late_after: sender.late_after,
            most_in_flight: sender.most_in_flight,
            connections: small(sender.connections),
            threads: small(sender.threads),
            thresholds: (!verdict.thresholds.is_empty()).then(|| verdict.thresholds.clone()),
            abort_early: verdict.abort_early,
        }
    }

    /// By which part a figure may be worse than in the baseline.
    pub(in crate::cli) fn regression(&self) -> f64 {
        self.verdict.regression.unwrap_or(DEFAULT_REGRESSION)
    }
}
