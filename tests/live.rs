//! The built program over real sockets: many connections, hostile bytes, contention on several threads,
//! bounds, the modes of the clock, the admin API, resets, and the end.

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
#[path = "live/reset.rs"]
mod reset;
#[path = "live/server.rs"]
mod server;
#[path = "live/world.rs"]
mod world;
