//! Rules asked without a simulator around them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;
use crate::api::{ImageId, Operation, ProjectId};
use crate::clock::{SimDuration, SimTime};
use crate::domain::latency::Law;
use crate::seed::Seed;

const CRASH: Effect = Effect::Crash { after_pairs: 1, restart: true };
const SEED: Seed = Seed::new(5);

fn rule(id: &str, effect: Effect, matches: Match, when: When) -> Rule {
    Rule::new(id, Point::Image, matches, when, effect)
}

fn plan(rules: Vec<Rule>) -> CurrentPlan {
    CurrentPlan::new(rules.into_iter().map(Arc::new).collect())
}

fn only(image: u128) -> Match {
    let id = Some(ImageId::from_u128(image));
    Match { image: Some(ImageTest { id, ..ImageTest::default() }), ..Match::default() }
}

/// An image worker's start, as the plan sees it.
struct OneImage(ImageId);

impl Details for OneImage {
    fn has_image(&self, test: &ImageTest) -> bool {
        test.fits_id(self.0, Some(0))
    }
}

fn ask_at(plan: &CurrentPlan, operation: Operation, image: u128, at: u64) -> Verdict {
    let details = OneImage(ImageId::from_u128(image));
    let event = FaultEvent {
        point: Point::Image,
        at: SimTime::from_millis(at),
        entity: Entity::Known(image),
        operation: Some(operation),
        project: Some(ProjectId::from_u128(1)),
        job: Some(Entity::Known(image % 10)),
        image: Some(details.0),
        member: None,
        pairs: Some(10),
        details: &details,
    };
    plan.ask(0, &event, SEED)
}

fn ask(plan: &CurrentPlan, image: u128) -> Option<String> {
    let verdict = ask_at(plan, Operation::DeleteMembers, image, 0);
    verdict.winner.map(|rule| rule.id.to_string())
}

fn counts(plan: &CurrentPlan, id: &str) -> (u64, u64, u64) {
    let plan = plan.load();
    let rule = plan.rule(id).expect("a rule of the plan");
    let counts = &rule.state.counts;
    (plan.considered(rule).times, counts.matched(), counts.fired())
}

#[test]
fn the_first_rule_that_may_fire_wins_and_all_are_counted() {
    let first = When { first: Some(1), ..When::default() };
    let plan = plan(vec![
        rule("one", CRASH, only(1), first),
        rule("any", CRASH, Match::default(), When::default()),
    ]);
    let asked: Vec<_> = [1, 1, 2].map(|image| ask(&plan, image)).into_iter().flatten().collect();
    assert_eq!(asked, ["one", "any", "any"]);
    assert_eq!(counts(&plan, "one"), (3, 2, 1));
    assert_eq!(counts(&plan, "any"), (3, 3, 2));
    let plan = plan.load();
    let held = |id: &str, hold| plan.rule(id).map(|rule| rule.state.counts.held(hold));
    assert_eq!(held("any", Hold::Superseded), Some(1));
    assert_eq!(held("one", Hold::Spent), Some(1));
}

#[test]
fn delays_add_up_beside_the_one_effect_that_wins() {
    let delay = |ms| Effect::Delay(Law::Fixed(SimDuration::from_millis(ms)));
    let any = |id: &str, effect| rule(id, effect, Match::default(), When::default());
    let plan = plan(vec![any("a", delay(5)), any("b", CRASH), any("c", delay(7)), any("d", CRASH)]);
    let verdict = ask_at(&plan, Operation::AddMembers, 1, 0);
    let ids =
        |rules: &[Arc<Rule>]| rules.iter().map(|rule| rule.id.to_string()).collect::<Vec<_>>();
    assert_eq!(verdict.delay.as_millis(), 12);
    assert_eq!(
        (ids(&verdict.fired), ids(&verdict.superseded)),
        (vec!["a".into(), "b".into(), "c".into()], vec!["d".into()])
    );
}

#[test]
fn a_worker_does_not_die_after_more_pairs_than_it_has() {
    let crash = |after_pairs| Effect::Crash { after_pairs, restart: true };
    let any = |id: &str, effect| rule(id, effect, Match::default(), When::default());
    let plan = plan(vec![any("eleven", crash(11)), any("ten", crash(10))]);
    assert_eq!(ask(&plan, 1).as_deref(), Some("ten"));
    let plan = plan.load();
    let counts = &plan.rule("eleven").expect("a rule of the plan").state.counts;
    assert_eq!((counts.fired(), counts.held(Hold::TooFewPairs)), (0, 1));
}

