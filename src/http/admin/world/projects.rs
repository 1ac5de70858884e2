//! `/__admin/world/projects`.

use actix_web::http::StatusCode;

use super::super::answer::{AdminError, Reply};
use super::super::ask::Ask;
use super::{changed, deleted, edit, listed, page, view};

pub(super) async fn list(ask: Ask) -> Result<Reply, AdminError> {
    listed("projects", view(ask.shared()).projects(&page(&ask)?))
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    listed("projects", view(ask.shared()).project(ask.piece(0)))
}

pub(super) async fn add(ask: Ask) -> Result<Reply, AdminError> {
    let added = edit(ask.shared()).add_project(ask.piece(0), &ask.body);
    changed(&ask, ("add_project", "projects", StatusCode::CREATED), added)
}

pub(super) async fn patch(ask: Ask) -> Result<Reply, AdminError> {
    let patched = edit(ask.shared()).patch_project(ask.piece(0), &ask.body);
    changed(&ask, ("patch_project", "projects", StatusCode::OK), patched)
}

pub(super) async fn delete(ask: Ask) -> Result<Reply, AdminError> {
    let done = edit(ask.shared()).delete_project(ask.piece(0)).map(Some);
    deleted(&ask, "delete_project", done)
}
