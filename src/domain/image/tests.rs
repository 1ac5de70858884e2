//! What happens to members behind the client's back, and what is known of the past.

use proptest::prelude::*;

use super::super::history::CHANGES_KEPT;
use super::*;
use crate::api::Code;

const OWNER: ProjectId = ProjectId::from_u128(1);
const CALLER: ProjectId = OWNER;

fn at(ms: u64) -> SimTime {
    SimTime::from_millis(ms)
}

fn project(number: u8) -> ProjectId {
    ProjectId::from_u128(100 + u128::from(number))
}

fn image(members: &[(ProjectId, MemberStatus)]) -> Image {
    Image::new(ImageId::from_u128(7), "web", OWNER, Facts::default(), members, at(0))
}

fn by_hand(members: Vec<(ProjectId, Option<MemberStatus>)>, clear_members: bool) -> ImageChange {
    let times = Times { created: at(0), updated: at(0) };
    let (facts, details) = (Facts::default(), Arc::default());
    ImageChange { facts, times, details, clear_members, members }
}

proptest! {
    /// Whoever is shown the past sees the members exactly as they were, in their order.
    #[test]
    fn the_past_is_what_it_was(
        changes in proptest::collection::vec((0_u64..3, 0_u8..4, 0_u8..5), 1..60),
    ) {
        use MemberStatus::{Accepted, Pending, Rejected};
        let world = World::default();
        world.keep_history(true);
        let image = image(&[(project(0), Accepted), (project(9), Pending)]);
        world.books().note(0, 2);
        let mut now = 10;
        let mut seen = vec![(9, image.members())];
        for (pause, who, what) in changes {
            now += pause;
            let status = [None, Some(Pending), Some(Accepted), Some(Rejected)].get(usize::from(what));
            let change = match status {
                Some(status) => by_hand(vec![(project(who), *status)], false),
                None => by_hand(vec![(project(who), Some(Accepted))], true),
            };
            image.change_by_hand(change, at(now), world.books());
            // Of several changes within an instant the last one counts.
            if seen.last().is_some_and(|(time, _)| *time == now) {
                seen.pop();
            }
            seen.push((now, image.members()));
        }
        prop_assert_eq!(&image.members_at(at(0)), &seen[0].1);
        for pair in seen.windows(2) {
            prop_assert_eq!(&image.members_at(at(pair[0].0)), &pair[0].1);
            prop_assert_eq!(&image.members_at(at(pair[1].0 - 1)), &pair[0].1);
        }
        prop_assert_eq!(image.members_at(at(now)), image.members());
        prop_assert_eq!(world.books().memberships(), image.members().all().len());
    }
}

#[test]
fn the_past_begins_where_somebody_wanted_it_and_the_oldest_known_state_stands_for_all_before() {
    let world = World::default();
    let image = image(&[]);
    let share = |number: u8, time: u64| {
        let member = (project(number), Some(MemberStatus::Pending));
        image.change_by_hand(by_hand(vec![member], false), at(time), world.books());
    };
    let count = |time: u64| image.members_at(at(time)).all().len();
    share(0, 10);
    assert_eq!(count(5), 1, "nobody wanted it yet");
    world.keep_history(true);
    share(1, 20);
    share(2, 30);
    assert_eq!([5, 19, 20, 29, 30].map(count), [1, 1, 2, 2, 3]);
    world.keep_history(false);
    assert_eq!(count(19), 1, "what is known stays known while nothing changes");
    share(3, 40);
    world.keep_history(true);
    share(4, 50);
    assert_eq!([5, 39, 40, 50].map(count), [4, 4, 4, 5], "a gap wipes out what lies before it");
}

#[test]
fn the_past_is_bounded_and_the_oldest_goes_first() {
    let world = World::default();
    world.keep_history(true);
    let image = image(&[(project(0), MemberStatus::Pending)]);
    let statuses = [MemberStatus::Accepted, MemberStatus::Rejected];
    let last = CHANGES_KEPT as u64 + 10;
    for number in 1..=last {
        let status = statuses[usize::from(number % 2 == 0)];
        let change = by_hand(vec![(project(0), Some(status))], false);
        image.change_by_hand(change, at(number), world.books());
    }
    let updated = |time: u64| image.members_at(at(time)).all()[0].updated.as_millis();
    assert_eq!([0, 9, 10, 11, 500, last].map(updated), [10, 10, 10, 11, 500, last]);
}

#[test]
fn what_is_done_by_hand_is_told_and_a_status_that_stays_keeps_its_date() {
    use MemberStatus::{Accepted, Pending, Rejected};
    let world = World::default();
    let image = image(&[(project(0), Pending), (project(1), Accepted)]);
    let members = vec![
        (project(0), Some(Rejected)),
        (project(1), Some(Accepted)),
        (project(2), Some(Accepted)),
        (project(3), None),
        (project(1), None),
    ];
    let done = image.change_by_hand(by_hand(members, false), at(5), world.books());
    let expected =
        [Change::SetTo(Rejected), Change::Nothing, Change::Added, Change::Nothing, Change::Removed];
    assert_eq!(done, expected);
    let left: Vec<_> = image
        .members()
        .all()
        .iter()
        .map(|it| (it.project, it.status, it.created.as_millis(), it.updated.as_millis()))
        .collect();
    assert_eq!(left, [(project(0), Rejected, 0, 5), (project(2), Accepted, 5, 5)]);
}

#[test]
fn an_image_that_is_gone_fails_every_pair_and_shows_nothing() {
    let world = World::default();
    world.keep_history(true);
    let image = image(&[(project(0), MemberStatus::Pending)]);
    world.books().note(0, 1);
    assert!(image.delete(world.books()) && !image.delete(world.books()));
    let vault = None;
    let accept = Action::Update { decision: crate::api::MemberDecision::Accepted, vault };
    for (action, code) in
        [(Action::Add, Code::Img0112), (Action::Delete, Code::Img0113), (accept, Code::Img0114)]
    {
        let settled = image.settle_pair(&action, CALLER, project(0), &world, at(9));
        assert_eq!(settled, Settled { outcome: Some(code), change: Change::Nothing });
    }
    let change = by_hand(vec![(project(1), Some(MemberStatus::Pending))], false);
    assert_eq!(image.change_by_hand(change, at(9), world.books()), []);
    assert_eq!(image.look(None, |_, _| ()), None);
    assert_eq!(image.look(Some(at(0)), |_, _| ()), None);
    assert!(image.is_deleted() && image.members_at(at(0)).all().is_empty());
}

/// A world has up to a million images, each with an allocation of its own for this and no other.
#[test]
fn an_image_takes_little_room() {
    assert!(size_of::<Image>() <= 120, "{} bytes", size_of::<Image>());
}
