//! Gathers a timeline from the journal of a run.

use rustc_hash::FxHashMap;

use super::quiet::Longest;
use super::{
    CallMark, ChangeMark, Death, FaultMark, JobEnd, JobSpan, LONGEST_NAME, MOST_CALLS, MOST_JOBS,
    MOST_MARKS, MOST_POINTS, MOST_WORKERS, Progress, Struck, Timeline, WorkerSpan,
};
use crate::api::ImageId;
use crate::api::job::JobState;
use crate::clock::{SimDuration, SimTime};
use crate::domain::World;
use crate::journal::{CallRecord, Entry, Event, FaultRecord, Numbered};
use crate::seed::{JobKey, Subject};

/// Takes the entries of a run, instant by instant.
pub(in crate::replay) struct Gather<'w> {
    world: &'w World,
    epoch: SimTime,
    quiet: Longest,
    /// Where each job that is kept stands in the list.
    places: FxHashMap<JobKey, usize>,
    /// Where each worker that is kept stands in the list of its job.
    workers: FxHashMap<(JobKey, u32), usize>,
    marks: usize,
    made: Timeline,
}

impl<'w> Gather<'w> {
    /// A timeline of nothing; images and projects get the names that they have in this world.
    pub(in crate::replay) fn new(world: &'w World, epoch: SimTime) -> Self {
        Self {
            world,
            epoch,
            quiet: Longest::default(),
            places: FxHashMap::default(),
            workers: FxHashMap::default(),
            marks: 0,
            made: Timeline::default(),
        }
    }

    /// Takes the entries of one instant.
    pub(in crate::replay) fn take(&mut self, entries: &[Numbered]) {
        for Numbered { entry, .. } in entries {
            self.take_one(entry);
        }
    }

    /// The timeline of a run that ends now.
    pub(in crate::replay) fn finish(self, end: SimDuration) -> Timeline {
        let mut made = self.made;
        made.end = end;
        made.quiet = self.quiet.finish(end);
        for job in &mut made.jobs {
            job.workers.sort_by_key(|worker| worker.place);
        }
        made
    }

    fn take_one(&mut self, entry: &Entry) {
        let at = entry.at - self.epoch;
        self.quiet.something_at(at);
        match &entry.event {
            Event::Call(call) => self.call(at, call),
            Event::FaultFired(fault) => self.fault(at, entry.subject, fault),
            Event::Admin { action, object, .. } => {
                if self.has_room_for_a_mark() {
                    let object = cut(object);
                    self.made.changes.push(ChangeMark { at, action, object });
                }
            }
            Event::FaultSuperseded(_) => {}
            of_job => {
                if let Some(job) = entry.subject.job() {
                    self.of_job(at, job, entry.subject, of_job);
                }
            }
        }
    }

    fn of_job(&mut self, at: SimDuration, key: JobKey, subject: Subject, event: &Event) {
        if let Event::JobAccepted { operation, owner, images, projects, .. } = event {
            let owner = cut(&self.world.project_name(*owner));
            let (operation, images, projects) = (*operation, *images, *projects);
            return self.accept(JobSpan::new(key, operation, owner, (images, projects), at));
        }
        let Some(job) = self.places.get(&key).map(|place| &mut self.made.jobs[*place]) else {
            return;
        };
        match event {
            Event::JobStarted => job.started = Some(at),
            Event::JobEnded { first_failure, reported, .. } => {
                let state =
                    if first_failure.is_none() { JobState::Success } else { JobState::Fail };
                let (reported, error_code) = (*reported, *first_failure);
                job.ended = Some(JobEnd { at, state, reported, error_code });
            }
            Event::PairSettled { image, outcome, pass, .. } => {
                let counter = match (pass, outcome) {
                    (2.., _) => &mut job.again,
                    (_, None) => &mut job.succeeded,
                    (_, Some(_)) => &mut job.failed,
                };
                *counter += 1;
                let (succeeded, failed) = (job.succeeded, job.failed);
                go_on(&mut job.progress, Progress { at, succeeded, failed });
                let (again, failed) = (*pass > 1, outcome.is_some());
                self.settle(at, subject, *image, (again, failed));
            }
            Event::WorkerDied { image, settled, restart } => {
                let death = Death { at, settled: *settled, restart: *restart };
                if self.has_room_for_a_mark()
                    && let Some(worker) = self.worker(subject, *image)
                {
                    worker.deaths.push(death);
                }
            }
            _ => {}
        }
    }

