//! What asking the fault plan costs where nothing fires: one call about a batch of two images and two
//! projects, with no rules, and with a thousand that do not match.
//!
//! `cargo bench --bench faults` takes about half a minute. `benches/speed rules` shows what it means for
//! a whole server.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use imsim::api::{ImageId, Operation, ProjectId};
use imsim::clock::SimTime;
use imsim::domain::World;
use imsim::faults::{CurrentPlan, Details, Entity, FaultEvent, ImageTest, Point};
use imsim::scenario::{self, ScenarioFile};
use imsim::seed::Seed;
use serde_json::{Value, json};

/// Rules of each plan but the empty one.
const RULES: usize = 1_000;
/// Images of the world, one for each rule and some for the call.
const IMAGES: usize = RULES + 2;

/// Each plan, and what its rules say.
type Written = fn(usize) -> Value;
const PLANS: [(&str, Option<Written>); 6] = [
    ("no rules", None),
    (
        "1,000 rules about another image each",
        Some(|number| rule(number, "request", &json!({ "image": format!("image-{number}") }))),
    ),
    (
        "1,000 rules about other operations",
        Some(|number| {
            rule(
                number,
                "request",
                &json!({ "operation": "show_member", "header": header(number) }),
            )
        }),
    ),
    (
        "1,000 rules at another point",
        Some(|number| {
            rule(number, "connection", &json!({ "client": format!("10.0.{}.*", number) }))
        }),
    ),
    (
        "1,000 rules about another header each",
        Some(|number| rule(number, "request", &json!({ "header": header(number) }))),
    ),
    (
        "1,000 rules about another pattern of paths each",
        Some(|number| {
            rule(number, "request", &json!({ "path": format!("/case-{number}/*/members*") }))
        }),
    ),
];

fn header(number: usize) -> Value {
    json!({ "name": "x-case", "value": format!("case-{number}-*") })
}

fn rule(number: usize, at: &str, matches: &Value) -> Value {
    json!({ "id": format!("rule-{number}"), "at": at, "match": matches, "effect": "reset" })
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut group = criterion.benchmark_group("plan");
    for (name, written) in PLANS {
        let (plan, call) = stage(written);
        group.bench_function(name, |bencher| bencher.iter(|| ask(&plan, &call)));
    }
    group.finish();
    criterion.final_summary();
}

/// As the way of a request does: points without rules are not asked.
fn ask(plan: &CurrentPlan, call: &Call) -> bool {
    let mut silent = true;
    for point in [Point::Request, Point::Response] {
        if plan.is_empty_at(point) {
            continue;
        }
        let event = FaultEvent {
            point,
            at: SimTime::from_millis(0),
            entity: Entity::Known(7),
            operation: Some(Operation::DeleteMembers),
            project: Some(call.owner),
            job: None,
            image: None,
            member: None,
            pairs: None,
            details: call,
        };
        silent &= plan.ask(0, black_box(&event), Seed::DEFAULT).is_empty();
    }
    assert!(silent, "a rule fired that should not");
    silent
}

/// What a rule may want to know of the call.
struct Call {
    world: World,
    owner: ProjectId,
    images: [ImageId; 2],
    members: [ProjectId; 2],
}

impl Details for Call {
    fn has_image(&self, test: &ImageTest) -> bool {
        let mut images = (0..).zip(&self.images);
        images.any(|(index, id)| {
            test.fits_id(*id, Some(index))
                && self.world.image(*id).is_some_and(|image| test.fits(&image, Some(index)))
        })
    }

    fn each_image(&self, visit: &mut dyn FnMut(ImageId)) {
        self.images.iter().copied().for_each(visit);
    }

    fn each_member(&self, visit: &mut dyn FnMut(ProjectId)) {
        self.members.iter().copied().for_each(visit);
    }

    fn method(&self) -> Option<&str> {
        Some("DELETE")
    }

    fn path(&self) -> Option<&str> {
        Some("/v1/cloudimages/members")
    }

    fn has_header(&self, name: &str, test: &dyn Fn(&str) -> bool) -> bool {
        name == "x-case" && test("none")
    }

    fn client(&self) -> Option<&str> {
        Some("127.0.0.1")
    }

    fn token(&self) -> Option<&str> {
        Some("owner")
    }
}

fn stage(written: Option<Written>) -> (CurrentPlan, Call) {
    let rules: Vec<Value> = written.into_iter().flat_map(|rule| (0..RULES).map(rule)).collect();
    let file = json!({
        "format": 1,
        "world": {
            "projects": { "owner": {}, "member": { "count": 2 } },
            "images": { "image": { "owner": "owner", "count": IMAGES } },
        },
        "faults": rules,
    });
    let file = ScenarioFile::parse("benchmark".as_ref(), file.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}"));
    let blueprint = scenario::compile(&file, Seed::DEFAULT, SimTime::from_millis(0));
    let blueprint = blueprint.unwrap_or_else(|problem| panic!("{problem}"));
    let names = &blueprint.names;
    let image = |number: usize| names.image_id(&format!("image-{number}"));
    let images = [RULES, RULES + 1].map(|number| image(number).expect("it was written"));
    let project = |name: &str| names.project_id(name).expect("it was written");
    let (owner, members) = (project("owner"), ["member-0", "member-1"].map(project));
    let call = Call { world: blueprint.world, owner, images, members };
    (CurrentPlan::new(blueprint.plan.rules()), call)
}
