//! What the operations of identity take and answer.

use serde_json::{Value, json};

use super::super::Operation;
use super::super::identity::{IdentityVersionBody, ProjectAnswer, ProjectsBody, TokenAnswer};
use super::operations::{Answers, answered, one, status};
use super::parameters::in_query;
use super::schemas::Schemas;

/// The header in which the value of a token travels that is asked for or about.
const SUBJECT: &str = "X-Subject-Token";

/// What the operations answer.
pub(super) fn of(operation: Operation, schemas: &mut Schemas) -> Answers {
    match operation {
        Operation::ShowIdentityVersion => {
            one(answered::<IdentityVersionBody>(schemas, "The version."))
        }
        Operation::CreateToken => {
            vec![status(
                201,
                token(schemas, "What the token is good for; its value is in a header."),
            )]
        }
        Operation::ShowToken => one(token(schemas, "What the token is good for.")),
        Operation::ListProjects => {
            one(answered::<ProjectsBody>(schemas, "The projects of the caller."))
        }
        _ => one(answered::<ProjectAnswer>(schemas, "The project.")),
    }
}

fn token(schemas: &mut Schemas, about: &str) -> Value {
    let mut answer = answered::<TokenAnswer>(schemas, about);
    answer["headers"][SUBJECT] = json!({
        "description": "The value of the token.",
        "required": true,
        "schema": { "type": "string" },
    });
    answer
}

/// What the operations take beside a path and a body. Without other tokens every project has one of its own
/// name; `owner` is such a name.
pub(super) fn parameters(operation: Operation, owner: &str) -> Vec<Value> {
    let text = json!({ "type": "string" });
    match operation {
        Operation::ShowToken => vec![
            json!({
                "name": SUBJECT, "in": "header", "required": true,
                "description": "The token that is asked about.",
                "schema": { "type": "string", "minLength": 1 },
                "example": owner,
            }),
            in_query("nocatalog", "Any value leaves the catalog out.", text),
        ],
        Operation::CreateToken => {
            vec![in_query("nocatalog", "Any value leaves the catalog out.", text)]
        }
        _ => vec![in_query("name", "The name of a project, or of the region.", text)],
    }
}
