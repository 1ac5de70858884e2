//! Which events a rule is about.

use wildmatch::WildMatch;

use super::FaultEvent;
use super::point::Matcher;
use crate::api::job::JobType;
use crate::api::{ImageId, Operation, ProjectId};
use crate::domain::Image;

/// Which events a rule is about; what is `None` matches all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    /// Only these operations.
    pub operations: Option<OperationSet>,
    /// Only this HTTP method, in capitals.
    pub method: Option<Box<str>>,
    /// Only targets (path and query) like this; `*` and `?` stand for any characters.
    pub path: Option<WildMatch>,
    /// Only calls and jobs of this project.
    pub project: Option<ProjectId>,
    /// Only events about such an image; about a list of images, if one of them is such.
    pub image: Option<ImageTest>,
    /// Only events about this member project; about a list of projects, if it is one of them.
    pub member: Option<ProjectId>,
    /// Only requests with such a header.
    pub header: Option<HeaderTest>,
    /// Only jobs of this type.
    pub job_type: Option<JobType>,
    /// Only clients with such an address.
    pub client: Option<WildMatch>,
}

/// A set of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationSet(u32);

/// What an image must be like; what is `None` fits all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageTest {
    /// This one.
    pub id: Option<ImageId>,
    /// What that one is called. An image keeps its name, so this adds nothing but that a pattern is known to
    /// cover it.
    pub called: Option<Box<str>>,
    /// With a name like this; `*` and `?` stand for any characters.
    pub name: Option<WildMatch>,
    /// With this tag.
    pub tag: Option<Box<str>>,
    /// At this place of the request, from 0.
    pub index: Option<u32>,
}

/// What a header must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderTest {
    /// Its name, in lower case.
    pub name: Box<str>,
    /// Its value; `None` for any, `*` and `?` stand for any characters.
    pub value: Option<WildMatch>,
}

impl OperationSet {
    /// The operations that pass a test.
    #[must_use]
    pub fn of(test: impl Fn(Operation) -> bool) -> Self {
        let chosen = Operation::ALL.iter().filter(|operation| test(**operation));
        Self(chosen.fold(0, |bits, operation| bits | 1 << (*operation as u32)))
    }

    /// Whether an operation is in it.
    #[must_use]
    pub const fn contains(self, operation: Operation) -> bool {
        self.0 & 1 << (operation as u32) != 0
    }

    /// Whether every operation of `other` is in it.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether no operation is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The operations that are in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl ImageTest {
    /// Whether an image that exists passes. `index` is its place in the request, where it has one.
    #[must_use]
    pub fn fits(&self, image: &Image, index: Option<u32>) -> bool {
        self.fits_id(image.id, index)
            && self.name.as_ref().is_none_or(|name| name.matches(&image.name))
            && self.tag.as_ref().is_none_or(|tag| image.has_tag(tag))
    }

    /// Whether an image of which only the id is known may pass.
    #[must_use]
    pub fn fits_id(&self, image: ImageId, index: Option<u32>) -> bool {
        self.id.is_none_or(|id| id == image)
            && self.index.is_none_or(|wanted| index == Some(wanted))
    }

    /// Whether the test needs to know more than the id.
    #[must_use]
    pub const fn needs_image(&self) -> bool {
        self.name.is_some() || self.tag.is_some()
    }

    /// Whether every image that passes `other` passes this one.
    fn covers(&self, other: &Self) -> bool {
        fn same_or_any<T: PartialEq>(wide: Option<&T>, narrow: Option<&T>) -> bool {
            wide.is_none() || wide == narrow
        }
        let called = || match (&self.name, &other.called) {
            (Some(pattern), Some(name)) => pattern.matches(name),
            (Some(_), None) | (None, _) => false,
        };
        same_or_any(self.id.as_ref(), other.id.as_ref())
            && (glob_covers(self.name.as_ref(), other.name.as_ref()) || called())
            && same_or_any(self.tag.as_ref(), other.tag.as_ref())
            && same_or_any(self.index.as_ref(), other.index.as_ref())
    }
}

/// Whether every text like `narrow` is like `wide`, as far as that can be told from the patterns.
fn glob_covers(wide: Option<&WildMatch>, narrow: Option<&WildMatch>) -> bool {
    match (wide, narrow) {
        (None, _) => true,
        (Some(wide), _) if wide.pattern().chars().all(|c| c == '*') => !wide.pattern().is_empty(),
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => {
            // A pattern with `*` is matched by the wider pattern as a text only if its own `*` falls
            // under one, and `?` only under `?` or `*`: what the star stands for then falls there too.
            wide == narrow || (!wide.pattern().contains('?') && wide.matches(&narrow.pattern()))
        }
    }
}

