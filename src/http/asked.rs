//! What a recording needs to know of a request: how to send it again, and when.

use super::call::Call;
use super::credentials::PROJECT;
use super::identity;
use crate::actors::Shared;
use crate::api::Operation;
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
        // Without a wait it is still the moment at which the request arrived.
        if self.has_waited {
            self.works_at(shared.clock.now());
        }
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
            subject: subject(call),
            issued: call.issued.as_ref().map(|(value, _)| seed::hash_of(&**value)),
            headers: headers(call, &call.state.shared.plan.load()),
        }
    }
}

fn token(call: &Call<'_>) -> SentToken {
    match &call.credentials {
        // Of those whom nobody asks it is kept for which project they called.
        Credentials::Missing | Credentials::NotAsked { .. } => SentToken::None,
        Credentials::Token(token) => named(call, token),
        Credentials::Unreadable => SentToken::Unknown(0),
        Credentials::Signed(signed) => SentToken::Signed((*signed.key).into()),
        Credentials::Refused(_) => SentToken::WronglySigned,
    }
}

fn named(call: &Call<'_>, token: &str) -> SentToken {
    match call.state.shared.world.has_token(token) {
        true => SentToken::Known(token.into()),
        false => SentToken::Unknown(seed::hash_of(token)),
    }
}

/// The token that a request is about.
fn subject(call: &Call<'_>) -> SentToken {
    let named = |token: &str| named(call, token);
    match call.operation {
        Operation::CreateToken => {
            identity::token_in(&call.body.bytes).map_or(SentToken::None, |token| named(&token))
        }
        Operation::ShowToken => {
            identity::subject(call.http.headers()).map_or(SentToken::None, named)
        }
        _ => SentToken::None,
    }
}

/// `Accept`, which decides the form of some errors, the project that decides who calls, and whatever rules
/// look at.
fn headers(call: &Call<'_>, plan: &Plan) -> Box<[(Box<str>, Box<str>)]> {
    let project = match &call.credentials {
        Credentials::Signed(signed) => signed.project.clone(),
        Credentials::NotAsked { project, .. } => project.map(|project| project.to_string().into()),
        _ => None,
    };
    let project = project.map(|project| (PROJECT.into(), project));
    let matters = |name: &str, value: &str| match name {
        "accept" => value != "*/*" || plan.looks_at_header(name),
        PROJECT => project.is_none() && plan.looks_at_header(name),
        _ => plan.looks_at_header(name) && !SECRET.contains(&name),
    };
    let kept = call.http.headers().iter().filter_map(|(name, value)| {
        // Most headers matter to nobody, whatever they say.
        let name = name.as_str();
        let may_matter = matches!(name, "accept" | PROJECT) || plan.looks_at_header(name);
        let value = may_matter.then(|| value.to_str().ok())??;
        matters(name, value).then(|| (name.into(), value.into()))
    });
    project.clone().into_iter().chain(kept).collect()
}
