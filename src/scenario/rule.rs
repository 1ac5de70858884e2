//! A rule as it is written, in a file's `faults` section and in the admin API alike.

mod answer_entry;
mod contradiction;
mod effect_entry;
mod effect_parts;
mod effect_schema;
mod image_match_entry;
pub(super) mod match_entry;
mod when_entry;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use answer_entry::AnswerEntry;
pub use effect_entry::EffectEntry;
pub use effect_parts::{
    BandwidthEntry, CodeEntry, CrashEntry, DribbleEntry, Nothing, RateLimitEntry, StaleEntry,
    StickEntry, TruncateEntry,
};
pub use image_match_entry::ImageMatchEntry;
pub use match_entry::MatchEntry;
pub(in crate::scenario) use match_entry::happens_at;
pub use when_entry::WhenEntry;

use super::problem::{Misfit, Within};
use super::span::Span;
use super::world_names::WorldNames;
use crate::clock::SimTime;
use crate::faults::{Point, Rule};
use crate::seed;

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// A name for reports; a hash of what the rule says if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = LONGEST_ID), regex(pattern = r"^([A-Za-z0-9_.-]|\$\{[^}]*\})*$"))]
    pub id: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Where the rule is asked.
    pub at: Point,
    /// Which events it is about; all if left out.
    #[serde(default, rename = "match", skip_serializing_if = "is_default")]
    pub matches: MatchEntry,
    /// How often and at which times it fires; always if left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub when: WhenEntry,
    /// What it does.
    pub effect: EffectEntry,
    /// Whether a run in which it never fires counts as failed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub must_fire: bool,
    /// Whether it can fire at all.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// How long after it was written it stops to fire; never if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Span>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_yes(value: &bool) -> bool {
    *value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The longest id of a rule: it is repeated in every answer that the rule touches.
pub const LONGEST_ID: usize = 100;

/// No rule has this id: in the paths of the admin API it stands where the id of a rule would.
const EXPORT: &str = "export";

impl RuleEntry {
    /// Makes the rule that is written, at the time at which it is written.
    pub(super) fn compile(&self, names: &WorldNames<'_>, now: SimTime) -> Result<Rule, Misfit> {
        self.check_point()?;
        let matches = self.matches.compile(self.at, names).within("match")?;
        let when = self.when.compile(self.at, now).within("when")?;
        let effect = self.effect.compile(self.at).within("effect")?;
        let id = self.checked_id(names)?;
        let mut rule = Rule::new(&id, self.at, matches, when, effect);
        rule.expires = self.ttl.map(|ttl| now + ttl.0);
        contradiction::of_meaning(&rule, now)?;
        self.finish(rule)
    }

    /// Makes a rule of another one that means the same, whatever has become of the things that it names
    /// and of its times. It goes on counting, and its time to live is over at `expires`.
    pub(super) fn compile_like(
        &self,
        same: &Rule,
        expires: Option<SimTime>,
        names: &WorldNames<'_>,
    ) -> Result<Rule, Misfit> {
        let (matches, when, effect) =
            (same.matches.clone(), same.when.clone(), same.effect.clone());
        let mut rule = Rule::new(&self.checked_id(names)?, self.at, matches, when, effect);
        rule.expires = expires;
        rule.state = Arc::clone(&same.state);
        self.finish(rule)
    }

    fn finish(&self, mut rule: Rule) -> Result<Rule, Misfit> {
        rule.must_fire = self.must_fire;
        rule.enabled = self.enabled;
        contradiction::of_the_rest(self, &rule)?;
        Ok(rule)
    }

    /// Whether two rules say the same of what they are about and do.
    pub(super) fn means(&self, other: &Self) -> bool {
        let meaning = |entry: &Self| {
            (entry.at, entry.matches.clone(), entry.when.clone(), entry.effect.clone())
        };
        meaning(self) == meaning(other)
    }

    fn check_point(&self) -> Result<(), Misfit> {
        let kind = self.effect.kind();
        if kind.points().contains(&self.at) {
            return Ok(());
        }
        let points: Vec<&str> = kind.points().iter().map(|point| point.name()).collect();
        let message = format!(
            "`{}` cannot happen at `{}`, only at {}",
            kind.name(),
            self.at,
            super::problem::one_of(&points)
        );
        Err(Misfit::new(message)).within("effect")
    }

    fn checked_id(&self, names: &WorldNames<'_>) -> Result<String, Misfit> {
        let Some(id) = &self.id else { return Ok(self.content_id(names)) };
        // The id stands in a response header and in the paths of the admin API.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(allowed) {
            let message = format!(
                "an id has 1 to {LONGEST_ID} letters, digits, `-`, `_` or `.`, since it stands in \
                 headers and paths"
            );
            return Err(Misfit::new(message)).within("id");
        }
        if id.bytes().all(|byte| byte == b'.') {
            let message =
                "an id of dots alone stands in no path, since clients take them for folders";
            return Err(Misfit::new(message)).within("id");
        }
        if id == EXPORT {
            let message = format!("`{EXPORT}` is a word of the admin API; call the rule otherwise");
            return Err(Misfit::new(message)).within("id");
        }
        Ok(id.clone())
    }

    /// A name made of what a rule says, so that it changes neither when other rules come or go, nor with
    /// the way in which the same thing is written. What a rule leaves out adds nothing.
    fn content_id(&self, names: &WorldNames<'_>) -> String {
        let said = Self {
            id: None,
            about: None,
            must_fire: false,
            enabled: true,
            ttl: None,
            matches: self.matches.with_ids(names),
            ..self.clone()
        };
        let said = serde_json::to_string(&said).unwrap_or_default();
        format!("rule-{:016x}", seed::hash_of(said.as_str()) >> 64)
    }
}
