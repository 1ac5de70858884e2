//! `/__admin/world/tokens`.

use actix_web::http::StatusCode;

use super::super::answer::{AdminError, Reply};
use super::super::ask::Ask;
use super::{changed, deleted, edit, listed, page, view};

pub(super) async fn list(ask: Ask) -> Result<Reply, AdminError> {
    listed("tokens", view(ask.shared()).tokens(&page(&ask)?))
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    listed("tokens", view(ask.shared()).token(ask.piece(0)))
}

pub(super) async fn add(ask: Ask) -> Result<Reply, AdminError> {
    let added = edit(ask.shared()).add_token(ask.piece(0), &ask.body);
    changed(&ask, ("add_token", "tokens", StatusCode::CREATED), added)
}

pub(super) async fn patch(ask: Ask) -> Result<Reply, AdminError> {
    let patched = edit(ask.shared()).patch_token(ask.piece(0), &ask.body);
    changed(&ask, ("patch_token", "tokens", StatusCode::OK), patched)
}

pub(super) async fn delete(ask: Ask) -> Result<Reply, AdminError> {
    let done = edit(ask.shared()).delete_token(ask.piece(0)).map(|()| None);
    deleted(&ask, "delete_token", done)
}
