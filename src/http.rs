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
mod jobs;
mod members;
mod outcome;
mod pieces;
mod pipeline;
mod request;

use std::sync::Arc;

use actix::{Actor, Addr};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, Route};

use crate::actors::{Front, JobRegistry, Shared};
use crate::api::{Code, Operation};

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
pub fn mount(config: &mut ServiceConfig, state: ShardState) {
    use Operation::{
        AddMembers, DeleteMembers, ListMembers, ShowJob, ShowJobProgress, ShowMember, UpdateMembers,
    };
    let get = |operation| serve(web::get(), operation);
    config.app_data(web::Data::new(state));
    let routes = [
        (
            BATCH_PATH,
            vec![
                serve(web::post(), AddMembers),
                serve(web::delete(), DeleteMembers),
                serve(web::put(), UpdateMembers),
            ],
        ),
        ("/v1/cloudimages/job/{job_id}", vec![get(ShowJobProgress)]),
        ("/v1/{project_id}/jobs/{job_id}", vec![get(ShowJob)]),
        ("/v2/images/{image_id}/members", vec![get(ListMembers)]),
        ("/v2/images/{image_id}/members/{member_id}", vec![get(ShowMember)]),
    ];
    for (path, methods) in routes {
        let mut resource = web::resource(path).default_service(unknown(Code::MethodNotFound));
        for method in methods {
            resource = resource.route(method);
        }
        config.service(resource);
    }
    config.default_service(unknown(Code::ApiNotFound));
}

fn serve(route: Route, operation: Operation) -> Route {
    route.to(
        move |request: HttpRequest, body: web::Payload, state: web::Data<ShardState>| async move {
            pipeline::serve(operation, Code::ApiNotFound, &request, body, &state).await
        },
    )
}

/// Answers what matches no route with this code, whoever calls.
fn unknown(code: Code) -> Route {
    web::route().to(
        move |request: HttpRequest, body: web::Payload, state: web::Data<ShardState>| async move {
            pipeline::serve(Operation::Unknown, code, &request, body, &state).await
        },
    )
}
