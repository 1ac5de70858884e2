//! The scopes of a server.

use std::sync::Arc;

use actix::System;

use crate::http::scopes::{Scopes, Wanted};
use crate::scenario::ScenarioFile;
use crate::seed::Seed;
use crate::simulator::{Options, in_real_time};

/// Scopes beside the simulation of a server; unless they bring a scenario of their own, they serve what it
/// does. The system that this is called on drives their clocks.
pub(super) fn beside(file: &ScenarioFile, options: &Options) -> Arc<Scopes> {
    let (file, options) = (file.to_serve(), Options { record: false, ..*options });
    let make = move |wanted: &Wanted| {
        let own = wanted.scenario.as_ref().and_then(|own| own.sections.seed).map(Seed::new);
        let seed = wanted.seed.or(own).unwrap_or(options.seed);
        let clock = wanted.clock.unwrap_or(options.clock);
        let file = wanted.scenario.as_ref().unwrap_or(&file);
        in_real_time(file, &Options { seed, clock, ..options }).map(|(shared, _)| shared)
    };
    Scopes::new(Box::new(make), System::current().arbiter().clone())
}
