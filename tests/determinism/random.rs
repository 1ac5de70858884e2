//! Small random scenarios.

use proptest::prelude::*;
use serde_json::{Value, json};

fn law() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0_u64..4).prop_map(|ms| json!({"fixed": format!("{ms}ms")})),
        (0_u64..4, 0_u64..4).prop_map(|(from, more)| {
            json!({"uniform": {"from": format!("{from}ms"), "to": format!("{}ms", from + more)}})
        }),
        (0_u64..9).prop_map(|ms| {
            json!({"lognormal": {"median": format!("{ms}ms"), "sigma": 1.5, "max": "30ms"}})
        }),
        (0_u64..9)
            .prop_map(|ms| json!({"exponential": {"mean": format!("{ms}ms"), "max": "30ms"}})),
    ]
}

/// A batch of some of 4 images and some of 3 projects.
fn batch() -> impl Strategy<Value = Value> {
    let some = |name: &'static str, count: usize| {
        proptest::collection::vec(0..count, 1..=count)
            .prop_map(move |list| list.iter().map(|n| format!("{name}-{n}")).collect::<Vec<_>>())
    };
    (0..4_usize, some("im", 4), some("pr", 3)).prop_map(|(kind, images, projects)| match kind {
        0 => json!({"add_members": {"token": "owner", "images": images, "projects": projects}}),
        1 => json!({"delete_members": {"token": "owner", "images": images, "projects": projects}}),
        _ => {
            let status = if kind == 2 { "accepted" } else { "rejected" };
            json!({"update_members": {"token": projects[0], "images": images, "status": status}})
        }
    })
}

fn step() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => proptest::collection::vec(batch(), 1..6).prop_map(|steps| json!({"parallel": steps})),
        1 => batch(),
        1 => (0_u64..20).prop_map(|ms| json!({"wait": {"for": format!("{ms}ms")}})),
        1 => Just(json!({"list_members": {"token": "owner", "image": "im-0"}})),
    ]
}

/// A small world, a few steps that get in each other's way, and perhaps a rule that kills workers.
pub(crate) fn scenario() -> impl Strategy<Value = Value> {
    let crash = (proptest::option::of(1_u64..4), 0_u32..3).prop_map(|(first, after_pairs)| {
        let when = first.map_or_else(|| json!({}), |first| json!({"first": first}));
        json!([{"at": "image", "when": when, "effect": {"crash": {"after_pairs": after_pairs}}}])
    });
    let faults = prop_oneof![Just(json!([])), crash];
    let steps = proptest::collection::vec(step(), 1..8);
    ((law(), law(), law()), faults, 0_u32..4, 1_u64..4, steps).prop_map(
        |((init, image, pair), faults, max_restarts, limit, steps)| {
            json!({
                "format": 1,
                "world": {
                    "settings": {"image_members": limit},
                    "projects": {"owner": {}, "pr": {"count": 3}},
                    "images": {"im": {"count": 4, "owner": "owner", "members": {"pr-0": "pending"}}},
                },
                "timing": {"init": init, "image": image, "pair": pair},
                "supervision": {"max_restarts": max_restarts},
                "faults": faults,
                "steps": steps,
            })
        },
    )
}
