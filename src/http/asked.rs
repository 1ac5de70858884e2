//! What a recording needs to know of a request: how to send it again, and when.

use actix_web::HttpRequest;

use super::call::Call;
use crate::actors::Shared;
use crate::clock::{SimDuration, SimTime};
use crate::domain::caller::Credentials;
use crate::faults::Plan;
use crate::journal::{Asked, SentToken};
use crate::seed;

/// Headers that may hold a secret; `X-Auth-Token` is told by the name that the world has for it.
const SECRET: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-auth-token",
    "x-subject-token",
    "x-security-token",
];

/// How a request comes along, as far as a recording needs it.
pub(super) struct Progress {
    arrived: u64,
    saw: u64,
    at: SimTime,
    /// Simulated time that rules let pass before the work began.
    waited: SimDuration,
    /// Whether any passed before the answer was made.
    has_waited: bool,
    /// Whether any passes until all of the answer has left.
    lasts: bool,
}

impl Progress {
    /// A request that arrives now.
    pub(super) fn new(shared: &Shared) -> Self {
        let next = shared.journal.next();
        let (at, waited) = (shared.clock.now(), SimDuration::ZERO);
        Self { arrived: next, saw: next, at, waited, has_waited: false, lasts: false }
    }

    /// A rule lets it wait so long before the work begins.
    pub(super) fn waits(&mut self, delay: SimDuration) {
        self.waited = self.waited + delay;
        self.has_waited |= delay > SimDuration::ZERO;
    }

    /// A rule lets the answer wait so long.
    pub(super) fn answer_waits(&mut self, delay: SimDuration) {
        self.has_waited |= delay > SimDuration::ZERO;
    }

    /// The answer leaves only bit by bit.
    pub(super) fn lasts(&mut self) {
        self.lasts = true;
    }

    /// The work begins now.
    pub(super) fn works(&mut self, shared: &Shared) {
        self.saw = shared.journal.next();
        self.works_at(shared.clock.now());
    }

    /// The work began at this time. Without what passed in real time it would have arrived so long before
    /// as rules let it wait.
    pub(super) fn works_at(&mut self, at: SimTime) {
        self.at = at.before(self.waited);
    }

    /// What is kept of it with a call.
    pub(super) fn asked(&self, call: &Call<'_>) -> Asked {
        Asked {
            arrived: self.arrived,
            saw: call.saw.unwrap_or(self.saw),
            at: self.at,
            waited: self.has_waited,
            lasts: self.lasts,
            token: token(call),
            headers: headers(call.http, &call.state.shared.plan.load()),
        }
    }
}

fn token(call: &Call<'_>) -> SentToken {
    match &call.credentials {
        Credentials::Missing => SentToken::None,
        Credentials::Token(token) if call.state.shared.world.token(token).is_some() => {
            SentToken::Known(token.clone())
        }
        Credentials::Token(token) => SentToken::Unknown(seed::hash_of(&**token)),
        Credentials::Unreadable => SentToken::Unknown(0),
    }
}

/// `Accept`, which decides the form of some errors, and whatever rules look at.
fn headers(http: &HttpRequest, plan: &Plan) -> Box<[(Box<str>, Box<str>)]> {
    let matters = |name: &str, value: &str| match name {
        "accept" => value != "*/*" || plan.looks_at_header(name),
        _ => plan.looks_at_header(name) && !SECRET.contains(&name),
    };
    let sent = http.headers().iter();
    let sayable = sent.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let kept = sayable.filter(|(name, value)| matters(name, value));
    kept.map(|(name, value)| (name.into(), value.into())).collect()
}
