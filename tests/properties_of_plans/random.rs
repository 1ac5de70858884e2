//! Random plans over a small world, and clients that know nothing of them.

use actix_web::http::Method;
use imsim::faults::{EffectKind, Matcher, Point};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::story::{Action, Ask, Story, prepare};

fn ms(range: std::ops::Range<u64>) -> impl Strategy<Value = String> {
    range.prop_map(|ms| format!("{ms}ms"))
}

/// A law that never takes less than `least` milliseconds.
fn law(least: u64) -> BoxedStrategy<Value> {
    let fixed = ms(least..least + 5).prop_map(|span| json!({"fixed": span}));
    let uniform = (least..least + 4, 0_u64..6).prop_map(|(from, more)| {
        json!({"uniform": {"from": format!("{from}ms"), "to": format!("{}ms", from + more)}})
    });
    let drawn = (1_u64..9)
        .prop_map(|mean| json!({"exponential": {"mean": format!("{mean}ms"), "max": "30ms"}}));
    if least == 0 {
        prop_oneof![fixed, uniform, drawn].boxed()
    } else {
        prop_oneof![fixed, uniform].boxed()
    }
}

fn code() -> impl Strategy<Value = Value> {
    option::of(select(vec!["IMG.0061", "IMG.0108", "IMG.0112", "IMG.0113"]))
        .prop_map(|code| code.map_or_else(|| json!({}), |code| json!({"code": code})))
}

fn answer() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec!["IMG.0061", "APIGW.0601", "IMG.0023"])
            .prop_map(|code| json!({"code": code, "retry_after": "1s"})),
        Just(json!({"status": 200, "body": {"job_id": "none"}})),
        Just(json!({"status": 503, "body": "later", "headers": {"x-why": "not"}})),
        Just(json!({"status": 204})),
    ]
}

/// What an effect says of itself at a point.
fn details(kind: EffectKind, at: Point) -> BoxedStrategy<Value> {
    match kind {
        EffectKind::Delay => law(0),
        EffectKind::Answer => answer().boxed(),
        EffectKind::RateLimit => {
            let by: &[&str] = match at {
                Point::Connection => &["client", "rule"],
                _ => &["token", "project", "rule"],
            };
            (1_u64..4, ms(1..60), select(by))
                .prop_map(|(requests, per, by)| json!({"requests": requests, "per": per, "by": by}))
                .boxed()
        }
        EffectKind::Truncate => {
            option::of(0_u64..80).prop_map(|bytes| json!({"after_bytes": bytes})).boxed()
        }
        EffectKind::Dribble => (1_u64..100, ms(1..4))
            .prop_map(|(bytes, every)| json!({"bytes": bytes, "every": every}))
            .boxed(),
        EffectKind::Bandwidth => {
            (50_u64..5_000).prop_map(|bytes| json!({"bytes_per_second": bytes})).boxed()
        }
        EffectKind::Stick if at == Point::Job => {
            select(vec!["INIT", "RUNNING"]).prop_map(|state| json!({"in": state})).boxed()
        }
        EffectKind::Fail | EffectKind::ClaimFailure => code().boxed(),
        EffectKind::Crash => (0_u32..4, any::<bool>())
            .prop_map(|(after, restart)| json!({"after_pairs": after, "restart": restart}))
            .boxed(),
        EffectKind::Stale => ms(1..40).prop_map(|by| json!({"by": by})).boxed(),
        EffectKind::Reset
        | EffectKind::Close
        | EffectKind::Garbage
        | EffectKind::NeverAnswer
        | EffectKind::Stick
        | EffectKind::Lose
        | EffectKind::RunTwice
        | EffectKind::ReportOpposite
        | EffectKind::ClaimSuccess => Just(json!({})).boxed(),
    }
}

/// A test of one kind.
fn test_of(matcher: Matcher) -> BoxedStrategy<Value> {
    let one = |values: &[Value]| select(values.to_vec()).boxed();
    match matcher {
        Matcher::Operation => one(&[
            json!("add_members"),
            json!("delete_members"),
            json!("*_members"),
            json!("show_*"),
            json!("list_members"),
            json!("*"),
        ]),
        Matcher::Method => one(&[json!("GET"), json!("POST"), json!("DELETE")]),
        Matcher::Path => one(&[json!("/v1/*"), json!("/v2/*"), json!("*job*")]),
        Matcher::Project => one(&[json!("owner"), json!("lab")]),
        Matcher::Image => {
            one(&[json!("im-0"), json!("im-?"), json!({"tag": "red"}), json!({"index": 0})])
        }
        Matcher::Member => one(&[json!("lab"), json!("shop")]),
        Matcher::Header => {
            one(&[json!({"name": "accept"}), json!({"name": "x-auth-token", "value": "o*"})])
        }
        Matcher::JobType => one(&[json!("imsAddImageMembersJob"), json!("imsDelImageMembersJob")]),
        Matcher::Client => one(&[json!("*")]),
    }
}

