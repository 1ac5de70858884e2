//! The list of rules as it is written and as it is compiled, and every way to change it.

mod export;
mod read;
mod waiting;

use std::sync::Arc;

use serde_json::Value;

use super::problem::{Misfit, Within, nearest};
use super::rule::RuleEntry;
use super::world_names::WorldNames;
use crate::clock::SimTime;
use crate::faults::Rule;
pub use read::{parse, parse_patch, read};

/// The most rules of a plan; a rule that no index helps costs every event at its point some nanoseconds.
pub const MOST_RULES: usize = 10_000;

/// All rules, in the order in which they are asked. A change is made whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    pages: Vec<Arc<Page>>,
}

#[derive(Clone, Debug)]
struct Page {
    entry: RuleEntry,
    rule: Arc<Rule>,
}

/// What a change needs to know of the running simulation.
pub struct Writing<'a> {
    /// The names that rules may use.
    pub names: &'a WorldNames<'a>,
    /// When it happens.
    pub now: SimTime,
}

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookError {
    /// There is no such rule.
    Unknown(String),
    /// The rule is wrong: the place within it, and what is wrong.
    Wrong {
        /// The place, for example `match.image`; empty for the whole rule.
        at: String,
        /// What was found, and what would be right.
        message: String,
    },
    /// It makes sense by itself, but not with the other rules.
    Conflict(String),
}

impl From<Misfit> for BookError {
    fn from(misfit: Misfit) -> Self {
        Self::Wrong { at: misfit.path_text(), message: misfit.message }
    }
}

/// Where a new rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position<'a> {
    /// Behind all others.
    Last,
    /// Before all others.
    First,
    /// Before this one.
    Before(&'a str),
}

impl RuleBook {
    /// The rules of a file's `faults` section, or of a step, which may wait for rules that stand
    /// `elsewhere` in the file.
    pub(super) fn of_file(
        entries: &[RuleEntry],
        names: &WorldNames<'_>,
        start: SimTime,
        elsewhere: &[String],
    ) -> Result<Self, Misfit> {
        let writing = Writing { names, now: start };
        let mut book = Self::default();
        for (index, entry) in entries.iter().enumerate() {
            let page = Page::write(entry.clone(), &writing).within(index)?;
            book.pages.push(Arc::new(page));
            book.check(index).within(index)?;
        }
        book.check_waiting(elsewhere)?;
        Ok(book)
    }

    /// The compiled rules, in their order.
    #[must_use]
    pub fn rules(&self) -> Vec<Arc<Rule>> {
        self.pages.iter().map(|page| Arc::clone(&page.rule)).collect()
    }

    /// The rules as they were written, each with its id.
    pub fn entries(&self) -> impl Iterator<Item = (&RuleEntry, &Arc<Rule>)> {
        self.pages.iter().map(|page| (&page.entry, &page.rule))
    }

    /// Adds a rule and says its id.
    ///
    /// # Errors
    /// If the rule is wrong, shadowed, or would shadow another.
    pub fn add(
        &mut self,
        entry: RuleEntry,
        position: Position<'_>,
        writing: &Writing<'_>,
    ) -> Result<String, BookError> {
        let mut roomy = self.clone();
        roomy.make_room(writing.now);
        let place = match position {
            Position::Last => roomy.pages.len(),
            Position::First => 0,
            Position::Before(id) => roomy.place(id)?,
        };
        let page = Page::write(entry, writing)?;
        let id = page.rule.id.to_string();
        roomy.change(|pages| pages.insert(place, Arc::new(page)), place)?;
        *self = roomy;
        Ok(id)
    }

    /// Puts another rule in the place of one; it counts from the beginning.
    ///
    /// # Errors
    /// As [`RuleBook::add`], or if there is no such rule.
    pub fn replace(
        &mut self,
        id: &str,
        mut entry: RuleEntry,
        writing: &Writing<'_>,
    ) -> Result<String, BookError> {
        let place = self.place(id)?;
        entry.id.get_or_insert_with(|| id.to_owned());
        let page = Page::write(entry, writing)?;
        let id = page.rule.id.to_string();
        self.change(|pages| pages[place] = Arc::new(page), place)?;
        Ok(id)
    }

    /// Changes parts of a rule: a merge patch in the sense of RFC 7396, where null takes a part out. The
    /// rule goes on counting if `at`, `match`, `when` and `effect` stay the same, else it begins anew.
    ///
    /// # Errors
    /// As [`RuleBook::replace`].
    pub fn patch(
        &mut self,
        id: &str,
        patch: &Value,
        writing: &Writing<'_>,
    ) -> Result<String, BookError> {
        let place = self.place(id)?;
        let old = &self.pages[place];
        let mut document = serde_json::to_value(&old.entry).unwrap_or_default();
        if !patch.is_object() {
            return Err(Misfit::new("a patch is a JSON object").into());
        }
        json_patch::merge(&mut document, patch);
        let mut entry: RuleEntry = read(&document)?;
        entry.id.get_or_insert_with(|| id.to_owned());
        let page = if entry.means(&old.entry) {
            old.with_rest_of(entry, writing)?
        } else {
            Page::write(entry, writing)?
        };
        let id = page.rule.id.to_string();
        self.change(|pages| pages[place] = Arc::new(page), place)?;
        Ok(id)
    }

