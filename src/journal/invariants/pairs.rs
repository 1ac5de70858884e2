//! The pairs of a job that has not ended: how often each was settled, and as what.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::finding::{Findings, Invariant, times};
use crate::api::job::PairOutcome;
use crate::api::{Code, ImageId, ProjectId};
use crate::domain::{AskedPairs, Fingerprint, World};
use crate::faults::EffectKind;
use crate::seed::JobKey;

/// The pairs of a job. Which images and projects it has is learned from what is settled, and held against
/// what was asked for at the end.
pub(super) struct Pairs {
    job: JobKey,
    asked: AskedPairs,
    rows: Box<[Row]>,
    projects: Box<[Option<ProjectId>]>,
    /// Row by row; empty until the first one is settled.
    settled: Vec<Settled>,
    /// How many were settled at least once.
    done: u32,
    /// How often a job of its kind settles each pair.
    passes: u32,
}

/// What happens to one image.
#[derive(Clone, Default)]
struct Row {
    image: Option<ImageId>,
    /// How many pairs of the present pass are settled.
    settled: usize,
    /// How many passes a rule adds.
    more_passes: u32,
    twice: Twice,
    /// What its worker says that is not so.
    lie: Option<EffectKind>,
}

/// Whether a worker begins all over again; one that is restarted asks again, and twice stays twice.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Twice {
    #[default]
    No,
    Wanted,
    Begun,
}

#[derive(Clone, Copy, Default)]
struct Settled {
    times: u32,
    outcome: PairOutcome,
}

/// What the pairs of a job come to.
pub(super) struct Sum {
    pub(super) failed: u32,
    pub(super) first_failure: Option<Code>,
    /// See [`results_hash`].
    pub(super) results: u64,
}

impl Pairs {
    pub(super) fn new(job: JobKey, (images, projects): (u32, u32), asked: AskedPairs) -> Self {
        Self {
            job,
            asked,
            rows: vec![Row::default(); images as usize].into(),
            projects: vec![None; projects as usize].into(),
            settled: Vec::new(),
            done: 0,
            passes: 1,
        }
    }

    pub(super) const fn done(&self) -> u32 {
        self.done
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len() * self.projects.len()
    }

    /// All work is done twice.
    pub(super) const fn run_twice(&mut self) {
        self.passes = 2;
    }

    /// An effect fires on a life of an image's worker.
    pub(super) fn suspend(&mut self, place: u32, effect: EffectKind) {
        let Some(row) = self.rows.get_mut(place as usize) else { return };
        match effect {
            EffectKind::RunTwice if row.twice == Twice::No => {
                row.twice = Twice::Wanted;
                row.more_passes += 1;
            }
            EffectKind::ClaimSuccess | EffectKind::ClaimFailure => row.lie = Some(effect),
            _ => {}
        }
    }

    /// Whoever takes up the work does not lie unless a rule says so again.
    pub(super) fn worker_died(&mut self, place: u32) {
        if let Some(row) = self.rows.get_mut(place as usize) {
            row.lie = None;
        }
    }

    /// Whether the worker of an image lies.
    pub(super) fn lies(&self, place: u32) -> bool {
        self.rows.get(place as usize).is_some_and(|row| row.lie.is_some())
    }

