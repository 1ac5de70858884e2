//! A request on its way: who calls, what its key is, and what the plan said about it so far.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::Version;
use actix_web::{HttpRequest, HttpResponse};

use super::connection::Connection;
use super::outcome;
use super::request::{self, Body};
use super::routes::PathNames;
use super::{ShardState, credentials, identity, jobs};
use crate::actors::Generation;
use crate::actors::native::Caller;
use crate::api::{Code, ImageId, JobId, Operation, ProjectId};
use crate::clock::{Busy, SimDuration, SimTime};
use crate::domain::World;
use crate::domain::caller::{self, Credentials};
use crate::domain::checks::{self, ReadBatch};
use crate::domain::native_members::{self, Asked};
use crate::faults::{Details, Effect, Entity, FaultEvent, ImageTest, Point, Rule, Verdict};
use crate::journal::Delivery;
use crate::seed::{self, CallKey, Subject};

/// A request on its way.
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    /// What its path names.
    pub(super) path: PathNames<'a>,
    pub(super) http: &'a HttpRequest,
    pub(super) state: &'a ShardState,
    pub(super) connection: Rc<Connection>,
    pub(super) credentials: Credentials,
    /// The body as sent.
    pub(super) body: Body<'a>,
    /// What the body of a batch request says, or why it is refused.
    pub(super) batch: Option<Result<ReadBatch, Code>>,
    /// What a native call about a member asks for, or why its body is refused.
    pub(super) member: Result<Asked, Code>,
    /// Why the body could not be read; the gateway says so before anybody looks at the token.
    pub(super) unread: Option<Code>,
    /// The project of the token, if the token counts.
    pub(super) project: Option<ProjectId>,
    /// The hash of the canonical body or of the target.
    pub(super) target: u128,
    pub(super) key: CallKey,
    /// The job that is queried, as its id says.
    pub(super) job: Option<JobId>,
    /// The token that it was given, and when.
    pub(super) issued: Option<(Box<str>, SimTime)>,
    /// The number to which the journal had come when the call saw what jobs bring about, where that was
    /// not on its own thread.
    pub(super) saw: Option<u64>,
    /// Every rule that fired on the request so far, for the header that names them.
    pub(super) fired: Vec<Arc<Rule>>,
    /// Holds the clock, except while the call waits for it.
    pub(super) busy: Option<Busy>,
    /// When it began. Once a reset has made this the past, the call is cut and leaves no trace.
    pub(super) generation: Generation,
}

