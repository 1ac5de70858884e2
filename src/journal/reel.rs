//! What a recording is made of: calls and changes by hand in the order in which they arrived, each at the
//! simulated time at which a replay has to make it to see what it saw.
//!
//! Entries must be heard in the order of their numbers, as they are recorded or later.

use std::collections::VecDeque;
use std::sync::Arc;

use super::entry::{AdminRequest, CallRecord, Event};
use super::{Journal, Numbered};
use crate::clock::{SimDuration, SimTime};
use crate::seed::Subject;

/// Calls and changes by hand.
#[derive(Clone, Debug, Default)]
pub struct Reel {
    happenings: Vec<Happening>,
    /// The latest work, by its numbers: calls that were answered later may have begun before it.
    work: VecDeque<(u64, SimTime)>,
    bytes: usize,
}

/// A call or a change by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Its place among all others: the number of the journal's next entry when it arrived, and its own.
    pub order: (u64, u64),
    /// When it must arrive in a replay to see the same.
    pub at: SimTime,
    /// When its answer was made.
    pub answered: SimTime,
    /// What happened.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A request of the service was answered.
    Call(Arc<CallRecord>),
    /// Something was changed through the admin API.
    Change(&'static str, Arc<AdminRequest>),
}

/// How many calls are looked back at when work is heard of that some of them may not have seen, and how
/// much work when a call is. Work comes late by a few milliseconds of real time, in which no more happens.
const LOOK_BACK: usize = 1_024;

impl Reel {
    /// Hears of an entry of the journal.
    pub(super) fn hear(&mut self, number: u64, at: SimTime, subject: Subject, event: &Event) {
        match event {
            Event::Call(call) => self.hear_call(number, at, Arc::clone(call)),
            Event::Admin { action, asked: Some(asked), .. } => {
                let what = Happened::Change(action, Arc::clone(asked));
                self.bytes += event.body_bytes();
                let order = (number, number);
                self.happenings.push(Happening { order, at, answered: at, what });
            }
            // Rules that fire on calls, and all that a job does.
            _ if subject.job().is_some() => self.hear_work(number, at, event),
            _ => {}
        }
    }

    fn hear_call(&mut self, number: u64, answered: SimTime, call: Arc<CallRecord>) {
        self.bytes += Event::Call(Arc::clone(&call)).body_bytes();
        let order = (call.asked.arrived, number);
        let unseen = self.work.iter().rev().take_while(|(work, _)| *work >= call.asked.saw);
        let first = unseen.map(|(_, due)| before(*due)).min();
        let first = first.filter(|_| sees_work(&call));
        let at = first.map_or(call.asked.at, |first| call.asked.at.min(first));
        self.happenings.push(Happening { order, at, answered, what: Happened::Call(call) });
    }

    /// Work is carried out at the time for which it was due, which a live server may notice a little later.
    /// Whoever asked in between saw the time before; in a replay he must ask before.
    fn hear_work(&mut self, number: u64, at: SimTime, event: &Event) {
        if matches!(event, Event::JobAccepted { .. }) {
            return;
        }
        if self.work.len() >= LOOK_BACK {
            self.work.pop_front();
        }
        self.work.push_back((number, at));
        let latest = self.happenings.iter_mut().rev().take(LOOK_BACK);
        for happening in latest.take_while(|happening| happening.answered >= at) {
            if let Happened::Call(call) = &happening.what
                && call.asked.saw <= number
                && sees_work(call)
            {
                happening.at = happening.at.min(before(at));
            }
        }
    }

    /// Everything in its order.
    ///
    /// A query that must ask before some work, although a submission that arrived earlier became a job at
    /// the very time of that work, goes before the submission: what it sees does not depend on it.
    #[must_use]
    pub fn into_happenings(mut self) -> Vec<Happening> {
        self.happenings.sort_by_key(|happening| happening.order);
        for place in 1..self.happenings.len() {
            let passed = {
                let (earlier, later) = self.happenings.split_at(place);
                let earlier = earlier.iter().rev().take(LOOK_BACK);
                earlier.take_while(|one| later[0].may_pass(one)).count()
            };
            self.happenings[place - passed..=place].rotate_right(1);
        }
        self.happenings
    }

    /// How many calls and changes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.happenings.len()
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.happenings.is_empty()
    }

    /// How many bytes it keeps of what clients decide the length of.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Happening {
    /// Whether it sees the same before something that arrived earlier, and must come before it.
    fn may_pass(&self, earlier: &Self) -> bool {
        let (Happened::Call(own), Happened::Call(other)) = (&self.what, &earlier.what) else {
            return false;
        };
        let job = |call: &CallRecord| call.job.map(|(id, _)| id);
        let submits = other.operation.job_type().is_some();
        let its_job = submits && job(other).is_some() && job(own) == job(other);
        self.at < earlier.at && sees_work(own) && !its_job
    }
}

/// Whether a call looks at what jobs bring about, at the time at which it arrives.
fn sees_work(call: &CallRecord) -> bool {
    call.operation.reads() && !call.asked.waited
}

/// The last moment before a time.
const fn before(at: SimTime) -> SimTime {
    at.before(SimDuration::from_millis(1))
}

impl Journal {
    /// What the journal still has of what a recording is made of.
    #[must_use]
    pub fn reel(&self) -> Reel {
        let mut entries: Vec<Numbered> = Vec::new();
        self.visit(0, |numbered| {
            if matters(numbered) {
                entries.push(numbered.clone());
            }
        });
        entries.sort_unstable_by_key(|numbered| numbered.number);
        let mut reel = Reel::default();
        for Numbered { number, entry } in &entries {
            reel.hear(*number, entry.at, entry.subject, &entry.event);
        }
        reel
    }
}

fn matters(numbered: &Numbered) -> bool {
    let call_or_change = matches!(numbered.entry.event, Event::Call(_) | Event::Admin { .. });
    call_or_change || numbered.entry.subject.job().is_some()
}

#[cfg(test)]
mod tests;
