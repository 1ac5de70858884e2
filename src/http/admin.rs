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

use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::actors::Shared;
use crate::clock::SimTime;
use crate::journal::AdminRequest;
use answer::{AdminError, Reply};
use ask::Ask;
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
    let (endpoint, pieces) = path::find(http.method().as_str(), http.path())?;
    let query = query::Query::read(http.query_string(), endpoint.query)?;
    let body = body::read(http, payload, &admin.shared, endpoint.takes_body).await?;
    let whole = Arc::new(AdminRequest {
        method: http.method().as_str().into(),
        target: super::request::target(http).into(),
        body: if endpoint.takes_body { body[..].into() } else { Box::default() },
    });
    let admin = Arc::clone(admin);
    let (scheme, authority) = super::request::authority(http);
    let server = format!("{scheme}://{authority}");
    (endpoint.serve)(Ask { admin, pieces, query, body, whole, server }).await
}
