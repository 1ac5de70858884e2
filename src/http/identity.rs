//! Identity. Contract, "Authentication".

mod login;

use actix_web::http::header::HeaderMap;

use super::answer::{Answer, Success};
use super::call::Call;
use super::request;
use crate::api::identity::{
    DomainBody, IdentityVersionBody, ListLinks, ProjectAnswer, ProjectBody, ProjectShown,
    ProjectsBody, Role, SelfLink, TokenAnswer, TokenBody, UserBody, catalog,
};
use crate::api::{Code, Operation, ProjectId, Refusal, time};
use crate::domain::World;
use crate::domain::caller::{self, Token};
use crate::domain::identity::{Account, Issued, log_in};
use crate::domain::world::Project;
pub(super) use login::{MASK, masked, token_in};

/// The header in which the value of a token that is talked about travels.
const SUBJECT: &str = "x-subject-token";

/// What a token of the world's own that never ends is shown to end with: the last time that can be written.
const NEVER: u64 = time::LAST_MS;

/// Serves what stands under `/v3`.
pub(super) fn serve(call: &mut Call<'_>) -> Answer {
    Answer::of(match call.operation {
        Operation::ShowIdentityVersion => {
            Ok(Success::json(&IdentityVersionBody::at(&address(call))))
        }
        Operation::CreateToken => create_token(call),
        Operation::ShowToken => show_token(call),
        Operation::ListProjects => list_projects(call),
        _ => show_project(call),
    })
}

/// The scheme, host and port that the client used.
fn address(call: &Call<'_>) -> String {
    let (scheme, authority) = request::authority(call.http);
    format!("{scheme}://{authority}")
}

fn world<'c>(call: &'c Call<'_>) -> &'c World {
    &call.state.shared.world
}

fn create_token(call: &mut Call<'_>) -> Result<Success, Refusal> {
    let login = login::read(&call.body.bytes)?;
    let now = call.state.shared.clock.now();
    let issued = log_in(world(call), &login, now).map_err(|error| login::refusal(&error))?;
    let value = login::token_value(call.state.shared.seed, &call.key);
    let asked = login::project_name(&login);
    let shown = token_body(call, &issued, asked);
    if !world(call).issue(&value, issued) {
        return Err(Code::IdentityUnauthorized.into());
    }
    call.issued = Some((value.as_str().into(), now));
    Ok(Success::json(&shown).with_status(201).with_header(SUBJECT, value))
}

/// Shows a token to whoever has one.
fn show_token(call: &Call<'_>) -> Result<Success, Refusal> {
    caller(call)?;
    let value = subject(call.http.headers());
    let value = value
        .ok_or_else(|| Refusal::about(Code::IdentityBadRequest, "X-Subject-Token is missing"))?;
    let missing = || Refusal::about(Code::IdentityNotFound, "token");
    let issued = known_token(call, value).ok_or_else(missing)?;
    if issued.token.has_expired(call.state.shared.clock.now()) {
        return Err(missing());
    }
    let shown = token_body(call, &issued, None);
    Ok(Success::json(&shown).with_header(SUBJECT, value.to_owned()))
}

/// The token that a request talks about.
pub(super) fn subject(headers: &HeaderMap) -> Option<&str> {
    headers.get(SUBJECT)?.to_str().ok().filter(|value| !value.is_empty())
}

/// A token that was given out, or one of the world's own as if it had been given out at the start.
fn known_token(call: &Call<'_>, value: &str) -> Option<Issued> {
    let world = world(call);
    world.issued(value).or_else(|| {
        let (token, user) = (world.token(value)?, world.user_of_token(value)?);
        let at = call.state.shared.by_hand.start();
        Some(Issued { token, user, methods: vec!["password"], at })
    })
}

fn token_body(call: &Call<'_>, issued: &Issued, asked: Option<&str>) -> TokenAnswer {
    let (world, user) = (world(call), &issued.user);
    let region = &world.region;
    let expires = issued.token.expires.map_or(NEVER, |expires| expires.as_millis());
    let project = issued.token.project.map(|id| ProjectShown {
        id,
        name: asked.map_or_else(|| world.project_name(id), str::to_owned),
        domain: domain(&region.account),
    });
    let wanted = !has_query_key(call, "nocatalog");
    let user_body =
        UserBody { id: user.id, name: user.name.to_string(), domain: domain(&user.account) };
    let has_role = !issued.token.actions.is_empty();
    TokenAnswer {
        token: TokenBody {
            expires_at: time::with_micros(expires),
            issued_at: time::with_micros(issued.at.as_millis()),
            methods: issued.methods.clone(),
            user: user_body,
            project,
            roles: has_role.then_some(Role::IMAGES).into_iter().collect(),
            catalog: wanted.then(|| catalog(&region.name, &address(call))),
        },
    }
}

fn domain(account: &Account) -> DomainBody {
    DomainBody { id: account.id, name: account.name.to_string() }
}

/// Who calls; identity needs neither actions nor a project.
fn caller(call: &Call<'_>) -> Result<std::sync::Arc<Token>, Refusal> {
    let shared = &call.state.shared;
    caller::authenticate(&shared.world, &call.credentials, shared.clock.now())
        .map_err(Refusal::from)
}

/// Lists the caller's projects. His own goes by the name of the region, too, as all projects of the real
/// service do (C-5).
fn list_projects(call: &Call<'_>) -> Result<Success, Refusal> {
    let token = caller(call)?;
    let world = world(call);
    let own = world.projects_of(&call.credentials, &token);
    let region = &world.region.name;
    let body = |project: &Project, name: &str| project_body(call, project, name);
    let projects = match query_value(call, "name") {
        None => own.iter().map(|project| body(project, &project.name)).collect(),
        Some(name) if *name == **region => {
            own.first().map(|project| body(project, &name)).into_iter().collect()
        }
        Some(name) => {
            let named = own.iter().filter(|project| *name == *project.name);
            named.map(|project| body(project, &name)).collect()
        }
    };
    let links = ListLinks::new(format!("{}{}", address(call), request::target(call.http)));
    Ok(Success::json(&ProjectsBody { projects, links }))
}

/// Shows any project, so that recipients can be told (C-5).
fn show_project(call: &Call<'_>) -> Result<Success, Refusal> {
    caller(call)?;
    let id = call.path.get("project_id");
    let project = ProjectId::parse(id).and_then(|id| world(call).project(id));
    let missing = || Refusal::about(Code::IdentityNotFound, &format!("project: {id}"));
    let project = project.ok_or_else(missing)?;
    let project = project_body(call, &project, &project.name);
    Ok(Success::json(&ProjectAnswer { project }))
}

fn project_body(call: &Call<'_>, project: &Project, name: &str) -> ProjectBody {
    let account = world(call).region.account.id;
    ProjectBody {
        id: project.id,
        name: name.to_owned(),
        domain_id: account,
        parent_id: account,
        is_domain: false,
        enabled: !project.unavailable,
        description: "",
        links: SelfLink::new(format!("{}/v3/projects/{}", address(call), project.id)),
    }
}

/// The first value of a key of the query; an empty one is none.
fn query_value(call: &Call<'_>, key: &str) -> Option<String> {
    let query = call.http.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(name, _)| name == key);
    found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}

fn has_query_key(call: &Call<'_>, key: &str) -> bool {
    let query = call.http.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == key)
}
