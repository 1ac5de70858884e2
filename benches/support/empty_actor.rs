//! The cheapest actor there is, which workers are measured against.

use std::cell::Cell;
use std::rc::Rc;

use actix::{Actor, ActorContext as _, Context};

/// Stops as soon as it has started, and counts that.
pub(crate) struct Empty {
    pub(crate) stopped: Rc<Cell<usize>>,
}

impl Actor for Empty {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.stop();
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.stopped.set(self.stopped.get() + 1);
    }
}