    /// Takes a rule out.
    ///
    /// # Errors
    /// If there is no such rule, or another one waits for it.
    pub fn remove(&mut self, id: &str) -> Result<(), BookError> {
        let place = self.place(id)?;
        let waiting =
            self.pages.iter().find(|page| page.waits_for() == Some(id) && *page.rule.id != *id);
        if let Some(waiting) = waiting {
            let message =
                format!("the rule `{}` waits for this one; take it out first", waiting.rule.id);
            return Err(BookError::Conflict(message));
        }
        self.pages.remove(place);
        Ok(())
    }

    /// Takes all rules out and says how many there were.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.pages).len()
    }

    /// The rule with this id, as it was written and as it counts.
    ///
    /// # Errors
    /// If there is no such rule.
    pub fn get(&self, id: &str) -> Result<(&RuleEntry, &Arc<Rule>), BookError> {
        let page = &self.pages[self.place(id)?];
        Ok((&page.entry, &page.rule))
    }

    fn place(&self, id: &str) -> Result<usize, BookError> {
        let found = self.pages.iter().position(|page| *page.rule.id == *id);
        found.ok_or_else(|| {
            let near = nearest(id, self.pages.iter().map(|page| &*page.rule.id));
            BookError::Unknown(format!("no rule has the id `{id}`{near}"))
        })
    }

    /// Tries a change on a copy, and keeps it if the whole list makes sense.
    fn change(
        &mut self,
        change: impl FnOnce(&mut Vec<Arc<Page>>),
        place: usize,
    ) -> Result<(), BookError> {
        let mut changed = self.clone();
        change(&mut changed.pages);
        let conflict = |misfit: Misfit| BookError::Conflict(misfit.message);
        changed.check(place).map_err(conflict)?;
        changed.check_later(place).map_err(conflict)?;
        changed.check_reference(place)?;
        changed.check_circle(place, &changed.places()).map_err(conflict)?;
        for index in 0..changed.pages.len() {
            changed.check_reference(index).map_err(|misfit| {
                let waiting = &changed.pages[index].rule.id;
                BookError::Conflict(format!(
                    "the rule `{waiting}` waits for it: {}",
                    misfit.message
                ))
            })?;
        }
        *self = changed;
        Ok(())
    }

    /// In a full book a new rule takes the place of one whose time to live is over and that no other
    /// waits for.
    fn make_room(&mut self, now: SimTime) {
        if self.pages.len() < MOST_RULES {
            return;
        }
        let awaited = |id: &str| self.pages.iter().any(|page| page.waits_for() == Some(id));
        let over = |page: &Arc<Page>| page.rule.has_expired(now) && !awaited(&page.rule.id);
        if let Some(place) = self.pages.iter().position(over) {
            self.pages.remove(place);
        }
    }

    /// Holds the rule at a place against those before it, and its id against all.
    fn check(&self, place: usize) -> Result<(), Misfit> {
        if self.pages.len() > MOST_RULES {
            return Err(Misfit::new(format!("a plan has at most {MOST_RULES} rules")));
        }
        let rule = &self.pages[place].rule;
        let others = self.pages.iter().enumerate().filter(|(other, _)| *other != place);
        if others.clone().any(|(_, other)| other.rule.id == rule.id) {
            let message = format!("another rule has the id `{}`; give this one its own", rule.id);
            return Err(Misfit::new(message));
        }
        let shadow = self.pages[..place].iter().find(|earlier| earlier.rule.shadows(rule));
        shadow.map_or(Ok(()), |earlier| {
            let message = format!(
                "can never fire: the earlier rule `{}` always does, on everything that this one \
                 matches; put this one before it, or narrow the other",
                earlier.rule.id
            );
            Err(Misfit::new(message))
        })
    }

    /// Holds the rules behind a place against the one there.
    fn check_later(&self, place: usize) -> Result<(), Misfit> {
        let rule = &self.pages[place].rule;
        let shadowed = self.pages[place + 1..].iter().find(|later| rule.shadows(&later.rule));
        shadowed.map_or(Ok(()), |later| {
            let message = format!(
                "would keep the later rule `{}` from ever firing; put this one behind it, or narrow it",
                later.rule.id
            );
            Err(Misfit::new(message))
        })
    }
}

impl Page {
    fn write(entry: RuleEntry, writing: &Writing<'_>) -> Result<Self, Misfit> {
        let rule = entry.compile(writing.names, writing.now)?;
        Ok(Self { entry, rule: Arc::new(rule) })
    }

    /// The same rule with other words beside its meaning; it goes on counting, and spans of time go on to
    /// run from when they were written.
    fn with_rest_of(&self, entry: RuleEntry, writing: &Writing<'_>) -> Result<Self, Misfit> {
        let expires = if entry.ttl == self.entry.ttl {
            self.rule.expires
        } else {
            entry.ttl.map(|ttl| writing.now + ttl.0)
        };
        let rule = entry.compile_like(&self.rule, expires, writing.names)?;
        Ok(Self { entry, rule: Arc::new(rule) })
    }
}

#[cfg(test)]
mod tests;
