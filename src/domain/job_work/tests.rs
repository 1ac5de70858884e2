//! Jobs without actors: any order of work, any crashes within and beyond the limit.

use proptest::prelude::*;

use super::super::image::Facts;
use super::super::world::Project;
use super::super::{Image, Settings, World};
use super::*;
use crate::api::{ImageId, MemberStatus};

const OWNER: ProjectId = ProjectId::from_u128(1);

fn at(ms: u64) -> SimTime {
    SimTime::from_millis(ms)
}

/// A world with `images` images, each shared with the even ones of `projects` projects.
fn world(images: u8, projects: u8) -> World {
    let mut world = World::new(Settings::default());
    let project = |number: u8| ProjectId::from_u128(100 + u128::from(number));
    world.add_project(Project { id: OWNER, name: "owner".into(), unavailable: false });
    let members: Vec<_> =
        (0..projects).step_by(2).map(|n| (project(n), MemberStatus::Accepted)).collect();
    for number in 0..images {
        let id = ImageId::from_u128(number.into());
        let name = format!("image-{number}");
        world.add_image(Image::new(id, &name, OWNER, Facts::default(), &members, at(0)));
    }
    world
}

fn batch(world: &World, action: Action, projects: u8) -> Arc<Batch> {
    let projects = (0..projects).map(|n| ProjectId::from_u128(100 + u128::from(n))).collect();
    Arc::new(Batch { caller: OWNER, action, images: world.images().into(), projects })
}

proptest! {
    /// Whatever the order of the workers and wherever they die, the result is the sum of the pairs, the
    /// first failure is that of the request's order, and each pair is settled exactly once.
    #[test]
    fn results_do_not_depend_on_the_order_of_work(
        images in 1_u8..5,
        projects in 1_u8..5,
        choices in proptest::collection::vec((0_usize..5, 0_u8..4), 0..200),
        max_restarts in 0_u32..3,
    ) {
        let world = world(images, projects);
        let mut job = JobWork::new(batch(&world, Action::Delete, projects), at(10));
        let mut works = job.image_works(JobKey::new(1, 1), at(10));
        let mut clock = 10;
        let mut settled = 0;
        for (choice, luck) in choices.into_iter().chain((0..200).map(|n| (n, 1))) {
            if works.is_empty() {
                break;
            }
            clock += 1;
            let mut work = works.swap_remove(choice % works.len());
            if luck == 0 {
                match job.died(work, true, Supervision { max_restarts }) {
                    Verdict::Restart(work, _) => works.push(work),
                    Verdict::GiveUp(pairs) => settled += pairs.len(),
                }
            } else if work.settle_next(&world, at(clock), None).is_some() {
                settled += 1;
                job.report(work.index(), work.progress());
                works.push(work);
            } else {
                job.finish(work);
            }
        }
        prop_assert!(job.is_finished());
        prop_assert_eq!(settled, usize::from(images) * usize::from(projects));
        let result = job.result(DeleteResults::All);
        let reported = result.reported.as_ref().expect("all pairs are reported");
        let failures: Vec<Code> = reported.outcomes.iter().copied().flatten().collect();
        prop_assert_eq!(failures.len(), result.failed as usize);
        prop_assert_eq!(failures.first().copied(), result.first_failure);
        // A pair that is reported as done is done: a success that changed nothing cannot occur here.
        for (pair, outcome) in reported.outcomes.iter().enumerate() {
            let image = &world.images()[pair / usize::from(projects)];
            let project = reported.projects[pair % usize::from(projects)];
            if outcome.is_none() {
                prop_assert!(image.member(project).is_none());
            }
        }
    }
}

#[test]
fn an_abandoned_job_ends_and_reports_what_was_not_handed_back_as_failed() {
    let world = world(2, 1);
    let mut job = JobWork::new(batch(&world, Action::Delete, 1), at(0));
    let mut works = job.image_works(JobKey::new(1, 1), at(0));
    let mut first = works.remove(0);
    while first.settle_next(&world, at(1), None).is_some() {}
    job.finish(first);
    job.abandon(at(9));
    let result = job.result(DeleteResults::All);
    assert!(job.is_finished());
    assert_eq!(
        (result.ended, result.failed, result.first_failure),
        (at(9), 1, Some(Code::Img0113))
    );
    let reported = result.reported.expect("all pairs are reported");
    assert_eq!(*reported.outcomes, [None, Some(Code::Img0113)]);
}

#[test]
fn what_is_reported_depends_on_the_action_and_the_switch() {
    let check = |action: Action, projects: u8, switch, expected: Option<(usize, bool)>| {
        let world = world(1, 1);
        let mut job = JobWork::new(batch(&world, action, projects), at(0));
        for mut work in job.image_works(JobKey::new(1, 1), at(0)) {
            while work.settle_next(&world, at(1), None).is_some() {}
            job.finish(work);
        }
        let result = job.result(switch);
        let found = result.reported.map(|kept| (kept.outcomes.len(), kept.failed_only));
        assert_eq!(found, expected);
    };
    check(Action::Delete, 1, DeleteResults::FailedOnly, None);
    check(Action::Delete, 1, DeleteResults::All, Some((0, false)));
    check(Action::Delete, 2, DeleteResults::FailedOnly, Some((2, true)));
    check(Action::Delete, 2, DeleteResults::All, Some((2, false)));
    check(Action::Add, 1, DeleteResults::FailedOnly, Some((1, false)));
}
