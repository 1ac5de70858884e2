//! From steps to requests, and from answers to values that can be compared.

use std::borrow::Cow;

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;
use serde_json::{Value, json};

use crate::api::{ImageId, JobId, MemberDecision, Operation, ProjectId};
use crate::clock::{SimDuration, SimTime};
use crate::domain::signature::{self, Signable};
use crate::journal::Delivery;
use crate::scenario::SigningKey;
use crate::scenario::expect::Outcome;
use crate::scenario::step::RequestStep;
use crate::simulator::virtual_run::{VirtualAnswer, VirtualRequest};

/// Builds a request as a client would send it.
pub(super) fn request(
    operation: Operation,
    target: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> VirtualRequest {
    let method = operation.method().and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    let method = method.unwrap_or(Method::GET);
    let mut headers = vec![("accept".to_owned(), b"application/json".to_vec())];
    headers.extend(token.map(|token| ("x-auth-token".to_owned(), token.as_bytes().to_vec())));
    if body.is_some() {
        headers.push(("content-type".to_owned(), b"application/json;charset=utf-8".to_vec()));
    }
    let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    let target = target.parse().unwrap_or_else(|_| Uri::from_static("/"));
    VirtualRequest { method, target, headers, body }
}

/// Builds the request that a step writes out.
pub(super) fn as_written(step: &RequestStep) -> VirtualRequest {
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    headers
        .extend(step.token.iter().map(|token| ("x-auth-token".to_owned(), token.clone().into())));
    let own = step.headers.iter().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    let typed = step.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if step.body.is_some() && !typed {
        headers.push(("content-type".to_owned(), b"application/json".to_vec()));
    }
    headers.extend(own);
    let json = step.body.as_ref().map(Value::to_string);
    let body = json.or_else(|| step.text.clone()).map_or_else(Bytes::new, Bytes::from);
    let method = Method::from_bytes(step.method.as_bytes()).unwrap_or_default();
    let target = step.path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    VirtualRequest { method, target, headers, body }
}

/// Signs a request that is sent to a place, given as host with port and the target that is seen there: all
/// headers whose names have no underscore, as the SDK does.
pub(super) fn sign(
    request: &mut VirtualRequest,
    (host, target): (String, &str),
    (access, key): (&str, &SigningKey),
    now: SimTime,
) {
    let token = key.security_token.as_ref().map(|token| token.reveal().to_owned());
    let own = [
        ("host", Some(host)),
        ("x-sdk-date", Some(signature::date(now))),
        ("x-security-token", token),
    ];
    for (name, value) in own {
        let is_said = request.headers.iter().any(|(said, _)| said.eq_ignore_ascii_case(name));
        if let Some(value) = value.filter(|_| !is_said) {
            request.headers.push((name.to_owned(), value.into_bytes()));
        }
    }
    let signed = request.headers.iter().filter(|(name, _)| !name.contains('_'));
    let mut names: Vec<String> = signed.map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let header = |name: &str| {
        let mut all = request.headers.iter();
        let found = all.find(|(said, _)| said.eq_ignore_ascii_case(name));
        found.map(|(_, value)| Cow::Borrowed(&value[..]))
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let body = &request.body;
    let signable = Signable { method: request.method.as_str(), path, query, header: &header, body };
    let value = signature::sign(&signable, &names, access, key.secret.reveal());
    request.headers.push(("authorization".to_owned(), value.into_bytes()));
}

/// Builds a request to the admin API; the path is the part behind its prefix.
pub(super) fn admin(method: Method, path: &str, body: Option<&Value>) -> VirtualRequest {
    let typed = ("content-type".to_owned(), b"application/json".to_vec());
    let headers = body.iter().map(|_| typed.clone()).collect();
    let target = format!("/__admin{path}").parse().unwrap_or_else(|_| Uri::from_static("/"));
    let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    VirtualRequest { method, target, headers, body }
}

/// The path of the batch operations.
pub(super) const BATCH: &str = "/v1/cloudimages/members";

/// The body of POST and DELETE.
pub(super) fn sharing_body(images: &[ImageId], projects: &[ProjectId]) -> Value {
    json!({ "images": images, "projects": projects })
}

/// The body of PUT.
pub(super) fn update_body(
    images: &[ImageId],
    project: Option<ProjectId>,
    status: MemberDecision,
    vault: Option<&str>,
) -> Value {
    let mut body = json!({ "images": images, "project_id": project, "status": status });
    if let Some(vault) = vault {
        body["vault_id"] = vault.into();
    }
    body
}

/// The path of a job query; a token without a project asks with the literal that its client would send.
pub(super) fn job_path(operation: Operation, project: Option<ProjectId>, job: JobId) -> String {
    match (operation, project) {
        (Operation::ShowJobProgress, _) => format!("/v1/cloudimages/job/{job}"),
        (_, Some(project)) => format!("/v1/{project}/jobs/{job}"),
        (_, None) => format!("/v1/%7Bproject_id%7D/jobs/{job}"),
    }
}

/// The path of an image.
pub(super) fn image_path(image: Option<ImageId>) -> String {
    format!("/v2/images/{}", image.map(|id| id.to_string()).unwrap_or_default())
}

/// The path of an image's members, or of one.
pub(super) fn members_path(image: Option<ImageId>, member: Option<ProjectId>) -> String {
    let member = member.map(|id| format!("/{id}")).unwrap_or_default();
    format!("{}/members{member}", image_path(image))
}

/// The body of a native POST.
pub(super) fn add_body(member: Option<ProjectId>) -> Value {
    json!({ "member": member })
}

/// The body of a native PUT.
pub(super) fn decision_body(status: MemberDecision, vault: Option<&str>) -> Value {
    let mut body = json!({ "status": status });
    if let Some(vault) = vault {
        body["vault_id"] = vault.into();
    }
    body
}

/// A body as JSON, or as a text if it is none.
pub(super) fn body(bytes: &[u8]) -> Value {
    let text = || Value::String(String::from_utf8_lossy(bytes).into_owned());
    serde_json::from_slice(bytes).unwrap_or_else(|_| text())
}

/// An answer, its body read as JSON where it is JSON.
pub(super) struct Seen {
    pub(super) outcome: Outcome,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    /// From sending the request to the end of the answer.
    pub(super) took: SimDuration,
    /// Why no connection came about, or what else went wrong that no [`Outcome`] tells.
    pub(super) trouble: Option<String>,
}

impl Seen {
    /// What a client sees of an answer; how long it took, the client measures.
    pub(super) fn answer(answer: VirtualAnswer) -> Self {
        let body = body(&answer.body);
        let outcome = match answer.delivery {
            Delivery::Answered => Outcome::Answered,
            Delivery::Truncated { .. } => Outcome::Truncated,
            Delivery::Reset => Outcome::Reset,
            Delivery::Closed => Outcome::Closed,
            Delivery::Garbage => Outcome::Garbage,
            Delivery::Unanswered => Outcome::Unanswered,
            Delivery::GivenUp => Outcome::TimedOut,
        };
        let (status, headers) = (answer.status, answer.headers);
        Self { outcome, status, headers, body, took: SimDuration::ZERO, trouble: None }
    }

    /// What a client sees that got no answer within so long.
    pub(super) fn nothing(outcome: Outcome, took: SimDuration) -> Self {
        let (headers, body) = (HeaderMap::new(), Value::Null);
        Self { outcome, status: 0, headers, body, took, trouble: None }
    }

    /// The value of a header; several are one, with commas between them. `None` if there is none.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name);
        let texts = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let texts: Vec<String> = texts.collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }

    /// The code of an error, in whichever of the three forms it is.
    pub(super) fn error_code(&self) -> Option<&str> {
        let places = [&self.body["error"]["code"], &self.body["error_code"], &self.body["code"]];
        if self.status < 400 { None } else { places.into_iter().find_map(Value::as_str) }
    }

    /// The state of the job that the body shows.
    pub(super) fn job_state(&self) -> Option<&str> {
        self.body["status"].as_str()
    }
}
