//! The arguments, each with its unit, default and bounds.

mod load;
mod replay;

use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};

use load::LOAD_EXAMPLES;
pub(super) use load::{LoadArgs, VerdictArgs};
use replay::REPLAY_EXAMPLES;
pub(super) use replay::{MOST_RUNS, ReplayArgs, ReportKind, ReportTarget};

use super::ready::ReadyArgs;
use super::tls::TlsArgs;
use super::trust::TrustArgs;
use crate::actors::shared::MOST_SHARDS;
use crate::clock::Mode;
use crate::domain::admission::AdmissionLimits;
use crate::domain::identity::Gate;
use crate::replay::BaseUrl;
use crate::scenario::span::Span;
use crate::simulator::Options;

/// A local simulator of a cloud image service's sharing API.
///
/// It serves the batch operations that share images with projects and withdraw them, and the jobs that
/// carry them out, so that a client can be pointed at it, loaded, and broken on purpose.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 all went well; 1 something that was expected did not hold;
2 could not run (a bad file, a bad argument, an address in use).

The log for people goes to standard error and is quiet by default;
RUST_LOG=imsim=debug shows each job.

Examples:
  imsim serve
  imsim replay scenarios/";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the API on a socket until Ctrl-C
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Run scenario files in virtual time and say what did not hold
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
    /// Look scenario files over without running them
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Print the JSON Schema of scenario files, for editors and validators
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema(SchemaArgs),
    /// Print the OpenAPI document of the service, for tools that read one
    #[command(after_help = OPENAPI_EXAMPLES)]
    Openapi(OpenapiArgs),
    /// Put load on a server, and hold what it has at the end against what it promised
    #[command(after_help = LOAD_EXAMPLES)]
    Load(Box<LoadArgs>),
    /// Write what a running server has seen as a scenario that replays it
    #[command(after_help = RECORD_EXAMPLES)]
    Record(RecordArgs),
}

const SERVE_EXAMPLES: &str = "\
Modes of the clock:
  frozen         time stands still
  real           time follows real time
  xN             time runs N times as fast, from x0.001 to x1000000
  auto           as real; and whenever nothing happens, time jumps to what is
                 due next, so that no job takes real time
  auto-per-poll  as auto, but jobs go on by one step for each answered job
                 query, so that a client sees them run

Ctrl-C drains: batch requests get 503, queries are answered, running jobs
end; what does not end in time is named, and the exit code is then 1. A
second Ctrl-C stops at once.

Examples:
  imsim serve
  imsim serve scenarios/contract/partial-failure.json --addr 127.0.0.1:0 --seed 7
  imsim serve --tls --tls-cert-out imsim.pem
  curl --cacert imsim.pem https://127.0.0.1:8787/__admin/health
  imsim serve --addr 127.0.0.1:0 --clock auto --ready-file ready.json";

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Scenario file to take world, timing, supervision and faults from [default: a built-in world]
    pub(super) scenario: Option<PathBuf>,

    /// Address and port to listen on; port 0 takes a free one and prints it
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8787")]
    pub(super) addr: String,

    /// Address and port for the admin API alone; without it, it is at /__admin on the service's port
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) admin_addr: Option<String>,

    /// Token that requests to the admin API must bring, as `Authorization: Bearer TOKEN`
    #[arg(
        long,
        value_name = "TOKEN",
        env = "IMSIM_ADMIN_TOKEN",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new().try_map(sayable)
    )]
    pub(super) admin_token: Option<String>,

    /// How closely credentials are looked at: off, token (no signatures) or full [default: that of the
    /// file, else full]
    #[arg(long, value_name = "HOW")]
    pub(super) auth: Option<Gate>,

    /// Seed of everything that is drawn: ids and latencies [default: that of the file, else 1]
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,

    /// How simulated time moves: frozen, real, xN, auto or auto-per-poll; see below
    #[arg(long, value_name = "MODE", default_value_t = Mode::Real)]
    pub(super) clock: Mode,

    /// Number of shards, each with a thread of its own, from 1 to 256 [default: one for each core]
    #[arg(long, value_name = "NUMBER", value_parser = shards(MOST_SHARDS))]
    pub(super) shards: Option<u64>,

    /// Ended jobs that can still be queried; split evenly over the shards
    #[arg(long, value_name = "JOBS", default_value_t = Options::KEEP_JOBS)]
    pub(super) keep_jobs: usize,

    /// Pairs of ended jobs that are remembered; split evenly over the shards
    #[arg(long, value_name = "PAIRS", default_value_t = Options::KEEP_PAIRS)]
    pub(super) keep_pairs: usize,

    /// How long after its end a job can be queried, such as 90s or 24h [default: that of the file, else 24h]
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    pub(super) keep_for: Option<Span>,

    /// Jobs that may run at once; more are refused with 429
    #[arg(long, value_name = "JOBS", default_value_t = AdmissionLimits::default().running_jobs)]
    pub(super) max_running_jobs: usize,

    /// Image workers that may run at once; jobs that need more are refused with 429
    #[arg(long, value_name = "WORKERS", default_value_t = AdmissionLimits::default().running_workers)]
    pub(super) max_running_workers: usize,

    /// Batch requests that may wait for a front at once; more are refused with 429
    #[arg(long, value_name = "REQUESTS", default_value_t = AdmissionLimits::default().waiting_requests)]
    pub(super) max_waiting_requests: usize,

    /// When the server stops, write the newest part of its journal, JSON lines, to this file
    #[arg(long, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,

    /// Bytes of request bodies over 16 KiB that may be under way at once; more are refused with 429
    #[arg(long, value_name = "BYTES", default_value_t = AdmissionLimits::default().body_bytes)]
    pub(super) max_body_bytes: usize,

    /// How long running jobs get to end after Ctrl-C, such as 500ms or 30s
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = Span::parse)]
    pub(super) drain_for: Span,

    /// When the server stops, write all that it saw to this file, as a scenario that replays it
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,

    #[command(flatten)]
    pub(super) tls: TlsArgs,

    #[command(flatten)]
    pub(super) ready: ReadyArgs,
}

