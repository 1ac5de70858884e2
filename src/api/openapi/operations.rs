//! What each operation takes and answers.

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::super::Operation;
use super::super::batch::{JobAcceptedBody, SharingBody, UpdateBody};
use super::super::identity::AuthBody;
use super::super::job::JobBody;
use super::super::member::{MemberBody, MemberListBody};
use super::super::member_request::{AddBody, DecisionBody};
use super::parameters::{in_query, of_path};
use super::schemas::Schemas;
use super::{Examples, identity, images};

/// Answers by their statuses.
pub(super) type Answers = Vec<(String, Value)>;

/// What there is to say of an operation beside its row.
pub(super) struct Described {
    pub(super) tag: &'static str,
    /// More than its row says in a few words; may be empty.
    pub(super) details: &'static str,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    pub(super) answers: Answers,
}

/// All of it.
pub(super) fn describe(
    operation: Operation,
    examples: &Examples,
    schemas: &mut Schemas,
) -> Described {
    let mut parameters = of_path(operation, examples);
    match operation {
        Operation::ListCloudImages => parameters.extend(images::query(500)),
        Operation::ListImages => parameters.extend(images::query(25)),
        Operation::CreateToken | Operation::ShowToken | Operation::ListProjects => {
            parameters.extend(identity::parameters(operation, &examples.owner_name));
        }
        Operation::ListMembers | Operation::ListMembersLater => parameters.extend(pages()),
        _ => {}
    }
    Described {
        tag: tag(operation),
        details: details(operation),
        parameters,
        body: body(operation, examples, schemas),
        answers: answers(operation, examples, schemas),
    }
}

/// The parameters of pages of members, which without the switch mean nothing.
fn pages() -> Vec<Value> {
    let of_page = |name, about: &str| {
        let about = format!("{about} Nothing at all unless `later_fields` is switched on.");
        in_query(name, &about, json!({ "type": "string" }))
    };
    vec![
        of_page("limit", "How long a page is, from 1 to 1000."),
        of_page("marker", "`next_marker` of the page before."),
    ]
}

const fn tag(operation: Operation) -> &'static str {
    match operation {
        Operation::AddMembers | Operation::DeleteMembers | Operation::UpdateMembers => "batch",
        Operation::ShowJob | Operation::ShowJobProgress => "jobs",
        Operation::ListMembers
        | Operation::ShowMember
        | Operation::AddMember
        | Operation::UpdateMember
        | Operation::DeleteMember
        | Operation::ListMembersLater
        | Operation::ShowMemberLater => "members",
        Operation::ListCloudImages
        | Operation::ListImages
        | Operation::ShowImage
        | Operation::DeleteImage
        | Operation::ShowSchema
        | Operation::ShowQuota
        | Operation::ListVersions
        | Operation::ShowVersion => "images",
        _ => "identity",
    }
}

const fn details(operation: Operation) -> &'static str {
    match operation {
        Operation::AddMembers => {
            "Called by the owner. Each pair of an image and a project is settled for itself; a pair that \
             fails leaves the others alone. What is already shared stays so."
        }
        Operation::DeleteMembers => {
            "Called by the owner, with a body although it is a DELETE. Each pair of an image and a project \
             is settled for itself."
        }
        Operation::UpdateMembers => {
            "Called by the recipient, for his own project. A whole-server image needs a vault to be accepted."
        }
        Operation::ShowJob => "Asked again and again until the state is SUCCESS or FAIL.",
        Operation::ListMembers => "The owner sees all members, a member his own entry.",
        Operation::AddMember => "Called by the owner; the member is pending. No job is made.",
        Operation::UpdateMember => {
            "Called by the recipient, about his own entry. A whole-server image needs a vault to be accepted."
        }
        Operation::DeleteMember => "Called by the owner, whatever the status of the share.",
        Operation::DeleteImage => {
            "Called by the owner, unless the image is protected. Its members vanish with it, and jobs that run \
             see it as missing."
        }
        Operation::ListMembersLater | Operation::ShowMemberLater => {
            "Known to later editions of the API alone: an unknown path unless the world's settings switch \
             `later_fields` on."
        }
        _ => "",
    }
}

