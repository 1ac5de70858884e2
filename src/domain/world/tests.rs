//! A world that changes: what is found afterwards, and that readers and workers get along with it.

use super::super::image::Facts;
use super::super::member_page::MemberPage;
use super::super::{Action, member_view};
use super::*;
use crate::api::{Code, MemberStatus};
use crate::clock::SimTime;

const NOW: SimTime = SimTime::from_millis(0);

fn project_id(number: u128) -> ProjectId {
    ProjectId::from_u128(number)
}

fn image_id(number: u128) -> ImageId {
    ImageId::from_u128(number)
}

/// Projects, each with a token and an image of its own, shared with the first one.
fn world(from: u128, to: u128) -> World {
    let mut world = World::default();
    for number in from..to {
        let (id, name) = (project_id(number), format!("project-{number}"));
        let project = Project { id, name: name.as_str().into(), unavailable: false };
        assert!(world.add_project(project));
        let token = Token { project: Some(id), actions: Vec::new(), expires: None };
        assert!(world.add_token(&name, token));
        let members = [(project_id(0), MemberStatus::Pending)];
        let name = format!("image-{number}");
        let image = Image::new(image_id(number), &name, id, Facts::default(), &members, NOW);
        assert!(world.add_image(image));
    }
    world
}

fn size(projects: usize, images: usize, tokens: usize) -> Size {
    Size { projects, images, tokens, users: 0, access_keys: 0, memberships: images }
}

#[test]
fn what_is_deleted_is_gone_but_for_its_name() {
    let world = world(0, 5);
    let admin = world.administer();
    assert_eq!(admin.delete_project(project_id(1)), Some(1));
    assert_eq!(admin.delete_project(project_id(1)), None);
    assert!(admin.delete_image(image_id(2)) && !admin.delete_image(image_id(2)));
    assert!(admin.delete_token("project-3") && !admin.delete_token("project-3"));
    assert_eq!(world.size(), size(4, 4, 3));
    assert!(world.token("project-1").is_none() && world.token("project-3").is_none());
    assert!(world.image_named("image-2").is_none() && world.image(image_id(2)).is_none());
    assert_eq!(world.image_name(image_id(2)), "image-2");
    assert_eq!(world.project_name(project_id(1)), "project-1");
    assert_eq!(world.project_name(project_id(77)), project_id(77).to_string());
    let orphan = world.image(image_id(1)).expect("its images stay");
    assert_eq!(orphan.owner, project_id(1));
    let left: Vec<_> = world.images().iter().map(|image| image.id.as_u128()).collect();
    assert_eq!(left, [0, 1, 3, 4]);
}

#[test]
fn what_is_added_stands_last_and_all_or_nothing_is_added() {
    let old = world(0, 3);
    let admin = old.administer();
    let taken = admin.add(world(2, 5)).expect_err("one is there already");
    assert_eq!((&*taken.name, &*taken.by), ("project-2", "project-2"));
    assert_eq!(old.size(), size(3, 3, 3));
    admin.delete_project(project_id(1));
    admin.add(world(3, 5)).expect("none is there");
    let names: Vec<_> = old.projects().iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["project-0", "project-2", "project-3", "project-4"]);
}

#[test]
fn a_token_that_changes_hands_goes_with_its_new_project() {
    let world = world(0, 3);
    let admin = world.administer();
    let token = Token { project: Some(project_id(2)), actions: Vec::new(), expires: None };
    assert!(admin.replace_token("project-1", token.clone()) && !admin.replace_token("x", token));
    assert_eq!(admin.delete_project(project_id(1)), Some(0));
    assert_eq!(admin.delete_project(project_id(2)), Some(2));
    assert_eq!(world.size().tokens, 1);
}

#[test]
fn a_world_that_takes_the_place_of_another_leaves_nothing_of_it_but_names() {
    let old = world(0, 3);
    let held = old.image(image_id(2)).expect("it is there");
    old.administer().delete_image(image_id(0));
    old.administer().replace_all(world(2, 6));
    assert_eq!(old.size(), size(4, 4, 4));
    assert!(held.is_deleted(), "whoever holds it sees it as missing");
    assert!(!old.image(image_id(2)).expect("a new one").is_deleted());
    assert_eq!(old.image_name(image_id(0)), "image-0");
    assert_eq!(old.project_name(project_id(1)), "project-1");
    assert!(old.token("project-0").is_none() && old.token("project-5").is_some());
}

