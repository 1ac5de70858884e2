//! The admin API: what the simulator knows of itself, and what can be done to it while it runs.
//!
//! It stands under the one reserved prefix, on the service's port or on an address of its own. No fault
//! touches it, nothing of it is counted by admission, and it goes on while the server drains. No call to
//! it is in the journal; what it changes is, as an entry of its own kind.

mod answer;
mod ask;
mod body;
mod clock;
mod counters;
mod docs;
mod endpoints;
mod faults;
mod health;
mod jobs;
mod journal;
mod metrics;
mod names;
mod openapi;
mod path;
mod query;
mod recording;
mod reset;
mod scopes;
mod token;
mod verify;
mod wait;
mod world;

use std::sync::Arc;

use actix_web::web::{self, Bytes, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::ShardState;
use super::scopes::{NoScope, Scopes, Used};
use super::served::{HEADER, named};
use crate::actors::Shared;
use crate::clock::SimTime;
use crate::http::pieces::Pieces;
use crate::journal::AdminRequest;
use answer::{AdminError, Reply};
use ask::Ask;
use endpoints::Endpoint;
use query::Query;
pub use token::AdminToken;

/// The reserved prefix.
pub const PREFIX: &str = "/__admin";

/// The admin API of one simulation.
pub struct Admin {
    shared: Arc<Shared>,
    started: SimTime,
    token: Option<AdminToken>,
    /// The scopes beside the simulation, if it is a server's own.
    scopes: Option<Arc<Scopes>>,
}

impl Admin {
    /// The admin API of a simulation that starts now; with a token, nobody is let in without it.
    #[must_use]
    pub fn new(shared: Arc<Shared>, token: Option<AdminToken>) -> Arc<Self> {
        Self::build(shared, token, None)
    }

    /// The same for the simulation of a server that has scopes.
    #[must_use]
    pub fn with_scopes(
        shared: Arc<Shared>,
        token: Option<AdminToken>,
        scopes: Arc<Scopes>,
    ) -> Arc<Self> {
        Self::build(shared, token, Some(scopes))
    }

    fn build(
        shared: Arc<Shared>,
        token: Option<AdminToken>,
        scopes: Option<Arc<Scopes>>,
    ) -> Arc<Self> {
        let started = shared.clock.now();
        Arc::new(Self { shared, started, token, scopes })
    }

    /// The simulation.
    pub(super) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whom a request is for. Everybody is asked for the token first, so that without it nothing can be
    /// learned, not even which paths and scopes there are.
    fn admit(self: &Arc<Self>, http: &HttpRequest) -> Result<Admitted, AdminError> {
        if let Some(token) = &self.token {
            token.check(http)?;
        }
        let Some(value) = http.headers().get(HEADER) else {
            return Ok(Admitted { admin: Arc::clone(self), _used: None });
        };
        let scope = named(value, http.headers(), self.scopes.as_deref())?;
        Ok(Admitted { admin: Arc::clone(scope.admin()), _used: Some(scope.used()) })
    }
}

/// The admin API that a request is for: the server's own, or that of the scope that it names.
struct Admitted {
    admin: Arc<Admin>,
    /// Keeps the scope in use.
    _used: Option<Used>,
}

/// Answers a request to the service that names no scope that there is.
pub(super) fn no_scope(why: NoScope, own: &ShardState) -> HttpResponse {
    AdminError::from(why).into_reply().respond(own.shared.clock.now())
}

/// Mounts the admin API beside the service.
pub fn mount(config: &mut ServiceConfig, admin: Arc<Admin>) {
    let scope = web::scope(PREFIX).app_data(web::Data::from(admin)).default_service(web::to(serve));
    config.service(scope);
}

/// Mounts the admin API where nothing else is served.
///
/// The service is then on another port of the same host, which is told to those who ask where it is.
pub fn mount_alone(config: &mut ServiceConfig, admin: Arc<Admin>, service: u16) {
    let config = config.app_data(web::Data::from(admin)).app_data(ServicePort(service));
    config.default_service(web::to(serve));
}

/// The port of the service, where that is another one.
#[derive(Clone, Copy)]
struct ServicePort(u16);

/// The URL by which a client reaches the service, without a path.
fn service_url(http: &HttpRequest) -> String {
    let (scheme, authority) = super::request::authority(http);
    let Some(ServicePort(port)) = http.app_data::<ServicePort>() else {
        return format!("{scheme}://{authority}");
    };
    // What follows the last colon is a port, unless it is the end of an address between brackets.
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => &authority,
    };
    format!("{scheme}://{host}:{port}")
}

