//! `/__admin/world`: what exists, changed from behind the back of those who use the service.

mod images;
mod people;
mod projects;
mod tokens;

use actix_web::http::StatusCode;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::endpoints::Endpoint;
use crate::actors::Shared;
use crate::scenario::named::Named;
use crate::scenario::world_edit::{EditError, EditErrorKind, Listing, Page, WorldEdit, WorldView};
use crate::scenario::world_section::{
    AccessKeyEntry, DomainEntry, ImageEntry, ProjectEntry, SettingsEntry, TokenEntry, UserEntry,
};

/// The parameters of lists.
const PAGE: &[&str] = &["limit", "after"];

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET", "/world", "Shows limits, switches, and how much there is.", &[], |ask| {
        Box::pin(show(ask))
    }),
    Endpoint::new(
        "POST",
        "/world",
        "Adds `projects`, `images`, `tokens`, `users` and `access_keys` in the form of a scenario file, all or none.",
        &[],
        |ask| Box::pin(add(ask)),
    )
    .taking_body(),
    Endpoint::new("GET", "/world/images", "Lists images with their members.", PAGE, |ask| {
        Box::pin(images::list(ask))
    }),
    Endpoint::new("GET", "/world/images/{image}", "Shows an image.", &[], |ask| {
        Box::pin(images::show(ask))
    }),
    Endpoint::new("PUT", "/world/images/{image}", "Adds an image, or many.", &[], |ask| {
        Box::pin(images::add(ask))
    })
    .taking_body(),
    Endpoint::new(
        "PATCH",
        "/world/images/{image}",
        "Changes what is named of an image, its members one by one.",
        &[],
        |ask| Box::pin(images::patch(ask)),
    )
    .taking_body(),
    Endpoint::new(
        "DELETE",
        "/world/images/{image}",
        "Deletes an image; jobs that run see it as missing.",
        &[],
        |ask| Box::pin(images::delete(ask)),
    ),
    Endpoint::new(
        "GET",
        "/world/images/{image}/members/{project}",
        "Shows where the share of an image with a project stands.",
        &[],
        |ask| Box::pin(images::show_member(ask)),
    ),
    Endpoint::new(
        "PUT",
        "/world/images/{image}/members/{project}",
        "Sets the `status` of a member, and shares the image with it first where needed.",
        &[],
        |ask| Box::pin(images::set_member(ask)),
    )
    .taking_body(),
    Endpoint::new(
        "DELETE",
        "/world/images/{image}/members/{project}",
        "Takes a member away.",
        &[],
        |ask| Box::pin(images::remove_member(ask)),
    ),
    Endpoint::new("GET", "/world/projects", "Lists projects.", PAGE, |ask| {
        Box::pin(projects::list(ask))
    }),
    Endpoint::new("GET", "/world/projects/{project}", "Shows a project.", &[], |ask| {
        Box::pin(projects::show(ask))
    }),
    Endpoint::new("PUT", "/world/projects/{project}", "Adds a project, or many.", &[], |ask| {
        Box::pin(projects::add(ask))
    })
    .taking_body(),
    Endpoint::new(
        "PATCH",
        "/world/projects/{project}",
        "Makes a project available or unavailable.",
        &[],
        |ask| Box::pin(projects::patch(ask)),
    )
    .taking_body(),
    Endpoint::new(
        "DELETE",
        "/world/projects/{project}",
        "Deletes a project with its tokens; its images and what was shared with it stay.",
        &[],
        |ask| Box::pin(projects::delete(ask)),
    ),
    Endpoint::new("GET", "/world/tokens", "Lists tokens.", PAGE, |ask| Box::pin(tokens::list(ask))),
    Endpoint::new("GET", "/world/tokens/{token}", "Shows a token.", &[], |ask| {
        Box::pin(tokens::show(ask))
    }),
    Endpoint::new("PUT", "/world/tokens/{token}", "Adds a token.", &[], |ask| {
        Box::pin(tokens::add(ask))
    })
    .taking_body(),
    Endpoint::new(
        "PATCH",
        "/world/tokens/{token}",
        "Changes what is named of a token; a new `expires_in` runs from now.",
        &[],
        |ask| Box::pin(tokens::patch(ask)),
    )
    .taking_body(),
    Endpoint::new("DELETE", "/world/tokens/{token}", "Deletes a token.", &[], |ask| {
        Box::pin(tokens::delete(ask))
    }),
    Endpoint::new("GET", "/world/users", "Lists users.", PAGE, |ask| {
        Box::pin(people::list_users(ask))
    }),
    Endpoint::new("GET", "/world/users/{user}", "Shows a user.", &[], |ask| {
        Box::pin(people::show_user(ask))
    }),
    Endpoint::new("PUT", "/world/users/{user}", "Adds a user.", &[], |ask| {
        Box::pin(people::add_user(ask))
    })
    .taking_body(),
    Endpoint::new(
        "DELETE",
        "/world/users/{user}",
        "Deletes a user with the tokens that were given out.",
        &[],
        |ask| Box::pin(people::delete_user(ask)),
    ),
    Endpoint::new("GET", "/world/access_keys", "Lists access keys.", PAGE, |ask| {
        Box::pin(people::list_access_keys(ask))
    }),
    Endpoint::new("GET", "/world/access_keys/{key}", "Shows an access key.", &[], |ask| {
        Box::pin(people::show_access_key(ask))
    }),
    Endpoint::new("PUT", "/world/access_keys/{key}", "Adds an access key.", &[], |ask| {
        Box::pin(people::add_access_key(ask))
    })
    .taking_body(),
    Endpoint::new("DELETE", "/world/access_keys/{key}", "Deletes an access key.", &[], |ask| {
        Box::pin(people::delete_access_key(ask))
    }),
];

