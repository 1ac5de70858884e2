//! The `faults` section: rules, in the order in which they are asked.

use serde::Deserialize;

use super::names::Names;
use super::problem::{Misfit, Within, nearest};
use crate::api::Operation;
use crate::faults::{Counts, Effect, Match, Rule};
use crate::seed;

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// A name for reports; a hash of the rule's content if left out.
    pub id: Option<String>,
    /// Where the rule is asked.
    pub at: PointEntry,
    /// Which events it is about; all if left out.
    #[serde(default, rename = "match")]
    pub matches: MatchEntry,
    /// How often it fires; always if left out.
    #[serde(default)]
    pub when: WhenEntry,
    /// What it does.
    pub effect: EffectEntry,
}

/// Where a rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointEntry {
    /// When an image worker starts, a restart included.
    Image,
}

/// Which events a rule is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchEntry {
    /// An image, by name or id.
    pub image: Option<String>,
    /// A batch operation, by name.
    pub operation: Option<String>,
}

/// How often a rule fires.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhenEntry {
    /// Only the first so many times that it matches.
    pub first: Option<u64>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectEntry {
    /// The worker dies: `{"crash": {"after_pairs": 1}}`.
    Crash(CrashEntry),
}

/// When a worker dies.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrashEntry {
    /// How many pairs it settles before.
    #[serde(default)]
    pub after_pairs: u32,
}

const BATCH_OPERATIONS: [Operation; 3] =
    [Operation::AddMembers, Operation::DeleteMembers, Operation::UpdateMembers];

impl RuleEntry {
    pub(super) fn compile(&self, names: &Names) -> Result<Rule, Misfit> {
        let matches = self.matches.compile(names).within("match")?;
        if self.when.first == Some(0) {
            let message = "0 would never fire; leave the rule out, or say 1 or more";
            return Err(Misfit::new(message)).within("first").within("when");
        }
        let EffectEntry::Crash(crash) = self.effect;
        let effect = Effect::Crash { after_pairs: crash.after_pairs };
        let first = self.when.first;
        let id = match &self.id {
            Some(id) if id.is_empty() => {
                return Err(Misfit::new("a rule's id cannot be empty")).within("id");
            }
            Some(id) => id.as_str().into(),
            None => content_id(&matches, first, effect).into(),
        };
        Ok(Rule { id, matches, first, effect, counts: Counts::default() })
    }
}

/// A name made of what a rule does, so that it changes neither when other rules come or go, nor with the
/// way in which the same thing is written. What a rule leaves out adds nothing, so that rules keep their
/// names when there is more that could be said.
fn content_id(matches: &Match, first: Option<u64>, effect: Effect) -> String {
    let Effect::Crash { after_pairs } = effect;
    let mut said = format!("image crash {after_pairs}");
    if let Some(operation) = matches.operation {
        said.push_str(&format!(" operation {}", operation.name()));
    }
    if let Some(image) = matches.image {
        said.push_str(&format!(" image {image}"));
    }
    if let Some(first) = first {
        said.push_str(&format!(" first {first}"));
    }
    format!("rule-{:016x}", seed::hash_of(said.as_str()) >> 64)
}

impl MatchEntry {
    fn compile(&self, names: &Names) -> Result<Match, Misfit> {
        let image = self.image.as_deref().map(|name| names.image(name).within("image"));
        let operation = self.operation.as_deref().map(|name| operation(name).within("operation"));
        Ok(Match { image: image.transpose()?, operation: operation.transpose()? })
    }
}

fn operation(name: &str) -> Result<Operation, Misfit> {
    let found = BATCH_OPERATIONS.into_iter().find(|operation| operation.name() == name);
    found.ok_or_else(|| {
        let valid = BATCH_OPERATIONS.map(Operation::name);
        let near = nearest(name, valid.into_iter());
        Misfit::new(format!("`{name}` is no batch operation ({}){near}", valid.join(", ")))
    })
}