async fn serve(http: HttpRequest, payload: Payload, own: web::Data<Admin>) -> HttpResponse {
    let own = own.into_inner();
    let pieces = Pieces::of(&http, payload, &own.shared.wall);
    let admitted = match own.admit(&http) {
        Ok(admitted) => admitted,
        Err(error) => return error.into_reply().respond(own.shared.clock.now()),
    };
    let reply = match answer(&http, pieces, &admitted.admin, &own).await {
        Ok(reply) => reply,
        // Whatever it found missing is missing because of that.
        Err(_) if admitted.admin.shared.is_closed() => {
            AdminError::from(NoScope::Closed).into_reply()
        }
        Err(error) => error.into_reply(),
    };
    reply.respond(admitted.admin.shared.clock.now())
}

async fn answer(
    http: &HttpRequest,
    pieces: Pieces,
    admin: &Arc<Admin>,
    own: &Admin,
) -> Result<Reply, AdminError> {
    let (method, target) = (http.method().as_str(), super::request::target(http));
    let server = service_url(http);
    let asked = Asked::find((method, target), http.path(), http.query_string(), server)?;
    let body = body::read(http, pieces, &admin.shared, asked.endpoint.takes_body).await?;
    asked.answer(Arc::clone(admin), own.scopes.clone(), body).await
}

/// A request of which everything but the body has been read.
struct Asked<'a> {
    method: &'a str,
    target: &'a str,
    endpoint: &'static Endpoint,
    pieces: Vec<String>,
    query: Query,
    /// The URL of the server, as the client says it.
    server: String,
}

impl<'a> Asked<'a> {
    fn find(
        (method, target): (&'a str, &'a str),
        path: &str,
        query: &str,
        server: String,
    ) -> Result<Self, AdminError> {
        let (endpoint, pieces) = path::find(method, path)?;
        let query = Query::read(query, endpoint.query)?;
        Ok(Self { method, target, endpoint, pieces, query, server })
    }

    async fn answer(
        self,
        admin: Arc<Admin>,
        scopes: Option<Arc<Scopes>>,
        body: Bytes,
    ) -> Result<Reply, AdminError> {
        let Self { method, target, endpoint, pieces, query, server } = self;
        let kept = if endpoint.takes_body { body[..].into() } else { Box::default() };
        let (method, target) = (method.into(), target.into());
        let whole = Arc::new(AdminRequest { method, target, body: kept });
        (endpoint.serve)(Ask { admin, scopes, pieces, query, body, whole, server }).await
    }
}

/// What somebody in the same process is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body, which is JSON but for pages and figures.
    pub body: String,
}

impl Admin {
    /// Serves a request that comes from within the process, and needs no token. Must be called on an actix
    /// system. `target` is a path that begins with [`PREFIX`], and a query if there is one; `server` is the
    /// URL at which the service is found.
    pub async fn ask(
        self: Arc<Self>,
        (method, target): (&str, &str),
        body: Bytes,
        server: String,
    ) -> Answered {
        let reply = match self.answer_within((method, target), body, server).await {
            Ok(reply) => reply,
            Err(error) => error.into_reply(),
        };
        reply.answered()
    }

    async fn answer_within(
        self: Arc<Self>,
        (method, target): (&str, &str),
        body: Bytes,
        server: String,
    ) -> Result<Reply, AdminError> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let asked = Asked::find((method, target), path, query, server)?;
        body::check(&body, asked.endpoint.takes_body)?;
        let scopes = self.scopes.clone();
        asked.answer(self, scopes, body).await
    }
}