fn matches(at: Point) -> BoxedStrategy<Value> {
    let tests = at.matchers().iter().map(|matcher| {
        let tested = test_of(*matcher).prop_map(|test| (matcher.name(), test));
        prop_oneof![5 => Just(None), 1 => tested.prop_map(Some)].boxed()
    });
    let tests: Vec<_> = tests.collect();
    tests.prop_map(|tests| object(tests.into_iter().flatten())).boxed()
}

fn object(entries: impl Iterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(entries.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

fn condition(at: Point) -> BoxedStrategy<(&'static str, Value)> {
    let number = |key: &'static str| (1_u64..5).prop_map(move |n| (key, json!(n)));
    let events = select(vec!["job_started", "pair_settled", "call"]);
    let scopes: Vec<&str> = at.scopes().iter().map(|scope| scope.name()).collect();
    prop_oneof![
        4 => number("first"),
        1 => number("at_most"),
        1 => number("nth"),
        1 => number("every"),
        1 => (1_u64..4, 0_u64..3).prop_map(|(from, more)| ("range", json!([from, from + more]))),
        4 => select(vec![0.0, 0.3, 0.5, 1.0]).prop_map(|part| ("probability", json!(part))),
        1 => ms(0..60).prop_map(|from| ("from", json!(from))),
        1 => ms(1..90).prop_map(|until| ("until", json!(until))),
        1 => (events, 1_u64..4).prop_map(|(event, times)| ("after", json!({"event": event, "times": times}))),
        1 => Just(("after", json!({"rule": "rule-0"}))),
        1 => select(scopes).prop_map(|scope| ("per", json!(scope))),
    ]
    .boxed()
}

/// Any rule at all, though not every one makes sense.
fn rule() -> impl Strategy<Value = Value> {
    let kinds = EffectKind::ALL.iter();
    let pairs: Vec<_> =
        kinds.flat_map(|kind| kind.points().iter().map(|at| (*kind, *at))).collect();
    select(pairs).prop_flat_map(|(kind, at)| {
        let parts = (details(kind, at), matches(at), vec(condition(at), 0..3), life());
        parts.prop_map(move |(details, matches, when, life)| {
            let effect = object([(kind.name(), details)].into_iter());
            let when = object(when.into_iter());
            let mut rule =
                json!({"at": at.name(), "match": matches, "when": when, "effect": effect});
            life.into_iter().for_each(|(key, value)| rule[key] = value);
            rule
        })
    })
}

/// Most rules live for ever.
fn life() -> impl Strategy<Value = Option<(&'static str, Value)>> {
    prop_oneof![
        8 => Just(None),
        1 => Just(Some(("enabled", json!(false)))),
        1 => ms(1..90).prop_map(|ttl| Some(("ttl", json!(ttl)))),
    ]
}

/// The same rules with ids, without those that are refused where they stand.
pub(crate) fn that_make_sense(mut scenario: Value, rules: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for (number, mut rule) in rules.into_iter().enumerate() {
        rule["id"] = json!(format!("rule-{number}"));
        kept.push(rule);
        scenario["faults"] = json!(kept);
        if prepare(&scenario, 1, 1).is_none() {
            kept.pop();
        }
    }
    scenario["faults"] = json!(kept);
    scenario
}

/// The world, in which every pair takes some time.
fn world() -> impl Strategy<Value = Value> {
    (law(0), law(0), law(1), 0_u32..4, 1_u64..4, any::<bool>()).prop_map(
        |(init, image, pair, max_restarts, limit, ignore)| {
            let unknown = if ignore { "ignore" } else { "fail" };
            json!({
                "format": 1,
                "world": {
                    "settings": {"image_members": limit, "delete_unknown_member": unknown},
                    "projects": {"owner": {}, "lab": {}, "shop": {}, "club": {}},
                    "images": {
                        "im-0": {"owner": "owner", "members": {"lab": "pending"}, "tags": ["red"]},
                        "im-1": {"owner": "owner", "members": {"lab": "accepted"}},
                        "im-2": {"owner": "owner", "tags": ["red", "new"]},
                        "im-3": {"owner": "lab"},
                    },
                },
                "timing": {"init": init, "image": image, "pair": pair},
                "supervision": {"max_restarts": max_restarts},
            })
        },
    )
}

fn some(names: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    vec(select(names), 1..=names.len())
        .prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

const IMAGES: &[&str] = &["im-0", "im-1", "im-2", "im-3"];
const PROJECTS: &[&str] = &["lab", "shop", "club"];

fn ask(number: usize) -> BoxedStrategy<(&'static str, Ask)> {
    let methods = select(vec![Method::POST, Method::DELETE]);
    let share = (methods, some(IMAGES), some(PROJECTS))
        .prop_map(|(method, images, projects)| ("owner", Ask::Share { method, images, projects }));
    let update = (select(PROJECTS), some(IMAGES), select(vec!["accepted", "rejected"]))
        .prop_map(|(token, images, status)| (token, Ask::Update { images, status }));
    let job = (0..number.max(1), any::<bool>(), select(vec!["owner", "owner", "lab"]))
        .prop_map(|(of, progress, token)| (token, Ask::Job { of, progress }));
    let members = (select(IMAGES), option::of(select(PROJECTS))).prop_map(|(image, member)| {
        let (image, member) = (image.to_owned(), member.map(str::to_owned));
        ("owner", Ask::Members { image, member })
    });
    prop_oneof![4 => share, 1 => update, 6 => job, 2 => members, 3 => native(), 1 => deletion()]
        .boxed()
}

/// A call that changes one member at once, by its owner or by whoever decides.
fn native() -> impl Strategy<Value = (&'static str, Ask)> {
    let methods = select(vec![Method::POST, Method::PUT, Method::DELETE]);
    let statuses = select(vec!["accepted", "rejected"]);
    (methods, select(IMAGES), select(PROJECTS), statuses).prop_map(
        |(method, image, project, status)| {
            let token = if method == Method::PUT { project } else { "owner" };
            let (image, member) = (image.to_owned(), project.to_owned());
            (token, Ask::Member { method, image, member, status })
        },
    )
}

fn deletion() -> impl Strategy<Value = (&'static str, Ask)> {
    select(IMAGES).prop_map(|image| ("owner", Ask::DeleteImage { image: image.to_owned() }))
}

fn action(number: usize) -> impl Strategy<Value = Action> {
    let timeout = prop_oneof![4 => Just(None), 1 => (1_u64..30).prop_map(Some)];
    (0_u64..120, timeout, ask(number)).prop_map(move |(at, timeout, (token, ask))| {
        // Batches come first, so that there is something to ask about.
        let late = matches!(ask, Ask::Job { .. } | Ask::Member { .. } | Ask::DeleteImage { .. });
        let at = if late { at } else { at / 4 };
        Action { at, token: token.to_owned(), timeout, ask }
    })
}

/// A rule that changes when things happen and what comes of them, but not what is asked for.
pub(crate) fn harmless() -> impl Strategy<Value = Value> {
    let delays = EffectKind::Delay.points().iter().map(|at| (EffectKind::Delay, *at));
    let outcomes = [
        (EffectKind::Truncate, Point::Response),
        (EffectKind::Fail, Point::Pair),
        (EffectKind::ClaimSuccess, Point::Image),
        (EffectKind::Stale, Point::Read),
    ];
    select(delays.chain(outcomes).collect::<Vec<_>>()).prop_flat_map(|(kind, at)| {
        (details(kind, at), matches(at), vec(condition(at), 0..2)).prop_map(
            move |(details, matches, when)| {
                let effect = object([(kind.name(), details)].into_iter());
                let when = object(when.into_iter());
                json!({"at": at.name(), "match": matches, "when": when, "effect": effect})
            },
        )
    })
}

/// The effect of a rule that does not change what is asked for, at any point.
pub(crate) fn harmless_effect(at: Point) -> Value {
    match at {
        Point::Read => json!({"stale": {"by": "5ms"}}),
        _ => json!({"delay": {"uniform": {"from": "0ms", "to": "9ms"}}}),
    }
}

/// Clients that wait for their answers and ask for nothing that depends on one; no rules.
pub(crate) fn independent_story() -> impl Strategy<Value = Story> {
    let actions = vec((0_u64..30, ask(1)), 1..12);
    (world(), actions).prop_map(|(scenario, actions)| {
        let independent = |(at, (token, ask)): (u64, (&str, Ask))| {
            let token = token.to_owned();
            let independent = !matches!(ask, Ask::Job { .. } | Ask::DeleteImage { .. });
            independent.then_some(Action { at, token, timeout: None, ask })
        };
        Story { scenario, actions: actions.into_iter().filter_map(independent).collect() }
    })
}

/// Any plan, and a handful of clients.
pub(crate) fn story() -> impl Strategy<Value = Story> {
    let actions: Vec<_> = (0..16).map(|number| action(number).boxed()).collect();
    (world(), vec(rule(), 0..7), actions).prop_map(|(world, rules, actions)| Story {
        scenario: that_make_sense(world, rules),
        actions,
    })
}
