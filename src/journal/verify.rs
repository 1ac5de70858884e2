//! How often a call was made, and which calls came near when it was not.

use wildmatch::WildMatch;

use super::entry::{CallRecord, Event};
use super::filter::names_image;
use super::{CallRow, Journal, Numbered};
use crate::api::{Code, ImageId, JobId, Operation, ProjectId};

/// How many calls that came near are named.
pub const MOST_NEAREST: usize = 5;

/// Which calls are meant; `None` asks nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The operation.
    pub operation: Option<Operation>,
    /// The project of the token.
    pub project: Option<ProjectId>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The code with which the call was refused.
    pub error: Option<&'static str>,
    /// The method as sent.
    pub method: Option<String>,
    /// The path as sent, without the query; `*` stands for any text and `?` for any character.
    pub path: Option<WildMatch>,
    /// An image that the call names; see [`names_image`].
    pub image: Option<ImageId>,
    /// The job that the call submitted or queried.
    pub job: Option<JobId>,
    /// Only calls whose entries have this number or a higher one.
    pub since: Option<u64>,
}

/// A part of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Field {
    /// [`Question::operation`]
    Operation,
    /// [`Question::project`]
    Project,
    /// [`Question::status`]
    Status,
    /// [`Question::error`]
    ErrorCode,
    /// [`Question::method`]
    Method,
    /// [`Question::path`]
    Path,
    /// [`Question::image`]
    Image,
    /// [`Question::job`]
    Job,
}

impl Field {
    /// Every part, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Operation,
        Self::Project,
        Self::Status,
        Self::ErrorCode,
        Self::Method,
        Self::Path,
        Self::Image,
        Self::Job,
    ];

    /// The key in a question.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Project => "project",
            Self::Status => "status",
            Self::ErrorCode => "error_code",
            Self::Method => "method",
            Self::Path => "path",
            Self::Image => "image",
            Self::Job => "job",
        }
    }
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// How many calls were counted.
    pub count: u64,
    /// Whether that is all there were: the counters know it, or the journal still has every entry.
    pub exact: bool,
    /// If there were none, the calls that differ in the fewest fields, the newest first.
    pub nearest: Vec<Miss>,
}

/// A call that came near.
#[derive(Clone, Debug, PartialEq)]
pub struct Miss {
    /// The entry of the call.
    pub call: Numbered,
    /// What differs.
    pub differs: Vec<Field>,
}

impl Question {
    /// Whether the counters alone can answer.
    fn is_about_counters(&self) -> bool {
        self.method.is_none()
            && self.path.is_none()
            && self.image.is_none()
            && self.job.is_none()
            && self.since.is_none()
    }

    fn counts(&self, row: &CallRow) -> bool {
        self.operation.is_none_or(|asked| asked == row.operation)
            && self.project.is_none_or(|asked| row.project == Some(asked))
            && self.status.is_none_or(|asked| asked == row.status)
            && self.error.is_none_or(|asked| row.error == Some(asked))
    }

    /// How many fields are asked for.
    fn asked(&self) -> u32 {
        let asked = [
            self.operation.is_some(),
            self.project.is_some(),
            self.status.is_some(),
            self.error.is_some(),
            self.method.is_some(),
            self.path.is_some(),
            self.image.is_some(),
            self.job.is_some(),
        ];
        asked.iter().map(|asked| u32::from(*asked)).sum()
    }

    /// The fields in which a call differs, as a set of bits: most calls differ, and few are shown.
    fn differences(&self, call: &CallRecord) -> u8 {
        let path = call.target.split('?').next().unwrap_or_default();
        let same = |field| match field {
            Field::Operation => self.operation.is_none_or(|asked| asked == call.operation),
            Field::Project => self.project.is_none_or(|asked| call.project == Some(asked)),
            Field::Status => self.status.is_none_or(|asked| asked == call.status),
            Field::ErrorCode => {
                self.error.is_none_or(|asked| call.refusal.map(Code::code) == Some(asked))
            }
            Field::Method => self.method.as_deref().is_none_or(|asked| asked == call.method),
            Field::Path => self.path.as_ref().is_none_or(|asked| asked.matches(path)),
            Field::Image => self.image.is_none_or(|asked| names_image(call, asked)),
            Field::Job => self.job.is_none_or(|asked| call.job.is_some_and(|(id, _)| id == asked)),
        };
        let differing = Field::ALL.into_iter().filter(|field| !same(*field));
        differing.fold(0, |bits, field| bits | 1 << field as u8)
    }
}

