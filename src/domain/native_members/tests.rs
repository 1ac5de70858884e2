//! One row per cell of the table, in its order, and what becomes of the share.

use super::super::image::{Facts, Status};
use super::super::world::Project;
use super::super::{Settings, WholeServer};
use super::*;
use crate::api::MemberStatus::{self, Accepted, Pending, Rejected};

const OWNER: ProjectId = ProjectId::from_u128(1);
const MEMBER: ProjectId = ProjectId::from_u128(2);
const OTHER: ProjectId = ProjectId::from_u128(3);
const STRANGER: ProjectId = ProjectId::from_u128(4);
const ELSEWHERE: ProjectId = ProjectId::from_u128(99);
const IMAGE: ImageId = ImageId::from_u128(7);

const NOW: SimTime = SimTime::from_millis(5_000);

/// A world with one image, of OWNER, that MEMBER (with the status) and OTHER (accepted) are members of.
fn world(facts: Facts, status: MemberStatus, settings: Settings) -> World {
    let mut world = World::new(settings);
    for id in [OWNER, MEMBER, OTHER, STRANGER] {
        world.add_project(Project { id, name: id.to_string().into(), unavailable: false });
    }
    let members = [(MEMBER, status), (OTHER, Accepted)];
    world.add_image(Image::new(IMAGE, "web", OWNER, facts, &members, SimTime::from_millis(0)));
    world
}

/// What a call does to the image, or the code of its refusal; then nothing may have changed.
fn call(
    world: &World,
    caller: ProjectId,
    member: &str,
    body: Option<&str>,
    operation: Operation,
) -> Result<Change, Code> {
    let image = world.image(IMAGE).expect("it is there");
    let before = image.members();
    let asked = read(operation, body.unwrap_or_default().as_bytes())?;
    let id = IMAGE.to_string();
    let done = change(world, Place { image: &id, member }, &asked, caller, NOW);
    if done.is_err() {
        assert_eq!(image.members(), before);
    }
    let done = done.map_err(|refusal| refusal.code)?;
    let share = image.member(done.project).map(|share| member_view::body(world, IMAGE, &share));
    assert_eq!(done.member, share);
    Ok(done.change)
}

fn add(world: &World, caller: ProjectId, member: &str) -> Result<Change, Code> {
    let body = format!("{{\"member\": \"{member}\"}}");
    call(world, caller, "", Some(&body), Operation::AddMember)
}

#[test]
fn adding_is_refused_in_the_order_of_the_table() {
    let plain = Facts::default();
    let check = |facts, caller, member: &str, expected| {
        let settings = Settings { image_members: 3, ..Settings::default() };
        let world = world(facts, Pending, settings);
        assert_eq!(add(&world, caller, member), expected, "{facts:?} {caller} {member}");
    };
    let (owner, member, stranger) = (OWNER.to_string(), MEMBER.to_string(), STRANGER.to_string());
    let encrypted = Facts { encrypted: true, ..plain };
    check(encrypted, STRANGER, &owner, Err(Code::NativeImageNotFound));
    let marked = Facts { status: Status::Deleted, ..plain };
    check(marked, OWNER, &owner, Err(Code::NativeImageNotFound));
    check(plain, MEMBER, &stranger, Err(Code::NativeAddForbidden));
    check(Facts { public: true, ..plain }, STRANGER, &stranger, Err(Code::NativeAddForbidden));
    // Whatever the batch does not share, the native API does not share either.
    for facts in [
        Facts { public: true, ..plain },
        Facts { marketplace: true, ..plain },
        Facts { status: Status::Saving, ..plain },
        encrypted,
        Facts { whole_server: WholeServer::Other, ..plain },
    ] {
        check(facts, OWNER, "nobody", Err(Code::NativeAddForbidden));
    }
    check(plain, OWNER, &owner, Err(Code::NativeAddForbidden));
    check(plain, OWNER, &ELSEWHERE.to_string(), Err(Code::NativeMemberUnknown));
    check(plain, OWNER, "nobody", Err(Code::NativeMemberUnknown));
    check(plain, OWNER, &member, Err(Code::NativeMemberDuplicate));
    check(plain, OWNER, &stranger, Ok(Change::Added));
}

#[test]
fn a_full_image_still_says_who_is_a_member_and_counts_members_of_every_status() {
    for status in [Pending, Accepted, Rejected] {
        let settings = Settings { image_members: 2, ..Settings::default() };
        let world = world(Facts::default(), status, settings);
        let added = |member: ProjectId| add(&world, OWNER, &member.to_string());
        assert_eq!(added(MEMBER), Err(Code::NativeMemberDuplicate), "{status:?}");
        assert_eq!(added(STRANGER), Err(Code::NativeMemberLimit), "{status:?}");
    }
}

