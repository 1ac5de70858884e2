//! `/__admin/world/images`, and the members of an image.

use actix_web::http::StatusCode;
use serde::Serialize;

use super::super::answer::{AdminError, Reply};
use super::super::ask::Ask;
use super::{changed, deleted, edit, listed, page, refused, view};
use crate::api::MemberStatus;
use crate::domain::rules::Change;

pub(super) async fn list(ask: Ask) -> Result<Reply, AdminError> {
    listed("images", view(ask.shared()).images(&page(&ask)?))
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    listed("images", view(ask.shared()).image(ask.piece(0)))
}

pub(super) async fn add(ask: Ask) -> Result<Reply, AdminError> {
    let added = edit(ask.shared()).add_image(ask.piece(0), &ask.body);
    changed(&ask, ("add_image", "images", StatusCode::CREATED), added)
}

pub(super) async fn patch(ask: Ask) -> Result<Reply, AdminError> {
    let patched = edit(ask.shared()).patch_image(ask.piece(0), &ask.body);
    changed(&ask, ("patch_image", "images", StatusCode::OK), patched)
}

pub(super) async fn delete(ask: Ask) -> Result<Reply, AdminError> {
    let done = edit(ask.shared()).delete_image(ask.piece(0)).map(|()| None);
    deleted(&ask, "delete_image", done)
}

/// A member as it stands.
#[derive(Serialize)]
struct MemberShown<'a> {
    image: &'a str,
    project: &'a str,
    /// Null once it is taken away.
    status: Option<MemberStatus>,
    /// What was done, where something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<&'static str>,
}

impl<'a> MemberShown<'a> {
    fn of(ask: &'a Ask, status: Option<MemberStatus>, done: Option<Change>) -> Self {
        let done = done.map(Change::as_str);
        Self { image: ask.piece(0), project: ask.piece(1), status, done }
    }
}

fn changed_member(ask: &Ask, action: &'static str) {
    let object = format!("{}/{}", ask.piece(0), ask.piece(1));
    ask.shared().changed_by_hand(action, &object, Some(&ask.whole));
}

pub(super) async fn show_member(ask: Ask) -> Result<Reply, AdminError> {
    let status = view(ask.shared()).member(ask.piece(0), ask.piece(1)).map_err(refused)?;
    Ok(Reply::ok(&MemberShown::of(&ask, Some(status), None)))
}

pub(super) async fn set_member(ask: Ask) -> Result<Reply, AdminError> {
    let (image, project) = (ask.piece(0), ask.piece(1));
    let done = edit(ask.shared()).set_member(image, project, &ask.body).map_err(refused)?;
    changed_member(&ask, "set_member");
    let status = view(ask.shared()).member(image, project).ok();
    Ok(Reply::ok(&MemberShown::of(&ask, status, Some(done))))
}

pub(super) async fn remove_member(ask: Ask) -> Result<Reply, AdminError> {
    edit(ask.shared()).remove_member(ask.piece(0), ask.piece(1)).map_err(refused)?;
    changed_member(&ask, "delete_member");
    Ok(Reply::ok(&MemberShown::of(&ask, None, Some(Change::Removed))))
}
