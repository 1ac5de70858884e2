//! Waiting inside an actor.

use actix::{Actor, ActorFutureExt, AsyncContext, Context, WrapFuture};

use crate::clock::{SimTime, Sleep};

/// Goes on with `then` when the wait is over: at once if it already is, so that a simulation without
/// latency never gives way, else when the clock says so.
pub(super) fn after<A>(
    actor: &mut A,
    ctx: &mut Context<A>,
    sleep: Sleep,
    then: impl FnOnce(&mut A, SimTime, &mut Context<A>) + 'static,
) where
    A: Actor<Context = Context<A>>,
{
    if let Some(at) = sleep.over() {
        return then(actor, at, ctx);
    }
    ctx.spawn(sleep.into_actor(actor).map(move |at, actor, ctx| then(actor, at, ctx)));
}
