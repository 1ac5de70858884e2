//! A request to the admin API, once its form is known to be right.

use std::sync::Arc;

use actix_web::web::Bytes;

use super::Admin;
use super::query::Query;
use crate::actors::Shared;
use crate::http::scopes::Scopes;
use crate::journal::AdminRequest;

/// What an endpoint gets.
pub(super) struct Ask {
    /// The admin API that was asked.
    pub(super) admin: Arc<Admin>,
    /// The scopes of the server, whichever of its simulations was asked; `None` in a replay.
    pub(super) scopes: Option<Arc<Scopes>>,
    /// What stands in the path in place of braces, in their order.
    pub(super) pieces: Vec<String>,
    /// The query, in which every name is known.
    pub(super) query: Query,
    /// The body; empty unless the endpoint takes one.
    pub(super) body: Bytes,
    /// The URL by which the client reaches the server, without a path.
    pub(super) server: String,
    /// All of it, to be kept with what it changes.
    pub(super) whole: Arc<AdminRequest>,
}

impl Ask {
    /// What stands in the path in place of the first braces, and of the second.
    pub(super) fn piece(&self, place: usize) -> &str {
        self.pieces.get(place).map_or("", String::as_str)
    }

    /// The simulation.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.admin.shared
    }
}