    fn accept(&mut self, job: JobSpan) {
        if self.made.jobs.len() == MOST_JOBS {
            self.made.left_out.jobs += 1;
            return;
        }
        self.places.insert(job.key, self.made.jobs.len());
        self.made.jobs.push(job);
    }

    fn settle(
        &mut self,
        at: SimDuration,
        subject: Subject,
        image: ImageId,
        (again, failed): (bool, bool),
    ) {
        let Some(worker) = self.worker(subject, image) else { return };
        let first = worker.settled.map_or(at, |(first, _)| first);
        worker.settled = Some((first, at));
        match (again, failed) {
            (true, _) => {}
            (false, true) => worker.failed += 1,
            (false, false) => worker.succeeded += 1,
        }
    }

    fn call(&mut self, at: SimDuration, call: &CallRecord) {
        if self.made.calls.len() == MOST_CALLS {
            self.made.left_out.calls += 1;
            return;
        }
        self.made.calls.push(CallMark {
            at,
            operation: call.operation,
            by: call.project.map(|project| cut(&self.world.project_name(project))),
            status: call.status,
            error_code: call.refusal,
            delivery: call.delivery,
        });
    }

    fn fault(&mut self, at: SimDuration, subject: Subject, fault: &FaultRecord) {
        let on = match subject {
            Subject::Job(job) => Struck::Job(job),
            Subject::Image(job, place) | Subject::Pair(job, place, _) => Struck::Worker(job, place),
            Subject::Connection(_) | Subject::Call(_) | Subject::Admin(_) | Subject::Step(_) => {
                Struck::Call
            }
        };
        if let Some(image) = fault.image {
            // A worker that a fault stops for ever may never be heard of again.
            let _ = self.worker(subject, image);
        }
        if self.has_room_for_a_mark() {
            let (point, effect) = (fault.point, fault.effect);
            self.made.faults.push(FaultMark { at, rule: cut(&fault.rule), point, effect, on });
        }
    }

    /// The worker that this is about; `None` if its job or itself is left out.
    fn worker(&mut self, subject: Subject, image: ImageId) -> Option<&mut WorkerSpan> {
        let (Subject::Image(key, place) | Subject::Pair(key, place, _)) = subject else {
            return None;
        };
        let job = &mut self.made.jobs[*self.places.get(&key)?];
        if let Some(known) = self.workers.get(&(key, place)) {
            return job.workers.get_mut(*known);
        }
        // One that is left out is known, too, by a place that the list does not have.
        let full = self.workers.len() - usize::try_from(self.made.left_out.workers).ok()?;
        if full >= MOST_WORKERS {
            self.workers.insert((key, place), usize::MAX);
            self.made.left_out.workers += 1;
            return None;
        }
        self.workers.insert((key, place), job.workers.len());
        job.workers.push(WorkerSpan {
            place,
            image: cut(&self.world.image_name(image)),
            settled: None,
            succeeded: 0,
            failed: 0,
            deaths: Vec::new(),
        });
        job.workers.last_mut()
    }

    fn has_room_for_a_mark(&mut self) -> bool {
        let room = self.marks < MOST_MARKS;
        if room {
            self.marks += 1;
        } else {
            self.made.left_out.marks += 1;
        }
        room
    }
}

/// Adds a point; where there are too many, every second one goes.
fn go_on(progress: &mut Vec<Progress>, point: Progress) {
    match progress.last_mut().filter(|last| last.at == point.at) {
        Some(last) => *last = point,
        None => {
            if progress.len() == MOST_POINTS {
                let mut place = 0;
                progress.retain(|_| {
                    place += 1;
                    place % 2 == 0
                });
            }
            progress.push(point);
        }
    }
}

/// A name, or its beginning.
fn cut(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

#[cfg(test)]
mod tests;
