//! What was found, counted and within a bound told.

use std::collections::{BTreeMap, BTreeSet};

use super::super::audit_form::{Audit, MOST_TOLD, Violation, ViolationCount, ViolationKind};
use super::journal::Verdict;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) jobs: u64,
    pub(super) memberships: u64,
    pub(super) explained: u64,
    pub(super) not_judged: u64,
    counts: BTreeMap<ViolationKind, u64>,
    /// The first of them, in order.
    told: BTreeSet<Violation>,
    remarks: Vec<String>,
}

impl Findings {
    /// Says why not everything was judged, or what else one should know.
    pub(super) fn remark(&mut self, remark: &str) {
        if !self.remarks.iter().any(|one| one == remark) {
            self.remarks.push(remark.to_owned());
        }
    }

    /// Counts what was made of a difference.
    pub(super) fn judge(&mut self, verdict: Verdict, violation: Violation) {
        match verdict {
            Verdict::Explained => self.explained += 1,
            Verdict::NotJudged(why) => {
                self.not_judged += 1;
                self.remark(why);
            }
            Verdict::Violation => {
                *self.counts.entry(violation.kind).or_default() += 1;
                self.told.insert(violation);
                if self.told.len() > MOST_TOLD {
                    self.told.pop_last();
                }
            }
        }
    }

    /// Where nothing at all could be judged of what was to be, nothing was compared: a server whose answers mean
    /// nothing is not one that lost nothing.
    pub(super) fn into_audit(self) -> Audit {
        let nothing = self.jobs == 0 && self.memberships == 0 && self.not_judged > 0;
        let counts = self.counts.into_iter();
        Audit {
            done: !nothing,
            why_not: (!self.remarks.is_empty()).then(|| self.remarks.join("; ")),
            jobs: self.jobs,
            memberships: self.memberships,
            counts: counts.map(|(kind, count)| ViolationCount { kind, count }).collect(),
            explained: self.explained,
            not_judged: self.not_judged,
            ambiguous: 0,
            violations: self.told.into_iter().collect(),
        }
    }
}
