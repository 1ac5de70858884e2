//! Parameters in paths, queries and headers.

use serde_json::{Value, json};

use super::super::Operation;
use super::Examples;

/// The parameters that the path of an operation names.
pub(super) fn of_path(operation: Operation, examples: &Examples) -> Vec<Value> {
    let named = operation.path().split('{').skip(1);
    named.filter_map(|rest| rest.split('}').next()).map(|name| in_path(name, examples)).collect()
}

fn in_path(name: &str, examples: &Examples) -> Value {
    let (about, schema, example) = match name {
        "project_id" => ("A project.", project(), &*examples.owner),
        "member_id" => ("A project that the image is shared with.", project(), &*examples.member),
        "job_id" => ("The job, as the batch call answered it.", project(), &*examples.job),
        "image_id" => ("The image.", image(), &*examples.image),
        "schema" => {
            ("What is described.", one_of(&["image", "images", "member", "members"]), "member")
        }
        _ => ("The version.", one_of(&["v1", "v2", "v1.0", "v1.1", "v2.0", "v2.1", "v2.2"]), "v2"),
    };
    json!({
        "name": name, "in": "path", "required": true, "description": about,
        "schema": schema, "example": example,
    })
}

fn project() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-fA-F]{32}$" })
}

fn image() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// A parameter of the query that can be left out.
pub(super) fn in_query(name: &str, about: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "required": false, "description": about, "schema": schema })
}
