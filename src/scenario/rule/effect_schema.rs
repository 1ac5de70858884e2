//! The schema of a rule's `effect`: what a derived one cannot know of its two forms and its points.

use schemars::Schema;
use serde_json::{Value, json};

use super::effect_entry::EffectEntry;
use crate::faults::{EffectKind, Point};
use crate::scenario::problem::one_of;

/// Gives each effect a schema of its own, named like it: the word alone where nothing more need be said,
/// the object with one key, and the points where it can stand.
pub(super) fn both_forms(schema: &mut Schema) {
    let Some(Value::Array(kinds)) = schema.get_mut("oneOf") else { return };
    for (long, kind) in kinds.iter_mut().zip(EffectKind::ALL) {
        let points: Vec<&str> = kind.points().iter().copied().map(Point::name).collect();
        let said = long["description"].as_str().unwrap_or_default();
        let description = format!("{said}\n\nAt {}.", one_of(&points));
        let Value::Object(keys) = long else { continue };
        let examples = keys.remove("examples");
        keys.remove("description");
        let word = json!({ "const": kind.name() });
        let forms = if says_enough(*kind) { vec![word, long.take()] } else { vec![long.take()] };
        *long = json!({
            "title": kind.name(),
            "description": description,
            "examples": examples,
            "oneOf": forms,
        });
    }
}

/// Whether an effect can stand as a word alone.
fn says_enough(kind: EffectKind) -> bool {
    let read = serde_json::from_value::<EffectEntry>(json!(kind.name()));
    read.is_ok_and(|effect| effect.compile(kind.points()[0]).is_ok())
}

#[cfg(test)]
mod tests {
    use schemars::schema_for;

    use super::*;

    #[test]
    fn the_schema_lists_every_effect_in_the_order_of_the_table_with_an_example_that_is_taken() {
        let schema = schema_for!(EffectEntry);
        let listed = schema.get("oneOf").and_then(Value::as_array).expect("a choice");
        assert_eq!(listed.len(), EffectKind::ALL.len());
        for (effect, kind) in listed.iter().zip(EffectKind::ALL) {
            let object = &effect["oneOf"].as_array().expect("its forms").last().expect("one");
            assert!(!object["properties"][kind.name()].is_null(), "{}: {effect}", kind.name());
            let examples = effect["examples"].as_array().expect("examples");
            assert!(!examples.is_empty(), "{}", kind.name());
            for example in examples {
                let read: EffectEntry =
                    serde_json::from_value(example.clone()).expect("it has the form of an effect");
                assert_eq!(read.kind(), *kind, "{example}");
                assert!(read.compile(kind.points()[0]).is_ok(), "{example}");
            }
        }
    }
}