#[derive(Serialize)]
struct WorldShown {
    settings: SettingsEntry,
    region: String,
    domain: DomainEntry,
    projects: usize,
    images: usize,
    tokens: usize,
    users: usize,
    access_keys: usize,
    /// Of all images together.
    memberships: usize,
}

/// What was added, of each kind at most a long page.
#[derive(Serialize)]
struct AddedShown {
    projects: Named<ProjectEntry>,
    images: Named<ImageEntry>,
    tokens: Named<TokenEntry>,
    #[serde(skip_serializing_if = "is_empty")]
    users: Named<UserEntry>,
    #[serde(skip_serializing_if = "is_empty")]
    access_keys: Named<AccessKeyEntry>,
    total: Totals,
}

#[derive(Serialize)]
struct Totals {
    projects: usize,
    images: usize,
    tokens: usize,
    #[serde(skip_serializing_if = "is_none")]
    users: usize,
    #[serde(skip_serializing_if = "is_none")]
    access_keys: usize,
}

fn is_empty<T>(named: &Named<T>) -> bool {
    named.0.is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Totals {
    fn in_words(&self) -> String {
        let Self { projects, images, tokens, users, access_keys } = self;
        let mut words = format!("{projects} projects, {images} images, {tokens} tokens");
        for (count, kind) in [(users, "users"), (access_keys, "access keys")] {
            if *count > 0 {
                words.push_str(&format!(", {count} {kind}"));
            }
        }
        words
    }
}

#[derive(Serialize)]
struct Deleted<'a> {
    deleted: &'a str,
    /// Of a project, how many tokens went with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<usize>,
}

async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let size = shared.world.size();
    let settings = view(shared).settings();
    Ok(Reply::ok(&WorldShown {
        settings,
        region: shared.world.region.name.to_string(),
        domain: (&shared.world.region.account).into(),
        projects: size.projects,
        images: size.images,
        tokens: size.tokens,
        users: size.users,
        access_keys: size.access_keys,
        memberships: size.memberships,
    }))
}

async fn add(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let added = edit(shared).add(&ask.body).map_err(refused)?;
    let total = Totals {
        projects: added.projects.total,
        images: added.images.total,
        tokens: added.tokens.total,
        users: added.users.total,
        access_keys: added.access_keys.total,
    };
    shared.changed_by_hand("add_to_world", &total.in_words(), Some(&ask.whole));
    let (projects, images) = (added.projects.things, added.images.things);
    let (users, access_keys) = (added.users.things, added.access_keys.things);
    let tokens = added.tokens.things;
    let shown = AddedShown { projects, images, tokens, users, access_keys, total };
    Ok(Reply::new(StatusCode::CREATED, &shown))
}

/// Changes the world as of now.
fn edit(shared: &Shared) -> WorldEdit<'_> {
    WorldEdit::new(&shared.world, shared.seed, shared.clock.now())
}

/// Shows the world as of now.
fn view(shared: &Shared) -> WorldView<'_> {
    WorldView::new(&shared.world, shared.clock.now())
}

/// The page that the query asks for.
fn page(ask: &Ask) -> Result<Page, AdminError> {
    Page::parse(ask.query.text("limit"), ask.query.text("after")).map_err(refused)
}

/// Things under the name of their kind, as a scenario file has them, with how many there are in all and
/// where the list goes on.
struct Shown<'a, T> {
    kind: &'a str,
    listing: Listing<T>,
}

impl<T: Serialize> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(self.kind, &self.listing.things)?;
        map.serialize_entry("total", &self.listing.total)?;
        map.serialize_entry("next", &self.listing.next)?;
        map.end()
    }
}

/// The answer about things that were looked at.
fn listed<T: Serialize>(
    kind: &str,
    listing: Result<Listing<T>, EditError>,
) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&Shown { kind, listing: listing.map_err(refused)? }))
}

/// Records a change that was made, and answers with what came of it.
fn changed<T: Serialize>(
    ask: &Ask,
    (action, kind, status): (&'static str, &str, StatusCode),
    listing: Result<Listing<T>, EditError>,
) -> Result<Reply, AdminError> {
    let shown = Shown { kind, listing: listing.map_err(refused)? };
    ask.shared().changed_by_hand(action, ask.piece(0), Some(&ask.whole));
    Ok(Reply::new(status, &shown))
}

/// Records that something was deleted, and says so.
fn deleted(
    ask: &Ask,
    action: &'static str,
    done: Result<Option<usize>, EditError>,
) -> Result<Reply, AdminError> {
    let tokens = done.map_err(refused)?;
    ask.shared().changed_by_hand(action, ask.piece(0), Some(&ask.whole));
    Ok(Reply::ok(&Deleted { deleted: ask.piece(0), tokens }))
}

fn refused(error: EditError) -> AdminError {
    let status = match error.kind {
        EditErrorKind::NotFound => StatusCode::NOT_FOUND,
        EditErrorKind::Conflict => StatusCode::CONFLICT,
        EditErrorKind::Wrong => StatusCode::BAD_REQUEST,
    };
    AdminError::about(status, &error.at, error.message)
}
