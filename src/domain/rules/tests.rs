//! One row per condition of the contract's table: a kind of image, a pair, and what becomes of it.

use super::super::world::Project;
use super::super::{Member, Settings};
use super::*;
use crate::api::ImageId;
use crate::clock::SimTime;

const OWNER: ProjectId = ProjectId::from_u128(1);
const MEMBER: ProjectId = ProjectId::from_u128(2);
const STRANGER: ProjectId = ProjectId::from_u128(3);
const ELSEWHERE: ProjectId = ProjectId::from_u128(99);

const NOW: SimTime = SimTime::from_millis(5_000);
const EARLIER: SimTime = SimTime::from_millis(1_000);

fn world(settings: Settings) -> World {
    let mut world = World::new(settings);
    for id in [OWNER, MEMBER, STRANGER] {
        world.add_project(Project { id, name: id.to_string().into(), unavailable: false });
    }
    world
}

/// Settles one pair of an image of OWNER with MEMBER as its member, and returns what became of it.
fn settle(
    facts: Facts,
    status: MemberStatus,
    action: &Action,
    caller: ProjectId,
    project: ProjectId,
    settings: Settings,
) -> (Settled, Option<Member>) {
    let id = ImageId::from_u128(7);
    let image = Image::new(id, "web", OWNER, facts, &[(MEMBER, status)], EARLIER);
    let settled = image.settle_pair(action, caller, project, &world(settings), NOW);
    (settled, image.member(project))
}

fn fails(code: Code) -> Result<Change, Code> {
    Err(code)
}

#[test]
fn adding_meets_the_conditions_in_order() {
    use MemberStatus::{Accepted, Pending, Rejected};
    let plain = Facts::default();
    let check = |facts, status, caller, project, expected: Result<Change, Code>| {
        let settings = Settings { image_members: 2, ..Settings::default() };
        let (settled, _) = settle(facts, status, &Action::Add, caller, project, settings);
        assert_eq!(settled, expected.into(), "{facts:?} {caller} {project}");
    };
    let public = Facts { public: true, marketplace: true, ..plain };
    check(public, Pending, STRANGER, OWNER, fails(Code::Img0089));
    let marketplace = Facts { marketplace: true, status: Status::Queued, ..plain };
    check(marketplace, Pending, STRANGER, OWNER, fails(Code::Img0107));
    let inactive = Facts { status: Status::Queued, encrypted: true, ..plain };
    check(inactive, Pending, STRANGER, STRANGER, fails(Code::Img0047));
    check(inactive, Pending, OWNER, STRANGER, fails(Code::Img0046));
    let encrypted = Facts { encrypted: true, whole_server: WholeServer::Other, ..plain };
    check(encrypted, Pending, OWNER, STRANGER, fails(Code::Img0098));
    let old = Facts { whole_server: WholeServer::Other, ..plain };
    check(old, Pending, OWNER, OWNER, fails(Code::Img0135));
    check(plain, Pending, OWNER, OWNER, fails(Code::Img0076));
    check(plain, Pending, OWNER, ELSEWHERE, fails(Code::Img0108));
    check(plain, Pending, OWNER, MEMBER, Ok(Change::Nothing));
    check(plain, Accepted, OWNER, MEMBER, Ok(Change::Nothing));
    check(plain, Rejected, OWNER, MEMBER, Ok(Change::SetTo(Pending)));
    check(plain, Pending, OWNER, STRANGER, Ok(Change::Added));
    let cbr = Facts { whole_server: WholeServer::Cbr, ..plain };
    check(cbr, Pending, OWNER, STRANGER, Ok(Change::Added));
}

