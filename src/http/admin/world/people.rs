//! `/__admin/world/users` and `/__admin/world/access_keys`.

use actix_web::http::StatusCode;

use super::super::answer::{AdminError, Reply};
use super::super::ask::Ask;
use super::{changed, deleted, edit, listed, page, view};

pub(super) async fn list_users(ask: Ask) -> Result<Reply, AdminError> {
    listed("users", view(ask.shared()).users(&page(&ask)?))
}

pub(super) async fn show_user(ask: Ask) -> Result<Reply, AdminError> {
    listed("users", view(ask.shared()).user(ask.piece(0)))
}

pub(super) async fn add_user(ask: Ask) -> Result<Reply, AdminError> {
    let added = edit(ask.shared()).add_user(ask.piece(0), &ask.body);
    changed(&ask, ("add_user", "users", StatusCode::CREATED), added)
}

pub(super) async fn delete_user(ask: Ask) -> Result<Reply, AdminError> {
    let done = edit(ask.shared()).delete_user(ask.piece(0)).map(|()| None);
    deleted(&ask, "delete_user", done)
}

pub(super) async fn list_access_keys(ask: Ask) -> Result<Reply, AdminError> {
    listed("access_keys", view(ask.shared()).access_keys(&page(&ask)?))
}

pub(super) async fn show_access_key(ask: Ask) -> Result<Reply, AdminError> {
    listed("access_keys", view(ask.shared()).access_key(ask.piece(0)))
}

pub(super) async fn add_access_key(ask: Ask) -> Result<Reply, AdminError> {
    let added = edit(ask.shared()).add_access_key(ask.piece(0), &ask.body);
    changed(&ask, ("add_access_key", "access_keys", StatusCode::CREATED), added)
}

pub(super) async fn delete_access_key(ask: Ask) -> Result<Reply, AdminError> {
    let done = edit(ask.shared()).delete_access_key(ask.piece(0)).map(|()| None);
    deleted(&ask, "delete_access_key", done)
}
