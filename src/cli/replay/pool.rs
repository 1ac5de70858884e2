//! Runs side by side, each on a thread of its own; what came of them is handed on in the order of the
//! files.
//!
//! This is the one place where the program makes threads for replays. Within a run there is still only
//! one: each has a runtime, a clock and a world of its own and shares nothing with the others.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use super::progress::{EVERY, Progress, Watched};
use crate::cli::trace_file::TraceFile;
use crate::replay::html::{MOST_PICTURED, Pictured};
use crate::replay::{self, Checks, FileOutcome, ReplayOptions, Run, StepCounter};
use crate::scenario::ScenarioFile;
use crate::seed::Seed;

/// What is to be run.
pub(super) struct Work {
    pub(super) files: Vec<PathBuf>,
    pub(super) seed: Option<Seed>,
    /// How many seeds each file is run with.
    pub(super) repeat: u64,
    pub(super) shards: usize,
    pub(super) checks: Checks,
    pub(super) trace: Option<PathBuf>,
    /// How many runs go on at once.
    pub(super) jobs: usize,
}

impl Work {
    /// How many runs there are in all.
    pub(super) fn runs(&self) -> u64 {
        self.repeat * self.files.len() as u64
    }

    /// How many runs go on at once: never more than there are.
    pub(super) fn threads(&self) -> usize {
        self.jobs.min(usize::try_from(self.runs()).unwrap_or(self.jobs))
    }
}

/// The stack of a thread: what the main thread of a program usually has.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// What became of one run.
struct Done {
    file: usize,
    /// Its place among the seeds of the file.
    place: usize,
    about: Option<String>,
    /// `None` if it was left out, since the file could not be run with an earlier seed.
    result: Option<Result<Run, String>>,
}

/// Runs everything, and hands on what became of each file in the order of the files.
///
/// # Errors
/// A sentence for people, if there can be no thread.
pub(super) fn run(
    work: &Work,
    progress: &mut Progress,
    mut each: impl FnMut(FileOutcome, &mut Progress),
) -> Result<(), String> {
    let watched = progress.watched();
    let queue = Queue::new(work);
    // Whoever has a result waits until it is taken, so that a slow reader of the output holds up the work.
    let (sender, receiver) = sync_channel(1);
    std::thread::scope(|scope| {
        for thread in 0..work.threads() {
            let worker = Worker { queue: &queue, watched: &watched, thread, read: None };
            match spawn(scope, worker, sender.clone()) {
                Ok(()) => {}
                // Fewer threads do the same work.
                Err(_) if thread > 0 => break,
                Err(error) => return Err(format!("cannot make a thread: {error}")),
            }
        }
        drop(sender);
        gather(work, &receiver, progress, &mut each);
        Ok(())
    })
}

fn spawn<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    mut worker: Worker<'scope>,
    sender: SyncSender<Done>,
) -> std::io::Result<()> {
    let builder = Builder::new().name(format!("replay-{}", worker.thread)).stack_size(STACK_BYTES);
    let run = move || {
        while let Some(done) = worker.next() {
            if sender.send(done).is_err() {
                break;
            }
        }
    };
    builder.spawn_scoped(scope, run).map(|_| ())
}

/// Takes what comes, in whatever order, and hands on each file that is complete and whose turn it is.
fn gather(
    work: &Work,
    receiver: &Receiver<Done>,
    progress: &mut Progress,
    each: &mut impl FnMut(FileOutcome, &mut Progress),
) {
    let mut open: Vec<Gathered> = work.files.iter().map(|_| Gathered::default()).collect();
    let mut turn = 0;
    loop {
        match receiver.recv_timeout(EVERY) {
            Ok(done) => {
                progress.advance();
                open[done.file].add(done);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while open.get(turn).is_some_and(|file| file.count == work.repeat) {
            let gathered = std::mem::take(&mut open[turn]);
            each(gathered.outcome(&work.files[turn]), progress);
            turn += 1;
        }
        progress.draw();
    }
}

/// What has come of a file so far.
#[derive(Default)]
struct Gathered {
    count: u64,
    about: Option<String>,
    runs: Vec<(usize, Result<Run, String>)>,
    pictured: Pictured,
}

impl Gathered {
    fn add(&mut self, done: Done) {
        self.count += 1;
        self.about = self.about.take().or(done.about);
        let Some(result) = done.result else { return };
        let index = self.runs.len();
        let goes = result.as_ref().ok().and_then(|run| self.pictured.goes(done.place, index, run));
        self.runs.push((done.place, result));
        if let Some((_, Ok(run))) = goes.and_then(|index| self.runs.get_mut(index)) {
            run.replayed.timeline = None;
        }
    }

    fn outcome(mut self, file: &Path) -> FileOutcome {
        self.runs.sort_by_key(|(place, _)| *place);
        let mut outcome = FileOutcome {
            file: file.to_owned(),
            about: self.about,
            runs: Vec::new(),
            broken: None,
        };
        for (_, result) in self.runs {
            match result {
                Ok(run) => outcome.runs.push(run),
                Err(reason) => outcome.broken = outcome.broken.or(Some(reason)),
            }
        }
        outcome
    }
}

/// The runs that nobody has taken yet.
struct Queue<'a> {
    work: &'a Work,
    next: AtomicU64,
    /// The files that could not be run with one of their seeds; the others are left out.
    broken: Vec<AtomicBool>,
}

impl<'a> Queue<'a> {
    fn new(work: &'a Work) -> Self {
        let broken = work.files.iter().map(|_| AtomicBool::new(false)).collect();
        Self { work, next: AtomicU64::new(0), broken }
    }

    /// The place of a file in the list and that of a seed; `None` if all are taken.
    fn take(&self) -> Option<(usize, u64)> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let file = usize::try_from(next / self.work.repeat).ok()?;
        (file < self.work.files.len()).then_some((file, next % self.work.repeat))
    }
}