    /// A pair is settled, as is said for the `pass`-th time.
    pub(super) fn settle(
        &mut self,
        (i, j): (u32, u32),
        (image, project): (ImageId, ProjectId),
        (outcome, pass): (PairOutcome, u32),
        findings: &mut Findings<'_>,
    ) {
        let (width, count) = (self.projects.len(), self.count());
        let broken = |findings: &mut Findings<'_>, words: String| {
            let pair = Some((image, project));
            findings.add(Invariant::SettledOnce, Some(self.job), pair, || words);
        };
        let (Some(row), Some(column)) =
            (self.rows.get_mut(i as usize), self.projects.get_mut(j as usize))
        else {
            return broken(findings, "was settled, and nobody asked for it".to_owned());
        };
        let same =
            *row.image.get_or_insert(image) == image && *column.get_or_insert(project) == project;
        if !same {
            return broken(findings, "was settled in the place of another".to_owned());
        }
        self.settled.resize(count, Settled::default());
        let settled = &mut self.settled[i as usize * width + j as usize];
        *settled = Settled { times: settled.times + 1, outcome };
        self.done += u32::from(settled.times == 1);
        let most = self.passes + row.more_passes;
        if settled.times > most {
            return broken(findings, format!("was settled {}", times(settled.times)));
        }
        if settled.times != pass {
            let (told, found) = (times(pass), times(settled.times));
            return broken(findings, format!("was settled {found}, and told to be {told}"));
        }
        row.go_on(width);
    }

    /// Holds what was settled against what was asked for, and sums it up; `failed_only` is about results.
    pub(super) fn sum(&self, failed_only: bool, findings: &mut Findings<'_>) -> Sum {
        self.each_as_often_as_asked(findings);
        let mut sum = Sum { failed: 0, first_failure: None, results: 0 };
        for settled in &self.settled {
            sum.failed += u32::from(settled.outcome.is_some());
            sum.first_failure = sum.first_failure.or(settled.outcome);
        }
        let rows = self.rows.iter().flat_map(|row| self.projects.iter().map(|p| (row.image, *p)));
        let results = rows.zip(&self.settled).filter_map(|((image, project), settled)| {
            let failed = settled.outcome.is_some();
            (failed || !failed_only).then_some((image?, project?, failed))
        });
        sum.results = results_hash(results);
        sum
    }

    fn each_as_often_as_asked(&self, findings: &mut Findings<'_>) {
        let width = self.projects.len();
        let names = self.names(findings.world);
        for i in 0..self.rows.len() {
            let often = |j: usize| self.settled.get(i * width + j).map_or(0, |pair| pair.times);
            let most = (0..width).map(often).max().unwrap_or(0).max(self.passes);
            for j in (0..width).filter(|j| often(*j) < most) {
                let pair = names.images[i].zip(names.projects[j]);
                let found = match often(j) {
                    0 => "was never settled".to_owned(),
                    count => {
                        format!("was settled {}, and others of its image more often", times(count))
                    }
                };
                findings.add(Invariant::SettledOnce, Some(self.job), pair, || match pair {
                    Some(_) => found,
                    None => format!("pair {j} of image {i} {found}"),
                });
            }
        }
        let whole =
            |left: Fingerprint, unknown: usize| unknown > 0 || left == Fingerprint::default();
        if !whole(names.left.images, names.unknown_images)
            || !whole(names.left.projects, names.unknown_projects)
        {
            findings.add(Invariant::SettledOnce, Some(self.job), None, || {
                "other pairs were settled than were asked for".to_owned()
            });
        }
    }

    /// A pair that was not settled, if there is one whose name can be told.
    pub(super) fn unsettled(&self, world: &World) -> Option<(ImageId, ProjectId)> {
        let names = self.names(world);
        let pairs = names.images.iter().flat_map(|i| names.projects.iter().map(|j| i.zip(*j)));
        let mut open = pairs
            .enumerate()
            .filter(|(place, _)| self.settled.get(*place).is_none_or(|settled| settled.times == 0));
        open.find_map(|(_, pair)| pair)
    }

    /// What the images and projects are. The one that nothing was settled of is known by what is left of
    /// the fingerprint.
    fn names(&self, world: &World) -> Names {
        let mut images: Vec<_> = self.rows.iter().map(|row| row.image).collect();
        let mut projects = self.projects.to_vec();
        let known =
            |ids: &[Option<ImageId>]| Fingerprint::of(ids.iter().flatten().map(|id| id.as_u128()));
        let left_images = self.asked.images.without(known(&images));
        let left_projects = self
            .asked
            .projects
            .without(Fingerprint::of(projects.iter().flatten().map(|id| id.as_u128())));
        let unknown_images = images.iter().filter(|id| id.is_none()).count();
        let unknown_projects = projects.iter().filter(|id| id.is_none()).count();
        if unknown_images == 1 {
            let all = world.images();
            let fits = |id: &ImageId| Fingerprint::of([id.as_u128()]) == left_images;
            let missing = all.iter().map(|image| image.id).find(fits);
            images.iter_mut().filter(|id| id.is_none()).for_each(|id| *id = missing);
        }
        if unknown_projects == 1 {
            let fits = |id: &ProjectId| Fingerprint::of([id.as_u128()]) == left_projects;
            let missing = world.projects().iter().map(|project| project.id).find(fits);
            projects.iter_mut().filter(|id| id.is_none()).for_each(|id| *id = missing);
        }
        let left = AskedPairs { images: left_images, projects: left_projects };
        Names { images, projects, left, unknown_images, unknown_projects }
    }
}

struct Names {
    images: Vec<Option<ImageId>>,
    projects: Vec<Option<ProjectId>>,
    /// What was asked for and not settled.
    left: AskedPairs,
    unknown_images: usize,
    unknown_projects: usize,
}

impl Row {
    /// One more pair of the present pass is settled, of so many.
    fn go_on(&mut self, width: usize) {
        self.settled += 1;
        if self.settled < width {
            return;
        }
        self.settled = 0;
        if self.twice == Twice::Wanted {
            self.twice = Twice::Begun;
        } else {
            // Whoever does the work of the job's second run is another worker.
            (self.twice, self.lie) = (Twice::No, None);
        }
    }
}

/// What an answer's results come to: pairs and whether they failed, in request order. Of two lists that
/// differ in one place the hashes always differ.
pub(super) fn results_hash(rows: impl Iterator<Item = (ImageId, ProjectId, bool)>) -> u64 {
    let mut hasher = FxHasher::default();
    for (image, project, failed) in rows {
        hasher.write_u128(image.as_u128());
        hasher.write_u128(project.as_u128());
        hasher.write_u8(u8::from(failed));
    }
    hasher.finish()
}
