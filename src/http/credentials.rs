//! What a request brings to say who calls: a token, a signature, or whatever, where nobody asks.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HOST};

use super::identity::MASK;
use super::request;
use super::routes::PathNames;
use crate::actors::Shared;
use crate::api::{Code, Operation, ProjectId};
use crate::domain::caller::Credentials;
use crate::domain::checks::ReadBatch;
use crate::domain::identity::Gate;
use crate::domain::signature::{self, Signable};

/// The header that names the project for which a signed request is made.
pub(super) const PROJECT: &str = "x-project-id";

/// Reads the credentials of a request. A token beats a signature (contract, C-6); a signature is looked at
/// here, once, since only here the whole request is at hand.
pub(super) fn of(
    (operation, path): (Operation, PathNames<'_>),
    http: &HttpRequest,
    body: &[u8],
    batch: Option<&Result<ReadBatch, Code>>,
    shared: &Shared,
) -> Credentials {
    let sent = request::credentials(http);
    match (shared.world.settings.auth, &sent) {
        _ if operation.is_open() => sent,
        (Gate::Off, _) => not_asked((operation, path), http, batch, shared, sent),
        (Gate::Full, Credentials::Missing) if is_signed(http) => signed(http, body, shared),
        _ => sent,
    }
}

fn is_signed(http: &HttpRequest) -> bool {
    let value = http.headers().get(AUTHORIZATION);
    value.is_some_and(|value| signature::looks_signed(value.as_bytes()))
}

fn signed(http: &HttpRequest, body: &[u8], shared: &Shared) -> Credentials {
    let header = |name: &str| {
        let mut values = http.headers().get_all(name).map(|value| value.as_bytes());
        let first = values.next().map(Cow::Borrowed);
        let all = values.fold(first, |all: Option<Cow<'_, [u8]>>, value| {
            Some([&all.unwrap_or_default(), value].join(&b", "[..]).into())
        });
        // HTTP/2 says the host in the target.
        let in_target = || http.uri().authority().filter(|_| name == HOST.as_str());
        all.or_else(|| in_target().map(|host| Cow::Borrowed(host.as_str().as_bytes())))
    };
    let request = Signable {
        method: http.method().as_str(),
        path: http.uri().path(),
        query: http.uri().query().unwrap_or_default(),
        header: &header,
        body,
    };
    match signature::verify(&shared.world, &request, shared.clock.now()) {
        Ok(signed) => Credentials::Signed(Arc::new(signed)),
        Err(error) => Credentials::Refused(Arc::new(error)),
    }
}

/// Whoever calls where nobody asks who he is. The project that the request points at is that of a known
/// token, else what `X-Project-Id` says, the path, or the body of a decision.
fn not_asked(
    (operation, path): (Operation, PathNames<'_>),
    http: &HttpRequest,
    batch: Option<&Result<ReadBatch, Code>>,
    shared: &Shared,
    sent: Credentials,
) -> Credentials {
    let world = &shared.world;
    let token = if let Credentials::Token(token) = sent { Some(token) } else { None };
    let known = |id: Option<ProjectId>| id.filter(|id| world.knows_project(*id));
    let of_token = || world.caller(token.as_deref()?, |token, _| token.project).flatten();
    let header = || ProjectId::parse(http.headers().get(PROJECT)?.to_str().ok()?);
    // Only the recipient decides on a share.
    let decides = operation == Operation::UpdateMember;
    let name = if decides { "member_id" } else { "project_id" };
    let path = || ProjectId::parse(path.get(name));
    let body = || batch?.as_ref().ok()?.deciding_project();
    let project = known(of_token());
    let project = project.or_else(|| known(header())).or_else(|| known(path()));
    let project = project.or_else(|| known(body()));
    Credentials::NotAsked { token, project }
}

/// The body of an answer as it may be kept. The refusal of a signature shows what was signed, and the token of
/// a temporary key is among it.
pub(super) fn masked<'b>(http: &HttpRequest, refusal: Option<Code>, body: &'b str) -> Cow<'b, str> {
    if refusal != Some(Code::SignatureWrong) {
        return Cow::Borrowed(body);
    }
    let token = http.headers().get("x-security-token").and_then(|value| value.to_str().ok());
    match token.filter(|token| !token.is_empty()) {
        Some(token) => Cow::Owned(body.replace(token, MASK)),
        None => Cow::Borrowed(body),
    }
}