impl<'a> Call<'a> {
    /// Finds out who calls and gives the request its key. `body` is what was read, or why it could
    /// not be read.
    pub(super) fn identify(
        (operation, path): (Operation, PathNames<'a>),
        http: &'a HttpRequest,
        body: Result<Body<'a>, Code>,
        connection: Rc<Connection>,
        state: &'a ShardState,
        busy: Busy,
    ) -> Self {
        let shared = &state.shared;
        let generation = shared.generation();
        let (body, unread) = match body {
            Ok(body) => (body, None),
            Err(code) => (Body::default(), Some(code)),
        };
        let limit = shared.world.settings.batch_list;
        let read = || checks::read_batch(operation, &body.bytes, limit);
        let batch = operation.job_type().map(|_| unread.map_or_else(read, Err));
        let credentials =
            credentials::of((operation, path), http, &body.bytes, batch.as_ref(), shared);
        // What is open is answered without looking at who calls.
        let asked = !operation.is_open();
        let project =
            asked.then(|| caller::project_of(&shared.world, &credentials, shared.clock.now()));
        let project = project.and_then(Result::ok).flatten();
        let job = jobs::job_of(operation, path);
        let member = unread.map_or_else(|| native_members::read(operation, &body.bytes), Err);
        let target = match (&batch, unread) {
            (Some(_), Some(_)) => seed::hash_of(request::target(http)),
            (Some(Ok(read)), None) => read.canonical_hash(),
            (Some(Err(_)), None) => seed::hash_of(&body.bytes[..]),
            (None, _) => target_hash((operation, path), http, job, &member, &body.bytes),
        };
        let key = shared.call_key(project, operation, target);
        let busy = Some(busy);
        let fired = connection.verdict(shared, state.shard).fired.clone();
        Self {
            operation,
            path,
            http,
            state,
            connection,
            credentials,
            body,
            batch,
            member,
            unread,
            project,
            target,
            key,
            job,
            issued: None,
            saw: None,
            fired,
            busy,
            generation,
        }
    }

    /// Asks the plan at one of the points that know the request.
    pub(super) fn ask(&mut self, point: Point) -> Verdict {
        let shared = &self.state.shared;
        if shared.plan.is_empty_at(point) || self.is_past() {
            return Verdict::default();
        }
        let event = FaultEvent {
            point,
            at: shared.clock.now(),
            entity: Entity::Call(self.key),
            operation: Some(self.operation),
            project: self.project,
            // The shard is left out, so that the key is the same on any number of shards.
            job: self.job.map(|id| Entity::Known(id.without_shard())),
            image: self.path_image(),
            member: self.path_member(),
            pairs: None,
            details: &*self,
        };
        let verdict = shared.ask(self.state.shard, Subject::Call(self.key), &event);
        self.fired.extend(verdict.fired.iter().cloned());
        verdict
    }

    fn path_image(&self) -> Option<ImageId> {
        ImageId::parse(self.path.get("image_id"))
    }

    /// The member that the path names; of a call that adds one, the body does.
    fn path_member(&self) -> Option<ProjectId> {
        match &self.member {
            Ok(Asked::Add(member)) => ProjectId::parse(member),
            _ => ProjectId::parse(self.path.get("member_id")),
        }
    }

    /// The call as one that changes something for a project.
    pub(super) fn caller(&self, project: ProjectId) -> Caller {
        Caller { shard: self.state.shard, call: self.key, project }
    }

    /// Whether a reset has ended the call.
    pub(super) fn is_past(&self) -> bool {
        self.state.shared.is_past(self.generation)
    }

    /// Waits in simulated time; `false` if the client gave up meanwhile, or a reset ended the call.
    pub(super) async fn wait(&mut self, delay: SimDuration) -> bool {
        let clock = &self.state.shared.clock;
        let due = clock.now() + delay;
        let busy = self.busy.take().unwrap_or_else(|| clock.busy(self.state.shard));
        let waking = match clock.sleep_until(due, Subject::Call(self.key), busy).over() {
            Ok(wake) => Some(wake),
            Err(sleep) => tokio::select! {
                biased;
                wake = sleep => Some(wake),
                () = self.connection.gone() => None,
            },
        };
        let in_time = waking.is_some() && !self.is_past();
        self.busy = waking.map(|wake| wake.busy);
        in_time
    }

    /// Waits for ever: until the client gives up, or a reset comes. In process, where nobody can give up
    /// that was told to wait for ever, there is nothing to wait for.
    pub(super) async fn hang(&mut self) {
        let Some(busy) = self.busy.take().filter(|_| self.connection.has_socket()) else {
            return;
        };
        let stuck = self.state.shared.clock.stay(Subject::Call(self.key), busy);
        tokio::select! {
            biased;
            wake = stuck => self.busy = Some(wake.busy),
            () = self.connection.gone() => {}
        }
    }

    /// Whether its connection carries other calls, too.
    pub(super) fn shares_connection(&self) -> bool {
        self.http.version() == Version::HTTP_2
    }

    /// Ends the connection in place of an answer. HTTP/1 closes it when the body of an answer breaks off at
    /// once; HTTP/2 would send the head and end the stream alone.
    pub(super) fn cut(&self, delivery: Delivery) -> HttpResponse {
        if self.shares_connection() {
            self.connection.strike(delivery);
        }
        outcome::cut(delivery)
    }

    /// Whether the caller may call the operation at this moment, and for which project.
    pub(super) fn allowed(&self) -> Result<ProjectId, Code> {
        let shared = &self.state.shared;
        caller::admit(&shared.world, &self.credentials, self.operation, shared.clock.now())
    }

    /// The past instant that a query is to see, if a rule makes it see the past.
    pub(super) fn as_of(&mut self) -> Option<SimTime> {
        match self.ask(Point::Read).winner.as_ref().map(|rule| &rule.effect) {
            Some(Effect::Stale(by)) => Some(self.state.shared.clock.now().before(*by)),
            _ => None,
        }
    }

    /// A token for what the request causes.
    pub(super) fn busy(&self) -> Busy {
        let taken = || self.state.shared.clock.busy(self.state.shard);
        self.busy.clone().unwrap_or_else(taken)
    }

    fn world(&self) -> &World {
        &self.state.shared.world
    }
}

/// What the n-th such request is counted by, where it is no batch.
fn target_hash(
    (operation, path): (Operation, PathNames<'_>),
    http: &HttpRequest,
    job: Option<JobId>,
    member: &Result<Asked, Code>,
    body: &[u8],
) -> u128 {
    match operation {
        Operation::ShowJob | Operation::ShowJobProgress => match job {
            Some(id) => id.without_shard(),
            None => seed::hash_of(path.get("job_id")),
        },
        Operation::ListMembers
        | Operation::ShowMember
        | Operation::ListMembersLater
        | Operation::ShowMemberLater
        | Operation::DeleteMember
        | Operation::DeleteImage => seed::hash_of(&(path.get("image_id"), path.get("member_id"))),
        Operation::AddMember | Operation::UpdateMember if member.is_ok() => {
            let named = (path.get("image_id"), path.get("member_id"));
            seed::hash_of(&(named.0, named.1, member.as_ref().ok()))
        }
        // What the journal tells of a call must not tell its password.
        Operation::CreateToken => {
            seed::hash_of(&(request::target(http), &identity::masked(body)[..]))
        }
        _ if operation.takes_body() => seed::hash_of(&(request::target(http), body)),
        _ => seed::hash_of(&(http.method().as_str(), request::target(http))),
    }
}

impl Details for Call<'_> {
    fn has_image(&self, test: &ImageTest) -> bool {
        let fits = |id: ImageId, index: Option<u32>| {
            test.fits_id(id, index)
                && (!test.needs_image()
                    || self.world().image(id).is_some_and(|image| test.fits(&image, index)))
        };
        let in_path = self.path_image().is_some_and(|id| fits(id, None));
        let in_body = |read: &ReadBatch| {
            let mut images = (0..).zip(read.image_ids());
            images.any(|(index, id)| id.is_some_and(|id| fits(id, Some(index))))
        };
        in_path || self.batch.iter().flatten().any(in_body)
    }

    fn each_image(&self, visit: &mut dyn FnMut(ImageId)) {
        let read = self.batch.iter().flatten();
        read.flat_map(ReadBatch::image_ids).flatten().for_each(visit);
    }

    fn each_member(&self, visit: &mut dyn FnMut(ProjectId)) {
        let read = self.batch.iter().flatten();
        read.flat_map(ReadBatch::project_ids).flatten().for_each(visit);
    }

    fn method(&self) -> Option<&str> {
        Some(self.http.method().as_str())
    }

    fn path(&self) -> Option<&str> {
        Some(request::target(self.http))
    }

    fn has_header(&self, name: &str, test: &dyn Fn(&str) -> bool) -> bool {
        // A request has few headers; to look the name up, it would have to be parsed first.
        let named = self.http.headers().iter().filter(|(one, _)| one.as_str() == name);
        named.filter_map(|(_, value)| value.to_str().ok()).any(test)
    }

    fn client(&self) -> Option<&str> {
        self.connection.client()
    }

    fn token(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Token(token) => Some(token),
            // An access key is as good as a token to tell one client from another.
            Credentials::Signed(signed) => Some(&signed.key),
            Credentials::NotAsked { token, .. } => token.as_deref(),
            Credentials::Missing | Credentials::Unreadable | Credentials::Refused(_) => None,
        }
    }
}
