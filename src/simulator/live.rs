//! A simulation behind sockets: one shard for each HTTP worker thread, and a live clock.

pub(crate) mod pem;
mod scopes;
pub(crate) mod stop_signals;
mod threads;
pub mod tls;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer};
use log::{error, info, warn};

use super::{Options, in_real_time};
use crate::actors::Shared;
use crate::actors::messages::GetUnfinished;
use crate::clock::{Mode, SimDuration, SimTime};
use crate::domain::admission::JobCounts;
use crate::domain::job_table::JobSnapshot;
use crate::http::admin::{self, Admin, AdminToken};
use crate::http::scopes::Scopes;
use crate::http::{self, Served, ShardThreads};
use crate::scenario::{Problem, ScenarioFile};
use threads::Acceptor;
use tls::Tls;

/// Connections that one worker thread serves at once; two threads hold what the tests of 10,000 need.
const CONNECTIONS_PER_WORKER: usize = 25_600;
/// Connections that wait to be accepted; the kernel may allow fewer.
const BACKLOG: u32 = 8_192;
/// How long an idle connection is kept: longer than the pools of common clients keep theirs.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long the head of a request may take to arrive, counted from the opening of the connection.
const SLOWEST_HEAD: Duration = Duration::from_secs(60);
/// How long a stopping server waits for answers that are being written, in seconds.
const SHUTDOWN_SECONDS: u64 = 1;
/// How often draining looks whether all jobs have ended.
const DRAIN_LOOK: SimDuration = SimDuration::from_millis(10);

/// Connections to an admin address of its own: people and test harnesses, and room for those who wait for
/// jobs.
const ADMIN_CONNECTIONS: usize = 4_096;
/// One thread serves an admin address, beside the shards, so that it answers however busy they are.
const ADMIN_WORKERS: usize = 1;

/// How long a registry gets to name its unfinished jobs.
const SLOWEST_REGISTRY: SimDuration = SimDuration::from_millis(1_000);

/// Where the admin API is, and who may use it.
#[derive(Clone, Debug, Default)]
pub struct AdminOptions {
    /// An address of its own; `None` is the service's port.
    pub address: Option<String>,
    /// The token that its requests must bring.
    pub token: Option<AdminToken>,
}

/// A running server.
pub struct LiveServer {
    shared: Arc<Shared>,
    admin: Arc<Admin>,
    scopes: Arc<Scopes>,
    /// The values of its tokens, and the projects that they are tied to.
    tokens: Vec<(String, Option<String>)>,
    addresses: Vec<SocketAddr>,
    admin_addresses: Vec<SocketAddr>,
    tls: Option<Tls>,
    started: SimTime,
    handle: ServerHandle,
    /// The server of the admin API, if it has an address of its own.
    admin_handle: Option<ServerHandle>,
}

/// What became of the work under way when a server stopped.
#[derive(Debug)]
pub struct Drained {
    /// Exact counts of all jobs since the start.
    pub counts: JobCounts,
    /// Jobs that fault rules kept from ending.
    pub stuck: usize,
    /// Jobs that had not ended, by id.
    pub unfinished: Vec<JobSnapshot>,
    /// How long they were waited for.
    pub waited: SimDuration,
    /// Whether the clock was frozen in the end, so that no job that waits for it could end.
    pub frozen: bool,
}

/// Why a server could not start.
#[derive(Debug)]
pub enum StartError {
    /// The scenario does not make sense.
    Scenario(Problem),
    /// The address cannot be listened on.
    Address(io::Error),
    /// The address of the admin API cannot be listened on.
    AdminAddress(io::Error),
}