impl Journal {
    /// Counts the calls that a question means: by the counters, which are exact for ever, where it asks
    /// only what they know, else by the entries that are left.
    #[must_use]
    pub fn verify(&self, question: &Question) -> Verdict {
        if !question.is_about_counters() {
            return self.look_through(question);
        }
        let totals = self.totals();
        let rows = totals.calls.iter().filter(|(row, _)| question.counts(row));
        let count = rows.map(|(_, count)| count).sum::<u64>();
        let anything = *question == Question::default();
        let count = if anything { count + totals.other } else { count };
        let nearest = if count == 0 { self.look_through(question).nearest } else { Vec::new() };
        Verdict { count, exact: anything || totals.other == 0, nearest }
    }

    fn look_through(&self, question: &Question) -> Verdict {
        let since = question.since.unwrap_or_default();
        let (asked, mut count, mut cut) = (question.asked(), 0, false);
        let mut nearest: Vec<(u8, Numbered)> = Vec::new();
        let complete_from = self.visit(since, |numbered| {
            let Event::Call(call) = &numbered.entry.event else { return };
            let bits = question.differences(call);
            if bits == 0 {
                count += 1;
                return;
            }
            // Only the image is looked for in the body, and it may stand where that was cut off.
            let only_image = bits == 1 << Field::Image as u8;
            cut |= only_image && call.request.start.len() < call.request.length;
            // A call that has nothing of what was asked came near only if one thing was asked.
            if bits.count_ones() < asked.max(2) {
                remember(&mut nearest, bits, numbered);
            }
        });
        // The first entry has the number 1, so a journal that has lost nothing is complete from 0 or 1 on.
        let exact = !cut && complete_from <= since.max(1);
        let misses = nearest.into_iter().map(|(bits, call)| {
            let differs = Field::ALL.into_iter().filter(|field| bits & 1 << *field as u8 != 0);
            Miss { call, differs: differs.collect() }
        });
        let nearest = if count == 0 { misses.collect() } else { Vec::new() };
        Verdict { count, exact, nearest }
    }
}

/// Keeps the calls that differ in the fewest fields, the newest first; of calls of one kind only one.
fn remember(nearest: &mut Vec<(u8, Numbered)>, bits: u8, call: &Numbered) {
    let rank = |bits: u8, number: u64| (bits.count_ones(), std::cmp::Reverse(number));
    let own = rank(bits, call.number);
    let is_last = |(bits, kept): &(u8, Numbered)| rank(*bits, kept.number) < own;
    if nearest.len() == MOST_NEAREST && nearest.last().is_some_and(is_last) {
        return;
    }
    if let Some(place) =
        nearest.iter().position(|(other, kept)| *other == bits && alike(bits, kept, call))
    {
        if nearest[place].1.number > call.number {
            return;
        }
        nearest.remove(place);
    }
    let place = nearest.partition_point(|(bits, kept)| rank(*bits, kept.number) < own);
    nearest.insert(place, (bits, call.clone()));
    nearest.truncate(MOST_NEAREST);
}

/// Whether two calls that differ from a question in these fields look the same to whoever asked it: the
/// target counts only if it is one of them.
fn alike(bits: u8, one: &Numbered, other: &Numbered) -> bool {
    let (Event::Call(one), Event::Call(other)) = (&one.entry.event, &other.entry.event) else {
        return false;
    };
    let by_target = bits & 1 << Field::Path as u8 != 0;
    CallRow::from(&**one) == CallRow::from(&**other)
        && one.method == other.method
        && (!by_target || one.target == other.target)
}
