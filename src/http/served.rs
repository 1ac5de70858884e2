//! Which simulation a request is for: the server's own, or that of the scope that it names.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::ShardState;
use super::headers::Dates;
use super::routes::Routes;
use super::scopes::{NoScope, Scope, Scopes, Used};

/// The header that names the scope that a request is for.
pub(super) const HEADER: &str = "x-imsim-scope";

/// What a thread serves: a shard of the server's own simulation, and whatever scopes there are.
pub struct Served {
    own: ShardState,
    /// `None` in a replay, which has one world.
    scopes: Option<Arc<Scopes>>,
    header: HeaderName,
    routes: Routes,
    dates: Dates,
}

impl Served {
    /// A shard, and scopes beside it where there can be any.
    #[must_use]
    pub fn new(own: ShardState, scopes: Option<Arc<Scopes>>) -> Self {
        Self {
            own,
            scopes,
            header: HeaderName::from_static(HEADER),
            routes: Routes::default(),
            dates: Dates::default(),
        }
    }

    /// The shard of the server's own simulation.
    pub(super) const fn own(&self) -> &ShardState {
        &self.own
    }

    /// The routes of the service.
    pub(super) const fn routes(&self) -> &Routes {
        &self.routes
    }

    /// What the answers of this thread say the date is.
    pub(super) const fn dates(&self) -> &Dates {
        &self.dates
    }

    /// The shard of the scope that a request names, and what keeps the scope in use; `None` if it names none,
    /// as most requests do.
    pub(super) fn scoped(&self, http: &HttpRequest) -> Option<Result<(ShardState, Used), NoScope>> {
        let value = http.headers().get(&self.header)?;
        let scope = named(value, http.headers(), self.scopes.as_deref());
        Some(scope.and_then(|scope| {
            let shard = scope.here().ok_or_else(|| NoScope::unknown(scope.name(), ""))?;
            Ok((shard, scope.used()))
        }))
    }
}

/// The scope that the headers of a request name.
pub(super) fn named(
    value: &HeaderValue,
    headers: &HeaderMap,
    scopes: Option<&Scopes>,
) -> Result<Arc<Scope>, NoScope> {
    if headers.get_all(HEADER).nth(1).is_some() {
        return Err(NoScope::Twice);
    }
    let scopes = scopes.ok_or(NoScope::Replay)?;
    scopes.find(&String::from_utf8_lossy(value.as_bytes()))
}
