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
mod names;
mod openapi;
mod path;
mod query;
mod recording;
mod reset;
mod token;
mod verify;
mod wait;
mod world;

use std::sync::Arc;

use actix_web::web::{self, Bytes, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::actors::Shared;
use crate::clock::SimTime;
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
}

impl Admin {
    /// The admin API of a simulation that starts now; with a token, nobody is let in without it.
    #[must_use]
    pub fn new(shared: Arc<Shared>, token: Option<AdminToken>) -> Arc<Self> {
        let started = shared.clock.now();
        Arc::new(Self { shared, started, token })
    }
}

/// Mounts the admin API beside the service.
pub fn mount(config: &mut ServiceConfig, admin: Arc<Admin>) {
    let scope = web::scope(PREFIX).app_data(web::Data::from(admin)).default_service(web::to(serve));
    config.service(scope);
}

/// Mounts the admin API where nothing else is served.
pub fn mount_alone(config: &mut ServiceConfig, admin: Arc<Admin>) {
    config.app_data(web::Data::from(admin)).default_service(web::to(serve));
}

async fn serve(http: HttpRequest, payload: Payload, admin: web::Data<Admin>) -> HttpResponse {
    let reply = match answer(&http, payload, &admin).await {
        Ok(reply) => reply,
        Err(error) => error.into_reply(),
    };
    reply.respond(admin.shared.clock.now())
}

/// Everybody is asked for the token first, so that without it nothing can be learned, not even which
/// paths there are.
async fn answer(
    http: &HttpRequest,
    payload: Payload,
    admin: &web::Data<Admin>,
) -> Result<Reply, AdminError> {
    if let Some(token) = &admin.token {
        token.check(http)?;
    }
    let (method, target) = (http.method().as_str(), super::request::target(http));
    let (scheme, authority) = super::request::authority(http);
    let server = format!("{scheme}://{authority}");
    let asked = Asked::find((method, target), http.path(), http.query_string(), server)?;
    let body = body::read(http, payload, &admin.shared, asked.endpoint.takes_body).await?;
    asked.answer(Arc::clone(admin), body).await
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

    async fn answer(self, admin: Arc<Admin>, body: Bytes) -> Result<Reply, AdminError> {
        let Self { method, target, endpoint, pieces, query, server } = self;
        let kept = if endpoint.takes_body { body[..].into() } else { Box::default() };
        let (method, target) = (method.into(), target.into());
        let whole = Arc::new(AdminRequest { method, target, body: kept });
        (endpoint.serve)(Ask { admin, pieces, query, body, whole, server }).await
    }
}

/// What somebody in the same process is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body, which is JSON.
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
        asked.answer(self, body).await
    }
}
