//! The fault plan: a list of rules, asked at the points where something may go wrong.
//!
//! Every rule is asked and counted on every event at its point, so that no rule changes another's counts.
//! Delays add up; of all other effects the first in the list wins and the rest are superseded. Chance is
//! keyed by the rule and by what the event is about, never streamed, and counts are exact under
//! concurrency. A rule tells how often it was considered, matched and fired, and what held it.

mod bucket;
mod counts;
mod effect;
mod event;
mod events;
mod live;
pub mod matches;
mod plan;
mod point;
mod rule;
mod standing;
mod when;

pub use bucket::{MOST_BUCKETS, Rate, RateBy};
pub use counts::Counts;
pub use effect::{Answer, AnswerContent, Effect, EffectKind, Stuck};
pub use event::{Details, Entity, FaultEvent, NoDetails};
pub use live::CurrentPlan;
pub use matches::{HeaderTest, ImageTest, Match, OperationSet};
pub use plan::{Considered, Plan, Verdict};
pub use point::{Matcher, Point, Scope};
pub use rule::{Rule, RuleState};
pub use standing::RuleStanding;
pub use when::{After, Hold, MOST_SCOPES, Trigger, When};

#[cfg(test)]
mod tests;
