//! One row per check: a body, and what it is answered with.

use super::super::world::Project;
use super::super::{Settings, image::Facts};
use super::*;
use crate::clock::SimTime;

const IMAGE: &str = "3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10";
const OWNER: &str = "0a1b2c3d4e5f40718293a4b5c6d7e8f9";
const OTHER: &str = "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e";

fn id(text: &str) -> ProjectId {
    ProjectId::parse(text).expect("a project id")
}

fn world() -> World {
    let mut world = World::new(Settings { batch_list: 3, ..Settings::default() });
    world.add_project(Project { id: id(OWNER), name: "owner".into(), unavailable: false });
    let image = ImageId::parse(IMAGE).expect("an image id");
    let now = SimTime::from_millis(0);
    world.add_image(Image::new(image, "web", id(OWNER), Facts::default(), &[], now));
    world
}

fn check(operation: Operation, body: &str, expected: Result<(usize, usize), Code>) {
    let world = world();
    let read = read_batch(operation, body.as_bytes(), world.settings.batch_list);
    let batch = read.and_then(|read| read.resolve(&world, id(OWNER)));
    let found = batch.map(|batch| (batch.images.len(), batch.projects.len()));
    assert_eq!(found, expected, "{operation:?} {body}");
}

fn sharing(images: &[&str], projects: &[&str], more: &str) -> String {
    let json = |list: &[&str]| serde_json::to_string(list).expect("strings become JSON");
    format!(r#"{{"images":{},"projects":{}{more}}}"#, json(images), json(projects))
}

#[test]
fn sharing_bodies_meet_the_checks_in_order() {
    let elsewhere = "8c2d4b96-15ea-4f37-b2a8-6e9f0d7c3b21";
    for operation in [Operation::AddMembers, Operation::DeleteMembers] {
        let check = |images: &[&str], projects: &[&str], more: &str, expected| {
            check(operation, &sharing(images, projects, more), expected);
        };
        check(&[IMAGE], &[OTHER], "", Ok((1, 1)));
        check(&[IMAGE, IMAGE], &[OTHER, OWNER, OTHER], "", Ok((1, 2)));
        check(&[IMAGE], &[], "", Err(Code::Img0001));
        check(&[IMAGE], &["a", "b", "c", "d"], "", Err(Code::Img0001));
        check(&["a", "b", "c", "d"], &[OTHER], "", Err(Code::Img0001));
        check(&["a", "a", "a", "a"], &[OTHER], "", Err(Code::Img0066));
        check(&["a"], &["b"], r#","domains":["d"]"#, Err(Code::Img0105));
        check(&["a"], &["b"], r#","organizations":["o"]"#, Err(Code::Img0105));
        check(&["a"], &["b"], "", Err(Code::Img0066));
        check(&[elsewhere], &["b"], "", Err(Code::Img0066));
        check(&[IMAGE], &["b"], "", Err(Code::Img0067));
    }
    check(Operation::DeleteMembers, "", Err(Code::Img0007));
    check(Operation::DeleteMembers, " ", Err(Code::Img0001));
}

#[test]
fn updates_meet_the_checks_in_order() {
    let check = |image: &str, project: &str, more: &str, expected| {
        let body = format!(
            r#"{{"images":["{image}"],"project_id":"{project}","status":"accepted"{more}}}"#
        );
        check(Operation::UpdateMembers, &body, expected);
    };
    check(IMAGE, OWNER, "", Ok((1, 1)));
    check(IMAGE, OWNER, r#","vault_id":"zz""#, Ok((1, 1)));
    check(IMAGE, OWNER, r#","vault_id":null"#, Ok((1, 1)));
    check(IMAGE, OWNER, r#","domains":[]"#, Ok((1, 1)));
    check("a", "b", r#","domains":["d"]"#, Err(Code::Img0105));
    check("a", "b", r#","organizations":["o"]"#, Err(Code::Img0105));
    check("a", "b", r#","vault_id":"""#, Err(Code::Img0001));
    check("a", "b", r#","vault_id":7"#, Err(Code::Img0001));
    check("a", "b", "", Err(Code::Img0066));
    check(IMAGE, "b", "", Err(Code::Img0067));
    check(IMAGE, OTHER, "", Err(Code::Img0030));
}

#[test]
fn the_same_request_written_differently_has_the_same_hash() {
    let hash = |body: &str| {
        let read = read_batch(Operation::DeleteMembers, body.as_bytes(), 100).expect("a good body");
        read.canonical_hash()
    };
    let plain = hash(&sharing(&[IMAGE], &[OTHER], ""));
    assert_eq!(plain, hash(&sharing(&[IMAGE, IMAGE], &[OTHER], r#","unknown":1"#)));
    assert_eq!(plain, hash(&sharing(&[&IMAGE.to_uppercase()], &[OTHER], "")));
    assert_ne!(plain, hash(&sharing(&[IMAGE], &[OWNER], "")));
    assert_ne!(plain, hash(&sharing(&[IMAGE], &[OTHER, OWNER], "")));
}
