//! The JSON Schema of scenario files, for editors and validators.
//!
//! It is generated from the types that read the files, so it knows every key that they know. What it
//! cannot know is whether names exist and whether what is said makes sense together; see
//! [`fn@super::compile`].

use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde_json::json;

use super::file::{FORMAT, Sections};
use super::schema_bounds;
use crate::api::json_schema::finish;

/// The JSON Schema, draft 2020-12, of scenario files. The order of its keys is always the same.
#[must_use]
pub fn schema() -> Schema {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let bounds = schema_bounds::bounds(&mut generator);
    let mut schema = generator.into_root_schema_for::<Sections>();
    schema_bounds::add(bounds, &mut schema);
    finish(&mut schema);
    schema.insert("$id".to_owned(), json!(format!("urn:imsim:scenario:{FORMAT}")));
    schema.insert("title".to_owned(), json!("imsim scenario"));
    let version = env!("CARGO_PKG_VERSION");
    let comment =
        format!("Format {FORMAT}, as imsim {version} reads it; `imsim schema` prints it.");
    schema.insert("$comment".to_owned(), json!(comment));
    schema
}