/// Takes runs one after the other.
struct Worker<'a> {
    queue: &'a Queue<'a>,
    watched: &'a Watched,
    thread: usize,
    /// The file that was read last, with its place in the list: the next run is most likely of the same.
    read: Option<(usize, Result<ScenarioFile, String>)>,
}

impl Worker<'_> {
    /// Does the next run.
    fn next(&mut self) -> Option<Done> {
        let (file, place) = self.queue.take()?;
        let result =
            (!self.queue.broken[file].load(Ordering::Relaxed)).then(|| self.run(file, place));
        if let Some(Err(_)) = result {
            self.queue.broken[file].store(true, Ordering::Relaxed);
        }
        let about = self.read.as_ref().filter(|(of, _)| *of == file && place == 0);
        let about = about.and_then(|(_, read)| read.as_ref().ok()?.sections.about.clone());
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        Some(Done { file, place, about, result })
    }

    fn run(&mut self, index: usize, place: u64) -> Result<Run, String> {
        let work = self.queue.work;
        if self.read.as_ref().is_none_or(|(of, _)| *of != index) {
            // The one before goes first: two files at once may be a lot of memory.
            self.read = None;
            let file = ScenarioFile::read(&work.files[index]);
            self.read = Some((index, file.map_err(|problem| problem.to_string())));
        }
        let file = match &self.read {
            Some((_, Ok(file))) => file,
            Some((_, Err(reason))) => return Err(reason.clone()),
            None => return Err(format!("{}: not read", work.files[index].display())),
        };
        let seed = seed(work, file, place)?;
        let options = ReplayOptions { seed: Some(seed), shards: work.shards };
        let steps = StepCounter::default();
        self.watched.begin(self.thread, &steps, steps_of(file, work.checks));
        let checks =
            Checks { timeline: work.checks.timeline && index < MOST_PICTURED, ..work.checks };
        let run = run_one(file, options, (checks, work.trace.as_deref()), &steps);
        self.watched.end(self.thread);
        run
    }
}

fn run_one(
    file: &ScenarioFile,
    options: ReplayOptions,
    (checks, trace): (Checks, Option<&Path>),
    steps: &StepCounter,
) -> Result<Run, String> {
    let run = |trace| replay::run(file, options, checks, trace, steps);
    let Some(path) = trace else { return run(None).map_err(|error| error.to_string()) };
    let mut trace = TraceFile::open(path, Some(&file.path))?;
    let run = run(Some(&mut trace)).map_err(|error| error.to_string())?;
    trace.finish()?;
    Ok(run)
}

/// The seed of a run: so many after the first one.
fn seed(work: &Work, file: &ScenarioFile, place: u64) -> Result<Seed, String> {
    let first = work.seed.unwrap_or_else(|| replay::own_seed(file));
    first.number().checked_add(place).map(Seed::new).ok_or_else(|| {
        let (file, repeat) = (file.path.display(), work.repeat);
        format!("{file}: {repeat} seeds from {first} on go beyond the largest one, {}", u64::MAX)
    })
}

/// How many steps a run has, the second run included.
fn steps_of(file: &ScenarioFile, checks: Checks) -> u64 {
    let once: usize = file.sections.steps.iter().map(crate::scenario::step::StepEntry::size).sum();
    once as u64 * if checks.again { 2 } else { 1 }
}
