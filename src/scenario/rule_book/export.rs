//! The whole list taken elsewhere: back to its beginning, or into a file.

use std::sync::Arc;

use super::super::rule::RuleEntry;
use super::{Page, RuleBook};
use crate::clock::SimTime;
use crate::faults::Rule;

impl RuleBook {
    /// The same rules as if they were written now: nothing was counted, and spans of time run from now.
    ///
    /// Names are not resolved anew, and times that have passed are no mistake any more.
    #[must_use]
    pub fn begun_anew(&self, now: SimTime) -> Self {
        let anew = |page: &Arc<Page>| Arc::new(page.begun_anew(now));
        Self { pages: self.pages.iter().map(anew).collect() }
    }

    /// The rules as a file can have them in its `faults` section: as they were written, each with its id,
    /// so that spans of time run from the start of the run that reads them.
    ///
    /// What its time to live or `until` has ended at `now` would begin to live again, so it is left out,
    /// unless another rule waits for it.
    #[must_use]
    pub fn export(&self, now: SimTime) -> Vec<RuleEntry> {
        let over = |rule: &Rule| {
            rule.has_expired(now) || rule.when.until.is_some_and(|until| until <= now)
        };
        let mut kept: Vec<bool> = self.pages.iter().map(|page| !over(&page.rule)).collect();
        // A rule that stays because another waits for it may wait itself.
        let waits = |kept: &[bool], place: usize| {
            let page = &self.pages[place];
            if kept[place] { page.waits_for() } else { None }
        };
        let mut wanted: Vec<&str> =
            (0..kept.len()).filter_map(|place| waits(&kept, place)).collect();
        while let Some(id) = wanted.pop() {
            if let Ok(place) = self.place(id)
                && !kept[place]
            {
                kept[place] = true;
                wanted.extend(waits(&kept, place));
            }
        }
        let kept = self.pages.iter().zip(kept).filter(|(_, kept)| *kept);
        let with_id =
            |page: &Page| RuleEntry { id: Some(page.rule.id.to_string()), ..page.entry.clone() };
        kept.map(|(page, _)| with_id(page)).collect()
    }
}

impl Page {
    fn begun_anew(&self, now: SimTime) -> Self {
        let (old, entry) = (&self.rule, self.entry.clone());
        let mut when = old.when.clone();
        when.from = entry.when.from.map(|instant| instant.from(now));
        when.until = entry.when.until.map(|instant| instant.from(now));
        let (matches, effect) = (old.matches.clone(), old.effect.clone());
        let mut rule = Rule::new(&old.id, old.point, matches, when, effect);
        rule.must_fire = old.must_fire;
        rule.enabled = old.enabled;
        rule.expires = entry.ttl.map(|ttl| now + ttl.0);
        Self { entry, rule: Arc::new(rule) }
    }
}
