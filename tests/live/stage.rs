//! A server in the same process, so that a test sees behind it: its clock, its journal, its rules.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, mpsc};

use actix_web::rt::System;
use imsim::actors::Shared;
use imsim::clock::{Advanced, Mode, SimDuration};
use imsim::faults::Rule;
use imsim::http::scopes::Scopes;
use imsim::journal::{CallRecord, Entry, Event};
use imsim::scenario::ScenarioFile;
use imsim::scenario::rule_book::{self, Position};
use imsim::seed::Seed;
use imsim::simulator::Options;
use imsim::simulator::live::{AdminOptions, LiveServer};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::server::{Answer, Connection};
use crate::world::{BATCH, OWNER, image, sharing, world};

/// What a client has of a server in the same process: its address, and a look behind the scenes.
pub(crate) struct Stage {
    pub(crate) address: SocketAddr,
    pub(crate) shared: Arc<Shared>,
    /// The address of the admin API.
    pub(crate) admin: SocketAddr,
    pub(crate) scopes: Arc<Scopes>,
}

/// Where the admin API is: it decides when the plan is asked about a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdminAt {
    /// On the service's port; a connection is judged when its first request shows that it is the service's.
    ServicePort,
    /// On an address of its own; a connection is judged when it is accepted.
    OwnAddress,
}

/// Serves a world in which a job waits so long before it runs, and as long for each pair, with two shards
/// and in this mode, as long as the client lives.
pub(crate) fn with_clock(mode: &str, init: &str, pair: &str, client: impl FnOnce(&Stage)) {
    with_server(mode, &world(init, pair), AdminAt::ServicePort, client);
}

/// Serves this world with two shards and in this mode, as long as the client lives.
pub(crate) fn with_server(mode: &str, world: &Value, admin: AdminAt, client: impl FnOnce(&Stage)) {
    let clock: Mode = mode.parse().expect("a mode");
    let file = parse(world);
    let options = Options { clock, ..Options::new(Seed::DEFAULT, 2) };
    let own = (admin == AdminAt::OwnAddress).then(|| "127.0.0.1:0".to_owned());
    let admin = AdminOptions { address: own, token: None };
    let (started, starts) = mpsc::channel();
    let (end, ended) = oneshot::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            System::new().block_on(async move {
                let (live, server) =
                    LiveServer::start(&file, &options, "127.0.0.1:0", &admin, None)
                        .expect("a free port");
                actix_web::rt::spawn(server);
                let stage = Stage {
                    address: live.addresses()[0],
                    shared: Arc::clone(live.shared()),
                    admin: live.admin_addresses()[0],
                    scopes: Arc::clone(live.scopes()),
                };
                started.send(stage).expect("somebody waits for it");
                // An error means that the client died, which its own panic tells.
                let _ = ended.await;
                live.stop_at_once().await;
            });
        });
        // Dropped when the client dies, too, so that the server then ends.
        let _end = end;
        client(&starts.recv().expect("it starts"));
    });
}

fn parse(document: &Value) -> ScenarioFile {
    ScenarioFile::parse(Path::new("world"), document.to_string()).unwrap_or_else(|e| panic!("{e}"))
}

impl Stage {
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    pub(crate) fn submit(&self, images: &[usize], projects: &[usize]) -> String {
        self.connect().call("DELETE", BATCH, "owner", &sharing(images, projects)).job()
    }

    pub(crate) fn show(&self, job: &str) -> Answer {
        self.connect().call("GET", &format!("/v1/{OWNER}/jobs/{job}"), "owner", "")
    }

    /// The members of an image, as its owner sees them.
    pub(crate) fn list(&self, image: usize) -> Answer {
        self.connect().call("GET", &members_path(image), "owner", "")
    }

    /// Polls a job without a rest, over one connection, and returns all answers until it ends.
    pub(crate) fn poll(&self, job: &str) -> Vec<Answer> {
        let mut connection = self.connect();
        let mut answers = Vec::new();
        // A bound on a test that goes wrong; real time lets a few thousand polls pass.
        for _ in 0..200_000 {
            let path = format!("/v1/{OWNER}/jobs/{job}");
            let answer = connection.call("GET", &path, "owner", "");
            let state = state(&answer);
            answers.push(answer);
            if matches!(&*state, "SUCCESS" | "FAIL") {
                return answers;
            }
        }
        panic!("job {job} does not end");
    }

    pub(crate) fn advance(&self, by: SimDuration) -> Advanced {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(self.shared.clock.advance(by))
    }

    pub(crate) fn sleeps(&self) -> u64 {
        self.shared.clock.status().real_sleeps
    }

    /// Puts rules in place of all others, through the same door as the admin API.
    pub(crate) fn set_rules(&self, rules: &Value) -> Vec<Arc<Rule>> {
        let rules = rules.as_array().expect("a list");
        let changed = self.shared.change_rules(None, |book, writing| {
            book.clear();
            for rule in rules {
                let entry = rule_book::parse(rule.to_string().as_bytes())?;
                book.add(entry, Position::Last, writing)?;
            }
            Ok((book.rules(), "set_rules", String::new()))
        });
        changed.unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    /// Waits for something that other threads bring about.
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        for _ in 0..20_000_000 {
            if holds(self) {
                return;
            }
            std::thread::yield_now();
        }
        panic!("never: {what}; {:?}", self.shared.clock.status());
    }

    /// The entries of the journal that pass a test, the oldest first.
    pub(crate) fn entries(&self, test: impl Fn(&Event) -> bool) -> Vec<Entry> {
        let selected = self.shared.journal.select(None, 1_000_000, |it| test(&it.entry.event));
        selected.entries.into_iter().map(|numbered| numbered.entry).collect()
    }

    /// The calls in the journal, the oldest first.
    pub(crate) fn calls(&self) -> Vec<Arc<CallRecord>> {
        let entries = self.entries(|event| matches!(event, Event::Call(_))).into_iter();
        let call = |entry: Entry| match entry.event {
            Event::Call(call) => Some(call),
            _ => None,
        };
        entries.filter_map(call).collect()
    }
}

/// The path of an image's members.
pub(crate) fn members_path(number: usize) -> String {
    format!("/v2/images/{}/members", image(number))
}

/// The state of the job that an answer shows.
pub(crate) fn state(answer: &Answer) -> String {
    answer.json()["status"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}
