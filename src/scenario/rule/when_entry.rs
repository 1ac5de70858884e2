//! A rule's `when`: how often and at which times it fires.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::SimTime;
use crate::faults::{After, Point, Scope, Trigger, When};
use crate::journal::EventKind;
use crate::scenario::problem::{Misfit, Within, nearest, one_of};
use crate::scenario::schema_words;
use crate::scenario::span::Instant;

/// How often and at which times a rule fires; what is left out sets no condition.
///
/// `nth`, `every` and `range` count what matched, `first` and `at_most` what fired; all but `at_most` count
/// for each thing that `per` names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WhenEntry {
    /// Only so many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub first: Option<u64>,
    /// Only so many times in all, whatever `per` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub at_most: Option<u64>,
    /// Only the n-th match, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub nth: Option<u64>,
    /// Only every n-th match.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub every: Option<u64>,
    /// Only these matches, from 1: the first and the last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(u64, u64)>,
    /// Only this part of the entities, from 0 to 1; always the same ones for one seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub probability: Option<f64>,
    /// Only from this time on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// Only before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Only once something has happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<AfterEntry>,
    /// What is counted for itself: `rule`, `image`, `project`, `member`, `job` or `client`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<Scope>,
}

/// What must have happened: an entry of the journal, or another rule that fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterEntry {
    /// The name of a journal entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema_words::JournalEntry>")]
    pub event: Option<String>,
    /// The id of a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How often; once if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub times: Option<u64>,
}

impl WhenEntry {
    pub(super) fn compile(&self, at: Point, now: SimTime) -> Result<When, Misfit> {
        for (key, value) in [
            ("first", self.first),
            ("at_most", self.at_most),
            ("nth", self.nth),
            ("every", self.every),
        ] {
            if value == Some(0) {
                let message = "0 would never fire; leave the rule out, or say 1 or more";
                return Err(Misfit::new(message)).within(key);
            }
        }
        let per = self.per.unwrap_or_default();
        scope_known_at(per, at).within("per")?;
        if self.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            let message = "a probability lies from 0, never, to 1, always";
            return Err(Misfit::new(message)).within("probability");
        }
        if let Some((first, last)) = self.range
            && (first == 0 || last < first)
        {
            let message = format!("[{first}, {last}] holds no match; they are counted from 1");
            return Err(Misfit::new(message)).within("range");
        }
        Ok(When {
            first: self.first,
            at_most: self.at_most,
            nth: self.nth,
            every: self.every,
            range: self.range,
            probability: self.probability,
            from: self.from.map(|instant| instant.from(now)),
            until: self.until.map(|instant| instant.from(now)),
            after: self.after.as_ref().map(AfterEntry::compile).transpose().within("after")?,
            per,
        })
    }
}

fn scope_known_at(per: Scope, at: Point) -> Result<(), Misfit> {
    if at.scopes().contains(&per) {
        return Ok(());
    }
    let known: Vec<&str> = at.scopes().iter().map(|scope| scope.name()).collect();
    let message = format!(
        "`{}` is not known at `{at}`; a rule there can count per {}",
        per.name(),
        one_of(&known)
    );
    Err(Misfit::new(message))
}

impl AfterEntry {
    fn compile(&self) -> Result<After, Misfit> {
        let times = self.times.unwrap_or(1);
        if times == 0 {
            let message = "0 times is no condition; leave `after` out, or say 1 or more";
            return Err(Misfit::new(message)).within("times");
        }
        let what = match (&self.event, &self.rule) {
            (Some(event), None) => Trigger::Event(known_event(event).within("event")?.into()),
            (None, Some(rule)) => Trigger::Rule(rule.as_str().into()),
            (None, None) | (Some(_), Some(_)) => {
                return Err(Misfit::new("give either `event` or `rule`"));
            }
        };
        Ok(After { what, times })
    }
}

fn known_event(name: &str) -> Result<&str, Misfit> {
    let known = EventKind::ALL.map(EventKind::name);
    if known.contains(&name) {
        return Ok(name);
    }
    let near = nearest(name, known.into_iter());
    Err(Misfit::new(format!("`{name}` is no entry of the journal ({}){near}", known.join(", "))))
}