impl Match {
    /// The first thing about an event that the rule is not about, beside its operation; `None` if it
    /// matches.
    pub(super) fn mismatch(&self, event: &FaultEvent<'_>) -> Option<Matcher> {
        let details = event.details;
        let differs = |matcher: Matcher, fits: bool| (!fits).then_some(matcher);
        let project = || self.project.is_none_or(|one| event.project == Some(one));
        let image = || self.image.as_ref().is_none_or(|test| details.has_image(test));
        let member = || self.member.is_none_or(|one| has_member(event, one));
        let job_type = || self.job_type.is_none_or(|one| job_type(event) == Some(one));
        let method = || fits(self.method.as_deref(), || details.method(), |a, b| a == b);
        let path = || fits(self.path.as_ref(), || details.path(), WildMatch::matches);
        let client = || fits(self.client.as_ref(), || details.client(), WildMatch::matches);
        let header = || self.header.as_ref().is_none_or(|one| fits_header(event, one));
        differs(Matcher::Project, project())
            .or_else(|| differs(Matcher::Image, image()))
            .or_else(|| differs(Matcher::Member, member()))
            .or_else(|| differs(Matcher::JobType, job_type()))
            .or_else(|| differs(Matcher::Method, method()))
            .or_else(|| differs(Matcher::Path, path()))
            .or_else(|| differs(Matcher::Client, client()))
            .or_else(|| differs(Matcher::Header, header()))
    }

    /// Whether the rule is about the operation of an event.
    pub(super) fn fits_operation(&self, event: &FaultEvent<'_>) -> bool {
        let one_of = |set: OperationSet| event.operation.is_some_and(|one| set.contains(one));
        self.operations.is_none_or(one_of)
    }

    /// Whether this matches every event that `other` matches, as far as that can be told from what they
    /// say.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let operations = match (self.operations, other.operations) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => wide.covers(narrow),
        };
        let images = match (&self.image, &other.image) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => wide.covers(narrow),
        };
        let headers = match (&self.header, &other.header) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => {
                wide.name == narrow.name && glob_covers(wide.value.as_ref(), narrow.value.as_ref())
            }
        };
        operations
            && images
            && headers
            && (self.method.is_none() || self.method == other.method)
            && glob_covers(self.path.as_ref(), other.path.as_ref())
            && (self.project.is_none() || self.project == other.project)
            && (self.member.is_none() || self.member == other.member)
            && (self.job_type.is_none() || self.job_type == other.job_type)
            && glob_covers(self.client.as_ref(), other.client.as_ref())
    }
}

fn fits<'a, W: ?Sized>(
    wanted: Option<&W>,
    found: impl Fn() -> Option<&'a str>,
    test: impl Fn(&W, &str) -> bool,
) -> bool {
    wanted.is_none_or(|wanted| found().is_some_and(|found| test(wanted, found)))
}

fn has_member(event: &FaultEvent<'_>, member: ProjectId) -> bool {
    let mut found = event.member == Some(member);
    if !found {
        event.details.each_member(&mut |one| found |= one == member);
    }
    found
}

fn job_type(event: &FaultEvent<'_>) -> Option<JobType> {
    event.operation.and_then(Operation::job_type)
}

fn fits_header(event: &FaultEvent<'_>, test: &HeaderTest) -> bool {
    let value = |value: &str| test.value.as_ref().is_none_or(|wanted| wanted.matches(value));
    event.details.has_header(&test.name, &value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_is_wider_than() {
        let check = |wide: Option<&str>, narrow: Option<&str>, expected: bool| {
            let pattern = |text: Option<&str>| text.map(WildMatch::new);
            let found = glob_covers(pattern(wide).as_ref(), pattern(narrow).as_ref());
            assert_eq!(found, expected, "{wide:?} over {narrow:?}");
        };
        check(None, Some("web-*"), true);
        check(Some("*"), None, true);
        check(Some("web-*"), None, false);
        check(Some("web-*"), Some("web-1"), true);
        check(Some("web-*"), Some("web-1*"), true);
        check(Some("web-*"), Some("w*"), false);
        check(Some("web-?"), Some("web-*"), false);
        check(Some("*-a"), Some("x*-a"), true);
        check(Some("web-?"), Some("web-?"), true);
        check(Some(""), None, false);
    }

    #[test]
    fn sets_of_operations_know_what_they_cover() {
        let reads = OperationSet::of(|operation| operation.name().starts_with("show"));
        let one = OperationSet::of(|operation| operation == Operation::ShowJob);
        assert!(reads.covers(one) && !one.covers(reads) && !one.is_empty());
        assert!(reads.contains(Operation::ShowMember) && !reads.contains(Operation::AddMembers));
        assert!(OperationSet::of(|_| false).is_empty());
    }
}
