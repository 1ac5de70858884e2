//! The built program over real sockets: many connections, hostile bytes, contention on several threads,
//! bounds, the modes of the clock, the admin API, figures, resets, every fault, recordings, native calls, identity,
//! scopes, TLS, test harnesses, and the end.

#[path = "live/admin.rs"]
mod admin;
#[path = "live/bad_input.rs"]
mod bad_input;
#[path = "live/bounds.rs"]
mod bounds;
#[path = "live/clock.rs"]
mod clock;
#[path = "live/connections.rs"]
mod connections;
#[path = "live/contention.rs"]
mod contention;
#[path = "live/drain.rs"]
mod drain;
#[path = "live/effects.rs"]
mod effects;
#[path = "live/exact_counts.rs"]
mod exact_counts;
#[path = "live/few_descriptors.rs"]
mod few_descriptors;
#[path = "support/figures.rs"]
mod figures;
#[path = "live/identity.rs"]
mod identity;
#[path = "live/metrics.rs"]
mod metrics;
#[path = "live/native.rs"]
mod native;
#[path = "live/nothing_left.rs"]
mod nothing_left;
#[path = "live/on_the_wire.rs"]
mod on_the_wire;
#[path = "live/ready.rs"]
mod ready;
#[path = "live/recording.rs"]
mod recording;
#[path = "live/reset.rs"]
mod reset;
#[path = "live/scopes.rs"]
mod scopes;
#[path = "live/server.rs"]
mod server;
#[path = "live/stage.rs"]
mod stage;
#[path = "live/target.rs"]
mod target;
#[path = "live/tls.rs"]
mod tls;
#[path = "live/world.rs"]
mod world;