fn body(operation: Operation, examples: &Examples, schemas: &mut Schemas) -> Option<Value> {
    match operation {
        Operation::AddMembers | Operation::DeleteMembers => {
            let example = json!({ "images": [examples.image], "projects": [examples.member] });
            Some(sent::<SharingBody>(schemas, &example))
        }
        Operation::UpdateMembers => {
            let example = json!({
                "images": [examples.image],
                "project_id": examples.owner,
                "status": "accepted",
            });
            Some(sent::<UpdateBody>(schemas, &example))
        }
        Operation::AddMember => {
            Some(sent::<AddBody>(schemas, &json!({ "member": examples.member })))
        }
        Operation::UpdateMember => {
            Some(sent::<DecisionBody>(schemas, &json!({ "status": "accepted" })))
        }
        Operation::CreateToken => {
            let name = &examples.owner_name;
            let account = json!({ "name": examples.account });
            let user = json!({ "name": name, "password": name, "domain": account });
            let example = json!({ "auth": {
                "identity": { "methods": ["password"], "password": { "user": user } },
                "scope": { "project": { "name": name } },
            } });
            Some(sent::<AuthBody>(schemas, &example))
        }
        _ => None,
    }
}

fn answers(operation: Operation, examples: &Examples, schemas: &mut Schemas) -> Answers {
    match operation {
        Operation::AddMembers | Operation::DeleteMembers | Operation::UpdateMembers => {
            one(accepted(examples, schemas))
        }
        Operation::ShowJob | Operation::ShowJobProgress => {
            one(answered::<JobBody<'_>>(schemas, "The job as it stands."))
        }
        Operation::ListMembers | Operation::ListMembersLater => {
            one(answered::<MemberListBody>(schemas, "The members."))
        }
        Operation::ShowMember | Operation::ShowMemberLater => {
            one(answered::<MemberBody>(schemas, "The member."))
        }
        Operation::AddMember | Operation::UpdateMember => one(member(schemas)),
        Operation::DeleteMember => {
            vec![status(204, json!({ "description": "The image is no longer shared." }))]
        }
        _ if tag(operation) == "images" => images::of(operation, schemas),
        _ => identity::of(operation, schemas),
    }
}

fn sent<T: JsonSchema>(schemas: &mut Schemas, example: &Value) -> Value {
    json!({
        "required": true,
        "content": { "application/json": { "schema": schemas.sent::<T>(), "example": example } },
    })
}

/// An answer with a JSON body.
pub(super) fn answered<T: JsonSchema>(schemas: &mut Schemas, about: &str) -> Value {
    json!({
        "description": about,
        "content": { "application/json": { "schema": schemas.answered::<T>() } },
    })
}

/// The only answer of an operation, a 200.
pub(super) fn one(answer: Value) -> Answers {
    vec![status(200, answer)]
}

/// An answer with this status.
pub(super) fn status(status: u16, answer: Value) -> (String, Value) {
    (status.to_string(), answer)
}

/// A job, with the ways to ask for it.
fn accepted(examples: &Examples, schemas: &mut Schemas) -> Value {
    let about = "The batch has become a job, which tells what comes of it.";
    let mut answer = answered::<JobAcceptedBody>(schemas, about);
    answer["content"]["application/json"]["example"] = json!({ "job_id": examples.job });
    let job = "$response.body#/job_id";
    answer["links"] = json!({
        "job": {
            "operationId": Operation::ShowJob.name(),
            "parameters": { "project_id": examples.owner, "job_id": job },
        },
        "progress": {
            "operationId": Operation::ShowJobProgress.name(),
            "parameters": { "job_id": job },
        },
    });
    answer
}

/// A member, with the ways to look at it and to remove it.
fn member(schemas: &mut Schemas) -> Value {
    let mut answer = answered::<MemberBody>(schemas, "The member as it stands now.");
    let parameters = json!({
        "image_id": "$response.body#/image_id",
        "member_id": "$response.body#/member_id",
    });
    for operation in [Operation::ShowMember, Operation::DeleteMember] {
        let link = json!({ "operationId": operation.name(), "parameters": parameters });
        answer["links"][operation.name()] = link;
    }
    answer
}
