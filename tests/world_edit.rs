//! Changes to a world that runs, each beside what comes of it: `tests/world_edit.txt`.
//!
//! A case is a line: a verb, what it is about, and where the verb needs one a JSON document to the end of
//! the line. Below it stands the answer. An empty line starts a new world, that of `WORLD`.
//! `UPDATE_EXPECT=1` rewrites the answers; read what it wrote.

use std::path::Path;

use expect_test::expect_file;
use imsim::clock::SimTime;
use imsim::domain::World;
use imsim::scenario::world_edit::{self, EditError, Listing, Page, WorldEdit, WorldView};
use imsim::scenario::{Origin, ScenarioFile, compile};
use imsim::seed::Seed;
use serde::Serialize;
use serde_json::{Value, json};

const WORLD: &str = r#"{"format": 1, "world": {
    "projects": {
        "studio": {"id": "00000000000000000000000000000001"},
        "lab": {"id": "00000000000000000000000000000002"},
        "club": {"count": 2}
    },
    "images": {"web": {
        "id": "00000000-0000-0000-0000-000000000001",
        "owner": "studio",
        "members": {"lab": "pending"}
    }}
}}"#;

const START: SimTime = SimTime::from_millis(1_000_000);
/// A minute after the start.
const NOW: SimTime = SimTime::from_millis(1_060_000);

fn file() -> ScenarioFile {
    ScenarioFile::parse(Path::new("world"), WORLD.to_owned()).expect("a good scenario")
}

fn origin() -> Origin {
    compile(&file(), Seed::DEFAULT, START).expect("a good scenario").origin
}

fn world() -> World {
    compile(&file(), Seed::DEFAULT, START).expect("a good scenario").world
}

fn shown<T: Serialize>(listing: Result<Listing<T>, EditError>) -> Result<String, EditError> {
    listing.map(|listing| {
        let things = serde_json::to_string(&listing.things).expect("entries become JSON");
        let next = listing.next.map_or_else(String::new, |next| format!(", next behind {next}"));
        format!("{things} of {}{next}", listing.total)
    })
}

/// What a line does to a world.
fn carry_out(world: &World, line: &str) -> Result<String, EditError> {
    let edit = WorldEdit::new(world, Seed::DEFAULT, NOW);
    let view = WorldView::new(world, NOW);
    let (words, document) = match line.find(['{', '[', '"']) {
        Some(start) => (line[..start].trim_end(), &line.as_bytes()[start..]),
        None => (line, &b""[..]),
    };
    let done = |()| "done".to_owned();
    let page = |limit, after| Page::parse(Some(limit), after);
    match words.split(' ').collect::<Vec<_>>()[..] {
        ["add"] => edit.add(document).map(|added| {
            let count = [added.projects.total, added.images.total, added.tokens.total];
            format!("{count:?} projects, images, tokens")
        }),
        ["add", "image", name] => shown(edit.add_image(name, document)),
        ["add", "project", name] => shown(edit.add_project(name, document)),
        ["add", "token", name] => shown(edit.add_token(name, document)),
        ["patch", "image", name] => shown(edit.patch_image(name, document)),
        ["patch", "project", name] => shown(edit.patch_project(name, document)),
        ["patch", "token", name] => shown(edit.patch_token(name, document)),
        ["delete", "image", name] => edit.delete_image(name).map(done),
        ["delete", "project", name] => {
            edit.delete_project(name).map(|tokens| format!("done, with {tokens} tokens"))
        }
        ["delete", "token", name] => edit.delete_token(name).map(done),
        ["set", image, project] => {
            edit.set_member(image, project, document).map(|change| change.as_str().to_owned())
        }
        ["remove", image, project] => edit.remove_member(image, project).map(done),
        ["show", "image", name] => shown(view.image(name)),
        ["show", "project", name] => shown(view.project(name)),
        ["show", "token", name] => shown(view.token(name)),
        ["list", "images", limit] => shown(view.images(&page(limit, None)?)),
        ["list", "images", limit, after] => shown(view.images(&page(limit, Some(after))?)),
        ["list", "projects", limit] => shown(view.projects(&page(limit, None)?)),
        ["list", "projects", limit, after] => shown(view.projects(&page(limit, Some(after))?)),
        ["list", "tokens", limit] => shown(view.tokens(&page(limit, None)?)),
        ["list", "tokens", limit, after] => shown(view.tokens(&page(limit, Some(after))?)),
        ["reset"] => {
            world_edit::reset(world, &origin(), NOW).expect("a good scenario");
            Ok("done".to_owned())
        }
        _ => panic!("no such case: {line}"),
    }
}

