//! Waiting inside an actor.

use actix::{Actor, ActorFutureExt, AsyncContext, Context, WrapFuture};

use crate::clock::{Sleep, Wake};

/// Goes on with `then` when the wait is over: at once if it already is, so that a simulation without
/// latency never gives way, else when the clock says so. The actor goes on with the token that it wakes
/// with, and holds none while it waits.
pub(super) fn after<A>(
    actor: &mut A,
    ctx: &mut Context<A>,
    sleep: Sleep,
    then: impl FnOnce(&mut A, Wake, &mut Context<A>) + 'static,
) where
    A: Actor<Context = Context<A>>,
{
    match sleep.over() {
        Ok(wake) => then(actor, wake, ctx),
        Err(sleep) => {
            let waking = sleep.into_actor(actor);
            ctx.spawn(waking.map(move |wake, actor, ctx| then(actor, wake, ctx)));
        }
    }
}
