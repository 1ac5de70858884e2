//! Adding to a world that runs: everything of a document, or nothing.

use serde::Deserialize;

use super::super::entry_check::{self, MOST_MEMBERSHIPS, MOST_THINGS};
use super::super::live_names::LiveNames;
use super::super::named::Named;
use super::super::names::Names;
use super::super::problem::{Misfit, Within};
use super::super::world_build::{self, taken, too_many_memberships};
use super::super::world_section::{
    AccessKeyEntry, ImageEntry, ProjectEntry, SettingsEntry, TokenEntry, UserEntry, WorldSection,
};
use super::WorldEdit;
use super::error::{EditError, EditErrorKind};
use super::view::{LARGEST_PAGE, Listing, WorldView, project_entry};
use crate::domain::World;
use crate::domain::administrator::{Kind, Taken};
use crate::domain::world::Size;

/// What is added to a world, in the form of the file's `world` section.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additions {
    /// Projects. They get no tokens, users or access keys by themselves.
    #[serde(default)]
    pub projects: Named<ProjectEntry>,
    /// Images with their members.
    #[serde(default)]
    pub images: Named<ImageEntry>,
    /// Tokens; their time runs from now on.
    #[serde(default)]
    pub tokens: Named<TokenEntry>,
    /// Users.
    #[serde(default)]
    pub users: Named<UserEntry>,
    /// Access keys; their time runs from now on.
    #[serde(default)]
    pub access_keys: Named<AccessKeyEntry>,
}

/// What was added, of each kind at most the first [`LARGEST_PAGE`] things.
#[derive(Clone, Debug)]
pub struct Added {
    /// Projects.
    pub projects: Listing<ProjectEntry>,
    /// Images.
    pub images: Listing<ImageEntry>,
    /// Tokens.
    pub tokens: Listing<TokenEntry>,
    /// Users.
    pub users: Listing<UserEntry>,
    /// Access keys.
    pub access_keys: Listing<AccessKeyEntry>,
}

impl WorldEdit<'_> {
    /// Adds all or nothing. The document is a part that lies so many `steps` within the additions.
    pub(super) fn add_all(&self, additions: Additions, steps: usize) -> Result<Added, EditError> {
        let admin = self.world.administer();
        let wrong = |misfit| EditError::inside(EditErrorKind::Wrong, misfit, steps);
        let present = self.world.size();
        fits(&additions, present).map_err(wrong)?;
        let more = self.build(additions).map_err(wrong)?;
        let size = more.size();
        let memberships = size.memberships + present.memberships;
        if size.memberships > 0 && memberships > MOST_MEMBERSHIPS {
            return Err(too_many_memberships(memberships)).within("images").map_err(wrong);
        }
        let projects = more.projects_after(None, LARGEST_PAGE).unwrap_or_default();
        let images = more.images_after(None, LARGEST_PAGE).unwrap_or_default();
        let tokens = more.tokens_after(None, LARGEST_PAGE).unwrap_or_default();
        let users = more.users_after(None, LARGEST_PAGE).unwrap_or_default();
        let access_keys = more.access_keys_after(None, LARGEST_PAGE).unwrap_or_default();
        admin.add(more).map_err(|taken| {
            EditError::inside(EditErrorKind::Conflict, in_the_way(&taken), steps)
        })?;
        let view = WorldView::new(self.world, self.now);
        let most = LARGEST_PAGE;
        Ok(Added {
            projects: Listing::of(projects, most, size.projects, project_entry),
            images: Listing::of(images, most, size.images, |image| view.image_entry(image)),
            tokens: Listing::of(tokens, most, size.tokens, |token| view.token_entry(token)),
            users: Listing::of(users, most, size.users, |user| view.user_entry(user)),
            access_keys: Listing::of(access_keys, most, size.access_keys, |key| {
                view.access_key_entry(key)
            }),
        })
    }

    /// Makes a world of its own of what is to be added, which may name what is there already.
    fn build(&self, additions: Additions) -> Result<World, Misfit> {
        let section = WorldSection {
            settings: SettingsEntry::default(),
            projects: additions.projects,
            images: additions.images,
            tokens: Some(additions.tokens),
            users: Some(additions.users),
            access_keys: Some(additions.access_keys),
            // Where it is and whose is not looked at: that stands still.
            region: Some(self.world.region.name.to_string()),
            domain: Some((&self.world.region.account).into()),
        };
        entry_check::check(&section)?;
        let names = Names::of(&section, self.seed);
        let lookup = LiveNames::with(self.world, &names);
        world_build::world(&section, &names, &lookup, self.seed, self.now)
    }
}

/// Whether a world has room for so many more things; asked before they are made, which takes its time.
fn fits(more: &Additions, present: Size) -> Result<(), Misfit> {
    let many = |count: Option<u32>| count.map_or(1, |count| count as usize);
    let projects = more.projects.iter().map(|(_, entry)| many(entry.count));
    let images = more.images.iter().map(|(_, entry)| many(entry.count));
    let counts = [
        ("projects", projects.fold(0, usize::saturating_add), present.projects),
        ("images", images.fold(0, usize::saturating_add), present.images),
        ("tokens", more.tokens.0.len(), present.tokens),
        ("users", more.users.0.len(), present.users),
        ("access_keys", more.access_keys.0.len(), present.access_keys),
    ];
    for (key, more, present) in counts {
        let all = present.saturating_add(more);
        if more > 0 && all > MOST_THINGS as usize {
            let message = format!("with these they are {all}; at most {MOST_THINGS} can be made");
            return Err(Misfit::new(message)).within(key);
        }
    }
    Ok(())
}

fn in_the_way(found: &Taken) -> Misfit {
    let (key, misfit) = match found.kind {
        Kind::Project => ("projects", taken("project", &found.id, &found.by)),
        Kind::Image => ("images", taken("image", &found.id, &found.by)),
        Kind::User => ("users", taken("user", &found.id, &found.by)),
        Kind::AccessKey => {
            ("access_keys", Misfit::new(format!("there is an access key `{}`", found.name)))
        }
        Kind::Token => ("tokens", Misfit::new(format!("there is a token `{}`", found.name))),
    };
    Misfit { path: vec![key.into(), (*found.name).into()], ..misfit }
}
