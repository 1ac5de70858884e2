//! The schemas of bodies, as they are read and as they are written.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::super::error_body::{Flat, Keystone, NativeJson, Nested};
use super::super::json_schema;
use super::super::operation::Family;

/// Where a document keeps its schemas.
const PLACE: &str = "/components/schemas";

/// The schemas that a document needs so far.
pub(super) struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings =
            || SchemaSettings::draft2020_12().with(|s| s.definitions_path = PLACE.into());
        Self {
            sent: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }
}

impl Schemas {
    /// The schema of a body that clients send.
    pub(super) fn sent<T: JsonSchema>(&mut self) -> Value {
        self.sent.subschema_for::<T>().into()
    }

    /// The schema of a body that the service answers.
    pub(super) fn answered<T: JsonSchema>(&mut self) -> Value {
        self.answered.subschema_for::<T>().into()
    }

    /// The schema of an error.
    pub(super) fn of_error(&mut self, family: Family, is_gateway: bool) -> Value {
        match family {
            _ if is_gateway => self.answered::<Flat<'_>>(),
            Family::Extension => self.answered::<Nested<'_>>(),
            Family::Native => self.answered::<NativeJson<'_>>(),
            Family::Identity => self.answered::<Keystone<'_>>(),
        }
    }

    /// All of them by their names. What clients send may have keys that nobody knows; what is answered has
    /// the keys that are told, and no others.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut all = self.sent.take_definitions(true);
        for (name, mut schema) in self.answered.take_definitions(true) {
            if let Ok(schema) = <&mut Schema>::try_from(&mut schema) {
                RecursiveTransform(close).transform(schema);
            }
            all.insert(name, schema);
        }
        for schema in all.values_mut() {
            if let Ok(schema) = <&mut Schema>::try_from(schema) {
                json_schema::finish(schema);
            }
        }
        all
    }
}

/// Says that an object has no other keys, unless something is said of them.
fn close(schema: &mut Schema) {
    let says = |key: &str| schema.get(key).is_some();
    if says("properties") && !says("additionalProperties") && !says("patternProperties") {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}
