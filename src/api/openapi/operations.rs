//! What each operation takes and answers.

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::super::Operation;
use super::super::batch::{JobAcceptedBody, SharingBody, UpdateBody};
use super::super::job::JobBody;
use super::super::member::{MemberBody, MemberListBody};
use super::Examples;
use super::parameters::of_path;
use super::schemas::Schemas;

/// What there is to say of an operation beside its row.
pub(super) struct Described {
    pub(super) tag: &'static str,
    pub(super) details: &'static str,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    /// By status.
    pub(super) answers: Vec<(String, Value)>,
}

pub(super) fn describe(
    operation: Operation,
    examples: &Examples,
    schemas: &mut Schemas,
) -> Described {
    let parameters = of_path(operation, examples);
    let described =
        |tag, details, body, answers| Described { tag, details, parameters, body, answers };
    match operation {
        Operation::AddMembers | Operation::DeleteMembers => {
            let example = json!({ "images": [examples.image], "projects": [examples.member] });
            let body = sent::<SharingBody>(schemas, &example);
            described(
                "batch",
                "Each pair of an image and a project is settled for itself.",
                Some(body),
                accepted(examples, schemas),
            )
        }
        Operation::UpdateMembers => {
            let example = json!({
                "images": [examples.image],
                "project_id": examples.owner,
                "status": "accepted",
            });
            let body = sent::<UpdateBody>(schemas, &example);
            described(
                "batch",
                "The project must be the caller's own.",
                Some(body),
                accepted(examples, schemas),
            )
        }
        Operation::ShowJob => described("jobs", "", None, job(examples, schemas)),
        Operation::ShowJobProgress => described("jobs", "", None, job(examples, schemas)),
        Operation::ListMembers => {
            let answer = answered::<MemberListBody>(
                schemas,
                "Who the image is shared with; the owner sees all, a member his own entry.",
            );
            described("members", "", None, vec![("200".to_owned(), answer)])
        }
        Operation::ShowMember => {
            let answer = answered::<MemberBody>(schemas, "The member.");
            described("members", "", None, vec![("200".to_owned(), answer)])
        }
        _ => described("identity", "", None, Vec::new()),
    }
}

fn sent<T: JsonSchema>(schemas: &mut Schemas, example: &Value) -> Value {
    json!({
        "required": true,
        "content": { "application/json": { "schema": schemas.sent::<T>(), "example": example } },
    })
}

fn answered<T: JsonSchema>(schemas: &mut Schemas, about: &str) -> Value {
    json!({
        "description": about,
        "content": { "application/json": { "schema": schemas.answered::<T>() } },
    })
}
fn accepted(examples: &Examples, schemas: &mut Schemas) -> Vec<(String, Value)> {
    let mut answer = answered::<JobAcceptedBody>(
        schemas,
        "The batch has become a job; what came of it says the job.",
    );
    answer["content"]["application/json"]["example"] = json!({ "job_id": examples.job });
    answer["links"] = json!({
        "job": { "operationId": "show_job", "parameters": { "project_id": examples.owner, "job_id": "$response.body#/job_id" } },
        "progress": { "operationId": "show_job_progress", "parameters": { "job_id": "$response.body#/job_id" } },
    });
    vec![("200".to_owned(), answer)]
}

fn job(examples: &Examples, schemas: &mut Schemas) -> Vec<(String, Value)> {
    let _ = examples;
    vec![("200".to_owned(), answered::<JobBody<'_>>(schemas, "The job as it stands."))]
}
