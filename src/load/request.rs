//! The requests of transactions, as clients send them.

use actix_web::http::Method;
use actix_web::web::Bytes;
use serde_json::{Value, json};

use super::mix::Transaction;
use super::stock::Stock;
use crate::api::{ImageId, JobId, MemberStatus, Operation};

/// How many images are listed at once: the usual page of the service.
const PAGE: &str = "limit=25";

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) method: Method,
    /// The path with its query.
    pub(super) path: String,
    /// The value of `X-Auth-Token`.
    pub(super) token: String,
    pub(super) body: Bytes,
    /// Whose token `show_token` asks about: its own.
    pub(super) about_token: bool,
}

/// The request with which a transaction begins.
pub(super) fn first(transaction: &Transaction, stock: &Stock) -> Request {
    let project = |place: &u32| stock.project(*place).id.to_string();
    let image = || transaction.images.first().map(|place| stock.image(*place).id);
    let image = || image().map(|id: ImageId| id.to_string()).unwrap_or_default();
    let member = || transaction.projects.first().map(project).unwrap_or_default();
    let images = || -> Vec<String> {
        transaction.images.iter().map(|place| stock.image(*place).id.to_string()).collect()
    };
    let projects = || -> Vec<String> { transaction.projects.iter().map(project).collect() };
    let status = || transaction.decision.map(|decision| MemberStatus::from(decision).as_str());
    let members = || format!("/v2/images/{}/members", image());
    let (path, body) = match transaction.operation {
        Operation::AddMembers | Operation::DeleteMembers => (
            "/v1/cloudimages/members".to_owned(),
            Some(json!({ "images": images(), "projects": projects() })),
        ),
        Operation::UpdateMembers => (
            "/v1/cloudimages/members".to_owned(),
            Some(json!({ "images": images(), "project_id": member(), "status": status() })),
        ),
        Operation::AddMember => (members(), Some(json!({ "member": member() }))),
        Operation::UpdateMember => {
            (format!("{}/{}", members(), member()), Some(json!({ "status": status() })))
        }
        Operation::DeleteMember | Operation::ShowMember => {
            (format!("{}/{}", members(), member()), None)
        }
        Operation::ListMembers => (members(), None),
        Operation::ShowImage => (format!("/v2/images/{}", image()), None),
        Operation::ListCloudImages => (format!("/v2/cloudimages?{PAGE}"), None),
        Operation::ListImages => (format!("/v2/images?{PAGE}"), None),
        Operation::ShowQuota => ("/v1/cloudimages/quota".to_owned(), None),
        Operation::ShowToken => ("/v3/auth/tokens".to_owned(), None),
        _ => ("/".to_owned(), None),
    };
    request(transaction.operation, path, transaction.caller, stock, body)
}

/// The request that asks where a job stands.
pub(super) fn poll(job: JobId, caller: u32, stock: &Stock) -> Request {
    let path = format!("/v1/{}/jobs/{job}", stock.project(caller).id);
    request(Operation::ShowJob, path, caller, stock, None)
}

fn request(
    operation: Operation,
    path: String,
    caller: u32,
    stock: &Stock,
    body: Option<Value>,
) -> Request {
    let method = operation.method().and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    Request {
        operation,
        method: method.unwrap_or(Method::GET),
        path,
        token: stock.project(caller).token.clone().unwrap_or_default(),
        body: body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())),
        about_token: operation == Operation::ShowToken,
    }
}
