//! A simulation in virtual time: the whole service in process, on one thread, with a clock that jumps.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, Uri};
use actix_web::rt::System;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{App, test};
use futures_core::future::LocalBoxFuture;

use super::{Options, assemble};
use crate::actors::Shared;
use crate::actors::messages::ListJobs;
use crate::clock::{Clock, Idle, SimTime, WallTime};
use crate::domain::job_table::{JobQuery, JobSnapshot};
use crate::http::admin::{self, Admin};
use crate::http::{self, Served, ShardState};
use crate::journal::{Delivery, Keep, Numbered};
use crate::scenario::{self, Names, Problem, ScenarioFile};

/// A simulation in virtual time, ready to be run once.
pub struct VirtualRun {
    shared: Arc<Shared>,
    names: Rc<Names>,
    idle: Idle,
}

/// A request to the service in process.
#[derive(Clone, Debug)]
pub struct VirtualRequest {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: Uri,
    /// Headers beside those that the body needs.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Bytes,
}

/// What the service answered.
#[derive(Clone, Debug)]
pub struct VirtualAnswer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it came.
    pub body: Bytes,
    /// How it came.
    pub delivery: Delivery,
}

type CallService = Rc<dyn Fn(test::TestRequest) -> LocalBoxFuture<'static, VirtualAnswer>>;

/// The service in process, one for each shard.
#[derive(Clone)]
pub struct VirtualService {
    shards: Rc<[CallService]>,
    /// The simulation behind it.
    pub shared: Arc<Shared>,
    /// What things are called in it.
    pub names: Rc<Names>,
}

impl VirtualRun {
    /// Puts together what a scenario describes.
    ///
    /// # Errors
    /// If the scenario does not make sense.
    pub fn new(
        file: &ScenarioFile,
        options: &Options,
        start: SimTime,
        wall: WallTime,
    ) -> Result<Self, Problem> {
        let blueprint = scenario::compile(file, options.seed, start)?;
        let idle = Idle::default();
        let clock = Clock::stepped(start, wall.clone(), &idle);
        let (shared, names) = assemble(blueprint, options, clock, wall, Keep::UntilTaken);
        Ok(Self { shared, names: Rc::new(names), idle })
    }

    /// The simulation.
    #[must_use]
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Runs a story to its end, and then everything that it set going to its end too.
    ///
    /// `at_instant` gets the journal of each instant, in order, once nothing more can happen at it.
    /// `None` if the story itself waits for something that will never happen.
    pub fn run<F>(
        self,
        story: impl FnOnce(VirtualService) -> F,
        at_instant: impl FnMut(&[Numbered]),
    ) -> Option<F::Output>
    where
        F: Future<Output: 'static> + 'static,
    {
        self.run_to_the_end(story, std::future::ready, at_instant).0
    }

    /// As [`VirtualRun::run`]; when all is over, the epilogue looks at what came of it and waits for nothing.
    /// Gives what the epilogue found, and what the registries know of jobs.
    pub fn run_to_the_end<F, G>(
        self,
        story: impl FnOnce(VirtualService) -> F,
        epilogue: impl FnOnce(F::Output) -> G,
        mut at_instant: impl FnMut(&[Numbered]),
    ) -> (Option<G::Output>, Vec<JobSnapshot>)
    where
        F: Future<Output: 'static> + 'static,
        G: Future,
    {
        let system = System::with_tokio_rt(|| {
            self.idle
                .runtime()
                .expect("a runtime without sockets needs nothing that could be missing")
        });
        system.block_on(async {
            let shared = Arc::clone(&self.shared);
            let service = VirtualService::mount(self.shared, self.names).await;
            let story = actix_web::rt::spawn(story(service));
            loop {
                let before = shared.clock.now();
                let moved = shared.clock.step().await;
                if !moved || shared.clock.now() > before {
                    at_instant(&shared.journal.take());
                }
                if !moved {
                    break;
                }
            }
            if !story.is_finished() {
                story.abort();
            }
            let found = match story.await {
                Ok(told) => Some(epilogue(told).await),
                Err(_) => None,
            };
            (found, jobs_of(&shared).await)
        })
    }
}

/// All jobs that the registries know.
async fn jobs_of(shared: &Shared) -> Vec<JobSnapshot> {
    let all = JobQuery { state: None, owner: None, after: None, limit: usize::MAX };
    let mut jobs = Vec::new();
    for shard in 0..shared.shards.count() {
        if let Some(registry) = shared.shards.registry(shard) {
            jobs.extend(registry.send(ListJobs(all)).await.unwrap_or_default());
        }
    }
    jobs
}

impl VirtualService {
    async fn mount(shared: Arc<Shared>, names: Rc<Names>) -> Self {
        let mut shards: Vec<CallService> = Vec::new();
        let own = Admin::new(Arc::clone(&shared), None);
        for shard in 0..shared.shards.count() {
            let shard = u8::try_from(shard).expect("a job id has room for 256 shards");
            let state = ShardState::start(Arc::clone(&shared), shard);
            let own = Arc::clone(&own);
            let app = App::new()
                .configure(|config| admin::mount(config, own))
                .configure(|config| http::mount(config, Served::new(state, None)));
            let service = Rc::new(test::init_service(app).await);
            shards.push(Rc::new(move |request| {
                let service = Rc::clone(&service);
                Box::pin(async move {
                    let response = service.call(request.to_request()).await;
                    VirtualAnswer::read(response).await
                })
            }));
        }
        Self { shards: shards.into(), shared, names }
    }

    /// Sends a request to a shard; numbers beyond the last shard start again at the first.
    pub async fn call(&self, shard: usize, request: &VirtualRequest) -> VirtualAnswer {
        let mut built = test::TestRequest::default()
            .method(request.method.clone())
            .uri(&request.target.to_string())
            .set_payload(request.body.clone());
        for (name, value) in &request.headers {
            built = built.append_header((name.as_str(), value.as_slice()));
        }
        (self.shards[shard % self.shards.len()])(built).await
    }
}

/// What comes of a body.
async fn read_until_it_breaks(body: BoxBody) -> Bytes {
    let (mut body, mut read) = (pin!(body), BytesMut::new());
    while let Some(Ok(piece)) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        read.extend_from_slice(&piece);
    }
    read.freeze()
}

impl VirtualAnswer {
    async fn read(response: Result<ServiceResponse, actix_web::Error>) -> Self {
        let response = match response {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let delivery = response.extensions().get::<Delivery>().copied();
        let body = read_until_it_breaks(response.into_body()).await;
        Self { status, headers, body, delivery: delivery.unwrap_or(Delivery::Answered) }
    }
}