#[test]
fn updating_is_refused_in_the_order_of_the_table() {
    let plain = Facts::default();
    let cbr = Facts { whole_server: WholeServer::Cbr, ..plain };
    let public = Facts { public: true, ..plain };
    let check = |facts, caller, member: &str, body: &str, expected| {
        let world = world(facts, Pending, Settings::default());
        let done = call(&world, caller, member, Some(body), Operation::UpdateMember);
        assert_eq!(done, expected, "{facts:?} {caller} {member} {body}");
    };
    let (member, other) = (MEMBER.to_string(), OTHER.to_string());
    let (accept, pending) = (r#"{"status": "accepted"}"#, r#"{"status": "pending"}"#);
    check(plain, STRANGER, &other, "{}", Err(Code::NativeStatusMissing));
    check(plain, STRANGER, &STRANGER.to_string(), pending, Err(Code::NativeImageNotFound));
    check(public, MEMBER, &other, pending, Err(Code::NativeUpdateForbidden));
    check(plain, OWNER, &member, pending, Err(Code::NativeUpdateForbidden));
    check(plain, OWNER, "nobody", pending, Err(Code::NativeUpdateForbidden));
    check(plain, MEMBER, &other, pending, Err(Code::NativeMemberNotFound));
    check(plain, MEMBER, "nobody", pending, Err(Code::NativeMemberNotFound));
    check(cbr, MEMBER, &member, pending, Err(Code::NativeStatusWrong));
    check(cbr, MEMBER, &member, accept, Err(Code::NativeVaultUnknown));
    check(cbr, MEMBER, &member, r#"{"status": "rejected"}"#, Ok(Change::SetTo(Rejected)));
    let with_vault = r#"{"status": "accepted", "vault_id": "v"}"#;
    check(cbr, MEMBER, &member, with_vault, Ok(Change::SetTo(Accepted)));
    check(plain, MEMBER, &member.to_uppercase(), accept, Ok(Change::SetTo(Accepted)));
    check(plain, OTHER, &other, accept, Ok(Change::Nothing));
}

#[test]
fn deleting_is_refused_in_the_order_of_the_table() {
    let plain = Facts::default();
    let public = Facts { public: true, ..plain };
    let check = |facts, caller, member: ProjectId, expected| {
        let world = world(facts, Rejected, Settings::default());
        let done = call(&world, caller, &member.to_string(), None, Operation::DeleteMember);
        assert_eq!(done, expected, "{facts:?} {caller} {member}");
    };
    check(plain, STRANGER, MEMBER, Err(Code::NativeImageNotFound));
    check(public, OWNER, MEMBER, Err(Code::NativeDeleteForbidden));
    check(plain, MEMBER, MEMBER, Err(Code::NativeDeleteForbidden));
    check(plain, MEMBER, STRANGER, Err(Code::NativeDeleteForbidden));
    check(plain, OWNER, STRANGER, Err(Code::NativeMemberNotFound));
    check(plain, OWNER, OWNER, Err(Code::NativeMemberNotFound));
    // What keeps an image from being shared does not keep it from being withdrawn.
    check(Facts { encrypted: true, ..plain }, OWNER, MEMBER, Ok(Change::Removed));
}

#[test]
fn refusals_name_image_and_member_as_the_client_wrote_them() {
    let world = world(Facts::default(), Pending, Settings::default());
    let text = |image: &str, member: &str, asked: &Asked, caller| {
        let done = change(&world, Place { image, member }, asked, caller, NOW);
        done.expect_err("it is refused").text.into_owned()
    };
    let id = IMAGE.to_string();
    let twice = Asked::Add(MEMBER.to_string().into());
    let duplicate = format!("Member {MEMBER} is duplicated for image {id}");
    assert_eq!(text(&id, "not this one", &twice, OWNER), duplicate);
    assert_eq!(text("{member}", "x", &twice, OWNER), "Image {member} not found.");
    let missing = format!("X not found in the member list of the image {id}.");
    assert_eq!(text(&id, "X", &Asked::Delete, OWNER), missing);
}

#[test]
fn readers_of_the_past_do_not_see_what_a_call_did() {
    let world = world(Facts::default(), Pending, Settings::default());
    world.keep_history(true);
    assert_eq!(add(&world, OWNER, &STRANGER.to_string()), Ok(Change::Added));
    let image = world.image(IMAGE).expect("it is there");
    assert_eq!(image.members_at(SimTime::from_millis(4_999)).all().len(), 2);
    assert_eq!((image.members_at(NOW).all().len(), world.size().memberships), (3, 3));
}
