//! What the plan can know of a job, of one of its images, and of one of its pairs.

use std::sync::Arc;

use crate::api::{ImageId, ProjectId};
use crate::clock::SimTime;
use crate::domain::{Batch, Image};
use crate::faults::{Details, Entity, FaultEvent, ImageTest, Point};
use crate::seed::JobKey;

/// All of a job's images and projects.
struct WholeJob<'a>(&'a Batch);

impl Details for WholeJob<'_> {
    fn has_image(&self, test: &ImageTest) -> bool {
        let mut images = (0..).zip(&self.0.images);
        images.any(|(index, image)| test.fits(image, Some(index)))
    }

    fn each_image(&self, visit: &mut dyn FnMut(ImageId)) {
        self.0.images.iter().for_each(|image| visit(image.id));
    }

    fn each_member(&self, visit: &mut dyn FnMut(ProjectId)) {
        self.0.projects.iter().for_each(|project| visit(*project));
    }
}

/// One image of a job with all its projects, or with one.
struct OneImage<'a> {
    image: &'a Arc<Image>,
    index: u32,
    projects: &'a [ProjectId],
}

impl Details for OneImage<'_> {
    fn has_image(&self, test: &ImageTest) -> bool {
        test.fits(self.image, Some(self.index))
    }

    fn each_member(&self, visit: &mut dyn FnMut(ProjectId)) {
        self.projects.iter().for_each(|project| visit(*project));
    }
}

fn event<'a>(
    point: Point,
    at: SimTime,
    job: JobKey,
    batch: &Batch,
    details: &'a dyn Details,
) -> FaultEvent<'a> {
    FaultEvent {
        point,
        at,
        entity: Entity::Job(job),
        operation: Some(batch.action.operation()),
        project: Some(batch.caller),
        job: Some(Entity::Job(job)),
        image: None,
        member: None,
        pairs: None,
        details,
    }
}

/// A batch is about to become a job.
pub(super) fn with_job<T>(
    at: SimTime,
    job: JobKey,
    batch: &Batch,
    ask: impl FnOnce(&FaultEvent<'_>) -> T,
) -> T {
    ask(&event(Point::Job, at, job, batch, &WholeJob(batch)))
}

/// A worker begins its life on an image, given by its place in the request, with so many pairs to settle.
pub(super) fn with_image<T>(
    at: SimTime,
    job: JobKey,
    batch: &Batch,
    (index, pairs): (u32, u32),
    ask: impl FnOnce(&FaultEvent<'_>) -> T,
) -> T {
    let image = &batch.images[index as usize];
    let details = OneImage { image, index, projects: &batch.projects };
    ask(&FaultEvent {
        entity: Entity::Image(job, image.id),
        image: Some(image.id),
        pairs: Some(pairs),
        ..event(Point::Image, at, job, batch, &details)
    })
}

/// A worker is about to settle a pair, given by the places of its image and project in the request.
pub(super) fn with_pair<T>(
    at: SimTime,
    job: JobKey,
    batch: &Batch,
    (index, project): (u32, ProjectId),
    ask: impl FnOnce(&FaultEvent<'_>) -> T,
) -> T {
    let image = &batch.images[index as usize];
    let details = OneImage { image, index, projects: &[] };
    ask(&FaultEvent {
        entity: Entity::Pair(job, image.id, project),
        image: Some(image.id),
        member: Some(project),
        ..event(Point::Pair, at, job, batch, &details)
    })
}
