//! Why a rule did not fire, in words that a program and sentences that a person can act on.

use serde::Serialize;

use crate::api::time;
use crate::clock::SimTime;
use crate::faults::{Considered, Hold, MOST_SCOPES, Matcher, Rule, Scope, Trigger};

/// One reason, and how often it was the one.
#[derive(Serialize)]
pub(super) struct WhyNot {
    reason: String,
    times: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

impl WhyNot {
    /// Leaves the words only, for lists.
    pub(super) fn leave_out_sentence(&mut self) {
        self.says = None;
    }
}

/// Every reason that there was: what did not match, in the order in which it is looked at, then what held
/// what did.
pub(super) fn reasons(rule: &Rule, considered: &Considered) -> Vec<WhyNot> {
    let mut reasons = Vec::new();
    for (matcher, times) in &considered.mismatches {
        let says = mismatch(rule, *matcher, *times);
        let reason = format!("match.{}", matcher.name());
        reasons.push(WhyNot { reason, times: *times, says: Some(says) });
    }
    let counts = &rule.state.counts;
    for hold in Hold::ALL {
        let times = counts.held(hold);
        if times > 0 {
            let reason = hold.name().to_owned();
            reasons.push(WhyNot { reason, times, says: Some(held(rule, hold, times)) });
        }
    }
    if considered.times == 0 {
        let says = format!("nothing has come to its point `{}` since it was written", rule.point);
        reasons.push(WhyNot { reason: "nothing_came".to_owned(), times: 0, says: Some(says) });
    }
    reasons
}

fn mismatch(rule: &Rule, matcher: Matcher, times: u64) -> String {
    let (point, name) = (rule.point, matcher.name());
    let came = counted(times, "event");
    format!("{came} at `{point}` had another `{name}` than `match` asks for")
}

/// What held the matches, and what could be done about it.
fn held(rule: &Rule, hold: Hold, times: u64) -> String {
    let (when, it_matched) = (&rule.when, format!("it matched {}", counted(times, "time")));
    match hold {
        Hold::Disabled => {
            format!(r#"{it_matched} while it was switched off; PATCH it with {{"enabled": true}}"#)
        }
        Hold::Expired => {
            format!("{it_matched} after its `ttl` was over; PATCH it with a new `ttl`, or null")
        }
        Hold::TooEarly => format!("{it_matched} before `from`, {}", moment(when.from)),
        Hold::TooLate => format!("{it_matched} after `until`, {}", moment(when.until)),
        Hold::Waiting => format!("{it_matched} before what `after` waits for, {}", awaited(rule)),
        Hold::NotNth => {
            let nth = when.nth.unwrap_or_default();
            format!("{it_matched}{} without being match number {nth}, which `nth` wants", per(rule))
        }
        Hold::NotEvery => {
            let every = when.every.unwrap_or_default();
            format!("{it_matched}{} between those that `every`, {every}, picks", per(rule))
        }
        Hold::OutOfRange => {
            let (first, last) = when.range.unwrap_or_default();
            format!("{it_matched}{} outside of `range`, {first} to {last}", per(rule))
        }
        Hold::Chance => format!(
            "{it_matched} and the draw said no, with a `probability` of {}; what the draw says of \
             one thing is the same in every run with this seed",
            when.probability.unwrap_or_default()
        ),
        Hold::WithinRate => format!("{it_matched} within the rate that `rate_limit` allows"),
        Hold::Spent => format!("{it_matched} more after it had fired {}", enough(rule)),
        Hold::TooManyScopes => format!(
            "{it_matched} for more things than the {MOST_SCOPES} that it can count apart; match \
             fewer, or count for all together"
        ),
        Hold::TooFewPairs => format!(
            "{it_matched} with fewer pairs to settle than `after_pairs` says, and so the worker did \
             not die"
        ),
        Hold::Superseded => format!(
            "{it_matched}, and the effect of an earlier rule came first; to let this one win, add \
             it again before that one"
        ),
    }
}

fn counted(times: u64, what: &str) -> String {
    if times == 1 { format!("1 {what}") } else { format!("{times} {what}s") }
}

fn moment(at: Option<SimTime>) -> String {
    at.map(|at| time::with_millis(at.as_millis())).unwrap_or_default()
}

fn per(rule: &Rule) -> String {
    match rule.when.per {
        Scope::Rule => String::new(),
        other => format!(", counted for each {},", other.name()),
    }
}

fn awaited(rule: &Rule) -> String {
    let Some(after) = &rule.when.after else { return String::new() };
    let times = counted(after.times, "time");
    match &after.what {
        Trigger::Event(event) => format!("an entry `{event}` in the journal, {times}"),
        Trigger::Rule(id) => format!("that the rule `{id}` fires, {times}"),
    }
}

fn enough(rule: &Rule) -> String {
    let when = &rule.when;
    let first = when.first.map(|first| {
        format!("{} as `first` allows{}", counted(first, "time"), per(rule).trim_end_matches(','))
    });
    let most = when.at_most.map(|most| format!("{} as `at_most` allows", counted(most, "time")));
    let both = first.into_iter().chain(most);
    both.collect::<Vec<_>>().join(", or ")
}
