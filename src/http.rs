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
mod identity;
mod images;
mod jobs;
mod members;
mod outcome;
mod pieces;
mod pipeline;
mod request;
mod schemas;
pub mod scopes;
mod served;
mod shard_threads;
mod versions;

use std::sync::Arc;

use actix::{Actor, Addr};
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, Route};

use pieces::Pieces;

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
        let registry = JobRegistry::new(Arc::clone(&shared)).start();
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
    config.app_data(web::Data::new(served));
    let served = Operation::ALL.into_iter().filter(|operation| *operation != Operation::Unknown);
    let served: Vec<Operation> = served.collect();
    // Fixed paths first: `/v1/cloudimages/job/{job_id}` is no job of a project `cloudimages`.
    let mut paths: Vec<&str> = served.iter().map(|operation| operation.path()).collect();
    paths.sort_by_key(|path| (path.contains('{'), *path));
    paths.dedup();
    for path in paths {
        let of_path = || served.iter().filter(|operation| operation.path() == path);
        let later = of_path().all(|operation| operation.is_later());
        let known = if later { Path::Later } else { Path::Known };
        let mut resource = web::resource(patterns(path)).default_service(unknown(known));
        for operation in of_path() {
            let method =
                operation.method().and_then(|name| Method::from_bytes(name.as_bytes()).ok());
            let method = method.map_or_else(web::route, web::method);
            resource = resource.route(serve(method, *operation));
        }
        config.service(resource);
    }
    config.default_service(unknown(Path::Unknown));
}

/// What is known of the path of a request that matches no route.
#[derive(Clone, Copy)]
enum Path {
    /// It has other methods.
    Known,
    /// It has, where the later operations are served.
    Later,
    /// Nothing.
    Unknown,
}

/// What the router takes for a path of the table. Only versions may end in a slash, and only these are
/// versions; everything else of one segment is an unknown path.
fn patterns(path: &str) -> Vec<String> {
    match path {
        "/{api_version}" => {
            let version = format!("/{{api_version:{}}}", versions::PATTERN);
            vec![format!("{version}/"), version]
        }
        "/v3" => vec!["/v3".to_owned(), "/v3/".to_owned()],
        path => vec![path.to_owned()],
    }
}

fn serve(route: Route, operation: Operation) -> Route {
    answered_by(route, move |state| {
        // Where the later operations are not served, their paths are like any unknown one.
        let served = !operation.is_later() || serves_later(state);
        (if served { operation } else { Operation::Unknown }, Code::ApiNotFound)
    })
}

/// Answers what matches no route, whoever calls.
fn unknown(path: Path) -> Route {
    answered_by(web::route(), move |state| {
        let code = match path {
            Path::Known => Code::MethodNotFound,
            Path::Later if serves_later(state) => Code::MethodNotFound,
            Path::Later | Path::Unknown => Code::ApiNotFound,
        };
        (Operation::Unknown, code)
    })
}

/// Serves requests in the scope that they name, as what `what` makes of them there: an operation, and the
/// code with which an unknown one is refused.
fn answered_by(
    route: Route,
    what: impl Fn(&ShardState) -> (Operation, Code) + Copy + 'static,
) -> Route {
    route.to(move |http: HttpRequest, body: web::Payload, served: web::Data<Served>| async move {
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
        let (operation, unknown) = what(state);
        pipeline::serve(operation, unknown, &http, body, state).await
    })
}

/// Whether the world has what only later editions of the contract know (DECISION U-28).
fn serves_later(state: &ShardState) -> bool {
    state.shared.world.settings.later_fields
}
