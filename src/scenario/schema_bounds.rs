//! Bounds and defaults of steps and expectations, which their types do not say themselves.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::schema_words::{self, AnyCode};

/// What is added to a property of a type: keys of its schema with their values.
pub(super) struct Bound {
    owner: &'static str,
    property: &'static str,
    adds: Value,
}

/// Every such bound.
pub(super) fn bounds(generator: &mut SchemaGenerator) -> Vec<Bound> {
    let code = json!([generator.subschema_for::<AnyCode>(), { "type": "null" }]);
    let bound = |owner, property, adds| Bound { owner, property, adds };
    vec![
        bound("Expect", "status", json!({ "minimum": 200, "maximum": 599, "default": 200 })),
        bound("Expect", "error_code", json!({ "anyOf": code })),
        bound("Expect", "headers", json!({ "propertyNames": schema_words::header_name() })),
        bound("Expect", "outcome", json!({ "default": "answered" })),
        bound("JobFacts", "error_code", json!({ "anyOf": code })),
        bound("WaitJobStep", "every", json!({ "default": "1s" })),
        bound("WaitJobStep", "deadline", json!({ "default": "5m" })),
    ]
}

/// Adds bounds to the schema of scenario files; those that find no place are returned.
pub(super) fn add(bounds: Vec<Bound>, schema: &mut Schema) -> Vec<Bound> {
    let mut lost = Vec::new();
    for bound in bounds {
        let place = format!("/$defs/{}/properties/{}", bound.owner, bound.property);
        match (schema.pointer_mut(&place), &bound.adds) {
            (Some(Value::Object(property)), Value::Object(adds)) => {
                property.extend(adds.clone());
            }
            _ => lost.push(bound),
        }
    }
    lost
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;

    use super::*;
    use crate::scenario::file::Sections;

    #[test]
    fn every_bound_finds_its_place() {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let bounds = bounds(&mut generator);
        let mut schema = generator.into_root_schema_for::<Sections>();
        let lost = add(bounds, &mut schema);
        let lost: Vec<_> = lost.iter().map(|bound| (bound.owner, bound.property)).collect();
        assert!(lost.is_empty(), "no type has such a property: {lost:?}");
    }
}
