//! The index that finds the rules of a point that an event may concern.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::api::{ImageId, Operation, ProjectId};
use crate::faults::events::{SLOTS, slot};
use crate::faults::{FaultEvent, Matcher, Rule};

/// Header names of an index. Each is looked for in every request, so with more there is little to gain.
const MOST_NAMES: usize = 16;

/// The rules of one point, by their places in the list.
#[derive(Debug, Default)]
pub(super) struct PointIndex {
    /// Rules that have to be looked at for an operation.
    by_operation: [Vec<u32>; SLOTS],
    /// Rules that have to be looked at for an operation if there is a header of this name; in the order of
    /// the names' first rules.
    by_header: [Vec<(Box<str>, Vec<u32>)>; SLOTS],
    /// Rules about one image only, which have to be looked at for that image.
    by_image: FxHashMap<ImageId, Vec<u32>>,
    /// The same for one member project.
    by_member: FxHashMap<ProjectId, Vec<u32>>,
    /// The same for one calling project.
    by_project: FxHashMap<ProjectId, Vec<u32>>,
}

/// The one thing that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    Image(ImageId),
    Member(ProjectId),
    Project(ProjectId),
}

impl PointIndex {
    pub(super) fn add(&mut self, place: u32, rule: &Rule) {
        if let Some(thing) = thing(rule) {
            let places = match thing {
                Thing::Image(image) => self.by_image.entry(image).or_default(),
                Thing::Member(member) => self.by_member.entry(member).or_default(),
                Thing::Project(project) => self.by_project.entry(project).or_default(),
            };
            return places.push(place);
        }
        for operation in Operation::ALL {
            if rule.matches.operations.is_none_or(|set| set.contains(operation)) {
                self.add_to(operation as usize, place, rule);
            }
        }
        if rule.matches.operations.is_none() {
            self.add_to(SLOTS - 1, place, rule);
        }
    }

    fn add_to(&mut self, slot: usize, place: u32, rule: &Rule) {
        let Some(header) = &rule.matches.header else {
            return self.by_operation[slot].push(place);
        };
        let named = &mut self.by_header[slot];
        match named.iter().position(|(name, _)| *name == header.name) {
            Some(known) => named[known].1.push(place),
            None if named.len() < MOST_NAMES => named.push((header.name.clone(), vec![place])),
            None => self.by_operation[slot].push(place),
        }
    }

    /// The places of the rules that an event may concern, in the order of the list. Mostly there are none
    /// but those that have to be looked at always, and then nothing is gathered.
    pub(super) fn candidates(&self, event: &FaultEvent<'_>) -> Cow<'_, [u32]> {
        let slot = slot(event.operation);
        let mut found: Vec<u32> = Vec::new();
        for (name, named) in &self.by_header[slot] {
            if event.details.has_header(name, &|_| true) {
                found.extend(named);
            }
        }
        if !self.by_image.is_empty() {
            let mut add = |image| found.extend(self.by_image.get(&image).into_iter().flatten());
            event.image.into_iter().for_each(&mut add);
            event.details.each_image(&mut add);
        }
        if !self.by_member.is_empty() {
            let mut add = |member| found.extend(self.by_member.get(&member).into_iter().flatten());
            event.member.into_iter().for_each(&mut add);
            event.details.each_member(&mut add);
        }
        if let Some(project) = event.project.filter(|_| !self.by_project.is_empty()) {
            found.extend(self.by_project.get(&project).into_iter().flatten());
        }
        if found.is_empty() {
            return Cow::Borrowed(&self.by_operation[slot]);
        }
        found.extend(&self.by_operation[slot]);
        found.sort_unstable();
        found.dedup();
        Cow::Owned(found)
    }
}

/// What the index passes a rule over by, beside operations.
pub(super) fn indexed_by(rule: &Rule) -> Option<Matcher> {
    let header = rule.matches.header.as_ref().map(|_| Matcher::Header);
    thing(rule).map(Thing::matcher).or(header)
}

/// The one thing that a rule is about, if there is one: the rarest first.
fn thing(rule: &Rule) -> Option<Thing> {
    let matches = &rule.matches;
    let image = matches.image.as_ref().and_then(|test| test.id).map(Thing::Image);
    image
        .or_else(|| matches.member.map(Thing::Member))
        .or_else(|| matches.project.map(Thing::Project))
}

impl Thing {
    const fn matcher(self) -> Matcher {
        match self {
            Self::Image(_) => Matcher::Image,
            Self::Member(_) => Matcher::Member,
            Self::Project(_) => Matcher::Project,
        }
    }
}