#[test]
fn each_condition_lets_through_what_it_says() {
    let check = |when: When, images: &[u128], expected: &[bool]| {
        let plan = plan(vec![rule("r", CRASH, Match::default(), when.clone())]);
        let fired: Vec<bool> = images.iter().map(|image| ask(&plan, *image).is_some()).collect();
        assert_eq!(fired, expected, "{when:?}");
    };
    const YES: bool = true;
    const NO: bool = false;
    let when = When::default;
    check(When { first: Some(2), ..when() }, &[1, 2, 3], &[YES, YES, NO]);
    check(When { at_most: Some(1), ..when() }, &[1, 2, 3], &[YES, NO, NO]);
    check(When { nth: Some(2), ..when() }, &[1, 2, 3], &[NO, YES, NO]);
    check(When { every: Some(2), ..when() }, &[1, 2, 3, 4], &[NO, YES, NO, YES]);
    check(When { range: Some((2, 3)), ..when() }, &[1, 2, 3, 4], &[NO, YES, YES, NO]);
    check(When { probability: Some(0.0), ..when() }, &[1, 2, 3], &[NO, NO, NO]);
    check(When { probability: Some(1.0), ..when() }, &[1, 2, 3], &[YES, YES, YES]);
    let per = Scope::Image;
    check(When { first: Some(1), per, ..when() }, &[1, 2, 1, 2], &[YES, YES, NO, NO]);
    check(When { nth: Some(2), per, ..when() }, &[1, 2, 1, 2, 1], &[NO, NO, YES, YES, NO]);
    let first = Some(1);
    check(When { first, per, at_most: Some(1), ..when() }, &[1, 2, 1], &[YES, NO, NO]);
    check(When { first, per: Scope::Job, ..when() }, &[1, 11, 2], &[YES, NO, YES]);
}

#[test]
fn windows_are_in_simulated_time_and_events_open_them() {
    let at = |ms| Some(SimTime::from_millis(ms));
    let window = When { from: at(10), until: at(20), ..When::default() };
    let after = |what| When { after: Some(After { what, times: 2 }), ..When::default() };
    let any = |id: &str, when| rule(id, Effect::ClaimSuccess, Match::default(), when);
    let plan = plan(vec![
        any("window", window),
        any("event", after(Trigger::Event("job_ended".into()))),
        any("rule", after(Trigger::Rule("window".into()))),
    ]);
    let winner = |ms| {
        let verdict = ask_at(&plan, Operation::AddMembers, 1, ms);
        verdict.winner.map(|rule| rule.id.to_string())
    };
    assert_eq!([9, 10, 19].map(winner), [None, Some("window".into()), Some("window".into())]);
    assert_eq!(winner(20), Some("rule".into()), "the window fired twice");
    plan.load().observe("job_ended");
    plan.load().observe("job_started");
    assert_eq!(winner(20), Some("rule".into()));
    plan.load().observe("job_ended");
    assert_eq!(winner(20), Some("event".into()));
}

#[test]
fn what_the_index_passes_over_is_counted_all_the_same() {
    let reads = OperationSet::of(|operation| operation == Operation::ShowJob);
    let plan = plan(vec![
        rule("one", CRASH, only(1), When::default()),
        rule("read", CRASH, Match { operations: Some(reads), ..Match::default() }, When::default()),
    ]);
    for image in 1..=10 {
        ask(&plan, image);
    }
    ask_at(&plan, Operation::ShowJob, 9, 0);
    let plan = plan.load();
    let why = |id: &str| plan.considered(plan.rule(id).expect("a rule of the plan"));
    let missed = |times, mismatches: &[(Matcher, u64)]| Considered {
        times,
        mismatches: mismatches.to_vec(),
    };
    assert_eq!(why("one"), missed(11, &[(Matcher::Image, 10)]));
    assert_eq!(why("read"), missed(11, &[(Matcher::Operation, 10)]));
}

#[test]
fn a_count_is_exact_under_concurrency() {
    let first = When { first: Some(3), ..When::default() };
    let plan = plan(vec![rule("three", CRASH, Match::default(), first)]);
    let fired = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let hits = (0..1_000).filter(|_| ask(&plan, 1).is_some()).count() as u64;
                fired.fetch_add(hits, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(fired.into_inner(), 3);
    assert_eq!(counts(&plan, "three"), (8_000, 8_000, 3));
}

/// Threads ask while rules come and go: whatever a rule was asked, and nothing else, counts as considered,
/// also where the index passes it over.
#[test]
fn what_a_rule_considered_is_exact_while_the_rules_change() {
    let always = |id: &str, matches| Arc::new(rule(id, CRASH, matches, When::default()));
    let old = always("old", only(1));
    let plan = CurrentPlan::new(vec![Arc::clone(&old)]);
    let (mut new, through) = (Vec::new(), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                (0..20_000).for_each(|_| drop(ask(&plan, 1)));
                through.fetch_add(1, Ordering::Relaxed);
            });
        }
        // Behind a rule that always wins, each of these is asked, and only superseded.
        while through.load(Ordering::Relaxed) < 4 {
            let rule = always(&new.len().to_string(), Match::default());
            plan.replace(vec![Arc::clone(&old), Arc::clone(&rule)]);
            new.push(rule);
        }
    });
    let plan = plan.load();
    let considered = |rule: &Rule| plan.considered(rule);
    assert_eq!(considered(&old), Considered { times: 80_000, mismatches: Vec::new() });
    for rule in &new {
        assert_eq!(considered(rule).times, rule.state.counts.matched(), "{}", rule.id);
    }
}

