//! The thread of an embedded server, with an actix system of its own: whoever starts it may have another
//! runtime, or none.

// A live server in a thread of its own is no part of any virtual time.
#![allow(clippy::disallowed_methods)]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use actix::{ArbiterHandle, System};
use actix_web::web::Bytes;
use log::error;
use tokio::sync::oneshot;

use super::Error;
use crate::actors::Shared;
use crate::clock::SimDuration;
use crate::http::admin::{Admin, Answered};
use crate::scenario::ScenarioFile;
use crate::simulator::Options;
use crate::simulator::live::tls::Tls;
use crate::simulator::live::{AdminOptions, Drained, LiveServer, StartError};

/// What a server is started with.
pub(super) struct Start {
    pub(super) file: ScenarioFile,
    pub(super) options: Options,
    pub(super) address: String,
    pub(super) admin: AdminOptions,
    pub(super) tls: Option<Tls>,
}

/// What is known of a server that listens.
pub(super) struct Running {
    /// Where the service is, without a slash at the end.
    pub(super) url: String,
    /// The certificate that was made for it, as a PEM file.
    pub(super) certificate: Option<String>,
    pub(super) shared: Arc<Shared>,
    admin: Arc<Admin>,
    arbiter: ArbiterHandle,
}

/// The thread, until it is told to end.
pub(super) struct ServerThread {
    pub(super) running: Running,
    /// How long jobs get to end; dropped, it tells the server to stop at once.
    end: Option<oneshot::Sender<SimDuration>>,
    thread: Option<JoinHandle<Option<Drained>>>,
}

impl ServerThread {
    /// Returns when the server listens.
    pub(super) fn start(start: Start) -> Result<Self, Error> {
        let (end, ended) = oneshot::channel();
        let (started, starts) = sync_channel(1);
        let thread = Builder::new().name("imsim".to_owned());
        let thread = thread.spawn(move || serve(start, &started, ended));
        let thread = thread.map_err(|error| Error::Thread(error.to_string()))?;
        match starts.recv() {
            Ok(Ok(running)) => Ok(Self { running, end: Some(end), thread: Some(thread) }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Thread("it died while it started".to_owned())),
        }
    }

    /// Asks the admin API on the server's thread, and waits for the answer without any runtime.
    pub(super) fn ask(&self, method: &str, target: String, body: Bytes) -> Result<Answered, Error> {
        let (answer, answered) = sync_channel(1);
        let (admin, method) = (Arc::clone(&self.running.admin), method.to_owned());
        let server = self.running.url.clone();
        let asked = self.running.arbiter.spawn_fn(move || {
            actix_web::rt::spawn(async move {
                // An error means that nobody waits any more.
                let _ = answer.send(admin.ask((&method, &target), body, server).await);
            });
        });
        if !asked {
            return Err(Error::Stopped);
        }
        self.wait(&answered)
    }

    fn wait(&self, answered: &Receiver<Answered>) -> Result<Answered, Error> {
        answered.recv().map_err(|_| Error::Stopped)
    }

    /// Ends the server when its jobs have ended, at the latest after `bound` of real time.
    pub(super) fn drain(&mut self, bound: SimDuration) -> Result<Drained, Error> {
        if let Some(end) = self.end.take() {
            // An error means that the server has ended by itself.
            let _ = end.send(bound);
        }
        self.join().ok_or(Error::Stopped)
    }

    fn join(&mut self) -> Option<Drained> {
        self.thread.take().and_then(|thread| thread.join().ok().flatten())
    }
}

impl Drop for ServerThread {
    fn drop(&mut self) {
        drop(self.end.take());
        self.join();
    }
}

/// The whole life of the thread.
fn serve(
    start: Start,
    started: &SyncSender<Result<Running, Error>>,
    ended: oneshot::Receiver<SimDuration>,
) -> Option<Drained> {
    let system = System::new();
    let drained = system.block_on(live(start, started, ended));
    // The threads of the server are arbiters of the system, and end with it.
    System::current().stop();
    if let Err(reason) = system.run() {
        error!("an embedded server did not end as it should: {reason}");
    }
    drained
}

async fn live(
    start: Start,
    started: &SyncSender<Result<Running, Error>>,
    ended: oneshot::Receiver<SimDuration>,
) -> Option<Drained> {
    let Start { file, options, address, admin, tls } = start;
    let (live, server) = match LiveServer::start(&file, &options, &address, &admin, tls.as_ref()) {
        Ok(started) => started,
        Err(reason) => {
            let _ = started.send(Err(not_started(reason, address)));
            return None;
        }
    };
    let server = actix_web::rt::spawn(server);
    let running = Running {
        url: live.service_url(),
        certificate: live.tls().and_then(Tls::made).map(str::to_owned),
        shared: Arc::clone(live.shared()),
        admin: Arc::clone(live.admin()),
        arbiter: System::current().arbiter().clone(),
    };
    let _ = started.send(Ok(running));
    let drained = match ended.await {
        Ok(bound) => live.drain(bound).await,
        Err(_) => live.stop_at_once().await,
    };
    let _ = server.await;
    Some(drained)
}

fn not_started(reason: StartError, address: String) -> Error {
    match reason {
        StartError::Scenario(problem) => Error::Scenario(problem),
        StartError::Address(error) | StartError::AdminAddress(error) => {
            Error::Address { address, error }
        }
    }
}
