//! Starting actors that nobody outside needs an address of.

use actix::{Actor, Context};

/// Starts an actor without making an address for whoever starts it, which would cost two allocations to be
/// thrown away; there are very many workers.
pub(super) fn start<A: Actor<Context = Context<A>>>(actor: A) {
    actix_web::rt::spawn(Context::new().into_future(actor));
}
