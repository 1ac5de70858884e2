//! `imsim serve`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use actix_web::dev::Server;
use log::warn;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::args::ServeArgs;
use super::welcome::welcome;
use super::{Exit, could_not_run};
use crate::domain::admission::AdmissionLimits;
use crate::journal::TraceWriter;
use crate::scenario::{Problem, ScenarioFile};
use crate::seed::Seed;
use crate::simulator::Options;
use crate::simulator::live::{Drained, LiveServer, StartError};

/// The world that is served unless a file is named; it is a scenario that can be replayed, too.
const DEFAULT_WORLD: &str = include_str!("../../scenarios/default-world.json");

pub(super) fn serve(args: &ServeArgs) -> Exit {
    let file = match read(args.scenario.as_deref()) {
        Ok(mut file) => {
            if args.keep_for.is_some() {
                file.sections.world.settings.keep_jobs_for = args.keep_for;
            }
            file
        }
        Err(problem) => return could_not_run(&problem),
    };
    raise_descriptor_limit();
    let own_seed = file.sections.seed.map(Seed::new);
    let seed = args.seed.map(Seed::new).or(own_seed).unwrap_or(Seed::DEFAULT);
    let options = options(args, seed);
    actix_web::rt::System::new().block_on(run(args, &file, &options))
}

fn read(scenario: Option<&Path>) -> Result<ScenarioFile, Problem> {
    let Some(path) = scenario else {
        return ScenarioFile::parse(Path::new("built-in world"), DEFAULT_WORLD.to_owned());
    };
    let file = ScenarioFile::read(path)?;
    let ignored = file.ignored_when_served();
    if !ignored.is_empty() {
        eprintln!("imsim: {}: not used by serve: {}", path.display(), ignored.join(", "));
    }
    Ok(file)
}

fn options(args: &ServeArgs, seed: Seed) -> Options {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let shards = args.shards.and_then(|shards| usize::try_from(shards).ok());
    Options {
        seed,
        shards: shards.unwrap_or(cores.min(crate::actors::shared::MOST_SHARDS)),
        limits: AdmissionLimits {
            running_jobs: args.max_running_jobs,
            running_workers: args.max_running_workers,
            waiting_requests: args.max_waiting_requests,
        },
        keep_jobs: args.keep_jobs,
        keep_pairs: args.keep_pairs,
    }
}

/// Every connection needs a descriptor, so the limit goes as high as the system allows.
fn raise_descriptor_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => log::info!("up to {limit} open descriptors"),
        Err(error) => warn!("the limit of open descriptors stays as it is: {error}"),
    }
}

async fn run(args: &ServeArgs, file: &ScenarioFile, options: &Options) -> Exit {
    // A trace that cannot be written is better known before hours of serving than after.
    let trace = match args.trace.as_deref().map(|path| (path, File::create(path))) {
        None => None,
        Some((_, Ok(file))) => Some(file),
        Some((path, Err(error))) => {
            return could_not_run(&format!("cannot write {}: {error}", path.display()));
        }
    };
    let (live, server) = match LiveServer::start(file, options, &args.addr) {
        Ok(started) => started,
        Err(StartError::Scenario(problem)) => return could_not_run(&problem),
        Err(StartError::Address(error)) => {
            return could_not_run(&format!("cannot listen on {}: {error}", args.addr));
        }
    };
    // Whoever reads that the server listens may stop it at once, so the signals are heard before.
    let stop = match StopSignals::new() {
        Ok(stop) => stop,
        Err(error) => return could_not_run(&format!("cannot listen for signals: {error}")),
    };
    print!("{}", welcome(&live, file, options));
    let exit = serve_until_stopped(&live, server, stop, args).await;
    match trace.map_or(Ok(()), |trace| write_trace(&live, options.seed, trace)) {
        Ok(()) => exit,
        Err(error) => could_not_run(&format!("cannot write the trace: {error}")),
    }
}

/// Writes what the journal still has, and says how much that is.
fn write_trace(live: &LiveServer, seed: Seed, file: File) -> std::io::Result<()> {
    let shared = live.shared();
    let evicted = shared.journal.evicted();
    let mut sink = BufWriter::new(file);
    let mut trace = TraceWriter::new(&shared.world, seed, live.started(), Some(&mut sink))?;
    trace.write(&shared.journal.take())?;
    let (_, lines) = trace.finish();
    println!("trace: {lines} lines; {evicted} older entries had made room");
    sink.flush()
}

async fn serve_until_stopped(
    live: &LiveServer,
    server: Server,
    mut stop: StopSignals,
    args: &ServeArgs,
) -> Exit {
    let server = actix_web::rt::spawn(server);
    stop.wait().await;
    eprintln!("draining: running jobs get {} to end; Ctrl-C again stops at once", args.drain_for.0);
    let exit = tokio::select! {
        biased;
        drained = live.drain(args.drain_for.0) => report(&drained, args),
        () = stop.wait() => {
            eprintln!("stopped at once; {} jobs had not ended", live.shared().admission.running_jobs());
            live.stop().await;
            Exit::DidNotHold
        }
    };
    let _ = server.await;
    exit
}

fn report(drained: &Drained, args: &ServeArgs) -> Exit {
    let counts = drained.counts;
    let ended = counts.succeeded + counts.failed;
    println!(
        "jobs: {} accepted, {ended} ended (SUCCESS {}, FAIL {})",
        counts.accepted, counts.succeeded, counts.failed
    );
    // The counts decide, not the list: a job that was let in at the last moment may be missing in it.
    let left = counts.accepted.saturating_sub(ended);
    if left == 0 {
        return Exit::Held;
    }
    println!("{left} jobs did not end within {}:", args.drain_for.0);
    for job in &drained.unfinished {
        let state = job.standing.state().as_str();
        println!("  {}  {}  {state}", job.id, job.operation().name());
    }
    Exit::DidNotHold
}

/// Ctrl-C, and what service managers and test harnesses send.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn new() -> std::io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
