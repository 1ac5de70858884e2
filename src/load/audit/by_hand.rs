//! What people changed through the admin API while the load was on: no job is to blame for that, and what it
//! left is not judged.

use std::collections::BTreeSet;

use super::journal::ask;
use super::simulator::{self, Simulated};
use crate::replay::target::inside::Inside;

/// The most entries of one answer.
const PAGE: usize = 1_000;
/// The most answers that are read: nobody changes more than that by hand.
const MOST_PAGES: usize = 20;

/// What was changed by hand.
#[derive(Debug, Default)]
pub(super) struct ByHand {
    /// How many changes there were to what the world holds.
    pub(super) changes: usize,
    /// Whether the server was put back to its beginning.
    pub(super) was_reset: bool,
    /// Whether rules were.
    pub(super) rules: bool,
    /// More than the journal still tells, or than was read.
    more: bool,
    /// Images and projects that were deleted, and `image/project` of members that were set or removed, as the
    /// requests called them: by name or by id.
    objects: BTreeSet<String>,
}

impl ByHand {
    /// Reads what the journal has of it since a load began, and holds it against what was counted.
    pub(super) async fn read(inside: &Inside, start: &Simulated) -> Result<Self, String> {
        let (mut found, mut since, mut entries) = (Self::default(), start.journal_next, 0);
        for _ in 0..MOST_PAGES {
            let path = format!("/journal?event=admin&limit={PAGE}&since={since}");
            let page = ask(inside, &path).await?;
            let told = page["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
            for entry in told {
                let text = |name: &str| entry[name].as_str().unwrap_or_default();
                found.note(text("action"), text("object"));
            }
            entries += told.len() as u64;
            let next = page["next"].as_u64().unwrap_or(since);
            if told.len() < PAGE || next <= since {
                break;
            }
            since = next;
        }
        // In this order nothing can happen in between that looks like a reset.
        let next = simulator::journal_next(inside).await?;
        let counted = simulator::counted(inside).await?;
        let events = start.counted.events + next.saturating_sub(start.journal_next);
        // A reset of the journal sets the counters to zero, and leaves no entry.
        found.was_reset |= counted.events < events;
        if counted.by_hand > start.counted.by_hand + entries {
            (found.more, found.rules) = (true, true);
        }
        Ok(found)
    }

    fn note(&mut self, action: &str, object: &str) {
        self.was_reset |= action == "reset";
        self.rules |= action.ends_with("_rule") || action.ends_with("_rules");
        let changes_members =
            ["set_member", "delete_member", "delete_image", "delete_project"].contains(&action);
        let adds = ["add_to_world", "add_image", "patch_image", "add_project", "patch_project"];
        if changes_members {
            self.objects.insert(object.to_owned());
        }
        self.changes += usize::from(changes_members || adds.contains(&action));
    }

    /// Whether anybody changed what the world holds, or can have.
    pub(super) const fn is_any(&self) -> bool {
        self.changes > 0 || self.more
    }

    /// As people say it.
    pub(super) fn in_words(&self) -> String {
        let changes = self.changes;
        match self.more {
            false => {
                format!("the world was changed by hand during the load, in {changes} requests")
            }
            true => {
                "more was changed by hand during the load than the journal still tells".to_owned()
            }
        }
    }

    /// Whether a pair can be as it is by a change of these, whichever way it was called.
    pub(super) fn touched(&self, images: &[&str], projects: &[&str]) -> bool {
        let has = |name: &str| self.objects.contains(name);
        let mut pairs = images.iter().flat_map(|image| projects.iter().map(move |it| (image, it)));
        self.more
            || images.iter().chain(projects).any(|name| has(name))
            || pairs.any(|(image, project)| has(&format!("{image}/{project}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_found_by_names_and_by_ids() {
        let mut by_hand = ByHand::default();
        for (action, object) in [
            ("set_member", "web-1/team-2"),
            ("delete_member", "id-3/team-2"),
            ("delete_image", "web-4"),
            ("delete_project", "team-9"),
            ("add_image", "web-5"),
            ("delete_rule", "web-6"),
        ] {
            by_hand.note(action, object);
        }
        assert_eq!((by_hand.changes, by_hand.rules, by_hand.was_reset), (5, true, false));
        let check = |image: &str, project: &str, expected: bool| {
            let id = image.replace("web", "id");
            let found = by_hand.touched(&[image, &id], &[project]);
            assert_eq!(found, expected, "{image} {project}");
        };
        check("web-1", "team-2", true);
        check("web-1", "team-3", false);
        check("web-3", "team-2", true);
        check("web-3", "team-3", false);
        check("web-4", "team-3", true);
        check("web-7", "team-9", true);
        check("web-5", "team-2", false);
        check("web-6", "team-2", false);
    }
}
