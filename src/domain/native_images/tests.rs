//! Who may delete which image, and what goes with it.

use super::super::image::{Facts, Status};
use super::super::rules::{Change, Settled};
use super::super::{Action, Image};
use super::*;
use crate::api::MemberStatus::Rejected;
use crate::clock::SimTime;

const OWNER: ProjectId = ProjectId::from_u128(1);
const MEMBER: ProjectId = ProjectId::from_u128(2);
const STRANGER: ProjectId = ProjectId::from_u128(3);
const IMAGE: ImageId = ImageId::from_u128(7);

fn world(facts: Facts) -> World {
    let (mut world, now) = (World::default(), SimTime::from_millis(0));
    world.add_image(Image::new(IMAGE, "web", OWNER, facts, &[(MEMBER, Rejected)], now));
    world
}

#[test]
fn only_the_owner_deletes_and_only_protection_stops_him() {
    let check = |facts, caller, expected: Result<(), Code>| {
        let world = world(facts);
        let done =
            delete(&world, &IMAGE.to_string(), caller).map(|gone| assert_eq!(gone.members, 1));
        assert_eq!(done.map_err(|refusal| refusal.code), expected, "{facts:?} {caller}");
        assert_eq!(world.image(IMAGE).is_none(), expected.is_ok());
        assert_eq!(world.size().memberships, usize::from(expected.is_err()));
    };
    let plain = Facts::default();
    let protected = Facts { protected: true, ..plain };
    let public = Facts { public: true, ..plain };
    check(protected, STRANGER, Err(Code::NativeImageNotFound));
    check(protected, MEMBER, Err(Code::NativeImageForbidden));
    check(public, STRANGER, Err(Code::NativeImageForbidden));
    check(protected, OWNER, Err(Code::NativeImageProtected));
    let marked = Facts { status: Status::Deleted, ..plain };
    check(marked, OWNER, Err(Code::NativeImageNotFound));
    check(plain, OWNER, Ok(()));
    check(public, OWNER, Ok(()));
    check(Facts { status: Status::Saving, marketplace: true, ..plain }, OWNER, Ok(()));
}

#[test]
fn an_image_goes_once_and_whoever_still_holds_it_misses_it() {
    let world = world(Facts::default());
    let held = world.image(IMAGE).expect("it is there");
    assert!(delete(&world, &IMAGE.to_string().to_uppercase(), OWNER).is_ok());
    for name in [&*IMAGE.to_string(), "web", ""] {
        let again = delete(&world, name, OWNER).expect_err("it is gone");
        assert_eq!(again.text, format!("Image {name} not found."));
    }
    // Its name is free for the record of the run, and jobs that run see it as missing.
    assert_eq!(world.image_name(IMAGE), "web");
    let now = SimTime::from_millis(9);
    let settled = held.settle_pair(&Action::Delete, OWNER, MEMBER, &world, now);
    assert_eq!(settled, Settled { outcome: Some(Code::Img0113), change: Change::Nothing });
}
