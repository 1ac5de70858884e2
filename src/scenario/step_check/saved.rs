//! What earlier steps save: jobs, and values of answers.

use rustc_hash::FxHashMap;

use crate::scenario::problem::{Misfit, nearest};

/// The step that saves something, told from others by its address: a repeated step may save again what it
/// saved in the last round.
pub(super) type Saver = usize;

/// The names that can be said.
#[derive(Default)]
pub(super) struct Saved {
    savers: FxHashMap<String, Saver>,
    order: Vec<String>,
}

impl Saved {
    /// A step saves something under a name.
    pub(super) fn save(&mut self, name: &str, saver: Saver) -> Result<(), Misfit> {
        match self.savers.insert(name.to_owned(), saver) {
            None => self.order.push(name.to_owned()),
            Some(same) if same == saver => {}
            Some(_) => {
                let message = format!(
                    "another step already saves something as `{name}`; each name is for one thing"
                );
                return Err(Misfit::new(message));
            }
        }
        Ok(())
    }

    /// Whether a name can be said.
    pub(super) fn has(&self, name: &str) -> bool {
        self.savers.contains_key(name)
    }

    /// Says that nothing has this name.
    pub(super) fn unknown(&self, name: &str) -> Misfit {
        let near = nearest(name, self.order.iter().map(String::as_str));
        Misfit::new(format!("no earlier step saves anything as `{name}`{near}"))
    }

    /// How many names there are, to come back to with [`Self::hide`].
    pub(super) fn mark(&self) -> usize {
        self.order.len()
    }

    /// Takes away the names since a mark.
    pub(super) fn hide(&mut self, mark: usize) -> Vec<(String, Saver)> {
        let hidden = self.order.drain(mark..);
        hidden.filter_map(|name| self.savers.remove_entry(&name)).collect()
    }
}
