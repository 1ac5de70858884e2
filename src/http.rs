//! The HTTP service: routes, the way of a request through it, and how answers look on the wire.
//!
//! The same service is mounted behind sockets and, in process, in virtual time.

pub mod admin;
mod answer;
mod asked;
mod batch;
mod body;
mod call;
pub mod connection;
mod credentials;
mod delete_image;
mod headers;
mod identity;
mod images;
mod jobs;
mod members;
mod outcome;
mod pieces;
mod pipeline;
mod request;
mod routes;
mod schemas;
pub mod scopes;
mod served;
mod shard_threads;
mod versions;

use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, Addr};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use headers::Dates;
use pieces::Pieces;
use routes::{Found, Path, PathNames};

use crate::actors::{Front, JobRegistry, Shared};
use crate::api::{Code, Operation};
pub(crate) use answer::RULES_HEADER;
pub use served::Served;
pub use shard_threads::ShardThreads;

/// The path of the three batch operations.
const BATCH_PATH: &str = "/v1/cloudimages/members";

/// What a route needs to know: the simulation, and the shard that its thread serves.
#[derive(Clone)]
pub struct ShardState {
    /// The simulation.
    pub shared: Arc<Shared>,
    /// The shard.
    pub shard: u8,
    /// The shard's front.
    pub front: Addr<Front>,
}

impl ShardState {
    /// Starts a shard's actors on the present thread and makes its registry known to the others.
    #[must_use]
    pub fn start(shared: Arc<Shared>, shard: u8) -> Self {
        let registry = JobRegistry::new(Arc::clone(&shared), shard).start();
        shared.shards.publish(shard.into(), registry.clone());
        let front = Front::new(Arc::clone(&shared), shard, registry).start();
        Self { shared, shard, front }
    }
}

/// Mounts the service of a shard.
///
/// Routing comes before everything else (contract, C-3): an unknown path is a 404 even without a token,
/// and so is an unknown method on a known path, with a text of its own.
pub fn mount(config: &mut ServiceConfig, served: Served) {
    let served = Rc::new(served);
    config.default_service(web::to(move |http: HttpRequest, body: web::Payload| {
        let served = Rc::clone(&served);
        async move { answer(http, body, &served).await }
    }));
}

/// Serves a request in the scope that it names, as the operation that its method and path say.
async fn answer(http: HttpRequest, body: web::Payload, served: &Served) -> HttpResponse {
    let body = Pieces::of(&http, body, &served.own().shared.wall);
    let scoped;
    let state = match served.scoped(&http) {
        None => served.own(),
        Some(Ok(named)) => {
            scoped = named;
            &scoped.0
        }
        Some(Err(none)) => return admin::no_scope(none, served.own()),
    };
    let wanted = wanted(served, &http, state);
    pipeline::serve(wanted, &http, body, state).await
}

/// What a request wants: an operation, what its path names, and the code with which an unknown one is
/// refused.
struct Wanted<'a> {
    dates: &'a Dates,
    operation: Operation,
    path: PathNames<'a>,
    unknown: Code,
}

/// What is found, in this world: where the later operations are not served, their paths are like any unknown
/// one.
fn wanted<'a>(served: &'a Served, http: &'a HttpRequest, state: &ShardState) -> Wanted<'a> {
    let later = serves_later(state);
    let found = served.routes().find(http.method(), http.match_info().as_str());
    let (operation, path, unknown) = match found {
        Found::Served(operation, path) if later || !operation.is_later() => {
            (operation, path, Code::ApiNotFound)
        }
        Found::Nothing(Path::Known) => {
            (Operation::Unknown, PathNames::default(), Code::MethodNotFound)
        }
        Found::Nothing(Path::Later) if later => {
            (Operation::Unknown, PathNames::default(), Code::MethodNotFound)
        }
        Found::Served(..) | Found::Nothing(_) => {
            (Operation::Unknown, PathNames::default(), Code::ApiNotFound)
        }
    };
    Wanted { dates: served.dates(), operation, path, unknown }
}

/// Whether the world has what only later editions of the contract know (DECISION U-28).
fn serves_later(state: &ShardState) -> bool {
    state.shared.world.settings.later_fields
}
