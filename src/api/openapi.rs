//! The OpenAPI 3.1 document of the service, made of the table of operations, the types of the bodies and
//! the table of errors: of what the server itself uses.
//!
//! Fault rules may answer any call with anything; the document tells what the service does by itself.

mod errors;
mod identity;
mod images;
mod operations;
mod parameters;
mod schemas;

use serde_json::{Map, Value, json};

use super::operation::Family;
use super::{Code, Operation, Refusal, error_body};
use operations::Described;
use schemas::Schemas;

/// Ids and secrets that stand in examples, so that they can be tried as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examples {
    /// An image.
    pub image: String,
    /// The project that owns it.
    pub owner: String,
    /// A project that it can be shared with.
    pub member: String,
    /// The name of the owner's project.
    pub owner_name: String,
    /// The name of the account of all users.
    pub account: String,
    /// A job.
    pub job: String,
}

impl Default for Examples {
    /// The ids of the contract's own examples.
    fn default() -> Self {
        Self {
            image: "3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10".to_owned(),
            owner: "0a1b2c3d4e5f40718293a4b5c6d7e8f9".to_owned(),
            member: "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e".to_owned(),
            owner_name: "studio".to_owned(),
            account: "account-a".to_owned(),
            job: "51a0c00151a0c002019424f8632e0001".to_owned(),
        }
    }
}

/// What the tags stand for, in the order in which a reader meets them.
const TAGS: [(&str, &str); 5] = [
    (
        "batch",
        "Images are shared, withdrawn, accepted and rejected in batches; each batch is a job.",
    ),
    ("jobs", "What becomes of a batch is asked for until its job has ended."),
    ("members", "One image and one member at a time, at once."),
    ("images", "Images, their schemas, the quota for them and the versions of the service."),
    ("identity", "Tokens and projects."),
];

/// Stands in for the id of a request in examples.
const REQUEST_ID: &str = "9f1c0e7ab3d24c5580f6a1b2c3d4e5f6";

/// The document of a service at `server`, a URL without a path.
#[must_use]
pub fn document(examples: &Examples, server: &str) -> Value {
    let mut schemas = Schemas::default();
    let mut paths: Map<String, Value> = Map::new();
    for operation in Operation::ALL.into_iter().filter(|one| *one != Operation::Unknown) {
        let described = operations::describe(operation, examples, &mut schemas);
        let path = paths.entry(operation.path()).or_insert_with(|| json!({}));
        let method = operation.method().unwrap_or_default().to_ascii_lowercase();
        path[method] = entry(operation, described, &mut schemas);
    }
    let tags = TAGS.map(|(name, about)| json!({ "name": name, "description": about }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Image sharing API, as imsim serves it",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Made of the types and tables that the server itself uses. Fault rules may \
                answer any call in other ways than those told here.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": server }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": security_schemes(),
        },
    })
}

fn security_schemes() -> Value {
    json!({
        "token": {
            "type": "apiKey", "in": "header", "name": "X-Auth-Token",
            "description": "The token of a project.",
        },
        "signature": {
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "A signature of the request by an access key: SDK-HMAC-SHA256 Access=..., \
                SignedHeaders=..., Signature=... A token that comes beside it decides.",
        },
    })
}

fn entry(operation: Operation, described: Described, schemas: &mut Schemas) -> Value {
    let mut answers: Map<String, Value> = described.answers.into_iter().collect();
    for (status, answer) in errors(operation, schemas) {
        answers.insert(status.to_string(), answer);
    }
    for answer in answers.values_mut() {
        answer["headers"]["X-Request-Id"] = json!({
            "description": "The id of the request.",
            "required": true,
            "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
        });
    }
    let about = operation.about();
    let mut entry = json!({
        "operationId": operation.name(),
        "tags": [described.tag],
        "summary": capital(about),
        "parameters": described.parameters,
        "responses": answers,
    });
    if !described.details.is_empty() {
        entry["description"] = json!(described.details);
    }
    if let Some(body) = described.body {
        entry["requestBody"] = body;
    }
    entry["security"] = match operation.is_open() {
        true => json!([]),
        false => json!([{ "token": [] }, { "signature": [] }]),
    };
    entry
}

/// The refusals of an operation, by status, each code with the body that is sent.
fn errors(operation: Operation, schemas: &mut Schemas) -> Vec<(u16, Value)> {
    let codes = errors::of(operation);
    let mut statuses: Vec<u16> = codes.iter().map(|code| code.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let answer = |status| {
        let codes: Vec<Code> =
            codes.iter().copied().filter(|code| code.status() == status).collect();
        let meanings: Vec<String> =
            codes.iter().map(|code| format!("- {}: {}", code.code(), code.meaning())).collect();
        let mut content = json!({});
        for code in &codes {
            add_error(&mut content, operation.family(), *code, schemas);
        }
        (status, json!({ "description": meanings.join("\n"), "content": content }))
    };
    statuses.into_iter().map(answer).collect()
}

/// Adds what a code looks like on the wire, in each form in which it can be asked for.
fn add_error(content: &mut Value, family: Family, code: Code, schemas: &mut Schemas) {
    let forms: &[bool] = match family {
        Family::Native if !code.is_gateway() => &[true, false],
        _ => &[true],
    };
    for wants_json in forms {
        let refusal = Refusal::new(code);
        let (media_type, body) = error_body::render(&refusal, family, *wants_json, REQUEST_ID);
        let media_type = media_type.split(';').next().unwrap_or_default();
        let (schema, value) = match serde_json::from_str::<Value>(&body) {
            Ok(value) => (schemas.of_error(family, code.is_gateway()), value),
            Err(_) => (json!({ "type": "string" }), Value::from(body)),
        };
        let entry = &mut content[media_type];
        if entry.is_null() {
            *entry = json!({ "schema": { "anyOf": [] }, "examples": {} });
        }
        if let Some(Value::Array(known)) = entry.pointer_mut("/schema/anyOf")
            && !known.contains(&schema)
        {
            known.push(schema);
        }
        entry["examples"][format!("{code:?}")] =
            json!({ "summary": code.meaning(), "value": value });
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
