use serde_json::json;

use super::*;
use crate::api::ProjectId;
use crate::clock::{SimDuration, SimTime};
use crate::domain::World;
use crate::domain::world::Project;

const START: SimTime = SimTime::from_millis(1_000_000);

fn later(seconds: u64) -> SimTime {
    START + SimDuration::from_millis(seconds * 1_000)
}

/// Does something to a book at a time, in an empty world.
fn with<T>(now: SimTime, act: impl FnOnce(&Writing<'_>) -> T) -> T {
    let world = World::default();
    act(&Writing { names: &WorldNames::of(&world), now })
}

fn entry(rule: &Value) -> RuleEntry {
    read(rule).expect("it has the form of a rule")
}

fn book(rules: &[Value]) -> RuleBook {
    let mut book = RuleBook::default();
    for rule in rules {
        let added = with(START, |writing| book.add(entry(rule), Position::Last, writing));
        added.expect("a good rule");
    }
    book
}

fn ids(entries: &[RuleEntry]) -> Vec<&str> {
    entries.iter().filter_map(|entry| entry.id.as_deref()).collect()
}

/// A rule that shadows no other.
fn rule(id: &str, more: Value) -> Value {
    let mut rule = json!({"id": id, "at": "pair", "effect": {"delay": {"fixed": "1s"}}});
    json_patch::merge(&mut rule, &more);
    rule
}

#[test]
fn what_is_over_is_not_exported_unless_another_rule_waits_for_it() {
    let book = book(&[
        rule("brief", json!({"ttl": "10s"})),
        rule("until", json!({"when": {"until": "10s"}})),
        rule("awaited", json!({"ttl": "10s", "when": {"after": {"rule": "brief"}}})),
        rule("waits", json!({"when": {"after": {"rule": "awaited"}}})),
        rule("over", json!({"ttl": "5s"})),
        rule("usual", json!({})),
    ]);
    let check = |now, expected: &[&str]| assert_eq!(ids(&book.export(now)), expected);
    check(later(4), &["brief", "until", "awaited", "waits", "over", "usual"]);
    check(later(5), &["brief", "until", "awaited", "waits", "usual"]);
    check(later(10), &["brief", "awaited", "waits", "usual"]);
}

#[test]
fn rules_that_begin_anew_count_from_nothing_and_live_as_long_again() {
    let book = book(&[rule("one", json!({"ttl": "10s", "when": {"from": "2s", "until": "9s"}}))]);
    let anew = book.begun_anew(later(100));
    let (old, new) = (&book.rules()[0], &anew.rules()[0]);
    assert!(!Arc::ptr_eq(&old.state, &new.state));
    let times = [new.when.from, new.when.until, new.expires];
    assert_eq!(times, [102, 109, 110].map(|seconds| Some(later(seconds))));
    assert_eq!(old.expires, Some(later(10)));
    assert_eq!((&new.matches, &new.effect), (&old.matches, &old.effect));
}

#[test]
fn a_patch_of_what_changes_no_meaning_keeps_counts_and_times() {
    let mut book = book(&[rule("one", json!({"ttl": "10s", "when": {"from": "2s"}}))]);
    let before = Arc::clone(&book.rules()[0]);
    let mut patch = |patch: Value| {
        with(later(5), |writing| book.patch("one", &patch, writing)).expect("a good patch");
        let after = Arc::clone(&book.rules()[0]);
        let same = Arc::ptr_eq(&before.state, &after.state);
        (same, after.when.from, after.expires)
    };
    let (from, expires) = (Some(later(2)), Some(later(10)));
    assert_eq!(patch(json!({"about": "x", "enabled": false})), (true, from, expires));
    assert_eq!(patch(json!({"enabled": true, "must_fire": true})), (true, from, expires));
    assert_eq!(patch(json!({"ttl": "20s"})), (true, from, Some(later(25))));
    assert_eq!(patch(json!({"ttl": null})), (true, from, None));
    assert_eq!(patch(json!({"when": {"from": "3s"}})), (false, Some(later(8)), None));
}

#[test]
fn in_a_full_book_what_is_over_makes_room() {
    let one = book(&[rule("brief", json!({"ttl": "10s"}))]).pages.remove(0);
    let mut book = RuleBook { pages: vec![one; MOST_RULES] };
    let mut add = |id: &str, now| {
        let new = entry(&rule(id, json!({})));
        with(now, |writing| book.add(new, Position::Last, writing))
    };
    let full = add("one", later(9));
    assert!(matches!(&full, Err(BookError::Conflict(message)) if message.contains("at most")));
    assert_eq!(add("one", later(10)), Ok("one".to_owned()));
    assert_eq!(book.pages.len(), MOST_RULES);
}

#[test]
fn a_full_book_makes_room_only_for_what_is_taken() {
    let mut full = book(&[rule("over", json!({"ttl": "1s"})), rule("other", json!({}))]);
    let other = Arc::clone(&full.pages[1]);
    full.pages.resize(MOST_RULES, other);
    let mut add = |id, now| {
        let entry = entry(&rule(id, json!({})));
        let added = with(now, |writing| full.add(entry, Position::Last, writing));
        (added.is_ok(), full.get("over").is_ok(), full.pages.len())
    };
    assert_eq!(add("other", later(2)), (false, true, MOST_RULES));
    assert_eq!(add("new", later(0)), (false, true, MOST_RULES));
    assert_eq!(add("new", later(2)), (true, false, MOST_RULES));
}

#[test]
fn no_patch_closes_a_circle_of_rules_that_wait() {
    let rules = ["a", "b", "c"].map(|id| rule(id, json!({})));
    let mut book = book(&rules);
    let mut wait = |id: &str, other: &str| {
        let after = json!({"when": {"after": {"rule": other}}});
        with(START, |writing| book.patch(id, &after, writing))
    };
    assert!(wait("a", "b").is_ok() && wait("b", "c").is_ok());
    assert!(matches!(wait("c", "a"), Err(BookError::Conflict(_))));
    assert!(matches!(wait("b", "a"), Err(BookError::Conflict(_))));
    assert!(matches!(wait("b", "b"), Err(BookError::Wrong { .. })));
}

#[test]
fn a_rule_can_be_switched_off_whatever_has_become_of_what_it_names() {
    let lab = Project { id: ProjectId::from_u128(7), name: "lab".into(), unavailable: false };
    let mut world = World::default();
    assert!(world.add_project(lab));
    let full = WorldNames::of(&world);
    let mut book = RuleBook::default();
    let meaning = json!({"match": {"member": "lab"}, "when": {"until": "1970-01-02T00:00:00Z"}});
    let entry = entry(&rule("one", meaning));
    let writing = Writing { names: &full, now: START };
    assert!(book.add(entry, Position::Last, &writing).is_ok());
    let mut patch = |patch: Value| {
        let late = later(1_000_000);
        with(late, |writing| book.patch("one", &patch, writing))?;
        Ok(book.rules()[0].enabled)
    };
    assert_eq!(patch(json!({"enabled": false})), Ok(false));
    assert_eq!(patch(json!({"ttl": "1h", "enabled": true})), Ok(true));
    // What it means is held against the world as it is now.
    let anew: Result<bool, BookError> = patch(json!({"when": {"first": 1}}));
    assert!(matches!(anew, Err(BookError::Wrong { .. })), "{anew:?}");
}
