//! Reading the journal: a few entries at a time, so that a reader never keeps a shard waiting for long.

use parking_lot::Mutex;

use super::{Journal, Numbered, Part};

/// How many entries are copied under a shard's lock at once.
const CHUNK: usize = 1_024;

/// The entries that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// By number, the oldest first.
    pub entries: Vec<Numbered>,
    /// Where to go on: everything with a lower number has been looked at.
    pub next: u64,
}

impl Journal {
    /// At most `limit` of the entries that `matches` accepts: without `since` the newest, with it the
    /// first of those with this number or a higher one, so that whoever goes on at [`Selected::next`]
    /// misses none.
    #[must_use]
    pub fn select(
        &self,
        since: Option<u64>,
        limit: usize,
        matches: impl Fn(&Numbered) -> bool,
    ) -> Selected {
        // Read before any lock is taken: every lower number is then in its part.
        let below = self.next();
        let mut entries = Vec::new();
        for part in &self.parts {
            match since {
                Some(since) => first(part, since, below, limit, &matches, &mut entries),
                None => last(part, below, limit, &matches, &mut entries),
            }
        }
        entries.sort_by_key(|numbered| numbered.number);
        let mut next = below;
        if since.is_none() {
            entries.drain(..entries.len().saturating_sub(limit));
        } else if entries.len() >= limit {
            entries.truncate(limit);
            next = entries.last().map_or(below, |last| last.number + 1);
        }
        Selected { entries, next }
    }

    /// Shows all entries from a number on, shard by shard, and says from which number on none is missing.
    pub(super) fn visit(&self, since: u64, mut look: impl FnMut(&Numbered)) -> u64 {
        let below = self.next();
        let mut complete_from = 0;
        for part in &self.parts {
            let mut from = since;
            loop {
                let chunk = forward(part, from, below);
                let Some(last) = chunk.last() else { break };
                from = last.number + 1;
                chunk.iter().for_each(&mut look);
            }
            complete_from = complete_from.max(part.lock().shown_from);
        }
        complete_from
    }
}

fn first(
    part: &Mutex<Part>,
    mut from: u64,
    below: u64,
    limit: usize,
    matches: &impl Fn(&Numbered) -> bool,
    found: &mut Vec<Numbered>,
) {
    let most = found.len() + limit;
    while found.len() < most {
        let chunk = forward(part, from, below);
        let Some(last) = chunk.last() else { return };
        from = last.number + 1;
        let room = most - found.len();
        found.extend(chunk.into_iter().filter(matches).take(room));
    }
}

fn last(
    part: &Mutex<Part>,
    mut below: u64,
    limit: usize,
    matches: &impl Fn(&Numbered) -> bool,
    found: &mut Vec<Numbered>,
) {
    let most = found.len() + limit;
    while found.len() < most {
        let chunk = backward(part, below);
        let Some(first) = chunk.first() else { return };
        below = first.number;
        let room = most - found.len();
        found.extend(chunk.into_iter().rev().filter(matches).take(room));
    }
}

/// The first entries with numbers from `from` to `below`.
fn forward(part: &Mutex<Part>, from: u64, below: u64) -> Vec<Numbered> {
    let part = part.lock();
    let (first, end) = (part.place(from.max(part.shown_from)), part.place(below));
    let end = end.min(first + CHUNK);
    part.entries.range(first.min(end)..end).cloned().collect()
}

/// The last entries with numbers below `below`.
fn backward(part: &Mutex<Part>, below: u64) -> Vec<Numbered> {
    let part = part.lock();
    let (first, end) = (part.place(part.shown_from), part.place(below));
    let first = first.max(end.saturating_sub(CHUNK));
    part.entries.range(first.min(end)..end).cloned().collect()
}