#[test]
fn a_reader_of_the_past_sees_who_was_a_member_then_and_is_judged_by_it() {
    let world = world(0, 2);
    world.keep_history(true);
    let image = world.image(image_id(1)).expect("it is there");
    let at = SimTime::from_millis;
    let (owner, member) = (project_id(1), project_id(0));
    image.settle_pair(&Action::Delete, owner, member, &world, at(10));
    let seen = |caller, as_of: Option<u64>| {
        let id = image.id.to_string();
        let list = member_view::list(&world, &id, caller, MemberPage::whole(), as_of.map(at));
        let text = member.to_string();
        let shown = member_view::show(&world, &id, &text, caller, as_of.map(at));
        let shown = shown.map(|shown| shown.member_id).map_err(|refusal| refusal.code);
        (list.map(|list| list.members.len()).map_err(|refusal| refusal.code), shown)
    };
    let missing = Code::NativeImageNotFound;
    assert_eq!(seen(owner, None), (Ok(0), Err(Code::NativeMemberNotFound)));
    assert_eq!(seen(owner, Some(9)), (Ok(1), Ok(member)));
    assert_eq!(seen(member, None), (Err(missing), Err(missing)));
    assert_eq!(seen(member, Some(10)), (Err(missing), Err(missing)));
    assert_eq!(seen(member, Some(9)), (Ok(1), Ok(member)));
    world.administer().delete_image(image.id);
    assert_eq!(seen(owner, Some(9)), (Err(missing), Err(missing)), "gone is gone for all");
}

/// Workers share and withdraw, readers look, and one by one everything goes and comes again.
#[test]
fn readers_workers_and_an_administrator_do_not_wait_for_each_other_for_ever() {
    const ROUNDS: u64 = 300;
    let shared = world(0, 20);
    shared.keep_history(true);
    std::thread::scope(|scope| {
        for worker in 0..3_u64 {
            let shared = &shared;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let number = u128::from((worker * 7 + round) % 20);
                    let ids = [image_id(number), image_id((number + 1) % 20)];
                    for image in shared.find_images(&ids).into_iter().flatten() {
                        let (now, owner) = (SimTime::from_millis(round), image.owner);
                        let action = if round % 2 == 0 { Action::Add } else { Action::Delete };
                        image.settle_pair(&action, owner, project_id(number), shared, now);
                        let id = image.id.to_string();
                        let past = Some(SimTime::from_millis(round / 2));
                        let _ = member_view::list(shared, &id, owner, MemberPage::whole(), past);
                    }
                    let _ = shared.caller(&format!("project-{number}"), |_, _| ());
                }
            });
        }
        scope.spawn(|| {
            for round in 0..u128::from(ROUNDS) {
                let number = round % 20;
                let admin = shared.administer();
                admin.delete_image(image_id(number));
                admin.delete_project(project_id(number));
                admin.add(world(number, number + 1)).expect("it was deleted");
                if round % 50 == 49 {
                    admin.replace_all(world(0, 20));
                }
            }
        });
    });
    let members = shared.images().iter().map(|image| image.members().all().len()).sum();
    let Size { projects, images, tokens, memberships, .. } = shared.size();
    assert_eq!((projects, images, tokens, memberships), (20, 20, 20, members));
}

#[test]
fn of_tokens_that_are_given_out_the_newest_are_known() {
    use crate::domain::identity::{Account, Issued, MOST_ISSUED, Region, Secret, User};
    let mut world = world(0, 2);
    let account: Account = Region::default().account;
    let user = User {
        id: crate::api::UserId::from_u128(1),
        name: "user".into(),
        password: Secret::new("p"),
        account,
        projects: None,
        actions: Vec::new(),
    };
    assert!(world.add_user(user));
    let user = world.user("user").expect("who was added");
    let issue = |value: &str, number: usize, expires| {
        let project = Some(project_id(number as u128 % 2));
        let token = Arc::new(Token { project, actions: Vec::new(), expires });
        let issued = Issued { token, user: Arc::clone(&user), methods: Vec::new(), at: NOW };
        world.issue(value, issued)
    };
    let give = |number: usize| issue(&format!("given-{number}"), number, None);
    assert!((0..=MOST_ISSUED).all(give));
    assert!(world.issued("given-0").is_none(), "the oldest goes");
    let is_known = |world: &World, token: &str| world.caller(token, |_, _| ()).is_some();
    assert!(is_known(&world, "given-1"));
    assert!(is_known(&world, &format!("given-{MOST_ISSUED}")));
    let gone = world.administer().delete_project(project_id(1));
    assert_eq!(gone, Some(1 + MOST_ISSUED / 2), "its own token, and those that were given out");
    assert!(!is_known(&world, "given-1"));
    assert!(is_known(&world, "given-2"));
    // The same value again, as after a reset of calls, is what it is now good for.
    assert!(issue("given-2", 0, Some(NOW)));
    assert_eq!(world.issued("given-2").and_then(|issued| issued.token.expires), Some(NOW));
    world.administer().replace_all(World::default());
    assert!(!is_known(&world, "given-2"), "a reset forgets them");
    assert!(!issue("given-2", 0, None), "its user is gone");
}
