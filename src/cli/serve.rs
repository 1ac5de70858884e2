//! `imsim serve`.

use std::path::Path;
use std::sync::Arc;

use actix_web::dev::Server;
use tokio::task::JoinError;

use super::args::ServeArgs;
use super::files_apart::keep_apart;
use super::output::{Output, tell};
use super::output_file::OutputFile;
use super::ready::{self, ReadyFile};
use super::tls::PreparedTls;
use super::trace_file::TraceFile;
use super::welcome::welcome;
use super::{Exit, could_not_run, descriptors, record};
use crate::domain::admission::AdmissionLimits;
use crate::faults::Plan;
use crate::http::admin::AdminToken;
use crate::journal::TraceWriter;
use crate::scenario::{Problem, ScenarioFile};
use crate::seed::Seed;
use crate::simulator::Options;
use crate::simulator::live::stop_signals::StopSignals;
use crate::simulator::live::{AdminOptions, Drained, LiveServer, StartError};

pub(super) fn serve(args: &ServeArgs) -> Exit {
    let file = match read(args.scenario.as_deref()) {
        Ok(mut file) => {
            if args.keep_for.is_some() {
                Arc::make_mut(&mut file.sections.world).settings.keep_jobs_for = args.keep_for;
            }
            if let Some(auth) = args.auth {
                Arc::make_mut(&mut file.sections.world).settings.auth = Some(auth.into());
            }
            file
        }
        Err(problem) => return could_not_run(&problem),
    };
    let own_seed = file.sections.seed.map(Seed::new);
    let seed = args.seed.map(Seed::new).or(own_seed).unwrap_or(Seed::DEFAULT);
    let options = options(args, seed);
    if let Err(reason) = descriptors::provide(options.shards) {
        return could_not_run(&reason);
    }
    actix_web::rt::System::new().block_on(run(args, &file, &options))
}

fn read(scenario: Option<&Path>) -> Result<ScenarioFile, Problem> {
    let Some(path) = scenario else {
        return ScenarioFile::built_in();
    };
    let file = ScenarioFile::read(path)?;
    let ignored = file.ignored_when_served();
    if !ignored.is_empty() {
        let ignored = ignored.join(", ");
        tell(format_args!("imsim: {}: not used by serve: {ignored}", path.display()));
    }
    Ok(file)
}

fn options(args: &ServeArgs, seed: Seed) -> Options {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let shards = args.shards.and_then(|shards| usize::try_from(shards).ok());
    let shards = shards.unwrap_or(cores.min(crate::actors::shared::MOST_SHARDS));
    Options {
        limits: AdmissionLimits {
            running_jobs: args.max_running_jobs,
            running_workers: args.max_running_workers,
            waiting_requests: args.max_waiting_requests,
            body_bytes: args.max_body_bytes,
        },
        keep_jobs: args.keep_jobs,
        keep_pairs: args.keep_pairs,
        clock: args.clock,
        record: args.record.is_some(),
        ..Options::new(seed, shards)
    }
}

async fn run(args: &ServeArgs, file: &ScenarioFile, options: &Options) -> Exit {
    match try_run(args, file, options).await {
        Ok(exit) => exit,
        Err(reason) => could_not_run(&reason),
    }
}

async fn try_run(args: &ServeArgs, file: &ScenarioFile, options: &Options) -> Result<Exit, String> {
    let Files { trace, record, tls, mut ready } = Files::prepare(args)?;
    let (live, server) = start(args, file, options, &tls)?;
    tls.write()?;
    // Whoever reads that the server listens may stop it at once, so the signals are heard before.
    let stop = StopSignals::new().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let mut output = Output::default();
    announce(&live, args, file, options, ready.as_mut(), &mut output)?;
    let exit = serve_until_stopped(&live, server, stop, args, &mut output).await;
    let ready_ended = ready.map_or(Ok(()), ReadyFile::end);
    let written =
        trace.map_or(Ok(()), |trace| write_trace(&live, options.seed, trace, &mut output));
    let recorded = record.map_or(Ok(()), |file| write_record(&live, args, file, &mut output));
    ready_ended.and(written).and(recorded)?;
    Ok(output.exit(exit))
}

/// The files that are read or written. One that cannot be written is better known before hours of serving
/// than after.
struct Files {
    trace: Option<TraceFile>,
    record: Option<OutputFile>,
    tls: PreparedTls,
    ready: Option<ReadyFile>,
}

impl Files {
    fn prepare(args: &ServeArgs) -> Result<Self, String> {
        let scenario = args.scenario.as_deref();
        let [cert, key] = args.tls.read();
        let read = [("the scenario", scenario), ("--tls-cert", cert), ("--tls-key", key)];
        let written = [
            ("--trace", args.trace.as_deref()),
            ("--record", args.record.as_deref()),
            ("--tls-cert-out", args.tls.cert_out()),
            ("--ready-file", args.ready.file()),
        ];
        keep_apart(&read, &written)?;
        let trace = args.trace.as_deref().map(|path| TraceFile::open(path, scenario));
        let record = args.record.as_deref();
        let record = record.map(|path| OutputFile::prepare("--record", path, scenario));
        Ok(Self {
            trace: trace.transpose()?,
            record: record.transpose()?,
            tls: args.tls.prepare(args)?,
            ready: args.ready.prepare(scenario)?,
        })
    }
}