/// The standard deviation of a hundred thousand draws of 0.3 is 145; five of them are one in two million.
#[test]
fn a_probability_hits_its_part_of_the_entities_and_always_the_same_ones() {
    let when = When { probability: Some(0.3), ..When::default() };
    let chosen = |others: usize, backwards: bool| {
        let mut rules: Vec<Rule> = (0..others)
            .map(|n| {
                rule(
                    &format!("other-{n}"),
                    Effect::Delay(Law::Fixed(SimDuration::ZERO)),
                    Match::default(),
                    When { probability: Some(0.5), ..When::default() },
                )
            })
            .collect();
        rules.push(rule("part", CRASH, Match::default(), when.clone()));
        let plan = plan(rules);
        let mut images: Vec<u128> = (0..100_000).collect();
        if backwards {
            images.reverse();
        }
        images.retain(|image| ask(&plan, *image).is_some());
        images.sort_unstable();
        images
    };
    let alone = chosen(0, false);
    assert!((29_275..=30_725).contains(&alone.len()), "{}", alone.len());
    assert_eq!(alone, chosen(3, true));
}

proptest! {
    /// Rules are found through the index exactly when they match.
    #[test]
    fn the_index_finds_what_matches(
        images in proptest::collection::vec(proptest::option::of(0_u128..4), 1..12),
        asked in 0_u128..5,
    ) {
        let rules: Vec<Rule> = images.iter().enumerate().map(|(n, image)| {
            let matches = image.map_or_else(Match::default, only);
            let none = Effect::Delay(Law::Fixed(SimDuration::from_millis(1)));
            rule(&n.to_string(), none, matches, When::default())
        }).collect();
        let matching = images.iter().filter(|image| image.is_none_or(|image| image == asked)).count();
        let verdict = ask_at(&plan(rules), Operation::DeleteMembers, asked, 0);
        prop_assert_eq!(verdict.fired.len(), matching);
        let ids: Vec<usize> = verdict.fired.iter().filter_map(|rule| rule.id.parse().ok()).collect();
        prop_assert!(ids.is_sorted());
    }
}

/// A request with headers, which are all that is known of it.
struct Headers(&'static [(&'static str, &'static str)]);

impl Details for Headers {
    fn has_header(&self, name: &str, test: &dyn Fn(&str) -> bool) -> bool {
        self.0.iter().any(|(found, value)| *found == name && test(value))
    }
}

#[test]
fn rules_about_headers_are_counted_whether_or_not_the_index_passes_them_over() {
    let about = |number: usize, value: &str| {
        let id = format!("{number}-{value}");
        let value = Some(wildmatch::WildMatch::new(value));
        let header = HeaderTest { name: format!("x-{number}").into(), value };
        let matches = Match { header: Some(header), ..Match::default() };
        let effect = Effect::Reset;
        Rule::new(&id, Point::Request, matches, When::default(), effect)
    };
    // More names than the index takes.
    let plan =
        plan((0..40).flat_map(|number| [about(number, "a*"), about(number, "b*")]).collect());
    for headers in [&[("x-1", "abc")][..], &[("x-39", "bcd")], &[], &[("x-2", "c"), ("y", "a")]] {
        let details = Headers(headers);
        let event = FaultEvent {
            point: Point::Request,
            at: SimTime::from_millis(0),
            entity: Entity::Known(1),
            operation: Some(Operation::ShowJob),
            project: None,
            job: None,
            image: None,
            member: None,
            pairs: None,
            details: &details,
        };
        let _ = plan.ask(7, &event, SEED);
    }
    let plan = plan.load();
    for rule in plan.rules() {
        let fired = u64::from(matches!(&*rule.id, "1-a*" | "39-b*"));
        let considered = plan.considered(rule);
        assert_eq!(rule.state.counts.fired(), fired, "{}", rule.id);
        assert_eq!(considered.times, 4, "{}", rule.id);
        assert_eq!(considered.mismatches, [(Matcher::Header, 4 - fired)], "{}", rule.id);
    }
}
