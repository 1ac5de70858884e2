//! Rules that wait for other rules.

use rustc_hash::FxHashMap;

use super::{Page, RuleBook};
use crate::faults::Trigger;
use crate::scenario::problem::{Misfit, Within, nearest};

impl Page {
    /// The rule that this one waits for.
    pub(super) fn waits_for(&self) -> Option<&str> {
        match &self.rule.when.after.as_ref()?.what {
            Trigger::Rule(id) => Some(id),
            Trigger::Event(_) => None,
        }
    }
}

impl RuleBook {
    /// Holds every rule that waits against the others; some may stand elsewhere.
    pub(super) fn check_waiting(&self, elsewhere: &[String]) -> Result<(), Misfit> {
        let places = self.places();
        (0..self.pages.len()).try_for_each(|place| {
            let awaited = self.pages[place].waits_for();
            let outside = awaited.is_some_and(|id| elsewhere.iter().any(|known| known == id));
            if !outside {
                self.check_reference(place).within(place)?;
            }
            self.check_circle(place, &places).within(place)
        })
    }

    /// The places of all rules by their ids.
    pub(super) fn places(&self) -> FxHashMap<&str, usize> {
        self.pages.iter().enumerate().map(|(place, page)| (&*page.rule.id, place)).collect()
    }

    /// A rule that waits for another one needs that one.
    pub(super) fn check_reference(&self, place: usize) -> Result<(), Misfit> {
        let Some(wanted) = self.pages[place].waits_for() else { return Ok(()) };
        let own = &*self.pages[place].rule.id;
        let problem = if wanted == own {
            "a rule cannot wait for itself".to_owned()
        } else if self.pages.iter().any(|page| *page.rule.id == *wanted) {
            return Ok(());
        } else {
            let others = self.pages.iter().map(|page| &*page.rule.id).filter(|id| *id != own);
            format!("no rule has the id `{wanted}`{}", nearest(wanted, others))
        };
        Err(Misfit::new(problem)).within("rule").within("after").within("when")
    }

    /// Rules that wait for each other in a circle would wait for ever.
    pub(super) fn check_circle(
        &self,
        place: usize,
        places: &FxHashMap<&str, usize>,
    ) -> Result<(), Misfit> {
        let own = &*self.pages[place].rule.id;
        let Some(first) = self.pages[place].waits_for() else { return Ok(()) };
        let mut awaited = first;
        // A way that leads into a circle of others has no end; theirs to tell.
        for _ in &self.pages {
            let waits = places.get(awaited).and_then(|place| self.pages[*place].waits_for());
            let Some(next) = waits else { return Ok(()) };
            if next == own {
                let message = format!(
                    "can never fire: the rule `{first}` that it waits for waits for it in its turn"
                );
                return Err(Misfit::new(message)).within("rule").within("after").within("when");
            }
            awaited = next;
        }
        Ok(())
    }
}
