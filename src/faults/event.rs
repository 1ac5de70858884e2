//! What a rule is asked about: something that is about to happen at a point.

use super::matches::ImageTest;
use super::{Point, Scope};
use crate::api::{ImageId, Operation, ProjectId};
use crate::clock::SimTime;
use crate::seed::{self, CallKey, JobKey, Keyed};

/// Something that is about to happen at a point. What every point knows stands here; what takes looking up
/// is asked through [`Details`], and only if some rule wants to know.
#[derive(Clone, Copy)]
pub struct FaultEvent<'a> {
    /// The point.
    pub point: Point,
    /// When.
    pub at: SimTime,
    /// What it is about.
    pub entity: Entity,
    /// The operation; `None` at a connection, where it is not known.
    pub operation: Option<Operation>,
    /// The project that calls or whose job it is, if its token is known.
    pub project: Option<ProjectId>,
    /// The job, where there is one.
    pub job: Option<Entity>,
    /// The one image that it is about, where it is about one.
    pub image: Option<ImageId>,
    /// The one member project that it is about, where it is about one.
    pub member: Option<ProjectId>,
    /// How many pairs a worker whose life begins has to settle.
    pub pairs: Option<u32>,
    /// Whatever else a rule may want to know.
    pub details: &'a dyn Details,
}

/// What an event is about: the same in every run, on any number of shards. Its key is a hash, which is made
/// only if a rule wants to draw or to count for it; most rules that are asked do not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A connection, by its number.
    Connection(u64),
    /// A call.
    Call(CallKey),
    /// A job.
    Job(JobKey),
    /// An image of a job.
    Image(JobKey, ImageId),
    /// A pair of a job.
    Pair(JobKey, ImageId, ProjectId),
    /// Something that has this key.
    Known(u128),
}

impl Entity {
    /// Its key for draws and scopes.
    #[must_use]
    pub fn key(self) -> u128 {
        match self {
            Self::Connection(number) => key_of(&number),
            Self::Call(call) => key_of(&call),
            Self::Job(job) => key_of(&job),
            Self::Image(job, image) => key_of(&(job, image)),
            Self::Pair(job, image, project) => key_of(&(job, image, project)),
            Self::Known(key) => key,
        }
    }
}

/// What takes looking up. A point that does not know something says no.
pub trait Details {
    /// Whether one of the images that the event is about passes a test.
    fn has_image(&self, _: &ImageTest) -> bool {
        false
    }

    /// Calls `visit` with the id of each image that the event is about.
    fn each_image(&self, _visit: &mut dyn FnMut(ImageId)) {}

    /// Calls `visit` with each member project that the event is about.
    fn each_member(&self, _visit: &mut dyn FnMut(ProjectId)) {}

    /// The method of the request.
    fn method(&self) -> Option<&str> {
        None
    }

    /// The path and query of the request.
    fn path(&self) -> Option<&str> {
        None
    }

    /// Whether the request has a header whose value passes a test.
    fn has_header(&self, _name: &str, _test: &dyn Fn(&str) -> bool) -> bool {
        false
    }

    /// The address of the client, without its port.
    fn client(&self) -> Option<&str> {
        None
    }

    /// The token, if one was sent.
    fn token(&self) -> Option<&str> {
        None
    }
}

/// Details of an event about which nothing more is known.
pub struct NoDetails;

impl Details for NoDetails {}

impl FaultEvent<'_> {
    /// What a condition that counts by `scope` counts this event for.
    pub(super) fn scope_key(&self, scope: Scope) -> u128 {
        match scope {
            Scope::Rule => 0,
            Scope::Image => self.image.map_or(0, |image| image.as_u128()),
            Scope::Project => self.project.map_or(0, |project| project.as_u128()),
            Scope::Member => self.member.map_or(0, |project| project.as_u128()),
            Scope::Job => self.job.map_or(0, Entity::key),
            Scope::Client => self.client_key().unwrap_or(0),
        }
    }

    /// A hash of the client's address.
    pub(super) fn client_key(&self) -> Option<u128> {
        self.details.client().map(|client| key_of(&client))
    }

    /// A hash of the token.
    pub(super) fn token_key(&self) -> Option<u128> {
        self.details.token().map(|token| key_of(&token))
    }
}

fn key_of(what: &impl Keyed) -> u128 {
    seed::hash_of(what)
}