const RECORD_EXAMPLES: &str = "\
A server that was started with --record is asked for all that it saw. Of any
other it is what the journal still has since the start, or since the last reset
of everything; if that is not all of it, it is said.

Examples:
  imsim record --from http://127.0.0.1:8787 -o session.json
  imsim record --from http://127.0.0.1:8787 | less";

#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// Where the server's admin API is, such as http://127.0.0.1:8787
    #[arg(long = "from", value_name = "URL", value_parser = BaseUrl::parse)]
    pub(super) url: BaseUrl,

    #[command(flatten)]
    pub(super) trust: TrustArgs,

    /// The server's admin token
    #[arg(
        long,
        value_name = "TOKEN",
        env = "IMSIM_ADMIN_TOKEN",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new().try_map(sayable)
    )]
    pub(super) admin_token: Option<String>,

    /// File to write the scenario to [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// A token that no header can carry would lock everybody out.
pub(super) fn sayable(token: String) -> Result<String, &'static str> {
    let printable = token.bytes().all(|byte| byte.is_ascii_graphic());
    let right = "a token is sent in a header: printable ASCII without blanks";
    if printable { Ok(token) } else { Err(right) }
}

fn shards(most: usize) -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=most as u64)
}

const CHECK_EXAMPLES: &str = "\
An error is why a file cannot be run; a warning is what can hardly be meant:
names that nothing uses, rules that no step can reach, expectations that look
at nothing. Each is one line, PATH:LINE:COLUMN: error|warning: WHAT.

Exit codes: 0 no errors; 1 warnings, with --strict; 2 errors.

Examples:
  imsim check scenarios/
  imsim check --strict --format json scenarios/contract/partial-failure.json";

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Scenario files, and folders that are searched for *.json
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(super) paths: Vec<PathBuf>,

    /// Let warnings fail: exit code 1
    #[arg(long)]
    pub(super) strict: bool,

    /// How to print what is found; `imsim schema check-report` describes the JSON
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(super) format: CheckFormat,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// A line for each, and one that sums up
    Text,
    /// One JSON object
    Json,
}

const OPENAPI_EXAMPLES: &str = "\
A running server shows the same with examples of its own world at
/__admin/openapi.json, and as a page to read at /__admin/docs.

Examples:
  imsim openapi > openapi.json
  imsim openapi --server https://ims.example.com";

#[derive(Debug, Args)]
pub(super) struct OpenapiArgs {
    /// Where the service is, as the document tells it
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8787")]
    pub(super) server: String,
}

const SCHEMA_EXAMPLES: &str = "\
An editor that knows JSON Schema (draft 2020-12) completes and checks a
scenario that names the schema's file: \"$schema\": \"./imsim.schema.json\".

Examples:
  imsim schema > imsim.schema.json";

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// What the schema is of
    #[arg(value_enum, value_name = "OF", default_value_t = SchemaOf::Scenario)]
    pub(super) of: SchemaOf,
}

/// What there are schemas of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// Scenario files
    Scenario,
    /// What `imsim check --format json` prints
    CheckReport,
    /// What `imsim replay --report json=FILE` writes
    ReplayReport,
    /// What `imsim load --report json=FILE` writes
    LoadReport,
}