#[test]
fn every_change_has_its_effect_or_its_refusal() {
    let cases = include_str!("world_edit.txt");
    let mut found = String::new();
    let mut present = world();
    for line in cases.lines().filter(|line| !line.starts_with("-> ")) {
        found.push_str(&format!("{line}\n"));
        if line.is_empty() {
            present = world();
        } else if !line.starts_with('#') {
            let answer = carry_out(&present, line);
            let answer = answer.unwrap_or_else(|e| format!("{}: {e}", e.kind.as_str()));
            found.push_str(&format!("-> {answer}\n"));
        }
    }
    expect_file!["world_edit.txt"].assert_eq(&found);
}

/// The whole world as a scenario file, read page by page.
fn exported(world: &World) -> Value {
    fn all<T: Serialize>(list: impl Fn(&Page) -> Result<Listing<T>, EditError>) -> Value {
        let mut things = serde_json::Map::new();
        let mut after: Option<String> = None;
        loop {
            let page = Page::parse(Some("2"), after.as_deref()).expect("a good page");
            let listing = list(&page).expect("nothing goes meanwhile");
            let Value::Object(page) = json!(listing.things) else { panic!("an object") };
            things.extend(page);
            after = listing.next;
            if after.is_none() {
                return things.into();
            }
        }
    }
    let view = WorldView::new(world, NOW);
    json!({"format": 1, "world": {
        "settings": view.settings(),
        "projects": all(|page| view.projects(page)),
        "images": all(|page| view.images(page)),
        "tokens": all(|page| view.tokens(page)),
    }})
}

#[test]
fn what_is_read_back_is_a_scenario_of_the_same_world() {
    let edited = world();
    let lines = [
        r#"add {"projects": {"new": {"unavailable": true}}, "images": {"many": {"count": 3, "owner": "new", "members": {"club-*": "accepted"}, "tags": ["a=b", "c"], "status": "saving", "whole_server": "cbr"}}, "tokens": {"t": {"project": "new", "expires_in": "1h", "actions": []}, "u": {}}}"#,
        r#"patch image many-1 {"public": true, "encrypted": true, "marketplace": true, "members": {"club-0": null}}"#,
        "delete project club-1",
        "delete image many-0",
    ];
    for line in lines {
        carry_out(&edited, line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    let export = exported(&edited);
    let file = ScenarioFile::parse(Path::new("export"), export.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}"));
    let again = compile(&file, Seed::new(99), NOW).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(exported(&again.world), export);
    assert_eq!(again.world.size(), edited.size());
}

/// The same document gives the same ids in a file and live.
#[test]
fn ids_are_drawn_as_those_of_a_file() {
    let entry = json!({"owner": "studio", "count": 2});
    let mut with = serde_json::from_str::<Value>(WORLD).expect("JSON");
    with["world"]["images"]["more"] = entry.clone();
    with["world"]["projects"]["late"] = json!({});
    let file = ScenarioFile::parse(Path::new("world"), with.to_string()).expect("a good scenario");
    let file = compile(&file, Seed::new(7), START).expect("a good scenario").world;
    let live = world();
    let edit = WorldEdit::new(&live, Seed::new(7), NOW);
    edit.add_image("more", entry.to_string().as_bytes()).expect("a good entry");
    edit.add_project("late", b"{}").expect("a good entry");
    for name in ["more-0", "more-1"] {
        assert_eq!(live.image_named(name), file.image_named(name));
    }
    assert_eq!(live.project_named("late"), file.project_named("late"));
}