impl LiveServer {
    /// Starts to listen, and speaks TLS on all its addresses if it is given what it needs for that. Must be
    /// called on an actix system, which then drives the clock; the returned future is the server itself and
    /// must be awaited or spawned.
    ///
    /// # Errors
    /// If the scenario does not make sense or an address cannot be listened on.
    pub fn start(
        file: &ScenarioFile,
        options: &Options,
        address: &str,
        admin: &AdminOptions,
        tls: Option<&Tls>,
    ) -> Result<(Self, Server), StartError> {
        let (shared, names) = in_real_time(file, options).map_err(StartError::Scenario)?;
        let started = shared.clock.now();
        // What else has a name the world knows, too; that of a million images would be kept twice.
        let owned =
            |(token, project): (&str, Option<&str>)| (token.to_owned(), project.map(str::to_owned));
        let tokens = names.tokens().map(owned).collect();
        drop(names);
        let scopes = scopes::beside(file, options);
        let token = admin.token.clone();
        let own = Admin::with_scopes(Arc::clone(&shared), token, Arc::clone(&scopes));
        let beside = admin.address.is_none().then(|| Arc::clone(&own));
        let (server, addresses) =
            listen(&shared, &scopes, address, beside, tls).map_err(StartError::Address)?;
        let address = admin.address.as_deref();
        let port = addresses.first().map_or(0, SocketAddr::port);
        let alone = address.map(|address| listen_alone(Arc::clone(&own), address, port, tls));
        let alone = alone.transpose();
        let (admin_handle, admin_addresses) = match alone.map_err(StartError::AdminAddress)? {
            Some((server, addresses)) => (Some(serve_aside(server)), addresses),
            None => (None, addresses.clone()),
        };
        let clock = shared.clock.clone();
        actix_web::rt::spawn(async move { clock.drive().await });
        let handle = server.handle();
        let tls = tls.cloned();
        let live = Self {
            shared,
            admin: own,
            scopes,
            tokens,
            addresses,
            admin_addresses,
            tls,
            started,
            handle,
            admin_handle,
        };
        Ok((live, server))
    }

    /// The addresses that the server listens on.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The addresses at which the admin API is.
    #[must_use]
    pub fn admin_addresses(&self) -> &[SocketAddr] {
        &self.admin_addresses
    }