#[test]
fn the_member_limit_depends_on_the_kind_of_image_and_spares_present_members() {
    let check = |whole_server, project, expected: Result<Change, Code>| {
        let settings =
            Settings { image_members: 2, whole_server_image_members: 1, ..Settings::default() };
        let facts = Facts { whole_server, ..Facts::default() };
        let (settled, _) =
            settle(facts, MemberStatus::Rejected, &Action::Add, OWNER, project, settings);
        assert_eq!(settled, expected.into(), "{whole_server:?}");
    };
    check(WholeServer::No, STRANGER, Ok(Change::Added));
    check(WholeServer::Cbr, STRANGER, fails(Code::Img0088));
    check(WholeServer::Cbr, MEMBER, Ok(Change::SetTo(MemberStatus::Pending)));
}

#[test]
fn deleting_takes_any_member_away_and_misses_unknown_ones() {
    let check = |caller, project, unknown, expected: Result<Change, Code>| {
        let settings = Settings { delete_unknown_member: unknown, ..Settings::default() };
        // Sharing conditions do not matter to withdrawal.
        let facts = Facts { encrypted: true, status: Status::Queued, ..Facts::default() };
        let (settled, after) =
            settle(facts, MemberStatus::Accepted, &Action::Delete, caller, project, settings);
        assert_eq!(settled, expected.into());
        assert_eq!(after.is_some(), project == MEMBER && settled.change == Change::Nothing);
    };
    check(OWNER, MEMBER, UnknownMember::Fail, Ok(Change::Removed));
    check(OWNER, STRANGER, UnknownMember::Fail, fails(Code::Img0113));
    check(OWNER, STRANGER, UnknownMember::Ignore, Ok(Change::Nothing));
    check(OWNER, ELSEWHERE, UnknownMember::Fail, fails(Code::Img0113));
    check(MEMBER, MEMBER, UnknownMember::Ignore, fails(Code::Img0047));
}

#[test]
fn updating_goes_between_all_statuses_and_dates_the_change() {
    use MemberStatus::{Accepted, Pending, Rejected};
    for before in [Pending, Accepted, Rejected] {
        for decision in [MemberDecision::Accepted, MemberDecision::Rejected] {
            let action = Action::Update { decision, vault: None };
            let facts = Facts::default();
            let (settled, after) =
                settle(facts, before, &action, MEMBER, MEMBER, Settings::default());
            let after = after.expect("still a member");
            assert_eq!((settled.outcome, after.status), (None, decision.into()));
            let moved = before != after.status;
            assert_eq!(settled.change == Change::Nothing, !moved);
            assert_eq!(
                (after.created, after.updated),
                (EARLIER, if moved { NOW } else { EARLIER })
            );
        }
    }
}

#[test]
fn updating_needs_a_membership_and_for_whole_servers_a_vault() {
    let check =
        |project, whole_server, decision, vault: Option<&str>, vaults: Option<&[&str]>, code| {
            let vaults = vaults.map(|known| known.iter().map(|one| (*one).into()).collect());
            let settings = Settings { vaults, ..Settings::default() };
            let facts = Facts { whole_server, ..Facts::default() };
            let action = Action::Update { decision, vault: vault.map(Into::into) };
            let (settled, _) =
                settle(facts, MemberStatus::Pending, &action, project, project, settings);
            assert_eq!(settled.outcome, code, "{project} {whole_server:?} {vault:?}");
        };
    use MemberDecision::{Accepted, Rejected};
    use WholeServer::{Cbr, No};
    check(STRANGER, No, Accepted, None, None, Some(Code::Img0114));
    check(OWNER, No, Accepted, None, None, Some(Code::Img0114));
    check(MEMBER, No, Accepted, None, None, None);
    check(MEMBER, Cbr, Accepted, None, None, Some(Code::Img0184));
    check(MEMBER, Cbr, Rejected, None, None, None);
    check(MEMBER, Cbr, Accepted, Some("any text"), None, None);
    check(MEMBER, Cbr, Accepted, Some("known"), Some(&["known"]), None);
    check(MEMBER, Cbr, Accepted, Some("unknown"), Some(&["known"]), Some(Code::Img0184));
    check(MEMBER, No, Accepted, Some("unknown"), Some(&["known"]), None);
}
