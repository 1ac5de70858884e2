//! The JSON Schema of scenario files, for editors and validators.
//!
//! It is generated from the types that read the files, so it knows every key that they know. What it
//! cannot know is whether names exist and whether what is said makes sense together; see
//! [`fn@super::compile`].

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_json::{Value, json};

use super::file::{FORMAT, Sections};
use super::schema_bounds;

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

/// Makes of a derived schema one that says to any validator, and to people, what the types say to Rust.
pub fn finish(schema: &mut Schema) {
    let mut each = RecursiveTransform(|schema: &mut Schema| {
        number_formats(schema);
        defaults(schema);
        description(schema);
    });
    each.transform(schema);
}

/// The formats of Rust's numbers are known to nobody else; the bounds that they mean are.
fn number_formats(schema: &mut Schema) {
    let most = match schema.get("format").and_then(Value::as_str) {
        Some("uint16") => Some(u64::from(u16::MAX)),
        Some("uint32") => Some(u64::from(u32::MAX)),
        Some("uint64" | "uint") => Some(u64::MAX),
        Some("double") => None,
        _ => return,
    };
    schema.remove("format");
    if let (Some(most), None) = (most, schema.get("maximum")) {
        schema.insert("maximum".to_owned(), json!(most));
    }
}

/// That something can be left out needs no default that says so.
fn defaults(schema: &mut Schema) {
    let says_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Object(keys) => keys.values().all(Value::is_null),
        _ => false,
    };
    if schema.get("default").is_some_and(says_nothing) {
        schema.remove("default");
    }
}

/// Comments in the source are broken into short lines, which an editor would show as they are.
fn description(schema: &mut Schema) {
    let Some(Value::String(text)) = schema.get("description") else { return };
    let paragraphs: Vec<String> =
        text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
    schema.insert("description".to_owned(), json!(paragraphs.join("\n\n")));
}