fn start(
    args: &ServeArgs,
    file: &ScenarioFile,
    options: &Options,
    tls: &PreparedTls,
) -> Result<(LiveServer, Server), String> {
    let admin = AdminOptions {
        address: args.admin_addr.clone(),
        token: args.admin_token.as_deref().map(AdminToken::new),
    };
    let started = LiveServer::start(file, options, &args.addr, &admin, tls.tls.as_ref());
    started.map_err(|error| match error {
        StartError::Scenario(problem) => problem.to_string(),
        StartError::Address(error) => format!("cannot listen on {}: {error}", args.addr),
        StartError::AdminAddress(error) => {
            let address = args.admin_addr.as_deref().unwrap_or_default();
            format!("cannot listen on {address}: {error}")
        }
    })
}

/// Says that the server listens, to people or to programs.
fn announce(
    live: &LiveServer,
    args: &ServeArgs,
    file: &ScenarioFile,
    options: &Options,
    ready: Option<&mut ReadyFile>,
    output: &mut Output,
) -> Result<(), String> {
    let certificate = args.tls.cert_out();
    let line = || ready::ready(live, options.seed, certificate);
    ready.map_or(Ok(()), |ready| ready.write(line()))?;
    match args.ready.ready_json {
        true => output.print(line()),
        false => output.print(welcome(live, file, options, certificate)),
    }
    Ok(())
}

/// Writes what the journal still has, and says how much that is.
fn write_trace(
    live: &LiveServer,
    seed: Seed,
    mut file: TraceFile,
    output: &mut Output,
) -> Result<(), String> {
    let shared = live.shared();
    let evicted = shared.journal.evicted();
    let written = TraceWriter::new(&shared.world, seed, live.started(), Some(&mut file))
        .and_then(|mut trace| trace.write(&shared.journal.take()).map(|()| trace.finish()));
    let (_, lines) = written.map_err(|error| format!("cannot write the trace: {error}"))?;
    file.finish()?;
    output.print(format_args!("trace: {lines} lines; {evicted} older entries had made room\n"));
    Ok(())
}

/// Writes all that was seen as a scenario, and says what it lacks.
fn write_record(
    live: &LiveServer,
    args: &ServeArgs,
    file: OutputFile,
    output: &mut Output,
) -> Result<(), String> {
    let recorded = live.shared().recorded();
    file.write(&recorded.scenario)?;
    if let Some(path) = &args.record {
        output.print(record::summary(&recorded, path));
    }
    for line in record::remarks(&recorded) {
        output.print(format_args!("{line}\n"));
    }
    Ok(())
}

async fn serve_until_stopped(
    live: &LiveServer,
    server: Server,
    mut stop: StopSignals,
    args: &ServeArgs,
    output: &mut Output,
) -> Exit {
    let mut server = actix_web::rt::spawn(server);
    tokio::select! {
        biased;
        ended = &mut server => return ended_by_itself(ended),
        () = stop.wait() => {}
    }
    let bound = args.drain_for.0;
    tell(format_args!("draining: running jobs get {bound} to end; Ctrl-C again stops at once"));
    let drained = tokio::select! {
        biased;
        drained = live.drain(bound) => drained,
        () = stop.wait() => {
            tell("stopped at once");
            live.stop_at_once().await
        }
    };
    let _ = server.await;
    let exit = report(&drained, output);
    report_unfired(&live.shared().plan.load(), output).unwrap_or(exit)
}

/// A rule that had to fire and did not makes the whole run one that did not hold.
fn report_unfired(plan: &Plan, output: &mut Output) -> Option<Exit> {
    let mut exit = None;
    for rule in plan.unfired() {
        let why = plan.why_not(rule);
        output.print(format_args!("rule {} had to fire and never did; {why}\n", rule.id));
        exit = Some(Exit::DidNotHold);
    }
    exit
}

/// Without its server the program would wait for a signal and serve nobody.
fn ended_by_itself(ended: Result<std::io::Result<()>, JoinError>) -> Exit {
    let reason = match ended {
        Ok(Ok(())) => "no reason is known".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(died) => format!("it died: {died}"),
    };
    could_not_run(&format!("the server ended by itself: {reason}"))
}

/// Unfinished jobs that are named at the end: enough to see what kind they are, and no more than a pipe
/// takes that nobody reads.
const MOST_NAMED: usize = 20;

fn report(drained: &Drained, output: &mut Output) -> Exit {
    let counts = drained.counts;
    let ended = counts.succeeded + counts.failed;
    output.print(format_args!(
        "jobs: {} accepted, {ended} ended (SUCCESS {}, FAIL {})\n",
        counts.accepted, counts.succeeded, counts.failed
    ));
    if counts.lost > 0 || drained.stuck > 0 {
        let (lost, stuck) = (counts.lost, drained.stuck);
        output.print(format_args!("kept from ending by fault rules: {lost} lost, {stuck} stuck\n"));
    }
    // The counts decide, not the list: a job that was let in at the last moment may be missing in it.
    let left = counts.accepted.saturating_sub(ended + counts.lost + drained.stuck as u64);
    if left == 0 {
        return Exit::Held;
    }
    let jobs = if left == 1 { "job" } else { "jobs" };
    output.print(format_args!("{left} {jobs} did not end within {}:\n", drained.waited));
    if drained.frozen {
        output.print("the clock is frozen, so that no job that waits for it can end\n");
    }
    for job in drained.unfinished.iter().take(MOST_NAMED) {
        let (operation, state) = (job.operation().name(), job.standing.state().as_str());
        output.print(format_args!("  {}  {operation}  {state}\n", job.id));
    }
    let more = drained.unfinished.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        output.print(format_args!("  and {more} more\n"));
    }
    Exit::DidNotHold
}