    /// What it speaks TLS with, if it does.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The beginning of the URLs at one of its addresses.
    #[must_use]
    pub fn url(&self, address: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    /// The beginning of the URLs by which clients on this machine reach the service.
    #[must_use]
    pub fn service_url(&self) -> String {
        self.addresses.first().map(|address| self.url(reachable(*address))).unwrap_or_default()
    }

    /// The simulated time at which it started, which is the real one.
    #[must_use]
    pub fn started(&self) -> SimTime {
        self.started
    }

    /// The simulation behind it.
    #[must_use]
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Its admin API.
    #[must_use]
    pub fn admin(&self) -> &Arc<Admin> {
        &self.admin
    }

    /// The scopes beside its own simulation.
    #[must_use]
    pub fn scopes(&self) -> &Arc<Scopes> {
        &self.scopes
    }

    /// The values of the tokens that it started with, and the names of the projects that they are tied to.
    pub fn tokens(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.tokens.iter().map(|(token, project)| (token.as_str(), project.as_deref()))
    }

    /// Lets the requests that were already let in and the running jobs end within a bound of real time,
    /// then stops. Meanwhile batch requests are refused with 503 and queries are answered. Scopes are closed
    /// at once, with their jobs: whoever shares a server closes his own.
    pub async fn drain(&self, bound: SimDuration) -> Drained {
        let shared = &self.shared;
        shared.admission.drain();
        if let Some(tape) = &shared.tape {
            tape.end(shared.journal.next());
        }
        // The clients may have gone, and nothing should wait for their polls.
        let _hurry = shared.clock.hurry();
        info!("draining: {} jobs run", shared.admission.running_jobs());
        let start = shared.wall.now();
        shared.wall.within(bound, self.scopes.close_all()).await;
        while !shared.admission.is_idle() && shared.wall.since(start) < bound {
            shared.wall.sleep(DRAIN_LOOK).await;
        }
        let drained = self.drained(bound).await;
        self.stop(true).await;
        drained
    }

    /// Stops without waiting for jobs or answers.
    pub async fn stop_at_once(&self) -> Drained {
        let drained = self.drained(SimDuration::ZERO).await;
        self.stop(false).await;
        drained
    }

    /// Stops the service, and the admin API last.
    async fn stop(&self, graceful: bool) {
        self.handle.stop(graceful).await;
        if let Some(admin) = &self.admin_handle {
            admin.stop(graceful).await;
        }
    }

    /// What stands at the end of a wait. It is asked before the threads stop, and the jobs with them.
    async fn drained(&self, waited: SimDuration) -> Drained {
        let unfinished = self.unfinished().await;
        let left = unfinished.len().saturating_sub(self.shared.admission.stuck_jobs());
        if left > 0 {
            warn!("{left} jobs did not end within {waited}");
        }
        let frozen = self.shared.clock.mode() == Some(Mode::Frozen);
        let admission = &self.shared.admission;
        let (counts, stuck) = (admission.counts(), admission.stuck_jobs());
        Drained { counts, stuck, unfinished, waited, frozen }
    }

    /// Asks every registry; one that is too busy to answer in time is passed over, since the counts tell
    /// that jobs are missing.
    async fn unfinished(&self) -> Vec<JobSnapshot> {
        let shared = &self.shared;
        let mut all = Vec::new();
        for shard in 0..shared.shards.count() {
            if let Some(registry) = shared.shards.registry(shard) {
                let answer =
                    shared.wall.within(SLOWEST_REGISTRY, registry.send(GetUnfinished)).await;
                all.extend(answer.and_then(Result::ok).unwrap_or_default());
            }
        }
        all.sort_by_key(|job| job.id);
        all
    }
}

/// A server that listens everywhere is reached on loopback.
#[must_use]
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Serves the admin API at an address of its own.
fn listen_alone(
    admin: Arc<Admin>,
    address: &str,
    service: u16,
    tls: Option<&Tls>,
) -> io::Result<(Server, Vec<SocketAddr>)> {
    let server = HttpServer::new(move || {
        let admin = Arc::clone(&admin);
        App::new().configure(|config| admin::mount_alone(config, admin, service))
    })
    .workers(ADMIN_WORKERS)
    .max_connections(ADMIN_CONNECTIONS)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(SLOWEST_HEAD)
    .tls_handshake_timeout(SLOWEST_HEAD)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    // Whoever closes his side has gone, and with him his wait for a job.
    .h1_allow_half_closed(false)
    .disable_signals();
    let server = match tls {
        None => server.bind(address)?,
        Some(tls) => server.bind_rustls_0_23(address, tls.config())?,
    };
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// Lets a server run beside the one that is waited for.
fn serve_aside(server: Server) -> ServerHandle {
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        if let Err(reason) = server.await {
            error!("the admin API ended by itself: {reason}");
        }
    });
    handle
}

/// Serves the service, with the admin API beside it if it has no address of its own.
fn listen(
    shared: &Arc<Shared>,
    scopes: &Arc<Scopes>,
    address: &str,
    admin: Option<Arc<Admin>>,
    tls: Option<&Tls>,
) -> io::Result<(Server, Vec<SocketAddr>)> {
    let threads = ShardThreads::new(Arc::clone(shared));
    let acceptor = Acceptor::new(Arc::clone(&threads), admin.is_none());
    let scopes = Arc::clone(scopes);
    let server = HttpServer::new(move || {
        let served = Served::new(threads.here(), Some(Arc::clone(&scopes)));
        let admin = admin.clone();
        App::new()
            .configure(|config| {
                if let Some(admin) = admin {
                    admin::mount(config, admin);
                }
            })
            .configure(|config| http::mount(config, served))
    })
    .workers(shared.shards.count())
    .max_connections(CONNECTIONS_PER_WORKER)
    .backlog(BACKLOG)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(SLOWEST_HEAD)
    .tls_handshake_timeout(SLOWEST_HEAD)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .on_connect(move |connection, data| {
        if let Some(stream) = tls::socket(connection) {
            data.insert(acceptor.accept(stream));
        }
    })
    .disable_signals();
    let server = match tls {
        None => server.bind(address)?,
        Some(tls) => server.bind_rustls_0_23(address, tls.config())?,
    };
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}
