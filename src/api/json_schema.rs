//! Schemas that are derived from types, made readable for people and for validators.

use schemars::Schema;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_json::{Value, json};

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
